//! What needs the merchant now, what waits for others, and what is new.

use crate::amount;
use crate::frame::Page;
use crate::parts::{amounts, at, by, counted, money, unsaid};
use crate::portal::settings::NEWS;
use crate::portal::{list, words};
use crate::visitor::Visitor;
use app::CaseRow;
use app::board::duties::{Duty, Sums};
use app::personal::Unread;
use app::shape::{Amount, At};
use calendar::{Instant, Zone};
use maud::{Markup, html};

/// Something that happened to a dispute.
pub struct News {
    pub case: String,
    pub dispute: String,
    pub kind: String,
    pub at: At,
}

/// Lines of a group that are shown; its numbers count all. What is beyond is in the list.
pub const SHOWN: u32 = 25;

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The nearest due time.
    Time,
    /// The largest amount, currency by currency.
    Money,
}

/// What is due within one span of time: the nearest of it, and what all of it comes to.
pub struct Group {
    pub when: When,
    pub lines: Vec<Duty>,
    pub sums: Sums,
}

/// What the page shows.
pub struct Now {
    /// In the order of time, empty ones too.
    pub groups: Vec<Group>,
    /// The largest of all, where these were asked for.
    pub largest: Vec<Duty>,
    pub order: Order,
    /// The newest of those whose time has passed with no decision known, and whether there are more. What is owed for them
    /// was not met, so that no group has them any more.
    pub passed: (Vec<CaseRow>, bool),
    /// The newest of those with others, and whether there are more.
    pub others: (Vec<CaseRow>, bool),
    pub news: Vec<News>,
    pub unread: Vec<Unread>,
    /// How fresh this is, drawn.
    pub fresh: Markup,
}

