//! What is wrong with a file, where, and how much it matters.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::column::Span;

/// How far a problem reaches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Kept and read as it stands; worth a note.
    Warning,
    /// This record cannot be relied on; the others can.
    Record,
    /// The file contradicts itself or is cut: nothing in it should move money before a person has looked.
    Fatal,
}

macro_rules! codes {
    ($( $(#[$doc:meta])* $variant:ident $text:literal, )*) => {
        /// What kind of problem. The text of a code never changes meaning.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Code {
            $( $(#[$doc])* $variant, )*
        }

        impl Code {
            /// All codes, in the order of this file.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// Stable kebab-case text.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }
        }
    };
}

codes! {
    // The input as a whole.
    EmptyFile "empty-file",
    /// JSON, RTF, an archive, or anything else whose first byte is no record type. Nothing else is said about it.
    NotNacha "not-nacha",
    ByteOrderMark "byte-order-mark",
    MixedLineEnds "mixed-line-ends",
    /// More problems than are listed; the file is beyond reading.
    TooManyProblems "too-many-problems",

    // A line.
    RecordLength "record-length",
    RecordType "record-type",
    /// Shorter or longer than 94 by blanks only.
    RecordBlanks "record-blanks",
    /// Bytes above 0x7e; names in Latin-1 and UTF-8 do arrive.
    NonAscii "non-ascii",
    ControlCharacter "control-character",
    FillContent "fill-content",

    // Order of records.
    FileHeaderMissing "file-header-missing",
    FileHeaderRepeated "file-header-repeated",
    FileControlMissing "file-control-missing",
    FileControlRepeated "file-control-repeated",
    RecordAfterFileControl "record-after-file-control",
    BatchHeaderMissing "batch-header-missing",
    BatchControlMissing "batch-control-missing",
    AddendaOutsideEntry "addenda-outside-entry",
    BatchEmpty "batch-empty",

    // Fields.
    HeaderFormat "header-format",
    FieldMissing "field-missing",
    FieldNumeric "field-numeric",
    FieldDate "field-date",
    RoutingChecksum "routing-checksum",
    CheckDigit "check-digit",
    TransactionCode "transaction-code",
    ServiceClass "service-class",
    /// A debit-only class with credits, or a reversal of one with debits.
    SecDirection "sec-direction",
    OriginatorStatus "originator-status",
    AddendaType "addenda-type",
    ReturnCode "return-code",
    ChangeCode "change-code",

    // Records against each other.
    AddendaIndicator "addenda-indicator",
    AddendaCount "addenda-count",
    AddendaTrace "addenda-trace",
    IatAddendaMissing "iat-addenda-missing",
    TraceOrder "trace-order",
    TraceOdfi "trace-odfi",
    BatchNumberOrder "batch-number-order",
    BatchControlOdfi "batch-control-odfi",
    BatchControlNumber "batch-control-number",
    BatchControlCompany "batch-control-company",
    BatchControlClass "batch-control-class",

    // Controls against what they control.
    BatchEntryCount "batch-entry-count",
    BatchEntryHash "batch-entry-hash",
    BatchTotalDebit "batch-total-debit",
    BatchTotalCredit "batch-total-credit",
    FileBatchCount "file-batch-count",
    FileBlockCount "file-block-count",
    FileEntryCount "file-entry-count",
    FileEntryHash "file-entry-hash",
    FileTotalDebit "file-total-debit",
    FileTotalCredit "file-total-credit",
}

impl Code {
    /// A control's figure against what was counted.
    fn is_figure(self) -> bool {
        matches!(
            self,
            Code::BatchEntryCount
                | Code::BatchEntryHash
                | Code::BatchTotalDebit
                | Code::BatchTotalCredit
                | Code::FileBatchCount
                | Code::FileBlockCount
                | Code::FileEntryCount
                | Code::FileEntryHash
                | Code::FileTotalDebit
                | Code::FileTotalCredit
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is not as the format says, with both sides of the disagreement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub code: Code,
    pub severity: Severity,
    /// The bytes that say what was found; empty, at the place, when something is absent.
    pub span: Span,
    pub expected: String,
    pub found: String,
}

impl fmt::Display for Problem {
    /// One line: the code, what was expected and what was found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            code,
            expected,
            found,
            ..
        } = self;
        if *code == Code::NotNacha {
            return write!(f, "{code}: starts with {found}, expected {expected}");
        }
        if code.is_figure() {
            return write!(f, "{code}: counted {expected}, the control says {found}");
        }
        write!(f, "{code}: expected {expected}, found {found}")
    }
}

/// Warnings of one code that are listed, and problems that are. After the latter the file is beyond reading, and a hostile
/// one must not cost many times its own size in memory.
const WARNINGS_MAX: usize = 1_000;
const PROBLEMS_MAX: usize = 10_000;

/// Collects problems up to a bound, and says so when it is reached.
#[derive(Clone, Debug)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    warnings: BTreeMap<Code, usize>,
    others: usize,
}

impl Problems {
    pub(crate) fn new(list: Vec<Problem>) -> Problems {
        let mut warnings = BTreeMap::new();
        let mut others: usize = 0;
        for problem in &list {
            let count = if problem.severity == Severity::Warning {
                warnings.entry(problem.code).or_insert(0)
            } else {
                &mut others
            };
            *count = count.saturating_add(1);
        }
        Problems {
            list,
            warnings,
            others,
        }
    }

    /// `expected` and `found` are only rendered when the problem is kept.
    pub(crate) fn push(
        &mut self,
        code: Code,
        severity: Severity,
        span: Span,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) {
        let (count, max, beyond) = if severity == Severity::Warning {
            (
                self.warnings.entry(code).or_insert(0),
                WARNINGS_MAX,
                Severity::Warning,
            )
        } else {
            (&mut self.others, PROBLEMS_MAX, Severity::Fatal)
        };
        *count = count.saturating_add(1);
        let kept = *count <= max;
        if kept {
            let (expected, found) = (expected.to_string(), found.to_string());
            self.list.push(Problem {
                code,
                severity,
                span,
                expected,
                found,
            });
        } else if *count == max.saturating_add(1) {
            let (expected, found) = (
                format!("at most {max}"),
                format!("more, the first of them `{code}`"),
            );
            self.list.push(Problem {
                code: Code::TooManyProblems,
                severity: beyond,
                span,
                expected,
                found,
            });
        }
    }

    /// The bound was passed, and `too-many-problems` says so.
    pub(crate) fn are_beyond_reading(&self) -> bool {
        self.others > PROBLEMS_MAX
    }

    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.list
    }
}

/// Bytes of the input inside a message: quoted, escaped, at most 40 of them.
pub(crate) struct Quoted<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        let shown = self.0.get(..SHOWN).unwrap_or(self.0);
        let more = if shown.len() < self.0.len() {
            "..."
        } else {
            ""
        };
        write!(f, "\"{}{more}\"", shown.escape_ascii())
    }
}
