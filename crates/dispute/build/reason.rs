//! Reason codes: the networks' lists in `rules/reason_codes/`, joined with the desk's kinds of reason and its evidence slots.

use crate::evidence::{Coded, Needs, write_kinds};
use crate::limit::{Clocks, maybe_limit};
use crate::network::Network;
use crate::reason::Reason;
use crate::row::{Line, Read, Row, read_csv, read_json};
use crate::write::{Tables, list, maybe, period, small};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The files of codes, and the list in each.
const FILES: [(&str, &str); 6] = [
    ("reason_codes/ach_returns.json", "return_codes"),
    ("reason_codes/amex.json", "reason_codes"),
    ("reason_codes/discover.json", "reason_codes"),
    ("reason_codes/mastercard.json", "reason_codes"),
    ("reason_codes/paypal.json", "reason_codes"),
    ("reason_codes/visa.json", "reason_codes"),
];

/// Flows that are not a life cycle of their own, and the one that they belong to.
const FLOWS_WITHIN: [(&str, &str); 4] = [
    ("mastercard_documentation", "mastercard"),
    ("mastercard_dual_message", "mastercard"),
    ("mastercard_retrieval", "mastercard"),
    ("visa_inquiry", "visa_collaboration"),
];

struct Join<'a> {
    clocks: &'a Clocks,
    reasons: Vec<Line>,
    needs: Needs,
    machines: &'a [String],
}

/// Every way to write a code, by network, and the static that it leads to.
type Keys = BTreeMap<(String, String), String>;

pub(crate) fn write(
    folder: &Path,
    clocks: &Clocks,
    machines: &[String],
    tables: &mut Tables,
) -> Read<()> {
    let join = Join {
        clocks,
        reasons: read_csv(folder, "reasons.csv")?,
        needs: Needs::read(folder, tables)?,
        machines,
    };
    let mut keys = Keys::new();
    let mut coded = Vec::new();
    let mut names = Vec::new();
    for (file, key) in FILES {
        let json = read_json(folder, file)?;
        let whole = Row::of(file, &json)?;
        whole.keep_unread(&["_meta"]);
        for row in whole.rows(key)? {
            let name = format!("CODE_{}", names.len());
            let code = write_code(&row, &name, &join, tables)?;
            add_key(&mut keys, &row.at, &code.network, &code.code, &name)?;
            if let Some(numeric) = row.maybe_text("numeric_code")? {
                add_key(&mut keys, &row.at, &code.network, numeric, &name)?;
            }
            row.finish()?;
            coded.push(code);
            names.push(name);
        }
        whole.finish()?;
    }
    add_aliases(folder, &mut keys)?;
    join.needs.check_codes(&coded)?;
    write_keys(&keys, &names, tables);
    write_kinds(&coded, &join.needs, tables)?;
    write_changes(folder, clocks, tables)
}

fn write_code(row: &Row<'_>, name: &str, join: &Join<'_>, tables: &mut Tables) -> Read<Coded> {
    row.keep_unread(&["sub", "wait", "fee_to_contest", "pre_arbitration_required"]);
    let (network, code) = (row.text("network")?, row.text("code")?);
    if matches!(Network::parse(network), Network::Unlisted(_)) {
        return Err(format!("{}: `{network}` is not a listed network", row.at));
    }
    let platform = row.text("platform_reason")?;
    let reason = reason_of(&row.at, network, code, platform, &join.reasons)?;
    let flow = row.text("flow")?;
    check_flow(&row.at, flow, join.machines)?;
    let status = row.maybe_text("status")?.unwrap_or("current");
    let kind = row.maybe_text("kind")?;
    let coded = Coded {
        network: String::from(network),
        code: String::from(code),
        reason,
        current: status == "current",
        slots: row
            .texts("evidence")?
            .into_iter()
            .map(String::from)
            .collect(),
    };
    let requirements = join.needs.of_code(&row.at, &coded)?;
    let legacy = status == "legacy";
    let ground = tables.ground(row)?;
    tables.push(&format!(
        "static {name}: ReasonCode = ReasonCode {{ network: {network:?}, code: {code:?}, title: {:?}, group: {}, \
         status: {}, reason: {:?}, platform_reason: {platform:?}, flow: Some({flow:?}), respondable: {}, evidence: {}, \
         requirements: {}, filing: {}, response: {}, replaced_by: {}, conditions: {}, note: {}, {ground}, {} }};",
        row.text("title")?,
        maybe(row.maybe_text("group")?.or(kind)),
        code_status(&row.at, status)?,
        coded.reason,
        respondable(row)?,
        list(&row.texts("evidence")?),
        if legacy { "&[]" } else { &requirements },
        maybe_limit(row, "filing_window", network, join.clocks)?,
        maybe_limit(row, "response_window", network, join.clocks)?,
        maybe(row.maybe_text("replaced_by")?),
        list(&row.texts("conditions")?),
        maybe(row.maybe_text("notes")?),
        period(row)?,
    ));
    if kind.is_some() {
        write_return(row, name, join.clocks, tables)?;
    }
    Ok(coded)
}

