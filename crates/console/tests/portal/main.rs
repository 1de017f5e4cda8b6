//! The portal's pages, asked for as a browser asks: what each shows, to whom, and what each refuses.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod kept;
mod why;
mod world;

use access::csrf;
use axum::http::StatusCode;
use std::collections::BTreeSet;
use world::{ORIGIN, World, between, later, listed};

const PAGES: [&str; 9] = [
    "/",
    "/?order=money",
    "/disputes",
    "/disputes?status=won&q=du_",
    "/insights",
    "/insights?sales=12000",
    "/team",
    "/keys",
    "/settings",
];

#[test]
fn every_page_is_there_for_a_member_and_says_its_zone() {
    let world = World::new();
    for path in PAGES {
        let page = world.page(&world.member, path);
        assert!(page.contains("<main"), "{path}");
        assert!(!page.contains("1970-"), "{path}");
        assert!(page.contains("Times in UTC"), "{path}");
    }
    let first = listed(&world.page(&world.member, "/disputes")).remove(0);
    let page = world.page(&world.member, &format!("/disputes/{first}"));
    for part in [
        "What happened",
        "The money",
        "History",
        "Messages with the desk",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let saved = world.post(
        &world.member,
        "/settings",
        &[("zone", "America/New_York"), ("theme", "dark")],
    );
    assert_eq!(
        (saved.status, saved.to.as_str()),
        (StatusCode::SEE_OTHER, "/settings")
    );
    let page = world.page(&world.member, "/");
    assert!(page.contains("Times in America/New_York") && page.contains("04:00 EST"));
    assert!(page.contains("data-theme=\"dark\""));
    // It is theirs alone.
    assert!(world.page(&world.viewer, "/").contains("Times in UTC"));
}

#[test]
fn a_role_sees_and_does_what_it_may() {
    let world = World::new();
    for path in ["/team", "/keys", "/disputes.csv", "/insights/money.csv"] {
        let refused = world.get(&world.viewer, path);
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        // In the frame of their own pages, with a way on.
        assert!(refused.body.contains("aria-label=\"Main\""), "{path}");
    }
    assert!(!world.page(&world.viewer, "/").contains("href=\"/keys\""));
    let case = listed(&world.page(&world.viewer, "/disputes?status=ours")).remove(0);
    let at = |what: &str| format!("/disputes/{case}/{what}");
    let sure = [
        ("version", "0"),
        ("understood", "yes"),
        ("text", "x"),
        ("slot", "a"),
    ];
    for deed in [
        "evidence", "seal", "submit", "accept", "withdraw", "message",
    ] {
        let refused = world.post(&world.viewer, &at(deed), &sure);
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{deed}");
    }
    let fields = [
        ("label", "a"),
        ("role", "merchant-viewer"),
        ("email", "b@example.com"),
        ("name", "b"),
    ];
    for path in ["/keys/mint", "/team/invite"] {
        let refused = world.post(&world.viewer, path, &fields);
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
    }
    // The desk's people have no portal of their own.
    for path in ["/disputes", "/team", "/keys", "/insights"] {
        assert_eq!(
            world.get(&world.analyst, path).status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[test]
fn another_merchants_dispute_is_not_there() {
    let world = World::new();
    let own: BTreeSet<String> = listed(&world.page(&world.member, "/disputes"))
        .into_iter()
        .collect();
    let others: BTreeSet<String> = listed(&world.page(&world.stranger, "/disputes"))
        .into_iter()
        .collect();
    assert!(!own.is_empty() && !others.is_empty() && own.is_disjoint(&others));
    let case = own.first().unwrap();
    let missing = world.get(&world.stranger, "/disputes/dp_00000000000000000000000000");
    let hidden = world.get(&world.stranger, &format!("/disputes/{case}"));
    assert_eq!(
        (hidden.status, &hidden.body),
        (StatusCode::NOT_FOUND, &missing.body)
    );
    for deed in ["evidence", "seal", "submit", "accept", "message"] {
        let path = format!("/disputes/{case}/{deed}");
        let fields = [
            ("version", "0"),
            ("understood", "yes"),
            ("text", "x"),
            ("slot", "a"),
        ];
        let refused = world.post(&world.stranger, &path, &fields);
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{deed}");
    }
    assert!(
        !world
            .page(&world.stranger, "/disputes.csv")
            .contains(case.as_str())
    );
    let from = world.get(&world.stranger, &format!("/disputes?after={case}"));
    assert_eq!(from.status, StatusCode::NOT_FOUND);
    assert!(
        !world
            .page(&world.stranger, "/team")
            .contains("member@example.com")
    );
}

#[test]
fn a_form_of_another_page_does_nothing() {
    let world = World::new();
    let who = &world.member;
    let own = csrf::token(who);
    let other = csrf::token(&world.viewer);
    for path in [
        "/settings",
        "/disputes/lists",
        "/settings/sign-out",
        "/keys/mint",
        "/team/invite",
        "/prove",
    ] {
        for (token, origin) in [
            ("", ORIGIN),
            (other.as_str(), ORIGIN),
            (own.as_str(), "https://evil.example"),
        ] {
            let refused = world.forged(who, path, token, origin, &[("zone", "Asia/Tokyo")]);
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path} {origin}");
        }
    }
    assert!(world.page(who, "/").contains("Times in UTC"));
}

#[test]
fn a_list_is_filtered_paged_both_ways_saved_and_kept_as_a_file() {
    let world = World::new();
    let who = &world.member;
    let mut all = Vec::new();
    let mut page = world.page(who, "/disputes");
    let first = listed(&page);
    loop {
        all.extend(listed(&page));
        let Some((_, next)) = page.split_once("rel=\"next\" href=\"") else {
            break;
        };
        let address = next.split('"').next().unwrap().replace("&amp;", "&");
        page = world.page(who, &address);
    }
    let once: BTreeSet<&String> = all.iter().collect();
    assert_eq!(once.len(), all.len());
    assert!(all.len() > first.len(), "more than one page: {}", all.len());
    let back = world.page(who, &format!("/disputes?before={}", all[first.len()]));
    assert_eq!(listed(&back), first);
    let file = world.page(who, "/disputes.csv");
    assert_eq!(file.lines().count(), all.len() + 1);
    assert!(file.starts_with("case,dispute,provider,"));
    let ours = world.page(who, "/disputes.csv?status=ours");
    assert!(ours.lines().skip(1).all(|line| line.contains(",ours,")) && ours.lines().count() > 1);
    let odd = world.get(who, "/disputes?least=5");
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    assert!(odd.body.contains("an amount needs its currency"));
    // A file of what nobody asked for would be kept and believed.
    let file = world.get(who, "/disputes.csv?status=anything");
    assert_eq!(file.status, StatusCode::BAD_REQUEST);
    assert!(file.body.contains("There is no status"), "{}", file.body);
    let none = world.page(who, "/disputes?currency=USD&least=99999999");
    assert!(none.contains("No dispute is like this"));
    let saved = world.post(
        who,
        "/disputes/lists",
        &[
            ("do", "save"),
            ("name", "<b>Big</b>"),
            ("query", "status=ours&currency=USD"),
        ],
    );
    assert_eq!(saved.to, "/disputes?status=ours&currency=USD");
    let page = world.page(who, &saved.to);
    assert!(page.contains("&lt;b&gt;Big&lt;/b&gt;") && page.contains("Drop this list"));
    assert!(!world.page(&world.viewer, "/disputes").contains("Big"));
    let bad = [
        ("do", "save"),
        ("name", "x"),
        ("query", "a=\r\nLocation: x"),
    ];
    assert_eq!(
        world.post(who, "/disputes/lists", &bad).status,
        StatusCode::BAD_REQUEST
    );
    world.post(
        who,
        "/disputes/lists",
        &[("do", "drop"), ("name", "<b>Big</b>")],
    );
    assert!(!world.page(who, "/disputes").contains("Big"));
}

#[test]
fn a_note_of_the_desk_is_never_a_merchants() {
    let world = World::new();
    let case = listed(&world.page(&world.member, "/disputes?status=ours")).remove(0);
    let said = |who, path: String, text: &str| {
        let answer = world.post(who, &path, &[("text", text)]);
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{path}: {}",
            answer.body
        );
    };
    said(
        &world.analyst,
        format!("/desk/cases/{case}/note"),
        "NOTE-AMONG-US",
    );
    said(
        &world.analyst,
        format!("/desk/cases/{case}/tell"),
        "TOLD-THE-MERCHANT",
    );
    let now = world.page(&world.member, "/");
    assert!(now.contains("Unread messages"));
    let page = world.page(&world.member, &format!("/disputes/{case}"));
    assert!(page.contains("TOLD-THE-MERCHANT") && page.contains("(desk)"));
    // Whoever opened it has read it; somebody else of the merchant has not.
    assert!(!world.page(&world.member, "/").contains("Unread messages"));
    assert!(world.page(&world.viewer, "/").contains("Unread messages"));
    said(
        &world.member,
        format!("/disputes/{case}/message"),
        "TOLD-THE-DESK",
    );
    for who in [&world.member, &world.viewer] {
        for path in PAGES
            .iter()
            .copied()
            .chain([format!("/disputes/{case}").as_str()])
        {
            let page = world.get(who, path);
            assert!(!page.body.contains("NOTE-AMONG-US"), "{path}");
        }
    }
    assert!(
        !world
            .page(&world.member, "/disputes.csv")
            .contains("NOTE-AMONG-US")
    );
    let desk = world.page(&world.analyst, &format!("/desk/cases/{case}"));
    for text in ["NOTE-AMONG-US", "TOLD-THE-MERCHANT", "TOLD-THE-DESK"] {
        assert!(desk.contains(text), "{text}");
    }
    let card = world.post(
        &world.member,
        &format!("/disputes/{case}/message"),
        &[("text", "4242 4242 4242 4242")],
    );
    assert_eq!(card.status, StatusCode::BAD_REQUEST);
}

#[test]
fn a_key_is_shown_once_and_revoked() {
    let mut world = World::new();
    let fields = [
        ("label", "Shop <1>"),
        ("role", "merchant-member"),
        ("days", "30"),
        ("networks", "203.0.113.0/24"),
        ("scope-disputes", "read"),
    ];
    let minted = world.post(&world.member, "/keys/mint", &fields);
    assert_eq!(minted.status, StatusCode::OK, "{}", minted.body);
    let secret = between(&minted.body, "value=\"dk_live_", "\"").to_owned();
    let page = world.page(&world.member, "/keys");
    assert!(page.contains("Shop &lt;1&gt;") && !page.contains(&secret));
    assert!(page.contains("disputes:read") && page.contains("203.0.113.0/24"));
    let id = between(&page, "action=\"/keys/key_", "/").to_owned();
    let key = |what: &str| format!("/keys/key_{id}/{what}");
    assert_eq!(
        world
            .post(&world.stranger, &key("revoke"), &[("understood", "yes")])
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        world.post(&world.member, &key("revoke"), &[]).status,
        StatusCode::BAD_REQUEST
    );
    let next = world.post(&world.member, &key("rotate"), &[("hours", "24")]);
    assert!(next.body.contains("value=\"dk_live_"), "{}", next.body);
    assert_eq!(
        world
            .post(&world.member, &key("rotate"), &[("hours", "9000")])
            .status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        world
            .post(&world.member, &key("revoke"), &[("understood", "yes")])
            .to,
        "/keys"
    );
    assert!(world.page(&world.member, "/keys").contains("revoked"));
    // A proof lasts five minutes; after that the page asks for another and a form leads to it.
    world.at(later);
    assert!(
        world
            .page(&world.member, "/keys")
            .contains("Prove that it is you")
    );
    let late = world.post(&world.member, "/keys/mint", &fields);
    assert_eq!(
        (late.status, late.to.as_str()),
        (StatusCode::SEE_OTHER, "/prove?back=/keys")
    );
    assert!(
        world
            .page(&world.member, "/prove?back=/keys")
            .contains("You have no password here")
    );
}

#[test]
fn somebody_invited_sets_up_their_telephone_and_comes_in() {
    let world = World::new();
    let named = |name| {
        [
            ("email", "new@example.com"),
            ("name", name),
            ("role", "merchant-viewer"),
        ]
    };
    // A name that turns around what stands after it is none.
    let turned = world.post(&world.member, "/team/invite", &named("\u{202e}New"));
    assert_eq!(turned.status, StatusCode::BAD_REQUEST);
    assert!(!turned.body.contains('\u{202e}'), "{}", turned.body);
    let fields = named("\u{5e9}\u{5dc}\u{5d5}\u{5dd} <b>New</b>");
    let invited = world.post(&world.member, "/team/invite", &fields);
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.body);
    let link = between(&invited.body, "/enter/", "\"").to_owned();
    assert!(!world.page(&world.member, "/team").contains(&link));
    let welcome = world.get(&world.viewer, &format!("/enter/{link}"));
    assert!(
        welcome.body.contains("<svg class=\"square\""),
        "{}",
        welcome.body
    );
    let browser = between(&welcome.cookie, "__Host-docket-pre=", ";");
    let browser = access::session::Token::parse(browser).unwrap();
    let short = accept(&world, &link, &browser, "short", "000000");
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    let secret = between(&welcome.body, "<code>", "</code>");
    let code = code_of(secret);
    let inside = accept(&world, &link, &browser, "seven green kettles", &code);
    assert_eq!(inside.status, StatusCode::OK, "{}", inside.body);
    assert!(
        inside.body.contains("Your recovery codes") && inside.cookie.contains("__Host-docket=")
    );
    // The link worked once.
    assert_eq!(
        world.get(&world.viewer, &format!("/enter/{link}")).status,
        StatusCode::NOT_FOUND
    );
    let page = world.page(&world.member, "/team");
    assert!(page.contains("new@example.com"));
    let person = between(&page, "name=\"person\" value=\"", "\"").to_owned();
    let role = |who, person: &str, what| {
        world.post(
            who,
            "/team/role",
            &[
                ("person", person),
                ("role", "merchant-viewer"),
                ("do", what),
            ],
        )
    };
    assert_eq!(
        role(&world.stranger, &person, "take").status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(role(&world.member, &person, "take").to, "/team");
    let desk = world.post(
        &world.member,
        "/team/invite",
        &[("email", "x@example.com"), ("name", "x"), ("role", "admin")],
    );
    assert_eq!(desk.status, StatusCode::BAD_REQUEST);
}

fn accept(
    world: &World,
    link: &str,
    browser: &access::session::Token,
    password: &str,
    code: &str,
) -> world::Answer {
    let token = csrf::token(browser);
    let body = format!(
        "csrf={token}&password={}&code={code}",
        console::door::escaped(password)
    );
    let cookie = format!("__Host-docket-pre={}", browser.text().expose());
    let request = axum::http::Request::post(format!("/enter/{link}"))
        .header("cookie", cookie)
        .header("origin", ORIGIN)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body))
        .unwrap();
    world.ask(request)
}

