//! Events: what happened to a dispute, with the dispute as it was then. The projector that publishes them and the sender
//! that delivers them render with this, too.

use super::{dispute, warning};
use crate::call::Call;
use crate::expand::Expand;
use crate::ids;
use crate::version::{self, Version};
use ::dispute::status::Stage;
use access::MerchantId;
use app::Desk;
use app::disputes::Dispute;
use app::endpoints::Offered;
use app::events::Told;
use app::publish::{Endpoint, Event, PING, Wording};
use calendar::Instant;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Our word for what happened, and the type of event for a dispute and for a warning of fraud; empty: Stripe has none, so it
/// is our own type.
const TYPES: &[(&str, &str, &str)] = &[
    (
        "opened",
        "charge.dispute.created",
        "radar.early_fraud_warning.created",
    ),
    ("withdrawn", "charge.dispute.funds_withdrawn", ""),
    ("answer-accepted", "docket.dispute.submission.accepted", ""),
    ("answer-refused", "docket.dispute.submission.refused", ""),
    ("answer-in-doubt", "docket.dispute.submission.in_doubt", ""),
    (
        "updated",
        "charge.dispute.updated",
        "radar.early_fraud_warning.updated",
    ),
    (
        "closed",
        "charge.dispute.closed",
        "radar.early_fraud_warning.updated",
    ),
    ("reopened", "docket.dispute.reopened", ""),
    ("reinstated", "charge.dispute.funds_reinstated", ""),
    (
        "finding-opened",
        "docket.dispute.finding.opened",
        "docket.early_fraud_warning.finding.opened",
    ),
    (PING, "docket.ping", "docket.ping"),
];

/// What these types of events, or groups of them, mean: our words, and whether they are of warnings of fraud alone, of
/// disputes alone, or of both.
pub fn meant(kinds: &[String]) -> (Vec<&'static str>, Option<bool>) {
    let of = |stage| {
        let rows = TYPES.iter().filter(move |(name, _, _)| {
            let own = kind(name, Some(stage));
            kinds.iter().any(|wanted| is_meant(wanted, &own))
        });
        rows.map(|(name, _, _)| *name)
    };
    let warnings: BTreeSet<&str> = of(Stage::FraudReport).collect();
    let disputes: BTreeSet<&str> = of(Stage::Chargeback).collect();
    let alone = match (warnings.is_empty(), disputes.is_empty()) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    };
    (warnings.union(&disputes).copied().collect(), alone)
}

/// Whether a type is the one that is wanted, or of the group.
pub fn is_meant(wanted: &str, kind: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(group) => kind.starts_with(group),
        None => wanted == kind,
    }
}

/// Every type that an endpoint may ask for. A test event is sent to whoever asks for one.
pub fn types() -> Vec<String> {
    let stages = [Stage::Chargeback, Stage::FraudReport];
    let named = TYPES.iter().filter(|(name, _, _)| *name != PING);
    let kinds = named.flat_map(|(name, _, _)| stages.map(|stage| kind(name, Some(stage))));
    kinds.collect::<BTreeSet<String>>().into_iter().collect()
}

/// What an endpoint may ask for: these types, in the shape of these versions.
pub fn offered() -> Offered {
    let versions = version::supported().map(|version| version.name().to_owned());
    Offered {
        event_types: types(),
        api_versions: versions.collect(),
    }
}

/// The type of an event.
pub fn kind(name: &str, stage: Option<Stage>) -> String {
    let known = TYPES.iter().find(|(own, _, _)| *own == name);
    let (of_dispute, of_warning) = known.map_or(("", ""), |(_, one, other)| (*one, *other));
    let word = match stage {
        Some(Stage::FraudReport) => of_warning,
        _ => of_dispute,
    };
    match word {
        "" => format!("docket.dispute.{}", name.replace('-', "_")),
        word => word.to_owned(),
    }
}

/// Events as this interface words them, for whoever publishes and sends them.
pub struct Events;

impl Wording for Events {
    fn kind(&self, name: &str, stage: Option<Stage>) -> String {
        kind(name, stage)
    }

    fn types(&self) -> Vec<String> {
        types()
    }

    fn body(
        &self,
        desk: &mut Desk,
        event: &Event,
        endpoint: &Endpoint,
    ) -> Result<Vec<u8>, app::Error> {
        let told = desk.told(event.clone())?;
        let owner = (endpoint.merchant.as_deref(), endpoint.live);
        let untaken = desk.untaken(&[&event.id], owner)?;
        // A version that is no longer supported was when the endpoint was made: the oldest is nearest to it.
        let version = Version::parse(&endpoint.api_version).unwrap_or_else(|_| Version::oldest());
        let published = Published {
            told: &told,
            version,
            live: endpoint.live,
            merchant: endpoint.merchant.as_deref(),
            pending: untaken.get(&event.id).copied().unwrap_or(0),
        };
        Ok(render(&published).to_string().into_bytes())
    }
}

