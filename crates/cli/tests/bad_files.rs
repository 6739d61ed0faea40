//! A file that nobody should have to think about: one line of a gigabyte. The other bad files stand in `exits.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod common;

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use common::*;

/// Feeds a gigabyte without a line break; returns how much was taken, the exit code and what was said.
fn feed(site: &Site, byte: u8) -> (usize, i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_concord"))
        .args(["submit", "--as", ANA, "--case", "WA-1", "-"])
        .current_dir(site.dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let block = vec![byte; 1024 * 1024];
    let mut taken = 0;
    for _ in 0..1024 {
        match pipe.write(&block) {
            Ok(n) => taken += n,
            Err(_) => break, // it has read enough
        }
    }
    drop(pipe);
    let done = child.wait_with_output().unwrap();
    assert!(done.stdout.is_empty(), "no acknowledgement");
    (taken, done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
}

#[test]
fn a_line_of_a_gigabyte_is_refused_at_once_and_nothing_is_stored() {
    let site = Site::new();
    for byte in [b'a', b'{', b'"'] {
        let start = Instant::now();
        let (taken, exit, said) = feed(&site, byte);
        assert_eq!(exit, 2, "{said}");
        assert!(taken < 80 * 1024 * 1024, "stopped reading after {taken} bytes");
        assert!(said.len() < 4_000, "{said}");
        println!(
            "figure: 1 GB of `{}` in one line: {taken} bytes taken, refused in {:.1} s: {}",
            char::from(byte),
            start.elapsed().as_secs_f64(),
            said.trim()
        );
    }
    let file = site.file("good.csv", "kind,value\nemail,good@example.org\n");
    assert_eq!(site.submit(ANA, "WA-1", file).json(0)["entries"], 1, "and the site works on");
}
