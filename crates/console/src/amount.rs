//! Amounts as people read them: `1,234,567.00 EUR`. What a program reads (files, the values of a form, the API) has them as
//! `money` writes them, and a page's own writing is read back where somebody copies it into a form.

use money::{Currency, Money};
use std::borrow::Cow;

/// Digits between two commas. Pages are in English, which groups by thousands in every currency.
const GROUP: usize = 3;

/// With thousands set apart, and the currency after it.
pub fn words(amount: Money) -> String {
    format!("{} {}", grouped(&amount.decimal()), amount.currency())
}

/// A number of things, with thousands set apart.
pub fn count(number: impl ToString) -> String {
    grouped(&number.to_string())
}

/// The whole part of a decimal text in groups of three.
fn grouped(decimal: &str) -> String {
    let (sign, digits) = match decimal.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", decimal),
    };
    let (whole, fraction) = digits.split_once('.').unzip();
    let whole = whole.unwrap_or(digits);
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(GROUP) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A sentence of the desk's, in which amounts stand as programs write them, with each as [`words`] writes it. An amount is a
/// number that its currency follows; every other number may be a name, and stays.
pub fn within(text: &str) -> String {
    let mut said: Vec<Cow<'_, str>> = text.split(' ').map(Cow::Borrowed).collect();
    let codes = text.split(' ').skip(1);
    for ((place, number), code) in said.iter_mut().zip(text.split(' ')).zip(codes) {
        if let Some(grouped) = of_a_currency(number, code) {
            *place = Cow::Owned(grouped);
        }
    }
    said.join(" ")
}

/// A number in groups, behind an opening bracket or not, where what follows it is a currency in which it is a whole amount.
fn of_a_currency(number: &str, code: &str) -> Option<String> {
    let bare = number.trim_start_matches('(');
    let (before, _) = number.split_at(number.len().saturating_sub(bare.len()));
    let letters = code.trim_end_matches(|c: char| !c.is_ascii_uppercase());
    let currency = Currency::find(letters)?;
    let amount = Money::parse(bare, currency).ok()?;
    // `12` of a currency with cents is no amount that `money` wrote.
    (amount.decimal() == bare).then(|| format!("{before}{}", grouped(bare)))
}

/// What somebody typed or copied from a page, without commas where these stand as a page sets them.
pub fn typed(text: &str) -> Cow<'_, str> {
    let bare: String = text.chars().filter(|c| *c != ',').collect();
    match text.contains(',') && grouped(&bare) == text {
        true => Cow::Owned(bare),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart_in_every_exponent_and_sign() {
        #[track_caller]
        fn check(minor: i128, code: &str, want: &str) {
            let currency = Currency::find(code).expect("a currency of the table");
            let amount = Money::of_minor(minor, currency);
            assert_eq!(words(amount), want);
            // What a page writes is read back, in a form and within a sentence.
            let (figure, _) = want.split_once(' ').expect("a figure and a currency");
            assert_eq!(Money::parse(&typed(figure), currency), Ok(amount));
            assert_eq!(within(&amount.to_string()), want);
        }
        check(0, "JPY", "0 JPY");
        check(999, "JPY", "999 JPY");
        check(1_000, "JPY", "1,000 JPY");
        check(-1_234_567, "JPY", "-1,234,567 JPY");
        check(5, "EUR", "0.05 EUR");
        check(-5, "EUR", "-0.05 EUR");
        check(99_999, "EUR", "999.99 EUR");
        check(100_000, "EUR", "1,000.00 EUR");
        check(123_456_700, "EUR", "1,234,567.00 EUR");
        check(-12_345_678, "EUR", "-123,456.78 EUR");
        check(1_234, "KWD", "1.234 KWD");
        check(1_000_000, "KWD", "1,000.000 KWD");
        check(-1_234_567_890, "KWD", "-1,234,567.890 KWD");
        let most = "1,701,411,834,604,692,317,316,873,037,158,841,057.27 USD";
        check(i128::MAX, "USD", most);
    }

    #[test]
    fn what_is_counted_is_set_apart_alike() {
        assert_eq!(
            (count(999_u64), count(1_000_u64), count(-1_234_567)),
            ("999".into(), "1,000".into(), "-1,234,567".into())
        );
    }

    #[test]
    fn within_a_sentence_only_an_amount_is_set_apart() {
        let check = |text: &str, want: &str| assert_eq!(within(text), want);
        check(
            "withdrawal of -1234567.00 EUR, pending (txn_1234567.00)",
            "withdrawal of -1,234,567.00 EUR, pending (txn_1234567.00)",
        );
        check(
            "(1000 JPY) and 2000.00 USD; 10000.000 KWD.",
            "(1,000 JPY) and 2,000.00 USD; 10,000.000 KWD.",
        );
        // A number before a word, of other decimals than the currency's, or of nothing.
        check("case 123456 ALL of it", "case 123456 ALL of it");
        check("123456 cases, 1234.5 USD", "123456 cases, 1234.5 USD");
        check("ends with 1234.00", "ends with 1234.00");
        check("two  blanks 1234.00 USD", "two  blanks 1,234.00 USD");
        check("", "");
    }

    #[test]
    fn commas_that_no_page_set_stay_and_are_refused_by_who_reads() {
        let check = |text: &str, want: &str| assert_eq!(typed(text), want);
        check("1,234.50", "1234.50");
        check("12,34", "12,34");
        check("1234,50", "1234,50");
        check("1,23,456", "1,23,456");
        check(",123", ",123");
        check("", "");
    }
}
