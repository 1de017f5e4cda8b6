//! Documentation: every public error code has its page, every link leads somewhere, every page can be found.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Repository, Violation};

const PREFIX: &str = "DP-";
const ERRORS: &str = "docs/errors/";
const START: &str = "docs/README.md";

/// `DP-` and four digits in a source has `docs/errors/DP-xxxx.md`, and the other way round.
pub(crate) fn codes(repository: &Repository) -> Vec<Violation> {
    let mut used: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (path, text) in repository
        .rust()
        .filter(|(path, _)| !path.starts_with("crates/tidy/"))
    {
        for (line, number) in text.lines().zip(1..) {
            for code in codes_in(line) {
                used.entry(code)
                    .or_insert_with(|| (path.to_owned(), number));
            }
        }
    }
    let pages: BTreeSet<String> = repository
        .below(ERRORS)
        .filter_map(|(path, _)| path.strip_prefix(ERRORS)?.strip_suffix(".md"))
        .filter(|name| name.starts_with(PREFIX))
        .map(str::to_owned)
        .collect();
    let pageless =
        used.iter()
            .filter(|(code, _)| !pages.contains(*code))
            .map(|(code, (path, line))| {
                Violation::new(path, *line, format!("{code} has no page {ERRORS}{code}.md"))
            });
    let orphans = pages
        .iter()
        .filter(|code| !used.contains_key(*code))
        .map(|code| {
            Violation::new(
                &format!("{ERRORS}{code}.md"),
                1,
                format!("no source uses {code}"),
            )
        });
    pageless.chain(orphans).collect()
}

fn codes_in(line: &str) -> Vec<String> {
    line.split(PREFIX)
        .skip(1)
        .map(|after| {
            after
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
        })
        .filter(|digits| digits.len() == 4)
        .map(|digits| format!("{PREFIX}{digits}"))
        .collect()
}

/// Relative links of every Markdown file lead to a file or folder of the tree.
pub(crate) fn links(repository: &Repository) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repository.files().filter(|(path, _)| path.ends_with(".md")) {
        for (line, target) in links_in(text) {
            match resolve(path, &target) {
                Some(resolved) if repository.holds(&resolved) => {}
                _ => found.push(Violation::new(
                    path,
                    line,
                    format!("`{target}` leads nowhere"),
                )),
            }
        }
    }
    found
}

/// Every page under `docs/` can be reached by links from `docs/README.md`. A link to a folder shows what is in it.
pub(crate) fn reachable(repository: &Repository) -> Vec<Violation> {
    let mut reached: BTreeSet<String> = BTreeSet::from([START.to_owned()]);
    let mut queue = vec![START.to_owned()];
    while let Some(path) = queue.pop() {
        let text = repository.text(&path).unwrap_or_default();
        for (_, target) in links_in(text) {
            let Some(resolved) = resolve(&path, &target) else {
                continue;
            };
            let folder = format!("{resolved}/");
            let listed = repository
                .below(&folder)
                .map(|(path, _)| path)
                .filter(|path| {
                    path.strip_prefix(&folder)
                        .is_some_and(|name| !name.contains('/'))
                });
            let shown: Vec<String> = repository
                .text(&resolved)
                .map(|_| resolved.clone())
                .into_iter()
                .chain(listed.map(str::to_owned))
                .collect();
            for page in shown {
                if page.ends_with(".md") && reached.insert(page.clone()) {
                    queue.push(page);
                }
            }
        }
    }
    repository
        .below("docs/")
        .filter(|(path, _)| path.ends_with(".md") && !reached.contains(*path))
        .map(|(path, _)| {
            Violation::new(
                path,
                1,
                format!("no chain of links leads here from {START}"),
            )
        })
        .collect()
}

/// Targets of `[text](target)` outside code, with their lines; web addresses and places within the page left out.
fn links_in(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (line, number) in text.lines().zip(1..) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        // Every second piece between backticks is code.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for after in prose.split("](").skip(1) {
            let target = after.split([')', ' ', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') {
                found.push((number, target.to_owned()));
            }
        }
    }
    found
}

/// `target` as seen from the page `from`; `None` when it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn a_code_without_a_page_and_a_page_without_a_code_are_found() {
        check(
            codes,
            &[
                (
                    "crates/dispute/src/a.rs",
                    "\n// DP-1001 and DP-1002, not DP-10 nor DP-10033\n",
                ),
                ("docs/errors/DP-1001.md", ""),
                ("docs/errors/DP-1009.md", ""),
                ("docs/errors/README.md", ""),
            ],
            &["crates/dispute/src/a.rs:2", "docs/errors/DP-1009.md:1"],
        );
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        check(
            links,
            &[
                (
                    "README.md",
                    "[a](docs/a.md) [b](docs/b.md#part)\n[c](docs) [d](https://example.com/x)\n[e](../outside)",
                ),
                (
                    "docs/a.md",
                    "[up](../README.md) `[code](nowhere)` [here](#here)\n```\n[x](gone)\n```\n[y](gone)",
                ),
            ],
            &["README.md:1", "README.md:3", "docs/a.md:5"],
        );
    }

    #[test]
    fn a_page_that_nobody_links_is_found() {
        check(
            reachable,
            &[
                ("docs/README.md", "[a](a.md) [errors](errors/)"),
                ("docs/a.md", "[b](concepts/b.md)"),
                ("docs/concepts/b.md", ""),
                ("docs/concepts/lonely.md", "[a](../a.md)"),
                ("docs/errors/x.md", ""),
            ],
            &["docs/concepts/lonely.md:1"],
        );
    }
}
