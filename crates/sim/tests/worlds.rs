//! Every world of `worlds/` runs: on SQLite always, on PostgreSQL where `DOCKET_TEST_POSTGRES` names a server.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use sim::world::{Story, run};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the tests find a server.
const SERVER: &str = "DOCKET_TEST_POSTGRES";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("worlds")
}

/// All worlds, by name.
fn stories() -> Vec<Story> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "world")
        })
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        Story::read(name, &std::fs::read_to_string(path).unwrap()).unwrap()
    };
    paths.iter().map(read).collect()
}

/// Worlds that show a fault not yet mended, with the reason: `name.world reason`. The list only shrinks.
fn known_failing() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("known-failing.txt")).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, reason) = line.split_once(' ').unwrap();
            (name.to_owned(), reason.to_owned())
        })
        .collect()
}

#[track_caller]
fn check(open: impl Fn(&Story) -> Box<dyn store::Store>) {
    let known = known_failing();
    let mut wrong = Vec::new();
    let stories = stories();
    for story in &stories {
        let failed = run(story, open(story)).and_then(|ending| match ending.expectations {
            0 => Err(format!("{}: expects nothing", story.name)),
            _ => Ok(()),
        });
        match (failed, known.get(&story.name)) {
            (Ok(()), None) => {}
            (Ok(()), Some(reason)) => wrong.push(format!(
                "{} passes now; take it off known-failing.txt ({reason})",
                story.name
            )),
            (Err(words), None) => wrong.push(words),
            (Err(words), Some(reason)) => eprintln!("known failing: {words} ({reason})"),
        }
    }
    for name in known
        .keys()
        .filter(|name| !stories.iter().any(|story| story.name == **name))
    {
        wrong.push(format!("known-failing.txt names {name}, which is no world"));
    }
    assert!(
        wrong.is_empty(),
        "{} of {} worlds fail:\n{}",
        wrong.len(),
        stories.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_world_holds_on_sqlite() {
    check(|_| Box::new(store::sqlite::Store::memory().unwrap()));
}

#[test]
fn every_world_holds_on_postgresql() {
    let Ok(url) = std::env::var(SERVER) else {
        eprintln!("skipped: no PostgreSQL for the worlds; name a server in {SERVER}");
        return;
    };
    let number = AtomicU32::new(0);
    check(|_| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        let schema = format!("world_{}_{number}", std::process::id());
        let keys = store::Keys::known_to_everybody();
        let mut store = store::pg::Store::connect_in(&url, &schema, keys).unwrap();
        store::Store::migrate(&mut store).unwrap();
        Box::new(store)
    });
}

#[test]
fn the_covered_failure_cases_are_those_on_the_list() {
    let mut covered: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let known = known_failing();
    for story in stories()
        .iter()
        .filter(|story| !known.contains_key(&story.name))
    {
        for id in &story.covers {
            covered
                .entry(id.clone())
                .or_default()
                .push(story.name.clone());
        }
    }
    let mut text = String::new();
    for (id, names) in &covered {
        text.push_str(&format!("{id} {}\n", names.join(" ")));
    }
    let path = folder().join("covered.txt");
    if std::env::var_os("DOCKET_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let listed = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        text, listed,
        "run with DOCKET_BLESS=1 to write worlds/covered.txt"
    );
}

/// A world of one dispute in which the last line is wrong.
#[track_caller]
fn check_fails(line: &str, found: &str) {
    let text = format!(
        "world 2026-03-02T09:00:00Z\n\
         stripe holds du_1 amount=12.34usd due=2026-03-16T23:59:59Z\n\
         stripe moves du_1 txn_1 -12.34usd fee=15.00usd\n\
         stripe sends charge.dispute.created du_1\n\
         expect dispute du_1 chargeback/ours\n\
         {line}\n"
    );
    let story = Story::read("wrong.world", &text).unwrap();
    let words = run(&story, Box::new(store::sqlite::Store::memory().unwrap())).unwrap_err();
    assert!(words.starts_with("wrong.world:6: "), "{words}");
    assert!(words.contains(found), "{words}");
}

#[test]
fn a_wrong_expectation_fails_with_its_line_and_what_was_found() {
    check_fails(
        "expect dispute du_1 chargeback/theirs",
        "is chargeback/ours",
    );
    check_fails(
        "expect dispute du_1 chargeback/ours respond_by=2026-03-15",
        "respond_by is 2026-03-16T23:59:59Z",
    );
    check_fails(
        "expect dispute du_1 chargeback/ours disputed=-",
        "disputed is 12.34 USD",
    );
    check_fails("expect cases 2", "found 1");
    check_fails("expect no case du_1", "it is ours");
    check_fails(
        "expect no obligation du_1 respond/chargeback",
        "has respond/chargeback",
    );
    check_fails(
        "expect obligation du_1 respond/chargeback met",
        "found open",
    );
    check_fails(
        "expect obligation du_1 respond/chargeback open due=2026-03-17",
        "found 2026-03-16",
    );
    check_fails(
        "expect obligation du_1 return-funds open",
        "no obligation return-funds",
    );
    check_fails("expect finding du_1 residue", "no finding residue");
    check_fails("expect finding du_1 odd", "no kind of finding");
    check_fails(
        "expect ledger dispute-receivable 12.35usd",
        "found 12.34 USD",
    );
    check_fails(
        "expect ledger dispute-fees 15.00usd case=du_2",
        "no case is called",
    );
    check_fails("expect entries du_1 3", "found 2");
    check_fails("expect outbox submit/chargeback", "the outbox has []");
    check_fails("expect asked stripe POST 1", "found 0");
    check_fails(
        "expect header stripe POST Stripe-Account:acct_1",
        "found []",
    );
    check_fails("expect documents applied=2", "found 1");
    check_fails("expect quarantined signature", "no held document");
    check_fails("expect reject DP-2006", "no reject DP-2006");
    check_fails("expect rejected DP-1006", "nothing was rejected");
    check_fails("expect apart du_1 du_1", "is in family");
    check_fails("analyst accept du_1 now=yes", "did not expect `now`");
    check_fails("stripe sings", "does not `sings`");
}

#[test]
fn a_rejection_that_nobody_expects_fails_the_world() {
    let text = "world 2026-03-02T09:00:00Z\nstripe holds du_1 amount=12.34usd\nstripe sends charge.dispute.created du_1\nanalyst submit du_1\n";
    let story = Story::read("wrong.world", text).unwrap();
    let words = run(&story, Box::new(store::sqlite::Store::memory().unwrap())).unwrap_err();
    assert!(words.contains("DP-1014"), "{words}");
}

#[test]
fn a_document_that_still_waits_at_the_end_breaks_the_world() {
    let text = "world 2026-03-02T09:00:00Z\nstripe holds du_1 amount=12.34usd\nqueue\nstripe sends charge.dispute.created du_1\n";
    let story = Story::read("wrong.world", text).unwrap();
    let words = run(&story, Box::new(store::sqlite::Store::memory().unwrap())).unwrap_err();
    assert!(words.contains("is still pending"), "{words}");
}

#[test]
fn a_second_answer_that_a_provider_took_is_a_break() {
    let key = |stage: &str| ("stripe".to_owned(), "du_1".to_owned(), stage.to_owned());
    let mut taken = BTreeMap::from([(key("inquiry"), 1), (key("chargeback"), 1)]);
    assert_eq!(sim::invariants::answered_once(&taken), Vec::<String>::new());
    taken.insert(key("chargeback"), 2);
    let breaks = sim::invariants::answered_once(&taken);
    assert_eq!(breaks, ["stripe took 2 answers for du_1 at chargeback"]);
}

#[test]
fn an_answer_laid_out_and_never_asked_for_fails_the_world() {
    let text = "world 2026-03-02T09:00:00Z\nanswers stripe \"POST /v1\" 500\n";
    let story = Story::read("wrong.world", text).unwrap();
    let words = run(&story, Box::new(store::sqlite::Store::memory().unwrap())).unwrap_err();
    assert!(words.contains("nobody asked stripe"), "{words}");
}

#[test]
fn a_world_that_does_not_read_names_its_line() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Story::read("w.world", text).unwrap_err(), expected);
    }
    check("covers F-01\n", "w.world:1: expected a `world` line first");
    check(
        "world 2026-03-02T09:00:00Z\nexpect \"cases 1\n",
        "w.world:2: a quotation mark without its partner",
    );
    check(
        "world 2026-03-02T09:00:00Z\nraw stripe file x <<<\n",
        "w.world:2: `<<<` without `>>>`",
    );
    check(
        "world 2026-03-02T09:00:00Z\nexpect \\\n",
        "w.world:2: nothing follows `\\`",
    );
}
