//! `cargo xtask new-adapter NAME`: a provider's folder, its fixtures' folder and its line in the one list.
//!
//! What it lays out compiles and says openly that it can do nothing; conformance then names what is missing.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::steps::succeed;
use crate::workspace::Workspace;

const LIST: &str = "crates/providers/src/list.rs";
/// How the list begins; the adapters follow up to the closing bracket.
const LIST_OPENS: &str = "pub static ALL: &[&dyn Adapter] = &[";

const FILES: &[(&str, &str)] = &[
    (
        "crates/providers/src/{{name}}/mod.rs",
        include_str!("../templates/adapter/mod.rs.txt"),
    ),
    (
        "crates/providers/src/{{name}}/README.md",
        include_str!("../templates/adapter/README.md.txt"),
    ),
    (
        "crates/providers/src/{{name}}/reasons.csv",
        include_str!("../templates/adapter/reasons.csv.txt"),
    ),
    (
        "crates/providers/fixtures/{{name}}/malformed-empty.in.json",
        "",
    ),
];

pub(crate) fn lay_out(workspace: &Workspace, rest: &[String]) -> Result<ExitCode> {
    let [name] = rest else {
        bail!("`new-adapter` takes one name")
    };
    check_name(name)?;
    let list_path = workspace.path(LIST);
    let list = fs::read_to_string(&list_path).with_context(|| format!("read {LIST}"))?;
    // Before anything is written: a list that cannot be edited leaves no half-made folder.
    let list = listed(&list, name)?;
    for (path, template) in FILES {
        let path = fill(path, name);
        write_new(&workspace.path(&path), &fill(template, name))?;
        println!("    wrote {path}");
    }
    fs::write(&list_path, list).with_context(|| format!("write {LIST}"))?;
    println!("    listed in {LIST}");
    succeed(&mut workspace.cargo(&["fmt", "--package", "providers"]))?;
    println!(
        "\nnext: README.md of the folder, then a fixture, then `PROVIDER={name} cargo test -p providers`"
    );
    Ok(ExitCode::SUCCESS)
}

/// A name is a module's and what users type: lower-case letters and digits, beginning with a letter.
fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(fits) {
        bail!("a provider's name is lower-case letters and digits, found {name:?}");
    }
    Ok(())
}

fn fill(template: &str, name: &str) -> String {
    template
        .replace("{{name}}", name)
        .replace("{{Name}}", &type_name(name))
}

fn type_name(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// The list with the module and the adapter of `name`.
fn listed(list: &str, name: &str) -> Result<String> {
    let module = format!("mod {name};");
    if list
        .lines()
        .any(|line| line.trim().trim_start_matches("pub ") == module)
    {
        bail!("{LIST} already lists `{name}`");
    }
    let Some((head, rest)) = list.split_once(LIST_OPENS) else {
        bail!("{LIST} has no line `{LIST_OPENS}`; lay the folder out by hand")
    };
    let Some((adapters, tail)) = rest.split_once("];") else {
        bail!("{LIST} does not close its list with `];`; lay the folder out by hand")
    };
    let adapters = adapters.trim_end().trim_end_matches(',');
    let comma = if adapters.is_empty() { "" } else { "," };
    let Some((uses, docs)) = head.rsplit_once("\n\n") else {
        bail!("{LIST} has no blank line before its list; lay the folder out by hand")
    };
    let entry = type_name(name);
    Ok(format!(
        "{uses}\n\n#[path = \"{name}/mod.rs\"]\npub {module}\n\n{docs}{LIST_OPENS}{adapters}{comma}\n    &{name}::{entry},\n];{tail}"
    ))
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    if path.exists() {
        bail!("{} exists already", path.display());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "//! The list.\n\nuse adapter::Adapter;\n\n/// All.\npub static ALL: &[&dyn Adapter] = &[];\n\nfn find() {}\n";

    #[test]
    fn a_name_is_added_once() {
        let one = listed(EMPTY, "acme").expect("the list is as expected");
        let want = "use adapter::Adapter;\n\n#[path = \"acme/mod.rs\"]\npub mod acme;\n\n/// All.\npub static ALL: &[&dyn Adapter] = &[\n    &acme::Acme,\n];\n\nfn find() {}\n";
        assert!(one.ends_with(want), "{one}");
        let two = listed(&one, "bolt").expect("the list is as expected");
        assert!(
            two.contains("&[\n    &acme::Acme,\n    &bolt::Bolt,\n];"),
            "{two}"
        );
        assert!(listed(&two, "acme").is_err());
        assert!(listed("nothing", "acme").is_err());
    }

    #[test]
    fn names_that_are_no_module_are_refused() {
        for name in ["", "Acme", "a-b", "a_b", "9x", "a b", "../x"] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert!(check_name("acme2").is_ok());
    }

    #[test]
    fn templates_leave_no_placeholder() {
        for (path, template) in FILES {
            assert!(!fill(path, "acme").contains("{{"));
            assert!(!fill(template, "acme").contains("{{"));
        }
    }
}
