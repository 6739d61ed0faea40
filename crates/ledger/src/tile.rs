//! The tree as tiles of 256 hashes (C2SP tlog-tiles, height 8).
//!
//! Tile N of level L holds the roots of the perfect subtrees of 256^L leaves with numbers 256 N to 256 N + 255; level
//! 0 holds leaf hashes. The last tile of a level is partial until it is full, and never changes after that.

use std::collections::BTreeMap;

use crate::tree::{self, Hash, Subtree, TreeError};

/// Hashes in a full tile.
pub const WIDTH: usize = 256;

/// The tiles one reads a tree from.
pub type Tiles = BTreeMap<TileId, Tile>;

/// Which tile: its level (0 to 7) and its number in that level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// 0 for leaf hashes; each level above stands for 256 times as many leaves.
    pub level: u8,
    /// From 0, left to right.
    pub index: u64,
}

impl TileId {
    /// The path under which C2SP tlog-tiles publishes a tile with `width` hashes: `tile/0/x001/x234/067.p/5`.
    pub fn path(&self, width: usize) -> String {
        let mut name = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            name = format!("x{:03}/{name}", rest % 1000);
            rest /= 1000;
        }
        let partial = if width < WIDTH { format!(".p/{width}") } else { String::new() };
        format!("tile/{}/{name}{partial}", self.level)
    }

    pub(crate) fn missing(self) -> TreeError {
        TreeError::Missing { level: self.level, index: self.index }
    }
}

impl std::fmt::Display for TileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.level, self.index)
    }
}

/// 1 to 256 hashes, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile(Vec<Hash>);

impl Tile {
    /// A tile of these hashes.
    ///
    /// # Errors
    /// [`TreeError::TileBytes`] for none, or more than 256.
    pub fn new(hashes: Vec<Hash>) -> Result<Self, TreeError> {
        if hashes.is_empty() || hashes.len() > WIDTH {
            return Err(TreeError::TileBytes(hashes.len().saturating_mul(32)));
        }
        Ok(Self(hashes))
    }

    /// Reads the hashes one after another, 32 bytes each.
    ///
    /// # Errors
    /// [`TreeError::TileBytes`] when they are not 1 to 256 whole hashes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TreeError> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(TreeError::TileBytes(bytes.len()));
        }
        Self::new(hashes.to_vec())
    }

    /// The hashes one after another, 32 bytes each: the C2SP form.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.as_flattened().to_vec()
    }

    /// The hashes, left to right.
    pub fn hashes(&self) -> &[Hash] {
        &self.0
    }
}

/// Hashes that stand in `level` of a tree of `size` leaves.
fn total(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level).saturating_mul(8)).unwrap_or(0)
}

/// How many hashes the tile holds in a tree of `size` leaves; 0 when it does not exist yet.
pub fn width(id: TileId, size: u64) -> usize {
    let first = id.index.saturating_mul(256);
    usize::try_from(total(id.level, size).saturating_sub(first).min(256)).unwrap_or(0)
}

/// The tiles needed to append to a tree of `size` leaves: the partial tile of each level. At most 8.
pub fn edge(size: u64) -> Vec<TileId> {
    (0..8)
        .map(|level| (level, total(level, size)))
        .filter(|(_, total)| total % 256 != 0)
        .map(|(level, total)| TileId { level, index: total / 256 })
        .collect()
}

/// The tiles needed for the root at `size`: the same as [`edge`], for the size's bits are the edge's subtrees.
pub fn root_tiles(size: u64) -> Vec<TileId> {
    edge(size)
}

/// The root of the first `size` leaves. The tiles may be wider than that size.
///
/// # Errors
/// A tile of [`root_tiles`] is missing or too short.
pub fn root(size: u64, tiles: &Tiles) -> Result<Hash, TreeError> {
    range(0, size, tiles).map(|root| root.unwrap_or_else(tree::empty_root))
}

/// The tile a subtree's root is computed from, the first of its hashes, and their number.
fn place(subtree: Subtree) -> (TileId, usize, usize) {
    let within = subtree.height % 8;
    let first = subtree.index << within;
    let level = u8::try_from(subtree.height / 8).unwrap_or(u8::MAX);
    (TileId { level, index: first >> 8 }, usize::try_from(first & 255).unwrap_or(0), 1 << within)
}

/// The tile that holds a subtree.
pub(crate) fn tile_of(subtree: Subtree) -> TileId {
    place(subtree).0
}

/// The hash over the leaves `from..to`; none when there are none.
pub(crate) fn range(from: u64, to: u64, tiles: &Tiles) -> Result<Option<Hash>, TreeError> {
    let peaks = tree::subtrees(from, to).into_iter().map(|s| read(s, tiles)).collect::<Result<Vec<_>, _>>()?;
    Ok(tree::fold(peaks.into_iter()))
}

fn read(subtree: Subtree, tiles: &Tiles) -> Result<Hash, TreeError> {
    let (id, first, count) = place(subtree);
    let tile = tiles.get(&id).ok_or_else(|| id.missing())?;
    let want = first.saturating_add(count);
    tile.0.get(first..want).and_then(tree::reduce).ok_or(TreeError::Width {
        level: id.level,
        index: id.index,
        have: tile.0.len(),
        want,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_is_the_partial_tile_of_each_level() {
        let id = |level, index| TileId { level, index };
        assert_eq!(edge(0), []);
        assert_eq!(edge(255), [id(0, 0)]);
        assert_eq!(edge(256), [id(1, 0)]);
        assert_eq!(edge(70_000), [id(0, 273), id(1, 1), id(2, 0)]);
        assert_eq!(edge(u64::MAX).len(), 8);
        assert_eq!(width(id(0, 273), 70_000), 112);
        assert_eq!(width(id(0, 274), 70_000), 0);
        assert_eq!(width(id(0, 3), 70_000), 256);
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        assert_eq!(TileId { level: 0, index: 1_234_067 }.path(256), "tile/0/x001/x234/067");
        assert_eq!(TileId { level: 1, index: 0 }.path(17), "tile/1/000.p/17");
        assert_eq!(TileId { level: 0, index: 273 }.path(112), "tile/0/273.p/112");
    }

    #[test]
    fn only_whole_hashes_are_a_tile() {
        assert_eq!(Tile::from_bytes(&[]), Err(TreeError::TileBytes(0)));
        assert_eq!(Tile::from_bytes(&[1; 33]), Err(TreeError::TileBytes(33)));
        assert_eq!(Tile::from_bytes(&[1; 257 * 32]), Err(TreeError::TileBytes(257 * 32)));
        let tile = Tile::from_bytes(&[7; 64]).unwrap();
        assert_eq!(tile.to_bytes(), [7; 64]);
    }

    #[test]
    fn a_missing_or_short_tile_is_named() {
        assert_eq!(root(3, &Tiles::new()), Err(TreeError::Missing { level: 0, index: 0 }));
        let tiles = Tiles::from([(TileId { level: 0, index: 0 }, Tile::new(vec![[1; 32]; 2]).unwrap())]);
        assert_eq!(root(3, &tiles), Err(TreeError::Width { level: 0, index: 0, have: 2, want: 3 }));
    }
}
