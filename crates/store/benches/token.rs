//! Fingerprinting: HMAC-SHA-256 of a key, cut to 16 bytes.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "benches are for developers")]

use std::sync::Arc;

use divan::{Bencher, counter::ItemsCount};
use store::{KeyFolder, Place, Settings, Store};
use testkit::{OsChance, Scratch, SystemClock};

const MANY: u32 = 10_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn tokens_of_10_000_keys(bencher: Bencher<'_, '_>) {
    let scratch = Scratch::new();
    let folder = scratch.join("keys");
    KeyFolder::create(&folder, "concord.example.org/bench", &OsChance).unwrap();
    let open = async {
        let keys = KeyFolder::open(&folder).unwrap();
        let place = Place::Sqlite(scratch.join("concord.db"));
        Store::open(&place, Settings::default(), keys, Arc::new(SystemClock), Arc::new(OsChance), "bench")
            .await
            .unwrap()
    };
    let store = tokio::runtime::Runtime::new().unwrap().block_on(open);
    let space = store.spaces()[0];
    let keys: Vec<String> = (0..MANY).map(|n| format!("email/1:willy.rox{n}@example.org")).collect();
    let token = |key: &String| store.token(space, key).unwrap();
    bencher.counter(ItemsCount::new(MANY)).bench(|| keys.iter().map(token).map(|t| t.bucket()).sum::<i64>());
}
