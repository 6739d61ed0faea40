//! The server under load: `concord serve` on loopback, asked by wrk for inboxes, conflicts and submissions of 50, and beside
//! each the bare SQL of the same work on the same database. On both engines, with durable commits.
//!
//! `cargo xtask bench load` builds the server, installs wrk and says where the server is (`CONCORD_LOAD_BINARY`).
//! `CONCORD_LOAD_ENTRIES` makes a smaller nation (10,000 at least), `CONCORD_LOAD_SECONDS` a shorter run.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unreachable,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement: it reads the real clock and stops at the first surprise"
)]

mod bare;
mod officers;
#[allow(dead_code, reason = "the other benchmark looks up by its forms too")]
#[path = "../million/peers.rs"]
mod peers;
mod recorded;
#[allow(dead_code, reason = "the other benchmark reads more of it")]
#[path = "../million/world.rs"]
mod world;
mod wrk;

use std::process::Command;
use std::time::Duration;

use store::{Engine, Place};
use testkit::measure::{grouped, part, table, took, verdict};
use testkit::{Serving, Visitor};
use world::World;

/// Connections of wrk, and of the bare SQL; threads of wrk.
const CONNECTIONS: u32 = 8;
const THREADS: u32 = 2;
/// Submissions recorded on a copy, which the bare SQL runs once each.
const RECORDED: usize = 2_000;
/// What a submission may take over HTTP at 10 million entries (design, section 11).
const P50: Duration = Duration::from_millis(10);
const P99: Duration = Duration::from_millis(50);

/// How fast something was done.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub times: u64,
    pub lasted: Duration,
    pub p50: Duration,
    pub p99: Duration,
}

impl Rate {
    fn a_second(&self) -> f64 {
        self.times as f64 / self.lasted.as_secs_f64()
    }

    fn cells(&self) -> [String; 3] {
        let rate = self.a_second();
        let rate = if rate < 100.0 { format!("{rate:.1}") } else { grouped(rate as u64) };
        [rate, took(self.p50), took(self.p99)]
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Inbox,
    Conflict,
    Submission,
}

impl Work {
    pub const ALL: [Self; 3] = [Self::Inbox, Self::Conflict, Self::Submission];

    pub fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Conflict => "conflict",
            Self::Submission => "submission",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Inbox => "the inbox's page",
            Self::Conflict => "a conflict's page",
            Self::Submission => "a submission of 50 identifiers, JSON",
        }
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

#[tokio::main]
async fn main() {
    let entries = number("CONCORD_LOAD_ENTRIES", 1_000_000);
    let lasts = Duration::from_secs(number("CONCORD_LOAD_SECONDS", 30));
    let binary = std::env::var("CONCORD_LOAD_BINARY").expect("run it by `cargo xtask bench load`");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::of(engine, entries).await;
        measure(&world, &binary, lasts).await;
    }
}

async fn measure(world: &World, binary: &str, lasts: Duration) {
    let mut officers = officers::some(world).await;
    // What those who moved in left to the workers is done, or the server would begin with it.
    while world.desk.work(None).await.unwrap().heard > 0 {}
    world.desk.settle_ledger().await.unwrap();
    world.desk.store().close().await;
    world.pool.close().await;
    let recorded = recorded::on_a_copy(world, &officers, RECORDED).await;

    let keys = world.scratch.join("keys").display().to_string();
    let server = Serving::start(
        Command::new(binary)
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--keys", &keys, "--data"])
            .arg(world.scratch.path())
            .args(match &world.place {
                Place::Sqlite(_) => vec![],
                Place::Postgres(url) => vec!["--database", url],
            }),
    );
    for officer in &mut officers {
        let mut visitor = Visitor::at(server.origin()).step_into(&officer.who.member.to_string());
        officer.conflict = officers::conflict(&mut visitor);
        officer.cookie = visitor.cookie().unwrap().to_owned();
    }
    let known = officers::known(world);
    let mut over_http = Vec::new();
    for (turn, work) in Work::ALL.into_iter().enumerate() {
        // A short run only warms.
        for (run, lasts) in [Duration::from_secs(2), lasts].into_iter().enumerate() {
            let script = wrk::script(work, turn * 2 + run, server.origin(), &officers, &known);
            let rate = wrk::run(&world.scratch.join("load.lua"), &script, server.origin(), lasts, &server);
            eprintln!("{:?} {work:?} {rate:?}", world.engine);
            if run == 1 {
                over_http.push(rate);
            }
        }
    }
    server.stop();
    let bare = bare::run(&world.place, &recorded, lasts).await;
    say(world, lasts, &over_http, &bare);
}

fn say(world: &World, lasts: Duration, over_http: &[Rate], bare: &[Rate]) {
    part(
        &format!("The server under load on {:?}", world.engine),
        &format!(
            "{} `concord serve` on loopback with its workers, asked by wrk on the same machine: {THREADS} threads, {CONNECTIONS} connections, each asks again at once, {} s a row after 2 s to warm, {} officers with sessions of their own in turn; every answer had status 200. Of each submission's identifiers one is held by another case. Beside it the bare SQL: the statements and binds of the same desk call, recorded on a copy and run by {CONNECTIONS} tasks on the database the server had used, after it stopped: no HTTP, session, policy, sealing, fingerprints, matching or template. wrk counts no time that a request would have waited had it come on a beat.",
            world.says(),
            lasts.as_secs(),
            officers::MANY,
        ),
    );
    let rows = Work::ALL.into_iter().zip(over_http.iter().zip(bare)).map(|(work, (ours, bare))| {
        let ratio = |a: Duration, b: Duration| format!("{:.2}", a.as_secs_f64() / b.as_secs_f64());
        let target = match work {
            Work::Submission => format!(
                "p50 {}, p99 {} (at 10 million entries): {}",
                took(P50),
                took(P99),
                verdict(ours.p50 <= P50 && ours.p99 <= P99)
            ),
            _ => String::new(),
        };
        let mut row = vec![work.says().to_owned()];
        row.extend(ours.cells());
        row.extend(bare.cells());
        row.extend([ratio(ours.p50, bare.p50), format!("{:.2}", bare.a_second() / ours.a_second()), target]);
        row
    });
    table(
        &[
            "what",
            "requests a second",
            "p50",
            "p99",
            "bare SQL a second",
            "its p50",
            "its p99",
            "p50 against bare",
            "bare SQL does so many times as many",
            "target",
        ],
        &rows.collect::<Vec<_>>(),
    );
}
