//! `docket serve`: the desk at work.

use super::demo::Doors;
use super::{failed, now, open, place, stop};
use crate::cli::Serve;
use crate::exit::{Ended, Exit, Failure, Stop};
use crate::out::Out;
use crate::sending::Sender;
use crate::serve::door::Door;
use crate::serve::health::{Disk, Health};
use crate::serve::limit::Limiter;
use crate::serve::listen;
use crate::serve::metrics::{self, Counts, Watcher};
use crate::serve::tell::Teller;
use crate::serve::trace::otlp::Exporter;
use crate::serve::trace::{self, Watching};
use crate::serve::web::{self, Accounts};
use crate::serve::work::Work;
use app::carrier::Carrier;
use app::entrance::oidc::Provider;
use app::settings::process::{Limits, Observability, Process};
use app::settings::{Mistake, Settings};
use app::{Desk, Opening, Place, Pool};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub fn run(args: &Serve, out: &mut Out) -> Ended {
    if args.check {
        return check(&place(&args.desk), out);
    }
    let settings = settings(&place(&args.desk))?;
    let address = args.listen.clone().unwrap_or(settings.listen);
    open(&args.desk, Opening::Existing)?;
    serve(&place(&args.desk), &address, None, out)
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
pub fn serve(place: &Place, address: &str, doors: Option<&Doors>, out: &mut Out) -> Ended {
    let counts = Counts::new();
    let collector = watched(&settings(place)?.process.observability, &counts)?;
    let served = attend(place, address, doors, counts, out);
    if let Some(collector) = collector {
        collector.flush();
    }
    served
}

fn attend(
    place: &Place,
    address: &str,
    doors: Option<&Doors>,
    counts: Counts,
    out: &mut Out,
) -> Ended {
    let home = place.home().map_err(stop)?;
    let again = || {
        Desk::open(place, Opening::Existing)
            .map_err(|error| Stop::from(failed(&error).at(place.option())))
    };
    let working = again()?;
    let sender = Sender::seeking(&working)?;
    let accounts = Accounts::load(&working.settings)
        .map_err(|mistakes| stop(app::Error::Settings(mistakes)))?;
    let accounts = Arc::new(accounts);
    let process = working.settings.process.clone();
    let keeping = again()?;
    let telling = again()?;
    let pool = Arc::new(Pool::open(place, process.api.desks).map_err(stop)?);
    let watcher = Arc::new(Watcher::new(counts.clone(), Arc::clone(&pool), again()?));
    let health = Health::new();
    let teller = Teller::start(telling, health.teller_starts(), counts.clone());
    let work = Work::start(working, sender, Arc::clone(&health), health.work_starts());
    let door = Door::open(
        keeping,
        Arc::clone(&accounts),
        work.notice(),
        health.door_opens(),
        counts.clone(),
    );
    let (runtime, told) = runtime()?;
    let served = runtime.block_on(async {
        let (listener, bound) = bind(address, "--listen").await?;
        announce(&bound, accounts.len(), doors, out)?;
        let state = web::State {
            accounts,
            door: door.handle(),
            health,
            disk: Disk {
                path: home,
                bytes_min: process.worker.disk_bytes_min,
            },
        };
        let pages = pages(Arc::clone(&pool), &process, &bound)?;
        let programs = api::router(programs(Arc::clone(&pool), &process, &bound));
        let router = web::router(
            state,
            web::faces(pages, programs),
            Limiter::new(process.limits),
            counts,
        );
        if let Some(address) = &process.observability.metrics_listen {
            watch(address, Arc::clone(&watcher), process.limits, told.clone()).await?;
        }
        let drain = process.worker.drain;
        listen::serve(listener, router, process.limits, drain, told).await;
        Ok::<(), Stop>(())
    });
    // The door closes first, so that what it took in is processed by the worker's last round.
    runtime.shutdown_timeout(process.worker.drain);
    // A connection to PostgreSQL must not be closed from asynchronous code, so that the last to hold them is here.
    drop((pool, watcher));
    door.close();
    work.stop();
    teller.stop();
    served.map(|()| Exit::Fine)
}

/// What runs the handlers, and what tells them that the process is to stop.
fn runtime() -> Result<(Runtime, watch::Receiver<bool>), Stop> {
    let failed = |error: std::io::Error| Failure::world("DP-3010", error.to_string());
    let runtime = Runtime::new().map_err(failed)?;
    let inside = runtime.enter();
    let told = web::told_to_stop().map_err(failed)?;
    drop(inside);
    Ok((runtime, told))
}

/// Answers for the metrics until the process is told to stop, on a listener that nobody outside reaches.
async fn watch(
    address: &str,
    watcher: Arc<Watcher>,
    limits: Limits,
    told: watch::Receiver<bool>,
) -> Result<(), Stop> {
    let (listener, bound) = bind(address, "observability.metrics_listen").await?;
    tracing::info!(address = bound, "metrics");
    let router = metrics::router(watcher);
    // A scrape under way when we are told to stop is not worth waiting for.
    tokio::spawn(listen::serve(
        listener,
        router,
        limits,
        Duration::ZERO,
        told,
    ));
    Ok(())
}

/// What people see.
fn pages(pool: Arc<Pool>, process: &Process, bound: &str) -> Result<console::State, Stop> {
    let here = format!("http://{bound}");
    let origin = process.api.public_url.as_deref().unwrap_or(&here);
    let origin = origin.trim_end_matches('/');
    let returned = format!("{origin}{}", console::provider::RETURN);
    let provider = process.oidc.as_ref();
    let provider = provider.map(|oidc| Provider::new(oidc, &returned).map(Arc::new));
    let provider = provider.transpose().map_err(|trouble| {
        stop(app::Error::Settings(vec![Mistake {
            at: String::from("oidc"),
            what: trouble.to_string(),
        }]))
    })?;
    Ok(console::State {
        pool,
        clock: now,
        origin: Arc::from(origin),
        provider,
    })
}

/// What programs see.
fn programs(pool: Arc<Pool>, process: &Process, bound: &str) -> api::State {
    let limits = api::Limits {
        form_bytes_max: process.api.form_bytes_max,
    };
    let here = format!("http://{bound}");
    let url = process.api.public_url.as_deref().unwrap_or(&here);
    api::State::new(pool, now, limits, url)
}

async fn bind(address: &str, option: &str) -> Result<(TcpListener, String), Stop> {
    let failed = |error: std::io::Error| {
        Failure::world("DP-3010", error.to_string())
            .at(format!("{option} {address}"))
            .hint("Another program may listen there; port 0 takes a free one.")
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound.to_string()))
}

