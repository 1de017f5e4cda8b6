//! The desk: pages for those who run it.

mod act;
mod audit;
mod bits;
mod bulk;
mod case;
mod cases;
mod chart;
mod clocks;
mod document;
mod documents;
mod feeds;
mod findings;
mod ledger;
mod morning;
mod providers;
mod quarantine;
mod queue;
mod rules;
mod search;
mod sends;
mod views;
mod why;

use crate::door::{State, Trouble, escaped};
use crate::routes::allowed;
use crate::visitor::Visitor;
use access::{Action, Resource, Tenant};
use axum::Router;
use axum::routing::{get, post};

/// The places that the menu does not have, with their names, as far as somebody may see them.
pub fn places(visitor: &Visitor) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
    bits::places()
        .filter(|(_, _, resource)| visitor.may(Action::Read, *resource))
        .map(|(address, name, _)| (*address, *name))
}

/// Lines of a list that one page shows: what one scrolls through, not what a database holds.
const LINES: u32 = 200;

pub fn routes() -> Router<State> {
    Router::new()
        .route("/desk", get(morning::show))
        .route("/desk/lists", post(views::keep))
        .route("/desk/queue", get(queue::show).post(bulk::act))
        .route("/desk/cases", get(cases::show))
        .route("/desk/search", get(search::show))
        .route("/desk/cases/{case}", get(case::show))
        .route("/desk/cases/{case}/why/{field}", get(why::show))
        .route("/desk/cases/{case}/evidence/{slot}/file", get(case::file))
        .route("/desk/cases/{case}/evidence/{slot}/image", get(case::image))
        .route("/desk/cases/{case}/{act}", post(act::act))
        .route("/desk/documents", get(documents::show))
        .route("/desk/documents/{document}", get(document::show))
        .route(
            "/desk/documents/{document}/decide",
            post(quarantine::decide),
        )
        .route("/desk/quarantine", get(quarantine::show))
        .route("/desk/feeds", get(feeds::show))
        .route("/desk/sends", get(sends::show))
        .route("/desk/findings", get(findings::show))
        .route("/desk/ledger", get(ledger::show))
        .route("/desk/ledger/account", get(ledger::account))
        .route("/desk/ledger/entries", get(ledger::entries))
        .route("/desk/ledger/journal", get(ledger::journal))
        .route("/desk/rules", get(rules::show))
        .route("/desk/providers", get(providers::show))
        .route("/desk/audit", get(audit::show))
        .route("/desk/audit/verify", post(audit::verify))
        .route("/desk/audit/export", post(audit::export))
}

/// Pages of the desk are for its own people; to others they are not there.
fn of_the_desk(visitor: &Visitor, resource: Resource) -> Result<(), Trouble> {
    match visitor.asker.tenant() {
        Tenant::Desk => allowed(visitor, Action::Read, resource),
        Tenant::Merchant(_) => Err(Trouble::NotFound),
    }
}

/// Text that somebody gave; nothing where it is blank.
fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// An address with those of these parameters that say something.
fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let said = parameters.iter().filter(|(_, value)| !value.is_empty());
    for (place, (name, value)) in said.enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&escaped(value));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_only_what_was_asked() {
        let parameters = [("provider", ""), ("q", "a b&c"), ("order", "time")];
        assert_eq!(
            address("/desk/queue", &parameters),
            "/desk/queue?q=a%20b%26c&order=time"
        );
        assert_eq!(address("/desk", &[("q", "")]), "/desk");
    }
}
