//! Several processes over one database, where `DOCKET_TEST_POSTGRES` names a server: one works, another takes over, and one
//! that was stopped and wakes sends nothing more.

use crate::run::{Folder, Ran, docket, program, ran, sample};
use crate::serve::{SIGNED, Serving, WAY};
use crate::stand_in::{Manner, stand_in};
use std::process::Command;

/// The year 2100: these processes run on the system's clock.
const DUE_BY: u64 = 4_102_444_800;

struct Shared {
    folder: Folder,
    url: String,
}

impl Shared {
    fn new(server: &str) -> Shared {
        let folder = Folder::new();
        let hash = dispute::id::sha256_hex(folder.path("").as_bytes());
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}schema=cli_{}", hash.get(..16).unwrap());
        Shared { folder, url }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command
            .env("DOCKET_HOME", self.folder.path("home"))
            .env("DOCKET_WORKER_LEASE_SECONDS", "2")
            .args(args)
            .args(["--db", &self.url]);
        command
    }

    fn docket(&self, args: &[&str]) -> Ran {
        ran(
            self.command(args).output().expect("the program starts"),
            args,
        )
    }

    fn serve(&self) -> Serving {
        Serving::run(self.command(&["serve", "--listen", "127.0.0.1:0", "--json"]))
    }

    fn status(&self) -> String {
        let shown = self
            .docket(&["show", "dp_sample_1", "--json"])
            .exits(0)
            .json();
        shown["status"].to_string()
    }
}

#[test]
fn a_holder_that_was_stopped_wakes_and_sends_nothing_more() {
    let Ok(server) = std::env::var("DOCKET_TEST_POSTGRES") else {
        eprintln!("skipped: DOCKET_TEST_POSTGRES names no server");
        return;
    };
    let desk = Shared::new(&server);
    let provider = stand_in(Manner::Answer);
    provider.held.lock().unwrap().due_by = DUE_BY;
    let adyen = "[[account]]\nprovider = \"adyen\"\naccount = \"Merchant1Retail\"\n\
                 webhook_secrets.demo = { file = \"secrets/adyen\" }\n";
    let settings = provider.settings("default") + adyen;
    // The demonstration's synthetic key, with which the notification is signed.
    desk.folder
        .write("home/secrets/adyen", b"00112233445566778899aabbccddeeff");
    desk.folder.write("home/desk.toml", settings.as_bytes());
    desk.folder.write("home/secrets/stripe-key", b"a-key\n");
    let created = std::fs::read_to_string(sample("created.json")).unwrap();
    let created = created.replace("1773705599", &DUE_BY.to_string());
    let created = desk.folder.write("created.json", created.as_bytes());
    desk.docket(&["ingest", "stripe", &created, "--account", "default"])
        .exits(0);
    let slot = [
        "evidence",
        "save",
        "dp_sample_1",
        "tracking_number",
        "--text",
        "Delivered",
    ];
    desk.docket(&slot).exits(0);
    desk.docket(&["evidence", "seal", "dp_sample_1"]).exits(0);

    let mut first = desk.serve();
    let mut second = desk.serve();
    // Both serve; one works, so a command line may not send beside them.
    assert_eq!(first.send("GET", "/readyz", &[], b"").0, 200);
    assert_eq!(second.send("GET", "/readyz", &[], b"").0, 200);
    desk.docket(&["submit", "dp_sample_1", "--send"])
        .exits(2)
        .complains("DP-3013");

    // The first process is stopped in the middle of sending.
    provider.held.lock().unwrap().stops = Some(first.child.id());
    desk.docket(&["submit", "dp_sample_1"]).exits(0);
    second.until(
        "the second took over and the provider has the answer",
        || docket(&["reference"]).code == 0 && desk.status().contains("theirs"),
    );
    assert!(
        provider.held.lock().unwrap().stops.is_none(),
        "nobody was stopped"
    );
    assert_eq!(provider.held.lock().unwrap().answers, 1);

    // It wakes while the other works, and again when it works alone.
    first.signal("-CONT");
    assert_eq!(first.send("GET", "/healthz", &[], b"").0, 200);
    second.stop();
    let (status, said) = first.send("POST", WAY, &[], SIGNED.as_bytes());
    assert_eq!(status, 200, "{said}");
    first.until("the first works again", || {
        desk.docket(&["show", "8815000000000001"]).code == 0
    });
    assert_eq!(provider.held.lock().unwrap().answers, 1);
    first.stop();
    // Whoever ends well gives the right back at once.
    desk.docket(&["submit", "dp_sample_1", "--send"]).exits(4);
    desk.docket(&["doctor"]).exits(0);
}
