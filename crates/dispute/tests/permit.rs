//! What a person may do: every command in every state, every rejection with its page, and two people at one draft.

mod story;

use calendar::Instant;
use dispute::case::Case;
use dispute::command::Command;
use dispute::evidence::packet_digest;
use dispute::fact::{Fact, Scope};
use dispute::family::Known;
use dispute::permit::{TEXT_CHARACTERS_MAX, permit};
use dispute::reference::{RefKind, Reference, References};
use dispute::rejection::Rejection;
use dispute::said::{Audience, EvidenceContent, Said};
use dispute::status::{Authority, Party};
use std::collections::BTreeSet;
use std::path::Path;
use story::{case_named, case_of, story};

const OPEN: &str =
    "11-02 phase chargeback ours\n11-02 disputed 100.00USD\n11-02 due chargeback 11-20";
const DRAFTED: &str = "11-03 evidence-saved 1 receipt words";
const SEALED: &str = "11-03 evidence-saved 1 receipt words\n11-03 evidence-sealed 1 packet";
const ASKED: &str = "11-03 evidence-saved 1 receipt words\n11-03 evidence-sealed 1 packet\n11-04 submission-asked chargeback packet";

fn at(day: &str) -> Instant {
    Instant::parse(&format!("2026-{day}T12:00:00Z")).expect("a day of the year")
}

fn text(slot: &str, words: &str, if_version: u32) -> Command {
    Command::SaveEvidence {
        if_version,
        slot: slot.to_string(),
        content: EvidenceContent::Text(words.to_string()),
    }
}

/// The commands of the table, each made from what the case shows.
fn commands(case: &Case) -> Vec<Command> {
    let if_version = case.evidence.version;
    vec![
        text("rebuttal_letter", "words", if_version),
        Command::Review { if_version },
        Command::Seal { if_version },
        Command::Submit,
        Command::Accept,
        Command::Withdraw,
        Command::Note {
            text: "called".to_string(),
        },
        Command::Assign {
            to: "a1".to_string(),
        },
    ]
}

/// Checks one row: what each command comes to on 5 November, `ok` or the last two digits of the rejection.
#[track_caller]
fn check(lines: &str, expected: &str) {
    let case = case_of(lines);
    let found: Vec<String> = commands(&case)
        .iter()
        .map(|command| match permit(&case, command, "a1", at("11-05")) {
            Ok(_) => "ok".to_string(),
            Err(rejection) => rejection.code().trim_start_matches("DP-10").to_string(),
        })
        .collect();
    let expected: Vec<&str> = expected.split_whitespace().collect();
    assert_eq!(
        found, expected,
        "save review seal submit accept withdraw note assign of\n{lines}"
    );
}

#[test]
fn every_command_in_every_state() {
    let open = |lines: &str| format!("{OPEN}\n{lines}");
    //                                                      save review seal submit accept withdraw note assign
    check("11-02 disputed 100.00USD", "02 02 02 02 02 15 ok ok");
    check(OPEN, "ok ok 12 14 ok 15 ok ok");
    check(&open(DRAFTED), "ok ok ok 14 ok 15 ok ok");
    check(&open(SEALED), "ok ok ok ok ok ok ok ok");
    check(&open(ASKED), "08 08 08 08 08 ok ok ok");
    let sent = |sending: &str| {
        open(&format!(
            "{ASKED}\n11-04T10:00 sent chargeback packet sending={sending} attempt=1"
        ))
    };
    check(&sent("in-doubt"), "07 07 07 07 07 07 ok ok");
    check(&sent("accepted"), "06 06 06 06 06 06 ok ok");
    check(&sent("refused:no"), "ok ok ok ok ok ok ok ok");
    check(&sent("not-received"), "08 08 08 08 08 ok ok ok");
    check(
        &open(&format!("{ASKED}\n11-05 ask-withdrawn chargeback")),
        "ok ok ok 14 ok 15 ok ok",
    );
    check(
        &open("11-04 acceptance-asked chargeback"),
        "08 08 08 08 08 ok ok ok",
    );
    check(
        &open("11-04 phase chargeback theirs"),
        "03 03 03 03 03 15 ok ok",
    );
    check(
        &open("11-04 phase chargeback network"),
        "03 03 03 03 03 15 ok ok",
    );
    check(
        &open("11-04 phase chargeback nobody"),
        "03 03 03 03 03 15 ok ok",
    );
    check(
        &open("11-04 phase chargeback won"),
        "01 01 01 01 01 15 ok ok",
    );
    check(
        &open("11-04 phase chargeback accepted"),
        "01 01 01 01 01 15 ok ok",
    );
    check(
        &format!("{}\n11-05 phase chargeback theirs", sent("accepted")),
        "03 03 03 03 03 06 ok ok",
    );
}

