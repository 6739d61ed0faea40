//! Writes a folder of synthetic CyberTip reports: `cargo run --release -p testkit --example cybertips -- 1000 out-dir`
//! (a seed may follow). It says how long making and writing took.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example that measures and prints")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use model::Micros;
use testkit::cybertips::{TipPlan, Tips, write_folder};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "give how many tips and a folder: cybertips 1000 out-dir [seed]";
    let tips: u64 = arguments.next().ok_or(usage)?.parse()?;
    let folder = PathBuf::from(arguments.next().ok_or(usage)?);
    let seed: u64 = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    let all =
        Tips::new(TipPlan { tips, seed, as_of: Micros::parse("2026-11-23T00:00:00Z").map_err(|e| e.to_string())? });

    let start = Instant::now();
    let bytes: usize = all.iter().map(|tip| tip.json().len()).sum();
    let made = start.elapsed();
    fs::create_dir_all(&folder)?;
    let files = write_folder(&all, seed, &folder)?;
    let written = start.elapsed() - made;

    let rate = |time: std::time::Duration| tips as f64 / time.as_secs_f64();
    println!("{tips} tips, {bytes} bytes of JSON, made at {:.0} a second", rate(made));
    println!("{} files in {}, written at {:.0} tips a second", files.len(), folder.display(), rate(written));
    let planted = all.planted().suspects.len();
    println!("{planted} suspects stand in several tips");
    Ok(())
}
