//! Cut, flipped and replaced bytes: nothing panics, and every byte stays accounted for.

use crate::fixture::Fixture;
use crate::whole;
use adapter::{Adapter, Secret};

/// Bytes decoded per fixture and kind of damage: it bounds the time, so long documents are damaged at fewer places.
const WORK: usize = 3_000_000;

/// What stands in place of a byte: structure of JSON, CSV and fixed width, digits, and bytes that are not UTF-8.
const REPLACEMENTS: [u8; 7] = [0x00, 0xff, b'"', b'9', b'}', b',', b'\n'];

/// Names what was being decoded if it panics.
struct Doing<'a> {
    name: &'a str,
    how: String,
}

impl Drop for Doing<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("while decoding {} {}", self.name, self.how);
        }
    }
}

/// Damages one fixture in every way.
pub fn check(adapter: &dyn Adapter, fixture: &Fixture) {
    let name = fixture.name();
    let length = fixture.body.len();
    let stride = |ways: usize| (length * length * ways).div_ceil(WORK).max(1);
    for until in (0..length).step_by(stride(1)) {
        let doing = Doing {
            name: &name,
            how: format!("cut at {until}"),
        };
        one(adapter, fixture, &fixture.body[..until], &doing);
    }
    let mut body = fixture.body.clone();
    for at in (0..length).step_by(stride(REPLACEMENTS.len() + 2)) {
        let kept = body[at];
        let flips = [kept ^ 1, kept ^ 0x20];
        for byte in REPLACEMENTS.into_iter().chain(flips) {
            body[at] = byte;
            let doing = Doing {
                name: &name,
                how: format!("with {byte:#04x} at {at}"),
            };
            one(adapter, fixture, &body, &doing);
        }
        body[at] = kept;
    }
    for at in (0..length).step_by(stride(1)) {
        let (before, after) = fixture.body.split_at(at);
        let doing = Doing {
            name: &name,
            how: format!("with a byte missing at {at}"),
        };
        one(
            adapter,
            fixture,
            &[before, after.get(1..).unwrap_or_default()].concat(),
            &doing,
        );
    }
}

fn one(adapter: &dyn Adapter, fixture: &Fixture, body: &[u8], doing: &Doing<'_>) {
    let inbound = fixture.inbound_with(body);
    let decoded = adapter.decode(&inbound);
    whole::check(
        adapter,
        &decoded,
        body.len(),
        &format!("{} {}", doing.name, doing.how),
    );
    adapter.account(&inbound);
    let secret = Secret {
        label: "one".to_owned(),
        value: b"not-the-secret".to_vec(),
    };
    let verdict = adapter.verify(&inbound, &[secret], fixture.now);
    let signed = adapter.capabilities().signature != "none";
    assert!(
        !matches!(verdict, adapter::Verdict::Valid { .. }),
        "{}: a foreign secret matches (signed: {signed})",
        doing.name
    );
}
