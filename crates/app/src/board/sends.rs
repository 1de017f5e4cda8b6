//! What waits to be sent, and what was sent and is not known to have arrived.

use crate::shape::At;
use crate::{Desk, Error, redact};
use store::{OutboxRow, Store};

/// More than these at once is an outage, and the count says so.
const LISTED_MAX: u32 = 1_000;

/// One send.
#[derive(Clone, Debug)]
pub struct Send {
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub account: String,
    /// What is done: `submit/chargeback`, `resolve/chargeback`, `read-back`.
    pub verb: String,
    /// Sent, and not known to have arrived: it is read back, and not sent again before that.
    pub in_doubt: bool,
    pub attempt: u32,
    pub tries: u32,
    pub not_before: At,
    /// What went wrong the last time; empty when nothing did.
    pub trouble: String,
}

/// What waits.
#[derive(Clone, Debug)]
pub struct Sends {
    /// Those in doubt first.
    pub lines: Vec<Send>,
    pub in_doubt: usize,
    pub waiting: usize,
    /// There are more than are listed.
    pub more: bool,
}

impl Desk {
    /// The outbox.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sends(&mut self) -> Result<Sends, Error> {
        let rows = self.outbox(LISTED_MAX)?;
        let more = rows.len() >= usize::try_from(LISTED_MAX).unwrap_or(usize::MAX);
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let case = self
                .engine
                .store
                .case_row(&row.case)
                .map_err(Error::store("reading a case"))?;
            lines.push(send(row, case.map(|case| case.dispute).unwrap_or_default()));
        }
        lines.sort_by_key(|line| (!line.in_doubt, line.not_before, line.case.clone()));
        let in_doubt = lines.iter().filter(|line| line.in_doubt).count();
        Ok(Sends {
            in_doubt,
            waiting: lines.len().saturating_sub(in_doubt),
            more,
            lines,
        })
    }

    fn outbox(&mut self, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        let rows = self.engine.store.outbox_all(limit);
        rows.map_err(Error::store("reading the outbox"))
    }

    /// How many are in doubt and how many wait, as far as are listed.
    pub(super) fn sends_counted(&mut self) -> Result<(usize, usize), Error> {
        let rows = self.outbox(LISTED_MAX)?;
        let in_doubt = rows.iter().filter(|row| doubted(row)).count();
        Ok((in_doubt, rows.len().saturating_sub(in_doubt)))
    }
}

fn doubted(row: &OutboxRow) -> bool {
    row.verb.starts_with("resolve/")
}

fn send(row: OutboxRow, dispute: String) -> Send {
    Send {
        in_doubt: doubted(&row),
        case: row.case.to_string(),
        dispute,
        provider: row.scope.provider,
        account: row.scope.account,
        verb: row.verb,
        attempt: row.attempt,
        tries: row.tries,
        not_before: row.not_before.into(),
        trouble: redact::pans(&row.last_trouble),
    }
}
