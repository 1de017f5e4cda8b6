//! One batch: its header, its control, and what its entries add up to.

use crate::batch_header::BatchHeader;
use crate::control::BatchControl;
use crate::entry::{Direction, Form};
use crate::problem::{Code, Severity};
use crate::read::{Batch, File, Group};
use crate::record::Record;
use crate::verify::entry::{Context, Seen};
use crate::verify::{Checks, Tally};

impl Checks {
    pub(crate) fn batch(&mut self, file: &File<'_>, batch: &Batch<'_>) -> Tally {
        if let Some(header) = batch.header {
            self.batch_header(header, batch.form);
        }
        let tally = self.entries(file, batch);
        if let Some(control) = batch.control {
            self.figure(
                Code::BatchEntryCount,
                control.entry_addenda_count(),
                tally.entry_addenda,
            );
            self.figure(Code::BatchEntryHash, control.entry_hash(), tally.cut_hash());
            self.figure(Code::BatchTotalDebit, control.total_debit(), tally.debit);
            self.figure(Code::BatchTotalCredit, control.total_credit(), tally.credit);
            if let Some(header) = batch.header {
                self.control_of(header, control);
            }
        }
        tally
    }

    fn entries(&mut self, file: &File<'_>, batch: &Batch<'_>) -> Tally {
        let mut tally = Tally::default();
        let mut seen = Seen::default();
        let context = Context {
            form: batch.form,
            odfi: batch.header.map(|header| header.odfi().bytes()),
        };
        for group in file.entries(batch) {
            tally.add(self.group(group, context, &mut seen));
        }
        let records = file.records.get(batch.records.clone()).unwrap_or_default();
        let counted = records
            .iter()
            .filter(|it| matches!(it.record, Record::Entry(_) | Record::Addenda(_)))
            .count();
        tally.entry_addenda = u64::try_from(counted).expect("a length fits 64 bits");
        if let Some(header) = batch.header {
            self.service_class(header, seen);
            self.sec_direction(header, seen);
            if counted == 0 {
                let span = header.line().span();
                self.problems.push(
                    Code::BatchEmpty,
                    Severity::Warning,
                    span,
                    "at least one entry",
                    "none",
                );
            }
        }
        tally
    }

    fn group(&mut self, group: Group<'_, '_>, context: Context<'_>, seen: &mut Seen) -> Tally {
        let entry = group.entry;
        let (rdfi, amount) = self.entry_numbers(entry);
        let direction = self.entry(entry);
        self.addenda(group, context);
        self.trace(group, context, seen);
        let mut tally = Tally {
            hash: rdfi,
            ..Tally::default()
        };
        match direction {
            Some(Direction::Credit) => (tally.credit, seen.credit) = (amount, true),
            Some(Direction::Debit) => (tally.debit, seen.debit) = (amount, true),
            None => {}
        }
        tally
    }

    fn batch_header(&mut self, header: BatchHeader<'_>, form: Form) {
        for field in [header.sec(), header.odfi()] {
            if field.is_blank() {
                self.doubt(Code::FieldMissing, field, field.column().name);
            }
        }
        for field in [header.odfi(), header.batch_number()] {
            if field.number().is_none() && !field.is_blank() {
                self.doubt(
                    Code::FieldNumeric,
                    field,
                    format_args!("{} in digits", field.column().name),
                );
            }
        }
        for field in [header.company_id(), header.entry_description()] {
            if field.is_blank() {
                self.warn(Code::FieldMissing, field, field.column().name);
            }
        }
        let effective = header.effective_on();
        // Return batches carry zeros or blanks here.
        if !effective.is_blank() && effective.bytes() != b"000000" && effective.date().is_none() {
            self.warn(Code::FieldDate, effective, "YYMMDD");
        }
        self.day_of_year(header.settled_on());
        let status = header.originator_status();
        // 0 is the operator's own mark, for advices; 1 a depository institution, 2 a federal agency.
        let known = match form {
            Form::Advice => matches!(status.bytes(), b"0"),
            Form::Standard | Form::Corporate | Form::International => {
                matches!(status.bytes(), b"1" | b"2")
            }
        };
        if !known {
            self.warn(
                Code::OriginatorStatus,
                status,
                if form == Form::Advice { "0" } else { "1 or 2" },
            );
        }
    }

    fn service_class(&mut self, header: BatchHeader<'_>, seen: Seen) {
        let class = header.service_class();
        match class.number() {
            Some(200 | 280) => {}
            Some(220) if !seen.debit => {}
            Some(225) if !seen.credit => {}
            Some(220) => self.warn(
                Code::ServiceClass,
                class,
                "200 or 225, the batch has debits",
            ),
            Some(225) => self.warn(
                Code::ServiceClass,
                class,
                "200 or 220, the batch has credits",
            ),
            _ => self.warn(Code::ServiceClass, class, "200, 220, 225 or 280"),
        }
    }

    /// Some classes are debits only; when such a batch is reversed, its reversal is credits only.
    /// Unverified: taken from a public open-source reader's checks, not from the rule book.
    fn sec_direction(&mut self, header: BatchHeader<'_>, seen: Seen) {
        let sec = header.sec();
        if !matches!(
            sec.bytes(),
            b"ARC" | b"BOC" | b"POP" | b"RCK" | b"TEL" | b"TRC" | b"TRX" | b"XCK"
        ) {
            return;
        }
        let reversal = header.entry_description().bytes().starts_with(b"REVERSAL");
        if reversal && seen.debit {
            self.warn(
                Code::SecDirection,
                sec,
                "credits only in a reversal of debits",
            );
        } else if !reversal && seen.credit {
            self.warn(Code::SecDirection, sec, "debits only");
        }
    }

    /// A control that is another batch's: lines were moved or lost.
    fn control_of(&mut self, header: BatchHeader<'_>, control: BatchControl<'_>) {
        let pairs = [
            (
                Code::BatchControlClass,
                header.service_class(),
                control.service_class(),
            ),
            (Code::BatchControlOdfi, header.odfi(), control.odfi()),
            (
                Code::BatchControlNumber,
                header.batch_number(),
                control.batch_number(),
            ),
        ];
        for (code, in_header, in_control) in pairs {
            if in_header.trimmed() != in_control.trimmed() {
                self.doubt(code, in_control, crate::problem::Quoted(in_header.bytes()));
            }
        }
        // Processors leave it blank or rewrite it; nothing rests on it.
        if let Some(company) = control.company_id()
            && !company.is_blank()
            && company.trimmed() != header.company_id().trimmed()
        {
            self.warn(
                Code::BatchControlCompany,
                company,
                crate::problem::Quoted(header.company_id().bytes()),
            );
        }
    }

    /// Returns this batch's number when it has one.
    pub(crate) fn batch_number_order(
        &mut self,
        header: BatchHeader<'_>,
        last: Option<u64>,
    ) -> Option<u64> {
        let number = header.batch_number().number();
        if let (Some(last), Some(number)) = (last, number)
            && number <= last
        {
            self.warn(
                Code::BatchNumberOrder,
                header.batch_number(),
                format_args!("above {last}"),
            );
        }
        number
    }
}
