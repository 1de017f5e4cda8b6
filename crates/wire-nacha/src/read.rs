//! From bytes to records and batches.

use alloc::vec::Vec;
use core::ops::Range;

use crate::addenda::Addenda;
use crate::batch_header::BatchHeader;
use crate::column::{Line, Measure, RECORD_LENGTH, Span};
use crate::control::{BatchControl, FileControl};
use crate::entry::{Entry, Form};
use crate::file_header::FileHeader;
use crate::frame::{BYTE_ORDER_MARK, Ending, Framing, Lines, RawLine};
use crate::problem::{Code, Problem, Problems, Quoted, Severity};
use crate::record::{Located, Record};

/// What an input says, borrowed from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File<'a> {
    /// Every line of the input in order, understood or not.
    pub records: Vec<Located<Record<'a>>>,
    /// In order; a batch may lack its header or its control.
    pub batches: Vec<Batch<'a>>,
    /// The first one; operators' extracts have none.
    pub header: Option<FileHeader<'a>>,
    /// The first one; operators' extracts have none.
    pub control: Option<FileControl<'a>>,
    /// What reading noticed about framing and order of records. [`crate::verify`] returns these and all others.
    pub problems: Vec<Problem>,
    pub framing: Framing,
}

/// Records between a batch header and its control, as far as either is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch<'a> {
    pub header: Option<BatchHeader<'a>>,
    pub control: Option<BatchControl<'a>>,
    /// The layout of its entries; standard when there is no header to say.
    pub form: Form,
    /// Indexes into [`File::records`], header and control not included.
    pub records: Range<usize>,
}

/// One entry and what follows it up to the next entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Group<'f, 'a> {
    pub entry: Entry<'a>,
    /// Index of the entry in [`File::records`].
    pub index: usize,
    /// The lines after the entry: its addenda, and any damaged ones among them.
    pub records: &'f [Located<Record<'a>>],
}

impl<'f, 'a> Group<'f, 'a> {
    pub fn addenda(self) -> impl Iterator<Item = Addenda<'a>> + use<'f, 'a> {
        self.records
            .iter()
            .filter_map(|located| match located.record {
                Record::Addenda(addenda) => Some(addenda),
                _ => None,
            })
    }
}

/// The entries of one batch, each with its addenda.
#[derive(Clone, Debug)]
pub struct Entries<'f, 'a> {
    records: &'f [Located<Record<'a>>],
    index: usize,
}

impl<'f, 'a> Iterator for Entries<'f, 'a> {
    type Item = Group<'f, 'a>;

    fn next(&mut self) -> Option<Group<'f, 'a>> {
        loop {
            let (first, rest) = self.records.split_first()?;
            let index = self.index;
            self.records = rest;
            self.index = index.saturating_add(1);
            if let Record::Entry(entry) = first.record {
                let length = rest
                    .iter()
                    .position(|located| ends_group(located.record))
                    .unwrap_or(rest.len());
                let (addenda, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                self.records = rest;
                self.index = self.index.saturating_add(length);
                return Some(Group {
                    entry,
                    index,
                    records: addenda,
                });
            }
        }
    }
}

/// A damaged line may have been an entry: what follows it must not be given to the entry before it. Only one that opens
/// like an addenda can stay inside.
fn ends_group(record: Record<'_>) -> bool {
    match record {
        Record::Addenda(_) | Record::Blank(_) => false,
        Record::Damaged(line) => line.bytes().first() != Some(&b'7'),
        _ => true,
    }
}

impl<'a> File<'a> {
    /// Entries of one of this file's batches.
    pub fn entries<'f>(&'f self, batch: &Batch<'a>) -> Entries<'f, 'a> {
        let records = self.records.get(batch.records.clone()).unwrap_or_default();
        Entries {
            records,
            index: batch.records.start,
        }
    }
}

/// Reads any bytes. Nothing is refused: what is not as it should be is in [`File::problems`], and stays in
/// [`File::records`] as it stands.
///
/// ```
/// let file = wire_nacha::read(b"{\"fileHeader\":{}}");
/// assert_eq!(file.problems[0].code.as_str(), "not-nacha");
/// ```
pub fn read(input: &[u8]) -> File<'_> {
    let byte_order_mark = input.starts_with(BYTE_ORDER_MARK);
    let start = if byte_order_mark {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    let framing = Framing {
        byte_order_mark,
        ending: Ending::None,
        mixed: false,
    };
    let mut reader = Reader::new(input, framing);
    if byte_order_mark {
        let span = Span {
            start: 0,
            end: start,
        };
        reader.problems.push(
            Code::ByteOrderMark,
            Severity::Warning,
            span,
            "a record",
            "a UTF-8 byte order mark",
        );
    }
    let body = input.get(start..).unwrap_or_default();
    if let Some(found) = foreign(body) {
        reader.not_nacha(body, start, found);
        return reader.finish_unread();
    }
    let mut lines = Lines::new(input, start);
    while let Some(line) = lines.next() {
        reader.line(line);
        if reader.problems.are_beyond_reading() {
            reader.leave_unread(lines.offset());
            break;
        }
    }
    reader.finish()
}

