//! What a person chose for themselves.
#![allow(clippy::unwrap_used)]

use access::{Mode, PersonId};
use app::entrance::Doer;
use app::personal::{Preferences, SavedView};
use app::{Desk, Opening, Place};
use calendar::Instant;

#[test]
fn what_somebody_chose_is_theirs_and_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("desk"));
    let mut desk = Desk::open(&place, Opening::OrNew).unwrap();
    let at = |seconds| {
        let start = Instant::parse("2026-11-23T09:00:00Z").unwrap();
        start.plus_seconds(seconds)
    };
    let by = Doer::at_the_shell("a", Mode::Live, at(0));
    let person = by.asker.identity().person().unwrap().clone();
    assert_eq!(desk.preferences(&person).unwrap(), Preferences::unchosen());
    let wish = Preferences {
        zone: String::from("America/New_York"),
        theme: String::from("dark"),
        told: None,
    };
    desk.prefer(&by, &wish).unwrap();
    assert_eq!(desk.preferences(&person).unwrap(), wish);
    let unfit = |zone: &str, theme: &str| Preferences {
        zone: zone.to_owned(),
        theme: theme.to_owned(),
        told: None,
    };
    assert!(desk.prefer(&by, &unfit("Mars/Base", "")).is_err());
    assert!(desk.prefer(&by, &unfit("", "purple")).is_err());
    let view = |name: String, query: &str| SavedView {
        place: String::from("/disputes"),
        name,
        query: query.to_owned(),
    };
    for number in 0..30 {
        desk.save_view(&by, &view(format!("view {number}"), "status=won"))
            .unwrap();
    }
    assert!(
        desk.save_view(&by, &view(String::from("more"), ""))
            .is_err()
    );
    // One of the same name is replaced, so that it is none more.
    desk.save_view(&by, &view(String::from("view 3"), "status=lost"))
        .unwrap();
    assert!(desk.save_view(&by, &view(String::from(" "), "")).is_err());
    let kept = desk.saved_views(&person, "/disputes").unwrap();
    assert_eq!(kept.len(), 30);
    assert!(
        kept.iter()
            .any(|view| view.name == "view 3" && view.query == "status=lost")
    );
    assert!(desk.saved_views(&person, "/desk/queue").unwrap().is_empty());
    desk.drop_view(&by, "/disputes", "view 3").unwrap();
    assert_eq!(desk.saved_views(&person, "/disputes").unwrap().len(), 29);
    let other = PersonId::parse("per_other").unwrap();
    assert_eq!(desk.preferences(&other).unwrap(), Preferences::unchosen());

    // Marks of reading are by case, and the later one stands.
    desk.mark_read(&by, "dp_1", at(5)).unwrap();
    desk.mark_read(&by, "dp_2", at(6)).unwrap();
    desk.mark_read(&by, "dp_1", at(9)).unwrap();
    let read = desk.read_until(&person).unwrap();
    assert_eq!(read.get("dp_1"), Some(&at(9)));
    assert!(desk.read_until(&other).unwrap().is_empty());
}
