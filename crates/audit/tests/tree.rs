//! The tree against published vectors, against the definition, and proofs against each other.
#![allow(clippy::as_conversions)]

use audit::{
    Hash, ProofError, Tree, consistency_proof, inclusion_proof, leaf_hash, node_hash, root_of,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

/// The inputs that Certificate Transparency's reference implementations share.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// Their roots for the first n of those inputs.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// RFC 6962 section 2.1, written as the definition reads: the largest power of two below n splits.
fn root_by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::empty_tree(),
        [leaf] => *leaf,
        _ => {
            let mut split = 1;
            while split * 2 < leaves.len() {
                split *= 2;
            }
            let (left, right) = leaves.split_at(split);
            node_hash(&root_by_definition(left), &root_by_definition(right))
        }
    }
}

fn numbered(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

#[test]
fn published_roots_come_out() {
    let mut tree = Tree::empty();
    assert_eq!(tree.root().to_string(), ROOTS[0]);
    for (leaf, want) in LEAVES.iter().zip(&ROOTS[1..]) {
        tree.append(leaf_hash(leaf));
        assert_eq!(tree.root().to_string(), *want, "size {}", tree.size());
    }
}

#[test]
fn published_proofs_come_out() {
    let leaves: Vec<Hash> = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    let hexed = |proof: Vec<Hash>| proof.iter().map(Hash::to_string).collect::<Vec<_>>();
    // Reference vectors: the path of leaf 0 in 8, and the growth from 6 to 8.
    assert_eq!(
        hexed(inclusion_proof(&leaves, 0).unwrap()),
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ]
    );
    assert_eq!(
        hexed(consistency_proof(&leaves, 6).unwrap()),
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn a_resumed_tree_grows_as_the_one_that_never_stopped() {
    let leaves = numbered(130);
    let mut whole = Tree::empty();
    for (done, leaf) in leaves.iter().enumerate() {
        let mut resumed = Tree::from_parts(whole.size(), whole.frontier().to_vec()).unwrap();
        assert_eq!(resumed.root(), root_by_definition(&leaves[..done]));
        resumed.append(*leaf);
        whole.append(*leaf);
        assert_eq!(resumed, whole);
    }
}

#[test]
fn a_frontier_of_another_size_is_refused() {
    let frontier = numbered(2);
    let said = Tree::from_parts(5, frontier[..1].to_vec()).unwrap_err();
    assert_eq!(
        said.to_string(),
        "a tree of 5 leaves has 2 frontier hashes, found 1"
    );
    assert!(Tree::from_parts(5, frontier.clone()).is_ok());
    assert!(Tree::from_parts(4, frontier).is_err());
}

#[test]
fn every_leaf_of_every_size_to_130_is_proved_and_in_no_other_place() {
    let leaves = numbered(130);
    for size in 1..=130 {
        let leaves = &leaves[..size as usize];
        let root = root_of(leaves);
        for index in 0..size {
            let leaf = &leaves[index as usize];
            let proof = inclusion_proof(leaves, index).unwrap();
            verify_inclusion(leaf, index, size, &proof, &root)
                .unwrap_or_else(|error| panic!("leaf {index} of {size}: {error}"));
            for elsewhere in (0..size).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, elsewhere, size, &proof, &root).is_err());
            }
        }
        assert_eq!(
            inclusion_proof(leaves, size),
            Err(ProofError::IndexOutside { index: size, size })
        );
    }
}

#[test]
fn every_growth_to_130_is_proved() {
    let leaves = numbered(130);
    let roots: Vec<Hash> = (0..=130).map(|size| root_of(&leaves[..size])).collect();
    for newer in 0..=130_u64 {
        for older in 0..=newer {
            let proof = consistency_proof(&leaves[..newer as usize], older).unwrap();
            let (old, new) = (&roots[older as usize], &roots[newer as usize]);
            verify_consistency((older, old), (newer, new), &proof)
                .unwrap_or_else(|error| panic!("{older} to {newer}: {error}"));
            // The same proof must not vouch for another history of either size.
            let other = leaf_hash(b"other");
            assert!(verify_consistency((older, &other), (newer, new), &proof).is_err());
            if older > 0 {
                assert!(verify_consistency((older, old), (newer, &other), &proof).is_err());
            }
        }
    }
    assert_eq!(
        verify_consistency((2, &roots[2]), (1, &roots[1]), &[]),
        Err(ProofError::SizesReversed { older: 2, newer: 1 })
    );
}

proptest! {
    #[test]
    fn a_proof_with_any_bit_or_hash_changed_fails(
        size in 1_u64..=130, pick in any::<u64>(), at in any::<usize>(), bit in 0_u8..8, byte in 0_usize..32,
    ) {
        let leaves = numbered(size);
        let root = root_of(&leaves);
        let index = pick % size;
        let leaf = leaves[index as usize];
        let proof = inclusion_proof(&leaves, index).unwrap();

        let mut longer = proof.clone();
        longer.push(leaf);
        prop_assert!(verify_inclusion(&leaf, index, size, &longer, &root).is_err());
        if !proof.is_empty() {
            let mut flipped = proof.clone();
            let at = at % flipped.len();
            flipped[at].0[byte] ^= 1 << bit;
            prop_assert!(verify_inclusion(&leaf, index, size, &flipped, &root).is_err());
            prop_assert!(verify_inclusion(&leaf, index, size, &proof[1..], &root).is_err());
        }

        let older = pick % (size + 1);
        let old_root = root_of(&leaves[..older as usize]);
        let proof = consistency_proof(&leaves, older).unwrap();
        let mut longer = proof.clone();
        longer.push(leaf);
        prop_assert!(verify_consistency((older, &old_root), (size, &root), &longer).is_err());
        if !proof.is_empty() {
            let mut flipped = proof.clone();
            let at = at % flipped.len();
            flipped[at].0[byte] ^= 1 << bit;
            prop_assert!(verify_consistency((older, &old_root), (size, &root), &flipped).is_err());
        }
    }

    #[test]
    fn a_rewritten_history_has_no_consistency_proof(
        newer in 2_u64..=130, older in 1_u64..130, edit in any::<u64>(),
    ) {
        prop_assume!(older < newer);
        let signed = root_of(&numbered(older));
        let mut leaves = numbered(newer);
        leaves[(edit % older) as usize] = leaf_hash(b"rewritten");
        let proof = consistency_proof(&leaves, older).unwrap();
        prop_assert!(verify_consistency((older, &signed), (newer, &root_of(&leaves)), &proof).is_err());
    }
}
