//! What we asked for and what became of it: sent, in doubt, not received, refused, withdrawn, asked again; and the evidence
//! behind it.

mod story;

use story::check;

const OPEN: &str = "
    11-02 phase chargeback ours
    11-02 disputed 100.00USD
    11-02 due chargeback 11-20
    11-03 evidence-saved 1 receipt words
    11-03 evidence-sealed 1 packet
    11-04 submission-asked chargeback packet";

fn then(lines: &str) -> String {
    format!("{OPEN}\n{lines}")
}

#[test]
fn an_answer_that_is_asked_for_waits_to_be_sent() {
    check(
        OPEN,
        &[
            "answer.chargeback=evidence asked, attempt 1",
            "sealed=version 1 as packet",
            "obligation.respond/chargeback~: open",
            "!obligation.acknowledge",
        ],
    );
}

// F-49: what was sent and taken stops the countdown, whatever the status says yet.
#[test]
fn an_accepted_answer_meets_the_obligation() {
    check(
        &then("11-04T10:00 sent chargeback packet accepted 1"),
        &[
            "status=ours",
            "answer.chargeback=evidence accepted, attempt 1",
            "obligation.respond/chargeback~: met",
            "obligation.acknowledge/chargeback=provider owes by 2026-11-07T10:00:00Z: open",
        ],
    );
    check(
        &then(
            "11-21 passed respond/chargeback 11-20\n11-21T10:00 sent chargeback packet accepted 1",
        ),
        &[
            "obligation.respond/chargeback~: met-late",
            "!found.obligation-broken",
        ],
    );
}

#[test]
fn an_answer_is_acknowledged_by_count_or_by_going_on() {
    let sent = then("11-04T10:00 sent chargeback packet accepted 1");
    check(
        &format!("{sent}\n11-05 acknowledged chargeback 1"),
        &["obligation.acknowledge/chargeback~: met"],
    );
    check(
        &format!("{sent}\n11-05 acknowledged chargeback 0"),
        &["obligation.acknowledge/chargeback~: open"],
    );
    check(
        &format!("{sent}\n11-05 phase chargeback theirs"),
        &["obligation.acknowledge/chargeback~: met"],
    );
    let late = format!("{sent}\n11-07T11:00 passed acknowledge/chargeback 2026-11-07T10:00:00Z");
    check(
        &late,
        &[
            "obligation.acknowledge/chargeback~: broken",
            "found.obligation-broken=acknowledge/chargeback",
        ],
    );
    check(
        &format!("{late}\n11-09 acknowledged chargeback 1"),
        &[
            "obligation.acknowledge/chargeback~: met-late",
            "!found.obligation-broken",
        ],
    );
}

#[test]
fn the_providers_word_that_it_has_an_answer_meets_ours_without_a_send_of_ours() {
    check(
        "11-02 phase chargeback ours
         11-02 due chargeback 11-20
         11-05 acknowledged chargeback 1",
        &["obligation.respond/chargeback~: met", "!answer"],
    );
}

// Invariant 7: in doubt until read back, and then sent again or not.
#[test]
fn a_send_in_doubt_is_settled_by_reading_back() {
    let doubt = then("11-04T10:00 sent chargeback packet in-doubt 1");
    check(
        &doubt,
        &[
            "answer.chargeback=evidence in-doubt, attempt 1",
            "found.send-in-doubt=chargeback 100.00 USD",
            "obligation.respond/chargeback~: open",
        ],
    );
    check(
        &format!("{doubt}\n11-04T11:00 sent chargeback packet not-received 1"),
        &[
            "answer.chargeback=evidence asked, attempt 2",
            "!found.send-in-doubt",
        ],
    );
    check(
        &format!("{doubt}\n11-04T11:00 sent chargeback packet accepted 1"),
        &[
            "answer.chargeback=evidence accepted, attempt 1",
            "!found.send-in-doubt",
        ],
    );
}

