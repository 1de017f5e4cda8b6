//! `docket show`: one case, whole.

use super::{open, stop};
use crate::cli::OneCase;
use crate::exit::{Ended, Exit, Stop};
use crate::out::{BOLD, DIM, Out, RED, YELLOW, styled};
use app::Opening;
use app::case::{CaseView, DeadlineView, EvidenceView};
use app::shape::Amount;

pub fn run(args: &OneCase, out: &mut Out) -> Ended {
    let view = open(&args.desk, Opening::Existing)?
        .show(&args.dispute)
        .map_err(stop)?;
    if out.json() {
        out.value(&view)?;
    } else {
        print(&view, out)?;
    }
    Ok(Exit::Fine)
}

/// A case as people read it: where it stands, its money, what is owed, what was found, what would answer it.
pub fn print(view: &CaseView, out: &mut Out) -> Result<(), Stop> {
    let id = format!("{} at {}/{}", view.case, view.provider, view.account);
    out.line(&format!(
        "{} {}",
        styled(BOLD, &view.dispute),
        styled(DIM, &id)
    ))?;
    facts(view, out)?;
    money(view, out)?;
    owed(view, out)?;
    evidence(&view.evidence, out)?;
    rest(view, out)
}

fn pair(name: &str, value: &str, out: &mut Out) -> Result<(), Stop> {
    if value.is_empty() {
        return Ok(());
    }
    out.line(&format!(
        "  {} {value}",
        styled(DIM, &format!("{name:<13}"))
    ))
}

fn text(amount: Option<Amount>) -> String {
    amount
        .map(|amount| amount.0.to_string())
        .unwrap_or_default()
}

fn facts(view: &CaseView, out: &mut Out) -> Result<(), Stop> {
    let stage = view.stage.unwrap_or("no stage yet");
    let by = view
        .said_by
        .map(|by| format!(", said by the {by}"))
        .unwrap_or_default();
    pair("status", &format!("{stage}: {}{by}", view.status), out)?;
    if let Some(deadline) = &view.deadline {
        pair("respond by", &respond_by(deadline), out)?;
    }
    if let Some(reason) = &view.reason {
        let code = reason
            .code
            .as_ref()
            .map(|code| format!(" ({code}{})", titled(reason.title)))
            .unwrap_or_default();
        pair("reason", &format!("{}{code}", reason.reason), out)?;
    }
    pair("network", view.network.as_deref().unwrap_or_default(), out)?;
    pair("life cycle", view.lifecycle, out)?;
    pair(
        "assigned to",
        view.assigned_to.as_deref().unwrap_or_default(),
        out,
    )?;
    pair("opened", &view.opened_at.0.to_string(), out)?;
    pair("changed", &view.changed_at.0.to_string(), out)?;
    for (kind, values) in &view.references {
        pair(kind, &values.join(", "), out)?;
    }
    Ok(())
}

fn titled(title: Option<&str>) -> String {
    title.map(|title| format!(", {title}")).unwrap_or_default()
}

fn respond_by(deadline: &DeadlineView) -> String {
    let Some(respond_by) = deadline.respond_by.filter(|_| deadline.contestable) else {
        return String::from("no answer is taken");
    };
    let mut words = respond_by.0.to_string();
    match (&deadline.cutoff, &deadline.network_rule) {
        (Some(_), _) => words.push_str(", the provider's cut-off"),
        (None, Some(rule)) => words.push_str(&format!(", computed by {rule}")),
        (None, None) => {}
    }
    if let Some(aim) = deadline.aim_for {
        words.push_str(&format!("; we aim for {}", aim.0));
    }
    words
}

