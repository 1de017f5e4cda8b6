//! `docket quarantine`: held documents, and what a person decides.

use super::{found, instant, open, stop};
use crate::cli::{Decide, Held, Quarantine as Args};
use crate::exit::{Ended, Exit, Stop};
use crate::out::{BOLD, DIM, Out, RED, styled};
use app::Opening;
use app::quarantine::{Decision, HeldDocument};

pub fn run(args: &Args, out: &mut Out) -> Ended {
    match args {
        Args::List(args) => list(args, out),
        Args::Release(args) => decide(args, Decision::Release, out),
        Args::Reject(args) => decide(args, Decision::Reject, out),
        Args::Supersede(args) => decide(args, Decision::Supersede, out),
    }
}

fn list(args: &Held, out: &mut Out) -> Ended {
    let quarantine = open(&args.desk, Opening::Existing)?
        .quarantine(args.limit)
        .map_err(stop)?;
    if out.json() {
        out.value(&quarantine)?;
        return Ok(Exit::Fine);
    }
    if quarantine.documents.is_empty() {
        out.line("Nothing is held.")?;
    }
    for document in &quarantine.documents {
        print(document, out)?;
    }
    Ok(Exit::Fine)
}

fn print(held: &HeldDocument, out: &mut Out) -> Result<(), Stop> {
    out.line(&format!(
        "{} {}",
        styled(BOLD, &held.document),
        held.trouble
    ))?;
    out.line(&styled(
        DIM,
        &format!(
            "  {} {} by {} at {}/{}, arrived {} ({} times), signature {}",
            held.form,
            held.name,
            held.way,
            held.provider,
            held.account,
            held.received_at.0,
            held.arrivals,
            held.verdict
        ),
    ))?;
    for reject in &held.rejects {
        let span = reject.span.0;
        out.line(&format!(
            "  {} {}: {} (bytes {}..{})",
            styled(RED, &reject.code),
            reject.name,
            reject.detail,
            span.from,
            span.until
        ))?;
    }
    Ok(())
}

fn decide(args: &Decide, decision: Decision, out: &mut Out) -> Ended {
    let at = instant(&args.now)?;
    let mut desk = open(&args.desk, Opening::Existing)?;
    let decided = desk
        .decide(&args.document, decision, &args.name, &args.why, at)
        .map_err(stop)?;
    if out.json() {
        out.value(&decided)?;
    } else {
        let trouble = if decided.trouble.is_empty() {
            String::new()
        } else {
            format!(": {}", decided.trouble)
        };
        out.line(&format!(
            "{} is {}{trouble}",
            decided.document, decided.became
        ))?;
    }
    Ok(found(
        decision == Decision::Release && decided.became == "quarantined",
    ))
}
