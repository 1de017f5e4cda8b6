//! Card numbers in text, however they are written.
//!
//! A card number is 13 to 19 digits of a network's range and length that pass the check digit (ISO/IEC 7812-1). About one
//! in ten other numbers of such a range passes as well; then a file is refused that could have been kept, and its place is
//! told. A number inside a longer solid run (an acquirer reference of 23 digits) is none.
//!
//! This is not proof against somebody who hides numbers: it finds what people paste, scan and export.

use std::ops::RangeInclusive;

use crate::limits::Limits;
use crate::name::is_invisible;
use crate::verdict::{Finding, Place, What};

/// Numbers that networks and processors publish for tests; they cannot be charged.
pub const PUBLISHED_TEST_CARDS: &[&str] = &[
    "378282246310005",
    "371449635398431",
    "4000000000000002",
    "4000000000000259",
    "4000000000001976",
    "4000000000009995",
    "4012888888881881",
    "4111111111111111",
    "4222222222222",
    "4242424242424242",
    "5105105105105100",
    "5200828282828210",
    "5555555555554444",
    "2223003122003222",
    "6011000990139424",
    "6011111111111117",
    "6205500000000000004",
    "30569309025904",
    "36227206271667",
    "3530111333300000",
    "3566002020360505",
];

const DIGITS: RangeInclusive<usize> = 13..=19;

/// How far from a card number its security code is looked for, in characters: the width of a printed line.
const CODE_WITHIN: usize = 80;

/// Words that stand before a security code.
const CODE_WORDS: &[&str] = &[
    "cvv",
    "cvc",
    "cid",
    "csc",
    "cav2",
    "security code",
    "card code",
];

/// The first of ten digits that follow one another, per script that people type numbers in (Unicode, category Nd).
const ZEROS: &[char] = &[
    '0',
    '\u{660}',
    '\u{6F0}',
    '\u{7C0}',
    '\u{966}',
    '\u{9E6}',
    '\u{A66}',
    '\u{AE6}',
    '\u{B66}',
    '\u{BE6}',
    '\u{C66}',
    '\u{CE6}',
    '\u{D66}',
    '\u{E50}',
    '\u{ED0}',
    '\u{F20}',
    '\u{1040}',
    '\u{17E0}',
    '\u{1810}',
    '\u{FF10}',
    '\u{1D7CE}',
    '\u{1D7D8}',
    '\u{1D7E2}',
    '\u{1D7EC}',
    '\u{1D7F6}',
];

fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
    }
    let number = u32::from(c);
    ZEROS
        .iter()
        .filter_map(|zero| number.checked_sub(u32::from(*zero)))
        .find(|distance| *distance < 10)
        .and_then(|distance| u8::try_from(distance).ok())
}

/// What may stand between two digits of one number. `None` is something else, which ends the number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Seen by nobody: the digits on both sides belong to one group.
    Nothing,
    Separator,
}

fn gap(c: char) -> Option<Gap> {
    match c {
        // NUL among them: it ends texts, and stands between the digits of UTF-16 that is read as bytes.
        '\0'..='\x1F' | '\x7F'..='\u{9F}' => Some(Gap::Separator),
        ' ' | '-' | '.' | '/' | '_' | ',' | '\u{B7}' | '\\' | '+' | '*' | '|' => {
            Some(Gap::Separator)
        }
        '\u{2010}'..='\u{2015}'
        | '\u{2022}'
        | '\u{2212}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{FF0D}'
        | '\u{FF0F}'
        | '\u{FF0E}' => Some(Gap::Separator),
        c if c.is_whitespace() => Some(Gap::Separator),
        c if is_invisible(c) => Some(Gap::Nothing),
        _ => None,
    }
}

/// Separators in a row that still join two groups: a line break with an indent, or a spaced hyphen.
const SEPARATORS_MAX: usize = 4;

