//! `GET /metrics` for Prometheus, on an address of its own: counts of this process, and gauges of the desk, read when asked
//! for and at most every few seconds.

use crate::command::now;
use app::gauges::Gauges;
use app::{Desk, Pool};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Gauges are read from the store at most so often, however many scrape.
const FRESH_FOR: Duration = Duration::from_secs(10);
/// Seconds. The read and list budgets (10 and 25 ms) and the acknowledgement's (50 ms) are bounds, so that their shares can be
/// read off exactly.
const BOUNDS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// Text labels of one series.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Labels(Vec<(&'static str, String)>);

impl EncodeLabelSet for Labels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), std::fmt::Error> {
        for pair in &self.0 {
            EncodeLabel::encode(&(pair.0, pair.1.as_str()), encoder.encode_label())?;
        }
        Ok(())
    }
}

/// What the parts of this process count.
#[derive(Clone)]
pub struct Counts(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Labels, Histogram>,
    door: Histogram,
    kept: Family<Labels, Counter>,
    pool_loans: Gauge,
    pool_waited_micros: Gauge,
    pool_wait: Histogram,
    commit: Histogram,
    told: Family<Labels, Counter>,
    deliveries: Family<Labels, Gauge>,
    divergence: Family<Labels, Gauge>,
    documents: Family<Labels, Gauge>,
    oldest_pending: Gauge,
    outbox: Family<Labels, Gauge>,
    findings: Family<Labels, Gauge>,
    at_risk: Family<Labels, Gauge>,
    due_soon: Gauge,
}

fn histogram() -> Histogram {
    Histogram::new(BOUNDS)
}

/// Every series under its name.
fn registered(inner: &Inner) -> Registry {
    let mut registry = Registry::with_prefix("docket");
    let version = vec![("version", env!("CARGO_PKG_VERSION"))];
    registry.register("build", "This program", Info::new(version));
    registry.register_with_unit(
        "request",
        "Requests answered",
        Unit::Seconds,
        inner.requests.clone(),
    );
    registry.register_with_unit(
        "door_commit",
        "Making what came in durable, a commit each",
        Unit::Seconds,
        inner.door.clone(),
    );
    registry.register(
        "kept",
        "Documents that came in by webhook and are durable",
        inner.kept.clone(),
    );
    registry.register(
        "pool_loans",
        "Times that a request borrowed a connection",
        inner.pool_loans.clone(),
    );
    registry.register(
        "pool_waited_microseconds",
        "Time that requests waited for one, in all",
        inner.pool_waited_micros.clone(),
    );
    registered_of_work(&mut registry, inner);
    registry.register(
        "documents",
        "Documents of the desk by provider and fate, repeats included",
        inner.documents.clone(),
    );
    registry.register_with_unit(
        "oldest_pending",
        "Age of the oldest document not yet processed",
        Unit::Seconds,
        inner.oldest_pending.clone(),
    );
    registry.register(
        "outbox",
        "What is to be sent, and what was sent and is in doubt",
        inner.outbox.clone(),
    );
    registry.register(
        "findings_open",
        "Findings that nobody has closed, by kind",
        inner.findings.clone(),
    );
    registry.register("at_risk_minor_hours", "Minor units that wait for us, times the hours by which their deadline is nearer than three days", inner.at_risk.clone());
    registry.register(
        "due_soon",
        "Cases that wait for us and are due within three days",
        inner.due_soon.clone(),
    );
    registry
}

/// Of the store, and of events told.
fn registered_of_work(registry: &mut Registry, inner: &Inner) {
    registry.register_with_unit(
        "pool_wait",
        "Waiting for a connection, of each request that borrowed one",
        Unit::Seconds,
        inner.pool_wait.clone(),
    );
    registry.register_with_unit(
        "engine_commit",
        "Writing what a batch of documents comes to, until it is durable",
        Unit::Seconds,
        inner.commit.clone(),
    );
    registry.register(
        "deliveries_attempted",
        "Attempts to tell an endpoint of an event, by what became of them",
        inner.told.clone(),
    );
    registry.register(
        "deliveries_waiting",
        "Deliveries of events that are due, and that are held for an endpoint that does not take them",
        inner.deliveries.clone(),
    );
    registry.register(
        "divergence_minor",
        "Minor units by which what was said and what was moved differ, by currency",
        inner.divergence.clone(),
    );
}

