//! Which text is an amount, and which is an error (never zero: F-42).

use money::{Currency, Money, MoneyError};
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

const AUD: Currency = Currency::AUD;
const CLF: Currency = Currency::CLF;
const JPY: Currency = Currency::JPY;
const KWD: Currency = Currency::KWD;
const USD: Currency = Currency::USD;

type Reading = fn(&str, Currency) -> Result<Money, MoneyError>;

#[track_caller]
fn reads(reading: Reading, text: &str, currency: Currency, minor: i128) {
    assert_eq!(
        reading(text, currency),
        Ok(Money::of_minor(minor, currency)),
        "{text:?}"
    );
}

#[track_caller]
fn refuses(reading: Reading, text: &str, currency: Currency, message: &str) {
    let error = reading(text, currency).expect_err(text);
    assert_eq!(error.to_string(), message);
}

#[test]
fn decimals_are_read_at_the_currencys_exponent() {
    let table: &[(&str, Currency, i128)] = &[
        ("12.34", USD, 1234),
        ("12.3", USD, 1230),
        ("12", USD, 1200),
        ("0", USD, 0),
        ("-0", USD, 0),
        ("-0.00", USD, 0),
        ("0.01", USD, 1),
        ("-0.5", USD, -50),
        ("-12.34", USD, -1234),
        ("007.00", USD, 700),
        ("150", JPY, 150),
        ("-150", JPY, -150),
        ("12.345", KWD, 12_345),
        ("12.5", KWD, 12_500),
        ("0.0001", CLF, 1),
        ("1500000.00", AUD, 150_000_000),
        (
            "1701411834604692317316873037158841057.27",
            USD,
            170_141_183_460_469_231_731_687_303_715_884_105_727,
        ),
        (
            "-1701411834604692317316873037158841057.27",
            USD,
            -170_141_183_460_469_231_731_687_303_715_884_105_727,
        ),
    ];
    for &(text, currency, minor) in table {
        reads(Money::parse, text, currency, minor);
        reads(Money::parse_padded, text, currency, minor);
    }
}

/// Spellings seen where an amount was expected: other locales, spreadsheets, other
/// programs' "no value", and neighbouring columns.
const NOT_DECIMALS: &[&str] = &[
    "",
    "-",
    "+",
    ".",
    "-.",
    "5.",
    ".5",
    "-.5",
    "5.-",
    "-5.",
    "1..2",
    "1.2.3",
    "--5",
    "-+5",
    "+-5",
    "+5",
    "+5.00",
    "5-",
    "5.00-",
    "(5.00)",
    "5.00CR",
    "CR5.00",
    "5.00 DR",
    " 5",
    "5 ",
    "5 .00",
    "5. 00",
    "\t5",
    "5\n",
    "5\r",
    "\u{feff}5",
    "\u{a0}5",
    "5\u{2009}000",
    "1,234.50",
    "1.234,50",
    "1,5",
    "1 234.50",
    "1'234.50",
    "1_234",
    "12,34",
    "1,23,456.00",
    "$5",
    "5$",
    "€5",
    "USD 5",
    "5 USD",
    "5.00USD",
    "2.47E+22",
    "2.47e22",
    "1e5",
    "1E-2",
    "5e",
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "null",
    "NULL",
    "None",
    "nil",
    "undefined",
    "N/A",
    "#REF!",
    "#########",
    "true",
    "0x10",
    "0b1",
    "1/2",
    "50%",
    "½",
    "１２",
    "٣",
    "१२",
    "１２.３４",
    "12．34",
    "−5",
    "–5",
    "1\u{0}2",
    "2026-03-02",
    "12:34",
    "abc",
    "O.OO",
    "l2.34",
    "\"5\"",
    "=5",
];

#[test]
fn other_spellings_are_refused_and_never_become_zero() {
    assert!(NOT_DECIMALS.len() >= 80);
    for text in NOT_DECIMALS {
        for currency in [USD, JPY, KWD] {
            let readings: [Reading; 2] = [Money::parse, Money::parse_padded];
            for reading in readings {
                let error = reading(text, currency).expect_err(text);
                assert!(
                    matches!(error, MoneyError::NotAnAmount { .. }),
                    "{text:?}: {error}"
                );
            }
            assert!(Money::parse_minor(text, currency).is_err(), "{text:?}");
            assert!(Money::parse_cents(text, currency).is_err(), "{text:?}");
            assert!(
                Money::from_text(&format!("{text} {currency}")).is_err(),
                "{text:?}"
            );
        }
    }
    refuses(
        Money::parse,
        "1,234.50",
        USD,
        "amount \"1,234.50\" is not a decimal like 12.34",
    );
    refuses(
        Money::parse,
        "",
        USD,
        "amount \"\" is not a decimal like 12.34",
    );
    refuses(
        Money::parse_minor,
        "12.34",
        USD,
        "amount \"12.34\" is not a whole number like 1234",
    );
}

