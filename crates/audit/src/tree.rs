//! The growing edge of the log: enough of the tree to append and to name the root, in at most 64 hashes.

use alloc::vec::Vec;
use core::fmt;

use crate::hash::{Hash, node_hash};

/// A log of `size` leaves, kept as its frontier: the roots of the perfect subtrees that the binary form of `size`
/// names, largest (leftmost) first. Size 6 = 4 + 2 keeps two hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    frontier: Vec<Hash>,
}

/// A stored frontier that cannot belong to a tree of the stated size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeError {
    FrontierLength {
        size: u64,
        expected: u32,
        found: usize,
    },
}

impl Tree {
    pub fn empty() -> Tree {
        Tree {
            size: 0,
            frontier: Vec::new(),
        }
    }

    /// Resumes from what [`Tree::size`] and [`Tree::frontier`] gave.
    ///
    /// # Errors
    /// A tree of `size` leaves has one frontier hash per set bit of `size`; any other count is refused.
    pub fn from_parts(size: u64, frontier: Vec<Hash>) -> Result<Tree, TreeError> {
        let expected = size.count_ones();
        if u32::try_from(frontier.len()) != Ok(expected) {
            let found = frontier.len();
            return Err(TreeError::FrontierLength {
                size,
                expected,
                found,
            });
        }
        Ok(Tree { size, frontier })
    }

    /// Adds one leaf on the right. The leaf's sequence number is the size before the call.
    pub fn append(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Every trailing one bit of the old size is a perfect subtree that the new leaf completes into a twice
        // larger one, as a carry does in addition.
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .frontier
                .pop()
                .expect("the frontier has one hash per set bit of size");
            node = node_hash(&left, &node);
        }
        self.frontier.push(node);
        self.size = self
            .size
            .checked_add(1)
            .expect("2^64 leaves cannot be appended one at a time");
        debug_assert_eq!(
            u32::try_from(self.frontier.len()),
            Ok(self.size.count_ones())
        );
    }

    /// The Merkle tree hash over all leaves so far: the frontier folded from the right.
    pub fn root(&self) -> Hash {
        self.frontier
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(Hash::empty_tree)
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Perfect subtree roots, largest first: what a store keeps to resume with [`Tree::from_parts`].
    pub fn frontier(&self) -> &[Hash] {
        &self.frontier
    }
}

/// The Merkle tree hash of these leaf hashes in this order.
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::empty();
    for leaf in leaves {
        tree.append(*leaf);
    }
    tree.root()
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TreeError::FrontierLength {
                size,
                expected,
                found,
            } => {
                write!(
                    f,
                    "a tree of {size} leaves has {expected} frontier hashes, found {found}"
                )
            }
        }
    }
}

impl core::error::Error for TreeError {}
