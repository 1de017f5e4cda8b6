//! What needs the merchant now, what waits for others, and what is new.

use crate::frame::Page;
use crate::parts::{amounts, at, by, counted, money, unsaid};
use crate::portal::settings::NEWS;
use crate::portal::{list, words};
use crate::visitor::Visitor;
use app::CaseRow;
use app::personal::Unread;
use app::queue::{Item, Order, Queue};
use app::shape::{Amount, At};
use calendar::Zone;
use maud::{Markup, html};
use money::{Currency, Money};
use std::collections::BTreeMap;

/// Something that happened to a dispute.
pub struct News {
    pub case: String,
    pub dispute: String,
    pub kind: String,
    pub at: At,
}

/// Lines of a group that are shown; its numbers count all. What is beyond is in the list.
const SHOWN: usize = 25;

/// What the page shows.
pub struct Now {
    pub queue: Queue,
    pub order: Order,
    /// The newest of those with others, and whether there are more.
    pub others: (Vec<CaseRow>, bool),
    pub news: Vec<News>,
    pub unread: Vec<Unread>,
    /// How fresh this is, drawn.
    pub fresh: Markup,
}

pub fn page(now: &Now, visitor: &Visitor) -> Page<'static> {
    let queue = &now.queue;
    let total = i64::try_from(queue.total).unwrap_or(i64::MAX);
    Page {
        title: "What needs you now",
        place: "/",
        about: html! { p { "It is " (visitor.now.wall_in(visitor.zone)) } },
        body: html! {
            (figures(queue, total, visitor))
            div.split.wide {
            div {
            @if queue.items.is_empty() {
                div.empty {
                    p { strong { "Nothing waits for your answer." } }
                    p { a.button href="/disputes" { "See all disputes" } }
                }
            } @else {
                (orders(now.order))
                @match now.order {
                    Order::Time => (by_time(&queue.items, visitor)),
                    Order::Money => (group("money", "The largest first", &queue.items, visitor)),
                }
            }
            }
            div.stack {
                @if !now.unread.is_empty() { (unread(&now.unread, visitor)) }
                (others(now))
                (news(&now.news, visitor))
            }
            }
            (now.fresh)
        },
    }
}

/// The page in three numbers.
fn figures(queue: &Queue, total: i64, visitor: &Visitor) -> Markup {
    html! {
        dl.figures {
            div { dt { "To answer" } dd { (total) } }
            div.bad[queue.overdue > 0] { dt { "Overdue" } dd { (queue.overdue) @if queue.overdue > 0 { span.hint { "a late answer may still be taken; the provider decides" } } } }
            div { dt { "Due within 24 hours" } dd { (queue.due_in_a_day) } }
            div { dt { "At stake" } dd { (amounts(&queue.at_stake, "nothing")) } }
            div { dt { "Times" } dd.small { (visitor.zone.name().replace('_', " ")) @if visitor.zone == Zone::Utc { " · " a href="/settings" { "set yours" } } } }
        }
    }
}

fn orders(order: Order) -> Markup {
    let by_money = order == Order::Money;
    html! {
        nav.tabs aria-label="Order" {
            ul {
                li { a href="/" aria-current=[(!by_money).then_some("true")] { "By deadline" } }
                li { a href="/?order=money" aria-current=[by_money.then_some("true")] { "By money" } }
            }
        }
    }
}

/// Which group of the page a thing to do belongs to, by the calendar of whoever looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    Overdue,
    Today,
    Week,
    Later,
}

impl When {
    const ALL: [(When, &'static str, &'static str); 4] = [
        (When::Overdue, "overdue", "Overdue"),
        (When::Today, "today", "Today"),
        (When::Week, "week", "The next seven days"),
        (When::Later, "later", "Later"),
    ];

    fn of(item: &Item, visitor: &Visitor) -> When {
        let latest = item.due_by.0.latest_instant();
        let today = visitor.now.date_in(visitor.zone);
        match today.days_until(latest.date_in(visitor.zone)) {
            _ if item.overdue => When::Overdue,
            ..=0 => When::Today,
            1..=7 => When::Week,
            _ => When::Later,
        }
    }
}

