//! How many webhooks a core verifies and decodes in a second, per provider: `cargo run --release -p providers --example
//! decode_throughput`.
//!
//! It takes every signed fixture of each provider (see fixtures/README.md), the bodies as they are, and measures verification and
//! decoding apart and together, after checking once that the signature is valid. Figures are for the machine that it runs on.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measuring program prints, reads the clock, and stops when a fixture is damaged"
)]

use adapter::{Adapter, Channel, Inbound, Secret};
use calendar::Instant;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Clock};

/// A delivery that verifies.
struct Delivery {
    name: String,
    headers: Vec<(String, String)>,
    secrets: Vec<Secret>,
    body: Vec<u8>,
    now: Instant,
}

/// Long enough for the clock's grain and the caches to say nothing.
const MEASURE: Duration = Duration::from_millis(700);

fn main() {
    println!(
        "{:<44} {:>6} {:>12} {:>12} {:>12}",
        "delivery", "bytes", "verify/s", "decode/s", "both/s"
    );
    let mut slowest: Option<(u128, String)> = None;
    for adapter in providers::list::ALL {
        for delivery in deliveries(*adapter) {
            let both = measure(*adapter, &delivery);
            if slowest.as_ref().is_none_or(|(least, _)| both < *least) {
                slowest = Some((both, delivery.name));
            }
        }
    }
    if let Some((rate, name)) = slowest {
        println!("the slowest, verified and decoded: {rate}/s a core, {name} (target 100000)");
    }
}

/// Verified and decoded a second.
fn measure(adapter: &dyn Adapter, delivery: &Delivery) -> u128 {
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "account-1",
        headers: &delivery.headers,
        body: &delivery.body,
        received_at: delivery.now,
    };
    let verify = || {
        black_box(adapter.verify(black_box(&inbound), &delivery.secrets, delivery.now));
    };
    let decode = || {
        black_box(adapter.decode(black_box(&inbound)));
    };
    let both = || {
        verify();
        decode();
    };
    let (name, bytes) = (&delivery.name, delivery.body.len());
    let rates = (rate(verify), rate(decode), rate(both));
    println!(
        "{name:<44} {bytes:>6} {:>12} {:>12} {:>12}",
        rates.0, rates.1, rates.2
    );
    rates.2
}

/// Runs a second, by the best of three stretches.
fn rate(work: impl Fn()) -> u128 {
    let stretch = || {
        let start = Clock::now();
        let mut runs = 0_u128;
        while start.elapsed() < MEASURE {
            for _ in 0..64 {
                work();
            }
            runs += 64;
        }
        runs * 1_000_000 / start.elapsed().as_micros()
    };
    (0..3).map(|_| stretch()).max().unwrap_or_default()
}

fn deliveries(adapter: &dyn Adapter) -> Vec<Delivery> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(adapter.name());
    let Ok(entries) = fs::read_dir(&folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let headers = paths
        .iter()
        .filter(|path| path.to_string_lossy().ends_with(".in.headers"));
    headers.filter_map(|path| delivery(adapter, path)).collect()
}

/// The delivery beside a headers file, if it is signed and verifies.
fn delivery(adapter: &dyn Adapter, headers: &Path) -> Option<Delivery> {
    let body = fs::read(headers.with_extension("json")).ok()?;
    let name = headers
        .file_name()?
        .to_string_lossy()
        .replace(".in.headers", "");
    let mut delivery = Delivery {
        name: format!("{}/{name}", adapter.name()),
        headers: Vec::new(),
        secrets: Vec::new(),
        body,
        now: Instant::parse("2026-03-02T12:00:00Z").expect("an instant"),
    };
    for line in fs::read_to_string(headers).ok()?.lines() {
        let (name, value) = line.trim_start_matches(':').split_once(": ")?;
        if let Some(label) = name.strip_prefix("secret ") {
            let value = value.as_bytes().to_vec();
            delivery.secrets.push(Secret {
                label: label.to_owned(),
                value,
            });
        } else if line.starts_with(":now") {
            delivery.now = Instant::parse(value).expect("an instant");
        } else if !line.starts_with(':') {
            delivery.headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let inbound = Inbound {
        channel: Channel::Webhook,
        account: "account-1",
        headers: &delivery.headers,
        body: &delivery.body,
        received_at: delivery.now,
    };
    let valid = !delivery.secrets.is_empty()
        && adapter
            .verify(&inbound, &delivery.secrets, delivery.now)
            .trusted();
    valid.then_some(delivery)
}
