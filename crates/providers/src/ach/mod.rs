//! ACH: return files, dishonored and contested returns and notices of change in; dishonored returns out. See README.md.

mod answer;
mod codes;
mod file;
mod moov_json;
mod problem;
mod quote;
mod say;
mod setting;
#[cfg(test)]
mod tests;

use adapter::{
    Adapter, Capabilities, Channel, Decoded, Document, DocumentKind, Exchange, Inbound,
    Instruction, Limits, Receipt, Reply, Secret, Step, Sweep, Verb, Verdict,
};
use calendar::Instant;
use dispute::fact::Span;
use dispute::reference::Reference;
use dispute::status::Stage;

const NAME: &str = "ach";

/// What our code can do for the ACH network, whichever bank or operator the files come from.
#[derive(Debug)]
pub struct Ach;

const fn by_file(form: &'static str, kind: DocumentKind) -> Document {
    Document {
        form,
        channel: Channel::File,
        kind,
    }
}

static CAPABILITIES: Capabilities = Capabilities {
    documents: &[
        by_file(file::RETURNS, DocumentKind::Disputes),
        by_file(file::ENTRIES, DocumentKind::OtherBusiness),
        by_file(file::ZERO_FILE, DocumentKind::OtherBusiness),
        by_file(moov_json::RETURNS, DocumentKind::Disputes),
        by_file(moov_json::ENTRIES, DocumentKind::OtherBusiness),
    ],
    verbs: &[Verb::Dishonor],
    answers_at: &[Stage::Return],
    sweep: Sweep::None,
    limits: Limits {
        total_bytes: None,
        file_bytes: None,
        text_characters: None,
        pages: None,
        media_types: &[],
        one_file_per_slot: true,
        // A contested dishonor ends inside the network, so there is one.
        submissions: Some(1),
        source: "Nacha Operating Rules, Appendix Four, as public readers and guides tell it",
    },
    signature: "none",
    idempotency_seconds: 0,
    reads_per_minute: 0,
};

impl Adapter for Ach {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify(&self, _: &Inbound<'_>, _: &[Secret], _: Instant) -> Verdict {
        Verdict::Unsigned
    }

    /// The company of the batches, when all that name one name the same. A file of several companies belongs to the way it came;
    /// its facts still say which company each is of.
    fn account(&self, inbound: &Inbound<'_>) -> Option<String> {
        let json = moov_json::is_json(inbound.body);
        let mut companies = if json {
            moov_json::companies(inbound.body)
        } else {
            file::companies(inbound.body)
        };
        companies.sort();
        companies.dedup();
        companies.pop().filter(|_| companies.is_empty())
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Decoded {
        if moov_json::is_json(inbound.body) {
            moov_json::decode(inbound)
        } else {
            file::decode(inbound)
        }
    }

    fn proceed(&self, instruction: &Instruction, so_far: &[Exchange]) -> Step {
        say::proceed(instruction, so_far)
    }

    fn quote(&self, inbound: &Inbound<'_>, span: Span) -> Vec<Reference> {
        quote::quote(inbound.body, span)
    }

    fn receipt(&self, _: &Instruction, _: &Reply) -> Receipt {
        Receipt::Unclear(
            "no object can be read in the ACH network: the bank's next file tells".to_owned(),
        )
    }
}
