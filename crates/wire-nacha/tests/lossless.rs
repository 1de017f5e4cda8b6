//! Whatever is read is written back, byte for byte, and nothing panics.
#![allow(clippy::indexing_slicing)]

mod sample;

use proptest::prelude::*;
use wire_nacha::{Ending, Framing, Severity, read, verify, write};

#[track_caller]
fn check(bytes: &[u8]) {
    let file = read(bytes);
    assert!(
        write(&file) == bytes,
        "{:?}",
        String::from_utf8_lossy(bytes)
    );
    for problem in verify(&file) {
        assert!(
            problem.span.start <= problem.span.end && problem.span.end <= bytes.len(),
            "{problem:?}"
        );
        assert!(!problem.to_string().contains('\n'), "{problem}");
    }
    for batch in &file.batches {
        for group in file.entries(batch) {
            assert!(batch.records.contains(&group.index));
            assert!(group.addenda().count() <= group.records.len());
        }
    }
}

#[test]
fn every_prefix_is_written_back() {
    for ending in [Ending::None, Ending::Lf, Ending::CrLf, Ending::Cr] {
        let bytes = sample::everything(ending);
        for length in 0..=bytes.len() {
            check(&bytes[..length]);
        }
    }
}

/// A cut file must never pass for a whole one.
#[test]
fn every_prefix_that_lost_a_record_is_fatal() {
    for ending in [Ending::None, Ending::Lf, Ending::CrLf] {
        let bytes = sample::everything(ending);
        let records = read(&bytes).records;
        let control = records[records.len() - 1].span().start;
        // The control's figures end at position 55.
        let until = control + 55;
        for length in 1..until {
            let worst = verify(&read(&bytes[..length]))
                .into_iter()
                .map(|it| it.severity)
                .max();
            assert_eq!(worst, Some(Severity::Fatal), "cut at {length}");
        }
    }
}

#[test]
fn every_corrupted_byte_is_written_back() {
    let bytes = sample::everything(Ending::Lf);
    for at in 0..bytes.len() {
        for to in [b'\n', b'\r', b' ', b'0', b'6', b'7', b'9', b'x', 0, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] = to;
            check(&bytes);
        }
    }
}

#[test]
fn every_dropped_or_doubled_byte_is_noticed() {
    let bytes = sample::everything(Ending::Lf);
    let used = bytes.len();
    for at in 0..used {
        let mut dropped = bytes.clone();
        let gone = dropped.remove(at);
        check(&dropped);
        assert!(
            gone == b'\n' && at + 1 == used || !verify(&read(&dropped)).is_empty(),
            "dropped {at}"
        );
        let mut doubled = bytes.clone();
        doubled.insert(at, bytes[at]);
        check(&doubled);
        // A doubled line end is a blank line, which says nothing.
        assert!(
            bytes[at] == b'\n' || !verify(&read(&doubled)).is_empty(),
            "doubled {at}"
        );
    }
}

#[test]
fn every_changed_digit_of_an_amount_receiver_or_total_is_fatal() {
    let bytes = sample::everything(Ending::Lf);
    for (number, line) in sample::lines(&bytes).iter().enumerate() {
        let columns = match line.as_bytes()[0] {
            b'6' => (3..11).chain(29..39).collect::<Vec<_>>(),
            b'8' => (4..44).collect(),
            b'9' if !line.starts_with("99") => (1..55).collect(),
            _ => vec![],
        };
        for at in columns {
            let old = line.as_bytes()[at];
            let new = if old == b'5' { "6" } else { "5" };
            let changed = sample::edit(&bytes, number + 1, at + 1, new);
            let worst = verify(&read(&changed))
                .into_iter()
                .map(|it| it.severity)
                .max();
            assert_eq!(
                worst,
                Some(Severity::Fatal),
                "line {} position {}",
                number + 1,
                at + 1
            );
        }
    }
}

#[test]
fn framings_say_the_same() {
    let facts = |bytes: &[u8]| {
        let file = read(bytes);
        let groups: Vec<_> = file
            .batches
            .iter()
            .flat_map(|batch| file.entries(batch))
            .map(|group| {
                (
                    group.entry.amount().number(),
                    group.entry.trace().and_then(|trace| trace.number()),
                    group.addenda().count(),
                )
            })
            .collect();
        (
            groups,
            verify(&file)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
        )
    };
    let want = facts(&sample::everything(Ending::Lf));
    assert_eq!(want.0.len(), 11);
    assert!(want.1.is_empty(), "{:?}", want.1);
    for ending in [Ending::None, Ending::CrLf, Ending::Cr] {
        let bytes = sample::everything(ending);
        assert_eq!(facts(&bytes), want, "{ending:?}");
        assert_eq!(
            read(&bytes).framing,
            Framing {
                byte_order_mark: false,
                ending,
                mixed: false
            }
        );
    }
    // Without delimiters but for one at the end, and with fill and trailing blanks cut off by a transfer.
    let mut undelimited = sample::everything(Ending::None);
    undelimited.extend_from_slice(b"\r\n");
    assert_eq!(facts(&undelimited), want);
    let trimmed: Vec<_> = sample::lines(&sample::everything(Ending::Lf))
        .iter()
        .map(|it| it.trim_end().to_owned())
        .collect();
    assert_eq!(facts(&sample::join(&trimmed)).0, want.0);
    let spaced: Vec<_> = sample::lines(&sample::everything(Ending::Lf))
        .iter()
        .map(|it| format!("{it}    "))
        .collect();
    assert_eq!(facts(&sample::join(&spaced)).0, want.0);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend_from_slice(&sample::everything(Ending::Lf));
    assert_eq!(facts(&marked).0, want.0);
    let mut dos = sample::everything(Ending::CrLf);
    dos.extend_from_slice(b"\x1a");
    assert_eq!(facts(&dos), want);
}

