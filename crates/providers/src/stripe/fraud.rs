//! Early fraud warnings: the issuer tells of fraud, nobody has to answer, and no money moves. The warning is a case of its own, tied
//! to a dispute only by the payment.

use super::codes;
use super::field::{Fields, drift, payment};
use super::speaker::Speaker;
use crate::draft::Draft;
use crate::json::Object;
use dispute::reference::{RefKind, References};
use dispute::said::Said;
use dispute::status::{Phase, Stage, Standing};

/// Source: stripe-node 22.5.0.
const KNOWN: [&str; 8] = [
    "id",
    "object",
    "actionable",
    "charge",
    "created",
    "fraud_type",
    "livemode",
    "payment_intent",
];

/// States what the warning says.
pub(super) fn decode(warning: &Object<'_>, speaker: &Speaker, draft: &mut Draft) {
    let fields = Fields(warning);
    if warning.field("id").is_none() {
        fields.missing(draft, "id", "the warning's id");
    }
    let id = fields.id(draft, "id");
    let refs = References::none().and(RefKind::Dispute, id.as_deref().unwrap_or_default());
    if warning.field("charge").is_none() && warning.field("payment_intent").is_none() {
        fields.missing(draft, "charge", "the charge that the warning is about");
    }
    let (refs, charge) = payment(warning, refs, draft);
    let voice = speaker.voice(refs);
    for (name, value) in warning
        .unlisted(&KNOWN)
        .filter(|(_, value)| !value.is_null())
    {
        drift(draft, &voice, name, &value);
    }
    let phase = Phase {
        stage: Stage::FraudReport,
        standing: Standing::Nobody,
    };
    draft.say(&voice, warning.span(), Said::Phase(phase));
    if let Some(kind) = fields.needed(draft, "fraud_type") {
        let span = warning
            .field("fraud_type")
            .map_or(warning.span(), |value| value.span());
        if !codes::fraud_type_listed(&kind) {
            draft.drift(&voice, span, "fraud_type", &kind);
        }
        draft.say(
            &voice,
            span,
            Said::FraudReported {
                kind: kind.into_owned(),
            },
        );
    }
    if let Some(charge) = charge {
        super::charge::paid(&charge, speaker, draft);
    }
}
