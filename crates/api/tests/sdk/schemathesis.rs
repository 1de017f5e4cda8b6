//! The checker of descriptions asks a served desk everything that the description allows, and much that it does not: what
//! comes back is described, and what is wrong is refused.

use crate::desk::{Served, still};
use crate::people::Person;
use crate::routes;
use crate::run::Clients;
use app::Place;
use std::process::Command;

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
response_schema_conformance,negative_data_rejection";

#[test]
fn schemathesis_finds_nothing_that_is_not_described() {
    let Some(clients) = Clients::find() else {
        eprintln!("skipped: DOCKET_TEST_CLIENTS does not say where the official clients are");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let served = Served::start(&Place::Folder(folder.path().join("desk")));
    // One of everything, so that most answers are answers and not 404.
    // A well-formed version that is an old one is refused with 412 before a body is looked at.
    let mut config = String::from(
        "[checks.negative_data_rejection]\n\
         expected-statuses = [\"400\", \"401\", \"403\", \"404\", \"405\", \"409\", \"412\", \"413\", \"415\", \"428\"]\n\
         [parameters]\n",
    );
    // Of another the desk says 403 to everything.
    config.push_str("\"header.Stripe-Account\" = \"mer_1\"\n");
    for (name, id) in routes::parts(&served) {
        config.push_str(&format!("\"path.{name}\" = \"{id}\"\n"));
    }
    std::fs::write(folder.path().join(CONFIG), config).expect("the file is written");
    let run = |only: &[&str], headers: &[String]| {
        let mut command = Command::new(clients.program("python/bin/schemathesis"));
        command
            .current_dir(folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .args(["--config-file", CONFIG, "run"])
            .arg(format!("{}/docket/v1/openapi.json", served.url))
            .args(["--checks", CHECKS])
            // One worker: with several, CPython 3.11 fails now and then while it parses source in two threads.
            .args(["--max-examples", "20", "--seed", "1", "--workers", "1"])
            .args(["--generation-deterministic", "--continue-on-failure"])
            .args(["--warnings", "off", "--no-color"])
            .args(["--suppress-health-check", "all"])
            .args(only);
        for header in headers {
            command.args(["-H", header]);
        }
        let done = command.output().expect("the checker starts");
        let words = [done.stdout, done.stderr].concat();
        let words = String::from_utf8_lossy(&words);
        assert!(done.status.success(), "{words}");
    };
    let key = [format!("Authorization: Bearer {}", served.desk_key)];
    run(&["--phases", "examples,coverage,fuzzing"], &key);
    // What is for people only, as somebody who signed in within the last minutes, for each part anew.
    let _still = still();
    for part in [
        "/api_keys",
        "/people(/.person./roles.*)?$",
        "/merchants|/session$",
    ] {
        let admin = Person::of(&served, "admin");
        let headers = [
            format!("Cookie: {}", admin.cookie),
            format!("X-CSRF-Token: {}", admin.csrf),
        ];
        run(
            &["--phases", "coverage", "--include-path-regex", part],
            &headers,
        );
    }
}

/// Below the folder that it runs in.
const CONFIG: &str = "schemathesis.toml";
