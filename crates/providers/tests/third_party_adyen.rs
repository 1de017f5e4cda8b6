//! Samples that others published, when their folder is there: what they say must be what we read.
//!
//! The folder is not part of this repository; without it every test here passes after a printed note. `DOCKET_FIXTURES`
//! names another place for it.
#![allow(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may fail loudly"
)]

use adapter::{Adapter, Channel, Decoded, Fate, Inbound, Secret, Verdict};
use calendar::Instant;
use dispute::fact::Fact;
use dispute::reference::RefKind;
use dispute::said::Said;
use dispute::status::{Stage, Standing};
use money::{Currency, Money};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

fn root() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fixtures");
    std::env::var_os("DOCKET_FIXTURES").map_or_else(|| PathBuf::from(beside), PathBuf::from)
}

/// One sample of the index.
struct Sample {
    path: String,
    kind: String,
    expected: String,
    bytes: Vec<u8>,
}

fn samples() -> Vec<Sample> {
    let Ok(text) = fs::read_to_string(root().join("INDEX.json")) else {
        eprintln!(
            "no published samples in {}: nothing is compared",
            root().display()
        );
        return Vec::new();
    };
    let index: Vec<Value> = serde_json::from_str(&text).unwrap();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    index
        .iter()
        .filter(|entry| entry["provider"] == "adyen")
        .map(|entry| Sample {
            path: text(entry, "rel"),
            kind: text(entry, "kind"),
            expected: text(entry, "expected"),
            bytes: fs::read(root().join(text(entry, "rel"))).unwrap(),
        })
        .collect()
}

fn adapter() -> &'static dyn Adapter {
    providers::list::find("adyen").unwrap()
}

fn inbound<'a>(sample: &'a Sample, headers: &'a [(String, String)]) -> Inbound<'a> {
    let channel = match &sample.path {
        path if path.ends_with(".csv") => Channel::File,
        path if path.to_lowercase().contains("dispute") && !path.contains("juspay") => Channel::Api,
        _ => Channel::Webhook,
    };
    Inbound {
        channel,
        account: "account-1",
        headers,
        body: &sample.bytes,
        received_at: Instant::parse("2026-03-02T12:00:00Z").unwrap(),
    }
}

fn decode(sample: &Sample) -> Decoded {
    adapter().decode(&inbound(sample, &[]))
}

fn facts(decoded: &Decoded) -> impl Iterator<Item = &Fact> {
    decoded.facts.iter().map(|located| &located.fact)
}

#[test]
fn valid_samples_have_no_reject() {
    for sample in samples().iter().filter(|sample| sample.kind == "valid") {
        let decoded = decode(sample);
        assert_eq!(decoded.rejects, [], "{}", sample.path);
        assert_ne!(decoded.form, "unknown", "{}", sample.path);
    }
}

#[test]
fn damaged_samples_have_a_located_reject() {
    for sample in samples() {
        if matches!(sample.kind.as_str(), "malformed" | "invalid" | "mutated") {
            let decoded = decode(&sample);
            assert_ne!(decoded.rejects, [], "{}", sample.path);
        }
    }
}

/// The words after `name=` in the index's expectation, up to the next comma or blank.
fn expected<'s>(sample: &'s Sample, name: &str) -> Option<&'s str> {
    let from = sample.expected.find(&format!("{name}="))? + name.len() + 1;
    let rest = &sample.expected[from..];
    let until = rest.find([',', ' ']).unwrap_or(rest.len());
    Some(&rest[..until])
}

