//! Names of merchants, people and keys, as the desk's own rows have them.

use std::fmt;

/// Longest of the three: enough for a UUID or a provider's account id with a prefix.
const LENGTH_MAX: usize = 64;

/// A text that cannot be one of our ids.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("an id has 1 to {LENGTH_MAX} characters, found {found}")]
    Length { found: usize },
    #[error("an id has letters, digits, `_`, `-` and `.`, found {found:?}")]
    Character { found: char },
}

/// So narrow a set that an id can stand in a path, a log line, a header or a session variable of the database unquoted.
fn parsed(text: &str) -> Result<String, IdError> {
    let found = text.chars().count();
    if found == 0 || found > LENGTH_MAX {
        return Err(IdError::Length { found });
    }
    let allowed = |found: &char| found.is_ascii_alphanumeric() || matches!(found, '_' | '-' | '.');
    match text.chars().find(|found| !allowed(found)) {
        Some(found) => Err(IdError::Character { found }),
        None => Ok(text.to_owned()),
    }
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// 1 to 64 letters, digits, `_`, `-` and `.`.
            pub fn parse(text: &str) -> Result<$name, IdError> {
                parsed(text).map($name)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// A merchant of the desk: the tenant to which cases, files, keys and people belong.
    MerchantId
}
id! {
    /// One human being, however many ways to sign in lead to them. Separation of duties compares these.
    PersonId
}
id! {
    /// An API key's public name; it is not the secret and not derived from it.
    KeyId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Result<&str, IdError>) {
        let found = MerchantId::parse(text).map(|id| id.as_str().to_owned());
        assert_eq!(found, want.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn an_id_needs_no_quoting_anywhere() {
        let character = |found| Err(IdError::Character { found });
        check("mer_1", Ok("mer_1"));
        check("acct-1.eu", Ok("acct-1.eu"));
        check("", Err(IdError::Length { found: 0 }));
        check(&"m".repeat(65), Err(IdError::Length { found: 65 }));
        check("m'; reset role; --", character('\''));
        check("../m", character('/'));
        check("m\n", character('\n'));
        check("m\0", character('\0'));
        check("м", character('м'));
    }
}
