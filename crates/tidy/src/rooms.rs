//! The rooms, what each may use, and how each opens. This table is DESIGN's table of rooms as code: to add an edge is to
//! change it here, with a decision record.

use crate::manifest::{When, dependencies};
use crate::{Repository, Violation};

/// One crate under `crates/`.
#[derive(Debug)]
pub struct Room {
    pub name: &'static str,
    /// `#![no_std]`: no clock, files, network, printing or randomly ordered maps.
    pub pure: bool,
    /// Rooms it may name in its manifest, for tests too.
    pub rooms: &'static [&'static str],
    /// External crates it may name for what it ships.
    pub crates: &'static [&'static str],
}

/// External crates that a room's build script may use: they read data into the room and are gone when it runs.
const BUILD: &[(&str, &[&str])] = &[("dispute", &["serde_json", "sha2"])];

/// Rooms that only the tests of a room may name: official clients drive `api`, and browsers' requests the pages, over a desk
/// with simulated providers.
const TESTS: &[(&str, &[&str])] = &[
    ("api", &["adapter", "engine", "sim", "store"]),
    // Pages are asked for over the fortnight of a simulated desk.
    ("console", &["dispute", "sim"]),
];

/// Rooms that know nothing of each other's storage and transport; what the composing rooms may see.
const ALL_BUT_DOCKET: &[&str] = &[
    "access",
    "adapter",
    "api",
    "app",
    "audit",
    "calendar",
    "console",
    "dispute",
    "engine",
    "hooks",
    "ledger",
    "money",
    "providers",
    "sim",
    "store",
    "transport",
    "upload",
    "wire-nacha",
];

