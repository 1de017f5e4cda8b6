//! Folders on a real file system, with whoever writes beside us played by the test.

use super::{FolderError, Inbox, Outbox, Placed, standing};
use crate::Trouble;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Every name in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn check_put(outbox: &Outbox, name: &str, content: &[u8], want: Result<Placed, &str>) {
    match (outbox.put(name, content), want) {
        (Ok(got), Ok(want)) if got == want => {}
        (Err(Trouble::NotSent(why)), Err(want)) if why.contains(want) => {}
        (got, _) => panic!("{name}: {got:?}, expected {want:?}"),
    }
}

#[test]
fn file_is_put_once_and_left_alone() {
    let folder = folder();
    let outbox = Outbox::open(folder.path()).unwrap();
    check_put(&outbox, "a.ach", b"one", Ok(Placed::Written));
    check_put(&outbox, "a.ach", b"one", Ok(Placed::AlreadyThere));
    // The same name for something else, as long and longer.
    check_put(
        &outbox,
        "a.ach",
        b"two",
        Err("is there already with other content"),
    );
    check_put(
        &outbox,
        "a.ach",
        b"three",
        Err("is there already with other content"),
    );
    check_put(&outbox, "empty", b"", Ok(Placed::Written));
    check_put(&outbox, "empty", b"", Ok(Placed::AlreadyThere));
    assert_eq!(fs::read(folder.path().join("a.ach")).unwrap(), b"one");
    assert_eq!(names(folder.path()), ["a.ach", "empty"]);
}

#[test]
fn attempt_that_broke_off_is_made_good() {
    let folder = folder();
    let outbox = Outbox::open(folder.path()).unwrap();
    let temporary = folder.path().join(".a.ach.tmp");
    // Before the file had its name: half of it is there under the hidden one.
    fs::write(&temporary, b"on").unwrap();
    check_put(&outbox, "a.ach", b"one", Ok(Placed::Written));
    // After it had its name: both names are the same file, which must not be written over.
    fs::hard_link(folder.path().join("a.ach"), &temporary).unwrap();
    check_put(&outbox, "a.ach", b"one", Ok(Placed::AlreadyThere));
    assert_eq!(names(folder.path()), ["a.ach"]);
    // And both names again, when the file was collected and another of its name is due.
    fs::hard_link(folder.path().join("a.ach"), &temporary).unwrap();
    fs::rename(folder.path().join("a.ach"), folder.path().join("collected")).unwrap();
    check_put(&outbox, "a.ach", b"new", Ok(Placed::Written));
    assert_eq!(fs::read(folder.path().join("collected")).unwrap(), b"one");
    assert_eq!(fs::read(folder.path().join("a.ach")).unwrap(), b"new");
    assert_eq!(names(folder.path()), ["a.ach", "collected"]);
}

#[test]
fn names_that_lead_elsewhere_or_stay_unseen_are_not_put() {
    let folder = folder();
    let outbox = Outbox::open(folder.path()).unwrap();
    for name in ["../a", "/a", "a/b", "a\\b", "a\0b", "a\nb"] {
        check_put(
            &outbox,
            name,
            b"x",
            Err("slash, backslash or control character"),
        );
    }
    for name in [".a", "..", ".", "a.tmp", "a.PART", "a.partial", "a~"] {
        check_put(&outbox, name, b"x", Err("nobody would collect it"));
    }
    check_put(&outbox, "", b"x", Err("of 0 bytes"));
    check_put(
        &outbox,
        &"a".repeat(251),
        b"x",
        Err("of 251 bytes, expected 1 to 250"),
    );
    check_put(&outbox, &"a".repeat(250), b"x", Ok(Placed::Written));
}

#[test]
fn link_or_folder_of_the_name_is_not_our_file() {
    let (folder, elsewhere) = (folder(), folder());
    let outbox = Outbox::open(folder.path()).unwrap();
    let aim = elsewhere.path().join("aim");
    fs::write(&aim, b"one").unwrap();
    symlink(&aim, folder.path().join("link")).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    check_put(
        &outbox,
        "link",
        b"one",
        Err("is there already with other content"),
    );
    check_put(
        &outbox,
        "folder",
        b"one",
        Err("is there already with other content"),
    );
    // A link under the hidden name is removed, not written through.
    symlink(&aim, folder.path().join(".b.tmp")).unwrap();
    check_put(&outbox, "b", b"two", Ok(Placed::Written));
    assert_eq!(fs::read(&aim).unwrap(), b"one");
}

#[test]
fn outbox_that_is_gone_is_not_sent() {
    let folder = folder();
    let outbox = Outbox::open(folder.path()).unwrap();
    folder.close().unwrap();
    check_put(&outbox, "a", b"x", Err("file `a`: "));
    assert!(Outbox::open("does-not-exist").is_err());
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(
        Outbox::open(file.path())
            .unwrap_err()
            .to_string()
            .contains("is not a folder")
    );
}

