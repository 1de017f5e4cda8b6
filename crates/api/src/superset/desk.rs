//! What is known over all disputes: what is due, what is odd, what came in, and what each provider can do.

use super::operation::{Json, Nothing, Operation, Raw};
use super::words::Page;
use crate::Error;
use crate::call::Call;
use access::policy::{Action, Resource};
use app::answer::{CatalogueSlot, catalogue};
use app::document::DocumentPage;
use app::duties::DutyLine;
use app::finding::{self, Findings};
use app::insights::Insights;
use app::ledger::Books;
use app::morning::Morning;
use app::providers::{self, ProviderView};
use app::quarantine::Quarantine;
use app::queue::{self, Queue};
use app::shape::At;
use app::{Desk, Party};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

const fn read(resource: Resource) -> (Action, Resource) {
    (Action::Read, resource)
}

pub(super) fn operations() -> Vec<Operation> {
    let mut all = lists();
    all.extend(state());
    all.extend(rules());
    all
}

fn lists() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/queue",
            "showQueue",
            "What is ours to do, nearest due or largest amount first, with what is at stake.",
            read(Resource::Obligations),
            queue,
        ),
        Operation::read(
            "/docket/v1/obligations",
            "listObligations",
            "What every party owes, nearest due first.",
            read(Resource::Obligations),
            duties,
        ),
        Operation::read(
            "/docket/v1/findings",
            "listFindings",
            "What a person should look at, over all disputes, grouped by cause.",
            read(Resource::Findings),
            findings,
        ),
        Operation::read(
            "/docket/v1/quarantine",
            "listQuarantine",
            "Documents that are held until a person decides, oldest first.",
            read(Resource::Quarantine),
            quarantine,
        ),
    ]
}

fn state() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/morning",
            "showMorning",
            "What a desk lead wants to know in the morning.",
            read(Resource::Quarantine),
            morning,
        ),
        Operation::read(
            "/docket/v1/insights",
            "showInsights",
            "How disputes end, by reason and provider, and how old the open ones are.",
            read(Resource::Disputes),
            insights,
        ),
        Operation::read(
            "/docket/v1/books",
            "showBooks",
            "Balances, totals that must be zero, and what closed cases left. They are the desk's: a merchant's are empty.",
            read(Resource::Ledger),
            books,
        ),
        Operation::read(
            "/docket/v1/feeds",
            "showFeeds",
            "What came in from each provider and what became of it, and how long the oldest waits.",
            read(Resource::Feeds),
            feeds,
        ),
        Operation::read(
            "/docket/v1/documents/{document}",
            "showDocument",
            "A document as text, card numbers masked, with what could not be read of it.",
            read(Resource::Documents),
            document,
        ),
        Operation::content(
            "/docket/v1/documents/{document}/content",
            "downloadDocument",
            "A document as it came, byte for byte.",
            read(Resource::Documents),
            content,
        ),
    ]
}

fn rules() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/providers",
            "listProviders",
            "What each provider can do, as data.",
            read(Resource::Rules),
            all_providers,
        ),
        Operation::read(
            "/docket/v1/providers/{provider}",
            "showProvider",
            "What one provider can do.",
            read(Resource::Rules),
            one_provider,
        ),
        Operation::read(
            "/docket/v1/evidence_slots",
            "listEvidenceSlots",
            "Every slot that a draft can have; a provider may ask for others, which a dispute's requirements name.",
            read(Resource::Rules),
            slots,
        ),
        Operation::read(
            "/docket/v1/reasons",
            "listReasons",
            "The kinds of reason that the desk tells apart.",
            read(Resource::Rules),
            reasons,
        ),
    ]
}

const LIMIT: u32 = 100;

fn many(limit: Option<u32>) -> usize {
    usize::try_from(limit.unwrap_or(LIMIT)).unwrap_or(usize::MAX)
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// The nearest due time.
    #[default]
    Time,
    /// The largest amount, currency by currency.
    Money,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct QueueAsked {
    provider: Option<String>,
    account: Option<String>,
    assigned_to: Option<String>,
    order: Order,
    /// How many lines; the totals count all. 100 unless said.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

fn queue(desk: &mut Desk, call: &mut Call, asked: QueueAsked) -> Result<Json<Queue>, Error> {
    let wanted = queue::Wanted {
        provider: asked.provider,
        account: asked.account,
        assigned_to: asked.assigned_to,
        due_until: None,
        order: match asked.order {
            Order::Time => queue::Order::Time,
            Order::Money => queue::Order::Money,
        },
        limit: many(asked.limit),
    };
    Ok(Json(desk.queue(&wanted, call.now)?))
}

fn standings(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "null"], "enum": [null, "open", "met", "met-late", "broken", "waived"] })
}

