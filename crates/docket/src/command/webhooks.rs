//! `docket webhooks`: who is told of events, and what became of each. A running `serve` sends.

use super::{instant, open, stop};
use crate::cli::Now;
use crate::cli::entrance::{Doer, Mode};
use crate::cli::webhooks::{
    AddEndpoint, Deliveries, ListEndpoints, OneEndpoint, Replay, Resend, Roll, RollKey, Webhooks,
};
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::{BOLD, DIM, Out, styled};
use api::object::event::{Events, offered};
use api::version::Version;
use app::deliveries::{Again, DeliveryQuery, DeliveryView};
use app::endpoints::{EndpointView, Wanted};
use app::hook_key::PublicKeyView;
use app::{Desk, Opening};
use calendar::Instant;
use serde_json::json;

const HOUR_SECONDS: i64 = 3_600;

/// A desk, who works on it, and when.
struct At {
    desk: Desk,
    who: String,
    now: Instant,
}

fn begin(doer: &Doer) -> Result<At, Stop> {
    Ok(At {
        now: instant(&doer.now)?,
        desk: open(&doer.desk, Opening::Existing)?,
        who: doer.name.clone(),
    })
}

/// A desk on which this endpoint is.
fn at_endpoint(args: &OneEndpoint) -> Result<At, Stop> {
    let mut at = begin(&args.doer)?;
    at.desk.kept_endpoint(&args.endpoint).map_err(stop)?;
    Ok(at)
}

fn unfit(why: &impl ToString, at: &str) -> Stop {
    Failure::misuse("DP-5003", why.to_string()).at(at).into()
}

pub fn run(args: &Webhooks, out: &mut Out) -> Ended {
    match args {
        Webhooks::List(args) => list(args, out),
        Webhooks::Add(args) => add(args, out),
        Webhooks::Deliveries(args) => deliveries(args, out),
        Webhooks::Replay(args) => replay(args, out),
        Webhooks::Resend(args) => resend(args, out),
        Webhooks::Ping(args) => ping(args, out),
        Webhooks::Enable(args) => switch(args, true, out),
        Webhooks::Disable(args) => switch(args, false, out),
        Webhooks::Roll(args) => roll(args, out),
        Webhooks::Delete(args) => delete(args, out),
        Webhooks::Key(args) => key(args, out),
        Webhooks::RollKey(args) => roll_key(args, out),
    }
}

fn list(args: &ListEndpoints, out: &mut Out) -> Ended {
    let mut at = begin(&args.doer)?;
    let found = at
        .desk
        .endpoints_of(args.merchant.as_deref(), args.mode == Mode::Live)
        .map_err(stop)?;
    let views: Result<Vec<EndpointView>, app::Error> = found
        .iter()
        .map(|endpoint| at.desk.endpoint_view(endpoint, at.now))
        .collect();
    let views = views.map_err(stop)?;
    if out.json() {
        out.value(&views)?;
        return Ok(Exit::Fine);
    }
    let rows = views.into_iter().map(|view| {
        let asked = view.enabled_events.join(" ");
        let state = state(&view);
        vec![view.id, state, view.url, asked]
    });
    out.table(&["endpoint", "state", "url", "events"], rows.collect())?;
    Ok(Exit::Fine)
}

fn state(view: &EndpointView) -> String {
    let health = &view.health;
    match (health.failures, health.next_at) {
        (0, None) => health.state.to_owned(),
        (0, Some(next)) => format!("{}, next {}", health.state, next.0),
        (failures, _) => format!("{}, {failures} failures", health.state),
    }
}

fn add(args: &AddEndpoint, out: &mut Out) -> Ended {
    let mut at = begin(&args.of.doer)?;
    let events: Vec<&str> = args.events.iter().map(String::as_str).collect();
    let newest = Version::newest();
    let wanted = Wanted {
        url: &args.url,
        description: &args.description,
        events: &events,
        api_version: args.api_version.as_deref().unwrap_or(newest.name()),
        metadata: "{}",
    };
    let owner = (args.of.merchant.as_deref(), args.of.mode == Mode::Live);
    let made = at
        .desk
        .create_endpoint(owner, &wanted, &offered(), &at.who, at.now)
        .map_err(stop)?;
    let (endpoint, secret) = made.map_err(|wrong| {
        let all: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        unfit(&all.join("; "), &args.url)
    })?;
    let view = at.desk.endpoint_view(&endpoint, at.now).map_err(stop)?;
    print_secret(&view, secret.expose(), out)
}

