//! An ID token judged: signature, then every claim that binds it to us and to this sign-in (OpenID Connect Core 1.0,
//! 3.1.3.7; RFC 8725).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use calendar::Instant;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::jwks::Jwks;
use super::{Expected, SignedIn};

/// Clocks of providers and ours differ by so much at most.
const LEEWAY_SECONDS: i64 = 60;
/// Real ones have one or two thousand.
const TOKEN_BYTES_MAX: usize = 16_384;
/// OpenID Connect Core 1.0, 2.
const SUBJECT_MAX: usize = 255;
const EMAIL_MAX: usize = 254;
const NAME_MAX: usize = 200;

/// The signatures we take. There is no way to say any other: neither `none` nor one with a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub(crate) fn parse(name: &str) -> Option<Algorithm> {
        match name {
            "RS256" => Some(Algorithm::Rs256),
            "ES256" => Some(Algorithm::Es256),
            // RFC 9864 names the curve in the algorithm.
            "EdDSA" | "Ed25519" => Some(Algorithm::EdDsa),
            _ => None,
        }
    }
}

/// The ID token is not taken. In order of precedence; nothing of an unverified token is repeated but its algorithm's and key's
/// names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    #[error("the provider's reply has no id_token")]
    Reply,
    #[error(
        "an ID token is three parts of base64url, at most {TOKEN_BYTES_MAX} bytes, with JSON in the first two"
    )]
    Form,
    #[error("the ID token is signed by {found:?}, expected RS256, ES256 or EdDSA")]
    Algorithm { found: String },
    /// RFC 7515, 4.1.11 tells to refuse what is not understood; a key that the token itself brings proves nothing.
    #[error("the ID token's header has {name}, which is not taken")]
    Header { name: &'static str },
    #[error("the ID token does not say by which key it is signed")]
    NoKey,
    /// Perhaps a new one: see [`Jwks::may_refetch`].
    #[error("the provider has no signing key {kid:?}")]
    UnknownKey { kid: String },
    #[error("the ID token's signature does not verify")]
    Signature,
    #[error("the ID token's claims are not as expected: {because}")]
    Claims { because: &'static str },
    #[error("the ID token is of issuer {found:?}, expected {expected:?}")]
    Issuer { expected: String, found: String },
    #[error("the ID token is for {found:?}, not for us alone")]
    Audience { found: Vec<String> },
    #[error("the ID token was given to {found:?}, expected us")]
    AuthorizedParty { found: Option<String> },
    #[error("the ID token expired")]
    Expired,
    #[error("the ID token is not valid yet")]
    NotYet,
    /// Made before the sign-in began: it belongs to another.
    #[error("the ID token is older than this sign-in")]
    Older,
    /// Replayed, or injected from another sign-in.
    #[error("the ID token's nonce is not this sign-in's")]
    Nonce,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    jku: Option<serde_json::Value>,
    jwk: Option<serde_json::Value>,
    x5u: Option<serde_json::Value>,
    crit: Option<serde_json::Value>,
    zip: Option<serde_json::Value>,
}

/// A claim of these given twice is refused by the reader.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    auth_time: Option<i64>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<Verified>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Some providers write the word instead of the value.
#[derive(Deserialize)]
#[serde(untagged)]
enum Verified {
    Said(bool),
    Written(String),
}

pub(crate) fn validate(
    token: &str,
    jwks: &Jwks,
    expected: &Expected,
    now: Instant,
) -> Result<SignedIn, TokenRefusal> {
    let claims = verified_claims(token, jwks)?;
    check_parties(&claims, expected)?;
    check_times(&claims, expected, now)?;
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.expose().as_bytes())) {
        return Err(TokenRefusal::Nonce);
    }
    let subject = claims.sub;
    if subject.is_empty() || subject.len() > SUBJECT_MAX || !subject.is_ascii() {
        let because = "`sub` has 1 to 255 ASCII characters";
        return Err(TokenRefusal::Claims { because });
    }
    let email = claims.email.as_deref().and_then(plain_email);
    let verified = match claims.email_verified {
        Some(Verified::Said(verified)) => verified,
        Some(Verified::Written(word)) => word == "true",
        None => false,
    };
    let domain = email.as_deref().and_then(|email| email.rsplit_once('@'));
    let counts = domain.is_some_and(|(_, domain)| {
        let mut domains = expected.email_domains.iter();
        domains.any(|own| own == domain)
    });
    Ok(SignedIn {
        // A time that is none proves nothing.
        authenticated_at: claims.auth_time.and_then(Instant::from_unix_seconds),
        issuer: claims.iss,
        subject,
        email_counts: verified && counts,
        email,
        name: claims.name.map(|name| {
            name.chars()
                .filter(|found| !found.is_control())
                .take(NAME_MAX)
                .collect()
        }),
    })
}

