//! The tables of this folder: what the provider's words mean in ours. Data, so that a new word is a new row.

use calendar::Instant;
use calendar::TimeError;
use dispute::movement::MovementKind;
use dispute::network::Network;
use dispute::reason::Reason;
use dispute::said::RefundState;
use dispute::status::{Stage, Standing};
use money::Currency;

const CURRENCIES: &str = include_str!("currencies.csv");
const EVENTS: &str = include_str!("events.csv");
const NETWORKS: &str = include_str!("networks.csv");
const REASONS: &str = include_str!("reasons.csv");
const RECORDS: &str = include_str!("records.csv");
const STATUSES: &str = include_str!("statuses.csv");
const ZONES: &str = include_str!("zones.csv");

/// The rows below the comments and the header. No cell of these tables holds a comma or a quote.
fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.skip(1).map(Row)
}

/// One row of a table.
#[derive(Clone, Copy)]
struct Row(&'static str);

impl Row {
    fn cell(self, index: usize) -> &'static str {
        self.0.split(',').nth(index).unwrap_or_default()
    }
}

/// What an event code, or a report's record type, is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Dispute(DisputeEvent),
    Refund(RefundState),
    Other,
}

/// A dispute event as its code alone has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DisputeEvent {
    /// The code as `events.csv` spells it.
    pub code: &'static str,
    pub stage: Stage,
    /// `None` when the code tells nothing about whose move it is.
    pub standing: Option<Standing>,
    /// Money that the event moves, and the end of the movement's key.
    pub money: Option<(MovementKind, &'static str)>,
}

/// The event of this code.
pub(super) fn event(code: &str) -> Option<Event> {
    rows(EVENTS).find(|row| row.cell(0) == code).map(read_event)
}

fn read_event(row: Row) -> Event {
    match row.cell(1) {
        "dispute" => Event::Dispute(DisputeEvent {
            code: row.cell(0),
            stage: Stage::parse(row.cell(2)).expect("a test reads every row of events.csv"),
            standing: Standing::parse(row.cell(3)),
            money: MovementKind::parse(row.cell(4)).map(|kind| (kind, row.cell(5))),
        }),
        "refund" => Event::Refund(match row.cell(3) {
            "succeeded" => RefundState::Succeeded,
            "pending" => RefundState::Pending,
            _ => RefundState::Failed,
        }),
        _ => Event::Other,
    }
}

/// What a report's record type is about: a dispute event, another known type, or `None`. The second value says that the
/// money runs outside the provider (`ChargebackExternallyWithInfo`), so that the row moves none here.
pub(super) fn record(word: &str) -> Option<(Event, bool)> {
    let bare = word
        .strip_suffix("ExternallyWithInfo")
        .or_else(|| word.strip_suffix("Externally"))
        .unwrap_or(word);
    let squeezed = |code: &str| {
        let letters = code.bytes().filter(|byte| *byte != b'_');
        letters
            .map(|byte| byte.to_ascii_lowercase())
            .eq(bare.bytes().map(|byte| byte.to_ascii_lowercase()))
    };
    let dispute = rows(EVENTS)
        .filter(|row| row.cell(1) == "dispute")
        .find(|row| squeezed(row.cell(0)));
    if let Some(row) = dispute {
        return Some((read_event(row), bare != word));
    }
    rows(RECORDS)
        .any(|row| row.cell(0).eq_ignore_ascii_case(word))
        .then_some((Event::Other, false))
}

/// What a `disputeStatus` claims.
pub(super) fn standing(status: &str) -> Option<Standing> {
    rows(STATUSES)
        .find(|row| row.cell(0).eq_ignore_ascii_case(status))
        .and_then(|row| Standing::parse(row.cell(1)))
}

/// The rail that a scheme code or payment method names.
pub(super) fn network(word: &str) -> Network {
    let listed = |word: &str| {
        rows(NETWORKS)
            .find(|row| row.cell(0).eq_ignore_ascii_case(word))
            .map(|row| Network::parse(row.cell(1)))
    };
    let rail = word.split('_').next().unwrap_or(word);
    listed(word)
        .or_else(|| listed(rail))
        .unwrap_or_else(|| Network::Unlisted(word.to_owned()))
}

