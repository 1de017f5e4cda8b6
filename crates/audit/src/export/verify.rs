//! Recomputes everything an export claims.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::finding::{Finding, Problem};
use super::read::{Contents, Entry, read};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::Hash;
use crate::note::{SignedNote, VerifierKey};
use crate::tree::Tree;

/// What a verification found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub origin: String,
    /// The verifier key that signatures were checked with, in its text form; empty when there was none to check with.
    pub key: String,
    /// Whether the caller gave the key. If not, the file vouches for itself: it is whole, but perhaps not the log.
    pub key_trusted: bool,
    /// Leaves in the file.
    pub entries: u64,
    /// Leaves under the largest checkpoint that verified; 0 when none did.
    pub size: u64,
    /// The root of that checkpoint; the empty tree's when none did.
    pub root: Hash,
    /// Checkpoints whose signature, origin, size and root all hold.
    pub checkpoints_verified: u64,
    /// In the order of the checks: lines, key, entries, checkpoints, what the caller noted, end.
    pub findings: Vec<Finding>,
}

/// What the caller knows from elsewhere: the more, the less a forger can do.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The log's key. Without it the key in the file is taken at its word.
    pub key: Option<VerifierKey>,
    /// Checkpoints noted earlier: printed, mailed to an auditor, anchored. The file must extend each of them.
    pub noted: Vec<Checkpoint>,
}

impl Report {
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Verifies with the key that the file names: detects every change by somebody without that key.
pub fn verify(bytes: &[u8]) -> Report {
    verify_against(bytes, &Trust::default())
}

/// Verifies with a key known from elsewhere: detects also a file signed anew with another key.
pub fn verify_with_key(bytes: &[u8], key: &VerifierKey) -> Report {
    let trust = Trust {
        key: Some(key.clone()),
        noted: Vec::new(),
    };
    verify_against(bytes, &trust)
}

/// Verifies with everything the caller knows: noted checkpoints detect also a history rewritten or cut back by the
/// holder of the key.
pub fn verify_against(bytes: &[u8], trust: &Trust) -> Report {
    let mut contents = read(bytes);
    let mut check = Check {
        findings: core::mem::take(&mut contents.findings),
        lines: contents.lines,
        log: Log::default(),
    };
    let key = check.key(&contents, trust);
    let origin = contents.origin.unwrap_or_default();
    let checkpoints = check.signatures(&contents, key.as_ref(), origin);
    check.entries(&contents.entries);
    check.grow(&contents.entries, &checkpoints, &trust.noted);
    check.checkpoint_order(&checkpoints);
    let verified = check.roots(&checkpoints);
    check.noted(&trust.noted, origin);
    check.end(&contents);
    let head = verified.iter().max_by_key(|checkpoint| checkpoint.size);
    Report {
        origin: origin.to_owned(),
        key: key.map(|key| key.to_string()).unwrap_or_default(),
        key_trusted: trust.key.is_some(),
        entries: count(contents.entries.len()),
        size: head.map_or(0, |head| head.size),
        root: head.map_or_else(Hash::empty_tree, |head| head.root),
        checkpoints_verified: count(verified.len()),
        findings: check.findings,
    }
}

struct Check {
    findings: Vec<Finding>,
    lines: u64,
    log: Log,
}

/// The log that the entries of the file make up, each leaf at the place its number says.
#[derive(Default)]
struct Log {
    /// One more than the highest number.
    entries: u64,
    /// Roots at the sizes that somebody signed or noted, ascending; none beyond a missing leaf.
    roots: Vec<(u64, Hash)>,
}

impl Check {
    fn find(&mut self, line: u64, seq: Option<u64>, problem: Problem) {
        self.findings.push(Finding { seq, line, problem });
    }

    fn key(&mut self, contents: &Contents<'_>, trust: &Trust) -> Option<VerifierKey> {
        let (line, text) = contents.key.unwrap_or((3, ""));
        if let Some(key) = &trust.key {
            if key.to_string() != text {
                let (expected, found) = (key.to_string(), text.to_owned());
                self.find(line, None, Problem::KeyDiffers { expected, found });
            }
            return Some(key.clone());
        }
        match VerifierKey::parse(text) {
            Ok(key) => Some(key),
            Err(error) => {
                self.find(line, None, Problem::Key(error));
                None
            }
        }
    }

