//! Disputes one line each, from what the lists of the store hold: nothing is derived, so that a page of a million costs what
//! a page of ten does.

use crate::shape::{Amount, At, By};
use crate::{Desk, Error};
use dispute::fact::Scope;
use dispute::id::CaseId;
use engine::command::Opened;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{CaseQuery, CaseRow};

/// One dispute in a list.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct DisputeLine {
    pub case: String,
    /// The provider's own reference.
    pub dispute: String,
    pub provider: String,
    pub account: String,
    /// Whose it is; null: the desk's alone.
    pub merchant: Option<String>,
    /// Empty where none was said yet.
    pub stage: String,
    /// Whose move it is, or how it ended.
    pub status: String,
    pub reason: String,
    pub network: String,
    pub disputed: Option<Amount>,
    pub respond_by: Option<By>,
    /// Which way money stands, in one word.
    pub money: String,
    /// How far money is from what the status implies; positive: we hold less.
    pub divergence: Option<Amount>,
    pub assigned_to: String,
    pub opened_at: At,
    pub changed_at: At,
}

impl Desk {
    /// One page of disputes that this desk sees, newest first, and whether there are more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn dispute_lines(&mut self, query: &CaseQuery) -> Result<(Vec<DisputeLine>, bool), Error> {
        let page = self
            .registry()
            .list_cases(query)
            .map_err(Error::store("listing cases"))?;
        let owned = self
            .registry()
            .owned()
            .map_err(Error::store("reading whose accounts they are"))?;
        let owners: BTreeMap<_, _> = owned
            .into_iter()
            .map(|owned| (owned.scope, owned.merchant))
            .collect();
        let lines = page.rows.into_iter().map(|row| {
            let merchant = owners.get(&row.scope).cloned();
            line(row, merchant)
        });
        Ok((lines.collect(), page.more))
    }

    /// The id of the case that is called this, if this desk sees it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn case_id(&mut self, name: &str) -> Result<Option<CaseId>, Error> {
        let row = self
            .registry()
            .case_named(name)
            .map_err(Error::store("finding a case"))?;
        Ok(row.map(|row| row.id))
    }

    /// The accounts of a merchant that this desk sees.
    ///
    /// # Errors
    /// When the store fails.
    pub fn accounts_of(&mut self, merchant: &str) -> Result<Vec<Scope>, Error> {
        let owned = self
            .registry()
            .owned()
            .map_err(Error::store("reading whose accounts they are"))?;
        let own = owned.into_iter().filter(|owned| owned.merchant == merchant);
        Ok(own.map(|owned| owned.scope).collect())
    }

    /// The case of this id or provider's reference with the statements of its payment, if this desk sees it.
    ///
    /// # Errors
    /// When the store fails.
    pub fn opened(&mut self, name: &str) -> Result<Option<Opened>, Error> {
        let row = self
            .registry()
            .case_named(name)
            .map_err(Error::store("finding a case"))?;
        match row {
            Some(row) => Ok(Some(self.engine.open_row(row)?)),
            None => Ok(None),
        }
    }
}

fn line(row: CaseRow, merchant: Option<String>) -> DisputeLine {
    DisputeLine {
        case: row.id.to_string(),
        dispute: row.dispute,
        provider: row.scope.provider,
        account: row.scope.account,
        merchant,
        stage: row.stage,
        status: row.status,
        reason: row.reason,
        network: row.network,
        disputed: row.disputed.map(Amount),
        respond_by: row.respond_by.map(By),
        money: row.money,
        divergence: row.divergence.map(Amount),
        assigned_to: row.assigned_to,
        opened_at: row.opened_at.into(),
        changed_at: row.changed_at.into(),
    }
}
