//! How a benchmark says what it measured: medians with their spread, in Markdown, on standard output, which
//! `cargo xtask bench --write` puts into docs/BENCHMARKS.md as it stands. Progress goes to standard error.
//!
//! This file names nothing of ours: the benches of pure crates take it in by path.
#![allow(clippy::print_stdout, reason = "a benchmark's figures are its output")]

use std::fmt;
use std::time::{Duration, Instant};

/// Timings of one thing, sorted.
#[derive(Debug, Clone)]
pub struct Spread(Vec<Duration>);

impl Spread {
    /// Of these timings.
    #[must_use]
    pub fn of(mut timings: Vec<Duration>) -> Self {
        timings.sort_unstable();
        Self(timings)
    }

    /// Of so many runs of `work`.
    pub fn time<T>(runs: usize, mut work: impl FnMut() -> T) -> Self {
        let one = |_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed()
        };
        Self::of((0..runs).map(one).collect())
    }

    /// The timing that `percent` of a hundred do not exceed; nothing of no timings.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1) - 1;
        self.0.get(rank).copied().unwrap_or_default()
    }

    /// The middle one.
    #[must_use]
    pub fn median(&self) -> Duration {
        self.percentile(50)
    }

    /// The least.
    #[must_use]
    pub fn least(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }

    /// The most.
    #[must_use]
    pub fn most(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }

    /// How many there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.0.len()
    }
}

/// "12.3 ms (11.9 ms to 14.0 ms, 9 runs)".
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, least, most) = (took(self.median()), took(self.least()), took(self.most()));
        write!(f, "{median} ({least} to {most}, {} runs)", self.runs())
    }
}

/// A time to three figures, in the unit that fits it.
#[must_use]
pub fn took(time: Duration) -> String {
    let s = time.as_secs_f64();
    match s {
        s if s >= 1.0 => format!("{} s", figures(s)),
        s if s >= 1e-3 => format!("{} ms", figures(s * 1e3)),
        s => format!("{} µs", figures(s * 1e6)),
    }
}

fn figures(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// 1234567 as "1,234,567".
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Beside a figure: its target, and whether it was met.
#[must_use]
pub fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "**not met**" }
}

/// Prints a part of the section: a heading and a sentence about what was measured.
pub fn part(heading: &str, says: &str) {
    println!("\n### {heading}\n\n{says}\n");
}

/// Prints a table.
pub fn table(head: &[&str], rows: &[Vec<String>]) {
    println!("| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
}

#[cfg(test)]
#[allow(unused_imports, reason = "a bench that takes this file in has no test harness")]
mod tests {
    use super::*;

    #[test]
    fn a_spread_names_its_middle_and_its_ends() {
        let spread = Spread::of((1..=200).rev().map(Duration::from_millis).collect());
        assert_eq!((spread.median().as_millis(), spread.percentile(99).as_millis()), (100, 198));
        assert_eq!(spread.to_string(), "100 ms (1.00 ms to 200 ms, 200 runs)");
        assert_eq!(Spread::of(Vec::new()).median(), Duration::ZERO);
    }

    #[test]
    fn figures_are_read_at_a_glance() {
        assert_eq!((grouped(7).as_str(), grouped(1_234_567).as_str()), ("7", "1,234,567"));
        assert_eq!(
            (took(Duration::from_micros(12)).as_str(), took(Duration::from_millis(1_240)).as_str()),
            ("12.0 µs", "1.24 s")
        );
    }
}