/// Our kind of reason for a network's code; a code on no list is kept as it is.
pub(super) fn reason(network: Option<&Network>, code: &str) -> Reason {
    let network = network.map(Network::name);
    rows(REASONS)
        .find(|row| Some(row.cell(0)) == network && row.cell(1).eq_ignore_ascii_case(code))
        .map_or_else(
            || Reason::Unmapped(code.to_owned()),
            |row| Reason::parse(row.cell(2)),
        )
}

/// How many decimals the provider's minor units of this currency have.
pub(super) fn decimals(currency: Currency) -> u8 {
    rows(CURRENCIES)
        .find(|row| row.cell(0) == currency.code())
        .and_then(|row| row.cell(1).parse().ok())
        .unwrap_or_else(|| currency.exponent())
}

/// A report's date and time, with the word of its zone column. `Ok(None)`: the word is on no list.
pub(super) fn instant(date: &str, zone: &str) -> Result<Option<Instant>, TimeError> {
    let offset = rows(ZONES)
        .find(|row| row.cell(0).eq_ignore_ascii_case(zone))
        .map(|row| row.cell(1));
    match offset {
        Some(offset) => Instant::parse(&format!("{date}{offset}")).map(Some),
        // An unlisted word is told apart from a date that does not read, which is the graver fault.
        None => Instant::parse(&format!("{date}Z")).map(|_| None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads() {
        for row in rows(EVENTS) {
            assert_eq!(row.0.split(',').count(), 6, "{}", row.0);
            assert!(matches!(row.cell(1), "dispute" | "refund" | "other"));
            if row.cell(1) == "dispute" {
                let Event::Dispute(event) = read_event(row) else {
                    panic!("{}", row.0)
                };
                assert_eq!(
                    event.standing.is_none(),
                    row.cell(3).is_empty(),
                    "{}",
                    row.0
                );
                assert_eq!(event.money.is_none(), row.cell(4).is_empty(), "{}", row.0);
            }
        }
        for row in rows(STATUSES) {
            assert!(Standing::parse(row.cell(1)).is_some(), "{}", row.0);
        }
        for row in rows(CURRENCIES) {
            assert!(Currency::find(row.cell(0)).is_some(), "{}", row.0);
            assert!(row.cell(1).parse::<u8>().is_ok(), "{}", row.0);
        }
        for row in rows(ZONES) {
            let read = instant("2026-03-02 12:00:00", row.cell(0));
            assert!(matches!(read, Ok(Some(_))), "{}", row.0);
        }
        for row in rows(REASONS) {
            let reason = Reason::parse(row.cell(2));
            assert!(!matches!(reason, Reason::Unmapped(_)), "{}", row.0);
            assert!(!row.cell(3).is_empty(), "{}", row.0);
        }
    }

    /// F-17: opposite events never share a direction or a key.
    #[test]
    fn opposite_events_move_money_in_opposite_directions() {
        let money = |code| match event(code) {
            Some(Event::Dispute(event)) => event.money,
            other => panic!("{code}: {other:?}"),
        };
        let taken = Some((MovementKind::Withdrawal, "chargeback"));
        let given = Some((MovementKind::Reinstatement, "chargeback-reversed"));
        let again = Some((MovementKind::Withdrawal, "second-chargeback"));
        assert_eq!(money("CHARGEBACK"), taken);
        assert_eq!(money("CHARGEBACK_REVERSED"), given);
        assert_eq!(money("SECOND_CHARGEBACK"), again);
        assert_eq!(money("PREARBITRATION_LOST"), again);
        for still in [
            "NOTIFICATION_OF_CHARGEBACK",
            "REQUEST_FOR_INFORMATION",
            "NOTIFICATION_OF_FRAUD",
        ] {
            assert_eq!(money(still), None, "{still} moves no money (F-36)");
        }
    }

    #[test]
    fn a_record_type_is_an_event_code_in_other_spelling() {
        assert_eq!(
            record("ChargebackReversed").map(|(event, _)| event),
            event("CHARGEBACK_REVERSED")
        );
        assert!(matches!(
            record("ChargebackExternallyWithInfo"),
            Some((Event::Dispute(_), true))
        ));
        assert_eq!(record("settled"), Some((Event::Other, false)));
        assert_eq!(record("Teleported"), None);
    }

    #[test]
    fn wallets_run_on_the_rail_before_the_underscore() {
        assert_eq!(network("mc_applepay"), Network::Mastercard);
        assert_eq!(
            network("bankTransfer_IBAN"),
            Network::Unlisted("bankTransfer_IBAN".to_owned())
        );
    }
}
