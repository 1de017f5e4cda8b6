//! Statements in people's words.

use crate::redact;
use adapter::Channel;
use dispute::said::{Audience, EvidenceContent, RefundState, Said, Sending};
use dispute::status::Due;
use store::Way;

/// One short sentence, without full stop, for timelines. Says nothing that the statement does not.
pub fn sentence(said: &Said) -> String {
    let text = by_provider(said).or_else(|| by_us(said));
    redact::pans(&text.expect("one of the two knows every statement"))
}

fn by_provider(said: &Said) -> Option<String> {
    Some(match said {
        Said::Phase(phase) => format!("{} is {}", phase.stage, phase.standing),
        Said::Disputed(amount) => format!("{amount} is disputed"),
        Said::Recovered(amount) => format!("{amount} is kept by us"),
        Said::Reason(claim) => match &claim.code {
            Some(code) => format!("the reason is {} ({code})", claim.reason.name()),
            None => format!("the reason is {}", claim.reason.name()),
        },
        Said::Network(network) => format!("the network is {}", network.name()),
        Said::Due {
            stage,
            due: Due::By(moment),
        } => format!("an answer to the {stage} is due by {moment}"),
        Said::Due {
            stage,
            due: Due::NotContestable,
        } => format!("no answer to the {stage} is taken"),
        Said::Moved(movement) => {
            let settled = if movement.settled { "" } else { ", pending" };
            format!(
                "{} of {}{settled} ({})",
                movement.kind.name(),
                movement.amount,
                movement.key
            )
        }
        Said::Paid { amount, .. } => format!("the payment was {amount}"),
        Said::Refunded { amount, state, .. } => match state {
            RefundState::Pending => format!("a refund of {amount} is under way"),
            RefundState::Succeeded => format!("{amount} was refunded"),
            RefundState::Failed => format!("the refund of {amount} failed"),
        },
        Said::FraudReported { kind } => format!("fraud was reported: {kind}"),
        Said::Requires {
            stage,
            defence,
            slots,
        } => {
            let required = slots.iter().filter(|slot| slot.required).count();
            format!(
                "defence {defence} at the {stage} takes {} slots, {required} required",
                slots.len()
            )
        }
        Said::Acknowledged { stage, count } => {
            format!(
                "the provider holds {} to the {stage}",
                counted(u64::from(*count), "answer")
            )
        }
        Said::Staged { stage } => format!("evidence for the {stage} is staged and not sent on"),
        Said::ChangeAsked { code, .. } => format!("account details are to be corrected ({code})"),
        Said::Offered { kind, amount } => match amount {
            Some(amount) => format!("an offer: {kind}, {amount}"),
            None => format!("an offer: {kind}"),
        },
        Said::Drifted { field, value } => format!("`{field}` holds `{value}`, which no table maps"),
        _ => return None,
    })
}

fn by_us(said: &Said) -> Option<String> {
    Some(match said {
        Said::EvidenceSaved {
            version,
            slot,
            content,
        } => {
            let content = match content {
                EvidenceContent::Text(text) => {
                    format!("text of {} characters", text.chars().count())
                }
                EvidenceContent::File { name, bytes, .. } => format!("file {name}, {bytes} bytes"),
                EvidenceContent::Cleared => String::from("emptied"),
            };
            format!("evidence {slot} saved as version {version}: {content}")
        }
        Said::EvidenceReviewed { version, reviewer } => {
            format!("version {version} reviewed by {reviewer}")
        }
        Said::EvidenceSealed { version, digest } => {
            format!("version {version} sealed as {}", short(digest))
        }
        Said::SubmissionAsked { stage, digest } => {
            format!("packet {} to be sent for the {stage}", short(digest))
        }
        Said::AcceptanceAsked { stage } => format!("the {stage} to be accepted"),
        Said::DishonorAsked { stage, code } => format!("the {stage} to be dishonored as {code}"),
        Said::AskWithdrawn { stage } => format!("what was asked for at the {stage} taken back"),
        Said::Noted { text, author } => format!("{author}: {text}"),
        Said::Told { to, text, author } => match to {
            Audience::Merchant => format!("{author} to the merchant: {text}"),
            Audience::Desk => format!("{author} to the desk: {text}"),
        },
        Said::Assigned { to, author } if to.is_empty() => format!("freed by {author}"),
        Said::Assigned { to, author } => format!("given to {to} by {author}"),
        Said::Waived {
            obligation,
            reason,
            author,
        } => format!("{obligation} waived by {author}: {reason}"),
        Said::Cut { one, other, author } => {
            format!("link between {one} and {other} cut by {author}")
        }
        Said::Tied { one, other, author } => format!("{one} and {other} tied by {author}"),
        Said::Sent {
            stage,
            sending,
            attempt,
            ..
        } => {
            let became = match sending {
                Sending::Accepted => String::from("taken by the provider"),
                Sending::Refused(words) => format!("refused by the provider: {words}"),
                Sending::InDoubt => {
                    String::from("sent, and in doubt until the provider's record says")
                }
                Sending::NotReceived => String::from("not received by the provider"),
            };
            format!("answer to the {stage}, attempt {attempt}: {became}")
        }
        Said::Passed { what, due } => format!("the time for {what} passed ({due})"),
        _ => return None,
    })
}

/// `1 case`, `2 cases`.
pub fn counted(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// The first digits of a digest: enough for people to tell two apart.
fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}

/// The stable word for a way in.
pub fn way(way: Way) -> &'static str {
    match way {
        Way::Webhook => Channel::Webhook.name(),
        Way::File => Channel::File.name(),
        Way::Api => Channel::Api.name(),
        Way::Command => "command",
        Way::Desk => "desk",
    }
}
