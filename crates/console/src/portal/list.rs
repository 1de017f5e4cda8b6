//! The list of a merchant's disputes: filters in its address, saved lists, pages both ways, and the same as a file.

use crate::amount;
use crate::door::{Posted, State, Trouble, escaped};
use crate::frame::{self, Page};
use crate::parts::{at, by, chip, is_overdue, money, unsaid};
use crate::portal::{fresh, merchant, words};
use crate::routes::{allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::personal::SavedView;
use app::{CasePage, CaseQuery, CaseRow, Cursor};
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use calendar::Date;
use maud::{Markup, html};
use money::{Currency, Money};
use serde::Deserialize;
use std::fmt::Write;

pub const HERE: &str = "/disputes";
/// Disputes that one page shows.
const LINES: u32 = 50;
/// Lines of a file, and how many are read at once. A browser waits for the whole of it: a tenth of a second each thousand.
const FILE_LINES_MAX: usize = 20_000;
const FILE_PAGE: u32 = 1_000;

/// What the address asks for. All of it is text, so that what a person typed is shown to them again.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub stage: String,
    #[serde(default)]
    pub provider: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub due: String,
    #[serde(default)]
    pub currency: String,
    #[serde(default)]
    pub least: String,
    #[serde(default)]
    pub most: String,
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub after: String,
    #[serde(default)]
    pub before: String,
}

/// How merchants tell apart where a dispute stands: the word of the address, what it is called, and the desk's own words.
const STATUSES: [(&str, &str, &[&str]); 7] = [
    ("ours", "Needs your answer", &["ours"]),
    ("others", "With others", &["theirs", "network", "nobody"]),
    ("won", "Won", &["won", "partially-won"]),
    ("lost", "Lost", &["lost", "expired"]),
    ("accepted", "Accepted", &["accepted"]),
    (
        "ended",
        "Ended without a decision",
        &["prevented", "withdrawn", "lapsed"],
    ),
    ("unstated", "Not said yet", &["unstated"]),
];

/// Until when: in days from now.
const DUE: [(&str, &str, i64); 4] = [
    ("overdue", "Overdue", 0),
    ("day", "Within 24 hours", 1),
    ("three", "Within 3 days", 3),
    ("week", "Within 7 days", 7),
];

impl Asked {
    /// The filters as a query, without the place in the list.
    pub fn query(&self) -> String {
        let mut query = String::new();
        for (name, value) in self.filters() {
            if value.is_empty() {
                continue;
            }
            let and = if query.is_empty() { "" } else { "&" };
            write!(query, "{and}{name}={}", escaped(value)).expect("a string takes every write");
        }
        query
    }

