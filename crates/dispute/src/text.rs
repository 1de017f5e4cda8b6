//! The canonical text of a fact: one line, both ways.
//!
//! It is what ids hash, what the store keeps and what goldens show, so there is one form and it never changes meaning: a new
//! field of a statement gets a new key, and a line without it reads as before.
//!
//! `moved at=2026-11-02T09:00:00Z by=provider auth=status-field scope=acme/acct_1 ref.dispute=dp_7 key=txn_1 kind=withdrawal amount=-12.34%20USD settled=yes`

mod read;

use crate::fact::Fact;
use crate::said::{Audience, EvidenceContent, RefundState, Said, Sending};
use crate::status::{Due, Stage};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Write;

pub use read::{Unreadable, parse};

/// Escapes what would end a word or a line: space, `=`, `%`, and control characters.
pub fn escape(value: &str, out: &mut String) {
    for character in value.chars() {
        if matches!(character, ' ' | '=' | '%') || character.is_control() {
            let mut buffer = [0_u8; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                write!(out, "%{byte:02X}").expect("writing to a String cannot fail");
            }
        } else {
            out.push(character);
        }
    }
}

/// A line being written: a word, then `key=value` pairs.
struct Line(String);

impl Line {
    fn pair(&mut self, key: &str, value: &str) {
        self.0.push(' ');
        self.0.push_str(key);
        self.0.push('=');
        escape(value, &mut self.0);
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.pair(key, value);
        }
    }
}

/// Renders the canonical line of a fact.
pub fn render(fact: &Fact) -> String {
    let mut line = Line(String::with_capacity(192));
    line.0.push_str(word(&fact.said));
    line.pair("at", &fact.true_at.to_string());
    if fact.sequence != 0 {
        line.pair("seq", &fact.sequence.to_string());
    }
    line.pair("by", fact.by.name());
    line.pair("auth", fact.authority.name());
    line.0.push_str(" scope=");
    escape(&fact.scope.provider, &mut line.0);
    line.0.push('/');
    escape(&fact.scope.account, &mut line.0);
    for reference in fact.refs.iter() {
        line.0.push_str(" ref.");
        line.0.push_str(reference.kind.name());
        line.0.push('=');
        escape(&reference.value, &mut line.0);
    }
    render_provider(&fact.said, &mut line);
    line.0
}

/// The word that opens the line.
pub fn word(said: &Said) -> &'static str {
    match said {
        Said::Phase(_) => "phase",
        Said::Disputed(_) => "disputed",
        Said::Recovered(_) => "recovered",
        Said::Reason(_) => "reason",
        Said::Network(_) => "network",
        Said::Due { .. } => "due",
        Said::Moved(_) => "moved",
        Said::Paid { .. } => "paid",
        Said::Refunded { .. } => "refunded",
        Said::FraudReported { .. } => "fraud-reported",
        Said::Requires { .. } => "requires",
        Said::Acknowledged { .. } => "acknowledged",
        Said::Staged { .. } => "staged",
        Said::ChangeAsked { .. } => "change-asked",
        Said::Offered { .. } => "offered",
        Said::Drifted { .. } => "drifted",
        Said::EvidenceSaved { .. } => "evidence-saved",
        Said::EvidenceReviewed { .. } => "evidence-reviewed",
        Said::EvidenceSealed { .. } => "evidence-sealed",
        Said::SubmissionAsked { .. } => "submission-asked",
        Said::AcceptanceAsked { .. } => "acceptance-asked",
        Said::DishonorAsked { .. } => "dishonor-asked",
        Said::AskWithdrawn { .. } => "ask-withdrawn",
        Said::Noted { .. } => "noted",
        Said::Told { to, .. } => match to {
            Audience::Merchant => "told-merchant",
            Audience::Desk => "told-desk",
        },
        Said::Assigned { .. } => "assigned",
        Said::Waived { .. } => "waived",
        Said::Cut { .. } => "cut",
        Said::Tied { .. } => "tied",
        Said::Sent { .. } => "sent",
        Said::Passed { .. } => "passed",
    }
}

/// The pairs of what providers say about the dispute itself.
fn render_provider(said: &Said, line: &mut Line) {
    match said {
        Said::Phase(phase) => {
            line.pair("stage", phase.stage.name());
            line.pair("standing", phase.standing.name());
        }
        Said::Disputed(amount) | Said::Recovered(amount) => {
            line.pair("amount", &amount.to_string())
        }
        Said::Reason(claim) => {
            line.pair("reason", &claim.reason.name());
            line.maybe(
                "network",
                claim.network.as_ref().map(|network| network.name()),
            );
            line.maybe("code", claim.code.as_deref());
        }
        Said::Network(network) => line.pair("network", network.name()),
        Said::Due { stage, due } => {
            line.pair("stage", stage.name());
            match due {
                Due::By(moment) => line.pair("due", &moment.to_string()),
                Due::NotContestable => line.pair("due", "not-contestable"),
            }
        }
        Said::Moved(movement) => {
            line.pair("key", &movement.key);
            line.pair("kind", movement.kind.name());
            line.pair("amount", &movement.amount.to_string());
            line.pair("settled", if movement.settled { "yes" } else { "no" });
        }
        Said::Paid { amount, paid_at } => {
            line.pair("amount", &amount.to_string());
            line.maybe("paid-at", paid_at.map(|at| at.to_string()).as_deref());
        }
        rest => render_payment(rest, line),
    }
}

