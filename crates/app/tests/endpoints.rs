//! Endpoints are made, changed and deleted by their owners, and lead nowhere inside.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod told;

use app::endpoints::{Offered, Wanted};
use app::publish::Wording;
use store::Registry;
use told::{Kept, Plain, at, document};

fn offered() -> Offered {
    Offered {
        event_types: Plain.types(),
        api_versions: vec![String::from("2024-06-20")],
    }
}

fn wanted(url: &str) -> Wanted<'_> {
    Wanted {
        url,
        description: "Shop",
        events: &["desk.*"],
        api_version: "2024-06-20",
        metadata: "{}",
    }
}

const URL: &str = "https://shop.example.com/hook?shop=1";

#[track_caller]
fn check(url: &str, events: &[&str], want: &[&str]) {
    let mut kept = Kept::new();
    let wanted = Wanted {
        events,
        ..wanted(url)
    };
    let made = kept
        .desk
        .create_endpoint((None, true), &wanted, &offered(), "analyst", at(0))
        .unwrap();
    let wrong = made.err().unwrap_or_default();
    let fields: Vec<&str> = wrong.iter().map(|wrong| wrong.field).collect();
    assert_eq!(fields, want, "{wrong:?}");
}

#[test]
fn what_is_wanted_is_judged() {
    check(URL, &["*"], &[]);
    check(URL, &["desk.opened", "desk.*"], &[]);
    check(URL, &[], &["enabled_events"]);
    check(URL, &["invoice.paid"], &["enabled_events"]);
    check(
        "http://shop.example.com",
        &["nothing"],
        &["url", "enabled_events"],
    );
    for inside in [
        "https://127.0.0.1/hook",
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest",
        "https://[::1]/hook",
        "https://[fd00::1]/hook",
        "https://localhost/hook",
        "https://desk.internal/hook",
        "https://shop.example.com:22/hook",
        "https://user@shop.example.com/hook",
        "https://2130706433/hook",
    ] {
        check(inside, &["*"], &["url"]);
    }
}

#[test]
fn sixteen_endpoints_are_enough() {
    let mut kept = Kept::new();
    for n in 0..17 {
        let made = kept
            .desk
            .create_endpoint((None, true), &wanted(URL), &offered(), "analyst", at(n))
            .unwrap();
        assert_eq!(made.is_ok(), n < 16);
    }
    assert_eq!(kept.desk.endpoints_of(None, true).unwrap().len(), 16);
    assert_eq!(kept.desk.endpoints_of(None, false).unwrap().len(), 0);
}

#[test]
fn an_endpoint_is_changed_rolled_and_deleted() {
    let mut kept = Kept::new();
    let desk = &mut kept.desk;
    let made = desk.create_endpoint((None, true), &wanted(URL), &offered(), "analyst", at(0));
    let (made, secret) = made.unwrap().unwrap();
    assert_eq!(made.secrets, [(secret.expose().to_owned(), None)]);
    let elsewhere = wanted("https://other.example.com/hook");
    let changed = desk.change_endpoint(&made.id, &elsewhere, &offered(), "analyst", at(1));
    assert_eq!(changed.unwrap().unwrap().url, elsewhere.url);
    let rolled = desk.roll_secret(&made.id, at(3_600), "analyst", at(2));
    let (rolled, fresh) = rolled.unwrap().unwrap();
    let want = [
        (fresh.expose().to_owned(), None),
        (secret.expose().to_owned(), Some(at(3_600))),
    ];
    assert_eq!(rolled.secrets, want);
    // A third is refused while two are live, unless it ends them.
    let third = desk
        .roll_secret(&made.id, at(3_600), "analyst", at(3))
        .unwrap();
    assert!(third.is_err());
    assert!(
        desk.roll_secret(&made.id, at(3), "analyst", at(3))
            .unwrap()
            .is_ok()
    );
    kept.bring(&[document("created", "1")]);
    assert_eq!(kept.publish().deliveries, 2);
    let desk = &mut kept.desk;
    desk.delete_endpoint(&made.id, "analyst", at(4)).unwrap();
    let rows = desk.engine.store.deliveries(&made.id, 9).unwrap();
    assert!(rows.iter().all(|row| row.state == "cancelled"), "{rows:?}");
    assert!(desk.endpoints_of(None, true).unwrap().is_empty());
    let again = desk.delete_endpoint(&made.id, "analyst", at(5));
    assert_eq!(again.unwrap_err().code(), "DP-3017");
    kept.bring(&[document("created", "2")]);
    assert_eq!(kept.publish().deliveries, 0);
}