#[test]
fn every_command_where_nothing_can_be_sent() {
    let open = |lines: &str| format!("{OPEN}\n{lines}");
    // The draft may be written, and nothing sent, where no answer is taken or the time is over.
    check(
        &open(&format!("{SEALED}\n11-04 due chargeback not-contestable")),
        "ok ok 04 04 04 ok ok ok",
    );
    check(
        &open(&format!("{SEALED}\n11-04 due chargeback 11-04")),
        "ok ok 05 05 05 ok ok ok",
    );
    // To the day: on its last day there is time.
    check(
        &open(&format!("{SEALED}\n11-04 due chargeback 11-05")),
        "ok ok ok ok ok ok ok ok",
    );
    // A limit that only we computed stops nobody.
    check(
        &format!("10-01 phase infraction ours\n{SEALED}"),
        "ok ok ok ok ok ok ok ok",
    );
    // What the provider requires and is not there.
    check(
        &open(&format!(
            "{DRAFTED}\n11-03 requires chargeback A1 required=signed_receipt"
        )),
        "ok ok 13 14 ok 15 ok ok",
    );
    // One complete defence of several is enough.
    check(
        &open(&format!(
            "{DRAFTED}\n11-03 requires chargeback A1 required=signed_receipt\n11-03 requires chargeback B2 required=receipt"
        )),
        "ok ok ok 14 ok 15 ok ok",
    );
}

#[test]
fn the_first_rejection_in_order_is_the_one_given() {
    let sent = |sending: &str, then: &str| {
        format!(
            "{OPEN}\n{ASKED}\n11-04T10:00 sent chargeback packet sending={sending} attempt=1\n{then}"
        )
    };
    // Closed before all else; not contestable and too late before what became of the answer.
    check(
        &sent("accepted", "11-05 phase chargeback lost"),
        "01 01 01 01 01 06 ok ok",
    );
    check(
        &sent("accepted", "11-05 due chargeback not-contestable"),
        "06 06 04 04 04 06 ok ok",
    );
    check(
        &sent("in-doubt", "11-05 due chargeback 11-04"),
        "07 07 05 05 05 07 ok ok",
    );
    // Of two answers at one stage, the one that arrived is told first.
    check(
        &sent(
            "in-doubt",
            "11-04T11:00 acceptance-asked chargeback\n11-04T12:00 sent chargeback - accepted 1",
        ),
        "06 06 06 06 06 07 ok ok",
    );
}

#[track_caller]
fn rejected(case: &Case, command: &Command, now: &str) -> Rejection {
    match permit(case, command, "a1", at(now)) {
        Ok(said) => panic!("{command:?} was allowed: {said:?}"),
        Err(rejection) => rejection,
    }
}

fn reference(kind: RefKind, value: &str) -> Reference {
    Reference {
        kind,
        value: value.to_string(),
    }
}

