//! What people do with a dispute, each as one effect: from the version of the draft that they saw, and once for an
//! idempotency key.

use super::dispute::{named, view};
use super::operation::{Nothing, Operation, Tagged};
use crate::call::Call;
use crate::route::update::{file, repeated};
use crate::{Error, once};
use access::Tenant;
use access::policy::{Action, Resource};
use app::case::CaseView;
use app::disputes::{Amended, refuse_card_number, text_content};
use app::{Command, Desk, EvidenceContent, Opened, Sight};
use dispute::case::Case;
use dispute::rejection::Rejection;
use dispute::said::Audience;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

const ANSWER: (Action, Resource) = (Action::Answer, Resource::Evidence);

pub(super) fn operations() -> Vec<Operation> {
    let mut all = answering();
    all.extend(beside());
    all
}

fn answering() -> Vec<Operation> {
    let accept = (Action::Accept, Resource::Disputes);
    vec![
        Operation::change(
            "/docket/v1/disputes/{dispute}/evidence",
            "saveEvidence",
            "Fills, replaces or empties slots of the draft, all or none.",
            ANSWER,
            save,
        )
        .guarded(),
        Operation::change(
            "/docket/v1/disputes/{dispute}/review",
            "reviewEvidence",
            "Says that one has read the draft at this version.",
            ANSWER,
            |desk, call, _: Nothing| {
                versioned(desk, call, |if_version| Command::Review { if_version })
            },
        )
        .guarded(),
        Operation::change(
            "/docket/v1/disputes/{dispute}/seal",
            "sealEvidence",
            "Freezes the draft: what is sent is exactly this.",
            ANSWER,
            |desk, call, _: Nothing| {
                versioned(desk, call, |if_version| Command::Seal { if_version })
            },
        )
        .guarded(),
        Operation::change(
            "/docket/v1/disputes/{dispute}/submit",
            "submitEvidence",
            "Sends the sealed packet. The answer says that it is asked for; its state then tells what became of it.",
            ANSWER,
            |desk, call, _: Nothing| versioned(desk, call, |_| Command::Submit),
        )
        .guarded(),
        Operation::change(
            "/docket/v1/disputes/{dispute}/withdraw",
            "withdrawAnswer",
            "Takes back a seal, and an answer that has not left.",
            ANSWER,
            |desk, call, _: Nothing| versioned(desk, call, |_| Command::Withdraw),
        )
        .guarded(),
        Operation::change(
            "/docket/v1/disputes/{dispute}/accept",
            "acceptDispute",
            "Concedes the stage that waits for us: the money is given up.",
            accept,
            |desk, call, _: Nothing| versioned(desk, call, |_| Command::Accept),
        )
        .guarded(),
        Operation::change(
            "/docket/v1/disputes/{dispute}/dishonor",
            "dishonorReturn",
            "Refuses a return on bank rails, for the reason of a code of the network.",
            ANSWER,
            dishonor,
        )
        .guarded(),
    ]
}

fn beside() -> Vec<Operation> {
    vec![
        Operation::change(
            "/docket/v1/disputes/{dispute}/notes",
            "addNote",
            "Writes a note on a dispute, for the desk's own people. A merchant's key writes a message to the desk instead.",
            (Action::Note, Resource::Disputes),
            note,
        ),
        Operation::change(
            "/docket/v1/disputes/{dispute}/messages",
            "sendMessage",
            "Writes to the other side: the desk to the merchant, or the merchant to the desk. Both see it.",
            (Action::Note, Resource::Disputes),
            tell,
        ),
        Operation::change(
            "/docket/v1/disputes/{dispute}/assign",
            "assignDispute",
            "Gives a dispute to a person; an empty name frees it.",
            (Action::Assign, Resource::Disputes),
            assign,
        ),
        Operation::change(
            "/docket/v1/disputes/{dispute}/obligations/waive",
            "waiveObligation",
            "Does without an obligation that is open or broken, with a reason. A person does this, not a key.",
            (Action::Waive, Resource::Obligations),
            waive,
        ),
        Operation::change(
            "/docket/v1/disputes/{dispute}/requirements/{slot}/waive",
            "waiveRequirement",
            "Does without evidence that our rules ask for, with a reason. A person does this, not a key.",
            (Action::Waive, Resource::Evidence),
            waive_slot,
        ),
    ]
}

/// A refusal by our rules: 409, for the same request would do if the case stood elsewhere.
pub(super) fn refused(rejection: &Rejection) -> Error {
    let status = match rejection {
        Rejection::VersionMoved { .. } => 412,
        Rejection::NoSuchSlot { .. }
        | Rejection::TextTooLong { .. }
        | Rejection::NotPrinted { .. }
        | Rejection::Blank { .. }
        | Rejection::NoSuchObligation { .. }
        | Rejection::NoSuchCode { .. } => 400,
        _ => 409,
    };
    Error::refused(rejection).status(status)
}

/// Carries out what `plan` says, if the draft is still the one that the caller saw.
pub(super) fn carried_out(
    desk: &mut Desk,
    call: &mut Call,
    opened: &Opened,
    plan: &dyn Fn(&Case) -> Vec<Command>,
) -> Result<Tagged<CaseView>, Error> {
    desk.look_as(&Sight::All)?;
    if !repeated(desk, call)? {
        let seen = call.seen;
        let is = opened.case.evidence.version;
        if let Some(seen) = seen.filter(|seen| *seen != is) {
            return Err(refused(&Rejection::VersionMoved { seen, is }).param("If-Match"));
        }
        // Between the look and the deed somebody may have saved: then sealing what was seen is what is refused.
        let held = |case: &Case| match seen {
            Some(seen) if case.evidence.version != seen => {
                vec![Command::Seal { if_version: seen }]
            }
            _ => plan(case),
        };
        let actor = call.entered.actor();
        let id = &opened.case.id;
        match desk.amend(id, &held, &actor, call.once.as_ref(), call.now)? {
            Amended::Done(_) => {}
            Amended::Refused { rejection, .. } => return Err(refused(&rejection)),
            Amended::Before(row) => {
                if let Some(asked) = &call.once {
                    once::same(asked, &row)?;
                }
            }
        }
    }
    desk.look_as(&call.sight())?;
    let after = named(desk, call)?;
    Ok(Tagged {
        version: after.case.evidence.version,
        view: view(desk, &after, call)?,
    })
}

