//! Record type 6 in its four layouts.

use crate::column::{Field, Line};
use crate::record::record;

/// Which way the money goes for the receiver's account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Credit,
    Debit,
}

/// Direction of a transaction code; `None` for codes that the rules do not define.
///
/// Tens digit: 2 demand, 3 savings, 4 general ledger, 5 loan. Units: 1 return or NOC of a credit, 2 credit, 3 its
/// prenotification, 4 zero-dollar credit; 6 return or NOC of a debit, 7 debit, 8 prenotification, 9 zero-dollar debit.
/// Loans have only 55 (debit, reversals) and 56 (its return). 81-88 are advices: odd for credits, even for debits.
pub fn direction(transaction_code: u64) -> Option<Direction> {
    match transaction_code {
        21..=24 | 31..=34 | 41..=44 | 51..=54 | 81 | 83 | 85 | 87 => Some(Direction::Credit),
        26..=29 | 36..=39 | 46..=49 | 55 | 56 | 82 | 84 | 86 | 88 => Some(Direction::Debit),
        _ => None,
    }
}

/// The layout of a batch's entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Standard,
    /// ATX, CTX, ENR, TRX: a count of addenda and a shorter name.
    Corporate,
    International,
    /// ADV: the operator's own accounting advices.
    Advice,
}

impl Form {
    pub(crate) fn of_sec(sec: &[u8]) -> Form {
        match sec {
            b"ATX" | b"CTX" | b"ENR" | b"TRX" => Form::Corporate,
            b"IAT" => Form::International,
            b"ADV" => Form::Advice,
            _ => Form::Standard,
        }
    }
}

record! {
    /// ACK, ARC, BOC, CCD, CIE, COR, DNE, MTE, POP, POS, PPD, RCK, SHR, TEL, TRC, WEB, XCK.
    StandardEntry, StandardEntryDraft {
        record_type: 1 - 1 literal "6",
        transaction_code: 2 - 3 numeric,
        rdfi: 4 - 11 numeric,
        check_digit: 12 - 12 numeric,
        account: 13 - 29 text,
        /// Cents.
        amount: 30 - 39 numeric,
        /// Identification number; check serial number in ARC, BOC, RCK, XCK; in POP serial 40-48, city 49-52, state
        /// 53-54; in SHR card expiry 40-43, document 44-54; in CIE the individual's name; original trace in ACK.
        individual_id: 40 - 54 text,
        /// Receiver's name; in CIE its identification number; in SHR the card account.
        individual_name: 55 - 76 text,
        discretionary: 77 - 78 text,
        /// 1 when addenda follow, otherwise 0.
        addenda_indicator: 79 - 79 numeric,
        /// First eight digits of the routing number of whoever originated this entry (of a return: the returning
        /// bank), then a sequence of seven.
        trace: 80 - 94 numeric,
    }
}

