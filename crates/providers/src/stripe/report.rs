//! Itemized balance reports (CSV): each row is a balance transaction, in decimals of the major unit. Rows about disputes become the
//! same movements, under the same keys, as the API's objects.
//!
//! Times carry no zone. It is a parameter of the report run, UTC unless one was asked for. Unverified: a report run in another zone
//! cannot be told from its bytes, so its movements would be off by that zone; columns named `..._utc` are UTC by their name.

use super::codes::{self, Category};
use super::field::is_id;
use super::movement::{self, Moved};
use super::speaker::Speaker;
use crate::draft::Draft;
use crate::table::{self, Columns, Row, Table};
use adapter::{Decoded, Fate, Inbound, Reject, RejectCode};
use calendar::{Instant, TimeError};
use dispute::fact::Span;
use dispute::reference::{RefKind, References};
use money::{Currency, Money};
use std::collections::BTreeMap;

/// A column under each of the names that it has had.
struct Column(&'static [&'static str]);

const ID: Column = Column(&["balance_transaction_id", "id"]);
const CATEGORY: Column = Column(&["reporting_category", "Type"]);
const CREATED: Column = Column(&["created_utc", "created", "Created (UTC)"]);
const AVAILABLE: Column = Column(&["available_on_utc", "available_on", "Available On (UTC)"]);
const CURRENCY: Column = Column(&["currency"]);
const GROSS: Column = Column(&["gross", "Amount"]);
const FEE: Column = Column(&["fee"]);
const NET: Column = Column(&["net"]);
const SOURCE: Column = Column(&["source_id", "Source"]);
const DESCRIPTION: Column = Column(&["description"]);
const CHARGE: Column = Column(&["charge_id"]);
const INTENT: Column = Column(&["payment_intent_id"]);
const PAYOUT: Column = Column(&["automatic_payout_id"]);
const ACCOUNT: Column = Column(&["connected_account_id", "connected_account", "account_id"]);

/// Names of columns that only Stripe's exports have; a table with one of them is Stripe's, if none that we decode.
const MARKS: [&str; 8] = [
    "balance_transaction_id",
    "reporting_category",
    "Created (UTC)",
    "Created date (UTC)",
    "automatic_payout_id",
    "payment_intent_id",
    "PaymentIntent ID",
    "net_amount",
];

impl Column {
    fn of<'r>(&self, columns: &Columns, row: &'r Row) -> Option<&'r str> {
        self.0.iter().find_map(|name| columns.cell(row, name))
    }

    fn is_in(&self, columns: &Columns) -> bool {
        self.0.iter().any(|name| columns.has(name))
    }

    /// The name that this report has for it, or the usual one.
    fn name(&self, columns: &Columns) -> &'static str {
        let found = self.0.iter().find(|name| columns.has(name));
        found.or(self.0.first()).copied().unwrap_or_default()
    }
}

/// Decodes a delimited document.
pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let table = table::read(inbound.body, delimiter(inbound.body));
    let Some(header) = table.rows.first() else {
        return Decoded::rejected("unknown", length, unknown(length));
    };
    let columns = Columns::of(header);
    match form(&columns) {
        Some(form) => {
            let mut draft = Draft::new(form, length);
            rows(&table, header, &columns, inbound, &mut draft);
            draft.finish()
        }
        None if MARKS.iter().any(|name| columns.has(name)) => {
            let other = if columns.has("id") {
                "export"
            } else {
                "summary-report"
            };
            Decoded::other(other, length)
        }
        None => Decoded::rejected("unknown", length, unknown(length)),
    }
}

/// Spreadsheets save with semicolons or tabs; whichever the first line has most of.
fn delimiter(body: &[u8]) -> u8 {
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    let most = [b',', b';', b'\t']
        .into_iter()
        .rev()
        .max_by_key(|delimiter| count(*delimiter));
    most.unwrap_or(b',')
}

fn unknown(length: usize) -> Reject {
    Reject {
        span: Span::new(0, length),
        code: RejectCode::UnknownForm,
        detail: "expected JSON or a report with the column `balance_transaction_id`".to_owned(),
        hint: "Check that the document belongs to this provider.".to_owned(),
    }
}

fn form(columns: &Columns) -> Option<&'static str> {
    if columns.has("balance_transaction_id") {
        let by_payout = columns.has("automatic_payout_id");
        Some(if by_payout {
            "payout_reconciliation.itemized"
        } else {
            "balance_change_from_activity.itemized"
        })
    } else if columns.has("id") && columns.has("Source") && columns.has("Net") {
        Some("balance_history")
    } else {
        None
    }
}

