//! Attacks on sessions, cookies and forms: each line is one, with the refusal it meets.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "tests")]

use access::cookie::{self, Tossed};
use access::csrf::{self, Attempt, CsrfRefusal};
use access::session::{
    ABSOLUTE_SECONDS, Admitted, IDLE_SECONDS, STEP_UP_SECONDS, Session, SessionRefusal, Standing,
    TOKEN_BYTES, Token,
};
use access::{Action, Denied, MerchantId, Mode, Owner, PersonId, Resource, Role, Tenant};
use calendar::Instant;

fn now() -> Instant {
    Instant::parse("2026-11-02T10:00:00Z").unwrap()
}

fn token(seed: u8) -> Token {
    Token::mint([seed; TOKEN_BYTES])
}

fn merchant(name: &str) -> MerchantId {
    MerchantId::parse(name).unwrap()
}

fn session() -> Session {
    let person = PersonId::parse("per_1").unwrap();
    let tenant = Tenant::Merchant(merchant("mer_1"));
    Session::open(&token(1), person, tenant, Mode::Live, now())
}

fn standing() -> Standing {
    Standing {
        roles: vec![Role::MerchantMember],
        roles_changed_at: now().plus_days(-9),
        signed_out_at: None,
        disabled: false,
    }
}

#[track_caller]
fn check(
    attack: &str,
    session: &Session,
    token: &Token,
    standing: &Standing,
    after_seconds: i64,
    want: Option<SessionRefusal>,
) {
    let found = session.admit(token, standing, now().plus_seconds(after_seconds));
    assert_eq!(found.err(), want, "{attack}");
}

#[test]
fn a_session_stands_only_within_its_limits() {
    let (own, standing) = (session(), standing());
    let seen = |after: i64| own.clone().seen(now().plus_seconds(after));
    check("at once", &own, &token(1), &standing, 0, None);
    check(
        "a guessed token",
        &own,
        &token(2),
        &standing,
        0,
        Some(SessionRefusal::NoSuchSession),
    );
    check(
        "a second before idle",
        &own,
        &token(1),
        &standing,
        IDLE_SECONDS - 1,
        None,
    );
    check(
        "idle",
        &own,
        &token(1),
        &standing,
        IDLE_SECONDS,
        Some(SessionRefusal::Idle),
    );
    check(
        "idle counts from the last use",
        &seen(1_000),
        &token(1),
        &standing,
        IDLE_SECONDS,
        None,
    );
    let busy = seen(ABSOLUTE_SECONDS - 1);
    check(
        "used to the end",
        &busy,
        &token(1),
        &standing,
        ABSOLUTE_SECONDS - 1,
        None,
    );
    check(
        "kept alive by a script",
        &busy,
        &token(1),
        &standing,
        ABSOLUTE_SECONDS,
        Some(SessionRefusal::Absolute),
    );
    let late = now().plus_seconds(ABSOLUTE_SECONDS - 1);
    let rotated = own.clone().stepped_up(&token(3), late);
    check(
        "rotating does not make it younger",
        &rotated,
        &token(3),
        &standing,
        ABSOLUTE_SECONDS,
        Some(SessionRefusal::Absolute),
    );
    check(
        "signed out, cookie kept",
        &own.clone().closed(now()),
        &token(1),
        &standing,
        0,
        Some(SessionRefusal::Closed),
    );
    check(
        "the clock was set back",
        &own,
        &token(1),
        &standing,
        -3_600,
        None,
    );
    check(
        "a clock set back does not shorten it",
        &seen(-3_600),
        &token(1),
        &standing,
        IDLE_SECONDS - 1,
        None,
    );
}

#[test]
fn a_session_ends_with_what_the_person_is() {
    let own = session();
    let with = |change: fn(&mut Standing)| {
        let mut changed = standing();
        change(&mut changed);
        changed
    };
    check(
        "disabled",
        &own,
        &token(1),
        &with(|now| now.disabled = true),
        0,
        Some(SessionRefusal::Disabled),
    );
    check(
        "signed out everywhere",
        &own,
        &token(1),
        &with(|person| person.signed_out_at = Some(now())),
        1,
        Some(SessionRefusal::SignedOut),
    );
    check(
        "signed in again afterwards",
        &own,
        &token(1),
        &with(|person| person.signed_out_at = Some(now().plus_seconds(-1))),
        1,
        None,
    );
    check(
        "all roles taken",
        &own,
        &token(1),
        &with(|person| person.roles.clear()),
        0,
        Some(SessionRefusal::NoRole),
    );
    let role = access::asker::AskerError::Tenant { role: Role::Admin };
    check(
        "a desk's role in a merchant's session",
        &own,
        &token(1),
        &with(|person| person.roles.push(Role::Admin)),
        0,
        Some(SessionRefusal::Roles(role)),
    );
}

