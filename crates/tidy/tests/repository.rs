//! The rules over the real tree, one test a rule, so that a failure names it.

use std::path::Path;
use std::sync::OnceLock;

use tidy::{RULES, Repository, covered_failure_cases};

fn repository() -> &'static Repository {
    static TREE: OnceLock<Repository> = OnceLock::new();
    TREE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root
            .canonicalize()
            .expect("the crate lies two folders below the root");
        Repository::load(&root).expect("the tree can be read")
    })
}

#[track_caller]
fn check(rule: &str) {
    let (_, find) = RULES
        .iter()
        .find(|(name, _)| *name == rule)
        .expect("the rule is listed");
    let found: Vec<String> = find(repository()).iter().map(ToString::to_string).collect();
    assert!(
        found.is_empty(),
        "{rule}: {} violations\n{}",
        found.len(),
        found.join("\n")
    );
}

macro_rules! rules {
    ($($test:ident: $rule:literal,)*) => {
        $(#[test] fn $test() { check($rule); })*
        /// A rule that is listed but not run would be no rule.
        #[test]
        fn every_rule_is_run() {
            let run = [$($rule),*];
            let listed: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
            assert_eq!(run.as_slice(), listed);
        }
    };
}

rules! {
    rooms_use_only_what_they_may: "rooms use only what they may",
    pure_rooms_have_no_std: "pure rooms have no std",
    crate_roots_say_what_they_are: "crate roots say what they are",
    workspace_dependencies_have_reasons: "workspace dependencies have reasons",
    providers_names_stay_in_their_folders: "providers' names stay in their folders",
    files_are_short: "files are short",
    functions_are_short: "functions are short",
    error_codes_have_pages: "error codes have pages and pages have codes",
    links_resolve: "links resolve",
    pages_can_be_found: "pages can be found",
    forbidden_words_are_absent: "forbidden words are absent",
    no_card_numbers: "no card numbers",
    comments_say_more_than_names: "comments say more than names",
    cited_failure_cases_exist: "cited failure cases exist",
}

#[test]
fn the_tree_was_read() {
    assert!(
        repository()
            .text("Cargo.toml")
            .is_some_and(|text| text.contains("[workspace]"))
    );
    assert!(repository().rust().count() > 20);
}

/// `cargo test -p tidy -- --nocapture failure` prints the coverage.
#[test]
fn covered_failure_cases_are_printed() {
    let covered = covered_failure_cases(repository());
    for (case, paths) in &covered {
        println!("F-{case:02} {}", paths.join(" "));
    }
    println!("{} failure cases covered", covered.len());
}
