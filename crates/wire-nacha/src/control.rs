//! Record types 8 and 9, and their ADV layouts with 20-digit totals.

use crate::column::{Field, Line};
use crate::entry::Form;
use crate::record::record;

record! {
    /// What the batch must add up to.
    StandardBatchControl, StandardBatchControlDraft {
        record_type: 1 - 1 literal "8",
        service_class: 2 - 4 numeric,
        entry_addenda_count: 5 - 10 numeric,
        /// Sum of the entries' eight-digit RDFI identifications, rightmost ten digits.
        entry_hash: 11 - 20 numeric,
        /// Cents.
        total_debit: 21 - 32 numeric,
        /// Cents.
        total_credit: 33 - 44 numeric,
        company_id: 45 - 54 text,
        message_authentication: 55 - 73 text,
        reserved: 74 - 79 text,
        odfi: 80 - 87 numeric,
        batch_number: 88 - 94 numeric,
    }
}

record! {
    /// Totals of 20 digits, and the operator's own data where others name the company.
    AdvBatchControl, AdvBatchControlDraft {
        record_type: 1 - 1 literal "8",
        service_class: 2 - 4 numeric,
        entry_addenda_count: 5 - 10 numeric,
        entry_hash: 11 - 20 numeric,
        total_debit: 21 - 40 numeric,
        total_credit: 41 - 60 numeric,
        operator_data: 61 - 79 text,
        odfi: 80 - 87 numeric,
        batch_number: 88 - 94 numeric,
    }
}

record! {
    /// What the file must add up to.
    StandardFileControl, StandardFileControlDraft {
        record_type: 1 - 1 literal "9",
        batch_count: 2 - 7 numeric,
        /// Blocks of ten records, fill included.
        block_count: 8 - 13 numeric,
        entry_addenda_count: 14 - 21 numeric,
        entry_hash: 22 - 31 numeric,
        /// Cents.
        total_debit: 32 - 43 numeric,
        /// Cents.
        total_credit: 44 - 55 numeric,
        reserved: 56 - 94 text,
    }
}

record! {
    /// Control of a file of ADV batches.
    AdvFileControl, AdvFileControlDraft {
        record_type: 1 - 1 literal "9",
        batch_count: 2 - 7 numeric,
        block_count: 8 - 13 numeric,
        entry_addenda_count: 14 - 21 numeric,
        entry_hash: 22 - 31 numeric,
        total_debit: 32 - 51 numeric,
        total_credit: 52 - 71 numeric,
        reserved: 72 - 94 text,
    }
}

/// A batch control of either layout, with the columns both have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BatchControl<'a> {
    Standard(StandardBatchControl<'a>),
    Advice(AdvBatchControl<'a>),
}

impl<'a> BatchControl<'a> {
    pub fn of(line: Line<'a>, form: Form) -> BatchControl<'a> {
        match form {
            Form::Advice => BatchControl::Advice(AdvBatchControl::of(line)),
            Form::Standard | Form::Corporate | Form::International => {
                BatchControl::Standard(StandardBatchControl::of(line))
            }
        }
    }

    pub fn line(self) -> Line<'a> {
        match self {
            BatchControl::Standard(control) => control.line(),
            BatchControl::Advice(control) => control.line(),
        }
    }

    fn common(self) -> StandardBatchControl<'a> {
        StandardBatchControl::of(self.line())
    }

    pub fn service_class(self) -> Field<'a> {
        self.common().service_class()
    }

    pub fn entry_addenda_count(self) -> Field<'a> {
        self.common().entry_addenda_count()
    }

    pub fn entry_hash(self) -> Field<'a> {
        self.common().entry_hash()
    }

    /// Cents.
    pub fn total_debit(self) -> Field<'a> {
        match self {
            BatchControl::Standard(control) => control.total_debit(),
            BatchControl::Advice(control) => control.total_debit(),
        }
    }

    /// Cents.
    pub fn total_credit(self) -> Field<'a> {
        match self {
            BatchControl::Standard(control) => control.total_credit(),
            BatchControl::Advice(control) => control.total_credit(),
        }
    }

    /// `None` in ADV, whose control has the operator's data there.
    pub fn company_id(self) -> Option<Field<'a>> {
        match self {
            BatchControl::Standard(control) => Some(control.company_id()),
            BatchControl::Advice(_) => None,
        }
    }

    pub fn odfi(self) -> Field<'a> {
        self.common().odfi()
    }

    pub fn batch_number(self) -> Field<'a> {
        self.common().batch_number()
    }
}

/// A file control of either layout, with the columns both have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileControl<'a> {
    Standard(StandardFileControl<'a>),
    Advice(AdvFileControl<'a>),
}

impl<'a> FileControl<'a> {
    pub fn of(line: Line<'a>, form: Form) -> FileControl<'a> {
        match form {
            Form::Advice => FileControl::Advice(AdvFileControl::of(line)),
            Form::Standard | Form::Corporate | Form::International => {
                FileControl::Standard(StandardFileControl::of(line))
            }
        }
    }

    pub fn line(self) -> Line<'a> {
        match self {
            FileControl::Standard(control) => control.line(),
            FileControl::Advice(control) => control.line(),
        }
    }

    fn common(self) -> StandardFileControl<'a> {
        StandardFileControl::of(self.line())
    }

    pub fn batch_count(self) -> Field<'a> {
        self.common().batch_count()
    }

    pub fn block_count(self) -> Field<'a> {
        self.common().block_count()
    }

    pub fn entry_addenda_count(self) -> Field<'a> {
        self.common().entry_addenda_count()
    }

    pub fn entry_hash(self) -> Field<'a> {
        self.common().entry_hash()
    }

    /// Cents.
    pub fn total_debit(self) -> Field<'a> {
        match self {
            FileControl::Standard(control) => control.total_debit(),
            FileControl::Advice(control) => control.total_debit(),
        }
    }

    /// Cents.
    pub fn total_credit(self) -> Field<'a> {
        match self {
            FileControl::Standard(control) => control.total_credit(),
            FileControl::Advice(control) => control.total_credit(),
        }
    }
}
