//! `desk.toml`: which accounts a desk has, how their webhooks are proved, and how their providers are reached.
//!
//! Secrets never stand in the file: it names an environment variable or a file that holds them. Every mistake is listed at
//! once, so that a person corrects the file in one go.

mod read;
#[cfg(test)]
mod tests;

use crate::Error;
use adapter::Secret;
use dispute::fact::Scope;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The largest webhook body taken unless the settings say otherwise. Providers' notifications are a few kilobytes; Adyen's
/// batches of up to six notifications and the largest objects known to us stay below a tenth of this.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// The settings of a desk. No settings at all is a desk that takes files and sends nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where `serve` listens when the command line does not say.
    pub listen: Option<String>,
    pub body_bytes_max: usize,
    pub accounts: Vec<AccountSettings>,
}

/// One of our accounts at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSettings {
    pub scope: Scope,
    /// Current secrets of webhooks; two while one is being replaced.
    pub webhook_secrets: Vec<(String, SecretAt)>,
    /// Named bases of the provider's interface to URLs. Without any, nothing is sent.
    pub bases: BTreeMap<String, String>,
    /// What proves who we are at a base.
    pub credentials: BTreeMap<String, CredentialAt>,
    /// The folder where the bank or provider collects files.
    pub outbox: Option<PathBuf>,
    /// Bases may only lie on this machine, by HTTP or HTTPS: for stand-ins of a provider.
    pub loopback: bool,
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretAt {
    Env(String),
    /// Relative paths start at the desk's folder.
    File(PathBuf),
}

/// A credential whose secret parts are references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialAt {
    Basic {
        user: String,
        password: SecretAt,
    },
    Bearer {
        token: SecretAt,
    },
    Header {
        name: String,
        value: SecretAt,
    },
    OAuth {
        base: String,
        path: String,
        client_id: String,
        client_secret: SecretAt,
    },
}

/// One mistake: where in the file, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The key's path, such as `account[1].bases.api`.
    pub at: String,
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.at, self.what)
    }
}

impl Settings {
    /// The settings of a desk without `desk.toml`.
    pub fn none() -> Settings {
        Settings {
            listen: None,
            body_bytes_max: BODY_BYTES_MAX,
            accounts: Vec::new(),
        }
    }

    /// Reads `desk.toml` in this folder; a folder without one has no settings.
    pub fn read(home: &Path) -> Result<Settings, Error> {
        let path = home.join("desk.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Settings::none());
            }
            Err(source) => {
                return Err(Error::File {
                    what: path.display().to_string(),
                    source,
                });
            }
        };
        Settings::parse(&text, home).map_err(Error::Settings)
    }

    /// Reads the text of a settings file. `home` is where relative paths start.
    pub fn parse(text: &str, home: &Path) -> Result<Settings, Vec<Mistake>> {
        read::settings(text, home)
    }

    /// The account of this provider and name.
    pub fn account(&self, provider: &str, name: &str) -> Option<&AccountSettings> {
        self.accounts
            .iter()
            .find(|account| account.scope.provider == provider && account.scope.account == name)
    }
}

impl SecretAt {
    /// The secret itself, without the line end that editors put after it.
    pub fn load(&self) -> Result<String, String> {
        let text = match self {
            SecretAt::Env(name) => std::env::var(name)
                .map_err(|_| format!("the environment variable `{name}` is not set"))?,
            SecretAt::File(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("`{}`: {error}", path.display()))?,
        };
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        if text.is_empty() {
            Err(String::from("the secret is empty"))
        } else {
            Ok(text)
        }
    }
}

impl AccountSettings {
    /// The webhook secrets, loaded; every one that cannot be loaded is a mistake.
    pub fn secrets(&self) -> Result<Vec<Secret>, Vec<Mistake>> {
        let mut secrets = Vec::new();
        let mut mistakes = Vec::new();
        for (label, at) in &self.webhook_secrets {
            match at.load() {
                Ok(text) => secrets.push(Secret {
                    label: label.clone(),
                    value: text.into_bytes(),
                }),
                Err(what) => mistakes.push(Mistake {
                    at: format!("{}.webhook_secrets.{label}", self.named()),
                    what,
                }),
            }
        }
        if mistakes.is_empty() {
            Ok(secrets)
        } else {
            Err(mistakes)
        }
    }

    /// The account as messages name it.
    pub fn named(&self) -> String {
        format!("{}/{}", self.scope.provider, self.scope.account)
    }
}