/// F-23: more digits than the currency has are a sign of the wrong exponent.
#[test]
fn more_decimals_than_the_currency_has_are_refused() {
    let plain = Money::parse;
    refuses(
        plain,
        "12.345",
        USD,
        "amount \"12.345\" has 3 decimals, USD has 2",
    );
    refuses(
        plain,
        "12.340",
        USD,
        "amount \"12.340\" has 3 decimals, USD has 2",
    );
    refuses(
        plain,
        "150.00",
        JPY,
        "amount \"150.00\" has 2 decimals, JPY has 0",
    );
    refuses(
        plain,
        "150.0",
        JPY,
        "amount \"150.0\" has 1 decimal, JPY has 0",
    );
    refuses(
        plain,
        "1.2345",
        KWD,
        "amount \"1.2345\" has 4 decimals, KWD has 3",
    );

    let padded = Money::parse_padded;
    reads(padded, "12.340", USD, 1234);
    reads(padded, "150.00", JPY, 150);
    reads(padded, "-150.000000", JPY, -150);
    refuses(
        padded,
        "12.345",
        USD,
        "amount \"12.345\" has 3 decimals, USD has 2",
    );
    refuses(
        padded,
        "12.3401",
        USD,
        "amount \"12.3401\" has 4 decimals, USD has 2",
    );
    refuses(
        padded,
        "150.50",
        JPY,
        "amount \"150.50\" has 2 decimals, JPY has 0",
    );
}

#[test]
fn minor_units_are_read_as_they_stand() {
    reads(Money::parse_minor, "1234", USD, 1234);
    reads(Money::parse_minor, "-1234", USD, -1234);
    reads(Money::parse_minor, "000150", JPY, 150);
    reads(Money::parse_minor, "0", KWD, 0);
}

/// Some settlement reports write every amount times one hundred.
#[test]
fn hundredths_are_read_whatever_the_exponent() {
    let cents = Money::parse_cents;
    reads(cents, "1234", USD, 1234);
    reads(cents, "15000", JPY, 150);
    reads(cents, "-15000", JPY, -150);
    reads(cents, "15000", KWD, 150_000);
    reads(cents, "1", CLF, 100);
    refuses(
        cents,
        "15050",
        JPY,
        "amount \"15050\" with 2 implied decimals is not a whole number of JPY minor units, \
         JPY has 0 decimals",
    );
}

#[test]
fn scaled_integers_become_minor_units_exactly_or_not_at_all() {
    let scaled =
        |value, scale, currency| Money::of_scaled(value, scale, currency).map(Money::minor);
    assert_eq!(scaled(15_000, 2, Currency::ISK), Ok(150));
    assert_eq!(scaled(15, 0, KWD), Ok(15_000));
    assert_eq!(scaled(0, 255, JPY), Ok(0));
    assert!(scaled(1, 255, JPY).is_err());
    assert!(scaled(i128::MAX, 0, USD).is_err());
    assert!(scaled(i128::MIN, 2, USD).is_err());
}

#[test]
fn overpunched_signs_are_read() {
    for (place, zone) in "{ABCDEFGHI".chars().enumerate() {
        let minor = i128::try_from(120 + place).expect("small");
        reads(Money::parse_overpunch, &format!("0012{zone}"), USD, minor);
    }
    for (place, zone) in "}JKLMNOPQR".chars().enumerate() {
        let minor = i128::try_from(120 + place).expect("small");
        reads(Money::parse_overpunch, &format!("0012{zone}"), USD, -minor);
    }
    reads(Money::parse_overpunch, "{", JPY, 0);
    reads(Money::parse_overpunch, "}", JPY, 0);
    reads(Money::parse_overpunch, "15{", JPY, 150);
}

#[test]
fn what_is_not_overpunched_is_refused() {
    // Unsigned, signed twice, lower case, blank-padded, past the zones, two bytes long.
    for text in [
        "", "00120", "-12C", "12C-", "12c", " 12C", "12C ", "1C2", "12S", "12@", "12É", "É",
    ] {
        let message =
            format!("amount {text:?} is not digits ending in a signed digit ({{ A-I, }} J-R)");
        refuses(Money::parse_overpunch, text, USD, &message);
    }
}

#[test]
fn amounts_beyond_128_bits_are_refused() {
    let message = "amount in USD exceeds 128 bits of minor units";
    // One minor unit beyond, on both sides: the range is symmetric.
    for sign in ["", "-"] {
        let decimal = format!("{sign}1701411834604692317316873037158841057.28");
        let minor = format!("{sign}170141183460469231731687303715884105728");
        refuses(Money::parse, &decimal, USD, message);
        refuses(Money::parse_minor, &minor, USD, message);
        refuses(Money::parse_cents, &minor, USD, message);
        refuses(
            Money::parse,
            &format!("{sign}{}", "9".repeat(5000)),
            USD,
            message,
        );
    }
    refuses(
        Money::parse_overpunch,
        &format!("{}R", "9".repeat(40)),
        USD,
        message,
    );
}

