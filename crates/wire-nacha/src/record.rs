//! The record types, and the macro that turns a table of columns into a reader and a writer for one of them.

use crate::addenda::Addenda;
use crate::batch_header::BatchHeader;
use crate::column::{Line, Span};
use crate::control::{BatchControl, FileControl};
use crate::entry::Entry;
use crate::file_header::FileHeader;
use crate::frame::Ending;

/// One record type from its column table: `Name` reads (one getter a column), `NameDraft` writes (one setter a column).
/// Positions are the rule book's: 1-based, inclusive. `literal` columns write their text unless set.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $name:ident, $draft:ident {
            $( $(#[$doc:meta])* $field:ident: $from:literal - $until:literal $kind:ident $($literal:literal)?, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $name<'a>(pub(crate) $crate::column::Line<'a>);

        impl<'a> $name<'a> {
            /// In the order of their positions; together they cover all 94.
            pub const LAYOUT: &'static [$crate::column::Column] = &[$(
                $crate::column::Column {
                    name: stringify!($field), from: $from, until: $until, fill: record!(@fill $kind $($literal)?),
                },
            )*];

            /// Reads the columns of any line, without asking whether it is a record of this type.
            pub fn of(line: $crate::column::Line<'a>) -> Self {
                Self(line)
            }

            pub fn line(self) -> $crate::column::Line<'a> {
                self.0
            }

            /// An otherwise empty record: zeros in numeric columns, blanks elsewhere, literals set.
            pub fn draft() -> $draft {
                $draft($crate::draft::Draft::new(Self::LAYOUT))
            }

            /// A copy of this record to be changed.
            pub fn redraft(self) -> $draft {
                $draft($crate::draft::Draft::from_line(self.0.bytes()))
            }

            $(
                $(#[$doc])*
                #[inline]
                pub fn $field(self) -> $crate::column::Field<'a> {
                    self.0.field($crate::column::Column {
                        name: stringify!($field), from: $from, until: $until, fill: record!(@fill $kind $($literal)?),
                    })
                }
            )*
        }

        #[doc = concat!("Writes a [`", stringify!($name), "`]; a value that does not fit is a fault at `render`, never cut.")]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[must_use]
        pub struct $draft($crate::draft::Draft);

        impl $draft {
            $(
                $(#[$doc])*
                pub fn $field<'v>(mut self, value: impl Into<$crate::draft::Value<'v>>) -> Self {
                    self.0.put($crate::column::Column {
                        name: stringify!($field), from: $from, until: $until, fill: record!(@fill $kind $($literal)?),
                    }, value.into());
                    self
                }
            )*

            pub fn render(self) -> Result<[u8; $crate::column::RECORD_LENGTH], $crate::draft::DraftFault> {
                self.0.render()
            }
        }
    };
    (@fill numeric) => { $crate::column::Fill::Numeric };
    (@fill text) => { $crate::column::Fill::Text };
    (@fill right) => { $crate::column::Fill::Right };
    (@fill literal $literal:literal) => { $crate::column::Fill::Literal($literal) };
}
pub(crate) use record;

/// Any line of the input. Together, in order and with their endings, they are the input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Record<'a> {
    FileHeader(FileHeader<'a>),
    BatchHeader(BatchHeader<'a>),
    Entry(Entry<'a>),
    Addenda(Addenda<'a>),
    BatchControl(BatchControl<'a>),
    FileControl(FileControl<'a>),
    /// A record of nines that fills the last block.
    Fill(Line<'a>),
    /// One or more lines with nothing on them, their delimiters included.
    Blank(Line<'a>),
    /// A line whose type or length is not that of a record; its columns cannot be trusted, so none are offered.
    Damaged(Line<'a>),
}

impl<'a> Record<'a> {
    pub fn line(self) -> Line<'a> {
        match self {
            Record::FileHeader(record) => record.line(),
            Record::BatchHeader(record) => record.line(),
            Record::Entry(record) => record.line(),
            Record::Addenda(record) => record.line(),
            Record::BatchControl(record) => record.line(),
            Record::FileControl(record) => record.line(),
            Record::Fill(line) | Record::Blank(line) | Record::Damaged(line) => line,
        }
    }
}

/// A record and how its line ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Located<R> {
    pub record: R,
    pub ending: Ending,
}

impl Located<Record<'_>> {
    /// The record's own bytes, its delimiter not included.
    pub fn span(&self) -> Span {
        self.record.line().span()
    }
}
