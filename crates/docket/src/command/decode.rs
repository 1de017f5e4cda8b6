//! `docket decode`: what do these bytes say?

use super::{adapter, channel, counted, found, instant, read};
use crate::cli::Decode;
use crate::exit::{Ended, Stop};
use crate::out::{DIM, GREEN, Out, RED, YELLOW, styled};
use app::decode::{About, Report, report};

pub fn run(args: &Decode, out: &mut Out) -> Ended {
    let adapter = adapter(&args.provider);
    let at = instant(&args.now)?;
    let body = read(&args.file)?;
    let report = report(
        adapter,
        &args.file.display().to_string(),
        &body,
        channel(args.channel),
        &args.account,
        at,
    );
    if out.json() {
        out.value(&report)?;
    } else {
        print(&report, out)?;
    }
    Ok(found(!report.rejects.is_empty()))
}

fn print(report: &Report, out: &mut Out) -> Result<(), Stop> {
    let packed = report
        .packed_bytes
        .map_or(String::new(), |packed| format!(" unpacked from {packed}"));
    out.line(&format!(
        "{} {} {} ({} bytes{packed}, account {})",
        report.file,
        styled(DIM, "is"),
        report.form,
        report.bytes,
        report.account
    ))?;
    let verdict = match report.about {
        About::OtherBusiness => styled(
            YELLOW,
            "a genuine document that is not about disputes; nothing was rejected",
        ),
        About::Unread => styled(RED, "nothing of it could be read"),
        About::Disputes => styled(
            GREEN,
            &format!(
                "{} about {}",
                counted(report.counts.facts, "fact"),
                counted(report.counts.cases, "case")
            ),
        ),
    };
    out.line(&verdict)?;
    if report.held {
        out.line(&styled(
            RED,
            "held whole: nothing of it would be applied until a person decides",
        ))?;
    }
    if !report.facts.is_empty() {
        out.heading("Facts")?;
        for fact in &report.facts {
            let span = format!(
                "{:>14}",
                format!("{}..{}", fact.span.0.from, fact.span.0.until)
            );
            out.line(&format!("{}  {}", styled(DIM, &span), fact.fact))?;
        }
    }
    if !report.rejects.is_empty() {
        out.heading("Rejects")?;
    }
    for reject in &report.rejects {
        out.line(&format!(
            "{} {}: {}",
            styled(RED, reject.code),
            reject.name,
            reject.detail
        ))?;
        let span = reject.span.0;
        out.line(&format!(
            "  {}    {}, bytes {}..{}",
            styled(DIM, "at"),
            report.file,
            span.from,
            span.until
        ))?;
        if !reject.hint.is_empty() {
            out.line(&format!("  {}  {}", styled(DIM, "hint"), reject.hint))?;
        }
    }
    Ok(())
}
