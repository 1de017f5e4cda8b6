//! Spans: what a request waited for, and for how long. Measured once, by one layer over `tracing`; counted for Prometheus, and
//! told to a collector where the settings name one ([`otlp`]).
//!
//! A request is a root, and so is each commit of the door, which keeps documents of many requests. Beneath them are the wait
//! for a connection (`pool`), each question to the store (`store`) and each transaction's end (`commit`). A request that
//! names a trace in `traceparent` joins it. Spans hold names, routes and numbers; never a query, a body, or an id of a person
//! or payment.

pub mod otlp;

use super::metrics::Counts;
use otlp::{Exporter, Span, Word};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The target of every span that this layer watches.
pub const SPAN: &str = app::SPAN;

/// Spans that begin a trace. Questions that no request and no knock asks, such as the worker's, are counted and not told.
const ROOTS: [&str; 2] = ["request", "door"];

/// Where a trace is up to: what `traceparent` says (W3C Trace Context, version 00).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub trace: u128,
    /// The span beneath which the next one lies; 0: none.
    pub parent: u64,
}

impl Place {
    /// A trace that begins here.
    pub fn fresh() -> Place {
        let (high, low) = (u128::from(random()), u128::from(random()));
        Place {
            trace: (high << 64) | low,
            parent: 0,
        }
    }

    /// Reads `00-{32 hex}-{16 hex}-{2 hex}`, or a later version that begins so. `None` for anything else, and for the ids
    /// of nothing but zeros, which the standard calls invalid: the request then begins a trace of its own.
    pub fn parse(text: &str) -> Option<Place> {
        let mut parts = text.split('-');
        let (version, trace, parent, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hex = |text: &str, length: usize| {
            let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            text.len() == length && text.bytes().all(lower)
        };
        let shaped = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
        let more = parts.next().is_some();
        if !shaped || version == "ff" || (version == "00" && more) {
            return None;
        }
        let trace = u128::from_str_radix(trace, 16).ok()?;
        let parent = u64::from_str_radix(parent, 16).ok()?;
        (trace != 0 && parent != 0).then_some(Place { trace, parent })
    }
}

/// Ids need to differ, not to be secret.
fn random() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    RandomState::new().hash_one(count).max(1)
}

/// The layer.
pub struct Watching {
    counts: Counts,
    exporter: Option<Exporter>,
}

impl Watching {
    pub fn new(counts: Counts, exporter: Option<Exporter>) -> Watching {
        Watching { counts, exporter }
    }
}

/// Whether this layer watches it.
pub fn watched(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == SPAN
}

/// A span under way.
struct Running {
    began: Instant,
    began_at: SystemTime,
    op: Option<String>,
    /// Of those that are told.
    told: Option<Span>,
}

/// What a span's fields say.
#[derive(Default)]
struct Fields {
    op: Option<String>,
    place: Option<Place>,
    words: Vec<(&'static str, Word)>,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.words
            .push((field.name(), Word::Text(format!("{value:?}"))));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "op" => self.op = Some(value.to_owned()),
            "at" => self.place = Place::parse(value),
            "trace" => {
                // A root that joins nothing; `at` comes after it and wins.
                let trace = u128::from_str_radix(value, 16).ok();
                self.place = trace.map(|trace| Place { trace, parent: 0 });
            }
            name => self.words.push((name, Word::Text(value.to_owned()))),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.words.push((
            field.name(),
            Word::Number(i64::try_from(value).unwrap_or(i64::MAX)),
        ));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.words.push((field.name(), Word::Number(value)));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Watching {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let root = ROOTS.contains(&span.name());
        let above = span.scope().skip(1).find_map(|above| {
            let extensions = above.extensions();
            let running = extensions.get::<Running>()?;
            let told = running.told.as_ref()?;
            Some(Place {
                trace: told.trace,
                parent: told.id,
            })
        });
        let place = above.or_else(|| root.then(|| fields.place.unwrap_or_else(Place::fresh)));
        let began_at = SystemTime::now();
        let told = place.filter(|_| self.exporter.is_some()).map(|place| Span {
            trace: place.trace,
            id: random(),
            parent: place.parent,
            name: span.name(),
            root,
            began_at,
            took: std::time::Duration::ZERO,
            words: fields.words,
        });
        span.extensions_mut().insert(Running {
            began: Instant::now(),
            began_at,
            op: fields.op,
            told,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let running = extensions.get_mut::<Running>();
        if let Some(told) = running.and_then(|running| running.told.as_mut()) {
            let mut fields = Fields::default();
            values.record(&mut fields);
            told.words.extend(fields.words);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(running) = span.extensions_mut().remove::<Running>() else {
            return;
        };
        let took = running.began.elapsed();
        match (span.name(), running.op.as_deref()) {
            ("pool", _) => self.counts.waited(took),
            ("store", Some("commit")) => self.counts.committed(took),
            _ => {}
        }
        if let (Some(mut told), Some(exporter)) = (running.told, &self.exporter) {
            told.began_at = running.began_at;
            told.took = took;
            told.words
                .extend(running.op.map(|op| ("op", Word::Text(op))));
            exporter.tell(told);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u128, u64)>) {
        let expected = expected.map(|(trace, parent)| Place { trace, parent });
        assert_eq!(Place::parse(text), expected, "{text}");
    }

    #[test]
    fn a_callers_trace_is_joined_and_nonsense_is_not() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let whole = (
            0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
            0x00f0_67aa_0ba9_02b7,
        );
        check(&format!("00-{trace}-00f067aa0ba902b7-01"), Some(whole));
        check(&format!("00-{trace}-00f067aa0ba902b7-00"), Some(whole));
        // A later version may say more.
        check(&format!("cc-{trace}-00f067aa0ba902b7-01-what"), Some(whole));
        check(&format!("00-{trace}-00f067aa0ba902b7-01-what"), None);
        check(&format!("ff-{trace}-00f067aa0ba902b7-01"), None);
        check(&format!("00-{trace}-0000000000000000-01"), None);
        check(
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            None,
        );
        check(
            &format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
            None,
        );
        check("", None);
        check("00", None);
    }
}
