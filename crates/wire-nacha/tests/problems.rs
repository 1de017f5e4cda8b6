//! Each problem: the smallest change to a whole file that shows it, how far it reaches, where it points and what it says.
#![allow(clippy::indexing_slicing)]

mod sample;

use std::collections::BTreeSet;

use wire_nacha::{Code, Ending, Severity, read, verify};

use Severity::{Fatal, Record, Warning};
use sample::{edited, repeated, whole, without};

struct Case {
    code: Code,
    severity: Severity,
    bytes: Vec<u8>,
    /// The bytes of the input that the problem points at.
    at: &'static str,
    message: &'static str,
}

fn case(
    code: Code,
    severity: Severity,
    bytes: Vec<u8>,
    at: &'static str,
    message: &'static str,
) -> Case {
    Case {
        code,
        severity,
        bytes,
        at,
        message,
    }
}

fn input_cases() -> Vec<Case> {
    let marked = [b"\xef\xbb\xbf".as_slice(), &whole()].concat();
    let mut mixed = whole();
    mixed.splice(94..95, *b"\r\n");
    vec![
        case(
            Code::EmptyFile,
            Fatal,
            vec![],
            "",
            "empty-file: expected a file header, found nothing",
        ),
        case(
            Code::EmptyFile,
            Fatal,
            b"\r\n  \r\n\x1a".to_vec(),
            "",
            "empty-file: expected a file header, found nothing",
        ),
        case(
            Code::NotNacha,
            Fatal,
            b"{\"fileHeader\":{}}".to_vec(),
            "{\"fileHeader\":{}}",
            r#"not-nacha: starts with "{\"fileHeader\":{}", expected a record type (1, 5, 6, 7, 8 or 9)"#,
        ),
        case(
            Code::NotNacha,
            Fatal,
            b"amount,code\n1,R01\n".to_vec(),
            "amount,code\n1,R01\n",
            r#"not-nacha: starts with "amount,code", expected a record type (1, 5, 6, 7, 8 or 9)"#,
        ),
        case(
            Code::ByteOrderMark,
            Warning,
            marked,
            "\u{feff}",
            "byte-order-mark: expected a record, found a UTF-8 byte order mark",
        ),
        case(
            Code::MixedLineEnds,
            Warning,
            mixed,
            "\n",
            r#"mixed-line-ends: expected "\r\n", found "\n""#,
        ),
        case(
            Code::TooManyProblems,
            Fatal,
            b"6\n".repeat(10_001),
            "6",
            "too-many-problems: expected at most 10000, found more, the first of them `record-length`",
        ),
    ]
}

fn line_cases() -> Vec<Case> {
    let mut short = sample::lines(&whole());
    short[2].truncate(93);
    let mut long = sample::lines(&whole());
    long[2].push('1');
    let mut padded = sample::lines(&whole());
    padded[2].push_str("   ");
    let advices = sample::advices(Ending::Lf);
    vec![
        case(
            Code::RecordLength,
            Fatal,
            sample::join(&short),
            "627980000023123456789        0000012345INVOICE 1      Customer 1              199000001000000",
            "record-length: expected 94, found 93",
        ),
        case(
            Code::RecordLength,
            Fatal,
            sample::join(&long),
            "627980000023123456789        0000012345INVOICE 1      Customer 1              19900000100000011",
            "record-length: expected 94, found 95",
        ),
        case(
            Code::RecordLength,
            Fatal,
            [whole(), b"9\n".to_vec()].concat(),
            "9",
            "record-length: expected 94, found 1",
        ),
        case(
            Code::RecordType,
            Record,
            edited(3, 1, "4"),
            "427980000023123456789        0000012345INVOICE 1      Customer 1              1990000010000001",
            r#"record-type: expected 1, 5, 6, 7, 8 or 9, found "4""#,
        ),
        case(
            Code::RecordBlanks,
            Warning,
            sample::join(&padded),
            "627980000023123456789        0000012345INVOICE 1      Customer 1              1990000010000001   ",
            "record-blanks: expected 94, found 97",
        ),
        case(
            Code::ControlCharacter,
            Warning,
            edited(3, 60, "\t"),
            "\t",
            r#"control-character: expected printable ASCII, found "\t""#,
        ),
        case(
            Code::FillContent,
            Warning,
            [sample::advices(Ending::Lf), b"9999\n".to_vec()].concat(),
            "9999",
            r#"fill-content: expected 94 nines, found "9999""#,
        ),
        case(
            Code::FillContent,
            Warning,
            sample::edit(&advices, 8, 3, "8"),
            "9989999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999",
            r#"fill-content: expected 94 nines, found "9989999999999999999999999999999999999999...""#,
        ),
    ]
}

