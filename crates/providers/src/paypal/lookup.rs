//! The tables beside this file: lines of cells, the leading cells being the key.

/// PayPal's words for why the payer disputes.
pub(super) const REASONS: &str = include_str!("reasons.csv");
/// Whose move it is.
pub(super) const STATUSES: &str = include_str!("statuses.csv");
/// How a resolved dispute ended.
pub(super) const OUTCOMES: &str = include_str!("outcomes.csv");
/// What the dispute object's money movements are.
pub(super) const MOVEMENTS: &str = include_str!("movements.csv");
/// What the transaction event codes of reports are.
pub(super) const EVENT_CODES: &str = include_str!("event_codes.csv");
/// The words of the case report.
pub(super) const CASE_WORDS: &str = include_str!("case_statuses.csv");
/// Documents of the interfaces that are other business.
pub(super) const REQUESTS: &str = include_str!("requests.csv");
/// Our evidence slots in PayPal's types.
pub(super) const EVIDENCE_TYPES: &str = include_str!("evidence_types.csv");

/// The cells that follow the key in the first line whose leading cells are `key`, compared without case. `*` in the table
/// stands for anything.
pub(super) fn find<const N: usize>(
    table: &'static str,
    key: [&str; N],
) -> Option<Vec<&'static str>> {
    rows(table).find_map(|cells| {
        let fits = |(cell, part): (&&str, &&str)| *cell == "*" || cell.eq_ignore_ascii_case(part);
        let matches = cells.len() > N && cells.iter().zip(&key).all(fits);
        matches.then(|| cells.into_iter().skip(N).collect())
    })
}

/// All lines of a table as cells; the header line is one of them and matches no key.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(',').collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispute::movement::MovementKind;
    use dispute::reason::Reason;
    use dispute::status::{Stage, Standing};

    #[track_caller]
    fn check(table: &'static str, cell: usize, reads: impl Fn(&str) -> bool) {
        let mut seen = 0;
        for row in rows(table).skip(1) {
            let word = row.get(cell).unwrap_or_else(|| panic!("{row:?} is short"));
            assert!(reads(word), "{row:?}: `{word}` is not of our vocabulary");
            seen += 1;
        }
        assert!(seen > 0);
    }

    #[test]
    fn every_word_of_the_tables_is_of_our_vocabulary() {
        let reason =
            |word: &str| word == "-" || !matches!(Reason::parse(word), Reason::Unmapped(_));
        check(REASONS, 2, reason);
        check(STATUSES, 2, |word| {
            word == "outcome" || Standing::parse(word).is_some()
        });
        check(OUTCOMES, 2, |word| Standing::parse(word).is_some());
        check(MOVEMENTS, 2, |word| MovementKind::parse(word).is_some());
        let code =
            |word: &str| ["other", "refund"].contains(&word) || MovementKind::parse(word).is_some();
        check(EVENT_CODES, 1, code);
        check(EVENT_CODES, 2, code);
        check(EVENT_CODES, 3, |word| {
            ["payment", "movement", "either", "-"].contains(&word)
        });
        let case = |word: &str| {
            word == "outcome" || Stage::parse(word).is_some() || Standing::parse(word).is_some()
        };
        check(CASE_WORDS, 2, case);
    }

    #[test]
    fn the_first_fitting_line_wins() {
        assert_eq!(
            find(STATUSES, ["RESOLVED", "REQUIRED_ACTION"]).unwrap()[0],
            "outcome"
        );
        assert_eq!(
            find(STATUSES, ["OPEN", "REQUIRED_OTHER_PARTY_ACTION"]).unwrap()[0],
            "theirs"
        );
        assert_eq!(find(STATUSES, ["NEW_WORD", "-"]), None);
        assert_eq!(find(OUTCOMES, ["denied", "INQUIRY"]).unwrap()[0], "lapsed");
    }
}
