//! The journal format of hledger.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use money::Currency;

use crate::{Entry, Layer};

/// An entry with what a journal says around it.
#[derive(Clone, Debug)]
pub struct Posting {
    /// Stable id of the entry; written as the tag `id:`.
    pub id: String,
    /// Civil date, `YYYY-MM-DD`.
    pub on: String,
    pub description: String,
    pub entry: Entry,
    /// The provider's reference for the movement; `None` leaves the code out.
    pub code: Option<String>,
}

/// The journal of these postings, in the order given.
///
/// The same postings give the same bytes. Pending legs carry hledger's `!`,
/// posted ones `*`; since each layer balances by itself, the journal balances
/// under either filter. The decimal mark is declared, because `1.234 KWD` would
/// otherwise be read as a thousand in some locales.
pub fn hledger(postings: &[Posting]) -> String {
    let mut journal = String::from("decimal-mark .\n");
    let currencies: BTreeSet<Currency> = postings
        .iter()
        .flat_map(|posting| posting.entry.legs())
        .map(|leg| leg.amount.currency())
        .collect();
    for currency in currencies {
        journal.push_str(&commodity(currency));
    }
    for posting in postings {
        journal.push('\n');
        render(posting, &mut journal);
    }
    journal
}

/// hledger wants a decimal mark in the sample even where there are no decimals.
fn commodity(currency: Currency) -> String {
    let decimals = "0".repeat(usize::from(currency.exponent()));
    format!("commodity 1000.{decimals} {currency}\n")
}

fn render(posting: &Posting, journal: &mut String) {
    let Posting {
        id,
        on,
        description,
        entry,
        code,
    } = posting;
    journal.push_str(&plain(on));
    if let Some(code) = code {
        // A `)` would end the code.
        journal.push_str(&format!(" ({})", plain(code).replace(')', "]")));
    }
    // A `;` would start a comment, and in a tag's value a `,` would end it.
    journal.push_str(&format!(" {}", plain(description).replace(';', ",")));
    journal.push_str(&format!("  ; id:{}\n", plain(id).replace(',', "_")));

    let width = entry
        .legs()
        .iter()
        .map(|leg| leg.account.path().chars().count())
        .max();
    for leg in entry.legs() {
        let mark = match leg.layer {
            Layer::Pending => '!',
            Layer::Posted => '*',
        };
        let line = format!(
            "    {mark} {:<width$}  {}\n",
            leg.account.path(),
            leg.amount,
            width = width.unwrap_or(0)
        );
        journal.push_str(&line);
    }
}

/// One line of text: whatever would end or disguise it becomes a blank.
fn plain(text: &str) -> String {
    let blank = |c: char| {
        if c.is_control() || c.is_whitespace() {
            ' '
        } else {
            c
        }
    };
    String::from(text.chars().map(blank).collect::<String>().trim())
}
