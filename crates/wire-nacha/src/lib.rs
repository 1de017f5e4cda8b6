//! What does this NACHA file's record say? Reads and writes ACH files, lossless both ways.
//!
//! It knows columns, framing, control totals and check digits. It does not know what a return means for a case, what a
//! return code is called, nor which time frame applies; that belongs to whoever reads the records.
//!
//! Invariants:
//! - [`read`] never fails as a whole and never panics: a damaged record costs itself and is reported as a [`Problem`].
//! - [`write()`] of what [`read`] returned gives back the same bytes, whatever those bytes were.
//! - Every field knows the bytes it came from ([`Field::span`]).
//!
//! Layouts: Nacha Operating Rules, Appendix Three (ACH record format specifications).
//! Unverified: the layouts were taken from public open-source readers and their sample files, not from the rule book.
//!
//! ```
//! use wire_nacha::{Composer, Ending, Entry, FileHeader, StandardBatchHeader, StandardEntry, read, verify};
//!
//! # fn main() -> Result<(), wire_nacha::DraftFault> {
//! let header = FileHeader::draft().immediate_destination("980000023").immediate_origin("990000013")
//!     .created_on("260302").file_id_modifier("A").render()?;
//! let batch = StandardBatchHeader::draft().service_class(225u64).company_name("Merchant 1").company_id("1234567890")
//!     .sec("PPD").entry_description("RENT").originator_status("1").odfi("99000001").batch_number(1u64).render()?;
//! let entry = StandardEntry::draft().transaction_code(27u64).rdfi("98000002").check_digit(3u64).account("12345678")
//!     .amount(1250u64).individual_name("Customer 1").trace("990000010000001").render()?;
//! let bytes = Composer::new(header, Ending::Lf).batch(batch).record(entry).finish()?;
//!
//! let file = read(&bytes);
//! assert!(verify(&file).is_empty());
//! let groups: Vec<_> = file.batches.iter().flat_map(|batch| file.entries(batch)).collect();
//! assert_eq!(groups.first().and_then(|group| group.entry.amount().number()), Some(1250));
//! # Ok(())
//! # }
//! ```
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod addenda;
mod addenda_iat;
mod addenda_return;
mod batch_header;
mod column;
mod control;
mod draft;
mod entry;
mod file_header;
mod frame;
mod number;
mod problem;
mod read;
mod record;
mod verify;
mod write;

pub use addenda::{
    Addenda, PaymentAddenda, PaymentAddendaDraft, TerminalAddenda, TerminalAddendaDraft,
};
pub use addenda_iat::{
    IatAddenda10, IatAddenda10Draft, IatAddenda11, IatAddenda11Draft, IatAddenda12,
    IatAddenda12Draft, IatAddenda13, IatAddenda13Draft, IatAddenda14, IatAddenda14Draft,
    IatAddenda15, IatAddenda15Draft, IatAddenda16, IatAddenda16Draft, IatAddenda17,
    IatAddenda17Draft, IatAddenda18, IatAddenda18Draft,
};
pub use addenda_return::{
    ChangeAddenda, ChangeAddendaDraft, ContestedAddenda, ContestedAddendaDraft, DishonoredAddenda,
    DishonoredAddendaDraft, IatReturnAddenda, IatReturnAddendaDraft, RefusedChangeAddenda,
    RefusedChangeAddendaDraft, ReturnAddenda, ReturnAddendaDraft,
};
pub use batch_header::{
    BatchHeader, IatBatchHeader, IatBatchHeaderDraft, StandardBatchHeader, StandardBatchHeaderDraft,
};
pub use column::{Column, Field, Fill, Line, RECORD_LENGTH, Span};
pub use control::{
    AdvBatchControl, AdvBatchControlDraft, AdvFileControl, AdvFileControlDraft, BatchControl,
    FileControl, StandardBatchControl, StandardBatchControlDraft, StandardFileControl,
    StandardFileControlDraft,
};
pub use draft::{DraftFault, Value};
pub use entry::{
    AdvEntry, AdvEntryDraft, CorporateEntry, CorporateEntryDraft, Direction, Entry, Form, IatEntry,
    IatEntryDraft, StandardEntry, StandardEntryDraft, direction,
};
pub use file_header::{FileHeader, FileHeaderDraft};
pub use frame::{Ending, Framing};
pub use number::{check_digit, routing_checksum_holds};
pub use problem::{Code, Problem, Severity};
pub use read::{Batch, Entries, File, Group, read};
pub use record::{Located, Record};
pub use verify::verify;
pub use write::{Composer, write};
