//! How fast a running `docket serve` answers, over real HTTP on this machine's loopback: one dispute, lists of them, and
//! webhooks that are acknowledged once they are durable, each beside what the same database does for a plain insert; then a
//! mix of all for a while, with the memory of the serving process.
//!
//! ```text
//! cargo xtask bench http --cases 1000000
//! cargo xtask bench http --cases 20000 --soak-minutes 10
//! ```
//!
//! `DOCKET_PROGRAM` names the executable; `cargo xtask` sets it. Requests leave by a timetable and their time counts from
//! when they were to leave, so a server that stalls is charged for everybody who waited. Two seconds of each kind of read go
//! before the ones that count: what a server does once, opening and planning, is not what its readers wait for all day. This
//! program, the server and the database share the machine.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::indexing_slicing
)]

#[path = "http/client.rs"]
mod client;
#[path = "http/desk.rs"]
mod desk;
mod load;
#[path = "http/plain.rs"]
mod plain;
#[path = "http/soak.rs"]
mod soak;

use client::{Run, Timetable};
use desk::{ACCOUNTS, Desk, Kind};
use std::time::Duration;

/// The executable's allocator; making a desk should take as long as it takes there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is asked for on the command line.
pub struct Options {
    pub cases: i64,
    pub seconds: u64,
    /// Webhooks a second in the paced run.
    pub rate: u64,
    pub soak: Duration,
    /// Where the desk of a folder is kept and taken up again.
    pub folder: Option<String>,
    pub only: Option<String>,
}

fn main() {
    let options = options();
    println!(
        "{} cases, {} seconds a run, load {}",
        options.cases,
        options.seconds,
        load_average()
    );
    let server = std::env::var("DOCKET_TEST_POSTGRES").ok();
    let wanted = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        measure(&options, &Kind::Sqlite);
    }
    match server {
        Some(url) if wanted("postgres") => measure(&options, &Kind::Postgres(url)),
        Some(_) => {}
        None => println!("PostgreSQL: skipped, DOCKET_TEST_POSTGRES names no server"),
    }
}

fn options() -> Options {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| word == flag)?;
        words.get(at + 1).cloned()
    };
    let number = |flag: &str, usual: u64| after(flag).map_or(usual, |text| text.parse().unwrap());
    let minutes = after("--soak-minutes").map(|text| text.parse::<u64>().unwrap() * 60);
    Options {
        cases: i64::try_from(number("--cases", 20_000)).unwrap(),
        seconds: number("--seconds", 10),
        rate: number("--rate", 2_000),
        soak: Duration::from_secs(minutes.unwrap_or(number("--soak-seconds", 30))),
        folder: after("--desk"),
        only: after("--only"),
    }
}

/// The machine's load of the last minute: what a figure was measured beside.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

fn measure(options: &Options, kind: &Kind) {
    let mut desk = Desk::make(kind, options);
    println!("{}: {} cases", kind.name(), desk.cases);
    let serving = desk.serve();
    reads(options, &desk, &serving);
    lists(options, &desk, &serving);
    webhooks(options, &mut desk, &serving);
    soak::run(options, &mut desk, &serving);
    drop(serving);
    desk.remove(options);
}

/// Scatters numbers, so that one after the other lies nowhere near.
pub fn scattered(number: u64, below: i64) -> i64 {
    let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 17;
    i64::try_from(spread).unwrap() % below
}

/// Paced well below what the machine can do: the time of one request, not of a queue.
const READS_A_SECOND: u64 = 100;

fn reads(options: &Options, desk: &Desk, serving: &desk::Serving) {
    let ask = |number| {
        let name = load::name(scattered(number, desk.cases));
        desk.get(&format!("/v1/disputes/{name}"))
    };
    read(
        "one dispute",
        READS_A_SECOND,
        Some(10),
        options,
        serving,
        &ask,
    );
}

