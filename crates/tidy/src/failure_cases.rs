//! Tests cite the catalogue of failure cases as `F-17`; the citations are the coverage.

use std::collections::BTreeMap;

use crate::rust::line_of;
use crate::{Repository, Violation};

/// The catalogue ends at F-74.
pub const FAILURE_CASE_MAX: u32 = 74;

/// Cited cases of the catalogue, each with the test files and worlds that cite it.
pub fn covered_failure_cases(repository: &Repository) -> BTreeMap<u32, Vec<String>> {
    let mut covered: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (path, _, case) in cited(repository) {
        if (1..=FAILURE_CASE_MAX).contains(&case) {
            let paths = covered.entry(case).or_default();
            if paths.last() != Some(&path) {
                paths.push(path);
            }
        }
    }
    covered
}

/// No test cites a case that the catalogue does not have.
pub(crate) fn citations(repository: &Repository) -> Vec<Violation> {
    cited(repository)
        .into_iter()
        .filter(|(_, _, case)| !(1..=FAILURE_CASE_MAX).contains(case))
        .map(|(path, line, case)| {
            let message =
                format!("F-{case:02} is cited, the catalogue has F-01 to F-{FAILURE_CASE_MAX}");
            Violation::new(&path, line, message)
        })
        .collect()
}

/// Path, line and number of every citation in tests and worlds.
fn cited(repository: &Repository) -> Vec<(String, usize, u32)> {
    let mut found = Vec::new();
    for (path, text) in repository.files() {
        let from = if is_test(path) {
            0
        } else if path.ends_with(".rs") {
            text.find("#[cfg(test)]").unwrap_or(text.len())
        } else {
            continue;
        };
        // This room's own plants are not coverage.
        if path.starts_with("crates/tidy/") {
            continue;
        }
        for (at, _) in text.match_indices("F-").filter(|(at, _)| *at >= from) {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + 2..).unwrap_or_default();
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            let word = before.is_some_and(|c| c.is_alphanumeric() || c == '-');
            // Two digits or three; `UTF-8` and hexadecimal ids are something else.
            let Ok(case) = digits.parse() else { continue };
            if !word && matches!(digits.len(), 2 | 3) {
                found.push((path.to_owned(), line_of(text, at), case));
            }
        }
    }
    found
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.contains("/worlds/") || path.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    const TREE: [(&str, &str); 4] = [
        (
            "crates/dispute/src/a.rs",
            "// F-99 outside tests\n#[cfg(test)]\nmod tests {\n // F-17, F-75, UTF-8\n}\n",
        ),
        ("crates/store/tests/a.rs", "// F-01 and F-17\n// F-00\n"),
        ("crates/sim/worlds/late.world", "# F-74 F-17\n"),
        ("docs/a.md", "F-98\n"),
    ];

    #[test]
    fn a_case_outside_the_catalogue_is_found() {
        check(
            citations,
            &TREE,
            &["crates/dispute/src/a.rs:4", "crates/store/tests/a.rs:2"],
        );
    }

    #[test]
    fn covered_cases_are_listed_with_their_tests() {
        let covered = covered_failure_cases(&Repository::planted(&TREE));
        let counts: Vec<(u32, usize)> = covered
            .iter()
            .map(|(case, paths)| (*case, paths.len()))
            .collect();
        assert_eq!(counts, [(1, 1), (17, 3), (74, 1)]);
    }
}
