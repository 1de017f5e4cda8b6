//! Reading disputes: lists by any filter, and everything that is known of one.

use super::command::at_the_desk;
use super::operation::{Json, Nothing, Operation, Tagged};
use super::shape::Shape;
use super::words::{Page, at, instant, stages, statuses};
use crate::Error;
use crate::call::Call;
use crate::form::Params;
use access::policy::{Action, Resource};
use app::case::{
    self, CaseView, EvidenceView, FindingView, LinkedView, MovementView, ObligationView,
};
use app::draft::{VersionLine, versions};
use app::lines::DisputeLine;
use app::timeline::Timeline;
use app::why::Why;
use app::{CaseQuery, Cursor, Desk, Opened};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::LazyLock;

const DISPUTES: (Action, Resource) = (Action::Read, Resource::Disputes);
const EVIDENCE: (Action, Resource) = (Action::Read, Resource::Evidence);
const DOCUMENTS: (Action, Resource) = (Action::Read, Resource::Documents);

pub(super) fn operations() -> Vec<Operation> {
    let mut all = whole_cases();
    all.extend(parts());
    all
}

fn whole_cases() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/disputes",
            "listAllDisputes",
            "Disputes of every provider, newest first, by any filter. Pages go both ways.",
            DISPUTES,
            list,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}",
            "showDispute",
            "Everything that is known of a dispute. What the key may not read of it, such as evidence or money, is left empty.",
            DISPUTES,
            show,
        ),
    ]
}

fn parts() -> Vec<Operation> {
    vec![
        Operation::read(
            "/docket/v1/disputes/{dispute}/requirements",
            "showRequirements",
            "The draft of the answer: what it holds, and what it still needs and why.",
            EVIDENCE,
            requirements,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}/versions",
            "listVersions",
            "Every change of the draft, oldest first.",
            EVIDENCE,
            drafts,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}/timeline",
            "showTimeline",
            "What happened and when the desk learned it, statement by statement, with the documents that they stand in.",
            DOCUMENTS,
            timeline,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}/why/{field}",
            "explainField",
            "Why a field has its value: the statements that made it, the bytes that say them, and the rules.",
            DOCUMENTS,
            why,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}/obligations",
            "listObligationsOfDispute",
            "Who owes what by when.",
            (Action::Read, Resource::Obligations),
            obligations,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}/findings",
            "listFindingsOfDispute",
            "What a person should look at.",
            (Action::Read, Resource::Findings),
            findings,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}/movements",
            "listMovements",
            "What moved, by what the provider said.",
            (Action::Read, Resource::Ledger),
            movements,
        ),
        Operation::read(
            "/docket/v1/disputes/{dispute}/linked",
            "listLinkedDisputes",
            "The other cases of the same payment.",
            DISPUTES,
            linked,
        ),
    ]
}

/// Which disputes to list. Several words of one filter widen it, several filters narrow.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Filters {
    /// Whose move it is, or how it ended.
    #[schemars(schema_with = "statuses")]
    status: Vec<String>,
    #[schemars(schema_with = "stages")]
    stage: Vec<String>,
    provider: Vec<String>,
    network: Vec<String>,
    reason: Vec<String>,
    /// Only of this merchant's accounts.
    merchant: Option<String>,
    assigned_to: Option<String>,
    /// Ours to answer, and before this instant.
    #[schemars(schema_with = "instant")]
    due_before: Option<String>,
    /// Changed at this instant or later.
    #[schemars(schema_with = "instant")]
    updated_since: Option<String>,
    #[schemars(schema_with = "instant")]
    opened_from: Option<String>,
    #[schemars(schema_with = "instant")]
    opened_before: Option<String>,
    /// The least disputed amount, in minor units, itself included.
    amount_from: Option<i64>,
    /// The largest disputed amount, in minor units, itself included.
    amount_until: Option<i64>,
    /// The currency of the disputed amount, as ISO 4217 writes it.
    #[schemars(length(min = 3, max = 3))]
    currency: Option<String>,
    /// Any reference, exact: a payment, an ARN, a trace number.
    #[schemars(length(max = 255))]
    reference: Option<String>,
    /// The beginning of any reference, letter case included.
    #[schemars(length(max = 255))]
    text: Option<String>,
    /// The page after this dispute.
    after: Option<String>,
    /// The page before this dispute.
    before: Option<String>,
    /// How many; 50 unless said.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u32>,
}

const LIMIT: u32 = 50;

impl Filters {
    /// As the store asks; `None` when nothing can fit.
    pub(crate) fn query(self, desk: &mut Desk) -> Result<Option<CaseQuery>, Error> {
        let mut query = CaseQuery::newest(self.limit.unwrap_or(LIMIT));
        query.cursor = match (self.after, self.before) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("Received both after and before: name one."));
            }
            (Some(name), None) => Cursor::After(place(desk, &name, "after")?),
            (None, Some(name)) => Cursor::Before(place(desk, &name, "before")?),
            (None, None) => Cursor::Start,
        };
        if let Some(merchant) = &self.merchant {
            query.accounts = desk.accounts_of(merchant)?;
            if query.accounts.is_empty() {
                return Ok(None);
            }
        }
        query.amount = match (self.amount_from, self.amount_until) {
            (None, None) => None,
            (from, until) => Some((from.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX))),
        };
        query.due_before = at(self.due_before.as_deref(), "due_before")?;
        query.changed_since = at(self.updated_since.as_deref(), "updated_since")?;
        query.opened_from = at(self.opened_from.as_deref(), "opened_from")?;
        query.opened_before = at(self.opened_before.as_deref(), "opened_before")?;
        query.statuses = self.status;
        query.stages = self.stage;
        query.providers = self.provider;
        query.networks = self.network;
        query.reasons = self.reason;
        query.assigned_to = self.assigned_to;
        query.currency = self.currency;
        query.reference = self.reference;
        query.text = self.text;
        Ok(Some(query))
    }
}

