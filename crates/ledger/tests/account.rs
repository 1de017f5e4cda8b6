//! Account paths: stable, one per account, read back.

use std::collections::BTreeSet;

use ledger::{Account, AccountKind};
use money::Currency;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;

#[track_caller]
fn check(account: &Account, path: &str) {
    assert_eq!(account.path(), path);
    assert_eq!(account.to_string(), path);
    assert_eq!(Account::parse_path(path).as_ref(), Ok(account));
}

#[test]
fn paths_are_stable_and_read_back() {
    use AccountKind::{DisputeReceivable, ProviderClearing, Suspense};
    let usd = |kind, account| Account::new(kind, "acme", account, Currency::USD);
    check(
        &usd(ProviderClearing, "acct_1"),
        "provider-clearing:acme:acct_1:USD",
    );
    let case = usd(DisputeReceivable, "acct_1").for_case("dp_1");
    check(&case, "dispute-receivable:acme:acct_1:dp_1:USD");
    check(&usd(Suspense, "a:b c%d"), "suspense:acme:a%3Ab%20c%25d:USD");
    check(
        &usd(Suspense, "a\u{a0}\u{7}é"),
        "suspense:acme:a%C2%A0%07é:USD",
    );
    check(&usd(Suspense, ""), "suspense:acme:%:USD");
    // A case may be called like a currency.
    check(
        &usd(Suspense, "x").for_case("USD"),
        "suspense:acme:x:USD:USD",
    );
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let names: BTreeSet<_> = AccountKind::ALL
        .into_iter()
        .map(AccountKind::name)
        .collect();
    assert_eq!(names.len(), AccountKind::ALL.len());
    assert!(AccountKind::ALL.is_sorted());
    for kind in AccountKind::ALL {
        assert_eq!(AccountKind::parse(kind.name()), Some(kind));
    }
    assert_eq!(AccountKind::parse("Suspense"), None);
}

/// Other spellings of an account would make two keys of one account.
#[test]
fn paths_in_other_spellings_are_refused() {
    #[track_caller]
    fn check(path: &str, expected: &str) {
        let error = Account::parse_path(path).expect_err(path);
        assert_eq!(
            error.to_string(),
            format!("account path {path:?} does not have {expected}")
        );
    }
    check("", "four or five parts joined by `:`");
    check("suspense:acme:USD", "four or five parts joined by `:`");
    check(
        "suspense:acme:a:b:c:USD",
        "four or five parts joined by `:`",
    );
    check("bank:acme:acct_1:USD", "a kind of account first");
    check("suspense:acme:acct_1:XAU", "a currency last");
    check("suspense:acme:a%2:USD", "escapes like %3A");
    check("suspense:acme:a%zz:USD", "escapes like %3A");
    check("suspense:acme:a%FF:USD", "escapes like %3A");
    check("suspense:acme:acct_1:usd", "the one canonical spelling");
    check("suspense:acme:a%3ab:USD", "the one canonical spelling");
    check("suspense:acme:%61:USD", "the one canonical spelling");
    check("suspense:acme:a b:USD", "the one canonical spelling");
    check("suspense:acme::USD", "the one canonical spelling");
}

fn accounts() -> impl Strategy<Value = Account> {
    let kinds = select(AccountKind::ALL.to_vec());
    let text = || any::<String>();
    (
        kinds,
        text(),
        text(),
        option::of(text()),
        select(Currency::all()),
    )
        .prop_map(|(kind, provider, account, case, currency)| Account {
            kind,
            provider,
            account,
            case,
            currency,
        })
}

proptest! {
    #[test]
    fn any_account_reads_back_from_its_path(account in accounts()) {
        let path = account.path();
        prop_assert!(!path.contains(|c: char| c.is_whitespace() || c.is_control()), "{path:?}");
        prop_assert!(!path.contains("::"), "{path:?}");
        prop_assert_eq!(Account::parse_path(&path), Ok(account));
    }

    #[test]
    fn no_text_makes_path_reading_panic(text in any::<String>()) {
        if let Ok(account) = Account::parse_path(&text) {
            prop_assert_eq!(account.path(), text);
        }
    }
}
