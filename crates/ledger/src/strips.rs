//! Compares the tiles that rows give with the tiles that are stored, whichever of them comes first.
//!
//! A tile that waits for its other half is kept as a digest and four bytes a hash: the digest tells whether the two
//! are the same, the four bytes where they are not.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::finding::{Findings, Rank};
use crate::tile::{Tile, TileId, WIDTH};
use crate::tree::{self, Hash};

/// What is remembered of a tile.
#[derive(Debug)]
struct Print {
    /// None when rows were missing in it.
    digest: Option<[u8; 32]>,
    /// The beginning of each hash; 0 where the row was missing.
    marks: Vec<u32>,
}

impl Print {
    fn new(slots: &[Option<Hash>]) -> Self {
        let mut digest = Some(Sha256::new());
        let marks = slots.iter().map(|slot| match (slot, &mut digest) {
            (Some(hash), Some(sum)) => {
                sum.update(hash);
                mark(hash)
            }
            (Some(hash), None) => mark(hash),
            (None, _) => {
                digest = None;
                0
            }
        });
        let marks = marks.collect();
        Self { digest: digest.map(|sum| sum.finalize().into()), marks }
    }
}

/// The first four bytes of a hash, never 0.
fn mark(hash: &Hash) -> u32 {
    hash.first_chunk().map_or(1, |bytes| u32::from_be_bytes(*bytes) | 1)
}

/// The tile being filled at one level.
#[derive(Debug, Default)]
struct Strip {
    index: u64,
    slots: Vec<Option<Hash>>,
}

/// The last tile of every level, and what waits for its other half.
#[derive(Debug)]
pub(crate) struct Strips {
    levels: [Strip; 8],
    given: BTreeMap<TileId, Print>,
    stored: BTreeMap<TileId, Print>,
}

impl Strips {
    pub fn new() -> Self {
        Self { levels: Default::default(), given: BTreeMap::new(), stored: BTreeMap::new() }
    }

    /// The leaf hash of a row. Positions rise; they may leave gaps.
    pub fn leaf(&mut self, position: u64, hash: Hash, findings: &mut Findings) {
        self.put(0, position, hash, findings);
    }

    fn put(&mut self, level: u8, position: u64, hash: Hash, findings: &mut Findings) {
        let index = position >> 8;
        if self.levels.get(usize::from(level)).is_some_and(|strip| strip.index != index) {
            self.close(level, findings);
        }
        let Some(strip) = self.levels.get_mut(usize::from(level)) else { return };
        strip.index = index;
        strip.slots.resize(usize::try_from(position & 255).unwrap_or(0), None);
        strip.slots.push(Some(hash));
        if strip.slots.len() == WIDTH {
            self.close(level, findings);
        }
    }

    /// A tile is done; if it is full and whole, its root goes one level up.
    fn close(&mut self, level: u8, findings: &mut Findings) {
        let Some(strip) = self.levels.get_mut(usize::from(level)) else { return };
        let slots = std::mem::take(&mut strip.slots);
        if slots.is_empty() {
            return;
        }
        let id = TileId { level, index: strip.index };
        let print = Print::new(&slots);
        match self.stored.remove(&id) {
            Some(stored) => compare(id, &stored, &print, findings),
            None => _ = self.given.insert(id, print),
        }
        let hashes: Option<Vec<Hash>> = slots.into_iter().collect();
        let root = hashes.filter(|hashes| hashes.len() == WIDTH).and_then(|hashes| tree::reduce(&hashes));
        if let Some(root) = root {
            self.put(level.saturating_add(1), id.index, root, findings);
        }
    }

    /// A stored tile.
    pub fn tile(&mut self, id: TileId, tile: &Tile, findings: &mut Findings) {
        let slots: Vec<_> = tile.hashes().iter().copied().map(Some).collect();
        let print = Print::new(&slots);
        match self.given.remove(&id) {
            Some(given) => compare(id, &print, &given, findings),
            None => _ = self.stored.insert(id, print),
        }
    }

    /// No more rows and tiles: compares the partial tiles, and names what has no other half.
    pub fn finish(mut self, findings: &mut Findings) {
        for level in 0..8 {
            self.close(level, findings);
        }
        for id in self.given.into_keys() {
            let message = format!("tile {id}: it is not stored, and its events are there");
            findings.add(Rank::Tile, "tile-missing", format!("tile {id}"), message);
        }
        for id in self.stored.into_keys() {
            let message = format!("tile {id}: it is stored, and its events are not there");
            findings.add(Rank::Tile, "tile-without-events", format!("tile {id}"), message);
        }
    }
}

fn compare(id: TileId, stored: &Print, given: &Print, findings: &mut Findings) {
    if stored.digest.is_some() && stored.digest == given.digest {
        return;
    }
    let place = || format!("tile {id}");
    let mut located = false;
    for (slot, (kept, found)) in (0u64..).zip(stored.marks.iter().zip(&given.marks)) {
        if *found == 0 || kept == found {
            continue;
        }
        located = true;
        let number = id.index.saturating_mul(256).saturating_add(slot);
        if id.level == 0 {
            findings.event(number, "leaf-not-in-tile", &format!(": its leaf hash is not the one in tile {id}"));
        } else {
            let span = 1u64.checked_shl(u32::from(id.level).saturating_mul(8)).unwrap_or(u64::MAX);
            let first = number.saturating_mul(span);
            let last = first.saturating_add(span.saturating_sub(1));
            let message = format!("tile {id}: its hash {slot} is not what the events {first} to {last} give");
            findings.add(Rank::Tile, "tile-differs", place(), message);
        }
    }
    let (kept, found) = (stored.marks.len(), given.marks.len());
    if kept != found {
        let message = format!("tile {id}: it holds {kept} hashes, the events give {found}");
        findings.add(Rank::Tile, "tile-width", place(), message);
    } else if !located && given.digest.is_some() {
        let message = format!("tile {id}: it is not what its events give");
        findings.add(Rank::Tile, "tile-differs", place(), message);
    }
}
