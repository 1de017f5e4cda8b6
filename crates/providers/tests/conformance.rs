//! What every provider must keep, shown on every fixture of `fixtures/<provider>/`.
//!
//! `BLESS=1` rewrites the goldens; `PROVIDER=<name>` looks at one provider only. The files are described in
//! `fixtures/README.md`; the short of it:
//!
//! ```text
//! <case>.in.<ext>          a document as it would arrive      ->  <case>.out.txt
//! <case>.in.headers        `Name: value` lines; pseudo-headers `:channel`, `:account`, `:received-at`, `:now`, `:secret <label>`
//! <verb>[-variant].cmd.txt and .replies.txt                   ->  <verb>[-variant].out.txt
//!
//! .cmd.txt                                    .replies.txt
//!   want submit                                 reply 200
//!   key send-1                                  header Retry-After: 5
//!   account acct_1                              body {"id":"file_1"}
//!   stage chargeback                            lost
//!   ref dispute dp_1                            read-back 200
//!   digest 00ff                                 body {"status":"under_review"}
//!   defence 10.4-ce3
//!   text customer_name Payer 1
//!   fill product_description 20001 x
//!   file receipt receipt.pdf application/pdf %PDF-1.4 ...
//! ```
#![allow(
    clippy::as_conversions,
    clippy::string_slice,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

#[path = "conformance/command.rs"]
mod command;
#[path = "conformance/fixture.rs"]
mod fixture;
#[path = "conformance/golden.rs"]
mod golden;
#[path = "conformance/mutation.rs"]
mod mutation;
#[path = "conformance/whole.rs"]
mod whole;

use adapter::{Adapter, DocumentKind, Step, Verb};
use dispute::reason::Reason;
use dispute::said::Said;
use fixture::Fixture;
use std::collections::BTreeSet;

/// The providers to look at, each with its documents.
fn providers() -> Vec<(&'static dyn Adapter, Vec<Fixture>)> {
    let only = std::env::var("PROVIDER").ok();
    let wanted = |adapter: &&dyn Adapter| only.as_deref().is_none_or(|name| name == adapter.name());
    let listed = providers::list::ALL.iter().copied();
    listed
        .filter(wanted)
        .map(|adapter| (adapter, fixture::documents(adapter.name())))
        .collect()
}

#[test]
fn every_document_decodes_to_its_golden() {
    for (adapter, fixtures) in providers() {
        for fixture in fixtures {
            let text = golden::render(adapter, &fixture);
            golden::check(&fixture.golden_path(), &text);
        }
    }
}

#[test]
fn every_document_is_accounted_for_byte_by_byte() {
    for (adapter, fixtures) in providers() {
        for fixture in fixtures {
            let decoded = adapter.decode(&fixture.inbound());
            let again = adapter.decode(&fixture.inbound());
            assert_eq!(decoded, again, "{} decodes the same twice", fixture.name());
            whole::check(adapter, &decoded, fixture.body.len(), &fixture.name());
        }
    }
}

#[test]
fn hostile_bytes_cost_only_themselves() {
    for (adapter, fixtures) in providers() {
        std::thread::scope(|scope| {
            for share in fixtures.chunks(fixtures.len().div_ceil(4).max(1)) {
                scope.spawn(move || share.iter().for_each(|one| mutation::check(adapter, one)));
            }
        });
    }
}

#[test]
fn only_malformed_documents_have_rejects() {
    for (adapter, fixtures) in providers() {
        for fixture in fixtures {
            let rejects = adapter.decode(&fixture.inbound()).rejects;
            let name = fixture.name();
            if fixture.case.starts_with("malformed-") {
                assert!(
                    !rejects.is_empty(),
                    "{name}: no reject in a malformed document"
                );
            } else {
                assert_eq!(rejects, Vec::new(), "{name}: a reject in a valid document");
            }
        }
    }
}