fn verified_claims(token: &str, jwks: &Jwks) -> Result<Claims, TokenRefusal> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenRefusal::Form);
    }
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        return Err(TokenRefusal::Form);
    };
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRefusal::Form);
    let (kid, algorithm) = check_header(&decoded(header)?)?;
    let signature = decoded(signature)?;
    let message = format!("{header}.{payload}");
    match jwks.verify(&kid, algorithm, message.as_bytes(), &signature) {
        Some(true) => {}
        Some(false) => return Err(TokenRefusal::Signature),
        None => return Err(TokenRefusal::UnknownKey { kid: short(&kid) }),
    }
    let because = "`iss`, `sub`, `aud`, `exp` and `iat` are there, once, and of their types";
    serde_json::from_slice(&decoded(payload)?).map_err(|_| TokenRefusal::Claims { because })
}

fn check_header(header: &[u8]) -> Result<(String, Algorithm), TokenRefusal> {
    let header: Header = serde_json::from_slice(header).map_err(|_| TokenRefusal::Form)?;
    let algorithm = Algorithm::parse(&header.alg).ok_or_else(|| TokenRefusal::Algorithm {
        found: short(&header.alg),
    })?;
    let refused = [
        ("crit", header.crit.is_some()),
        ("jwk", header.jwk.is_some()),
        ("jku", header.jku.is_some()),
        ("x5u", header.x5u.is_some()),
        ("zip", header.zip.is_some()),
        (
            "another typ than JWT",
            header
                .typ
                .is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT")),
        ),
    ];
    if let Some((name, _)) = refused.iter().find(|(_, there)| *there) {
        return Err(TokenRefusal::Header { name });
    }
    let kid = header.kid.filter(|kid| !kid.is_empty());
    Ok((kid.ok_or(TokenRefusal::NoKey)?, algorithm))
}

fn check_parties(claims: &Claims, expected: &Expected) -> Result<(), TokenRefusal> {
    if claims.iss != expected.issuer {
        return Err(TokenRefusal::Issuer {
            expected: expected.issuer.clone(),
            found: short(&claims.iss),
        });
    }
    let audiences: &[String] = match &claims.aud {
        Audience::One(audience) => std::slice::from_ref(audience),
        Audience::Many(audiences) => audiences,
    };
    let ours = |name: &String| *name == expected.client_id;
    if !audiences.iter().any(ours) {
        return Err(TokenRefusal::Audience {
            found: audiences.iter().take(8).map(|found| short(found)).collect(),
        });
    }
    // With several audiences the token must say that it was given to us.
    let party = claims.azp.as_ref();
    if !party.map_or(audiences.len() == 1, ours) {
        return Err(TokenRefusal::AuthorizedParty {
            found: party.map(|party| short(party)),
        });
    }
    Ok(())
}

fn check_times(claims: &Claims, expected: &Expected, now: Instant) -> Result<(), TokenRefusal> {
    let because = "`exp`, `iat` and `nbf` are seconds since 1970 within the years 1 to 9999";
    let instant =
        |seconds| Instant::from_unix_seconds(seconds).ok_or(TokenRefusal::Claims { because });
    let (expires_at, issued_at) = (instant(claims.exp)?, instant(claims.iat)?);
    let not_before = claims.nbf.map(instant).transpose()?;
    if expires_at.plus_seconds(LEEWAY_SECONDS) <= now {
        return Err(TokenRefusal::Expired);
    }
    let latest = now.plus_seconds(LEEWAY_SECONDS);
    if issued_at > latest || not_before.is_some_and(|at| at > latest) {
        return Err(TokenRefusal::NotYet);
    }
    // `iat` has whole seconds; the leeway covers them as well.
    if issued_at.plus_seconds(LEEWAY_SECONDS) < expected.began_at {
        return Err(TokenRefusal::Older);
    }
    Ok(())
}

/// In small letters, one `@`, nothing that another reader could take for two addresses.
fn plain_email(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let plain = |part: &str| {
        let characters = |byte: u8| byte.is_ascii_graphic() && !br#"@,;:<>()[]\""#.contains(&byte);
        !part.is_empty() && part.bytes().all(characters)
    };
    let whole = text.len() <= EMAIL_MAX && plain(local) && plain(domain);
    whole.then(|| text.to_ascii_lowercase())
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}
