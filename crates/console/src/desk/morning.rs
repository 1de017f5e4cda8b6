//! The morning page: what needs somebody now. Every number leads to the list that it counts.

use super::bits::{self, plain};
use super::chart::{self, Part};
use super::{address, of_the_desk};
use crate::amount;
use crate::door::{State, Trouble};
use crate::frame::Page;
use crate::parts::{amounts, at, by, chip, counted, money, span_words, unsaid};
use crate::routes::shown;
use crate::visitor::Visitor;
use access::Resource;
use app::Desk;
use app::board::duties::Duty;
use app::board::feeds::{Fates, Feed};
use app::board::findings::Cause;
use app::board::today::{Changed, MoneyLine, StageLine, Today};
use app::shape::Amount;
use axum::extract::State as Shared;
use axum::response::Response;
use maud::{Markup, html};

pub async fn show(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    of_the_desk(&visitor, Resource::Disputes)?;
    let now = visitor.now;
    let (open, course) = tokio::try_join!(
        state.read(&visitor, Desk::all_open),
        state.read(&visitor, move |desk| desk.course(now))
    )?;
    let today = Today::of(open, course);
    Ok(shown(&page(&today, &visitor), &visitor))
}

fn page(today: &Today, visitor: &Visitor) -> Page<'static> {
    Page {
        title: "Morning",
        place: "/desk",
        about: html! { p { "As of " (at(today.now, visitor)) "; what changed is since " (at(today.since, visitor)) } },
        body: html! {
            (tiles(today))
            div.columns {
                div.stack {
                    (first(today, visitor))
                    (feeds(&today.feeds, visitor))
                    (changed(&today.changed))
                }
                div.stack {
                    (at_risk(&today.money))
                    (causes(&today.causes, today.findings_open))
                    (stages(&today.stages, today.open_cases))
                }
            }
        },
    }
}

/// A number, what it counts, and where that is listed.
struct Tile {
    name: &'static str,
    figure: Markup,
    under: String,
    to: &'static str,
    /// `bad`, `warn` or `calm`.
    mood: &'static str,
}

fn number(
    name: &'static str,
    count: u64,
    under: String,
    to: &'static str,
    bad: &'static str,
) -> Tile {
    Tile {
        name,
        figure: html! { (amount::count(count)) },
        under,
        to,
        mood: if count > 0 { bad } else { "calm" },
    }
}

fn sums(lines: &[Amount], suffix: &str) -> Markup {
    html! {
        @if lines.is_empty() { "0" }
        @for amount in lines { span.amount-line { (amount::words(amount.0)) (suffix) } }
    }
}

/// What is ours to answer.
fn duty_tiles(today: &Today) -> [Tile; 3] {
    let duties = &today.duties;
    let within = format!("{} within three days", amount::count(duties.in_three_days));
    [
        number(
            "Overdue",
            duties.overdue,
            String::from("answers of ours"),
            "/desk/queue?due=overdue",
            "bad",
        ),
        number(
            "Due in a day",
            duties.in_a_day,
            within,
            "/desk/queue?due=day",
            "warn",
        ),
        Tile {
            name: "At risk",
            figure: sums(&duties.money_hours, " h"),
            under: String::from("amount × hours nearer than three days"),
            to: "/desk/queue?due=three-days",
            mood: match duties.money_hours.is_empty() {
                true => "calm",
                false => "warn",
            },
        },
    ]
}

fn divergence_tile(lines: &[MoneyLine]) -> Tile {
    let diverging = lines.iter().filter(|line| line.divergent > 0);
    let amounts: Vec<Amount> = diverging.map(|line| line.divergence).collect();
    let cases: u64 = lines.iter().map(|line| line.divergent).sum();
    Tile {
        name: "Divergence",
        figure: sums(&amounts, ""),
        under: format!(
            "{}: money is not where the status says",
            counted(whole(cases), "case")
        ),
        to: "/desk/cases?divergent=yes",
        mood: if cases > 0 { "warn" } else { "calm" },
    }
}

/// What came in, what goes out, and what is odd about it.
fn traffic_tiles(today: &Today) -> [Tile; 4] {
    let unwell = |state: &str| {
        today
            .feeds
            .iter()
            .filter(|feed| feed.state == state)
            .count()
    };
    let (silent, late) = (unwell("silent"), unwell("late"));
    let doubt = format!(
        "sent, not known to have arrived; {} wait to be sent",
        today.to_send
    );
    let Fates {
        quarantined,
        rejected,
        pending,
        ..
    } = today.troubled;
    let held = format!("held; {rejected} rejected, {pending} pending");
    let quiet = format!("{silent} silent, {late} late, of {}", today.feeds.len());
    let open = String::from("open");
    [
        number(
            "Findings",
            today.findings_open,
            open,
            "/desk/findings",
            "warn",
        ),
        number(
            "In doubt",
            count(today.in_doubt),
            doubt,
            "/desk/sends",
            "bad",
        ),
        number("Quarantine", quarantined, held, "/desk/quarantine", "warn"),
        number(
            "Feeds quiet",
            count(silent.saturating_add(late)),
            quiet,
            "/desk/feeds",
            "bad",
        ),
    ]
}