/// What an ACH return has beside its reason.
fn write_return(row: &Row<'_>, name: &str, clocks: &Clocks, tables: &mut Tables) -> Read<()> {
    row.keep_unread(&["reply_to_request"]);
    let retry = match row.value("reinitiation") {
        None => String::from("None"),
        Some(Value::String(word)) if word == "no" => String::from("None"),
        Some(value) => {
            let retry = Row::of(&format!("{} reinitiation", row.at), value)?;
            retry.keep_unread(&["allowed", "descriptor", "note"]);
            let attempts = small(&retry.at, retry.maybe_number("max_attempts")?)?;
            let attempts = attempts.ok_or_else(|| format!("{}: has no max_attempts", retry.at))?;
            let within = maybe_limit(&retry, "within", "ach", clocks)?;
            retry.finish()?;
            format!("Some(Retry {{ attempts: {attempts}, within: {within} }})")
        }
    };
    let correction = match row.maybe_row("correction")? {
        None => String::from("None"),
        Some(correction) => {
            correction.keep_unread(&["allowed", "new_authorisation_needed"]);
            let within = maybe_limit(&correction, "within", "ach", clocks)?;
            correction.finish()?;
            within
        }
    };
    let statement = row.maybe_flag("written_statement_of_unauthorized_debit")?;
    tables.push(&format!(
        "static RETURN_{name}: ReturnCode = ReturnCode {{ reason: &{name}, kind: {:?}, initiator: {:?}, window: {}, \
         statement_needed: {}, retry: {retry}, correction: {correction}, rate_bucket: {} }};",
        row.text("kind")?,
        row.text("initiator")?,
        maybe_limit(row, "return_window", "ach", clocks)?,
        statement.unwrap_or(false),
        maybe(row.maybe_text("rate_bucket")?),
    ));
    Ok(())
}

/// Our kind of reason: the code's own line of reasons.csv, else the line of the platform's word.
fn reason_of(at: &str, network: &str, code: &str, platform: &str, table: &[Line]) -> Read<String> {
    let of = |wanted_network: &str, wanted_code: &str| {
        table.iter().find(|line| {
            line.text("network") == Ok(wanted_network)
                && line.text("code") == Ok(wanted_code)
                && line.text("platform_reason") == Ok(platform)
        })
    };
    let line = of(network, code)
        .or_else(|| of("*", "*"))
        .ok_or_else(|| format!("{at}: reasons.csv does not map the reason `{platform}`"))?;
    let reason = line.text("reason")?;
    match Reason::parse(reason) {
        Reason::Unmapped(_) => Err(format!("{}: `{reason}` is not a kind of reason", line.at)),
        _ => Ok(String::from(reason)),
    }
}

fn check_flow(at: &str, flow: &str, machines: &[String]) -> Read<()> {
    let within = FLOWS_WITHIN.iter().find(|(known, _)| *known == flow);
    let machine = within.map_or(flow, |(_, machine)| *machine);
    match machines.iter().any(|name| name == machine) {
        true => Ok(()),
        false => Err(format!("{at}: the flow `{flow}` has no life cycle")),
    }
}

