//! Well-formed requests in the wrong order, twice, at once, or about what is over.

use super::target::Target;
use super::{Attack, attack, body, request, status, withstood};

super::on_both! {
    what_is_over_is_not_answered_again
    no_step_is_taken_before_the_one_it_stands_on
    one_key_is_one_effect
    a_race_ends_in_one_answer
}

fn post(key: &str, path: &str, more: &[(&str, &str)], body: &str) -> Vec<u8> {
    let bearer = format!("Bearer {key}");
    let form = "application/x-www-form-urlencoded";
    let kind = if path.starts_with("/v1") {
        form
    } else {
        "application/json"
    };
    let own = [("authorization", bearer.as_str()), ("content-type", kind)];
    request("POST", path, &[&own[..], more].concat(), body.as_bytes())
}

/// A request that ought to be heard, as an attack to send.
fn heard(sent: Vec<u8>) -> Attack {
    attack("heard", sent, &[200])
}

#[rustfmt::skip]
const OVER: &[(&str, &str, &str)] = &[
    ("closed", "/v1/disputes/{id}/close", ""),
    ("submitted", "/v1/disputes/{id}", "evidence[uncategorized_text]=late&submit=true"),
    ("submitted without a word", "/v1/disputes/{id}", "submit=true"),
    ("drafted", "/docket/v1/disputes/{id}/evidence", r#"{"slots":{"tracking_number":{"text":"late"}}}"#),
    ("sealed", "/docket/v1/disputes/{id}/seal", "{}"),
    ("sent", "/docket/v1/disputes/{id}/submit", "{}"),
    ("withdrawn", "/docket/v1/disputes/{id}/withdraw", "{}"),
    ("accepted", "/docket/v1/disputes/{id}/accept", "{}"),
    ("dishonoured", "/docket/v1/disputes/{id}/dishonor", r#"{"code":"R61"}"#),
];

fn what_is_over_is_not_answered_again(target: Target) {
    let mut attacks = Vec::new();
    for outcome in ["won", "lost"] {
        let id = target.listed(&target.member, outcome);
        for (name, path, body) in OVER {
            let path = path.replace("{id}", &id);
            let sent = post(&target.member, &path, &[("if-match", "\"0\"")], body);
            attacks.push(attack(format!("{outcome}, and {name}"), sent, &[400, 409]));
        }
    }
    withstood(&target, "over", &attacks);
    target.serving.stop();
}

/// Steps that skip what comes before them, by the version that is there.
#[rustfmt::skip]
const TOO_EARLY: &[(&str, &str, &str, &str)] = &[
    ("an empty draft sealed", "seal", "\"0\"", "{}"),
    ("sent unsealed", "submit", "\"0\"", "{}"),
    ("withdrawn unsent", "withdraw", "\"0\"", "{}"),
    ("returned as no cheque", "dishonor", "\"0\"", r#"{"code":"R61"}"#),
    ("sealed at a version to come", "seal", "\"1\"", "{}"),
    ("saved over what was not seen", "evidence", "\"7\"", r#"{"slots":{"tracking_number":{"text":"a"}}}"#),
    ("a requirement waived by a program", "requirements/tracking_number/waive", "\"0\"", r#"{"reason":"a"}"#),
    ("a duty waived by a merchant", "obligations/waive", "\"0\"", r#"{"obligation":"respond/chargeback","reason":"a"}"#),
    ("a duty that is none", "obligations/waive", "\"0\"", r#"{"obligation":"nothing","reason":"a"}"#),
];

fn no_step_is_taken_before_the_one_it_stands_on(target: Target) {
    let mut attacks = Vec::new();
    for (name, end, version, body) in TOO_EARLY {
        let path = format!("/docket/v1/disputes/{}/{end}", target.own);
        let sent = post(&target.member, &path, &[("if-match", version)], body);
        attacks.push(attack(*name, sent, &[400, 403, 409, 412]));
    }
    withstood(&target, "too-early", &attacks);
    // What is sealed stays what it is: nobody swaps evidence under a seal that another has seen.
    let path = |end: &str| format!("/docket/v1/disputes/{}/{end}", target.own);
    let draft = r#"{"slots":{"tracking_number":{"text":"first"}}}"#;
    let step = |end: &str, version: &'static str, body: &str| {
        let sent = post(&target.member, &path(end), &[("if-match", version)], body);
        let answer = target.exchange(&heard(sent));
        assert_eq!(status(&answer), 200, "{answer}");
    };
    step("evidence", "\"0\"", draft);
    step("seal", "\"1\"", "{}");
    let swaps = [
        (
            "swapped after the seal",
            "evidence",
            "\"0\"",
            draft.replace("first", "second"),
        ),
        (
            "sealed again by the old version",
            "seal",
            "\"0\"",
            String::from("{}"),
        ),
        (
            "sent by the old version",
            "submit",
            "\"0\"",
            String::from("{}"),
        ),
        (
            "sent without having seen it",
            "submit",
            "\"9\"",
            String::from("{}"),
        ),
    ]
    .map(|(name, end, version, body)| {
        let sent = post(&target.member, &path(end), &[("if-match", version)], &body);
        attack(name, sent, &[400, 409, 412])
    });
    withstood(&target, "swapped", &swaps);
    target.serving.stop();
}

const ONCE: [(&str, &str); 1] = [("idempotency-key", "order-1-evidence")];

/// Twelve at once with one key are one effect, and the same bytes for whoever asks again.
fn twelve_at_once(target: &Target, sent: &Attack) {
    let answers: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| target.exchange(sent)))
            .collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(
        answers.iter().any(|answer| status(answer) == 200),
        "{answers:?}"
    );
    let known = |answer: &String| [200, 409].contains(&status(answer));
    assert!(answers.iter().all(known), "{answers:?}");
    let (a, b) = (target.exchange(sent), target.exchange(sent));
    assert_eq!((status(&a), body(&a)), (200, body(&b)));
    assert!(
        a.to_lowercase().contains("idempotent-replayed: true"),
        "{a}"
    );
    // A second effect would be a second saving of the draft.
    let version = format!("/docket/v1/disputes/{}/versions", target.own);
    let bearer = format!("Bearer {}", target.member);
    let headers = [("authorization", bearer.as_str())];
    let (_, versions) = target.serving.send("GET", &version, &headers, b"");
    assert_eq!(versions.matches("\"saved\"").count(), 1, "{versions}");
}

fn one_key_is_one_effect(target: Target) {
    let path = format!("/v1/disputes/{}", target.own);
    let text = "evidence[uncategorized_text]=first";
    twelve_at_once(&target, &heard(post(&target.member, &path, &ONCE, text)));
    let close = format!("{path}/close");
    let foreign = format!("/v1/disputes/{}", target.foreign);
    let long = "k".repeat(300);
    let of = |name: &str, key: &str, path: &str, once: &str, body: &str, refused| {
        attack(
            name,
            post(key, path, &[("idempotency-key", once)], body),
            refused,
        )
    };
    let (member, other, viewer) = (&target.member, &target.other, &target.viewer);
    let key = ONCE[0].1;
    let attacks = [
        of(
            "another body",
            member,
            &path,
            key,
            "evidence[uncategorized_text]=second",
            &[400],
        ),
        of("no body", member, &path, key, "", &[400]),
        of("another path", member, &close, key, "", &[400]),
        of(
            "another way to the same",
            member,
            &format!("{path}?a=b"),
            key,
            text,
            &[400],
        ),
        of(
            "another merchant's dispute",
            member,
            &foreign,
            key,
            text,
            &[400, 404],
        ),
        of("another merchant's key", other, &path, key, text, &[404]),
        of("a viewer's key", viewer, &path, key, text, &[400, 403]),
        of(
            "a key of 300 characters",
            member,
            &path,
            &long,
            text,
            &[400],
        ),
    ];
    withstood(&target, "idempotency", &attacks);
    target.serving.stop();
}

/// Programs submit at once while another gives up: one answer is asked for.
fn a_race_ends_in_one_answer(target: Target) {
    let path = format!("/v1/disputes/{}", target.own);
    let text = "evidence[uncategorized_text]=ours&submit=true";
    let submit = heard(post(&target.member, &path, &[], text));
    let close = heard(post(&target.member, &format!("{path}/close"), &[], ""));
    let answers: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..9)
            .map(|n| if n % 3 == 2 { &close } else { &submit })
            .map(|sent| scope.spawn(|| target.exchange(sent)))
            .collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(
        answers.iter().any(|answer| status(answer) == 200),
        "{answers:?}"
    );
    let known = |answer: &String| [200, 400, 409].contains(&status(answer));
    assert!(answers.iter().all(known), "{answers:?}");
    let Target { desk, serving, .. } = target;
    serving.stop();
    let shown = desk.run(&["show", "dp_own_1", "--json"]).exits(0).json();
    let shown = &shown["answers"];
    assert_eq!(
        shown.as_array().map(Vec::len),
        Some(1),
        "{answers:?}: {shown}"
    );
}
