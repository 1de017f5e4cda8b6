//! Dishonoring a return: the one thing that the originating side can send within the network.
//!
//! A dishonored return repeats the return's own entry, account number and name included. Facts and references hold neither, so the
//! instruction must bring the return's records as they stand in its document: see README.md.

use adapter::{Answer, Exchange, Instruction, Request, Step, Unable, Wanted};
use calendar::Date;
use dispute::reference::RefKind;
use wire_nacha::{
    BatchHeader, Composer, DishonoredAddenda, DraftFault, Ending, Field, FileHeader, Form, Line,
    RECORD_LENGTH, ReturnAddenda, StandardBatchHeader, StandardEntry, check_digit,
};

/// Opens an alias that is a record of the return's document and no name of anything.
pub(super) const RECORD_PREFIX: &str = "nacha-record:";

/// Why a return may be dishonored. R69 is left out: it must name the wrong fields, which no instruction can say.
const CODES: [&str; 5] = ["R61", "R62", "R67", "R68", "R70"];

pub(super) fn proceed(instruction: &Instruction, so_far: &[Exchange]) -> Step {
    let Wanted::Dishonor { code, on } = &instruction.wanted else {
        return unable(why_not(&instruction.wanted));
    };
    match (so_far.last(), request(instruction, code, *on)) {
        (Some(exchange), _) => Step::Finished(outcome(exchange)),
        (None, Ok(request)) => Step::Send(request),
        (None, Err(why)) => unable(why),
    }
}

fn unable(why: impl Into<String>) -> Step {
    Step::Unable(Unable { why: why.into() })
}

fn why_not(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Accept => "accepting a return needs no message: it stands unless it is dishonored",
        Wanted::Submit(_) => {
            "evidence is no part of the ACH network: send it to the bank, or dishonor the return"
        }
        Wanted::ReadBack => {
            "no object can be read in the ACH network: the bank's next file tells what became of it"
        }
        Wanted::Requirements => "the ACH network takes no evidence, so there is nothing to ask for",
        Wanted::ListChanged { .. } => {
            "nothing can be listed in the ACH network: changes come by file"
        }
        Wanted::Dishonor { .. } => "a dishonor can be sent",
    }
}

/// A file is put under a name of its own, so putting it again replaces it; what a failing server kept of it is not known.
fn outcome(exchange: &Exchange) -> Answer {
    let Some(reply) = &exchange.reply else {
        return Answer::InDoubt("no answer came to the file".to_owned());
    };
    let words = || {
        format!(
            "status {}: {}",
            reply.status,
            String::from_utf8_lossy(&reply.body).trim()
        )
    };
    match reply.status {
        200..=299 => Answer::Accepted,
        429 => Answer::Again {
            after_seconds: None,
            why: words(),
        },
        400..=499 => Answer::Refused(words()),
        _ => Answer::InDoubt(words()),
    }
}

/// The return's records, as the instruction brings them.
struct Return {
    header: String,
    batch: String,
    entry: String,
    addenda: String,
}

fn request(instruction: &Instruction, code: &str, on: Date) -> Result<Request, String> {
    if !CODES.contains(&code) {
        return Err(format!(
            "code `{code}` dishonors no return here, expected one of {}",
            CODES.join(" ")
        ));
    }
    let records = records(instruction)?;
    let addenda = ReturnAddenda::of(Line::alone(records.addenda.as_bytes()));
    let original = addenda.original_trace().text().unwrap_or_default();
    let of_case = instruction
        .refs
        .iter()
        .any(|it| it.kind == RefKind::Payment && it.value == original);
    if !of_case {
        return Err(format!(
            "the records are those of entry `{original}`, which is not this case's"
        ));
    }
    let content = file(&records, code, on, &instruction.idempotency_key)?;
    let key = instruction.idempotency_key.chars();
    let safe = key.map(|character| {
        if character.is_ascii_alphanumeric() {
            character
        } else {
            '-'
        }
    });
    Ok(Request::File {
        name: format!("dishonored-return-{}.ach", safe.collect::<String>()),
        content,
    })
}

fn records(instruction: &Instruction) -> Result<Return, String> {
    let brought: Vec<&str> = instruction
        .refs
        .iter()
        .filter(|reference| reference.kind == RefKind::Alias)
        .filter_map(|reference| reference.value.strip_prefix(RECORD_PREFIX))
        .collect();
    let only = |start: &str, what: &str| {
        let mut found = brought.iter().filter(|record| record.starts_with(start));
        match (found.next(), found.next()) {
            (Some(record), None) if record.is_ascii() && record.len() <= RECORD_LENGTH => {
                Ok(format!("{record:<width$}", width = RECORD_LENGTH))
            }
            (None, _) => Err(format!(
                "the return's {what} is needed, which references do not hold: add it as alias `{RECORD_PREFIX}<record>`"
            )),
            _ => Err(format!(
                "the return's {what} is needed once, as one record of 94 ASCII characters"
            )),
        }
    };
    Ok(Return {
        header: only("1", "file header")?,
        batch: only("5", "batch header")?,
        entry: only("6", "entry")?,
        addenda: only("799", "addenda 99")?,
    })
}

