//! A desk with endpoints, and documents to tell of.
#![allow(dead_code, reason = "each test file uses its part")]

use adapter::Channel;
use app::ingest::{Brought, WayIn};
use app::publish::{Published, Wording};
use app::{Desk, Error, Opening, Place};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::status::Stage;
use engine::intake::{Arrival, Trust};
use store::{Endpoint, Event, Leaf, Merchant, Owned, Registry};

pub fn at(seconds: i64) -> Instant {
    Instant::parse("2026-03-02T09:05:00Z")
        .unwrap()
        .plus_seconds(seconds)
}

/// One of the synthetic documents of `docs/start`, about the dispute of this number.
pub fn document(name: &str, number: &str) -> String {
    let path = format!(
        "{}/../../docs/start/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).unwrap();
    text.replace("sample_1\"", &format!("sample_{number}\""))
        .replace("evt_sample_", &format!("evt_{number}_"))
}

pub fn id(number: u32) -> String {
    format!("we_{number:026}")
}

pub fn endpoint(number: u32, merchant: Option<&str>, live: bool, pattern: &str) -> Endpoint {
    Endpoint {
        id: id(number),
        merchant: merchant.map(str::to_owned),
        live,
        url: format!("https://shop{number}.example.com/hook"),
        events: vec![pattern.to_owned()],
        description: String::new(),
        metadata: String::from("{}"),
        api_version: String::from("2024-06-20"),
        secrets: vec![(String::from(SECRET), None)],
        health: String::from("enabled"),
        created_at: at(0),
        deleted_at: None,
    }
}

/// `whsec_` and 32 bytes of 1: a secret that nobody uses.
pub const SECRET: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// Words of a face that these tests make up.
pub struct Plain;

impl Wording for Plain {
    fn kind(&self, name: &str, _stage: Option<Stage>) -> String {
        format!("desk.{}", name.replace('-', "_"))
    }

    fn types(&self) -> Vec<String> {
        vec![self.kind("opened", None), self.kind("withdrawn", None)]
    }

    fn body(&self, desk: &mut Desk, event: &Event, endpoint: &Endpoint) -> Result<Vec<u8>, Error> {
        let (before, after) = desk.engine.case_at(event)?;
        let text = format!(
            r#"{{"id":"{}","object":"event","type":"{}","version":{},"case":"{}","api_version":"{}","known":[{},{}]}}"#,
            event.id,
            self.kind(&event.kind, None),
            event.version,
            event.case,
            endpoint.api_version,
            before.is_some(),
            after.is_some(),
        );
        Ok(text.into_bytes())
    }
}

/// A desk in a folder of its own.
pub struct Kept {
    pub folder: std::sync::Arc<tempfile::TempDir>,
    pub desk: Desk,
}

impl Kept {
    pub fn new() -> Kept {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk::open(&Place::Folder(folder.path().to_owned()), Opening::OrNew).unwrap();
        Kept {
            folder: std::sync::Arc::new(folder),
            desk,
        }
    }

    /// Another process on the same desk.
    pub fn again(&self) -> Kept {
        let place = Place::Folder(self.folder.path().to_owned());
        Kept {
            folder: std::sync::Arc::clone(&self.folder),
            desk: Desk::open(&place, Opening::Existing).unwrap(),
        }
    }

    /// A desk that is the same to the byte.
    pub fn copy(&self) -> Kept {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), folder.path());
        let desk = Desk::open(&Place::Folder(folder.path().to_owned()), Opening::Existing);
        Kept {
            folder: std::sync::Arc::new(folder),
            desk: desk.unwrap(),
        }
    }

    /// As [`Kept::bring`], without an account of every document.
    pub fn keep(&mut self, documents: &[String]) {
        let arrival = |text: &String| Arrival {
            channel: Channel::File,
            ..webhook(text)
        };
        for documents in documents.chunks(500) {
            let arrivals: Vec<Arrival> = documents.iter().map(arrival).collect();
            let kept = self.desk.engine.receive(&arrivals, &Trust::TrustedWay);
            assert_eq!(kept.unwrap().len(), documents.len());
        }
        self.desk.catch_up(at(0)).unwrap();
    }

    pub fn bring(&mut self, documents: &[String]) {
        let way = WayIn {
            provider: "stripe",
            account: "acct_1",
            channel: Channel::File,
        };
        let brought = documents.iter().map(|text| Brought {
            name: String::from("document"),
            content: Ok(text.clone().into_bytes()),
        });
        self.desk.ingest(&way, brought, at(0)).unwrap();
    }

    /// Brings a webhook that nothing proves, and returns its id.
    pub fn bring_unsigned(&mut self, text: &str) -> String {
        let kept = self
            .desk
            .engine
            .receive(&[webhook(text)], &Trust::Signed(&[]));
        self.desk.catch_up(at(0)).unwrap();
        kept.unwrap().remove(0).id.to_string()
    }

    pub fn listen(&mut self, endpoint: &Endpoint) {
        let leaf = Leaf(format!("endpoint {}", endpoint.id));
        let store = &mut self.desk.engine.store;
        if let Some(merchant) = &endpoint.merchant {
            let merchant = Merchant {
                id: merchant.clone(),
                name: String::from("Merchant"),
                created_at: at(0),
            };
            store.put_merchant(&merchant, &leaf).unwrap();
        }
        store.put_endpoint(endpoint, Some(&leaf)).unwrap();
    }

    pub fn own(&mut self, account: &str, merchant: &str, live: bool) {
        let owned = Owned {
            scope: Scope {
                provider: String::from("stripe"),
                account: account.to_owned(),
            },
            merchant: merchant.to_owned(),
            live,
        };
        let leaf = Leaf(format!("own {account}"));
        self.desk.engine.store.own(&owned, &leaf).unwrap();
    }

    pub fn publish(&mut self) -> Published {
        self.publish_as("one", at(0))
    }

    pub fn publish_as(&mut self, holder: &str, now: Instant) -> Published {
        self.desk.publish(&Plain, holder, now).unwrap()
    }
}

fn webhook(text: &str) -> Arrival {
    Arrival {
        provider: String::from("stripe"),
        account: String::from("acct_1"),
        channel: Channel::Webhook,
        name: String::from("/in/stripe/acct_1"),
        headers: Vec::new(),
        body: text.as_bytes().to_vec(),
        received_at: at(0),
    }
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