/// The one time that a secret is shown.
fn print_secret(view: &EndpointView, secret: &str, out: &mut Out) -> Ended {
    if out.json() {
        out.value(&json!({ "endpoint": view, "secret": secret }))?;
        return Ok(Exit::Fine);
    }
    out.line(secret)?;
    let words = format!(
        "  This is the secret of {}. It is not shown again.",
        view.id
    );
    out.line(&styled(DIM, &words))?;
    if let Some(until) = view.old_secret_until {
        let words = format!("  The one before it signs beside it until {}.", until.0);
        out.line(&styled(DIM, &words))?;
    }
    Ok(Exit::Fine)
}

fn deliveries(args: &Deliveries, out: &mut Out) -> Ended {
    let mut at = at_endpoint(&args.one)?;
    if let Some(event) = &args.event {
        return attempts(&mut at, &args.one.endpoint, event, args.limit, out);
    }
    let query = DeliveryQuery {
        endpoint: args.one.endpoint.clone(),
        state: args.state.map(|state| state.name().to_owned()),
        after: None,
        before: None,
        limit: args.limit,
    };
    let page = at.desk.deliveries(&query, &Events).map_err(stop)?;
    let (rows, more) = page.unwrap_or_default();
    if out.json() {
        out.value(&json!({ "deliveries": rows, "more": more }))?;
        return Ok(Exit::Fine);
    }
    let rows = rows.into_iter().map(|row| {
        let then = match (&row.why, row.settled_at) {
            (Some(why), _) => why.clone(),
            (None, Some(settled)) => settled.0.to_string(),
            (None, None) => format!("from {}", row.due_at.0),
        };
        let number = row.sequence.to_string();
        vec![
            number,
            row.event,
            row.kind,
            row.state,
            row.attempts.to_string(),
            then,
        ]
    });
    let columns = [">number", "event", "type", "state", ">attempts", "when"];
    out.table(&columns, rows.collect())?;
    if more {
        out.line(&styled(DIM, "  There are more: `--limit` shows them."))?;
    }
    Ok(Exit::Fine)
}

fn attempts(at: &mut At, endpoint: &str, event: &str, limit: u32, out: &mut Out) -> Ended {
    let rows = at
        .desk
        .attempts(endpoint, Some(event), limit)
        .map_err(stop)?;
    if out.json() {
        out.value(&json!({ "attempts": rows }))?;
        return Ok(Exit::Fine);
    }
    let rows = rows.into_iter().map(|row| {
        let answer = row
            .status
            .map_or_else(|| String::from("none"), |status| status.to_string());
        vec![
            row.number.to_string(),
            row.at.0.to_string(),
            answer,
            format!("{} ms", row.took_ms),
            row.words,
        ]
    });
    out.table(
        &[">attempt", "at", ">answer", ">took", "words"],
        rows.collect(),
    )?;
    Ok(Exit::Fine)
}

fn replay(args: &Replay, out: &mut Out) -> Ended {
    let mut at = at_endpoint(&args.one)?;
    let typed = |text: &str| {
        instant(&Now {
            at: Some(text.to_owned()),
        })
    };
    let again = match (&args.since, args.from.zip(args.until)) {
        (Some(since), _) => {
            let before = args.before.as_deref().map(typed).transpose()?;
            Again::Times(typed(since)?, before.unwrap_or(at.now))
        }
        (None, range) => {
            let (from, until) = range.expect("clap requires both numbers, or an instant");
            Again::Numbers(from, until)
        }
    };
    let count = at
        .desk
        .replay_events(&args.one.endpoint, &again, &at.who, at.now)
        .map_err(stop)?;
    if out.json() {
        out.value(&json!({ "replayed": count }))?;
    } else {
        out.line(&format!("{count} are sent again"))?;
    }
    Ok(Exit::Fine)
}