#[test]
fn webhooks_say_what_their_index_says() {
    let mut compared = 0;
    for sample in samples().iter().filter(|sample| sample.kind == "valid") {
        let (Some(code), Some(psp)) = (
            expected(sample, "eventCode"),
            expected(sample, "pspReference"),
        ) else {
            continue;
        };
        if code == "None" {
            continue;
        }
        compared += 1;
        let decoded = decode(sample);
        let other = |fate: &Fate| matches!(fate, Fate::OtherBusiness(what) if what == code);
        if decoded.facts.is_empty() {
            let named = decoded.records.iter().any(|record| other(&record.fate));
            assert!(named, "{}: {code} is not named", sample.path);
            continue;
        }
        for fact in facts(&decoded) {
            let named = fact.refs.iter().any(|reference| reference.value == psp);
            assert!(named, "{}: {psp} is not among {:?}", sample.path, fact.refs);
        }
        // Samples are in euro and dollars, whose minor units are hundredths everywhere.
        if let Some(at) = sample.expected.find("'value': ") {
            let digits: String = sample.expected[at + 9..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let minor: i128 = digits.parse().unwrap();
            let stated = facts(&decoded).any(|fact| match &fact.said {
                Said::Disputed(amount) | Said::Refunded { amount, .. } => amount.minor() == minor,
                _ => false,
            });
            assert!(stated, "{}: {minor} is not stated", sample.path);
        }
    }
    eprintln!("{compared} webhooks compared");
}

/// Another project's reading of event and status, in our words. Its `PreDispute` is the notification before the money: we
/// call the stage chargeback, and state no movement. Its `DisputeOpened` is any open standing, since it has no word for
/// whose move it is; its `PreArbitration` is where we say second chargeback as well.
fn agrees(theirs: &str, stage: Stage, standing: Standing, moved: bool) -> bool {
    let stage_agrees = match () {
        () if theirs.contains("stage=PreDispute") => stage == Stage::Chargeback && !moved,
        () if theirs.contains("stage=ActiveDispute") => stage == Stage::Chargeback && moved,
        () if theirs.contains("stage=PreArbitration") => {
            matches!(stage, Stage::PreArbitration | Stage::SecondChargeback)
        }
        () => false,
    };
    let standing_agrees = match () {
        () if theirs.contains("status=DisputeOpened") => standing.outcome().is_none(),
        () if theirs.contains("status=DisputeChallenged") => standing == Standing::Theirs,
        () if theirs.contains("status=DisputeAccepted") => standing == Standing::Accepted,
        () if theirs.contains("status=DisputeLost") => standing == Standing::Lost,
        () if theirs.contains("status=DisputeWon") => standing == Standing::Won,
        () => false,
    };
    stage_agrees && standing_agrees
}

#[test]
fn stages_and_statuses_agree_with_another_projects_reading() {
    for sample in samples()
        .iter()
        .filter(|sample| sample.expected.contains("asserts stage="))
    {
        let decoded = decode(sample);
        let phase = facts(&decoded).find_map(|fact| match &fact.said {
            Said::Phase(phase) => Some(*phase),
            _ => None,
        });
        let phase = phase.unwrap_or_else(|| panic!("{}: no phase", sample.path));
        let moved = facts(&decoded).any(|fact| matches!(fact.said, Said::Moved(_)));
        let agreed = agrees(&sample.expected, phase.stage, phase.standing, moved);
        assert!(
            agreed,
            "{}: {phase:?}, moved {moved}; {}",
            sample.path, sample.expected
        );
    }
}

/// The index sums the net columns by row type; the movements of all dispute rows must come to the same.
#[test]
fn settlement_rows_move_what_their_columns_sum_to() {
    for sample in samples()
        .iter()
        .filter(|sample| sample.expected.contains("byType"))
    {
        let decoded = decode(sample);
        let net = |kind: &str| {
            let from = sample.expected.find(&format!("'{kind}': ("))?;
            let rest = &sample.expected[from..];
            let numbers: Vec<&str> = rest.split('\'').collect();
            let money = |text: &str| Money::parse_padded(text, Currency::USD).unwrap();
            Some(money(numbers[5]).checked_sub(money(numbers[3])).unwrap())
        };
        let kinds = ["Chargeback", "ChargebackReversed", "SecondChargeback"];
        let sum = kinds
            .iter()
            .filter_map(|kind| net(kind))
            .fold(Money::zero(Currency::USD), |sum, one| {
                sum.checked_add(one).unwrap()
            });
        let moved = facts(&decoded).filter_map(|fact| match &fact.said {
            Said::Moved(movement) => Some(movement.amount),
            _ => None,
        });
        let moved = moved.fold(Money::zero(Currency::USD), |sum, one| {
            sum.checked_add(one).unwrap()
        });
        assert_eq!(moved, sum, "{}", sample.path);
        // Every row below the header is accounted for, by type.
        let mut others: BTreeMap<&str, usize> = BTreeMap::new();
        for record in &decoded.records {
            if let Fate::OtherBusiness(what) = &record.fate {
                *others.entry(what).or_default() += 1;
            }
        }
        for (kind, count) in others {
            let named = sample.expected.contains(&format!("'{kind}': ({count}, "));
            assert!(named, "{}: {count} rows of {kind}", sample.path);
        }
    }
}

/// The key and the vector that the provider's documentation and SDKs publish.
const PUBLISHED: (&str, &str, &str) = (
    "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
    "7914073381342284::TestMerchant:TestPayment-1407325143704:1130:EUR:AUTHORISATION:true",
    "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=",
);

#[test]
fn the_vectors_that_sdks_publish_are_valid() {
    let (key, payload, signature) = PUBLISHED;
    let samples = samples();
    let vectors = || {
        samples
            .iter()
            .filter(|sample| sample.kind == "signature-vectors")
    };
    let publishes = |sample: &&Sample| {
        let text = String::from_utf8_lossy(&sample.bytes);
        text.contains(key) && text.contains(signature)
    };
    assert_eq!(
        vectors().any(|sample| publishes(&sample)),
        vectors().count() > 0
    );
    let fields: Vec<&str> = payload.split(':').collect();
    let body = format!(
        r#"{{"additionalData":{{"hmacSignature":"{signature}"}},"pspReference":"{}","merchantAccountCode":"{}","merchantReference":"{}","amount":{{"value":{},"currency":"{}"}},"eventCode":"{}","success":"{}"}}"#,
        fields[0], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7]
    );
    check_signature(body.as_bytes(), key, true);
    let of_node = r#"{"additionalData":{"hmacSignature":"ZNBPtI+oDyyRrLyD1XirkKnQgIAlFc07Vj27TeHsDRE="},"pspReference":"pspReference","originalReference":"originalReference","merchantAccountCode":"merchantAccount","merchantReference":"reference","amount":{"value":1000,"currency":"EUR"},"eventCode":"REPORT_AVAILABLE","success":"true"}"#;
    let key_of_node = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00";
    check_signature(of_node.as_bytes(), key_of_node, true);
}

