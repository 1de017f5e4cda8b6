//! Bytes to books: how fast the whole desk takes signed webhooks in, from the signature to balanced entries, against the same
//! database taking the very rows that come of it by bulk load; then replay and doctor over the same desk.
//!
//! ```text
//! cargo run --release -p sim --example books -- 20000
//! DOCKET_TEST_POSTGRES=postgres://... cargo run --release -p sim --example books -- 20000
//! ```
//!
//! `--doctor-only` skips the bulk load, the replay and PostgreSQL, for large desks. `--desk FOLDER` keeps the SQLite desk
//! there, and takes it up where it is made already: then only the doctor runs. `--served` keeps documents in one thread and
//! works them off in another, each over a connection of its own, as `docket serve` does; without it one connection does both in
//! turn.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::as_conversions,
    clippy::indexing_slicing
)]

#[path = "../../store/examples/bulk/mod.rs"]
mod bulk;
mod load;

use adapter::Secret;
use engine::Engine;
use engine::intake::{Arrival, Trust};
use load::{SECRET, at};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant as Clock};
use store::{Keys, Store};

const BATCH: usize = 500;
/// How many are made beforehand, so that memory stays bounded however many there are.
const WAVE: usize = 20_000;

/// The executable's allocator, so that what is measured is what is served.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let disputes: i64 = arguments
        .iter()
        .find_map(|word| word.parse().ok())
        .unwrap_or(20_000);
    let brief = arguments.iter().any(|word| word == "--doctor-only");
    let mut rest = arguments.iter().skip_while(|word| *word != "--desk");
    println!(
        "{disputes} signed webhooks of {} bytes, one case each",
        arrival(0).body.len()
    );
    match rest.nth(1) {
        Some(desk) => sqlite(Path::new(desk), disputes, brief),
        None => sqlite(tempfile::tempdir().unwrap().path(), disputes, brief),
    }
    match std::env::var("DOCKET_TEST_POSTGRES") {
        Ok(url) if !brief => postgres(&url, disputes),
        _ => println!(
            "PostgreSQL: skipped, DOCKET_TEST_POSTGRES names no server or only the doctor is asked for"
        ),
    }
    println!("peak memory {} MB", peak_megabytes());
}

fn sqlite(folder: &Path, disputes: i64, brief: bool) {
    let made = folder.join("desk.db").exists();
    let keys = Keys::known_to_everybody;
    let open = || store::sqlite::Store::open_with(folder, keys()).unwrap();
    let mut store = open();
    store.migrate().unwrap();
    let mut desk = Engine::new(store, providers::list::ALL);
    if !made {
        let door = served().then(|| Engine::new(open(), providers::list::ALL));
        let (taken, facts) = take(door, &mut desk, disputes);
        let batches = usize::try_from(disputes).unwrap().div_ceil(BATCH);
        let loaded = (!brief).then(|| bulk::sqlite(folder, keys(), batches));
        report("SQLite", disputes, taken, loaded);
        if !brief {
            replay(&mut desk, facts);
        }
    }
    doctor(&mut desk);
}

/// Whether the door has a thread and a connection of its own.
fn served() -> bool {
    std::env::args().any(|word| word == "--served")
}

fn arrival(number: i64) -> Arrival {
    load::arrival(number, 14, "acct_bench")
}

/// Takes them all in, and says how long that took, from the first signature checked until the last entry is durable: without
/// the time in which this program makes them.
fn take<S: Store>(
    mut door: Option<Engine<S>>,
    desk: &mut Engine<S>,
    disputes: i64,
) -> (Duration, u32) {
    let secrets = [Secret {
        label: "bench".to_owned(),
        value: SECRET.to_vec(),
    }];
    let trust = Trust::Signed(&secrets);
    let mut taken = Duration::ZERO;
    let mut facts = 0;
    for from in (0..disputes).step_by(WAVE) {
        let until = disputes.min(from + WAVE as i64);
        let wave: Vec<Arrival> = (from..until).map(arrival).collect();
        let begun = Clock::now();
        facts += match &mut door {
            Some(door) => take_served(door, desk, &wave, &trust),
            None => take_in_turn(desk, &wave, &trust),
        };
        taken += begun.elapsed();
    }
    assert!(
        i64::from(facts) >= 5 * disputes,
        "each webhook states several facts, found {facts}"
    );
    println!("  {facts} facts in {taken:.2?}");
    (taken, facts)
}