/// What a telephone with this secret shows.
fn code_of(base32: &str) -> String {
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in base32.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|known| *known == letter)
            .unwrap();
        bits = (bits << 5) | u32::try_from(value).unwrap();
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    let totp = access::totp::Totp::new(bytes.try_into().unwrap());
    let step = world::now().unix_seconds().div_euclid(30);
    totp.code(access::totp::Step(step))
}

#[test]
fn one_signs_out_everywhere() {
    let world = World::new();
    assert!(world.page(&world.member, "/settings").contains("this one"));
    let out = world.post(&world.member, "/settings/sign-out", &[]);
    assert_eq!(
        (out.status, out.to.as_str()),
        (StatusCode::SEE_OTHER, "/sign-in")
    );
    assert!(world.get(&world.member, "/").to.starts_with("/sign-in"));
    assert_eq!(world.get(&world.viewer, "/").status, StatusCode::OK);
}

#[test]
fn every_table_of_insights_is_a_file() {
    let world = World::new();
    for table in ["opened", "reasons", "ages", "money", "programmes"] {
        let text = world.page(&world.member, &format!("/insights/{table}.csv"));
        assert!(text.lines().count() > 1, "{table}");
    }
    assert_eq!(
        world.get(&world.member, "/insights/other.csv").status,
        StatusCode::NOT_FOUND
    );
    // The months of the file come to what the list has.
    let opened = world.page(&world.member, "/insights/opened.csv");
    let sum: usize = opened
        .lines()
        .skip(1)
        .map(|line| line.split_once(',').unwrap().1.parse::<usize>().unwrap())
        .sum();
    let file = world.page(&world.member, "/disputes.csv");
    assert_eq!(sum, file.lines().count() - 1);
}
