//! A case as named text values: one list for `show`, `why`, digests and comparisons.

use crate::case::{AnswerState, Case, Status};
use crate::said::{Audience, EvidenceContent};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{Arguments, Display};

/// Every field with its value, in an order that does not change. Absent values are absent.
pub fn fields(case: &Case) -> Vec<(String, String)> {
    let mut all = Vec::new();
    each(case, &mut |name, value| {
        all.push((name.to_string(), value.to_string()));
    });
    all
}

/// As [`fields`], each shown to `take` as name and value, unwritten: a digest writes them into one text.
pub(crate) fn each(case: &Case, take: &mut dyn FnMut(Arguments<'_>, Arguments<'_>)) {
    let mut fields = Fields(take);
    fields.put("id", &case.id);
    fields.put("provider", &case.scope.provider);
    fields.put("account", &case.scope.account);
    fields.put("dispute", &case.dispute);
    fields.put("lifecycle", case.lifecycle);
    fields.put("status", case.status.word());
    if let Some(stage) = case.status.stage() {
        fields.put("stage", stage.name());
    }
    if let Status::Closed { said_by, .. } = &case.status {
        fields.put("said_by", said_by.name());
    }
    deadline(case, &mut fields);
    if let Some(network) = &case.network {
        fields.put("network", network.name());
    }
    if let Some(claim) = &case.reason {
        fields.put("reason", claim.reason.name());
        fields.maybe("reason_code", claim.code.as_ref());
    }
    fields.maybe("disputed", case.disputed.as_ref());
    fields.maybe("paid", case.paid.as_ref());
    fields.maybe("recovered", case.recovered.as_ref());
    money(case, &mut fields);
    fields.maybe("assigned_to", case.assigned_to.as_ref());
    fields.put("opened_at", case.opened_at);
    fields.put("changed_at", case.changed_at);
    lists(case, &mut fields);
}

struct Fields<'a>(&'a mut dyn FnMut(Arguments<'_>, Arguments<'_>));

impl Fields<'_> {
    fn put(&mut self, name: impl Display, value: impl Display) {
        (self.0)(format_args!("{name}"), format_args!("{value}"));
    }

    fn maybe(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }
}

fn deadline(case: &Case, fields: &mut Fields<'_>) {
    let Some(deadline) = case.status.deadline() else {
        return;
    };
    match deadline.respond_by() {
        Some(moment) => fields.put("respond_by", moment),
        None => fields.put("respond_by", "not contestable"),
    }
    fields.maybe("cutoff", deadline.cutoff.as_ref());
    if let Some((moment, rule)) = &deadline.limit {
        fields.put("network_limit", format_args!("{moment} by {rule}"));
    }
    fields.maybe("aim_for", deadline.aim_for().as_ref());
}

fn money(case: &Case, fields: &mut Fields<'_>) {
    fields.put("money", case.money.name());
    for (currency, total) in &case.totals {
        fields.put(format_args!("withdrawn.{currency}"), total.withdrawn);
        fields.put(format_args!("reinstated.{currency}"), total.reinstated);
        fields.put(format_args!("fees.{currency}"), total.fees);
        fields.put(format_args!("lost.{currency}"), total.lost);
        if !total.fx.is_zero() {
            fields.put(format_args!("fx.{currency}"), total.fx);
        }
    }
    if let Some(divergence) = &case.divergence {
        fields.put(
            "divergence",
            format_args!("{} since {}", divergence.amount, divergence.since),
        );
    }
    for refund in &case.refunded {
        fields.put("refunded", refund);
    }
}

fn lists(case: &Case, fields: &mut Fields<'_>) {
    for reference in case.refs.iter() {
        fields.put("reference", reference);
    }
    for step in &case.steps {
        fields.put(
            "step",
            format_args!(
                "{}/{} at {}",
                step.phase.stage, step.phase.standing, step.at
            ),
        );
    }
    for (key, booked) in &case.movements {
        let settled = if booked.movement.settled {
            "settled"
        } else {
            "pending"
        };
        let kind = booked.movement.kind.name();
        fields.put(
            format_args!("movement.{key}"),
            format_args!("{kind} {} {settled}", booked.movement.amount),
        );
    }
    evidence(case, fields);
    for answer in &case.answers {
        let what = answer.kind().name();
        let refused = match &answer.state {
            AnswerState::Refused(words) => format!(": {words}"),
            _ => String::new(),
        };
        let state = answer.state.name();
        let words = format!("{what} {state}{refused}, attempt {}", answer.attempt);
        fields.put(format_args!("answer.{}", answer.stage), &words);
    }
    for obligation in &case.obligations {
        let words = format!(
            "{} owes by {}: {}",
            obligation.debtor,
            obligation.due_by,
            obligation.standing.name()
        );
        fields.put(format_args!("obligation.{}", obligation.duty.key()), &words);
    }
    for finding in &case.findings {
        fields.put(
            format_args!("finding.{}", finding.kind.name()),
            &finding.detail,
        );
    }
    for message in &case.messages {
        let to = match message.to {
            Audience::Merchant => "merchant",
            Audience::Desk => "desk",
        };
        let words = format!(
            "{} {} to the {to}: {}",
            message.at, message.author, message.text
        );
        fields.put("message", &words);
    }
    for (at, author, text) in &case.notes {
        fields.put("note", format_args!("{at} {author}: {text}"));
    }
}

fn evidence(case: &Case, fields: &mut Fields<'_>) {
    fields.put("evidence_version", case.evidence.version);
    for (slot, content) in &case.evidence.slots {
        fields.put(format_args!("evidence.{slot}"), content_words(content));
    }
    if let Some((version, reviewer)) = &case.evidence.reviewed {
        fields.put("reviewed", format_args!("version {version} by {reviewer}"));
    }
    for need in &case.evidence.requirements {
        let (asked, ready) = match (need.required, need.ready) {
            (true, true) => ("required by", "ready"),
            (true, false) => ("required by", "missing"),
            (false, true) => ("optional for", "ready"),
            (false, false) => ("optional for", "missing"),
        };
        let mut words = format!("{asked} {}, {ready}", need.basis);
        if let Some(why) = &need.waived {
            words.push_str(", waived: ");
            words.push_str(why);
        }
        fields.put(format_args!("requirement.{}", need.slot), &words);
    }
    if let Some((version, digest)) = &case.evidence.sealed {
        fields.put("sealed", format_args!("version {version} as {digest}"));
    }
}

fn content_words(content: &EvidenceContent) -> String {
    match content {
        EvidenceContent::Text(text) => format!("text of {} characters", text.chars().count()),
        EvidenceContent::File {
            digest,
            name,
            media_type,
            bytes,
        } => {
            format!("file {name}, {media_type}, {bytes} bytes, {digest}")
        }
        EvidenceContent::Cleared => String::from("empty"),
    }
}