fn order_cases() -> Vec<Case> {
    let header = "101 980000023 9900000132603020815A094101Bank 1                 Bank 2                         ";
    let control = "9000005000005000000381078000022000000135749000000005701                                       ";
    let found_none = "batch-control-missing: expected record type 8, found none";
    vec![
        case(
            Code::FileHeaderMissing,
            Warning,
            without(&[1]),
            "5200Merchant 1                          1234567890POSRENT            2603030621990000010000001",
            "file-header-missing: expected record type 1, found none",
        ),
        case(
            Code::FileHeaderRepeated,
            Fatal,
            repeated(1, 7),
            header,
            "file-header-repeated: expected one, found another",
        ),
        case(
            Code::FileControlMissing,
            Fatal,
            without(&[50]),
            "",
            "file-control-missing: expected record type 9, found the end of the file",
        ),
        case(
            Code::FileControlMissing,
            Warning,
            without(&[1, 50]),
            "",
            "file-control-missing: expected record type 9, found the end of the file",
        ),
        case(
            Code::FileControlRepeated,
            Fatal,
            repeated(50, 50),
            control,
            "file-control-repeated: expected one, found another",
        ),
        case(
            Code::RecordAfterFileControl,
            Fatal,
            repeated(1, 50),
            header,
            r#"record-after-file-control: expected only fill, found "101 980000023 9900000132603020815A094101...""#,
        ),
        case(
            Code::BatchHeaderMissing,
            Fatal,
            without(&[2]),
            "627980000023123456789        0000012345INVOICE 1      Customer 1              1990000010000001",
            r#"batch-header-missing: expected record type 5, found "6""#,
        ),
        case(
            Code::BatchHeaderMissing,
            Warning,
            without(&[1, 2, 50]),
            "627980000023123456789        0000012345INVOICE 1      Customer 1              1990000010000001",
            r#"batch-header-missing: expected record type 5, found "6""#,
        ),
        case(
            Code::BatchControlMissing,
            Fatal,
            without(&[7]),
            "",
            found_none,
        ),
        case(
            Code::BatchControlMissing,
            Warning,
            without(&[1, 7, 50]),
            "",
            found_none,
        ),
        case(
            Code::AddendaOutsideEntry,
            Record,
            without(&[3]),
            "702ORDER 1REFTILL 11000490302123456Store 1                    Springfield    PA990000010000001",
            r#"addenda-outside-entry: expected an entry before it, found "702""#,
        ),
        case(
            Code::BatchEmpty,
            Warning,
            without(&[3, 4, 5, 6]),
            "5200Merchant 1                          1234567890POSRENT            2603030621990000010000001",
            "batch-empty: expected at least one entry, found none",
        ),
    ]
}

fn header_cases() -> Vec<Case> {
    vec![
        case(
            Code::HeaderFormat,
            Record,
            edited(1, 35, "095"),
            "095",
            r#"header-format: expected record_size 094, found "095""#,
        ),
        case(
            Code::FieldMissing,
            Record,
            edited(1, 4, "          "),
            "          ",
            r#"field-missing: expected immediate_destination, found "          ""#,
        ),
        case(
            Code::FieldMissing,
            Record,
            edited(2, 51, "   "),
            "   ",
            r#"field-missing: expected sec, found "   ""#,
        ),
        case(
            Code::FieldMissing,
            Warning,
            edited(1, 34, "a"),
            "a",
            r#"field-missing: expected file_id_modifier A-Z or 0-9, found "a""#,
        ),
        case(
            Code::RoutingChecksum,
            Warning,
            edited(1, 4, " 980000025"),
            " 980000025",
            r#"routing-checksum: expected a routing number, found " 980000025""#,
        ),
        case(
            Code::FieldDate,
            Record,
            edited(1, 24, "260230"),
            "260230",
            r#"field-date: expected YYMMDD, found "260230""#,
        ),
        case(
            Code::FieldDate,
            Warning,
            edited(1, 30, "2460"),
            "2460",
            r#"field-date: expected HHMM, found "2460""#,
        ),
        case(
            Code::FieldDate,
            Warning,
            edited(2, 70, "261301"),
            "261301",
            r#"field-date: expected YYMMDD, found "261301""#,
        ),
        case(
            Code::FieldDate,
            Warning,
            edited(2, 76, "367"),
            "367",
            r#"field-date: expected day of the year, 001-366, found "367""#,
        ),
        case(
            Code::ServiceClass,
            Warning,
            edited(2, 2, "220"),
            "220",
            r#"service-class: expected 200 or 225, the batch has debits, found "220""#,
        ),
        case(
            Code::ServiceClass,
            Warning,
            edited(2, 2, "225"),
            "225",
            r#"service-class: expected 200 or 220, the batch has credits, found "225""#,
        ),
        case(
            Code::ServiceClass,
            Warning,
            edited(2, 2, "201"),
            "201",
            r#"service-class: expected 200, 220, 225 or 280, found "201""#,
        ),
        case(
            Code::SecDirection,
            Warning,
            edited(2, 51, "TEL"),
            "TEL",
            r#"sec-direction: expected debits only, found "TEL""#,
        ),
        case(
            Code::SecDirection,
            Warning,
            edited(2, 51, "TELREVERSAL"),
            "TEL",
            r#"sec-direction: expected credits only in a reversal of debits, found "TEL""#,
        ),
        case(
            Code::OriginatorStatus,
            Warning,
            edited(2, 79, "0"),
            "0",
            r#"originator-status: expected 1 or 2, found "0""#,
        ),
        case(
            Code::BatchNumberOrder,
            Warning,
            edited(8, 88, "0000001"),
            "0000001",
            r#"batch-number-order: expected above 1, found "0000001""#,
        ),
    ]
}