    /// The checkpoints whose signature and origin hold, each with its line, in the order of the file.
    fn signatures(
        &mut self,
        contents: &Contents<'_>,
        key: Option<&VerifierKey>,
        origin: &str,
    ) -> Vec<(u64, Checkpoint)> {
        let mut good = Vec::new();
        for (line, note) in &contents.notes {
            let Some(key) = key else { continue };
            let checkpoint = SignedNote::parse(note)
                .map_err(CheckpointError::Note)
                .and_then(|note| Checkpoint::verify(&note, key));
            match checkpoint {
                Ok(checkpoint) if checkpoint.origin == origin => good.push((*line, checkpoint)),
                Ok(checkpoint) => {
                    let (expected, found) = (origin.to_owned(), checkpoint.origin);
                    self.find(*line, None, Problem::OriginDiffers { expected, found });
                }
                Err(error) => {
                    // Unsigned, so only a hint where to look: the last leaf the text claims to cover.
                    let claimed = claimed_size(note).and_then(|size| size.checked_sub(1));
                    self.find(*line, claimed, Problem::Checkpoint(error));
                }
            }
        }
        good
    }

    /// Numbers and leaf hashes, in the order of the file.
    fn entries(&mut self, entries: &[Entry]) {
        let mut numbers = Numbers::default();
        for entry in entries {
            if let Some((seq, problem)) = numbers.check(entry.seq) {
                self.find(entry.line, Some(seq), problem);
            }
            if entry.recorded != entry.computed {
                let (expected, found) = (entry.recorded, entry.computed);
                let problem = Problem::EntryEdited { expected, found };
                self.find(entry.line, Some(entry.seq), problem);
            }
        }
        self.log.entries = numbers.next;
    }

    /// Grows the tree over the leaves as numbered and keeps the roots that checkpoints ask for.
    fn grow(&mut self, entries: &[Entry], signed: &[(u64, Checkpoint)], noted: &[Checkpoint]) {
        let mut wanted: Vec<u64> = signed
            .iter()
            .map(|(_, checkpoint)| checkpoint)
            .chain(noted)
            .map(|checkpoint| checkpoint.size)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut wanted = wanted.into_iter().peekable();
        let mut placed: Vec<&Entry> = entries.iter().collect();
        placed.sort_by_key(|entry| entry.seq);
        placed.dedup_by_key(|entry| entry.seq);
        let mut tree = Tree::empty();
        for entry in placed {
            if let Some(size) = wanted.next_if_eq(&tree.size()) {
                self.log.roots.push((size, tree.root()));
            }
            if entry.seq != tree.size() {
                break;
            }
            // The recorded hash, not the computed one: an edit is already found, and if the signed root still comes
            // out, nothing else was touched.
            tree.append(entry.recorded);
        }
        if let Some(size) = wanted.next_if_eq(&tree.size()) {
            self.log.roots.push((size, tree.root()));
        }
    }

    fn checkpoint_order(&mut self, checkpoints: &[(u64, Checkpoint)]) {
        for ((_, before), (line, after)) in checkpoints.iter().zip(checkpoints.iter().skip(1)) {
            if after.size < before.size {
                let (from, to) = (before.size, after.size);
                self.find(*line, Some(to), Problem::SizeDecreases { from, to });
            }
        }
        let mut by_size: Vec<&(u64, Checkpoint)> = checkpoints.iter().collect();
        by_size.sort_by_key(|(line, checkpoint)| (checkpoint.size, *line));
        for ((_, one), (line, other)) in by_size.iter().zip(by_size.iter().skip(1)) {
            if one.size == other.size && one.root != other.root {
                let (size, first, second) = (one.size, one.root, other.root);
                let seq = size.checked_sub(1);
                self.find(
                    *line,
                    seq,
                    Problem::Fork {
                        size,
                        first,
                        second,
                    },
                );
            }
        }
    }

