//! The words of one statement, taken one by one. What is left over at the end is a mistake of the story.

use super::instant;
use calendar::Instant;
use money::{Currency, Money};
use std::collections::{BTreeMap, VecDeque};

/// Words by position, and by name where they are written `name=value`.
#[derive(Clone, Debug)]
pub(super) struct Args<'a> {
    plain: VecDeque<&'a str>,
    named: BTreeMap<&'a str, &'a str>,
}

impl<'a> Args<'a> {
    pub(super) fn of(words: &'a [String]) -> Result<Args<'a>, String> {
        let mut args = Args {
            plain: VecDeque::new(),
            named: BTreeMap::new(),
        };
        for word in words {
            match word.split_once('=').filter(|(name, _)| is_name(name)) {
                None => args.plain.push_back(word),
                Some((name, value)) => {
                    if args.named.insert(name, value).is_some() {
                        return Err(format!("`{name}` stands twice"));
                    }
                }
            }
        }
        Ok(args)
    }

    /// The next word.
    pub(super) fn next(&mut self, what: &str) -> Result<&'a str, String> {
        self.plain
            .pop_front()
            .ok_or_else(|| format!("expected {what} here"))
    }

    pub(super) fn maybe_next(&mut self) -> Option<&'a str> {
        self.plain.pop_front()
    }

    /// Takes this word if it is there.
    pub(super) fn flag(&mut self, word: &str) -> bool {
        let place = self.plain.iter().position(|one| *one == word);
        place.and_then(|place| self.plain.remove(place)).is_some()
    }

    pub(super) fn take(&mut self, name: &str) -> Option<&'a str> {
        self.named.remove(name)
    }

    pub(super) fn text(&mut self, name: &str, otherwise: &str) -> String {
        self.take(name).unwrap_or(otherwise).to_owned()
    }

    pub(super) fn instant(&mut self, name: &str) -> Result<Option<Instant>, String> {
        self.take(name).map(instant).transpose()
    }

    pub(super) fn number<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, String> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| format!("{name} `{text}` is no number here"))
        };
        self.take(name).map(read).transpose()
    }

    /// All that is left by name.
    pub(super) fn rest(&mut self) -> Vec<(String, String)> {
        let rest = std::mem::take(&mut self.named);
        rest.into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Nothing may be left.
    pub(super) fn done(&self) -> Result<(), String> {
        let left = self
            .plain
            .iter()
            .copied()
            .chain(self.named.keys().copied())
            .next();
        left.map_or(Ok(()), |word| Err(format!("did not expect `{word}`")))
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    !name.is_empty() && name.chars().all(plain)
}

/// An amount as worlds write it: `12.34usd`, `-15.00usd`, `1500jpy`.
pub(super) fn amount(text: &str) -> Result<Money, String> {
    let letters = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, code) = text.split_at_checked(letters).unwrap_or((text, ""));
    let currency = Currency::find(&code.to_ascii_uppercase())
        .ok_or_else(|| format!("`{text}`: expected an amount like 12.34usd"))?;
    Money::parse(number.trim(), currency).map_err(|error| error.to_string())
}

/// Minor units, as most providers write amounts.
pub(super) fn minor(money: Money) -> Result<i64, String> {
    i64::try_from(money.minor()).map_err(|_| format!("{money} is more than 64 bits hold"))
}
