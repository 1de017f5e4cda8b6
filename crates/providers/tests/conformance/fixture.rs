//! Documents on disk: a body and, beside it, the headers and the way it came.

use adapter::{Channel, Inbound, Secret};
use calendar::Instant;
use std::fs;
use std::path::PathBuf;

/// One document.
pub struct Fixture {
    pub provider: String,
    pub case: String,
    pub channel: Channel,
    pub account: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub received_at: Instant,
    /// With at least one secret the golden shows the verdict of the signature.
    pub secrets: Vec<Secret>,
    pub now: Instant,
}

/// When fixtures arrive unless they say otherwise.
const RECEIVED_AT: &str = "2026-03-02T12:00:00Z";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn names(path: &PathBuf) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The folders of fixtures.
pub fn folders() -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let paths = names(&root());
    paths
        .iter()
        .filter(|path| path.is_dir())
        .map(name)
        .collect()
}

/// Every file of a provider.
pub fn files(provider: &str) -> Vec<PathBuf> {
    names(&root().join(provider))
}

/// Every document of a provider, by case.
pub fn documents(provider: &str) -> Vec<Fixture> {
    let mut found = Vec::new();
    for path in files(provider) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((case, extension)) = name.split_once(".in.") else {
            continue;
        };
        if extension == "headers" {
            continue;
        }
        let mut fixture = Fixture::plain(provider, case, extension);
        fixture.body = fs::read(&path).unwrap();
        let beside = path.with_file_name(format!("{case}.in.headers"));
        if let Ok(text) = fs::read_to_string(&beside) {
            text.lines().for_each(|line| fixture.header(line));
        }
        found.push(fixture);
    }
    assert!(!found.is_empty(), "fixtures/{provider} has no `*.in.*`");
    found
}

impl Fixture {
    fn plain(provider: &str, case: &str, extension: &str) -> Fixture {
        let received_at = Instant::parse(RECEIVED_AT).unwrap();
        let channel = match extension {
            _ if case.contains("api-") => Channel::Api,
            "json" | "form" | "xml" => Channel::Webhook,
            _ => Channel::File,
        };
        Fixture {
            provider: provider.to_owned(),
            case: case.to_owned(),
            channel,
            account: "account-1".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            received_at,
            secrets: Vec::new(),
            now: received_at,
        }
    }

    /// Takes one line of the `.in.headers` file.
    fn header(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        let (name, value) = match line.strip_prefix(':') {
            Some(pseudo) => pseudo.split_once(':').expect("`:name: value`"),
            None => line.split_once(':').expect("`Name: value`"),
        };
        let value = value.trim();
        if !line.starts_with(':') {
            self.headers.push((name.to_owned(), value.to_owned()));
            return;
        }
        match name {
            "channel" => self.channel = Channel::parse(value).expect("webhook, file or api"),
            "account" => self.account = value.to_owned(),
            "received-at" => self.received_at = Instant::parse(value).unwrap(),
            "now" => self.now = Instant::parse(value).unwrap(),
            other => {
                let label = other
                    .strip_prefix("secret ")
                    .expect("a pseudo-header of README.md");
                self.secrets.push(Secret {
                    label: label.to_owned(),
                    value: value.as_bytes().to_vec(),
                });
            }
        }
    }

    pub fn name(&self) -> String {
        format!("{}/{}", self.provider, self.case)
    }

    pub fn golden_path(&self) -> PathBuf {
        root()
            .join(&self.provider)
            .join(format!("{}.out.txt", self.case))
    }

    pub fn inbound(&self) -> Inbound<'_> {
        self.inbound_with(&self.body)
    }

    /// The same arrival with other bytes.
    pub fn inbound_with<'a>(&'a self, body: &'a [u8]) -> Inbound<'a> {
        Inbound {
            channel: self.channel,
            account: &self.account,
            headers: &self.headers,
            body,
            received_at: self.received_at,
        }
    }
}
