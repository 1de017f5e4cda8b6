//! Reading the file: every key is known, every value has its type, and all mistakes come together.

use super::process::Process;
use super::scalar::{self, SCALARS, Values};
use super::{AccountSettings, CredentialAt, Mistake, SecretAt, Settings};
use dispute::fact::Scope;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::{Table, Value};

/// What is being read: the mistakes so far, and where relative paths start.
struct Reading<'a> {
    home: &'a Path,
    mistakes: Vec<Mistake>,
}

/// A table of the file and its place.
struct At<'t> {
    table: &'t Table,
    path: String,
}

impl At<'_> {
    fn key(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

pub fn settings(
    text: &str,
    home: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Settings, Vec<Mistake>> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| {
            1 + text
                .bytes()
                .take(span.start)
                .filter(|byte| *byte == b'\n')
                .count()
        });
        vec![Mistake {
            at: format!("line {line}"),
            what: error.message().to_owned(),
        }]
    })?;
    let mut reading = Reading {
        home,
        mistakes: scalar::strangers(environment),
    };
    let values = Values::read(&table, environment, &mut reading.mistakes);
    let settings = reading.whole(
        &At {
            table: &table,
            path: String::new(),
        },
        &values,
    );
    if reading.mistakes.is_empty() {
        Ok(settings)
    } else {
        Err(reading.mistakes)
    }
}

