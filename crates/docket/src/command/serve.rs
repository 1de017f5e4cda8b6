//! `docket serve`: the desk at work.

use super::{failed, now, open, place, stop};
use crate::cli::Serve;
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::Out;
use crate::sending::Sender;
use crate::serve::door::Door;
use crate::serve::health::Health;
use crate::serve::tell::Teller;
use crate::serve::web::{self, Accounts};
use crate::serve::work::Work;
use app::carrier::Carrier;
use app::settings::{Mistake, Settings};
use app::{Desk, Opening, Place};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Desks that requests of programs work on at once. A read takes well under ten milliseconds, so that eight answer hundreds
/// of requests a second, and PostgreSQL spares so many connections.
const REQUESTS_AT_ONCE: usize = 8;

pub fn run(args: &Serve, out: &mut Out) -> Ended {
    if args.check {
        return check(&place(&args.desk), out);
    }
    let settings = settings(&place(&args.desk))?;
    let address = args.listen.clone().unwrap_or(settings.listen);
    open(&args.desk, Opening::Existing)?;
    listen(&place(&args.desk), &address, out)
}

fn settings(place: &Place) -> Result<Settings, Stop> {
    let home = place.home().map_err(stop)?;
    Settings::read(&home).map_err(|error| match error {
        app::Error::Settings(mistakes) => mistaken(&mistakes).into(),
        other => stop(other),
    })
}

/// Every mistake of the settings and of the secrets they name, one a line; nothing is opened.
fn check(place: &Place, out: &mut Out) -> Ended {
    let settings = settings(place)?;
    let mut mistakes = settings.unloadable();
    mistakes.extend(Carrier::open(&settings).err().unwrap_or_default());
    if !mistakes.is_empty() {
        return Err(mistaken(&mistakes).into());
    }
    let accounts = settings.accounts.len();
    if out.json() {
        out.value(&serde_json::json!({ "accounts": accounts, "mistakes": [] }))?;
    } else {
        out.line(&format!(
            "the settings are in order, for {accounts} accounts"
        ))?;
    }
    Ok(Exit::Fine)
}

fn mistaken(mistakes: &[Mistake]) -> Failure {
    let error = app::Error::Settings(mistakes.to_vec());
    failed(&error)
}

/// Serves until the process is told to stop, then drains: whatever was taken in is kept, what is being sent is finished.
pub fn listen(place: &Place, address: &str, out: &mut Out) -> Ended {
    logs(out.json());
    let again = || {
        Desk::open(place, Opening::Existing)
            .map_err(|error| Stop::from(failed(&error).at(place.option())))
    };
    let working = again()?;
    let sender = Sender::of(&working)?;
    let accounts = Accounts::load(&working.settings)
        .map_err(|mistakes| stop(app::Error::Settings(mistakes)))?;
    let accounts = Arc::new(accounts);
    let keeping = again()?;
    let pool = app::Pool::open(place, REQUESTS_AT_ONCE).map_err(stop)?;
    let pool = Arc::new(pool);
    let telling = again()?;
    let health = Health::new();
    let teller = Teller::start(telling, health.teller_starts());
    let work = Work::start(working, sender, Arc::clone(&health), health.work_starts());
    let door = Door::open(
        keeping,
        Arc::clone(&accounts),
        work.notice(),
        health.door_opens(),
    );
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::world("DP-3010", error.to_string()))?;
    let served = runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            Stop::from(
                Failure::world("DP-3010", error.to_string())
                    .at(format!("--listen {address}"))
                    .hint("Another program may listen there; port 0 takes a free one."),
            )
        })?;
        let bound = listener
            .local_addr()
            .map_err(|error| Failure::world("DP-3010", error.to_string()))?;
        announce(&bound.to_string(), accounts.len(), out)?;
        let state = web::State {
            accounts,
            door: door.handle(),
            health,
            api: api::State::new(pool, now, api::Limits::USUAL, &format!("http://{bound}")),
        };
        web::serve(listener, state)
            .await
            .map_err(|error| Stop::from(Failure::world("DP-3010", error.to_string())))
    });
    // The door closes first, so that what it took in is processed by the worker's last round.
    drop(runtime);
    door.close();
    work.stop();
    teller.stop();
    served.map(|()| Exit::Fine)
}

/// One line that says where, for people and for whoever started this.
fn announce(bound: &str, accounts: usize, out: &mut Out) -> Result<(), Stop> {
    if out.json() {
        out.value(&serde_json::json!({ "listening": bound, "accounts": accounts }))?;
    } else {
        out.line(&format!(
            "listening on http://{bound} for {accounts} accounts"
        ))?;
    }
    out.flush()
}

/// Structured logs on standard error, without bodies and without secrets. DOCKET_LOG sets the level.
fn logs(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("DOCKET_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start in one process keeps the first's logs.
    let _set = if json {
        builder.json().try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
}
