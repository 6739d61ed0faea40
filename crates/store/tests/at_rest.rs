//! What whoever takes the disk reads: nothing of anybody, and no key.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]

mod common;

use std::path::{Path, PathBuf};

use common::history::{Words, live};
use common::{Bind, World};
use store::Place;
use testkit::{Postgres, Scratch, Speed, find_leaks};

/// The words of the history and the keys of the folder.
fn needles(w: &World, mut words: Words) -> Words {
    words.sort();
    words.dedup();
    for name in ["master.key", "search.key", "signing.key", "token-1.key"] {
        let text = std::fs::read_to_string(w.keys().join(name)).unwrap();
        let key = (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect();
        words.push((name.to_owned(), key));
    }
    assert!(words.len() > 25, "the history says little: {}", words.len());
    words
}

/// The control: the same words written unsealed beside the sealed ones are all found, where nothing was before.
async fn nothing_then_everything(w: &World, needles: &Words, roots: &[&Path], settle: impl AsyncFn()) {
    settle().await;
    let leaks = find_leaks(needles, roots);
    assert!(leaks.is_empty(), "{leaks:#?}");
    let mut raw = w.raw().await;
    let bytes = if matches!(w.place, Place::Sqlite(_)) { "BLOB" } else { "BYTEA" };
    raw.exec(&format!("CREATE TABLE unsealed (n BIGINT PRIMARY KEY, v {bytes})"), &[]).await;
    for (n, (_, needle)) in (0..).zip(needles) {
        raw.exec("INSERT INTO unsealed (n, v) VALUES ($1, $2)", &[Bind::Int(n), Bind::Bytes(needle.clone())]).await;
    }
    settle().await;
    let found: std::collections::BTreeSet<_> =
        find_leaks(needles, roots).into_iter().filter(|l| l.form == "as it is").map(|l| l.needle).collect();
    assert_eq!(found, needles.iter().map(|(name, _)| name.clone()).collect());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_data_folder_holds_no_word_and_no_key() {
    let dir = Scratch::under(env!("CARGO_TARGET_TMPDIR"));
    let data = dir.join("data");
    std::fs::create_dir(&data).unwrap();
    let w = World::at(dir, Place::Sqlite(data.join("data.db"))).await;
    let words = live(&w).await;
    let needles = needles(&w, words);
    for name in ["data.db", "data.db-wal", "data.db-shm"] {
        assert!(data.join(name).is_file(), "{name} is not there to be searched");
    }
    nothing_then_everything(&w, &needles, &[&data], async || ()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_data_folder_and_its_log_hold_no_word_and_no_key() {
    let server = Postgres::start(Speed::Fast);
    let w = World::at(Scratch::under(env!("CARGO_TARGET_TMPDIR")), Place::Postgres(server.new_database())).await;
    let words = live(&w).await;
    let needles = needles(&w, words);
    let (data, log): (PathBuf, PathBuf) = (server.data_dir().unwrap(), server.log().unwrap());
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("duplicate key value"), "the log tells of the statement that failed");
    nothing_then_everything(&w, &needles, &[&data, &log], async || server.checkpoint()).await;
}
