//! The desk under measurement: made through the engine as any desk, and served by the executable.

use super::{Options, load};
use adapter::Secret;
use engine::Engine;
use engine::intake::Trust;
use sim::paper::stripe::signature;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant as Clock};
use store::{Keys, Registry, Store, Whole};

/// Webhooks come to so many accounts in turn, all of one merchant.
pub const ACCOUNTS: i64 = 20;
const BATCH: i64 = 500;
/// Due in the far future: timers that fire are not what is measured.
const DAYS: i64 = 20_000;

pub enum Kind {
    Sqlite,
    Postgres(String),
}

impl Kind {
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Sqlite => "SQLite",
            Kind::Postgres(_) => "PostgreSQL",
        }
    }
}

/// Where the desk is.
pub struct Place {
    pub folder: PathBuf,
    /// The server, and the schema on it.
    pub server: Option<(String, String)>,
}

pub struct Desk {
    pub place: Place,
    pub cases: i64,
    key: String,
    /// The number after the last webhook ever sent.
    next: i64,
    _folder: Option<tempfile::TempDir>,
}

impl Desk {
    pub fn make(kind: &Kind, options: &Options) -> Desk {
        let (folder, temporary) = match &options.folder {
            Some(folder) => (Path::new(folder).join(kind.name()), None),
            None => {
                let temporary = tempfile::tempdir().unwrap();
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        std::fs::create_dir_all(&folder).unwrap();
        let server = match kind {
            Kind::Sqlite => None,
            Kind::Postgres(url) => {
                let schema = match temporary {
                    Some(_) => format!("http_{}", std::process::id()),
                    None => String::from("http_kept"),
                };
                Some((url.clone(), schema))
            }
        };
        let place = Place { folder, server };
        let begun = Clock::now();
        let made = match &place.server {
            None => fill(
                store::sqlite::Store::open(&place.folder).unwrap(),
                options.cases,
            ),
            Some((url, schema)) => {
                let keys = Keys::open(&place.folder).unwrap();
                let store = store::pg::Store::connect_in(url, schema, keys).unwrap();
                let made = fill(store, options.cases);
                settle_statistics(url, schema);
                made
            }
        };
        if made > 0 {
            println!("  made {made} cases in {:.0?}", begun.elapsed());
        }
        settings(&place);
        let key = mint(&place);
        Desk {
            place,
            cases: options.cases,
            key,
            // Whatever earlier runs over a kept desk sent lies below.
            next: options.cases + seconds_now() % 1_000_000 * 10_000,
            _folder: temporary,
        }
    }

    /// Waits until nothing is left to process, and says how long that took.
    pub fn idle(&self) -> Duration {
        let begun = Clock::now();
        let mut store = self.place.store();
        while !store.pending(1).unwrap().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(900), "never idle");
            std::thread::sleep(Duration::from_millis(50));
        }
        begun.elapsed()
    }