/// A name in UTF-8 makes the line longer in bytes; the columns after it must not move.
#[test]
fn characters_are_counted_where_the_writer_counted_characters() {
    let bytes = sample::everything(Ending::Lf);
    let mut lines = sample::lines(&bytes);
    lines[2] = lines[2].replacen("Customer 1 ", "Ren\u{e9}e \u{17b} 1  ", 1);
    assert!(lines[2].chars().count() == 94 && lines[2].len() == 96);
    let changed = sample::join(&lines);
    let file = read(&changed);
    let entry = file
        .entries(&file.batches[0])
        .next()
        .expect("an entry")
        .entry;
    assert_eq!(
        entry.individual_name().and_then(|name| name.text()),
        Some("Ren\u{e9}e \u{17b} 1")
    );
    assert_eq!(
        entry.trace().and_then(|trace| trace.number()),
        Some(990_000_010_000_001)
    );
    assert!(
        verify(&file)
            .iter()
            .all(|it| it.severity == Severity::Warning)
    );
}

#[test]
fn a_damaged_entry_takes_only_its_own_addenda_with_it() {
    let bytes = sample::everything(Ending::Lf);
    let mut lines = sample::lines(&bytes);
    let at = lines
        .iter()
        .position(|line| line.starts_with("799R15"))
        .expect("in the sample")
        - 1;
    lines[at].truncate(80);
    let changed = sample::join(&lines);
    let file = read(&changed);
    let codes: Vec<_> = file
        .entries(&file.batches[2])
        .map(|group| {
            group
                .addenda()
                .filter_map(|it| it.code()?.text().map(str::to_owned))
                .collect::<Vec<_>>()
                .join("+")
        })
        .collect();
    assert_eq!(codes, ["R01", "R68", "R73"]);
}

/// F-64: a hostile file must not make more of itself in memory than a small multiple, nor list problems without end.
#[test]
fn hostile_input_is_bounded() {
    let blank = vec![b'\n'; 1_000_000];
    assert_eq!(read(&blank).records.len(), 1);
    let junk: Vec<u8> = b"6\n".repeat(100_000);
    check(&junk);
    assert!(read(&junk).records.len() < 11_000);
    let problems = verify(&read(&junk));
    assert!(problems.len() < 20_000, "{}", problems.len());
    assert!(
        problems.iter().any(
            |it| it.code == wire_nacha::Code::TooManyProblems && it.severity == Severity::Fatal
        )
    );
}

proptest! {
    #[test]
    fn any_bytes_are_written_back(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        check(&bytes);
    }

    #[test]
    fn anything_like_a_file_is_written_back(
        lines in prop::collection::vec(("[15-9][0-9A-Z ]{0,120}", "\n|\r\n|\r|"), 0..40)
    ) {
        let text: String = lines.into_iter().flat_map(|(line, end)| [line, end]).collect();
        check(text.as_bytes());
    }

    #[test]
    fn shuffled_records_are_written_back(order in Just((0..50usize).collect::<Vec<_>>()).prop_shuffle()) {
        let lines = sample::lines(&sample::everything(Ending::Lf));
        let shuffled: Vec<_> = order.into_iter().filter_map(|at| lines.get(at).cloned()).collect();
        check(&sample::join(&shuffled));
    }

    /// From 103 entries on the hash has more than ten digits and is cut.
    #[test]
    fn what_is_built_is_read_back(amounts in prop::collection::vec((0u64..10_000_000_000, any::<bool>()), 1..150)) {
        let mut composer = wire_nacha::Composer::new(sample::file_header(), Ending::Lf)
            .batch(sample::batch_header("PPD", 1).render().expect("fits"));
        for ((amount, debit), sequence) in amounts.iter().zip(1..) {
            let code = if *debit { 27 } else { 22 };
            composer = composer.record(sample::entry(code, *amount, sequence).render().expect("fits"));
        }
        let bytes = composer.finish().expect("in place");
        let file = read(&bytes);
        prop_assert!(verify(&file).is_empty(), "{:?}", verify(&file));
        let read_back: Vec<_> = file.entries(&file.batches[0]).map(|it| it.entry.amount().number().expect("digits")).collect();
        let want: Vec<_> = amounts.into_iter().map(|(amount, _)| amount).collect();
        prop_assert_eq!(read_back, want);
    }
}