fn take_in_turn<S: Store>(desk: &mut Engine<S>, wave: &[Arrival], trust: &Trust<'_>) -> u32 {
    let mut facts = 0;
    for batch in wave.chunks(BATCH) {
        desk.receive(batch, trust).unwrap();
        facts += desk.absorb(at(10_000_000)).unwrap().facts;
    }
    facts
}

/// One thread at the door, this one at the books.
fn take_served<S: Store>(
    door: &mut Engine<S>,
    desk: &mut Engine<S>,
    wave: &[Arrival],
    trust: &Trust<'_>,
) -> u32 {
    let mut facts = 0;
    thread::scope(|scope| {
        let (notice, noticed) = sync_channel(1);
        scope.spawn(move || {
            for batch in wave.chunks(BATCH) {
                door.receive(batch, trust).unwrap();
                // One notice that was not yet heard says as much as two.
                let _waiting_already = notice.try_send(());
            }
        });
        loop {
            let last = noticed.recv().is_err();
            facts += desk.absorb(at(10_000_000)).unwrap().facts;
            if last {
                break;
            }
        }
    });
    facts
}

fn report(name: &str, disputes: i64, taken: Duration, loaded: Option<Duration>) {
    let rate = |time: Duration| disputes as f64 / time.as_secs_f64();
    let intake = rate(taken);
    match loaded {
        Some(loaded) => println!(
            "{name}: bytes to books {intake:.0} webhooks/s, bulk load of the same rows {:.0}/s, ratio {:.2} (target 0.50)",
            rate(loaded),
            intake / rate(loaded)
        ),
        None => println!("{name}: bytes to books {intake:.0} webhooks/s"),
    }
}

fn replay(desk: &mut Engine<store::sqlite::Store>, facts: u32) {
    let mut copy = Engine::new(
        store::sqlite::Store::disposable().unwrap(),
        providers::list::ALL,
    );
    let (begun, busy) = (Clock::now(), processor_seconds());
    let documents = desk.replay_into(&mut copy, at(10_000_000)).unwrap();
    let (replayed, busy) = (begun.elapsed(), processor_seconds() - busy);
    let compared = desk.compare(&mut copy, documents).unwrap();
    assert_eq!(compared.live_hash, compared.replayed_hash);
    println!(
        "replay: {documents} documents in {replayed:.2?}, {:.2} M facts a minute, {:.2} M a minute of processor time (target 1.00); same hash",
        f64::from(facts) / replayed.as_secs_f64() * 60.0 / 1e6,
        f64::from(facts) / busy * 60.0 / 1e6
    );
}

fn doctor<S: Store>(desk: &mut Engine<S>) {
    let (begun, busy) = (Clock::now(), processor_seconds());
    let checks = desk.doctor(at(1)).unwrap();
    let (taken, busy) = (begun.elapsed(), processor_seconds() - busy);
    assert!(
        checks.iter().all(engine::doctor::Check::holds),
        "{checks:#?}"
    );
    let cases = checks.iter().find(|check| check.invariant == 3).unwrap();
    let cases = cases.looked_at;
    println!(
        "doctor: {cases} cases in {taken:.2?} and {busy:.2} s of processor time, 1 M cases in {:.1} s at this pace (target 60)",
        taken.as_secs_f64() * 1e6 / cases as f64
    );
}

fn postgres(url: &str, disputes: i64) {
    let schema = format!("books_{}", std::process::id());
    let connect =
        || store::pg::Store::connect_in(url, &schema, Keys::known_to_everybody()).unwrap();
    let mut store = connect();
    store.migrate().unwrap();
    let mut desk = Engine::new(store, providers::list::ALL);
    let door = served().then(|| Engine::new(connect(), providers::list::ALL));
    let (taken, _) = take(door, &mut desk, disputes);
    doctor(&mut desk);
    // The bulk load takes both schemas down with it.
    let loaded = bulk::postgres(url, &schema, Keys::known_to_everybody());
    report("PostgreSQL", disputes, taken, Some(loaded));
}

/// Of all threads of this process, in hundredths, from the kernel's own count: what a loaded machine does not stretch.
fn processor_seconds() -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / TICKS_A_SECOND
}

/// The highest resident memory of this process so far, from the kernel's own count.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1024
}
