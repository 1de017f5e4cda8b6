//! ACH files of returns, dishonored and contested returns, and notices of change.

use calendar::Date;
use wire_nacha::{
    ChangeAddenda, Composer, ContestedAddenda, DishonoredAddenda, DraftFault, Ending, FileHeader,
    ReturnAddenda, StandardBatchHeader, StandardEntry,
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

/// What may follow a return, and the notice that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Return,
    /// Our bank refused the return: the return's trace and the day it settled.
    Dishonored {
        return_trace: u64,
        returned_on: Date,
    },
    /// The other bank insists: the same, and the same of the dishonor.
    Contested {
        return_trace: u64,
        returned_on: Date,
        dishonored_trace: u64,
        dishonored_on: Date,
    },
    /// Details to correct before the next entry.
    Change {
        corrected: String,
    },
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
    let steps: Vec<(Return, Step)> = returns
        .iter()
        .map(|one| (one.clone(), Step::Return))
        .collect();
    steps_file(company, settled_on, &steps, debit_off)
}

fn day_of_year(day: Date) -> String {
    format!("{:03}", day.day_of_year())
}

/// A file with one batch of returns, of what followed them, or of notices, for one company.
///
/// # Errors
/// When a field does not fit its width: a bug of the caller.
pub fn steps_file(
    company: &str,
    settled_on: Date,
    returns: &[(Return, Step)],
    debit_off: i64,
) -> Result<Vec<u8>, DraftFault> {
    let changes = returns
        .iter()
        .any(|(_, step)| matches!(step, Step::Change { .. }));
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
    let mut composer = Composer::new(header, Ending::Lf);
    // A batch has one sender: the bank that returns, or ours when it refuses a return.
    let ours = |step: &Step| matches!(step, Step::Dishonored { .. });
    for (number, of_ours) in [(1_u64, false), (2, true)] {
        let lines = returns.iter().filter(|(_, step)| ours(step) == of_ours);
        let mut lines = lines.peekable();
        if lines.peek().is_none() {
            continue;
        }
        let (sender, receiver) = if of_ours { (ODFI, RDFI) } else { (RDFI, ODFI) };
        let sec = if changes { "COR" } else { "PPD" };
        composer = composer.batch(batch(company, settled_on, sec, sender, number)?);
        for (returned, step) in lines {
            composer = composer
                .record(entry(returned, receiver)?)
                .record(addenda(returned, step)?);
        }
    }
    let mut file = composer.finish()?;
    lie(&mut file, debit_off);
    Ok(file)
}

type Rendered = [u8; wire_nacha::RECORD_LENGTH];

fn batch(
    company: &str,
    settled_on: Date,
    sec: &str,
    sender: &str,
    number: u64,
) -> Result<Rendered, DraftFault> {
    StandardBatchHeader::draft()
        .service_class(200_u64)
        .company_name("Merchant 1")
        .company_id(company)
        .sec(sec)
        .entry_description("RENT")
        .settled_on(day_of_year(settled_on).as_str())
        .originator_status("1")
        .odfi(sender)
        .batch_number(number)
        .render()
}

fn entry(returned: &Return, receiver: &str) -> Result<Rendered, DraftFault> {
    let digit = wire_nacha::check_digit(receiver.as_bytes()).unwrap_or(0);
    StandardEntry::draft()
        .transaction_code(26_u64)
        .rdfi(receiver)
        .check_digit(digit)
        .account("123456789")
        .amount(returned.amount)
        .individual_id("INVOICE 1")
        .individual_name("Customer 1")
        .addenda_indicator(1_u64)
        .trace(returned.trace)
        .render()
}

fn addenda(returned: &Return, step: &Step) -> Result<Rendered, DraftFault> {
    let reason: String = returned.code.chars().skip(1).collect();
    match step {
        Step::Return => ReturnAddenda::draft()
            .return_code(returned.code.as_str())
            .original_trace(returned.original_trace)
            .original_rdfi(RDFI)
            .trace(returned.trace)
            .render(),
        Step::Dishonored {
            return_trace,
            returned_on,
        } => DishonoredAddenda::draft()
            .dishonored_code("R68")
            .original_trace(returned.original_trace)
            .original_rdfi(RDFI)
            .return_trace(*return_trace)
            .return_settled_on(day_of_year(*returned_on).as_str())
            .return_code(reason.as_str())
            .trace(returned.trace)
            .render(),
        Step::Contested {
            return_trace,
            returned_on,
            dishonored_trace,
            dishonored_on,
        } => ContestedAddenda::draft()
            .contested_code("R73")
            .original_trace(returned.original_trace)
            .original_rdfi(RDFI)
            .return_trace(*return_trace)
            .return_settled_on(day_of_year(*returned_on).as_str())
            .return_code(reason.as_str())
            .dishonored_trace(*dishonored_trace)
            .dishonored_settled_on(day_of_year(*dishonored_on).as_str())
            .dishonored_code("68")
            .trace(returned.trace)
            .render(),
        Step::Change { corrected } => ChangeAddenda::draft()
            .change_code(returned.code.as_str())
            .original_trace(returned.original_trace)
            .original_rdfi(RDFI)
            .corrected_data(corrected.as_str())
            .trace(returned.trace)
            .render(),
    }
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
