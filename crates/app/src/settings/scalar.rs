//! The settings that are one value each: one table says their names, bounds, defaults and meaning. The reader, the
//! names in the environment and the reference page are made from it.

use super::Mistake;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use toml::{Table, Value};

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Scalar {
    /// The table of the file that it stands in; empty at the top.
    pub section: &'static str,
    pub key: &'static str,
    pub kind: Kind,
    /// What holds when nobody says; empty where nothing does.
    pub default: &'static str,
    pub meaning: &'static str,
}

/// What may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number from and to, both included.
    Number(i64, i64),
    Flag,
    Text,
    /// `host:port`.
    Address,
    /// `http://` or `https://` and a host, nothing secret in it.
    Url,
    Word(&'static [&'static str]),
    /// Ports with spaces between them.
    Ports,
}

const MIB: i64 = 1024 * 1024;
/// As large as a document may be at all; `the_table_is_sound` holds it to the store's bound.
const DOCUMENT: i64 = 256 * MIB;

/// Every scalar, in the order of the reference page.
#[rustfmt::skip]
pub const SCALARS: &[Scalar] = &[
    scalar("", "listen", Kind::Address, "127.0.0.1:8787", "Where `serve` listens; `--listen` comes first. TLS stands in front"),
    scalar("", "body_bytes_max", Kind::Number(1, DOCUMENT), "1048576", "The largest webhook body taken"),
    scalar("api", "public_url", Kind::Url, "", "Where the API is reached from outside; links to files begin with it. `http://` and the listening address when empty"),
    scalar("api", "desks", Kind::Number(1, 64), "4", "Connections to the store that requests share"),
    scalar("api", "form_bytes_max", Kind::Number(1024, 16 * MIB), "2097152", "The largest form or JSON body"),
    scalar("api", "upload_bytes_max", Kind::Number(1024, DOCUMENT), "22020096", "The largest multipart body: a provider's largest file, 20 MB, and its envelope"),
    scalar("limits", "reads_per_second", Kind::Number(1, 1_000_000), "100", "Reads that a key may make a second, in the long run"),
    scalar("limits", "reads_burst", Kind::Number(1, 1_000_000), "200", "Reads that a key may make at once after a rest"),
    scalar("limits", "writes_per_second", Kind::Number(1, 1_000_000), "25", "Writes that a key may make a second, in the long run"),
    scalar("limits", "writes_burst", Kind::Number(1, 1_000_000), "50", "Writes that a key may make at once after a rest"),
    scalar("limits", "per_key", Kind::Number(1, 10_000), "20", "Requests that a key may have under way at once"),
    scalar("limits", "under_way", Kind::Number(1, 100_000), "512", "Requests of everybody under way at once in this process; webhooks in are not counted, the door has its own bound"),
    scalar("limits", "connections", Kind::Number(8, 100_000), "2048", "Connections open at once; more wait to be accepted"),
    scalar("limits", "request_seconds", Kind::Number(1, 600), "30", "How long an API request may take, its body included"),
    scalar("limits", "head_seconds", Kind::Number(1, 120), "10", "How long the head of a request may take to arrive, also on an idle connection"),
    scalar("limits", "head_bytes", Kind::Number(8_192, 1_048_576), "32768", "The largest head of a request"),
    scalar("limits", "cost", Kind::Number(1, 100_000), "500", "The most that one request may cost: rows asked for, times one more than the paths it expands"),
    scalar("webhooks", "loopback", Kind::Flag, "false", "Endpoints may lie on this machine only, by HTTP: for trying things out"),
    scalar("webhooks", "ports", Kind::Ports, "443", "Ports on which endpoints may be, with spaces between them; 443 is always one"),
    scalar("webhooks", "connect_seconds", Kind::Number(1, 9), "5", "How long an endpoint's name, connection and TLS may take together"),
    scalar("webhooks", "answer_seconds", Kind::Number(10, 25), "15", "How long an attempt may take in all; one that took 30 counts as lost"),
    scalar("webhooks", "endpoints_max", Kind::Number(1, 1_000), "16", "Endpoints of one merchant in one mode"),
    scalar("oidc", "issuer", Kind::Url, "", "The identity provider that lets people in; passwords alone when empty"),
    scalar("oidc", "client_id", Kind::Text, "", "Who we are to the identity provider"),
    scalar("uploads", "pages_max", Kind::Number(1, 2_000), "50", "Pages of one file"),
    scalar("uploads", "memory_bytes_max", Kind::Number(64 * MIB, 4096 * MIB), "536870912", "Address space of the process that reads an upload"),
    scalar("uploads", "seconds_max", Kind::Number(1, 120), "10", "How long that process may take"),
    scalar("uploads", "quota_bytes", Kind::Number(MIB, 1024 * 1024 * MIB), "10737418240", "Bytes of files kept of one merchant"),
    scalar("observability", "log", Kind::Text, "info", "Which log lines are written, such as `info` or `docket=debug`; `DOCKET_LOG` is the older name in the environment"),
    scalar("observability", "log_format", Kind::Word(&["json", "text"]), "json", "The form of log lines on standard error"),
    scalar("observability", "metrics_listen", Kind::Address, "", "Where `GET /metrics` is answered, for Prometheus; nowhere when empty, and never where the API is"),
    scalar("observability", "otlp_endpoint", Kind::Url, "", "The collector that is told spans, by OTLP over HTTP: `http://127.0.0.1:4318` sends to `/v1/traces` below it; none when empty"),
    scalar("worker", "lease_seconds", Kind::Number(2, 600), "15", "How long a process that works for a shared database keeps that right without renewing it; another takes over after"),
    scalar("worker", "drain_seconds", Kind::Number(1, 600), "10", "How long requests under way may take to end once the process is told to stop"),
    scalar("worker", "disk_bytes_min", Kind::Number(0, 1024 * 1024 * MIB), "268435456", "Free bytes beside the desk below which it is not ready"),
];