/// One command from the version that the caller saw.
fn versioned(
    desk: &mut Desk,
    call: &mut Call,
    command: fn(u32) -> Command,
) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    let seen = call.seen.unwrap_or_default();
    carried_out(desk, call, &opened, &|_| vec![command(seen)])
}

/// What goes into a slot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Content {
    Text(#[schemars(length(min = 1, max = 20_000))] String),
    /// A file's id; `POST /v1/files` gave it.
    File(#[schemars(length(min = 1, max = 255))] String),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// Slots by name; null empties one.
    slots: BTreeMap<String, Option<Content>>,
}

fn save(desk: &mut Desk, call: &mut Call, sent: Draft) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    let seen = call.seen.unwrap_or_default();
    let mut commands = Vec::with_capacity(sent.slots.len());
    for (slot, content) in sent.slots {
        let param = format!("slots.{slot}");
        let content = match content {
            None => EvidenceContent::Cleared,
            Some(Content::Text(text)) => text_content(&slot, &text)
                .map_err(|error| Error::from(error).param(param.clone()))?,
            Some(Content::File(id)) => {
                let dispute = desk.dispute(opened.case.id.as_str())?;
                let dispute =
                    dispute.ok_or_else(|| Error::missing("dispute", call.named(0), "dispute"))?;
                let content = file(desk, call, &dispute, &id, &param)?;
                desk.look_as(&call.sight())?;
                content
            }
        };
        let made = u32::try_from(commands.len()).unwrap_or(u32::MAX);
        commands.push(Command::SaveEvidence {
            if_version: seen.saturating_add(made),
            slot,
            content,
        });
    }
    if commands.is_empty() {
        return Err(Error::invalid("Name at least one slot.").param("slots"));
    }
    carried_out(desk, call, &opened, &|_| commands.clone())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Dishonor {
    /// Such as `R61`.
    #[schemars(length(min = 1, max = 10))]
    code: String,
}

fn dishonor(desk: &mut Desk, call: &mut Call, sent: Dishonor) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    carried_out(desk, call, &opened, &|_| {
        vec![Command::Dishonor {
            code: sent.code.clone(),
        }]
    })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Assignment {
    #[schemars(length(max = 255))]
    to: String,
}

fn assign(desk: &mut Desk, call: &mut Call, sent: Assignment) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    refuse_card_number("to", &sent.to)?;
    carried_out(desk, call, &opened, &|_| {
        vec![Command::Assign {
            to: sent.to.clone(),
        }]
    })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Waiver {
    /// Its id, or what is owed, such as `respond/chargeback`.
    #[schemars(length(min = 1, max = 255))]
    obligation: String,
    #[schemars(length(min = 1, max = 20_000))]
    reason: String,
}

/// Why one does without.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[schemars(length(min = 1, max = 20_000))]
    reason: String,
}

fn waive(desk: &mut Desk, call: &mut Call, sent: Waiver) -> Result<Tagged<CaseView>, Error> {
    // What is required of evidence is another right, and has its own address.
    if sent.obligation.starts_with(SLOT) {
        let obligation = sent.obligation;
        return Err(refused(&Rejection::NoSuchObligation { obligation }).param("obligation"));
    }
    waived(desk, call, sent.obligation, sent.reason)
}

fn waive_slot(desk: &mut Desk, call: &mut Call, sent: Reason) -> Result<Tagged<CaseView>, Error> {
    let slot = format!("{SLOT}{}", call.named(1));
    waived(desk, call, slot, sent.reason)
}

/// How a requirement of the draft is named among what can be waived.
const SLOT: &str = "slot:";

fn waived(
    desk: &mut Desk,
    call: &mut Call,
    obligation: String,
    reason: String,
) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    refuse_card_number("reason", &reason)?;
    let command = Command::Waive { obligation, reason };
    carried_out(desk, call, &opened, &|_| vec![command.clone()])
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoteSent {
    #[schemars(length(min = 1, max = 20_000))]
    text: String,
}

fn note(desk: &mut Desk, call: &mut Call, sent: NoteSent) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    refuse_card_number("text", &sent.text)?;
    let command = noted(call, sent.text);
    carried_out(desk, call, &opened, &|_| vec![command.clone()])
}

/// Notes stay among the desk's people, so what a merchant writes is a message to them: it would vanish otherwise.
pub(super) fn noted(call: &Call, text: String) -> Command {
    if at_the_desk(call) {
        Command::Note { text }
    } else {
        told(call, text)
    }
}

fn tell(desk: &mut Desk, call: &mut Call, sent: NoteSent) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    refuse_card_number("text", &sent.text)?;
    let command = told(call, sent.text);
    carried_out(desk, call, &opened, &|_| vec![command.clone()])
}

fn told(call: &Call, text: String) -> Command {
    let to = if at_the_desk(call) {
        Audience::Merchant
    } else {
        Audience::Desk
    };
    Command::Tell { to, text }
}

/// Whether the asker is of the desk, and not of a merchant.
pub(super) fn at_the_desk(call: &Call) -> bool {
    matches!(call.entered.asker.tenant(), Tenant::Desk)
}
