//! What is attacked: a desk of two merchants, served, and everything by which one could see that something happened to it.

use super::Attack;
use crate::base::{self, Base, client};
use crate::run::{Folder, sample};
use crate::serve::Serving;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

/// When everything arrived: long enough ago that no clock of the desk still runs, whenever the tests do.
const ARRIVED: &str = "2024-03-02T09:05:00Z";
/// Until when answers are due, in Unix seconds: nobody who runs these tests sees that day (2099-12-31).
const DUE_BY: &str = "4102444799";
/// The secrets with which notifications to both accounts of Stripe are signed.
pub const SECRETS: [&str; 2] = ["synthetic-signing-key-1", "synthetic-signing-key-2"];
const SETTINGS: &str = "[[account]]\nprovider = \"stripe\"\naccount = \"merchant_1\"\n\
    webhook_secrets.now = { file = \"secrets/stripe-1\" }\n\
    [[account]]\nprovider = \"stripe\"\naccount = \"merchant_2\"\n\
    webhook_secrets.now = { file = \"secrets/stripe-2\" }\n\
    [[account]]\nprovider = \"adyen\"\naccount = \"Merchant1Retail\"\n\
    webhook_secrets.now = { file = \"secrets/adyen\" }\n";
/// Attacks come faster than any caller may: what is tried is the refusal behind the limit.
const LIMITS: [(&str, &str); 4] = [
    ("DOCKET_LIMITS_READS_PER_SECOND", "1000000"),
    ("DOCKET_LIMITS_READS_BURST", "1000000"),
    ("DOCKET_LIMITS_WRITES_PER_SECOND", "1000000"),
    ("DOCKET_LIMITS_WRITES_BURST", "1000000"),
];

/// Tables whose rows an attack must leave as they are, each without the columns that merely say that somebody called.
const KEPT: [&str; 30] = [
    "SELECT d.* FROM documents d JOIN document_states s ON s.document = d.sequence WHERE s.fate <> 'quarantined'",
    "SELECT * FROM document_states WHERE fate <> 'quarantined'",
    "SELECT * FROM facts",
    "SELECT * FROM refs",
    "SELECT * FROM cases",
    "SELECT * FROM case_refs",
    "SELECT * FROM entries",
    "SELECT * FROM legs",
    "SELECT * FROM balances",
    "SELECT * FROM obligations",
    "SELECT * FROM timers",
    "SELECT * FROM outbox",
    "SELECT * FROM submissions",
    "SELECT * FROM findings",
    "SELECT * FROM blobs",
    "SELECT * FROM leaves",
    "SELECT * FROM merchants",
    "SELECT * FROM owned",
    "SELECT * FROM people",
    "SELECT * FROM grants",
    "SELECT token_hash, person, merchant, live, created_at, rotated_at, stepped_up_at, ended_at FROM sessions",
    "SELECT * FROM errands",
    "SELECT id, hash, label, live, merchant, grants, addresses, expires_at, revoked_at FROM api_keys",
    "SELECT * FROM once",
    "SELECT * FROM endpoints",
    "SELECT * FROM events",
    "SELECT * FROM deliveries",
    "SELECT * FROM files",
    "SELECT * FROM file_links",
    "SELECT * FROM metadata",
];

/// A desk of two merchants, served, with keys of both.
pub struct Target {
    // In the order in which they go.
    pub serving: Serving,
    pub desk: Base,
    _folder: Folder,
    /// Of `mer_1`: every right of a merchant.
    pub member: String,
    /// Of `mer_1`: may read and nothing else.
    pub viewer: String,
    /// Of `mer_2`.
    pub other: String,
    /// A dispute of `mer_1` that waits for its answer, and one of `mer_2`, as the interface for programs names them.
    pub own: String,
    pub foreign: String,
}

/// One event about the dispute `name`.
fn event(folder: &Folder, file: &str, name: &str, status: &str) -> String {
    let text = std::fs::read_to_string(sample(file)).expect("a sample");
    let text = text
        .replace("_sample_1", &format!("_{name}_1"))
        .replace("_sample_", &format!("_{name}_{status}_"))
        .replace("1773705599", DUE_BY)
        .replace("\"status\": \"won\"", &format!("\"status\": \"{status}\""));
    folder.write(&format!("{name}-{file}"), text.as_bytes())
}

/// Makes the desk: `own` and `over` of one merchant, `foreign` of the other.
fn furnish(folder: &Folder, desk: &Base) {
    folder.write("desk/desk.toml", SETTINGS.as_bytes());
    folder.write("desk/secrets/stripe-1", SECRETS[0].as_bytes());
    folder.write("desk/secrets/stripe-2", SECRETS[1].as_bytes());
    folder.write("desk/secrets/adyen", b"00112233445566778899aabbccddeeff");
    let run = |args: &[&str]| desk.run(&[args, &["--at", ARRIVED]].concat()).exits(0);
    let take = |account: &str, file: &str| {
        run(&["ingest", "stripe", file, "--account", account]);
    };
    for (name, account) in [("own", "merchant_1"), ("foreign", "merchant_2")] {
        take(account, &event(folder, "created.json", name, ""));
    }
    for outcome in ["won", "lost"] {
        take(
            "merchant_1",
            &event(folder, "created.json", outcome, outcome),
        );
        take(
            "merchant_1",
            &event(folder, "closed.json", outcome, outcome),
        );
    }
    for (merchant, account) in [("mer_1", "merchant_1"), ("mer_2", "merchant_2")] {
        run(&["merchant", "add", merchant, "--id", merchant]);
        run(&[
            "merchant", "own", merchant, "stripe", account, "--mode", "live",
        ]);
    }
}