const fn scalar(
    section: &'static str,
    key: &'static str,
    kind: Kind,
    default: &'static str,
    meaning: &'static str,
) -> Scalar {
    Scalar {
        section,
        key,
        kind,
        default,
        meaning,
    }
}

impl Scalar {
    /// The variable that overrides it: `DOCKET_<SECTION>_<KEY>`.
    pub fn variable(&self) -> String {
        let key = self.key.to_uppercase();
        match self.section {
            "" => format!("DOCKET_{key}"),
            section => format!("DOCKET_{}_{key}", section.to_uppercase()),
        }
    }

    /// The key's path in the file.
    pub fn path(&self) -> String {
        match self.section {
            "" => self.key.to_owned(),
            section => format!("{section}.{}", self.key),
        }
    }

    fn parse(&self, text: &str) -> Value {
        let number = || text.parse().map(Value::Integer).ok();
        let read = match self.kind {
            Kind::Number(..) => number(),
            Kind::Flag => text.parse().map(Value::Boolean).ok(),
            _ => None,
        };
        read.unwrap_or_else(|| Value::String(text.to_owned()))
    }

    /// What is wrong with this value.
    fn trouble(&self, value: &Value) -> Option<String> {
        let expected = match (self.kind, value) {
            (Kind::Number(from, to), Value::Integer(number)) => {
                if (from..=to).contains(number) {
                    return None;
                }
                format!("a number from {from} to {to}")
            }
            (Kind::Number(from, to), _) => format!("a number from {from} to {to}"),
            (Kind::Flag, Value::Boolean(_)) => return None,
            (Kind::Flag, _) => String::from("true or false"),
            (kind, Value::String(text)) => text_trouble(kind, text)?,
            _ => String::from("text"),
        };
        Some(format!("expected {expected}, found {}", shown(value)))
    }
}

fn text_trouble(kind: Kind, text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some(String::from("text"));
    }
    let expected = |good: bool, what: &str| (!good).then(|| what.to_owned());
    match kind {
        Kind::Address => {
            let good = text.rsplit_once(':').is_some_and(|(host, port)| {
                !host.is_empty() && port.parse::<u16>().is_ok() && !host.contains('/')
            });
            expected(good, "an address such as 127.0.0.1:8787")
        }
        Kind::Url => {
            let rest = text
                .strip_prefix("https://")
                .or_else(|| text.strip_prefix("http://"));
            let good = rest.is_some_and(|rest| {
                !rest.is_empty()
                    && !rest.starts_with('/')
                    && !rest.contains(['@', '?', '#', ' ', '\t'])
            });
            expected(
                good,
                "an http:// or https:// URL without credentials and query",
            )
        }
        Kind::Word(words) => expected(words.contains(&text), &words.join(" or ")),
        Kind::Ports => expected(
            text.split_ascii_whitespace()
                .all(|port| port.parse::<u16>().is_ok_and(|port| port > 0)),
            "ports from 1 to 65535 with spaces between them",
        ),
        Kind::Text | Kind::Number(..) | Kind::Flag => None,
    }
}

/// A value in a message. Addresses and words are no secrets, and a secret put here by mistake is cut short.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.trim().is_empty() => String::from("a blank"),
        Value::String(text) if text.chars().count() <= 40 && !text.contains('@') => {
            format!("`{text}`")
        }
        Value::Integer(number) => number.to_string(),
        other => other.type_str().to_owned(),
    }
}

/// The value of every scalar, checked: whoever reads a key of the table finds it.
#[derive(Clone, Debug)]
pub struct Values(BTreeMap<(&'static str, &'static str), Value>);

