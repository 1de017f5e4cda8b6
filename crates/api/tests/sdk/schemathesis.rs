//! The checker of descriptions asks a served desk everything that the description allows, and much that it does not: what
//! comes back is described, and what is wrong is refused.

use crate::desk::Served;
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
    for (name, id) in routes::parts(&served) {
        config.push_str(&format!("\"path.{name}\" = \"{id}\"\n"));
    }
    let path = folder.path().join("schemathesis.toml");
    std::fs::write(&path, config).expect("the file is written");
    let done = Command::new(clients.program("python/bin/schemathesis"))
        .arg("--config-file")
        .arg(&path)
        .arg("run")
        .arg(format!("{}/docket/v1/openapi.json", served.url))
        .args(["--checks", CHECKS])
        // One worker: with several, CPython 3.11 fails now and then while it parses source in two threads.
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "20", "--seed", "1", "--workers", "1"])
        .arg("--generation-deterministic")
        .args(["--continue-on-failure", "--warnings", "off", "--no-color"])
        .args(["--suppress-health-check", "all"])
        .args(["-H", &format!("Authorization: Bearer {}", served.desk_key)])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder.path())
        .output()
        .expect("the checker starts");
    let words = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success(),
        "{words}\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
}