/// Digits that follow one another without a visible gap.
struct Group {
    digits: Vec<u8>,
    /// Place in the text of the first digit, and behind the last, counted in characters.
    from: usize,
    until: usize,
    /// Whether only separators, and few, stand between the group before and this one.
    joined: bool,
}

/// A card number in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Characters of the text, first digit to last.
    pub(crate) from: usize,
    pub(crate) until: usize,
    pub(crate) digits: String,
    pub(crate) what: What,
}

impl Hit {
    pub(crate) fn at(&self, place: Place) -> Finding {
        let kept = self.digits.len().saturating_sub(4);
        Finding {
            what: self.what,
            place,
            last4: self.digits.get(kept..).map(str::to_owned),
        }
    }
}

/// Every card number of `text`, in order, those that `limits` allows left out.
pub(crate) fn hits(text: &str, limits: &Limits) -> Vec<Hit> {
    let characters: Vec<char> = text.chars().collect();
    let groups = groups(&characters);
    let mut found = Vec::new();
    let mut start = 0;
    while start < groups.len() {
        let window = longest_card(groups.get(start..).unwrap_or_default());
        let Some((length, digits)) = window else {
            start += 1;
            continue;
        };
        let from = groups.get(start).map_or(0, |group| group.from);
        let until = groups
            .get(start + length - 1)
            .map_or(from, |group| group.until);
        start += length;
        if !limits.cards_allowed.contains(&digits) {
            let what = kind_of(&characters, from, until);
            found.push(Hit {
                from,
                until,
                digits,
                what,
            });
        }
    }
    found
}

fn groups(characters: &[char]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // `None` once something that no number holds stood since the last digit.
    let mut separators = None;
    for (at, c) in characters.iter().enumerate() {
        match (digit(*c), gap(*c)) {
            (Some(digit), _) => {
                match groups.last_mut() {
                    Some(group) if separators == Some(0) => {
                        group.digits.push(digit);
                        group.until = at + 1;
                    }
                    _ => groups.push(Group {
                        digits: vec![digit],
                        from: at,
                        until: at + 1,
                        joined: separators.is_some_and(|many| many <= SEPARATORS_MAX),
                    }),
                }
                separators = Some(0);
            }
            (None, Some(Gap::Nothing)) => {}
            (None, Some(Gap::Separator)) => separators = separators.map(|many: usize| many + 1),
            (None, None) => separators = None,
        }
    }
    groups
}

/// How many of the first groups are a card number together, and its digits: the most that are.
fn longest_card(groups: &[Group]) -> Option<(usize, String)> {
    let mut digits: Vec<u8> = Vec::new();
    let mut sizes = Vec::new();
    let mut longest = None;
    for (index, group) in groups.iter().enumerate() {
        if index > 0 && !group.joined {
            break;
        }
        digits.extend_from_slice(&group.digits);
        sizes.push(group.digits.len());
        if digits.len() > *DIGITS.end() {
            break;
        }
        if is_written_as_one(&sizes) && is_card(&digits) {
            let text = digits
                .iter()
                .map(|digit| char::from(b'0' + digit))
                .collect();
            longest = Some((index + 1, text));
        }
    }
    longest
}

/// Whether people, forms or line breaks part a number so. Any parting would make a table of small numbers a card number
/// every few rows.
fn is_written_as_one(sizes: &[usize]) -> bool {
    let (last, before) = match sizes {
        [] => return false,
        [_] => return true,
        [before @ .., last] => (*last, before),
    };
    match sizes {
        // A line break or a hyphen somewhere, or the issuer's six or eight digits apart.
        [first, second] => *first >= 3 && *second >= 3,
        // American Express and Diners.
        [4, 6, 4 | 5] => true,
        // The issuer's digits, and fours: 6-4-4-2 and 6-6-4.
        [6, 4, 4, 2] | [6, 6, 4] | [4, 4, 8] | [4, 8, 4] | [8, 4, 4] => true,
        _ => {
            let even = |size: usize| before.iter().all(|group| *group == size) && last <= size;
            even(4) || even(1)
        }
    }
}

