//! The cookie that carries a session's token, as header text.
//!
//! The name begins with `__Host-`: a browser takes such a cookie only from the very host, over TLS, for all paths, so that a
//! neighbouring subdomain cannot plant one (RFC 6265bis, 4.1.3.2).

use crate::Secret;
use crate::session::{ABSOLUTE_SECONDS, Token};

/// Of a person signed in.
pub const SESSION: &str = "__Host-docket";
/// Of a browser that is not signed in; a sign-in under way is bound to it.
pub const PRE_SESSION: &str = "__Host-docket-pre";

/// Two cookies of the name: one of them is planted, and no rule says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request carries {found} cookies of one name, expected one")]
pub struct Tossed {
    pub found: usize,
}

/// The value of `Set-Cookie`. `Lax`, so that a link in a mail to a case works; what changes anything is held by
/// [`crate::csrf`] as well.
pub fn set(name: &str, token: &Token) -> Secret {
    Secret::new(format!(
        "{name}={}; Path=/; Max-Age={ABSOLUTE_SECONDS}; Secure; HttpOnly; SameSite=Lax",
        token.text().expose()
    ))
}

/// The value of `Set-Cookie` that takes it away.
pub fn clear(name: &str) -> String {
    format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}

/// The token in a `Cookie` header's value; several headers are given joined by `; `. A value that is no token of ours is as
/// none.
pub fn find(header: &str, name: &str) -> Result<Option<Token>, Tossed> {
    let values = || {
        header
            .split(';')
            .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    match values().count() {
        0 => Ok(None),
        1 => Ok(values().next().and_then(Token::parse)),
        found => Err(Tossed { found }),
    }
}
