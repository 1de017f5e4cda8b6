//! From a draft to an answer that the provider has.

use crate::run::{Folder, docket, sample_desk};
use crate::stand_in::{Manner, StandIn, stand_in};
use serde_json::Value;

const AT: &str = "2026-03-03T09:00:00Z";

/// A command about the sample dispute.
fn on(dir: &str, command: &[&str], rest: &[&str]) -> crate::run::Ran {
    let mut args = command.to_vec();
    args.extend(["--dir", dir, "dp_sample_1"]);
    args.extend(rest);
    if !rest.contains(&"--at") {
        args.extend(["--at", AT]);
    }
    docket(&args)
}

fn sealed() -> (Folder, String) {
    let (folder, dir) = sample_desk();
    on(
        &dir,
        &["evidence", "save"],
        &["tracking_number", "--text", "Delivered on 20 February"],
    )
    .exits(0);
    on(&dir, &["evidence", "seal"], &[]).exits(0);
    (folder, dir)
}

fn reaching(manner: Manner) -> (Folder, String, StandIn) {
    let (folder, dir) = sealed();
    let provider = stand_in(manner);
    folder.write("desk/desk.toml", provider.settings("default").as_bytes());
    folder.write("desk/secrets/stripe-key", b"a-key\n");
    (folder, dir, provider)
}

#[test]
fn rules_refuse_with_their_number_and_exit_with_four() {
    let (_folder, dir) = sample_desk();
    on(&dir, &["submit"], &[])
        .exits(4)
        .complains("DP-1014")
        .complains("evidence seal");
    on(&dir, &["evidence", "seal"], &[])
        .exits(4)
        .complains("DP-1012");
    on(&dir, &["dishonor"], &["--code", "R67"])
        .exits(4)
        .complains("DP-1023");
    on(
        &dir,
        &["evidence", "save"],
        &["no_such_slot", "--text", "x"],
    )
    .exits(4)
    .complains("DP-1010");
    on(
        &dir,
        &["evidence", "save"],
        &["tracking_number", "--text", "x", "--if-version", "7"],
    )
    .exits(4)
    .complains("DP-1009");
    on(&dir, &["accept"], &["--at", "2026-04-01T00:00:00Z"])
        .exits(4)
        .complains("DP-1005");
    on(&dir, &["evidence", "withdraw"], &[])
        .exits(4)
        .complains("DP-1015");
    on(&dir, &["evidence", "note"], &[" "])
        .exits(4)
        .complains("DP-1016");
    on(
        &dir,
        &["evidence", "waive"],
        &["respond/inquiry", "because"],
    )
    .exits(4)
    .complains("DP-1017");
}

#[test]
fn what_the_provider_does_not_take_is_not_sealed() {
    let (folder, dir) = sample_desk();
    let save = |slot: &str, path: &str| {
        on(
            &dir,
            &["evidence", "save"],
            &[slot, "--file", path, "--json"],
        )
        .exits(0)
        .json()
    };
    // Stripe's own figure is below fifty pages; each file alone is taken.
    let long = folder.write("long.pdf", &crate::run::pdf_of(50, "Delivered"));
    let case = save("receipt", &long);
    assert_eq!(case["evidence"]["slots"][0]["file"]["pages"], 50);
    on(&dir, &["evidence", "seal"], &[])
        .exits(4)
        .complains("DP-1021")
        .complains("50 pages");
    // Text is kept, and no field of Stripe's takes it as a file.
    let note = folder.write("note.txt", b"Delivered on 20 February");
    save("receipt", &note);
    on(&dir, &["evidence", "seal"], &[])
        .exits(4)
        .complains("DP-1022");
    let short = folder.write("short.pdf", &crate::run::pdf("Delivered"));
    save("receipt", &short);
    on(&dir, &["evidence", "seal"], &[]).exits(0);
}

#[test]
fn a_draft_is_sealed_and_asked_for_once() {
    let (_folder, dir) = sealed();
    let case = on(&dir, &["submit"], &["--json"]).exits(0).json();
    assert_eq!(case["answers"][0]["state"], "asked");
    assert_eq!(case["evidence"]["sealed"]["version"], 1);
    on(&dir, &["submit"], &[]).exits(4).complains("DP-1008");
    on(&dir, &["evidence", "withdraw"], &[]).exits(0);
    let case = docket(&["show", "--dir", &dir, "dp_sample_1", "--json"])
        .exits(0)
        .json();
    assert_eq!(case["evidence"]["sealed"], Value::Null);
    docket(&["doctor", "--dir", &dir, "--at", AT]).exits(0);
    docket(&["replay", "--compare", "--dir", &dir, "--at", AT]).exits(0);
}

