//! The suite both engines pass: each promise of the store is one test, run on SQLite and on PostgreSQL cut into
//! partitions as Citus would cut it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on must fail"
)]

#[path = "../common/mod.rs"]
mod common;

mod arriving;
mod backup;
mod bulk;
mod doors;
mod exporting;
mod finding;
mod hearing;
mod holding;
mod ledger;
mod letters;
mod lists;
mod new_log;
mod opening;
mod schema;
mod sealing;
mod searching;
mod sessions;
mod statements;
mod tampering;
mod workers;