impl Target {
    pub fn in_a_folder() -> Target {
        let folder = Folder::new();
        let desk = Base::folder(&folder);
        Target::start(folder, desk)
    }

    /// `None` where no server is named.
    pub fn in_postgres() -> Option<Target> {
        let server = base::server()?;
        let folder = Folder::new();
        let desk = Base::postgres(&folder, &server);
        Some(Target::start(folder, desk))
    }

    fn start(folder: Folder, desk: Base) -> Target {
        furnish(&folder, &desk);
        let serve = || {
            let mut command = desk.serve();
            command.envs(LIMITS);
            Serving::run(command)
        };
        // One run to its end: whatever the clock still had to say about a desk of long ago is said.
        serve().stop();
        let mut target = Target {
            serving: serve(),
            desk,
            _folder: folder,
            member: String::new(),
            viewer: String::new(),
            other: String::new(),
            own: String::new(),
            foreign: String::new(),
        };
        target.member = target.key("mer_1", &["--role", "merchant-member"]).1;
        target.viewer = target.key("mer_1", &["--role", "merchant-viewer"]).1;
        target.other = target.key("mer_2", &["--role", "merchant-member"]).1;
        target.own = target.listed(&target.member, "ours");
        target.foreign = target.listed(&target.other, "ours");
        target
    }

    /// Makes a key and gives its id and secret.
    pub fn key(&self, merchant: &str, more: &[&str]) -> (String, String) {
        let mint = ["api-key", "mint", "Shop", "--merchant", merchant];
        let args = [&mint[..], more, &["--json"]].concat();
        let minted = self.desk.run(&args).exits(0).json();
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        (text(&minted["key"]["id"]), text(&minted["secret"]))
    }

    /// The only dispute that a key's list holds of this status.
    pub fn listed(&self, key: &str, status: &str) -> String {
        let path = format!("/v1/disputes?docket[status]={status}");
        let bearer = format!("Bearer {key}");
        let (status, body) = self
            .serving
            .send("GET", &path, &[("authorization", &bearer)], b"");
        assert_eq!(status, 200, "{body}");
        let list: serde_json::Value = serde_json::from_str(&body).expect("a list");
        assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "{body}");
        list["data"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// The bytes of an attack on a connection of their own, and everything that came back. One that is no well-formed request
    /// ends its side, so that nobody waits for the rest.
    pub fn exchange(&self, attack: &Attack) -> String {
        let mut stream = TcpStream::connect(&self.serving.address).expect("it listens");
        // One that refuses early closes before it has read everything.
        let _sent = stream.write_all(&attack.request);
        if attack.refused.contains(&0) {
            let _no_more = stream.shutdown(Shutdown::Write);
        }
        let mut answer = Vec::new();
        let _until_closed = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Words without what differs from run to run.
    pub fn nameless(&self, words: &str) -> String {
        let mut words = words.replace(&self.serving.address, "ADDRESS");
        for (secret, name) in [
            (&self.member, "MEMBER"),
            (&self.viewer, "VIEWER"),
            (&self.other, "OTHER"),
        ] {
            words = words.replace(secret.as_str(), name);
        }
        // Of any other key its last four characters are told.
        let mut parts = words.split("_sk_...");
        let first = parts.next().unwrap_or_default().to_owned();
        let words = parts.fold(first, |words, part| {
            words + "_sk_..." + part.get(4..).unwrap_or_default()
        });
        words
            .replace(&self.own, "OWN")
            .replace(&self.foreign, "FOREIGN")
    }

    /// Everything that an effect would have changed: the number of rows and a digest of each table.
    pub fn effects(&self) -> BTreeMap<&'static str, (usize, u64)> {
        let mut rows: Box<dyn FnMut(&'static str) -> Vec<String>> = match &self.desk {
            Base::Folder { dir } => {
                let desk = std::path::Path::new(dir).join("desk.db");
                let desk = rusqlite::Connection::open(desk).expect("the desk's file");
                Box::new(move |query| rows_in_sqlite(&desk, query))
            }
            Base::Postgres { url, .. } => {
                let mut client = client(url).expect("the server answers");
                Box::new(move |query| rows_in_postgres(&mut client, query))
            }
        };
        let digest = |(query, mut rows): (&'static str, Vec<String>)| {
            rows.sort_unstable();
            let mut hasher = DefaultHasher::new();
            rows.hash(&mut hasher);
            (query, (rows.len(), hasher.finish()))
        };
        let found = KEPT.iter().map(|query| (*query, rows(query)));
        found.map(digest).collect()
    }
}

fn rows_in_sqlite(desk: &rusqlite::Connection, query: &str) -> Vec<String> {
    let mut statement = desk.prepare(query).expect("the table is there");
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let values = (0..columns).map(|column| row.get::<_, rusqlite::types::Value>(column));
        let values: Result<Vec<_>, rusqlite::Error> = values.collect();
        values.map(|values| format!("{values:?}"))
    };
    let rows = statement.query_map([], row).expect("it is read");
    rows.collect::<Result<_, _>>().expect("rows")
}

fn rows_in_postgres(client: &mut postgres::Client, query: &str) -> Vec<String> {
    let query = format!("SELECT whole::text FROM ({query}) AS whole");
    let rows = client.query(&query, &[]).expect("it is read");
    rows.iter().map(|row| row.get(0)).collect()
}