record! {
    /// ATX, CTX, ENR, TRX.
    CorporateEntry, CorporateEntryDraft {
        record_type: 1 - 1 literal "6",
        transaction_code: 2 - 3 numeric,
        rdfi: 4 - 11 numeric,
        check_digit: 12 - 12 numeric,
        account: 13 - 29 text,
        /// Cents. In TRX the total of the items, in ENR zero.
        amount: 30 - 39 numeric,
        /// Identification number; original entry's trace in ATX.
        individual_id: 40 - 54 text,
        addenda_count: 55 - 58 numeric,
        individual_name: 59 - 74 text,
        reserved: 75 - 76 text,
        discretionary: 77 - 78 text,
        addenda_indicator: 79 - 79 numeric,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// IAT: names and addresses are in its addenda.
    IatEntry, IatEntryDraft {
        record_type: 1 - 1 literal "6",
        transaction_code: 2 - 3 numeric,
        rdfi: 4 - 11 numeric,
        check_digit: 12 - 12 numeric,
        addenda_count: 13 - 16 numeric,
        reserved: 17 - 29 text,
        /// US cents.
        amount: 30 - 39 numeric,
        account: 40 - 74 text,
        reserved_2: 75 - 76 text,
        /// Result of the gateway's sanctions screening: 0 clear, 1 a potential match.
        ofac_indicator: 77 - 77 text,
        secondary_ofac_indicator: 78 - 78 text,
        addenda_indicator: 79 - 79 numeric,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// ADV. It has no trace number; `sequence` numbers it within its batch.
    AdvEntry, AdvEntryDraft {
        record_type: 1 - 1 literal "6",
        transaction_code: 2 - 3 numeric,
        rdfi: 4 - 11 numeric,
        check_digit: 12 - 12 numeric,
        account: 13 - 27 text,
        /// Cents.
        amount: 28 - 39 numeric,
        advice_routing_number: 40 - 48 numeric,
        file_id: 49 - 53 text,
        operator_data: 54 - 54 text,
        individual_name: 55 - 76 text,
        discretionary: 77 - 78 text,
        addenda_indicator: 79 - 79 numeric,
        operator_routing_number: 80 - 87 numeric,
        /// Day of the year on which the advice was made.
        created_on: 88 - 90 numeric,
        sequence: 91 - 94 numeric,
    }
}

/// An entry of any layout, with the columns all have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry<'a> {
    Standard(StandardEntry<'a>),
    Corporate(CorporateEntry<'a>),
    International(IatEntry<'a>),
    Advice(AdvEntry<'a>),
}

impl<'a> Entry<'a> {
    pub fn of(line: Line<'a>, form: Form) -> Entry<'a> {
        match form {
            Form::Standard => Entry::Standard(StandardEntry::of(line)),
            Form::Corporate => Entry::Corporate(CorporateEntry::of(line)),
            Form::International => Entry::International(IatEntry::of(line)),
            Form::Advice => Entry::Advice(AdvEntry::of(line)),
        }
    }

    #[inline]
    pub fn line(self) -> Line<'a> {
        match self {
            Entry::Standard(entry) => entry.line(),
            Entry::Corporate(entry) => entry.line(),
            Entry::International(entry) => entry.line(),
            Entry::Advice(entry) => entry.line(),
        }
    }

    // Type, transaction code, RDFI, check digit and indicator sit at the same positions in all layouts.
    #[inline]
    fn common(self) -> StandardEntry<'a> {
        StandardEntry::of(self.line())
    }

    #[inline]
    pub fn transaction_code(self) -> Field<'a> {
        self.common().transaction_code()
    }

    #[inline]
    pub fn rdfi(self) -> Field<'a> {
        self.common().rdfi()
    }

    #[inline]
    pub fn check_digit(self) -> Field<'a> {
        self.common().check_digit()
    }

    pub fn account(self) -> Field<'a> {
        match self {
            Entry::International(entry) => entry.account(),
            Entry::Advice(entry) => entry.account(),
            Entry::Standard(_) | Entry::Corporate(_) => self.common().account(),
        }
    }

    /// Cents, never signed; [`Entry::direction`] says which way.
    #[inline]
    pub fn amount(self) -> Field<'a> {
        match self {
            Entry::Advice(entry) => entry.amount(),
            Entry::Standard(_) | Entry::Corporate(_) | Entry::International(_) => {
                self.common().amount()
            }
        }
    }

    /// `None` in IAT (addenda 15 has it) and ADV.
    pub fn individual_id(self) -> Option<Field<'a>> {
        match self {
            Entry::Standard(entry) => Some(entry.individual_id()),
            Entry::Corporate(entry) => Some(entry.individual_id()),
            Entry::International(_) | Entry::Advice(_) => None,
        }
    }

    /// `None` in IAT (addenda 10 has it).
    pub fn individual_name(self) -> Option<Field<'a>> {
        match self {
            Entry::Standard(entry) => Some(entry.individual_name()),
            Entry::Corporate(entry) => Some(entry.individual_name()),
            Entry::Advice(entry) => Some(entry.individual_name()),
            Entry::International(_) => None,
        }
    }

    #[inline]
    pub fn addenda_indicator(self) -> Field<'a> {
        self.common().addenda_indicator()
    }

    /// How many addenda the entry says follow; only corporate and IAT layouts say.
    pub fn addenda_count(self) -> Option<Field<'a>> {
        match self {
            Entry::Corporate(entry) => Some(entry.addenda_count()),
            Entry::International(entry) => Some(entry.addenda_count()),
            Entry::Standard(_) | Entry::Advice(_) => None,
        }
    }

    /// `None` in ADV, whose entries have no trace number.
    #[inline]
    pub fn trace(self) -> Option<Field<'a>> {
        match self {
            Entry::Advice(_) => None,
            Entry::Standard(_) | Entry::Corporate(_) | Entry::International(_) => {
                Some(self.common().trace())
            }
        }
    }

    /// `None` when the transaction code is not one the rules define.
    #[inline]
    pub fn direction(self) -> Option<Direction> {
        self.transaction_code().number().and_then(direction)
    }
}