#[test]
fn displayed_amounts_are_read_back() {
    for (minor, currency, text) in [
        (1234, USD, "12.34 USD"),
        (-5, USD, "-0.05 USD"),
        (0, USD, "0.00 USD"),
        (150, JPY, "150 JPY"),
        (-1, KWD, "-0.001 KWD"),
        (1, CLF, "0.0001 CLF"),
    ] {
        let amount = Money::of_minor(minor, currency);
        assert_eq!(amount.to_string(), text);
        assert_eq!(Money::from_text(text), Ok(amount));
    }
    assert_eq!(
        format!("[{:>12}]", Money::of_minor(1234, USD)),
        "[   12.34 USD]"
    );
}

#[test]
fn text_without_a_known_currency_is_refused() {
    #[track_caller]
    fn check(text: &str, message: &str) {
        assert_eq!(Money::from_text(text).expect_err(text).to_string(), message);
    }
    check("12.34", "amount \"12.34\" is not like 12.34 USD");
    check("12.34USD", "amount \"12.34USD\" is not like 12.34 USD");
    check(
        "12.34 XAU",
        "currency \"XAU\" is not an ISO 4217 code with a minor unit",
    );
    check(
        "12.34  USD",
        "currency \" USD\" is not an ISO 4217 code with a minor unit",
    );
    check("12.345 USD", "amount \"12.345\" has 3 decimals, USD has 2");
}

#[test]
fn errors_quote_at_most_64_characters() {
    let error = Money::parse(&"x".repeat(1000), USD).expect_err("letters");
    let quoted = format!("{}…", "x".repeat(64));
    assert_eq!(
        error.to_string(),
        format!("amount \"{quoted}\" is not a decimal like 12.34")
    );
}

/// A shifted column puts a card number where the amount was; errors reach logs.
#[test]
fn errors_do_not_repeat_card_numbers() {
    // Sixteen digits in the shapes cards are written in; not a number of any card.
    let solid = "9".repeat(16);
    let spaced = ["9999"; 4].join(" ");
    let hyphened = ["9999"; 4].join("-");
    for text in [
        format!("{solid} "),
        format!("x{solid}"),
        spaced,
        format!("{hyphened};"),
    ] {
        let message = Money::parse(&text, USD).expect_err(&text).to_string();
        assert_eq!(message.matches('9').count(), 6, "{message}");
        assert_eq!(message.matches('*').count(), 10, "{message}");
    }
    // Nothing is masked where there is no room for a card number.
    let message = "amount \"12345678.90\" is not a whole number like 1234";
    refuses(Money::parse_minor, "12345678.90", USD, message);
}

fn currencies() -> impl Strategy<Value = Currency> {
    select(Currency::all())
}

fn amounts() -> impl Strategy<Value = Money> {
    (-i128::MAX..=i128::MAX, currencies())
        .prop_map(|(minor, currency)| Money::of_minor(minor, currency))
}

proptest! {
    #[test]
    fn every_rendering_reads_back(amount in amounts(), zeros in 0_usize..5) {
        let currency = amount.currency();
        prop_assert_eq!(Money::parse(&amount.decimal(), currency), Ok(amount));
        prop_assert_eq!(Money::from_text(&amount.to_string()), Ok(amount));
        prop_assert_eq!(Money::parse_minor(&amount.minor().to_string(), currency), Ok(amount));
        if currency.exponent() > 0 {
            let padded = format!("{}{}", amount.decimal(), "0".repeat(zeros));
            prop_assert_eq!(Money::parse_padded(&padded, currency), Ok(amount));
            prop_assert_eq!(Money::parse(&padded, currency).is_ok(), zeros == 0);
        }
    }

    /// What is read from any text is what the text says: reading it, rendering it
    /// and dropping what a decimal may leave out gives the text again.
    #[test]
    fn what_is_read_is_what_was_written(text in "-?[0-9 .,eE+]{0,12}", currency in currencies()) {
        if let Ok(amount) = Money::parse(&text, currency) {
            let magnitude = text.trim_start_matches('-').trim_start_matches('0');
            let rendered = amount.abs().decimal();
            prop_assert!(rendered.trim_start_matches('0').starts_with(magnitude) || magnitude.is_empty());
            prop_assert_eq!(amount.is_negative(), text.starts_with('-') && !amount.is_zero());
        }
    }

    #[test]
    fn no_text_makes_a_reading_panic(text in any::<String>(), currency in currencies()) {
        let readings: [Reading; 5] = [
            Money::parse, Money::parse_padded, Money::parse_minor, Money::parse_cents,
            Money::parse_overpunch,
        ];
        for reading in readings {
            if let Err(error) = reading(&text, currency) {
                prop_assert!(error.to_string().chars().count() < 1000);
            }
        }
    }

    #[test]
    fn overpunch_and_plain_digits_agree(minor in -10_i128.pow(18)..10_i128.pow(18)) {
        let digits = minor.unsigned_abs().to_string();
        let (leading, last) = digits.split_at(digits.len() - 1);
        let zones = if minor < 0 { "}JKLMNOPQR" } else { "{ABCDEFGHI" };
        let zone = zones.chars().nth(last.parse()?).expect("ten zones");
        let read = Money::parse_overpunch(&format!("{leading}{zone}"), USD);
        prop_assert_eq!(read, Ok(Money::of_minor(minor, USD)));
    }
}
