//! Time limits: from the rule files' words to `RuleLimit`.

use crate::row::{Line, Read, Row, read_csv};
use crate::write::{maybe, small};
use calendar::{Calendar, Unit, Zone};
use serde_json::Value;
use std::path::Path;

/// In which zone and business calendar each rail counts.
pub(crate) struct Clocks(Vec<Line>);

impl Clocks {
    pub(crate) fn read(folder: &Path) -> Read<Clocks> {
        read_csv(folder, "clocks.csv").map(Clocks)
    }

    fn of(&self, at: &str, rail: &str) -> Read<&Line> {
        let named = |line: &&Line| line.text("rail") == Ok(rail);
        self.0
            .iter()
            .find(named)
            .ok_or_else(|| format!("{at}: clocks.csv has no rail `{rail}`"))
    }
}

/// The limit as an expression; `None` when the entry gives no number, which the rule files do where only the case's own date
/// counts.
pub(crate) fn limit(row: &Row<'_>, rail: &str, clocks: &Clocks) -> Read<Option<String>> {
    row.keep_unread(&["stage", "who", "since", "min_amount", "max_attempts"]);
    if row.value("day_zero_counted") == Some(&Value::Bool(true)) {
        return Err(format!(
            "{}: counts day zero, which no calendar limit does",
            row.at
        ));
    }
    let Some(value) = small(&row.at, row.maybe_number("value")?)? else {
        row.keep_unread(&["unit", "start", "note"]);
        row.finish()?;
        return Ok(None);
    };
    let clock = clocks.of(&row.at, rail)?;
    let zone = row.maybe_text("tz")?.or(clock.maybe("zone")?);
    if let Some(zone) = zone {
        Zone::parse(zone).map_err(|error| format!("{}: {error}", row.at))?;
    }
    let calendar = match clock.maybe("business_calendar")? {
        Some(id) => {
            let known = Calendar::parse(id).map_err(|error| format!("{}: {error}", row.at))?;
            format!("Some(Calendar::{known:?})")
        }
        None => String::from("None"),
    };
    let unit = unit(&row.at, row.text("unit")?)?;
    let expression = format!(
        "RuleLimit {{ value: {value}, shortest: {:?}, unit: Unit::{unit:?}, start: {:?}, cutoff: {}, zone: {}, \
         calendar: {calendar}, regional: {}, note: {} }}",
        shortest(row)?,
        row.text("start")?,
        maybe(row.maybe_text("cutoff")?),
        maybe(zone),
        regional(row, unit)?,
        maybe(note(row)?.as_deref()),
    );
    row.finish()?;
    Ok(Some(expression))
}

/// The limit in a field of a row, as an `Option` expression.
pub(crate) fn maybe_limit(
    row: &Row<'_>,
    key: &'static str,
    rail: &str,
    clocks: &Clocks,
) -> Read<String> {
    let found = match row.maybe_row(key)? {
        Some(row) => limit(&row, rail, clocks)?,
        None => None,
    };
    Ok(match found {
        Some(expression) => format!("Some({expression})"),
        None => String::from("None"),
    })
}

/// The units that a limit may be stated in. `working_day`, billing cycles and the like do not map, and stop the build.
fn unit(at: &str, name: &str) -> Read<Unit> {
    match name {
        "calendar_day" => Ok(Unit::CalendarDay),
        "business_day" => Ok(Unit::BusinessDay),
        "banking_day" => Ok(Unit::BankingDay),
        "target_day" => Ok(Unit::TargetDay),
        "bacs_working_day" => Ok(Unit::BacsWorkingDay),
        "hour" => Ok(Unit::Hour),
        "week" => Ok(Unit::Week),
        "month" => Ok(Unit::Month),
        "year" => Ok(Unit::Year),
        other => Err(format!("{at}: the unit `{other}` has no calendar unit")),
    }
}

/// The low end of a stated range, when it is below the value.
fn shortest(row: &Row<'_>) -> Read<Option<u32>> {
    let Some(range) = row.value("range") else {
        return Ok(None);
    };
    let low = range.get(0).and_then(Value::as_u64);
    low.ok_or_else(|| format!("{}: `range` is {range}, expected two whole numbers", row.at))?;
    small(&row.at, low)
}

/// Regions with another limit: a number in the same unit, or a number and its unit.
fn regional(row: &Row<'_>, same: Unit) -> Read<String> {
    let Some(table) = row.maybe_row("regional")? else {
        return Ok(String::from("&[]"));
    };
    let mut regions = Vec::new();
    for (region, value) in table.entries() {
        let at = format!("{} {region}", table.at);
        let (number, unit) = match value.as_object() {
            Some(_) => {
                let row = Row::of(&at, value)?;
                let stated = (row.maybe_number("value")?, unit(&at, row.text("unit")?)?);
                row.finish()?;
                stated
            }
            None => (value.as_u64(), same),
        };
        let number = small(&at, number)?.ok_or_else(|| format!("{at}: {value} is not a number"))?;
        regions.push(format!(
            "Regional {{ region: {region:?}, value: {number}, unit: Unit::{unit:?} }}"
        ));
    }
    Ok(format!("&[{}]", regions.join(", ")))
}

/// What else the rule says about the limit, in one line of words.
fn note(row: &Row<'_>) -> Read<Option<String>> {
    let mut notes = Vec::new();
    for key in ["note", "basis", "condition", "needs", "wait", "or"] {
        notes.extend(row.maybe_text(key)?.map(String::from));
    }
    for (key, word) in [
        ("also", "also"),
        ("max", "at most"),
        ("documents_due", "documents"),
    ] {
        if let Some(other) = row.maybe_row(key)? {
            let (value, unit) = (other.maybe_number("value")?, other.text("unit")?);
            let value = value.ok_or_else(|| format!("{}: has no value", other.at))?;
            let start = other.maybe_text("start")?.unwrap_or("the same start");
            notes.push(format!("{word} {value} {unit} from {start}"));
            other.keep_unread(&["basis", "note"]);
            other.finish()?;
        }
    }
    Ok(Some(notes.join("; ")).filter(|text| !text.is_empty()))
}
