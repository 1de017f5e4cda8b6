//! What new disputes are about: synthetic, in the providers' words and the networks' codes.

use crate::dice::Dice;
use crate::fakes::truth::{Next, Opening};
use calendar::Instant;
use dispute::status::Stage;

/// Word, rail and code.
type Why = (&'static str, &'static str, &'static str);

const STRIPE: [Why; 7] = [
    ("fraudulent", "visa", "10.4"),
    ("product_not_received", "visa", "13.1"),
    ("duplicate", "visa", "12.6.1"),
    ("fraudulent", "mastercard", "4837"),
    ("product_unacceptable", "mastercard", "4853"),
    ("subscription_canceled", "mastercard", "4841"),
    ("credit_not_processed", "amex", "C02"),
];

const ADYEN: [Why; 4] = [
    ("Other Fraud-Card Absent Environment", "visa", "10.4"),
    ("Merchandise/Services Not Received", "visa", "13.1"),
    ("No Cardholder Authorisation", "mc", "4837"),
    ("Goods or Services Not Provided", "mc", "4855"),
];

const PAYPAL: [Why; 4] = [
    ("MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "paypal", ""),
    ("MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED", "paypal", ""),
    ("UNAUTHORISED", "paypal", ""),
    ("DUPLICATE_TRANSACTION", "paypal", ""),
];

const ACH: [Why; 5] = [
    ("", "ach", "R01"),
    ("", "ach", "R03"),
    ("", "ach", "R05"),
    ("", "ach", "R07"),
    ("", "ach", "R10"),
];

/// A dispute as any day brings it, opened at this instant.
pub fn any(provider: &'static str, account: &str, at: Instant, dice: &mut Dice) -> Opening {
    let table: &[Why] = match provider {
        "stripe" => &STRIPE,
        "adyen" => &ADYEN,
        "paypal" => &PAYPAL,
        _ => &ACH,
    };
    let (reason, brand, code) = dice
        .pick(table)
        .copied()
        .unwrap_or(("general", "visa", "10.4"));
    let minor = i64::from(dice.between(500, 40_000));
    let inquiry = matches!(provider, "stripe" | "adyen" | "paypal") && dice.chance(80);
    let euro = provider == "adyen" && dice.chance(500);
    Opening {
        provider,
        account: account.to_owned(),
        paid_minor: minor + i64::from(dice.below(2)) * 1_000,
        minor,
        currency: if euro { "EUR" } else { "USD" },
        reason,
        code,
        brand,
        stage: match (provider, inquiry) {
            ("ach", _) => Stage::Return,
            (_, true) => Stage::Inquiry,
            _ => Stage::Chargeback,
        },
        due: (provider != "ach").then(|| at.plus_days(i64::from(dice.between(7, 20)))),
        payment: None,
        then: Vec::new(),
    }
}

/// The same, with what happens next whatever the desk does.
pub fn with(mut opening: Opening, then: &[(i64, Next)]) -> Opening {
    opening.stage = if opening.provider == "ach" {
        Stage::Return
    } else {
        Stage::Chargeback
    };
    opening.then = then.to_vec();
    opening
}
