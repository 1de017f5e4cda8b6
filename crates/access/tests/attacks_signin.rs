//! Attacks on passwords, one-time codes and the door itself: each line is one, with the refusal it meets.
#![allow(clippy::unwrap_used, reason = "tests")]

use access::password::{
    COST, HashError, PasswordHash, PasswordReject, Verdict, accept, hash, verify,
};
use access::throttle::{
    ACCOUNT, ADDRESS, Throttle, TooMany, account_key, address_key, attempt, wait,
};
use access::totp::{CodeRefusal, RECOVERY_CODES, Step, Totp, find_recovery_code, recovery_code};
use calendar::Instant;

fn now() -> Instant {
    Instant::parse("2026-11-02T10:00:00Z").unwrap()
}

#[track_caller]
fn check(attack: &str, password: &str, want: Result<(), PasswordReject>) {
    let context = ["anna.muster@harbour-goods.example", "Muster GmbH"];
    let found = accept(password, &context);
    assert_eq!(found, want, "{attack}");
    if let Err(reject) = found {
        assert!(
            password.is_empty() || !format!("{reject} {reject:?}").contains(password),
            "{attack}: the password is in its refusal"
        );
    }
}

#[test]
fn a_password_that_is_tried_first_is_not_taken() {
    use PasswordReject::{Common, Context, Long, Short};
    let context = |word: &str| {
        Err(Context {
            word: word.to_owned(),
        })
    };
    check(
        "five words of nobody's",
        "velvet otter hums at nine",
        Ok(()),
    );
    check("random", "x7#Kq!v92_Lp", Ok(()));
    check("twelve letters of another script", "жёлтыйтрактор", Ok(()));
    check("as long as may be", &"aB3 xq, ".repeat(16), Ok(()));
    check("short", "x7#Kq!v92_L", Err(Short { found: 11 }));
    check(
        "twelve bytes, six characters",
        "жжжжжж",
        Err(Short { found: 6 }),
    );
    check("empty", "", Err(Short { found: 0 }));
    check(
        "too long",
        &"x7#Kq!v92_Lp-".repeat(10),
        Err(Long { found: 130 }),
    );
    check(
        "a megabyte",
        &"ab".repeat(1 << 19),
        Err(Long { found: 1 << 20 }),
    );
    check("the commonest", "password1234", Err(Common));
    check("with case", "PassWord2024!", Err(Common));
    check("spelled with digits", "P@ssw0rd2024", Err(Common));
    check("a season and a year", "Summer!!2026", Err(Common));
    check("two common words", "letmein-welcome", Err(Common));
    check(
        "common words in a row",
        "sunshine monkey dragon",
        Err(Common),
    );
    check(
        "on the list as a whole",
        "correcthorsebatterystaple",
        Err(Common),
    );
    check("our product", "Docket123456", Err(Common));
    check("one character", "aaaaaaaaaaaaaa", Err(Common));
    check("one piece again and again", "abc1abc1abc1abc1", Err(Common));
    check("keys in a row", "qwertyuiopasdf", Err(Common));
    check("keys in columns", "1qaz2wsx3edc", Err(Common));
    check("digits in a row", "123456789012", Err(Common));
    check("backwards", "poiuytrewq0987", Err(Common));
    check("two rows", "asdfghjkl1234", Err(Common));
    check("one's own name", "Muster-velvet-9", context("muster"));
    check(
        "one's own first name",
        "1anna-velvet-otter",
        context("anna"),
    );
    check("the organisation", "velvetHARBOURotter", context("harbour"));
}

#[test]
fn a_password_is_checked_exactly_as_typed() {
    let typed = "velvet otter hums at nine";
    let stored = hash(typed, [5; 16]);
    assert_eq!(verify(typed, Some(&stored)), Verdict::Right);
    for (attack, other) in [
        ("another case", "Velvet otter hums at nine"),
        ("space before", " velvet otter hums at nine"),
        ("space after", "velvet otter hums at nine "),
        ("cut", "velvet otter hums at nin"),
        ("more", "velvet otter hums at nine0"),
        ("NUL and more", "velvet otter hums at nine\0"),
        ("empty", ""),
    ] {
        assert_eq!(verify(other, Some(&stored)), Verdict::Wrong, "{attack}");
    }
    assert_ne!(
        hash(typed, [6; 16]).render(),
        stored.render(),
        "a salt of its own"
    );
}

#[test]
fn nobody_has_no_password() {
    assert_eq!(verify("velvet otter hums at nine", None), Verdict::Wrong);
    assert_eq!(verify("", None), Verdict::Wrong);
    let long = "x".repeat(129);
    assert_eq!(verify(&long, None), Verdict::Wrong);
    assert_eq!(
        verify(&long, Some(&hash(&long, [5; 16]))),
        Verdict::Wrong,
        "refused before any work, for everybody"
    );
}

