//! Sums, ratios, conversions and share-outs.

use money::{Currency, Money, MoneyError, Rate, Rounding};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

const EUR: Currency = Currency::EUR;
const JPY: Currency = Currency::JPY;
const KWD: Currency = Currency::KWD;
const USD: Currency = Currency::USD;

fn usd(minor: i128) -> Money {
    Money::of_minor(minor, USD)
}

#[test]
fn sums_need_one_currency_and_128_bits() {
    assert_eq!(usd(5).checked_add(usd(-7)), Ok(usd(-2)));
    assert_eq!(usd(5).checked_sub(usd(7)), Ok(usd(-2)));
    let mixed = usd(5)
        .checked_add(Money::of_minor(5, EUR))
        .expect_err("two currencies");
    assert_eq!(
        mixed.to_string(),
        "amounts in USD and EUR need one currency"
    );
    assert!(Money::zero(USD).checked_sub(Money::zero(EUR)).is_err());

    let overflow = Err(MoneyError::Overflow { currency: USD });
    assert_eq!(usd(i128::MAX).checked_add(usd(1)), overflow);
    assert_eq!(usd(-i128::MAX).checked_sub(usd(1)), overflow);
    assert_eq!(usd(-i128::MAX).negate(), usd(i128::MAX));
    assert_eq!(usd(-i128::MAX).abs(), usd(i128::MAX));

    assert_eq!(
        Money::checked_sum(USD, [usd(1), usd(2), usd(-4)]),
        Ok(usd(-1))
    );
    assert_eq!(Money::checked_sum(USD, []), Ok(Money::zero(USD)));
    assert!(Money::checked_sum(USD, [Money::of_minor(1, EUR)]).is_err());
}

#[test]
fn order_is_by_currency_then_amount() {
    let mut amounts = [
        usd(1),
        Money::of_minor(9, EUR),
        usd(-1),
        Money::of_minor(-9, EUR),
    ];
    amounts.sort();
    assert_eq!(
        amounts.map(|amount| amount.to_string()).join(" "),
        "-0.09 EUR 0.09 EUR -0.01 USD 0.01 USD"
    );
}

#[test]
fn each_rounding_does_what_its_name_says() {
    #[track_caller]
    fn check(numerator: i128, denominator: i128, want: [i128; 4]) {
        use Rounding::{Down, HalfEven, HalfUp, Up};
        let rounded = [Down, Up, HalfUp, HalfEven].map(|rounding| {
            let product = usd(1).checked_mul_ratio(numerator, denominator, rounding);
            product.expect("small").minor()
        });
        assert_eq!(rounded, want, "{numerator}/{denominator}");
    }
    //                  down  up  half-up  half-even
    check(0, 7, [0, 0, 0, 0]);
    check(7, 7, [1, 1, 1, 1]);
    check(1, 3, [0, 1, 0, 0]);
    check(2, 3, [0, 1, 1, 1]);
    check(1, 2, [0, 1, 1, 0]);
    check(3, 2, [1, 2, 2, 2]);
    check(5, 2, [2, 3, 3, 2]);
    check(-1, 3, [0, -1, 0, 0]);
    check(-1, 2, [0, -1, -1, 0]);
    check(-3, 2, [-1, -2, -2, -2]);
    check(-5, 2, [-2, -3, -3, -2]);
    check(1, -2, [0, -1, -1, 0]);
    check(-5, -2, [2, 3, 3, 2]);
    check(i128::MAX, i128::MAX, [1, 1, 1, 1]);
    check(1, i128::MAX, [0, 1, 0, 0]);
}

#[test]
fn ratios_that_have_no_answer_say_why() {
    let ratio = |minor, numerator, denominator| {
        usd(minor).checked_mul_ratio(numerator, denominator, Rounding::Down)
    };
    assert_eq!(ratio(1, 1, 0), Err(MoneyError::ZeroDenominator));
    assert_eq!(
        ratio(i128::MAX, 2, 1),
        Err(MoneyError::Overflow { currency: USD })
    );
    // Common factors are taken out first, so wide figures alone do not overflow.
    assert_eq!(ratio(i128::MAX, i128::MAX, i128::MAX), Ok(usd(i128::MAX)));
    assert_eq!(
        ratio(i128::MAX - 1, 3, 2),
        Err(MoneyError::Overflow { currency: USD })
    );
    assert_eq!(ratio(i128::MAX - 1, 1, 2), Ok(usd((i128::MAX - 1) / 2)));
}

#[test]
fn conversion_minds_both_exponents() {
    #[track_caller]
    fn check(from: &str, rate: &str, to: Currency, want: &str) {
        let rate = Rate::parse(rate).expect(rate);
        let amount = Money::from_text(from).expect(from);
        let converted = amount.convert(rate, to, Rounding::HalfEven).expect(from);
        assert_eq!(converted.to_string(), want);
    }
    check("100.00 EUR", "1.1374", USD, "113.74 USD");
    check("1500 JPY", "0.0067", USD, "10.05 USD");
    check("10.05 USD", "149.25", JPY, "1500 JPY");
    check("10.00 USD", "0.307", KWD, "3.070 KWD");
    check("1.000 KWD", "3.2573", USD, "3.26 USD");
    check("-1.000 KWD", "3.2573", USD, "-3.26 USD");
    check("0.01 USD", "0.1", JPY, "0 JPY");
}

#[test]
fn conversion_within_a_currency_is_refused() {
    let rate = Rate::parse("1.1").expect("rate");
    let error = usd(1)
        .convert(rate, USD, Rounding::Up)
        .expect_err("one currency");
    assert_eq!(
        error.to_string(),
        "conversion needs two currencies, found USD twice"
    );
}

