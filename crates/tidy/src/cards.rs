//! No card numbers but published test ones, anywhere that holds example data.
//!
//! A run counts as one when it has a card scheme's prefix and length and a right Luhn digit (ISO/IEC 7812-1). One in
//! ten random runs with such a prefix is right by chance; then change the example.

use crate::{Repository, Violation};

/// Numbers that processors publish for tests; they cannot be charged.
const PUBLISHED: &[&str] = &[
    "378282246310005",
    "4000000000000259",
    "4111111111111111",
    "4242424242424242",
    "5105105105105100",
    "5555555555554444",
    "6011111111111117",
];

/// Where example data lives.
const FOLDERS: [&str; 6] = [
    "crates/providers/fixtures/",
    "crates/sim/",
    "crates/docket/",
    "crates/providers/src/",
    "crates/app/",
    "docs/",
];

/// Luhn-valid runs of digits with a card's prefix. Fixed-width ACH records are left out: their columns touch, so a run
/// of digits there is several fields.
pub(crate) fn numbers(repository: &Repository) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repository.files() {
        let data = FOLDERS.iter().any(|folder| path.starts_with(folder));
        if !data || path.contains(".ach") || path.contains("/fixtures/ach/") {
            continue;
        }
        for (line, number) in text.lines().zip(1..) {
            for run in runs(line) {
                if is_card_number(&run) && !PUBLISHED.contains(&run.as_str()) {
                    let tail: String = run.chars().skip(run.len().saturating_sub(4)).collect();
                    let message = format!(
                        "a run of {} digits ending in {tail} could be a card",
                        run.len()
                    );
                    found.push(Violation::new(path, number, message));
                }
            }
        }
    }
    found
}

/// Runs of digits, and the same with single spaces or hyphens between groups of four or more as cards are printed.
fn runs(line: &str) -> Vec<String> {
    let solid = line
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty());
    let printed = line
        .split(|c: char| !c.is_ascii_digit() && c != ' ' && c != '-')
        .flat_map(|piece| piece.split("  "))
        .filter(|piece| {
            let groups: Vec<usize> = piece.trim().split([' ', '-']).map(str::len).collect();
            matches!(groups.as_slice(), [4, 4, 4, 1..=7] | [4, 6, 4 | 5])
        })
        .map(|piece| piece.chars().filter(char::is_ascii_digit).collect());
    solid.map(str::to_owned).chain(printed).collect()
}

fn is_card_number(digits: &str) -> bool {
    (13..=19).contains(&digits.len()) && has_card_prefix(digits) && luhn_holds(digits)
}

/// Prefixes and lengths of the schemes, ISO/IEC 7812 ranges as the schemes publish them.
fn has_card_prefix(digits: &str) -> bool {
    let prefix = |length: usize| {
        digits
            .get(..length)
            .and_then(|text| text.parse::<u32>().ok())
            .unwrap_or(0)
    };
    match digits.len() {
        13 => prefix(1) == 4,
        14 => matches!(prefix(3), 300..=305 | 360..=369 | 380..=399),
        15 => matches!(prefix(2), 34 | 37),
        16..=19 => {
            prefix(1) == 4
                || matches!(prefix(2), 50..=58 | 63 | 65 | 67)
                || matches!(prefix(4), 2221..=2720 | 3528..=3589 | 6011 | 6440..=6499)
                || matches!(prefix(2), 62)
        }
        _ => false,
    }
}

/// Every second digit from the right is doubled; the digits' sum ends in 0.
fn luhn_holds(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip([false, true].into_iter().cycle())
        .map(|(digit, doubled)| match (doubled, digit * 2) {
            (false, _) => digit,
            (true, twice) if twice > 9 => twice - 9,
            (true, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    /// A number with this prefix and a right check digit, so that none stands in the source.
    fn planted(prefix: &str) -> String {
        let completed = |digit: &u32| luhn_holds(&format!("{prefix}{digit}"));
        let digit = (0..10).find(completed).expect("one of ten digits fits");
        format!("{prefix}{digit}")
    }

    #[test]
    fn a_card_number_is_found_in_every_form() {
        let folder = "crates/providers/fixtures/acme/a.in.json";
        for prefix in [
            "401288888888199",
            "37144963539844",
            "222300004841004",
            "60119000000000000",
            "3852000002333",
        ] {
            let number = planted(prefix);
            assert!(is_card_number(&number), "{number}");
            check(
                numbers,
                &[(folder, &format!("\n\"{number}\""))],
                &[&format!("{folder}:2")],
            );
        }
        let number = planted("401288888888199");
        let (groups, _) = number.as_bytes().as_chunks::<4>();
        let printed: Vec<&str> = groups
            .iter()
            .map(|group| std::str::from_utf8(group).unwrap())
            .collect();
        for printed in [printed.join(" "), printed.join("-")] {
            check(numbers, &[("docs/a.md", &printed)], &["docs/a.md:1"]);
        }
    }

    #[test]
    fn published_numbers_other_lengths_and_fixed_width_records_are_not() {
        let number = planted("401288888888199");
        let text = format!(
            "{} 1{number} {number}1234 2026-03-02 0004 0000",
            PUBLISHED.join(" ")
        );
        check(numbers, &[("docs/a.md", &text)], &[]);
        check(
            numbers,
            &[("crates/providers/fixtures/ach/return.in.ach", &number)],
            &[],
        );
        for published in PUBLISHED {
            assert!(is_card_number(published), "{published}");
        }
    }
}
