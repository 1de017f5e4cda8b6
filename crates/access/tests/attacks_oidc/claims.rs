//! What a rightly signed token says, and whose account it is.

use access::PersonId;
use access::oidc::{Link, TokenRefusal, link};
use serde_json::{Value, json};

use crate::world::{ISSUER, Provider, claims, header, now, types};

#[track_caller]
fn check_claims(
    provider: &Provider,
    attack: &str,
    change: impl FnOnce(&mut Value),
    want: Result<(), TokenRefusal>,
) {
    let mut claims = claims();
    change(&mut claims);
    let token = provider.token(
        "ec",
        &json!({"alg": "ES256", "kid": "ec"}),
        &claims.to_string(),
    );
    assert_eq!(provider.judge(&token).map(|_| ()), want, "{attack}");
}

#[test]
fn a_token_for_another_or_of_another_is_refused() {
    let provider = Provider::new();
    let check =
        |attack, change: fn(&mut Value), want| check_claims(&provider, attack, change, want);
    let issuer = |found: &str| {
        Err(TokenRefusal::Issuer {
            expected: ISSUER.to_owned(),
            found: found.to_owned(),
        })
    };
    let audience = |found: &[&str]| {
        Err(TokenRefusal::Audience {
            found: found.iter().map(|&found| found.to_owned()).collect(),
        })
    };
    let party = |found: Option<&str>| {
        Err(TokenRefusal::AuthorizedParty {
            found: found.map(str::to_owned),
        })
    };
    let subject = Err(TokenRefusal::Claims {
        because: "`sub` has 1 to 255 ASCII characters",
    });
    check(
        "another issuer",
        |it| it["iss"] = json!("https://evil.example"),
        issuer("https://evil.example"),
    );
    check(
        "a slash more",
        |it| it["iss"] = json!("https://id.example.com/"),
        issuer("https://id.example.com/"),
    );
    check(
        "without the scheme",
        |it| it["iss"] = json!("id.example.com"),
        issuer("id.example.com"),
    );
    check(
        "for another client",
        |it| it["aud"] = json!("other"),
        audience(&["other"]),
    );
    check(
        "for others",
        |it| it["aud"] = json!(["a", "b"]),
        audience(&["a", "b"]),
    );
    check("for nobody", |it| it["aud"] = json!([]), audience(&[]));
    check(
        "for a name that begins as ours",
        |it| it["aud"] = json!("docket2"),
        audience(&["docket2"]),
    );
    check(
        "for us in a list",
        |it| it["aud"] = json!(["docket"]),
        Ok(()),
    );
    check(
        "for us and another, given to us",
        |it| (it["aud"], it["azp"]) = (json!(["docket", "b"]), json!("docket")),
        Ok(()),
    );
    check(
        "for us and another, given to the other",
        |it| (it["aud"], it["azp"]) = (json!(["docket", "b"]), json!("b")),
        party(Some("b")),
    );
    check(
        "for us and another, given to nobody said",
        |it| it["aud"] = json!(["docket", "b"]),
        party(None),
    );
    check(
        "given to another",
        |it| it["azp"] = json!("b"),
        party(Some("b")),
    );
    check(
        "another sign-in's nonce",
        |it| it["nonce"] = json!("x"),
        Err(TokenRefusal::Nonce),
    );
    check(
        "no nonce",
        |it| drop(it.as_object_mut().unwrap().remove("nonce")),
        Err(TokenRefusal::Nonce),
    );
    check(
        "an empty nonce",
        |it| it["nonce"] = json!(""),
        Err(TokenRefusal::Nonce),
    );
    check(
        "no subject",
        |it| drop(it.as_object_mut().unwrap().remove("sub")),
        Err(types()),
    );
    check(
        "an empty subject",
        |it| it["sub"] = json!(""),
        subject.clone(),
    );
    check(
        "a long subject",
        |it| it["sub"] = json!("a".repeat(256)),
        subject.clone(),
    );
    check(
        "a subject that looks alike",
        |it| it["sub"] = json!("usеr-1"),
        subject,
    );
    check(
        "a subject that is a number",
        |it| it["sub"] = json!(1),
        Err(types()),
    );
    check(
        "no issuer",
        |it| drop(it.as_object_mut().unwrap().remove("iss")),
        Err(types()),
    );
    check(
        "no audience",
        |it| drop(it.as_object_mut().unwrap().remove("aud")),
        Err(types()),
    );
}