fn entry_cases() -> Vec<Case> {
    vec![
        case(
            Code::FieldNumeric,
            Record,
            edited(3, 30, "00000O2345"),
            "00000O2345",
            r#"field-numeric: expected amount in digits, found "00000O2345""#,
        ),
        case(
            Code::FieldNumeric,
            Record,
            edited(15, 7, "               "),
            "               ",
            r#"field-numeric: expected original_trace in digits, found "               ""#,
        ),
        case(
            Code::FieldNumeric,
            Warning,
            edited(19, 57, "R1"),
            "R1",
            r#"field-numeric: expected return_code in digits, found "R1""#,
        ),
        case(
            Code::FieldNumeric,
            Warning,
            edited(19, 39, "               "),
            "               ",
            r#"field-numeric: expected return_trace in digits, found "               ""#,
        ),
        case(
            Code::FieldDate,
            Warning,
            edited(19, 54, "400"),
            "400",
            r#"field-date: expected day of the year, 001-366, found "400""#,
        ),
        case(
            Code::CheckDigit,
            Record,
            edited(3, 12, "5"),
            "5",
            r#"check-digit: expected 3, found "5""#,
        ),
        case(
            Code::TransactionCode,
            Record,
            edited(3, 2, "25"),
            "25",
            r#"transaction-code: expected a code with a direction (21-56, 81-88), found "25""#,
        ),
        case(
            Code::AddendaType,
            Warning,
            edited(4, 2, "03"),
            "03",
            r#"addenda-type: expected 02, 05, 10-18, 98 or 99, found "03""#,
        ),
        case(
            Code::ReturnCode,
            Warning,
            edited(15, 4, "R96"),
            "R96",
            r#"return-code: expected a published return code, found "R96""#,
        ),
        case(
            Code::ChangeCode,
            Warning,
            edited(25, 4, "C78"),
            "C78",
            r#"change-code: expected a published change code, found "C78""#,
        ),
        case(
            Code::AddendaIndicator,
            Warning,
            edited(3, 79, "0"),
            "0",
            r#"addenda-indicator: expected 1 with 1 addenda, found "0""#,
        ),
        case(
            Code::AddendaCount,
            Warning,
            edited(9, 55, "0003"),
            "0003",
            r#"addenda-count: expected 2, found "0003""#,
        ),
        case(
            Code::AddendaCount,
            Warning,
            edited(30, 13, "0006"),
            "0006",
            r#"addenda-count: expected 9, found "0006""#,
        ),
        case(
            Code::AddendaTrace,
            Warning,
            edited(6, 88, "0000003"),
            "0000003",
            r#"addenda-trace: expected "0000002", found "0000003""#,
        ),
        case(
            Code::IatAddendaMissing,
            Warning,
            edited(33, 2, "11"),
            "6279800000230009             0000004200123456789                              1990000010000010",
            "iat-addenda-missing: expected types 10 to 16, found 6 of 7",
        ),
        case(
            Code::TraceOrder,
            Warning,
            edited(5, 80, "990000010000001"),
            "990000010000001",
            r#"trace-order: expected above 990000010000001, found "990000010000001""#,
        ),
        case(
            Code::TraceOdfi,
            Warning,
            edited(3, 80, "890000010000001"),
            "890000010000001",
            r#"trace-odfi: expected "99000001" first, found "890000010000001""#,
        ),
    ]
}

