//! What people who are signed in may send to pages: a merchant's member and a viewer, an analyst of the desk. Whoever is let in
//! may still lie, err, or have another's page lie for them.

use super::person::{FORM, Person};
use super::target::Target;
use super::{Attack, attack, headers, request, status, withstood};

super::on_both! {
    a_form_of_the_portal_does_what_it_says_or_nothing
    a_form_is_ours_or_nobodys
    no_form_reaches_what_is_anothers
    a_form_of_the_desk_does_what_it_says_or_nothing
}

pub const REFUSED: &[u16] = &[400, 403, 404, 405, 409, 413];
/// By which a slot of the draft is saved that everybody has.
pub const EVIDENCE: &str = "/disputes/{own}/evidence";
const MESSAGE: &str = "/disputes/{own}/message";

/// What a member fills in. `{own}` and `{foreign}` are disputes, `{long N}` is a text of so many characters.
#[rustfmt::skip]
const PORTAL: &[(&str, &str, &str)] = &[
    ("a NUL in a message", MESSAGE, "text=a%00b"),
    ("a bell in a message", MESSAGE, "text=a%07b"),
    ("a sequence of a terminal in a message", MESSAGE, "text=one%0D%0Atwo+%1B%5B31m"),
    ("a C1 control in a message", MESSAGE, "text=%C2%9B31m"),
    ("a delete in a message", MESSAGE, "text=a%7F"),
    ("a message of blanks", MESSAGE, "text=+%0D%0A+"),
    ("no message", MESSAGE, ""),
    ("a message of 5,001 characters", MESSAGE, "text={long 5001}"),
    ("a card number in a message", MESSAGE, "text=card+4111+1111+1111+1111"),
    ("a message twice", MESSAGE, "text=a&text=b"),
    ("a message that is no UTF-8", MESSAGE, "text=%FF"),
    ("an overlong slash in a message", MESSAGE, "text=%C0%AF"),
    ("a lone surrogate in a message", MESSAGE, "text=%ED%A0%80"),
    ("half an escape", MESSAGE, "text=a%4"),
    ("a NUL in the name of a field", MESSAGE, "te%00xt=a"),
    ("five thousand fields", MESSAGE, "{many 5000}text=a"),
    ("a form of 3 MB", MESSAGE, "text={long 3145728}"),
    ("a NUL in evidence", EVIDENCE, "slot=rebuttal_letter&version=0&text=a%00b"),
    ("a shift out in evidence", EVIDENCE, "slot=rebuttal_letter&version=0&text=one%0Atwo%0Ethree"),
    ("evidence of 20,001 characters", EVIDENCE, "slot=rebuttal_letter&version=0&text={long 20001}"),
    ("a card number in evidence", EVIDENCE, "slot=rebuttal_letter&version=0&text=4111111111111111"),
    ("evidence twice", EVIDENCE, "slot=rebuttal_letter&version=0&text=a&text=b"),
    ("a slot twice", EVIDENCE, "slot=rebuttal_letter&slot=receipt&version=0&text=a"),
    ("a slot that is none", EVIDENCE, "slot=nothing&version=0&text=a"),
    ("a slot that is a path", EVIDENCE, "slot=..%2F..%2Fdesk.db&version=0&text=a"),
    ("no slot", EVIDENCE, "version=0&text=a"),
    ("no version", EVIDENCE, "slot=rebuttal_letter&text=a"),
    ("a version to come", EVIDENCE, "slot=rebuttal_letter&version=7&seen=0123456789abcdef&text=a"),
    ("a version with a sign", EVIDENCE, "slot=rebuttal_letter&version=%2B0&text=a"),
    ("a negative version", EVIDENCE, "slot=rebuttal_letter&version=-1&text=a"),
    ("a version beyond 32 bits", EVIDENCE, "slot=rebuttal_letter&version=99999999999&text=a"),
    ("two versions", EVIDENCE, "slot=rebuttal_letter&version=0&version=7&text=a"),
    ("a version in words", EVIDENCE, "slot=rebuttal_letter&version=latest&text=a"),
    ("text where files are brought", "/disputes/{own}/evidence/files", "slot=receipt&file=a"),
    ("cleared at a version to come", "/disputes/{own}/evidence/clear", "slot=rebuttal_letter&version=7&seen=x"),
    ("nothing sealed", "/disputes/{own}/evidence/seal", "version=0"),
    ("a draft sealed that is not there yet", "/disputes/{own}/evidence/seal", "version=1"),
    ("sealed without a version", "/disputes/{own}/seal", ""),
    ("sent unsealed", "/disputes/{own}/evidence/submit", "understood=yes"),
    ("sent without the tick", "/disputes/{own}/evidence/submit", ""),
    ("sent with another tick", "/disputes/{own}/submit", "understood=no"),
    ("sent with two ticks", "/disputes/{own}/submit", "understood=no&understood=yes"),
    ("given up without the tick", "/disputes/{own}/accept", ""),
    ("given up with a tick that is none", "/disputes/{own}/accept", "understood=1"),
    ("a seal that is none taken back", "/disputes/{own}/withdraw", ""),
    ("a deed that is none", "/disputes/{own}/explode", ""),
    ("a deed with a line in it", "/disputes/{own}/message%0D%0Aset-cookie:a=b", "text=a"),
    ("a note of the desk's by a merchant", "/desk/cases/{own}/note", "text=a"),
    ("a duty waived by a merchant", "/desk/cases/{own}/waive", "obligation=respond/chargeback&reason=a"),
    ("assigned by a merchant", "/desk/queue", "do=assign&to=a&case={own}"),
    ("a document released by a merchant", "/desk/documents/doc_1/decide", "decision=release&why=a"),
    ("the log exported by a merchant", "/desk/audit/export", ""),
    ("a list of the desk's", "/desk/lists", "place=/desk/queue&name=a&query=&do=save"),
    ("a list without a name", "/disputes/lists", "name=+&query=status=won&do=save"),
    ("a list of 61 characters", "/disputes/lists", "name={long 61}&query=status=won&do=save"),
    ("a list whose name turns around", "/disputes/lists", "name=a%E2%80%AEb&query=status=won&do=save"),
    ("a list that leads elsewhere", "/disputes/lists", "name=a&query=%0D%0Alocation:%20//evil.example&do=save"),
    ("a list that is a script", "/disputes/lists", "name=a&query=%22%3E%3Cscript%3E&do=save"),
    ("a list of 3 kB", "/disputes/lists", "name=a&query=q={long 3000}&do=save"),
    ("a key without a name", "/keys/mint", "label=+&role=merchant-viewer&days=30"),
    ("a key of 201 characters", "/keys/mint", "label={long 201}&role=merchant-viewer&days=30"),
    ("a key of two lines", "/keys/mint", "label=a%0Ab&role=merchant-viewer&days=30"),
    ("a key whose name turns around", "/keys/mint", "label=a%E2%80%AEb&role=merchant-viewer&days=30"),
    ("a key with a role of the desk's", "/keys/mint", "label=a&role=operator&days=30"),
    ("a key with a role that is none", "/keys/mint", "label=a&role=root&days=30"),
    ("a key with two roles", "/keys/mint", "label=a&role=merchant-viewer&role=admin&days=30"),
    ("a key for ever and a day", "/keys/mint", "label=a&role=merchant-viewer&days=99999999999999999999"),
    ("a key that ended yesterday", "/keys/mint", "label=a&role=merchant-viewer&days=-1"),
    ("a key that ends in ten", "/keys/mint", "label=a&role=merchant-viewer&days=ten"),
    ("a key from anywhere that is nowhere", "/keys/mint", "label=a&role=merchant-viewer&days=30&networks=300.0.0.1"),
    ("a key with a scope that is none", "/keys/mint", "label=a&role=merchant-viewer&days=30&scope-disputes=admin"),
    ("a key that is none replaced", "/keys/key_none/rotate", "hours=24"),
    ("a key replaced in a year", "/keys/{key}/rotate", "hours=8760"),
    ("a key revoked without the tick", "/keys/{key}/revoke", ""),
    ("a key narrowed to nowhere", "/keys/{key}/narrow", "networks=here"),
    ("somebody without a name", "/team/invite", "name=+&email=a@example.com&role=merchant-viewer"),
    ("somebody whose name turns around", "/team/invite", "name=a%E2%81%A7b&email=a@example.com&role=merchant-viewer"),
    ("somebody with no address", "/team/invite", "name=a&email=a%0D%0Abcc:b@example.com&role=merchant-viewer"),
    ("somebody with an address of letters that look like others", "/team/invite", "name=a&email=%D0%B0nalyst@example.com&role=merchant-viewer"),
    ("somebody let in to the desk", "/team/invite", "name=a&email=a@example.com&role=operator"),
    ("somebody with a role that is none", "/team/invite", "name=a&email=a@example.com&role=owner"),
    ("one's own role raised", "/team/role", "person={person}&role=admin&do=give"),
    ("a role for nobody", "/team/role", "person=per_none&role=merchant-member&do=give"),
    ("a zone that is none", "/settings", "zone=Mars/Olympus&theme="),
    ("two zones", "/settings", "zone=UTC&zone=Asia/Tokyo&theme="),
    ("a theme that is none", "/settings", "zone=UTC&theme=%22%3E%3Cscript%3E"),
    ("a replay that is none", "/webhooks/{endpoint}/replay", "from=one&until=two"),
    ("a replay backwards", "/webhooks/{endpoint}/replay", "from=2&until=1"),
    ("a replay by days that are none", "/webhooks/{endpoint}/replay", "first=2024-02-30&last=2024-03-01"),
    ("an endpoint deleted without the tick", "/webhooks/{endpoint}/delete", ""),
    ("a deed to an endpoint that is none", "/webhooks/{endpoint}/explode", ""),
    ("a secret that lasts a year", "/webhooks/{endpoint}/roll", "hours=8760"),
    ("a way in on a merchant's name", "/prove", "password=a&password=b&code=000000&back=/"),
];