impl Reading<'_> {
    fn whole(&mut self, at: &At<'_>, values: &Values) -> Settings {
        let oidc = self.sections(at, values);
        let mut settings = Settings {
            listen: values.text("", "listen"),
            body_bytes_max: usize::try_from(values.number("", "body_bytes_max"))
                .expect("the table bounds it by the largest document"),
            process: Process::of(values, oidc),
            accounts: Vec::new(),
        };
        let accounts = match at.table.get("account") {
            None => &Vec::new(),
            Some(Value::Array(accounts)) => accounts,
            Some(other) => {
                self.mistake(
                    at.key("account"),
                    format!("expected `[[account]]` tables, found {}", other.type_str()),
                );
                return settings;
            }
        };
        let mut seen = BTreeSet::new();
        for (number, account) in accounts.iter().enumerate() {
            let path = format!("account[{}]", number + 1);
            let Value::Table(table) = account else {
                self.mistake(
                    path,
                    format!("expected a table, found {}", account.type_str()),
                );
                continue;
            };
            let at = At { table, path };
            if let Some(account) = self.account(&at) {
                if !seen.insert(account.scope.clone()) {
                    self.mistake(
                        at.key("account"),
                        format!("{} stands here a second time", account.named()),
                    );
                }
                settings.accounts.push(account);
            }
        }
        settings
    }

    /// Checks that every section and key is one of ours, and reads what `[oidc]` has beside its scalars.
    fn sections(&mut self, at: &At<'_>, values: &Values) -> (Option<SecretAt>, Vec<String>) {
        let mut sections: Vec<&str> = SCALARS.iter().map(|scalar| scalar.section).collect();
        sections.dedup();
        let keys_of = |section: &str| -> Vec<&'static str> {
            let own = SCALARS.iter().filter(|scalar| scalar.section == section);
            own.map(|scalar| scalar.key).collect()
        };
        let mut top = keys_of("");
        top.push("account");
        top.extend(SCALARS.iter().map(|scalar| scalar.section));
        top.retain(|key| !key.is_empty());
        top.dedup();
        self.known(at, &top);
        let mut oidc = (None, Vec::new());
        for section in sections.into_iter().filter(|section| !section.is_empty()) {
            let table = match at.table.get(section) {
                None => continue,
                Some(Value::Table(table)) => table,
                Some(other) => {
                    let what =
                        format!("expected a `[{section}]` table, found {}", other.type_str());
                    self.mistake(at.key(section), what);
                    continue;
                }
            };
            let inner = At {
                table,
                path: at.key(section),
            };
            let mut keys = keys_of(section);
            if section == "oidc" {
                keys.extend(["client_secret", "email_domains"]);
                oidc = self.identity_provider(&inner);
            }
            self.known(&inner, &keys);
        }
        let told = |key| values.text_or_none("oidc", key).is_some();
        if told("issuer") != told("client_id") {
            let what = "an identity provider needs `issuer` and `client_id`, found one of them";
            self.mistake(String::from("oidc"), what.to_owned());
        }
        oidc
    }

    fn identity_provider(&mut self, at: &At<'_>) -> (Option<SecretAt>, Vec<String>) {
        let secret = at
            .table
            .contains_key("client_secret")
            .then(|| self.secret(at, "client_secret"))
            .flatten();
        let mut domains = Vec::new();
        match at.table.get("email_domains") {
            None => {}
            Some(Value::Array(values)) => {
                for value in values {
                    match value.as_str().filter(|text| text.contains('.')) {
                        Some(text) => domains.push(text.to_lowercase()),
                        None => self.mistake(
                            at.key("email_domains"),
                            format!(
                                "expected domains such as example.com, found {}",
                                scalar::shown(value)
                            ),
                        ),
                    }
                }
            }
            Some(other) => self.mistake(
                at.key("email_domains"),
                format!("expected a list of domains, found {}", other.type_str()),
            ),
        }
        (secret, domains)
    }

    fn account(&mut self, at: &At<'_>) -> Option<AccountSettings> {
        let keys = [
            "provider",
            "account",
            "webhook_secrets",
            "bases",
            "credentials",
            "outbox",
            "loopback",
        ];
        self.known(at, &keys);
        let provider = self.required(at, "provider");
        if let Some(name) = provider.as_deref()
            && providers::list::find(name).is_none()
        {
            let names: Vec<&str> = providers::list::ALL
                .iter()
                .map(|adapter| adapter.name())
                .collect();
            self.mistake(
                at.key("provider"),
                format!("expected one of {}, found `{name}`", names.join(", ")),
            );
        }
        let account = self.required(at, "account");
        let webhook_secrets = self.webhook_secrets(at);
        let bases = self.bases(at);
        let credentials = self.credentials(at, &bases);
        let outbox = self.text(at, "outbox").map(|path| self.home.join(path));
        let loopback = match at.table.get("loopback") {
            None => false,
            Some(Value::Boolean(value)) => *value,
            Some(other) => {
                self.mistake(
                    at.key("loopback"),
                    format!("expected true or false, found {}", other.type_str()),
                );
                false
            }
        };
        let scope = Scope {
            provider: provider?,
            account: account?,
        };
        Some(AccountSettings {
            scope,
            webhook_secrets,
            bases,
            credentials,
            outbox,
            loopback,
        })
    }

    fn webhook_secrets(&mut self, at: &At<'_>) -> Vec<(String, SecretAt)> {
        let mut secrets: Vec<(String, SecretAt)> = Vec::new();
        for (label, at) in self.tables(at, "webhook_secrets") {
            self.known(&at, &["env", "file"]);
            if let Some(secret) = self.secret_in(&at) {
                secrets.push((label, secret));
            }
        }
        secrets
    }

    fn bases(&mut self, at: &At<'_>) -> BTreeMap<String, String> {
        let mut bases = BTreeMap::new();
        let Some(value) = at.table.get("bases") else {
            return bases;
        };
        let Value::Table(table) = value else {
            self.mistake(
                at.key("bases"),
                format!("expected a table of URLs, found {}", value.type_str()),
            );
            return bases;
        };
        let inner = At {
            table,
            path: at.key("bases"),
        };
        for name in table.keys() {
            if let Some(url) = self.required(&inner, name) {
                bases.insert(name.clone(), url);
            }
        }
        bases
    }

    fn credentials(
        &mut self,
        at: &At<'_>,
        bases: &BTreeMap<String, String>,
    ) -> BTreeMap<String, CredentialAt> {
        let mut credentials = BTreeMap::new();
        for (base, at) in self.tables(at, "credentials") {
            if !bases.contains_key(&base) {
                self.mistake(
                    at.path.clone(),
                    format!("there is no base `{base}` to use it at"),
                );
            }
            if let Some(credential) = self.credential(&at) {
                credentials.insert(base, credential);
            }
        }
        credentials
    }

    fn credential(&mut self, at: &At<'_>) -> Option<CredentialAt> {
        let kind = self.required(at, "kind")?;
        let keys: &[&str] = match kind.as_str() {
            "basic" => &["kind", "user", "password"],
            "bearer" => &["kind", "token"],
            "header" => &["kind", "name", "value"],
            "oauth" => &["kind", "base", "path", "client_id", "client_secret"],
            other => {
                self.mistake(
                    at.key("kind"),
                    format!("expected basic, bearer, header or oauth, found `{other}`"),
                );
                return None;
            }
        };
        self.known(at, keys);
        match kind.as_str() {
            "basic" => {
                let user = self.required(at, "user");
                let password = self.secret(at, "password");
                Some(CredentialAt::Basic {
                    user: user?,
                    password: password?,
                })
            }
            "bearer" => Some(CredentialAt::Bearer {
                token: self.secret(at, "token")?,
            }),
            "header" => {
                let name = self.required(at, "name");
                let value = self.secret(at, "value");
                Some(CredentialAt::Header {
                    name: name?,
                    value: value?,
                })
            }
            _ => {
                let base = self.required(at, "base");
                let path = self.required(at, "path");
                let client_id = self.required(at, "client_id");
                let client_secret = self.secret(at, "client_secret");
                Some(CredentialAt::OAuth {
                    base: base?,
                    path: path?,
                    client_id: client_id?,
                    client_secret: client_secret?,
                })
            }
        }
    }

    /// A secret that must be there: `{ env = "NAME" }` or `{ file = "path" }`.
    fn secret(&mut self, at: &At<'_>, name: &str) -> Option<SecretAt> {
        let path = at.key(name);
        match at.table.get(name) {
            Some(Value::Table(table)) => {
                let inner = At { table, path };
                self.known(&inner, &["env", "file"]);
                self.secret_in(&inner)
            }
            // What was written may be the secret itself, so it is not repeated.
            Some(_) => {
                self.mistake(path, String::from("expected { env = \"NAME\" } or { file = \"path\" }, never the secret itself"));
                None
            }
            None => {
                self.mistake(
                    path,
                    String::from(
                        "expected { env = \"NAME\" } or { file = \"path\" }, found nothing",
                    ),
                );
                None
            }
        }
    }

    fn secret_in(&mut self, at: &At<'_>) -> Option<SecretAt> {
        match (self.text(at, "env"), self.text(at, "file")) {
            (Some(name), None) => Some(SecretAt::Env(name)),
            (None, Some(path)) => Some(SecretAt::File(self.home.join(path))),
            _ => {
                self.mistake(
                    at.path.clone(),
                    String::from("expected either `env` or `file`"),
                );
                None
            }
        }
    }

    /// The tables under a key, by name.
    fn tables<'t>(&mut self, at: &At<'t>, key: &str) -> Vec<(String, At<'t>)> {
        let Some(value) = at.table.get(key) else {
            return Vec::new();
        };
        let Value::Table(tables) = value else {
            self.mistake(
                at.key(key),
                format!("expected a table of tables, found {}", value.type_str()),
            );
            return Vec::new();
        };
        let mut found = Vec::new();
        for (name, value) in tables {
            let path = format!("{}.{name}", at.key(key));
            match value {
                Value::Table(table) => found.push((name.clone(), At { table, path })),
                _ => self.mistake(
                    path,
                    String::from("expected a table such as { env = \"NAME\" }"),
                ),
            }
        }
        found
    }

    fn required(&mut self, at: &At<'_>, name: &str) -> Option<String> {
        if !at.table.contains_key(name) {
            self.mistake(at.key(name), String::from("expected text, found nothing"));
        }
        self.text(at, name)
    }

    /// Text that may be absent, but not blank.
    fn text(&mut self, at: &At<'_>, name: &str) -> Option<String> {
        match at.table.get(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::String(_) => {
                self.mistake(at.key(name), String::from("expected text, found a blank"));
                None
            }
            other => {
                self.mistake(
                    at.key(name),
                    format!("expected text, found {}", other.type_str()),
                );
                None
            }
        }
    }

    fn known(&mut self, at: &At<'_>, keys: &[&str]) {
        let strangers: Vec<&String> = at
            .table
            .keys()
            .filter(|key| !keys.contains(&key.as_str()))
            .collect();
        for stranger in strangers {
            self.mistake(
                at.key(stranger),
                format!("expected one of {}", keys.join(", ")),
            );
        }
    }

    fn mistake(&mut self, at: String, what: String) {
        self.mistakes.push(Mistake { at, what });
    }
}
