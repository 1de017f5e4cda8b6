//! Reports: which one it is, and what their rows have in common. Columns are found by name, because the provider reorders
//! and appends them, and accounts choose their own (F-65).

use super::field::{self, Rejected};
use super::tables::{self, DisputeEvent, Event};
use super::{ACCOUNTING, DISPUTES, NAME, OTHER_REPORT, SETTLEMENT};
use super::{accounting_report, dispute_report, settlement_report};
use crate::draft::{Draft, Voice};
use crate::table::{self, Columns, Row};
use adapter::{Decoded, Fate, Inbound, Reject, RejectCode};
use calendar::Instant;
use dispute::fact::{Scope, Span};
use dispute::reference::{RefKind, References};
use dispute::status::{Authority, Party};
use money::{Currency, Excerpt, Money};

/// A report that is read row by row.
pub(super) struct Report {
    form: &'static str,
    /// Columns that together tell it from the others.
    typical: &'static [&'static str],
    /// Columns without which no row can be read.
    required: &'static [&'static str],
    /// The column that says what a row is.
    kind: &'static str,
    /// The date column and that of its zone.
    time: (&'static str, &'static str),
    row: fn(&mut Draft, &Line<'_>, &DisputeEvent) -> Result<(), Rejected>,
}

const REPORTS: [Report; 3] = [
    Report {
        form: SETTLEMENT,
        typical: &[
            "Type",
            "Modification Reference",
            "Gross Debit (GC)",
            "Gross Credit (GC)",
            "Net Debit (NC)",
            "Net Credit (NC)",
            "Creation Date",
            "Batch Number",
        ],
        required: &[
            "Psp Reference",
            "Creation Date",
            "TimeZone",
            "Type",
            "Modification Reference",
            "Gross Currency",
            "Gross Debit (GC)",
            "Gross Credit (GC)",
            "Net Currency",
            "Net Debit (NC)",
            "Net Credit (NC)",
        ],
        kind: "Type",
        time: ("Creation Date", "TimeZone"),
        row: settlement_report::row,
    },
    Report {
        form: ACCOUNTING,
        typical: &[
            "Record Type",
            "Modification Psp Reference",
            "Booking Date",
            "Main Amount",
            "Received (PC)",
            "Captured (PC)",
            "Payable (SC)",
            "Settlement Currency",
        ],
        required: &[
            "Psp Reference",
            "Booking Date",
            "TimeZone",
            "Record Type",
            "Modification Psp Reference",
            "Settlement Currency",
            "Payable (SC)",
        ],
        kind: "Record Type",
        time: ("Booking Date", "TimeZone"),
        row: accounting_report::row,
    },
    Report {
        form: DISPUTES,
        typical: &[
            "Record Type",
            "Record Date",
            "Record Date TimeZone",
            "Dispute Currency",
            "Dispute Amount",
            "Dispute PSP Reference",
            "Dispute Reason",
            "CB Reason Code",
        ],
        required: &[
            "Psp Reference",
            "Record Date",
            "Record Date TimeZone",
            "Dispute Currency",
            "Dispute Amount",
            "Record Type",
            "Dispute PSP Reference",
        ],
        kind: "Record Type",
        time: ("Record Date", "Record Date TimeZone"),
        row: dispute_report::row,
    },
];

/// With fewer of its typical columns a header is not this report's; a damaged header still has more.
const TYPICAL_MIN: usize = 4;

/// Columns of which every report of the provider has one, so that a report not read here is still known.
const OURS: [&str; 6] = [
    "Company Account",
    "Merchant Account",
    "Account Holder",
    "Balance Account",
    "Balance Platform",
    "Psp Reference",
];

/// One row, with what is needed to read it.
pub(super) struct Line<'t> {
    columns: &'t Columns,
    row: &'t Row,
    account: &'t str,
    pub at: Instant,
    /// The money runs outside the provider.
    pub external: bool,
}

