//! Does the file agree with itself and with the format? Counts, hashes and totals first; then every field that a reader
//! relies on.

mod batch;
mod entry;

use alloc::vec::Vec;

use crate::column::{Field, Span};
use crate::control::FileControl;
use crate::file_header::FileHeader;
use crate::number::routing_checksum_holds;
use crate::problem::{Code, Problem, Problems, Quoted, Severity};
use crate::read::File;
use crate::record::{Located, Record};

/// Entry hashes are cut to their rightmost ten digits (Appendix Three, entry hash).
const HASH_MODULUS: u64 = 10_000_000_000;

/// What was added up from entries; the format keeps the same figures of a batch and of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) entry_addenda: u64,
    /// Not yet cut to ten digits.
    pub(crate) hash: u64,
    pub(crate) debit: u64,
    pub(crate) credit: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Tally) {
        self.entry_addenda = self.entry_addenda.saturating_add(other.entry_addenda);
        self.hash = self.hash.saturating_add(other.hash);
        self.debit = self.debit.saturating_add(other.debit);
        self.credit = self.credit.saturating_add(other.credit);
    }

    pub(crate) fn cut_hash(&self) -> u64 {
        self.hash % HASH_MODULUS
    }
}

/// Everything that is wrong with a file, what [`crate::read`] noticed included, in the order of the input.
///
/// Totals are compared with what the entries add up to, never with another total. A control figure that is not a number
/// disagrees. Codes this room does not know are warnings: the record stands.
pub fn verify(file: &File<'_>) -> Vec<Problem> {
    let mut checks = Checks {
        problems: Problems::new(file.problems.clone()),
    };
    let unread = file
        .problems
        .iter()
        .any(|problem| matches!(problem.code, Code::NotNacha | Code::EmptyFile));
    if !unread {
        checks.characters(file);
        if let Some(header) = file.header {
            checks.file_header(header);
        }
        let tally = checks.batches(file);
        if let Some(control) = file.control {
            checks.file_control(file, control, tally);
        }
    }
    let mut list = checks.problems.into_list();
    list.sort_by_key(|problem| problem.span.start);
    list
}

pub(crate) struct Checks {
    pub(crate) problems: Problems,
}

impl Checks {
    pub(crate) fn warn(&mut self, code: Code, field: Field<'_>, expected: impl core::fmt::Display) {
        self.problems.push(
            code,
            Severity::Warning,
            field.span(),
            expected,
            Quoted(field.bytes()),
        );
    }

    pub(crate) fn doubt(
        &mut self,
        code: Code,
        field: Field<'_>,
        expected: impl core::fmt::Display,
    ) {
        self.problems.push(
            code,
            Severity::Record,
            field.span(),
            expected,
            Quoted(field.bytes()),
        );
    }

    /// A control's figure against what was counted.
    pub(crate) fn figure(&mut self, code: Code, field: Field<'_>, counted: u64) {
        match field.number() {
            Some(number) if number == counted => {}
            Some(number) => {
                self.problems
                    .push(code, Severity::Fatal, field.span(), counted, number)
            }
            None => self.problems.push(
                code,
                Severity::Fatal,
                field.span(),
                counted,
                Quoted(field.bytes()),
            ),
        }
    }

    fn characters(&mut self, file: &File<'_>) {
        for located in &file.records {
            let bytes = located.record.line().bytes();
            let clean = bytes
                .iter()
                .fold(true, |clean, byte| clean & (0x20..0x7f).contains(byte));
            if !clean && !matches!(located.record, Record::Blank(_)) {
                self.odd_characters(located);
            }
        }
    }

    /// The first of each kind in a record.
    fn odd_characters(&mut self, located: &Located<Record<'_>>) {
        self.first_odd(located, Code::NonAscii, |byte| byte >= 0x80);
        self.first_odd(located, Code::ControlCharacter, |byte| {
            byte < 0x20 || byte == 0x7f
        });
    }

    fn first_odd(&mut self, located: &Located<Record<'_>>, code: Code, is_odd: fn(u8) -> bool) {
        let (bytes, start) = (located.record.line().bytes(), located.span().start);
        let Some(at) = bytes.iter().position(|byte| is_odd(*byte)) else {
            return;
        };
        let start = start.saturating_add(at);
        let span = Span {
            start,
            end: start.saturating_add(1),
        };
        let found = Quoted(bytes.get(at..at.saturating_add(1)).unwrap_or_default());
        self.problems
            .push(code, Severity::Warning, span, "printable ASCII", found);
    }

    fn file_header(&mut self, header: FileHeader<'_>) {
        for (field, expected) in [
            (header.priority(), "01"),
            (header.record_size(), "094"),
            (header.blocking_factor(), "10"),
            (header.format(), "1"),
        ] {
            if field.bytes() != expected.as_bytes() {
                self.doubt(
                    Code::HeaderFormat,
                    field,
                    format_args!("{} {expected}", field.column().name),
                );
            }
        }
        for field in [header.immediate_destination(), header.immediate_origin()] {
            if field.is_blank() {
                self.doubt(Code::FieldMissing, field, field.column().name);
            }
        }
        self.destination_checksum(header.immediate_destination());
        if header.created_on().date().is_none() {
            self.doubt(Code::FieldDate, header.created_on(), "YYMMDD");
        }
        if !header.created_at_local().is_blank() && header.created_at_local().time().is_none() {
            self.warn(Code::FieldDate, header.created_at_local(), "HHMM");
        }
        let modifier = header.file_id_modifier();
        if !modifier
            .bytes()
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            self.warn(Code::FieldMissing, modifier, "file_id_modifier A-Z or 0-9");
        }
    }

    /// A zero file with a destination whose check digit is wrong has been seen from a large processor: a warning.
    fn destination_checksum(&mut self, destination: Field<'_>) {
        let trimmed = destination.trimmed();
        // Ten-digit form: a leading zero before the routing number.
        let routing = trimmed
            .strip_prefix(b"0")
            .filter(|rest| rest.len() == 9)
            .unwrap_or(trimmed);
        if !trimmed.is_empty() && !routing_checksum_holds(routing) {
            self.warn(Code::RoutingChecksum, destination, "a routing number");
        }
    }

    fn batches(&mut self, file: &File<'_>) -> Tally {
        let mut sum = Tally::default();
        let mut last_number = None;
        for batch in &file.batches {
            sum.add(self.batch(file, batch));
            // Extracts put batches of several files together, each with its own numbers.
            if let Some(header) = batch.header.filter(|_| file.header.is_some()) {
                last_number = self.batch_number_order(header, last_number).or(last_number);
            }
        }
        sum
    }

    fn file_control(&mut self, file: &File<'_>, control: FileControl<'_>, tally: Tally) {
        let batches = u64::try_from(file.batches.len()).expect("a length fits 64 bits");
        self.figure(Code::FileBatchCount, control.batch_count(), batches);
        self.figure(
            Code::FileEntryCount,
            control.entry_addenda_count(),
            tally.entry_addenda,
        );
        self.figure(Code::FileEntryHash, control.entry_hash(), tally.cut_hash());
        self.figure(Code::FileTotalDebit, control.total_debit(), tally.debit);
        self.figure(Code::FileTotalCredit, control.total_credit(), tally.credit);
        let lines = file
            .records
            .iter()
            .filter(|located| !matches!(located.record, Record::Blank(_)))
            .count();
        // Blocks of ten, the last one filled; a file whose fill was left out says the count it would have with it.
        let blocks = u64::try_from(lines.div_ceil(10)).expect("a length fits 64 bits");
        self.figure(Code::FileBlockCount, control.block_count(), blocks);
    }
}
