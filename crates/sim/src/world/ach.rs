//! The bank in a story: files of returns.

use super::args::{Args, amount, minor};
use super::desk::{Delivery, Desk};
use super::outside::{Outside, object, status};
use crate::paper::ach as paper;
use adapter::{Channel, Reply, Request};
use calendar::Date;
use wire_nacha::{Addenda, Record};

const COMPANY: &str = "1234567890";

/// `ach returns settled=2026-03-05 [off=1] <<<` with one return a line: `code amount original-trace trace`. `ach dishonors`:
/// the same with the return's trace and the day on which it settled behind them.
pub(super) fn act(
    desk: &mut Desk,
    mut args: Args<'_>,
    body: Option<&String>,
) -> Result<(), String> {
    let dishonors = match args.next("what the bank does")? {
        "returns" => false,
        "dishonors" => true,
        other => return Err(format!("a bank does not `{other}`")),
    };
    let settled_on = date(
        args.take("settled")
            .ok_or("a file of returns has a `settled` day")?,
    )?;
    let off = args.number("off")?.unwrap_or(0);
    let name = args.text("name", "returns.ach");
    args.done()?;
    let lines = body.ok_or("a file of returns has rows")?.lines();
    let steps: Result<Vec<_>, String> = lines.map(|line| step(line, dishonors)).collect();
    let bytes =
        paper::steps_file(COMPANY, settled_on, &steps?, off).map_err(|fault| fault.to_string())?;
    desk.deliver(Delivery::trusted(
        "ach",
        COMPANY,
        Channel::File,
        &name,
        bytes,
    ))
}

fn step(line: &str, dishonors: bool) -> Result<(paper::Return, paper::Step), String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (words, step) = match (words.as_slice(), dishonors) {
        ([code, money, original, trace], false) => {
            ([*code, *money, *original, *trace], paper::Step::Return)
        }
        ([code, money, original, trace, returned, day], true) => {
            let step = paper::Step::Dishonored {
                return_trace: digits(returned)?,
                returned_on: date(day)?,
            };
            ([*code, *money, *original, *trace], step)
        }
        _ => {
            return Err(format!(
                "`{line}`: expected code, amount, original trace, trace, and of a dishonor the return's trace and day"
            ));
        }
    };
    let [code, money, original, trace] = words;
    let entry = paper::Return {
        code: code.to_owned(),
        amount: u64::try_from(minor(amount(money)?)?)
            .map_err(|_| "a return's amount has no sign".to_owned())?,
        original_trace: digits(original)?,
        trace: digits(trace)?,
    };
    Ok((entry, step))
}

fn digits(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no trace number"))
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|error| error.to_string())
}

/// The bank takes a file if it is whole, and notes which entry each of its addenda 99 refuses.
pub(super) fn answer(outside: &mut Outside, request: &Request) -> Reply {
    let Request::File { content, .. } = request else {
        return status(404, "a bank takes files only");
    };
    let file = wire_nacha::read(content);
    if !wire_nacha::verify(&file).is_empty() {
        return status(422, "the file is not whole");
    }
    let refused: Vec<String> = file
        .records
        .iter()
        .filter_map(|located| match located.record {
            Record::Addenda(Addenda::Dishonored(addenda)) => addenda.original_trace().text(),
            _ => None,
        })
        .map(str::to_owned)
        .collect();
    for original in &refused {
        outside.took("ach", original, "return");
    }
    object(&serde_json::json!({ "refused": refused }))
}
