//! Card numbers out of everything that is shown.

/// The text with every card number masked down to its last four digits. What looks like one is masked, even where it is
/// something else (about one number in ten of a network's range and length passes the check digit): a masked reference can
/// be read in the document by whoever may, a shown card number cannot be taken back. Length in characters is kept, so that
/// columns stay in place.
pub fn pans(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut masked = characters.clone();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        if !character.is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = run_from(&characters, at);
        let end = run.last().map_or(at + 1, |last| last + 1);
        if is_pan(&characters, &run) {
            for place in run.iter().rev().skip(4) {
                if let Some(cell) = masked.get_mut(*place) {
                    *cell = '*';
                }
            }
        }
        at = end;
    }
    masked.into_iter().collect()
}

/// The places of the digits that follow one another from `at` on, single spaces or hyphens between them allowed.
fn run_from(characters: &[char], at: usize) -> Vec<usize> {
    let mut run = Vec::new();
    let mut place = at;
    while let Some(character) = characters.get(place) {
        let parted = matches!(character, ' ' | '-')
            && characters.get(place + 1).is_some_and(char::is_ascii_digit);
        if character.is_ascii_digit() {
            run.push(place);
        } else if !parted {
            break;
        }
        place += 1;
    }
    run
}

/// What a card number is, is one rule for files and for what is shown: `upload::is_card_number`.
fn is_pan(characters: &[char], run: &[usize]) -> bool {
    let digits = run
        .iter()
        .filter_map(|place| characters.get(*place)?.to_digit(10));
    let digits: Vec<u8> = digits
        .filter_map(|digit| u8::try_from(digit).ok())
        .collect();
    upload::is_card_number(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(pans(text), want);
    }

    #[test]
    fn card_numbers_are_masked_to_four_digits() {
        check("pan=4242424242424242;", "pan=************4242;");
        check("4242 4242 4242 4242", "**** **** **** 4242");
        check("a 4242-4242-4242-4242 b", "a ****-****-****-4242 b");
        check("378282246310005", "***********0005");
        check("5555555555554444", "************4444");
        check("6011111111111117", "************1117");
    }

    #[test]
    fn other_numbers_stay() {
        // Check digit, length, first digit.
        check("4242424242424241", "4242424242424241");
        check("424242424242", "424242424242");
        check("1781000123456789012345", "1781000123456789012345");
        // A trace number of 15 digits that passes the check digit: no card of 15 digits begins with 06.
        check("061000010000004", "061000010000004");
        check("1767225600 and 12.34 USD", "1767225600 and 12.34 USD");
        check("", "");
    }

    #[test]
    fn what_is_around_stays_whatever_its_alphabet() {
        check("é4242424242424242é", "é************4242é");
    }
}
