//! The tree against the definition in RFC 6962 and two implementations by others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests, outside #[test]")]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ledger::{Frontier, Hash, Tile, TileId, Tiles};
use proptest::prelude::*;
use sha2::Sha256;

fn data(n: u64) -> Vec<u8> {
    n.to_be_bytes().to_vec()
}

fn leaves(from: u64, to: u64) -> Vec<Hash> {
    (from..to).map(|n| ledger::leaf(&data(n))).collect()
}

/// The largest power of two below n, by counting.
fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// MTH of RFC 6962 section 2.1.
fn naive(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => ledger::empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            ledger::node(&naive(left), &naive(right))
        }
    }
}

/// PATH of RFC 6962 section 2.1.1.
fn naive_path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() < 2 {
        return vec![];
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, other) =
        if m < k { (naive_path(m, left), naive(right)) } else { (naive_path(m - k, right), naive(left)) };
    path.push(other);
    path
}

/// SUBPROOF of RFC 6962 section 2.1.2.
fn naive_proof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![naive(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m <= k {
        (naive_proof(m, left, whole), naive(right))
    } else {
        (naive_proof(m - k, right, false), naive(left))
    };
    proof.push(other);
    proof
}

/// Integrates batch after batch, loading only the edge each time, as the store does.
fn grow(batches: &[u64]) -> (u64, Hash, Tiles) {
    let (mut size, mut root, mut tiles) = (0, ledger::empty_root(), Tiles::new());
    for batch in batches {
        let edge = only(&tiles, ledger::edge(size));
        let done = ledger::integrate(size, &edge, &leaves(size, size + batch)).unwrap();
        (size, root) = (done.size, done.root);
        tiles.extend(done.changed);
        assert_eq!(ledger::root(size, &only(&tiles, ledger::root_tiles(size))), Ok(root));
    }
    (size, root, tiles)
}

/// The named tiles and no others.
fn only(tiles: &Tiles, ids: Vec<TileId>) -> Tiles {
    ids.into_iter().map(|id| (id, tiles[&id].clone())).collect()
}

#[test]
fn roots_and_tiles_are_right_at_every_small_size_and_around_every_tile_edge() {
    let sizes = (0..=520).chain([767, 768, 769, 65_535, 65_536, 65_537, 65_793]);
    for size in sizes {
        let all = leaves(0, size);
        let done = ledger::integrate(0, &Tiles::new(), &all).unwrap();
        assert_eq!(done.root, naive(&all), "root at {size}");
        let mut frontier = Frontier::default();
        all.iter().for_each(|leaf| frontier.push(*leaf));
        assert_eq!(frontier.root(), done.root, "frontier at {size}");
        for (id, tile) in &done.changed {
            let span = 256usize.pow(id.level.into());
            let first = usize::try_from(id.index).unwrap() * 256;
            let want: Vec<_> = all.chunks_exact(span).skip(first).take(256).map(naive).collect();
            assert_eq!(tile.hashes(), want, "tile {id} at {size}");
            assert_eq!(ledger::width(*id, size), want.len());
        }
        let count: u64 = (0..8u32).map(|level| (size >> (8 * level)).div_ceil(256)).sum();
        assert_eq!(done.changed.len() as u64, count, "tiles at {size}");
    }
}

#[test]
fn every_proof_of_every_small_tree_is_that_of_the_rfc_and_verifies() {
    let (_, _, tiles) = grow(&[40]);
    let all = leaves(0, 40);
    for size in 1..=40 {
        let now = &all[..usize::try_from(size).unwrap()];
        let root = naive(now);
        for index in 0..size {
            let proof = ledger::inclusion(index, size, &tiles).unwrap();
            let at = usize::try_from(index).unwrap();
            assert_eq!(proof, naive_path(at, now), "{index} in {size}");
            assert_eq!(ledger::verify_inclusion(&now[at], index, size, &proof, &root), Ok(()));
        }
        for first in 1..=size {
            let proof = ledger::consistency(first, size, &tiles).unwrap();
            let then = &all[..usize::try_from(first).unwrap()];
            assert_eq!(proof, naive_proof(then.len(), now, true), "{first} to {size}");
            assert_eq!(ledger::verify_consistency(first, size, &proof, &naive(then), &root), Ok(()));
        }
    }
}

#[test]
fn proofs_that_cannot_be_are_refused() {
    let (size, _, tiles) = grow(&[5]);
    assert!(ledger::inclusion(size, size, &tiles).is_err());
    assert!(ledger::inclusion(0, 0, &tiles).is_err());
    assert!(ledger::consistency(0, size, &tiles).is_err());
    assert!(ledger::consistency(6, 5, &tiles).is_err());
    assert!(ledger::inclusion_tiles(9, 5).is_empty() && ledger::consistency_tiles(0, 5).is_empty());
    assert!(ledger::inclusion(u64::MAX - 1, u64::MAX, &tiles).is_err());
    assert!(ledger::consistency(1 << 63, u64::MAX, &tiles).is_err());
}

/// tlog_tiles reads our tiles through its own arithmetic.
struct Reader<'a>(&'a Tiles);