/// The same filters in Stripe's list, apart from its own: `docket[provider]=adyen`. `None` where none is sent.
pub(crate) fn beside(params: &mut Params) -> Result<Option<Filters>, Error> {
    static SHAPE: LazyLock<Shape<Filters>> = LazyLock::new(Shape::of);
    let Some(hash) = params.hash("docket")? else {
        return Ok(None);
    };
    let named = |name: &str| format!("docket[{name}]");
    let pairs = hash.flat()?;
    // Stripe's own page.
    let page = ["after", "before", "limit"];
    if let Some((name, _)) = pairs.iter().find(|(name, _)| page.contains(&name.as_str())) {
        return Err(Error::unknown_parameter(&named(name)));
    }
    let filters = SHAPE.pairs(pairs).map_err(|error| match &error.param {
        Some(name) => {
            let param = named(name);
            error.param(param)
        }
        None => error,
    });
    filters.map(Some)
}

fn place(desk: &mut Desk, name: &str, param: &str) -> Result<dispute::id::CaseId, Error> {
    let found = desk.case_id(name)?;
    found.ok_or_else(|| Error::missing("dispute", name, param).status(400))
}

fn list(desk: &mut Desk, _: &mut Call, asked: Filters) -> Result<Json<Page<DisputeLine>>, Error> {
    let (data, has_more) = match asked.query(desk)? {
        Some(query) => desk.dispute_lines(&query)?,
        None => (Vec::new(), false),
    };
    Ok(Json(Page { data, has_more }))
}

/// The dispute of the path.
pub(super) fn named(desk: &mut Desk, call: &Call) -> Result<Opened, Error> {
    let id = call.named(0);
    desk.opened(id)?
        .ok_or_else(|| Error::missing("dispute", id, "dispute"))
}

/// What this key may read of a case.
pub(super) fn view(desk: &mut Desk, opened: &Opened, call: &Call) -> Result<CaseView, Error> {
    let may = |resource| call.may(Action::Read, resource).is_ok();
    let looks = desk.looks(&opened.case)?;
    let mut view = case::view(opened, &looks);
    if !may(Resource::Evidence) {
        view.evidence.slots.clear();
        view.messages.clear();
    }
    // Who of the desk works on it, and what they tell each other, is the desk's.
    let at_the_desk = at_the_desk(call);
    if !at_the_desk {
        view.assigned_to = None;
    }
    if !at_the_desk || !may(Resource::Evidence) {
        view.notes.clear();
    }
    if !may(Resource::Findings) {
        view.findings.clear();
    }
    if !may(Resource::Ledger) {
        view.movements.clear();
        view.money.totals.clear();
    }
    Ok(view)
}

fn show(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Tagged<CaseView>, Error> {
    let opened = named(desk, call)?;
    Ok(Tagged {
        version: opened.case.evidence.version,
        view: view(desk, &opened, call)?,
    })
}

fn requirements(
    desk: &mut Desk,
    call: &mut Call,
    _: Nothing,
) -> Result<Tagged<EvidenceView>, Error> {
    let opened = named(desk, call)?;
    let looks = desk.looks(&opened.case)?;
    Ok(Tagged {
        version: opened.case.evidence.version,
        view: case::evidence(&opened.case, &looks),
    })
}

fn drafts(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Page<VersionLine>>, Error> {
    Ok(whole(versions(&named(desk, call)?)))
}

fn whole<T>(data: Vec<T>) -> Json<Page<T>> {
    Json(Page {
        data,
        has_more: false,
    })
}

fn whole_view(desk: &mut Desk, call: &Call) -> Result<CaseView, Error> {
    let opened = named(desk, call)?;
    view(desk, &opened, call)
}

fn obligations(
    desk: &mut Desk,
    call: &mut Call,
    _: Nothing,
) -> Result<Json<Page<ObligationView>>, Error> {
    Ok(whole(whole_view(desk, call)?.obligations))
}

fn findings(
    desk: &mut Desk,
    call: &mut Call,
    _: Nothing,
) -> Result<Json<Page<FindingView>>, Error> {
    Ok(whole(whole_view(desk, call)?.findings))
}

fn movements(
    desk: &mut Desk,
    call: &mut Call,
    _: Nothing,
) -> Result<Json<Page<MovementView>>, Error> {
    Ok(whole(whole_view(desk, call)?.movements))
}

fn linked(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Page<LinkedView>>, Error> {
    Ok(whole(whole_view(desk, call)?.linked))
}

fn why(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Why>, Error> {
    let opened = named(desk, call)?;
    let field = call.named(1);
    let why = desk.why(opened.case.id.as_str(), field);
    Ok(Json(why.map_err(|error| {
        match error {
            app::Error::NoSuchField { field, fields } => Error::invalid(format!(
                "No such field: '{field}'. A case has {}.",
                fields.join(", ")
            ))
            .status(404)
            .code("resource_missing")
            .param("field"),
            error => error.into(),
        }
    })?))
}

fn timeline(desk: &mut Desk, call: &mut Call, _: Nothing) -> Result<Json<Timeline>, Error> {
    let opened = named(desk, call)?;
    Ok(Json(desk.timeline(opened.case.id.as_str())?))
}