#[test]
fn a_role_taken_while_a_session_is_open_is_gone_with_the_next_request() {
    let owner = merchant("mer_1");
    let owner = Owner {
        merchant: Some(&owner),
        mode: Mode::Live,
    };
    let answers = |admitted: Admitted| {
        admitted
            .asker
            .check(Action::Answer, Resource::Evidence, Some(owner), now())
    };
    let admitted = session().admit(&token(1), &standing(), now()).unwrap();
    assert!(!admitted.rotate);
    assert_eq!(answers(admitted), Ok(()));
    let lowered = Standing {
        roles: vec![Role::MerchantViewer],
        roles_changed_at: now().plus_seconds(1),
        ..standing()
    };
    let admitted = session()
        .admit(&token(1), &lowered, now().plus_seconds(2))
        .unwrap();
    assert!(admitted.rotate, "privilege changed, so the token does");
    let denied = Denied::Role {
        action: Action::Answer,
        resource: Resource::Evidence,
    };
    assert_eq!(answers(admitted), Err(denied));
}

#[test]
fn a_token_planted_before_signing_in_is_worth_nothing_after_it() {
    let planted = token(9);
    let own = session();
    check(
        "fixation",
        &own,
        &planted,
        &standing(),
        0,
        Some(SessionRefusal::NoSuchSession),
    );
    let rotated = own.rotated(&token(3), now());
    check(
        "the token of before a rotation",
        &rotated,
        &token(1),
        &standing(),
        0,
        Some(SessionRefusal::NoSuchSession),
    );
    check(
        "the token of after it",
        &rotated,
        &token(3),
        &standing(),
        0,
        None,
    );
}

#[test]
fn a_session_left_open_does_not_do_what_is_dangerous() {
    let denied = Denied::StepUp {
        action: Action::Manage,
        resource: Resource::Keys,
    };
    let manages = |session: &Session, token: &Token, after: i64| {
        let at = now().plus_seconds(after);
        let admitted = session.admit(token, &standing(), at).unwrap();
        admitted
            .asker
            .check(Action::Manage, Resource::Keys, None, at)
    };
    let own = session();
    assert_eq!(manages(&own, &token(1), STEP_UP_SECONDS - 1), Ok(()));
    assert_eq!(
        manages(&own, &token(1), STEP_UP_SECONDS),
        Err(denied.clone())
    );
    assert_eq!(
        manages(&own, &token(1), -1),
        Err(denied.clone()),
        "a proof from the future"
    );
    let again = own.clone().stepped_up(&token(3), now().plus_seconds(1_000));
    assert_eq!(manages(&again, &token(3), 1_001), Ok(()));
    check(
        "the token of before the step-up",
        &again,
        &token(1),
        &standing(),
        1_001,
        Some(SessionRefusal::NoSuchSession),
    );
    let moved = own.moved(
        &token(4),
        Tenant::Merchant(merchant("mer_2")),
        Mode::Live,
        now(),
    );
    assert_eq!(
        manages(&moved, &token(4), 0),
        Err(denied),
        "step-up for one merchant is not for another"
    );
}

#[test]
fn use_is_written_once_a_minute() {
    let own = session();
    assert!(!own.use_is_news(now().plus_seconds(59)));
    assert!(own.use_is_news(now().plus_seconds(60)));
}

#[test]
fn a_token_has_one_form_and_is_never_printed() {
    let own = token(0xfb);
    let text = own.text();
    assert!(text.expose().starts_with("ds_") && text.expose().len() == 46);
    assert_eq!(Token::parse(text.expose()).unwrap().hash(), own.hash());
    for other in [
        String::new(),
        "ds_".to_owned(),
        text.expose()[3..].to_owned(),
        format!("{}=", text.expose()),
        format!("{} ", text.expose()),
        text.expose().replace('-', "+").replace('_', "/"),
        text.expose()[..45].to_owned(),
        format!("{}A", text.expose()),
        format!("{}9", &text.expose()[..45]),
    ] {
        assert!(Token::parse(&other).is_none(), "{other}");
    }
    let printed = format!("{own:?} {text:?} {:?}", session());
    assert!(!printed.contains(&text.expose()[3..]) && printed.contains("redacted"));
}