    fn filters(&self) -> [(&'static str, &str); 11] {
        [
            ("q", &self.q),
            ("status", &self.status),
            ("stage", &self.stage),
            ("provider", &self.provider),
            ("reason", &self.reason),
            ("due", &self.due),
            ("currency", &self.currency),
            ("least", &self.least),
            ("most", &self.most),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }

    /// What the store is asked. What does not read is said, and narrows nothing.
    fn cases(&self, visitor: &Visitor, limit: u32) -> Result<CaseQuery, String> {
        let mut query = CaseQuery::newest(limit);
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        query.text = text(&self.q);
        if !self.status.is_empty() {
            let known = STATUSES.iter().find(|(name, _, _)| *name == self.status);
            let (_, _, words) =
                known.ok_or_else(|| format!("there is no status “{}”", self.status))?;
            query.statuses = words.iter().map(|word| (*word).to_owned()).collect();
        }
        query.stages.extend(text(&self.stage));
        query.providers.extend(text(&self.provider));
        query.reasons.extend(text(&self.reason));
        if !self.due.is_empty() {
            let known = DUE.iter().find(|(name, _, _)| *name == self.due);
            let (_, _, days) = known.ok_or_else(|| format!("there is no time “{}”", self.due))?;
            query.due_before = Some(visitor.now.plus_days(*days));
        }
        let day = |text: &str| {
            let day = Date::parse(text)
                .map_err(|_| format!("a day is written as 2026-11-23, found “{text}”"));
            day.map(|day| visitor.zone.start_of_day(day))
        };
        if let Some(from) = text(&self.from) {
            query.opened_from = Some(day(&from)?);
        }
        if let Some(until) = text(&self.until) {
            query.opened_before = Some(day(&until)?.plus_days(1));
        }
        self.amounts(&mut query)?;
        query.cursor = match (self.after.as_str(), self.before.as_str()) {
            ("", "") => Cursor::Start,
            (after, "") => {
                Cursor::After(app::case_id(after).ok_or("that place is not in this list")?)
            }
            (_, before) => {
                Cursor::Before(app::case_id(before).ok_or("that place is not in this list")?)
            }
        };
        Ok(query)
    }

    fn amounts(&self, query: &mut CaseQuery) -> Result<(), String> {
        let code = self.currency.trim().to_ascii_uppercase();
        if code.is_empty() {
            return match self.least.trim().is_empty() && self.most.trim().is_empty() {
                true => Ok(()),
                false => Err(String::from("an amount needs its currency beside it")),
            };
        }
        let currency =
            Currency::find(&code).ok_or_else(|| format!("there is no currency “{code}”"))?;
        query.currency = Some(code);
        let minor = |text: &str, open: i64| match text.trim() {
            "" => Ok(open),
            text if text.starts_with('-') => Err(String::from("an amount is not negative")),
            text => Money::parse(&amount::typed(text), currency)
                .map_err(|error| error.to_string())
                .and_then(|amount| {
                    i64::try_from(amount.minor()).map_err(|_| String::from("that is too much"))
                }),
        };
        let bounds = (minor(&self.least, i64::MIN)?, minor(&self.most, i64::MAX)?);
        query.amount = (bounds != (i64::MIN, i64::MAX)).then_some(bounds);
        Ok(())
    }
}

/// What the filters offer.
struct Offered {
    providers: Vec<String>,
    views: Vec<SavedView>,
    /// How fresh the list is, drawn.
    fresh: Markup,
}

/// `GET /disputes`. Any whole reference leads straight to its dispute.
pub async fn list(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    let exact = asked.q.trim().to_owned();
    if !exact.is_empty() && asked.query() == format!("q={}", escaped(&asked.q)) {
        let found = state
            .read(&visitor, move |desk| desk.dispute(&exact))
            .await?;
        if let Some(found) = found {
            return Ok(Redirect::to(&format!("/disputes/{}", found.case.id)).into_response());
        }
    }
    let (query, wrong) = match asked.cases(&visitor, LINES) {
        Ok(query) => (query, None),
        Err(words) => (CaseQuery::newest(LINES), Some(words)),
    };
    let (page, providers) = state
        .read(&visitor, move |desk| {
            let page = desk.lines(&query)?;
            let mut providers: Vec<String> = desk
                .accounts_seen()?
                .into_iter()
                .map(|scope| scope.provider)
                .collect();
            providers.sort();
            providers.dedup();
            Ok((page, providers))
        })
        .await?;
    let person = visitor.person.clone();
    let views = state
        .write(move |desk| desk.saved_views(&person, HERE))
        .await?;
    let fresh = fresh::strip(&state, &visitor).await?;
    let offered = Offered {
        providers,
        views,
        fresh,
    };
    let page = page_of(&page, &asked, &offered, wrong.as_deref(), &visitor);
    let status = match wrong {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    Ok((status, shown(&page, &visitor)).into_response())
}

fn page_of(
    page: &CasePage,
    asked: &Asked,
    offered: &Offered,
    wrong: Option<&str>,
    visitor: &Visitor,
) -> Page<'static> {
    let narrowed = !asked.query().is_empty();
    Page {
        title: "Disputes",
        place: HERE,
        about: html! { p { @if narrowed { "Those that the filters let through, newest first" } @else { "All of them, newest first" } } },
        body: html! {
            @if let Some(words) = wrong { div.note.warn role="alert" { p { strong { "The filters were left out: " } (words) "." } } }
            (views(asked, offered, visitor))
            (filters(asked, offered))
            @if page.rows.is_empty() {
                div.empty {
                    p { strong { "No dispute is like this." } }
                    @if narrowed { p { a.button href=(HERE) { "Show all disputes" } } } @else { p.soft { "When a provider tells of one, it is here within seconds." } }
                }
            } @else {
                (table(&page.rows, visitor))
                (pager(page, asked))
            }
            @if visitor.may(Action::Export, Resource::Disputes) && !page.rows.is_empty() {
                p.after { a href={ "/disputes.csv?" (asked.query()) } download { "These as a CSV file" } }
            }
            (offered.fresh)
        },
    }
}

fn views(asked: &Asked, offered: &Offered, visitor: &Visitor) -> Markup {
    let query = asked.query();
    html! {
        div.tabs {
            nav aria-label="Saved lists" {
                ul {
                    li { a href=(HERE) aria-current=[query.is_empty().then_some("true")] { "All" } }
                    @for (name, words, _) in STATUSES.iter().take(4) {
                        @let own = format!("status={name}");
                        li { a href={ (HERE) "?" (own) } aria-current=[(query == own).then_some("true")] { (words) } }
                    }
                    @for view in &offered.views {
                        li { a href={ (HERE) "?" (view.query) } aria-current=[(query == view.query).then_some("true")] { bdi { (view.name) } } }
                    }
                }
            }
            @if !query.is_empty() {
                @match offered.views.iter().find(|view| view.query == query) {
                    Some(view) => {
                        form.inline method="post" action="/disputes/lists" {
                            (frame::csrf(visitor))
                            input type="hidden" name="name" value=(view.name);
                            button.plain name="do" value="drop" { "Drop this list" }
                        }
                    },
                    None => {
                        details.save {
                            summary { "Save this list" }
                            form.row method="post" action="/disputes/lists" {
                                (frame::csrf(visitor))
                                input type="hidden" name="query" value=(query);
                                label.visually-hidden for="view-name" { "Its name" }
                                input id="view-name" name="name" maxlength="60" required placeholder="Its name";
                                button name="do" value="save" { "Save" }
                            }
                        }
                    },
                }
            }
        }
    }
}

fn choice(name: &'static str, label: &str, chosen: &str, options: &[(String, String)]) -> Markup {
    html! {
        p {
            label for={ "by-" (name) } { (label) }
            select id={ "by-" (name) } name=(name) {
                option value="" { "Any" }
                @for (value, words) in options { option value=(value) selected[value == chosen] { (words) } }
            }
        }
    }
}

fn typed(name: &'static str, label: &str, value: &str, kind: &str) -> Markup {
    html! { p { label for={ "by-" (name) } { (label) } input id={ "by-" (name) } name=(name) type=(kind) value=(value) autocomplete="off"; } }
}

fn filters(asked: &Asked, offered: &Offered) -> Markup {
    let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
            .collect()
    };
    let statuses: Vec<(&str, &str)> = STATUSES
        .iter()
        .map(|(name, words, _)| (*name, *words))
        .collect();
    let due: Vec<(&str, &str)> = DUE.iter().map(|(name, words, _)| (*name, *words)).collect();
    let stages: Vec<(String, String)> = app::stages()
        .into_iter()
        .map(|stage| (stage.to_owned(), stage.replace('-', " ")))
        .collect();
    let reasons: Vec<(String, String)> = app::reasons()
        .into_iter()
        .map(|reason| (reason.clone(), words::short(&reason)))
        .collect();
    let providers: Vec<(String, String)> = offered
        .providers
        .iter()
        .map(|provider| (provider.clone(), provider.clone()))
        .collect();
    let hidden = [
        &asked.stage,
        &asked.currency,
        &asked.least,
        &asked.most,
        &asked.from,
        &asked.until,
    ];
    let more = hidden.iter().any(|value| !value.is_empty());
    html! {
        form.asked method="get" action=(HERE) role="search" aria-label="Filters" {
            div.filters {
                (typed("q", "Any reference begins with", &asked.q, "search"))
                (choice("status", "Status", &asked.status, &own(&statuses)))
                (choice("due", "Answer due", &asked.due, &own(&due)))
                (choice("provider", "Provider", &asked.provider, &providers))
                (choice("reason", "Why", &asked.reason, &reasons))
                p.go { button { "Show" } }
            }
            details open[more] {
                summary { "Stage, amount, days" }
                div.filters {
                    (choice("stage", "Stage", &asked.stage, &stages))
                    (typed("currency", "Currency", &asked.currency, "text"))
                    (typed("least", "Amount from", &asked.least, "text"))
                    (typed("most", "to", &asked.most, "text"))
                    (typed("from", "Opened from", &asked.from, "date"))
                    (typed("until", "until", &asked.until, "date"))
                }
            }
        }
    }
}

/// Cases as a list shows them.
pub fn table(rows: &[CaseRow], visitor: &Visitor) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Disputes" data-rows {
            table.cards {
                caption.visually-hidden { "Disputes, newest first" }
                thead { tr { th scope="col" { "Dispute" } th scope="col" { "Status" } th scope="col" { "Why" } th scope="col" { "Answer by" } th.n scope="col" { "Disputed" } th scope="col" { "Opened" } } }
                tbody { @for row in rows { (line(row, visitor)) } }
            }
        }
    }
}

