//! The whole table of roles as goldens: every cell for review, and a page for people. `cargo xtask bless` rewrites both.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write;
use std::path::Path;

use access::policy::{exclude, may_grant, needs_person, needs_step_up};
use access::{Action, Resource, Role, may};
use expect_test::expect_file;

/// One line per action and resource, one column per role, `+` where granted.
fn table() -> String {
    let mut text = String::from("# ");
    let heads: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    writeln!(text, "{}", heads.join(" ")).unwrap();
    for action in Action::ALL.iter().copied() {
        for resource in Resource::ALL.iter().copied() {
            let cells: Vec<&str> = Role::ALL
                .iter()
                .map(|role| {
                    if may(*role, action, resource) {
                        "+"
                    } else {
                        "."
                    }
                })
                .collect();
            let line = format!("{action:<10}{resource:<12} {}", cells.join(" "));
            let person = if needs_person(action, resource) {
                " person"
            } else {
                ""
            };
            let step_up = if needs_step_up(action, resource) {
                " step-up"
            } else {
                ""
            };
            writeln!(text, "{line}{person}{step_up}").unwrap();
        }
    }
    text
}

#[test]
fn no_cell_changes_unseen() {
    expect_file!["golden/roles.txt"].assert_eq(&table());
}

fn page() -> String {
    let mut page = String::from(
        "# Roles\n\nFor admins and auditors. Made from the table in the `access` room; change that, then run its tests with `BLESS=1`.\n\n\
         What is not in a line is denied. Merchants' roles see one merchant and nothing else exists for them; the desk's roles see all.\n\
         *Person*: never with an API key. *Step-up*: only within five minutes of proving again who one is.\n\n\
         | may | roles | and |\n|---|---|---|\n",
    );
    for resource in Resource::ALL.iter().copied() {
        for action in Action::ALL.iter().copied() {
            let roles: Vec<&str> = Role::ALL
                .iter()
                .filter(|role| may(**role, action, resource))
                .map(|role| role.as_str())
                .collect();
            if roles.is_empty() {
                continue;
            }
            let roles = match roles.len() == Role::ALL.len() {
                true => "everybody".to_owned(),
                false => roles.join(", "),
            };
            let mut and = Vec::new();
            and.extend(needs_person(action, resource).then_some("person"));
            and.extend(needs_step_up(action, resource).then_some("step-up"));
            writeln!(
                page,
                "| {action} {resource} | {roles} | {} |",
                and.join(", ")
            )
            .unwrap();
        }
    }
    page.push_str("\n## Giving roles\n\n| role | may give |\n|---|---|\n");
    for granter in Role::ALL.iter().copied() {
        let given = Role::ALL.iter().filter(|role| may_grant(granter, **role));
        let given: Vec<&str> = given.map(|role| role.as_str()).collect();
        if !given.is_empty() {
            writeln!(page, "| {granter} | {} |", given.join(", ")).unwrap();
        }
    }
    page.push_str("\nNot held by one person at once: ");
    let mut pairs = Vec::new();
    for (at, one) in Role::ALL.iter().copied().enumerate() {
        let others = Role::ALL.iter().copied().skip(at + 1);
        pairs.extend(
            others
                .filter(|other| exclude(one, *other))
                .map(|other| format!("{one} and {other}")),
        );
    }
    writeln!(page, "{}.", pairs.join("; ")).unwrap();
    page
}

#[test]
fn the_page_of_roles_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/roles.md");
    let page = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/reference/roles.md differs from the table; run this test with BLESS=1"
    );
}

#[test]
fn every_kind_of_thing_can_be_read_by_somebody_and_by_the_auditor() {
    for resource in Resource::ALL.iter().copied() {
        assert!(may(Role::Auditor, Action::Read, resource), "{resource}");
    }
}

#[test]
fn an_auditor_and_a_viewer_change_nothing() {
    for action in Action::ALL.iter().copied() {
        for resource in Resource::ALL.iter().copied() {
            let changes = !action.reads_only();
            for role in [Role::Auditor, Role::MerchantViewer] {
                assert!(
                    !(changes && may(role, action, resource)),
                    "{role} {action} {resource}"
                );
            }
        }
    }
}

#[test]
fn nobody_both_plans_and_approves() {
    for one in Role::ALL.iter().copied() {
        for other in Role::ALL.iter().copied() {
            let plans = may(one, Action::Intervene, Resource::Plans);
            let approves = may(other, Action::Approve, Resource::Plans);
            if plans && approves {
                assert!(exclude(one, other) && exclude(other, one), "{one} {other}");
            }
        }
    }
}

#[test]
fn a_merchant_reaches_nothing_of_the_desk() {
    let desk_only = [
        Resource::Documents,
        Resource::Quarantine,
        Resource::Findings,
        Resource::Plans,
        Resource::Audit,
    ];
    for role in Role::ALL.iter().copied().filter(|role| role.of_merchant()) {
        for action in Action::ALL.iter().copied() {
            for resource in desk_only {
                assert!(!may(role, action, resource), "{role} {action} {resource}");
            }
        }
    }
}