    /// Compares signed roots with the leaves, smallest first, so that the first difference is bracketed from below by
    /// the last root that held. Later differences follow from it and are not listed.
    fn roots<'c>(&mut self, checkpoints: &'c [(u64, Checkpoint)]) -> Vec<&'c Checkpoint> {
        let mut by_size: Vec<&(u64, Checkpoint)> = checkpoints.iter().collect();
        by_size.sort_by_key(|(line, checkpoint)| (checkpoint.size, *line));
        let mut verified: Vec<&Checkpoint> = Vec::new();
        let (mut held, mut differed, mut cut_off) = (0, false, false);
        for (line, checkpoint) in by_size {
            let (size, expected) = (checkpoint.size, checkpoint.root);
            match self.log.root_at(size) {
                Some(found) if found == expected => {
                    held = size;
                    verified.push(checkpoint);
                }
                Some(found) if !differed => {
                    differed = true;
                    let problem = Problem::RootDiffers {
                        size,
                        expected,
                        found,
                    };
                    self.find(*line, Some(held), problem);
                }
                None if size > self.log.entries && !cut_off => {
                    cut_off = true;
                    let problem = Problem::EntriesCutOff { size };
                    self.find(*line, Some(self.log.entries), problem);
                }
                Some(_) | None => {}
            }
        }
        let sizes = checkpoints.iter().map(|(_, checkpoint)| checkpoint.size);
        let sealed = sizes.max().unwrap_or(0);
        if sealed < self.log.entries {
            let entries = self.log.entries;
            self.find(
                self.lines,
                Some(sealed),
                Problem::EntriesUnsealed { entries },
            );
        }
        verified
    }

    fn noted(&mut self, noted: &[Checkpoint], origin: &str) {
        let mut by_size: Vec<&Checkpoint> = noted.iter().collect();
        by_size.sort_by_key(|checkpoint| checkpoint.size);
        let mut held = 0;
        for checkpoint in by_size {
            let (size, expected) = (checkpoint.size, checkpoint.root);
            if checkpoint.origin != origin {
                let (expected, found) = (checkpoint.origin.clone(), origin.to_owned());
                self.find(2, None, Problem::OriginDiffers { expected, found });
                continue;
            }
            match self.log.root_at(size) {
                Some(found) if found == expected => held = size,
                Some(found) => {
                    let problem = Problem::HistoryDiffers {
                        size,
                        expected,
                        found,
                    };
                    self.find(self.lines, Some(held), problem);
                }
                None if size > self.log.entries => {
                    let problem = Problem::HistoryCutOff { size };
                    self.find(self.lines, Some(self.log.entries), problem);
                }
                // Behind a hole, which is already a finding.
                None => {}
            }
        }
    }

    fn end(&mut self, contents: &Contents<'_>) {
        let held = (count(contents.entries.len()), count(contents.notes.len()));
        match contents.end {
            None => self.find(contents.lines + 1, None, Problem::EndMissing),
            Some((line, entries, checkpoints)) if (entries, checkpoints) != held => {
                self.find(
                    line,
                    None,
                    Problem::EndDiffers {
                        entries,
                        checkpoints,
                    },
                );
            }
            Some(_) => {}
        }
    }
}

impl Log {
    fn root_at(&self, size: u64) -> Option<Hash> {
        let at = self
            .roots
            .binary_search_by_key(&size, |(size, _)| *size)
            .ok()?;
        self.roots.get(at).map(|(_, root)| *root)
    }
}

/// Which numbers have passed: all below `next` but those in `missing`.
#[derive(Default)]
struct Numbers {
    next: u64,
    /// Half-open ranges, ascending.
    missing: Vec<(u64, u64)>,
}

impl Numbers {
    /// What is wrong with `seq` as the next number, and the first leaf that this puts in doubt.
    fn check(&mut self, seq: u64) -> Option<(u64, Problem)> {
        if seq >= self.next {
            let from = self.next;
            self.next = seq
                .checked_add(1)
                .expect("the reader refuses number 2^64 - 1");
            if seq == from {
                return None;
            }
            self.missing.push((from, seq));
            return Some((from, Problem::EntriesMissing { until: seq }));
        }
        let at = self.missing.partition_point(|(_, until)| *until <= seq);
        match self.missing.get(at).copied() {
            Some((from, until)) if from <= seq => {
                let rest = [(from, seq), (seq + 1, until)];
                let rest = rest.into_iter().filter(|(from, until)| from < until);
                self.missing.splice(at..=at, rest);
                let after = self.next - 1;
                Some((seq, Problem::EntryOutOfOrder { after }))
            }
            _ => Some((seq, Problem::EntryRepeated)),
        }
    }
}

/// The second line of a checkpoint's text, whoever wrote it.
fn claimed_size(note: &str) -> Option<u64> {
    note.split('\n').nth(1)?.parse().ok()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).expect("memory holds fewer than 2^64 items")
}
