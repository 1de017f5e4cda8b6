//! What a merchant's disputes come to over a year, each number in a table that is also a file, and drawn where a drawing helps.

use crate::amount;
use crate::chart::{Bar, bars, part};
use crate::csv;
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{amounts, at, counted, money, unsaid};
use crate::portal::{fresh, merchant, words};
use crate::routes::{allowed, shown};
use crate::visitor::Visitor;
use access::{Action, Resource};
use app::year::{AgeLine, MoneyLine, ProgrammeLine, ReasonLine, Year, position};
use axum::Router;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use calendar::Date;
use maud::{Markup, html};
use serde::Deserialize;

const HERE: &str = "/insights";

pub fn routes() -> Router<State> {
    Router::new()
        .route(HERE, get(show))
        .route("/insights/{table}", get(file))
}

/// How many sales there were, which only the merchant knows; not kept.
#[derive(Deserialize)]
struct Sales {
    #[serde(default)]
    sales: String,
}

async fn show(
    Shared(state): Shared<State>,
    Query(sales): Query<Sales>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    let insights = state.year(&visitor).await?;
    let sales = sales.sales.trim();
    let status = match sales.is_empty() || sales.parse::<u64>().is_ok() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    let fresh = fresh::strip(&state, &visitor).await?;
    let page = shown(&page(&insights, sales, fresh, &visitor), &visitor);
    Ok((status, page).into_response())
}

fn page(insights: &Year, sales: &str, fresh: Markup, visitor: &Visitor) -> Page<'static> {
    let total: u64 = insights.opened.iter().sum();
    Page {
        title: "Insights",
        place: HERE,
        about: html! { p { "The last twelve months, by UTC's calendar. " (counted(i64::try_from(total).unwrap_or(i64::MAX), "dispute")) "." @if insights.counted_at != visitor.now { " Counted at " (at(insights.counted_at.into(), visitor)) "." } } },
        body: html! {
            (opened(insights, visitor))
            (reasons(&insights.reasons, visitor))
            div.grid.after {
                (ages(&insights.ages, visitor))
                (flow(&insights.money, visitor))
            }
            (programmes(&insights.programmes, sales, visitor))
            (fresh)
        },
    }
}

/// A section's title, with the same as a file where one may have it.
fn titled(id: &str, title: &str, visitor: &Visitor) -> Markup {
    html! {
        div.line {
            h2 id=(id) { (title) }
            @if visitor.may(Action::Export, Resource::Disputes) { a.small download href={ "/insights/" (id) ".csv" } { "CSV" } }
        }
    }
}

/// `2026-11` of a month's first day.
fn month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

fn opened(insights: &Year, visitor: &Visitor) -> Markup {
    let both = || insights.months.iter().zip(&insights.opened);
    let drawn: Vec<Bar> = both()
        .map(|(day, value)| Bar {
            name: format!("{:02}/{:02}", day.month(), day.year().rem_euclid(100)),
            value: *value,
        })
        .collect();
    html! {
        section.panel aria-labelledby="opened" {
            (titled("opened", "Disputes by the month they came", visitor))
            (bars(&drawn, "Disputes opened in each of the last twelve months; the numbers are in the table below"))
            details {
                summary { "The numbers" }
                table.tight {
                    caption.visually-hidden { "Disputes opened by month" }
                    thead { tr { th scope="col" { "Month" } th.n scope="col" { "Disputes" } } }
                    tbody { @for (day, value) in both() { tr { th scope="row" { (month(*day)) } td.n { (amount::count(value)) } } } }
                }
            }
            p.hint { "A rate needs the number of sales, which no provider sends with its disputes." }
        }
    }
}

/// Per mille as percent with one decimal.
fn percent(per_mille: u64) -> String {
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

fn reasons(lines: &[ReasonLine], visitor: &Visitor) -> Markup {
    html! {
        section aria-labelledby="reasons" {
            (titled("reasons", "Why, and how they end", visitor))
            @if lines.is_empty() { p.soft { "No dispute came in these months." } } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="reasons" {
                    table.cards {
                        caption { "Won is of those decided: won, or lost by decision or silence. What was accepted is kept apart." }
                        thead { tr { th scope="col" { "Why" } th.n scope="col" { "Disputes" } th.n scope="col" { "Open" } th.n scope="col" { "Won" } th.n scope="col" { "Lost" } th.n scope="col" { "Accepted" } th.n scope="col" { "Ended otherwise" } th scope="col" { "Won of decided" } } }
                        tbody { @for line in lines { (reason(line, &html! { @if line.reason.is_empty() { (unsaid("not said")) } @else { a href={ "/disputes?reason=" (crate::door::escaped(&line.reason)) } { (words::short(&line.reason)) } } })) } }
                        @if lines.len() > 1 { tfoot { (reason(&ReasonLine::all(lines), &html! { "All together" })) } }
                    }
                }
            }
        }
    }
}

