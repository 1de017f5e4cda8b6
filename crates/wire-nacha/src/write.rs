//! Bytes from a file that was read, and a whole file from rendered records.

use alloc::vec::Vec;

use crate::batch_header::BatchHeader;
use crate::column::{Line, RECORD_LENGTH};
use crate::control::{AdvBatchControl, AdvFileControl, StandardBatchControl, StandardFileControl};
use crate::draft::DraftFault;
use crate::entry::{Direction, Entry, Form};
use crate::frame::{BYTE_ORDER_MARK, Ending};
use crate::read::File;
use crate::verify::Tally;

/// The bytes that were read, whatever they were.
///
/// ```
/// let bytes = b"101 not much of a file\r\n\r\n9";
/// assert_eq!(wire_nacha::write(&wire_nacha::read(bytes)), bytes);
/// ```
pub fn write(file: &File<'_>) -> Vec<u8> {
    let length = file
        .records
        .iter()
        .map(|located| located.record.line().bytes().len().saturating_add(2))
        .sum();
    let mut bytes = Vec::with_capacity(length);
    if file.framing.byte_order_mark {
        bytes.extend_from_slice(BYTE_ORDER_MARK);
    }
    for located in &file.records {
        bytes.extend_from_slice(located.record.line().bytes());
        bytes.extend_from_slice(located.ending.bytes());
    }
    bytes
}

type Rendered = [u8; RECORD_LENGTH];

/// Puts rendered records together into a file: counts, hashes, totals, controls and fill are worked out here.
///
/// Faults are kept until [`Composer::finish`], so that calls can be chained.
#[derive(Clone, Debug)]
#[must_use]
pub struct Composer {
    bytes: Vec<u8>,
    ending: Ending,
    lines: u64,
    open: Option<(Rendered, Form, Tally)>,
    batches: u64,
    tally: Tally,
    advices: bool,
    fault: Option<DraftFault>,
}

impl Composer {
    /// Starts with a rendered [`crate::FileHeader`].
    pub fn new(header: Rendered, ending: Ending) -> Composer {
        let mut composer = Composer {
            bytes: Vec::new(),
            ending,
            lines: 0,
            open: None,
            batches: 0,
            tally: Tally::default(),
            advices: false,
            fault: None,
        };
        composer.expect_type(&header, b"1");
        composer.line(&header);
        composer
    }

    /// Ends the open batch and opens another with a rendered batch header of either layout.
    pub fn batch(mut self, header: Rendered) -> Composer {
        self.close_batch();
        self.expect_type(&header, b"5");
        let form = BatchHeader::of(Line::alone(&header)).form();
        self.advices |= form == Form::Advice;
        self.line(&header);
        self.open = Some((header, form, Tally::default()));
        self
    }

    /// An entry or an addenda of the open batch.
    pub fn record(mut self, record: Rendered) -> Composer {
        self.expect_type(&record, b"67");
        let Some((_, form, tally)) = &mut self.open else {
            self.fault.get_or_insert(DraftFault::OutOfPlace {
                found: first(&record),
            });
            return self;
        };
        tally.add(tally_of(&record, *form));
        self.line(&record);
        self
    }

    /// Closes the last batch, writes the file control and fills the last block with nines.
    pub fn finish(mut self) -> Result<Vec<u8>, DraftFault> {
        self.close_batch();
        let blocks = self.lines.saturating_add(1).div_ceil(10);
        let tally = self.tally;
        let control = if self.advices {
            AdvFileControl::draft()
                .batch_count(self.batches)
                .block_count(blocks)
                .entry_addenda_count(tally.entry_addenda)
                .entry_hash(tally.cut_hash())
                .total_debit(tally.debit)
                .total_credit(tally.credit)
                .render()
        } else {
            StandardFileControl::draft()
                .batch_count(self.batches)
                .block_count(blocks)
                .entry_addenda_count(tally.entry_addenda)
                .entry_hash(tally.cut_hash())
                .total_debit(tally.debit)
                .total_credit(tally.credit)
                .render()
        };
        self.rendered(control);
        while self.fault.is_none() && !self.lines.is_multiple_of(10) {
            self.line(&[b'9'; RECORD_LENGTH]);
        }
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.bytes),
        }
    }

    fn close_batch(&mut self) {
        let Some((header, form, tally)) = self.open.take() else {
            return;
        };
        let header = BatchHeader::of(Line::alone(&header));
        let control = if form == Form::Advice {
            AdvBatchControl::draft()
                .service_class(header.service_class())
                .entry_addenda_count(tally.entry_addenda)
                .entry_hash(tally.cut_hash())
                .total_debit(tally.debit)
                .total_credit(tally.credit)
                .odfi(header.odfi())
                .batch_number(header.batch_number())
                .render()
        } else {
            StandardBatchControl::draft()
                .service_class(header.service_class())
                .entry_addenda_count(tally.entry_addenda)
                .entry_hash(tally.cut_hash())
                .total_debit(tally.debit)
                .total_credit(tally.credit)
                .company_id(header.company_id())
                .odfi(header.odfi())
                .batch_number(header.batch_number())
                .render()
        };
        self.rendered(control);
        self.batches = self.batches.saturating_add(1);
        self.tally.add(tally);
    }

    fn rendered(&mut self, control: Result<Rendered, DraftFault>) {
        match control {
            Ok(control) => self.line(&control),
            Err(fault) => {
                self.fault.get_or_insert(fault);
            }
        }
    }

    fn expect_type(&mut self, record: &Rendered, types: &[u8]) {
        let found = first(record);
        if !types.contains(&found) {
            self.fault.get_or_insert(DraftFault::OutOfPlace { found });
        }
    }

    fn line(&mut self, record: &Rendered) {
        self.bytes.extend_from_slice(record);
        self.bytes.extend_from_slice(self.ending.bytes());
        self.lines = self.lines.saturating_add(1);
    }
}

fn first(record: &Rendered) -> u8 {
    let [first, ..] = record;
    *first
}

/// What one record adds to its batch's control.
fn tally_of(record: &Rendered, form: Form) -> Tally {
    let mut tally = Tally {
        entry_addenda: 1,
        ..Tally::default()
    };
    if first(record) == b'6' {
        let entry = Entry::of(Line::alone(record), form);
        let amount = entry.amount().number().unwrap_or(0);
        tally.hash = entry.rdfi().number().unwrap_or(0);
        match entry.direction() {
            Some(Direction::Credit) => tally.credit = amount,
            Some(Direction::Debit) => tally.debit = amount,
            None => {}
        }
    }
    tally
}