fn file(records: &Return, code: &str, on: Date, key: &str) -> Result<Vec<u8>, String> {
    let header = FileHeader::of(Line::alone(records.header.as_bytes()));
    let batch = StandardBatchHeader::of(Line::alone(records.batch.as_bytes()));
    let entry = StandardEntry::of(Line::alone(records.entry.as_bytes()));
    let addenda = ReturnAddenda::of(Line::alone(records.addenda.as_bytes()));
    if BatchHeader::of(batch.line()).form() == Form::International {
        return Err("an international return is dishonored with its addenda 10 to 16, which are not at hand".to_owned());
    }
    if batch.settled_on().day_of_year().is_none() {
        return Err(
            "the return's batch header has no settlement day, which a dishonor must repeat"
                .to_owned(),
        );
    }
    let returned = addenda
        .return_code()
        .text()
        .and_then(|code| code.strip_prefix('R'));
    let returned = returned
        .filter(|code| code.len() == 2 && !matches!(code.as_bytes().first(), Some(b'6' | b'7')));
    let returned = returned
        .ok_or_else(|| "the records are not those of a return with a code `Rnn`".to_owned())?;
    let numbers = Numbers::of(addenda, on, key)?;
    compose(header, batch, entry, addenda, (code, returned), &numbers)
        .map_err(|fault| fault.to_string())
}

/// What the dishonored return has of its own.
struct Numbers {
    /// Eight digits.
    odfi: String,
    check_digit: u8,
    trace: String,
    made_on: String,
    modifier: String,
}

impl Numbers {
    fn of(addenda: ReturnAddenda<'_>, on: Date, key: &str) -> Result<Numbers, String> {
        let digits = |field: Field<'_>| {
            let all = field.bytes().iter().all(u8::is_ascii_digit);
            field.text().filter(|_| all).map(str::to_owned)
        };
        let original = digits(addenda.original_trace())
            .ok_or("the original trace number has other than digits")?;
        let check_digit = check_digit(addenda.original_rdfi().bytes())
            .ok_or("the original RDFI is not eight digits")?;
        // A trace number opens with the routing number of whoever sent the entry: here, our bank.
        let odfi: String = original.chars().take(8).collect();
        // Its own seven digits, and the letter that tells the day's files apart, follow from the key: the same instruction gives
        // the same file, and two of one day collide once in ten million (in thirty-six, for the letter).
        let hash = dispute::id::digest("ach-dishonor", &[key.as_bytes()]);
        let number = hash
            .iter()
            .take(7)
            .fold(0_u64, |sum, byte| sum * 256 + u64::from(*byte));
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let place = usize::try_from(number % 36).expect("a remainder of 36 fits usize");
        let letter = letters
            .get(place)
            .expect("36 letters and a remainder of 36");
        Ok(Numbers {
            trace: format!("{odfi}{:07}", number / 36 % 9_999_999 + 1),
            odfi,
            check_digit,
            made_on: format!(
                "{:02}{:02}{:02}",
                on.year().rem_euclid(100),
                on.month(),
                on.day()
            ),
            modifier: char::from(*letter).to_string(),
        })
    }
}

/// Back to where the file came from, with the entry as it was returned.
fn compose(
    header: FileHeader<'_>,
    batch: StandardBatchHeader<'_>,
    entry: StandardEntry<'_>,
    addenda: ReturnAddenda<'_>,
    (code, returned): (&str, &str),
    numbers: &Numbers,
) -> Result<Vec<u8>, DraftFault> {
    let file_header = header
        .redraft()
        .immediate_destination(header.immediate_origin().trimmed())
        .immediate_origin(header.immediate_destination().trimmed())
        .destination_name(header.origin_name())
        .origin_name(header.destination_name())
        .created_on(numbers.made_on.as_str())
        .created_at_local("")
        .file_id_modifier(numbers.modifier.as_str())
        .reference("")
        .render()?;
    let batch_header = batch
        .redraft()
        .effective_on(numbers.made_on.as_str())
        .settled_on("")
        .odfi(numbers.odfi.as_str())
        .batch_number(1_u64)
        .render()?;
    let mut dishonored_entry = entry
        .redraft()
        .rdfi(addenda.original_rdfi())
        .check_digit(numbers.check_digit)
        .addenda_indicator(1_u64)
        .trace(numbers.trace.as_str())
        .render()?;
    if BatchHeader::of(batch.line()).form() == Form::Corporate {
        let line = Line::alone(&dishonored_entry);
        dishonored_entry = wire_nacha::CorporateEntry::of(line)
            .redraft()
            .addenda_count(1_u64)
            .render()?;
    }
    let dishonored = DishonoredAddenda::draft()
        .dishonored_code(code)
        .original_trace(addenda.original_trace())
        .original_rdfi(addenda.original_rdfi())
        .return_trace(entry.trace())
        .return_settled_on(batch.settled_on())
        .return_code(returned)
        .trace(numbers.trace.as_str())
        .render()?;
    Composer::new(file_header, Ending::Lf)
        .batch(batch_header)
        .record(dishonored_entry)
        .record(dishonored)
        .finish()
}
