//! One entry and its addenda.

use crate::addenda::Addenda;
use crate::column::Field;
use crate::entry::{Direction, Entry, Form};
use crate::number::check_digit;
use crate::problem::{Code, Quoted, Severity};
use crate::read::Group;
use crate::verify::Checks;

/// What the batch header says about its entries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) form: Form,
    /// `None` without a header.
    pub(crate) odfi: Option<&'a [u8]>,
}

/// What a batch has shown so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) credit: bool,
    pub(crate) debit: bool,
    pub(crate) last_trace: Option<u64>,
}

impl Checks {
    /// RDFI and amount, zero when they are not numbers.
    pub(crate) fn entry_numbers(&mut self, entry: Entry<'_>) -> (u64, u64) {
        let (rdfi, amount) = (self.number(entry.rdfi()), self.number(entry.amount()));
        if let Some(trace) = entry.trace() {
            self.number(trace);
        }
        (rdfi, amount)
    }

    fn number(&mut self, field: Field<'_>) -> u64 {
        field.number().unwrap_or_else(|| {
            self.doubt(
                Code::FieldNumeric,
                field,
                format_args!("{} in digits", field.column().name),
            );
            0
        })
    }

    pub(crate) fn entry(&mut self, entry: Entry<'_>) -> Option<Direction> {
        let rdfi = entry.rdfi();
        if let Some(digit) = check_digit(rdfi.bytes()) {
            let found = entry.check_digit();
            if found.number() != Some(u64::from(digit)) {
                self.doubt(Code::CheckDigit, found, digit);
            }
        }
        let direction = entry.direction();
        if direction.is_none() {
            self.doubt(
                Code::TransactionCode,
                entry.transaction_code(),
                "a code with a direction (21-56, 81-88)",
            );
        }
        direction
    }

    /// Day of the year: blank or zero until the operator puts it in.
    pub(crate) fn day_of_year(&mut self, field: Field<'_>) {
        if !field.is_blank() && field.number() != Some(0) && field.day_of_year().is_none() {
            self.warn(Code::FieldDate, field, "day of the year, 001-366");
        }
    }

    pub(crate) fn addenda(&mut self, group: Group<'_, '_>, context: Context<'_>) {
        let indicator = group.entry.addenda_indicator();
        let mut count: u64 = 0;
        let mut iat_types: u8 = 0;
        let mut answered = false;
        for addenda in group.addenda() {
            count = count.saturating_add(1);
            iat_types |= iat_bit(addenda);
            answered |= addenda.code().is_some();
            self.one_addenda(addenda, group.entry);
        }
        let expected = if count == 0 { b"0" } else { b"1" };
        if indicator.bytes() != expected {
            let expected = format_args!("{} with {count} addenda", expected.escape_ascii());
            self.problems.push(
                Code::AddendaIndicator,
                Severity::Warning,
                indicator.span(),
                expected,
                Quoted(indicator.bytes()),
            );
        }
        // A return or notice may leave the forward entry's addenda out, and with them the count.
        if answered {
            return;
        }
        if let Some(said) = group.entry.addenda_count() {
            let fits = match context.form {
                // Writers disagree on whether the optional 17 and 18 count.
                Form::International => said
                    .number()
                    .is_some_and(|said| (count.min(7)..=count).contains(&said)),
                Form::Standard | Form::Corporate | Form::Advice => said.number() == Some(count),
            };
            if !fits {
                self.warn(Code::AddendaCount, said, count);
            }
        }
        if context.form == Form::International && iat_types != IAT_MANDATORY {
            let span = group.entry.line().span();
            let found = format_args!("{} of 7", iat_types.count_ones());
            self.problems.push(
                Code::IatAddendaMissing,
                Severity::Warning,
                span,
                "types 10 to 16",
                found,
            );
        }
    }

    fn one_addenda(&mut self, addenda: Addenda<'_>, entry: Entry<'_>) {
        match addenda {
            Addenda::Return(it) => self.date_of_death(it.date_of_death()),
            Addenda::IatReturn(it) => {
                self.date_of_death(it.date_of_death());
                self.warn_unless_digits(it.original_amount());
            }
            Addenda::Dishonored(it) => {
                self.warn_unless_digits(it.return_trace());
                self.warn_unless_digits(it.return_code());
                self.day_of_year(it.return_settled_on());
            }
            Addenda::Contested(it) => {
                for field in [
                    it.return_trace(),
                    it.return_code(),
                    it.dishonored_trace(),
                    it.dishonored_code(),
                ] {
                    self.warn_unless_digits(field);
                }
                for field in [
                    it.original_settled_on(),
                    it.return_settled_on(),
                    it.dishonored_settled_on(),
                ] {
                    self.day_of_year(field);
                }
            }
            Addenda::Other(_) => self.warn(
                Code::AddendaType,
                addenda.addenda_type(),
                "02, 05, 10-18, 98 or 99",
            ),
            _ => {}
        }
        if let Some(code) = addenda.code() {
            self.code(code);
        }
        if let Some(trace) = addenda.original_trace() {
            self.number(trace);
        }
        self.addenda_trace(addenda, entry);
    }

