//! The pure half of the ledger: leaves into the tree, and proofs out of it, at one and at ten million leaves.
#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it reads the real clock and stops at the first surprise"
)]

#[path = "../../../testkit/src/measure.rs"]
mod measure;

use std::time::{Duration, Instant};

use ledger::{Hash, Tiles, edge, inclusion, integrate, leaf_hash, verify_inclusion};
use measure::{Spread, grouped, part, table, took, verdict};

/// As many as one transaction of the store integrates.
const BATCH: usize = 2_000;
const PROOFS: u64 = 2_000;
/// About what an event's encoding has.
const BODY: [u8; 300] = [7; 300];

fn leaves(first: u64, many: usize) -> Vec<Hash> {
    let salt = |n: u64| {
        let mut salt = [0; 32];
        salt.iter_mut().zip(n.to_be_bytes()).for_each(|(s, b)| *s = b);
        salt
    };
    (first..).take(many).map(|n| leaf_hash(&salt(n), &BODY)).collect()
}

fn main() {
    let (mut size, mut tiles, mut root) = (0u64, Tiles::new(), [0; 32]);
    let mut rows = Vec::new();
    for goal in [1_000_000u64, 10_000_000] {
        while size < goal {
            let many = (goal - size).min(100_000);
            let done = integrate(size, &tiles, &leaves(size, usize::try_from(many).unwrap())).unwrap();
            tiles.extend(done.changed);
            (size, root) = (done.size, done.root);
        }
        let at_edge: Tiles = edge(size).into_iter().filter_map(|id| Some((id, tiles.get(&id)?.clone()))).collect();
        let batch = Spread::time(200, || integrate(size, &at_edge, &leaves(size, BATCH)).unwrap());
        let rate = BATCH as f64 / batch.median().as_secs_f64();
        rows.push(vec![
            format!("hash {} events and integrate them behind {}", grouped(BATCH as u64), grouped(size)),
            batch.to_string(),
            format!("{} events a second", grouped(rate as u64)),
            format!("20,000 a second: {}", verdict(rate >= 20_000.0)),
        ]);
        let mut proofs = Vec::new();
        for n in 0..PROOFS {
            let index = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
            let start = Instant::now();
            let proof = inclusion(index, size, &tiles).unwrap();
            proofs.push(start.elapsed());
            let leaf = leaves(index, 1);
            verify_inclusion(leaf.first().unwrap(), index, size, &proof, &root).unwrap();
        }
        let proofs = Spread::of(proofs);
        rows.push(vec![
            format!("inclusion proof at {} leaves, verified afterwards", grouped(size)),
            proofs.to_string(),
            format!("99 in a hundred within {}", took(proofs.percentile(99))),
            format!("1 ms (median): {}", verdict(proofs.median() <= Duration::from_millis(1))),
        ]);
    }
    part("The tree, in memory", "Pure calls, one thread, every tile in memory; no database.");
    table(&["what", "median (least to most)", "that is", "target"], &rows);
}
