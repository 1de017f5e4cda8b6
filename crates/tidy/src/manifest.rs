//! Cargo manifests, as far as this workspace uses their syntax: one dependency a line, tables in brackets.

use crate::{Repository, Violation};

/// More dependencies than one comment can give the reason of.
const DEPENDENCIES_PER_REASON_MAX: usize = 6;

/// A line that names a dependency.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package: what `package = "..."` renames from, if it stands there.
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) when: When,
}

/// When a dependency is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Run,
    Build,
    Test,
}

/// The dependencies of a member's manifest, those of targets and build scripts included.
pub(crate) fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut table = String::new();
    for (text, line) in manifest.lines().map(str::trim).zip(1..) {
        if let Some(header) = text.strip_prefix('[') {
            table = header.trim_end_matches(']').to_owned();
            // `[dependencies.name]` names one by itself.
            if let Some((kind, name)) = table
                .rsplit_once('.')
                .filter(|(kind, _)| is_dependency_table(kind))
            {
                found.push(dependency(name, "", kind, line));
            }
            continue;
        }
        if !is_dependency_table(&table) || text.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = text.split_once('=') {
            let name = name.split('.').next().unwrap_or(name);
            found.push(dependency(name, value, &table, line));
        }
    }
    found
}

fn is_dependency_table(table: &str) -> bool {
    let last = table.rsplit('.').next().unwrap_or(table);
    matches!(
        last,
        "dependencies" | "dev-dependencies" | "build-dependencies"
    )
}

fn dependency(name: &str, value: &str, table: &str, line: usize) -> Dependency {
    let renamed = value
        .split_once("package")
        .and_then(|(_, after)| after.split('"').nth(1));
    Dependency {
        name: renamed.unwrap_or(name).trim().trim_matches('"').to_owned(),
        line,
        when: match table.rsplit('.').next() {
            Some("build-dependencies") => When::Build,
            Some("dev-dependencies") => When::Test,
            _ => When::Run,
        },
    }
}

/// Every external crate in the workspace table stands below a comment that says why it is here.
pub(crate) fn reasons(repository: &Repository) -> Vec<Violation> {
    let manifest = repository.text("Cargo.toml").unwrap_or_default();
    let mut found = Vec::new();
    let mut inside = false;
    // Dependencies since the last comment; `None` before one.
    let mut since: Option<usize> = None;
    for (text, line) in manifest.lines().map(str::trim).zip(1..) {
        if text.starts_with('[') {
            inside = text == "[workspace.dependencies]";
            since = None;
        } else if !inside {
            continue;
        } else if text.is_empty() {
            since = None;
        } else if text.starts_with('#') {
            since = Some(0);
        } else if !text.contains("path =") {
            since = since.map(|count| count + 1);
            if since.is_none_or(|count| count > DEPENDENCIES_PER_REASON_MAX) {
                let name = text.split([' ', '=']).next().unwrap_or(text);
                let message = format!("`{name}` has no comment above it that says why it is here");
                found.push(Violation::new("Cargo.toml", line, message));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn every_form_of_dependency_is_read() {
        let manifest = "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\nc = \"1\"\n# no\nd = { package = \"real-d\", version = \"1\" }\n\
                        [target.'cfg(unix)'.dependencies]\ne = \"1\"\n[dev-dependencies]\nf.workspace = true\n\
                        [dependencies.g]\nversion = \"1\"\n[build-dependencies]\nh = \"1\"\n";
        let told: Vec<(String, When)> = dependencies(manifest)
            .into_iter()
            .map(|d| (d.name, d.when))
            .collect();
        let want = [
            ("b", When::Run),
            ("c", When::Run),
            ("real-d", When::Run),
            ("e", When::Run),
            ("f", When::Test),
            ("g", When::Run),
            ("h", When::Build),
        ];
        assert_eq!(told, want.map(|(name, when)| (name.to_owned(), when)));
    }

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let head = "[workspace.dependencies]\nbare = \"1\"\n# Why.\ngood = \"1\"\nalso = \"1\"\n\nbare2 = \"1\"\nroom = { path = \"x\" }\n";
        check(
            reasons,
            &[("Cargo.toml", head)],
            &["Cargo.toml:2", "Cargo.toml:7"],
        );
        let many: String = (0..8).map(|n| format!("dep{n} = \"1\"\n")).collect();
        let crowded = format!("[workspace.dependencies]\n# One reason for eight.\n{many}");
        check(
            reasons,
            &[("Cargo.toml", &crowded)],
            &["Cargo.toml:10", "Cargo.toml:9"],
        );
    }
}