/// An event with what it shows.
pub struct Published<'a> {
    pub told: &'a Told,
    pub version: Version,
    /// For an event that is of no dispute: the mode and the tenant of whoever it is shown to.
    pub live: bool,
    pub merchant: Option<&'a str>,
    /// Deliveries of it that no endpoint of whoever it is shown to has taken yet. In what an endpoint is sent: when that was
    /// written, itself among them.
    pub pending: u64,
}

impl<'a> Published<'a> {
    pub fn of(told: &'a Told, pending: u64, call: &'a Call) -> Published<'a> {
        Published {
            told,
            version: call.version,
            live: call.livemode(),
            merchant: call.entered.merchant.as_ref().map(MerchantId::as_str),
            pending,
        }
    }
}

fn snapshot(of: &Dispute, version: Version, at: Instant) -> Value {
    match of.case.status.stage() {
        Some(Stage::FraudReport) => warning::render(of, &Expand::none()),
        _ => version.dispute(dispute::render(of, &Expand::none(), at)),
    }
}

/// The whole event.
pub fn render(published: &Published<'_>) -> Value {
    let told = published.told;
    let event = &told.event;
    let after = told.after.as_ref();
    let object = after.map(|after| snapshot(after, published.version, event.at));
    let before = told
        .before
        .as_ref()
        .map(|before| snapshot(before, published.version, event.at));
    let mut data = Map::new();
    if let (Some(before), Some(object)) = (&before, &object)
        && event.kind == "updated"
    {
        data.insert("previous_attributes".to_owned(), previous(before, object));
    }
    let missing = || match event.kind.as_str() {
        PING => json!({ "object": "docket.ping", "count": event.version }),
        _ => json!({ "id": event.case.to_string(), "object": "dispute" }),
    };
    data.insert("object".to_owned(), object.unwrap_or_else(missing));
    let stage = after.and_then(|after| after.case.status.stage());
    let mut fields = json!({
        "id": event.id,
        "object": "event",
        "api_version": published.version.name(),
        "created": event.at.unix_seconds(),
        "data": data,
        "docket": {
            "case": (event.kind != PING).then(|| event.case.to_string()),
            "dispute": after.map(|after| ids::dispute(&after.case)),
            "version": event.version,
        },
        "livemode": after.map_or(published.live, |after| after.live),
        "pending_webhooks": published.pending,
        "request": { "id": null, "idempotency_key": null },
        "type": kind(&event.kind, stage),
    });
    let merchant = match after {
        Some(after) => after.merchant.clone(),
        None => published.merchant.map(str::to_owned),
    };
    if let (Some(merchant), Some(fields)) = (merchant, fields.as_object_mut()) {
        fields.insert("account".to_owned(), json!(merchant));
    }
    fields
}

/// The values that changed, as they were: hashes level by level, everything else whole.
fn previous(before: &Value, after: &Value) -> Value {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return before.clone();
    };
    let mut changed = Map::new();
    for (name, was) in before {
        let is = after.get(name).unwrap_or(&Value::Null);
        if was == is {
            continue;
        }
        let value = match (was, is) {
            (Value::Object(_), Value::Object(_)) => previous(was, is),
            _ => was.clone(),
        };
        changed.insert(name.clone(), value);
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        changed.insert(name.clone(), Value::Null);
    }
    Value::Object(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_as_it_was() {
        let before = json!({ "status": "needs_response", "evidence": { "receipt": null, "b": 1 }, "list": [1], "gone": 2 });
        let after = json!({ "status": "under_review", "evidence": { "receipt": "file_1", "b": 1 }, "list": [1, 2], "new": 3 });
        let want = json!({
            "status": "needs_response", "evidence": { "receipt": null }, "list": [1], "gone": 2, "new": null
        });
        assert_eq!(previous(&before, &after), want);
    }

    #[test]
    fn a_type_means_disputes_or_warnings() {
        let meant = |kind: &str| {
            let (words, of) = meant(&[kind.to_owned()]);
            (words.join(" "), of)
        };
        let one = |word: &str, of| (word.to_owned(), of);
        assert_eq!(meant("charge.dispute.created"), one("opened", Some(false)));
        assert_eq!(
            meant("radar.early_fraud_warning.created"),
            one("opened", Some(true))
        );
        assert_eq!(
            meant("radar.early_fraud_warning.updated"),
            one("closed updated", Some(true))
        );
        assert_eq!(meant("invoice.paid"), one("", Some(false)));
        assert_eq!(meant("*").1, None);
        assert_eq!(meant("docket.ping"), one("ping", None));
    }

    #[test]
    fn every_word_has_a_type_and_is_found_by_it() {
        for name in ::dispute::news::NAMES {
            assert!(TYPES.iter().any(|(own, _, _)| *own == name), "{name}");
            let kind = kind(name, Some(Stage::Chargeback));
            assert!(
                meant(std::slice::from_ref(&kind)).0.contains(&name),
                "{kind}"
            );
        }
        assert_eq!(meant(&["charge.dispute.*".to_owned()]).0.len(), 5);
    }
}
