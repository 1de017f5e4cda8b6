//! Settings and databases that are wrong.

use crate::run::{docket, sample, sample_desk};

#[test]
fn wrong_settings_are_all_told_at_once() {
    let (folder, dir) = sample_desk();
    folder.write(
        "desk/desk.toml",
        b"listne = \"x\"\n[[account]]\nprovider = \"acme\"\n",
    );
    let ran = docket(&["queue", "--dir", &dir])
        .exits(2)
        .complains("DP-3009");
    for part in ["`listne`", "`account[1].provider`", "`account[1].account`"] {
        assert!(ran.err.contains(part), "{}", ran.err);
    }
}

#[test]
fn a_secret_that_is_not_there_stops_serve_before_it_listens() {
    let (folder, dir) = sample_desk();
    let text = "[[account]]\nprovider = \"stripe\"\naccount = \"acct_1\"\nwebhook_secrets.new = { file = \"secrets/none\" }\n";
    folder.write("desk/desk.toml", text.as_bytes());
    let ran = docket(&["serve", "--dir", &dir, "--listen", "127.0.0.1:0"]).exits(2);
    assert!(
        ran.err.contains("stripe/acct_1.webhook_secrets.new"),
        "{}",
        ran.err
    );
    assert_eq!(ran.out, "");
}

#[test]
fn a_database_that_is_no_database_is_named() {
    let (folder, dir) = sample_desk();
    folder.write(
        "desk/desk.db",
        b"this is no database, and long enough to be looked at as one. "
            .repeat(20)
            .as_slice(),
    );
    for extra in ["desk/desk.db-wal", "desk/desk.db-shm"] {
        let _gone = std::fs::remove_file(folder.path(extra));
    }
    docket(&["queue", "--dir", &dir])
        .exits(1)
        .complains("DP-3006");
}

#[test]
fn the_wrong_keys_open_nothing() {
    let (folder, dir) = sample_desk();
    folder.write("desk/keys/kek", "11".repeat(32).as_bytes());
    docket(&["replay", "--compare", "--dir", &dir])
        .exits(1)
        .complains("DP-3006");
    docket(&["ingest", "--dir", &dir, "stripe", &sample("updated.json")])
        .exits(1)
        .complains("DP-3006");
}

#[test]
fn a_postgres_that_is_not_there_is_named_without_its_password() {
    let folder = crate::run::Folder::new();
    let mut command = crate::run::program();
    command.env("DOCKET_HOME", folder.path("home"));
    let args = [
        "queue",
        "--db",
        "postgres://user:a-password@127.0.0.1:1/desk",
    ];
    let ran = crate::run::ran(command.args(args).output().unwrap(), &args)
        .exits(1)
        .complains("DP-3006");
    assert!(
        ran.err.contains("postgres://user@127.0.0.1:1/desk") && !ran.err.contains("a-password"),
        "{}",
        ran.err
    );
}

#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let (_folder, dir) = sample_desk();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has one");
    let args = ["show", "--dir", &dir, "dp_sample_1"];
    let mut command = crate::run::program();
    let output = command.args(args).stdout(full).output().unwrap();
    crate::run::ran(output, &args).exits(1).complains("DP-3001");
}
