//! What the desk's own pages ask: counts of what is open, and pages of what happened, each from an index that holds the
//! work at hand and not the history, so that a desk of a million cases answers as one of a thousand.

use crate::contract::{CaseRow, EntryRow, Fate, FindingRow, ObligationRow, Way};
use calendar::Instant;
use dispute::fact::Scope;
use dispute::id::{CaseId, DocumentId};
use money::{Currency, Money};

/// Which of our open duties to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyQuery {
    pub provider: Option<String>,
    pub stage: Option<String>,
    /// Assigned to this name; empty: to nobody.
    pub assigned_to: Option<String>,
    /// Due at this instant or later.
    pub due_from: Option<Instant>,
    /// Due before this instant.
    pub due_before: Option<Instant>,
    pub order: DutyOrder,
    /// What "overdue" and the bands of [`DutyOrder::Rank`] are measured from.
    pub now: Instant,
    /// After this place in the order.
    pub after: Option<DutyPlace>,
    pub limit: u32,
}

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DutyOrder {
    /// What is overdue, due within a day, three, seven, and later; in each the largest amount of every currency, then the
    /// second of every currency, and so on. Amounts of two currencies have no order, and no rate is made up to give them one.
    Rank,
    /// The nearest due time.
    Time,
    /// Currency by currency, the largest amount first.
    Money,
}

/// A place in the order of a list of duties: where the page after it begins. Its meaning depends on the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyPlace {
    /// The band, or the instant at which it is due, or 0.
    pub first: i64,
    /// The rank within the currency, or 0, or minor units.
    pub second: i64,
    pub currency: String,
    pub case: String,
    pub obligation: String,
}

/// One of our open duties, and its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyRow {
    pub duty: ObligationRow,
    pub case: CaseRow,
    pub place: DutyPlace,
}

/// What our open duties come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutySums {
    pub total: u64,
    pub overdue: u64,
    /// Not overdue, and due within a day of now.
    pub in_a_day: u64,
    /// Not overdue, and due within three days of now.
    pub in_three_days: u64,
    /// Per currency, what the cases of all of them dispute, and how many there are.
    pub at_stake: Vec<(Money, u64)>,
    /// Per currency: minor units of each that is due within three days, times the hours by which it is nearer than that.
    /// What is overdue counts as three days.
    pub minor_hours: Vec<(Currency, i128)>,
}

/// Open cases of one stage, status and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSum {
    pub stage: String,
    pub status: String,
    /// What they dispute together; `None` for those that say no amount.
    pub disputed: Option<Money>,
    pub cases: u64,
}

/// Open findings of one cause and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingSum {
    pub kind: String,
    pub fingerprint: String,
    /// `None` for those that name no amount.
    pub amount: Option<Money>,
    pub findings: u64,
}

/// Which open findings to list, those with most at stake first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingQuery {
    pub kind: Option<String>,
    pub fingerprint: Option<String>,
    pub provider: Option<String>,
    /// After this finding's minor units, without sign, and its id.
    pub after: Option<(i64, String)>,
    pub limit: u32,
}

/// What happened since an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    pub cases_opened: u64,
    /// Cases that changed since and have ended, by how they ended.
    pub cases_ended: Vec<(String, u64)>,
    pub findings_opened: u64,
    pub findings_closed: u64,
}

/// A document without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    pub id: DocumentId,
    pub sequence: u64,
    pub scope: Scope,
    pub way: Way,
    pub name: String,
    pub received_at: Instant,
    pub fate: Fate,
    pub form: String,
    pub trouble: String,
    pub verdict: String,
    pub arrivals: u32,
}

/// Which documents to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentQuery {
    pub scope: Option<Scope>,
    pub fate: Option<Fate>,
    /// Commands of people and words of the clock too.
    pub own: bool,
    /// Numbered below this.
    pub before: Option<u64>,
    pub limit: u32,
}

/// Which entries to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryQuery {
    pub scope: Option<Scope>,
    /// Numbered below this.
    pub before: Option<u64>,
    pub limit: u32,
}

/// An entry, and its number in the order of writing.
pub type NumberedEntry = (u64, EntryRow);

/// Which movements of cases to list, each once and where it was first posted: by when it happened, the last first, then by
/// the order of posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedQuery {
    pub scope: Option<Scope>,
    pub from: Option<Instant>,
    pub before: Option<Instant>,
    pub currency: Option<Currency>,
    pub beside: Option<Beside>,
    pub limit: u32,
}

/// On which side of a place a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The next in the list's order.
    After(MovedAt),
    /// The last before it, read away from it: in the order opposite to the list's.
    Before(MovedAt),
}

/// Where a movement stands in the list: when it happened, and the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MovedAt {
    pub at: Instant,
    pub number: u64,
}

/// A movement of a case, by its posting key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    pub at: MovedAt,
    pub case: CaseId,
    pub key: String,
}

/// A finding, and its case.
pub type FoundIn = (FindingRow, CaseRow);
