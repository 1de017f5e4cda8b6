//! `docket ledger` and `docket findings`: money, and what a person should look at.

use super::{found, open, stop};
use crate::cli::{Export, Findings as FindingArgs, Ledger};
use crate::exit::{Ended, Exit, Stop};
use crate::out::{GREEN, Out, RED, YELLOW, styled};
use app::Opening;
use app::finding::{Findings, Group, Wanted};
use app::ledger::Books;
use app::shape::Amount;

pub fn ledger(args: &Ledger, out: &mut Out) -> Ended {
    let mut desk = open(&args.desk, Opening::Existing)?;
    if args.export == Some(Export::Hledger) {
        let journal = desk.journal().map_err(stop)?;
        if out.json() {
            out.value(&serde_json::json!({ "format": "hledger", "journal": journal }))?;
        } else {
            out.line(journal.trim_end())?;
        }
        return Ok(Exit::Fine);
    }
    let books = desk.books().map_err(stop)?;
    if out.json() {
        out.value(&books)?;
    } else {
        print(&books, out)?;
    }
    Ok(found(!books.balanced))
}

fn print(books: &Books, out: &mut Out) -> Result<(), Stop> {
    let rows = books.balances.iter().map(|line| {
        vec![
            line.kind.to_owned(),
            format!("{}/{}", line.provider, line.account),
            line.layer.to_owned(),
            line.amount.0.to_string(),
        ]
    });
    out.table(&["account", "at", "layer", ">balance"], rows.collect())?;
    out.line("")?;
    out.line(&balanced(books.balanced))?;
    if books.residues.is_empty() {
        return out.line("No closed case left a residue.");
    }
    out.heading("Residues of closed cases")?;
    let rows = books.residues.iter().map(|line| {
        vec![
            line.dispute.clone(),
            format!("{}/{}", line.provider, line.account),
            line.status.clone(),
            line.amount.0.to_string(),
            line.likely.unwrap_or("no cause known").to_owned(),
        ]
    });
    out.table(
        &["dispute", "at", "ended", ">left", "likely"],
        rows.collect(),
    )
}

/// Whether the books balance, in words.
pub fn balanced(balanced: bool) -> String {
    if balanced {
        styled(GREEN, "The books balance in every currency and layer.")
    } else {
        styled(RED, "The books do NOT balance; run `docket doctor`.")
    }
}

pub fn findings(args: &FindingArgs, out: &mut Out) -> Ended {
    let wanted = Wanted {
        open_only: !args.all,
        kind: args.kind.clone(),
        provider: args.provider.clone(),
        limit: args.limit,
    };
    let findings = open(&args.desk, Opening::Existing)?
        .findings(&wanted)
        .map_err(stop)?;
    if out.json() {
        out.value(&findings)?;
    } else {
        print_findings(&findings, out)?;
    }
    Ok(Exit::Fine)
}

fn print_findings(findings: &Findings, out: &mut Out) -> Result<(), Stop> {
    if findings.groups.is_empty() {
        return out.line("Nothing was found.");
    }
    groups(&findings.groups, out)?;
    out.line("")?;
    for line in &findings.findings {
        let closed = if line.closed_at.is_some() {
            " (closed)"
        } else {
            ""
        };
        out.line(&format!(
            "{} {}: {}{closed}",
            styled(YELLOW, line.kind),
            line.dispute,
            line.detail
        ))?;
    }
    let total: usize = findings
        .groups
        .iter()
        .map(|group| group.open + group.closed)
        .sum();
    out.line(&format!(
        "{} of {total} shown, {} open",
        findings.findings.len(),
        findings.open
    ))
}

/// Findings by cause, also for the morning summary.
pub fn groups(groups: &[Group], out: &mut Out) -> Result<(), Stop> {
    let rows = groups.iter().map(|group| {
        vec![
            group.open.to_string(),
            group.kind.to_owned(),
            group.fingerprint.clone(),
            amounts(&group.amounts),
        ]
    });
    out.table(&[">open", "kind", "cause", "amount"], rows.collect())
}

/// Amounts of several currencies on one line.
pub fn amounts(amounts: &[Amount]) -> String {
    let texts: Vec<String> = amounts.iter().map(|amount| amount.0.to_string()).collect();
    texts.join(", ")
}
