//! Every value of a case's page leads to why it is what it is, and from there to the bytes.

use crate::world::{World, between};
use std::collections::BTreeSet;

/// Every address in links that begin so.
fn links<'a>(page: &'a str, before: &str) -> BTreeSet<&'a str> {
    let links = page.split(before).skip(1);
    links
        .map(|link| link.split('"').next().unwrap_or_default())
        .collect()
}

/// The names of the values in a section that say something and lead nowhere.
fn unexplained(page: &str, section: &str) -> Vec<String> {
    let Some((_, rest)) = page.split_once(section) else {
        return Vec::new();
    };
    let section = rest.split("</section>").next().unwrap_or_default();
    let pairs = section.split("<dt>").skip(1);
    let silent = pairs.filter(|pair| {
        let value = pair.split_once("<dd").map_or("", |(_, value)| value);
        let unsaid = value
            .trim_start_matches(|c| c != '>')
            .starts_with("><span class=\"soft\">");
        !unsaid && !value.contains("class=\"why\"")
    });
    silent
        .map(|pair| pair.split("</dt>").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_value_of_a_case_leads_to_its_bytes() {
    let world = World::new();
    let who = &world.analyst;
    let lists = [
        "status=ours",
        "divergent=yes",
        "status=lost",
        "provider=adyen",
        "provider=paypal",
        "provider=ach",
    ];
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    let mut groundless = Vec::new();
    for list in lists {
        let page = world.page(who, &format!("/desk/cases?{list}"));
        let cases = links(&page, "data-row href=\"");
        assert!(!cases.is_empty(), "{list}");
        for case in cases.into_iter().take(2) {
            let page = world.page(who, case);
            for section in ["\"standing\"", "\"the-money\"", "\"references\""] {
                let silent = unexplained(&page, &format!("aria-labelledby={section}"));
                assert!(silent.is_empty(), "{case}: nothing says why: {silent:?}");
            }
            for why in links(&page, "class=\"why\" href=\"") {
                let why = why.replace("&amp;", "&");
                let found = world.page(who, why.split('#').next().unwrap_or_default());
                let Some((_, field)) = why.split_once("/why/") else {
                    assert!(found.contains("<mark"), "{why} marks no bytes");
                    continue;
                };
                let places = links(&found, "data-row href=\"");
                let ruled = !found.contains("No rule: ");
                if places.is_empty() && !ruled {
                    groundless.push(why.clone());
                }
                // One of each kind of value down to the bytes.
                let kind = field.split('.').next().unwrap_or_default().to_owned();
                let Some(place) = places.first().filter(|_| kinds.insert(kind)) else {
                    continue;
                };
                let place = place.replace("&amp;", "&");
                let bytes = world.page(who, place.split('#').next().unwrap_or_default());
                assert!(
                    !between(&bytes, "<mark id=\"mark\">", "</mark>").is_empty(),
                    "{why}"
                );
            }
        }
    }
    assert!(
        groundless.is_empty(),
        "these rest on nothing: {groundless:?}"
    );
    for kind in [
        "cutoff",
        "disputed",
        "movement",
        "money",
        "reference",
        "status",
        "obligation",
        "answer",
    ] {
        assert!(kinds.contains(kind), "no case has a {kind}: {kinds:?}");
    }
}
