//! How strong the evidence for each requirement is, and why: one judgement for every face.
//!
//! "Ready" says that a slot holds something against which nothing speaks. "Weak" says that it holds something that a
//! reviewer is likely to pass over; it never stops an answer, for only people know what the words are worth. The rules
//! are the constants and the table below, each with where it comes from. What a file is like is told by whoever looked
//! into it ([`FileLook`]); nothing is opened here.

use crate::case::{Evidence, SlotNeed};
use crate::said::EvidenceContent;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// How a requirement stands, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Required, and the slot is empty.
    Missing,
    /// The slot holds something that is likely to be passed over.
    Weak,
    /// Would help, and the slot is empty.
    Optional,
    /// Required by a list, and not needed: a person said why, or another of the provider's ways to answer is complete.
    Waived,
    Ready,
}

impl Strength {
    /// Every strength, in order.
    pub const ALL: [Strength; 5] = [
        Strength::Missing,
        Strength::Weak,
        Strength::Optional,
        Strength::Waived,
        Strength::Ready,
    ];

    /// The stable text form.
    pub fn name(self) -> &'static str {
        match self {
            Strength::Missing => "missing",
            Strength::Weak => "weak",
            Strength::Optional => "optional",
            Strength::Waived => "waived",
            Strength::Ready => "ready",
        }
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a requirement stands, and why it is said to stand so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    pub strength: Strength,
    /// One fact, in small letters.
    pub why: String,
}

/// What is known of a file's inside. Nothing is assumed of what is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileLook {
    pub pages: Option<u32>,
    /// Width and height of an image.
    pub pixels: Option<(u32, u32)>,
    /// Whether it has links.
    pub links: bool,
}

/// What belongs into a slot, as far as strength asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// A value: an address, a number, a day. One word is enough.
    Value,
    /// An argument or a description in somebody's own words.
    Words,
    /// A document: what it shows counts, and words about it are a claim.
    Document,
}

/// Slots that hold a value. Ours: the meaning of the slot in the evidence catalogue.
const VALUES: &[&str] = &[
    "billing_address",
    "customer_account_login",
    "customer_email",
    "customer_name",
    "customer_phone",
    "device_fingerprint",
    "device_id",
    "duplicate_charge_id",
    "ip_address",
    "prior_dispute_reference",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "tracking_number",
    "wallet_hash",
];

/// Slots that hold words of ours. The same source.
const WORDS: &[&str] = &[
    "cancellation_policy_disclosure",
    "cancellation_record",
    "duplicate_charge_explanation",
    "product_description_listing",
    "rebuttal_letter",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
];

/// Fewer words than this say what happened, and tie nothing to the claim: one plain sentence has about as many.
/// Ours: "short neutral summary" and "say what it shows" (rules, evidence limits `order` and `legibility`).
pub const WORDS_MIN: usize = 12;

/// An image whose longer side has fewer pixels is less than four inches at the 150 dots per inch that networks ask for
/// (rules, evidence limits `legibility`: 150 to 300 dpi), so its small print is lost.
pub const PIXELS_SIDE_MIN: u32 = 600;

fn holds(slot: &str) -> Holds {
    if VALUES.contains(&slot) {
        Holds::Value
    } else if WORDS.contains(&slot) {
        Holds::Words
    } else {
        Holds::Document
    }
}

/// How each requirement of a draft stands, in the draft's order. `look` tells what is known of a file, by its digest.
pub fn judge(
    evidence: &Evidence,
    look: &dyn Fn(&str) -> Option<FileLook>,
) -> alloc::vec::Vec<Judged> {
    let complete = complete_defence(evidence);
    let judged = evidence
        .requirements
        .iter()
        .map(|need| judge_one(evidence, need, complete, look));
    judged.collect()
}

/// The defence of which nothing required is empty; the provider asks for one, so the others' gaps are none.
fn complete_defence(evidence: &Evidence) -> Option<&str> {
    let whole = |defence: &&String| {
        evidence
            .requirements
            .iter()
            .all(|need| need.basis != **defence || !need.required || need.ready)
    };
    evidence.defences.iter().find(whole).map(String::as_str)
}

fn judge_one(
    evidence: &Evidence,
    need: &SlotNeed,
    complete: Option<&str>,
    look: &dyn Fn(&str) -> Option<FileLook>,
) -> Judged {
    let judged = |strength, why: String| Judged { strength, why };
    if let Some(content) = evidence.slots.get(&need.slot) {
        return match weakness(&need.slot, content, look) {
            Some(why) => judged(Strength::Weak, why),
            None => judged(Strength::Ready, filled(content)),
        };
    }
    if let Some(why) = &need.waived {
        return judged(Strength::Waived, why.clone());
    }
    if !need.required {
        return judged(
            Strength::Optional,
            "it would help, and nothing is asked for without it".to_string(),
        );
    }
    match complete.filter(|defence| *defence != need.basis) {
        Some(defence) => judged(
            Strength::Waived,
            format!("the defence {defence} is complete without it"),
        ),
        None => judged(Strength::Missing, "the slot is empty".to_string()),
    }
}