fn rows(table: &Table, header: &Row, columns: &Columns, inbound: &Inbound<'_>, draft: &mut Draft) {
    for reject in &table.rejects {
        draft.reject(reject.span, reject.code, reject.detail.clone());
        draft.mark(reject.span, Fate::Rejected);
    }
    let needed = [CATEGORY, CREATED, CURRENCY, GROSS, FEE];
    let absent = needed.iter().find(|column| !column.is_in(columns));
    if let Some(absent) = absent {
        let detail = format!("the report has no column `{}`", absent.name(columns));
        let hint = "Run the report again with its default columns.";
        draft.reject_with_hint(header.span, RejectCode::MissingField, detail, hint);
        draft.mark(header.span, Fate::Rejected);
    }
    let mut seen = BTreeMap::new();
    for row in table.rows.iter().skip(1) {
        let (rejects, facts) = (draft.reject_count(), draft.fact_count());
        if row.cells.len() == header.cells.len() {
            say(row, columns, inbound, &mut seen, draft);
        } else {
            let (cells, names) = (row.cells.len(), header.cells.len());
            let detail = format!(
                "row {} has {cells} cells, the header has {names}",
                row.number
            );
            draft.reject(row.span, RejectCode::Length, detail);
        }
        let fate = if draft.reject_count() > rejects {
            Fate::Rejected
        } else if draft.fact_count() > facts {
            Fate::Understood
        } else {
            let category = CATEGORY.of(columns, row).unwrap_or("without category");
            Fate::OtherBusiness(
                category
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(80)
                    .collect(),
            )
        };
        draft.mark(row.span, fate);
    }
}

/// What was seen under a key, so that a second row cannot say another amount.
type Seen = BTreeMap<String, (Money, Money)>;

fn say(row: &Row, columns: &Columns, inbound: &Inbound<'_>, seen: &mut Seen, draft: &mut Draft) {
    let category = codes::category(CATEGORY.of(columns, row).unwrap_or_default());
    let source = SOURCE.of(columns, row).unwrap_or_default();
    let description = DESCRIPTION.of(columns, row).unwrap_or_default();
    if CATEGORY.of(columns, row).is_none() && CATEGORY.is_in(columns) {
        missing(row, columns, &CATEGORY, draft);
        return;
    }
    if !movement::of_disputes(category, source, description) {
        return;
    }
    let refs = references(row, columns, draft);
    let Some(amounts) = Amounts::read(row, columns, draft) else {
        return;
    };
    let Some(id) = id(row, columns, &ID, draft) else {
        return;
    };
    let Some((created, settled)) = times(row, columns, inbound, draft) else {
        return;
    };
    if refs.iter().next().is_none() {
        missing(row, columns, &SOURCE, draft);
        return;
    }
    let before = *seen
        .entry(id.to_owned())
        .or_insert((amounts.gross, amounts.fee));
    if before != (amounts.gross, amounts.fee) {
        let detail = format!(
            "row {} gives {id} another amount than a row before it",
            row.number
        );
        draft.reject(row.span, RejectCode::Amount, detail);
        return;
    }
    let own = ACCOUNT
        .of(columns, row)
        .filter(|account| account.starts_with("acct_") && is_id(account));
    let voice = Speaker::of_row(own.unwrap_or(inbound.account), created).voice(refs);
    if category == Category::Unlisted {
        let word = CATEGORY.of(columns, row).unwrap_or_default();
        draft.drift(&voice, row.span, CATEGORY.name(columns), word);
    }
    let moved = Moved {
        id,
        amount: amounts.gross,
        fee: amounts.fee,
        settled,
        category,
        description,
        fee_description: "",
        span: row.span,
    };
    movement::say(&moved, &voice, draft);
}

fn missing(row: &Row, columns: &Columns, column: &Column, draft: &mut Draft) {
    let detail = format!(
        "row {} has nothing in column `{}`",
        row.number,
        column.name(columns)
    );
    draft.reject(row.span, RejectCode::MissingField, detail);
}

/// An id in a cell: absent and rejected, or damaged and rejected (F-67).
fn id<'r>(row: &'r Row, columns: &Columns, column: &Column, draft: &mut Draft) -> Option<&'r str> {
    match column.of(columns, row) {
        None => missing(row, columns, column, draft),
        Some(id) if is_id(id) => return Some(id),
        Some(damaged) => damaged_id(row, column.name(columns), damaged, draft),
    }
    None
}

