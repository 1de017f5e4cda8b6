//! Column tables: they cover a record without gaps, and what is written to a column is read from it.

mod sample;

use expect_test::{expect, expect_file};
use wire_nacha::{
    Addenda, AdvBatchControl, AdvEntry, AdvFileControl, ChangeAddenda, Column, ContestedAddenda,
    CorporateEntry, DishonoredAddenda, DraftFault, Ending, Entry, FileHeader, Fill, IatAddenda10,
    IatAddenda11, IatAddenda12, IatAddenda13, IatAddenda14, IatAddenda15, IatAddenda16,
    IatAddenda17, IatAddenda18, IatBatchHeader, IatEntry, IatReturnAddenda, Line, PaymentAddenda,
    RefusedChangeAddenda, ReturnAddenda, Span, StandardBatchControl, StandardBatchHeader,
    StandardEntry, StandardFileControl, TerminalAddenda, check_digit, read, routing_checksum_holds,
};

#[track_caller]
fn check(
    layout: &[Column],
    blank: Result<[u8; 94], DraftFault>,
    again: impl Fn(Line<'_>) -> [u8; 94],
) {
    let mut next = 1;
    for column in layout {
        assert_eq!(
            column.from, next,
            "{} starts where the column before it ended",
            column.name
        );
        assert!(column.until >= column.from, "{} is not empty", column.name);
        if let Fill::Literal(text) = column.fill {
            assert_eq!(
                text.len(),
                column.width(),
                "{} is as long as its text",
                column.name
            );
        }
        next = column.until + 1;
    }
    assert_eq!(next, 95, "the last column ends the record");
    let blank = blank.expect("an empty draft has no fault");
    assert_eq!(
        again(Line::alone(&blank)),
        blank,
        "a copy is the same record"
    );
}

macro_rules! check_layouts {
    ($($name:ident)*) => {
        $( check($name::LAYOUT, $name::draft().render(), |line| $name::of(line).redraft().render().expect("fits")); )*
    };
}

#[test]
fn columns_cover_every_record_without_gaps() {
    check_layouts! {
        FileHeader StandardBatchHeader IatBatchHeader StandardEntry CorporateEntry IatEntry AdvEntry TerminalAddenda
        PaymentAddenda IatAddenda10 IatAddenda11 IatAddenda12 IatAddenda13 IatAddenda14 IatAddenda15 IatAddenda16
        IatAddenda17 IatAddenda18 ChangeAddenda RefusedChangeAddenda ReturnAddenda IatReturnAddenda DishonoredAddenda
        ContestedAddenda StandardBatchControl AdvBatchControl StandardFileControl AdvFileControl
    }
}

#[test]
fn builders_write_these_files() {
    expect_file!["fixtures/everything.ach"]
        .assert_eq(&String::from_utf8_lossy(&sample::everything(Ending::Lf)));
    expect_file!["fixtures/advices.ach"]
        .assert_eq(&String::from_utf8_lossy(&sample::advices(Ending::Lf)));
}

/// Position by position from the rule book's tables, not through a getter's own table.
#[test]
fn a_dishonored_return_says_what_its_columns_say() {
    let bytes = sample::everything(Ending::CrLf);
    let file = read(&bytes);
    let at = |span: Span| String::from_utf8_lossy(&bytes[span.start..span.end]).into_owned();
    let mut said = String::new();
    for group in file.batches.iter().flat_map(|batch| file.entries(batch)) {
        for addenda in group.addenda() {
            if let Addenda::Dishonored(it) = addenda {
                let line = it.line().bytes();
                assert_eq!(it.return_trace().bytes(), &line[38..53]);
                assert_eq!(it.return_code().bytes(), &line[56..58]);
                said = format!(
                    "{} {} {} {:?}",
                    at(it.dishonored_code().span()),
                    at(it.return_trace().span()),
                    at(it.return_settled_on().span()),
                    it.return_settled_on().day_of_year()
                );
            }
        }
    }
    expect!["R68 980000020000006 061 Some(61)"].assert_eq(&said);
}

#[test]
fn every_addenda_is_known_by_its_own_code() {
    let bytes = sample::everything(Ending::Lf);
    let file = read(&bytes);
    let mut kinds = Vec::new();
    for group in file.batches.iter().flat_map(|batch| file.entries(batch)) {
        let form = match group.entry {
            Entry::Standard(_) => "standard",
            Entry::Corporate(_) => "corporate",
            Entry::International(_) => "international",
            Entry::Advice(_) => "advice",
        };
        let addenda: Vec<_> = group
            .addenda()
            .map(|it| {
                format!("{it:?}")
                    .split_once('(')
                    .expect("a variant")
                    .0
                    .to_owned()
            })
            .collect();
        kinds.push(format!(
            "{form} {} {}",
            group.entry.amount().number().unwrap_or(0),
            addenda.join(" ")
        ));
    }
    expect![[r#"
        standard 12345 Terminal
        standard 700 Payment
        corporate 99999 Payment Payment
        standard 5000 Return
        standard 5001 Return
        standard 5002 Dishonored
        standard 5003 Contested
        standard 0 Change
        standard 0 RefusedChange
        international 4200 Iat10 Iat11 Iat12 Iat13 Iat14 Iat15 Iat16 Iat17 Iat18
        international 4200 Iat10 Iat11 Iat12 Iat13 Iat14 Iat15 Iat16 IatReturn"#]]
    .assert_eq(&kinds.join("\n"));
}

#[track_caller]
fn check_fault(record: Result<[u8; 94], DraftFault>, want: &str) {
    assert_eq!(record.expect_err("does not fit").to_string(), want);
}

#[test]
fn what_does_not_fit_a_column_is_a_fault_and_never_cut() {
    let entry = StandardEntry::draft;
    check_fault(
        entry().amount(10_000_000_000u64).render(),
        "amount has 10 positions, the value needs 11",
    );
    check_fault(
        entry().individual_name("a name of 23 characters").render(),
        "individual_name has 22 positions, the value needs 23",
    );
    check_fault(
        entry().trace("99000001x000001").render(),
        "trace takes digits, the value has other characters",
    );
    check_fault(
        entry().account("12\n34").render(),
        "account takes printable ASCII, found byte 0x0a",
    );
    // The first fault is the one that is told.
    check_fault(
        entry().account("\u{e9}").amount(u64::MAX).render(),
        "account takes printable ASCII, found byte 0xc3",
    );
}

#[test]
fn numbers_dates_and_check_digits() {
    let header = FileHeader::draft()
        .created_on("240229")
        .created_at_local("2359")
        .reference("12 4")
        .render();
    let line = header.expect("fits");
    let header = FileHeader::of(Line::alone(&line));
    assert_eq!(header.created_on().date(), Some((2024, 2, 29)));
    assert_eq!(header.created_at_local().time(), Some((23, 59)));
    assert_eq!(header.reference().number(), None);
    for text in ["2400", "2360", "23 9", "    "] {
        let line = FileHeader::draft()
            .created_at_local(text)
            .render()
            .expect("fits");
        assert_eq!(
            FileHeader::of(Line::alone(&line)).created_at_local().time(),
            None,
            "{text}"
        );
    }
    for (text, want) in [
        ("250229", None),
        ("261301", None),
        ("260431", None),
        ("26 401", None),
        ("      ", None),
    ] {
        let line = FileHeader::draft().created_on(text).render().expect("fits");
        assert_eq!(
            FileHeader::of(Line::alone(&line)).created_on().date(),
            want,
            "{text}"
        );
    }
    // 011000015 is the Federal Reserve Bank of Boston's published routing number.
    assert_eq!(check_digit(b"01100001"), Some(5));
    assert_eq!(check_digit(b"0110000"), None);
    assert_eq!(check_digit(b"0110000x"), None);
    assert!(routing_checksum_holds(b"011000015") && !routing_checksum_holds(b"011000016"));
    let control = AdvFileControl::draft()
        .total_debit(u64::MAX)
        .render()
        .expect("20 positions hold 64 bits");
    assert_eq!(
        AdvFileControl::of(Line::alone(&control))
            .total_debit()
            .number(),
        Some(u64::MAX)
    );
    let beyond = AdvFileControl::draft()
        .total_debit("99999999999999999999")
        .render()
        .expect("fits");
    assert_eq!(
        AdvFileControl::of(Line::alone(&beyond))
            .total_debit()
            .number(),
        None
    );
}
