//! `desk.toml`: which accounts a desk has, how their webhooks are proved, how their providers are reached, and how the
//! serving process behaves.
//!
//! Every value that is one word or number can be overridden by the environment ([`scalar`]). Secrets never stand in the file: it names an environment variable or a file that holds them. Every mistake is listed at
//! once, so that a person corrects the file in one go.

pub mod process;
mod read;
pub mod scalar;
#[cfg(test)]
mod tests;

use crate::Error;
use adapter::Secret;
use dispute::fact::Scope;
use process::Process;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The settings of a desk. No settings at all is a desk that takes files and sends nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where `serve` listens when the command line does not say.
    pub listen: String,
    /// Providers' notifications are a few kilobytes; Adyen's batches of up to six notifications and the largest objects
    /// known to us stay below a tenth of the default.
    pub body_bytes_max: usize,
    pub process: Process,
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
    /// The settings of a desk that nobody told anything.
    pub fn none() -> Settings {
        read::settings("", Path::new(""), &BTreeMap::new())
            .expect("defaults are in their bounds, which a test holds")
    }

    /// Reads `desk.toml` in this folder and the environment's `DOCKET_` variables, which come first. A folder without the
    /// file has the defaults.
    pub fn read(home: &Path) -> Result<Settings, Error> {
        let path = home.join("desk.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(source) => {
                return Err(Error::File {
                    what: path.display().to_string(),
                    source,
                });
            }
        };
        Settings::parse(&text, home, &environment()).map_err(Error::Settings)
    }

    /// Reads the text of a settings file. `home` is where relative paths start.
    pub fn parse(
        text: &str,
        home: &Path,
        environment: &BTreeMap<String, String>,
    ) -> Result<Settings, Vec<Mistake>> {
        read::settings(text, home, environment)
    }

    /// Every mistake that shows before anything is opened: secrets that cannot be loaded.
    pub fn unloadable(&self) -> Vec<Mistake> {
        let mut mistakes: Vec<Mistake> = self
            .accounts
            .iter()
            .filter_map(|account| account.secrets().err())
            .flatten()
            .collect();
        let secret = self
            .process
            .oidc
            .as_ref()
            .and_then(|oidc| oidc.client_secret.as_ref());
        if let Some(Err(what)) = secret.map(SecretAt::load) {
            mistakes.push(Mistake {
                at: String::from("oidc.client_secret"),
                what,
            });
        }
        mistakes
    }

    /// The account of this provider and name.
    pub fn account(&self, provider: &str, name: &str) -> Option<&AccountSettings> {
        self.accounts
            .iter()
            .find(|account| account.scope.provider == provider && account.scope.account == name)
    }
}

/// The environment's `DOCKET_` variables. `DOCKET_LOG` is the older name of one.
fn environment() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let mut ours: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(text)
        .filter(|(name, _)| name.starts_with("DOCKET_"))
        .collect();
    if let Some(log) = ours.get("DOCKET_LOG").cloned() {
        ours.entry(String::from("DOCKET_OBSERVABILITY_LOG"))
            .or_insert(log);
    }
    ours
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
