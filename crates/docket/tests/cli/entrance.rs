//! Who may enter, from the command line.

use crate::docs::words;
use crate::run::{docket, program, ran, sample_desk};

/// Runs every command of the guide in order. `KEY` is the key made last.
#[test]
fn the_guide_to_entrance_is_run() {
    let (folder, _) = sample_desk();
    let guide = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/guides/authentication.md"
    );
    let text = std::fs::read_to_string(guide).unwrap();
    folder.write("FOUND", b"GET /v1/disputes?key=...");
    let mut key = String::from("no key yet");
    let mut count = 0;
    for line in text.lines() {
        let Some(command) = line.strip_prefix("docket ") else {
            continue;
        };
        let mut args = words(command);
        for word in &mut args {
            if word == "KEY" {
                word.clone_from(&key);
            }
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = program()
            .args(&args)
            .current_dir(folder.0.path())
            .output()
            .unwrap();
        let said = ran(output, &args).exits(0).out;
        if let Some(id) = said
            .split_whitespace()
            .find(|word| word.starts_with("key_"))
        {
            key = id.trim_end_matches('.').to_owned();
        }
        count += 1;
    }
    assert!(count >= 15, "{count}");
}

#[test]
fn secrets_are_printed_once() {
    let (_folder, dir) = sample_desk();
    let desk = ["--dir", &dir, "--as", "anna", "--json"];
    let run = |args: &[&str]| docket(&[args, &desk].concat()).exits(0).json();
    run(&["merchant", "add", "Merchant 1", "--id", "mer_1"]);
    let owned = run(&[
        "merchant", "own", "mer_1", "stripe", "acct_1", "--mode", "test",
    ]);
    assert_eq!(owned["accounts"][0]["mode"], "test");
    let added = run(&[
        "person",
        "add",
        "A@example.com",
        "--name",
        "Person 1",
        "--role",
        "merchant-member",
        "--merchant",
        "mer_1",
    ]);
    let path = added["link"]["path"].as_str().unwrap();
    assert!(path.starts_with("/enter/dl_"), "{path}");
    assert_eq!(added["person"]["roles"][0]["merchant"], "mer_1");
    let minted = run(&[
        "api-key",
        "mint",
        "Shop",
        "--merchant",
        "mer_1",
        "--role",
        "merchant-viewer",
    ]);
    let secret = minted["secret"].as_str().unwrap();
    assert!(secret.starts_with("dk_live_sk_"));
    let listed = run(&["api-key", "list", "--merchant", "mer_1"]);
    assert_eq!(listed[0]["id"], minted["key"]["id"]);
    assert_eq!(listed[0]["made_by"], "shell");
    let people = run(&["person", "list"]);
    for said in [
        listed.to_string(),
        people.to_string(),
        run(&["merchant", "list"]).to_string(),
    ] {
        assert!(!said.contains(secret) && !said.contains(path));
    }
    let restricted = run(&[
        "api-key",
        "mint",
        "R",
        "--role",
        "finance",
        "--scopes",
        "ledger:read",
        "--mode",
        "test",
    ]);
    assert!(
        restricted["secret"]
            .as_str()
            .unwrap()
            .starts_with("dk_test_rk_")
    );
    assert_eq!(
        run(&["api-key", "list"]),
        serde_json::json!([]),
        "test keys are not live ones"
    );
}

/// Whatever stands around them, and whosesoever they are; what is only shaped like a key of ours is passed over.
#[test]
fn keys_that_stand_in_a_text_are_ended() {
    let (folder, dir) = sample_desk();
    let desk = ["--dir", &dir, "--json"];
    let run = |args: &[&str]| docket(&[args, &desk].concat()).exits(0).json();
    let version = "2026-07-29.dahlia";
    let mint = [
        "api-key",
        "mint",
        "A",
        "--role",
        "finance",
        "--api-version",
        version,
    ];
    let (one, two) = (run(&mint), run(&[&mint[..], &["--mode", "test"]].concat()));
    assert_eq!(one["key"]["api_version"], version);
    let text = |minted: &serde_json::Value| minted["secret"].as_str().unwrap().to_owned();
    let (first, second) = (text(&one), text(&two));
    // A whole key of a desk elsewhere, and one with a letter changed.
    let (_elsewhere, other) = sample_desk();
    let foreign = docket(&[&mint[..], &["--dir", &other, "--json"]].concat())
        .exits(0)
        .json();
    let log = format!(
        "GET /x?key={first}\n\"{second}\" {}\n{}x\n",
        text(&foreign),
        &first[..first.len() - 1]
    );
    let file = folder.write("page.log", log.as_bytes());
    let ended = run(&["api-key", "leaked", &file]);
    let ids: Vec<&serde_json::Value> = ended
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["id"])
        .collect();
    assert_eq!(ids, [&one["key"]["id"], &two["key"]["id"]]);
    assert!(ended[0]["revoked_at"].is_string() && ended[1]["revoked_at"].is_string());
    let nothing = folder.write("empty.log", b"nothing");
    docket(&["api-key", "leaked", &nothing, "--dir", &dir])
        .exits(0)
        .says("no key of this desk stands there");
}

#[test]
fn what_cannot_be_is_misuse_with_its_code() {
    let (_folder, dir) = sample_desk();
    let check = |args: &[&str], code: &str| {
        let args = [args, &["--dir", &dir]].concat();
        docket(&args).exits(2).complains(code);
    };
    check(&["merchant", "own", "mer_9", "stripe", "acct_1"], "DP-5002");
    check(&["person", "disable", "nobody@example.com"], "DP-5002");
    check(&["api-key", "revoke", "key_none"], "DP-5002");
    let version = ["--role", "finance", "--api-version", "2031-01-01"];
    check(
        &[&["api-key", "mint", "K"], &version[..]].concat(),
        "DP-5003",
    );
    check(
        &[
            "person",
            "add",
            "not an address",
            "--name",
            "A",
            "--role",
            "admin",
        ],
        "DP-5003",
    );
    check(
        &[
            "person",
            "add",
            "a@example.com",
            "--name",
            "A",
            "--role",
            "merchant-viewer",
        ],
        "DP-5003",
    );
    check(
        &[
            "api-key",
            "mint",
            "K",
            "--role",
            "finance",
            "--network",
            "10.0.0.1/8",
        ],
        "DP-5003",
    );
    check(
        &[
            "api-key",
            "mint",
            "K",
            "--role",
            "finance",
            "--scopes",
            "money:all",
        ],
        "DP-5003",
    );
    check(
        &[
            "api-key",
            "mint",
            "K",
            "--role",
            "finance",
            "--expires",
            "2020-01-01T00:00:00Z",
        ],
        "DP-5003",
    );
    check(
        &[
            "api-key", "mint", "K", "--role", "operator", "--role", "approver",
        ],
        "DP-5003",
    );
    docket(&[
        "person",
        "add",
        "a@example.com",
        "--name",
        "A",
        "--role",
        "king",
        "--dir",
        &dir,
    ])
    .exits(2)
    .complains("merchant-viewer");
}
