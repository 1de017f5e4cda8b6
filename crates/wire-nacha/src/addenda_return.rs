//! Addenda 98 (notification of change) and 99 (returns, dishonored returns, contested dishonored returns).

use crate::record::record;

record! {
    /// 98: the entry was posted, and something about it must change before the next one.
    ChangeAddenda, ChangeAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "98",
        /// `C01` and on.
        change_code: 4 - 6 text,
        /// Trace of the entry that was sent.
        original_trace: 7 - 21 numeric,
        reserved: 22 - 27 text,
        original_rdfi: 28 - 35 numeric,
        /// What to use from now on; its shape depends on the change code.
        corrected_data: 36 - 64 text,
        reserved_2: 65 - 79 text,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// 98 with a code of C61-C69: the originator refuses a notification of change.
    RefusedChangeAddenda, RefusedChangeAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "98",
        /// `C61` to `C69`: why it is refused.
        refused_code: 4 - 6 text,
        original_trace: 7 - 21 numeric,
        reserved: 22 - 27 text,
        original_rdfi: 28 - 35 numeric,
        corrected_data: 36 - 64 text,
        /// The code of the notification being refused.
        change_code: 65 - 67 text,
        /// Last seven digits of the notification's trace.
        trace_sequence: 68 - 74 numeric,
        reserved_2: 75 - 79 text,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// 99: the receiving bank returns the entry.
    ReturnAddenda, ReturnAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "99",
        return_code: 4 - 6 text,
        /// Trace of the entry that was sent.
        original_trace: 7 - 21 numeric,
        /// YYMMDD with R14 and R15, otherwise blank.
        date_of_death: 22 - 27 text,
        original_rdfi: 28 - 35 numeric,
        information: 36 - 79 text,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// 99 in an IAT batch.
    IatReturnAddenda, IatReturnAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "99",
        return_code: 4 - 6 text,
        original_trace: 7 - 21 numeric,
        date_of_death: 22 - 27 text,
        original_rdfi: 28 - 35 numeric,
        /// US cents, of the forward entry.
        original_amount: 36 - 45 numeric,
        information: 46 - 79 text,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// 99 with a code of R61-R70: the originating bank sends the return back.
    DishonoredAddenda, DishonoredAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "99",
        dishonored_code: 4 - 6 text,
        /// Trace of the entry that was returned.
        original_trace: 7 - 21 numeric,
        reserved: 22 - 27 text,
        original_rdfi: 28 - 35 numeric,
        reserved_2: 36 - 38 text,
        return_trace: 39 - 53 numeric,
        /// Day of the year on which the return settled.
        return_settled_on: 54 - 56 text,
        /// Two digits, without the R.
        return_code: 57 - 58 text,
        information: 59 - 79 text,
        trace: 80 - 94 numeric,
    }
}

record! {
    /// 99 with a code of R71-R77: the receiving bank contests the dishonor.
    ContestedAddenda, ContestedAddendaDraft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "99",
        contested_code: 4 - 6 text,
        original_trace: 7 - 21 numeric,
        /// YYMMDD on which the original entry was returned.
        original_returned_on: 22 - 27 text,
        original_rdfi: 28 - 35 numeric,
        /// Day of the year.
        original_settled_on: 36 - 38 text,
        return_trace: 39 - 53 numeric,
        /// Day of the year.
        return_settled_on: 54 - 56 text,
        /// Two digits, without the R.
        return_code: 57 - 58 text,
        dishonored_trace: 59 - 73 numeric,
        /// Day of the year.
        dishonored_settled_on: 74 - 76 text,
        /// Two digits, without the R.
        dishonored_code: 77 - 78 text,
        reserved: 79 - 79 text,
        trace: 80 - 94 numeric,
    }
}
