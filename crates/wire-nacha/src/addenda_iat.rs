//! Addenda 10 to 18: the parties, banks and remittance text of an IAT entry. 10 to 16 are mandatory, once each.
//!
//! `entry_sequence` repeats the last seven digits of the entry's trace. Fields that hold two parts separate them with
//! `*` and end with `\`.

use crate::record::record;

record! {
    /// 10: type, foreign amount, receiver's name.
    IatAddenda10, IatAddenda10Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "10",
        /// ANN annuity, BUS business, DEP deposit, LOA loan, MIS miscellaneous, and so on.
        transaction_type: 4 - 6 text,
        /// Minor units of the destination currency for outbound entries, of the originating one for inbound.
        foreign_amount: 7 - 24 numeric,
        foreign_trace: 25 - 46 text,
        receiver_name: 47 - 81 text,
        reserved: 82 - 87 text,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 11: originator.
    IatAddenda11, IatAddenda11Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "11",
        originator_name: 4 - 38 text,
        originator_street: 39 - 73 text,
        reserved: 74 - 87 text,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 12: originator's city, state, country, postal code.
    IatAddenda12, IatAddenda12Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "12",
        originator_city_state: 4 - 38 text,
        originator_country_postal_code: 39 - 73 text,
        reserved: 74 - 87 text,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 13: originating bank.
    IatAddenda13, IatAddenda13Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "13",
        odfi_name: 4 - 38 text,
        /// 01 national clearing number, 02 BIC, 03 IBAN.
        odfi_qualifier: 39 - 40 text,
        odfi_identification: 41 - 74 text,
        odfi_country: 75 - 77 text,
        reserved: 78 - 87 text,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 14: receiving bank.
    IatAddenda14, IatAddenda14Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "14",
        rdfi_name: 4 - 38 text,
        /// 01 national clearing number, 02 BIC, 03 IBAN.
        rdfi_qualifier: 39 - 40 text,
        rdfi_identification: 41 - 74 text,
        rdfi_country: 75 - 77 text,
        reserved: 78 - 87 text,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 15: receiver.
    IatAddenda15, IatAddenda15Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "15",
        receiver_id: 4 - 18 text,
        receiver_street: 19 - 53 text,
        reserved: 54 - 87 text,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 16: receiver's city, state, country, postal code.
    IatAddenda16, IatAddenda16Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "16",
        receiver_city_state: 4 - 38 text,
        receiver_country_postal_code: 39 - 73 text,
        reserved: 74 - 87 text,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 17: remittance text, at most two.
    IatAddenda17, IatAddenda17Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "17",
        information: 4 - 83 text,
        sequence: 84 - 87 numeric,
        entry_sequence: 88 - 94 numeric,
    }
}

record! {
    /// 18: a foreign correspondent bank, at most five.
    IatAddenda18, IatAddenda18Draft {
        record_type: 1 - 1 literal "7",
        addenda_type: 2 - 3 literal "18",
        correspondent_name: 4 - 38 text,
        /// 01 national clearing number, 02 BIC, 03 IBAN.
        correspondent_qualifier: 39 - 40 text,
        correspondent_identification: 41 - 74 text,
        correspondent_country: 75 - 77 text,
        reserved: 78 - 83 text,
        sequence: 84 - 87 numeric,
        entry_sequence: 88 - 94 numeric,
    }
}
