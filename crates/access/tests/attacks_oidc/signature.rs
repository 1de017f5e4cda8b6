//! Tokens, their headers, keys and signatures.

use access::oidc::{Jwks, JwksError, SignedIn, TokenRefusal};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::world::{ISSUER, Provider, claims, header, now, redeem, types};

#[test]
fn a_token_by_each_kind_of_key_is_taken() {
    let provider = Provider::new();
    for (alg, kid) in [
        ("RS256", "rsa"),
        ("ES256", "ec"),
        ("EdDSA", "ed"),
        ("Ed25519", "ed"),
    ] {
        let token = provider.token(kid, &json!({"alg": alg, "kid": kid}), &claims().to_string());
        let who = provider.judge(&token).unwrap();
        let want = SignedIn {
            issuer: ISSUER.to_owned(),
            subject: "user-1".to_owned(),
            email: Some("anna@example.com".to_owned()),
            email_counts: true,
            name: Some("Anna".to_owned()),
            authenticated_at: None,
        };
        assert_eq!(who, want, "{alg}");
    }
}

/// Only a time that the provider signed, and that is one, tells when somebody proved who they are.
#[test]
fn when_somebody_proved_it_is_what_the_provider_says_and_nothing_else() {
    let provider = Provider::new();
    let at = |said: serde_json::Value| {
        let mut claims = claims();
        claims["auth_time"] = said;
        let head = json!({"alg": "ES256", "kid": "ec"});
        let token = provider.token("ec", &head, &claims.to_string());
        provider.judge(&token).map(|who| who.authenticated_at)
    };
    let said = now().plus_seconds(-60);
    assert_eq!(at(json!(said.unix_seconds())), Ok(Some(said)));
    assert_eq!(at(json!(null)), Ok(None));
    assert_eq!(at(json!(i64::MAX)), Ok(None));
    assert!(at(json!("yesterday")).is_err());
}

/// Every byte of a token, changed by one bit in its decoded form, is refused.
#[test]
fn any_changed_bit_of_a_token_is_refused() {
    let provider = Provider::new();
    let token = provider.token(
        "ec",
        &json!({"alg": "ES256", "kid": "ec"}),
        &claims().to_string(),
    );
    let parts: Vec<Vec<u8>> = token
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap())
        .collect();
    for (part, bytes) in parts.iter().enumerate() {
        for at in 0..bytes.len() {
            let mut changed = parts.clone();
            changed[part][at] ^= 1;
            let text: Vec<String> = changed
                .iter()
                .map(|part| URL_SAFE_NO_PAD.encode(part))
                .collect();
            assert!(
                provider.judge(&text.join(".")).is_err(),
                "part {part}, byte {at}"
            );
        }
    }
}

#[track_caller]
fn check_header(provider: &Provider, attack: &str, by: &str, header: &Value, want: &TokenRefusal) {
    let token = provider.token(by, header, &claims().to_string());
    assert_eq!(
        provider.judge(&token).err().as_ref(),
        Some(want),
        "{attack}"
    );
}