/// The first bytes when this is no ACH file at all: it opens like JSON, RTF, XML, PDF or an archive, or its first line
/// has neither a record's type nor a record's length.
fn foreign(body: &[u8]) -> Option<&[u8]> {
    let first_line = Lines::new(body, 0).find(|line| !line.blank)?;
    let text = first_line.bytes.trim_ascii_start();
    let opening = text.get(..16).unwrap_or(text);
    match text.first()? {
        b'{' | b'[' | b'<' | b'%' => Some(opening),
        0x1f if text.starts_with(b"\x1f\x8b") => Some(opening),
        b'P' if text.starts_with(b"PK\x03\x04") => Some(opening),
        b'1' | b'5'..=b'9' => None,
        _ if first_line.length().0 == RECORD_LENGTH => None,
        _ => Some(opening),
    }
}

struct Reader<'a> {
    input: &'a [u8],
    file: File<'a>,
    problems: Problems,
    open: Option<Batch<'a>>,
    /// An entry is open for addenda.
    entry_open: bool,
    /// Some batch was of accounting advices, so the file control is too.
    advices: bool,
    control_seen: bool,
}

impl<'a> Reader<'a> {
    fn new(input: &'a [u8], framing: Framing) -> Reader<'a> {
        // One delimiter a record is usual; without, the vector grows once.
        let records = Vec::with_capacity(
            input
                .len()
                .checked_div(RECORD_LENGTH)
                .unwrap_or(0)
                .saturating_add(1),
        );
        let (batches, problems) = (Vec::new(), Vec::new());
        let file = File {
            records,
            batches,
            header: None,
            control: None,
            problems,
            framing,
        };
        let problems = Problems::new(Vec::new());
        Reader {
            input,
            file,
            problems,
            open: None,
            entry_open: false,
            advices: false,
            control_seen: false,
        }
    }

    fn end(&self) -> Span {
        Span {
            start: self.input.len(),
            end: self.input.len(),
        }
    }

    fn not_nacha(&mut self, body: &'a [u8], start: usize, found: &[u8]) {
        let line = Line::new(body, start, Measure::Bytes);
        self.file.records = Vec::from([Located {
            record: Record::Damaged(line),
            ending: Ending::None,
        }]);
        let expected = "a record type (1, 5, 6, 7, 8 or 9)";
        self.problems.push(
            Code::NotNacha,
            Severity::Fatal,
            line.span(),
            expected,
            Quoted(found),
        );
    }

    /// The rest as one line: millions of one-byte lines must not become millions of records.
    fn leave_unread(&mut self, start: usize) {
        let rest = self.input.get(start..).unwrap_or_default();
        if !rest.is_empty() {
            let record = Record::Damaged(Line::new(rest, start, Measure::Bytes));
            self.file.records.push(Located {
                record,
                ending: Ending::None,
            });
        }
    }

    fn finish_unread(mut self) -> File<'a> {
        self.file.problems = self.problems.into_list();
        self.file
    }

    fn line(&mut self, raw: RawLine<'a>) {
        self.note_ending(raw);
        let record = self.classify(raw);
        self.file.records.push(Located {
            record,
            ending: raw.ending,
        });
        self.place(record);
    }

    fn note_ending(&mut self, raw: RawLine<'a>) {
        if self.file.records.is_empty() {
            self.file.framing.ending = raw.ending;
            return;
        }
        let end = raw.span().end;
        let last = end.saturating_add(raw.ending.bytes().len()) >= self.input.len();
        let differs = raw.ending != self.file.framing.ending
            && !raw.blank
            && !(last && raw.ending == Ending::None);
        // An undelimited file may still end its one long line.
        let closes = self.file.framing.ending == Ending::None && last;
        if differs && !closes && !self.file.framing.mixed {
            self.file.framing.mixed = true;
            let span = Span {
                start: end,
                end: end.saturating_add(raw.ending.bytes().len()),
            };
            let (expected, found) = (self.file.framing.ending.bytes(), raw.ending.bytes());
            self.problems.push(
                Code::MixedLineEnds,
                Severity::Warning,
                span,
                Quoted(expected),
                Quoted(found),
            );
        }
    }

