//! Makes a nation and prints what is in it: `cargo run --release -p testkit --example nation -- 1000000`.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "an example that measures and prints"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use testkit::nation::{Nation, Plan};

fn table<K: Ord + std::fmt::Display>(title: &str, counts: BTreeMap<K, u64>) {
    println!("\n{title}");
    for (word, count) in counts {
        println!("  {count:>9}  {word}");
    }
}

fn main() {
    let entries = std::env::args().nth(1).map_or(1_000_000, |t| t.parse().expect("a number of entries"));
    let start = Instant::now();
    let nation = Nation::new(Plan::of(entries));
    println!("laid out in {:.1?}; {} bytes held", start.elapsed(), nation.held_bytes());
    let (mut cases, mut made, mut largest, mut silent) = (0u64, 0u64, 0usize, 0u64);
    let (mut kinds, mut levels, mut agencies) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let start = Instant::now();
    for case in nation.cases() {
        cases += 1;
        made += case.entries.len() as u64;
        largest = largest.max(case.entries.len());
        silent += u64::from(case.silent.is_some());
        let agency = nation.agencies().get(case.agency).expect("its agency");
        *agencies.entry(agency.kind.word()).or_insert(0) += 1;
        for entry in &case.entries {
            *kinds.entry(entry.kind.word()).or_insert(0) += 1;
            *levels.entry(entry.level_or(model::Level::Open).word()).or_insert(0) += 1;
        }
    }
    let took = start.elapsed().as_secs_f64();
    println!(
        "{made} entries in {cases} cases of {} agencies ({:.1} each, {largest} at most, {silent} with silent ones) in {took:.2} s: {:.0} a second",
        nation.agencies().len(),
        made as f64 / cases as f64,
        made as f64 / took
    );
    table("entries by kind", kinds);
    table("entries by level", levels);
    table("cases by kind of agency", agencies);
    let start = Instant::now();
    let (mut rules, mut seen, mut inside, mut pairs) = (BTreeMap::new(), BTreeMap::new(), 0u64, 0u64);
    for p in nation.planted() {
        pairs += 1;
        *rules.entry(format!("{} {}", p.rule, p.strength.word())).or_insert(0) += 1;
        *seen.entry(format!("{:?}", p.a_sees)).or_insert(0) += 1;
        *seen.entry(format!("{:?}", p.b_sees)).or_insert(0) += 1;
        inside += u64::from(nation.case(p.a.case).agency == nation.case(p.b.case).agency);
    }
    println!("\n{pairs} planted pairs, {inside} within one agency, in {:.2} s", start.elapsed().as_secs_f64());
    table("planted by rule and strength", rules);
    table("what sides are told", seen);
    let mut people = BTreeMap::new();
    for p in nation.persons_written_differently().chain(nation.persons_written_alike()) {
        *people.entry(format!("{}, {}", p.tradition.word(), p.error.word())).or_insert(0) += 1;
    }
    table("people written twice", people);
    println!("\n{} near misses", nation.near_misses().count());
    println!("{} values everybody has, {} with a hidden part", nation.stop_listed().count(), nation.hidden().count());
    for over in nation.over_cap() {
        println!("a value over the cap, held by {} cases", over.holders.len());
    }
    println!("{} entries of victims, witnesses and minors", nation.protected().count());
}
