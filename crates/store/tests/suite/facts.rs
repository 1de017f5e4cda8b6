use crate::open::Place;
use crate::world::{account, at, line, opening, scope, take};
use dispute::id::FactId;
use dispute::reference::{RefKind, Reference};
use store::Store;

crate::over_every_database! {
    facts_of_a_family_come_back_with_their_bytes
    a_fact_said_again_is_not_kept_again
    families_that_a_reference_joins_become_one
    a_cut_is_found_from_either_side
    families_are_paged_in_order
    a_page_of_families_reads_as_each_of_them
    digests_balances_and_obligations_are_paged_as_listed
    cases_are_listed_and_found
    nul_in_a_text_stops_nothing
}

fn payment(value: &str) -> Vec<(dispute::fact::Scope, Reference)> {
    let reference = Reference {
        kind: RefKind::Payment,
        value: value.into(),
    };
    vec![(scope(), reference)]
}

fn facts_of_a_family_come_back_with_their_bytes(place: &Place) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1), opening(2)], at(0));
    let near = store.facts_near(&payment("ch_1")).unwrap();
    assert_eq!(near.len(), 8);
    let written = &commit.processed[0].facts;
    for row in written {
        let read = near.iter().find(|stored| stored.id == row.id).unwrap();
        assert_eq!((&read.fact, &read.document), (&row.fact, &row.document));
        assert_eq!(
            (read.span, read.known_at, &read.family),
            (row.span, row.known_at, &row.family)
        );
    }
    let mut elsewhere = payment("ch_1");
    elsewhere[0].0 = account("acct_2");
    assert!(
        store.facts_near(&elsewhere).unwrap().is_empty(),
        "the same number at another account"
    );
}

fn a_fact_said_again_is_not_kept_again(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1)], at(0));
    let again = take(&mut *store, &[format!("{}\n", opening(1))], at(60));
    assert_eq!(
        (
            again.processed[0].facts.len(),
            again.processed[0].known_before
        ),
        (0, 8)
    );
    // Even a desk that did not ask first keeps it once, as learned the first time.
    store
        .append(&[crate::world::document(
            &format!("{}\n\n", opening(1)),
            at(90),
        )])
        .unwrap();
    let mut blind = again.clone();
    blind.processed[0].document = store.pending(1).unwrap().remove(0).id;
    let first = store.facts_near(&payment("ch_1")).unwrap();
    blind.processed[0].facts = first
        .iter()
        .map(|stored| store::FactRow {
            id: stored.id.clone(),
            fact: stored.fact.clone(),
            document: blind.processed[0].document.clone(),
            span: stored.span,
            known_at: at(90),
            family: stored.family.clone(),
        })
        .collect();
    blind.families.clear();
    store.commit(&blind).unwrap();
    assert_eq!(store.facts_near(&payment("ch_1")).unwrap(), first);
    let ids: Vec<FactId> = first.iter().map(|stored| stored.id.clone()).collect();
    let mut asked = ids.clone();
    asked.push(FactId::of(&["never said"]));
    let mut known = store.known(&asked).unwrap();
    known.sort();
    let mut ids = ids;
    ids.sort();
    assert_eq!(known, ids);
}

fn families_that_a_reference_joins_become_one(place: &Place) {
    let mut store = place.open();
    take(&mut *store, &[opening(1), opening(2)], at(0));
    let link = format!(
        "acknowledged at={} by=provider auth=read-back scope=acme/acct_1 ref.dispute=du_1 ref.payment=ch_2 stage=chargeback count=1",
        at(10)
    );
    let commit = take(&mut *store, &[link], at(20));
    assert_eq!(commit.families.len(), 1);
    let moved = commit.families[0].moved_facts.len();
    assert!(
        (1..16).contains(&moved),
        "one of the two families gave way: {moved}"
    );
    for value in ["ch_1", "ch_2"] {
        let near = store.facts_near(&payment(value)).unwrap();
        assert_eq!(near.len(), 17);
        assert!(
            near.iter()
                .all(|stored| stored.family == commit.families[0].family)
        );
    }
    assert_eq!(
        store.families_after(None, 10).unwrap(),
        [commit.families[0].family.clone()]
    );
    assert_eq!(store.check().unwrap(), [""; 0]);
}

