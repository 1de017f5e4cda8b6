//! The page `docs/reference/attacks.md`: every attack by its name, made from the tests themselves. `BLESS=1` writes it; else it
//! must be as the tests say, so that no attack can be dropped or added without the page saying so.

use super::answers;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What is attacked, and where the attacks on it stand.
struct List {
    name: &'static str,
    about: &'static str,
    sources: &'static [Source],
}

/// Where rows of attacks stand.
enum Source {
    /// What the served desk was sent, by its file of answers, and the test file that sends it.
    Served(&'static str, &'static str),
    /// A test file below `crates`, and the calls whose first argument is the name of an attack; an empty name is a row of a table.
    Rows(&'static str, &'static [&'static str]),
}

use Source::{Rows, Served};

#[rustfmt::skip]
const LISTS: &[List] = &[
    List {
        name: "Inbound webhooks",
        about: "Notifications that nobody signed: kept in quarantine and refused, or not taken at all.",
        sources: &[
            Served("inbound-stripe-header", "inbound.rs"),
            Served("inbound-stripe-body", "inbound.rs"),
            Served("inbound-adyen", "inbound.rs"),
            Served("inbound-ways", "inbound.rs"),
            Rows("providers/src/stripe/signature_tests.rs", &["check"]),
        ],
    },
    List {
        name: "Requests on the wire",
        about: "Requests that two programs on the way could read differently: hung up on, or refused before they are read.",
        sources: &[Served("wire", "wire.rs"), Served("wire-both", "wire.rs")],
    },
    List {
        name: "Forms, queries and JSON",
        about: "Depth, size, names given twice, other types, other encodings, fields that nobody may set, queries that cost too much.",
        sources: &[
            Served("forms", "words.rs"),
            Served("queries", "words.rs"),
            Served("json", "words.rs"),
            Served("bounds", "bounds.rs"),
        ],
    },
    List {
        name: "Uploads",
        about: "Envelopes, disguises, polyglots, documents that act, bombs. XML is refused as a kind, with every entity in it.",
        sources: &[
            Served("files", "files.rs"),
            Rows("upload/tests/attack/kind.rs", &["", "row"]),
            Rows("upload/tests/attack/image.rs", &["row", "tiff_row", "gif_row"]),
            Rows("upload/tests/attack/pdf.rs", &["row", "catalog", "with"]),
        ],
    },
    List {
        name: "Card data",
        about: "Numbers of cards however they are written and wherever they stand, and numbers that are none.",
        sources: &[Rows("upload/tests/attack/cards.rs", &["", "row", "shown", "pdf", "png", "jpeg"])],
    },
    List {
        name: "Requests that the desk is made to send",
        about: "Addresses and URLs that lead inside, and answers that do harm; nothing left for them, as a canary tells. Names that \
                lead inside, at once or later, are in crates/transport/src/hook/tests/names.rs.",
        sources: &[
            Rows("transport/src/egress/attacks.rs", &[""]),
            Rows("transport/src/hook/tests.rs", &[""]),
            Rows("transport/src/hook/tests/answers.rs", &[""]),
        ],
    },
    List {
        name: "Keys",
        about: "Keys that are none, not in force, not for this, or not where a key belongs.",
        sources: &[
            Served("keys", "keys.rs"),
            Served("keys-in-force", "keys.rs"),
            Rows("access/tests/attacks_keys.rs", &["check_offline", "check_header", "check_use", "check_key_denied", "form"]),
        ],
    },
    List {
        name: "Sessions, passwords and OpenID",
        about: "Sessions that ended or were never given, requests forged across sites, guesses, tokens signed otherwise.",
        sources: &[
            Rows("access/tests/attacks_sessions.rs", &["check", "check_form"]),
            Rows("access/tests/attacks_signin.rs", &["check", "check_code", "check_door"]),
            Rows("access/tests/attacks_oidc/claims.rs", &["check"]),
            Rows("access/tests/attacks_oidc/flow.rs", &["check_metadata", "check_query", "check_answer"]),
            Rows("access/tests/attacks_oidc/signature.rs", &["check", "alg", "key", "header"]),
        ],
    },
    List {
        name: "Tenants",
        about: "Another merchant's things by every way of the description and every name: answered like what is not there. \
                `every_route_answers_every_role_and_tenant_as_the_policy_says` in crates/api tries each route with each role.",
        sources: &[
            Served("tenancy-ways", "tenancy.rs"),
            Served("tenancy-names", "tenancy.rs"),
            Rows("access/tests/attacks_tenancy.rs", &["check_owner", "check_roles", "check_approval", "check_grant"]),
        ],
    },
    List {
        name: "Pages and forms of people who are signed in",
        about: "What a merchant's people and an analyst may send to every form and address of the pages: texts with controls, fields \
                given twice, forms of other types and other sites, what is another's, what is not there. Ways back that lead \
                elsewhere, names of files and a button pressed twice are tried beside them.",
        sources: &[
            Served("portal-forms", "signed_in.rs"),
            Served("page-forms", "signed_in.rs"),
            Served("page-foreign", "signed_in.rs"),
            Served("desk-forms", "signed_in.rs"),
            Served("page-addresses", "pages.rs"),
            Rows("console/src/sign_in.rs", &["check"]),
        ],
    },
    List {
        name: "Spreadsheets",
        about: "Fields that a spreadsheet would run, or read as two; plain fields are among them. A field that was kept from running \
                has an apostrophe before it, so that an export is for reading and not for bringing back.",
        sources: &[Rows("console/src/csv.rs", &["check"])],
    },
    List {
        name: "Order of business",
        about: "Answers to what is over, steps before their time, evidence swapped under a seal, one key for two effects.",
        sources: &[
            Served("over", "logic.rs"),
            Served("too-early", "logic.rs"),
            Served("swapped", "logic.rs"),
            Served("idempotency", "logic.rs"),
        ],
    },
];

const HEAD: &str = "# Attacks\n\n\
    For whoever reviews Docket's security: what was tried against it, by name. The page is made from the tests \
    (`BLESS=1 cargo test -p docket --test cli attack`).\n\n\
    What the served desk is sent over its own port, once on SQLite and once on PostgreSQL, must be refused with the status and the words that stand in \
    [`attack/answers`](../../crates/docket/tests/cli/attack/answers), and leave every row of the desk as it was, the audit log \
    included; only a forged notification is kept, in quarantine. Rows of the rooms' own tests may be controls: the honest one \
    that must be taken.\n";

/// The names of a list's attacks in one source, and where it stands.
fn names(source: &Source) -> (String, Vec<String>) {
    match source {
        Served(list, file) => {
            let told = std::fs::read_to_string(answers(list)).expect("its answers are there");
            let names = told.lines().map(|line| {
                let (name, _) = line.split_once(" -> ").expect("a name and an answer");
                name.to_owned()
            });
            (format!("docket/tests/cli/attack/{file}"), names.collect())
        }
        Rows(file, calls) => {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
            let text = std::fs::read_to_string(path).expect("the test is there");
            ((*file).to_owned(), rows(&text, calls))
        }
    }
}

/// First arguments of these calls that are texts: `check("name", ...)`.
fn rows(text: &str, calls: &[&str]) -> Vec<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '!' || c == '.';
    let mut names = Vec::new();
    let mut parts = text.split('(').peekable();
    while let (Some(before), Some(after)) = (parts.next(), parts.peek()) {
        let call = &before[before.trim_end_matches(word).len()..];
        let Some(said) = after.trim_start().strip_prefix('"') else {
            continue;
        };
        // A name with an opening bracket in it ends at the bracket, which is name enough.
        let name = said.split('"').next().unwrap_or_default();
        if calls.contains(&call) && !name.is_empty() {
            names.push(name.to_owned());
        }
    }
    names
}

fn page() -> (String, usize) {
    let mut table = String::from("| list | attacks |\n|---|---:|\n");
    let (mut body, mut total) = (String::new(), 0);
    for list in LISTS {
        let (mut count, mut lines) = (0, String::new());
        for source in list.sources {
            let (file, names) = names(source);
            assert!(!names.is_empty(), "{file} holds no attack any more");
            count += names.len();
            let link = format!("[{file}](../../crates/{file})");
            let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
            writeln!(lines, "- {link}, {}: {}", names.len(), names.join("; ")).unwrap();
        }
        writeln!(table, "| {} | {count} |", list.name).unwrap();
        write!(body, "\n## {}\n\n{}\n\n{lines}", list.name, list.about).unwrap();
        total += count;
    }
    writeln!(table, "| all | {total} |").unwrap();
    (format!("{HEAD}\n{table}{body}"), total)
}

/// A name as text of a page: in code where signs of Markdown would speak.
fn shown(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || " ,.'-:".contains(c);
    match name.chars().all(plain) {
        true => name.to_owned(),
        false => format!("`{}`", name.replace('`', "'")),
    }
}

#[test]
fn the_page_of_attacks_names_every_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/attacks.md");
    let (want, total) = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &want).expect("the page can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == want,
        "attacks.md is out of date; BLESS=1 writes it anew"
    );
    assert!(total >= 300, "{total} attacks");
}
