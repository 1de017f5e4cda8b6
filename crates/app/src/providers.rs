//! What each provider can do, as its adapter says it: a gap is seen before anybody relies on what is not there.

use adapter::{Adapter, Capabilities, DocumentKind, Sweep};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ProviderView {
    pub provider: &'static str,
    /// What it sends that we understand.
    pub documents: Vec<DocumentForm>,
    /// What we can ask of it: `submit`, `accept`, `read-back`, `requirements`, `list-changed`, `dishonor`.
    pub verbs: Vec<&'static str>,
    /// Stages at which an answer can be sent by interface.
    pub answers_at: Vec<&'static str>,
    /// Each open case is read back once in so many hours; null where no object can be read.
    pub read_back_hours: Option<u32>,
    pub limits: LimitsView,
    /// The scheme in words, or `none`.
    pub signature: &'static str,
    /// Seconds for which the provider honours an idempotency key; 0 when it has none.
    pub idempotency_seconds: u32,
    pub reads_per_minute: u32,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DocumentForm {
    pub form: &'static str,
    pub channel: &'static str,
    /// Whether it states facts about disputes; others are known and kept.
    pub disputes: bool,
}

/// What the provider takes in an answer; null where no limit is known.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct LimitsView {
    pub total_bytes: Option<u64>,
    pub file_bytes: Option<u64>,
    pub text_characters: Option<u32>,
    pub pages: Option<u32>,
    /// Empty when no file can be sent.
    pub media_types: Vec<&'static str>,
    pub one_file_per_slot: bool,
    /// How many answers a stage takes.
    pub submissions: Option<u32>,
    /// Where these figures come from.
    pub source: &'static str,
}

/// Every provider of the list, by name.
pub fn all() -> Vec<ProviderView> {
    providers::list::ALL
        .iter()
        .map(|adapter| view(*adapter))
        .collect()
}

/// One provider.
pub fn named(name: &str) -> Option<ProviderView> {
    providers::list::find(name).map(view)
}

fn view(adapter: &dyn Adapter) -> ProviderView {
    let can: &Capabilities = adapter.capabilities();
    let documents = can.documents.iter().map(|document| DocumentForm {
        form: document.form,
        channel: document.channel.name(),
        disputes: document.kind == DocumentKind::Disputes,
    });
    ProviderView {
        provider: adapter.name(),
        documents: documents.collect(),
        verbs: can.verbs.iter().map(|verb| verb.name()).collect(),
        answers_at: can.answers_at.iter().map(|stage| stage.name()).collect(),
        read_back_hours: match can.sweep {
            Sweep::EachCase { every_hours } => Some(every_hours),
            Sweep::None => None,
        },
        limits: LimitsView {
            total_bytes: can.limits.total_bytes,
            file_bytes: can.limits.file_bytes,
            text_characters: can.limits.text_characters,
            pages: can.limits.pages,
            media_types: can.limits.media_types.to_vec(),
            one_file_per_slot: can.limits.one_file_per_slot,
            submissions: can.limits.submissions,
            source: can.limits.source,
        },
        signature: can.signature,
        idempotency_seconds: can.idempotency_seconds,
        reads_per_minute: can.reads_per_minute,
    }
}