fn tiles(today: &Today) -> Markup {
    let mut all: Vec<Tile> = duty_tiles(today).into();
    all.push(divergence_tile(&today.money));
    all.extend(traffic_tiles(today));
    html! {
        ul.tiles aria-label="What needs somebody" {
            @for tile in &all {
                li { a class={ "tile " (tile.mood) } href=(tile.to) {
                    span.tile-name { (tile.name) }
                    span.tile-figure { (tile.figure) }
                    span.tile-under { (tile.under) }
                } }
            }
        }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn first(today: &Today, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="first" {
            h2 id="first" { "First" }
            @if today.first.is_empty() { p.note.good { "Nothing waits for us." } } @else {
                table.cards data-rows {
                    caption.visually-hidden { "What to do first, by time and amount" }
                    thead { tr { th scope="col" { "Dispute" } th scope="col" { "By" } th.n scope="col" { "Amount" } } }
                    tbody { @for duty in &today.first { (first_row(duty, visitor)) } }
                }
                p.small.after { a href="/desk/queue" { "The whole queue: " (amount::count(today.duties.total)) } }
            }
        }
    }
}

fn first_row(duty: &Duty, visitor: &Visitor) -> Markup {
    html! {
        tr {
            th scope="row" { a data-row href={ "/desk/cases/" (duty.case) } { (duty.dispute) } br; span.soft.small { (duty.provider) ", " (plain(&duty.duty)) @if !duty.assigned_to.is_empty() { ", " (duty.assigned_to) } } }
            td data-name="By" { (by(duty.due_by, visitor)) }
            td.n data-name="Amount" { @match duty.amount { Some(amount) => (money(amount)), None => (unsaid("not said")) } }
        }
    }
}

/// Feeds in trouble, and how many are not.
fn feeds(feeds: &[Feed], visitor: &Visitor) -> Markup {
    let unwell: Vec<&Feed> = feeds.iter().filter(|feed| feed.state != "whole").collect();
    let well = feeds.len().saturating_sub(unwell.len());
    html! {
        section.panel aria-labelledby="feeds" {
            h2 id="feeds" { "Feeds" }
            @if feeds.is_empty() { p.soft { "Nothing ever came, and no account is configured." } }
            @if !unwell.is_empty() {
                table.cards {
                    caption.visually-hidden { "Feeds that need a look" }
                    thead { tr { th scope="col" { "Feed" } th scope="col" { "State" } th scope="col" { "Last" } th scope="col" { "Usual gap" } } }
                    tbody {
                        @for feed in unwell.iter().take(8) {
                            tr {
                                th scope="row" { (bits::account(&feed.scope.provider, &feed.scope.account)) }
                                td data-name="State" { (chip(feed.state)) " " span.small { (feed.why) } }
                                td data-name="Last" { @match &feed.last { Some(last) => (at(last.at, visitor)), None => (unsaid("never")) } }
                                td data-name="Usual gap" { @match feed.gap_seconds { Some(gap) => (span_words(gap)), None => (unsaid("too few to tell")) } }
                            }
                        }
                    }
                }
            }
            p.small.after { a href="/desk/feeds" { "All feeds" } ": " (well) " of " (feeds.len()) " whole" }
        }
    }
}

fn at_risk(lines: &[MoneyLine]) -> Markup {
    html! {
        section.panel aria-labelledby="money" {
            h2 id="money" { "Money in open cases" }
            @if lines.is_empty() { p.soft { "No open case says an amount." } } @else {
                table.cards {
                    caption.visually-hidden { "Money in open cases per currency" }
                    thead { tr { th scope="col" { "Currency" } th.n scope="col" { "Disputed" } th.n scope="col" { "Waits for us" } th.n scope="col" { "Divergence" } } }
                    tbody {
                        @for line in lines {
                            tr {
                                th scope="row" { a href=(address("/desk/cases", &[("currency", line.currency)])) { (line.currency) } }
                                td.n data-name="Disputed" { (money(line.open)) }
                                td.n data-name="Waits for us" { a href=(address("/desk/cases", &[("status", "ours"), ("currency", line.currency)])) { (money(line.waits_for_us)) } }
                                td.n data-name="Divergence" {
                                    @if line.divergent > 0 { a href=(address("/desk/cases", &[("divergent", "yes"), ("currency", line.currency)])) { (money(line.divergence)) } }
                                    @else { (unsaid("none")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn causes(causes: &[Cause], open: u64) -> Markup {
    let most = causes.iter().map(|cause| cause.open).max().unwrap_or(0);
    html! {
        section.panel aria-labelledby="findings" {
            h2 id="findings" { "Findings by cause" }
            @if causes.is_empty() { p.note.good { "Nothing needs a look." } } @else {
                table.cards {
                    caption.visually-hidden { "Open findings by cause" }
                    thead { tr { th scope="col" { "Cause" } th.n scope="col" { "Open" } th scope="col" { span.visually-hidden { "Share" } } th.n scope="col" { "At stake" } } }
                    tbody {
                        @for cause in causes.iter().take(8) {
                            tr {
                                th scope="row" { a href=(address("/desk/findings", &[("kind", &cause.kind), ("fingerprint", &cause.fingerprint)])) { (plain(&cause.kind)) } br; span.soft.small { (plain(&cause.fingerprint)) } }
                                td.n data-name="Open" { (amount::count(cause.open)) }
                                td.chart { (chart::bar(&format!("{} of {open}", cause.open), &[Part { name: &cause.kind, class: "part-doubt", value: cause.open }], most)) }
                                td.n data-name="At stake" { (amounts(&cause.amounts, "none said")) }
                            }
                        }
                    }
                }
                @if causes.len() > 8 { p.small.after { a href="/desk/findings" { "All " (causes.len()) " causes" } } }
            }
        }
    }
}

fn changed(changed: &Changed) -> Markup {
    let documents = &changed.documents;
    html! {
        section.panel aria-labelledby="changed" {
            h2 id="changed" { "Since yesterday" }
            dl.facts.figures {
                dt { "Cases opened" } dd { a href="/desk/cases?opened=day" { (amount::count(changed.opened)) } }
                @for (status, cases) in &changed.ended {
                    dt { "Ended " (plain(status)) } dd { a href=(address("/desk/cases", &[("status", status), ("changed", "day")])) { (amount::count(cases)) } }
                }
                dt { "Findings opened" } dd { a href="/desk/findings" { (changed.findings_opened) } }
                dt { "Findings closed" } dd { (changed.findings_closed) }
                dt { "Documents received" } dd { a href="/desk/documents" { (amount::count(documents.received)) } }
                dt { "of them rejected or held" } dd { (documents.rejected.saturating_add(documents.quarantined)) }
            }
        }
    }
}

fn stages(lines: &[StageLine], total: u64) -> Markup {
    html! {
        section.panel aria-labelledby="stages" {
            h2 id="stages" { "Open cases by stage" }
            p.soft.small { (amount::count(total)) " in all: " span.key.part-ours { "ours" } " " span.key.part-theirs { "theirs" } " " span.key.part-network { "network's" } " " span.key.part-nobody { "nobody's or not said" } }
            table.cards {
                caption.visually-hidden { "Open cases by stage and whose move it is" }
                thead { tr { th scope="col" { "Stage" } th.n scope="col" { "Ours" } th.n scope="col" { "Theirs" } th.n scope="col" { "Network's" } th.n scope="col" { "Nobody's" } th scope="col" { span.visually-hidden { "Share" } } } }
                tbody { @for line in lines { (stage(line, lines)) } }
            }
        }
    }
}

fn all_of(line: &StageLine) -> u64 {
    [
        line.ours,
        line.theirs,
        line.network,
        line.nobody,
        line.unstated,
    ]
    .iter()
    .sum()
}

fn stage(line: &StageLine, lines: &[StageLine]) -> Markup {
    let most = lines.iter().map(all_of).max().unwrap_or(0);
    let part = |name, class, value| Part { name, class, value };
    let nobody = line.nobody.saturating_add(line.unstated);
    let parts = [
        part("ours", "part-ours", line.ours),
        part("theirs", "part-theirs", line.theirs),
        part("the network's", "part-network", line.network),
        part("nobody's", "part-nobody", nobody),
    ];
    let cases = |count: u64, status: &str| {
        let to = address("/desk/cases", &[("stage", &line.stage), ("status", status)]);
        html! { @if count > 0 { a href=(to) { (amount::count(count)) } } @else { span.soft { "0" } } }
    };
    html! {
        tr {
            th scope="row" { @if line.stage.is_empty() { (unsaid("not said")) } @else { (plain(&line.stage)) } }
            td.n data-name="Ours" { (cases(line.ours, "ours")) }
            td.n data-name="Theirs" { (cases(line.theirs, "theirs")) }
            td.n data-name="Network's" { (cases(line.network, "network")) }
            td.n data-name="Nobody's" { (cases(nobody, "nobody")) }
            td.chart { (chart::bar(&format!("{} open", all_of(line)), &parts, most)) }
        }
    }
}
