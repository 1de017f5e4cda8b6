//! A doc comment that contains only the item's own words is deleted without loss.

use std::collections::BTreeSet;

use crate::rust::words;
use crate::{Repository, Violation};

/// Words that carry nothing beside a name.
const EMPTY: &[&str] = &[
    "a", "an", "and", "are", "constant", "enum", "fn", "for", "function", "get", "gets", "in",
    "is", "it", "its", "method", "new", "of", "return", "returns", "set", "sets", "struct", "that",
    "the", "this", "to", "trait", "type", "variant",
];

/// One-line doc comments above an item whose words are the item's own.
pub(crate) fn repeated_names(repository: &Repository) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in repository.rust() {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let Some(doc) = line.strip_prefix("/// ") else {
                continue;
            };
            let continues = |line: Option<&&str>| line.is_some_and(|line| line.starts_with("///"));
            let before = at.checked_sub(1).and_then(|before| lines.get(before));
            if continues(before) || continues(lines.get(at + 1)) {
                continue;
            }
            let item = lines
                .iter()
                .skip(at + 1)
                .find(|line| !line.starts_with("#["));
            if let Some(name) = item.and_then(|item| item_name(item))
                && repeats(doc, &name)
            {
                let message = format!("the comment says only `{name}` again");
                found.push(Violation::new(path, at + 1, message));
            }
        }
    }
    found
}

/// The name that an item's first line introduces: the last word before its signature.
fn item_name(item: &str) -> Option<String> {
    let head = item.split(['(', ':', '<', '{', '=', ';', ',']).next()?;
    let head = if head.trim() == "pub" {
        item.split(')')
            .nth(1)?
            .split(['(', ':', '<', '{', '=', ';', ','])
            .next()?
    } else {
        head
    };
    let name = head.split_whitespace().next_back()?;
    name.chars()
        .all(|c| c.is_alphanumeric() || c == '_')
        .then(|| name.to_owned())
}

fn repeats(doc: &str, name: &str) -> bool {
    let stem = |word: String| word.strip_suffix('s').map(str::to_owned).unwrap_or(word);
    let own: BTreeSet<String> = words(name)
        .into_iter()
        .map(|(_, word)| stem(word))
        .collect();
    words(doc)
        .into_iter()
        .map(|(_, word)| word)
        .filter(|word| !EMPTY.contains(&word.as_str()))
        .all(|word| own.contains(&stem(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn a_comment_that_repeats_its_name_is_found() {
        let text = "/// The amount.\npub amount_minor: i128,\n/// Returns the size\n#[inline]\npub(crate) fn size(&self) {}\n\
                    /// A `Checkpoint`\npub struct Checkpoint {\n/// This is the value\nconst VALUE: u8 = 1;\n";
        let path = "crates/a/src/lib.rs";
        let want = ["1", "3", "6", "8"].map(|line| format!("{path}:{line}"));
        check(
            repeated_names,
            &[(path, text)],
            &want.each_ref().map(String::as_str),
        );
    }

    #[test]
    fn a_comment_that_adds_a_word_is_not() {
        let text = "/// The amount in cents.\npub amount: i128,\n/// Size.\n/// More than one line.\nfn size() {}\n\
                    /// The last amount\nlet x = 1;\n";
        check(repeated_names, &[("crates/a/src/lib.rs", text)], &[]);
    }
}
