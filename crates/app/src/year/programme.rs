//! Networks' monitoring programmes: what counts, where their lines are, and how near a month is to them.
//!
//! The lines are facts of the networks, from the rule files' sources; a line that sources disagree on says so.

use calendar::{Date, Instant, Zone};
use store::Tally;

/// A programme's line, in force from a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Programme {
    pub name: &'static str,
    /// What counts as an event, in words.
    pub counts: &'static str,
    /// Of what the ratio is taken.
    pub of: &'static str,
    pub since: Option<&'static str>,
    /// At or above so many events in ten thousand sales.
    pub threshold_bps: u64,
    /// And with so many events in the month at least; 1 where there is no such floor.
    pub events_min: u64,
    /// What the sources are worth: `high`, `medium` or `low`.
    pub confidence: &'static str,
    network: &'static str,
    fraud_counts: bool,
}

/// Rows of domain rule `monitoring`, compiled 2026-11-22: `visa.vamp.*`, `mc.ecp.*`, `amex.excessive`.
const PROGRAMMES: [Programme; 5] = [
    Programme {
        name: "Visa VAMP, excessive merchant",
        counts: "fraud reports and disputes received; a fraud dispute counts as both",
        of: "sales settled in the same month",
        since: Some("2025-06-01"),
        threshold_bps: 220,
        events_min: 1_500,
        confidence: "medium",
        network: "visa",
        fraud_counts: true,
    },
    Programme {
        name: "Visa VAMP, excessive merchant",
        counts: "fraud reports and disputes received; a fraud dispute counts as both",
        of: "sales settled in the same month",
        since: Some("2026-04-01"),
        threshold_bps: 150,
        events_min: 1_500,
        confidence: "high",
        network: "visa",
        fraud_counts: true,
    },
    Programme {
        name: "Mastercard ECM",
        counts: "chargebacks received",
        of: "sales of the month before",
        since: None,
        threshold_bps: 150,
        events_min: 100,
        confidence: "high",
        network: "mastercard",
        fraud_counts: false,
    },
    Programme {
        name: "Mastercard HECM",
        counts: "chargebacks received",
        of: "sales of the month before",
        since: None,
        threshold_bps: 300,
        events_min: 300,
        confidence: "high",
        network: "mastercard",
        fraud_counts: false,
    },
    Programme {
        name: "American Express, excessive chargebacks",
        counts: "chargebacks, less those reversed",
        of: "charges less credits",
        since: None,
        threshold_bps: 100,
        events_min: 1,
        confidence: "high",
        network: "amex",
        fraud_counts: false,
    },
];

/// A month's events in a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub programme: Programme,
    pub month: Date,
    pub events: u64,
    /// Of these, fraud reports.
    pub fraud: u64,
}

impl Line {
    /// The line is crossed with this many sales or fewer; `None` while the events are below the programme's floor, when no
    /// number of sales crosses it.
    pub fn crossed_at_sales(&self) -> Option<u64> {
        let enough = self.events >= self.programme.events_min && self.events > 0;
        let sales = self.events.saturating_mul(10_000);
        enough
            .then(|| sales.checked_div(self.programme.threshold_bps))
            .flatten()
    }
}

/// Events in ten thousand sales, rounded down; `None` for no sales.
pub fn position(events: u64, sales: u64) -> Option<u64> {
    events.saturating_mul(10_000).checked_div(sales)
}

/// The position of each month in each programme in force in it that has events.
pub(super) fn lines(months: &[(Date, Vec<Tally>)], now: Instant) -> Vec<Line> {
    let today = now.date_in(Zone::Utc);
    let mut lines = Vec::new();
    for programme in in_force(today) {
        for (month, rows) in months {
            let (fraud, disputes) = events(programme, rows);
            let line = Line {
                programme: *programme,
                month: *month,
                events: fraud.saturating_add(disputes),
                fraud,
            };
            lines.extend(Some(line).filter(|line| line.events > 0));
        }
    }
    lines
}

/// Of the lines of one name, the last that is in force.
fn in_force(today: Date) -> Vec<&'static Programme> {
    let today = today.to_string();
    let begun =
        |programme: &&Programme| programme.since.is_none_or(|since| since <= today.as_str());
    let all: Vec<&Programme> = PROGRAMMES.iter().filter(begun).collect();
    let mut last: Vec<&Programme> = Vec::new();
    for programme in all {
        last.retain(|other| other.name != programme.name);
        last.push(programme);
    }
    last
}

/// Fraud reports and disputes that count. What was averted before it was a dispute does not.
fn events(programme: &Programme, rows: &[Tally]) -> (u64, u64) {
    let (mut fraud, mut disputes) = (0_u64, 0_u64);
    for row in rows.iter().filter(|row| row.network == programme.network) {
        match row.stage.as_str() {
            "fraud-report" if programme.fraud_counts => fraud = fraud.saturating_add(row.cases),
            "fraud-report" | "alert" | "inquiry" | "" => {}
            _ if row.status == "prevented" => {}
            _ => disputes = disputes.saturating_add(row.cases),
        }
    }
    (fraud, disputes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(network: &str, stage: &str, status: &str, cases: u64) -> Tally {
        Tally {
            status: status.to_owned(),
            stage: stage.to_owned(),
            reason: String::new(),
            network: network.to_owned(),
            cases,
            disputed: None,
        }
    }

    #[test]
    fn what_counts_is_each_programmes_own() {
        let month = Date::parse("2026-11-01").unwrap();
        let rows = vec![
            tally("visa", "fraud-report", "lapsed", 5),
            tally("visa", "chargeback", "ours", 7),
            tally("visa", "chargeback", "prevented", 100),
            tally("visa", "inquiry", "ours", 100),
            tally("mastercard", "pre-arbitration", "lost", 3),
            tally("mastercard", "fraud-report", "lapsed", 100),
        ];
        let now = Instant::parse("2026-11-23T09:00:00Z").unwrap();
        let found = lines(&[(month, rows)], now);
        let shown: Vec<_> = found
            .iter()
            .map(|line| {
                (
                    line.programme.name,
                    line.programme.threshold_bps,
                    line.events,
                    line.fraud,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("Visa VAMP, excessive merchant", 150, 12, 5),
                ("Mastercard ECM", 150, 3, 0),
                ("Mastercard HECM", 300, 3, 0),
            ]
        );
    }

    #[test]
    fn a_line_is_crossed_only_with_the_least_events() {
        let line = |events| Line {
            programme: PROGRAMMES[2],
            month: Date::parse("2026-11-01").unwrap(),
            events,
            fraud: 0,
        };
        assert_eq!(line(99).crossed_at_sales(), None);
        // 150 of 10,000 is exactly the line, and the line itself is over it.
        assert_eq!(line(150).crossed_at_sales(), Some(10_000));
        assert_eq!(position(150, 10_000), Some(150));
        assert_eq!(position(1, 0), None);
    }

    #[test]
    fn a_line_holds_from_its_day() {
        let bps = |day: &str| {
            let all = in_force(Date::parse(day).unwrap());
            let visa = all.iter().find(|one| one.network == "visa");
            visa.map(|one| one.threshold_bps)
        };
        assert_eq!(bps("2025-05-31"), None);
        assert_eq!(bps("2026-03-31"), Some(220));
        assert_eq!(bps("2026-04-01"), Some(150));
    }
}