/// F-15, F-16: what no table maps is kept and shown, and costs nothing else.
#[test]
fn what_is_not_known_is_kept_as_drift() {
    for (adapter, fixtures) in providers() {
        let mut found = 0;
        for fixture in fixtures
            .iter()
            .filter(|one| one.case.starts_with("unknown-"))
        {
            let decoded = adapter.decode(&fixture.inbound());
            let drifts = decoded
                .facts
                .iter()
                .any(|located| match &located.fact.said {
                    Said::Drifted { .. } => true,
                    Said::Reason(claim) => matches!(claim.reason, Reason::Unmapped(_)),
                    _ => false,
                });
            assert!(drifts, "{}: nothing is shown as drift", fixture.name());
            found += 1;
        }
        assert!(found > 0, "{}: no fixture `unknown-*`", adapter.name());
    }
}

#[test]
fn every_declared_document_has_a_fixture_and_every_fixture_is_declared() {
    for (adapter, fixtures) in providers() {
        let capabilities = adapter.capabilities();
        let mut shown = BTreeSet::new();
        for fixture in &fixtures {
            let decoded = adapter.decode(&fixture.inbound());
            let declared = capabilities.documents.iter().find(|document| {
                document.form == decoded.form && document.channel == fixture.channel
            });
            let novel = ["malformed-", "unknown-"];
            let novel = novel.iter().any(|name| fixture.case.starts_with(name));
            if !decoded.facts.is_empty() && !novel {
                let kind = declared.map(|document| document.kind);
                let (name, form) = (fixture.name(), &decoded.form);
                let what = format!("{name}: `{form}` says facts");
                assert_eq!(
                    kind,
                    Some(DocumentKind::Disputes),
                    "{what} and is not declared so"
                );
            }
            if decoded.rejects.is_empty() {
                shown.insert((decoded.form, fixture.channel));
            }
        }
        for document in capabilities.documents {
            let key = (document.form.to_owned(), document.channel);
            let what = format!("{}: {document:?}", adapter.name());
            assert!(shown.contains(&key), "{what} has no fixture");
        }
    }
}

#[test]
fn every_instruction_is_sent_as_its_golden() {
    for (adapter, _) in providers() {
        for script in command::scripts(adapter.name()) {
            let text = command::render(adapter, &script);
            golden::check(&script.golden_path(), &text);
        }
    }
}

#[test]
fn every_declared_verb_has_a_fixture_and_every_other_is_unable() {
    for (adapter, _) in providers() {
        let scripts = command::scripts(adapter.name());
        for verb in Verb::ALL {
            let name = format!("{}: {}", adapter.name(), verb.name());
            let of_verb = scripts.iter().filter(|script| script.verb() == verb);
            let mut able = 0;
            for script in of_verb {
                able += usize::from(!matches!(
                    adapter.proceed(&script.instruction, &[]),
                    Step::Unable(_)
                ));
            }
            if adapter.capabilities().verbs.contains(&verb) {
                assert!(able > 0, "{name} is declared and no fixture shows it");
            } else {
                assert_eq!(able, 0, "{name} is not declared and yet something is sent");
                let plain = command::plain(verb);
                let step = adapter.proceed(&plain, &[]);
                assert!(
                    matches!(step, Step::Unable(_)),
                    "{name} is not declared: {step:?}"
                );
            }
        }
    }
}

/// Invariant 7: an answer that proves nothing is never taken for an acceptance.
#[test]
fn no_bad_answer_is_taken_for_acceptance() {
    for (adapter, _) in providers() {
        for script in command::scripts(adapter.name()) {
            command::check_bad_answers(adapter, &script);
        }
    }
}

#[test]
fn every_fixture_folder_belongs_to_a_listed_provider() {
    if std::env::var_os("PROVIDER").is_some() {
        return;
    }
    for folder in fixture::folders() {
        assert!(
            providers::list::find(&folder).is_some(),
            "fixtures/{folder} belongs to no provider of the list"
        );
    }
}

#[test]
fn no_golden_is_left_without_its_fixture() {
    for (adapter, fixtures) in providers() {
        let mut expected: BTreeSet<_> = fixtures.iter().map(Fixture::golden_path).collect();
        expected.extend(
            command::scripts(adapter.name())
                .iter()
                .map(|one| one.golden_path()),
        );
        for path in fixture::files(adapter.name()) {
            if path.to_string_lossy().ends_with(".out.txt") {
                assert!(expected.contains(&path), "{} is left over", path.display());
            }
        }
    }
}
