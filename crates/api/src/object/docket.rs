//! What Stripe's object has no place for: given only to who asks with `expand[]=docket`, so that strict clients see Stripe's
//! shape.

use app::case;
use app::disputes::Dispute;
use serde_json::{Value, json};

/// The desk's own view, with our due date beside Stripe's.
pub fn render(dispute: &Dispute) -> Value {
    let case = &dispute.case;
    let deadline = case.status.deadline();
    let due = deadline.and_then(|deadline| deadline.respond_by());
    let answers: Vec<Value> = case
        .answers
        .iter()
        .map(|answer| {
            json!({
                "stage": answer.stage.name(),
                "what": if answer.digest.is_empty() { "acceptance" } else { "evidence" },
                "state": answer.state.name(),
                "attempt": answer.attempt,
            })
        })
        .collect();
    json!({
        "case": case.id.to_string(),
        "provider": case.scope.provider,
        "account": case.scope.account,
        "merchant": dispute.merchant,
        "dispute": case.dispute,
        "stage": case.status.stage().map(|stage| stage.name()),
        "standing": case.status.word(),
        "contestable": deadline.map(|deadline| deadline.contestable),
        "respond_by": due.map(|due| due.to_string()),
        "money": case.money.name(),
        "evidence": case::evidence(case, &dispute.looks),
        "answers": answers,
        "findings": case.findings.iter().map(|finding| finding.kind.name()).collect::<Vec<_>>(),
    })
}
