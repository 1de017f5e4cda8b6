//! Compiles the rule files of `rules/` into static tables, so that the room reads no files and parses nothing at run time.
//!
//! Data that does not map stops the build with the file, the entry and what was expected there: a unit without a calendar, a
//! state without a stage, an entry without a source, a field that nobody has a place for. `tests/rule_files.rs` shows each.

extern crate alloc;

#[path = "build/compile.rs"]
mod compile;
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

use row::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the tables are made from.
const INPUTS: [&str; 6] = [
    "build",
    "build.rs",
    "rules",
    "src/network.rs",
    "src/reason.rs",
    "src/status.rs",
];

#[allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is how a build script speaks to cargo"
)]
fn main() -> ExitCode {
    for path in INPUTS {
        println!("cargo::rerun-if-changed={path}");
    }
    match write_tables() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("rules: {message}");
            ExitCode::FAILURE
        }
    }
}

fn write_tables() -> Read<()> {
    let variable = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("rules");
    let out = PathBuf::from(variable("OUT_DIR")?).join("rules.rs");
    let tables = compile::compile(&folder)?;
    std::fs::write(&out, tables).map_err(|error| format!("{}: {error}", out.display()))
}