pub fn page(now: &Now, visitor: &Visitor) -> Page<'static> {
    let every = now
        .groups
        .iter()
        .fold(Sums::none(), |sums, group| sums.and(&group.sums));
    Page {
        title: "What needs you now",
        place: "/",
        about: html! { p { "It is " (visitor.now.wall_in(visitor.zone)) } },
        body: html! {
            (figures(&every, now.passed.0.len(), visitor))
            div.split.wide {
            div {
            (passed(now, visitor))
            @if every.total == 0 {
                div.empty {
                    p { strong { "Nothing waits for your answer." } }
                    p { a.button href="/disputes" { "See all disputes" } }
                }
            } @else {
                (orders(now.order))
                @match now.order {
                    Order::Time => {
                        @for one in now.groups.iter().filter(|one| one.sums.total > 0) {
                            @let (id, title) = one.when.words();
                            (group((id, title), &one.lines, &one.sums, visitor))
                        }
                    },
                    Order::Money => (group(("money", "The largest first, each currency apart"), &now.largest, &every, visitor)),
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

/// Those of these rows that no group lists.
pub fn unlisted(mut rows: Vec<CaseRow>, groups: &[Group]) -> Vec<CaseRow> {
    rows.retain(|row| {
        let mut lines = groups.iter().flat_map(|group| &group.lines);
        !lines.any(|line| line.case == row.id.as_str())
    });
    rows
}

/// What was not answered in time, while nobody has said yet what becomes of it.
fn passed(now: &Now, visitor: &Visitor) -> Markup {
    let (rows, more) = &now.passed;
    html! {
        @if !rows.is_empty() {
            section.group aria-labelledby="passed" {
                div.line {
                    h2 id="passed" { "Their time has passed" }
                    span.soft { "nothing was decided yet; the page of each says whether a late answer can be given" }
                }
                (list::table(rows, visitor))
                @if *more { p.more { a href={ (list::HERE) "?status=ours&due=overdue" } { "All whose time has passed" } } }
            }
        }
    }
}

/// The page in three numbers.
fn figures(every: &Sums, passed: usize, visitor: &Visitor) -> Markup {
    let stake = stake(every);
    let overdue = every
        .overdue
        .saturating_add(u64::try_from(passed).unwrap_or(u64::MAX));
    html! {
        dl.figures {
            div { dt { "To answer" } dd { (amount::count(every.total)) } }
            div.bad[overdue > 0] { dt { "Overdue" } dd { (amount::count(overdue)) @if overdue > 0 { span.hint { "a late answer may still be taken; the provider decides" } } } }
            div { dt { "Due within 24 hours" } dd { (amount::count(every.in_a_day)) } }
            div { dt { "At stake" } dd { (amounts(&stake, "nothing")) } }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Overdue,
    Today,
    Week,
    Later,
}

impl When {
    pub const ALL: [When; 4] = [When::Overdue, When::Today, When::Week, When::Later];

    /// Its id on the page, and what stands above it.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            When::Overdue => ("overdue", "Overdue"),
            When::Today => ("today", "Today"),
            When::Week => ("week", "The next seven days"),
            When::Later => ("later", "Later"),
        }
    }

    /// From when and before when something of it is due. Days are those of this zone.
    pub fn bounds(self, now: Instant, zone: Zone) -> (Option<Instant>, Option<Instant>) {
        let today = now.date_in(zone);
        let tomorrow = zone.start_of_day(today.plus_days(1));
        let week = zone.start_of_day(today.plus_days(8));
        match self {
            When::Overdue => (None, Some(now)),
            When::Today => (Some(now), Some(tomorrow)),
            When::Week => (Some(tomorrow), Some(week)),
            When::Later => (Some(week), None),
        }
    }
}

/// What these put at stake, per currency.
fn stake(sums: &Sums) -> Vec<Amount> {
    sums.at_stake.iter().map(|(amount, _)| *amount).collect()
}

fn group((id, title): (&str, &str), lines: &[Duty], sums: &Sums, visitor: &Visitor) -> Markup {
    let shown = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    html! {
        section.group aria-labelledby=(id) {
            div.line {
                h2 id=(id) { (title) }
                span.soft { (counted(i64::try_from(sums.total).unwrap_or(i64::MAX), "dispute")) }
                span.sums { @for sum in stake(sums) { (money(sum)) } }
            }
            div.scroll tabindex="0" role="region" aria-labelledby=(id) data-rows {
                table.cards.due {
                    thead { tr { th scope="col" { "Dispute" } th scope="col" { "Why" } th scope="col" { "Answer by" } th.n scope="col" { "Disputed" } } }
                    tbody { @for one in lines { (line(one, visitor)) } }
                }
            }
            @if sums.total > shown { p.more { a href="/disputes?status=ours" { (amount::count(sums.total - shown)) " more, in the list" } } }
        }
    }
}

fn line(item: &Duty, visitor: &Visitor) -> Markup {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every instant is in exactly one group, and a day is the person's own.
    #[test]
    fn groups_meet_at_the_persons_midnight() {
        let now = Instant::parse("2026-11-23T09:00:00Z").expect("an instant");
        let check = |zone: &str, midnight: &str| {
            let zone = Zone::parse(zone).expect("a zone");
            let bounds = When::ALL.map(|when| when.bounds(now, zone));
            for (one, next) in bounds.iter().zip(bounds.iter().skip(1)) {
                assert_eq!(one.1, next.0, "{}", zone.name());
            }
            let ends: Vec<_> = bounds.iter().map(|(from, _)| *from).collect();
            assert_eq!(ends.first(), Some(&None));
            assert_eq!(bounds.last().map(|last| last.1), Some(None));
            let midnight = Instant::parse(midnight).expect("an instant");
            assert_eq!(ends.get(2), Some(&Some(midnight)), "{}", zone.name());
        };
        check("UTC", "2026-11-24T00:00:00Z");
        check("America/New_York", "2026-11-24T05:00:00Z");
        check("Asia/Tokyo", "2026-11-23T15:00:00Z");
    }
}