#[test]
fn rates_are_kept_as_reported() {
    for text in [
        "1.1374",
        "1.10",
        "1.1",
        "149",
        "0.0067",
        "0.00000000000000000000000000000000000001",
    ] {
        assert_eq!(Rate::parse(text).expect(text).to_string(), text);
    }
    assert_ne!(Rate::parse("1.10"), Rate::parse("1.1"));
    let rate = Rate::parse("1.10").expect("rate");
    assert_eq!((rate.mantissa(), rate.scale()), (110, 2));
    for text in [
        "", "0", "0.000", "-1.1", "+1.1", "1e-3", "1,1", ".5", "5.", "NaN", "１",
    ] {
        let error = Rate::parse(text).expect_err(text).to_string();
        assert_eq!(
            error,
            format!("rate {text:?} is not a decimal above 0 of at most 38 digits")
        );
    }
    assert!(Rate::parse(&"9".repeat(40)).is_err());
    assert!(Rate::parse(&format!("0.{}1", "0".repeat(38))).is_err());
}

#[test]
fn share_outs_go_by_largest_remainder() {
    #[track_caller]
    fn check(minor: i128, weights: &[u64], want: &[i128]) {
        let shares = usd(minor).allocate(weights).expect("a weight");
        assert_eq!(
            shares.into_iter().map(Money::minor).collect::<Vec<_>>(),
            want
        );
    }
    check(100, &[1, 1, 1], &[34, 33, 33]);
    check(-100, &[1, 1, 1], &[-34, -33, -33]);
    check(5, &[3, 7], &[2, 3]); // 1.5 and 3.5: the earlier weight wins the tie.
    check(5, &[7, 3], &[4, 1]);
    check(100, &[0, 1, 0], &[0, 100, 0]);
    check(1, &[0, 0, 1, 1], &[0, 0, 1, 0]);
    check(2, &[1, 1, 1, 1], &[1, 1, 0, 0]);
    check(0, &[5, 5], &[0, 0]);
    check(i128::MAX, &[1], &[i128::MAX]);
    check(10, &[u64::MAX, u64::MAX], &[5, 5]);
}

#[test]
fn share_outs_without_weight_are_refused() {
    assert_eq!(usd(100).allocate(&[]), Err(MoneyError::NoWeights));
    assert_eq!(usd(100).allocate(&[0, 0]), Err(MoneyError::NoWeights));
    assert_eq!(
        MoneyError::NoWeights.to_string(),
        "share-out needs a weight above 0, found none"
    );
}

fn rates() -> impl Strategy<Value = Rate> {
    "[1-9][0-9]{0,2}\\.[0-9]{1,6}".prop_map(|text| Rate::parse(&text).expect("of the grammar"))
}

proptest! {
    #[test]
    fn adding_then_subtracting_is_nothing(a in any::<i64>(), b in any::<i64>()) {
        let (a, b) = (usd(i128::from(a)), usd(i128::from(b)));
        prop_assert_eq!(a.checked_add(b)?.checked_sub(b), Ok(a));
        prop_assert_eq!(a.checked_add(b), b.checked_add(a));
    }

    #[test]
    fn shares_sum_exactly_and_stay_within_a_unit(
        minor in -10_i128.pow(24)..10_i128.pow(24),
        weights in vec(0_u64..1_000_000, 1..20),
    ) {
        let total: i128 = weights.iter().copied().map(i128::from).sum();
        if total == 0 {
            return Ok(());
        }
        let amount = usd(minor);
        let shares = amount.allocate(&weights)?;
        prop_assert_eq!(shares.len(), weights.len());
        prop_assert_eq!(Money::checked_sum(USD, shares.iter().copied())?, amount);
        for (share, &weight) in shares.iter().zip(&weights) {
            // |share - minor * weight / total| < 1, without the division.
            let distance = share.minor() * total - minor * i128::from(weight);
            prop_assert!(distance.abs() < total);
            prop_assert!(weight > 0 || share.is_zero());
            prop_assert!(share.is_zero() || share.is_negative() == amount.is_negative());
        }
    }

    /// At a rate of one target unit or more for a source unit, converting there and
    /// back loses less than one unit of the source.
    #[test]
    fn conversion_reverses_within_a_unit(
        minor in -10_i128.pow(15)..10_i128.pow(15),
        rate in rates(),
        rounding in select(vec![Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven]),
    ) {
        let euros = Money::of_minor(minor, EUR);
        let dollars = euros.convert(rate, USD, rounding)?;
        let unit = 10_i128.pow(u32::from(rate.scale()));
        let back = dollars.checked_mul_ratio(unit, rate.mantissa(), Rounding::HalfEven)?;
        prop_assert!((back.minor() - minor).abs() <= 1, "{euros} {rate} {dollars} {back}");
    }

    #[test]
    fn roundings_bracket_the_exact_value(
        minor in -10_i128.pow(18)..10_i128.pow(18),
        numerator in -10_i128.pow(9)..10_i128.pow(9),
        denominator in 1_i128..10_i128.pow(9),
    ) {
        let rounded = |rounding| usd(minor).checked_mul_ratio(numerator, denominator, rounding);
        let (down, up) = (rounded(Rounding::Down)?.minor(), rounded(Rounding::Up)?.minor());
        let exact = (minor * numerator).abs();
        prop_assert!(down.abs() * denominator <= exact && exact <= up.abs() * denominator);
        prop_assert!(up.abs() - down.abs() <= 1);
        for nearest in [rounded(Rounding::HalfUp)?.minor(), rounded(Rounding::HalfEven)?.minor()] {
            prop_assert!(nearest == down || nearest == up);
            prop_assert!(2 * (nearest * denominator - minor * numerator).abs() <= denominator);
        }
    }
}