// F-44: the provider could not review what it does not have.
#[test]
fn a_send_in_doubt_is_settled_by_the_case_going_on() {
    let doubt = then("11-04T10:00 sent chargeback packet in-doubt 1");
    check(
        &format!("{doubt}\n11-05 phase chargeback theirs"),
        &[
            "answer.chargeback=evidence accepted, attempt 1",
            "!found.send-in-doubt",
        ],
    );
    // What was pushed is contradicted by what the provider holds, and proves nothing: the stage is ours, and owed.
    let pushed = format!("{doubt}\n11-05 phase chargeback theirs");
    let holds = format!("{pushed}\n11-05T10:00 phase chargeback ours auth=read-back");
    check(
        &holds,
        &[
            "status=ours",
            "answer.chargeback=evidence overtaken, attempt 1",
            "obligation.respond/chargeback~: open",
        ],
    );
    // Another push after it proves it again.
    check(
        &format!("{holds}\n11-06 phase chargeback theirs"),
        &["answer.chargeback=evidence accepted, attempt 1"],
    );
    // What was read back once is known: the provider may ask again afterwards.
    check(
        &format!(
            "{pushed}\n11-05T09:00 phase chargeback theirs auth=read-back\n11-06 phase chargeback ours auth=read-back"
        ),
        &["answer.chargeback=evidence accepted, attempt 1"],
    );
    // F-53: an acceptance in doubt, and a case that closed. It is lost as we asked, and what lost it is not known.
    let conceded = "
        11-02 phase chargeback ours
        11-02 due chargeback 11-20
        11-04 acceptance-asked chargeback
        11-04T10:00 sent chargeback - in-doubt 1";
    check(
        &format!("{conceded}\n11-05 phase chargeback lost"),
        &[
            "status=lost",
            "answer.chargeback=acceptance overtaken, attempt 1",
            "obligation.respond/chargeback~: waived",
            "!found.send-in-doubt",
            "!found.obligation-broken",
        ],
    );
    // A provider that tells the two apart proves it.
    check(
        &format!("{conceded}\n11-05 phase chargeback accepted"),
        &[
            "status=accepted",
            "answer.chargeback=acceptance accepted, attempt 1",
            "obligation.respond/chargeback~: met",
        ],
    );
}

#[test]
fn what_the_case_no_longer_waits_for_is_overtaken() {
    // Never sent.
    check(
        &then("11-21 phase chargeback lost"),
        &[
            "answer.chargeback=evidence overtaken, attempt 1",
            "!found.send-in-doubt",
            "obligation.respond/chargeback~: broken",
        ],
    );
    check(
        &then("11-05 phase chargeback theirs"),
        &["answer.chargeback=evidence overtaken, attempt 1"],
    );
    // Sent, and nobody knows.
    let doubt = then("11-04T10:00 sent chargeback packet in-doubt 1");
    check(
        &format!("{doubt}\n11-21 phase chargeback lost"),
        &[
            "answer.chargeback=evidence overtaken, attempt 1",
            "found.send-in-doubt=chargeback 100.00 USD",
        ],
    );
    // A late word still counts.
    check(
        &format!("{doubt}\n11-21 phase chargeback lost\n11-22 sent chargeback packet accepted 1"),
        &[
            "answer.chargeback=evidence accepted, attempt 1",
            "obligation.respond/chargeback~: met-late",
        ],
    );
    // The case comes back to us weeks later: nothing old leaves by itself, and the same packet can be asked for again.
    let back = then("11-05 phase chargeback theirs\n11-25 phase chargeback ours");
    check(&back, &["answer.chargeback=evidence overtaken, attempt 1"]);
    check(
        &format!("{back}\n11-26 submission-asked chargeback packet"),
        &["answer.chargeback=evidence asked, attempt 1"],
    );
}

#[test]
fn a_refused_answer_is_shown_and_the_duty_stays() {
    check(
        &then("11-04T10:00 sent chargeback packet sending=refused:no attempt=1"),
        &[
            "answer.chargeback=evidence refused: no, attempt 1",
            "found.answer-refused=chargeback 100.00 USD",
            "obligation.respond/chargeback~: open",
        ],
    );
}

