//! Obligations of every party over all cases, as the store lists them.

use crate::shape::{Amount, By};
use crate::{Desk, Error};
use schemars::JsonSchema;
use serde::Serialize;
use store::{ObligationRow, Store};

/// One obligation.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DutyLine {
    pub obligation: String,
    pub case: String,
    pub provider: String,
    pub account: String,
    /// What is owed, such as `respond/chargeback`.
    pub duty: String,
    pub debtor: String,
    pub creditor: String,
    pub amount: Option<Amount>,
    pub due_by: By,
    /// The rule or statement on which the due time rests.
    pub basis: String,
    /// `open`, `met`, `met-late`, `broken` or `waived`.
    pub standing: String,
}

impl Desk {
    /// Obligations that stand like this and are owed by this party, nearest due first, and whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn duties(
        &mut self,
        standing: Option<&str>,
        debtor: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<DutyLine>, bool), Error> {
        let rows = self
            .engine
            .store
            .obligations(standing, debtor, limit.saturating_add(1))
            .map_err(Error::store("listing obligations"))?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        Ok((rows.into_iter().take(most).map(line).collect(), more))
    }
}

fn line(row: ObligationRow) -> DutyLine {
    DutyLine {
        obligation: row.id,
        case: row.case.to_string(),
        provider: row.scope.provider,
        account: row.scope.account,
        duty: row.duty,
        debtor: row.debtor,
        creditor: row.creditor,
        amount: row.amount.map(Amount),
        due_by: row.due_by.into(),
        basis: row.basis,
        standing: row.standing,
    }
}
