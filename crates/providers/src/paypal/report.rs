//! Reports from the secure file server: rows that name their own kind in the first cell.
//!
//! `RH` report, `FH` file, `SH` section, `CH` column names, `SB` data, `SF` and `RF` totals, `SC`, `RC`, `FC` and `FF` counts
//! of data rows. Totals per currency are not checked: what they leave out (holds, withdrawals) is not published. Counts are.

use super::{case_report, read, settlement};
use crate::draft::Draft;
use crate::table::{self, Columns, Row};
use adapter::{Decoded, Fate, Inbound, RejectCode};
use calendar::Instant;
use dispute::fact::Span;

const ROW_KINDS: [&str; 11] = [
    "RH", "FH", "SH", "CH", "SB", "SF", "SC", "RF", "RC", "FC", "FF",
];

/// Which report it is, by its columns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Settlement,
    Transactions,
    Subscriptions,
    Cases,
    Other,
}

/// Where in a report a data row stands.
pub(super) struct Place<'a> {
    pub columns: &'a Columns,
    /// The section's account, or the one of the way in.
    pub account: &'a str,
    /// Up to when the section reports.
    pub until: Option<Instant>,
}

/// What has been read of the report so far.
struct State {
    kind: Kind,
    columns: Option<(Columns, usize)>,
    account: Option<String>,
    until: Option<Instant>,
    file: u32,
    in_section: usize,
    in_file: usize,
    /// How many cells a totals row has.
    totals: Option<usize>,
}

/// Whether the first line of the bytes starts with a row kind.
pub(super) fn is_report(body: &[u8]) -> bool {
    let start = body
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(body)
        .trim_ascii_start();
    let start = start.strip_prefix(b"\"").unwrap_or(start);
    let named = start
        .get(..2)
        .is_some_and(|kind| ROW_KINDS.iter().any(|known| known.as_bytes() == kind));
    named
        && start
            .get(2)
            .is_none_or(|after| matches!(after, b'"' | b',' | b'\t' | b'\r' | b'\n'))
}

/// The account that the report or its first section names.
pub(super) fn account(body: &[u8]) -> Option<String> {
    let table = table::read(body, delimiter(body));
    let headers = table
        .rows
        .iter()
        .filter(|row| matches!(kind_of(row), "RH" | "SH"));
    headers.filter_map(named_account).next()
}

fn named_account(row: &Row) -> Option<String> {
    let account = row.cells.get(3)?;
    (!account.is_empty()).then(|| account.clone())
}

/// Reports are comma or tab separated; the first line tells.
fn delimiter(body: &[u8]) -> u8 {
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.contains(&b'\t') { b'\t' } else { b',' }
}

fn kind_of(row: &Row) -> &str {
    row.cells.first().map(String::as_str).unwrap_or_default()
}

/// Decodes a report.
pub(super) fn decode(inbound: &Inbound<'_>) -> Decoded {
    let body = inbound.body;
    let table = table::read(body, delimiter(body));
    let header = table.rows.iter().find(|row| kind_of(row) == "CH");
    let kind = header.map_or(Kind::Other, |row| report_kind(&Columns::of(row)));
    let mut draft = Draft::new(form(kind), body.len());
    for reject in table.rejects {
        draft.mark(reject.span, Fate::Rejected);
        draft.reject(reject.span, reject.code, reject.detail);
    }
    let mut state = State {
        kind,
        columns: None,
        account: None,
        until: None,
        file: 1,
        in_section: 0,
        in_file: 0,
        totals: None,
    };
    let last = table.rows.len();
    for row in &table.rows {
        if odd_quotes(body, row.span) {
            let detail = format!(
                "row {} opens a quotation that it does not close",
                row.number
            );
            reject(&mut draft, row, RejectCode::Syntax, detail);
            continue;
        }
        take(&mut draft, inbound, &mut state, row, row.number == last);
    }
    if let Some(row) = cut_header(body, table.rows.last()) {
        let detail = format!(
            "row {} names columns and has no line end, nor has it data",
            row.number
        );
        reject(&mut draft, row, RejectCode::Truncated, detail);
    }
    draft.finish()
}

fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Settlement => "settlement-report",
        Kind::Transactions => "transaction-report",
        Kind::Subscriptions => "subscription-report",
        Kind::Cases => "case-report",
        Kind::Other => "report",
    }
}

fn report_kind(columns: &Columns) -> Kind {
    if case_report::ID.iter().any(|name| columns.has(name)) {
        Kind::Cases
    } else if columns.has("Subscription ID") {
        Kind::Subscriptions
    } else if columns.has("Transactional Status") {
        Kind::Transactions
    } else if [
        "Transaction ID",
        "Transaction Event Code",
        "PayPal Reference ID",
    ]
    .iter()
    .any(|name| columns.has(name))
    {
        Kind::Settlement
    } else {
        Kind::Other
    }
}

fn odd_quotes(body: &[u8], span: Span) -> bool {
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let bytes = body.get(at(span.from)..at(span.until)).unwrap_or_default();
    bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// Column names that end the document without a line end were cut off: even an empty report ends its lines.
fn cut_header<'r>(body: &[u8], last: Option<&'r Row>) -> Option<&'r Row> {
    let row = last.filter(|row| kind_of(row) == "CH" && !odd_quotes(body, row.span))?;
    (!body.ends_with(b"\n") && !body.ends_with(b"\r")).then_some(row)
}

fn reject(draft: &mut Draft, row: &Row, code: RejectCode, detail: String) {
    draft.mark(row.span, Fate::Rejected);
    draft.reject(row.span, code, detail);
}

/// One row. What is not marked here is framing.
fn take(draft: &mut Draft, inbound: &Inbound<'_>, state: &mut State, row: &Row, last: bool) {
    match kind_of(row) {
        "RH" => state.account = named_account(row).or(state.account.take()),
        "FH" => {
            state.file = row
                .cells
                .get(1)
                .and_then(|cell| cell.parse().ok())
                .unwrap_or(state.file)
        }
        "SH" => {
            state.in_section = 0;
            state.account = named_account(row).or(state.account.take());
            state.until = row.cells.get(2).and_then(|cell| instant(cell));
        }
        "CH" => header(draft, state, row),
        "SB" => {
            state.in_section += 1;
            state.in_file += 1;
            data(draft, inbound, state, row, last);
        }
        "SC" => count(draft, row, state.in_section, "section"),
        // The report's count spans all its files; only a report of one file can be checked alone.
        "RC" if state.file == 1 => count(draft, row, state.in_file, "report"),
        "FC" | "FF" => count(draft, row, state.in_file, "file"),
        "SF" | "RF" => totals(draft, state, row, last),
        "RC" => {}
        _ if row.cells.iter().all(String::is_empty) => {}
        other => {
            let detail = format!(
                "row {} starts with `{}`, none of {}",
                row.number,
                read::shown(other),
                ROW_KINDS.join(" ")
            );
            let code = if last {
                RejectCode::Truncated
            } else {
                RejectCode::Order
            };
            reject(draft, row, code, detail);
        }
    }
}

/// Column names. Of a report whose rows we read, the columns that carry the statement must be there.
fn header(draft: &mut Draft, state: &mut State, row: &Row) {
    let columns = Columns::of(row);
    let needed = match state.kind {
        Kind::Settlement | Kind::Transactions => settlement::NEEDED,
        Kind::Cases => case_report::NEEDED,
        Kind::Subscriptions | Kind::Other => &[],
    };
    let absent: Vec<&str> = needed
        .iter()
        .filter(|names| !names.iter().any(|name| columns.has(name)))
        .filter_map(|names| names.first().copied())
        .collect();
    if !absent.is_empty() {
        let detail = format!("columns absent: {}", absent.join(", "));
        reject(draft, row, RejectCode::MissingField, detail);
    }
    state.columns = Some((columns, row.cells.len()));
}