#[test]
fn the_slots_are_listed() {
    let (_folder, dir) = sample_desk();
    let list = docket(&["evidence", "list", "--dir", &dir, "dp_sample_1", "--json"])
        .exits(0)
        .json();
    let asked: Vec<&str> = list["evidence"]["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|need| need["slot"].as_str().unwrap())
        .collect();
    assert!(asked.contains(&"tracking_number"), "{asked:?}");
    assert!(list["catalogue"].as_array().unwrap().len() > 20);
    docket(&["evidence", "list", "--dir", &dir, "dp_sample_1"])
        .exits(0)
        .says("Every slot");
}

#[test]
fn small_commands_leave_their_mark() {
    let (_folder, dir) = sample_desk();
    on(
        &dir,
        &["evidence", "note"],
        &["called the merchant", "--as", "analyst"],
    )
    .exits(0);
    on(
        &dir,
        &["evidence", "assign"],
        &["analyst-2", "--as", "analyst"],
    )
    .exits(0);
    on(&dir, &["evidence", "review"], &["--as", "analyst-2"]).exits(0);
    on(
        &dir,
        &["evidence", "waive"],
        &["respond/chargeback", "too small", "--as", "lead"],
    )
    .exits(0);
    let case = docket(&["show", "--dir", &dir, "dp_sample_1", "--json"])
        .exits(0)
        .json();
    assert_eq!(case["notes"][0]["text"], "called the merchant");
    assert_eq!(case["notes"][0]["author"], "analyst");
    assert_eq!(case["assigned_to"], "analyst-2");
    assert_eq!(case["obligations"][0]["standing"], "waived");
    let queue = docket(&["queue", "--dir", &dir, "--json", "--at", AT])
        .exits(0)
        .json();
    assert_eq!(queue["total"], 0);
}

#[test]
fn files_are_told_by_their_content() {
    let (folder, dir) = sample_desk();
    let path = folder.write("receipt.pdf", &crate::run::pdf("Delivered on 3 March"));
    let case = on(
        &dir,
        &["evidence", "save"],
        &["receipt", "--file", &path, "--json"],
    )
    .exits(0)
    .json();
    let file = &case["evidence"]["slots"][0]["file"];
    assert_eq!(
        (file["name"].as_str(), file["media_type"].as_str()),
        (Some("receipt.pdf"), Some("application/pdf"))
    );
    assert_eq!(file["pages"], 1);
    // A name that says something else, and what does not read to its end.
    let lies = folder.write("receipt.txt", &crate::run::pdf("x"));
    let broken = folder.write("broken.pdf", b"%PDF-1.7 a receipt");
    for (path, code) in [(lies, "DP-4006"), (broken, "DP-4008")] {
        on(
            &dir,
            &["evidence", "save"],
            &["receipt", "--file", &path, "--if-version", "1"],
        )
        .exits(2)
        .complains(code);
    }
    on(&dir, &["evidence", "clear"], &["receipt"]).exits(0);
    on(
        &dir,
        &["evidence", "save"],
        &["receipt", "--file", "no-such-file"],
    )
    .exits(2);
}

#[test]
fn card_numbers_are_refused_where_people_write() {
    let (folder, dir) = sample_desk();
    let text = "paid with 4242 4242 4242 4242";
    let path = folder.write("letter.txt", text.as_bytes());
    on(&dir, &["evidence", "save"], &["receipt", "--text", text])
        .exits(2)
        .complains("DP-3015");
    on(&dir, &["evidence", "save"], &["receipt", "--file", &path])
        .exits(2)
        .complains("DP-4016");
    on(&dir, &["evidence", "note"], &[text])
        .exits(2)
        .complains("DP-3015");
    let case = docket(&["show", "--dir", &dir, "dp_sample_1", "--json"])
        .exits(0)
        .json();
    assert_eq!(case["evidence"]["version"], 0);
    on(
        &dir,
        &["evidence", "save"],
        &["receipt", "--file", &path, "--redact"],
    )
    .exits(0);
}

#[test]
fn an_answer_is_sent_and_taken() {
    let (_folder, dir, provider) = reaching(Manner::Answer);
    let case = on(&dir, &["submit"], &["--send", "--json"]).exits(0).json();
    assert_eq!(case["answers"][0]["state"], "accepted");
    assert_eq!(case["status"], "theirs");
    let held = provider.held.lock().unwrap();
    assert_eq!(held.answers, 1);
    let digest = case["evidence"]["sealed"]["digest"].as_str().unwrap();
    // The mark that the packet carries at the provider ends with what was sealed.
    assert!(
        held.packet
            .as_ref()
            .is_some_and(|mark| mark.ends_with(digest)),
        "{:?}",
        held.packet
    );
    assert!(
        held.requests
            .iter()
            .all(|(_, credential)| credential == "Bearer a-key"),
        "{:?}",
        held.requests
    );
    docket(&["doctor", "--dir", &dir, "--at", AT]).exits(0);
    docket(&["replay", "--compare", "--dir", &dir, "--at", AT]).exits(0);
}

#[test]
fn a_lost_answer_is_in_doubt_and_read_back_and_never_sent_twice() {
    let (_folder, dir, provider) = reaching(Manner::HangUp);
    let case = on(&dir, &["submit"], &["--send", "--json"]).exits(0).json();
    assert_eq!(case["answers"][0]["state"], "in-doubt");
    on(&dir, &["submit"], &["--send"])
        .exits(4)
        .complains("DP-1007");
    // The line is back: whoever makes the next round reads the provider's record.
    provider.held.lock().unwrap().manner = Manner::Answer;
    let mut serving = crate::serve::Serving::start(&dir);
    serving.until("the answer is known", || {
        let case = docket(&["show", "--dir", &dir, "dp_sample_1", "--json"])
            .exits(0)
            .json();
        case["answers"][0]["state"] == "accepted"
    });
    serving.stop();
    assert_eq!(provider.held.lock().unwrap().answers, 1);
    docket(&["replay", "--compare", "--dir", &dir]).exits(0);
}
