//! What do these bytes say? No desk is needed to know.

use crate::redact;
use crate::shape::{Amount, At, By, Bytes};
use adapter::{Adapter, Channel, Decoded, Fate, Inbound, Located};
use calendar::{Instant, Moment};
use dispute::fact::Fact;
use dispute::said::Said;
use dispute::text;
use engine::gunzip;
use money::Money;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything one document says, for showing.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub provider: String,
    pub file: String,
    /// The kind of document, in the provider's words.
    pub form: String,
    pub about: About,
    pub channel: &'static str,
    /// Our account: the document's own word, or the one it was decoded for.
    pub account: String,
    /// Of the document as it is read: what spans point into.
    pub bytes: usize,
    /// Of the document as it came, when it came gzip-packed.
    pub packed_bytes: Option<usize>,
    pub facts: Vec<FactLine>,
    pub rejects: Vec<RejectLine>,
    /// What became of every byte: a partition of the document.
    pub records: Vec<RecordLine>,
    /// Whether the document would be held whole, so that nothing of it is applied until a person decides.
    pub held: bool,
    /// What no table maps, kept word for word.
    pub drift: Vec<DriftLine>,
    pub counts: Counts,
}

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// It states facts about disputes.
    Disputes,
    /// Genuine, and about something else.
    OtherBusiness,
    /// Nothing of it could be read.
    Unread,
}

/// A fact and the bytes that say it.
#[derive(Clone, Debug, Serialize)]
pub struct FactLine {
    pub span: Bytes,
    /// The canonical line.
    pub fact: String,
    /// The line's first word: what is said.
    pub says: &'static str,
    /// The id of the statement.
    pub id: String,
    /// The id of the case, when the statement names a dispute.
    pub case: Option<String>,
    pub dispute: Option<String>,
    /// The instant of which it is true.
    pub at: At,
    pub authority: &'static str,
    pub by: &'static str,
    pub account: String,
    /// Values by kind of reference.
    pub refs: BTreeMap<&'static str, Vec<String>>,
    /// The statement's own fields, named as in the canonical line with `_` for `-`.
    #[serde(flatten)]
    pub fields: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Serialize)]
