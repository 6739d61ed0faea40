//! Every vector of transparency-dev/merkle, as collected in shared/vectors/merkle.

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
    eprintln!("SKIPPED, NOTHING WAS CHECKED: the test vectors are not at {}", path.display());
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Some vectors hold values that are not 32 bytes. Our types cannot; a digest stands for them, which keeps equal what
/// is equal and different what is different (and is not the root of the empty tree, SHA-256 of nothing).
fn hash(text: &str) -> Hash {
    use sha2::Digest as _;
    let bytes = STANDARD.decode(text).unwrap();
    bytes
        .clone()
        .try_into()
        .unwrap_or_else(|_| sha2::Sha256::digest([b"odd length".as_slice(), &bytes].concat()).into())
}

fn hashes(proof: Option<Vec<String>>) -> Vec<Hash> {
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
        let (leaf, root) = (hash(&v.leaf_hash), hash(&v.root));
        let result = ledger::verify_inclusion(&leaf, v.leaf_idx, v.tree_size, &hashes(v.proof), &root);
        (result.is_ok(), !v.want_err)
    });
    eprintln!("{all} inclusion vectors, {good} of them verify");
    assert!(all == 98 && good >= 5, "{all} vectors, {good} good");
}

#[test]
fn every_consistency_vector_is_judged_as_it_says() {
    let Some(folder) = folder("consistency") else { return };
    let (all, good) = walk(&folder, |v: Consistency| {
        let (root1, root2) = (hash(&v.root1), hash(&v.root2));
        let result = ledger::verify_consistency(v.size1, v.size2, &hashes(v.proof), &root1, &root2);
        (result.is_ok(), !v.want_err)
    });
    eprintln!("{all} consistency vectors, {good} of them verify");
    assert!(all == 98 && good >= 5, "{all} vectors, {good} good");
}
