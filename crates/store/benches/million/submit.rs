//! Submissions of 50 identifiers, one after the other, and the events of all that was taken in.

use std::io::Write;
use std::time::{Duration, Instant};

use casework::SubmitOrder;
use testkit::measure::{Spread, grouped, part, table, took, verdict};

use crate::check::values;
use crate::world::World;

const IDENTIFIERS: usize = 50;

/// A write of 4 KiB that reached the disk: what a durable commit cannot be faster than.
fn disk(w: &World) -> Spread {
    let mut file = std::fs::File::create(w.scratch.join("disk")).unwrap();
    Spread::time(100, || {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
    })
}

pub async fn run(w: &World, runs: usize) {
    let mut timings = Vec::new();
    for run in 0..runs + 20 {
        let (who, case) = w.lead(run as u64 * 3 + 1);
        let csv = values(w, run * IDENTIFIERS + 50_000_000, IDENTIFIERS, IDENTIFIERS);
        let order = SubmitOrder::new(case, "in.csv", casework::read("in.csv", csv.as_bytes()), w.desk.request());
        let start = Instant::now();
        let answer = w.desk.submit(&who, order).await.unwrap();
        if run >= 20 {
            timings.push(start.elapsed());
        }
        assert_eq!(answer.entries, IDENTIFIERS);
    }
    let (all, disk) = (Spread::of(timings), disk(w));
    let (p50, p99) = (all.percentile(50), all.percentile(99));
    part(
        &format!("Submission of {IDENTIFIERS} identifiers on {:?}", w.engine),
        &format!(
            "{} One of the {IDENTIFIERS} is held by another case. All of `Desk::submit`, one after the other: policy, normalising, sealing, two durable commits, look, answer, receipt; HTTP is not there yet. On this disk a write of 4 KiB with fdatasync takes {disk}.",
            w.says()
        ),
    );
    let row = |says: &str, time: Duration, most: u64| {
        let most = Duration::from_millis(most);
        vec![says.to_owned(), took(time), format!("{}: {}", took(most), verdict(time <= most))]
    };
    table(
        &["of the submissions", "time", "target (at 10 million entries, over HTTP)"],
        &[
            row("half take at most (p50)", p50, 10),
            row("99 in a hundred take at most (p99)", p99, 50),
            vec![
                "least, most, how many".to_owned(),
                format!("{}, {}, {}", took(all.least()), took(all.most()), all.runs()),
                String::new(),
            ],
        ],
    );
}

/// The events of all that was taken in get their positions.
pub async fn ledger(w: &World) {
    let start = Instant::now();
    let events = w.desk.settle_ledger().await.unwrap();
    let took = start.elapsed();
    let rate = events as f64 / took.as_secs_f64();
    part(
        &format!("Ledger on {:?}: events get their positions", w.engine),
        "One sequencer, every event that waits, batches of 2,000: taken, hashed, numbered, written with tiles and size in one durable commit each; one checkpoint signed and its consistency proved.",
    );
    table(
        &["events", "took", "a second", "target"],
        &[vec![
            grouped(events as u64),
            testkit::measure::took(took),
            grouped(rate as u64),
            format!("20,000 a second: {}", verdict(rate >= 20_000.0)),
        ]],
    );
}
