//! The books as people read them: balances, what should be zero and is not, and the journal.

use crate::shape::Amount;
use crate::{Desk, Error};
use calendar::Zone;
use ledger::residue;
use ledger::{Account, AccountKind, Layer, Leg};
use money::{Currency, Money};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{CaseRow, Store};

/// How many rows are read at a time.
const PAGE: u32 = 1_000;

/// The books at this moment.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct Books {
    /// Per kind of account, provider, account, currency and layer; cases folded together.
    pub balances: Vec<BalanceView>,
    /// Per currency and layer; each must be zero.
    pub totals: Vec<TotalView>,
    pub balanced: bool,
    /// Money of closed cases that did not return to where it belongs.
    pub residues: Vec<ResidueView>,
    pub residues_total: Vec<Amount>,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct BalanceView {
    pub kind: &'static str,
    pub provider: String,
    pub account: String,
    pub layer: &'static str,
    pub amount: Amount,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct TotalView {
    pub currency: String,
    pub layer: &'static str,
    /// In minor units, as text.
    pub amount_minor: String,
}

#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct ResidueView {
    pub case: String,
    pub dispute: String,
    pub provider: String,
    pub account: String,
    pub status: String,
    /// Positive: taken and not back.
    pub amount: Amount,
    /// The likely cause, where size and sign name one.
    pub likely: Option<&'static str>,
}

impl Desk {
    /// Balances, totals and residues.
    pub fn books(&mut self) -> Result<Books, Error> {
        let legs = self
            .engine
            .store
            .balances()
            .map_err(Error::store("reading balances"))?;
        let residues = self.residues(&legs)?;
        let mut left: BTreeMap<Currency, Money> = BTreeMap::new();
        for residue in &residues {
            add(&mut left, residue.amount.0);
        }
        let totals = totals(&legs);
        Ok(Books {
            balances: balances(&legs),
            balanced: totals.iter().all(|total| total.amount_minor == "0"),
            totals,
            residues,
            residues_total: left.into_values().map(Amount).collect(),
        })
    }

    /// What closed cases left on their receivables, pending and posted taken together: a withdrawal that is still pending and
    /// its write-off stand against each other in two layers, and nothing is left.
    fn residues(&mut self, legs: &[Leg]) -> Result<Vec<ResidueView>, Error> {
        let mut sums: BTreeMap<Account, Money> = BTreeMap::new();
        for leg in legs
            .iter()
            .filter(|leg| leg.account.kind == AccountKind::DisputeReceivable)
        {
            let sum = sums
                .entry(leg.account.clone())
                .or_insert_with(|| Money::zero(leg.account.currency));
            *sum = sum.checked_add(leg.amount).unwrap_or(*sum);
        }
        let mut found = Vec::new();
        for (account, left) in sums.into_iter().filter(|(_, left)| !left.is_zero()) {
            let id = account.case.as_deref().and_then(dispute::id::CaseId::parse);
            let Some(id) = id else { continue };
            let row = self
                .engine
                .store
                .case_row(&id)
                .map_err(Error::store("reading a case"))?;
            let closed = row.filter(|row| dispute::status::Outcome::parse(&row.status).is_some());
            if let Some(row) = closed
                && self.excepted(&id)?
            {
                found.push(residue_view(left, row));
            }
        }
        Ok(found)
    }

    /// Whether what a closed case left is an exception: a win's money is not, while the provider still has time (F-68). The
    /// finding decides, so that the books' figures and the findings' never disagree.
    fn excepted(&mut self, case: &dispute::id::CaseId) -> Result<bool, Error> {
        let findings = self.engine.store.findings_of(case);
        let findings = findings.map_err(Error::store("reading a case's findings"))?;
        let open = findings.iter().filter(|row| row.closed_at.is_none());
        Ok(open
            .map(|row| row.finding.kind)
            .any(|kind| kind == dispute::finding::FindingKind::Residue))
    }

    /// The journal of every entry, in order of when money moved, in hledger's format.
    pub fn journal(&mut self) -> Result<String, Error> {
        let mut postings = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .engine
                .store
                .entries_after(after.as_ref(), PAGE)
                .map_err(Error::store("reading entries"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for row in page {
                let case = row.case.as_ref().map_or("suspense", |case| case.as_str());
                let posting = ledger::export::Posting {
                    id: row.id.to_string(),
                    on: row.effective_at.date_in(Zone::Utc).to_string(),
                    description: format!("{}/{} {case}", row.scope.provider, row.scope.account),
                    entry: row.entry,
                    code: Some(row.key),
                };
                postings.push((row.effective_at, posting));
            }
        }
        postings.sort_by(|(at, one), (other_at, other)| {
            at.cmp(other_at).then_with(|| one.id.cmp(&other.id))
        });
        let postings: Vec<ledger::export::Posting> =
            postings.into_iter().map(|(_, posting)| posting).collect();
        Ok(ledger::export::hledger(&postings))
    }
}

fn add(sums: &mut BTreeMap<Currency, Money>, amount: Money) {
    let sum = sums
        .entry(amount.currency())
        .or_insert_with(|| Money::zero(amount.currency()));
    // A sum beyond 128 bits is no sum of real money; what was summed until then is shown.
    *sum = sum.checked_add(amount).unwrap_or(*sum);
}

fn balances(legs: &[Leg]) -> Vec<BalanceView> {
    let mut folded: BTreeMap<(Account, Layer), Money> = BTreeMap::new();
    for leg in legs {
        let Account {
            kind,
            provider,
            account,
            currency,
            ..
        } = &leg.account;
        let whole = Account::new(*kind, provider.as_str(), account.as_str(), *currency);
        let sum = folded
            .entry((whole, leg.layer))
            .or_insert_with(|| Money::zero(*currency));
        *sum = sum.checked_add(leg.amount).unwrap_or(*sum);
    }
    let views = folded
        .into_iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|((account, layer), amount)| BalanceView {
            kind: account.kind.name(),
            provider: account.provider,
            account: account.account,
            layer: layer.name(),
            amount: amount.into(),
        });
    views.collect()
}

fn totals(legs: &[Leg]) -> Vec<TotalView> {
    let mut sums: BTreeMap<(Currency, Layer), i128> = BTreeMap::new();
    for leg in legs {
        let sum = sums.entry((leg.amount.currency(), leg.layer)).or_insert(0);
        *sum = sum.saturating_add(leg.amount.minor());
    }
    let views = sums.into_iter().map(|((currency, layer), sum)| TotalView {
        currency: currency.code().to_owned(),
        layer: layer.name(),
        amount_minor: sum.to_string(),
    });
    views.collect()
}

fn residue_view(left: Money, row: CaseRow) -> ResidueView {
    // A receivable shows a fault with the other sign than our purse does.
    let likely = row
        .disputed
        .and_then(|disputed| residue::signature(left.negate(), disputed));
    ResidueView {
        case: row.id.to_string(),
        dispute: row.dispute,
        provider: row.scope.provider,
        account: row.scope.account,
        status: row.status,
        amount: left.into(),
        likely: likely.map(|signature| signature.name()),
    }
}
