//! `docket ingest`: files in.

use super::{adapter, channel, counted, found, instant, open, progress, read, stop};
use crate::cli::Ingest;
use crate::exit::{Ended, Exit, Stop};
use crate::out::{DIM, GREEN, Out, RED, YELLOW, styled};
use app::ingest::{Brought, FileLine, Ingested, WayIn};
use app::{Opening, words};

pub fn run(args: &Ingest, out: &mut Out) -> Ended {
    let provider = adapter(&args.provider).name();
    let at = instant(&args.now)?;
    let mut desk = open(&args.desk, Opening::OrNew)?;
    let account = desk.account_for(provider, args.account.as_deref());
    let way = WayIn {
        provider,
        account: &account,
        channel: channel(args.channel),
    };
    let bar = progress(args.files.len(), "files");
    let mut worst = Exit::Fine;
    let files = args.files.iter().map(|path| {
        bar.inc(1);
        let content = read(path).map_err(|failure| {
            worst = if worst == Exit::Failed {
                worst
            } else {
                failure.exit
            };
            failure.what
        });
        Brought {
            name: path.display().to_string(),
            content,
        }
    });
    let ingested = desk.ingest(&way, files, at).map_err(stop)?;
    bar.finish_and_clear();
    if out.json() {
        out.value(&ingested)?;
    } else {
        print(&ingested, out)?;
    }
    let complaints = ingested.counts.rejects > 0 || ingested.counts.quarantined > 0;
    Ok(if worst == Exit::Fine {
        found(complaints)
    } else {
        worst
    })
}

fn print(ingested: &Ingested, out: &mut Out) -> Result<(), Stop> {
    for line in &ingested.files {
        out.line(&sentence(line))?;
        for reject in &line.rejects {
            let span = reject.span.0;
            out.line(&format!(
                "  {} {}: {}",
                styled(RED, &reject.code),
                reject.name,
                reject.detail
            ))?;
            out.line(&format!(
                "    {}    bytes {}..{}",
                styled(DIM, "at"),
                span.from,
                span.until
            ))?;
            if !reject.hint.is_empty() {
                out.line(&format!("    {}  {}", styled(DIM, "hint"), reject.hint))?;
            }
        }
    }
    let counts = &ingested.counts;
    out.line(&format!(
        "{}: {} applied, {} duplicate, {} not about disputes, {} rejected, {} quarantined, {} not read; {} new facts, \
         {} entries posted",
        words::counted(u64::from(counts.files), "file"),
        counts.applied,
        counts.duplicate,
        counts.other_business,
        counts.rejected,
        counts.quarantined,
        counts.unread,
        ingested.facts_new,
        ingested.entries_posted
    ))
}

fn sentence(line: &FileLine) -> String {
    let became = match line.became {
        "applied" => styled(GREEN, "applied"),
        "duplicate" => styled(DIM, "duplicate"),
        "other-business" => styled(YELLOW, "not about disputes"),
        other => styled(RED, other),
    };
    let what = match line.became {
        "applied" => {
            let (facts, cases) = (
                counted(line.facts, "fact"),
                counted(line.cases.len(), "case"),
            );
            format!(": {}, {facts} about {cases}", line.form)
        }
        "unread" | "quarantined" => format!(": {}", line.trouble),
        _ => format!(": {}", line.form),
    };
    format!("{}  {became}{what}", line.file)
}
