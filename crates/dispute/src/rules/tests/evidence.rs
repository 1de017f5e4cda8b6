//! What would win a case.

use crate::network::Network;
use crate::reason::Reason;
use crate::rules::{Need, evidence_limits, reason_codes, requirements, slots};
use crate::status::Stage;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use std::collections::BTreeSet;

/// Each line: network and code or `-`, reason, stage, and what is asked for; `=` and a kind is what that kind asks for.
const ASKED: &str = "\
visa 13.6 credit-not-processed chargeback: credit_issued_proof:recommended refund_policy_disclosed:recommended return_not_received:recommended customer_communication:recommended terms_acceptance:recommended withdrawal_letter:optional
amex FR2 fraudulent chargeback: credit_issued_proof:required
ach R10 debit-not-authorized return: mandate_authorization:required
# A legacy code goes by the kind of reason; where the reason tells nothing, by the code's own kind.
mastercard 4860 credit-not-processed chargeback: =credit-not-processed
mastercard 4860 unmapped:odd chargeback: =credit-not-processed
mastercard 4842 not-received chargeback: =not-received
- - paid-by-other-means inquiry: =paid-by-other-means
- - unmapped:odd chargeback: =general
jcb 10.4 fraudulent chargeback: =fraudulent
# Nobody asks for documents here.
visa 13.1 not-received fraud-report: nothing
ach C01 general notice-of-change: nothing
- - insufficient-funds return: nothing";

fn asked(network: &str, code: &str, reason: &str, stage: &str) -> String {
    let network = Some(network)
        .filter(|word| *word != "-")
        .map(Network::parse);
    let code = Some(code).filter(|word| *word != "-");
    let stage = Stage::parse(stage).unwrap();
    let found = requirements(network.as_ref(), code, &Reason::parse(reason), stage);
    if found.is_empty() {
        return String::from("nothing");
    }
    let found: Vec<String> = found
        .iter()
        .map(|one| format!("{}:{}", one.slot, one.need.name()))
        .collect();
    found.join(" ")
}

#[test]
fn what_would_win_follows_the_code_and_then_the_kind() {
    for line in ASKED.lines().filter(|line| !line.starts_with('#')) {
        let (place, want) = line.split_once(": ").unwrap();
        let words: Vec<&str> = place.split(' ').collect();
        let [network, code, reason, stage] = words[..] else {
            panic!("a line has four words: {line}")
        };
        let want = match want.strip_prefix('=') {
            None => String::from(want),
            Some(kind) => {
                let list = asked("-", "-", kind, "chargeback");
                assert_ne!(list, "nothing", "{line}");
                list
            }
        };
        assert_eq!(asked(network, code, reason, stage), want, "{place}");
    }
}

#[test]
fn what_a_kind_asks_for_comes_from_the_codes_of_that_kind() {
    let found = requirements(None, None, &Reason::NotReceived, Stage::Chargeback);
    let first = found.first().unwrap();
    assert_eq!(
        (first.slot, first.need),
        ("delivery_proof_full_address", Need::Recommended)
    );
    assert!(first.basis.starts_with("listed for "), "{}", first.basis);
    assert!(
        first.meaning.contains("proof of delivery"),
        "{}",
        first.meaning
    );
    for reason in [
        Reason::Fraudulent,
        Reason::Duplicate,
        Reason::SubscriptionCanceled,
        Reason::NotAsDescribed,
        Reason::IncorrectAmount,
        Reason::Unrecognized,
        Reason::Noncompliant,
        Reason::DebitNotAuthorized,
    ] {
        assert!(
            !requirements(None, None, &reason, Stage::Chargeback).is_empty(),
            "{reason:?}"
        );
    }
}

#[test]
fn every_slot_asked_for_is_in_the_catalogue() {
    let known: BTreeSet<&str> = slots().iter().map(|slot| slot.id).collect();
    assert_eq!(known.len(), 64);
    for code in reason_codes() {
        assert!(
            code.evidence.iter().all(|slot| known.contains(slot)),
            "{}",
            code.code
        );
    }
}

#[test]
fn evidence_limits_apply_to_somebody() {
    let mastercard = evidence_limits()
        .iter()
        .find(|limit| limit.applies_to.contains(&"mastercard"));
    assert_eq!(mastercard.unwrap().pages, Some(19));
    let safe = evidence_limits()
        .iter()
        .find(|limit| limit.id == "generic.safe")
        .unwrap();
    assert_eq!((safe.bytes_total, safe.pages), (Some(1_048_576), Some(19)));
    for limit in evidence_limits() {
        assert!(!limit.applies_to.is_empty(), "{}", limit.id);
    }
}