#[test]
fn a_hash_of_an_older_cost_is_made_anew() {
    let stored = hash("velvet otter hums at nine", [5; 16]).render();
    assert!(
        stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{stored}"
    );
    let today = PasswordHash::parse(&stored).unwrap();
    assert_eq!(today.render(), stored);
    assert_eq!(
        verify("velvet otter hums at nine", Some(&today)),
        Verdict::Right
    );
    let older = PasswordHash::parse(OLDER).unwrap();
    assert_eq!(
        verify("velvet otter hums at nine", Some(&older)),
        Verdict::RightRehash
    );
    assert_eq!(
        verify("velvet otter hums at ten", Some(&older)),
        Verdict::Wrong
    );
    assert_eq!((COST.memory_kib, COST.passes, COST.lanes), (19_456, 2, 1));
}

/// Of `velvet otter hums at nine` by the reference implementation (argon2-cffi), so that ours is checked against it.
const OLDER: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$sKW4Tij9HiHVNygaxRYhHdf/vZCCA2ueHKImnqzOMp8";

#[test]
fn a_stored_hash_that_is_not_ours_is_refused() {
    let salt_and_hash = "BQUFBQUFBQUFBQUFBQUFBQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(
        PasswordHash::parse(&format!("$argon2id$v=19$m=19456,t=2,p=1${salt_and_hash}")).is_ok()
    );
    for (attack, head) in [
        ("a weaker algorithm", "$argon2d$v=19$m=19456,t=2,p=1$"),
        ("an older version", "$argon2id$v=16$m=19456,t=2,p=1$"),
        ("no version", "$argon2id$m=19456,t=2,p=1$"),
        ("another order", "$argon2id$v=19$t=2,m=19456,p=1$"),
        (
            "a parameter more",
            "$argon2id$v=19$m=19456,t=2,p=1,data=AA$",
        ),
        ("no passes", "$argon2id$v=19$m=19456,t=0,p=1$"),
        ("no memory", "$argon2id$v=19$m=0,t=2,p=1$"),
        ("not numbers", "$argon2id$v=19$m=x,t=2,p=1$"),
        ("a plain password", "velvet"),
        ("empty", ""),
    ] {
        let found = PasswordHash::parse(&format!("{head}{salt_and_hash}"));
        assert_eq!(found, Err(HashError::Form), "{attack}");
    }
    let dear = PasswordHash::parse(&format!("$argon2id$v=19$m=4194304,t=2,p=1${salt_and_hash}"));
    assert!(
        matches!(dear, Err(HashError::Cost { .. })),
        "a row that would take 4 GiB: {dear:?}"
    );
    let short = PasswordHash::parse("$argon2id$v=19$m=19456,t=2,p=1$BQUFBQUFBQUFBQUFBQUFBQ$AAAA");
    assert_eq!(short, Err(HashError::Form), "a hash cut to three bytes");
}

fn totp() -> Totp {
    Totp::new(*b"12345678901234567890")
}

/// The moment whose code RFC 6238 gives as 081804.
fn code_time() -> Instant {
    Instant::from_unix_seconds(1_111_111_109).unwrap()
}

const CODE: &str = "081804";
const CODE_STEP: Step = Step(37_037_036);

#[track_caller]
fn check_code(
    attack: &str,
    typed: &str,
    last: Option<Step>,
    off_seconds: i64,
    want: Result<Step, CodeRefusal>,
) {
    let found = totp().check(typed, last, code_time().plus_seconds(off_seconds));
    assert_eq!(found, want, "{attack}");
}

#[test]
fn a_one_time_code_works_once_and_in_its_minutes() {
    use CodeRefusal::{Code, Used};
    let next = Step(CODE_STEP.0 + 1);
    let before = Step(CODE_STEP.0 - 1);
    check_code("at once", CODE, None, 0, Ok(CODE_STEP));
    check_code("typed in two groups", "081 804", None, 0, Ok(CODE_STEP));
    check_code("after an earlier one", CODE, Some(before), 0, Ok(CODE_STEP));
    check_code("a telephone a step behind", CODE, None, 30, Ok(CODE_STEP));
    check_code("a telephone a step ahead", CODE, None, -30, Ok(CODE_STEP));
    check_code("two steps late", CODE, None, 60, Err(Code));
    check_code("two steps early", CODE, None, -60, Err(Code));
    check_code("replayed at once", CODE, Some(CODE_STEP), 0, Err(Used));
    check_code(
        "replayed in the next step",
        CODE,
        Some(CODE_STEP),
        30,
        Err(Used),
    );
    check_code(
        "older than the last one taken",
        CODE,
        Some(next),
        0,
        Err(Used),
    );
    check_code("another code", "081805", None, 0, Err(Code));
    check_code("without its zero", "81804", None, 0, Err(Code));
    check_code("eight digits", "07081804", None, 0, Err(Code));
    check_code("empty", "", None, 0, Err(Code));
    check_code("signed", "+81804", None, 0, Err(Code));
    check_code("other digits", "٠٨١٨٠٤", None, 0, Err(Code));
    check_code("several at once", "081804081804", None, 0, Err(Code));
    check_code("a line end", "081804\n", None, 0, Err(Code));
}

