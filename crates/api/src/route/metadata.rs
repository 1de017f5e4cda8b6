//! Metadata: what a caller writes on an object, by Stripe's rules.

use crate::Error;
use crate::form::Params;
use std::collections::BTreeMap;

/// docs.stripe.com/api/metadata
const KEYS_MAX: usize = 50;
const KEY_CHARACTERS_MAX: usize = 40;
const VALUE_CHARACTERS_MAX: usize = 500;

/// What becomes of the metadata that is there: `None` when the request says nothing of it.
pub(super) fn change(
    params: &mut Params,
    there: &BTreeMap<String, String>,
) -> Result<Option<BTreeMap<String, String>>, Error> {
    let Some(hash) = params.hash("metadata")? else {
        return Ok(None);
    };
    // An empty text in place of the hash unsets every key.
    if hash.is_empty() {
        return Ok(Some(BTreeMap::new()));
    }
    let mut words = there.clone();
    for (key, value) in hash.pairs()? {
        let param = format!("metadata[{key}]");
        if key.chars().count() > KEY_CHARACTERS_MAX {
            return Err(Error::invalid(format!(
                "Metadata keys can be at most {KEY_CHARACTERS_MAX} characters; {param} is longer."
            ))
            .param(param));
        }
        let characters = value.chars().count();
        if characters > VALUE_CHARACTERS_MAX {
            return Err(Error::invalid(format!(
                "Metadata values can have up to {VALUE_CHARACTERS_MAX} characters, but you passed in a value that is \
                 {characters} characters."
            ))
            .param(param));
        }
        match value.is_empty() {
            true => words.remove(&key),
            false => words.insert(key, value),
        };
    }
    if words.len() > KEYS_MAX {
        return Err(Error::invalid(format!(
            "You can have up to {KEYS_MAX} metadata keys; with this request there would be {}.",
            words.len()
        ))
        .param("metadata"));
    }
    Ok(Some(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(form: &str, want: &str) {
        let there = BTreeMap::from([
            ("a".to_owned(), "1".to_owned()),
            ("b".to_owned(), "2".to_owned()),
        ]);
        let mut params = crate::form::decode(form.as_bytes()).unwrap();
        let got = match change(&mut params, &there) {
            Ok(None) => String::from("untouched"),
            Ok(Some(words)) => format!("{words:?}"),
            Err(error) => format!("! {}", error.message),
        };
        assert!(got.starts_with(want), "{form}: {got}");
    }

    #[test]
    fn keys_are_set_unset_and_counted() {
        check("", "untouched");
        check("metadata=", "{}");
        check("metadata[a]=9", "{\"a\": \"9\", \"b\": \"2\"}");
        check("metadata[a]=", "{\"b\": \"2\"}");
        check("metadata[7]=x", "{\"7\": \"x\", \"a\"");
        check(&format!("metadata[{}]=x", "k".repeat(40)), "{\"a\"");
        check(
            &format!("metadata[{}]=x", "k".repeat(41)),
            "! Metadata keys can be at most 40 characters",
        );
        check(&format!("metadata[c]={}", "v".repeat(500)), "{\"a\"");
        check(
            &format!("metadata[c]={}", "v".repeat(501)),
            "! Metadata values can have up to 500 characters, but you passed in a value that is 501 characters.",
        );
        let many: String = (0..49).map(|n| format!("metadata[k{n}]=1&")).collect();
        check(
            &many,
            "! You can have up to 50 metadata keys; with this request there would be 51.",
        );
        check("metadata[a][b]=1", "! Invalid string: metadata[a]");
    }
}