impl tlog_tiles::TileReader for Reader<'_> {
    fn height(&self) -> u8 {
        8
    }
    fn read_tiles(&self, wanted: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let one = |tile: &tlog_tiles::Tile| {
            let id = TileId { level: tile.level(), index: tile.level_index() };
            self.0[&id].to_bytes()[..usize::try_from(tile.width()).unwrap() * 32].to_vec()
        };
        Ok(wanted.iter().map(one).collect())
    }
    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_batches_give_the_tree_of_one_batch_and_of_ct_merkle(batches in prop::collection::vec(0u64..300, 1..6)) {
        let (size, root, tiles) = grow(&batches);
        let one = ledger::integrate(0, &Tiles::new(), &leaves(0, size)).unwrap();
        prop_assert_eq!(one.root, root);
        prop_assert_eq!(one.changed, tiles);
        let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        (0..size).for_each(|n| oracle.push(data(n)));
        let theirs = oracle.root();
        prop_assert_eq!(theirs.as_bytes().as_slice(), root.as_slice());
    }

    #[test]
    fn proofs_come_from_the_tiles_they_name_and_equal_those_of_ct_merkle(
        batches in prop::collection::vec(1u64..400, 1..5),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 4),
    ) {
        let (size, root, tiles) = grow(&batches);
        let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        (0..size).for_each(|n| oracle.push(data(n)));
        for pick in picks {
            let index = pick.index(usize::try_from(size).unwrap());
            let at = u64::try_from(index).unwrap();
            let proof = ledger::inclusion(at, size, &only(&tiles, ledger::inclusion_tiles(at, size))).unwrap();
            let theirs = oracle.prove_inclusion(index);
            prop_assert_eq!(proof.as_flattened(), theirs.as_bytes());
            prop_assert_eq!(ledger::verify_inclusion(&ledger::leaf(&data(at)), at, size, &proof, &root), Ok(()));

            let first = at + 1;
            let proof = ledger::consistency(first, size, &only(&tiles, ledger::consistency_tiles(first, size))).unwrap();
            let old = ledger::root(first, &tiles).unwrap();
            prop_assert_eq!(ledger::verify_consistency(first, size, &proof, &old, &root), Ok(()));
            if first < size {
                let theirs = oracle.prove_consistency(usize::try_from(size - first).unwrap());
                prop_assert_eq!(proof.as_flattened(), theirs.as_bytes());
            }
        }
    }

    #[test]
    fn tlog_tiles_reads_the_same_tree_from_our_tiles(
        size in 1u64..1500,
        pick in any::<prop::sample::Index>(),
    ) {
        let (_, root, tiles) = grow(&[size]);
        let theirs = tlog_tiles::Hash(root);
        let reader = Reader(&tiles);
        let hashes = tlog_tiles::TileHashReader::new(size, theirs, &reader);
        prop_assert_eq!(tlog_tiles::tree_hash(size, &hashes).unwrap().0, root);
        let at = u64::try_from(pick.index(usize::try_from(size).unwrap())).unwrap();
        let proof = tlog_tiles::prove_record(size, at, &hashes).unwrap();
        let ours: Vec<_> = ledger::inclusion(at, size, &tiles).unwrap().into_iter().map(tlog_tiles::Hash).collect();
        prop_assert_eq!(proof, ours);
        let proof = tlog_tiles::prove_tree(size, at + 1, &hashes).unwrap();
        let ours: Vec<_> = ledger::consistency(at + 1, size, &tiles).unwrap().into_iter().map(tlog_tiles::Hash).collect();
        prop_assert_eq!(proof, ours);
    }

    #[test]
    fn any_changed_bit_of_an_inclusion_proof_fails(
        size in 1u64..600, pick in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(),
    ) {
        let (_, root, tiles) = grow(&[size]);
        let at = u64::try_from(pick.index(usize::try_from(size).unwrap())).unwrap();
        let proof = ledger::inclusion(at, size, &tiles).unwrap();
        // leaf, root and proof as one row of bits
        let mut all = [vec![ledger::leaf(&data(at)), root], proof].concat();
        let bit = bit.index(all.len() * 256);
        all[bit / 256][bit / 8 % 32] ^= 1 << (bit % 8);
        prop_assert!(ledger::verify_inclusion(&all[0], at, size, &all[2..], &all[1]).is_err());
    }

    #[test]
    fn any_changed_bit_or_size_of_a_consistency_proof_fails(
        size in 2u64..600, pick in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(),
    ) {
        let (_, root, tiles) = grow(&[size]);
        let first = u64::try_from(pick.index(usize::try_from(size - 1).unwrap())).unwrap() + 1;
        let proof = ledger::consistency(first, size, &tiles).unwrap();
        let old = ledger::root(first, &tiles).unwrap();
        let mut all = [vec![old, root], proof.clone()].concat();
        let bit = bit.index(all.len() * 256);
        all[bit / 256][bit / 8 % 32] ^= 1 << (bit % 8);
        prop_assert!(ledger::verify_consistency(first, size, &all[2..], &all[0], &all[1]).is_err());
        prop_assert!(ledger::verify_consistency(first, size, &proof[1..], &old, &root).is_err());
        prop_assert!(ledger::verify_consistency(0, size, &proof, &old, &root).is_err());
    }

    #[test]
    fn no_numbers_make_a_verifier_panic(
        a in any::<u64>(), b in any::<u64>(), proof in prop::collection::vec(any::<Hash>(), 0..70),
    ) {
        prop_assert!(ledger::verify_inclusion(&[0; 32], a, b, &proof, &[1; 32]).is_err());
        prop_assert!(ledger::verify_consistency(a, b, &proof, &[0; 32], &[1; 32]).is_err());
        prop_assert!(ledger::inclusion(a, b, &Tiles::new()).is_err() || b == 1);
        _ = ledger::consistency(a, b, &Tiles::new());
        _ = ledger::inclusion_tiles(a, b);
        _ = ledger::consistency_tiles(a, b);
        _ = ledger::root(a, &Tiles::from([(TileId { level: 0, index: 0 }, Tile::new(vec![[1; 32]; 256]).unwrap())]));
        _ = ledger::integrate(a, &Tiles::new(), &proof);
    }
}