fn resend(args: &Resend, out: &mut Out) -> Ended {
    let mut at = at_endpoint(&args.one)?;
    let sent = at
        .desk
        .resend_event(&args.one.endpoint, &args.event, &at.who, at.now, &Events)
        .map_err(stop)?;
    match sent {
        Some(view) => print_delivery(&view, out),
        None => Err(stop(app::Error::NotThere {
            what: "event for this endpoint",
            name: args.event.clone(),
        })),
    }
}

fn ping(args: &OneEndpoint, out: &mut Out) -> Ended {
    let mut at = at_endpoint(args)?;
    let view = at
        .desk
        .ping_endpoint(&args.endpoint, at.now, &Events)
        .map_err(stop)?;
    print_delivery(&view, out)
}

fn print_delivery(view: &DeliveryView, out: &mut Out) -> Ended {
    if out.json() {
        out.value(view)?;
    } else {
        let name = styled(BOLD, &view.event);
        out.line(&format!("{name} ({}) is {}", view.kind, view.state))?;
    }
    Ok(Exit::Fine)
}

fn switch(args: &OneEndpoint, enabled: bool, out: &mut Out) -> Ended {
    let mut at = begin(&args.doer)?;
    at.desk
        .switch_endpoint(&args.endpoint, enabled, &at.who, at.now)
        .map_err(stop)?;
    let endpoint = at.desk.kept_endpoint(&args.endpoint).map_err(stop)?;
    let view = at.desk.endpoint_view(&endpoint, at.now).map_err(stop)?;
    if out.json() {
        out.value(&view)?;
    } else {
        out.line(&format!("{} is {}", view.id, view.status))?;
    }
    Ok(Exit::Fine)
}

fn roll(args: &Roll, out: &mut Out) -> Ended {
    let mut at = begin(&args.one.doer)?;
    let until = at
        .now
        .plus_seconds(i64::from(args.overlap_hours) * HOUR_SECONDS);
    let rolled = at
        .desk
        .roll_secret(&args.one.endpoint, until, &at.who, at.now)
        .map_err(stop)?;
    let (endpoint, secret) = rolled.map_err(|error| unfit(&error, "--overlap-hours"))?;
    let view = at.desk.endpoint_view(&endpoint, at.now).map_err(stop)?;
    print_secret(&view, secret.expose(), out)
}

fn delete(args: &OneEndpoint, out: &mut Out) -> Ended {
    let mut at = begin(&args.doer)?;
    at.desk
        .delete_endpoint(&args.endpoint, &at.who, at.now)
        .map_err(stop)?;
    if out.json() {
        out.value(&json!({ "id": args.endpoint, "deleted": true }))?;
    } else {
        out.line(&format!("{} is deleted", args.endpoint))?;
    }
    Ok(Exit::Fine)
}

fn key(args: &Doer, out: &mut Out) -> Ended {
    let mut at = begin(args)?;
    let keys = at.desk.hook_key_history(at.now).map_err(stop)?;
    print_keys(&keys, at.now, out)
}

fn roll_key(args: &RollKey, out: &mut Out) -> Ended {
    let mut at = begin(&args.doer)?;
    let until = at.now.plus_days(i64::from(args.overlap_days));
    let rolled = at.desk.roll_hook_key(until, &at.who, at.now);
    let keys = rolled
        .map_err(stop)?
        .map_err(|error| unfit(&error, "--overlap-days"))?;
    print_keys(&keys, at.now, out)?;
    if !out.json() {
        let words = "  Back the desk up: a copy from before now does not have this key.";
        out.line(&styled(DIM, words))?;
    }
    Ok(Exit::Fine)
}

/// The current one alone on its line.
fn print_keys(keys: &[PublicKeyView], now: Instant, out: &mut Out) -> Ended {
    let current = keys.first().map(|current| current.key.as_str());
    if out.json() {
        out.value(&json!({ "public_key": current, "public_keys": keys }))?;
        return Ok(Exit::Fine);
    }
    out.line(current.unwrap_or_default())?;
    for old in keys.iter().skip(1) {
        let until = old.until.expect("a key that is not the current one ends");
        let word = match until.0 > now {
            true => "signs beside it",
            false => "signed",
        };
        let words = format!("  {} {word} until {}.", old.key, until.0);
        out.line(&styled(DIM, &words))?;
    }
    Ok(Exit::Fine)
}
