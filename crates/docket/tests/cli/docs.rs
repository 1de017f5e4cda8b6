//! Pages that are made from the program, and commands in pages that are run. `BLESS=1` writes what the program says.

use crate::run::{Folder, docket, program, ran};
use crate::stand_in::{Manner, stand_in};
use std::path::{Path, PathBuf};

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}

#[track_caller]
fn check(path: &Path, want: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, want).expect("the page can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == want,
        "{} is out of date; BLESS=1 writes it anew",
        path.display()
    );
}

#[test]
fn the_reference_is_what_the_program_takes() {
    check(
        &page("reference/cli.md"),
        &docket(&["reference"]).exits(0).out,
    );
}

#[test]
fn the_page_of_settings_is_the_table_that_is_read() {
    check(
        &page("reference/settings.md"),
        &docket(&["reference", "--settings"]).exits(0).out,
    );
}

/// Runs every command of the tutorial in one folder and puts what it said after it. Where the tutorial's reader has a
/// provider's test account, this has a stand-in.
#[test]
fn the_tutorial_is_what_happens() {
    let path = page("start.md");
    let text = std::fs::read_to_string(&path).expect("the tutorial is there");
    let folder = Folder::new();
    for entry in std::fs::read_dir(page("start")).unwrap() {
        let entry = entry.unwrap();
        folder.write(
            entry.file_name().to_str().unwrap(),
            &std::fs::read(entry.path()).unwrap(),
        );
    }
    let provider = stand_in(Manner::Answer);
    let settings = |command: &str| {
        // The reader writes these files between making the desk and sending.
        if command.contains("--send") {
            folder.write(
                "desk/desk.toml",
                provider.settings("acct_sample").as_bytes(),
            );
            folder.write("desk/secrets/stripe-key", b"a-key\n");
        }
    };
    let mut fresh = String::new();
    let mut in_console = false;
    let mut said = false;
    for line in text.lines() {
        if line.starts_with("```") {
            in_console = line == "```console" && !in_console;
            said = false;
        }
        if let Some(command) = line.strip_prefix("$ docket ").filter(|_| in_console) {
            settings(command);
            let args = words(command);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let ran = ran(
                program()
                    .args(&args)
                    .current_dir(folder.0.path())
                    .output()
                    .unwrap(),
                &args,
            );
            fresh.push_str(&format!("{line}\n{}{}", ran.out, ran.err));
            said = true;
        } else if !(in_console && said) {
            fresh.push_str(line);
            fresh.push('\n');
        }
    }
    check(&path, &fresh);
    assert_eq!(provider.held.lock().unwrap().answers, 1);
}

/// The words of a command, with double quotes around words that have spaces.
pub fn words(command: &str) -> Vec<String> {
    let pieces = command.split('"').enumerate();
    let words = pieces.flat_map(|(number, piece)| {
        if number % 2 == 1 {
            vec![piece.to_owned()]
        } else {
            piece.split_whitespace().map(str::to_owned).collect()
        }
    });
    words.collect()
}
