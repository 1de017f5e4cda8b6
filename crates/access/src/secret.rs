//! Text that must not be shown.

use std::fmt;

/// A secret as text: no `Display`, and `Debug` says only that there is one. Memory is not wiped: the bytes came through
/// buffers of the HTTP stack that nobody wipes either.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for the one who is meant to have it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}
