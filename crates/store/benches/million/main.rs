//! What an officer waits for when a million entries are there: the look-up beside plain SQL, a check of 100,000
//! identifiers by stage, a submission of 50, the ledger. On both engines, with durable commits.
//!
//! `CONCORD_BENCH_ENTRIES` makes a smaller nation (10,000 at least).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement: it reads the real clock and stops at the first surprise"
)]

mod check;
mod lookup;
#[allow(dead_code, reason = "the load, which takes it in, uses the rest of it")]
mod peers;
mod submit;
#[allow(dead_code, reason = "the load, which takes it in, uses the rest of it")]
mod world;

use store::Engine;
use world::World;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

#[tokio::main]
async fn main() {
    let entries = number("CONCORD_BENCH_ENTRIES", 1_000_000);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let w = World::of(engine, entries).await;
        submit::ledger(&w).await;
        lookup::run(&w, 7).await;
        check::run(&w, 5).await;
        submit::run(&w, 300).await;
    }
}