pub struct RejectLine {
    pub span: Bytes,
    pub code: &'static str,
    pub name: &'static str,
    pub detail: String,
    pub hint: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct RecordLine {
    pub span: Bytes,
    /// `understood`, `rejected`, `other-business` or `framing`.
    pub fate: &'static str,
    /// For other business, what it is.
    pub what: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DriftLine {
    pub span: Bytes,
    pub field: String,
    pub value: String,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counts {
    pub facts: usize,
    pub rejects: usize,
    pub drift: usize,
    pub cases: usize,
    pub records: usize,
}

/// The document's account when it names one, else the one it came in for.
pub fn account(adapter: &dyn Adapter, inbound: &Inbound<'_>) -> String {
    adapter
        .account(inbound)
        .unwrap_or_else(|| inbound.account.to_owned())
}

/// Decodes bytes with this provider's adapter.
pub fn report(
    adapter: &dyn Adapter,
    file: &str,
    body: &[u8],
    channel: Channel,
    given_account: &str,
    received_at: Instant,
) -> Report {
    let unpacked = gunzip::unpacked(body);
    let mut inbound = Inbound {
        channel,
        account: given_account,
        headers: &[],
        body: unpacked.as_deref().unwrap_or(body),
        received_at,
    };
    let account = account(adapter, &inbound);
    inbound.account = &account;
    let bytes = inbound.body.len();
    let decoded = match &unpacked {
        Ok(_) => adapter.decode(&inbound),
        Err(reject) => engine::refused(reject.clone()),
    };
    let facts: Vec<FactLine> = decoded.facts.iter().map(fact_line).collect();
    let drift: Vec<DriftLine> = decoded.facts.iter().filter_map(drift_line).collect();
    let mut cases: Vec<&String> = facts.iter().filter_map(|fact| fact.case.as_ref()).collect();
    cases.sort();
    cases.dedup();
    let counts = Counts {
        facts: facts.len(),
        rejects: decoded.rejects.len(),
        drift: drift.len(),
        cases: cases.len(),
        records: decoded.records.len(),
    };
    Report {
        provider: adapter.name().to_owned(),
        file: file.to_owned(),
        form: decoded.form.clone(),
        about: about(&decoded),
        channel: channel.name(),
        bytes,
        packed_bytes: gunzip::is_packed(body).then_some(body.len()),
        held: decoded.held(),
        rejects: reject_lines(&decoded),
        records: record_lines(&decoded),
        counts,
        facts,
        drift,
        account,
    }
}

fn about(decoded: &Decoded) -> About {
    match (decoded.facts.is_empty(), decoded.rejects.is_empty()) {
        (false, _) => About::Disputes,
        (true, true) => About::OtherBusiness,
        (true, false) => About::Unread,
    }
}

fn reject_lines(decoded: &Decoded) -> Vec<RejectLine> {
    let lines = decoded.rejects.iter().map(|reject| RejectLine {
        span: reject.span.into(),
        code: reject.code.code(),
        name: reject.code.name(),
        detail: redact::pans(&reject.detail),
        hint: reject.hint.clone(),
    });
    lines.collect()
}

fn record_lines(decoded: &Decoded) -> Vec<RecordLine> {
    let lines = decoded.records.iter().map(|record| {
        let (fate, what) = match &record.fate {
            Fate::Understood => ("understood", None),
            Fate::Rejected => ("rejected", None),
            Fate::OtherBusiness(what) => ("other-business", Some(what.clone())),
            Fate::Framing => ("framing", None),
        };
        RecordLine {
            span: record.span.into(),
            fate,
            what,
        }
    });
    lines.collect()
}

fn drift_line(located: &Located) -> Option<DriftLine> {
    let Said::Drifted { field, value } = &located.fact.said else {
        return None;
    };
    Some(DriftLine {
        span: located.span.into(),
        field: field.clone(),
        value: redact::pans(value),
    })
}

fn fact_line(located: &Located) -> FactLine {
    let fact = &located.fact;
    let line = text::render(fact);
    let mut refs: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for reference in fact.refs.iter() {
        refs.entry(reference.kind.name())
            .or_default()
            .push(redact::pans(&reference.value));
    }
    FactLine {
        span: located.span.into(),
        says: text::word(&fact.said),
        id: fact.id().to_string(),
        case: fact.case().map(|case| case.to_string()),
        dispute: fact.refs.dispute().map(redact::pans),
        at: fact.true_at.into(),
        authority: fact.authority.name(),
        by: fact.by.name(),
        account: fact.scope.account.clone(),
        refs,
        fields: fields(fact, &line),
        fact: redact::pans(&line),
    }
}

/// The pairs of the canonical line that say what this statement says: everything after its scope and references.
pub fn fields(fact: &Fact, line: &str) -> BTreeMap<String, Value> {
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    let pairs = line.split(' ').filter_map(|word| word.split_once('='));
    let own = pairs.filter(|(key, _)| {
        !matches!(*key, "at" | "seq" | "by" | "auth" | "scope") && !key.starts_with("ref.")
    });
    for (key, value) in own {
        let name = key.replace('-', "_");
        let value = field(key, &unescape(value));
        match key {
            "required" | "optional" => {
                let list = fields
                    .entry(name)
                    .or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(value);
                }
            }
            _ => {
                fields.insert(name, value);
            }
        }
    }
    if fact.sequence != 0 {
        fields.insert(String::from("sequence"), Value::from(fact.sequence));
    }
    fields
}

/// One value in its JSON shape.
fn field(key: &str, text: &str) -> Value {
    let shaped = match key {
        "amount" => Money::from_text(text)
            .ok()
            .map(|money| json(&Amount(money))),
        "due" => Moment::parse(text).ok().map(|moment| json(&By(moment))),
        "settled" | "cleared" => Some(Value::from(text == "yes")),
        "count" | "version" | "attempt" | "bytes" => text.parse::<u64>().ok().map(Value::from),
        _ => None,
    };
    shaped.unwrap_or_else(|| Value::from(redact::pans(text)))
}

/// Undoes `dispute::text::escape`: `%` and two hexadecimal digits are one byte.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let byte = match byte {
            b'%' => digit()
                .zip(digit())
                .and_then(|(high, low)| u8::try_from(high * 16 + low).ok()),
            plain => Some(plain),
        };
        bytes.extend(byte);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A shape as a JSON value.
pub(crate) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("shapes have text keys and no value that JSON lacks")
}
