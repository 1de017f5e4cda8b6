//! What is copied comes back: the same cases, books and findings, and a doctor who has nothing to say.

use crate::run::{Folder, MORNING, Ran, copy, demo_desk, docket, program, ran};
use crate::serve::{SIGNED, Serving, WAY};
use std::path::Path;
use std::process::Command;

/// Everything derived, as one hash.
fn digest(said: &Ran) -> String {
    let said = said.json();
    assert_eq!(said["same"], true);
    said["live_hash"].as_str().unwrap().to_owned()
}

fn files(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_desk_in_a_folder_is_copied_while_it_works_and_comes_back() {
    let (folder, dir) = demo_desk();
    let serving = Serving::start(&dir);
    for number in 0..5 {
        let body = SIGNED.replace("order-1", &format!("order-{number}"));
        serving.send("POST", WAY, &[], body.as_bytes());
    }
    let (data, keys) = (folder.path("copy"), folder.path("copied-keys"));
    let backup = ["backup", "--dir", &dir, "--to", &data, "--keys-to", &keys];
    let done = docket(&[&backup[..], &["--json"]].concat()).exits(0).json();
    assert!(
        done["checkpoint"].as_str().unwrap().lines().count() > 3,
        "{done}"
    );
    serving.stop();
    assert_eq!(files(&data), ["desk.db", "desk.toml"]);
    assert!(
        files(&keys).contains(&String::from("kek")),
        "{:?}",
        files(&keys)
    );
    // A second backup does not mix with the first.
    docket(&backup)
        .exits(2)
        .complains("holds something already");
    // Without its keys the copy opens nothing.
    let bare = folder.path("bare");
    std::fs::create_dir(&bare).unwrap();
    std::fs::copy(format!("{data}/desk.db"), format!("{bare}/desk.db")).unwrap();
    assert_ne!(docket(&["doctor", "--dir", &bare]).code, 0);
    // With them it is the desk that it was: what was acknowledged before the copy is in it.
    std::fs::create_dir(format!("{data}/keys")).unwrap();
    for name in files(&keys) {
        std::fs::copy(format!("{keys}/{name}"), format!("{data}/keys/{name}")).unwrap();
    }
    let at = ["--at", MORNING];
    docket(&[&["doctor", "--dir", &data][..], &at].concat()).exits(0);
    // Files that the settings name are the operator's own and are not copied.
    copy(
        Path::new(&format!("{dir}/secrets")),
        Path::new(&format!("{data}/secrets")),
    );
    let compare = |dir: &str| {
        let replay = ["replay", "--compare", "--json", "--dir", dir];
        digest(&docket(&[&replay[..], &at].concat()).exits(0))
    };
    // The worker may have processed the last webhooks after the copy: it does so in the copy, too.
    let caught_up = Serving::start(&data);
    caught_up.stop();
    assert_eq!(compare(&data), compare(&dir));
}

#[test]
fn a_desk_in_a_database_is_copied_by_the_databases_tool() {
    let Ok(server) = std::env::var("DOCKET_TEST_POSTGRES") else {
        eprintln!("skipped: DOCKET_TEST_POSTGRES names no server");
        return;
    };
    let tool = |name: &str| {
        let versions =
            ["18", "17", "16", "15"].map(|v| format!("/usr/lib/postgresql/{v}/bin/{name}"));
        versions
            .into_iter()
            .find(|path| Path::new(path).is_file())
            .unwrap_or_else(|| name.to_owned())
    };
    let run = |command: &mut Command| {
        let output = command.output().expect("PostgreSQL's tools are installed");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command:?}: {said}");
        output.stdout
    };
    let folder = Folder::new();
    let hash = dispute::id::sha256_hex(folder.path("").as_bytes());
    let short = hash.get(..16).unwrap();
    let (base, query) = server
        .split_once('?')
        .map_or((server.as_str(), None), |(b, q)| (b, Some(q)));
    let (authority, _) = base.rsplit_once('/').unwrap();
    let url = |name: &str| match query {
        Some(query) => format!("{authority}/{name}?{query}"),
        None => format!("{authority}/{name}"),
    };
    let names = [format!("kept_{short}"), format!("back_{short}")];
    for name in &names {
        run(Command::new(tool("createdb")).args(["--maintenance-db", &server, name]));
    }
    let on = |name: &str, home: &str, args: &[&str]| {
        let mut command = program();
        command.env("DOCKET_HOME", folder.path(home));
        command
            .args(args)
            .args(["--db", &url(name), "--at", MORNING]);
        ran(command.output().expect("the program starts"), args)
    };
    let [kept, back] = &names;
    on(kept, "home", &["demo", "--no-serve"]).exits(0);
    let compare = ["replay", "--compare", "--json"];
    let before = digest(&on(kept, "home", &compare).exits(0));
    let dump = folder.path("desk.dump");
    run(Command::new(tool("pg_dump")).args(["--format=custom", "--file", &dump, &url(kept)]));
    run(Command::new(tool("pg_restore")).args([
        "--exit-on-error",
        "--no-owner",
        "--dbname",
        &url(back),
        &dump,
    ]));
    std::fs::create_dir_all(folder.path("other/keys")).unwrap();
    for name in files(&folder.path("home/keys")) {
        let (from, to) = (format!("home/keys/{name}"), format!("other/keys/{name}"));
        std::fs::copy(folder.path(&from), folder.path(&to)).unwrap();
    }
    on(back, "other", &["doctor"]).exits(0);
    assert_eq!(digest(&on(back, "other", &compare).exits(0)), before);
    for name in &names {
        run(Command::new(tool("dropdb")).args(["--force", "--maintenance-db", &server, name]));
    }
}