/// A person cuts two disputes apart that one statement joined. Whoever looks from either side must find the cut.
fn a_cut_is_found_from_either_side(place: &Place) {
    let mut store = place.open();
    let both = format!(
        "acknowledged at={} by=provider auth=read-back scope=acme/acct_1 ref.dispute=du_1 ref.payment=ch_2 stage=chargeback count=1",
        at(10)
    );
    take(&mut *store, &[opening(1), opening(2), both], at(20));
    assert_eq!(store.families_after(None, 10).unwrap().len(), 1);
    let cut = format!(
        "cut at={} by=operator auth=own scope=acme/acct_1 ref.dispute=du_1 one=dispute:du_1 other=payment:ch_2 author=op_1",
        at(30)
    );
    take(&mut *store, &[cut], at(40));
    assert_eq!(store.families_after(None, 10).unwrap().len(), 2);
    for value in ["ch_1", "ch_2"] {
        let near = store.facts_near(&payment(value)).unwrap();
        let cuts = near
            .iter()
            .filter(|stored| dispute::text::word(&stored.fact.said) == "cut");
        assert_eq!(cuts.count(), 1, "seen from {value}");
    }
    // And so a later document of either does not join them again.
    take(
        &mut *store,
        &[line(2, 50, "phase stage=chargeback standing=won")],
        at(60),
    );
    assert_eq!(store.families_after(None, 10).unwrap().len(), 2);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn families_are_paged_in_order(place: &Place) {
    let mut store = place.open();
    let bodies: Vec<String> = (0..7).map(opening).collect();
    take(&mut *store, &bodies, at(0));
    let all = store.families_after(None, 100).unwrap();
    assert_eq!(all.len(), 7);
    assert!(all.is_sorted());
    let mut paged = Vec::new();
    loop {
        let page = store.families_after(paged.last(), 3).unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

/// A page's facts are those of its families one by one, however many readers share the work.
fn a_page_of_families_reads_as_each_of_them(place: &Place) {
    let mut store = place.open();
    let bodies: Vec<String> = (0..40).map(opening).collect();
    take(&mut *store, &bodies, at(0));
    let all = store.families_after(None, 100).unwrap();
    for page in [&all[..0], &all[3..4], &all[..]] {
        let each = page.iter().map(|family| store.facts_of_family(family));
        let each: Vec<_> = each.collect::<Result<Vec<_>, _>>().unwrap().concat();
        assert_eq!(store.facts_of_families(page).unwrap(), each);
    }
}

fn digests_balances_and_obligations_are_paged_as_listed(place: &Place) {
    let mut store = place.open();
    let bodies: Vec<String> = (0..7).map(opening).collect();
    take(&mut *store, &bodies, at(0));
    let cases = store.cases(&filter()).unwrap();
    let listed: Vec<_> = cases.into_iter().map(|row| (row.id, row.digest)).collect();
    let mut digests: Vec<(dispute::id::CaseId, String)> = Vec::new();
    loop {
        let after = digests.last().map(|(id, _)| id.clone());
        let page = store.digests_after(after.as_ref(), 3).unwrap();
        if page.is_empty() {
            break;
        }
        digests.extend(page);
    }
    assert_eq!(digests, listed);
    let mut balances = Vec::new();
    loop {
        let page = store.balances_after(balances.last(), 4).unwrap();
        if page.is_empty() {
            break;
        }
        balances.extend(page);
    }
    assert!(balances.len() > 7, "{balances:?}");
    let by_path = |legs: &[ledger::Leg]| {
        let key = |leg: &ledger::Leg| (leg.account.path(), leg.layer, leg.amount);
        legs.iter()
            .map(key)
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(by_path(&balances), by_path(&store.balances().unwrap()));
    assert_eq!(balances.len(), by_path(&balances).len());
    for standing in ["open", "met"] {
        let listed = store.obligations(Some(standing), None, 100).unwrap().len();
        let counted = store.obligations_standing(standing).unwrap();
        assert_eq!(counted, u64::try_from(listed).unwrap());
    }
    assert!(store.obligations_standing("open").unwrap() > 0);
}

fn filter() -> store::CaseFilter {
    store::CaseFilter::every(100)
}

#[track_caller]
fn listed(store: &mut dyn Store, change: impl Fn(&mut store::CaseFilter), expected: &[&str]) {
    let mut wanted = filter();
    change(&mut wanted);
    let found = store.cases(&wanted).unwrap();
    assert!(found.is_sorted_by(|one, other| one.id < other.id));
    let mut names: Vec<&str> = found.iter().map(|row| row.dispute.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
}

fn cases_are_listed_and_found(place: &Place) {
    let mut store = place.open();
    let commit = take(&mut *store, &[opening(1), opening(2), opening(12)], at(0));
    take(
        &mut *store,
        &[line(2, 99, "phase stage=chargeback standing=won")],
        at(100),
    );
    let store = &mut *store;
    listed(store, |_| (), &["du_1", "du_12", "du_2"]);
    listed(
        store,
        |it| it.status = Some("ours".into()),
        &["du_1", "du_12"],
    );
    listed(store, |it| it.status = Some("won".into()), &["du_2"]);
    listed(store, |it| it.due_before = Some(at(864_005)), &["du_1"]);
    listed(
        store,
        |it| it.provider = Some("acme".into()),
        &["du_1", "du_12", "du_2"],
    );
    listed(store, |it| it.provider = Some("other".into()), &[]);
    listed(store, |it| it.scope = Some(account("acct_2")), &[]);
    listed(
        store,
        |it| it.stage = Some("chargeback".into()),
        &["du_1", "du_12", "du_2"],
    );
    let first = store.cases(&filter()).unwrap().remove(0);
    let mut rest = filter();
    rest.after = Some(first.id.clone());
    assert_eq!(store.cases(&rest).unwrap().len(), 2);

    let names = |found: Vec<store::CaseRow>| {
        found
            .into_iter()
            .map(|row| row.dispute)
            .collect::<Vec<String>>()
    };
    let found = names(store.find_cases("du_1", 10).unwrap());
    assert_eq!(found, ["du_1", "du_12"], "exact first, then as a part");
    assert_eq!(names(store.find_cases("ch_2", 10).unwrap()), ["du_2"]);
    assert_eq!(names(store.find_cases("h_12", 10).unwrap()), ["du_12"]);
    assert!(
        store.find_cases("DU_1", 10).unwrap().is_empty(),
        "references keep their letter case"
    );
    assert!(store.find_cases("  ", 10).unwrap().is_empty());
    let case = &commit.families[0].cases[0];
    let row = store.case_row(&case.id).unwrap().unwrap();
    assert_eq!(
        names(store.find_cases(case.id.as_str(), 10).unwrap()),
        [row.dispute.clone()]
    );
    assert_eq!(row.disputed, case.disputed);
    assert_eq!(row.reason, "fraudulent");
    assert_eq!(row.network, "visa");
    assert_eq!(row.divergence, case.divergence.as_ref().map(|it| it.amount));
    assert_eq!(
        (row.opened_at, row.changed_at),
        (case.opened_at, case.changed_at)
    );
    let deadline = case.status.deadline().and_then(|it| it.respond_by());
    assert_eq!(row.respond_by, deadline);
}

/// PostgreSQL's text takes no NUL. A document that has one in a reference is read, kept and found all the same.
fn nul_in_a_text_stops_nothing(place: &Place) {
    let mut store = place.open();
    let said = format!(
        "phase at={} by=provider auth=status-field scope=acme/acct_1 ref.dispute=du_1 ref.payment=ch%001 stage=chargeback standing=ours",
        at(0)
    );
    let mut sent = crate::world::document(&format!("{said}\nnot \0 a line"), at(0));
    sent.name = "a\0b".into();
    sent.verdict_detail = "\0".into();
    store.append(&[sent.clone()]).unwrap();
    let commit = crate::world::work(&mut *store, at(1)).unwrap();
    assert_eq!(store.facts_near(&payment("ch\u{0}1")).unwrap().len(), 1);
    assert_eq!(store.find_cases("ch\u{0}1", 10).unwrap().len(), 1);
    let kept = store
        .document(&commit.processed[0].document)
        .unwrap()
        .unwrap();
    assert_eq!(kept.document.body, sent.body);
    assert_eq!(kept.document.name, place.words("a\0b", "a\u{2400}b"));
    assert_eq!(store.rejects(&kept.id).unwrap().len(), 1);
}