/// Every rejection, each made by a command.
fn all_rejections() -> Vec<Rejection> {
    let open = case_of(OPEN);
    let with = |lines: &str| case_of(&format!("{OPEN}\n{lines}"));
    let drafted = with(DRAFTED);
    let submit = |case: &Case, now: &str| rejected(case, &Command::Submit, now);
    let sent = |sending: &str| {
        with(&format!(
            "{ASKED}\n11-04T10:00 sent chargeback packet sending={sending} attempt=1"
        ))
    };
    let dispute = reference(RefKind::Dispute, "d1");
    vec![
        submit(&with("11-04 phase chargeback won"), "11-05"),
        submit(&case_of("11-02 disputed 1.00USD"), "11-05"),
        submit(&with("11-04 phase chargeback theirs"), "11-05"),
        submit(&with("11-04 due chargeback not-contestable"), "11-05"),
        submit(&open, "11-21"),
        submit(&sent("accepted"), "11-05"),
        submit(&sent("in-doubt"), "11-05"),
        submit(&with(ASKED), "11-05"),
        rejected(&drafted, &text("receipt", "words", 0), "11-05"),
        rejected(&drafted, &text("no_such_slot", "words", 1), "11-05"),
        rejected(
            &drafted,
            &text("receipt", &"x".repeat(TEXT_CHARACTERS_MAX + 1), 1),
            "11-05",
        ),
        rejected(&open, &Command::Seal { if_version: 0 }, "11-05"),
        rejected(
            &with(&format!(
                "{DRAFTED}\n11-03 requires chargeback A1 required=signed_receipt"
            )),
            &Command::Seal { if_version: 1 },
            "11-05",
        ),
        submit(&drafted, "11-05"),
        rejected(&open, &Command::Withdraw, "11-05"),
        rejected(
            &open,
            &Command::Note {
                text: "  ".to_string(),
            },
            "11-05",
        ),
        rejected(
            &open,
            &Command::Waive {
                obligation: "return-funds".to_string(),
                reason: "agreed".to_string(),
            },
            "11-05",
        ),
        rejected(
            &open,
            &Command::Cut {
                one: dispute.clone(),
                other: dispute,
            },
            "11-05",
        ),
    ]
}

#[test]
fn every_rejection_has_its_number_its_page_and_a_way_on() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    let list = std::fs::read_to_string(docs.join("README.md")).expect("the list of codes");
    let mut codes = Vec::new();
    for rejection in all_rejections() {
        let code = rejection.code();
        let page = std::fs::read_to_string(docs.join(format!("{code}.md")));
        let page = page.unwrap_or_else(|error| panic!("{code} has no page: {error}"));
        assert!(
            page.starts_with(&format!("# {code}: ")),
            "{code}: the page opens with its code"
        );
        assert!(
            list.contains(&format!("[{code}]({code}.md)")),
            "{code} is not on the list"
        );
        assert!(
            rejection.hint().ends_with('.'),
            "{code}: a hint is a sentence"
        );
        let words = rejection.to_string();
        assert!(
            words.starts_with(|first: char| first.is_lowercase() || first == '`'),
            "{code}: {words}"
        );
        codes.push(code);
    }
    let numbered: Vec<String> = (1..=18).map(|number| format!("DP-10{number:02}")).collect();
    assert_eq!(codes, numbered, "in order of precedence");
}

#[test]
fn only_a_return_is_dishonored_and_by_a_code_of_the_network() {
    let dishonor = |code: &str| Command::Dishonor {
        code: code.to_string(),
    };
    let open = rejected(&case_of(OPEN), &dishonor("R68"), "11-05");
    assert_eq!(
        (open.code(), open.to_string().as_str()),
        (
            "DP-1023",
            "the case is at chargeback, and only a return is dishonored"
        )
    );
    let returned = case_of("11-04 phase return theirs\n11-04 disputed 100.00USD");
    assert_eq!(
        rejected(&returned, &dishonor("R01"), "11-05").code(),
        "DP-1020"
    );
    assert!(permit(&returned, &dishonor("R68"), "a1", at("11-05")).is_ok());
    assert_eq!(
        rejected(&returned, &dishonor("R68"), "11-30").code(),
        "DP-1005"
    );
}

#[test]
fn what_can_succeed_later_by_itself_is_retryable() {
    let retryable: Vec<&str> = all_rejections()
        .iter()
        .filter(|rejection| rejection.retryable())
        .map(Rejection::code)
        .collect();
    assert_eq!(retryable, ["DP-1002", "DP-1003", "DP-1007"]);
}

#[test]
fn rejections_say_what_was_found_and_expected() {
    let words: BTreeSet<String> = all_rejections().iter().map(Rejection::to_string).collect();
    for expected in [
        "the case is closed: won",
        "at chargeback the move is theirs, not ours",
        "the time to answer chargeback ran out at 2026-11-20@UTC",
        "the draft is at version 1, not 0",
        "`receipt` has 20001 characters, the limit is 20000",
        "required slots are empty: signed_receipt",
    ] {
        assert!(
            words.contains(expected),
            "expected `{expected}` among {words:#?}"
        );
    }
}

