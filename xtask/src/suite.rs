//! `cargo xtask test` and `arrows`.

use std::process::ExitCode;

use crate::house::House;
use crate::steps::{Steps, cargo};
use crate::{arrows, install, tidy};

/// A check of the house: its name and what it finds wrong.
type Check = (&'static str, fn(&House) -> Vec<String>);

/// Each is a test of its own too, in its module.
const CHECKS: &[Check] = &[
    ("crates name only those they may", arrows::arrows),
    ("only the store names a database", arrows::databases),
    ("pure crates have no hands", arrows::pure),
    ("every dependency is the workspace's", arrows::inherited),
    ("every crate takes the workspace's lints", arrows::lints),
    ("every dependency is explained", tidy::explained),
    ("neither aws-lc nor a second SQLite came in", tidy::lock),
    ("documents name only files that exist", tidy::named_paths),
    ("no source file is too long", tidy::long_files),
    ("no media lies in the repository", tidy::media),
    ("nothing of others lies in the repository", tidy::vendored),
    ("a landed migration is as it landed", |house| tidy::migrations(house).unwrap_or_default()),
];

/// Installs what tests need, checks the house, runs every test; goes on after a failure so that one run shows all.
pub fn run() -> ExitCode {
    let mut steps = Steps::default();
    if !install::for_tests(&mut steps) {
        return steps.close();
    }
    println!();
    steps.time("checks the house", || {
        let house = House::here()?;
        match faults(&house) {
            0 => Ok(()),
            n => Err(format!("{n} faults, listed above")),
        }
    });
    // Not --all-targets: that runs the benchmarks too.
    let tests = ["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"];
    steps.run("tests, on SQLite and PostgreSQL", &mut cargo(&tests));
    steps.run("examples in the documentation", &mut cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]));
    steps.close()
}

/// Prints what is wrong with the house.
pub fn check(house: &House) -> ExitCode {
    if faults(house) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn faults(house: &House) -> usize {
    let mut count = 0;
    for (says, check) in CHECKS {
        let found = check(house);
        println!("{:>6}  {says}", if found.is_empty() { "ok" } else { "FAULT" });
        for fault in &found {
            println!("        {fault}");
        }
        count += found.len();
    }
    if tidy::migrations(house).is_none() {
        println!("  SKIP  {} is missing, so no migration is held to its text", tidy::LANDED);
    }
    for name in tidy::not_landed(house) {
        println!(
            "  note  {name} has not landed; when it does: (cd crates/store/migrations && sha256sum {name} >>landed.sha256)"
        );
    }
    count
}
