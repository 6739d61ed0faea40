//! The binary `concord`: the only wiring, the only reader of configuration.
//!
//! Every command opens a [`casework::Desk`], calls one verb, prints and flushes its answer, and then lets the ledger take
//! in what was done.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "this crate is where answers are printed and where the machine's time and chance come in"
)]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod args;
mod commands;
mod config;
mod failure;
mod files;
mod open;
mod print;
mod tables;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = commands::run(args::Cli::parse()).await;
    ExitCode::from(exit as u8)
}