fn data(draft: &mut Draft, inbound: &Inbound<'_>, state: &State, row: &Row, last: bool) {
    let Some((columns, width)) = &state.columns else {
        let detail = format!(
            "row {} holds data before any column names (`CH`)",
            row.number
        );
        return reject(draft, row, RejectCode::Order, detail);
    };
    if row.cells.len() != *width {
        let detail = format!(
            "row {} has {} cells, its header has {width}",
            row.number,
            row.cells.len()
        );
        let short = last && row.cells.len() < *width;
        let code = if short {
            RejectCode::Truncated
        } else {
            RejectCode::Length
        };
        return reject(draft, row, code, detail);
    }
    let account = state.account.as_deref().unwrap_or(inbound.account);
    let place = Place {
        columns,
        account,
        until: state.until,
    };
    match state.kind {
        Kind::Settlement | Kind::Transactions => settlement::decode(draft, row, &place),
        Kind::Cases => case_report::decode(draft, row, &place),
        Kind::Subscriptions => draft.mark(row.span, Fate::OtherBusiness("subscription".to_owned())),
        Kind::Other => draft.mark(row.span, Fate::OtherBusiness("report-row".to_owned())),
    }
}

/// Totals are not checked, but all totals rows of a report are equally long: a shorter last one is cut off.
fn totals(draft: &mut Draft, state: &mut State, row: &Row, last: bool) {
    let width = state.totals.unwrap_or(row.cells.len());
    if last && row.cells.len() < width {
        let detail = format!(
            "row {} has {} cells, its fellows have {width}",
            row.number,
            row.cells.len()
        );
        return reject(draft, row, RejectCode::Truncated, detail);
    }
    state.totals = Some(width.max(row.cells.len()));
}

/// A count of data rows; a count that is not true holds the whole file (F-64).
fn count(draft: &mut Draft, row: &Row, found: usize, of: &str) {
    let cell = row.cells.get(1).map(String::as_str).unwrap_or_default();
    match cell.parse::<usize>() {
        Ok(said) if said == found => {}
        Ok(said) => {
            let detail = format!("the {of} counts {said} data rows, found {found}");
            reject(draft, row, RejectCode::ControlTotal, detail);
        }
        Err(_) => {
            let detail = format!(
                "the {of} count is `{}`, expected a number of rows",
                read::shown(cell)
            );
            reject(draft, row, RejectCode::ControlTotal, detail);
        }
    }
}

/// Reads `2026/01/14 12:38:07 -0800`.
pub(super) fn instant(cell: &str) -> Option<Instant> {
    let mut words = cell.split_whitespace();
    let (date, time, offset) = (words.next()?, words.next()?, words.next()?);
    let rest = words.next();
    let text = format!("{}T{time}{offset}", date.replace('/', "-"));
    rest.is_none().then(|| Instant::parse(&text).ok()).flatten()
}

/// The cell of the first of these columns that the row has.
pub(super) fn cell<'r>(place: &Place<'_>, row: &'r Row, names: &[&str]) -> Option<&'r str> {
    names.iter().find_map(|name| place.columns.cell(row, name))
}

/// As [`cell`], and its absence is a reject.
pub(super) fn needed<'r>(
    draft: &mut Draft,
    place: &Place<'_>,
    row: &'r Row,
    names: &[&str],
) -> Option<&'r str> {
    let found = cell(place, row, names);
    if found.is_none() {
        let name = names.first().copied().unwrap_or_default();
        let detail = format!("row {}: `{name}` is blank", row.number);
        draft.reject(row.span, RejectCode::MissingField, detail);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, expected: Option<&str>) {
        let expected = expected.map(|text| Instant::parse(text).unwrap());
        assert_eq!(instant(cell), expected, "{cell}");
    }

    #[test]
    fn dates_need_their_offset() {
        check("2026/01/14 12:38:07 -0800", Some("2026-01-14T20:38:07Z"));
        check("2017/04/30 01:00:00 +0530", Some("2017-04-29T19:30:00Z"));
        check("2026/01/14 12:38:07", None);
        check("2026/01/14", None);
        check("2026/13/14 12:38:07 -0800", None);
    }
}
