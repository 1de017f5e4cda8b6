//! A desk, a browser, and a provider with a key of each kind.

use access::oidc::{
    Asking, Callback, Issuer, Jwks, Pending, RANDOM_BYTES, Random, Redeem, Registration, SignedIn,
    Started, TokenRefusal, answer, begin,
};
use access::session::{TOKEN_BYTES, Token};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use calendar::Instant;
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://id.example.com";
pub(crate) const CLIENT: &str = "docket";

pub(crate) fn now() -> Instant {
    Instant::parse("2026-11-02T10:00:00Z").unwrap()
}

pub(crate) fn registration() -> Registration {
    Registration {
        issuer: ISSUER.to_owned(),
        client_id: CLIENT.to_owned(),
        client_secret: None,
        redirect_uri: "https://desk.example.com/sign-in/id".to_owned(),
        email_domains: vec!["example.com".to_owned()],
    }
}

pub(crate) fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example.com/authorize",
        "token_endpoint": "https://id.example.com/token",
        "jwks_uri": "https://id.example.com/keys",
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
        "id_token_signing_alg_values_supported": ["RS256", "none"],
    })
}

pub(crate) fn issuer() -> Issuer {
    Issuer::discover(registration(), metadata().to_string().as_bytes()).unwrap()
}

pub(crate) fn browser(seed: u8) -> Token {
    Token::mint([seed; TOKEN_BYTES])
}

pub(crate) fn started() -> Started {
    let random = Random {
        state: [1; RANDOM_BYTES],
        nonce: [2; RANDOM_BYTES],
        verifier: [3; RANDOM_BYTES],
    };
    begin(
        &issuer(),
        &random,
        &browser(7),
        "/cases/dp_1",
        Asking::Known,
        now(),
    )
}

pub(crate) fn state() -> String {
    URL_SAFE_NO_PAD.encode([1; RANDOM_BYTES])
}

pub(crate) fn nonce() -> String {
    URL_SAFE_NO_PAD.encode([2; RANDOM_BYTES])
}

pub(crate) fn pairs(given: &[(&str, &str)]) -> Vec<(String, String)> {
    given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub(crate) fn callback(given: &[(&str, &str)]) -> Callback {
    let state = state();
    let mut all = vec![("state", state.as_str())];
    all.extend_from_slice(given);
    Callback::read(&pairs(&all)).unwrap()
}

pub(crate) fn pending() -> Pending {
    started().pending
}

pub(crate) struct Answered<'a> {
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) pending: Option<Pending>,
    pub(crate) issuer: Issuer,
    pub(crate) browser: Option<Token>,
    pub(crate) after_seconds: i64,
}

pub(crate) fn answered() -> Answered<'static> {
    Answered {
        query: &[("code", "c0de"), ("iss", ISSUER)],
        pending: Some(pending()),
        issuer: issuer(),
        browser: Some(browser(7)),
        after_seconds: 30,
    }
}

pub(crate) fn redeem() -> Redeem {
    let given = answered();
    answer(
        &callback(given.query),
        given.pending,
        &given.issuer,
        given.browser.as_ref(),
        now(),
    )
    .unwrap()
}

pub(crate) struct Provider {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Provider {
    pub(crate) fn new() -> Provider {
        Provider {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed: Ed25519KeyPair::generate().unwrap(),
        }
    }

    pub(crate) fn rsa_jwk(&self) -> Value {
        // DER of RSAPublicKey (RFC 8017, A.1.1): a sequence of a 257-byte and a 3-byte integer.
        let der = self.rsa.public_key().as_ref();
        assert_eq!((der.len(), &der[4..9]), (270, &[2, 0x82, 1, 1, 0][..]));
        let n = URL_SAFE_NO_PAD.encode(&der[9..265]);
        let e = URL_SAFE_NO_PAD.encode(&der[267..]);
        json!({"kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": n, "e": e})
    }

    pub(crate) fn jwks(&self) -> Value {
        let point = self.ec.public_key().as_ref();
        let (x, y) = (
            URL_SAFE_NO_PAD.encode(&point[1..33]),
            URL_SAFE_NO_PAD.encode(&point[33..]),
        );
        let ed = URL_SAFE_NO_PAD.encode(self.ed.public_key());
        json!({"keys": [
            self.rsa_jwk(),
            {"kty": "EC", "kid": "ec", "crv": "P-256", "x": x, "y": y},
            {"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": ed},
            {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
            {"kty": "RSA", "kid": "enc", "use": "enc", "n": "AQAB", "e": "AQAB"},
            {"kty": "EC", "kid": "p384", "crv": "P-384", "x": x, "y": y},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
            "not a key",
        ]})
    }

    pub(crate) fn sign(&self, by: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match by {
            "rsa" => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            "ec" => self.ec.sign(&random, message).unwrap().as_ref().to_vec(),
            "ed" => self.ed.sign(message).as_ref().to_vec(),
            // The classic confusion: the public key's text as the shared secret.
            "hmac" => {
                let secret = self.rsa_jwk()["n"].as_str().unwrap().to_owned();
                let key =
                    aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
                aws_lc_rs::hmac::sign(&key, message).as_ref().to_vec()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn token(&self, by: &str, header: &Value, claims: &str) -> String {
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(by, message.as_bytes()));
        format!("{message}.{signature}")
    }

    pub(crate) fn judge(&self, token: &str) -> Result<SignedIn, TokenRefusal> {
        let jwks = Jwks::parse(self.jwks().to_string().as_bytes(), now()).unwrap();
        let reply = json!({"access_token": "ignored", "token_type": "Bearer", "id_token": token});
        redeem().identity(reply.to_string().as_bytes(), &jwks, now())
    }
}

pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "user-1", "aud": CLIENT, "exp": now().unix_seconds() + 300,
        "iat": now().unix_seconds(), "nonce": nonce(), "email": "Anna@Example.com", "email_verified": true,
        "name": "Anna", "unknown_claim": {"deep": [1, 2]},
    })
}

pub(crate) fn header() -> Value {
    json!({"alg": "RS256", "kid": "rsa", "typ": "JWT"})
}

pub(crate) fn types() -> TokenRefusal {
    TokenRefusal::Claims {
        because: "`iss`, `sub`, `aud`, `exp` and `iat` are there, once, and of their types",
    }
}
