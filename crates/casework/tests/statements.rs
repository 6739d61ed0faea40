//! Invariant 9 by counting: what a request asks the database never depends on what is silent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeMap;

use casework::model::*;
use common::*;
use store::{Engine, Settings, Trace};

fn counts(trace: &Trace) -> BTreeMap<String, u64> {
    trace.seen().into_iter().map(|(sql, seen)| (sql, seen.times)).collect()
}

async fn asked(
    house: &House,
    trace: &Trace,
    who: &casework::Principal,
    case: &CaseNumber,
    value: &str,
) -> [BTreeMap<String, u64>; 2] {
    let csv = format!("kind,value\nemail,{value}@example.org\n");
    trace.clear();
    house.submit(who, case, &csv).await;
    let submitted = counts(trace);
    trace.clear();
    house.check(who, None, &csv).await;
    [submitted, counts(trace)]
}

async fn a_silent_hit_and_a_miss_run_the_same_statements(engine: Engine) {
    let trace = Trace::default();
    let house = house_with(engine, Settings { trace: Some(trace.clone()), ..Settings::default() }).await;
    let (owner, case_o) = house.officer("S-1").await;
    let supervisor = house.member(owner.agency, &[Role::Supervisor]).await;
    house.submit_silent(&owner, &case_o, "kind,value\nemail,hidden@example.org\n", &supervisor).await.unwrap();
    let (asker, case_a) = house.officer("S-2").await;
    asked(&house, &trace, &asker, &case_a, "warm").await;
    let hit = asked(&house, &trace, &asker, &case_a, "hidden").await;
    let miss = asked(&house, &trace, &asker, &case_a, "nobody").await;
    assert_eq!(hit, miss);
    assert!(
        hit.iter().all(|seen| seen.keys().all(|sql| !sql.contains("silent_posting"))),
        "a request never asks about silent postings"
    );
    assert!(hit[0].values().sum::<u64>() > 10, "and the trace saw the request");
}

async fn a_persona_and_another_desk_entry_run_the_same_statements(engine: Engine) {
    let trace = Trace::default();
    let house = house_with(engine, Settings { trace: Some(trace.clone()), ..Settings::default() }).await;
    let (owner, case_o) = house.officer("S-1").await;
    house.submit(&owner, &case_o, "kind,value,role,level\nemail,persona@example.org,undercover,\nemail,plain@example.org,unknown,desk\nemail,warm@example.org,unknown,desk\n").await;
    let mut seen = Vec::new();
    for value in ["warm", "persona", "plain"] {
        // A new asker each time: the second meeting of two cases writes less than the first.
        let (asker, case_a) = house.officer(&format!("ASK-{value}")).await;
        seen.push(asked(&house, &trace, &asker, &case_a, value).await);
    }
    assert_eq!(seen[1], seen[2]);
}

#[tokio::test]
async fn silent_sqlite() {
    a_silent_hit_and_a_miss_run_the_same_statements(Engine::Sqlite).await;
}
#[tokio::test]
async fn silent_postgres() {
    a_silent_hit_and_a_miss_run_the_same_statements(Engine::Postgres).await;
}
#[tokio::test]
async fn persona_sqlite() {
    a_persona_and_another_desk_entry_run_the_same_statements(Engine::Sqlite).await;
}
#[tokio::test]
async fn persona_postgres() {
    a_persona_and_another_desk_entry_run_the_same_statements(Engine::Postgres).await;
}