#[test]
fn file_is_complete_when_two_looks_agree() {
    let folder = folder();
    let put = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    let inbox = Inbox::open(folder.path(), 1_000).unwrap();
    put("steady.csv", b"whole");
    put("grows.csv", b"hal");
    put("goes.csv", b"x");
    put("empty.csv", b"");
    put("filled.csv", b"");
    for unfinished in [
        ".hidden",
        "a.tmp",
        "a.part",
        "a.csv.filepart",
        "A.PARTIAL",
        "a~",
    ] {
        put(unfinished, b"x");
    }
    symlink("steady.csv", folder.path().join("link")).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let earlier = inbox.look().unwrap();
    let mut grows = File::options()
        .append(true)
        .open(folder.path().join("grows.csv"))
        .unwrap();
    grows.write_all(b"f").unwrap();
    put("filled.csv", b"x");
    put("new.csv", b"x");
    fs::remove_file(folder.path().join("goes.csv")).unwrap();
    let later = inbox.look().unwrap();

    let both = standing(&earlier, &later);
    assert_eq!(both.complete, ["steady.csv"]);
    assert_eq!(both.growing, ["filled.csv", "grows.csv", "new.csv"]);
    assert_eq!(both.empty, ["empty.csv"]);
    assert_eq!(both.odd, ["folder", "link"]);
    // Nothing changed since: all are complete, but those without a byte.
    let settled = standing(&later, &inbox.look().unwrap());
    assert_eq!(
        settled.complete,
        ["filled.csv", "grows.csv", "new.csv", "steady.csv"]
    );
    assert_eq!(settled.empty, ["empty.csv"]);
}

#[test]
fn file_replaced_by_one_as_long_is_still_growing() {
    let folder = folder();
    let inbox = Inbox::open(folder.path(), 1_000).unwrap();
    fs::write(folder.path().join("a.csv"), b"one").unwrap();
    let earlier = inbox.look().unwrap();
    fs::write(folder.path().join("b"), b"two").unwrap();
    fs::rename(folder.path().join("b"), folder.path().join("a.csv")).unwrap();
    assert_eq!(
        standing(&earlier, &inbox.look().unwrap()).growing,
        ["a.csv"]
    );
}

#[test]
fn read_file_is_moved_to_done_under_a_name_of_its_own() {
    let folder = folder();
    let inbox = Inbox::open(folder.path(), 1_000).unwrap();
    for (content, kept) in [("one", "a.csv"), ("two", "a.csv~2"), ("one", "a.csv~3")] {
        fs::write(folder.path().join("a.csv"), content).unwrap();
        let taken = inbox.read("a.csv").unwrap();
        assert_eq!(
            (taken.name.as_str(), taken.content.as_slice()),
            ("a.csv", content.as_bytes())
        );
        assert_eq!(inbox.finish(&taken).unwrap(), kept);
        assert_eq!(
            fs::read(folder.path().join("done").join(kept)).unwrap(),
            content.as_bytes()
        );
    }
    assert_eq!(names(folder.path()), ["done"]);
    assert_eq!(
        names(&folder.path().join("done")),
        ["a.csv", "a.csv~2", "a.csv~3"]
    );
}

#[test]
fn move_that_broke_off_is_completed() {
    let folder = folder();
    let inbox = Inbox::open(folder.path(), 1_000).unwrap();
    fs::write(folder.path().join("a.csv"), b"one").unwrap();
    fs::hard_link(
        folder.path().join("a.csv"),
        folder.path().join("done/a.csv"),
    )
    .unwrap();
    let taken = inbox.read("a.csv").unwrap();
    assert_eq!(inbox.finish(&taken).unwrap(), "a.csv");
    assert_eq!(names(folder.path()), ["done"]);
    assert_eq!(names(&folder.path().join("done")), ["a.csv"]);
}

#[test]
fn file_that_changed_since_it_was_read_is_not_moved() {
    let folder = folder();
    let inbox = Inbox::open(folder.path(), 1_000).unwrap();
    fs::write(folder.path().join("a.csv"), b"one").unwrap();
    let taken = inbox.read("a.csv").unwrap();
    fs::write(folder.path().join("a.csv"), b"corrected").unwrap();
    assert!(matches!(inbox.finish(&taken), Err(FolderError::Changed(name)) if name == "a.csv"));
    assert_eq!(fs::read(folder.path().join("a.csv")).unwrap(), b"corrected");
    assert_eq!(names(&folder.path().join("done")), [""; 0]);
    fs::remove_file(folder.path().join("a.csv")).unwrap();
    assert!(matches!(
        inbox.finish(&taken),
        Err(FolderError::Finish { .. })
    ));
}

#[test]
fn only_plain_files_of_the_inbox_up_to_its_limit_are_read() {
    let (folder, elsewhere) = (folder(), folder());
    let inbox = Inbox::open(folder.path(), 10).unwrap();
    fs::write(folder.path().join("ten"), b"0123456789").unwrap();
    fs::write(folder.path().join("eleven"), b"0123456789a").unwrap();
    fs::write(elsewhere.path().join("secret"), b"secret").unwrap();
    symlink(elsewhere.path().join("secret"), folder.path().join("link")).unwrap();
    assert_eq!(inbox.read("ten").unwrap().content, b"0123456789");
    let too_large = inbox.read("eleven").unwrap_err().to_string();
    assert_eq!(too_large, "file `eleven` has 11 bytes, at most 10 are read");
    let outside = format!(
        "../{}/secret",
        elsewhere.path().file_name().unwrap().to_string_lossy()
    );
    for name in [
        "link", "done", "", ".", "..", "done/x", &outside, ".hidden", "a.tmp",
    ] {
        assert!(
            matches!(inbox.read(name), Err(FolderError::NotPlain(_))),
            "{name}"
        );
    }
    assert!(matches!(
        inbox.read("absent"),
        Err(FolderError::Read { .. })
    ));
}

#[test]
fn folder_that_cannot_be_written_leaves_the_file_where_it_is() {
    let folder = folder();
    let inbox = Inbox::open(folder.path(), 10).unwrap();
    fs::write(folder.path().join("a"), b"x").unwrap();
    let taken = inbox.read("a").unwrap();
    fs::remove_dir(folder.path().join("done")).unwrap();
    assert!(matches!(
        inbox.finish(&taken),
        Err(FolderError::Finish { .. })
    ));
    assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"x");
}