/// The fact that a permitted command becomes.
fn told(said: Said, day: &str) -> Known {
    Known::of(Fact {
        true_at: at(day),
        sequence: 0,
        authority: Authority::Own,
        by: Party::Operator,
        scope: Scope {
            provider: "acme".to_string(),
            account: "acct_1".to_string(),
        },
        refs: References::none().and(RefKind::Dispute, "d1"),
        said,
    })
}

#[track_caller]
fn apply(facts: &mut Vec<Known>, command: &Command, day: &str) {
    let said = permit(&case_named(facts, "d1"), command, "a1", at(day));
    facts.push(told(
        said.unwrap_or_else(|rejection| panic!("{command:?}: {rejection}")),
        day,
    ));
}

// F-59: two people saw version 0; the second save is refused, not the first one lost.
#[test]
fn of_two_saves_from_one_version_one_is_refused() {
    let mut facts = story(OPEN);
    apply(&mut facts, &text("receipt", "one", 0), "11-03");
    let case = case_named(&facts, "d1");
    assert_eq!(
        permit(&case, &text("receipt", "two", 0), "a2", at("11-03")),
        Err(Rejection::VersionMoved { seen: 0, is: 1 })
    );
    for command in [
        Command::Review { if_version: 0 },
        Command::Seal { if_version: 0 },
    ] {
        assert_eq!(
            permit(&case, &command, "a2", at("11-03")),
            Err(Rejection::VersionMoved { seen: 0, is: 1 })
        );
    }
    apply(&mut facts, &text("receipt", "two", 1), "11-03");
    assert_eq!(case_named(&facts, "d1").evidence.version, 2);
}

#[test]
fn what_is_sent_is_what_was_sealed() {
    let mut facts = story(OPEN);
    apply(&mut facts, &text("receipt", "one", 0), "11-03");
    apply(&mut facts, &Command::Seal { if_version: 1 }, "11-03");
    let case = case_named(&facts, "d1");
    let digest = packet_digest(&case.evidence.slots);
    assert_eq!(case.evidence.sealed, Some((1, digest.clone())));
    // A save breaks the seal, and nothing leaves until it is sealed again.
    let mut edited = facts.clone();
    apply(&mut edited, &text("receipt", "two", 1), "11-04");
    assert_eq!(
        rejected(&case_named(&edited, "d1"), &Command::Submit, "11-04"),
        Rejection::NotSealed
    );
    apply(&mut facts, &Command::Submit, "11-04");
    assert_eq!(case_named(&facts, "d1").answers[0].digest, digest);
    // Taking it back breaks the seal too.
    apply(&mut facts, &Command::Withdraw, "11-05");
    let case = case_named(&facts, "d1");
    assert_eq!(case.evidence.sealed, None);
    assert_eq!(
        rejected(&case, &Command::Submit, "11-05"),
        Rejection::NotSealed
    );
}

#[test]
fn an_emptied_draft_cannot_be_sealed() {
    let mut facts = story(OPEN);
    apply(&mut facts, &text("receipt", "one", 0), "11-03");
    let clear = Command::SaveEvidence {
        if_version: 1,
        slot: "receipt".to_string(),
        content: EvidenceContent::Cleared,
    };
    apply(&mut facts, &clear, "11-03");
    assert_eq!(
        rejected(
            &case_named(&facts, "d1"),
            &Command::Seal { if_version: 2 },
            "11-03"
        ),
        Rejection::NothingToSeal
    );
}

#[test]
fn a_slot_of_the_providers_own_can_be_filled() {
    let case = case_of(&format!(
        "{OPEN}\n11-03 requires chargeback A1 required=their_own_slot"
    ));
    assert!(
        permit(
            &case,
            &text("their_own_slot", "words", 0),
            "a1",
            at("11-05")
        )
        .is_ok()
    );
    assert_eq!(
        rejected(&case, &text("receipt", " ", 0), "11-05"),
        Rejection::Blank { what: "text" }
    );
    assert!(
        permit(
            &case,
            &text("receipt", &"č".repeat(TEXT_CHARACTERS_MAX), 0),
            "a1",
            at("11-05")
        )
        .is_ok(),
        "characters, not bytes"
    );
}

