//! What tests and the demo need from the world: a clock, chance, a PostgreSQL, a scratch folder; a server as a process and
//! somebody who visits it.
//!
//! Real ones ([`SystemClock`], [`OsChance`]) for the demo and for benches; a clock that stands still
//! ([`MockClock`]) and chance that repeats ([`SeededChance`]) for tests, so that one history run twice
//! can be compared byte for byte.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "this crate is where real time and chance enter tests, and a test without its server must fail, not pass"
)]

mod chance;
mod clock;
pub mod cybertips;
pub mod leaks;
pub mod measure;
pub mod moving_in;
pub mod nation;
pub mod postgres;
mod scratch;
mod serving;
mod visitor;

pub use chance::{OsChance, SeededChance};
pub use clock::{AheadClock, MockClock, SystemClock};
pub use leaks::{Leak, find_leaks};
pub use postgres::{Postgres, Speed};
pub use scratch::Scratch;
pub use serving::Serving;
pub use visitor::{Reply, Visitor};
