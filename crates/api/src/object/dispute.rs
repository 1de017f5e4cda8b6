//! The dispute, for every provider in one shape.

use super::{balance, charge, currency, docket, enhanced, minor};
use crate::expand::Expand;
use crate::ids;
use crate::tables::{FIELDS, Field, Standing, Takes, reason, standing, under_way};
use app::disputes::Dispute;
use app::files::file_id;
use calendar::Instant;
use dispute::case::{Case, Status};
use dispute::obligation::{Duty, Standing as Owed};
use dispute::rules;
use dispute::said::EvidenceContent;
use money::Money;
use serde_json::{Map, Value, json};

/// The object. `now` says only whether a deadline has passed.
pub fn render(dispute: &Dispute, expand: &Expand, now: Instant) -> Value {
    let case = &dispute.case;
    let standing = standing(case);
    let balances: Vec<Value> = balance::all(dispute)
        .into_iter()
        .rev()
        .map(|(_, value)| value)
        .collect();
    let amount = amount(case);
    let mut object = json!({
        "id": ids::dispute(case),
        "object": "dispute",
        "amount": amount.map_or(0, |amount| minor(amount).saturating_abs()),
        "balance_transactions": balances,
        "charge": match expand.under("charge") {
            Some(inner) => charge::render(dispute, &inner),
            None => json!(ids::charge(case)),
        },
        "created": case.opened_at.unix_seconds(),
        // ISO 4217's own word for "no currency": a dispute of which only a deadline is known has none yet.
        "currency": amount.map_or_else(|| String::from("xxx"), currency),
        "enhanced_eligibility_types": enhanced::eligible(case),
        "evidence": evidence(dispute),
        "evidence_details": details(dispute, now),
        "intended_submission_method": null,
        "is_charge_refundable": refundable(case, standing),
        "livemode": dispute.live,
        "metadata": dispute.metadata,
        "payment_intent": match expand.under("payment_intent") {
            Some(inner) => charge::intent(dispute, &inner).unwrap_or(Value::Null),
            None => json!(ids::intent(case)),
        },
        "reason": reason(case),
        "status": standing.status,
    });
    if let Some(fields) = object.as_object_mut() {
        if let Some(code) = code(case) {
            fields.insert("network_reason_code".to_owned(), json!(code));
        }
        if let Some(details) = method(case, standing) {
            fields.insert("payment_method_details".to_owned(), details);
        }
        if expand.has("docket") {
            fields.insert("docket".to_owned(), docket::render(dispute));
        }
    }
    object
}

/// What is disputed; where no document says it, what moved or what was paid.
fn amount(case: &Case) -> Option<Money> {
    let moved = || {
        case.movements
            .values()
            .next()
            .map(|booked| booked.movement.amount)
    };
    case.disputed.or(case.paid).or_else(moved)
}

fn code(case: &Case) -> Option<&str> {
    case.reason.as_ref()?.code.as_deref()
}

fn method(case: &Case, standing: Standing) -> Option<Value> {
    let kind = charge::method(case)?;
    let code = code(case);
    Some(match kind {
        "card" => {
            let brand = charge::brand(case)?;
            json!({
                "card": {
                    "brand": brand,
                    "case_type": standing.case_type,
                    "network": brand,
                    "network_reason_code": code,
                },
                "type": "card",
            })
        }
        "paypal" => {
            json!({ "paypal": { "case_id": case.dispute, "reason_code": code }, "type": "paypal" })
        }
        other => json!({ "type": other }),
    })
}

/// A refund still ends it, while no money has moved for it.
fn refundable(case: &Case, standing: Standing) -> bool {
    let open = matches!(
        standing.status,
        "warning_needs_response" | "warning_under_review"
    );
    let refunded: i64 = case.refunded.iter().map(|refund| minor(*refund)).sum();
    open && amount(case).is_none_or(|amount| refunded < minor(amount))
}

fn evidence(dispute: &Dispute) -> Value {
    let mut fields = Map::new();
    for field in FIELDS.iter() {
        fields.insert(field.name.to_owned(), shown(dispute, field));
    }
    fields.insert("appeal".to_owned(), Value::Null);
    fields.insert("enhanced_evidence".to_owned(), enhanced::evidence(dispute));
    Value::Object(fields)
}

/// What a field shows: its own slot, or the first filled one of those that have no field of their own.
fn shown(dispute: &Dispute, field: &Field) -> Value {
    let slots = &dispute.case.evidence.slots;
    // Kinds of documents that only the provider has a word for are shown as what they are for Stripe's clients.
    let others = slots
        .iter()
        .filter(|(slot, _)| {
            field.name == "uncategorized_file"
                && !rules::slots().iter().any(|known| known.id == **slot)
        })
        .map(|(_, content)| content);
    let filled = std::iter::once(&field.slot)
        .chain(&field.also)
        .filter_map(|slot| slots.get(*slot))
        .chain(others);
    let mut shown = filled.filter_map(|content| match (content, field.takes) {
        (EvidenceContent::Text(text), Takes::Text { .. }) => Some(json!(text)),
        (EvidenceContent::File { digest, name, .. }, Takes::File) => Some(json!(file_id(
            dispute.merchant.as_deref(),
            dispute.live,
            digest,
            name
        ))),
        _ => None,
    });
    shown.next().unwrap_or(Value::Null)
}

fn details(dispute: &Dispute, now: Instant) -> Value {
    let case = &dispute.case;
    let submitted = submissions(case);
    let filled = case
        .evidence
        .slots
        .values()
        .any(|content| *content != EvidenceContent::Cleared);
    json!({
        "due_by": due_by(case),
        "enhanced_eligibility": enhanced::eligibility(dispute),
        "has_evidence": filled || submitted > 0,
        "past_due": late(case, now),
        "submission_count": submitted,
        "submission_method": if submitted > 0 { "manual" } else { "not_submitted" },
    })
}

/// How many submissions of evidence the desk has taken over and nobody refused.
fn submissions(case: &Case) -> usize {
    let counted = case
        .answers
        .iter()
        .filter(|answer| !answer.digest.is_empty() && under_way(&answer.state));
    counted.count()
}

/// The last second in which an answer is taken; 0 where the bank takes none, as Stripe says it; null where nothing says.
fn due_by(case: &Case) -> Value {
    if let Some(deadline) = case.status.deadline() {
        if !deadline.contestable {
            return json!(0);
        }
        return json!(
            deadline
                .respond_by()
                .map(|by| by.latest_instant().unix_seconds())
        );
    }
    let answers = case
        .obligations
        .iter()
        .rev()
        .find(|owed| matches!(owed.duty, Duty::Respond(_)));
    if let Some(answer) = answers {
        return json!(answer.due_by.latest_instant().unix_seconds());
    }
    // Nobody has a move and nobody had one: rails that take no answer, such as returns.
    match &case.status {
        Status::Open { .. } => json!(0),
        Status::Unstated | Status::Closed { .. } => Value::Null,
    }
}

/// Whether the last submission went after the due date, or none went and it has passed.
fn late(case: &Case, now: Instant) -> bool {
    let answers = case
        .obligations
        .iter()
        .rev()
        .find(|owed| matches!(owed.duty, Duty::Respond(_)));
    answers.is_some_and(|owed| match &owed.standing {
        Owed::MetLate { .. } | Owed::Broken { .. } => true,
        Owed::Open => now > owed.due_by.latest_instant(),
        Owed::Met { .. } | Owed::Waived { .. } => false,
    })
}