/// Decodes a report.
pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let length = inbound.body.len();
    let unknown = |detail: &str, code| {
        let reject = Reject {
            span: Span::new(0, length),
            code,
            detail: detail.to_owned(),
            hint: String::new(),
        };
        Decoded::rejected("unknown", length, reject)
    };
    if inbound.body.contains(&0)
        || inbound.body.starts_with(&[0xff, 0xfe])
        || inbound.body.starts_with(&[0xfe, 0xff])
    {
        return unknown(
            "a report in UTF-16 or with zero bytes, UTF-8 is expected",
            RejectCode::Characters,
        );
    }
    let table = table::read(inbound.body, b',');
    let Some((header, rows)) = table.rows.split_first() else {
        return unknown("the document holds no row", RejectCode::UnknownForm);
    };
    let columns = Columns::of(header);
    let score = |report: &Report| {
        report
            .typical
            .iter()
            .filter(|name| columns.has(name))
            .count()
    };
    let report = REPORTS.iter().max_by_key(|report| score(report));
    let report = report.filter(|report| score(report) >= TYPICAL_MIN);
    match report {
        Some(report) => {
            let mut draft = Draft::new(report.form, length);
            whole_rows(&mut draft, table.rejects);
            read(&mut draft, inbound, report, header, &columns, rows);
            draft.finish()
        }
        None if OURS.iter().any(|name| columns.has(name)) => {
            let mut draft = Draft::new(OTHER_REPORT, length);
            draft.mark(
                Span::new(0, length),
                Fate::OtherBusiness("report".to_owned()),
            );
            draft.finish()
        }
        None => unknown(
            "neither JSON nor a report with a column that this provider's reports have",
            RejectCode::UnknownForm,
        ),
    }
}

/// Rows that are no delimited text at all.
fn whole_rows(draft: &mut Draft, rejects: Vec<Reject>) {
    for reject in rejects {
        draft.mark(reject.span, Fate::Rejected);
        draft.reject(reject.span, reject.code, reject.detail);
    }
}

fn read(
    draft: &mut Draft,
    inbound: &Inbound<'_>,
    report: &Report,
    header: &Row,
    columns: &Columns,
    rows: &[Row],
) {
    let missing: Vec<&str> = report
        .required
        .iter()
        .copied()
        .filter(|name| !columns.has(name))
        .collect();
    if !missing.is_empty() {
        let detail = format!("the header lacks the column `{}`", missing.join("`, `"));
        let until = rows.last().map_or(header.span.until, |row| row.span.until);
        let span = Span {
            from: header.span.from,
            until,
        };
        draft.reject(span, RejectCode::MissingField, detail);
        draft.mark(span, Fate::Rejected);
        return;
    }
    for row in rows {
        let (rejects, facts) = (draft.reject_count(), draft.fact_count());
        let named = line(draft, inbound, report, header, columns, row);
        let fate = match named {
            _ if draft.reject_count() > rejects => Fate::Rejected,
            _ if draft.fact_count() > facts => Fate::Understood,
            Ok(kind) => Fate::OtherBusiness(kind),
            Err(Rejected) => {
                unreachable!("`Rejected` is given out only beside a reject in the draft")
            }
        };
        draft.mark(row.span, fate);
    }
}

/// Reads one row and gives its type.
fn line(
    draft: &mut Draft,
    inbound: &Inbound<'_>,
    report: &Report,
    header: &Row,
    columns: &Columns,
    row: &Row,
) -> Result<String, Rejected> {
    let (found, expected) = (row.cells.len(), header.cells.len());
    if found != expected {
        let detail = format!(
            "row {} has {found} cells, the header has {expected}",
            row.number
        );
        draft.reject(row.span, RejectCode::Length, detail);
        return Err(Rejected);
    }
    let Some(kind) = columns.cell(row, report.kind) else {
        let detail = format!("row {}: `{}` is blank", row.number, report.kind);
        draft.reject(row.span, RejectCode::MissingField, detail);
        return Err(Rejected);
    };
    let known = tables::record(kind);
    if matches!(known, Some((Event::Other | Event::Refund(_), _))) {
        return Ok(kind.to_owned());
    }
    let at = time(draft, columns, row, report.time)?;
    let account = columns
        .cell(row, "Merchant Account")
        .unwrap_or(inbound.account);
    let mut line = Line {
        columns,
        row,
        account,
        at,
        external: false,
    };
    match known {
        Some((Event::Dispute(event), external)) => {
            line.external = external;
            (report.row)(draft, &line, &event)?;
        }
        _ => {
            let refs = line.payment_refs(References::none());
            let voice = line.voice(refs);
            draft.drift(&voice, row.span, report.kind, Excerpt::of(kind).as_str());
        }
    }
    Ok(kind.to_owned())
}

fn time(
    draft: &mut Draft,
    columns: &Columns,
    row: &Row,
    (date_column, zone_column): (&str, &str),
) -> Result<Instant, Rejected> {
    let mut missing = |name: &str| {
        let detail = format!("row {}: `{name}` is blank", row.number);
        draft.reject(row.span, RejectCode::MissingField, detail);
        Rejected
    };
    let date = columns
        .cell(row, date_column)
        .ok_or_else(|| missing(date_column))?;
    let zone = columns
        .cell(row, zone_column)
        .ok_or_else(|| missing(zone_column))?;
    let detail = match tables::instant(date, zone) {
        Ok(Some(at)) => return Ok(at),
        Ok(None) => format!(
            "row {}: zone `{}` is on no list",
            row.number,
            Excerpt::of(zone).as_str()
        ),
        Err(error) => format!("row {}: `{date_column}`: {error}", row.number),
    };
    draft.reject(row.span, RejectCode::Time, detail);
    Err(Rejected)
}

