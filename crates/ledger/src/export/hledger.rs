//! The journal format of hledger.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use money::Currency;

use crate::{Account, AccountKind, Entry, Layer};

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

/// The journal of these postings, in the order given. The same postings give the
/// same bytes.
///
/// Pending legs carry hledger's `!`, posted ones `*`; since each layer balances by
/// itself, the journal balances under either filter. Everything used is declared
/// first, so that `hledger check --strict` passes: the decimal mark (`1.234 KWD`
/// would be a thousand in some locales), currencies, and accounts with the type
/// that puts them in the balance sheet or the income statement.
pub fn hledger(postings: &[Posting]) -> String {
    let legs = || postings.iter().flat_map(|posting| posting.entry.legs());
    let currencies: BTreeSet<Currency> = legs().map(|leg| leg.amount.currency()).collect();
    let accounts: BTreeSet<&Account> = legs().map(|leg| &leg.account).collect();
    let kinds: BTreeSet<AccountKind> = accounts.iter().map(|account| account.kind).collect();

    let mut journal = String::from("decimal-mark .\n");
    for currency in currencies {
        journal.push_str(&commodity(currency));
    }
    for kind in kinds {
        journal.push_str(&format!("account {kind}  ; type: {}\n", account_type(kind)));
    }
    for account in accounts {
        journal.push_str(&format!("account {account}\n"));
    }
    for posting in postings {
        journal.push('\n');
        render(posting, &mut journal);
    }
    journal
}

/// hledger's letter: A asset, R revenue, X expense. Accounts below a kind inherit it.
const fn account_type(kind: AccountKind) -> char {
    match kind {
        AccountKind::ProviderClearing
        | AccountKind::DisputeReceivable
        | AccountKind::Suspense
        | AccountKind::RefundClearing => 'A',
        AccountKind::DisputeFees | AccountKind::ChargebackLoss | AccountKind::FxDifference => 'X',
        AccountKind::Recovery => 'R',
    }
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
    // A `;` would start a comment, and in a tag's value a `,` would end it.
    let description = plain(description).replace(';', ",");
    journal.push_str(&plain(on));
    match code {
        // A `)` would end the code.
        Some(code) => journal.push_str(&format!(" ({})", plain(code).replace(')', "]"))),
        // An empty code keeps a description that starts like one, or like a
        // status mark, from being read as it.
        None if description.starts_with(['(', '*', '!']) => journal.push_str(" ()"),
        None => {}
    }
    journal.push_str(&format!(
        " {description}  ; id:{}\n",
        plain(id).replace(',', "_")
    ));

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