/// Every room, pure ones first, each after those it uses.
pub const ROOMS: &[Room] = &[
    room("money", true, &[], &[]),
    room("calendar", true, &[], &["jiff"]),
    room("wire-nacha", true, &[], &[]),
    room(
        "access",
        false,
        &["calendar"],
        // Passwords, key checksums, bound tokens; aws-lc-rs checks ID tokens and has the SHA-1 that TOTP is made of.
        &[
            "argon2",
            "aws-lc-rs",
            "base64",
            "crc32fast",
            "hmac",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "thiserror",
        ],
    ),
    room("audit", true, &[], &["base64", "ed25519-dalek", "sha2"]),
    room("ledger", true, &["money"], &[]),
    room("dispute", true, &["calendar", "ledger", "money"], &["sha2"]),
    room("adapter", true, &["calendar", "dispute", "money"], &[]),
    room(
        "hooks",
        true,
        &["calendar"],
        &["base64", "ed25519-dalek", "hex", "hmac", "sha2", "subtle"],
    ),
    room(
        "providers",
        false,
        &["adapter", "calendar", "dispute", "money", "wire-nacha"],
        // aws-lc-rs (which the HTTP client brings anyway) and x509-cert check a provider's certificate signatures; the rsa
        // crate has an open advisory without a fix.
        &[
            "aws-lc-rs",
            "base64",
            "crc32fast",
            "csv",
            "hex",
            "hmac",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "x509-cert",
        ],
    ),
    room(
        "store",
        false,
        &["audit", "calendar", "dispute", "ledger", "money"],
        &[
            "chacha20poly1305",
            "getrandom",
            "hex",
            "postgres",
            "rayon",
            "rusqlite",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "tracing",
            "zstd",
        ],
    ),
    room(
        "transport",
        false,
        &["calendar"],
        &["reqwest", "thiserror", "tracing"],
    ),
    room(
        "engine",
        false,
        &[
            "adapter", "audit", "calendar", "dispute", "ledger", "money", "store",
        ],
        &[
            "crc32fast",
            "miniz_oxide",
            "rayon",
            "sha2",
            "thiserror",
            "tracing",
        ],
    ),
    // The process that reads uploads is made of these; nobody else needs them.
    room(
        "upload",
        false,
        &[],
        &[
            "crc32fast",
            "hex",
            "libc",
            "miniz_oxide",
            "rustix",
            "seccompiler",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
        ],
    ),
    room(
        "app",
        false,
        &[
            "access",
            "adapter",
            "audit",
            "calendar",
            "dispute",
            "engine",
            "hooks",
            "ledger",
            "money",
            "providers",
            "store",
            "transport",
            "upload",
        ],
        // Tokens, keys and ids of people are random; hashes of them are kept as hexadecimal. The views say their JSON Schema.
        &[
            "getrandom",
            "hex",
            "schemars",
            "serde",
            "serde_json",
            "thiserror",
            "toml",
            "tracing",
        ],
    ),
    room(
        "api",
        false,
        // What it renders is a case, in the words of disputes. Never the store or the engine.
        &["access", "app", "calendar", "dispute", "money"],
        &[
            "axum",
            "rayon",
            "schemars",
            "serde",
            "serde_json",
            "tokio",
            "tracing",
        ],
    ),
    room(
        "sim",
        false,
        ALL_BUT_DOCKET,
        // The signatures of simulated providers, and their seeds.
        &[
            "base64",
            "hex",
            "hmac",
            "rand_chacha",
            "serde",
            "serde_json",
            "sha2",
            "tempfile",
            "thiserror",
        ],
    ),
    room(
        "console",
        false,
        &["access", "app", "calendar", "money"],
        &[
            "axum",
            "getrandom",
            "hex",
            "maud",
            "percent-encoding",
            "qrcodegen",
            "serde",
            "sha2",
            "tokio",
            "tracing",
        ],
    ),
    room(
        "docket",
        false,
        ALL_BUT_DOCKET,
        // Composition: whatever the command line, the listener and the logs need.
        &[
            "anstream",
            "anstyle",
            "anyhow",
            "axum",
            "base64",
            "clap",
            "clap_complete",
            "comfy-table",
            "getrandom",
            "hyper",
            "hyper-util",
            "indicatif",
            "mimalloc",
            "prometheus-client",
            // Telling spans to a collector; the client that `transport` links already.
            "reqwest",
            "rustix",
            "serde",
            "serde_json",
            "tempfile",
            "tokio",
            "tracing",
            "tracing-subscriber",
        ],
    ),
    room("tidy", false, &[], &[]),
];

const fn room(
    name: &'static str,
    pure: bool,
    rooms: &'static [&'static str],
    crates: &'static [&'static str],
) -> Room {
    Room {
        name,
        pure,
        rooms,
        crates,
    }
}

/// Every manifest names only what the table allows, and every room is in the table.
pub(crate) fn edges(repository: &Repository) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, manifest) in repository.below("crates/") {
        let Some(name) = path
            .strip_prefix("crates/")
            .and_then(|path| path.strip_suffix("/Cargo.toml"))
        else {
            continue;
        };
        let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
            let message = format!("room `{name}` is not in the table of rooms");
            found.push(Violation::new(path, 1, message));
            continue;
        };
        for dependency in dependencies(manifest) {
            let used = dependency.name.as_str();
            let internal = ROOMS.iter().any(|room| room.name == used);
            let allowed = match dependency.when {
                When::Test if internal => {
                    let tests = TESTS.iter().find(|(at, _)| *at == name);
                    let in_tests = tests.is_some_and(|(_, rooms)| rooms.contains(&used));
                    in_tests || room.rooms.contains(&used)
                }
                _ if internal => room.rooms.contains(&used),
                When::Run => room.crates.contains(&used),
                When::Build => BUILD
                    .iter()
                    .any(|(at, crates)| *at == name && crates.contains(&used)),
                When::Test => true,
            };
            if !allowed {
                let message = format!("room `{name}` may not use `{used}`");
                found.push(Violation::new(path, dependency.line, message));
            }
        }
    }
    found
}

