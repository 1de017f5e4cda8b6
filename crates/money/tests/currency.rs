//! The list of currencies, checked against a second transcription.

use money::Currency;
use proptest::prelude::{any, proptest};

/// ISO 4217 list one, edition 2026-01-01, in the standard's own order (by country)
/// and without the codes whose minor unit is "N.A."; written down separately from
/// the room's list, which is by code.
const ACTIVE_BY_COUNTRY: &str = "
    AFN EUR ALL DZD USD AOA XCD XAD ARS AMD AWG AUD AZN BSD BHD BDT BBD BYN BZD XOF BMD INR BTN
    BOB BOV BAM BWP NOK BRL BND BIF CVE KHR XAF CAD KYD CLP CLF CNY COP COU KMF CDF NZD CRC CUP
    XCG CZK DKK DJF DOP EGP SVC ERN SZL ETB FKP FJD XPF GMD GEL GHS GIP GTQ GBP GNF GYD HTG HNL
    HKD HUF ISK IDR IRR IQD ILS JMD JPY JOD KZT KES KPW KRW KWD KGS LAK LBP LSL ZAR LRD LYD CHF
    MOP MKD MGA MWK MYR MVR MRU MUR MXN MXV MDL MNT MAD MZN MMK NAD NPR NIO NGN OMR PKR PAB PGK
    PYG PEN PHP PLN QAR RON RUB RWF SHP WST STN SAR RSD SCR SLE SGD SBD SOS SSP LKR SDG SRD SEK
    CHE CHW SYP TWD TJS TZS THB TOP TTD TND TRY TMT UGX UAH AED USN UYU UYI UYW UZS VUV VES VED
    VND YER ZMW ZWG";

#[test]
fn every_active_currency_is_known_and_no_other() {
    let mut expected: Vec<&str> = ACTIVE_BY_COUNTRY.split_whitespace().collect();
    expected.sort_unstable();
    let active = Currency::all()
        .iter()
        .filter(|currency| !currency.withdrawn());
    assert_eq!(active.map(Currency::code).collect::<Vec<_>>(), expected);
}

#[test]
fn withdrawn_currencies_are_still_read() {
    let withdrawn = Currency::all()
        .iter()
        .filter(|currency| currency.withdrawn());
    let codes: Vec<_> = withdrawn.map(Currency::code).collect();
    assert_eq!(codes, ["ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"]);
}

/// F-23: the exponent is the currency's, and these are all that are not two.
#[test]
fn exponents_are_those_of_the_standard() {
    let with = |exponent| {
        let matching = Currency::all().iter().filter(|c| c.exponent() == exponent);
        matching.map(Currency::code).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        with(0),
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    );
    assert_eq!(with(3), "BHD IQD JOD KWD LYD OMR TND");
    assert_eq!(with(4), "CLF UYW");
    let two = Currency::all()
        .iter()
        .filter(|currency| currency.exponent() == 2)
        .count();
    assert_eq!(two + 17 + 7 + 2, Currency::all().len());
}

#[test]
fn the_list_is_sorted_by_code_without_repeats() {
    let codes: Vec<_> = Currency::all().iter().map(Currency::code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    assert!(Currency::all().is_sorted());
    assert!(
        codes
            .iter()
            .all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
    );
}

#[test]
fn any_case_finds_the_currency() {
    for &currency in Currency::all() {
        assert_eq!(Currency::find(currency.code()), Some(currency));
        assert_eq!(
            Currency::find(&currency.code().to_lowercase()),
            Some(currency)
        );
        assert_eq!(currency.to_string(), currency.code());
    }
    assert_eq!(Currency::find("uSd"), Some(Currency::USD));
}

#[test]
fn what_is_not_a_code_finds_nothing() {
    // Metals and test codes have no minor unit; 840 is USD's number; the last is
    // three letters outside ASCII.
    for text in [
        "",
        "US",
        "USDX",
        " USD",
        "USD ",
        "XAU",
        "XTS",
        "XXX",
        "840",
        "$",
        "ＵＳＤ",
    ] {
        assert_eq!(Currency::find(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn finding_never_panics_and_answers_what_was_asked(text in any::<String>()) {
        if let Some(found) = Currency::find(&text) {
            assert_eq!(found.code(), text.to_uppercase());
        }
    }
}
