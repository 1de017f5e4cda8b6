//! What cannot be taken back is asked for in the same words on every page, with a tick of its own.

use crate::door::{Posted, Trouble};
use crate::frame;
use crate::visitor::Visitor;
use maud::{Markup, html};

pub const SUBMIT: &str =
    "I have understood that this goes to the provider once and cannot be changed after.";
pub const ACCEPT: &str = "I have understood that the money is given up for good.";

/// A form for what is done once. `what` is the last part of its address.
pub fn once(
    base: &str,
    what: &str,
    (button, class): (&str, &str),
    words: &str,
    visitor: &Visitor,
) -> Markup {
    html! {
        form method="post" action={ (base) "/" (what) } {
            (frame::csrf(visitor))
            p.tick {
                input type="checkbox" id={ "understood-" (what) } name="understood" value="yes" required;
                label for={ "understood-" (what) } { (words) }
            }
            button class=(class) { (button) }
        }
    }
}

/// Whether the tick was set.
pub fn confirmed(posted: &Posted) -> Result<(), Trouble> {
    match posted.text("understood") {
        "yes" => Ok(()),
        _ => Err(Trouble::Form(String::from(
            "tick the box that says you have understood that this cannot be taken back",
        ))),
    }
}
