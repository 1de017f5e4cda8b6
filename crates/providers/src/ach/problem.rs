//! What is wrong with a file, as rejects: which of the reader's problems are, and what they are called here.

use adapter::{Reject, RejectCode};
use dispute::fact::Span;
use wire_nacha::{Code, File, Located, Problem, Record, Severity};

/// A reject, and whether the facts of its record still stand.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub reject: Reject,
    /// The record cannot be relied on. Otherwise something is amiss beside what its facts rest upon.
    pub withholds: bool,
}

/// The rejects of a file, in the order of its bytes. Of what the reader only warns of, that remains unsaid which files of banks show
/// and every reader lets pass.
pub(super) fn troubles(file: &File<'_>, problems: &[Problem]) -> Vec<Trouble> {
    let mut found: Vec<Trouble> = problems
        .iter()
        .filter(|problem| !lets_pass(file, problem))
        .map(|problem| trouble(file, problem))
        .collect();
    let fatal = problems
        .iter()
        .find(|problem| problem.severity == Severity::Fatal);
    let held = found
        .iter()
        .any(|trouble| trouble.reject.code.holds_document());
    if let (Some(fatal), false) = (fatal, held) {
        let reject = Reject {
            span: span(fatal),
            code: RejectCode::ControlTotal,
            detail: "a record does not read, so the file's totals cannot be checked".to_owned(),
            hint: "Ask the bank for the file again.".to_owned(),
        };
        found.push(Trouble {
            reject,
            withholds: true,
        });
    }
    found.sort_by_key(|trouble| trouble.reject.span);
    found
}

/// The record in which an offset lies; its delimiter belongs to it.
pub(super) fn record_at(file: &File<'_>, offset: usize) -> Option<usize> {
    let after = file
        .records
        .partition_point(|located| located.span().start <= offset);
    after.checked_sub(1)
}

fn lets_pass(file: &File<'_>, problem: &Problem) -> bool {
    if problem.severity != Severity::Warning {
        return false;
    }
    match problem.code {
        Code::ByteOrderMark
        | Code::MixedLineEnds
        | Code::RecordBlanks
        | Code::FillContent
        | Code::AddendaCount
        | Code::AddendaTrace
        | Code::AddendaType
        | Code::TooManyProblems => true,
        // Dates that nothing rests upon; the settlement day is one that facts take their time from.
        Code::FieldDate => !problem.expected.starts_with("day of the year"),
        // Gateways fill these in loosely; public readers check them in domestic batches only.
        Code::ServiceClass | Code::OriginatorStatus => is_international(file, problem),
        _ => false,
    }
}

fn is_international(file: &File<'_>, problem: &Problem) -> bool {
    let record = record_at(file, problem.span.start).and_then(|index| file.records.get(index));
    matches!(
        record.map(|located| located.record),
        Some(Record::BatchHeader(wire_nacha::BatchHeader::International(
            _
        )))
    )
}

fn trouble(file: &File<'_>, problem: &Problem) -> Trouble {
    let code = code(problem);
    let mut span = span(problem);
    // An extract lacks its file records as a whole; its first line is the place to say so.
    if problem.code == Code::FileControlMissing && problem.severity == Severity::Warning {
        let first = file.records.first().map(Located::span);
        span = first.map_or(span, |first| Span::new(first.start, first.end));
    }
    let detail = match problem.code {
        // The record itself may hold an account number.
        Code::RecordAfterFileControl => {
            "a record stands after the file control, expected only fill".to_owned()
        }
        _ => problem.to_string(),
    };
    let hint = match problem.code {
        Code::NotNacha => {
            "Unpack archives first; ACH files are plain text of 94 characters a record."
        }
        Code::FileHeaderRepeated | Code::RecordAfterFileControl => {
            "Split the document into its files."
        }
        _ if code.holds_document() => "Ask the bank for the file again.",
        _ => "",
    };
    let reject = Reject {
        span,
        code,
        detail,
        hint: hint.to_owned(),
    };
    Trouble {
        reject,
        withholds: problem.severity != Severity::Warning,
    }
}

fn span(problem: &Problem) -> Span {
    Span::new(problem.span.start, problem.span.end)
}

fn code(problem: &Problem) -> RejectCode {
    let fatal = problem.severity == Severity::Fatal;
    match problem.code {
        Code::EmptyFile
        | Code::FileHeaderRepeated
        | Code::FileControlRepeated
        | Code::RecordAfterFileControl => RejectCode::Truncated,
        Code::NotNacha | Code::TooManyProblems => RejectCode::UnknownForm,
        Code::BatchHeaderMissing | Code::BatchControlMissing | Code::FileControlMissing
            if fatal =>
        {
            RejectCode::Truncated
        }
        Code::FileHeaderMissing
        | Code::FileControlMissing
        | Code::BatchHeaderMissing
        | Code::BatchControlMissing
        | Code::BatchEmpty
        | Code::FieldMissing
        | Code::IatAddendaMissing => RejectCode::MissingField,
        Code::RecordLength => RejectCode::Length,
        Code::RecordType => RejectCode::Syntax,
        Code::NonAscii | Code::ControlCharacter => RejectCode::Characters,
        Code::AddendaOutsideEntry
        | Code::TraceOrder
        | Code::BatchNumberOrder
        | Code::BatchControlOdfi
        | Code::BatchControlNumber
        | Code::BatchControlCompany
        | Code::BatchControlClass => RejectCode::Order,
        Code::FieldNumeric if problem.expected.starts_with("amount") => RejectCode::Amount,
        Code::FieldDate => RejectCode::Time,
        Code::RoutingChecksum | Code::CheckDigit | Code::TraceOdfi => RejectCode::Reference,
        Code::BatchEntryCount
        | Code::BatchEntryHash
        | Code::BatchTotalDebit
        | Code::BatchTotalCredit
        | Code::FileBatchCount
        | Code::FileBlockCount
        | Code::FileEntryCount
        | Code::FileEntryHash
        | Code::FileTotalDebit
        | Code::FileTotalCredit => RejectCode::ControlTotal,
        _ => RejectCode::FieldType,
    }
}
