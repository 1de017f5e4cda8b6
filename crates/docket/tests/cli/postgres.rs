//! The same commands over PostgreSQL, where `DOCKET_TEST_POSTGRES` names a server.

use crate::run::{Folder, MORNING, Ran, program, ran, sample};

/// A command with `--db` in a schema of this test's own, and the desk's keys in a folder of its own.
fn over(folder: &Folder, server: &str, schema: &str, args: &[&str]) -> Ran {
    let joint = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{joint}schema={schema}");
    let mut command = program();
    command
        .env("DOCKET_HOME", folder.path("home"))
        .args(args)
        .args(["--db", &url]);
    ran(command.output().expect("the program starts"), args)
}

#[test]
fn a_desk_in_postgres_does_what_one_in_a_folder_does() {
    let Ok(server) = std::env::var("DOCKET_TEST_POSTGRES") else {
        eprintln!("skipped: DOCKET_TEST_POSTGRES names no server");
        return;
    };
    let folder = Folder::new();
    // The folder's name is random, so that no schema of an earlier run is ever met.
    let hash = dispute::id::sha256_hex(folder.path("").as_bytes());
    let schema = format!("cli_{}", hash.get(..16).unwrap());
    let docket = |args: &[&str]| over(&folder, &server, &schema, args);
    let made = docket(&["demo", "--no-serve", "--at", MORNING, "--json"])
        .exits(0)
        .json();
    assert_eq!(made["made"], true);
    docket(&["doctor", "--at", MORNING]).exits(0);
    docket(&["replay", "--compare", "--at", MORNING])
        .exits(0)
        .says("the same, row for row");
    let again = docket(&["demo", "--no-serve", "--at", MORNING, "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (again["made"].as_bool(), &again["morning"]),
        (Some(false), &made["morning"])
    );
    docket(&[
        "ingest",
        "stripe",
        &sample("created.json"),
        "--account",
        "merchant_1",
        "--at",
        MORNING,
    ])
    .exits(0);
    docket(&["why", "dp_sample_1", "disputed"])
        .exits(0)
        .says("8400");
    docket(&["queue", "--at", MORNING, "--json"]).exits(0);
    docket(&["audit", "export"])
        .exits(0)
        .says("docket-audit-export v1");
    docket(&["migrate"]).exits(0);
}