    fn warn_unless_digits(&mut self, field: Field<'_>) {
        if field.number().is_none() {
            self.warn(
                Code::FieldNumeric,
                field,
                format_args!("{} in digits", field.column().name),
            );
        }
    }

    fn date_of_death(&mut self, field: Field<'_>) {
        if !field.is_blank() && field.bytes() != b"000000" && field.date().is_none() {
            self.warn(Code::FieldDate, field, "YYMMDD");
        }
    }

    /// The codes published so far. One that is not among them is new, or a mistake: kept and noted.
    fn code(&mut self, code: Field<'_>) {
        let known = match code.bytes() {
            [b'R', tens, units] => known_return(*tens, *units),
            [b'C', tens, units] => known_change(*tens, *units),
            _ => false,
        };
        if !known && code.column().name == "change_code" {
            self.warn(Code::ChangeCode, code, "a published change code");
        } else if !known {
            self.warn(Code::ReturnCode, code, "a published return code");
        }
    }

    fn addenda_trace(&mut self, addenda: Addenda<'_>, entry: Entry<'_>) {
        let Some(trace) = entry.trace() else { return };
        let sequence = trace.bytes().get(8..).unwrap_or_default();
        let (said, expected) = match (addenda.trace(), addenda.entry_sequence()) {
            (Some(said), _) => (said, trace.bytes()),
            (None, Some(said)) => (said, sequence),
            (None, None) => return,
        };
        if said.bytes() != expected {
            self.warn(Code::AddendaTrace, said, Quoted(expected));
        }
    }

    /// Forward entries ascend within a batch; returns come in whatever order the bank worked in.
    pub(crate) fn trace(&mut self, group: Group<'_, '_>, context: Context<'_>, seen: &mut Seen) {
        let Some(trace) = group.entry.trace() else {
            return;
        };
        let Some(number) = trace.number() else { return };
        if let Some(odfi) = context.odfi
            && trace.bytes().get(..8) != Some(odfi)
        {
            self.warn(
                Code::TraceOdfi,
                trace,
                format_args!("{} first", Quoted(odfi)),
            );
        }
        let answered = group.addenda().any(|addenda| addenda.code().is_some());
        if let Some(last) = seen.last_trace
            && number <= last
            && !answered
        {
            self.warn(Code::TraceOrder, trace, format_args!("above {last:015}"));
        }
        seen.last_trace = Some(number);
    }
}

/// One bit for each of the types 10 to 16.
const IAT_MANDATORY: u8 = 0b0111_1111;

fn iat_bit(addenda: Addenda<'_>) -> u8 {
    match addenda {
        Addenda::Iat10(_) => 1,
        Addenda::Iat11(_) => 1 << 1,
        Addenda::Iat12(_) => 1 << 2,
        Addenda::Iat13(_) => 1 << 3,
        Addenda::Iat14(_) => 1 << 4,
        Addenda::Iat15(_) => 1 << 5,
        Addenda::Iat16(_) => 1 << 6,
        _ => 0,
    }
}

/// R01-R47, R50-R53, R61, R62, R67-R77, R80-R85, R90.
/// Unverified: taken from a public open-source table, not from the rule book.
fn known_return(tens: u8, units: u8) -> bool {
    match tens {
        b'0' => units.is_ascii_digit() && units != b'0',
        b'1'..=b'3' => units.is_ascii_digit(),
        b'4' => (b'0'..=b'7').contains(&units),
        b'5' => (b'0'..=b'3').contains(&units),
        b'6' => matches!(units, b'1' | b'2' | b'7'..=b'9'),
        b'7' => (b'0'..=b'7').contains(&units),
        b'8' => (b'0'..=b'5').contains(&units),
        b'9' => units == b'0',
        _ => false,
    }
}

/// C01-C09, C13, C14, C61-C69. C10-C12 were retired.
/// Unverified: taken from a public open-source table, not from the rule book.
fn known_change(tens: u8, units: u8) -> bool {
    match tens {
        b'0' => units.is_ascii_digit() && units != b'0',
        b'1' => matches!(units, b'3' | b'4'),
        b'6' => units.is_ascii_digit() && units != b'0',
        _ => false,
    }
}