fn line(row: &CaseRow, visitor: &Visitor) -> Markup {
    let overdue = is_overdue(&row.status, row.respond_by, visitor.now);
    html! {
        tr {
            th scope="row" { a data-row href={ "/disputes/" (row.id) } { (row.dispute) } br; span.soft.small { (row.scope.provider) " · " bdi { (row.scope.account) } } }
            td data-name="Status" { (chip(words::standing(&row.status, overdue))) @if !row.stage.is_empty() { br; span.soft.small { (row.stage.replace('-', " ")) } } }
            td data-name="Why" { @if row.reason.is_empty() { (unsaid("not said")) } @else { (words::short(&row.reason)) } }
            td data-name="Answer by" {
                @match row.respond_by { Some(moment) if row.status == "ours" => (by(moment.into(), visitor)), _ => (unsaid("—")) }
            }
            td.n data-name="Disputed" { @match row.disputed { Some(amount) => (money(amount.into())), None => (unsaid("not said")) } }
            td data-name="Opened" { (at(row.opened_at.into(), visitor)) }
        }
    }
}

/// The page before and the page after, by the cases at the two ends of this one.
fn pager(page: &CasePage, asked: &Asked) -> Markup {
    let backwards = !asked.before.is_empty();
    let newer = (backwards && page.more) || (!backwards && !asked.after.is_empty());
    let older = backwards || page.more;
    let query = asked.query();
    let and = if query.is_empty() { "" } else { "&" };
    let to = |way: &str, row: Option<&CaseRow>| {
        row.map(|row| format!("{HERE}?{query}{and}{way}={}", row.id))
    };
    html! {
        @if newer || older {
            nav.pager aria-label="Pages" {
                @match to("before", page.rows.first()).filter(|_| newer) { Some(address) => a.button rel="prev" href=(address) { "← Newer" }, None => span {} }
                @match to("after", page.rows.last()).filter(|_| older) { Some(address) => a.button rel="next" href=(address) { "Older →" }, None => span {} }
            }
        }
    }
}

