//! What decoding gives: facts and rejects, side by side, with the bytes of each.

use alloc::string::String;
use alloc::vec::Vec;
use dispute::fact::{Fact, Span};

/// A fact and the very bytes that say it. For a statement that several fields make together, the span of the enclosing
/// object or record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    pub fact: Fact,
    pub span: Span,
}

/// What became of one stretch of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Its facts are in `facts`.
    Understood,
    /// It is in `rejects`.
    Rejected,
    /// A genuine record of the provider that is not about disputes; the text says what it is (`charge.captured`).
    OtherBusiness(String),
    /// Envelope, separators, headers, padding: bytes that carry no statement of their own.
    Framing,
}

/// One stretch of a document. The records of a document follow one another without gap or overlap, from byte 0 to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub span: Span,
    pub fate: Fate,
}

/// The kinds of reject: what is the matter with the data. One page each in the error index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectCode {
    /// The document is no form that this provider is known to send.
    UnknownForm,
    /// The document ends too early, or has bytes after its end.
    Truncated,
    /// The text does not follow its own syntax (JSON, CSV, fixed width).
    Syntax,
    /// A field without which the record says nothing is absent.
    MissingField,
    /// A field has another type than every known version of the format.
    FieldType,
    /// An amount does not read as money in its currency (F-42).
    Amount,
    /// A currency is on no list.
    Currency,
    /// A date or time does not read, or lacks the zone that would make it an instant.
    Time,
    /// A record stands where its kind may not stand.
    Order,
    /// A record has another length than the format gives it.
    Length,
    /// Counts, hashes or totals disagree with the records: the whole file is held (F-64).
    ControlTotal,
    /// A reference was damaged on its way (scientific notation, lost digits) (F-67).
    Reference,
    /// Bytes outside the character set of the format.
    Characters,
}

impl RejectCode {
    /// Every code, in the order of their numbers.
    pub const ALL: [RejectCode; 13] = [
        RejectCode::UnknownForm,
        RejectCode::Truncated,
        RejectCode::Syntax,
        RejectCode::MissingField,
        RejectCode::FieldType,
        RejectCode::Amount,
        RejectCode::Currency,
        RejectCode::Time,
        RejectCode::Order,
        RejectCode::Length,
        RejectCode::ControlTotal,
        RejectCode::Reference,
        RejectCode::Characters,
    ];

    /// The public number. Numbers are never reused.
    pub fn code(self) -> &'static str {
        match self {
            RejectCode::UnknownForm => "DP-2001",
            RejectCode::Truncated => "DP-2002",
            RejectCode::Syntax => "DP-2003",
            RejectCode::MissingField => "DP-2004",
            RejectCode::FieldType => "DP-2005",
            RejectCode::Amount => "DP-2006",
            RejectCode::Currency => "DP-2007",
            RejectCode::Time => "DP-2008",
            RejectCode::Order => "DP-2009",
            RejectCode::Length => "DP-2010",
            RejectCode::ControlTotal => "DP-2011",
            RejectCode::Reference => "DP-2012",
            RejectCode::Characters => "DP-2013",
        }
    }

    /// One word for tables.
    pub fn name(self) -> &'static str {
        match self {
            RejectCode::UnknownForm => "unknown-form",
            RejectCode::Truncated => "truncated",
            RejectCode::Syntax => "syntax",
            RejectCode::MissingField => "missing-field",
            RejectCode::FieldType => "field-type",
            RejectCode::Amount => "amount",
            RejectCode::Currency => "currency",
            RejectCode::Time => "time",
            RejectCode::Order => "order",
            RejectCode::Length => "length",
            RejectCode::ControlTotal => "control-total",
            RejectCode::Reference => "reference",
            RejectCode::Characters => "characters",
        }
    }

    /// Whether one such reject holds the whole document back: nothing of it is applied until a person decides.
    pub fn holds_document(self) -> bool {
        matches!(
            self,
            RejectCode::ControlTotal | RejectCode::Truncated | RejectCode::UnknownForm
        )
    }
}

/// What could not be read, where, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub span: Span,
    pub code: RejectCode,
    /// One fact in lower case: what was found and what was expected. Never a whole card number.
    pub detail: String,
    /// What to do next, as a sentence; empty when there is nothing better than the error's page.
    pub hint: String,
}

/// Everything one document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// What kind of document it is, in the provider's words (`charge.dispute.created`, `settlement-detail`).
    pub form: String,
    /// A partition of the bytes.
    pub records: Vec<Record>,
    pub facts: Vec<Located>,
    pub rejects: Vec<Reject>,
}

impl Decoded {
    /// Whether the document must be held whole: some reject says that none of it can be trusted.
    pub fn held(&self) -> bool {
        self.rejects
            .iter()
            .any(|reject| reject.code.holds_document())
    }

    /// Whether it is a genuine document that says nothing about disputes.
    pub fn other_business(&self) -> bool {
        self.rejects.is_empty() && self.facts.is_empty()
    }

    /// The whole document as one rejected record.
    pub fn rejected(form: &str, length: usize, reject: Reject) -> Decoded {
        let records = alloc::vec![Record {
            span: Span::new(0, length),
            fate: Fate::Rejected
        }];
        Decoded {
            form: String::from(form),
            records,
            facts: Vec::new(),
            rejects: alloc::vec![reject],
        }
    }

    /// The whole document as business that is not about disputes.
    pub fn other(form: &str, length: usize) -> Decoded {
        let fate = Fate::OtherBusiness(String::from(form));
        let records = alloc::vec![Record {
            span: Span::new(0, length),
            fate
        }];
        Decoded {
            form: String::from(form),
            records,
            facts: Vec::new(),
            rejects: Vec::new(),
        }
    }
}
