//! How complete and fresh a page is: for each of the merchant's accounts, when its provider was last heard.

use crate::door::{State, Trouble};
use crate::parts::{at, chip, span_words};
use crate::visitor::Visitor;
use app::board::feeds::Feed;
use maud::{Markup, html};

/// Draws it for all of the merchant's accounts.
pub async fn strip(state: &State, visitor: &Visitor) -> Result<Markup, Trouble> {
    of(state, visitor, None).await
}

/// Draws it for one account, by provider and name, or for all. Which accounts are theirs is asked with their own sight, how
/// these are heard with the desk's.
pub async fn of(
    state: &State,
    visitor: &Visitor,
    only: Option<(&str, &str)>,
) -> Result<Markup, Trouble> {
    let mut own = state.read(visitor, |desk| desk.accounts_seen()).await?;
    own.retain(|scope| only.is_none_or(|one| one == (&scope.provider, &scope.account)));
    let now = visitor.now;
    let feeds = state.write(move |desk| desk.feeds_of(own, now)).await?;
    Ok(drawn(&feeds, visitor))
}

/// What a state that is not whole means to whoever waits for news.
fn means(state: &str) -> &'static str {
    match state {
        "held" => "some of what came could not be read yet; the desk looks at it",
        "late" => "it is quiet for longer than usual",
        _ => "nothing has come for far too long; the desk looks at it",
    }
}

fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => String::from("just now"),
        _ => format!("{} ago", span_words(seconds)),
    }
}

fn drawn(feeds: &[Feed], visitor: &Visitor) -> Markup {
    html! {
        section.fresh aria-labelledby="fresh" {
            h2 id="fresh" { "How fresh this is" }
            @if feeds.is_empty() { p { "No provider account is yours yet, so nothing can arrive." } }
            ul {
                @for feed in feeds {
                    li {
                        strong { (feed.scope.provider) } " " bdi { (feed.scope.account) } ": "
                        @match &feed.last {
                            Some(last) => { "last heard " (ago(last.at.0.seconds_until(visitor.now))) ", " (at(last.at, visitor)) },
                            None => "never heard",
                        }
                        @if feed.state != "whole" { " " (chip(feed.state)) " " (means(feed.state)) }
                    }
                }
            }
        }
    }
}