/// The pairs of what providers say about the payment, the answer and the rest.
fn render_payment(said: &Said, line: &mut Line) {
    match said {
        Said::Refunded { key, amount, state } => {
            line.pair("key", key);
            line.pair("amount", &amount.to_string());
            line.pair("state", refund_state(*state));
        }
        Said::FraudReported { kind } => line.pair("kind", kind),
        Said::Requires {
            stage,
            defence,
            slots,
        } => {
            line.pair("stage", stage.name());
            line.pair("defence", defence);
            for slot in slots {
                line.pair(
                    if slot.required {
                        "required"
                    } else {
                        "optional"
                    },
                    &slot.slot,
                );
            }
        }
        Said::Acknowledged { stage, count } => {
            line.pair("stage", stage.name());
            line.pair("count", &count.to_string());
        }
        Said::Staged { stage } => line.pair("stage", stage.name()),
        Said::ChangeAsked {
            code,
            corrected,
            settled_on,
        } => {
            line.pair("code", code);
            line.pair("corrected", corrected);
            line.maybe("settled-on", settled_on.map(|on| on.to_string()).as_deref());
        }
        Said::Offered { kind, amount } => {
            line.pair("kind", kind);
            line.maybe("amount", amount.map(|amount| amount.to_string()).as_deref());
        }
        Said::Drifted { field, value } => {
            line.pair("field", field);
            line.pair("value", value);
        }
        by_us => render_ours(by_us, line),
    }
}

/// The pairs of what people and the desk say.
fn render_ours(said: &Said, line: &mut Line) {
    match said {
        Said::EvidenceSaved {
            version,
            slot,
            content,
        } => {
            line.pair("version", &version.to_string());
            line.pair("slot", slot);
            render_content(content, line);
        }
        Said::EvidenceReviewed { version, reviewer } => {
            line.pair("version", &version.to_string());
            line.pair("reviewer", reviewer);
        }
        Said::EvidenceSealed { version, digest } => {
            line.pair("version", &version.to_string());
            line.pair("digest", digest);
        }
        Said::SubmissionAsked { stage, digest } => {
            line.pair("stage", stage.name());
            line.pair("digest", digest);
        }
        Said::DishonorAsked { stage, code } => {
            line.pair("stage", stage.name());
            line.pair("code", code);
        }
        Said::AcceptanceAsked { stage } | Said::AskWithdrawn { stage } => {
            line.pair("stage", stage.name())
        }
        Said::Noted { text, author } | Said::Told { text, author, .. } => {
            line.pair("text", text);
            line.pair("author", author);
        }
        Said::Assigned { to, author } => {
            line.pair("to", to);
            line.pair("author", author);
        }
        Said::Waived {
            obligation,
            reason,
            author,
        } => {
            line.pair("obligation", obligation);
            line.pair("reason", reason);
            line.pair("author", author);
        }
        Said::Cut { one, other, author } | Said::Tied { one, other, author } => {
            line.pair("one", &one.to_string());
            line.pair("other", &other.to_string());
            line.pair("author", author);
        }
        Said::Sent {
            stage,
            digest,
            sending,
            attempt,
        } => render_sent(*stage, digest, sending, *attempt, line),
        Said::Passed { what, due } => {
            line.pair("what", what);
            line.pair("due", &due.to_string());
        }
        by_provider => unreachable!(
            "render_provider and render_payment handle {}",
            word(by_provider)
        ),
    }
}

fn render_sent(stage: Stage, digest: &str, sending: &Sending, attempt: u32, line: &mut Line) {
    line.pair("stage", stage.name());
    line.pair("digest", digest);
    match sending {
        Sending::Accepted => line.pair("sending", "accepted"),
        Sending::Refused(words) => line.pair("sending", &format!("refused:{words}")),
        Sending::InDoubt => line.pair("sending", "in-doubt"),
        Sending::NotReceived => line.pair("sending", "not-received"),
    }
    line.pair("attempt", &attempt.to_string());
}

fn render_content(content: &EvidenceContent, line: &mut Line) {
    match content {
        EvidenceContent::Text(text) => line.pair("text", text),
        EvidenceContent::File {
            digest,
            name,
            media_type,
            bytes,
        } => {
            line.pair("file", digest);
            line.pair("name", name);
            line.pair("media-type", media_type);
            line.pair("bytes", &bytes.to_string());
        }
        EvidenceContent::Cleared => line.pair("cleared", "yes"),
    }
}

fn refund_state(state: RefundState) -> &'static str {
    match state {
        RefundState::Pending => "pending",
        RefundState::Succeeded => "succeeded",
        RefundState::Failed => "failed",
    }
}
