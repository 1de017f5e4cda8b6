//! `docket why`: which bytes, which rule.

use super::{open, stop};
use crate::cli::Why as Args;
use crate::exit::{Ended, Exit, Stop};
use crate::out::{BOLD, DIM, Out, styled};
use app::Opening;
use app::why::{RuleView, StatementView, Why};

pub fn run(args: &Args, out: &mut Out) -> Ended {
    let mut desk = open(&args.case.desk, Opening::Existing)?;
    let why = desk.why(&args.case.dispute, &args.field).map_err(stop)?;
    if out.json() {
        out.value(&why)?;
    } else {
        print(&why, out)?;
    }
    Ok(Exit::Fine)
}

fn print(why: &Why, out: &mut Out) -> Result<(), Stop> {
    if why.values.is_empty() {
        out.line(&format!(
            "{} of {} has no value",
            styled(BOLD, &why.field),
            why.dispute
        ))?;
    }
    for value in &why.values {
        out.line(&format!(
            "{} of {} is {}",
            styled(BOLD, &value.name),
            why.dispute,
            value.value
        ))?;
    }
    if !why.statements.is_empty() {
        out.heading("Because it was said")?;
    }
    for statement in &why.statements {
        said(statement, out)?;
    }
    if !why.rules.is_empty() {
        out.heading("By the rules")?;
    }
    for rule in &why.rules {
        print_rule(rule, out)?;
    }
    Ok(())
}

fn said(statement: &StatementView, out: &mut Out) -> Result<(), Stop> {
    out.line(&format!(
        "{} {} ({}, {})",
        statement.at.0,
        styled(BOLD, &statement.text),
        statement.by,
        statement.authority
    ))?;
    let span = statement.span.0;
    if let Some(document) = &statement.document {
        let detail = if document.verdict_detail.is_empty() {
            ""
        } else {
            ": "
        };
        out.line(&styled(
            DIM,
            &format!(
                "  {} number {}, {} {} by {}, arrived {}, signature {}{detail}{}, bytes {}..{}",
                document.document,
                document.sequence,
                document.form,
                document.name,
                document.way,
                document.received_at.0,
                document.verdict,
                document.verdict_detail,
                span.from,
                span.until
            ),
        ))?;
    }
    for line in statement.bytes.lines() {
        out.line(&format!("  | {line}"))?;
    }
    if statement.cut {
        out.line(&styled(DIM, "  | and more"))?;
    }
    Ok(())
}

fn print_rule(rule: &RuleView, out: &mut Out) -> Result<(), Stop> {
    let worth = rule
        .confidence
        .map(|worth| format!(" ({worth} confidence)"))
        .unwrap_or_default();
    out.line(&format!("{}{worth}", styled(BOLD, &rule.rule)))?;
    if !rule.says.is_empty() {
        out.line(&format!("  {}", rule.says))?;
    }
    for source in &rule.sources {
        out.line(&styled(DIM, &format!("  from {source}")))?;
    }
    Ok(())
}
