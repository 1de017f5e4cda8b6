//! What pages are asked for by people who are signed in: addresses that are none, ways back that lead elsewhere, one button
//! pressed twice, files with hostile names.

use super::person::Person;
use super::signed_in::{EVIDENCE, Names, REFUSED, document, done};
use super::target::Target;
use super::{attack, body, headers, request, status, withstood};

super::on_both! {
    an_address_of_a_page_is_one_of_ours
    an_answer_leaves_once_however_often_it_is_sent
    no_way_back_leads_elsewhere
    the_name_of_a_file_stays_a_name_on_its_way_out
}

/// Addresses of the portal, then of the desk.
#[rustfmt::skip]
const ADDRESSES: [&[&str]; 2] = [&[
    "/disputes?after=dp_nobody",
    "/disputes?after=%00",
    "/disputes?after={own}&after={own}",
    "/disputes?after={own}&before={own}",
    "/disputes?q=a%00b",
    "/disputes?q=a&q=b",
    "/disputes?least=1e99&currency=USD",
    "/disputes?least=99999999999999999999999999&currency=USD",
    "/disputes?least=-1&currency=USD",
    "/disputes?least=1.234&currency=USD",
    "/disputes?least=12",
    "/disputes?currency=XXXX",
    "/disputes?due=yesterday",
    "/disputes?status=anything",
    "/disputes.csv?status=anything",
    "/disputes.csv?least=12",
    "/disputes/{own}%2F..%2F{foreign}",
    "/disputes/%FF",
    "/disputes/%00",
    "/disputes/{own}/evidence/..%2F..%2Fdesk.db/file",
    "/disputes/{own}/evidence/receipt/file",
    "/disputes/{own}/why",
    "/insights?sales=many",
    "/insights?sales=-1",
    "/insights?sales=99999999999999999999",
    "/webhooks/we_none?after=1",
    "/enter/dl_none",
    "/assets/..%2F..%2FCargo.toml",
    "/assets/none.js",
], &[
    "/desk/cases?after=dp_nobody",
    "/desk/cases?after=%00",
    "/desk/cases?status=a&status=b",
    "/desk/queue?after=nonsense",
    "/desk/queue?after=99999999999999999999",
    "/desk/findings?after=nonsense",
    "/desk/findings?after='%20OR%201=1--",
    "/desk/documents?after=ten",
    "/desk/documents?after=-1",
    "/desk/documents?fate=eaten",
    "/desk/documents?account=nowhere",
    "/desk/documents/doc_none",
    "/desk/documents/{document}?from=-1&until=1",
    "/desk/documents/{document}?start=99999999999999999999999",
    "/desk/quarantine?after=ten",
    "/desk/ledger/account?path=nowhere",
    "/desk/ledger/entries?account=nowhere",
    "/desk/audit?before=-1",
    "/desk/audit?before=ten",
    "/desk/audit?before=99999999999999999999",
    "/desk/search?q=%00",
    "/desk/search?q=a&q=b",
    "/desk/rules?q=%00",
    "/desk/cases/{own}/why/nothing",
    "/desk/cases/{own}/why/%FF",
    "/desk/cases/{own}/evidence/receipt/image",
    "/desk/nowhere",
    "/desk/audit/export",
]];

fn an_address_of_a_page_is_one_of_ours(target: Target) {
    let member = Person::enters(&target, "member", &["merchant-member"], Some("mer_1"));
    let analyst = Person::enters(&target, "analyst", &["analyst"], None);
    let mut names = Names::of(&target);
    names.0.push(("{document}", document(&analyst, &target)));
    let mut attacks = Vec::new();
    for (who, addresses) in [&member, &analyst].into_iter().zip(ADDRESSES) {
        for address in addresses {
            attacks.push(attack(
                *address,
                who.sends("GET", &names.fill(address), &[], b""),
                REFUSED,
            ));
        }
    }
    let long = format!("/disputes?q={}", "a".repeat(70_000));
    attacks.push(attack(
        "a search of 70 kB",
        member.sends("GET", &long, &[], b""),
        &[400, 414, 431],
    ));
    withstood(&target, "page-addresses", &attacks);
    target.serving.stop();
}

