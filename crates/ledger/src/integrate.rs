//! Appends leaves to the tree: from the tiles of the edge to the tiles that change.

use crate::tile::{self, Tile, TileId, Tiles, WIDTH};
use crate::tree::{self, Hash, MAX_SIZE, TreeError};

/// What one batch makes of the tree. Write all of it in one transaction that compares the size it started from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrated {
    /// The new number of leaves.
    pub size: u64,
    /// The root at that size.
    pub root: Hash,
    /// Every tile that is new or wider than before.
    pub changed: Tiles,
}

/// Adds `leaves` behind the first `size`. `edge` holds at least the tiles of [`tile::edge`]`(size)`.
///
/// # Errors
/// A tile of the edge is missing, or is not exactly as wide as `size` says (someone else wrote, or it is damaged); or
/// the tree would outgrow [`MAX_SIZE`].
pub fn integrate(size: u64, edge: &Tiles, leaves: &[Hash]) -> Result<Integrated, TreeError> {
    let added = u64::try_from(leaves.len()).map_err(|_| TreeError::TooLarge)?;
    let grown = size.checked_add(added).filter(|grown| *grown <= MAX_SIZE).ok_or(TreeError::TooLarge)?;
    let mut rows = open(size, edge)?;
    let mut changed = Tiles::new();
    for leaf in leaves {
        push(&mut rows, &mut changed, *leaf);
    }
    let root = root(&rows);
    for row in rows.into_iter().filter(|row| row.touched && !row.hashes.is_empty()) {
        changed.insert(row.id, Tile::new(row.hashes)?);
    }
    Ok(Integrated { size: grown, root, changed })
}

/// The partial tile of one level, as it grows.
struct Row {
    id: TileId,
    hashes: Vec<Hash>,
    touched: bool,
}

fn open(size: u64, edge: &Tiles) -> Result<Vec<Row>, TreeError> {
    let rows = (0..8u8).map(|level| {
        let index = size.checked_shr(u32::from(level).saturating_add(1).saturating_mul(8)).unwrap_or(0);
        let id = TileId { level, index };
        let want = tile::width(id, size);
        if want == 0 {
            return Ok(Row { id, hashes: Vec::new(), touched: false });
        }
        let hashes = edge.get(&id).ok_or_else(|| id.missing())?.hashes();
        if hashes.len() != want {
            return Err(TreeError::Width { level, index, have: hashes.len(), want });
        }
        Ok(Row { id, hashes: hashes.to_vec(), touched: false })
    });
    rows.collect()
}

/// Adds a leaf; a tile that gets full is done, and its root goes one level up.
fn push(rows: &mut [Row], changed: &mut Tiles, leaf: Hash) {
    let mut hash = leaf;
    for row in rows {
        row.hashes.push(hash);
        row.touched = true;
        if row.hashes.len() < WIDTH {
            return;
        }
        let full = std::mem::take(&mut row.hashes);
        hash = tree::reduce(&full).unwrap_or_else(tree::empty_root);
        if let Ok(tile) = Tile::new(full) {
            changed.insert(row.id, tile);
        }
        row.id.index = row.id.index.saturating_add(1);
    }
}

/// The root: the perfect subtrees of the partial tiles, from the highest level down.
fn root(rows: &[Row]) -> Hash {
    let mut peaks = Vec::new();
    for row in rows.iter().rev() {
        let mut rest = row.hashes.as_slice();
        while let Some(height) = rest.len().checked_ilog2() {
            let (head, tail) = rest.split_at_checked(1 << height).unwrap_or((rest, &[]));
            peaks.extend(tree::reduce(head));
            rest = tail;
        }
    }
    tree::fold(peaks.into_iter()).unwrap_or_else(tree::empty_root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_of_another_size_is_refused() {
        let first = integrate(0, &Tiles::new(), &[[1; 32], [2; 32]]).unwrap();
        let id = TileId { level: 0, index: 0 };
        assert_eq!(integrate(2, &Tiles::new(), &[]), Err(id.missing()));
        let want = |want| Err(TreeError::Width { level: 0, index: 0, have: 2, want });
        assert_eq!(integrate(3, &first.changed, &[[3; 32]]), want(3));
        assert_eq!(integrate(1, &first.changed, &[[3; 32]]), want(1));
    }

    #[test]
    fn nothing_added_changes_nothing_and_gives_the_root() {
        let first = integrate(0, &Tiles::new(), &[[1; 32]; 300]).unwrap();
        let again = integrate(300, &first.changed, &[]).unwrap();
        assert_eq!((again.size, again.root, again.changed.len()), (300, first.root, 0));
        assert_eq!(integrate(0, &Tiles::new(), &[]).unwrap().root, tree::empty_root());
    }

    #[test]
    fn a_tree_does_not_outgrow_the_database_integer() {
        assert_eq!(integrate(MAX_SIZE, &Tiles::new(), &[[0; 32]]), Err(TreeError::TooLarge));
    }
}