fn damaged_id(row: &Row, column: &str, damaged: &str, draft: &mut Draft) {
    let shown = money::Excerpt::of(damaged);
    let detail = format!(
        "row {}, column `{column}`: `{}` is no id",
        row.number,
        shown.as_str()
    );
    let hint = "Spreadsheets damage ids; send the report as it was downloaded.";
    draft.reject_with_hint(row.span, RejectCode::Reference, detail, hint);
}

fn references(row: &Row, columns: &Columns, draft: &mut Draft) -> References {
    let named = [
        (&SOURCE, RefKind::Dispute),
        (&CHARGE, RefKind::Payment),
        (&INTENT, RefKind::PaymentAlias),
        (&PAYOUT, RefKind::Batch),
    ];
    let mut refs = References::none();
    for (column, kind) in named {
        let Some(value) = column.of(columns, row) else {
            continue;
        };
        if !is_id(value) {
            damaged_id(row, column.name(columns), value, draft);
        } else if kind != RefKind::Dispute || movement::is_dispute_id(value) {
            refs = refs.and(kind, value);
        }
    }
    movement::with_named(refs, DESCRIPTION.of(columns, row).unwrap_or_default())
}

/// The three amounts of a row; `net` is there to be checked.
struct Amounts {
    gross: Money,
    fee: Money,
}

impl Amounts {
    fn read(row: &Row, columns: &Columns, draft: &mut Draft) -> Option<Amounts> {
        let Some(code) = CURRENCY.of(columns, row) else {
            missing(row, columns, &CURRENCY, draft);
            return None;
        };
        let Some(currency) = Currency::find(code) else {
            let code = money::Excerpt::of(code);
            let detail = format!(
                "row {}: currency `{}` is on no list",
                row.number,
                code.as_str()
            );
            draft.reject(row.span, RejectCode::Currency, detail);
            return None;
        };
        let gross = amount(row, columns, &GROSS, currency, draft);
        let fee = amount(row, columns, &FEE, currency, draft);
        let (gross, fee) = (gross?, fee?);
        if NET.is_in(columns) {
            let net = amount(row, columns, &NET, currency, draft)?;
            if gross.checked_sub(fee) != Ok(net) {
                let detail = format!(
                    "row {}: net {net} is not gross {gross} less fee {fee}",
                    row.number
                );
                draft.reject(row.span, RejectCode::Amount, detail);
                return None;
            }
        }
        Some(Amounts { gross, fee })
    }
}

fn amount(
    row: &Row,
    columns: &Columns,
    column: &Column,
    currency: Currency,
    draft: &mut Draft,
) -> Option<Money> {
    let Some(text) = column.of(columns, row) else {
        missing(row, columns, column, draft);
        return None;
    };
    match decimal(text, currency) {
        Ok(money) => Some(money),
        Err(error) => {
            let detail = format!(
                "row {}, column `{}`: {error}",
                row.number,
                column.name(columns)
            );
            draft.reject(row.span, RejectCode::Amount, detail);
            None
        }
    }
}

/// `12.34`, or `12,34` when the report was run with a decimal comma, which always has two digits after it.
fn decimal(text: &str, currency: Currency) -> Result<Money, money::MoneyError> {
    let comma = text
        .rsplit_once(',')
        .filter(|(whole, cents)| cents.len() == 2 && !whole.contains([',', '.']));
    match comma {
        Some((whole, cents)) => Money::parse_padded(&format!("{whole}.{cents}"), currency),
        None => Money::parse_padded(text, currency),
    }
}

/// When the row's transaction was made, and whether its money was available when the report came.
fn times(
    row: &Row,
    columns: &Columns,
    inbound: &Inbound<'_>,
    draft: &mut Draft,
) -> Option<(Instant, bool)> {
    let created = time(row, columns, &CREATED, draft)?;
    if AVAILABLE.of(columns, row).is_none() {
        return Some((created, true));
    }
    let available = time(row, columns, &AVAILABLE, draft)?;
    Some((created, available <= inbound.received_at))
}

fn time(row: &Row, columns: &Columns, column: &Column, draft: &mut Draft) -> Option<Instant> {
    let Some(text) = column.of(columns, row) else {
        missing(row, columns, column, draft);
        return None;
    };
    let read = match Instant::parse(text) {
        Err(TimeError::NoZone { .. }) if text.contains(':') => Instant::parse(&format!("{text}Z")),
        Err(TimeError::NoZone { .. }) => Instant::parse(&format!("{text}T00:00:00Z")),
        other => other,
    };
    match read {
        Ok(instant) => Some(instant),
        Err(error) => {
            let detail = format!(
                "row {}, column `{}`: {error}",
                row.number,
                column.name(columns)
            );
            draft.reject(row.span, RejectCode::Time, detail);
            None
        }
    }
}
