//! Words and places that have no business in a published tree. Patterns are put together from halves, so that this
//! file does not find itself.

use crate::{Repository, Violation};

/// A pattern and what is wrong with it.
struct Forbidden {
    pattern: &'static str,
    why: &'static str,
    found: fn(&str, &str) -> bool,
}

const FORBIDDEN: &[Forbidden] = &[
    machine(concat!("/wo", "rk/")),
    machine(concat!("/t", "mp/")),
    machine(concat!("/ro", "ot/")),
    machine(concat!("/ho", "me/")),
    machine(concat!("/Us", "ers/")),
    unfinished(concat!("to", "do")),
    unfinished(concat!("fix", "me")),
    unfinished(concat!("w", "ip")),
    registry(concat!("index", ".crates", ".io")),
    registry(concat!("static.crates", ".io")),
    registry(concat!("pypi", ".org")),
    registry(concat!("registry", ".npmjs", ".org")),
    registry(concat!("proxy.golang", ".org")),
    secret(concat!("PRIVATE ", "KEY-----")),
    secret(concat!("sk_", "live_")),
];

/// Lines that name a forbidden word in order to forbid it: path, text, why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "Cargo.toml",
    concat!("to", "do = \"deny\""),
    "the lint is called so",
)];

const fn machine(pattern: &'static str) -> Forbidden {
    Forbidden {
        pattern,
        why: "a path of somebody's machine",
        found: starts_a_path,
    }
}

const fn unfinished(pattern: &'static str) -> Forbidden {
    Forbidden {
        pattern,
        why: "unfinished work belongs in an issue",
        found: is_a_word,
    }
}

const fn registry(pattern: &'static str) -> Forbidden {
    Forbidden {
        pattern,
        why: "where packages come from is the builder's choice",
        found: |line, pattern| line.contains(pattern),
    }
}

const fn secret(pattern: &'static str) -> Forbidden {
    Forbidden {
        pattern,
        why: "looks like a live secret",
        found: |line, pattern| line.contains(pattern),
    }
}

/// Files written by hand; the lock file is cargo's.
pub(crate) fn forbidden(repository: &Repository) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repository
        .files()
        .filter(|(path, _)| !path.ends_with("Cargo.lock"))
    {
        for (line, number) in text.lines().zip(1..) {
            if EXCEPTIONS
                .iter()
                .any(|(at, excepted, _)| *at == path && line.trim() == *excepted)
            {
                continue;
            }
            for forbidden in FORBIDDEN {
                if (forbidden.found)(line, forbidden.pattern) {
                    let message = format!("`{}`: {}", forbidden.pattern, forbidden.why);
                    found.push(Violation::new(path, number, message));
                }
            }
        }
    }
    found
}

/// At the start of a path, not inside a longer one or a web address.
fn starts_a_path(line: &str, pattern: &str) -> bool {
    line.match_indices(pattern).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| {
            !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_' | '/' | '}' | '~' | '*')
        })
    })
}

/// Between other characters than letters, digits and underscores, in any case.
fn is_a_word(line: &str, pattern: &str) -> bool {
    line.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn each_pattern_is_found() {
        for forbidden in FORBIDDEN {
            let line = format!("see {} here", forbidden.pattern);
            let planted = [("docs/a.md", line.as_str())];
            assert_ne!(
                super::forbidden(&Repository::planted(&planted)),
                [],
                "{line}"
            );
        }
    }

    #[test]
    fn only_words_and_absolute_paths_count() {
        let innocent = format!(
            "methodology https://example.com{0} ../..{0} a{1}b",
            concat!("/wo", "rk/"),
            concat!("to", "do")
        );
        let shouted = concat!("// TO", "DO: later\n");
        let lint = format!("[lints]\n{}\n", concat!("to", "do = \"deny\""));
        check(
            forbidden,
            &[
                ("a.md", &innocent),
                ("crates/a/src/lib.rs", shouted),
                ("Cargo.toml", &lint),
                ("Cargo.lock", shouted),
            ],
            &["crates/a/src/lib.rs:1"],
        );
    }
}
