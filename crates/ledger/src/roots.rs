//! The root at the present size and at any size not far behind it, from a stream of leaf hashes.

use std::collections::VecDeque;

use crate::tree::{self, Frontier, Hash};

/// Leaves in a chunk, and chunks kept: roots are known for the last 61,440 sizes at least, in 2 MiB.
const CHUNK: u64 = 4096;
const CHUNKS: usize = 16;

/// A frontier that remembers its last leaves.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    now: Frontier,
    chunks: VecDeque<(Frontier, Vec<Hash>)>,
}

impl Roots {
    pub fn push(&mut self, leaf: Hash) {
        if self.now.size().is_multiple_of(CHUNK) {
            self.chunks.push_back((self.now.clone(), Vec::new()));
            if self.chunks.len() > CHUNKS {
                self.chunks.pop_front();
            }
        }
        if let Some((_, leaves)) = self.chunks.back_mut() {
            leaves.push(leaf);
        }
        self.now.push(leaf);
    }

    pub fn size(&self) -> u64 {
        self.now.size()
    }

    pub fn root(&self) -> Hash {
        self.now.root()
    }

    /// The root at an earlier size; none when it is too far behind, or not reached.
    pub fn at(&self, size: u64) -> Option<Hash> {
        if size == 0 {
            return Some(tree::empty_root());
        }
        let (start, leaves) = self.chunks.iter().rev().find(|(start, _)| start.size() <= size)?;
        let mut then = start.clone();
        let more = usize::try_from(size.saturating_sub(start.size())).ok()?;
        leaves.get(..more)?.iter().for_each(|leaf| then.push(*leaf));
        Some(then.root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_the_last_sizes_are_remembered_and_older_ones_are_not() {
        let mut roots = Roots::default();
        let mut plain = Frontier::default();
        let mut all = vec![plain.root()];
        for n in 0..70_000u32 {
            let leaf = tree::leaf(&n.to_be_bytes());
            roots.push(leaf);
            plain.push(leaf);
            if !(300..=69_800).contains(&n) || (40_950..40_970).contains(&n) {
                all.push(plain.root());
                assert_eq!(roots.at(u64::from(n) + 1), Some(plain.root()), "{n}");
            }
        }
        assert_eq!(roots.at(40_960), Some(all[300 + 1 + 9]));
        assert_eq!(roots.at(100), None);
        assert_eq!(roots.at(70_001), None);
        assert_eq!(roots.at(0), Some(tree::empty_root()));
    }
}
