//! Inclusion and consistency proofs: made from tiles, checked without them (RFC 9162 sections 2.1.3 and 2.1.4).

use crate::tile::{self, TileId, Tiles};
use crate::tree::{self, Hash, TreeError};

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The position is not in the tree.
    #[error("position {index} is not in a tree of {size} leaves")]
    Outside {
        /// The position claimed.
        index: u64,
        /// The size claimed.
        size: u64,
    },
    /// The sizes are not 1 <= first <= second.
    #[error("sizes {first} and {second} admit no proof; the first must be at least 1 and not above the second")]
    Sizes {
        /// The older size.
        first: u64,
        /// The newer size.
        second: u64,
    },
    /// Too few or too many hashes for this position and these sizes.
    #[error("the proof has {have} hashes, which does not fit its position and sizes")]
    Length {
        /// Hashes given.
        have: usize,
    },
    /// The hashes lead to another root than the one given.
    #[error("the proof leads to another root than the {which} one")]
    Root {
        /// Which root: "signed", "older" or "newer".
        which: &'static str,
    },
}

/// The leaves a proof hash stands for: `from..to`.
type Span = (u64, u64);

fn inclusion_spans(index: u64, size: u64) -> Result<Vec<Span>, TreeError> {
    if index >= size {
        return Err(TreeError::Outside { index, size });
    }
    let (mut from, mut to) = (0, size);
    let mut spans = Vec::new();
    while to - from > 1 {
        let middle = from + tree::split(to - from);
        if index < middle {
            spans.push((middle, to));
            to = middle;
        } else {
            spans.push((from, middle));
            from = middle;
        }
    }
    spans.reverse();
    Ok(spans)
}

fn consistency_spans(first: u64, second: u64) -> Result<Vec<Span>, TreeError> {
    if first == 0 || first > second {
        return Err(TreeError::Sizes { first, second });
    }
    let (mut from, mut to) = (0, second);
    let mut spans = Vec::new();
    while first != to {
        let middle = from + tree::split(to - from);
        if first <= middle {
            spans.push((middle, to));
            to = middle;
        } else {
            spans.push((from, middle));
            from = middle;
        }
    }
    if from != 0 {
        spans.push((from, to));
    }
    spans.reverse();
    Ok(spans)
}

fn tiles_of(spans: Result<Vec<Span>, TreeError>) -> Vec<TileId> {
    let subtrees = spans.unwrap_or_default().into_iter().flat_map(|(from, to)| tree::subtrees(from, to));
    let mut ids: Vec<_> = subtrees.map(tile::tile_of).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn hashes_of(spans: Vec<Span>, tiles: &Tiles) -> Result<Vec<Hash>, TreeError> {
    let hashes =
        spans.into_iter().map(|(from, to)| tile::range(from, to, tiles).map(|h| h.unwrap_or_else(tree::empty_root)));
    hashes.collect()
}

/// The tiles [`inclusion`] needs; none when there is no such proof.
pub fn inclusion_tiles(index: u64, size: u64) -> Vec<TileId> {
    tiles_of(inclusion_spans(index, size))
}

/// Proves that the leaf at `index` is in the tree of the first `size` leaves.
///
/// # Errors
/// The position is outside, or a tile of [`inclusion_tiles`] is missing or short.
pub fn inclusion(index: u64, size: u64, tiles: &Tiles) -> Result<Vec<Hash>, TreeError> {
    hashes_of(inclusion_spans(index, size)?, tiles)
}

/// The tiles [`consistency`] needs; none when there is no such proof, or it is empty.
pub fn consistency_tiles(first: u64, second: u64) -> Vec<TileId> {
    tiles_of(consistency_spans(first, second))
}

/// Proves that the tree of `second` leaves begins with the tree of `first` leaves.
///
/// # Errors
/// Not 1 <= first <= second, or a tile of [`consistency_tiles`] is missing or short.
pub fn consistency(first: u64, second: u64, tiles: &Tiles) -> Result<Vec<Hash>, TreeError> {
    hashes_of(consistency_spans(first, second)?, tiles)
}

/// The walk from a leaf to the root, as two positions: the node's and the last node's of its level.
struct Walk {
    node: u64,
    last: u64,
}

impl Walk {
    /// Is the next proof hash the left one?
    fn left(&self) -> bool {
        self.node & 1 == 1 || self.node == self.last
    }

    /// Up to the parent, skipping the levels at which the node is alone.
    fn up(&mut self) {
        if self.left() {
            while self.node & 1 == 0 && self.node != 0 {
                self.shift();
            }
        }
        self.shift();
    }

    fn shift(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }
}

/// Checks that `leaf` stands at `index` of the tree of `size` leaves with this root.
///
/// # Errors
/// [`ProofError`]: what does not fit.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside { index, size });
    }
    let mut walk = Walk { node: index, last: size - 1 };
    let mut hash = *leaf;
    for step in proof {
        if walk.last == 0 {
            return Err(ProofError::Length { have: proof.len() });
        }
        hash = if walk.left() { tree::node(step, &hash) } else { tree::node(&hash, step) };
        walk.up();
    }
    match (walk.last == 0, hash == *root) {
        (false, _) => Err(ProofError::Length { have: proof.len() }),
        (true, false) => Err(ProofError::Root { which: "signed" }),
        (true, true) => Ok(()),
    }
}

/// Checks that the tree of `size2` leaves with `root2` begins with the tree of `size1` leaves with `root1`.
///
/// A size of 0 is refused: every tree begins with the empty one, so such a proof says nothing.
///
/// # Errors
/// [`ProofError`]: what does not fit.
pub fn verify_consistency(
    size1: u64,
    size2: u64,
    proof: &[Hash],
    root1: &Hash,
    root2: &Hash,
) -> Result<(), ProofError> {
    let length = ProofError::Length { have: proof.len() };
    if size1 == 0 || size1 > size2 {
        return Err(ProofError::Sizes { first: size1, second: size2 });
    }
    if size1 == size2 {
        return match (proof.is_empty(), root1 == root2) {
            (false, _) => Err(length),
            (true, false) => Err(ProofError::Root { which: "newer" }),
            (true, true) => Ok(()),
        };
    }
    // A whole power of two is a node of the newer tree: its root is known and not repeated in the proof.
    let (start, steps) = match proof.split_first() {
        None => return Err(length),
        Some(_) if size1.is_power_of_two() => (root1, proof),
        Some(parts) => parts,
    };
    let mut walk = Walk { node: size1 - 1, last: size2 - 1 };
    while walk.node & 1 == 1 {
        walk.shift();
    }
    let (mut older, mut newer) = (*start, *start);
    for step in steps {
        if walk.last == 0 {
            return Err(length);
        }
        if walk.left() {
            older = tree::node(step, &older);
            newer = tree::node(step, &newer);
        } else {
            newer = tree::node(&newer, step);
        }
        walk.up();
    }
    match (walk.last == 0, older == *root1, newer == *root2) {
        (false, _, _) => Err(length),
        (true, false, _) => Err(ProofError::Root { which: "older" }),
        (true, true, false) => Err(ProofError::Root { which: "newer" }),
        (true, true, true) => Ok(()),
    }
}