impl<'t> Line<'t> {
    /// A cell that is not blank.
    pub(super) fn cell(&self, name: &str) -> Option<&'t str> {
        self.columns.cell(self.row, name)
    }

    pub(super) fn span(&self) -> Span {
        self.row.span
    }

    pub(super) fn reject(&self, draft: &mut Draft, code: RejectCode, detail: &str) -> Rejected {
        let detail = format!("row {}: {detail}", self.row.number);
        draft.reject(self.row.span, code, detail);
        Rejected
    }

    pub(super) fn required(&self, draft: &mut Draft, name: &str) -> Result<&'t str, Rejected> {
        self.cell(name).ok_or_else(|| {
            self.reject(
                draft,
                RejectCode::MissingField,
                &format!("`{name}` is blank"),
            )
        })
    }

    /// The dispute's reference, it and the payment's undamaged.
    pub(super) fn dispute(&self, draft: &mut Draft, name: &str) -> Result<&'t str, Rejected> {
        let reference = self.required(draft, name)?;
        field::whole(draft, reference, self.row.span, name)?;
        if let Some(payment) = self.cell("Psp Reference") {
            field::whole(draft, payment, self.row.span, "Psp Reference")?;
        }
        Ok(reference)
    }

    pub(super) fn currency(&self, draft: &mut Draft, name: &str) -> Result<Currency, Rejected> {
        let text = self.required(draft, name)?;
        field::currency(draft, text, self.row.span)
    }

    /// An amount in major units; blank is `None`.
    pub(super) fn amount(
        &self,
        draft: &mut Draft,
        name: &str,
        currency: Currency,
    ) -> Result<Option<Money>, Rejected> {
        let Some(text) = self.cell(name) else {
            return Ok(None);
        };
        // Amounts are padded to two decimals whatever the currency has, and some exports leave out the zero of `.11`.
        let zeroed = match text.strip_prefix("-.").map(|rest| ("-0.", rest)) {
            Some((sign, rest)) => format!("{sign}{rest}"),
            None if text.starts_with('.') => format!("0{text}"),
            None => text.to_owned(),
        };
        Money::parse_padded(&zeroed, currency)
            .map(Some)
            .map_err(|error| self.reject(draft, RejectCode::Amount, &format!("`{name}`: {error}")))
    }

    /// The sum of the columns of fees, each in `currency`; a column that the account left out counts nothing.
    pub(super) fn fees(
        &self,
        draft: &mut Draft,
        names: &[&str],
        currency: Currency,
    ) -> Result<Money, Rejected> {
        let mut sum = Money::zero(currency);
        for name in names {
            if let Some(fee) = self.amount(draft, name, currency)? {
                sum = self.add(draft, sum, fee)?;
            }
        }
        Ok(sum)
    }

    pub(super) fn add(
        &self,
        draft: &mut Draft,
        one: Money,
        other: Money,
    ) -> Result<Money, Rejected> {
        one.checked_add(other)
            .map_err(|error| self.reject(draft, RejectCode::Amount, &error.to_string()))
    }

    pub(super) fn voice(&self, refs: References) -> Voice {
        Voice {
            scope: Scope {
                provider: NAME.to_owned(),
                account: self.account.to_owned(),
            },
            refs,
            by: Party::Provider,
            authority: Authority::ReportRow,
            true_at: self.at,
            sequence: 0,
        }
    }

    /// The references of the payment that every report has.
    pub(super) fn payment_refs(&self, refs: References) -> References {
        let mut refs = refs;
        for (kind, name) in [
            (RefKind::Payment, "Psp Reference"),
            (RefKind::Merchant, "Merchant Reference"),
            (RefKind::Merchant, "Modification Merchant Reference"),
            (RefKind::Merchant, "Merchant Order Reference"),
        ] {
            refs = refs.and(kind, self.cell(name).unwrap_or_default());
        }
        refs
    }
}

/// Our account when the whole report is about one.
pub(super) fn account(inbound: &Inbound<'_>) -> Option<String> {
    let table = table::read(inbound.body, b',');
    let (header, rows) = table.rows.split_first()?;
    let columns = Columns::of(header);
    let mut accounts = rows
        .iter()
        .filter_map(|row| columns.cell(row, "Merchant Account"));
    let first = accounts.next()?;
    accounts
        .all(|account| account == first)
        .then(|| first.to_owned())
}
