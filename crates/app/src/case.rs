//! One case, whole.

use crate::files::Looks;
use crate::shape::{Amount, At, By};
use crate::{Desk, Error, redact};
use dispute::case::{AnswerState, Case, Status};
use dispute::obligation::{Obligation, Standing};
use dispute::rules;
use dispute::said::{Audience, EvidenceContent};
use dispute::strength;
use engine::command::Opened;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything a person sees of a case.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct CaseView {
    pub case: String,
    pub family: String,
    pub provider: String,
    pub account: String,
    pub dispute: String,
    pub stage: Option<&'static str>,
    /// Whose move it is, or how it ended.
    pub status: &'static str,
    pub open: bool,
    pub said_by: Option<&'static str>,
    pub deadline: Option<DeadlineView>,
    pub lifecycle: &'static str,
    pub network: Option<String>,
    pub reason: Option<ReasonView>,
    pub disputed: Option<Amount>,
    pub paid: Option<Amount>,
    pub recovered: Option<Amount>,
    pub refunded: Vec<Amount>,
    pub money: MoneyView,
    pub movements: Vec<MovementView>,
    pub evidence: EvidenceView,
    pub answers: Vec<AnswerView>,
    pub obligations: Vec<ObligationView>,
    pub findings: Vec<FindingView>,
    pub references: BTreeMap<&'static str, Vec<String>>,
    pub steps: Vec<StepView>,
    /// The other cases of the same payment.
    pub linked: Vec<LinkedView>,
    pub assigned_to: Option<String>,
    /// Among the desk's own people: no page of a merchant takes these.
    pub notes: Vec<NoteView>,
    /// Between the desk and the merchant, oldest first.
    pub messages: Vec<MessageView>,
    pub opened_at: At,
    pub changed_at: At,
    pub facts: usize,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DeadlineView {
    pub contestable: bool,
    /// The moment that binds.
    pub respond_by: Option<By>,
    /// The provider's own cut-off.
    pub cutoff: Option<By>,
    /// The network's limit, and the rule that computes it.
    pub network_limit: Option<By>,
    pub network_rule: Option<String>,
    /// When we mean to have answered.
    pub aim_for: Option<At>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ReasonView {
    pub reason: String,
    /// The network's code, and its title in the rule book.
    pub code: Option<String>,
    pub title: Option<&'static str>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct MoneyView {
    pub state: &'static str,
    pub totals: Vec<TotalsView>,
    pub divergence: Option<DivergenceView>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct TotalsView {
    pub currency: String,
    pub withdrawn: Amount,
    pub reinstated: Amount,
    pub fees: Amount,
    pub lost: Amount,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DivergenceView {
    pub amount: Amount,
    pub since: At,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct MovementView {
    pub key: String,
    pub kind: &'static str,
    pub amount: Amount,
    pub settled: bool,
    pub at: At,
    pub fact: String,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct EvidenceView {
    /// What the next save, review or seal must name.
    pub version: u32,
    pub slots: Vec<SlotView>,
    pub reviewed: Option<ReviewView>,
    pub sealed: Option<SealView>,
    pub requirements: Vec<NeedView>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct SlotView {
    pub slot: String,
    /// `text`, `file` or `empty`.
    pub kind: &'static str,
    pub text: Option<String>,
    pub file: Option<FileView>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct FileView {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub digest: String,
    /// Of a PDF, or images of a TIFF; `None` where nobody looked or a file has none.
    pub pages: Option<u32>,
    /// Width and height of an image.
    pub pixels: Option<(u32, u32)>,
    /// What a person should know before it is sent on, each with its place.
    pub told: Vec<String>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ReviewView {
    pub version: u32,
    pub reviewer: String,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct SealView {
    pub version: u32,
    pub digest: String,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct NeedView {
    pub slot: String,
    pub required: bool,
    pub ready: bool,
    pub basis: String,
    /// `missing`, `weak`, `optional`, `waived` or `ready`: `dispute::strength` says what each means.
    pub state: &'static str,
    /// Why it is said to stand so.
    pub why: String,
    /// What the slot holds, in the evidence catalogue's words.
    pub meaning: Option<&'static str>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct AnswerView {
    pub stage: &'static str,
    /// `evidence` or `acceptance`.
    pub what: &'static str,
    pub state: &'static str,
    /// The provider's words, when it refused.
    pub refusal: Option<String>,
    pub attempt: u32,
    pub digest: String,
    pub asked_at: At,
    pub settled_at: Option<At>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ObligationView {
    pub obligation: String,
    pub duty: String,
    pub debtor: &'static str,
    pub creditor: &'static str,
    pub amount: Option<Amount>,
    pub due_by: By,
    pub basis: String,
    pub standing: &'static str,
    /// When it was met or broken.
    pub settled_at: Option<At>,
    /// Why it was waived.
    pub waived: Option<String>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct FindingView {
    pub finding: String,
    pub kind: &'static str,
    pub fingerprint: String,
    pub detail: String,
    pub amount: Option<Amount>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct StepView {
    pub at: At,
    pub stage: &'static str,
    pub standing: &'static str,
    pub fact: String,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct LinkedView {
    pub case: String,
    pub dispute: String,
    pub stage: Option<&'static str>,
    pub status: &'static str,
    pub disputed: Option<Amount>,
}

/// A message that both sides see. It is made from messages alone: a note has another type and no way into this one.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct MessageView {
    pub at: At,
    /// From the desk to the merchant; else from the merchant to the desk.
    pub from_desk: bool,
    pub author: String,
    pub text: String,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct NoteView {
    pub at: At,
    pub author: String,
    pub text: String,
}

impl Desk {
    /// The case that people mean by this text, for showing.
    pub fn show(&mut self, name: &str) -> Result<CaseView, Error> {
        let opened = self.case(name)?;
        let looks = self.looks(&opened.case)?;
        Ok(view(&opened, &looks))
    }
}

/// A case for showing.
pub fn view(opened: &Opened, looks: &Looks) -> CaseView {
    let case = &opened.case;
    let said_by = match &case.status {
        Status::Closed { said_by, .. } => Some(said_by.name()),
        Status::Unstated | Status::Open { .. } => None,
    };
    let mut references: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for reference in case.refs.iter() {
        references
            .entry(reference.kind.name())
            .or_default()
            .push(redact::pans(&reference.value));
    }
    CaseView {
        case: case.id.to_string(),
        family: opened.row.family.to_string(),
        provider: case.scope.provider.clone(),
        account: case.scope.account.clone(),
        dispute: case.dispute.clone(),
        stage: case.status.stage().map(|stage| stage.name()),
        status: case.status.word(),
        open: matches!(case.status, Status::Open { .. }),
        said_by,
        deadline: deadline(case),
        lifecycle: case.lifecycle,
        network: case
            .network
            .as_ref()
            .map(|network| network.name().to_owned()),
        reason: reason(case),
        disputed: case.disputed.map(Amount),
        paid: case.paid.map(Amount),
        recovered: case.recovered.map(Amount),
        refunded: case.refunded.iter().copied().map(Amount).collect(),
        money: money(case),
        movements: movements(case),
        evidence: evidence(case, looks),
        answers: answers(case),
        obligations: case.obligations.iter().map(obligation).collect(),
        findings: findings(case),
        references,
        steps: steps(case),
        linked: opened.linked.iter().map(linked).collect(),
        assigned_to: case.assigned_to.clone(),
        notes: notes(case),
        messages: messages(case),
        opened_at: case.opened_at.into(),
        changed_at: case.changed_at.into(),
        facts: opened.facts.len(),
    }
}

fn deadline(case: &Case) -> Option<DeadlineView> {
    let deadline = case.status.deadline()?;
    Some(DeadlineView {
        contestable: deadline.contestable,
        respond_by: deadline.respond_by().map(By),
        cutoff: deadline.cutoff.map(By),
        network_limit: deadline.limit.as_ref().map(|(moment, _)| By(*moment)),
        network_rule: deadline.limit.as_ref().map(|(_, rule)| rule.clone()),
        aim_for: deadline.aim_for().map(At),
    })
}

fn reason(case: &Case) -> Option<ReasonView> {
    let claim = case.reason.as_ref()?;
    let network = claim.network.as_ref().or(case.network.as_ref());
    let known = network
        .zip(claim.code.as_deref())
        .and_then(|(network, code)| rules::reason_code(network, code));
    Some(ReasonView {
        reason: claim.reason.name().to_string(),
        code: claim.code.clone(),
        title: known.map(|code| code.title),
    })
}

fn money(case: &Case) -> MoneyView {
    let totals = case.totals.iter().map(|(currency, totals)| TotalsView {
        currency: currency.code().to_owned(),
        withdrawn: totals.withdrawn.into(),
        reinstated: totals.reinstated.into(),
        fees: totals.fees.into(),
        lost: totals.lost.into(),
    });
    let divergence = case.divergence.as_ref().map(|divergence| DivergenceView {
        amount: divergence.amount.into(),
        since: divergence.since.into(),
    });
    MoneyView {
        state: case.money.name(),
        totals: totals.collect(),
        divergence,
    }
}

fn movements(case: &Case) -> Vec<MovementView> {
    let views = case.movements.values().map(|booked| MovementView {
        key: booked.movement.key.clone(),
        kind: booked.movement.kind.name(),
        amount: booked.movement.amount.into(),
        settled: booked.movement.settled,
        at: booked.at.into(),
        fact: booked.fact.to_string(),
    });
    views.collect()
}

/// The draft of a case, for showing, with what is known of its files.
pub fn evidence(case: &Case, looks: &Looks) -> EvidenceView {
    let evidence = &case.evidence;
    let slots = evidence.slots.iter().map(|(slot, content)| {
        let (kind, text, file) = match content {
            EvidenceContent::Text(text) => ("text", Some(redact::pans(text)), None),
            EvidenceContent::File {
                digest,
                name,
                media_type,
                bytes,
            } => {
                let look = looks.of(digest);
                let file = FileView {
                    pages: look.and_then(|look| look.file.pages),
                    pixels: look.and_then(|look| look.file.pixels),
                    told: look.map(|look| look.told.clone()).unwrap_or_default(),
                    name: name.clone(),
                    media_type: media_type.clone(),
                    bytes: *bytes,
                    digest: digest.clone(),
                };
                ("file", None, Some(file))
            }
            EvidenceContent::Cleared => ("empty", None, None),
        };
        SlotView {
            slot: slot.clone(),
            kind,
            text,
            file,
        }
    });
    let judged = strength::judge(evidence, &|digest| looks.file(digest));
    let needs = evidence.requirements.iter().zip(judged);
    let requirements = needs.map(|(need, judged)| NeedView {
        slot: need.slot.clone(),
        required: need.required,
        ready: need.ready,
        basis: need.basis.clone(),
        state: judged.strength.name(),
        why: redact::pans(&judged.why),
        meaning: rules::slots()
            .iter()
            .find(|slot| slot.id == need.slot)
            .map(|slot| slot.meaning),
    });
    EvidenceView {
        version: evidence.version,
        slots: slots.collect(),
        reviewed: evidence
            .reviewed
            .as_ref()
            .map(|(version, reviewer)| ReviewView {
                version: *version,
                reviewer: reviewer.clone(),
            }),
        sealed: evidence.sealed.as_ref().map(|(version, digest)| SealView {
            version: *version,
            digest: digest.clone(),
        }),
        requirements: requirements.collect(),
    }
}

fn answers(case: &Case) -> Vec<AnswerView> {
    let views = case.answers.iter().map(|answer| AnswerView {
        stage: answer.stage.name(),
        what: answer.kind().name(),
        state: answer.state.name(),
        refusal: match &answer.state {
            AnswerState::Refused(words) => Some(redact::pans(words)),
            _ => None,
        },
        attempt: answer.attempt,
        digest: answer.digest.clone(),
        asked_at: answer.asked_at.into(),
        settled_at: answer.settled_at.map(At),
    });
    views.collect()
}

fn obligation(owed: &Obligation) -> ObligationView {
    let (settled_at, waived) = match &owed.standing {
        Standing::Open => (None, None),
        Standing::Met { at } | Standing::MetLate { at } | Standing::Broken { at } => {
            (Some(At(*at)), None)
        }
        Standing::Waived { why } => (None, Some(why.clone())),
    };
    ObligationView {
        obligation: owed.id.to_string(),
        duty: owed.duty.key(),
        debtor: owed.debtor.name(),
        creditor: owed.creditor.name(),
        amount: owed.amount.map(Amount),
        due_by: owed.due_by.into(),
        basis: owed.basis.clone(),
        standing: owed.standing.name(),
        settled_at,
        waived,
    }
}

fn findings(case: &Case) -> Vec<FindingView> {
    let views = case.findings.iter().map(|finding| FindingView {
        finding: finding.id(&case.id).to_string(),
        kind: finding.kind.name(),
        fingerprint: finding.fingerprint.clone(),
        detail: redact::pans(&finding.detail),
        amount: finding.amount.map(Amount),
    });
    views.collect()
}

fn steps(case: &Case) -> Vec<StepView> {
    let views = case.steps.iter().map(|step| StepView {
        at: step.at.into(),
        stage: step.phase.stage.name(),
        standing: step.phase.standing.name(),
        fact: step.fact.to_string(),
    });
    views.collect()
}

fn linked(case: &Case) -> LinkedView {
    LinkedView {
        case: case.id.to_string(),
        dispute: case.dispute.clone(),
        stage: case.status.stage().map(|stage| stage.name()),
        status: case.status.word(),
        disputed: case.disputed.map(Amount),
    }
}

fn notes(case: &Case) -> Vec<NoteView> {
    let views = case.notes.iter().map(|(at, author, text)| NoteView {
        at: (*at).into(),
        author: author.clone(),
        text: redact::pans(text),
    });
    views.collect()
}

fn messages(case: &Case) -> Vec<MessageView> {
    let views = case.messages.iter().map(|message| MessageView {
        at: message.at.into(),
        from_desk: message.to == Audience::Merchant,
        author: message.author.clone(),
        text: redact::pans(&message.text),
    });
    views.collect()
}