fn parties(_: &mut SchemaGenerator) -> Schema {
    let mut parties: Vec<Option<&str>> = vec![None];
    parties.extend(Party::ALL.iter().map(|party| Some(party.name())));
    json_schema!({ "type": ["string", "null"], "enum": parties })
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct DutiesAsked {
    #[schemars(schema_with = "standings")]
    standing: Option<String>,
    /// Who owes it.
    #[schemars(schema_with = "parties")]
    debtor: Option<String>,
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

fn duties(
    desk: &mut Desk,
    _: &mut Call,
    asked: DutiesAsked,
) -> Result<Json<Page<DutyLine>>, Error> {
    let limit = asked.limit.unwrap_or(LIMIT);
    let (data, has_more) =
        desk.duties(asked.standing.as_deref(), asked.debtor.as_deref(), limit)?;
    Ok(Json(Page { data, has_more }))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct FindingsAsked {
    /// Those that were closed, too.
    closed: Option<bool>,
    kind: Option<String>,
    provider: Option<String>,
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

fn findings(desk: &mut Desk, _: &mut Call, asked: FindingsAsked) -> Result<Json<Findings>, Error> {
    let wanted = finding::Wanted {
        open_only: asked.closed != Some(true),
        kind: asked.kind,
        provider: asked.provider,
        limit: many(asked.limit),
    };
    Ok(Json(desk.findings(&wanted)?))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Limited {
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

fn quarantine(desk: &mut Desk, _: &mut Call, asked: Limited) -> Result<Json<Quarantine>, Error> {
    Ok(Json(desk.quarantine(asked.limit.unwrap_or(LIMIT))?))
}

fn morning(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Morning>, Error> {
    Ok(Json(desk.morning(call.now)?))
}

fn insights(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Insights>, Error> {
    Ok(Json(desk.insights(call.now)?))
}

fn books(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Books>, Error> {
    // Balances are kept over all accounts, those for tests among them, and so belong to neither mode alone.
    if !call.livemode() {
        return Err(
            Error::invalid("The books are the whole desk's: ask with a live key.").status(403),
        );
    }
    Ok(Json(desk.books()?))
}

/// What came in.
#[derive(Debug, JsonSchema, Serialize)]
struct Feeds {
    now: At,
    feeds: Vec<Feed>,
    /// How long the oldest document that is not yet processed has waited; 0 when none waits.
    oldest_pending_seconds: u64,
    /// Answers that wait to be sent.
    to_send: u64,
    /// Answers that were sent and of which nobody knows whether they arrived.
    in_doubt: u64,
}

/// Documents of one provider that became the same.
#[derive(Debug, JsonSchema, Serialize)]
struct Feed {
    provider: String,
    fate: &'static str,
    /// Arrivals, repeats included.
    documents: u64,
}

fn feeds(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Feeds>, Error> {
    let gauges = desk.gauges(call.now)?;
    let feeds = gauges
        .intake
        .into_iter()
        .map(|(provider, fate, documents)| Feed {
            provider,
            fate,
            documents,
        });
    Ok(Json(Feeds {
        now: call.now.into(),
        feeds: feeds.collect(),
        oldest_pending_seconds: gauges.oldest_pending_seconds,
        to_send: gauges.to_send,
        in_doubt: gauges.in_doubt,
    }))
}

fn no_document(error: app::Error) -> Error {
    match error {
        app::Error::NoSuchDocument { id } => Error::missing("document", &id, "document"),
        error => error.into(),
    }
}

fn document(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<DocumentPage>, Error> {
    let page = desk.document_page(call.named(0), None);
    Ok(Json(page.map_err(no_document)?))
}

fn content(desk: &mut Desk, call: &mut Call) -> Result<Raw, Error> {
    let (name, bytes) = desk.document_bytes(call.named(0)).map_err(no_document)?;
    Ok(Raw {
        media_type: String::from("application/octet-stream"),
        name,
        bytes,
    })
}

fn all_providers(
    _: &mut Desk,
    _: &mut Call,
    _: Nothing,
) -> Result<Json<Page<ProviderView>>, Error> {
    Ok(Json(Page {
        data: providers::all(),
        has_more: false,
    }))
}

fn one_provider(_: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<ProviderView>, Error> {
    let name = call.named(0);
    let found = providers::named(name);
    Ok(Json(found.ok_or_else(|| {
        Error::missing("provider", name, "provider")
    })?))
}

fn slots(_: &mut Desk, _: &mut Call, _: Nothing) -> Result<Json<Page<CatalogueSlot>>, Error> {
    Ok(Json(Page {
        data: catalogue(),
        has_more: false,
    }))
}

fn reasons(_: &mut Desk, _: &mut Call, _: Nothing) -> Result<Json<Page<String>>, Error> {
    Ok(Json(Page {
        data: app::reasons(),
        has_more: false,
    }))
}
