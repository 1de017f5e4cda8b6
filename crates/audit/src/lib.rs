//! The append-only record of every effect: a Merkle log that outside tools can read and nobody can rewrite unseen.
//!
//! Hashing is RFC 6962 section 2.1 over SHA-256, tiles follow C2SP `tlog-tiles`, checkpoints follow C2SP
//! `tlog-checkpoint` and `signed-note`. The room computes and checks; it holds no keys, reads no clock and stores
//! nothing, and it never looks inside a leaf: what a leaf says is the engine's business.
//!
//! Invariant: a signed checkpoint of size `n` fixes every byte of the first `n` leaves and their order. Whoever holds
//! one can prove a leaf is under it ([`inclusion_proof`]), that a later log extends it ([`consistency_proof`]), and,
//! from an [`export`] alone, where a log was changed.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod bundle;
mod checkpoint;
pub mod export;
mod hash;
mod note;
mod proof;
mod tile;
mod tree;

pub use bundle::{BundleError, ENTRY_BYTES_MAX, decode_bundle, encode_bundle};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use ed25519_dalek::SigningKey;
pub use hash::{Hash, leaf_hash, node_hash};
pub use note::{KeyError, NoteError, Signature, SignedNote, VerifierKey};
pub use proof::{
    ProofError, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion,
};
pub use tile::{TILE_WIDTH, Tile, TileError, tiles};
pub use tree::{Tree, TreeError, root_of};
