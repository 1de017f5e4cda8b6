//! Compiles the rule files of `rules/` into static tables, so that the room reads no files and parses nothing at run time.
//!
//! Data that does not map stops the build with the file, the entry and what was expected there: a unit without a calendar, a
//! state without a stage, an entry without a source, a field that nobody has a place for.

extern crate alloc;

#[path = "build/evidence.rs"]
mod evidence;
#[path = "build/lifecycle.rs"]
mod lifecycle;
#[path = "build/limit.rs"]
mod limit;
#[path = "build/money.rs"]
mod money;
#[path = "src/network.rs"]
#[allow(
    dead_code,
    reason = "the room's own vocabulary, of which the build uses parts"
)]
mod network;
#[path = "src/reason.rs"]
#[allow(
    dead_code,
    reason = "the room's own vocabulary, of which the build uses parts"
)]
mod reason;
#[path = "build/reason.rs"]
mod reason_code;
#[path = "build/row.rs"]
mod row;
#[path = "src/status.rs"]
#[allow(
    dead_code,
    reason = "the room's own vocabulary, of which the build uses parts"
)]
mod status;
#[path = "build/write.rs"]
mod write;

use row::{Read, read_json, read_text};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            #[allow(clippy::print_stderr, reason = "a build script speaks to cargo here")]
            {
                eprintln!("rules: {message}");
            }
            ExitCode::FAILURE
        }
    }
}

fn compile() -> Read<()> {
    let variable = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("rules");
    #[allow(clippy::print_stdout, reason = "a build script speaks to cargo here")]
    for path in [
        "rules",
        "build",
        "build.rs",
        "src/network.rs",
        "src/reason.rs",
        "src/status.rs",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    let mut tables = write::Tables::default();
    let clocks = limit::Clocks::read(&folder)?;
    let machines = lifecycle::write(&folder, &clocks, &mut tables)?;
    reason_code::write(&folder, &clocks, &machines, &mut tables)?;
    evidence::write_limits(&folder, &mut tables)?;
    money::write(&folder, &clocks, &mut tables)?;
    tables.push(&format!(
        "pub(super) const VERSION: &str = {:?};",
        version(&folder)?
    ));
    let out = PathBuf::from(variable("OUT_DIR")?).join("rules.rs");
    std::fs::write(&out, tables.finish()).map_err(|error| format!("{}: {error}", out.display()))
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
            names.extend(name.filter(|_| path.is_file()).map(String::from));
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
