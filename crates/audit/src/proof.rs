//! Inclusion and consistency proofs: built as RFC 6962 section 2.1.1-2 defines them, verified as RFC 9162 section
//! 2.1.3.2 and 2.1.4.2 spell out. Builder and verifier share no code, so each checks the other.

use alloc::vec::Vec;
use core::fmt;

use crate::hash::{Hash, node_hash};
use crate::tree::root_of;

/// Why a proof could not be built or does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The leaf is not among the first `size`.
    IndexOutside { index: u64, size: u64 },
    /// A log does not shrink: `older` must not exceed `newer`.
    SizesReversed { older: u64, newer: u64 },
    /// The two sizes fix how many hashes a proof has.
    Length { found: usize },
    /// The proof leads to another root than the one it should.
    RootDiffers { expected: Hash, found: Hash },
}

/// The siblings on the way from leaf `index` up to the root over all of `leaves`, lowest first.
///
/// # Errors
/// [`ProofError::IndexOutside`] when there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: u64) -> Result<Vec<Hash>, ProofError> {
    let outside = ProofError::IndexOutside {
        index,
        size: length(leaves),
    };
    let at = usize::try_from(index).map_err(|_| outside)?;
    if at >= leaves.len() {
        return Err(outside);
    }
    let mut path = Vec::new();
    let (mut subtree, mut at) = (leaves, at);
    while subtree.len() > 1 {
        let (left, right) = subtree.split_at(split_point(subtree.len()));
        if at < left.len() {
            path.push(root_of(right));
            subtree = left;
        } else {
            path.push(root_of(left));
            at -= left.len();
            subtree = right;
        }
    }
    // The walk went down; a proof is read going up.
    path.reverse();
    Ok(path)
}

/// The hashes that show `leaves` to extend their own first `older`, as RFC 6962's `PROOF(m, D[n])`. Empty when `older`
/// is 0 or all of them.
///
/// # Errors
/// [`ProofError::SizesReversed`] when `older` exceeds the number of leaves.
pub fn consistency_proof(leaves: &[Hash], older: u64) -> Result<Vec<Hash>, ProofError> {
    let reversed = ProofError::SizesReversed {
        older,
        newer: length(leaves),
    };
    let mut old = usize::try_from(older).map_err(|_| reversed)?;
    if old > leaves.len() {
        return Err(reversed);
    }
    if old == 0 || old == leaves.len() {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let mut subtree = leaves;
    // RFC 6962's flag `b`: while it holds, the old tree's own root is the next hash and the verifier has it already.
    let mut verifier_knows = true;
    while old != subtree.len() {
        let (left, right) = subtree.split_at(split_point(subtree.len()));
        if old <= left.len() {
            proof.push(root_of(right));
            subtree = left;
        } else {
            proof.push(root_of(left));
            old -= left.len();
            subtree = right;
            verifier_knows = false;
        }
    }
    if !verifier_knows {
        proof.push(root_of(subtree));
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that `leaf` is leaf number `index` of the tree of `size` leaves whose root is `root`.
///
/// # Errors
/// [`ProofError`] says which of index, length or root does not hold.
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexOutside { index, size });
    }
    let wrong_length = ProofError::Length { found: proof.len() };
    // `node` and `last` are the positions of our node and of the last node on the level being climbed.
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // The rightmost node has no sibling until it is a right child; levels in between are skipped.
            while node.is_multiple_of(2) && node != 0 {
                node /= 2;
                last /= 2;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node /= 2;
        last /= 2;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    expect_root(root, hash)
}

/// Checks that the tree (`newer`, `newer_root`) extends the tree (`older`, `older_root`).
///
/// # Errors
/// [`ProofError`] says which of sizes, length or roots does not hold.
pub fn verify_consistency(
    (older, older_root): (u64, &Hash),
    (newer, newer_root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if older > newer {
        return Err(ProofError::SizesReversed { older, newer });
    }
    let wrong_length = ProofError::Length { found: proof.len() };
    if older == 0 || older == newer {
        // Nothing lies between: the empty log is a prefix of every log, and a log extends itself.
        if !proof.is_empty() {
            return Err(wrong_length);
        }
        let known = if older == 0 {
            Hash::empty_tree()
        } else {
            *newer_root
        };
        return expect_root(&known, *older_root);
    }
    let mut hashes = proof.iter().copied();
    // An old tree that is one perfect subtree is itself the first hash; the proof leaves it out.
    let first = if older.is_power_of_two() {
        *older_root
    } else {
        hashes.next().ok_or(wrong_length)?
    };
    let (mut node, mut last) = (older - 1, newer - 1);
    while node % 2 == 1 {
        node /= 2;
        last /= 2;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for sibling in hashes {
        if last == 0 {
            return Err(wrong_length);
        }
        if node % 2 == 1 || node == last {
            old_hash = node_hash(&sibling, &old_hash);
            new_hash = node_hash(&sibling, &new_hash);
            while node.is_multiple_of(2) && node != 0 {
                node /= 2;
                last /= 2;
            }
        } else {
            new_hash = node_hash(&new_hash, &sibling);
        }
        node /= 2;
        last /= 2;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    expect_root(older_root, old_hash)?;
    expect_root(newer_root, new_hash)
}

/// RFC 6962's `k`: the largest power of two smaller than `count`, for a count of at least two.
fn split_point(count: usize) -> usize {
    assert!(count > 1, "a single leaf has no two sides");
    count.next_power_of_two() / 2
}

fn length(leaves: &[Hash]) -> u64 {
    u64::try_from(leaves.len()).expect("memory holds fewer than 2^64 hashes")
}

fn expect_root(expected: &Hash, found: Hash) -> Result<(), ProofError> {
    if *expected == found {
        return Ok(());
    }
    let expected = *expected;
    Err(ProofError::RootDiffers { expected, found })
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProofError::IndexOutside { index, size } => {
                write!(f, "leaf {index} is not among the first {size}")
            }
            ProofError::SizesReversed { older, newer } => {
                write!(
                    f,
                    "a log of {newer} leaves cannot extend one of {older} leaves"
                )
            }
            ProofError::Length { found } => {
                write!(f, "{found} hashes are not a proof for these sizes")
            }
            ProofError::RootDiffers { expected, found } => {
                write!(f, "the proof leads to root {found}, expected {expected}")
            }
        }
    }
}

impl core::error::Error for ProofError {}