fn money(view: &CaseView, out: &mut Out) -> Result<(), Stop> {
    out.heading("Money")?;
    pair("disputed", &text(view.disputed), out)?;
    pair("paid", &text(view.paid), out)?;
    pair("recovered", &text(view.recovered), out)?;
    for refund in &view.refunded {
        pair("refunded", &refund.0.to_string(), out)?;
    }
    pair("state", view.money.state, out)?;
    for total in &view.money.totals {
        let words = format!(
            "withdrawn {}, reinstated {}, fees {}, lost {}",
            total.withdrawn.0, total.reinstated.0, total.fees.0, total.lost.0
        );
        pair("totals", &words, out)?;
    }
    if let Some(divergence) = &view.money.divergence {
        let words = format!("{} since {}", divergence.amount.0, divergence.since.0);
        pair("divergence", &styled(YELLOW, &words), out)?;
    }
    let rows = view.movements.iter().map(|movement| {
        let settled = if movement.settled {
            "settled"
        } else {
            "pending"
        };
        vec![
            movement.at.0.to_string(),
            movement.kind.to_owned(),
            movement.amount.0.to_string(),
            settled.to_owned(),
            movement.key.clone(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        Ok(())
    } else {
        out.table(&["moved", "kind", ">amount", "", "key"], rows)
    }
}

fn owed(view: &CaseView, out: &mut Out) -> Result<(), Stop> {
    if !view.obligations.is_empty() {
        out.heading("Who owes what")?;
        let rows = view.obligations.iter().map(|owed| {
            let standing = if owed.standing == "broken" {
                styled(RED, "broken")
            } else {
                owed.standing.to_owned()
            };
            vec![
                owed.debtor.to_owned(),
                owed.duty.clone(),
                text(owed.amount),
                owed.due_by.0.to_string(),
                standing,
                owed.basis.clone(),
            ]
        });
        out.table(
            &["who", "what", ">amount", "by", "standing", "basis"],
            rows.collect(),
        )?;
    }
    if !view.findings.is_empty() {
        out.heading("Findings")?;
        for finding in &view.findings {
            out.line(&format!(
                "  {}  {}",
                styled(YELLOW, finding.kind),
                finding.detail
            ))?;
        }
    }
    Ok(())
}

pub fn evidence(evidence: &EvidenceView, out: &mut Out) -> Result<(), Stop> {
    out.heading(&format!("Evidence, version {}", evidence.version))?;
    for slot in &evidence.slots {
        let what = match (&slot.text, &slot.file) {
            (Some(text), _) => format!("{} characters of text", text.chars().count()),
            (None, Some(file)) => {
                format!("{}, {}, {} bytes", file.name, file.media_type, file.bytes)
            }
            (None, None) => String::from("emptied"),
        };
        pair(&slot.slot, &what, out)?;
    }
    if let Some(review) = &evidence.reviewed {
        pair(
            "reviewed",
            &format!("version {} by {}", review.version, review.reviewer),
            out,
        )?;
    }
    if let Some(seal) = &evidence.sealed {
        pair(
            "sealed",
            &format!("version {} as {}", seal.version, seal.digest),
            out,
        )?;
    }
    let rows = evidence.requirements.iter().map(|need| {
        let ready = if need.ready { "there" } else { "missing" };
        let need_word = if need.required { "required" } else { "helps" };
        vec![
            need.slot.clone(),
            need_word.to_owned(),
            ready.to_owned(),
            need.basis.clone(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        Ok(())
    } else {
        out.table(&["slot", "need", "", "asked for by"], rows)
    }
}

fn rest(view: &CaseView, out: &mut Out) -> Result<(), Stop> {
    if !view.answers.is_empty() {
        out.heading("Answers")?;
    }
    for answer in &view.answers {
        let refusal = answer
            .refusal
            .as_ref()
            .map(|words| format!(": {words}"))
            .unwrap_or_default();
        out.line(&format!(
            "  {} for the {}: {}{refusal}, attempt {}",
            answer.what, answer.stage, answer.state, answer.attempt
        ))?;
    }
    if !view.linked.is_empty() {
        out.heading("Other cases of the payment")?;
    }
    for linked in &view.linked {
        let stage = linked.stage.unwrap_or("no stage yet");
        out.line(&format!(
            "  {}  {stage}: {}  {}",
            linked.dispute,
            linked.status,
            text(linked.disputed)
        ))?;
    }
    if !view.notes.is_empty() {
        out.heading("Notes")?;
    }
    for note in &view.notes {
        out.line(&format!(
            "  {} {}: {}",
            styled(DIM, &note.at.0.to_string()),
            note.author,
            note.text
        ))?;
    }
    Ok(())
}