#[test]
fn a_token_signed_otherwise_is_refused() {
    let provider = Provider::new();
    let alg = |found: &str| TokenRefusal::Algorithm {
        found: found.to_owned(),
    };
    let key = |kid: &str| TokenRefusal::UnknownKey {
        kid: kid.to_owned(),
    };
    let header = |name| TokenRefusal::Header { name };
    let check = |attack, by, header: Value, want: TokenRefusal| {
        check_header(&provider, attack, by, &header, &want)
    };
    for none in ["none", "None", "NONE", "nOnE", ""] {
        check(
            "alg none",
            "",
            json!({"alg": none, "kid": "rsa"}),
            alg(none),
        );
    }
    check(
        "the public key as shared secret",
        "hmac",
        json!({"alg": "HS256", "kid": "rsa"}),
        alg("HS256"),
    );
    check(
        "a shared secret from the set",
        "hmac",
        json!({"alg": "HS256", "kid": "shared"}),
        alg("HS256"),
    );
    check(
        "the public key as shared secret, said RS256",
        "hmac",
        json!({"alg": "RS256", "kid": "rsa"}),
        TokenRefusal::Signature,
    );
    check(
        "an algorithm not agreed",
        "rsa",
        json!({"alg": "RS512", "kid": "rsa"}),
        alg("RS512"),
    );
    check(
        "RSA-PSS",
        "rsa",
        json!({"alg": "PS256", "kid": "rsa"}),
        alg("PS256"),
    );
    check(
        "another curve",
        "ec",
        json!({"alg": "ES384", "kid": "p384"}),
        alg("ES384"),
    );
    check(
        "another case",
        "rsa",
        json!({"alg": "rs256", "kid": "rsa"}),
        alg("rs256"),
    );
    check(
        "no algorithm",
        "rsa",
        json!({"kid": "rsa"}),
        TokenRefusal::Form,
    );
    check(
        "no signature",
        "",
        json!({"alg": "RS256", "kid": "rsa"}),
        TokenRefusal::Signature,
    );
    check(
        "the algorithm of another key",
        "ec",
        json!({"alg": "RS256", "kid": "ec"}),
        TokenRefusal::Signature,
    );
    check(
        "the key of another algorithm",
        "rsa",
        json!({"alg": "ES256", "kid": "rsa"}),
        TokenRefusal::Signature,
    );
    check(
        "another key's name",
        "ec",
        json!({"alg": "RS256", "kid": "rsa"}),
        TokenRefusal::Signature,
    );
    check(
        "no key named",
        "rsa",
        json!({"alg": "RS256"}),
        TokenRefusal::NoKey,
    );
    check(
        "an empty key name",
        "rsa",
        json!({"alg": "RS256", "kid": ""}),
        TokenRefusal::NoKey,
    );
    check(
        "a path as key name",
        "rsa",
        json!({"alg": "RS256", "kid": "../../dev/null"}),
        key("../../dev/null"),
    );
    check(
        "SQL as key name",
        "rsa",
        json!({"alg": "RS256", "kid": "' union select 'x"}),
        key("' union select 'x"),
    );
    check(
        "an address as key name",
        "rsa",
        json!({"alg": "RS256", "kid": "https://evil.example/key"}),
        key("https://evil.example/key"),
    );
    check(
        "a key for encryption",
        "rsa",
        json!({"alg": "RS256", "kid": "enc"}),
        key("enc"),
    );
    check(
        "a shared secret's name",
        "rsa",
        json!({"alg": "RS256", "kid": "shared"}),
        key("shared"),
    );
    check(
        "its own key in the header",
        "rsa",
        json!({"alg": "RS256", "kid": "rsa", "jwk": provider.rsa_jwk()}),
        header("jwk"),
    );
    check(
        "a set of its own",
        "rsa",
        json!({"alg": "RS256", "kid": "rsa", "jku": "https://evil.example/jwks"}),
        header("jku"),
    );
    check(
        "a certificate of its own",
        "rsa",
        json!({"alg": "RS256", "kid": "rsa", "x5u": "https://evil.example/c"}),
        header("x5u"),
    );
    check(
        "an extension we do not know",
        "rsa",
        json!({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": false}),
        header("crit"),
    );
    check(
        "compressed",
        "rsa",
        json!({"alg": "RS256", "kid": "rsa", "zip": "DEF"}),
        header("zip"),
    );
    check(
        "an access token",
        "rsa",
        json!({"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}),
        header("another typ than JWT"),
    );
    check(
        "a logout token",
        "rsa",
        json!({"alg": "RS256", "kid": "rsa", "typ": "logout+jwt"}),
        header("another typ than JWT"),
    );
}

#[test]
fn a_token_under_keys_that_are_not_the_issuers_is_refused() {
    let (provider, thief) = (Provider::new(), Provider::new());
    let token = thief.token("rsa", &header(), &claims().to_string());
    assert_eq!(
        provider.judge(&token),
        Err(TokenRefusal::Signature),
        "JWKS swap: the thief's key under our name"
    );
    let jwks = |value: Value| Jwks::parse(value.to_string().as_bytes(), now());
    let twice = jwks(json!({"keys": [provider.rsa_jwk(), thief.rsa_jwk()]}));
    assert_eq!(
        twice.err(),
        Some(JwksError::Twice {
            kid: "rsa".to_owned()
        }),
        "two keys of one name"
    );
    let many = jwks(json!({"keys": vec![Value::Null; 65]}));
    assert_eq!(many.err(), Some(JwksError::Many { found: 65 }));
    for (attack, body) in [
        ("an error page", "<html>"),
        ("a list", "[]"),
        ("no keys", "{}"),
        ("empty", ""),
    ] {
        assert_eq!(
            Jwks::parse(body.as_bytes(), now()).err(),
            Some(JwksError::Form),
            "{attack}"
        );
    }
    let mut said = provider.rsa_jwk();
    said["alg"] = json!("HS256");
    let refused = jwks(json!({"keys": [said]})).unwrap();
    let token = provider.token("rsa", &header(), &claims().to_string());
    let reply = json!({"id_token": token}).to_string();
    let found = redeem().identity(reply.as_bytes(), &refused, now());
    assert_eq!(
        found,
        Err(TokenRefusal::UnknownKey {
            kid: "rsa".to_owned()
        }),
        "a key for another algorithm is left out"
    );
    assert!(
        !refused.may_refetch(now().plus_seconds(299)),
        "made-up key names do not make us ask again and again"
    );
    assert!(refused.may_refetch(now().plus_seconds(300)));
    assert!(refused.stale(now().plus_seconds(86_400)));
}

#[test]
fn a_token_that_is_not_one_is_refused() {
    let provider = Provider::new();
    let good = provider.token("rsa", &header(), &claims().to_string());
    let parts: Vec<&str> = good.split('.').collect();
    let twice = claims().to_string().replacen('{', "{\"sub\":\"admin\",", 1);
    for (attack, token, want) in [
        ("empty", String::new(), TokenRefusal::Form),
        (
            "two parts",
            format!("{}.{}", parts[0], parts[1]),
            TokenRefusal::Form,
        ),
        ("four parts", format!("{good}."), TokenRefusal::Form),
        (
            "five parts: encrypted",
            "a.b.c.d.e".to_owned(),
            TokenRefusal::Form,
        ),
        (
            "padding",
            format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
            TokenRefusal::Form,
        ),
        ("spaces", format!(" {good}"), TokenRefusal::Form),
        (
            "the signature cut away",
            format!("{}.{}.", parts[0], parts[1]),
            TokenRefusal::Signature,
        ),
        (
            "a header that is a list",
            format!("W10.{}.{}", parts[1], parts[2]),
            TokenRefusal::Form,
        ),
        (
            "too long",
            format!("{}.{}.{}", parts[0], "A".repeat(20_000), parts[2]),
            TokenRefusal::Form,
        ),
        (
            "a subject twice",
            provider.token("rsa", &header(), &twice),
            types(),
        ),
        (
            "claims that are a list",
            provider.token("rsa", &header(), "[]"),
            types(),
        ),
        (
            "claims that are no JSON",
            provider.token("rsa", &header(), "hello"),
            types(),
        ),
        (
            "claims 10,000 deep",
            provider.token("rsa", &header(), &"[".repeat(10_000)),
            types(),
        ),
    ] {
        assert_eq!(provider.judge(&token).err(), Some(want), "{attack}");
    }
    let jwks = Jwks::parse(provider.jwks().to_string().as_bytes(), now()).unwrap();
    for (attack, reply) in [
        ("the provider's refusal", r#"{"error":"invalid_grant"}"#),
        ("no ID token", r#"{"access_token":"x"}"#),
        ("two ID tokens", r#"{"id_token":"x","id_token":"y"}"#),
        ("a page", "<html>"),
        ("empty", ""),
    ] {
        assert_eq!(
            redeem().identity(reply.as_bytes(), &jwks, now()),
            Err(TokenRefusal::Reply),
            "{attack}"
        );
    }
}
