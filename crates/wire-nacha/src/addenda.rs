//! Record type 7: which addenda a line is, and the two of domestic payments.

use crate::addenda_iat::{
    IatAddenda10, IatAddenda11, IatAddenda12, IatAddenda13, IatAddenda14, IatAddenda15,
    IatAddenda16, IatAddenda17, IatAddenda18,
};
use crate::addenda_return::{
    ChangeAddenda, ContestedAddenda, DishonoredAddenda, IatReturnAddenda, RefusedChangeAddenda,
    ReturnAddenda,
};
use crate::column::{Field, Line};
use crate::entry::Form;
use crate::record::record;

record! {
    /// 02: the terminal of a POS, SHR or MTE entry.
    TerminalAddenda, TerminalAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "02",
        reference_1: 4 - 10 text,
        reference_2: 11 - 13 text,
        terminal_id: 14 - 19 text,
        serial_number: 20 - 25 text,
        /// MMDD.
        transacted_on: 26 - 29 text,
        authorization: 30 - 35 text,
        location: 36 - 62 text,
        city: 63 - 77 text,
        state: 78 - 79 text,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// 05: payment-related information.
    PaymentAddenda, PaymentAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "05",
        information: 4 - 83 text,
        /// 1 for the entry's first.
        sequence: 84 - 87 numeric,
        /// Last seven digits of the entry's trace.
        entry_sequence: 88 - 94 numeric,
    }
}