#[test]
fn a_token_of_another_time_is_refused() {
    let provider = Provider::new();
    let at = |seconds: i64| json!(now().unix_seconds() + seconds);
    let check = |attack, name: &str, value: Value, want| {
        check_claims(&provider, attack, |it| it[name] = value, want)
    };
    let range = Err(TokenRefusal::Claims {
        because: "`exp`, `iat` and `nbf` are seconds since 1970 within the years 1 to 9999",
    });
    check("expired within the leeway", "exp", at(-59), Ok(()));
    check("expired", "exp", at(-60), Err(TokenRefusal::Expired));
    check(
        "expired long ago",
        "exp",
        json!(0),
        Err(TokenRefusal::Expired),
    );
    check("from the future within the leeway", "iat", at(60), Ok(()));
    check("from the future", "iat", at(61), Err(TokenRefusal::NotYet));
    check("not before, within the leeway", "nbf", at(60), Ok(()));
    check("not before", "nbf", at(61), Err(TokenRefusal::NotYet));
    check(
        "of before the sign-in began, within the leeway",
        "iat",
        at(-60),
        Ok(()),
    );
    check(
        "replayed from an earlier sign-in",
        "iat",
        at(-61),
        Err(TokenRefusal::Older),
    );
    check(
        "milliseconds",
        "exp",
        json!(1_793_613_600_000_i64),
        range.clone(),
    );
    check("beyond all time", "exp", json!(i64::MAX), range.clone());
    check("before all time", "iat", json!(i64::MIN), range);
    check("beyond the number", "exp", json!(1e300), Err(types()));
    check("a text", "exp", json!("1793613900"), Err(types()));
    check("none", "exp", Value::Null, Err(types()));
}

#[track_caller]
fn check_email(
    provider: &Provider,
    attack: &str,
    email: Value,
    verified: Value,
    want: (Option<&str>, bool),
) {
    let mut claims = claims();
    claims["email"] = email;
    claims["email_verified"] = verified;
    let token = provider.token(
        "ec",
        &json!({"alg": "ES256", "kid": "ec"}),
        &claims.to_string(),
    );
    let who = provider.judge(&token).unwrap();
    assert_eq!((who.email.as_deref(), who.email_counts), want, "{attack}");
    let anna = PersonId::parse("anna").unwrap();
    let linked = if want.1 {
        Link::ByEmail(anna.clone())
    } else {
        Link::Nobody
    };
    assert_eq!(link(&who, None, Some(anna)), linked, "{attack}");
}

#[test]
fn an_address_counts_only_verified_and_of_the_issuers_domains() {
    let provider = Provider::new();
    let check =
        |attack, email, verified, want| check_email(&provider, attack, email, verified, want);
    let anna = Some("anna@example.com");
    check(
        "verified",
        json!("anna@example.com"),
        json!(true),
        (anna, true),
    );
    check(
        "verified, in words",
        json!("anna@example.com"),
        json!("true"),
        (anna, true),
    );
    check(
        "not verified",
        json!("anna@example.com"),
        json!(false),
        (anna, false),
    );
    check(
        "not verified, in words",
        json!("anna@example.com"),
        json!("false"),
        (anna, false),
    );
    check(
        "not said",
        json!("anna@example.com"),
        Value::Null,
        (anna, false),
    );
    check(
        "any other word",
        json!("anna@example.com"),
        json!("yes"),
        (anna, false),
    );
    check(
        "another's domain",
        json!("anna@example.org"),
        json!(true),
        (Some("anna@example.org"), false),
    );
    check(
        "a subdomain",
        json!("anna@a.example.com"),
        json!(true),
        (Some("anna@a.example.com"), false),
    );
    check(
        "our domain as a prefix",
        json!("anna@example.com.evil.example"),
        json!(true),
        (Some("anna@example.com.evil.example"), false),
    );
    check(
        "two at signs",
        json!("anna@example.org@example.com"),
        json!(true),
        (None, false),
    );
    check(
        "two addresses",
        json!("eve@example.org,anna@example.com"),
        json!(true),
        (None, false),
    );
    check(
        "a name and an address",
        json!("Anna <anna@example.com>"),
        json!(true),
        (None, false),
    );
    check(
        "a line end",
        json!("anna@example.com\n"),
        json!(true),
        (None, false),
    );
    check(
        "a letter that looks alike",
        json!("аnna@example.com"),
        json!(true),
        (None, false),
    );
    check("no address", Value::Null, json!(true), (None, false));
}

#[test]
fn an_account_is_the_issuers_subject_and_not_an_address() {
    let provider = Provider::new();
    let token = provider.token("rsa", &header(), &claims().to_string());
    let who = provider.judge(&token).unwrap();
    let (anna, bert) = (
        PersonId::parse("anna").unwrap(),
        PersonId::parse("bert").unwrap(),
    );
    assert_eq!(
        link(&who, Some(bert.clone()), Some(anna.clone())),
        Link::Known(bert),
        "a changed address moves nobody"
    );
    assert_eq!(link(&who, None, Some(anna.clone())), Link::ByEmail(anna));
    assert_eq!(
        link(&who, None, None),
        Link::Nobody,
        "who was not invited stays outside"
    );
}
