//! Can time tell? Interleaved questions that meet a silent entry and that meet nothing, and questions that meet a persona
//! and that meet another desk entry, compared by a rank test (Mann and Whitney, 1947); and the same test on timings with
//! a planted 0.3 ms, which it must catch. Run by `cargo xtask prove ground`; CI counts statements instead.
//!
//! `cargo run --release -p casework --example timing [TIMINGS]`
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it reads the real clock and stops at the first surprise"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::{Duration, Instant};

use casework::Principal;
use casework::model::*;
use common::*;
use store::Engine;
use testkit::SeededChance;

const VALUES: usize = 200;
/// What the rank test must not fall below, and what a planted delay must.
const P: f64 = 0.001;
const PLANTED: Duration = Duration::from_micros(300);

#[tokio::main]
async fn main() {
    let timings: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let house = house(engine).await;
        let (owner, case) = house.officer("T-1").await;
        let supervisor = house.member(owner.agency, &[Role::Supervisor]).await;
        let (asker, _) = house.officer("T-2").await;
        house.submit_silent(&owner, &case, &csv("silent", ""), &supervisor).await.unwrap();
        house.submit(&owner, &case, &csv("persona", "undercover,")).await;
        house.submit(&owner, &case, &csv("desk", "unknown,desk")).await;
        for (what, [a, b]) in [
            ("a silent hit and a miss", ["silent", "nobody"]),
            ("a persona and another desk entry", ["persona", "desk"]),
        ] {
            let (first, second) = interleaved(&house, &asker, [a, b], timings).await;
            let p = rank_test(&first, &second);
            let late: Vec<Duration> = first.iter().map(|t| *t + PLANTED).collect();
            let caught = rank_test(&late, &second);
            println!(
                "figure: {what} on {engine:?}: {timings} timings, medians {:?} and {:?}, rank test p = {p:.4}; with 0.3 ms planted p = {caught:.1e}",
                median(&first),
                median(&second)
            );
            assert!(p > P, "time tells {what} apart on {engine:?}: p = {p}");
            assert!(caught < P, "the test would not have caught 0.3 ms on {engine:?}: p = {caught}");
        }
    }
}

fn csv(word: &str, rest: &str) -> String {
    let rest = if rest.is_empty() { "unknown," } else { rest };
    (0..VALUES)
        .fold("kind,value,role,level\n".to_owned(), |all, n| all + &format!("email,{word}{n:03}@example.org,{rest}\n"))
}

/// Asks for one or the other by the toss of a coin, and times each question.
async fn interleaved(
    house: &House,
    asker: &Principal,
    words: [&str; 2],
    timings: usize,
) -> (Vec<Duration>, Vec<Duration>) {
    let dice = SeededChance::new(7);
    let mut out = [Vec::new(), Vec::new()];
    for n in 0..timings + 200 {
        let mut byte = [0; 3];
        Chance::fill(&dice, &mut byte);
        let which = usize::from(byte[0] & 1);
        let value = usize::from(u16::from_be_bytes([byte[1], byte[2]])) % VALUES;
        // The words differ in length by nothing that is stored in the clear, but pad them all the same.
        let question = format!("kind,value\nemail,{}{value:03}@example.org\n", words[which]);
        let start = Instant::now();
        house.check(asker, None, &question).await;
        let took = start.elapsed();
        if n >= 200 {
            out[which].push(took);
        }
        if n % 2_000 == 1_999 {
            // The workers run between, as they would; not inside a timing.
            house.desk.work(None).await.unwrap();
        }
    }
    let [first, second] = out;
    (first, second)
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Two-sided p of the Mann-Whitney U test by its normal approximation (both samples have thousands).
fn rank_test(a: &[Duration], b: &[Duration]) -> f64 {
    let mut all: Vec<(Duration, bool)> = a.iter().map(|t| (*t, true)).chain(b.iter().map(|t| (*t, false))).collect();
    all.sort_unstable();
    let (n, m) = (a.len() as f64, b.len() as f64);
    let mut rank_sum = 0.0;
    let mut i = 0;
    while i < all.len() {
        let mut j = i;
        while j < all.len() && all[j].0 == all[i].0 {
            j += 1;
        }
        let rank = (i + 1 + j) as f64 / 2.0;
        rank_sum += rank * all[i..j].iter().filter(|(_, first)| *first).count() as f64;
        i = j;
    }
    let u = rank_sum - n * (n + 1.0) / 2.0;
    let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The complementary error function (Abramowitz and Stegun 7.1.26, error below 1.5e-7 absolute; far out, its asymptote).
fn erfc(x: f64) -> f64 {
    if x > 5.0 {
        return (-x * x).exp() / (x * std::f64::consts::PI.sqrt());
    }
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly =
        t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    poly * (-x * x).exp()
}
