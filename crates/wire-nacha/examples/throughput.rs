//! How fast a core reads and verifies: makes a 100 MB file of returns with the builders, then times `read` and `verify`.
//!
//! ```text
//! cargo run --release -p wire-nacha --example throughput
//! ```
#![allow(clippy::print_stdout)]

use std::time::Instant;

use wire_nacha::{
    Composer, DraftFault, Ending, FileHeader, Located, Record, ReturnAddenda, StandardBatchHeader,
    StandardEntry, read, verify, write,
};

const BATCHES: u64 = 100;
/// Each entry has an addenda: 2 x 95 bytes.
const ENTRIES: u64 = 5_260;
const ROUNDS: u32 = 7;

fn returns() -> Result<Vec<u8>, DraftFault> {
    let header = FileHeader::draft()
        .immediate_destination("980000023")
        .immediate_origin("990000013")
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
            .odfi("99000001")
            .batch_number(number)
            .render()?;
        composer = composer.batch(batch);
        for sequence in 1..=ENTRIES {
            let trace = 990_000_010_000_000 + number * ENTRIES + sequence;
            let entry = StandardEntry::draft()
                .transaction_code(26u64)
                .rdfi("98000002")
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
                .original_trace(980_000_020_000_000 + sequence)
                .original_rdfi("99000001")
                .trace(trace)
                .render()?;
            composer = composer.record(entry).record(returned);
        }
    }
    composer.finish()
}

fn main() -> Result<(), DraftFault> {
    let bytes = returns()?;
    let length = u128::try_from(bytes.len()).expect("a length fits 128 bits");
    println!(
        "{length} bytes, {} bytes a record in memory",
        size_of::<Located<Record<'_>>>()
    );
    for round in 1..=ROUNDS {
        let started = Instant::now();
        let file = read(&bytes);
        let read_in = started.elapsed();
        let problems = verify(&file);
        let verified_in = started.elapsed();
        assert!(problems.is_empty(), "a generated file has no problems");
        // Bytes in a microsecond are megabytes in a second.
        let rate = |took: std::time::Duration| length / took.as_micros().max(1);
        println!(
            "round {round}: read {} MB/s, read and verify {} MB/s (target 200)",
            rate(read_in),
            rate(verified_in)
        );
    }
    let file = read(&bytes);
    let started = Instant::now();
    let written = write(&file);
    println!(
        "write {} MB/s, same bytes: {}",
        length / started.elapsed().as_micros().max(1),
        written == bytes
    );
    Ok(())
}
