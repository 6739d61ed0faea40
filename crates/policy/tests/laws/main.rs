//! What the policies and disclosure promise, as tables reviewed as diffs and as laws over arbitrary input.

#![allow(clippy::unwrap_used, reason = "helpers of tests; clippy.toml allows it in the tests themselves only")]

mod disclosed;
mod matrix;
mod people;
mod promises;
mod refusals;
mod table;
