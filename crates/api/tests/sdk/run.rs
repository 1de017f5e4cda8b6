//! Where the clients are, and over which databases they run.

use crate::desk::Served;
use app::Place;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct Clients(PathBuf);

/// A database to run over.
pub enum Kept {
    Sqlite,
    Postgres,
}

/// Set in the process that runs one test over PostgreSQL: the desk's URL. Its keys are in DOCKET_HOME, which cannot be set
/// in a process that has threads.
const OVER: &str = "DOCKET_TEST_OVER";

impl Kept {
    pub fn all() -> Vec<Kept> {
        if std::env::var_os(OVER).is_some() {
            return vec![Kept::Sqlite];
        }
        let postgres = std::env::var_os("DOCKET_TEST_POSTGRES").map(|_| Kept::Postgres);
        if postgres.is_none() {
            eprintln!("not over PostgreSQL: DOCKET_TEST_POSTGRES does not name one");
        }
        std::iter::once(Kept::Sqlite).chain(postgres).collect()
    }

    /// Where to make the desk, below this folder; `None`: in a process of its own.
    pub fn place(&self, folder: &Path) -> Option<Place> {
        match (self, std::env::var(OVER)) {
            (_, Ok(url)) => Some(Place::Postgres(url)),
            (Kept::Sqlite, Err(_)) => Some(Place::Folder(folder.join("desk"))),
            (Kept::Postgres, Err(_)) => None,
        }
    }
}

/// Runs the calling test once more, over a schema of its own.
pub fn again_over_postgres(script: &str) {
    let url = std::env::var("DOCKET_TEST_POSTGRES").expect("looked at before");
    let test = std::thread::current()
        .name()
        .expect("tests have names")
        .to_owned();
    let home = tempfile::tempdir().expect("a folder");
    let name: String = script
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let schema = format!("sdk_{name}_{}", std::process::id());
    let status = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", &test, "--nocapture"])
        .env(OVER, format!("{url}?schema={schema}"))
        .env("DOCKET_HOME", home.path())
        .status()
        .expect("this program starts");
    assert!(status.success(), "{script} over PostgreSQL");
}

/// Runs a test over every database, by a name that its schema on PostgreSQL can have.
pub fn over_each(name: &str, test: impl Fn(&Place)) {
    for kept in Kept::all() {
        let folder = tempfile::tempdir().expect("a folder");
        match kept.place(folder.path()) {
            Some(place) => test(&place),
            None => again_over_postgres(name),
        }
    }
}

impl Clients {
    pub fn find() -> Option<Clients> {
        std::env::var_os("DOCKET_TEST_CLIENTS").map(|at| Clients(PathBuf::from(at)))
    }

    /// A program among them.
    pub fn program(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Runs a script against a desk; it fails by its exit status, with its words.
    #[track_caller]
    pub fn run(&self, script: &str, served: &Served) {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let mut command = match script.ends_with(".py") {
            true => Command::new(self.0.join("python/bin/python")),
            false => Command::new("node"),
        };
        let out = tempfile::tempdir().expect("a folder");
        let done = command
            .arg(tests.join(script))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DOCKET_CLIENTS", &self.0)
            .env("DOCKET_URL", &served.url)
            .env("DOCKET_KEY", &served.key)
            .env("DOCKET_OTHER_KEY", &served.other_key)
            .env("DOCKET_DESK_KEY", &served.desk_key)
            .env("DOCKET_VIEWER_KEY", &served.viewer_key)
            .env("DOCKET_TEST_KEY", &served.test_key)
            .env("DOCKET_OUT", out.path())
            .output()
            .expect("the client starts");
        let words = [done.stdout, done.stderr].concat();
        let words = String::from_utf8_lossy(&words);
        assert!(
            done.status.success(),
            "{script} over {}:\n{words}",
            served.place
        );
    }
}
