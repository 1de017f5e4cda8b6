//! Record type 5: the domestic header and the IAT one.

use crate::column::{Field, Line};
use crate::entry::Form;
use crate::record::record;

record! {
    /// Header of every batch but IAT. In a batch of returns the SEC code is the returned entries' own.
    StandardBatchHeader, StandardBatchHeaderDraft {
        record_type: 1 - 1 literal "5",
        /// 200 mixed, 220 credits only, 225 debits only, 280 accounting advices.
        service_class: 2 - 4 numeric,
        company_name: 5 - 20 text,
        discretionary: 21 - 40 text,
        company_id: 41 - 50 text,
        /// Standard Entry Class.
        sec: 51 - 53 text,
        entry_description: 54 - 63 text,
        /// Free text, meant for reading; `SD1800` and the like ask for same-day settlement.
        descriptive_date: 64 - 69 text,
        /// YYMMDD the originator asks for; zeros or blank in return batches.
        effective_on: 70 - 75 text,
        /// Day of the year, put in by the operator; blank before that.
        settled_on: 76 - 78 text,
        /// 0 for advices, 1 for a depository institution, 2 for a federal agency.
        originator_status: 79 - 79 text,
        /// First eight digits of the originating institution's routing number.
        odfi: 80 - 87 numeric,
        batch_number: 88 - 94 numeric,
    }
}

record! {
    /// Header of an IAT batch, and of a COR batch about IAT entries (then `iat_indicator` is `IATCOR`).
    IatBatchHeader, IatBatchHeaderDraft {
        record_type: 1 - 1 literal "5",
        service_class: 2 - 4 numeric,
        iat_indicator: 5 - 20 text,
        /// FV fixed to variable, VF variable to fixed, FF fixed to fixed.
        exchange_indicator: 21 - 22 text,
        exchange_reference_indicator: 23 - 23 text,
        exchange_reference: 24 - 38 text,
        destination_country: 39 - 40 text,
        originator_id: 41 - 50 text,
        sec: 51 - 53 literal "IAT",
        entry_description: 54 - 63 text,
        originating_currency: 64 - 66 text,
        destination_currency: 67 - 69 text,
        effective_on: 70 - 75 text,
        settled_on: 76 - 78 text,
        originator_status: 79 - 79 text,
        odfi: 80 - 87 numeric,
        batch_number: 88 - 94 numeric,
    }
}

/// A batch header of either layout, with the columns both have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BatchHeader<'a> {
    Standard(StandardBatchHeader<'a>),
    International(IatBatchHeader<'a>),
}

impl<'a> BatchHeader<'a> {
    /// The IAT layout is told by the SEC code, or by `IATCOR` where a company's name would be.
    pub fn of(line: Line<'a>) -> BatchHeader<'a> {
        let standard = StandardBatchHeader::of(line);
        let international = standard.sec().bytes() == b"IAT"
            || standard.company_name().bytes().starts_with(b"IATCOR");
        if international {
            BatchHeader::International(IatBatchHeader::of(line))
        } else {
            BatchHeader::Standard(standard)
        }
    }

    pub fn line(self) -> Line<'a> {
        self.common().line()
    }

    // The columns below sit at the same positions in both layouts.
    fn common(self) -> StandardBatchHeader<'a> {
        match self {
            BatchHeader::Standard(header) => header,
            BatchHeader::International(header) => StandardBatchHeader::of(header.line()),
        }
    }

    pub fn service_class(self) -> Field<'a> {
        self.common().service_class()
    }

    pub fn sec(self) -> Field<'a> {
        self.common().sec()
    }

    /// Positions 41-50: the company's identification, an IAT batch's originator's.
    pub fn company_id(self) -> Field<'a> {
        self.common().company_id()
    }

    pub fn entry_description(self) -> Field<'a> {
        self.common().entry_description()
    }

    pub fn effective_on(self) -> Field<'a> {
        self.common().effective_on()
    }

    pub fn settled_on(self) -> Field<'a> {
        self.common().settled_on()
    }

    pub fn originator_status(self) -> Field<'a> {
        self.common().originator_status()
    }

    pub fn odfi(self) -> Field<'a> {
        self.common().odfi()
    }

    pub fn batch_number(self) -> Field<'a> {
        self.common().batch_number()
    }

    /// The layout its entries have.
    pub fn form(self) -> Form {
        match self {
            BatchHeader::International(_) => Form::International,
            BatchHeader::Standard(header) => Form::of_sec(header.sec().bytes()),
        }
    }
}