#[test]
fn a_cookie_is_taken_from_this_host_alone_and_once() {
    let own = token(7);
    let text = own.text();
    let value = text.expose();
    let set = cookie::set(cookie::SESSION, &own);
    let set = set.expose();
    assert_eq!(
        set,
        format!("__Host-docket={value}; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax")
    );
    assert!(!set.contains("Domain"), "a domain would undo `__Host-`");
    assert_eq!(
        cookie::clear(cookie::SESSION),
        "__Host-docket=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
    );
    let found = |header: &str| {
        cookie::find(header, cookie::SESSION).map(|token| token.map(|token| token.hash()))
    };
    let name = cookie::SESSION;
    assert_eq!(found(&format!("{name}={value}")), Ok(Some(own.hash())));
    assert_eq!(
        found(&format!("a=b; {name}={value};c=d")),
        Ok(Some(own.hash()))
    );
    assert_eq!(
        found(&format!("{name}={value}; {name}=planted")),
        Err(Tossed { found: 2 }),
        "cookie tossing"
    );
    assert_eq!(
        found(&format!("{name}=planted; {name}={value}")),
        Err(Tossed { found: 2 }),
        "cookie tossing"
    );
    assert_eq!(
        found(&format!("docket={value}")),
        Ok(None),
        "without the prefix anybody can set it"
    );
    assert_eq!(
        found(&format!("__host-docket={value}")),
        Ok(None),
        "another case"
    );
    assert_eq!(
        found(&format!("__Host-docket-pre={value}")),
        Ok(None),
        "the pre-session is none"
    );
    assert_eq!(found(&format!("{name}=\"{value}\"")), Ok(None), "quoted");
    assert_eq!(found(""), Ok(None));
}

#[track_caller]
fn check_form(attack: &str, change: impl FnOnce(&mut Attempt<'_>), want: Option<CsrfRefusal>) {
    let session = token(1);
    let given = csrf::token(&session);
    let mut attempt = Attempt {
        session: &session,
        given: Some(&given),
        origin: Some("https://desk.example.com"),
        fetch_site: Some("same-origin"),
        content_type: Some("application/x-www-form-urlencoded"),
    };
    change(&mut attempt);
    let found = csrf::check(&attempt, "https://desk.example.com");
    assert_eq!(found.err(), want, "{attack}");
}

#[test]
fn another_site_changes_nothing() {
    use CsrfRefusal::{ContentType, Missing, OtherOrigin, OtherSite, Token as NotOurs};
    let other: &str = csrf::token(&token(2)).leak();
    let own: &str = csrf::token(&token(1)).leak();
    check_form("our own page", |_| {}, None);
    check_form(
        "an old browser",
        |form| (form.origin, form.fetch_site) = (None, None),
        None,
    );
    check_form(
        "an upload",
        |form| form.content_type = Some("multipart/form-data; boundary=x"),
        None,
    );
    check_form("no body", |form| form.content_type = None, None);
    check_form(
        "a form of another site",
        |form| form.fetch_site = Some("cross-site"),
        Some(OtherSite),
    );
    check_form(
        "a neighbouring subdomain",
        |form| form.fetch_site = Some("same-site"),
        Some(OtherSite),
    );
    check_form(
        "typed into the address bar",
        |form| form.fetch_site = Some("none"),
        Some(OtherSite),
    );
    check_form(
        "another origin",
        |form| form.origin = Some("https://evil.example"),
        Some(OtherOrigin),
    );
    check_form(
        "a sandboxed frame",
        |form| form.origin = Some("null"),
        Some(OtherOrigin),
    );
    check_form(
        "without TLS",
        |form| form.origin = Some("http://desk.example.com"),
        Some(OtherOrigin),
    );
    check_form(
        "another port",
        |form| form.origin = Some("https://desk.example.com:8443"),
        Some(OtherOrigin),
    );
    check_form(
        "our name as a prefix",
        |form| form.origin = Some("https://desk.example.com.evil.example"),
        Some(OtherOrigin),
    );
    check_form(
        "an empty origin",
        |form| form.origin = Some(""),
        Some(OtherOrigin),
    );
    check_form(
        "JSON as plain text",
        |form| form.content_type = Some("text/plain"),
        Some(ContentType),
    );
    check_form(
        "JSON as plain text, hinted",
        |form| form.content_type = Some("text/plain; application/json"),
        Some(ContentType),
    );
    check_form(
        "an empty type",
        |form| form.content_type = Some(""),
        Some(ContentType),
    );
    check_form("no token", |form| form.given = None, Some(Missing));
    check_form(
        "an empty token",
        |form| form.given = Some(""),
        Some(NotOurs),
    );
    check_form(
        "the attacker's own token",
        |form| form.given = Some(other),
        Some(NotOurs),
    );
    check_form(
        "a cut token",
        |form| form.given = Some(&own[..42]),
        Some(NotOurs),
    );
    check_form(
        "the cookie itself",
        |form| form.given = Some("ds_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"),
        Some(NotOurs),
    );
}

#[test]
fn a_page_of_before_a_rotation_has_another_token() {
    assert_ne!(csrf::token(&token(1)), csrf::token(&token(3)));
    assert_eq!(csrf::token(&token(1)), csrf::token(&token(1)));
}