impl Values {
    /// Takes the environment's value first, then the file's, then the default. Mistakes are added to the list, and the
    /// default stands in for them.
    pub(super) fn read(
        file: &Table,
        environment: &BTreeMap<String, String>,
        mistakes: &mut Vec<Mistake>,
    ) -> Values {
        let mut values = BTreeMap::new();
        for scalar in SCALARS {
            let own = match scalar.section {
                "" => file.get(scalar.key),
                section => file.get(section).and_then(|table| table.get(scalar.key)),
            };
            let variable = scalar.variable();
            let told = environment.get(&variable);
            let (at, value) = match (told, own) {
                (Some(text), _) => (variable, scalar.parse(text)),
                (None, Some(value)) => (scalar.path(), value.clone()),
                (None, None) => {
                    values.insert((scalar.section, scalar.key), scalar.parse(scalar.default));
                    continue;
                }
            };
            let kept = match scalar.trouble(&value) {
                None => value,
                Some(what) => {
                    mistakes.push(Mistake { at, what });
                    scalar.parse(scalar.default)
                }
            };
            values.insert((scalar.section, scalar.key), kept);
        }
        Values(values)
    }

    fn value(&self, section: &'static str, key: &'static str) -> &Value {
        let found = self.0.get(&(section, key));
        found.expect("only keys of the table are asked for, which a test holds")
    }

    pub(super) fn number(&self, section: &'static str, key: &'static str) -> u64 {
        let number = self.value(section, key).as_integer();
        number
            .and_then(|number| u64::try_from(number).ok())
            .expect("the table bounds numbers from below by 0")
    }

    pub(super) fn flag(&self, section: &'static str, key: &'static str) -> bool {
        self.value(section, key)
            .as_bool()
            .expect("the value was checked to be a flag")
    }

    pub(super) fn text(&self, section: &'static str, key: &'static str) -> String {
        let text = self.value(section, key).as_str();
        text.expect("the value was checked to be text").to_owned()
    }

    pub(super) fn ports(&self, section: &'static str, key: &'static str) -> BTreeSet<u16> {
        let text = self.text(section, key);
        let ports = text.split_ascii_whitespace().map(str::parse);
        let ports: Result<_, _> = ports.collect();
        ports.expect("the value was checked to be ports")
    }

    pub(super) fn text_or_none(&self, section: &'static str, key: &'static str) -> Option<String> {
        Some(self.text(section, key)).filter(|text| !text.is_empty())
    }
}

/// Variables that begin like a section's and name no setting: most likely one that is spelled wrongly.
pub(super) fn strangers(environment: &BTreeMap<String, String>) -> Vec<Mistake> {
    let sections = SCALARS.iter().map(|scalar| scalar.section);
    let prefixes: Vec<String> = sections
        .filter(|section| !section.is_empty())
        .map(|section| format!("DOCKET_{}_", section.to_uppercase()))
        .collect();
    let known = |name: &str| SCALARS.iter().any(|scalar| scalar.variable() == name);
    environment
        .keys()
        .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)) && !known(name))
        .map(|name| Mistake {
            at: name.clone(),
            what: String::from(
                "no setting has this variable; docs/reference/settings.md lists all",
            ),
        })
        .collect()
}

/// The table of the reference page.
pub fn table() -> String {
    let mut text =
        String::from("| key | variable | value | default | meaning |\n|---|---|---|---|---|\n");
    for scalar in SCALARS {
        let value = match scalar.kind {
            Kind::Number(from, to) => format!("{from} to {to}"),
            Kind::Flag => String::from("`true`, `false`"),
            Kind::Text => String::from("text"),
            Kind::Address => String::from("`host:port`"),
            Kind::Url => String::from("URL"),
            Kind::Ports => String::from("ports"),
            Kind::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                words.join(", ")
            }
        };
        let default = match scalar.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        writeln!(
            text,
            "| `{}` | `{}` | {value} | {default} | {} |",
            scalar.path(),
            scalar.variable(),
            scalar.meaning
        )
        .expect("text takes any writing");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        let mut seen = BTreeSet::new();
        for scalar in SCALARS {
            assert!(seen.insert(scalar.path()), "{} twice", scalar.path());
            if !scalar.default.is_empty() {
                let value = scalar.parse(scalar.default);
                assert_eq!(scalar.trouble(&value), None, "{}", scalar.path());
            }
            if let Kind::Number(from, _) = scalar.kind {
                assert!(from >= 0 && !scalar.default.is_empty(), "{}", scalar.path());
            }
        }
        assert_eq!(usize::try_from(DOCUMENT), Ok(store::DOCUMENT_BYTES_MAX));
    }
}
