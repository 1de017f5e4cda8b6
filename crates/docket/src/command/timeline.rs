//! `docket timeline`: one case on two clocks.

use super::{open, stop};
use crate::cli::OneCase;
use crate::exit::{Ended, Exit, Stop};
use crate::out::{BOLD, DIM, Out, YELLOW, styled};
use app::Opening;
use app::timeline::{Event, Timeline};

pub fn run(args: &OneCase, out: &mut Out) -> Ended {
    let timeline = open(&args.desk, Opening::Existing)?
        .timeline(&args.dispute)
        .map_err(stop)?;
    if out.json() {
        out.value(&timeline)?;
    } else {
        print(&timeline, out)?;
    }
    Ok(Exit::Fine)
}

fn print(timeline: &Timeline, out: &mut Out) -> Result<(), Stop> {
    let Timeline {
        dispute,
        case,
        provider,
        account,
        ..
    } = timeline;
    out.line(&format!(
        "{} {}",
        styled(BOLD, dispute),
        styled(DIM, &format!("{case} at {provider}/{account}"))
    ))?;
    let rows = timeline.events.iter().map(row);
    out.table(
        &["happened", "known", "by", "what", "source"],
        rows.collect(),
    )
}

fn row(event: &Event) -> Vec<String> {
    let about = event
        .about
        .as_ref()
        .map(|other| format!(" [{other}]"))
        .unwrap_or_default();
    let source = match (event.way, event.span) {
        (Some(way), Some(span)) => format!(
            "{way} {} {}..{}",
            short(&event.document),
            span.0.from,
            span.0.until
        ),
        _ => format!("posting from {}", short(&event.document)),
    };
    vec![
        event.at.0.to_string(),
        lag(event.lag_seconds),
        event.by.to_owned(),
        format!("{}{about}", event.text),
        styled(DIM, &source),
    ]
}

/// Ids are shown by their first characters, enough to find them by eye; `--json` has them whole.
fn short(id: &str) -> String {
    id.chars().take(12).collect()
}

fn lag(seconds: i64) -> String {
    match seconds {
        ..60 => String::from("at once"),
        60..3_600 => format!("+{} min", seconds / 60),
        3_600..172_800 => format!("+{} h", seconds / 3_600),
        _ => styled(YELLOW, &format!("+{} d", seconds / 86_400)),
    }
}
