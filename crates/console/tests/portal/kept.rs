//! What somebody wrote in a form that is not taken is given back on the page that says so.

use crate::world::{ORIGIN, World, between, listed};
use access::csrf;
use axum::http::StatusCode;

/// What stands in the field of the words that were given back.
fn given_back(page: &str) -> &str {
    let (_, field) = page
        .split_once("<textarea id=\"kept-text\"")
        .unwrap_or_else(|| panic!("nothing is given back: {page}"));
    between(field, ">", "</textarea>")
}

#[test]
fn what_was_written_is_given_back_by_every_refusal() {
    let world = World::new();
    let who = &world.member;
    let case = listed(&world.page(who, "/disputes?status=ours")).remove(0);
    let path = format!("/disputes/{case}/message");
    let text = "First line <b>\nsecond & last";
    let shown = "First line &lt;b&gt;\nsecond &amp; last";

    // A rule of ours; a card number is masked even for whoever typed it.
    let card = world.post(who, &path, &[("text", "paid with 4242 4242 4242 4242")]);
    assert_eq!(card.status, StatusCode::BAD_REQUEST);
    assert_eq!(given_back(&card.body), "paid with **** **** **** 4242");
    assert!(card.body.contains("what you wrote stands below"));
    // It is mended there and then, and the rest of its form goes with it.
    let form = between(
        &card.body,
        "<section class=\"panel\" aria-labelledby=\"kept\">",
        "</form>",
    );
    assert!(form.contains(&format!("action=\"{path}\"")), "{form}");
    assert!(form.contains(&csrf::token(who)), "{form}");

    // A page of an older session, a role that may not write, and a desk's note.
    let stale = csrf::token(&world.viewer);
    let fields = [("slot", "receipt"), ("text", text)];
    let stale = world.forged(who, &path, &stale, ORIGIN, &fields);
    assert!(
        stale.body.contains("name=\"slot\" value=\"receipt\""),
        "{}",
        stale.body
    );
    assert_eq!(stale.status, StatusCode::BAD_REQUEST);
    assert_eq!(given_back(&stale.body), shown);
    let denied = world.post(&world.viewer, &path, &[("text", text)]);
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    assert_eq!(given_back(&denied.body), shown);
    let note = format!("/desk/cases/{case}/note");
    let note = world.post(&world.analyst, &note, &[("text", "a\u{8}b")]);
    assert_eq!(note.status, StatusCode::BAD_REQUEST);
    assert!(given_back(&note.body).starts_with('a'));

    // Nothing was kept of it.
    let page = world.page(who, &format!("/disputes/{case}"));
    assert!(!page.contains("First line"), "{page}");

    // What another site makes a browser send is shown to nobody.
    let evil = "https://evil.example";
    let other = world.forged(who, &path, &csrf::token(who), evil, &[("text", text)]);
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
    assert!(!other.body.contains("First line"), "{}", other.body);
}

#[test]
fn a_session_that_ends_while_one_writes_costs_no_word() {
    let world = World::new();
    let who = &world.member;
    let case = listed(&world.page(who, "/disputes?status=ours")).remove(0);
    let path = format!("/disputes/{case}/message");
    let out = world.post(who, "/settings/sign-out", &[]);
    assert_eq!(out.status, StatusCode::SEE_OTHER);

    let over = world.post(who, &path, &[("text", "Still mine.")]);
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    assert_eq!(given_back(&over.body), "Still mine.");
    let way_in = format!("/sign-in?back=/disputes/{case}\"");
    assert!(over.body.contains(&way_in), "{}", over.body);
    // Nothing written: the way in alone.
    let empty = world.post(who, &path, &[("text", " ")]);
    assert!(empty.to.starts_with("/sign-in"), "{}", empty.body);
    let evil = "https://evil.example";
    let other = world.forged(who, &path, "", evil, &[("text", "Not theirs.")]);
    assert!(other.to.starts_with("/sign-in"), "{}", other.body);
    assert!(!other.body.contains("Not theirs."));
}
