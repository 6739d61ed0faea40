//! The portal in process: pages as browsers without script get them, by a router and no network.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod api;
mod assets;
mod bounds;
mod browser;
mod correcting;
mod doors;
mod events;
mod flow;
mod hostile;
#[allow(dead_code, reason = "the browser's tests use the rest of it")]
mod house;
mod importing;
mod others;
mod picking;
mod sessions;
mod settings;
mod streams;
mod transfers;
