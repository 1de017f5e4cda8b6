//! Only a provider's own folder, and the one list, know its name (invariant 10 of the design).

use std::collections::BTreeSet;

use crate::rust::{line_of, mask, words};
use crate::{Repository, Violation};

/// Rooms whose code must not know any provider. `docket`, `sim` and `tidy` compose, imitate and check; they may.
const SILENT_ROOMS: [&str; 11] = [
    "adapter",
    "app",
    "audit",
    "calendar",
    "dispute",
    "engine",
    "ledger",
    "money",
    "store",
    "transport",
    "wire-nacha",
];

/// The one place that names them all.
const LIST: &str = "crates/providers/src/list.rs";

/// A name that is also a word of the domain, where it is one.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "ach",
        "crates/dispute/",
        "ACH is a rail with its own lifecycle and reasons before it is a folder",
    ),
    ("ach", "crates/calendar/", "ACH has its own banking days"),
    (
        "ach",
        "crates/wire-nacha/",
        "the file format is that of the ACH",
    ),
    (
        "paypal",
        "crates/dispute/",
        "PayPal runs its own dispute scheme: a lifecycle beside those of the card networks",
    ),
    (
        "paypal",
        "crates/providers/src/stripe/",
        "a Stripe dispute paid with PayPal carries PayPal's own case number",
    ),
];

/// The folders under the room `providers`, one a provider.
fn provider_names(repository: &Repository) -> BTreeSet<&str> {
    repository
        .below("crates/providers/src/")
        .filter_map(|(path, _)| path.strip_prefix("crates/providers/src/")?.split_once('/'))
        // A provider's folder has a `mod.rs`; other folders hold parts of what all providers share.
        .filter(|(_, rest)| *rest == "mod.rs")
        .map(|(folder, _)| folder)
        .collect()
}

/// Names in code and strings; a comment may cite a provider as a source, and tests may use one.
pub(crate) fn names(repository: &Repository) -> Vec<Violation> {
    let providers = provider_names(repository);
    let mut found = Vec::new();
    for (path, text) in repository.rust() {
        let silent = SILENT_ROOMS
            .iter()
            .any(|room| path.starts_with(&format!("crates/{room}/src/")));
        let inside = path
            .strip_prefix("crates/providers/src/")
            .map(|path| path.split_once('/').map_or("", |(folder, _)| folder));
        if (!silent && inside.is_none()) || path == LIST || path.ends_with("/tests.rs") {
            continue;
        }
        let text = mask(text).without_tests().code_and_strings;
        for (at, word) in words(&text) {
            let known = providers.contains(word.as_str()) && inside != Some(word.as_str());
            if known && !excepted(&word, path) {
                let message = format!("the name `{word}` outside its folder and the list");
                found.push(Violation::new(path, line_of(&text, at), message));
            }
        }
    }
    found
}

fn excepted(name: &str, path: &str) -> bool {
    EXCEPTIONS
        .iter()
        .any(|(excepted, prefix, _)| *excepted == name && path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    const FOLDERS: [(&str, &str); 3] = [
        ("crates/providers/src/acme/mod.rs", "struct Acme; // bolt\n"),
        ("crates/providers/src/bolt/mod.rs", "struct Bolt;\n"),
        ("crates/providers/src/ach/mod.rs", "struct Ach;\n"),
    ];

    #[track_caller]
    fn check_name(path: &str, text: &str, want: &[&str]) {
        check(names, &[FOLDERS.as_slice(), &[(path, text)]].concat(), want);
    }

    #[test]
    fn a_name_in_another_room_is_found() {
        check_name(
            "crates/engine/src/a.rs",
            "\nif x == \"acme\" {}\n",
            &["crates/engine/src/a.rs:2"],
        );
        check_name(
            "crates/store/src/a.rs",
            "struct AcmeRow;\n",
            &["crates/store/src/a.rs:1"],
        );
        check_name(
            "crates/app/src/a.rs",
            "let bolt_key = 1;\n",
            &["crates/app/src/a.rs:1"],
        );
    }

    #[test]
    fn a_name_in_another_providers_folder_is_found() {
        check_name(
            "crates/providers/src/bolt/a.rs",
            "use super::acme;\n",
            &["crates/providers/src/bolt/a.rs:1"],
        );
        check_name(
            "crates/providers/src/lib.rs",
            "mod acme;\n",
            &["crates/providers/src/lib.rs:1"],
        );
    }

    #[test]
    fn lists_comments_tests_and_longer_words_are_not() {
        check_name("crates/providers/src/list.rs", "mod acme;\n", &[]);
        check_name(
            "crates/engine/src/a.rs",
            "// acme says\nlet acmeology = 1;\nlet each = 2;\n",
            &[],
        );
        check_name(
            "crates/engine/src/a.rs",
            "#[cfg(test)]\nmod tests { const A: &str = \"acme\"; }\n",
            &[],
        );
        check_name("crates/sim/src/a.rs", "struct Acme;\n", &[]);
        check_name("crates/dispute/src/a.rs", "enum Rail { Ach }\n", &[]);
        check_name(
            "crates/engine/src/a.rs",
            "enum Rail { Ach }\n",
            &["crates/engine/src/a.rs:1"],
        );
    }
}
