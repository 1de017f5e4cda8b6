//! Record type 1.

use crate::record::record;

record! {
    /// Who sent the file to whom, and when it was made. Times are the sender's local time; the file names no zone.
    FileHeader, FileHeaderDraft {
        record_type: 1 - 1 literal "1",
        priority: 2 - 3 literal "01",
        /// Routing number of the receiving point: a blank and nine digits, or ten digits.
        immediate_destination: 4 - 13 right,
        /// The sending point: a routing number, or an identifier the operator assigned.
        immediate_origin: 14 - 23 right,
        /// YYMMDD.
        created_on: 24 - 29 text,
        /// HHMM; may be blank.
        created_at_local: 30 - 33 text,
        /// A-Z or 0-9; tells apart the files one sender made on one day.
        file_id_modifier: 34 - 34 text,
        /// `094`, the bytes of a record.
        record_size: 35 - 37 literal "094",
        /// `10`, the records of a block.
        blocking_factor: 38 - 39 literal "10",
        format: 40 - 40 literal "1",
        destination_name: 41 - 63 text,
        origin_name: 64 - 86 text,
        reference: 87 - 94 text,
    }
}
