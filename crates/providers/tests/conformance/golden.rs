//! Goldens: what a document decodes to, one line per record, fact and reject.

use crate::fixture::Fixture;
use adapter::{Adapter, Fate, Verdict};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Renders what the provider's code makes of a document.
pub fn render(adapter: &dyn Adapter, fixture: &Fixture) -> String {
    let mut out = String::new();
    if !fixture.secrets.is_empty() {
        let verdict = adapter.verify(&fixture.inbound(), &fixture.secrets, fixture.now);
        writeln!(out, "verdict {}", words(&verdict)).unwrap();
    }
    let decoded = adapter.decode(&fixture.inbound());
    writeln!(out, "form {}", decoded.form).unwrap();
    for record in &decoded.records {
        let fate = match &record.fate {
            Fate::Understood => "understood".to_owned(),
            Fate::Rejected => "rejected".to_owned(),
            Fate::Framing => "framing".to_owned(),
            Fate::OtherBusiness(what) => format!("other:{what}"),
        };
        writeln!(out, "record {} {fate}", record.span).unwrap();
    }
    for located in &decoded.facts {
        let line = dispute::text::render(&located.fact);
        writeln!(out, "fact {} {line}", located.span).unwrap();
    }
    for reject in &decoded.rejects {
        let (code, name) = (reject.code.code(), reject.code.name());
        writeln!(
            out,
            "reject {} {code} {name} {}",
            reject.span, reject.detail
        )
        .unwrap();
    }
    out
}

fn words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Valid { label } => format!("valid {label}"),
        Verdict::Missing(why) | Verdict::Wrong(why) => format!("{} {why}", verdict.name()),
        Verdict::Stale { seconds } => format!("stale {seconds}"),
        Verdict::Unsigned => "unsigned".to_owned(),
    }
}

/// Compares with the golden, or rewrites it under `BLESS=1`.
#[track_caller]
pub fn check(path: &Path, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        if fs::read_to_string(path).ok().as_deref() != Some(text) {
            fs::write(path, text).unwrap();
        }
        return;
    }
    let golden = fs::read_to_string(path).unwrap_or_default();
    let differs = golden
        .lines()
        .zip(text.lines())
        .position(|(old, new)| old != new);
    let line = differs.unwrap_or_else(|| golden.lines().count().min(text.lines().count()));
    let at = |whole: &str| whole.lines().nth(line).unwrap_or("<end>").to_owned();
    assert!(
        golden == text,
        "{}, line {}:\n  golden: {}\n  now:    {}\n(BLESS=1 rewrites goldens; read the difference)",
        path.display(),
        line + 1,
        at(&golden),
        at(text)
    );
}
