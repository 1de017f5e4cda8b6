//! One of each thing that a registry keeps, by number.

use crate::world::{account, at};
use dispute::id::{DocumentId, FamilyId};
use store::{ApiKey, Delivery, Endpoint, Event, FileRow, Leaf, Merchant, Once, Owned, Person};

pub fn leaf(text: &str) -> Leaf {
    Leaf(text.to_owned())
}

/// An id of this kind, the same for the same number.
pub fn id(kind: &str, number: u32) -> String {
    format!("{kind}_{number:026}")
}

pub fn merchant(number: u32) -> Merchant {
    Merchant {
        id: id("mer", number),
        name: format!("Merchant {number}"),
        created_at: at(0),
    }
}

pub fn owned(name: &str, number: u32, live: bool) -> Owned {
    Owned {
        scope: account(name),
        merchant: id("mer", number),
        live,
    }
}

pub fn person(number: u32) -> Person {
    Person {
        id: id("per", number),
        email: format!("person{number}@example.com"),
        name: format!("Person {number}"),
        password: Some("$argon2id$...".into()),
        totp: Some(b"totp secret".to_vec()),
        totp_step: None,
        recovery: vec!["h1".into(), "h2".into()],
        subject: Some(("https://id.example.com".into(), number.to_string())),
        created_at: at(0),
        disabled_at: None,
        roles_changed_at: None,
        signed_out_at: None,
    }
}

pub fn key(number: u32, merchant: Option<&str>, live: bool) -> ApiKey {
    ApiKey {
        id: id("key", number),
        hash: format!("hash {number}"),
        shown: "dk_live_sk_...abcd".into(),
        label: "Shop".into(),
        live,
        merchant: merchant.map(str::to_owned),
        grants: "role:analyst".into(),
        addresses: String::new(),
        created_by: id("per", 1),
        created_at: at(i64::from(number)),
        expires_at: Some(at(900)),
        last_used_at: None,
        revoked_at: None,
    }
}

pub fn endpoint(number: u32, merchant: Option<&str>, live: bool) -> Endpoint {
    Endpoint {
        id: id("we", number),
        merchant: merchant.map(str::to_owned),
        live,
        url: "https://shop.example.com/hook".into(),
        events: vec!["charge.dispute.*".into(), "docket.*".into()],
        description: "Shop".into(),
        metadata: "{}".into(),
        api_version: "2026-01-01".into(),
        secrets: vec![
            ("whsec_new".into(), None),
            ("whsec_old".into(), Some(at(60))),
        ],
        health: "well".into(),
        created_at: at(0),
        deleted_at: None,
    }
}

pub fn event(number: u32, name: &str, n: u32, version: u32) -> Event {
    let scope = account(name);
    let case = dispute::id::CaseId::of(&["acme", name, &format!("du_{n}")]);
    Event {
        id: id("evt", number),
        sequence: u64::from(number),
        kind: "charge.dispute.updated".into(),
        case,
        scope,
        version,
        document: DocumentId::of(&["x"]),
        known_before: 0,
        known_until: u64::from(number),
        at: at(i64::from(number)),
        family: FamilyId::of(&["f"]),
    }
}

pub fn delivery(endpoint: u32, event: u32) -> Delivery {
    Delivery {
        endpoint: id("we", endpoint),
        event: id("evt", event),
        state: "due".into(),
        attempts: 0,
        due_at: at(i64::from(event)),
        settled_at: None,
        why: None,
    }
}

pub fn file(number: u32, merchant: Option<&str>, live: bool) -> FileRow {
    FileRow {
        id: id("file", number),
        merchant: merchant.map(str::to_owned),
        live,
        purpose: "dispute_evidence".into(),
        name: "receipt.pdf".into(),
        media_type: "application/pdf".into(),
        bytes: 100,
        pages: Some(2),
        digest: format!("digest {number}"),
        created_at: at(i64::from(number / 2)),
        expires_at: None,
    }
}

pub fn once(key: &str) -> Once {
    Once {
        tenant: format!("{}/live", id("mer", 1)),
        key: key.to_owned(),
        fingerprint: "f".into(),
        at: at(0),
        about: "dp".into(),
        answer: None,
    }
}