fn control_cases() -> Vec<Case> {
    let text = |code, number, from, text: &'static str, message| {
        case(code, Fatal, edited(number, from, text), text, message)
    };
    vec![
        case(
            Code::BatchControlClass,
            Record,
            edited(7, 2, "225"),
            "225",
            r#"batch-control-class: expected "200", found "225""#,
        ),
        case(
            Code::BatchControlOdfi,
            Record,
            edited(7, 80, "99000002"),
            "99000002",
            r#"batch-control-odfi: expected "99000001", found "99000002""#,
        ),
        case(
            Code::BatchControlNumber,
            Record,
            edited(7, 88, "0000009"),
            "0000009",
            r#"batch-control-number: expected "0000001", found "0000009""#,
        ),
        case(
            Code::BatchControlCompany,
            Warning,
            edited(7, 45, "1234567891"),
            "1234567891",
            r#"batch-control-company: expected "1234567890", found "1234567891""#,
        ),
        text(
            Code::BatchEntryCount,
            7,
            5,
            "000005",
            "batch-entry-count: counted 4, the control says 5",
        ),
        text(
            Code::BatchEntryHash,
            7,
            11,
            "0196000005",
            "batch-entry-hash: counted 196000004, the control says 196000005",
        ),
        text(
            Code::BatchTotalDebit,
            7,
            21,
            "000000012346",
            "batch-total-debit: counted 12345, the control says 12346",
        ),
        text(
            Code::BatchTotalDebit,
            7,
            21,
            "           x",
            r#"batch-total-debit: counted 12345, the control says "           x""#,
        ),
        text(
            Code::BatchTotalCredit,
            7,
            33,
            "000000000701",
            "batch-total-credit: counted 700, the control says 701",
        ),
        text(
            Code::FileBatchCount,
            50,
            2,
            "000006",
            "file-batch-count: counted 5, the control says 6",
        ),
        text(
            Code::FileBlockCount,
            50,
            8,
            "000006",
            "file-block-count: counted 5, the control says 6",
        ),
        text(
            Code::FileEntryCount,
            50,
            14,
            "00000039",
            "file-entry-count: counted 38, the control says 39",
        ),
        text(
            Code::FileEntryHash,
            50,
            22,
            "1078000023",
            "file-entry-hash: counted 1078000022, the control says 1078000023",
        ),
        text(
            Code::FileTotalDebit,
            50,
            32,
            "000000135750",
            "file-total-debit: counted 135749, the control says 135750",
        ),
        text(
            Code::FileTotalCredit,
            50,
            44,
            "000000005702",
            "file-total-credit: counted 5701, the control says 5702",
        ),
    ]
}

/// Latin-1 cannot be in a `&str`, so this one is apart.
fn non_ascii() -> Vec<u8> {
    let mut bytes = whole();
    bytes[2 * 95 + 60] = 0x80;
    bytes
}

fn cases() -> Vec<Case> {
    [
        input_cases(),
        line_cases(),
        order_cases(),
        header_cases(),
        entry_cases(),
        control_cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn each_problem_is_found_located_and_told() {
    let mut wrong = Vec::new();
    for Case {
        code,
        severity,
        bytes,
        at,
        message,
    } in cases()
    {
        let problems = verify(&read(&bytes));
        let found = problems.iter().any(|it| {
            it.code == code
                && it.severity == severity
                && bytes.get(it.span.start..it.span.end) == Some(at.as_bytes())
                && it.to_string() == message
        });
        if !found {
            let list: Vec<_> = problems
                .iter()
                .map(|it| format!("  {:?} {:?} {it}", it.severity, it.span))
                .collect();
            wrong.push(format!("want {severity:?} {message}\n{}", list.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_character_beyond_ascii_is_located() {
    let bytes = non_ascii();
    let problems = verify(&read(&bytes));
    let told: Vec<_> = problems
        .iter()
        .map(|it| (it.severity, it.span.start, it.to_string()))
        .collect();
    let message = r#"non-ascii: expected printable ASCII, found "\x80""#.to_owned();
    assert_eq!(told, [(Warning, 250, message)]);
}

#[test]
fn every_code_has_a_case_and_a_text_of_its_own() {
    let mut covered: BTreeSet<_> = cases().into_iter().map(|case| case.code).collect();
    covered.insert(Code::NonAscii);
    let all: BTreeSet<_> = Code::ALL.iter().copied().collect();
    assert_eq!(covered, all);
    let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
}
