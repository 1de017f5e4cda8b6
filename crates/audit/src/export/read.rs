//! Lines of an export, told apart. Reads everything it can: one bad line costs only itself.

use alloc::string::String;
use alloc::vec::Vec;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::HEADER;
use super::finding::{Finding, Problem};
use crate::checkpoint::{parse_decimal, parse_hash};
use crate::hash::{Hash, leaf_hash};

/// A signed note is origin, size, root, blank line and signatures; a frame of more lines is damage, not a note.
const NOTE_LINES_MAX: usize = 128;

/// What an export holds, before anything in it is believed.
#[derive(Default)]
pub(super) struct Contents<'a> {
    pub(super) origin: Option<&'a str>,
    pub(super) key: Option<(u64, &'a str)>,
    pub(super) entries: Vec<Entry>,
    pub(super) notes: Vec<(u64, String)>,
    /// The line, entries and checkpoints of the `end` line.
    pub(super) end: Option<(u64, u64, u64)>,
    /// How many lines the file has.
    pub(super) lines: u64,
    pub(super) findings: Vec<Finding>,
}

pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) seq: u64,
    /// The leaf hash the file records.
    pub(super) recorded: Hash,
    /// The hash of the leaf the file carries.
    pub(super) computed: Hash,
}

pub(super) fn read(bytes: &[u8]) -> Contents<'_> {
    let mut contents = Contents::default();
    // What follows the last newline is a line cut off, unless it is nothing.
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').zip(1..);
    if lines.next().and_then(|(line, _)| text_of(line)) != Some(HEADER) {
        contents.misfit(1, "`docket-audit-export v1`");
        contents.lines = 1;
        return contents;
    }
    contents.lines = 1;
    while let Some((line, number)) = lines.next() {
        contents.lines = number;
        let Some(text) = text_of(line) else {
            contents.misfit(number, "a line of UTF-8 that ends in a newline");
            continue;
        };
        if contents.end.is_some() {
            contents.misfit(number, "nothing after `end`");
            continue;
        }
        if let Some(count) = text.strip_prefix("checkpoint ") {
            let note = parse_decimal(count)
                .and_then(|count| usize::try_from(count).ok())
                .filter(|count| *count <= NOTE_LINES_MAX)
                .and_then(|count| {
                    let note: Vec<(&[u8], u64)> = lines.by_ref().take(count).collect();
                    contents.lines = note.last().map_or(number, |(_, last)| *last);
                    note.iter()
                        .map(|(line, _)| core::str::from_utf8(line).ok())
                        .collect()
                });
            match note {
                Some(note) => contents.notes.push((number, note)),
                None => {
                    contents.misfit(number, "`checkpoint <lines>` and that many lines of UTF-8")
                }
            }
        } else if contents.line(number, text).is_none() {
            contents.misfit(
                number,
                "`origin`, `key`, `entry`, `checkpoint` or `end` with its fields",
            );
        }
    }
    contents
}

impl<'a> Contents<'a> {
    fn line(&mut self, number: u64, text: &'a str) -> Option<()> {
        let (kind, fields) = text.split_once(' ')?;
        match kind {
            "origin" if number == 2 => self.origin = Some(fields),
            "key" if number == 3 => self.key = Some((number, fields)),
            "entry" if self.notes.is_empty() => self.entries.push(entry(number, fields)?),
            "end" => {
                let (entries, checkpoints) = fields.split_once(' ')?;
                self.end = Some((number, parse_decimal(entries)?, parse_decimal(checkpoints)?));
            }
            _ => return None,
        }
        Some(())
    }

    fn misfit(&mut self, line: u64, expected: &'static str) {
        self.findings.push(Finding {
            seq: None,
            line,
            problem: Problem::Line { expected },
        });
    }
}

fn entry(line: u64, fields: &str) -> Option<Entry> {
    let (seq, fields) = fields.split_once(' ')?;
    let (hash, leaf) = fields.split_once(' ')?;
    Some(Entry {
        line,
        // The size after the last leaf must fit as well.
        seq: parse_decimal(seq).filter(|seq| *seq < u64::MAX)?,
        recorded: parse_hash(hash)?,
        computed: leaf_hash(&STANDARD.decode(leaf).ok()?),
    })
}

fn text_of(line: &[u8]) -> Option<&str> {
    core::str::from_utf8(line.strip_suffix(b"\n")?).ok()
}