#[test]
fn texts_and_names_are_what_people_see() {
    let case = case_of("11-02 phase chargeback ours");
    let note = |text: &str| Command::Note {
        text: text.to_string(),
    };
    let tell = |text: &str| Command::Tell {
        to: Audience::Merchant,
        text: text.to_string(),
    };
    let assign = |to: &str| Command::Assign { to: to.to_string() };
    let check = |command: &Command, want: Option<&str>| {
        let found = permit(&case, command, "a1", at("11-05")).err();
        assert_eq!(
            found.map(|rejection| rejection.to_string()).as_deref(),
            want,
            "{command:?}"
        );
    };
    check(&note("one\ttwo\r\nthree"), None);
    check(&note("\u{202b}\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{202c}"), None);
    check(
        &note("a\0"),
        Some("line 1 of the note holds U+0000, which nobody sees"),
    );
    check(
        &tell("one\ntwo\u{b}"),
        Some("line 2 of the message holds U+000B, which nobody sees"),
    );
    check(
        &note("\u{9b}31m"),
        Some("line 1 of the note holds U+009B, which nobody sees"),
    );
    check(
        &text("receipt", "a\u{7f}", 0),
        Some("line 1 of the text holds U+007F, which nobody sees"),
    );
    check(&assign("J\u{e1}n \u{200f}\u{5d0}"), None);
    check(&assign(""), None);
    check(
        &assign("a\nb"),
        Some("line 1 of the name holds U+000A, which nobody sees"),
    );
    check(
        &assign("a\u{202e}b"),
        Some("line 1 of the name holds U+202E, which nobody sees"),
    );
    check(
        &assign(&"a".repeat(201)),
        Some("`name` has 201 characters, the limit is 200"),
    );
    check(
        &tell(&"a".repeat(5_001)),
        Some("`message` has 5001 characters, the limit is 5000"),
    );
    check(
        &note(&"a".repeat(20_001)),
        Some("`note` has 20001 characters, the limit is 20000"),
    );
    let waive = Command::Waive {
        obligation: "respond/chargeback".to_string(),
        reason: "a\u{1b}".to_string(),
    };
    check(
        &waive,
        Some("line 1 of the reason holds U+001B, which nobody sees"),
    );
}

#[test]
fn a_slot_of_our_rules_is_waived_with_a_reason_and_the_providers_own_is_not() {
    let ours = format!("{OPEN}\n11-02 reason unauthorized ach R10\n{DRAFTED}");
    let waive = Command::Waive {
        obligation: "slot:mandate_authorization".to_string(),
        reason: "taken over the phone".to_string(),
    };
    let case = case_of(&ours);
    let seal = Command::Seal { if_version: 1 };
    assert!(matches!(
        rejected(&case, &seal, "11-05"),
        Rejection::SlotsMissing { .. }
    ));
    let said = permit(&case, &waive, "a1", at("11-05"));
    assert!(matches!(said, Ok(Said::Waived { .. })), "{said:?}");
    let waived = case_of(&format!(
        "{ours}\n11-04 waived slot:mandate_authorization phone a1"
    ));
    assert!(permit(&waived, &seal, "a1", at("11-05")).is_ok());
    // Twice, what nobody asks for, and what the provider itself asks for.
    rejected(&waived, &waive, "11-05");
    rejected(&case_of(OPEN), &waive, "11-05");
    let theirs = case_of(&format!(
        "{ours}\n11-03 requires chargeback A1 required=mandate_authorization"
    ));
    rejected(&theirs, &waive, "11-05");
}

#[test]
fn an_open_or_broken_obligation_is_waived_by_id_or_key_with_a_reason() {
    let waive = |obligation: &str, reason: &str| Command::Waive {
        obligation: obligation.to_string(),
        reason: reason.to_string(),
    };
    let case = case_of(OPEN);
    let id = case.obligations[0].id.to_string();
    let waived = Said::Waived {
        obligation: id.clone(),
        reason: "agreed".to_string(),
        author: "a1".to_string(),
    };
    assert_eq!(
        permit(
            &case,
            &waive("respond/chargeback", "agreed"),
            "a1",
            at("11-05")
        ),
        Ok(waived.clone())
    );
    assert_eq!(
        permit(&case, &waive(&id, "agreed"), "a1", at("11-05")),
        Ok(waived)
    );
    let broken = case_of(&format!("{OPEN}\n11-21 passed respond/chargeback 11-20"));
    assert!(
        permit(
            &broken,
            &waive("respond/chargeback", "agreed"),
            "a1",
            at("11-22")
        )
        .is_ok()
    );
    let met = case_of(&format!("{OPEN}\n11-04 acknowledged chargeback 1"));
    assert_eq!(
        rejected(&met, &waive("respond/chargeback", "agreed"), "11-05").code(),
        "DP-1017"
    );
    // The reason is asked for before the obligation is looked up.
    assert_eq!(
        rejected(&met, &waive("respond/chargeback", ""), "11-05"),
        Rejection::Blank { what: "reason" }
    );
}