fn code_status(at: &str, status: &str) -> Read<&'static str> {
    match status {
        "current" => Ok("CodeStatus::Current"),
        "regional" => Ok("CodeStatus::Regional"),
        "legacy" => Ok("CodeStatus::Legacy"),
        "inquiry" | "retrieval" => Ok("CodeStatus::Inquiry"),
        "status_message" => Ok("CodeStatus::StatusMessage"),
        other => Err(format!("{at}: the status `{other}` is not known")),
    }
}

/// `n/a` marks a message about a case: there is nothing to answer.
fn respondable(row: &Row<'_>) -> Read<&'static str> {
    match row.text("respondable")? {
        "yes" => Ok("Respondable::Yes"),
        "limited" => Ok("Respondable::Limited"),
        "no" | "n/a" => Ok("Respondable::No"),
        other => Err(format!(
            "{}: respondable `{other}`, expected yes, limited, no or n/a",
            row.at
        )),
    }
}

/// The form in which codes are compared; `rules::plain` makes the same at run time.
fn plain(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

fn add_key(keys: &mut Keys, at: &str, network: &str, code: &str, name: &str) -> Read<()> {
    let key = (String::from(network), plain(code));
    match keys.insert(key, String::from(name)) {
        None => Ok(()),
        Some(_) => Err(format!(
            "{at}: {network} already has a code that reads like `{code}`"
        )),
    }
}

fn add_aliases(folder: &Path, keys: &mut Keys) -> Read<()> {
    for line in read_csv(folder, "aliases.csv")? {
        let (network, code) = (line.text("network")?, line.text("code")?);
        let name = keys.get(&(String::from(network), plain(code))).cloned();
        let name = name.ok_or_else(|| format!("{}: {network} has no code `{code}`", line.at))?;
        add_key(keys, &line.at, network, line.text("alias")?, &name)?;
    }
    Ok(())
}

fn write_keys(keys: &Keys, names: &[String], tables: &mut Tables) {
    let all = names
        .iter()
        .map(|name| format!("&{name}"))
        .collect::<Vec<_>>();
    tables.push(&format!(
        "pub(super) static REASON_CODES: &[&ReasonCode] = &[{}];",
        all.join(", ")
    ));
    // BTreeMap order is the order in which the look-up searches.
    let entry = |((network, code), name): (&(String, String), &String)| {
        format!("({network:?}, {code:?}, &{name})")
    };
    let entries = keys.iter().map(entry).collect::<Vec<_>>().join(",\n");
    tables.push(&format!(
        "pub(super) static REASON_KEYS: &[(&str, &str, &ReasonCode)] = &[{entries}];"
    ));
    let ach = keys.iter().filter(|((network, _), _)| network == "ach");
    let returns = ach.map(|((_, code), name)| format!("({code:?}, &RETURN_{name})"));
    let returns = returns.collect::<Vec<_>>().join(", ");
    tables.push(&format!(
        "pub(super) static RETURN_CODES: &[(&str, &ReturnCode)] = &[{returns}];"
    ));
}

fn write_changes(folder: &Path, clocks: &Clocks, tables: &mut Tables) -> Read<()> {
    let file = "reason_codes/ach_noc.json";
    let json = read_json(folder, file)?;
    let whole = Row::of(file, &json)?;
    whole.keep_unread(&["_meta"]);
    let mut written = Vec::new();
    for row in whole.rows("change_codes")? {
        row.keep_unread(&["network"]);
        let kind = row.text("kind")?;
        let refused = match kind {
            "notification_of_change" => false,
            "refused_notification_of_change" => true,
            other => return Err(format!("{}: the kind `{other}` is not known", row.at)),
        };
        written.push(format!(
            "ChangeCode {{ code: {:?}, title: {:?}, refused: {refused}, corrects: {}, send_by: {}, forward_by: {}, \
             apply_by: {}, {} }}",
            row.text("code")?,
            row.text("title")?,
            list(&row.texts("corrects")?),
            maybe_limit(&row, "send_by", "ach", clocks)?,
            maybe_limit(&row, "forward_by", "ach", clocks)?,
            maybe_limit(&row, "apply_by", "ach", clocks)?,
            tables.ground(&row)?,
        ));
        row.finish()?;
    }
    whole.finish()?;
    tables.push(&format!(
        "pub(super) static CHANGE_CODES: &[ChangeCode] = &[{}];",
        written.join(",\n")
    ));
    Ok(())
}