/// Ids that `{...}` in a table stand for.
pub struct Names(pub Vec<(&'static str, String)>);

impl Names {
    pub fn of(target: &Target) -> Names {
        Names(vec![
            ("{own}", target.own.clone()),
            ("{foreign}", target.foreign.clone()),
        ])
    }

    pub fn fill(&self, text: &str) -> String {
        let known = self.0.iter();
        let mut text = known.fold(text.to_owned(), |text, (name, id)| text.replace(name, id));
        for (word, letter) in [("{long ", "a"), ("{many ", "a=b&")] {
            if let Some((before, rest)) = text.clone().split_once(word) {
                let (count, after) = rest.split_once('}').expect("a number and its end");
                let count: usize = count.parse().expect("a number");
                // Letters that no card number has; fields of different names.
                let filling: String = match letter {
                    "a" => "a".repeat(count),
                    _ => (0..count).map(|place| format!("f{place}=b&")).collect(),
                };
                text = format!("{before}{filling}{after}");
            }
        }
        text
    }
}

/// An endpoint of a merchant's, made with a key of theirs.
fn endpoint(target: &Target, key: &str) -> String {
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", FORM)];
    let form = b"url=https://shop.example.com/hooks&enabled_events[]=charge.dispute.closed";
    let (status, made) = target
        .serving
        .send("POST", "/v1/webhook_endpoints", &headers, form);
    assert_eq!(status, 200, "{made}");
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    made["id"].as_str().unwrap().to_owned()
}

/// The id of a person by their name.
fn person(target: &Target, name: &str) -> String {
    let people = target
        .desk
        .run(&["person", "list", "--json"])
        .exits(0)
        .json();
    let all = people.as_array().expect("a list");
    let found = all.iter().find(|person| person["name"] == name);
    found.expect("they are there")["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A document that is not held.
pub fn document(analyst: &Person, target: &Target) -> String {
    let page = analyst.sees(target, "/desk/documents");
    let (_, found) = page
        .split_once("href=\"/desk/documents/")
        .expect("one is there");
    found.split(['"', '?']).next().unwrap().to_owned()
}

fn rows(person: &Person, names: &Names, table: &[(&'static str, &str, &str)]) -> Vec<Attack> {
    let rows = table.iter().map(|(name, path, fields)| {
        attack(
            *name,
            person.form(&names.fill(path), &names.fill(fields)),
            REFUSED,
        )
    });
    rows.collect()
}

#[track_caller]
pub fn done(target: &Target, sent: Vec<u8>) -> String {
    let answer = target.exchange(&attack("done", sent, &[303]));
    assert_eq!(status(&answer), 303, "{answer}");
    headers(&answer, "location")
        .next()
        .expect("a place")
        .to_owned()
}

fn a_form_of_the_portal_does_what_it_says_or_nothing(target: Target) {
    let member = Person::enters(&target, "member", &["merchant-member"], Some("mer_1"));
    let mut names = Names::of(&target);
    names.0.push((
        "{key}",
        target.key("mer_1", &["--role", "merchant-viewer"]).0,
    ));
    names
        .0
        .push(("{endpoint}", endpoint(&target, &target.member)));
    names.0.push(("{person}", person(&target, "member")));
    let mut attacks = rows(&member, &names, PORTAL);
    let text = format!("csrf={}&text=a", member.csrf);
    let message = names.fill(MESSAGE);
    for kind in [
        "text/plain",
        "application/json",
        "application/xml",
        "multipart/form-data; boundary=b",
    ] {
        let sent = member.sends("POST", &message, &[("content-type", kind)], text.as_bytes());
        attacks.push(attack(format!("a form as {kind}"), sent, REFUSED));
    }
    attacks.push(attack(
        "a form of no type",
        member.sends("POST", &message, &[], text.as_bytes()),
        REFUSED,
    ));
    let json = format!(r#"{{"csrf":"{}","text":"a"}}"#, member.csrf);
    let sent = member.sends("POST", &message, &[("content-type", FORM)], json.as_bytes());
    attacks.push(attack("JSON that says it is a form", sent, REFUSED));
    let part = |name: &str, text: &str| {
        format!("--b\r\ncontent-disposition: form-data; {name}\r\n\r\n{text}\r\n")
    };
    let token = part("name=\"csrf\"", &member.csrf);
    let slot = part("name=\"slot\"", "rebuttal_letter");
    for (name, path, parts) in [
        (
            "a file where text is saved",
            EVIDENCE,
            [
                &token,
                &slot,
                &part("name=\"text\"; filename=\"a.txt\"", "a"),
            ]
            .map(String::as_str)
            .concat(),
        ),
        (
            "a file without a slot",
            "/disputes/{own}/evidence/files",
            [
                token.as_str(),
                &part("name=\"file\"; filename=\"a.txt\"", "hello"),
            ]
            .concat(),
        ),
        (
            "a file for a slot that is none",
            "/disputes/{own}/evidence/files",
            [
                token.as_str(),
                &part("name=\"slot\"", "../x"),
                &part("name=\"file\"; filename=\"a.txt\"", "hello"),
            ]
            .concat(),
        ),
        (
            "no file",
            "/disputes/{own}/evidence/files",
            [token.as_str(), &slot].concat(),
        ),
        (
            "a file without a name",
            "/disputes/{own}/evidence/files",
            [
                token.as_str(),
                &slot,
                &part("name=\"file\"; filename=\"\"", "hello"),
            ]
            .concat(),
        ),
        (
            "a page for a file",
            "/disputes/{own}/evidence/files",
            [
                token.as_str(),
                &slot,
                &part(
                    "name=\"file\"; filename=\"a.pdf\"",
                    "<html><script>alert(1)</script>",
                ),
            ]
            .concat(),
        ),
        (
            "a file without the page's token",
            "/disputes/{own}/evidence/files",
            [
                slot.as_str(),
                &part("name=\"file\"; filename=\"a.txt\"", "hello"),
            ]
            .concat(),
        ),
        (
            "files that do not end",
            "/disputes/{own}/evidence/files",
            token.clone(),
        ),
    ] {
        let end = if name == "files that do not end" {
            ""
        } else {
            "--b--\r\n"
        };
        let kind = [("content-type", "multipart/form-data; boundary=b")];
        let sent = member.sends(
            "POST",
            &names.fill(path),
            &kind,
            format!("{parts}{end}").as_bytes(),
        );
        attacks.push(attack(name, sent, REFUSED));
    }
    withstood(&target, "portal-forms", &attacks);
    let place = done(
        &target,
        member.form(&message, "text=%D7%A9%D7%9C%D7%95%D7%9D%09a%0D%0Ab"),
    );
    assert!(place.ends_with("#messages"), "{place}");
    target.serving.stop();
}

fn a_form_is_ours_or_nobodys(target: Target) {
    let member = Person::enters(&target, "member", &["merchant-member"], Some("mer_1"));
    let viewer = Person::enters(&target, "viewer", &["merchant-viewer"], Some("mer_1"));
    let names = Names::of(&target);
    let path = names.fill(MESSAGE);
    let kind = ("content-type", FORM);
    let mut attacks = Vec::new();
    for (name, fields) in [
        ("no token of the page", String::from("text=a")),
        ("an empty token", String::from("csrf=&text=a")),
        ("another's token", format!("csrf={}&text=a", viewer.csrf)),
        (
            "two tokens",
            format!("csrf={}&csrf={}&text=a", viewer.csrf, member.csrf),
        ),
        (
            "half a token",
            format!("csrf={}&text=a", &member.csrf[..20]),
        ),
        ("a token as a query", String::from("text=a")),
    ] {
        let path = match name {
            "a token as a query" => format!("{path}?csrf={}", member.csrf),
            _ => path.clone(),
        };
        attacks.push(attack(
            name,
            member.sends("POST", &path, &[kind], fields.as_bytes()),
            REFUSED,
        ));
    }
    let whole = format!("csrf={}&text=a", member.csrf);
    for (name, header) in [
        ("from another origin", ("origin", "https://evil.example")),
        ("from no origin", ("origin", "null")),
        ("from another site", ("sec-fetch-site", "cross-site")),
        (
            "from another host of the site",
            ("sec-fetch-site", "same-site"),
        ),
        ("from an address bar", ("sec-fetch-site", "none")),
    ] {
        attacks.push(attack(
            name,
            member.sends("POST", &path, &[kind, header], whole.as_bytes()),
            REFUSED,
        ));
    }
    // Without a session, or with one that is none, there is only the way to sign in.
    let door: &[u16] = &[303];
    attacks.push(attack(
        "nobody",
        request("POST", &path, &[kind], whole.as_bytes()),
        door,
    ));
    let planted = format!("{}; {}", member.cookie, viewer.cookie);
    attacks.push(attack(
        "two sessions",
        request(
            "POST",
            &path,
            &[kind, ("cookie", planted.as_str())],
            whole.as_bytes(),
        ),
        door,
    ));
    let made_up = format!("__Host-docket={}", "A".repeat(43));
    attacks.push(attack(
        "a session that never was",
        request(
            "POST",
            &path,
            &[kind, ("cookie", made_up.as_str())],
            whole.as_bytes(),
        ),
        door,
    ));
    for (method, path) in [
        ("GET", "/disputes/{own}/message?text=a"),
        ("GET", "/disputes/{own}/evidence/submit?understood=yes"),
        ("HEAD", "/disputes/{own}/accept?understood=yes"),
        ("PUT", "/disputes/{own}/message"),
        ("DELETE", "/disputes/{own}"),
        ("PATCH", "/disputes/{own}/evidence"),
        ("POST", "/disputes/{own}"),
        ("POST", "/disputes"),
        ("POST", "/"),
        ("POST", "/disputes.csv"),
    ] {
        let sent = member.sends(method, &names.fill(path), &[kind], whole.as_bytes());
        attacks.push(attack(format!("{method} {path}"), sent, REFUSED));
    }
    let over = member.sends(
        "GET",
        &path,
        &[("x-http-method-override", "POST"), kind],
        b"",
    );
    attacks.push(attack("GET that says it is POST", over, REFUSED));
    for (name, end, fields) in [
        ("a message by a viewer", "message", "text=a"),
        (
            "evidence by a viewer",
            "evidence",
            "slot=rebuttal_letter&version=0&text=a",
        ),
        ("sealed by a viewer", "evidence/seal", "version=0"),
        ("sent by a viewer", "evidence/submit", "understood=yes"),
        ("given up by a viewer", "accept", "understood=yes"),
    ] {
        let path = names.fill(&format!("/disputes/{{own}}/{end}"));
        attacks.push(attack(name, viewer.form(&path, fields), &[403]));
    }
    withstood(&target, "page-forms", &attacks);
    target.serving.stop();
}

/// Every form that names something, about what another merchant has.
#[rustfmt::skip]
const FOREIGN: &[(&str, &str)] = &[
    ("/disputes/{foreign}/message", "text=a"),
    ("/disputes/{foreign}/seal", "version=0"),
    ("/disputes/{foreign}/submit", "understood=yes"),
    ("/disputes/{foreign}/accept", "understood=yes"),
    ("/disputes/{foreign}/withdraw", ""),
    ("/disputes/{foreign}/evidence", "slot=rebuttal_letter&version=0&text=a"),
    ("/disputes/{foreign}/evidence/clear", "slot=rebuttal_letter&version=0"),
    ("/disputes/{foreign}/evidence/seal", "version=0"),
    ("/disputes/{foreign}/evidence/submit", "understood=yes"),
    ("/disputes/du_foreign_1/message", "text=a"),
    ("/disputes/ch_foreign_1/message", "text=a"),
    ("/keys/{key}/rotate", "hours=24"),
    ("/keys/{key}/revoke", "understood=yes"),
    ("/keys/{key}/narrow", "networks=192.0.2.1"),
    ("/team/role", "person={person}&role=merchant-viewer&do=give"),
    ("/team/role", "person={person}&role=merchant-member&do=take"),
    ("/webhooks/{endpoint}/ping", ""),
    ("/webhooks/{endpoint}/replay", "from=1&until=2"),
    ("/webhooks/{endpoint}/disable", ""),
    ("/webhooks/{endpoint}/enable", ""),
    ("/webhooks/{endpoint}/roll", "hours=0"),
    ("/webhooks/{endpoint}/delete", "understood=yes"),
];

#[rustfmt::skip]
const FOREIGN_SEEN: &[&str] = &[
    "/disputes/{foreign}",
    "/disputes/{foreign}/evidence",
    "/disputes/{foreign}/receipt",
    "/disputes/{foreign}/evidence/receipt/file",
    "/disputes/{foreign}/evidence/receipt/image",
    "/disputes?after={foreign}",
    "/disputes?before={foreign}",
    "/webhooks/{endpoint}",
    "/webhooks/{endpoint}/events/evt_1",
    "/desk",
    "/desk/cases/{foreign}",
    "/desk/cases/{own}",
    "/desk/cases/{own}/why/status",
    "/desk/documents",
    "/desk/ledger/journal",
    "/desk/audit",
];

fn no_form_reaches_what_is_anothers(target: Target) {
    let member = Person::enters(&target, "member", &["merchant-member"], Some("mer_1"));
    let _theirs = Person::enters(&target, "stranger", &["merchant-member"], Some("mer_2"));
    let mut names = Names::of(&target);
    names.0.push((
        "{key}",
        target.key("mer_2", &["--role", "merchant-viewer"]).0,
    ));
    names
        .0
        .push(("{endpoint}", endpoint(&target, &target.other)));
    names.0.push(("{person}", person(&target, "stranger")));
    let mut attacks = Vec::new();
    for (path, fields) in FOREIGN {
        let sent = member.form(&names.fill(path), &names.fill(fields));
        attacks.push(attack(format!("POST {path} {fields}"), sent, &[404]));
    }
    for path in FOREIGN_SEEN {
        // A place that is in no list of theirs is answered on the list's page.
        let refused: &[u16] = if path.contains('?') { &[400] } else { &[404] };
        let sent = member.sends("GET", &names.fill(path), &[], b"");
        attacks.push(attack(format!("GET {path}"), sent, refused));
    }
    let file = format!(
        "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--b\r\ncontent-disposition: form-data; name=\"slot\"\r\n\r\nreceipt\r\n\
         --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n",
        member.csrf
    );
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    let path = names.fill("/disputes/{foreign}/evidence/files");
    attacks.push(attack(
        "POST /disputes/{foreign}/evidence/files",
        member.sends("POST", &path, &kind, file.as_bytes()),
        &[404],
    ));
    withstood(&target, "page-foreign", &attacks);
    // Nothing that looks like another's word finds it, in whatever letters.
    for looked in [
        "foreign",
        "f%D0%BEreign",
        "%EF%BD%86oreign",
        "fo%E2%80%8Breign",
        "merchant_2",
        "%25",
        "_",
        "*",
        "'%20OR%201=1--",
    ] {
        let page = member.sees(&target, &format!("/disputes?q={looked}"));
        assert!(
            !page.contains("foreign_1") && !page.contains(&target.foreign),
            "{looked}"
        );
    }
    target.serving.stop();
}

/// What an analyst fills in. `{document}` is a document that is not held.
#[rustfmt::skip]
const DESK: &[(&str, &str, &str)] = &[
    ("a NUL in a note", "/desk/cases/{own}/note", "text=a%00b"),
    ("a backspace in a note", "/desk/cases/{own}/note", "text=won%08%08%08lost"),
    ("a note of blanks", "/desk/cases/{own}/note", "text=+"),
    ("a note of 20,001 characters", "/desk/cases/{own}/note", "text={long 20001}"),
    ("a note twice", "/desk/cases/{own}/note", "text=a&text=b"),
    ("a card number in a note", "/desk/cases/{own}/note", "text=4111+1111+1111+1111"),
    ("a message of 5,001 characters to a merchant", "/desk/cases/{own}/tell", "text={long 5001}"),
    ("a backspace in a message to a merchant", "/desk/cases/{own}/tell", "text=a%08b"),
    ("assigned to a name of two lines", "/desk/cases/{own}/assign", "to=a%0D%0Ab"),
    ("assigned to a name that turns around", "/desk/cases/{own}/assign", "to=a%E2%80%AEb"),
    ("assigned to a name of 201 characters", "/desk/cases/{own}/assign", "to={long 201}"),
    ("assigned to two", "/desk/cases/{own}/assign", "to=a&to=b"),
    ("a duty that is none waived", "/desk/cases/{own}/waive", "obligation=nothing&reason=a"),
    ("a duty waived for no reason", "/desk/cases/{own}/waive", "obligation=respond/chargeback&reason=+"),
    ("a duty waived with a control", "/desk/cases/{own}/waive", "obligation=respond/chargeback&reason=a%1Bb"),
    ("evidence at a version to come", "/desk/cases/{own}/evidence", "slot=rebuttal_letter&version=7&text=a"),
    ("evidence with a control", "/desk/cases/{own}/evidence", "slot=rebuttal_letter&version=0&text=a%0Eb"),
    ("evidence for a slot that is none", "/desk/cases/{own}/evidence", "slot=../x&version=0&text=a"),
    ("nothing sealed", "/desk/cases/{own}/seal", "version=0"),
    ("sealed at a version with a sign", "/desk/cases/{own}/seal", "version=%2B0"),
    ("sent unsealed", "/desk/cases/{own}/submit", "understood=yes"),
    ("sent without the tick", "/desk/cases/{own}/submit", ""),
    ("given up without the tick", "/desk/cases/{own}/accept", ""),
    ("a seal that is none taken back", "/desk/cases/{own}/withdraw", ""),
    ("a deed that is none", "/desk/cases/{own}/explode", ""),
    ("a case that is none", "/desk/cases/dp_none/note", "text=a"),
    ("a case that is a path", "/desk/cases/..%2F..%2Fdesk.db/note", "text=a"),
    ("a case with a NUL", "/desk/cases/{own}%00/note", "text=a"),
    ("nothing chosen in the queue", "/desk/queue", "do=claim"),
    ("a deed that is none in the queue", "/desk/queue", "do=explode&case={own}"),
    ("two deeds in the queue", "/desk/queue", "do=claim&do=assign&case={own}"),
    ("a note of nothing in the queue", "/desk/queue", "do=note&text=+&case={own}"),
    ("a list of another page", "/desk/lists", "place=/settings&name=a&query=&do=save"),
    ("a list of another host", "/desk/lists", "place=//evil.example&name=a&query=&do=save"),
    ("a list with a line in it", "/desk/lists", "place=/desk/queue&name=a&query=a%0D%0Ab&do=save"),
    ("a list without a name", "/desk/lists", "place=/desk/queue&name=+&query=order=time&do=save"),
    ("a document that is none released", "/desk/documents/doc_none/decide", "decision=release&why=a"),
    ("a document that is not held released", "/desk/documents/{document}/decide", "decision=release&why=a"),
    ("a document released for no reason", "/desk/documents/{document}/decide", "decision=release&why=+"),
    ("a document decided otherwise", "/desk/documents/{document}/decide", "decision=delete&why=a"),
    ("a document released with a control", "/desk/documents/{document}/decide", "decision=release&why=a%07b"),
    ("a card number for a reason", "/desk/documents/{document}/decide", "decision=release&why=4111111111111111"),
    ("the log exported by an analyst", "/desk/audit/export", ""),
    ("a merchant's message by the desk", "/disputes/{own}/message", "text=a"),
    ("a merchant's evidence by the desk", "/disputes/{own}/evidence", "slot=rebuttal_letter&version=0&text=a"),
    ("a merchant's key by the desk", "/keys/mint", "label=a&role=merchant-viewer&days=30"),
    ("a merchant's team by the desk", "/team/invite", "name=a&email=a@example.com&role=merchant-viewer"),
    ("a merchant's endpoint by the desk", "/webhooks/add", "url=https://shop.example.com/&event=*"),
];

fn a_form_of_the_desk_does_what_it_says_or_nothing(target: Target) {
    let analyst = Person::enters(&target, "analyst", &["analyst", "operator"], None);
    let mut names = Names::of(&target);
    names.0.push(("{document}", document(&analyst, &target)));
    let attacks = rows(&analyst, &names, DESK);
    withstood(&target, "desk-forms", &attacks);
    done(
        &target,
        analyst.form(&names.fill("/desk/cases/{own}/note"), "text=a%09b%0D%0Ac"),
    );
    target.serving.stop();
}
