//! Versions of the interface: objects are rendered in the newest shape, and taken back, change by change, to the one that
//! was asked for.

use crate::Error;
use serde_json::{Map, Value, json};
use std::fmt;

/// One supported version; they sort by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(&'static str);

/// One change of the interface: what the version that brought it did not have before.
struct Change {
    /// The version that brought it.
    since: &'static str,
    what: &'static str,
    /// Takes it out of a dispute.
    undo: fn(&mut Map<String, Value>),
}

/// Newest first. Additions between two versions came with the version that the SDK of their release pinned.
/// Source: CHANGELOG.md of Stripe's Node SDK, releases 17.3.0 to 23.1.0.
const CHANGES: &[Change] = &[
    Change {
        since: "2026-10-28.endive",
        what: "`intended_submission_method`, `evidence.appeal` and `evidence_details.submission_method`",
        undo: |dispute| {
            dispute.remove("intended_submission_method");
            remove(dispute, &["evidence", "appeal"]);
            remove(dispute, &["evidence_details", "submission_method"]);
        },
    },
    Change {
        since: "2026-07-29.dahlia",
        what: "`payment_method_details.card.network`",
        undo: |dispute| remove(dispute, &["payment_method_details", "card", "network"]),
    },
    Change {
        since: "2026-06-24.dahlia",
        what: "`mastercard_compliance` among the enhanced evidence",
        undo: |dispute| enhanced(dispute, "mastercard_compliance"),
    },
    Change {
        since: "2025-09-30.clover",
        what: "status `prevented`; it was `lost` before, with case type `resolution` or `block`",
        undo: |dispute| reworded(dispute, &["status"], &["prevented"], "lost"),
    },
    Change {
        since: "2025-08-27.basil",
        what: "case types `block` and `resolution`; they were `chargeback` before",
        undo: |dispute| reworded(dispute, CASE_TYPE, &["block", "resolution"], "chargeback"),
    },
    Change {
        since: "2025-06-30.basil",
        what: "case type `compliance`; it was `chargeback` before",
        undo: |dispute| reworded(dispute, CASE_TYPE, &["compliance"], "chargeback"),
    },
    Change {
        since: "2024-12-18.acacia",
        what: "`visa_compliance` among the enhanced evidence",
        undo: |dispute| enhanced(dispute, "visa_compliance"),
    },
    Change {
        since: "2024-10-28.acacia",
        what: "enhanced evidence: `enhanced_eligibility_types`, `evidence.enhanced_evidence` and \
               `evidence_details.enhanced_eligibility`",
        undo: |dispute| {
            dispute.remove("enhanced_eligibility_types");
            remove(dispute, &["evidence", "enhanced_evidence"]);
            remove(dispute, &["evidence_details", "enhanced_eligibility"]);
        },
    },
];

const CASE_TYPE: &[&str] = &["payment_method_details", "card", "case_type"];

/// Every version, oldest first.
pub fn supported() -> impl Iterator<Item = Version> {
    include_str!("versions.csv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(Version)
}

impl Version {
    /// What is answered to keys that pin nothing and requests that say nothing.
    pub fn oldest() -> Version {
        supported().min().expect("versions.csv is not empty")
    }

    pub fn newest() -> Version {
        supported().max().expect("versions.csv is not empty")
    }

    /// The version that a header or a key names.
    pub fn parse(text: &str) -> Result<Version, Error> {
        let found = supported().find(|version| version.0 == text);
        found.ok_or_else(|| {
            let shown: String = text.chars().take(40).collect();
            Error::invalid(format!("Invalid Stripe API version: {shown}"))
        })
    }

    pub fn name(self) -> &'static str {
        self.0
    }

    /// A dispute in this version's shape, from the newest.
    pub fn dispute(self, mut dispute: Value) -> Value {
        if let Some(fields) = dispute.as_object_mut() {
            for change in CHANGES.iter().filter(|change| self.0 < change.since) {
                (change.undo)(fields);
            }
        }
        dispute
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The changes as the reference lists them: since when, and what.
pub fn changes() -> impl Iterator<Item = (&'static str, &'static str)> {
    CHANGES.iter().map(|change| (change.since, change.what))
}

fn at<'a>(fields: &'a mut Map<String, Value>, path: &[&str]) -> Option<&'a mut Map<String, Value>> {
    path.iter().try_fold(fields, |fields, name| {
        fields.get_mut(*name)?.as_object_mut()
    })
}

