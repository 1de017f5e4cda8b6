//! What the rule book says, with literal expectations. The sources are those of the entries themselves; comments say which.

mod code;
mod evidence;
mod lifecycle;
mod money;
mod reference_page;

use super::{
    Lifecycle, VERSION, all_fees, change_codes, evidence_limits, lifecycles, money_rules,
    reason_codes, services, slots,
};
use alloc::string::ToString;
use alloc::vec::Vec;
use calendar::Date;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn machine(name: &str) -> &'static Lifecycle {
    let found = lifecycles().iter().find(|machine| machine.machine == name);
    found.expect("a machine of the rule files")
}

#[test]
fn every_entry_has_a_source() {
    let mut grounds: Vec<(&str, &[&str])> = Vec::new();
    for machine in lifecycles() {
        grounds.extend(
            machine
                .transitions
                .iter()
                .map(|step| (step.id, step.sources)),
        );
        assert!(machine.states.iter().all(|state| !state.source.is_empty()));
    }
    grounds.extend(reason_codes().iter().map(|code| (code.code, code.sources)));
    grounds.extend(change_codes().iter().map(|code| (code.code, code.sources)));
    grounds.extend(slots().iter().map(|slot| (slot.id, slot.sources)));
    grounds.extend(all_fees().iter().map(|fee| (fee.id, fee.sources)));
    grounds.extend(
        services()
            .iter()
            .map(|service| (service.id, service.sources)),
    );
    grounds.extend(money_rules().iter().map(|rule| (rule.id, rule.sources)));
    grounds.extend(
        evidence_limits()
            .iter()
            .map(|limit| (limit.id, limit.sources)),
    );
    assert!(grounds.len() > 500, "the tables are read at all");
    for (id, sources) in grounds {
        assert!(!sources.is_empty(), "{id} has no source");
        assert!(
            sources.iter().all(|source| source.len() > 3),
            "{id}: {sources:?}"
        );
    }
}

#[test]
fn the_version_is_a_date_and_a_digest() {
    let (compiled, digest) = VERSION.split_once('+').unwrap();
    assert_eq!(Date::parse(compiled).unwrap().to_string(), compiled);
    assert_eq!(digest.len(), 12);
    assert!(digest.chars().all(|digit| digit.is_ascii_hexdigit()));
}