    pub fn serve(&self) -> Serving {
        let mut command = self
            .place
            .docket(&["serve", "--listen", "127.0.0.1:0", "--json"]);
        let log = std::fs::File::create(self.place.folder.join("serve.log")).unwrap();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        while !said.trim_end().ends_with('}') {
            assert!(reader.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let serving = Serving {
            address: said["listening"].as_str().unwrap().to_owned(),
            child,
        };
        self.idle();
        serving
    }

    pub fn get(&self, path: &str) -> Vec<u8> {
        format!(
            "GET {path} HTTP/1.1\r\nhost: desk\r\nauthorization: Bearer {}\r\n\r\n",
            self.key
        )
        .into_bytes()
    }

    pub fn delete(&self, path: &str) -> Vec<u8> {
        let get = String::from_utf8(self.get(path)).unwrap();
        get.replacen("GET", "DELETE", 1).into_bytes()
    }

    pub fn post(&self, path: &str, form: &str) -> Vec<u8> {
        format!(
            "POST {path} HTTP/1.1\r\nhost: desk\r\nauthorization: Bearer {}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.key,
            form.len()
        )
        .into_bytes()
    }

    /// Numbers for so many webhooks that were never sent.
    pub fn fresh(&mut self, count: u64) -> i64 {
        let first = self.next;
        self.next += i64::try_from(count).unwrap();
        first
    }

    pub fn webhook(&self, first: i64, number: u64) -> Vec<u8> {
        let number = first + i64::try_from(number).unwrap();
        let body = load::body(number, DAYS);
        let now = calendar::Instant::from_unix_seconds(seconds_now()).unwrap();
        let (name, value) = signature(load::SECRET, &body, now);
        let head = format!(
            "POST /in/stripe/{} HTTP/1.1\r\nhost: desk\r\n{name}: {value}\r\ncontent-length: {}\r\n\r\n",
            account(number),
            body.len()
        );
        [head.into_bytes(), body].concat()
    }

    pub fn remove(self, options: &Options) {
        let kept = options.folder.is_some();
        if let (Some((url, schema)), false) = (&self.place.server, kept) {
            let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
            let sql =
                format!("DROP SCHEMA {schema} CASCADE; DROP ROLE IF EXISTS docket_sight_{schema}");
            client.batch_execute(&sql).unwrap();
        }
    }
}

pub fn seconds_now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn account(number: i64) -> String {
    format!("acct_{}", number % ACCOUNTS)
}

/// Takes in what is missing to so many cases, and says how many that were. Nobody is told of them.
fn fill<S: Store + Registry>(mut store: S, cases: i64) -> i64 {
    store.migrate().unwrap();
    let there: u64 = store
        .intake()
        .unwrap()
        .iter()
        .map(|row| row.documents)
        .sum();
    let there = i64::try_from(there).unwrap();
    if there >= cases {
        return 0;
    }
    let mut desk = Engine::new(store, providers::list::ALL);
    let secrets = [Secret {
        label: "bench".to_owned(),
        value: load::SECRET.to_vec(),
    }];
    for from in (there..cases).step_by(usize::try_from(BATCH).unwrap()) {
        let until = cases.min(from + BATCH);
        let wave: Vec<_> = (from..until)
            .map(|number| load::arrival(number, DAYS, &account(number)))
            .collect();
        desk.receive(&wave, &Trust::Signed(&secrets)).unwrap();
        desk.absorb(load::at(until)).unwrap();
    }
    let last = last_fact(&mut desk.store);
    desk.store.publish(&[], &[], last).unwrap();
    cases - there
}

fn last_fact<S: Registry>(store: &mut S) -> u64 {
    let mut last = store.published_until().unwrap();
    loop {
        let page = store.learned_after(last, 100_000).unwrap();
        match page.last() {
            Some(learned) => last = learned.sequence,
            None => return last,
        }
    }
}

/// What the server's own vacuum does after a while.
fn settle_statistics(url: &str, schema: &str) {
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    let sql = format!("SET search_path TO {schema}");
    client.batch_execute(&sql).unwrap();
    let tables = client
        .query(
            "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'",
            &[],
        )
        .unwrap();
    for row in tables {
        let table: String = row.get(0);
        client
            .batch_execute(&format!("VACUUM ANALYZE {table}"))
            .unwrap();
    }
}

/// The settings of a desk whose callers are not held back: the limits are not what is measured.
fn settings(place: &Place) {
    let mut text = String::from(
        "[limits]\nreads_per_second = 1000000\nreads_burst = 1000000\nwrites_per_second = 1000000\n\
         writes_burst = 1000000\nper_key = 1000\n[webhooks]\nloopback = true\n[observability]\nlog = \"warn\"\n",
    );
    for number in 0..ACCOUNTS {
        text.push_str(&format!(
            "[[account]]\nprovider = \"stripe\"\naccount = \"acct_{number}\"\nwebhook_secrets.current = {{ file = \"secret\" }}\n"
        ));
    }
    std::fs::write(place.folder.join("desk.toml"), text).unwrap();
    std::fs::write(place.folder.join("secret"), load::SECRET).unwrap();
}

/// A merchant that owns every account, and its key.
fn mint(place: &Place) -> String {
    place.run(&["merchant", "add", "Merchant 1", "--id", "mer_bench"]);
    for number in 0..ACCOUNTS {
        let account = format!("acct_{number}");
        place.run(&["merchant", "own", "mer_bench", "stripe", &account]);
    }
    let minted = place.run(&[
        "api-key",
        "mint",
        "bench",
        "--merchant",
        "mer_bench",
        "--role",
        "merchant-member",
        "--json",
    ]);
    let minted: serde_json::Value = serde_json::from_str(&minted).unwrap();
    minted["secret"].as_str().unwrap().to_owned()
}

impl Place {
    fn store(&self) -> Box<dyn Whole> {
        let keys = Keys::open(&self.folder).unwrap();
        match &self.server {
            None => Box::new(store::sqlite::Store::open_with(&self.folder, keys).unwrap()),
            Some((url, schema)) => {
                Box::new(store::pg::Store::connect_in(url, schema, keys).unwrap())
            }
        }
    }

    fn docket(&self, args: &[&str]) -> Command {
        let program = std::env::var("DOCKET_PROGRAM")
            .expect("DOCKET_PROGRAM names the executable; `cargo xtask bench` sets it");
        let mut command = Command::new(program);
        command.args(args).env("DOCKET_USER", "bench");
        match &self.server {
            None => command.arg("--dir").arg(&self.folder),
            Some((url, schema)) => {
                let joint = if url.contains('?') { '&' } else { '?' };
                command
                    .env("DOCKET_HOME", &self.folder)
                    .args(["--db", &format!("{url}{joint}schema={schema}")])
            }
        };
        command
    }

    fn run(&self, args: &[&str]) -> String {
        let ran = self.docket(args).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        // What an earlier run over a kept desk made is there.
        assert!(
            ran.status.success() || args.contains(&"add"),
            "{args:?}: {said}"
        );
        String::from_utf8(ran.stdout).unwrap()
    }
}

/// A running `docket serve`; told to stop when dropped.
pub struct Serving {
    pub address: String,
    child: Child,
}

impl Serving {
    /// Resident memory in MB, by the kernel's count.
    pub fn megabytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024
    }

    /// Processor seconds so far, of all its threads.
    pub fn cpu(&self) -> f64 {
        const TICKS_A_SECOND: f64 = 100.0;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, after) = stat.rsplit_once(')').unwrap();
        let ticks: Vec<f64> = after
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse().unwrap())
            .collect();
        ticks.iter().sum::<f64>() / TICKS_A_SECOND
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        let _told = Command::new("kill").args(["-TERM", &id]).status();
        let _ended = self.child.wait();
    }
}
