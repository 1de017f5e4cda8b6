//! Evidence: the catalogue of slots, and how much each slot is needed for a code or for a kind of reason.

use crate::reason::Reason;
use crate::row::{Line, Read, Row, read_csv, read_json};
use crate::write::{Tables, list};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A reason code as the evidence rules see it.
pub(crate) struct Coded {
    pub(crate) network: String,
    pub(crate) code: String,
    /// Our kind of reason.
    pub(crate) reason: String,
    pub(crate) current: bool,
    pub(crate) slots: Vec<String>,
}

/// The catalogue, and what needs.csv says about its slots.
pub(crate) struct Needs {
    /// What each slot holds, by id.
    meanings: BTreeMap<String, String>,
    table: Vec<Line>,
}

impl Needs {
    /// Reads both, and writes the catalogue.
    pub(crate) fn read(folder: &Path, tables: &mut Tables) -> Read<Needs> {
        let meanings = write_slots(folder, tables)?;
        let table = read_csv(folder, "needs.csv")?;
        for line in &table {
            let slot = line.text("slot")?;
            if !meanings.contains_key(slot) {
                return Err(format!("{}: the catalogue has no slot `{slot}`", line.at));
            }
            need_variant(&line.at, line.text("need")?)?;
            line.text("basis")?;
            let reason = line.text("reason")?;
            if reason != "*" && matches!(Reason::parse(reason), Reason::Unmapped(_)) {
                return Err(format!("{}: `{reason}` is not a kind of reason", line.at));
            }
        }
        Ok(Needs { meanings, table })
    }

    /// A line about a code that no list has would never apply.
    pub(crate) fn check_codes(&self, coded: &[Coded]) -> Read<()> {
        for line in &self.table {
            let (network, code) = (line.text("network")?, line.text("code")?);
            let known = |entry: &&Coded| entry.network == network && entry.code == code;
            if code != "*" && !coded.iter().any(|entry| known(&entry)) {
                return Err(format!("{}: {network} has no code `{code}`", line.at));
            }
        }
        Ok(())
    }

    /// The requirements of a code, most needed first, then in the order of its list.
    pub(crate) fn of_code(&self, at: &str, coded: &Coded) -> Read<String> {
        let ground = format!("listed for {} {}", coded.network, coded.code);
        let mut written = Vec::new();
        for slot in &coded.slots {
            let line = self.line(&coded.network, &coded.code, &coded.reason, slot);
            written.push(self.requirement(at, slot, line, "recommended", &ground)?);
        }
        written.sort_by_key(|(rank, _)| *rank);
        let written = written.into_iter().map(|(_, text)| text);
        Ok(format!("&[{}]", written.collect::<Vec<_>>().join(", ")))
    }

    /// The most special line about a slot: of the code, of the reason, of the slot alone.
    fn line(&self, network: &str, code: &str, reason: &str, slot: &str) -> Option<&Line> {
        let of = |network: &str, code: &str, reason: &str| {
            self.table.iter().find(|line| {
                line.text("network") == Ok(network)
                    && line.text("code") == Ok(code)
                    && line.text("reason") == Ok(reason)
                    && line.text("slot") == Ok(slot)
            })
        };
        of(network, code, "*")
            .or_else(|| of("*", "*", reason))
            .or_else(|| of("*", "*", "*"))
    }

    /// One requirement as an expression, with its rank for sorting.
    fn requirement(
        &self,
        at: &str,
        slot: &str,
        line: Option<&Line>,
        otherwise: &str,
        ground: &str,
    ) -> Read<(u8, String)> {
        let meaning = self
            .meanings
            .get(slot)
            .ok_or_else(|| format!("{at}: the catalogue has no slot `{slot}`"))?;
        let (need, basis) = match line {
            None => (otherwise, String::from(ground)),
            Some(line) => (
                line.text("need")?,
                format!("{ground}; {}", line.text("basis")?),
            ),
        };
        let (rank, variant) = need_variant(at, need)?;
        Ok((
            rank,
            format!(
                "Requirement {{ slot: {slot:?}, need: {variant}, meaning: {meaning:?}, basis: {basis:?} }}"
            ),
        ))
    }
}

fn need_variant(at: &str, need: &str) -> Read<(u8, &'static str)> {
    match need {
        "required" => Ok((0, "Need::Required")),
        "recommended" => Ok((1, "Need::Recommended")),
        "optional" => Ok((2, "Need::Optional")),
        other => Err(format!(
            "{at}: need `{other}`, expected required, recommended or optional"
        )),
    }
}