fn reason(line: &ReasonLine, name: &Markup) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td.n data-name="Disputes" { (amount::count(line.cases)) }
            td.n data-name="Open" { (amount::count(line.open)) }
            td.n data-name="Won" { (amount::count(line.won)) }
            td.n data-name="Lost" { (amount::count(line.lost)) }
            td.n data-name="Accepted" { (amount::count(line.accepted)) }
            td.n data-name="Ended otherwise" { (amount::count(line.other)) }
            td data-name="Won of decided" { @match line.won_per_mille() { Some(won) => { (part(won)) " " (percent(won)) }, None => (unsaid("none decided")) } }
        }
    }
}

fn age(line: &AgeLine) -> String {
    match line.until_days {
        Some(until) => format!("{} to {until} days", line.from_days),
        None => format!("over {} days", line.from_days),
    }
}

fn ages(lines: &[AgeLine], visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="ages" {
            (titled("ages", "How old the open ones are", visitor))
            table.tight {
                caption.visually-hidden { "Open disputes by age" }
                thead { tr { th scope="col" { "Opened" } th.n scope="col" { "Disputes" } th.n scope="col" { "Disputed" } } }
                tbody { @for line in lines { tr { th scope="row" { (age(line)) " ago" } td.n { (amount::count(line.cases)) } td.n { (amounts(&line.disputed, "—")) } } } }
            }
        }
    }
}

fn flow(lines: &[MoneyLine], visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="money" {
            (titled("money", "Where the money went", visitor))
            @if lines.is_empty() { p.soft { "No money moved in these months." } } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="money" {
                    table.tight {
                        caption { "As posted in the desk's books" }
                        thead { tr { th scope="col" { "Month" } th.n scope="col" { "Taken" } th.n scope="col" { "Came back" } th.n scope="col" { "Fees in it" } th.n scope="col" { "Given up as lost" } } }
                        tbody { @for line in lines { tr { th scope="row" { (month(line.month)) } td.n { (money(line.left)) } td.n { (money(line.back)) } td.n { (money(line.fees)) } td.n { (money(line.lost)) } } } }
                    }
                }
            }
        }
    }
}

fn programmes(lines: &[ProgrammeLine], sales: &str, visitor: &Visitor) -> Markup {
    let known: Option<u64> = sales.parse().ok();
    html! {
        section.panel aria-labelledby="programmes" {
            (titled("programmes", "How near you are to networks' lines", visitor))
            p.hint id="sales-hint" { "Networks watch the ratio of disputes to sales, and fine from their line on. This desk knows the disputes that it was told of, and not your sales: neither those here nor those that other providers handle. So what it can say is with how few sales you would be over. What you type here is put to every line, and not kept." }
            form.filters method="get" action=(HERE) {
                p { label for="sales" { "Your sales in one month" } input id="sales" name="sales" inputmode="numeric" pattern="[0-9]*" value=(sales) aria-describedby="sales-hint"; }
                p { button { "Work it out" } }
            }
            @if !sales.is_empty() && known.is_none() { div.note.warn role="alert" { p { "Sales are a whole number, such as 12000." } } }
            @if lines.is_empty() { p.soft { "Nothing that a programme counts came in this month or the last." } } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="programmes" {
                    table.cards {
                        caption.visually-hidden { "Position in monitoring programmes" }
                        thead { tr { th scope="col" { "Programme" } th scope="col" { "Month" } th.n scope="col" { "Events" } th scope="col" { "The line" } th scope="col" { "You are over with" } @if known.is_some() { th scope="col" { "With your sales" } } } }
                        tbody { @for line in lines { (programme(line, known)) } }
                    }
                }
            }
        }
    }
}

/// Basis points as percent with two decimals.
fn bps(bps: u64) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

