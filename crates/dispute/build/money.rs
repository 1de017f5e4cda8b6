//! Fees with their periods, the services before a dispute, and the rules about money that are words.

use crate::limit::{Clocks, maybe_limit};
use crate::row::{Read, Row, read_json};
use crate::write::{Tables, list, maybe, period};
use std::path::Path;

pub(crate) fn write(folder: &Path, clocks: &Clocks, tables: &mut Tables) -> Read<()> {
    let fees = entries(folder, "fees.json", "fees", |row| fee(row, tables))?;
    tables.push(&format!("pub(super) static FEES: &[Fee] = &[{fees}];"));
    let services = entries(folder, "predispute.json", "services", |row| {
        service(row, clocks, tables)
    })?;
    tables.push(&format!(
        "pub(super) static SERVICES: &[Service] = &[{services}];"
    ));
    let rules = entries(folder, "money_rules.json", "rules", |row| {
        Ok(format!(
            "MoneyRule {{ id: {:?}, rule: {:?}, {}, {} }}",
            row.text("id")?,
            row.text("rule")?,
            tables.ground(row)?,
            period(row)?
        ))
    })?;
    tables.push(&format!(
        "pub(super) static MONEY_RULES: &[MoneyRule] = &[{rules}];"
    ));
    Ok(())
}

fn entries(
    folder: &Path,
    file: &str,
    key: &'static str,
    mut write: impl FnMut(&Row<'_>) -> Read<String>,
) -> Read<String> {
    let json = read_json(folder, file)?;
    let whole = Row::of(file, &json)?;
    whole.keep_unread(&["_meta"]);
    let mut written = Vec::new();
    for row in whole.rows(key)? {
        written.push(write(&row)?);
        row.finish()?;
    }
    whole.finish()?;
    Ok(written.join(",\n"))
}

fn fee(row: &Row<'_>, tables: &mut Tables) -> Read<String> {
    let amount = row.maybe_number("amount_minor")?;
    let amount = amount
        .map(i64::try_from)
        .transpose()
        .map_err(|_| format!("{}: the amount does not fit 64 bits", row.at))?;
    let currency = row.maybe_text("currency")?;
    if amount.is_some() && currency.is_none() {
        return Err(format!("{}: has an amount and no currency", row.at));
    }
    Ok(format!(
        "Fee {{ id: {:?}, provider: {:?}, line: {:?}, amount_minor: {amount:?}, currency: {}, returned_if_won: {:?}, \
         note: {}, {}, {} }}",
        row.text("id")?,
        row.text("provider")?,
        row.text("line")?,
        maybe(currency),
        row.maybe_flag("returned_if_won")?,
        maybe(row.maybe_text("note")?),
        tables.ground(row)?,
        period(row)?,
    ))
}

fn service(row: &Row<'_>, clocks: &Clocks, tables: &mut Tables) -> Read<String> {
    Ok(format!(
        "Service {{ id: {:?}, name: {:?}, networks: {}, window: {}, window_note: {}, action: {:?}, {} }}",
        row.text("id")?,
        row.text("name")?,
        list(&row.texts("networks")?),
        maybe_limit(row, "window", "predispute", clocks)?,
        maybe(row.maybe_text("window_note")?),
        row.text("action")?,
        tables.ground(row)?,
    ))
}
