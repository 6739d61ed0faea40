//! Eight processes, released together: each pair's two halves are submitted by two different processes in random order.
//! No pair may be missed and none may be there twice. The control, which looks before it commits, is store's
//! `looking_before_committing` test.
//!
//! This binary starts itself eight times; a child is a test run with `CONCORD_RACE_CHILD` set. CI runs it small;
//! `CONCORD_RACE` (submissions) makes it full size for `cargo xtask prove ground`.
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

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use casework::model::*;
use casework::{Desk, Opening, Principal, SubmitOrder};
use common::*;
use store::{Engine, Place, Settings};
use testkit::{OsChance, SeededChance, SystemClock};

const PROCESSES: usize = 8;

async fn desk(place: Place, keys: std::path::PathBuf) -> Desk {
    // Two connections a process: eight of them must fit a small server.
    let settings = Settings { connections: 2, ..Settings::default() };
    Desk::open(Opening {
        place,
        keys,
        clock: Arc::new(SystemClock),
        chance: Arc::new(OsChance),
        origin: "race".to_owned(),
        settings,
    })
    .await
    .unwrap()
}

/// One of the eight: reads "member case value" lines, says it is ready, waits for the word, submits all.
async fn child() {
    let place = Place::parse(&std::env::var("CONCORD_RACE_PLACE").unwrap());
    let desk = desk(place, std::env::var("CONCORD_RACE_KEYS").unwrap().into()).await;
    let work = std::fs::read_to_string(std::env::var("CONCORD_RACE_CHILD").unwrap()).unwrap();
    let mut orders = Vec::new();
    let mut member: Option<Principal> = None;
    for line in work.lines() {
        let [who, case, value] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("work") };
        if member.is_none() {
            member = Some(desk.member(who).await.unwrap());
        }
        let csv = format!("kind,value\nemail,{value}@example.org\n");
        orders.push(SubmitOrder::new(
            CaseNumber::parse(case).unwrap(),
            "race.csv",
            casework::read("race.csv", csv.as_bytes()),
            desk.request(),
        ));
    }
    println!("ready");
    std::io::stdout().flush().unwrap();
    let mut go = String::new();
    std::io::stdin().lock().read_line(&mut go).unwrap();
    let member = member.unwrap();
    for order in orders {
        desk.submit(&member, order).await.unwrap();
    }
    desk.settle_ledger().await.unwrap();
}

async fn race(engine: Engine) {
    let submissions: usize = std::env::var("CONCORD_RACE").ok().and_then(|n| n.parse().ok()).unwrap_or(160);
    let pairs = submissions / 2;
    let house = house(engine).await;
    let mut officers = Vec::new();
    for _ in 0..PROCESSES {
        let agency = house.agency(AgencyKind::Local).await;
        officers.push(house.member(agency, &[]).await);
    }
    let dice = SeededChance::new(25);
    let roll = |below: usize| {
        let mut bytes = [0; 4];
        Chance::fill(&dice, &mut bytes);
        usize::try_from(u32::from_be_bytes(bytes)).unwrap() % below
    };
    let mut work: Vec<Vec<String>> = vec![Vec::new(); PROCESSES];
    for pair in 0..pairs {
        let x = roll(PROCESSES);
        let y = (x + 1 + roll(PROCESSES - 1)) % PROCESSES;
        for side in [x, y] {
            let case = house.case(&officers[side], &format!("R-{pair}-{side}"), None).await;
            work[side].push(format!("{} {} pair{pair}", officers[side].member, case.as_str()));
        }
    }
    let place = match &house.place {
        Place::Sqlite(path) => path.display().to_string(),
        Place::Postgres(url) => url.clone(),
    };
    let mut children = Vec::new();
    for (n, mut lines) in work.into_iter().enumerate() {
        for i in (1..lines.len()).rev() {
            lines.swap(i, roll(i + 1));
        }
        let file = house.scratch.join(format!("work-{n}"));
        std::fs::write(&file, lines.join("\n")).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "one_of_the_eight", "--nocapture", "--test-threads=1"])
            .env("CONCORD_RACE_CHILD", file)
            .env("CONCORD_RACE_PLACE", &place)
            .env("CONCORD_RACE_KEYS", house.scratch.join("keys"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        children.push(child);
    }
    for child in &mut children {
        let out = child.stdout.as_mut().unwrap();
        let ready = std::io::BufReader::new(out).lines().any(|l| l.unwrap().contains("ready"));
        assert!(ready, "a process did not come up");
    }
    let start = std::time::Instant::now();
    for child in &mut children {
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let took = start.elapsed();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for officer in &officers {
        for item in house.desk.inbox(officer).await.unwrap().items {
            assert!(item.others.is_empty(), "each pair has an identifier of its own");
            *seen.entry(item.conflict.unwrap()).or_default() += 1;
        }
    }
    assert_eq!(seen.len(), pairs, "pairs missed");
    assert!(seen.values().all(|n| *n == 2), "each conflict stands in exactly two inboxes");
    let verdict = house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap();
    assert!(verdict.sound(), "{:?}", verdict.findings);
    println!(
        "figure: race on {engine:?}: {submissions} submissions by {PROCESSES} processes in {:.1} s ({:.0} a second), {} of {pairs} pairs found, 0 twice, ledger of {} sound",
        took.as_secs_f64(),
        f64::from(u32::try_from(submissions).unwrap()) / took.as_secs_f64(),
        seen.len(),
        verdict.size,
    );
}

#[tokio::test]
async fn one_of_the_eight() {
    if std::env::var("CONCORD_RACE_CHILD").is_ok() {
        child().await;
    }
}

#[tokio::test]
async fn no_pair_is_missed_and_none_is_there_twice_sqlite() {
    race(Engine::Sqlite).await;
}

#[tokio::test]
async fn no_pair_is_missed_and_none_is_there_twice_postgres() {
    race(Engine::Postgres).await;
}
