//! The server killed with -9 while it works bulk jobs and while it delivers: both finish after a restart. Nothing stands
//! twice in the portal, every letter arrives, and one that comes again carries the id it had.
//!
//! Everything is done twice from one state: undisturbed on a copy, and with kills. What agencies are told must be the same.
//! CI kills little; `CONCORD_SERVER_KILLS` makes it full size for `cargo xtask prove portal`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;
#[path = "server_killed/delivery.rs"]
mod delivery;
#[path = "server_killed/jobs.rs"]
mod jobs;
#[path = "server_killed/receiver.rs"]
mod receiver;
#[path = "server_killed/world.rs"]
mod world;

use std::collections::BTreeMap;

use common::Site;
use receiver::Receiver;
use world::World;

/// How often something fell where.
type Falls = BTreeMap<&'static str, usize>;

fn told(falls: &Falls) -> String {
    falls.iter().map(|(place, times)| format!("{times} {place}")).collect::<Vec<_>>().join(", ")
}

fn killed(engine: &str, site: Site) {
    let kills: usize = std::env::var("CONCORD_SERVER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let mut struck = World::new(site, kills);
    let mut calm = struck.copy();

    let undisturbed = jobs::work(&mut calm, 0);
    let falls = jobs::work(&mut struck, kills);
    assert_eq!((undisturbed.len(), falls.values().sum::<usize>()), (0, kills), "{falls:?}");
    let (wanted, got) = (jobs::answers(&calm), jobs::answers(&struck));
    assert_eq!(wanted, got, "the answers are those of an undisturbed run");
    let slices = struck.each_slice_once(&got);
    println!("figure: {engine}: server killed {kills} times during bulk jobs of {slices} slices: {}", told(&falls));
    println!("figure: {engine}: both jobs done, answers equal an undisturbed run's, {slices} receipts, none twice");

    let (quiet, noisy) = (Receiver::new(), Receiver::new());
    delivery::deliver(&mut calm, &quiet, kills, false);
    let falls = delivery::deliver(&mut struck, &noisy, kills, true);
    let repeats = delivery::same_letters(&quiet, &noisy);
    println!("figure: {engine}: server killed {kills} times during delivery: {}", told(&falls));
    println!(
        "figure: {engine}: {} letters, each arrived; {} came again, under the id they had",
        noisy.letters().iter().map(|l| &l.id).collect::<std::collections::BTreeSet<_>>().len(),
        repeats
    );
    assert_eq!(calm.inboxes(), struck.inboxes(), "what waits for each officer is that of an undisturbed run");
    assert_eq!(struck.site.run(&["ledger", "verify"]).json(0)["verifies"], true);
}

#[test]
fn jobs_and_letters_finish_after_the_server_was_killed_on_sqlite() {
    killed("SQLite", Site::new());
}

#[test]
fn jobs_and_letters_finish_after_the_server_was_killed_on_postgresql() {
    killed("PostgreSQL", Site::on_postgres());
}