/// `POST /disputes/lists`: saves or drops a list of one's own.
pub async fn keep(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    merchant(&posted.visitor)?;
    let doer = posted.visitor.doer();
    let view = SavedView {
        place: HERE.to_owned(),
        name: posted.text("name").to_owned(),
        query: posted.text("query").to_owned(),
    };
    let drops = posted.text("do") == "drop";
    let address = match view.query.is_empty() {
        true => HERE.to_owned(),
        false => format!("{HERE}?{}", view.query),
    };
    // An address of ours is letters, digits and a few signs: whatever else comes here was never one.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./%=&".contains(&byte);
    if !view.query.bytes().all(plain) {
        return Err(Trouble::Form(String::from(
            "the list's filters are not of ours",
        )));
    }
    state
        .write(move |desk| match drops {
            true => desk.drop_view(&doer, &view.place, &view.name),
            false => desk.save_view(&doer, &view),
        })
        .await?;
    Ok(Redirect::to(&address).into_response())
}

const COLUMNS: [&str; 12] = [
    "case",
    "dispute",
    "provider",
    "account",
    "status",
    "stage",
    "reason",
    "network",
    "disputed",
    "currency",
    "respond_by",
    "opened_at",
];

/// `GET /disputes.csv`: the list, whole, in the order of the page. Instants are in UTC.
pub async fn file(
    Shared(state): Shared<State>,
    Query(asked): Query<Asked>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    allowed(&visitor, Action::Export, Resource::Disputes)?;
    let asked = Asked {
        after: String::new(),
        before: String::new(),
        ..asked
    };
    let query = asked.cases(&visitor, FILE_PAGE).map_err(Trouble::Address)?;
    let text = state
        .read(&visitor, move |desk| {
            let mut query = query;
            let mut text = crate::csv::line(&COLUMNS);
            let mut lines = 0;
            loop {
                let page = desk.lines(&query)?;
                for row in &page.rows {
                    text.push_str(&csv_line(row));
                }
                lines += page.rows.len();
                match page.rows.last() {
                    Some(last) if page.more && lines < FILE_LINES_MAX => {
                        query.cursor = Cursor::After(last.id.clone());
                    }
                    _ => return Ok(text),
                }
            }
        })
        .await?;
    Ok(crate::csv::file("disputes.csv", text))
}

fn csv_line(row: &CaseRow) -> String {
    let disputed = row
        .disputed
        .map(|amount| amount.decimal())
        .unwrap_or_default();
    let currency = row.disputed.map_or("", |amount| amount.currency().code());
    let due = row.respond_by.filter(|_| row.status == "ours");
    let due = due.map(|due| due.to_string()).unwrap_or_default();
    crate::csv::line(&[
        row.id.as_str(),
        &row.dispute,
        &row.scope.provider,
        &row.scope.account,
        &row.status,
        &row.stage,
        &row.reason,
        &row.network,
        &disputed,
        currency,
        &due,
        &row.opened_at.to_string(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_survive_their_address() {
        let asked = Asked {
            q: String::from("a&b=c d"),
            status: String::from("ours"),
            most: String::from("12.50"),
            after: String::from("dp_1"),
            ..Asked::default()
        };
        assert_eq!(asked.query(), "q=a%26b%3Dc%20d&status=ours&most=12.50");
        assert_eq!(Asked::default().query(), "");
    }

    #[test]
    fn every_word_of_status_is_in_one_group() {
        let words: Vec<&str> = STATUSES
            .iter()
            .flat_map(|(_, _, words)| words.iter().copied())
            .collect();
        let mut once = words.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(words.len(), once.len());
        for word in app::statuses() {
            assert!(words.contains(&word), "{word} is in no group");
        }
    }
}