fn by_time(items: &[Item], visitor: &Visitor) -> Markup {
    let mut groups: BTreeMap<When, Vec<Item>> = BTreeMap::new();
    for item in items {
        groups
            .entry(When::of(item, visitor))
            .or_default()
            .push(item.clone());
    }
    html! {
        @for (when, id, title) in When::ALL {
            @if let Some(items) = groups.get(&when) { (group(id, title, items, visitor)) }
        }
    }
}

/// What these put at stake, per currency.
fn stake(items: &[Item]) -> Vec<Amount> {
    let mut sums: BTreeMap<Currency, Money> = BTreeMap::new();
    for amount in items.iter().filter_map(|item| item.amount) {
        let currency = amount.0.currency();
        let sum = sums
            .entry(currency)
            .or_insert_with(|| Money::zero(currency));
        // What does not fit is no sum of real money; what was summed until then stands.
        *sum = sum.checked_add(amount.0).unwrap_or(*sum);
    }
    sums.into_values().map(Amount).collect()
}

fn group(id: &str, title: &str, items: &[Item], visitor: &Visitor) -> Markup {
    let sums = stake(items);
    html! {
        section.group aria-labelledby=(id) {
            div.line {
                h2 id=(id) { (title) }
                span.soft { (counted(i64::try_from(items.len()).unwrap_or(i64::MAX), "dispute")) }
                span.sums { @for sum in &sums { (money(*sum)) } }
            }
            div.scroll tabindex="0" role="region" aria-labelledby=(id) data-rows {
                table.cards.due {
                    thead { tr { th scope="col" { "Dispute" } th scope="col" { "Why" } th scope="col" { "Answer by" } th.n scope="col" { "Disputed" } } }
                    tbody { @for item in items.iter().take(SHOWN) { (line(item, visitor)) } }
                }
            }
            @if items.len() > SHOWN { p.more { a href="/disputes?status=ours" { (items.len() - SHOWN) " more, in the list" } } }
        }
    }
}

fn line(item: &Item, visitor: &Visitor) -> Markup {
    html! {
        tr {
            th scope="row" { a data-row href={ "/disputes/" (item.case) } { (item.dispute) } br; span.soft.small { (item.provider) } }
            td data-name="Why" { @if item.reason.is_empty() { (unsaid("not said")) } @else { (words::short(&item.reason)) } br; span.soft.small { (item.stage.replace('-', " ")) } }
            td data-name="Answer by" { (by(item.due_by, visitor)) }
            td.n data-name="Disputed" { @match item.amount { Some(amount) => (money(amount)), None => (unsaid("not said")) } }
        }
    }
}

fn unread(all: &[Unread], visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="unread" {
            h2 id="unread" { "Unread messages" }
            ul.plain { @for one in all {
                li { a href={ "/disputes/" (one.case) "#messages" } { (one.dispute) } " " span.soft.small { (at(one.at.into(), visitor)) } }
            } }
        }
    }
}

fn others(now: &Now) -> Markup {
    let (rows, more) = &now.others;
    html! {
        section.panel aria-labelledby="others" {
            h2 id="others" { "With others" }
            @if rows.is_empty() {
                p.soft { "No dispute waits for a bank, a network or a provider." }
            } @else {
                p.hint { "You have nothing to do here: a bank, a network or the provider decides." }
                ul.rows { @for row in rows { li {
                    a href={ "/disputes/" (row.id) } { (row.dispute) }
                    span.n { @match row.disputed { Some(amount) => (money(amount.into())), None => (unsaid("not said")) } }
                    span.small.soft { (words::status(&row.status)) }
                } } }
                @if *more { p.after { a href={ (list::HERE) "?status=others" } { "All that wait for others" } } }
            }
        }
    }
}

fn news(all: &[News], visitor: &Visitor) -> Markup {
    let name = |kind: &str| {
        let known = NEWS.iter().find(|(name, _)| *name == kind);
        known.map_or_else(|| kind.replace('-', " "), |(_, words)| (*words).to_owned())
    };
    html! {
        section.panel aria-labelledby="new" {
            h2 id="new" { "What is new" }
            @if all.is_empty() { p.soft { "Nothing yet of what you " a href="/settings#news" { "chose to be told of" } "." } } @else {
                ul.rows { @for one in all { li {
                    span { (name(&one.kind)) }
                    a.n href={ "/disputes/" (one.case) } { (one.dispute) }
                    span.small.soft { (at(one.at, visitor)) }
                } } }
            }
        }
    }
}