#[test]
fn links_are_cut_between_what_the_case_carries_and_tied_to_it() {
    let case = case_of("11-02 phase chargeback ours ref.dispute=d1 ref.payment=p1");
    let (d1, p1, p2) = (
        reference(RefKind::Dispute, "d1"),
        reference(RefKind::Payment, "p1"),
        reference(RefKind::Payment, "p2"),
    );
    let cut = |one: &Reference, other: &Reference| {
        permit(
            &case,
            &Command::Cut {
                one: one.clone(),
                other: other.clone(),
            },
            "a1",
            at("11-05"),
        )
    };
    let tie = |one: &Reference, other: &Reference| {
        permit(
            &case,
            &Command::Tie {
                one: one.clone(),
                other: other.clone(),
            },
            "a1",
            at("11-05"),
        )
    };
    assert!(cut(&d1, &p1).is_ok());
    assert_eq!(cut(&d1, &p2), Err(Rejection::NoSuchLink));
    assert_eq!(cut(&d1, &d1), Err(Rejection::NoSuchLink));
    assert!(tie(&d1, &p2).is_ok());
    assert!(tie(&p2, &d1).is_ok());
    assert_eq!(
        tie(&p2, &reference(RefKind::Arn, "1")),
        Err(Rejection::NoSuchLink)
    );
    assert_eq!(tie(&d1, &d1), Err(Rejection::NoSuchLink));
}

// A wallet asks for more after its review (life cycle paypal, `claim_under_review->claim`): a new answer may be given, the old
// one is none.
#[test]
fn a_new_turn_at_a_stage_takes_a_new_answer() {
    let again = format!(
        "11-02 network paypal
         {OPEN}
         {ASKED}
         11-04T10:00 sent chargeback packet accepted 1
         11-04T11:00 phase chargeback network
         11-05 phase chargeback ours
         11-05 due chargeback 11-30"
    );
    check(&again, "ok ok ok 06 ok ok ok ok");
    let more = format!(
        "{again}\n11-05T10:00 evidence-saved 2 receipt more\n11-05T10:00 evidence-sealed 2 packet2"
    );
    check(&more, "ok ok ok ok ok ok ok ok");
    let asked = format!("{more}\n11-05T11:00 submission-asked chargeback packet2");
    check(&asked, "08 08 08 08 08 ok ok ok");
    let sent = format!("{asked}\n11-05T11:30 sent chargeback packet2 accepted 1");
    check(&sent, "06 06 06 06 06 06 ok ok");
    let case = case_of(&sent);
    assert!(
        case.findings.is_empty(),
        "one answer per turn: {:?}",
        case.findings
    );
}

#[test]
fn the_author_is_kept() {
    let case = case_of(&format!("{OPEN}\n{DRAFTED}"));
    let said = |command: &Command| permit(&case, command, "a7", at("11-05"));
    assert_eq!(
        said(&Command::Review { if_version: 1 }),
        Ok(Said::EvidenceReviewed {
            version: 1,
            reviewer: "a7".to_string()
        })
    );
    assert_eq!(
        said(&Command::Note {
            text: "x".to_string()
        }),
        Ok(Said::Noted {
            text: "x".to_string(),
            author: "a7".to_string()
        })
    );
    assert_eq!(
        said(&Command::Assign { to: String::new() }),
        Ok(Said::Assigned {
            to: String::new(),
            author: "a7".to_string()
        })
    );
    assert_eq!(
        permit(&case, &Command::Review { if_version: 1 }, " ", at("11-05")),
        Err(Rejection::Blank { what: "reviewer" })
    );
}