/// Sealed and sent by two presses of one button: the second finds it done.
fn an_answer_leaves_once_however_often_it_is_sent(target: Target) {
    let member = Person::enters(&target, "member", &["merchant-member"], Some("mer_1"));
    let names = Names::of(&target);
    let post = |end: &str, fields: &str| {
        member.form(
            &names.fill(&format!("/disputes/{{own}}/evidence{end}")),
            fields,
        )
    };
    let twice = |sent: &[u8]| {
        let again = target.exchange(&attack("again", sent.to_vec(), &[400]));
        (status(&again), super::words(&again))
    };
    let page = member.sees(&target, &names.fill(EVIDENCE));
    for slot in page.split("data-slot=\"").skip(1) {
        let slot = slot.split('"').next().unwrap();
        let version = member.sees(&target, &names.fill(EVIDENCE));
        let (_, version) = version.split_once("name=\"version\" value=\"").unwrap();
        let version = version.split('"').next().unwrap();
        done(
            &target,
            post(
                "",
                &format!("slot={slot}&version={version}&seen=&text=It+was+delivered."),
            ),
        );
    }
    let page = member.sees(&target, &names.fill(EVIDENCE));
    let (_, version) = page.split_once("name=\"version\" value=\"").unwrap();
    let seal = post(
        "/seal",
        &format!("version={}", version.split('"').next().unwrap()),
    );
    done(&target, seal);
    let submit = post("/submit", "understood=yes");
    done(&target, submit.clone());
    let (status, words) = twice(&submit);
    assert_eq!(status, 400, "{words}");
    assert!(words.contains("DP-100"), "{words}");
    let (status, words) =
        twice(&member.form(&names.fill("/disputes/{own}/accept"), "understood=yes"));
    assert_eq!(status, 400, "{words}");
    target.serving.stop();
}

#[rustfmt::skip]
const ELSEWHERE: &[&str] = &[
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "///evil.example",
    "javascript:alert(1)",
    "data:text/html,a",
    "/\t/evil.example",
    "/a\r\nlocation: https://evil.example",
    " //evil.example",
    "evil.example",
    "@evil.example",
];

fn no_way_back_leads_elsewhere(target: Target) {
    let member = Person::enters(&target, "member", &["merchant-member"], Some("mer_1"));
    for elsewhere in ELSEWHERE {
        let asked: String = elsewhere
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        let sign_in = target.exchange(&attack(
            "asked",
            request("GET", &format!("/sign-in?back={asked}"), &[], b""),
            &[200],
        ));
        assert!(
            body(&sign_in).contains("name=\"back\" value=\"/\""),
            "{elsewhere}: {sign_in}"
        );
        let prove = member.sees(&target, &format!("/prove?back={asked}"));
        assert!(
            body(&prove).contains("name=\"back\" value=\"/\""),
            "{elsewhere}: {prove}"
        );
        for page in [&sign_in, &prove] {
            assert!(
                !page.contains("evil.example") && headers(page, "location").next().is_none(),
                "{elsewhere}: {page}"
            );
        }
    }
    target.serving.stop();
}

/// As browsers write them into a form (a quote and the ends of lines as `%XX`), and as nobody but an attacker does.
#[rustfmt::skip]
const FILE_NAMES: &[&str] = &[
    "a%22%0D%0Aset-cookie: b=c.txt",
    "..%2F..%2Fdesk.db.txt",
    "..\\\\..\\\\desk.txt",
    "a\u{202e}fdp.txt",
    "a;filename=b.txt",
    "=cmd|a.txt",
    "CON.txt",
    "<img src=x onerror=alert(1)>.txt",
];

fn the_name_of_a_file_stays_a_name_on_its_way_out(target: Target) {
    let member = Person::enters(&target, "member", &["merchant-member"], Some("mer_1"));
    let names = Names::of(&target);
    for name in FILE_NAMES {
        let page = member.sees(&target, &names.fill(EVIDENCE));
        let seen = page
            .split("data-slot=\"rebuttal_letter\"")
            .nth(1)
            .expect("the letter has a place");
        let (_, seen) = seen
            .split_once("name=\"seen\" value=\"")
            .expect("what stands there");
        let seen = seen.split('"').next().unwrap();
        let field = |name: &str, value: &str| {
            format!("--b\r\ncontent-disposition: form-data; {name}\r\n\r\n{value}\r\n")
        };
        let form = [
            field("name=\"csrf\"", &member.csrf),
            field("name=\"slot\"", "rebuttal_letter"),
            field("name=\"seen\"", seen),
            field(
                &format!("name=\"file\"; filename=\"{name}\""),
                "It was delivered.",
            ),
            String::from("--b--\r\n"),
        ];
        let kind = [("content-type", "multipart/form-data; boundary=b")];
        let path = names.fill("/disputes/{own}/evidence/files");
        done(
            &target,
            member.sends("POST", &path, &kind, form.concat().as_bytes()),
        );
        let got = member.sees(
            &target,
            &names.fill("/disputes/{own}/evidence/rebuttal_letter/file"),
        );
        let (head, content) = got.split_once("\r\n\r\n").unwrap();
        assert_eq!(content, "It was delivered.", "{name}");
        assert!(
            !head.to_lowercase().contains("\nset-cookie"),
            "{name}: {head}"
        );
        let kept = headers(&got, "content-disposition")
            .next()
            .expect("it is to be kept");
        assert!(
            kept.starts_with("attachment; filename=\"") && kept.is_ascii(),
            "{name}: {kept}"
        );
        assert!(!kept.contains(['/', '\\', '<']), "{name}: {kept}");
        let page = member.sees(&target, &names.fill(EVIDENCE));
        assert!(
            !page.contains("<img src=x") && !page.contains('\u{202e}'),
            "{name}"
        );
    }
    target.serving.stop();
}
