//! How fast ACH returns become facts: makes a file of about 50 MB, nearly all of it returns, and times reading it and decoding it.
//!
//! ```text
//! cargo run --release -p providers --example ach_throughput
//! ```
#![allow(clippy::print_stdout, reason = "it is there to print")]

use adapter::{Channel, Inbound};
use calendar::Instant;
use std::time::{Duration, Instant as Clock};
use wire_nacha::{
    Composer, DraftFault, Ending, FileHeader, ReturnAddenda, StandardBatchHeader, StandardEntry,
};

const BATCHES: u64 = 50;
/// Each entry has an addenda: 2 x 95 bytes.
const ENTRIES: u64 = 5_260;
const ROUNDS: u32 = 5;

fn returns() -> Result<Vec<u8>, DraftFault> {
    let header = FileHeader::draft()
        .immediate_destination("990000013")
        .immediate_origin("980000023")
        .created_on("260302")
        .created_at_local("0815")
        .file_id_modifier("A")
        .render()?;
    let mut composer = Composer::new(header, Ending::Lf);
    for number in 1..=BATCHES {
        let batch = StandardBatchHeader::draft()
            .service_class(200u64)
            .company_name("Merchant 1")
            .company_id("1234567890")
            .sec("PPD")
            .entry_description("RENT")
            .settled_on("061")
            .originator_status("1")
            .odfi("98000002")
            .batch_number(number)
            .render()?;
        composer = composer.batch(batch);
        for sequence in 1..=ENTRIES {
            let serial = number * ENTRIES + sequence;
            let trace = 980_000_020_000_000 + serial;
            let entry = StandardEntry::draft()
                .transaction_code(26u64)
                .rdfi("99000001")
                .check_digit(3u64)
                .account("123456789")
                .amount(100 + sequence)
                .individual_id("INVOICE 1")
                .individual_name("Customer 1")
                .addenda_indicator(1u64)
                .trace(trace)
                .render()?;
            let returned = ReturnAddenda::draft()
                .return_code(if sequence % 9 == 0 { "R10" } else { "R01" })
                .original_trace(990_000_010_000_000 + serial)
                .original_rdfi("98000002")
                .trace(trace)
                .render()?;
            composer = composer.record(entry).record(returned);
        }
    }
    composer.finish()
}

/// Bytes of a microsecond are megabytes of a second.
fn rate(bytes: usize, took: Duration) -> u128 {
    u128::try_from(bytes).expect("a length fits 128 bits") / took.as_micros().max(1)
}

fn main() -> Result<(), DraftFault> {
    let body = returns()?;
    let adapter = providers::list::find("ach").expect("the list has it");
    let received_at = Instant::from_unix_seconds(1_772_452_800).expect("a day of 2026");
    let inbound = Inbound {
        channel: Channel::File,
        account: "account-1",
        headers: &[],
        body: &body,
        received_at,
    };
    for round in 1..=ROUNDS {
        let started = Clock::now();
        let problems = wire_nacha::verify(&wire_nacha::read(&body));
        let verified_in = started.elapsed();
        assert!(problems.is_empty(), "a generated file has no problems");
        let started = Clock::now();
        let decoded = adapter.decode(&inbound);
        let decoded_in = started.elapsed();
        println!(
            "round {round}: {} bytes; read and verified {} MB/s; decoded {} MB/s into {} facts, {} rejects",
            body.len(),
            rate(body.len(), verified_in),
            rate(body.len(), decoded_in),
            decoded.facts.len(),
            decoded.rejects.len()
        );
    }
    Ok(())
}
