//! What the desk's own pages show: the morning, the queue, feeds, documents, books, rules and the log, each bounded by the
//! work at hand and not by the history, so that a desk of a million cases answers as one of a thousand.
//!
//! Everything here is read on a desk that sees all, but duties, which a merchant reads with their own sight; a page that is not
//! for everybody asks `access` first.

pub mod documents;
pub mod duties;
pub mod feeds;
pub mod findings;
pub mod ledger;
pub mod log;
pub mod providers;
pub mod rules;
pub mod search;
pub mod sends;
pub mod today;

use crate::Error;
use dispute::fact::Scope;
use dispute::status::{Stage, Standing};

/// `provider/account`, as addresses name an account. An account's own name may hold a `/`, a provider's may not.
pub fn scope_name(scope: &Scope) -> String {
    format!("{}/{}", scope.provider, scope.account)
}

/// Reads what [`scope_name`] writes.
pub fn scope_named(text: &str) -> Option<Scope> {
    let (provider, account) = text.split_once('/')?;
    let whole = !provider.is_empty() && !account.is_empty();
    whole.then(|| Scope {
        provider: provider.to_owned(),
        account: account.to_owned(),
    })
}

/// The names of all stages, in the order of a dispute's life.
pub fn stages() -> Vec<&'static str> {
    Stage::ALL.iter().map(|stage| stage.name()).collect()
}

/// The words of all statuses: whose move it is, how it ended, or that nothing says.
pub fn statuses() -> Vec<&'static str> {
    let said = Standing::ALL.iter().map(|standing| standing.name());
    said.chain(["unstated"]).collect()
}

/// A page of something, and what begins the next one.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    pub lines: Vec<T>,
    /// The cursor of the page after this; `None` at the end.
    pub next: Option<String>,
}

/// Cuts a list that was read one line longer than the page.
fn paged<T>(mut lines: Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> String) -> Paged<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(cursor);
    Paged { lines, next }
}

fn bad_cursor(text: &str) -> Error {
    Error::Unfit(format!("`{text}` is no place in this list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_and_found_again() {
        let scope = Scope {
            provider: String::from("acme"),
            account: String::from("a/b"),
        };
        assert_eq!(scope_named(&scope_name(&scope)), Some(scope));
        for text in ["acme", "/a", "acme/", ""] {
            assert_eq!(scope_named(text), None, "{text}");
        }
    }

    #[test]
    fn a_page_ends_where_nothing_more_was_read() {
        let whole = paged(vec![1, 2, 3], 3, ToString::to_string);
        assert_eq!((whole.lines.len(), whole.next), (3, None));
        let cut = paged(vec![1, 2, 3, 4], 3, ToString::to_string);
        assert_eq!((cut.lines.len(), cut.next.as_deref()), (3, Some("3")));
    }
}