fn filled(content: &EvidenceContent) -> String {
    match content {
        EvidenceContent::Text(text) => format!("{} words", words(text)),
        EvidenceContent::File { name, .. } => format!("the file {name}"),
        EvidenceContent::Cleared => "empty".to_string(),
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Links are not followed by whoever decides (rules, evidence limits `legibility`: never send links).
fn has_link(text: &str) -> bool {
    ["http://", "https://", "www."]
        .iter()
        .any(|start| text.contains(start))
}

/// What speaks against what a slot holds; the first that does.
pub fn weakness(
    slot: &str,
    content: &EvidenceContent,
    look: &dyn Fn(&str) -> Option<FileLook>,
) -> Option<String> {
    match content {
        EvidenceContent::Text(text) => weak_text(slot, text),
        EvidenceContent::File {
            digest, media_type, ..
        } => weak_file(media_type, look(digest)),
        EvidenceContent::Cleared => None,
    }
}

fn weak_text(slot: &str, text: &str) -> Option<String> {
    let found = words(text);
    if has_link(text) {
        return Some("it has a link, and reviewers open none: attach what it shows".to_string());
    }
    match holds(slot) {
        Holds::Value => None,
        Holds::Words if found < WORDS_MIN => Some(format!(
            "{found} words; under {WORDS_MIN} hardly tie anything to the claim"
        )),
        Holds::Words => None,
        Holds::Document => Some(
            "words only; a document that shows it counts, words about it are a claim".to_string(),
        ),
    }
}

fn weak_file(media_type: &str, look: Option<FileLook>) -> Option<String> {
    if media_type == "application/octet-stream" {
        return Some("its kind was never told, so nobody may be able to read it".to_string());
    }
    let look = look?;
    if let Some((width, height)) = look.pixels
        && width.max(height) < PIXELS_SIDE_MIN
    {
        return Some(format!(
            "{width} by {height} pixels; under {PIXELS_SIDE_MIN} on the longer side small print is lost"
        ));
    }
    look.links
        .then(|| "it has links, and reviewers open none: show what they lead to".to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::*;
    use crate::rules;
    use alloc::vec;

    fn text(words: &str) -> EvidenceContent {
        EvidenceContent::Text(words.to_string())
    }

    fn file(media_type: &str) -> EvidenceContent {
        EvidenceContent::File {
            digest: "d".to_string(),
            name: "a.png".to_string(),
            media_type: media_type.to_string(),
            bytes: 100,
        }
    }

    #[track_caller]
    fn check(slot: &str, content: &EvidenceContent, look: Option<FileLook>, want: &str) {
        let found = weakness(slot, content, &|_| look).unwrap_or_default();
        assert!(
            found.starts_with(want) && found.is_empty() == want.is_empty(),
            "{found}"
        );
    }

    const LETTER: &str =
        "The parcel was handed to the buyer at the address of the order on Monday.";

    #[test]
    fn words_are_weighed_by_what_belongs_into_the_slot() {
        check("rebuttal_letter", &text(LETTER), None, "");
        check(
            "rebuttal_letter",
            &text("It was delivered."),
            None,
            "3 words",
        );
        check("tracking_number", &text("1Z999"), None, "");
        check("signed_receipt", &text(LETTER), None, "words only");
        check(
            "tracking_number",
            &text("https://carrier.example/1"),
            None,
            "it has a link",
        );
    }

    #[test]
    fn files_are_weighed_by_what_was_found_in_them() {
        let look = |pixels, links| {
            Some(FileLook {
                pages: None,
                pixels,
                links,
            })
        };
        check("receipt", &file("image/png"), None, "");
        check(
            "receipt",
            &file("image/png"),
            look(Some((300, 599)), false),
            "300 by 599",
        );
        check(
            "receipt",
            &file("image/png"),
            look(Some((300, 600)), false),
            "",
        );
        check(
            "receipt",
            &file("application/pdf"),
            look(None, true),
            "it has links",
        );
        check(
            "receipt",
            &file("application/octet-stream"),
            None,
            "its kind",
        );
    }

    #[test]
    fn every_slot_named_here_is_in_the_catalogue() {
        for slot in VALUES.iter().chain(WORDS) {
            assert!(
                rules::slots().iter().any(|known| known.id == *slot),
                "{slot}"
            );
        }
    }

    #[test]
    fn a_complete_defence_makes_the_gaps_of_the_others_none() {
        let need = |slot: &str, basis: &str, required, ready| SlotNeed {
            slot: slot.to_string(),
            required,
            ready,
            basis: basis.to_string(),
            waived: None,
        };
        let mut evidence = Evidence {
            version: 1,
            slots: [("receipt".to_string(), file("image/png"))].into(),
            reviewed: None,
            sealed: None,
            requirements: vec![
                need("receipt", "B2", true, true),
                need("signed_receipt", "A1", true, false),
                need("customer_phone", "A1", false, false),
            ],
            defences: vec!["B2".to_string(), "A1".to_string()],
        };
        let names = |evidence: &Evidence| -> alloc::vec::Vec<&'static str> {
            let judged = judge(evidence, &|_| None);
            judged.iter().map(|one| one.strength.name()).collect()
        };
        assert_eq!(names(&evidence), ["ready", "waived", "optional"]);
        evidence.slots.clear();
        evidence.requirements[0].ready = false;
        assert_eq!(names(&evidence), ["missing", "missing", "optional"]);
        evidence.requirements[0].waived = Some("never printed".to_string());
        assert_eq!(names(&evidence), ["waived", "missing", "optional"]);
    }
}