/// An SDK's bare item whose merchant reference holds slashes: nothing is escaped before signing.
#[test]
fn slashes_are_signed_as_they_stand() {
    for sample in samples()
        .iter()
        .filter(|sample| sample.path.ends_with("forwardslash_webhook.json"))
    {
        let key = "74F490DD33F7327BAECC88B2947C011FC02D014A473AAA33A8EC93E4DC069174";
        check_signature(&sample.bytes, key, true);
        check_signature(&sample.bytes, PUBLISHED.0, false);
    }
}

#[track_caller]
fn check_signature(body: &[u8], key: &str, valid: bool) {
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "account-1",
        headers: &[],
        body,
        received_at: Instant::MIN,
    };
    let secret = Secret {
        label: "key".to_owned(),
        value: key.as_bytes().to_vec(),
    };
    let verdict = adapter().verify(&inbound, &[secret], Instant::MIN);
    assert_eq!(
        matches!(verdict, Verdict::Valid { .. }),
        valid,
        "{verdict:?}"
    );
}

/// F-67: a report that went through a spreadsheet has lost its ARNs; only rows about disputes need them.
#[test]
fn a_lost_arn_of_a_payment_costs_nothing() {
    for sample in samples()
        .iter()
        .filter(|sample| sample.path.ends_with("emptynetcredit.csv"))
    {
        let decoded = decode(sample);
        assert!(decoded.other_business(), "{}", sample.path);
    }
}

#[test]
fn an_amount_below_the_payment_is_a_partial_dispute() {
    for sample in samples()
        .iter()
        .filter(|sample| sample.path.ends_with("ipn_Chargeback.json"))
    {
        let decoded = decode(sample);
        let euro = |minor| Money::of_minor(minor, Currency::EUR);
        let said: Vec<&Said> = facts(&decoded).map(|fact| &fact.said).collect();
        assert!(said.contains(&&Said::Disputed(euro(200))), "{said:?}");
        let paid = Said::Paid {
            amount: euro(2000),
            paid_at: None,
        };
        assert!(said.contains(&&paid), "{said:?}");
        let code = said.iter().find_map(|said| match said {
            Said::Reason(claim) => claim.code.clone(),
            _ => None,
        });
        assert_eq!(code.as_deref(), Some("4853"), "the leading blank is gone");
        let first = facts(&decoded).next().unwrap();
        assert_eq!(
            first.refs.find(RefKind::PaymentAlias),
            Some("8636172945333378")
        );
    }
}
