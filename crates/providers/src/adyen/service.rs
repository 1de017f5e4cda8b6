//! Messages of the Disputes API: the defences that a dispute allows, and the bare yes or no to everything else.
//!
//! No reply of this API names its dispute. The desk files a reply with the header [`DISPUTE_HEADER`], which it takes from
//! its own request; without it the statements have no case and wait as orphans.

use super::field::{self, Rejected};
use super::{DEFENCES, NAME};
use crate::draft::{Draft, Voice};
use crate::json::{Object, Value};
use adapter::{Decoded, Fate, Inbound};
use dispute::fact::Scope;
use dispute::reference::{RefKind, References};
use dispute::said::{RequiredSlot, Said};
use dispute::status::{Authority, Party, Stage};

/// The header under which the desk files a reply: the dispute about which it asked.
pub const DISPUTE_HEADER: &str = "Docket-Dispute";
/// The header under which the desk files a reply: the stage about which it asked, in our words.
pub const STAGE_HEADER: &str = "Docket-Stage";

/// Decodes the reply to `retrieveApplicableDefenseReasons`.
pub(super) fn defences(inbound: &Inbound<'_>, object: &Object<'_>) -> Decoded {
    let mut draft = Draft::new(DEFENCES, inbound.body.len());
    let dispute = inbound.header(DISPUTE_HEADER).unwrap_or_default();
    let stage = inbound.header(STAGE_HEADER).and_then(Stage::parse);
    let voice = Voice {
        scope: Scope {
            provider: NAME.to_owned(),
            account: inbound.account.to_owned(),
        },
        refs: References::none().and(RefKind::Dispute, dispute),
        by: Party::Provider,
        authority: Authority::ReadBack,
        true_at: inbound.received_at,
        sequence: 0,
    };
    let Some(value) = object.field("defenseReasons") else {
        draft.mark(object.span(), Fate::OtherBusiness("no-defences".to_owned()));
        return draft.finish();
    };
    let Some(reasons) = value.items() else {
        field::wrong_type(&mut draft, value, "defenseReasons", "a list");
        draft.mark(object.span(), Fate::Rejected);
        return draft.finish();
    };
    for reason in reasons {
        let fate = match defence(
            &mut draft,
            &voice,
            stage.unwrap_or(Stage::Chargeback),
            reason,
        ) {
            Ok(()) => Fate::Understood,
            Err(Rejected) => Fate::Rejected,
        };
        draft.mark(reason.span(), fate);
    }
    draft.finish()
}

fn defence(
    draft: &mut Draft,
    voice: &Voice,
    stage: Stage,
    value: Value<'_>,
) -> Result<(), Rejected> {
    let Some(object) = value.object() else {
        field::wrong_type(draft, value, "defenseReasons", "a list of objects");
        return Err(Rejected);
    };
    field::twice(draft, &object)?;
    let (defence, _) = field::required_text(draft, &object, "defenseReasonCode")?;
    let documents = match object.field("defenseDocumentTypes") {
        None => Vec::new(),
        Some(list) => list.items().ok_or_else(|| {
            field::wrong_type(draft, list, "defenseDocumentTypes", "a list");
            Rejected
        })?,
    };
    let mut read = Vec::new();
    for value in documents {
        read.push(document(draft, value)?);
    }
    // "OneOrMore" asks for one of several: which one is ours to choose, so none of them alone is required.
    let choices = read.iter().filter(|one| one.level == "OneOrMore").count();
    let mut slots = Vec::new();
    for one in read {
        let required = match one.level.as_str() {
            "Required" | "AlternativeRequired" => true,
            "OneOrMore" => choices == 1,
            "Optional" => false,
            _ => {
                draft.drift(voice, one.value.span(), "requirementLevel", &one.level);
                false
            }
        };
        slots.push(RequiredSlot {
            slot: one.slot,
            required,
        });
    }
    let said = Said::Requires {
        stage,
        defence,
        slots,
    };
    draft.say(voice, object.span(), said);
    for (name, value) in
        object.unlisted(&["defenseReasonCode", "defenseDocumentTypes", "satisfied"])
    {
        draft.drift(voice, value.span(), name, value.raw());
    }
    Ok(())
}

/// One document type of a defence.
struct DocumentType<'a> {
    slot: String,
    level: String,
    value: Value<'a>,
}

fn document<'a>(draft: &mut Draft, value: Value<'a>) -> Result<DocumentType<'a>, Rejected> {
    let Some(object) = value.object() else {
        field::wrong_type(draft, value, "defenseDocumentTypes", "a list of objects");
        return Err(Rejected);
    };
    field::twice(draft, &object)?;
    let slot = field::required_text(draft, &object, "defenseDocumentTypeCode");
    let level = field::required_text(draft, &object, "requirementLevel");
    Ok(DocumentType {
        slot: slot?.0,
        level: level?.0,
        value,
    })
}