#[test]
fn a_recovery_code_is_found_once_it_is_kept() {
    let made: Vec<_> = (0..10_u8).map(|seed| recovery_code([seed; 10])).collect();
    assert_eq!(made.len(), RECOVERY_CODES);
    let mut unused: Vec<_> = made.iter().map(|(_, hash)| *hash).collect();
    let third = made[2].0.expose();
    assert_eq!(third, "AIBA-EAQC-AIBA-EAQC");
    assert_eq!(find_recovery_code(third, &unused), Some(2));
    assert_eq!(
        find_recovery_code("aiba eaqc a1ba eaqc", &unused),
        Some(2),
        "as people type"
    );
    for (attack, typed) in [
        ("cut", "AIBA-EAQC-AIBA-EAQ"),
        ("more", "AIBA-EAQC-AIBA-EAQCA"),
        ("empty", ""),
        ("another", "AIBA-EAQC-AIBA-EAQD"),
        ("a megabyte", &"A".repeat(1 << 20)),
    ] {
        assert_eq!(find_recovery_code(typed, &unused), None, "{attack}");
    }
    unused.remove(2);
    assert_eq!(find_recovery_code(third, &unused), None, "used twice");
    assert_eq!(
        format!("{:?}", made[0]),
        "(Secret(redacted), Hashed(redacted))"
    );
}

/// Attempts one after the other, each as soon as it is let in; gives the waits in between.
fn waits(limit: &access::throttle::Limit, attempts: u32) -> Vec<i64> {
    (0..=attempts)
        .map(|attempts| {
            let before = Throttle {
                attempts,
                last_at: now(),
            };
            wait(Some(before), limit, now())
        })
        .collect()
}

#[test]
fn guessing_slows_down_to_a_crawl() {
    assert_eq!(
        waits(&ACCOUNT, 17),
        [
            0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900
        ]
    );
    assert_eq!(waits(&ADDRESS, 31)[29..], [0, 1, 2]);
    let most = Throttle {
        attempts: u32::MAX,
        last_at: now(),
    };
    assert_eq!(wait(Some(most), &ACCOUNT, now()), 900);
}

#[track_caller]
fn check_door(
    attack: &str,
    account: Option<u32>,
    address: Option<u32>,
    after_seconds: i64,
    want: Result<(u32, u32), i64>,
) {
    let row = |attempts| Throttle {
        attempts,
        last_at: now(),
    };
    let found = attempt(
        account.map(row),
        address.map(row),
        now().plus_seconds(after_seconds),
    );
    let found = found.map(|(account, address)| (account.attempts, address.attempts));
    assert_eq!(
        found,
        want.map_err(|seconds| TooMany { seconds }),
        "{attack}"
    );
}

#[test]
fn the_door_counts_before_it_looks() {
    check_door("the first", None, None, 0, Ok((1, 1)));
    check_door("the fifth", Some(4), Some(4), 0, Ok((5, 5)));
    check_door("the sixth at once", Some(5), Some(5), 0, Err(1));
    check_door("the sixth a second later", Some(5), Some(5), 1, Ok((6, 6)));
    check_door("many names from one address", None, Some(40), 0, Err(900));
    check_door("one name from many addresses", Some(40), None, 0, Err(900));
    check_door("waited", Some(40), None, 900, Ok((41, 1)));
    check_door("the day after", Some(40), Some(40), 86_400, Ok((1, 1)));
    check_door(
        "the clock set back does not add to it",
        Some(40),
        None,
        -86_400,
        Err(900),
    );
    check_door(
        "counts do not run over",
        Some(u32::MAX),
        None,
        900,
        Ok((u32::MAX, 1)),
    );
}

#[test]
fn one_account_or_one_customer_is_counted_as_one() {
    let key = |typed: &str| account_key(typed, b"desk secret").as_bytes().to_owned();
    assert_eq!(
        key("Anna@example.com "),
        key("anna@EXAMPLE.com"),
        "another spelling is no fresh count"
    );
    assert_ne!(key("anna@example.com"), key("bert@example.com"));
    assert_ne!(
        key("anna@example.com"),
        *account_key("anna@example.com", b"another").as_bytes()
    );
    let address = |text: &str| address_key(text.parse().unwrap());
    assert_eq!(
        address("2001:db8:1:2::1"),
        address("2001:db8:1:2:ffff::9"),
        "a /64 is one customer"
    );
    assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
    assert_eq!(address("::ffff:192.0.2.1"), "192.0.2.1");
}