/// An addenda of any layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addenda<'a> {
    Terminal(TerminalAddenda<'a>),
    Payment(PaymentAddenda<'a>),
    Iat10(IatAddenda10<'a>),
    Iat11(IatAddenda11<'a>),
    Iat12(IatAddenda12<'a>),
    Iat13(IatAddenda13<'a>),
    Iat14(IatAddenda14<'a>),
    Iat15(IatAddenda15<'a>),
    Iat16(IatAddenda16<'a>),
    Iat17(IatAddenda17<'a>),
    Iat18(IatAddenda18<'a>),
    Change(ChangeAddenda<'a>),
    RefusedChange(RefusedChangeAddenda<'a>),
    Return(ReturnAddenda<'a>),
    IatReturn(IatReturnAddenda<'a>),
    Dishonored(DishonoredAddenda<'a>),
    Contested(ContestedAddenda<'a>),
    /// A type code the rules do not define; only its line is offered.
    Other(Line<'a>),
}

impl<'a> Addenda<'a> {
    /// The layout of a 98 or 99 follows from its own code: C61-C69 refuse a change, R61-R70 dishonor a return, R71-R77
    /// contest that. Any other code, known or not, has the layout of a plain change or return.
    pub fn of(line: Line<'a>, form: Form) -> Addenda<'a> {
        let kind = PaymentAddenda::of(line).addenda_type();
        match kind.bytes() {
            b"02" => Addenda::Terminal(TerminalAddenda::of(line)),
            b"05" => Addenda::Payment(PaymentAddenda::of(line)),
            b"10" => Addenda::Iat10(IatAddenda10::of(line)),
            b"11" => Addenda::Iat11(IatAddenda11::of(line)),
            b"12" => Addenda::Iat12(IatAddenda12::of(line)),
            b"13" => Addenda::Iat13(IatAddenda13::of(line)),
            b"14" => Addenda::Iat14(IatAddenda14::of(line)),
            b"15" => Addenda::Iat15(IatAddenda15::of(line)),
            b"16" => Addenda::Iat16(IatAddenda16::of(line)),
            b"17" => Addenda::Iat17(IatAddenda17::of(line)),
            b"18" => Addenda::Iat18(IatAddenda18::of(line)),
            b"98" => Addenda::change_of(line),
            b"99" => Addenda::return_of(line, form),
            _ => Addenda::Other(line),
        }
    }

    fn change_of(line: Line<'a>) -> Addenda<'a> {
        let change = ChangeAddenda::of(line);
        match change.change_code().bytes() {
            [b'C', b'6', b'1'..=b'9'] => Addenda::RefusedChange(RefusedChangeAddenda::of(line)),
            _ => Addenda::Change(change),
        }
    }

    fn return_of(line: Line<'a>, form: Form) -> Addenda<'a> {
        let plain = ReturnAddenda::of(line);
        match plain.return_code().bytes() {
            [b'R', b'6', b'1'..=b'9'] | [b'R', b'7', b'0'] => {
                Addenda::Dishonored(DishonoredAddenda::of(line))
            }
            [b'R', b'7', b'1'..=b'7'] => Addenda::Contested(ContestedAddenda::of(line)),
            _ if form == Form::International => Addenda::IatReturn(IatReturnAddenda::of(line)),
            _ => Addenda::Return(plain),
        }
    }

    pub fn line(self) -> Line<'a> {
        match self {
            Addenda::Terminal(addenda) => addenda.line(),
            Addenda::Payment(addenda) => addenda.line(),
            Addenda::Iat10(addenda) => addenda.line(),
            Addenda::Iat11(addenda) => addenda.line(),
            Addenda::Iat12(addenda) => addenda.line(),
            Addenda::Iat13(addenda) => addenda.line(),
            Addenda::Iat14(addenda) => addenda.line(),
            Addenda::Iat15(addenda) => addenda.line(),
            Addenda::Iat16(addenda) => addenda.line(),
            Addenda::Iat17(addenda) => addenda.line(),
            Addenda::Iat18(addenda) => addenda.line(),
            Addenda::Change(addenda) => addenda.line(),
            Addenda::RefusedChange(addenda) => addenda.line(),
            Addenda::Return(addenda) => addenda.line(),
            Addenda::IatReturn(addenda) => addenda.line(),
            Addenda::Dishonored(addenda) => addenda.line(),
            Addenda::Contested(addenda) => addenda.line(),
            Addenda::Other(line) => line,
        }
    }

    /// Positions 2-3, the same in every layout.
    pub fn addenda_type(self) -> Field<'a> {
        PaymentAddenda::of(self.line()).addenda_type()
    }

    /// Positions 4-6 of a 98 or 99: the change, refusal, return, dishonor or contest code. `None` for other types.
    pub fn code(self) -> Option<Field<'a>> {
        match self {
            Addenda::Change(addenda) => Some(addenda.change_code()),
            Addenda::RefusedChange(addenda) => Some(addenda.refused_code()),
            Addenda::Return(addenda) => Some(addenda.return_code()),
            Addenda::IatReturn(addenda) => Some(addenda.return_code()),
            Addenda::Dishonored(addenda) => Some(addenda.dishonored_code()),
            Addenda::Contested(addenda) => Some(addenda.contested_code()),
            Addenda::Terminal(_) | Addenda::Payment(_) | Addenda::Other(_) => None,
            Addenda::Iat10(_)
            | Addenda::Iat11(_)
            | Addenda::Iat12(_)
            | Addenda::Iat13(_)
            | Addenda::Iat14(_) => None,
            Addenda::Iat15(_) | Addenda::Iat16(_) | Addenda::Iat17(_) | Addenda::Iat18(_) => None,
        }
    }

    /// Positions 7-21 of a 98 or 99: trace of the entry that was sent in the first place. `None` for other types.
    pub fn original_trace(self) -> Option<Field<'a>> {
        // The position is the same in all six layouts that have a code.
        self.code()
            .map(|_| ReturnAddenda::of(self.line()).original_trace())
    }

    /// Positions 28-35 of a 98 or 99. `None` for other types.
    pub fn original_rdfi(self) -> Option<Field<'a>> {
        self.code()
            .map(|_| ReturnAddenda::of(self.line()).original_rdfi())
    }

    /// Positions 80-94 of a 02, 98 or 99. `None` for other types.
    pub fn trace(self) -> Option<Field<'a>> {
        match self {
            Addenda::Terminal(addenda) => Some(addenda.trace()),
            _ => self.code().map(|_| ReturnAddenda::of(self.line()).trace()),
        }
    }

    /// Positions 88-94 of a 05 or 10-18: last seven digits of the entry's trace. `None` for other types.
    pub fn entry_sequence(self) -> Option<Field<'a>> {
        match self {
            Addenda::Terminal(_) | Addenda::Other(_) => None,
            _ if self.code().is_some() => None,
            _ => Some(PaymentAddenda::of(self.line()).entry_sequence()),
        }
    }
}