/// Whether these digits, each from 0 to 9, are a card number: of a network's range and length, with a check digit that
/// fits.
#[must_use]
pub fn is_card_number(digits: &[u8]) -> bool {
    is_card(digits)
}

/// Whether a text holds a card number, however it is written.
#[must_use]
pub fn holds_card_number(text: &str) -> bool {
    !hits(text, &Limits::dispute_evidence()).is_empty()
}

pub(crate) fn is_card(digits: &[u8]) -> bool {
    DIGITS.contains(&digits.len()) && is_issued(digits) && passes_check_digit(digits)
}

/// Every second digit from the right is doubled; the digits' sum ends in 0.
fn passes_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .zip([false, true].into_iter().cycle())
        .map(|(digit, doubled)| match (doubled, u32::from(*digit) * 2) {
            (false, _) => u32::from(*digit),
            (true, twice) if twice > 9 => twice - 9,
            (true, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether a network issues numbers of this beginning and length. Lengths are those of ISO/IEC 7812-1, ranges the
/// networks' own as public lists give them: Visa 4, Mastercard 51-55 and 2221-2720, Mir 2200-2204, Amex 34 and 37,
/// Diners 30, 36, 38 and 39, JCB 3528-3589, Troy 9792, and Discover, UnionPay, Maestro, RuPay, Elo and Verve in 50 and
/// 56-69. Fifteen digits beginning with 35 or 86 are devices (IMEI), not cards.
fn is_issued(digits: &[u8]) -> bool {
    let leading = |count: usize| {
        digits
            .iter()
            .take(count)
            .fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let (one, two, four) = (leading(1), leading(2), leading(4));
    match digits.len() {
        13 => one == 4,
        14 => matches!(two, 30 | 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        16 => {
            matches!(one, 4..=6)
                || matches!(two, 30 | 36 | 38 | 39)
                || matches!(four, 2200..=2204 | 2221..=2720 | 3528..=3589 | 9792)
        }
        17..=19 => {
            matches!(one, 4 | 6)
                || matches!(two, 36 | 50 | 56..=59)
                || matches!(four, 2200..=2204 | 3528..=3589)
        }
        _ => false,
    }
}

/// Whether what follows is a stripe's, or a security code stands near.
fn kind_of(characters: &[char], from: usize, until: usize) -> What {
    let after = |at: usize| characters.get(until + at).copied();
    // Track 2: `=` (or `D`), expiry and service code. Track 1: `^`, the name, `^`.
    let digits_follow = (1..=7).all(|at| after(at).is_some_and(|c| c.is_ascii_digit()));
    if matches!(after(0), Some('=' | 'D')) && digits_follow {
        return What::TrackData;
    }
    let begins = from.checked_sub(1).and_then(|at| characters.get(at));
    if after(0) == Some('^') && matches!(begins, Some('B' | 'b')) {
        return What::TrackData;
    }
    let near = |from: usize, until: usize| -> String {
        let piece = characters.get(from..until.min(characters.len()));
        piece
            .unwrap_or_default()
            .iter()
            .collect::<String>()
            .to_lowercase()
    };
    let before = near(from.saturating_sub(CODE_WITHIN), from);
    let behind = near(until, until + CODE_WITHIN);
    if [before, behind].iter().any(|text| holds_code(text)) {
        What::SecurityCode
    } else {
        What::CardNumber
    }
}

/// A word for the code, and three or four digits soon after it.
fn holds_code(text: &str) -> bool {
    CODE_WORDS.iter().any(|word| {
        text.split(word).skip(1).any(|rest| {
            let digits: usize = rest
                .chars()
                .skip_while(|c| !c.is_ascii_digit() && !c.is_alphabetic())
                .take_while(char::is_ascii_digit)
                .count();
            matches!(digits, 3 | 4)
        })
    })
}