    /// What the line is, by its first character and its length.
    fn classify(&mut self, raw: RawLine<'a>) -> Record<'a> {
        let (length, measure) = raw.length();
        let line = Line::new(raw.bytes, raw.start, measure);
        if raw.blank {
            return Record::Blank(line);
        }
        let kind = raw.bytes.first().copied().unwrap_or_default();
        let form = self
            .open
            .as_ref()
            .map_or(Form::Standard, |batch| batch.form);
        if kind == b'9' && self.is_fill(raw) {
            return Record::Fill(line);
        }
        let file_form = if self.advices {
            Form::Advice
        } else {
            Form::Standard
        };
        let shortest = match kind {
            // Up to the format code; names and reference may be blank, hence trimmed.
            b'1' => 40,
            // Up to the total credit; reserved after that.
            b'9' if self.advices => 71,
            b'9' => 55,
            // These end in a number that is never blank.
            _ => RECORD_LENGTH,
        };
        if length < shortest || length > RECORD_LENGTH {
            self.problems.push(
                Code::RecordLength,
                Severity::Fatal,
                raw.span(),
                RECORD_LENGTH,
                length,
            );
            return Record::Damaged(line);
        }
        if raw.bytes.len() != RECORD_LENGTH && measure == Measure::Bytes {
            let found = raw.bytes.len();
            self.problems.push(
                Code::RecordBlanks,
                Severity::Warning,
                raw.span(),
                RECORD_LENGTH,
                found,
            );
        }
        match kind {
            b'1' => Record::FileHeader(FileHeader::of(line)),
            b'5' => Record::BatchHeader(BatchHeader::of(line)),
            b'6' => Record::Entry(Entry::of(line, form)),
            b'7' => Record::Addenda(Addenda::of(line, form)),
            b'8' => Record::BatchControl(BatchControl::of(line, form)),
            b'9' => Record::FileControl(FileControl::of(line, file_form)),
            _ => {
                let found = raw.bytes.get(..1).unwrap_or_default();
                let expected = "1, 5, 6, 7, 8 or 9";
                self.problems.push(
                    Code::RecordType,
                    Severity::Record,
                    raw.span(),
                    expected,
                    Quoted(found),
                );
                Record::Damaged(line)
            }
        }
    }

    fn is_fill(&mut self, raw: RawLine<'a>) -> bool {
        let text = raw.bytes.trim_ascii_end();
        let nines = text.iter().filter(|byte| **byte == b'9').count();
        if nines == text.len() && nines == RECORD_LENGTH {
            return true;
        }
        // No control total has this many nines: counts and sums of a real file leave zeros and blanks.
        let fill = nines == text.len() && nines > 1 || nines > 70;
        if fill {
            let found = Quoted(text);
            self.problems.push(
                Code::FillContent,
                Severity::Warning,
                raw.span(),
                "94 nines",
                found,
            );
        }
        fill
    }

    fn place(&mut self, record: Record<'a>) {
        let stray = !matches!(
            record,
            Record::Fill(_) | Record::Blank(_) | Record::FileControl(_)
        );
        if self.control_seen && stray {
            let line = record.line();
            let code = Code::RecordAfterFileControl;
            let found = Quoted(line.bytes());
            self.problems
                .push(code, Severity::Fatal, line.span(), "only fill", found);
        }
        match record {
            Record::FileHeader(header) => self.file_header(header),
            Record::BatchHeader(header) => self.batch_header(header),
            Record::Entry(entry) => self.entry(entry),
            Record::Addenda(addenda) => self.addenda(addenda),
            Record::BatchControl(control) => self.batch_control(control),
            Record::FileControl(control) => self.file_control(control),
            Record::Damaged(_) => self.entry_open &= !ends_group(record),
            Record::Fill(_) | Record::Blank(_) => {}
        }
    }

    fn file_header(&mut self, header: FileHeader<'a>) {
        self.close_batch(None);
        if self.file.header.is_some() {
            let span = header.line().span();
            self.problems.push(
                Code::FileHeaderRepeated,
                Severity::Fatal,
                span,
                "one",
                "another",
            );
        } else {
            self.file.header = Some(header);
        }
    }

    fn batch_header(&mut self, header: BatchHeader<'a>) {
        self.close_batch(None);
        let form = header.form();
        self.advices |= form == Form::Advice;
        let next = self.file.records.len();
        self.open = Some(Batch {
            header: Some(header),
            control: None,
            form,
            records: next..next,
        });
    }

    /// The batch that entries outside any batch belong to: operators' extracts leave headers out.
    fn open_headless(&mut self, line: Line<'a>) {
        if self.open.is_none() {
            let at = self.file.records.len().saturating_sub(1);
            self.open = Some(Batch {
                header: None,
                control: None,
                form: Form::Standard,
                records: at..at,
            });
            let severity = self.severity_of_absence();
            let found = Quoted(line.bytes().get(..1).unwrap_or_default());
            self.problems.push(
                Code::BatchHeaderMissing,
                severity,
                line.span(),
                "record type 5",
                found,
            );
        }
    }

    /// Extracts come without file records; their batches' gaps are how they are made, not a sign of damage.
    fn severity_of_absence(&self) -> Severity {
        if self.file.header.is_some() {
            Severity::Fatal
        } else {
            Severity::Warning
        }
    }

    fn entry(&mut self, entry: Entry<'a>) {
        self.open_headless(entry.line());
        self.entry_open = true;
    }

    fn addenda(&mut self, addenda: Addenda<'a>) {
        let line = addenda.line();
        self.open_headless(line);
        if !self.entry_open {
            let found = Quoted(line.bytes().get(..3).unwrap_or_default());
            self.problems.push(
                Code::AddendaOutsideEntry,
                Severity::Record,
                line.span(),
                "an entry before it",
                found,
            );
        }
    }

    fn batch_control(&mut self, control: BatchControl<'a>) {
        self.open_headless(control.line());
        self.close_batch(Some(control));
    }

    fn file_control(&mut self, control: FileControl<'a>) {
        self.close_batch(None);
        if self.control_seen {
            let span = control.line().span();
            self.problems.push(
                Code::FileControlRepeated,
                Severity::Fatal,
                span,
                "one",
                "another",
            );
        } else {
            self.file.control = Some(control);
            self.control_seen = true;
        }
    }

    /// Ends the open batch before the record just pushed (or at the end of the input).
    fn close_batch(&mut self, control: Option<BatchControl<'a>>) {
        self.entry_open = false;
        let Some(mut batch) = self.open.take() else {
            return;
        };
        let last = self.file.records.len().saturating_sub(1);
        batch.records.end = last.max(batch.records.start);
        batch.control = control;
        if batch.control.is_none() {
            let at = self
                .file
                .records
                .get(last)
                .map_or_else(|| self.end(), |located| located.span());
            let severity = self.severity_of_absence();
            let span = Span {
                start: at.start,
                end: at.start,
            };
            self.problems.push(
                Code::BatchControlMissing,
                severity,
                span,
                "record type 8",
                "none",
            );
        }
        self.file.batches.push(batch);
    }

    fn finish(mut self) -> File<'a> {
        if let Some(batch) = self.open.take() {
            let (end, at) = (self.file.records.len(), self.end());
            self.file.batches.push(Batch {
                records: batch.records.start..end,
                ..batch
            });
            let severity = self.severity_of_absence();
            self.problems.push(
                Code::BatchControlMissing,
                severity,
                at,
                "record type 8",
                "the end of the file",
            );
        }
        self.note_file_records();
        self.file.problems = self.problems.into_list();
        self.file
    }

    fn note_file_records(&mut self) {
        let (start, end) = (Span { start: 0, end: 0 }, self.end());
        if is_blank_file(&self.file.records) {
            self.problems.push(
                Code::EmptyFile,
                Severity::Fatal,
                start,
                "a file header",
                "nothing",
            );
            return;
        }
        let (header, control) = (self.file.header.is_some(), self.file.control.is_some());
        if !header {
            let span = self.file.records.first().map_or(start, Located::span);
            self.problems.push(
                Code::FileHeaderMissing,
                Severity::Warning,
                span,
                "record type 1",
                "none",
            );
        }
        if !control {
            // With a header and no control the end was cut off; with neither it is an extract.
            let severity = if header {
                Severity::Fatal
            } else {
                Severity::Warning
            };
            self.problems.push(
                Code::FileControlMissing,
                severity,
                end,
                "record type 9",
                "the end of the file",
            );
        }
    }
}

fn is_blank_file(records: &[Located<Record<'_>>]) -> bool {
    records
        .iter()
        .all(|located| matches!(located.record, Record::Blank(_)))
}