impl Counts {
    pub fn new() -> Counts {
        let make: fn() -> Histogram = histogram;
        let requests = Family::new_with_constructor(make);
        let inner = Inner {
            requests,
            door: histogram(),
            kept: Family::default(),
            pool_loans: Gauge::default(),
            pool_waited_micros: Gauge::default(),
            pool_wait: histogram(),
            commit: histogram(),
            told: Family::default(),
            deliveries: Family::default(),
            divergence: Family::default(),
            documents: Family::default(),
            oldest_pending: Gauge::default(),
            outbox: Family::default(),
            findings: Family::default(),
            at_risk: Family::default(),
            due_soon: Gauge::default(),
            registry: Registry::default(),
        };
        let registry = registered(&inner);
        Counts(Arc::new(Inner { registry, ..inner }))
    }

    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let labels = Labels(vec![
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.to_string()),
        ]);
        self.0
            .requests
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// One commit of the door: how many documents of each provider, and how long until they were durable.
    pub fn kept(&self, documents: &BTreeMap<&str, u64>, took: Duration) {
        for (provider, count) in documents {
            let labels = Labels(vec![("provider", (*provider).to_owned())]);
            self.0.kept.get_or_create(&labels).inc_by(*count);
        }
        self.0.door.observe(took.as_secs_f64());
    }

    /// A request waited so long for a connection.
    pub fn waited(&self, took: Duration) {
        self.0.pool_wait.observe(took.as_secs_f64());
    }

    /// The worker's commit of a batch took so long.
    pub fn committed(&self, took: Duration) {
        self.0.commit.observe(took.as_secs_f64());
    }

    /// An attempt to tell of an event ended so.
    pub fn told(&self, verdict: &'static str) {
        let labels = Labels(vec![("verdict", verdict.to_owned())]);
        self.0.told.get_or_create(&labels).inc();
    }

    fn desk(&self, gauges: &Gauges) {
        let inner = &self.0;
        let set =
            |family: &Family<Labels, Gauge>, labels: Vec<(&'static str, String)>, count: u64| {
                family.get_or_create(&Labels(labels)).set(whole(count));
            };
        // Fates, kinds and currencies that are no longer there would keep their last value.
        inner.documents.clear();
        for (provider, fate, count) in &gauges.intake {
            let labels = vec![("provider", provider.clone()), ("fate", (*fate).to_owned())];
            set(&inner.documents, labels, *count);
        }
        inner
            .oldest_pending
            .set(whole(gauges.oldest_pending_seconds));
        set(
            &inner.outbox,
            vec![("state", String::from("to_send"))],
            gauges.to_send,
        );
        set(
            &inner.outbox,
            vec![("state", String::from("in_doubt"))],
            gauges.in_doubt,
        );
        inner.findings.clear();
        for (kind, count) in &gauges.findings_open {
            set(&inner.findings, vec![("kind", (*kind).to_owned())], *count);
        }
        for (state, count) in &gauges.deliveries {
            let labels = vec![("state", (*state).to_owned())];
            set(&inner.deliveries, labels, *count);
        }
        inner.divergence.clear();
        for (currency, sum) in &gauges.divergence_minor {
            let labels = vec![("currency", currency.clone())];
            set(&inner.divergence, labels, *sum);
        }
        inner.at_risk.clear();
        for (currency, sum) in &gauges.at_risk_minor_hours {
            set(&inner.at_risk, vec![("currency", currency.clone())], *sum);
        }
        inner.due_soon.set(whole(gauges.due_soon));
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The watcher: a desk of its own to count on.
pub struct Watcher {
    counts: Counts,
    pool: Arc<Pool>,
    desk: Mutex<(Desk, Option<Instant>)>,
}

impl Watcher {
    pub fn new(counts: Counts, pool: Arc<Pool>, desk: Desk) -> Watcher {
        Watcher {
            counts,
            pool,
            desk: Mutex::new((desk, None)),
        }
    }

    fn text(&self) -> Result<String, String> {
        let mut held = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let (desk, read_at) = &mut *held;
        if read_at.is_none_or(|at| at.elapsed() >= FRESH_FOR) {
            let gauges = desk.gauges(now()).map_err(|error| error.chain())?;
            self.counts.desk(&gauges);
            *read_at = Some(Instant::now());
        }
        let waited = self.pool.waited();
        self.counts.0.pool_loans.set(whole(waited.loans));
        self.counts.0.pool_waited_micros.set(whole(waited.micros));
        let mut text = String::new();
        encode(&mut text, &self.counts.0.registry).map_err(|error| error.to_string())?;
        Ok(text)
    }
}

/// The one route of the metrics' own listener.
pub fn router(watcher: Arc<Watcher>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(watcher)
}

async fn metrics(State(watcher): State<Arc<Watcher>>) -> Response {
    let read = tokio::task::spawn_blocking(move || watcher.text()).await;
    let read = read.unwrap_or_else(|panicked| Err(panicked.to_string()));
    match read {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => {
            tracing::error!(error, "the desk's gauges cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "the desk cannot be read\n").into_response()
        }
    }
}