fn write_slots(folder: &Path, tables: &mut Tables) -> Read<BTreeMap<String, String>> {
    let file = "evidence_catalog.json";
    let json = read_json(folder, file)?;
    let whole = Row::of(file, &json)?;
    whole.keep_unread(&["_meta"]);
    let mut meanings = BTreeMap::new();
    let mut written = Vec::new();
    for row in whole.rows("evidence")? {
        let (id, meaning) = (row.text("id")?, row.text("meaning")?);
        written.push(format!(
            "Slot {{ id: {id:?}, meaning: {meaning:?}, {} }}",
            tables.ground(&row)?
        ));
        row.finish()?;
        if meanings
            .insert(String::from(id), String::from(meaning))
            .is_some()
        {
            return Err(format!("{file}: the slot `{id}` stands twice"));
        }
    }
    whole.finish()?;
    tables.push(&format!(
        "pub(super) static SLOTS: &[Slot] = &[{}];",
        written.join(",\n")
    ));
    Ok(meanings)
}

/// For each kind of reason, what the networks' current codes of that kind ask for: a slot that at least half of them list is
/// as needed as needs.csv says (recommended where it says nothing), one that at least a quarter list is optional, and a rarer
/// one is left out. A kind without a current code takes all its codes.
pub(crate) fn write_kinds(coded: &[Coded], needs: &Needs, tables: &mut Tables) -> Read<()> {
    let mut kinds = Vec::new();
    let reasons: BTreeSet<&str> = coded.iter().map(|code| code.reason.as_str()).collect();
    for reason in reasons {
        let all: Vec<&Coded> = coded.iter().filter(|code| code.reason == reason).collect();
        let current: Vec<&Coded> = all.iter().copied().filter(|code| code.current).collect();
        let asked = if current.is_empty() { all } else { current };
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for slot in asked.iter().flat_map(|code| &code.slots) {
            match counts.iter_mut().find(|(known, _)| known == slot) {
                Some((_, count)) => *count += 1,
                None => counts.push((slot, 1)),
            }
        }
        let mut written = Vec::new();
        for (slot, count) in counts {
            if count * 4 < asked.len() {
                continue;
            }
            let ground = format!("listed for {count} of {} codes about {reason}", asked.len());
            let line = if count * 2 < asked.len() {
                None
            } else {
                needs.line("*", "*", reason, slot)
            };
            let otherwise = if count * 2 < asked.len() {
                "optional"
            } else {
                "recommended"
            };
            written.push((
                needs.requirement(reason, slot, line, otherwise, &ground)?,
                count,
            ));
        }
        written.sort_by_key(|((rank, _), count)| (*rank, usize::MAX - count));
        let written = written.into_iter().map(|((_, text), _)| text);
        let written = written.collect::<Vec<_>>().join(", ");
        kinds.push(format!("({reason:?}, &[{written}])"));
    }
    tables.push(&format!(
        "pub(super) static KINDS: &[(&str, &[Requirement])] = &[{}];",
        kinds.join(",\n")
    ));
    Ok(())
}

/// The file limits of `evidence_limits.json`.
pub(crate) fn write_limits(folder: &Path, tables: &mut Tables) -> Read<()> {
    let file = "evidence_limits.json";
    let json = read_json(folder, file)?;
    let whole = Row::of(file, &json)?;
    whole.keep_unread(&["_meta"]);
    let mut written = Vec::new();
    for row in whole.rows("limits")? {
        let mut by_type = Vec::new();
        if let Some(table) = row.maybe_row("bytes_each_by_type")? {
            for (kind, bytes) in table.entries() {
                let bytes = bytes.as_u64();
                let bytes = bytes.ok_or_else(|| format!("{}: {kind} has no bytes", table.at))?;
                by_type.push(format!("({kind:?}, {bytes})"));
            }
        }
        let applies_to = row.texts("applies_to")?;
        if applies_to.is_empty() {
            return Err(format!("{}: `applies_to` is empty", row.at));
        }
        written.push(format!(
            "EvidenceLimit {{ id: {:?}, applies_to: {}, bytes_total: {:?}, bytes_each: {:?}, bytes_each_by_type: &[{}], \
             files: {:?}, pages: {:?}, pages_mastercard: {:?}, dpi: {:?}, characters: {:?}, file_types: {}, \
             one_file_per_slot: {}, black_and_white: {}, note: {:?}, {} }}",
            row.text("id")?,
            list(&applies_to),
            row.maybe_number("bytes_total")?,
            row.maybe_number("bytes_each")?,
            by_type.join(", "),
            row.maybe_number("files")?,
            row.maybe_number("pages")?,
            row.maybe_number("pages_mastercard")?,
            row.maybe_number("dpi")?,
            row.maybe_number("characters")?,
            list(&row.texts("file_types")?),
            row.maybe_flag("one_file_per_slot")?.unwrap_or(false),
            row.maybe_flag("black_and_white")?.unwrap_or(false),
            row.maybe_text("note")?,
            tables.ground(&row)?,
        ));
        row.finish()?;
    }
    whole.finish()?;
    tables.push(&format!(
        "pub(super) static EVIDENCE_LIMITS: &[EvidenceLimit] = &[{}];",
        written.join(",\n")
    ));
    Ok(())
}