fn remove(fields: &mut Map<String, Value>, path: &[&str]) {
    let Some((last, before)) = path.split_last() else {
        return;
    };
    if let Some(inner) = at(fields, before) {
        inner.remove(*last);
    }
}

fn reworded(fields: &mut Map<String, Value>, path: &[&str], words: &[&str], before: &str) {
    let Some((last, above)) = path.split_last() else {
        return;
    };
    if let Some(value) = at(fields, above).and_then(|inner| inner.get_mut(*last))
        && value.as_str().is_some_and(|word| words.contains(&word))
    {
        *value = json!(before);
    }
}

fn enhanced(fields: &mut Map<String, Value>, program: &str) {
    if let Some(types) = fields
        .get_mut("enhanced_eligibility_types")
        .and_then(Value::as_array_mut)
    {
        types.retain(|word| word != program);
    }
    remove(fields, &["evidence", "enhanced_evidence", program]);
    remove(
        fields,
        &["evidence_details", "enhanced_eligibility", program],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_in_order_and_changes_name_them() {
        let all: Vec<Version> = supported().collect();
        assert!(all.is_sorted());
        for change in CHANGES {
            assert!(Version::parse(change.since).is_ok(), "{}", change.since);
        }
        assert!(CHANGES.iter().map(|change| change.since).rev().is_sorted());
        assert_eq!(
            Version::parse("2031-01-01").unwrap_err().message,
            "Invalid Stripe API version: 2031-01-01"
        );
    }

    #[track_caller]
    fn check(version: &str, pointer: &str, want: Option<Value>) {
        let newest = json!({
            "status": "prevented",
            "enhanced_eligibility_types": ["visa_compliance", "mastercard_compliance"],
            "intended_submission_method": "manual",
            "evidence": { "enhanced_evidence": { "visa_compliance": {} }, "appeal": null },
            "evidence_details": { "submission_method": "manual", "enhanced_eligibility": {} },
            "payment_method_details": { "card": { "network": "visa", "case_type": "resolution" } },
        });
        let got = Version::parse(version).unwrap().dispute(newest);
        assert_eq!(got.pointer(pointer).cloned(), want, "{version} {pointer}");
    }

    #[test]
    fn each_version_has_what_it_had() {
        check(
            "2026-10-28.endive",
            "/intended_submission_method",
            Some(json!("manual")),
        );
        check("2026-07-29.dahlia", "/intended_submission_method", None);
        check(
            "2026-07-29.dahlia",
            "/evidence_details/submission_method",
            None,
        );
        check(
            "2026-07-29.dahlia",
            "/payment_method_details/card/network",
            Some(json!("visa")),
        );
        check(
            "2026-06-24.dahlia",
            "/payment_method_details/card/network",
            None,
        );
        check(
            "2026-05-27.dahlia",
            "/enhanced_eligibility_types",
            Some(json!(["visa_compliance"])),
        );
        check("2025-09-30.clover", "/status", Some(json!("prevented")));
        check("2025-08-27.basil", "/status", Some(json!("lost")));
        check(
            "2025-08-27.basil",
            "/payment_method_details/card/case_type",
            Some(json!("resolution")),
        );
        check(
            "2025-07-30.basil",
            "/payment_method_details/card/case_type",
            Some(json!("chargeback")),
        );
        check(
            "2024-11-20.acacia",
            "/evidence/enhanced_evidence",
            Some(json!({})),
        );
        check("2024-06-20", "/evidence/enhanced_evidence", None);
        check("2024-06-20", "/enhanced_eligibility_types", None);
    }
}
