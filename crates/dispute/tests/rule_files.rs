//! What happens to the build when a rule file is wrong: it stops, and says where and what was expected.
//!
//! The build script itself is taken in here and run over copies of the rule files with one thing changed.

#![allow(clippy::unwrap_used, reason = "a test stops where its own files do")]

extern crate alloc;

#[path = "../build/compile.rs"]
mod compile;
#[path = "../build/evidence.rs"]
mod evidence;
#[path = "../build/lifecycle.rs"]
mod lifecycle;
#[path = "../build/limit.rs"]
mod limit;
#[path = "../build/money.rs"]
mod money;
#[path = "../src/network.rs"]
#[allow(
    dead_code,
    reason = "the room's own vocabulary, of which the build uses parts"
)]
mod network;
#[path = "../src/reason.rs"]
#[allow(
    dead_code,
    reason = "the room's own vocabulary, of which the build uses parts"
)]
mod reason;
#[path = "../build/reason.rs"]
mod reason_code;
#[path = "../build/row.rs"]
mod row;
#[path = "../src/status.rs"]
#[allow(
    dead_code,
    reason = "the room's own vocabulary, of which the build uses parts"
)]
mod status;
#[path = "../build/write.rs"]
mod write;

use std::path::{Path, PathBuf};

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

/// A copy of the rule files in which the first `old` of one file became `new`.
fn changed(case: &str, file: &str, old: &str, new: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(case);
    for part in ["", "lifecycles", "reason_codes"] {
        std::fs::create_dir_all(copy.join(part)).unwrap();
        for entry in std::fs::read_dir(rules().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap();
                std::fs::copy(&path, copy.join(part).join(name)).unwrap();
            }
        }
    }
    let text = std::fs::read_to_string(copy.join(file)).unwrap();
    assert!(text.contains(old), "{file} no longer has {old:?}");
    std::fs::write(copy.join(file), text.replacen(old, new, 1)).unwrap();
    copy
}

#[track_caller]
fn check(case: &str, file: &str, old: &str, new: &str, want: &str) {
    let found = compile::compile(&changed(case, file, old, new));
    assert_eq!(found.err().as_deref(), Some(want));
}

#[test]
fn the_rule_files_map() {
    let tables = compile::compile(&rules()).unwrap();
    assert!(tables.contains("static VISA_ALLOCATION"));
}

#[test]
fn a_change_of_any_rule_file_is_a_new_version() {
    let version = |tables: &str| {
        let line = tables.lines().find(|line| line.contains("VERSION"));
        String::from(line.unwrap())
    };
    let before = version(&compile::compile(&rules()).unwrap());
    let copy = changed("version", "fees.json", "1500", "1600");
    assert_ne!(version(&compile::compile(&copy).unwrap()), before);
}

#[test]
fn a_unit_without_a_calendar_stops_the_build() {
    check(
        "unit",
        "lifecycles/amex.json",
        "calendar_day",
        "complete_billing_cycle",
        "lifecycles/amex.json transitions 0 deadline: the unit `complete_billing_cycle` has no calendar unit",
    );
}

#[test]
fn a_state_without_a_stage_stops_the_build() {
    check(
        "state",
        "lifecycles/discover.json",
        "\"id\": \"closed\"",
        "\"id\": \"shut\"",
        "lifecycles/discover.json shut: states.csv does not map this state",
    );
    check(
        "stage",
        "states.csv",
        "visa_allocation,dispute,chargeback,",
        "visa_allocation,dispute,charge-back,",
        "states.csv line 3: `charge-back` is not a stage",
    );
    check(
        "spare-state",
        "states.csv",
        "visa_allocation,dispute,",
        "visa_allocation,dispute,chargeback,ours,s,high\nvisa_allocation,quarrel,",
        "states.csv line 4: visa_allocation has no state `quarrel`",
    );
    check(
        "step",
        "lifecycles/amex.json",
        "\"to\": \"won\"",
        "\"to\": \"one\"",
        "lifecycles/amex.json transitions 9: `one` is not a state of amex",
    );
}

#[test]
fn an_entry_without_a_source_stops_the_build() {
    check(
        "source",
        "money_rules.json",
        "\"source\": [",
        "\"source\": [], \"sauce\": [",
        "money_rules.json fx.amount_differs: has no source",
    );
    check(
        "source-in-table",
        "actors.csv",
        "acquirer,ours,ours: the role in lifecycles/*.json seen from the merchant's side,",
        "acquirer,ours,,",
        "actors.csv line 2: `source` is empty",
    );
    check(
        "confidence",
        "machines.csv",
        ",low",
        ",fair",
        "machines.csv line 7: confidence `fair`, expected high, medium or low",
    );
    check(
        "unread",
        "evidence_catalog.json",
        "\"seen\": \"partly\",\n   \"confidence\": \"medium\"",
        "\"seen\": false,\n   \"confidence\": \"high\"",
        "evidence_catalog.json rebuttal_letter: is of high confidence though nobody read a source for it",
    );
}

#[test]
fn a_word_that_no_table_maps_stops_the_build() {
    check(
        "reason",
        "reason_codes/visa.json",
        "\"platform_reason\": \"fraudulent\"",
        "\"platform_reason\": \"forged\"",
        "reason_codes/visa.json 10.1: reasons.csv does not map the reason `forged`",
    );
    check(
        "flow",
        "reason_codes/visa.json",
        "\"flow\": \"visa_allocation\"",
        "\"flow\": \"visa_claims\"",
        "reason_codes/visa.json 10.1: the flow `visa_claims` has no life cycle",
    );
    check(
        "slot",
        "reason_codes/visa.json",
        "\"emv_chip_data\"",
        "\"chip\"",
        "reason_codes/visa.json 10.1: the catalogue has no slot `chip`",
    );
    check(
        "actor",
        "lifecycles/amex.json",
        "\"actor\": \"merchant\"",
        "\"actor\": \"shop\"",
        "lifecycles/amex.json transitions 0: actors.csv does not say whose side `shop` is on",
    );
    check(
        "needs-code",
        "needs.csv",
        "amex,FR2,",
        "amex,FR9,",
        "needs.csv line 21: amex has no code `FR9`",
    );
}

#[test]
fn a_field_that_nobody_reads_stops_the_build() {
    check(
        "field",
        "fees.json",
        "\"line\": \"arbitration\"",
        "\"line\": \"arbitration\", \"cap\": 3",
        "fees.json visa.arbitration.before: the build has no place for the field `cap`",
    );
}

#[test]
fn a_date_that_does_not_exist_stops_the_build() {
    check(
        "date",
        "money_rules.json",
        "2026-04-18",
        "2026-04-31",
        "money_rules.json amount.minimum: no such day: year 2026 month 4 day 31",
    );
}

#[test]
fn two_codes_that_read_alike_stop_the_build() {
    check(
        "twice",
        "reason_codes/visa.json",
        "\"code\": \"10.2\"",
        "\"code\": \"101\"",
        "reason_codes/visa.json 101: visa already has a code that reads like `101`",
    );
}