fn programme(line: &ProgrammeLine, sales: Option<u64>) -> Markup {
    let rule = &line.programme;
    html! {
        tr {
            th scope="row" { (rule.name) br; span.soft.small { (rule.counts) ", of " (rule.of) } }
            td.nowrap data-name="Month" { (month(line.month)) }
            td.n data-name="Events" { (amount::count(line.events)) @if line.fraud > 0 { br; span.soft.small { (line.fraud) " of them fraud reports" } } }
            td data-name="The line" { (bps(rule.threshold_bps)) @if rule.events_min > 1 { " and " (amount::count(rule.events_min)) " events" } br; span.soft.small { @if let Some(since) = rule.since { "since " (since) "; " } "sources: " (rule.confidence) } }
            td data-name="You are over with" {
                @match line.crossed_at_sales() {
                    Some(sales) => { strong { (amount::count(sales)) } " sales or fewer" },
                    None => (unsaid("no number of sales: too few events")),
                }
            }
            @if let Some(sales) = sales {
                td data-name="With your sales" {
                    @match position(line.events, sales) {
                        Some(now) if now >= rule.threshold_bps && line.crossed_at_sales().is_some() => { span.chip.late { (bps(now)) " over" } },
                        Some(now) => { span.chip.won { (bps(now)) " below" } },
                        None => (unsaid("no sales, no ratio")),
                    }
                }
            }
        }
    }
}

/// `GET /insights/{table}`: one table as a file.
async fn file(
    Shared(state): Shared<State>,
    Path(table): Path<String>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    allowed(&visitor, Action::Export, Resource::Disputes)?;
    let insights = state.year(&visitor).await?;
    let text = written(&insights, &table).ok_or(Trouble::NotFound)?;
    Ok(csv::file(&table, text))
}

fn written(insights: &Year, table: &str) -> Option<String> {
    let (head, lines): (&[&str], Vec<Vec<String>>) = match table {
        "opened.csv" => {
            let both = insights.months.iter().zip(&insights.opened);
            let lines = both.map(|(day, value)| vec![month(*day), value.to_string()]);
            (&["month", "disputes"], lines.collect())
        }
        "reasons.csv" => (
            &[
                "reason", "disputes", "open", "won", "lost", "accepted", "other",
            ],
            insights.reasons.iter().map(reason_fields).collect(),
        ),
        "ages.csv" => (
            &["from_days", "until_days", "disputes", "disputed"],
            insights.ages.iter().map(age_fields).collect(),
        ),
        "money.csv" => (
            &["month", "currency", "taken", "came_back", "fees", "lost"],
            insights.money.iter().map(money_fields).collect(),
        ),
        "programmes.csv" => (
            &[
                "programme",
                "month",
                "events",
                "fraud_reports",
                "line_bps",
                "least_events",
            ],
            insights.programmes.iter().map(programme_fields).collect(),
        ),
        _ => return None,
    };
    let mut text = csv::line(head);
    for line in &lines {
        let fields: Vec<&str> = line.iter().map(String::as_str).collect();
        text.push_str(&csv::line(&fields));
    }
    Some(text)
}

fn reason_fields(line: &ReasonLine) -> Vec<String> {
    let numbers = [
        line.cases,
        line.open,
        line.won,
        line.lost,
        line.accepted,
        line.other,
    ];
    let mut fields = vec![line.reason.clone()];
    fields.extend(numbers.iter().map(u64::to_string));
    fields
}

fn age_fields(line: &AgeLine) -> Vec<String> {
    let disputed: Vec<String> = line
        .disputed
        .iter()
        .map(|amount| amount.0.to_string())
        .collect();
    vec![
        line.from_days.to_string(),
        line.until_days
            .map(|days| days.to_string())
            .unwrap_or_default(),
        line.cases.to_string(),
        disputed.join("; "),
    ]
}

fn money_fields(line: &MoneyLine) -> Vec<String> {
    let mut fields = vec![month(line.month), line.left.0.currency().code().to_owned()];
    let amounts = [line.left, line.back, line.fees, line.lost];
    fields.extend(amounts.iter().map(|amount| amount.0.decimal()));
    fields
}

fn programme_fields(line: &ProgrammeLine) -> Vec<String> {
    vec![
        line.programme.name.to_owned(),
        month(line.month),
        line.events.to_string(),
        line.fraud.to_string(),
        line.programme.threshold_bps.to_string(),
        line.programme.events_min.to_string(),
    ]
}
