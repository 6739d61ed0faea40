//! The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): its hashes, its shape, its right edge.

use sha2::{Digest, Sha256};

/// A SHA-256 digest: a leaf, a node or a root.
pub type Hash = [u8; 32];

/// Why a tree cannot be read or grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// A tile that is needed was not given.
    #[error("tile {level}/{index} is needed and missing; load it and ask again")]
    Missing {
        /// The tile's level.
        level: u8,
        /// The tile's number in its level.
        index: u64,
    },
    /// A tile has fewer or more hashes than the size says.
    #[error("tile {level}/{index} holds {have} hashes where the size wants {want}; run `concord ledger verify`")]
    Width {
        /// The tile's level.
        level: u8,
        /// The tile's number in its level.
        index: u64,
        /// Hashes it holds.
        have: usize,
        /// Hashes it should hold.
        want: usize,
    },
    /// More leaves than a tree can count.
    #[error("the tree would hold more than 2^63 - 1 leaves; start a new log")]
    TooLarge,
    /// A position at or beyond the size.
    #[error("position {index} is not in a tree of {size} leaves; wait until it is integrated")]
    Outside {
        /// The position asked for.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The sizes of a consistency proof are not 1 <= first <= second.
    #[error("no proof leads from size {first} to size {second}; the first must be at least 1 and not above the second")]
    Sizes {
        /// The older size.
        first: u64,
        /// The newer size.
        second: u64,
    },
    /// Bytes that are not 1 to 256 whole hashes.
    #[error("a tile of {0} bytes is not 1 to 256 hashes of 32 bytes")]
    TileBytes(usize),
}

/// The largest tree: positions are `i64` in the database, which has no unsigned integer.
pub const MAX_SIZE: u64 = (1 << 63) - 1;

/// The hash of a leaf: SHA-256(0x00 || data).
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// The hash of an inner node: SHA-256(0x01 || left || right).
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The root over perfect subtrees of falling height, left to right.
pub(crate) fn fold(peaks: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    peaks.rev().reduce(|right, left| node(&left, &right))
}

/// The root of hashes that stand side by side at one height; none for none.
pub(crate) fn reduce(hashes: &[Hash]) -> Option<Hash> {
    let mut frontier = Frontier::default();
    hashes.iter().for_each(|hash| frontier.push(*hash));
    (!hashes.is_empty()).then(|| frontier.root())
}

/// The largest power of two smaller than `n`, for n >= 2 (RFC 6962's k).
pub(crate) fn split(n: u64) -> u64 {
    1 << n.saturating_sub(1).checked_ilog2().unwrap_or(0)
}

/// A perfect subtree: 2^height leaves, the `index`-th of that height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subtree {
    pub height: u32,
    pub index: u64,
}

/// The perfect subtrees that make the leaves `from..to`, where `from` is aligned as in every RFC 6962 proof.
pub(crate) fn subtrees(from: u64, to: u64) -> Vec<Subtree> {
    let mut out = Vec::new();
    let mut at = from;
    while let Some(height) = to.saturating_sub(at).checked_ilog2() {
        out.push(Subtree { height, index: at >> height });
        at = at.saturating_add(1 << height);
    }
    out
}

/// The right edge of a growing tree: the roots of its perfect subtrees. 64 hashes at most, whatever the size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// Leaves pushed so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds one leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut below = self.size;
        while below & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node(&left, &hash);
            below >>= 1;
        }
        self.peaks.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root of the leaves pushed so far.
    pub fn root(&self) -> Hash {
        fold(self.peaks.iter().copied()).unwrap_or_else(empty_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_is_the_largest_power_of_two_below() {
        for (n, k) in [(2, 1), (3, 2), (4, 2), (5, 4), (8, 4), (9, 8), (u64::MAX, 1 << 63)] {
            assert_eq!(split(n), k, "{n}");
        }
    }

    #[test]
    fn the_empty_root_is_that_of_the_rfc() {
        assert_eq!(hex::encode(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Frontier::default().root(), empty_root());
    }

    #[test]
    fn subtrees_cover_a_range_without_gap() {
        let spans: Vec<_> = subtrees(8, 15).iter().map(|s| (s.index << s.height, 1u64 << s.height)).collect();
        assert_eq!(spans, [(8, 4), (12, 2), (14, 1)]);
        assert!(subtrees(4, 4).is_empty());
    }
}
