//! Files about one thing, functions that fit a screen.

use crate::rust::{self, mask};
use crate::{Repository, Violation};

const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;

/// Files that may be longer, and how long today. The list only shrinks: a file that got shorter lowers its number.
const LONG_FILES: &[(&str, usize)] = &[];

/// Functions that may be longer: path, name, lines today. The list only shrinks.
const LONG_FUNCTIONS: &[(&str, &str, usize)] = &[];

pub(crate) fn files(repository: &Repository) -> Vec<Violation> {
    files_with(repository, LONG_FILES)
}

pub(crate) fn functions(repository: &Repository) -> Vec<Violation> {
    functions_with(repository, LONG_FUNCTIONS)
}

fn files_with(repository: &Repository, exceptions: &[(&str, usize)]) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repository.rust() {
        let excepted = exceptions.iter().find(|(at, _)| *at == path);
        let max = excepted.map_or(FILE_LINES_MAX, |(_, lines)| *lines);
        let lines = text.lines().count();
        if lines > max {
            let message = format!("{lines} lines, at most {max}");
            found.push(Violation::new(path, 1, message));
        }
    }
    for (path, lines) in exceptions {
        if repository.text(path).map(|text| text.lines().count()) != Some(*lines) {
            let message = format!("no longer {lines} lines: lower or remove its exception");
            found.push(Violation::new(path, 1, message));
        }
    }
    found
}

fn functions_with(repository: &Repository, exceptions: &[(&str, &str, usize)]) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut used = Vec::new();
    for (path, text) in repository.rust() {
        if path.split('/').any(|part| part == "tests") {
            continue;
        }
        for function in rust::functions(&mask(text).code) {
            let excepted = exceptions
                .iter()
                .find(|(at, name, _)| *at == path && *name == function.name);
            let max = excepted.map_or(FUNCTION_LINES_MAX, |(_, _, lines)| *lines);
            if let Some((_, name, lines)) = excepted
                && function.lines == *lines
            {
                used.push((path, *name));
            }
            if function.lines > max {
                let message = format!(
                    "function `{}` has {} lines, at most {max}",
                    function.name, function.lines
                );
                found.push(Violation::new(path, function.line, message));
            }
        }
    }
    for (path, name, lines) in exceptions {
        if !used.contains(&(*path, *name)) {
            let message =
                format!("`{name}` no longer has {lines} lines: lower or remove its exception");
            found.push(Violation::new(path, 1, message));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn a_long_file_is_found() {
        let long = "\n".repeat(801);
        let fits = "\n".repeat(800);
        check(
            files,
            &[
                ("crates/a/src/lib.rs", &long),
                ("crates/b/src/lib.rs", &fits),
            ],
            &["crates/a/src/lib.rs:1"],
        );
    }

    #[test]
    fn a_long_function_is_found_outside_test_folders() {
        let body = |lines: usize| format!("\nfn long() {{\n{}}}\n", "x;\n".repeat(lines - 2));
        check(
            functions,
            &[
                ("crates/a/src/lib.rs", &body(71)),
                ("crates/b/src/lib.rs", &body(70)),
                ("crates/c/tests/long.rs", &body(90)),
            ],
            &["crates/a/src/lib.rs:2"],
        );
    }

    #[test]
    fn an_exception_holds_at_its_number_and_must_shrink_with_the_file() {
        let long = "\n".repeat(900);
        let tree = Repository::planted(&[("crates/a/src/lib.rs", &long)]);
        assert_eq!(files_with(&tree, &[("crates/a/src/lib.rs", 900)]), []);
        assert_eq!(files_with(&tree, &[("crates/a/src/lib.rs", 950)]).len(), 1);
        assert_eq!(files_with(&tree, &[("crates/a/src/lib.rs", 850)]).len(), 2);

        let long = format!("fn long() {{\n{}}}\n", "x;\n".repeat(78));
        let tree = Repository::planted(&[("crates/a/src/lib.rs", &long)]);
        assert_eq!(
            functions_with(&tree, &[("crates/a/src/lib.rs", "long", 80)]),
            []
        );
        assert_eq!(
            functions_with(&tree, &[("crates/a/src/lib.rs", "long", 90)]).len(),
            1
        );
        assert_eq!(
            functions_with(&tree, &[("crates/a/src/lib.rs", "gone", 80)]).len(),
            2
        );
    }
}
