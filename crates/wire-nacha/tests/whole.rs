//! Files as a whole: sound ones have no problems, cut and spliced ones are fatal, and extracts keep what they have.
#![allow(clippy::indexing_slicing)]

mod sample;

use Severity::{Fatal, Warning};
use sample::{edited, repeated, whole, without};
use wire_nacha::{Code, Ending, Severity, read, verify};

/// Optional fields that may be blank or zero say nothing when they are.
#[test]
fn blanks_and_zeros_where_they_are_allowed_are_no_problem() {
    for (line, from, text) in [
        (1, 30, "    "),
        (2, 70, "000000"),
        (2, 70, "      "),
        (2, 76, "   "),
        (2, 76, "000"),
        (2, 76, "366"),
        (2, 79, "2"),
        (17, 22, "000000"),
        (7, 45, "          "),
        (1, 4, "0980000023"),
        (30, 13, "0007"),
    ] {
        let problems = verify(&read(&edited(line, from, text)));
        assert_eq!(problems, [], "line {line} position {from}");
    }
}

/// A debit-only class with debits, and its reversal with credits.
#[test]
fn a_debit_only_class_is_sound_with_debits_and_reversed_with_credits() {
    for (description, code) in [("RENT", 27u64), ("REVERSAL", 22)] {
        let header = sample::batch_header("TEL", 1)
            .entry_description(description)
            .render()
            .expect("fits");
        let entry = sample::entry(code, 100, 1).render().expect("fits");
        let composer = wire_nacha::Composer::new(sample::file_header(), Ending::Lf);
        let bytes = composer
            .batch(header)
            .record(entry)
            .finish()
            .expect("in place");
        assert_eq!(verify(&read(&bytes)), [], "{description}");
    }
}

#[test]
fn records_out_of_place_are_not_composed() {
    let composer = || wire_nacha::Composer::new(sample::file_header(), Ending::Lf);
    let entry = sample::entry(27, 100, 1).render().expect("fits");
    let header = sample::batch_header("PPD", 1).render().expect("fits");
    for (composer, found) in [
        (composer().record(entry), b'6'),
        (composer().batch(entry), b'6'),
        (composer().batch(header).record(header), b'5'),
        (wire_nacha::Composer::new(entry, Ending::Lf), b'6'),
    ] {
        assert_eq!(
            composer.finish(),
            Err(wire_nacha::DraftFault::OutOfPlace { found })
        );
    }
    // The total of a batch has twelve positions: a hundred of the highest amounts are one too many.
    let highest = sample::entry(27, 9_999_999_999, 1).render().expect("fits");
    let full = (0..101).fold(composer().batch(header), |composer, _| {
        composer.record(highest)
    });
    let fault = wire_nacha::DraftFault::TooLong {
        column: "total_debit",
        width: 12,
        found: 13,
    };
    assert_eq!(full.finish(), Err(fault));
}

/// A control alone, its reserved blanks trimmed away: little, but it is an ACH record.
#[test]
fn a_lone_trimmed_control_is_read() {
    let bytes = without(&(1..50).collect::<Vec<_>>());
    let trimmed = bytes.trim_ascii_end();
    let file = read(trimmed);
    assert_eq!(
        file.control
            .and_then(|control| control.total_debit().number()),
        Some(135_749)
    );
    assert_eq!(file.records.len(), 1);
}

#[test]
fn mixed_line_ends_are_told_once() {
    let bytes = [sample::everything(Ending::CrLf), whole(), whole()].concat();
    let file = read(&bytes);
    assert!(file.framing.mixed && file.framing.ending == Ending::CrLf);
    assert_eq!(
        file.problems
            .iter()
            .filter(|it| it.code == Code::MixedLineEnds)
            .count(),
        1
    );
}

#[test]
fn whole_files_have_no_problems() {
    for bytes in [whole(), sample::advices(Ending::Lf)] {
        assert_eq!(verify(&read(&bytes)), []);
    }
}

/// A day without returns: header, control, fill. Real ones come with `000000` blocks and their header trimmed.
#[test]
fn a_file_without_batches_is_whole() {
    let bytes = wire_nacha::Composer::new(sample::file_header(), Ending::Lf)
        .finish()
        .expect("in place");
    let file = read(&bytes);
    assert!(file.batches.is_empty() && file.header.is_some() && file.control.is_some());
    assert_eq!(verify(&file), []);
}

/// F-64: a trailer that contradicts its file is never passed over, whichever line was lost.
#[test]
fn every_lost_record_is_fatal() {
    for number in 2..=50 {
        let worst = verify(&read(&without(&[number])))
            .into_iter()
            .map(|it| it.severity)
            .max();
        assert_eq!(worst, Some(Fatal), "line {number}");
    }
    assert_eq!(
        verify(&read(&without(&[1])))
            .into_iter()
            .map(|it| it.severity)
            .max(),
        Some(Warning)
    );
}

#[test]
fn every_repeated_record_is_fatal() {
    for number in 1..=50 {
        let worst = verify(&read(&repeated(number, number)))
            .into_iter()
            .map(|it| it.severity)
            .max();
        assert_eq!(worst, Some(Fatal), "line {number}");
    }
}

/// A code that is not published yet stands, in the layout its neighbours have.
#[test]
fn a_return_with_a_code_not_published_keeps_its_facts() {
    let bytes = edited(15, 4, "R96");
    let file = read(&bytes);
    let group = file.entries(&file.batches[2]).next().expect("an entry");
    let addenda = group.addenda().next().expect("an addenda");
    assert_eq!(addenda.code().and_then(|code| code.text()), Some("R96"));
    assert_eq!(
        addenda.original_trace().and_then(|trace| trace.number()),
        Some(980_000_020_000_004)
    );
    assert_eq!(verify(&file).len(), 1);
}

/// Warnings by the thousand are bounded on their own account: they must not make a sound file look beyond reading.
#[test]
fn many_warnings_stay_warnings() {
    let mut composer = wire_nacha::Composer::new(sample::file_header(), Ending::Lf)
        .batch(sample::batch_header("PPD", 1).render().expect("fits"));
    for sequence in 1..=1_500 {
        composer = composer.record(
            sample::entry(27, 1, sequence)
                .addenda_indicator(1u64)
                .render()
                .expect("fits"),
        );
    }
    let bytes = composer.finish().expect("in place");
    let problems = verify(&read(&bytes));
    assert_eq!(problems.len(), 1_001);
    assert!(problems.iter().all(|it| it.severity == Warning));
    assert_eq!(
        problems
            .iter()
            .filter(|it| it.code == Code::TooManyProblems)
            .count(),
        1
    );
}

#[test]
fn an_extract_that_opens_with_addenda_keeps_them() {
    let bytes = without(&[1, 2, 3, 50]);
    let file = read(&bytes);
    let codes: Vec<_> = file
        .problems
        .iter()
        .map(|it| (it.code, it.span.start))
        .collect();
    assert!(
        codes.contains(&(Code::AddendaOutsideEntry, 0))
            && codes.contains(&(Code::BatchHeaderMissing, 0))
    );
    assert_eq!(file.batches[0].records, 0..3);
    // The batch still adds up to what its control counts but for the entry that is gone.
    let found: Vec<_> = verify(&file)
        .into_iter()
        .filter(|it| it.severity == Fatal)
        .map(|it| it.code)
        .collect();
    assert_eq!(
        found,
        [
            Code::BatchEntryCount,
            Code::BatchEntryHash,
            Code::BatchTotalDebit
        ]
    );
}