/// Pure rooms give up the standard library at their root.
pub(crate) fn no_std(repository: &Repository) -> Vec<Violation> {
    let pure = ROOMS.iter().filter(|room| room.pure);
    pure.filter_map(|room| {
        let path = format!("crates/{}/src/lib.rs", room.name);
        let text = repository.text(&path)?;
        let says = text.lines().any(|line| line.trim() == "#![no_std]");
        (!says).then(|| Violation::new(&path, 1, "a pure room has `#![no_std]`"))
    })
    .collect()
}

/// Every crate root opens with `//!`: what it is, what it is not, the invariant it keeps.
pub(crate) fn crate_roots(repository: &Repository) -> Vec<Violation> {
    repository
        .rust()
        .filter(|(path, _)| is_crate_root(path))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| Violation::new(path, 1, "a crate root opens with `//!`"))
        .collect()
}

fn is_crate_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["crates", _, inside @ ..] | ["xtask", inside @ ..] => matches!(
            inside,
            ["src", "lib.rs" | "main.rs"] | ["src", "bin", _] | ["examples" | "benches", _]
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn an_edge_outside_the_table_is_found() {
        check(
            edges,
            &[
                (
                    "crates/money/Cargo.toml",
                    "[dependencies]\nledger.workspace = true\n",
                ),
                (
                    "crates/ledger/Cargo.toml",
                    "[dependencies]\nmoney.workspace = true\nserde.workspace = true\n",
                ),
                (
                    "crates/engine/Cargo.toml",
                    "[dev-dependencies]\nproptest.workspace = true\nproviders.workspace = true\n",
                ),
                ("crates/common/Cargo.toml", ""),
                (
                    "crates/dispute/Cargo.toml",
                    "[build-dependencies]\nserde_json.workspace = true\nhex.workspace = true\n[dependencies]\nserde_json.workspace = true\n",
                ),
                (
                    "crates/docket/Cargo.toml",
                    "[dependencies]\ntidy.workspace = true\n",
                ),
            ],
            &[
                "crates/common/Cargo.toml:1",
                "crates/dispute/Cargo.toml:3",
                "crates/dispute/Cargo.toml:5",
                "crates/docket/Cargo.toml:2",
                "crates/engine/Cargo.toml:3",
                "crates/ledger/Cargo.toml:3",
                "crates/money/Cargo.toml:2",
            ],
        );
    }

    #[test]
    fn the_table_has_no_cycle_and_only_rooms() {
        for (at, room) in ROOMS.iter().enumerate() {
            for used in room.rooms {
                let place = ROOMS.iter().position(|other| other.name == *used);
                let composing = matches!(room.name, "sim" | "docket");
                assert!(
                    place.is_some_and(|place| place < at) || composing,
                    "{} uses {used}",
                    room.name
                );
            }
        }
    }

    #[test]
    fn a_pure_room_with_std_is_found() {
        check(
            no_std,
            &[
                ("crates/money/src/lib.rs", "//! Money.\n"),
                ("crates/ledger/src/lib.rs", "//! Ledger.\n#![no_std]\n"),
                ("crates/store/src/lib.rs", "//! Store.\n"),
            ],
            &["crates/money/src/lib.rs:1"],
        );
    }

    #[test]
    fn a_crate_root_without_a_word_is_found() {
        check(
            crate_roots,
            &[
                ("crates/money/src/lib.rs", "pub fn a() {}\n"),
                ("crates/money/src/currency.rs", "pub fn a() {}\n"),
                ("crates/docket/src/main.rs", "//! The executable.\n"),
                ("crates/money/examples/rate.rs", "fn main() {}\n"),
                ("xtask/src/main.rs", "fn main() {}\n"),
            ],
            &[
                "crates/money/examples/rate.rs:1",
                "crates/money/src/lib.rs:1",
                "xtask/src/main.rs:1",
            ],
        );
    }
}
