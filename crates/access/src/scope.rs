//! What a restricted key may touch: per resource nothing, reading, or writing as well.

use std::collections::BTreeMap;
use std::fmt;

use crate::names::named;
use crate::policy::{Action, Resource};

named! {
    /// As Stripe's restricted keys have it. Absence is `none`.
    Access {
        Read = "read",
        /// Reading too.
        Write = "write",
    }
}

/// A scope as text is not of the form `resource:access`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    #[error("a scope is `resource:read` or `resource:write`, found {found:?}")]
    Form { found: String },
    #[error("resource `{resource}` is given twice")]
    Twice { resource: Resource },
}

/// Narrows what the key's roles allow and never widens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(BTreeMap<Resource, Access>);

impl Scopes {
    /// Nothing at all.
    pub fn none() -> Scopes {
        Scopes(BTreeMap::new())
    }

    #[must_use]
    pub fn with(mut self, resource: Resource, access: Access) -> Scopes {
        self.0.insert(resource, access);
        self
    }

    pub fn allow(&self, action: Action, resource: Resource) -> bool {
        match self.0.get(&resource) {
            Some(Access::Write) => true,
            Some(Access::Read) => action.reads_only(),
            None => false,
        }
    }

    /// `disputes:read evidence:write`, words separated by spaces, as [`Scopes`] is displayed.
    pub fn parse(text: &str) -> Result<Scopes, ScopeError> {
        let mut scopes = BTreeMap::new();
        for word in text.split_ascii_whitespace() {
            let read = word.split_once(':').and_then(|(resource, access)| {
                Resource::parse(resource).zip(Access::parse(access))
            });
            let (resource, access) = read.ok_or_else(|| ScopeError::Form {
                found: word.chars().take(40).collect(),
            })?;
            if scopes.insert(resource, access).is_some() {
                return Err(ScopeError::Twice { resource });
            }
        }
        Ok(Scopes(scopes))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (resource, access)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{resource}:{access}")?;
        }
        Ok(())
    }
}
