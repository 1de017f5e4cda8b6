//! ACH files of returns, dishonored and contested returns, and notices of change.

use calendar::Date;
use wire_nacha::{
    Composer, DraftFault, Ending, FileHeader, ReturnAddenda, StandardBatchHeader, StandardEntry,
};

/// One returned entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// `R01`, `R10`; the code of a first return.
    pub code: String,
    pub amount: u64,
    /// The trace of the original entry, 15 digits.
    pub original_trace: u64,
    /// Assigned by the bank that returns it; 15 digits too.
    pub trace: u64,
}

/// The bank that originated the entries, and the one that returns them; nobody has these numbers.
pub const ODFI: &str = "98000002";
pub const RDFI: &str = "99000001";

/// A file with one batch of returns for one company, settled on this day. `debit_off` makes the file's control total lie.
///
/// # Errors
/// When a field does not fit its width: a bug of the caller.
pub fn returns(
    company: &str,
    settled_on: Date,
    returns: &[Return],
    debit_off: i64,
) -> Result<Vec<u8>, DraftFault> {
    let created = format!(
        "{:02}{:02}{:02}",
        settled_on.year() % 100,
        settled_on.month(),
        settled_on.day()
    );
    let header = FileHeader::draft()
        .immediate_destination("990000013")
        .immediate_origin("980000023")
        .created_on(created.as_str())
        .created_at_local("0815")
        .file_id_modifier("A")
        .render()?;
    let day = format!("{:03}", settled_on.day_of_year());
    let batch = StandardBatchHeader::draft()
        .service_class(200_u64)
        .company_name("Merchant 1")
        .company_id(company)
        .sec("PPD")
        .entry_description("RENT")
        .settled_on(day.as_str())
        .originator_status("1")
        .odfi(ODFI)
        .batch_number(1_u64)
        .render()?;
    let mut composer = Composer::new(header, Ending::Lf).batch(batch);
    for returned in returns {
        let entry = StandardEntry::draft()
            .transaction_code(26_u64)
            .rdfi(RDFI)
            .check_digit(3_u64)
            .account("123456789")
            .amount(returned.amount)
            .individual_id("INVOICE 1")
            .individual_name("Customer 1")
            .addenda_indicator(1_u64)
            .trace(returned.trace)
            .render()?;
        let addenda = ReturnAddenda::draft()
            .return_code(returned.code.as_str())
            .original_trace(returned.original_trace)
            .original_rdfi(ODFI)
            .trace(returned.trace)
            .render()?;
        composer = composer.record(entry).record(addenda);
    }
    let mut file = composer.finish()?;
    lie(&mut file, debit_off);
    Ok(file)
}

/// Changes the last digit of the file control's total debit, columns 32 to 43 of the record that opens with a single 9.
fn lie(file: &mut [u8], debit_off: i64) {
    if debit_off == 0 {
        return;
    }
    let mut lines = file.split_mut(|byte| *byte == b'\n');
    let control = lines.find(|line| line.first() == Some(&b'9') && line.get(1) != Some(&b'9'));
    if let Some(digit) = control.and_then(|line| line.get_mut(42)) {
        *digit = if *digit == b'9' { b'0' } else { *digit + 1 };
    }
}
