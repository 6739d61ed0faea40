//! Every vector of transparency-dev/merkle, as collected in shared/vectors/merkle.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests, outside #[test]")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::Hash;
use serde::Deserialize;

fn folder(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/merkle").join(name);
    if path.is_dir() {
        return Some(path);
    }
    // Not eprintln: the harness would swallow that of a test that passes.
    let words = format!("SKIPPED, NOTHING WAS CHECKED: the test vectors are not at {}\n", path.display());
    std::io::stderr().write_all(words.as_bytes()).unwrap();
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// None for what is not 32 bytes: no such value can reach the verifier, so the vector is refused.
fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).unwrap().try_into().ok()
}

/// One good consistency vector has roots that are not 32 bytes. A digest stands for such a root, which keeps equal
/// what is equal and different what is different.
fn stand_in(text: &str) -> Hash {
    use sha2::Digest as _;
    hash(text).unwrap_or_else(|| sha2::Sha256::digest(STANDARD.decode(text).unwrap()).into())
}

fn hashes(proof: Option<Vec<String>>) -> Option<Vec<Hash>> {
    proof.unwrap_or_default().iter().map(|text| hash(text)).collect()
}

/// Runs every vector of a folder; returns how many there were and how many must verify.
fn walk<T: for<'a> Deserialize<'a>>(folder: &Path, check: impl Fn(T) -> (bool, bool)) -> (usize, usize) {
    let mut count = (0, 0);
    for path in files(folder) {
        let vector = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let (verified, wanted) = check(vector);
        assert_eq!(verified, wanted, "{}", path.display());
        count.0 += 1;
        count.1 += usize::from(wanted);
    }
    count
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[test]
fn every_inclusion_vector_is_judged_as_it_says() {
    let Some(folder) = folder("inclusion") else { return };
    let (all, good) = walk(&folder, |v: Inclusion| {
        let good = || {
            let (leaf, root, proof) = (hash(&v.leaf_hash)?, hash(&v.root)?, hashes(v.proof)?);
            ledger::verify_inclusion(&leaf, v.leaf_idx, v.tree_size, &proof, &root).ok()
        };
        (good().is_some(), !v.want_err)
    });
    assert!(all == 98 && good >= 5, "{all} vectors, {good} good");
}

#[test]
fn every_consistency_vector_is_judged_as_it_says() {
    let Some(folder) = folder("consistency") else { return };
    let (all, good) = walk(&folder, |v: Consistency| {
        let (root1, root2) = (stand_in(&v.root1), stand_in(&v.root2));
        let good = || ledger::verify_consistency(v.size1, v.size2, &hashes(v.proof)?, &root1, &root2).ok();
        (good().is_some(), !v.want_err)
    });
    assert!(all == 98 && good >= 5, "{all} vectors, {good} good");
}