// The same packet, or a second acceptance, after a refusal that was the provider's own trouble.
#[test]
fn what_was_refused_can_be_asked_for_again() {
    let again = then(
        "11-04T10:00 sent chargeback packet sending=refused:no attempt=1\n11-05 submission-asked chargeback packet",
    );
    check(
        &again,
        &[
            "answer.chargeback=evidence asked, attempt 2",
            "!found.answer-refused",
        ],
    );
    check(
        &format!("{again}\n11-05T10:00 sent chargeback packet accepted 2"),
        &[
            "answer.chargeback=evidence accepted, attempt 2",
            "!found.answered-twice",
            "!found.answer-refused",
        ],
    );
    check(
        &format!("{again}\n11-05T10:00 sent chargeback packet sending=refused:never attempt=2"),
        &["answer.chargeback=evidence refused: never, attempt 2"],
    );
    check(
        "11-02 phase chargeback ours
         11-02 due chargeback 11-20
         11-04 acceptance-asked chargeback
         11-04T10:00 sent chargeback - sending=refused:busy attempt=1
         11-05 acceptance-asked chargeback",
        &["answer.chargeback=acceptance asked, attempt 2"],
    );
}

#[test]
fn what_was_withdrawn_can_be_asked_for_again_and_is_one_answer() {
    let withdrawn = then("11-05 ask-withdrawn chargeback");
    check(
        &withdrawn,
        &[
            "answer.chargeback=evidence withdrawn, attempt 1",
            "!sealed",
            "obligation.respond/chargeback~: open",
        ],
    );
    let again = format!(
        "{withdrawn}\n11-06 evidence-sealed 1 packet\n11-06 submission-asked chargeback packet"
    );
    check(
        &again,
        &[
            "answer.chargeback=evidence asked, attempt 1",
            "sealed=version 1 as packet",
        ],
    );
    check(
        &format!("{again}\n11-06T10:00 sent chargeback packet accepted 1"),
        &[
            "answer.chargeback=evidence accepted, attempt 1",
            "!found.answered-twice",
        ],
    );
}

#[test]
fn a_report_outweighs_a_withdrawal_that_came_too_late() {
    check(
        &then("11-05 ask-withdrawn chargeback\n11-05T10:00 sent chargeback packet accepted 1"),
        &["answer.chargeback=evidence accepted, attempt 1"],
    );
    check(
        &then("11-05 ask-withdrawn chargeback\n11-05T10:00 sent chargeback packet in-doubt 1"),
        &["answer.chargeback=evidence in-doubt, attempt 1"],
    );
    check(
        &then("11-05 ask-withdrawn chargeback\n11-05T10:00 sent chargeback packet not-received 1"),
        &["answer.chargeback=evidence withdrawn, attempt 1"],
    );
}

// Invariant 7 broken at the provider: both attempts, or two packets, were taken.
#[test]
fn two_answers_that_the_provider_took_are_found() {
    check(
        &then(
            "11-04T10:00 sent chargeback packet not-received 1
               11-04T11:00 sent chargeback packet accepted 2
               11-04T12:00 sent chargeback packet accepted 1",
        ),
        &["found.answered-twice=chargeback 100.00 USD"],
    );
    check(
        &then(
            "11-04T10:00 sent chargeback packet accepted 1
               11-04T11:00 submission-asked chargeback other
               11-04T12:00 sent chargeback other accepted 1",
        ),
        &["found.answered-twice=chargeback 100.00 USD"],
    );
    check(
        &then(
            "11-04T10:00 sent chargeback packet accepted 1\n11-04T11:00 sent chargeback packet accepted 1",
        ),
        &["!found.answered-twice"],
    );
}

