//! Tile names, widths and contents as `tlog-tiles` gives them, and entry bundles.
#![allow(clippy::unwrap_used)]

use audit::{
    BundleError, ENTRY_BYTES_MAX, Hash, Tile, decode_bundle, encode_bundle, leaf_hash, root_of,
    tiles,
};

#[track_caller]
fn check_path(level: u8, index: u64, width: u16, want: &str) {
    let tile = Tile::new(level, index, width).unwrap();
    assert_eq!(tile.path(), want);
    assert_eq!(Tile::parse_path(want), Ok(tile));
}

#[test]
fn paths_group_digits_by_three() {
    check_path(0, 0, 256, "tile/0/000");
    check_path(0, 5, 3, "tile/0/005.p/3");
    check_path(0, 1234, 5, "tile/0/x001/234.p/5");
    check_path(2, 1_234_067, 256, "tile/2/x001/x234/067");
    check_path(63, 999, 255, "tile/63/999.p/255");
    let bundle = Tile::new(0, 1_234_067, 7).unwrap();
    assert_eq!(bundle.entries_path(), "tile/entries/x001/x234/067.p/7");
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    for path in [
        "",
        "tile/0",
        "tile/00/000",
        "tile/0/0",
        "tile/0/1234",
        "tile/0/x000/234",
        "tile/0/001/234",
        "tile/0/x001/x234",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/+00",
        "tile/64/000",
        "/tile/0/000",
        "tile/0/x099/x999/x999/x999/x999/x999/999",
    ] {
        let said = Tile::parse_path(path);
        assert!(said.is_err(), "{path:?} was read as {said:?}");
    }
    assert!(Tile::new(64, 0, 1).is_err());
    assert!(Tile::new(0, 0, 0).is_err());
    assert!(Tile::new(0, 0, 257).is_err());
}

#[test]
fn seventy_thousand_leaves_make_the_tiles_of_the_specification() {
    let all = tiles(70_000);
    let count = |level: u8, full: bool| {
        all.iter()
            .filter(|t| t.level() == level && (t.width() == 256) == full)
            .count()
    };
    assert_eq!((count(0, true), count(0, false)), (273, 1));
    assert_eq!((count(1, true), count(1, false)), (1, 1));
    assert_eq!((count(2, true), count(2, false)), (0, 1));
    let partial: Vec<String> = all
        .iter()
        .filter(|t| t.width() < 256)
        .map(Tile::path)
        .collect();
    assert_eq!(
        partial,
        ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    );
}

#[test]
fn a_log_of_256_has_one_full_tile_and_its_root_above() {
    let paths: Vec<String> = tiles(256).iter().map(Tile::path).collect();
    assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(tiles(0), []);
}

#[test]
fn a_higher_tile_holds_the_roots_of_full_tiles_below() {
    let leaves: Vec<Hash> = (0..600_u64).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let level_1 = Tile::new(1, 0, 2).unwrap().hashes(&leaves).unwrap();
    assert_eq!(
        level_1,
        [root_of(&leaves[..256]), root_of(&leaves[256..512])]
    );
    let last = Tile::new(0, 2, 88).unwrap().hashes(&leaves).unwrap();
    assert_eq!(last, leaves[512..]);
    assert_eq!(Tile::new(0, 2, 89).unwrap().hashes(&leaves), None);
    assert_eq!(Tile::new(63, u64::MAX, 256).unwrap().hashes(&leaves), None);
}

#[test]
fn bundles_return_their_entries() {
    let long = vec![7; ENTRY_BYTES_MAX];
    let entries: [&[u8]; 3] = [b"", b"one", &long];
    let bytes = encode_bundle(entries).unwrap();
    assert_eq!(bytes[..7], [0, 0, 0, 3, b'o', b'n', b'e']);
    assert_eq!(decode_bundle(&bytes).unwrap(), entries);
    assert_eq!(decode_bundle(b"").unwrap(), Vec::<&[u8]>::new());
}

#[test]
fn a_bundle_cut_anywhere_inside_an_entry_is_refused() {
    let bytes = encode_bundle([b"one".as_slice(), b"two".as_slice()]).unwrap();
    for cut in (1..bytes.len()).filter(|cut| *cut != 5) {
        let number = usize::from(cut > 5);
        let said = decode_bundle(&bytes[..cut]);
        assert_eq!(said, Err(BundleError::Truncated { number }), "cut at {cut}");
    }
    let too_long = vec![0; ENTRY_BYTES_MAX + 1];
    let said = encode_bundle([b"".as_slice(), &too_long]).unwrap_err();
    assert_eq!(
        said.to_string(),
        "entry 1 has 65536 bytes, a bundle carries at most 65535"
    );
}