/// One line that says where, for people and for whoever started this.
fn announce(
    bound: &str,
    accounts: usize,
    doors: Option<&Doors>,
    out: &mut Out,
) -> Result<(), Stop> {
    if out.json() {
        let at = |door: &str| format!("http://{bound}{door}");
        let doors = doors.map(
            |doors| serde_json::json!({
                    "desk": at(&doors.desk), "merchant": at(&doors.merchant), "auditor": at(&doors.auditor)
                }),
        );
        out.value(
            &serde_json::json!({ "listening": bound, "accounts": accounts, "enter": doors }),
        )?;
    } else {
        out.line(&format!(
            "listening on http://{bound} for {accounts} accounts"
        ))?;
        if let Some(doors) = doors {
            out.line(&format!(
                "Open this first, the desk's morning page: http://{bound}{}",
                doors.desk
            ))?;
            out.line(&format!(
                "Then what a merchant sees, in another browser or a private window: http://{bound}{}",
                doors.merchant
            ))?;
            out.line(&format!(
                "And the audit log, as an auditor sees it: http://{bound}{}",
                doors.auditor
            ))?;
        }
    }
    out.flush()
}

/// Structured logs on standard error, without bodies and without secrets; and spans, counted, and told to the collector that
/// the settings name.
fn watched(told: &Observability, counts: &Counts) -> Result<Option<Exporter>, Stop> {
    let start = |endpoint: &String| {
        Exporter::start(endpoint)
            .map_err(|error| Failure::world("DP-3010", error).at("observability.otlp_endpoint"))
    };
    let collector = told.otlp_endpoint.as_ref().map(start).transpose()?;
    let filter = EnvFilter::try_new(&told.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match told.json {
        true => lines.json().with_filter(filter).boxed(),
        false => lines.with_ansi(false).with_filter(filter).boxed(),
    };
    let spans = Watching::new(counts.clone(), collector.clone());
    let spans = spans.with_filter(filter_fn(trace::watched));
    // A second start in one process keeps the first's logs.
    let _set = tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .try_init();
    Ok(collector)
}