#[test]
fn proof_beats_doubt_whatever_came_last() {
    check(
        &then(
            "11-04T10:00 sent chargeback packet accepted 1\n11-04T11:00 sent chargeback packet in-doubt 1\n11-04T12:00 sent chargeback packet sending=refused:no attempt=1",
        ),
        &["answer.chargeback=evidence accepted, attempt 1"],
    );
}

// F-60: staged at the provider is not sent on to the bank.
#[test]
fn staged_evidence_is_not_an_answer() {
    let staged = "
        11-02 phase chargeback ours
        11-02 disputed 100.00USD
        11-02 due chargeback 11-20
        11-05 staged chargeback";
    check(
        staged,
        &[
            "found.evidence-staged=chargeback 100.00 USD",
            "obligation.respond/chargeback~: open",
        ],
    );
    // Somebody sent it on at the provider's own desk.
    check(
        &format!("{staged}\n11-06 acknowledged chargeback 1"),
        &[
            "!found.evidence-staged",
            "obligation.respond/chargeback~: met",
        ],
    );
    check(
        &format!("{staged}\n11-06 phase chargeback theirs"),
        &["!found.evidence-staged"],
    );
    // Ours was refused, so what is staged is all there is.
    check(
        &format!("{staged}\n11-06 submission-asked chargeback packet"),
        &["!found.evidence-staged"],
    );
    check(
        &format!(
            "{staged}\n11-06 submission-asked chargeback packet\n11-06T10:00 sent chargeback packet sending=refused:no attempt=1"
        ),
        &["found.evidence-staged=chargeback 100.00 USD"],
    );
}

// A wallet asks for more after its review: the stage is ours again, and what it had before is no answer to that.
#[test]
fn a_stage_that_is_ours_again_is_owed_again() {
    let again = "
        11-02 network paypal
        11-02 disputed 100.00USD
        11-02 phase chargeback ours
        11-02 due chargeback 11-12
        11-04 submission-asked chargeback packet
        11-04 sent chargeback packet accepted 1
        11-05 phase chargeback network
        11-05 acknowledged chargeback 1
        11-25 phase chargeback ours
        11-25 acknowledged chargeback 1
        11-25 due chargeback 12-05";
    check(
        again,
        &[
            "status=ours",
            "respond_by=2026-12-05@UTC",
            "obligation.respond/chargeback=merchant owes by 2026-12-05@UTC: open",
            "!found.unexpected-step",
        ],
    );
    check(
        &format!("{again}\n11-28 acknowledged chargeback 2"),
        &["obligation.respond/chargeback~: met"],
    );
    check(
        &format!("{again}\n11-28 phase chargeback network"),
        &["obligation.respond/chargeback~: met"],
    );
    check(
        &format!("{again}\n12-06 passed respond/chargeback 12-05"),
        &["obligation.respond/chargeback~: broken"],
    );
}

// Time passes once, for the due time that it was about.
#[test]
fn a_passed_deadline_breaks_the_duty_and_a_moved_one_mends_it() {
    let passed = "
        11-02 phase chargeback ours
        11-02 due chargeback 11-20
        11-21 passed respond/chargeback 11-20";
    check(
        passed,
        &[
            "obligation.respond/chargeback~: broken",
            "found.obligation-broken=respond/chargeback",
            "status=ours",
        ],
    );
    let moved = format!("{passed}\n11-22 due chargeback 11-30");
    check(
        &moved,
        &[
            "obligation.respond/chargeback~2026-11-30@UTC: open",
            "!found.obligation-broken",
            "found.deadline-moved=chargeback",
        ],
    );
    check(
        &format!("{moved}\n12-01 passed respond/chargeback 11-30"),
        &["obligation.respond/chargeback~: broken"],
    );
    check(
        &format!("{passed}\n11-22 passed respond/chargeback 11-20"),
        &["obligation.respond/chargeback~: broken"],
    );
}

