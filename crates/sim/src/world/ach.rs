//! The bank in a story: files of returns.

use super::args::{Args, amount, minor};
use super::desk::{Delivery, Desk};
use crate::paper::ach as paper;
use adapter::Channel;
use calendar::Date;

const COMPANY: &str = "1234567890";

/// `ach returns settled=2026-03-05 [off=1] <<<` with one return a line: `code amount original-trace trace`.
pub(super) fn act(
    desk: &mut Desk,
    mut args: Args<'_>,
    body: Option<&String>,
) -> Result<(), String> {
    match args.next("what the bank does")? {
        "returns" => {}
        other => return Err(format!("a bank does not `{other}`")),
    }
    let settled = args
        .take("settled")
        .ok_or("a file of returns has a `settled` day")?;
    let settled_on = Date::parse(settled).map_err(|error| error.to_string())?;
    let off = args.number("off")?.unwrap_or(0);
    let name = args.text("name", "returns.ach");
    args.done()?;
    let mut returns = Vec::new();
    for line in body.ok_or("a file of returns has rows")?.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [code, money, original, trace] = words.as_slice() else {
            return Err(format!(
                "`{line}`: expected code, amount, original trace, trace"
            ));
        };
        let digits = |text: &str| {
            text.parse()
                .map_err(|_| format!("`{text}` is no trace number"))
        };
        returns.push(paper::Return {
            code: (*code).to_owned(),
            amount: u64::try_from(minor(amount(money)?)?)
                .map_err(|_| "a return's amount has no sign".to_owned())?,
            original_trace: digits(original)?,
            trace: digits(trace)?,
        });
    }
    let bytes =
        paper::returns(COMPANY, settled_on, &returns, off).map_err(|fault| fault.to_string())?;
    desk.deliver(Delivery::trusted(
        "ach",
        COMPANY,
        Channel::File,
        &name,
        bytes,
    ))
}
