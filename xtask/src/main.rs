//! `cargo xtask test | arrows | prove NAME | bench`: what a developer and the machine that checks run.
//!
//! Exit codes: 0 done, 1 something failed, 2 the command line is wrong or what it names is not built yet.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool: it measures its steps and talks to the terminal"
)]

mod arrows;
mod bench;
mod clone;
mod house;
mod install;
mod prove;
mod steps;
mod suite;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask test         installs what the tests need, checks the house, runs every test
cargo xtask arrows       checks the house alone: who may name whom, and what must not lie in it
cargo xtask prove NAME [WORDS]
                         runs the lines of one proof, or those that hold WORDS, and prints their figures
cargo xtask bench [NAME] runs the benchmarks, or those whose name holds NAME; with --write their figures go into
                         docs/BENCHMARKS.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => suite::run(),
        ["arrows"] => match house::House::here() {
            Ok(house) => suite::check(&house),
            Err(why) => fault(&why),
        },
        ["prove", name] => prove::run(name, ""),
        ["prove", name, words @ ..] => prove::run(name, &words.join(" ")),
        ["prove"] => fault(&format!("which proof? one of: {}", prove::names())),
        ["bench", rest @ ..] => match bench::Wanted::read(rest) {
            Ok(wanted) => bench::run(&wanted),
            Err(why) => fault(&format!("{why}\n{USAGE}")),
        },
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => fault(&format!("no such command\n{USAGE}")),
    }
}

/// Says what is wrong with what was asked.
fn fault(why: &str) -> ExitCode {
    eprintln!("xtask: {why}");
    ExitCode::from(2)
}