#[test]
fn a_case_that_ends_or_goes_on_unanswered() {
    let open = "11-02 phase chargeback ours\n11-02 due chargeback 11-20";
    check(
        &format!("{open}\n11-21 phase chargeback expired"),
        &["obligation.respond/chargeback~: broken"],
    );
    check(
        &format!("{open}\n11-10 phase chargeback withdrawn"),
        &["obligation.respond/chargeback~: waived"],
    );
    check(
        &format!("{open}\n11-10 phase chargeback won"),
        &["obligation.respond/chargeback~: waived"],
    );
    check(
        &format!("{open}\n11-10 phase pre-arbitration ours\n11-10 due pre-arbitration 11-30"),
        &[
            "obligation.respond/chargeback~: waived",
            "obligation.respond/pre-arbitration~: open",
        ],
    );
}

// F-59: a save names its version, and the order of arrival does not matter.
#[test]
fn saves_apply_in_order_of_version() {
    check(
        "11-02 phase chargeback ours
         11-05 evidence-saved 3 rebuttal_letter cleared=yes
         11-04 evidence-saved 2 rebuttal_letter two
         11-03 evidence-saved 1 receipt one",
        &[
            "evidence_version=3",
            "evidence.receipt~text of 3 characters",
            "!evidence.rebuttal_letter",
        ],
    );
}

#[test]
fn a_save_after_the_seal_breaks_it() {
    check(&then(""), &["sealed=version 1 as packet"]);
    check(
        &then("11-05 evidence-saved 2 receipt more"),
        &["!sealed", "evidence_version=2"],
    );
    check(
        &then("11-05 evidence-saved 2 receipt more\n11-06 evidence-sealed 2 packet2"),
        &["sealed=version 2 as packet2"],
    );
}

#[test]
fn a_review_is_of_one_version() {
    check(
        &then("11-03 evidence-reviewed 1 second"),
        &["reviewed=version 1 by second"],
    );
}

// The provider's own requirements for the case win over ours; of several defences each is shown, the complete one first.
#[test]
fn requirements_are_the_providers_where_it_states_them() {
    let open = "
        11-02 phase chargeback ours
        11-02 due chargeback 11-20
        11-02 reason not-received visa 13.1";
    check(
        open,
        &["requirement.delivery_proof_full_address~optional for"],
    );
    let stated = format!(
        "{open}
        11-03 requires chargeback A1 required=receipt
        11-03 requires chargeback B2 required=rebuttal_letter optional=receipt"
    );
    check(
        &stated,
        &[
            "requirement.receipt=required by A1, missing",
            "requirement.rebuttal_letter=required by B2, missing",
            "requirement.receipt=optional for B2, missing",
        ],
    );
    check(
        &format!("{stated}\n11-04 evidence-saved 1 rebuttal_letter words"),
        &["requirement.rebuttal_letter=required by B2, ready"],
    );
    // What it states later replaces what it stated before; another stage's list is not this stage's.
    check(
        &format!("{stated}\n11-05 requires chargeback C3 required=signed_receipt"),
        &[
            "requirement.signed_receipt=required by C3, missing",
            "!requirement.rebuttal_letter",
        ],
    );
    check(
        &format!("{open}\n11-03 requires pre-arbitration A1 required=zzz"),
        &["!requirement.zzz"],
    );
}

#[test]
fn people_are_seen_on_the_case() {
    check(
        "11-02 phase chargeback ours
         11-03 assigned a1 lead
         11-04 assigned a2 lead
         11-04 noted called a2",
        &["assigned_to=a2", "note=2026-11-04T00:00:00Z a2: called"],
    );
    check(
        "11-02 phase chargeback ours\n11-03 assigned a1 lead\n11-04 assigned to= author=lead",
        &["!assigned_to"],
    );
}

// F-15: what no table maps is kept word for word.
#[test]
fn what_no_table_maps_is_a_finding() {
    check(
        "11-02 phase chargeback ours\n11-02 due chargeback 11-20\n11-02 drifted status paused",
        &["found.drift=status:paused", "status=ours"],
    );
}