/// Reads by a timetable, after two seconds of reading others that are not counted.
fn read(
    what: &str,
    rate: u64,
    budget_ms: Option<u64>,
    options: &Options,
    serving: &desk::Serving,
    ask: &(dyn Fn(u64) -> Vec<u8> + Sync),
) {
    const BEFORE: u64 = 1 << 40;
    Timetable::of(rate, 2, 8).run(&serving.address, |number| ask(BEFORE + number));
    let busy = serving.cpu();
    let run = Timetable::of(rate, options.seconds, 8).run(&serving.address, ask);
    show(what, &run, budget_ms);
    each(serving.cpu() - busy, &run);
}

fn lists(options: &Options, desk: &Desk, serving: &desk::Serving) {
    let deep = |number| load::name(scattered(number, desk.cases));
    let since = |number| load::at(scattered(number, desk.cases)).unix_seconds();
    type Ask<'a> = Box<dyn Fn(u64) -> String + Sync + 'a>;
    let kinds: Vec<(&str, Ask<'_>)> = vec![
        ("newest 10", Box::new(|_| String::from("limit=10"))),
        ("newest 100", Box::new(|_| String::from("limit=100"))),
        (
            "10 after any",
            Box::new(|n| format!("limit=10&starting_after={}", deep(n))),
        ),
        (
            "100 after any",
            Box::new(|n| format!("limit=100&starting_after={}", deep(n))),
        ),
        (
            "10 opened before",
            Box::new(|n| format!("limit=10&created[lt]={}", since(n))),
        ),
        (
            "of a charge",
            Box::new(|n| format!("charge=ch_bench{:08}", scattered(n, desk.cases))),
        ),
    ];
    for (name, ask) in &kinds {
        let rate = if name.contains("100") { 20 } else { 50 };
        let ask = |number| desk.get(&format!("/v1/disputes?{}", ask(number)));
        read(
            &format!("list, {name}"),
            rate,
            Some(25),
            options,
            serving,
            &ask,
        );
    }
}

fn webhooks(options: &Options, desk: &mut Desk, serving: &desk::Serving) {
    let plain = plain::inserts(&desk.place, Duration::from_secs(3));
    println!(
        "  plain inserts of such a body, one connection, a commit each: {:.0}/s, p99 {:.2} ms",
        plain.rate, plain.p99_ms
    );
    let first = desk.fresh(options.rate * options.seconds);
    let paced = Timetable::of(options.rate, options.seconds, 64);
    let busy = serving.cpu();
    let run = paced.run(&serving.address, |number| desk.webhook(first, number));
    show(
        &format!("webhooks, {} a second", options.rate),
        &run,
        Some(50),
    );
    each(serving.cpu() - busy, &run);
    desk.idle();
    let first = desk.fresh(10_000 * options.seconds);
    let flood = Timetable::unpaced(Duration::from_secs(options.seconds), 64);
    let run = flood.run(&serving.address, |number| desk.webhook(first, number));
    show("webhooks, as many as it takes", &run, None);
    println!(
        "    {:.2} times the plain inserts, over {ACCOUNTS} accounts; all processed {:.1} s after the last",
        run.rate() / plain.rate,
        desk.idle().as_secs_f64()
    );
}

/// What a loaded machine stretches least.
fn each(busy: f64, run: &Run) {
    println!(
        "    server's processor time {:.2} ms each, all of its threads",
        busy * 1e3 / run.answered as f64
    );
}

/// One line, and whether it kept within its budget.
pub fn show(what: &str, run: &Run, budget_ms: Option<u64>) {
    let held = match budget_ms {
        Some(budget) if run.percentile(99.0) > budget as f64 => format!(" MISSED {budget} ms"),
        Some(budget) => format!(" within {budget} ms"),
        None => String::new(),
    };
    println!(
        "  {what:<32} {:>7.0}/s  p50 {:>7.2}  p99 {:>7.2}  max {:>7.1} ms{held}, {} answered, {} refused, load {}",
        run.rate(),
        run.percentile(50.0),
        run.percentile(99.0),
        run.percentile(100.0),
        run.answered,
        run.refused,
        load_average()
    );
}
