//! The guide to operating is run as it stands: its settings are in order, and every command in it does what it says.

use crate::docs::words;
use crate::run::{Folder, docket, program, ran, sample};
use crate::serve::Serving;

const GUIDE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../docs/guides/operating.md"
);
/// What the guide's settings name.
const SECRETS: [(&str, &str); 2] = [
    ("STRIPE_WEBHOOK_SECRET", "whsec_synthetic"),
    ("STRIPE_KEY", "a-key"),
];

/// The first block of settings.
fn settings(text: &str) -> &str {
    let (_, rest) = text.split_once("```toml\n").expect("it has settings");
    rest.split("```").next().expect("they end")
}

/// Every command, in a block or within a line, in their order.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ docket ") {
            found.push(command.to_owned());
        }
        let spans = line.split('`').skip(1).step_by(2);
        let spans = spans.filter_map(|span| span.strip_prefix("docket "));
        found.extend(spans.map(str::to_owned));
    }
    found
}

/// A desk with one dispute and the guide's settings.
fn furnished(text: &str) -> (Folder, String) {
    let folder = Folder::new();
    let dir = folder.path("desk");
    let created = sample("created.json");
    let first = [
        "ingest",
        "--dir",
        &dir,
        "stripe",
        &created,
        "--account",
        "acct_1",
    ];
    docket(&first).exits(0);
    folder.write("desk/desk.toml", settings(text).as_bytes());
    folder.write("desk/secrets/stripe-previous", b"whsec_synthetic-before\n");
    std::fs::create_dir_all(folder.path("desk/out/ach")).expect("a folder");
    (folder, dir)
}

#[test]
fn the_guide_to_operating_is_run() {
    let text = std::fs::read_to_string(GUIDE).expect("the guide is there");
    let (folder, dir) = furnished(&text);
    let path = |name: &str| folder.path(name);
    let (log, file) = (path("log.txt"), sample("updated.json"));
    let (copy, keys) = (path("copy"), path("keys"));
    let mut key = String::new();
    let mut count = 0;
    for command in commands(&text) {
        count += 1;
        let filled = command
            .replace("--to /backup/2026-11-23", &format!("--to {copy}"))
            .replace("/elsewhere/keys-2026-11-23", &keys)
            .replace("PROVIDER ACCOUNT", "stripe acct_1")
            .replace("PROVIDER FILE...", &format!("stripe {file}"))
            .replace(
                "verify FILE --key KEY",
                &format!("verify {log} --key {key}"),
            )
            .replace("DISPUTE", "dp_sample_1")
            .replace("ADDR", "127.0.0.1:0")
            .replace("DIR", &dir);
        if command.starts_with("serve --dir DIR --listen") {
            // Nothing is asked of the real provider: without bases and credentials an account sends nothing.
            let whole = settings(&text);
            let lines = whole
                .lines()
                .filter(|line| !line.starts_with("bases") && !line.starts_with("credentials"));
            let quiet = lines.collect::<Vec<_>>().join("\n");
            folder.write("desk/desk.toml", quiet.as_bytes());
            let serving = Serving::told(&dir, &SECRETS);
            assert_eq!(serving.send("GET", "/healthz", &[], b"").0, 200);
            assert_eq!(serving.send("GET", "/readyz", &[], b"").0, 200);
            serving.stop();
            folder.write("desk/desk.toml", whole.as_bytes());
            continue;
        }
        let mut args = words(&filled);
        if !command.contains("--dir") && !command.starts_with("audit verify") {
            args.extend([String::from("--dir"), dir.clone()]);
        }
        if command.starts_with("audit export") {
            args.extend(["--out", &log, "--json"].map(str::to_owned));
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let output = program().args(&args).envs(SECRETS).output().unwrap();
        let said = ran(output, &args).exits(0);
        if command.starts_with("audit export") {
            key = said.json()["verifier_key"].as_str().unwrap().to_owned();
        }
    }
    assert!(count >= 15, "{count}");
}
