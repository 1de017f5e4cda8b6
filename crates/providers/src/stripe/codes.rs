//! The tables of this folder, read once: Stripe's words and ours, side by side, as data.

use dispute::network::Network;
use dispute::reason::Reason;
use dispute::said::RefundState;
use dispute::status::{Phase, Stage, Standing};
use money::Currency;
use std::sync::LazyLock;

/// The rows of a table under its header, as cells. These files are ours and hold no quotes.
pub(super) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.skip(1).map(|line| line.split(',').collect())
}

fn pairs(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(text).filter_map(|row| match row.as_slice() {
        [key, value, ..] => Some((*key, *value)),
        _ => None,
    })
}

fn found<'t, T>(table: &'t [(&'static str, T)], key: &str) -> Option<&'t T> {
    let row = table.iter().find(|(word, _)| *word == key);
    row.map(|(_, value)| value)
}

static REASONS: LazyLock<Vec<(&str, Reason)>> = LazyLock::new(|| {
    let ours = |(word, name)| (word, Reason::parse(name));
    pairs(include_str!("reasons.csv")).map(ours).collect()
});

static STATUSES: LazyLock<Vec<(&str, &str, Phase)>> = LazyLock::new(|| {
    let table = rows(include_str!("statuses.csv"));
    table
        .filter_map(|row| match row.as_slice() {
            [status, case_type, stage, standing, ..] => {
                let stage = Stage::parse(stage)?;
                let standing = Standing::parse(standing)?;
                Some((*status, *case_type, Phase { stage, standing }))
            }
            _ => None,
        })
        .collect()
});

static NETWORKS: LazyLock<Vec<(&str, Network)>> = LazyLock::new(|| {
    let ours = |(word, name)| (word, Network::parse(name));
    pairs(include_str!("networks.csv")).map(ours).collect()
});

static EXPONENTS: LazyLock<Vec<(Currency, u8)>> = LazyLock::new(|| {
    let table = pairs(include_str!("exponents.csv"));
    table
        .filter_map(|(code, decimals)| Some((Currency::find(code)?, decimals.parse().ok()?)))
        .collect()
});

static REFUND_STATES: LazyLock<Vec<(&str, RefundState)>> = LazyLock::new(|| {
    let ours = |name: &str| match name {
        "pending" => Some(RefundState::Pending),
        "succeeded" => Some(RefundState::Succeeded),
        "failed" => Some(RefundState::Failed),
        _ => None,
    };
    let table = pairs(include_str!("refund_states.csv"));
    table
        .filter_map(|(word, name)| Some((word, ours(name)?)))
        .collect()
});

static FRAUD_TYPES: LazyLock<Vec<&str>> =
    LazyLock::new(|| rows(include_str!("fraud_types.csv")).flatten().collect());

/// What a reporting category tells of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Category {
    /// It is about a dispute.
    Disputes,
    /// It is a fee of some kind.
    Fee,
    /// It says nothing.
    Plain,
    Unlisted,
}

static CATEGORIES: LazyLock<Vec<(&str, Category)>> = LazyLock::new(|| {
    let ours = |name: &str| match name {
        "disputes" => Some(Category::Disputes),
        "fee" => Some(Category::Fee),
        "plain" => Some(Category::Plain),
        _ => None,
    };
    let table = pairs(include_str!("categories.csv"));
    table
        .filter_map(|(word, name)| Some((word, ours(name)?)))
        .collect()
});

/// Our kind of reason; an unlisted word is kept unmapped.
pub(super) fn reason(word: &str) -> Reason {
    let unmapped = || Reason::Unmapped(word.to_owned());
    found(&REASONS, word).cloned().unwrap_or_else(unmapped)
}

/// Where a dispute of this status and case type stands; `None` for a status on no list.
pub(super) fn phase(status: &str, case_type: &str) -> Option<Phase> {
    let of_type = |wanted: &str| {
        let row = STATUSES
            .iter()
            .find(|(s, t, _)| *s == status && *t == wanted);
        row.map(|(_, _, phase)| *phase)
    };
    of_type(case_type).or_else(|| of_type(""))
}

/// The rail of a card brand or payment method.
pub(super) fn network(word: &str) -> Network {
    let unlisted = || Network::Unlisted(word.to_owned());
    found(&NETWORKS, word).cloned().unwrap_or_else(unlisted)
}

/// How many decimals Stripe's integers have in this currency.
pub(super) fn exponent(currency: Currency) -> u8 {
    let special = EXPONENTS.iter().find(|(code, _)| *code == currency);
    special.map_or_else(|| currency.exponent(), |(_, decimals)| *decimals)
}

pub(super) fn refund_state(word: &str) -> Option<RefundState> {
    found(&REFUND_STATES, word).copied()
}

pub(super) fn fraud_type_listed(word: &str) -> bool {
    FRAUD_TYPES.contains(&word)
}

/// What this reporting category tells; an absent one says nothing.
pub(super) fn category(word: &str) -> Category {
    if word.is_empty() {
        return Category::Plain;
    }
    found(&CATEGORIES, word)
        .copied()
        .unwrap_or(Category::Unlisted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_reads() {
        assert_eq!(REASONS.len(), 15);
        assert!(
            !REASONS
                .iter()
                .any(|(_, reason)| matches!(reason, Reason::Unmapped(_)))
        );
        assert_eq!(STATUSES.len(), rows(include_str!("statuses.csv")).count());
        assert_eq!(EXPONENTS.len(), 3);
        assert_eq!(REFUND_STATES.len(), 5);
        assert_eq!(FRAUD_TYPES.len(), 7);
        assert_eq!(CATEGORIES.len(), 6);
        let unlisted = |(_, network): &(&str, Network)| matches!(network, Network::Unlisted(_));
        assert!(!NETWORKS.iter().any(unlisted));
    }

    #[test]
    fn a_case_type_on_no_list_reads_as_its_status_alone() {
        assert_eq!(
            phase("needs_response", "chargeback"),
            phase("needs_response", "")
        );
        assert_eq!(phase("made_up", ""), None);
    }
}
