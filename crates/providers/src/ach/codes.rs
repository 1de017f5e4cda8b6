//! The code tables of this folder. Data, so that a new code is a new row.

use dispute::reason::Reason;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const REASONS: &str = include_str!("reasons.csv");
const CHANGES: &str = include_str!("changes.csv");

/// What the table knows of one code.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub reason: Reason,
    /// The originating side has nothing to answer inside the network.
    pub unanswerable: bool,
}

/// A files of a hundred thousand returns asks once for each, so the table is indexed.
static KNOWN: LazyLock<BTreeMap<&str, Known>> = LazyLock::new(|| {
    let rows = rows(REASONS).filter_map(|row| {
        let mut cells = row.split(',');
        let (code, reason, answer) = (cells.next()?, cells.next()?, cells.next()?);
        let reason = Reason::parse(reason);
        let unanswerable = answer == "no";
        Some((
            code,
            Known {
                reason,
                unanswerable,
            },
        ))
    });
    rows.collect()
});

/// The rows below the comments and the header. No cell holds a comma or a quote.
fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1)
}

/// What this code means; `None` for a code that is not listed.
pub(super) fn known(code: &str) -> Option<&'static Known> {
    KNOWN.get(code)
}

/// Whether this code asks for a change of account details.
pub(super) fn asks_change(code: &str) -> bool {
    layout(code).is_some()
}

fn layout(code: &str) -> Option<&'static str> {
    let row = rows(CHANGES).find(|row| row.split(',').next() == Some(code))?;
    row.split(',').nth(1)
}

/// Corrected data as a fact may hold it: account numbers and identifications by their last four characters, names not at all. Data of
/// a code that is not listed is masked whole.
pub(super) fn corrected(code: &str, data: &str) -> String {
    let segments = layout(code).unwrap_or("1-29:mask").split(' ');
    let shown = segments.filter_map(|segment| {
        let (columns, how) = segment.split_once(':')?;
        let (from, until) = columns.split_once('-')?;
        let (from, until): (usize, usize) = (from.parse().ok()?, until.parse().ok()?);
        let value: String = data
            .chars()
            .take(until)
            .skip(from.saturating_sub(1))
            .collect();
        let value = value.trim();
        match how {
            _ if value.is_empty() => None,
            "show" => Some(Cow::Owned(value.to_owned())),
            "hide" => Some(Cow::Borrowed("****")),
            _ => Some(Cow::Owned(masked(value))),
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Four stars, and the last four characters of a value that has more than four.
fn masked(value: &str) -> String {
    let length = value.chars().count();
    let kept: String = value.chars().skip(length.saturating_sub(4)).collect();
    if length > 4 {
        format!("****{kept}")
    } else {
        "****".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, data: &str, expected: &str) {
        assert_eq!(corrected(code, data), expected, "{code} {data}");
    }

    #[test]
    fn corrected_data_keeps_no_whole_account_number() {
        check("C01", "1918171614", "****1614");
        check("C01", "123", "****");
        check("C02", "980000023", "980000023");
        check("C03", "980000023   1918171614", "980000023 ****1614");
        check("C04", "CUSTOMER ONE", "****");
        check("C05", "37", "37");
        check("C06", "1918171614          37", "****1614 37");
        check(
            "C07",
            "9800000231918171614123456737",
            "980000023 ****4567 37",
        );
        check("C78", "1918171614", "****1614");
        check("C01", "", "");
    }

    #[test]
    fn every_row_names_a_reason_of_ours() {
        let unmapped = KNOWN
            .iter()
            .filter(|(_, known)| matches!(known.reason, Reason::Unmapped(_)));
        assert_eq!(unmapped.count(), 0);
        let expected = rows(REASONS).count();
        assert_eq!(
            (KNOWN.len(), expected),
            (80, 80),
            "a code stands twice or not at all"
        );
    }

    #[test]
    fn codes_say_whether_there_is_anything_to_answer() {
        let unanswerable = |code| known(code).map(|known| known.unanswerable);
        assert_eq!(unanswerable("R01"), Some(true));
        assert_eq!(unanswerable("R68"), Some(false));
        assert_eq!(unanswerable("R96"), None);
        assert!(asks_change("C01") && !asks_change("C61") && !asks_change("C78"));
    }
}
