//! From the folder of rule files to the text of the tables.

use crate::row::{Read, read_json, read_text};
use crate::{evidence, lifecycle, limit, money, reason_code, write};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The tables as Rust, or what does not map and where.
pub(crate) fn compile(folder: &Path) -> Read<String> {
    let mut tables = write::Tables::default();
    let clocks = limit::Clocks::read(folder)?;
    let machines = lifecycle::write(folder, &clocks, &mut tables)?;
    reason_code::write(folder, &clocks, &machines, &mut tables)?;
    evidence::write_limits(folder, &mut tables)?;
    money::write(folder, &clocks, &mut tables)?;
    tables.push(&format!(
        "pub(super) const VERSION: &str = {:?};",
        version(folder)?
    ));
    Ok(tables.finish())
}

/// The day on which the facts were compiled, and the digest of every rule file: two desks with one version have one rule book.
fn version(folder: &Path) -> Read<String> {
    let mut names = Vec::new();
    for part in ["", "lifecycles", "reason_codes"] {
        let listed =
            std::fs::read_dir(folder.join(part)).map_err(|error| format!("{part}: {error}"))?;
        for entry in listed {
            let path = entry.map_err(|error| format!("{part}: {error}"))?.path();
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
            names.extend(name.filter(|name| is_rule_file(name)).map(String::from));
        }
    }
    names.sort();
    let mut digest = Sha256::new();
    for name in &names {
        let text = read_text(folder, name)?;
        digest.update(format!("{name}\n{}\n", text.len()));
        digest.update(text);
    }
    let short: String = digest
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let catalogue = read_json(folder, "evidence_catalog.json")?;
    let compiled = catalogue
        .pointer("/_meta/compiled")
        .and_then(|value| value.as_str());
    let compiled = compiled.ok_or("evidence_catalog.json: `_meta` has no `compiled` date")?;
    Ok(format!("{compiled}+{short}"))
}

fn is_rule_file(name: &str) -> bool {
    [".json", ".csv"].iter().any(|end| name.ends_with(end))
}
