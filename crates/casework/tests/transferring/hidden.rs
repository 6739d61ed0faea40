//! What is hidden in a case that goes: it stays with its owner, and nothing of the transfer depends on it (invariant 9).

use std::collections::BTreeMap;

use casework::Principal;
use casework::model::*;
use store::{Engine, Settings, Trace};

use crate::common::*;
use crate::{FOX, number, on_both, words};

on_both!(hidden_entries_and_personas_stay_with_their_owner, house => {
    let (a, case_a) = house.officer("A-1").await;
    let supervisor = house.member(a.agency, &[Role::Supervisor]).await;
    let desk = house.member(a.agency, &[Role::WatchDesk]).await;
    let to = house.receiver(AgencyKind::Local).await;
    house.submit_silent(&a, &case_a, "kind,value\nemail,hidden@example.org\n", &supervisor).await.unwrap();
    house.submit(&a, &case_a, "kind,value,role\nemail,persona@example.org,undercover\nemail,fox@example.org,\n").await;
    let (b, case_b) = house.officer("B-1").await;
    let met = house.submit(&b, &case_b, "kind,value\nemail,persona@example.org\n").await;
    assert_eq!((met.conflicts.len(), met.desk.len()), (0, 1));
    let before = house.inbox(&b).await;
    let answer = house.transfer(&a, &case_a, &to, "L-1").await;
    assert_eq!((answer.entries, answer.conflicts.len(), answer.desk.len()), (1, 0, 0), "{answer:?}");
    assert!(house.inbox(&to.officer).await.items.iter().all(|i| i.state == "transfer"));
    assert_eq!(house.inbox(&b).await, before, "who met the persona sees nothing different");
    // The old lead sees the persona's conflict as before, and both go on answering for their owner.
    let mine = house.inbox(&a).await;
    assert!(mine.items.iter().any(|i| i.yours == ["persona@example.org"] && i.conflict.is_some()), "{mine:?}");
    let again = house.submit(&to.officer, &number("L-1"), "kind,value\nemail,hidden@example.org\nemail,persona@example.org\n").await;
    assert_eq!((again.conflicts.len(), again.desk.len()), (1, 1), "silent is a miss, a persona the desk");
    assert!(again.conflicts[0].matches.iter().all(|m| m.yours == "persona@example.org"), "that is the other officer's");
    let told = house.inbox(&a).await;
    assert!(told.items.iter().any(|i| i.state == "silent" && i.yours == ["hidden@example.org"]), "{told:?}");
    let queue = house.inbox(&desk).await;
    let gone: Vec<_> = queue.items.iter().filter(|i| i.state == "transfer").collect();
    assert_eq!((gone.len(), gone[0].others.len()), (1, 1), "the desk knows both leads: {queue:?}");
    // They can still be taken back by their owner.
    let why = Purpose::parse("the operation ended").unwrap();
    for value in ["hidden@example.org", "persona@example.org"] {
        assert_eq!(house.desk.withdraw(&a, &case_a, Kind::Email, value, None, &why).await.unwrap(), 1, "{value}");
    }
    assert!(house.sound().await);
});

/// What the receiver, a third agency and the size of the ledger show of a transfer, with and without a silent entry.
async fn seen(engine: Engine, silent: bool) -> Vec<String> {
    let house = house(engine).await;
    let (a, case_a) = house.officer("A-1").await;
    let supervisor = house.member(a.agency, &[Role::Supervisor]).await;
    let to = house.receiver(AgencyKind::Local).await;
    let (b, case_b) = house.officer("B-1").await;
    let mut seen = Vec::new();
    let steps = 7;
    for step in 0..steps {
        house.clock.advance(30);
        // Chance starts anew with each step: what is drawn for what is hidden cannot shift what others draw.
        house.chance.reseed(100 + step);
        match step {
            0 => {
                house.submit(&a, &case_a, "kind,value\nemail,owl@example.org\n").await;
                house.clock.advance(1); // ids follow time: what chance draws for hidden rows must not order the others
                // Hidden rows stand before others: their places in the file must not tell.
                let hidden = if silent { "email,fox@example.org,silent,\nphone,206-555-0123,silent,\n" } else { "" };
                let head = "kind,value,level,role\n";
                let mut order = house.order(&case_a, &format!("{head}{hidden}email,elk@example.org,,victim\n"));
                order.silent = Some(casework::SilentRequest {
                    reason: words("live operation"),
                    approved_by: supervisor.clone(),
                    until: Micros::parse("2026-12-31T23:59:59Z").unwrap(),
                });
                house.desk.submit(&a, order).await.unwrap();
            }
            1 => {
                let csv = "kind,value\nemail,fox@example.org\nemail,owl@example.org\nphone,206-555-0123\n";
                seen.push(serde_json::to_string(&house.submit(&b, &case_b, csv).await).unwrap());
                house.desk.work(None).await.unwrap();
            }
            2 => {
                let id = house.offer(&a, &case_a, to.agency).await.unwrap();
                seen.push(id.to_string());
            }
            3 => {
                let id = seen.last().unwrap().parse().unwrap();
                let answer = house.accept(&to, id, "L-1").await.unwrap();
                seen.push(serde_json::to_string(&answer).unwrap());
                house.desk.settle_ledger().await.unwrap();
                let receipt = house.desk.receipt(&to.officer, answer.receipt.parse().unwrap()).await.unwrap();
                let mut receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
                receipt["proof"] = receipt["proof"]["index"].take(); // its hashes cover everybody's salted leaves
                seen.push(receipt.to_string());
            }
            4 => {
                let csv = "kind,value\nemail,fox@example.org\nphone,206-555-0123\n";
                seen.push(serde_json::to_string(&house.submit(&to.officer, &number("L-1"), csv).await).unwrap());
            }
            5 => {
                house.clock.advance(1_000);
                house.desk.work(None).await.unwrap();
            }
            _ => {
                for who in [&to.supervisor, &to.officer, &b] {
                    seen.push(serde_json::to_string(&house.desk.inbox(who).await.unwrap()).unwrap());
                    seen.push(serde_json::to_string(&house.desk.transfers(who).await.unwrap()).unwrap());
                }
            }
        }
    }
    let size = house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().size;
    seen.push(format!("ledger {size}"));
    seen
}

/// Invariant 9 by counting: what an acceptance asks of the database.
async fn an_acceptance_runs_the_same_statements_whatever_is_hidden(engine: Engine) {
    let mut counts = Vec::new();
    for silent in [false, true] {
        let trace = Trace::default();
        let house = house_with(engine, Settings { trace: Some(trace.clone()), ..Settings::default() }).await;
        let (a, case_a) = house.officer("A-1").await;
        let supervisor = house.member(a.agency, &[Role::Supervisor]).await;
        let to = house.receiver(AgencyKind::Local).await;
        house.submit(&a, &case_a, "kind,value\nemail,owl@example.org\n").await;
        if silent {
            house.submit_silent(&a, &case_a, FOX, &supervisor).await.unwrap();
        }
        let (b, case_b) = house.officer("B-1").await;
        house.submit(&b, &case_b, "kind,value\nemail,fox@example.org\nemail,owl@example.org\n").await;
        house.desk.work(None).await.unwrap();
        let id = house.offer(&a, &case_a, to.agency).await.unwrap();
        trace.clear();
        house.accept(&to, id, "L-1").await.unwrap();
        counts.push(trace.seen().into_iter().map(|(sql, seen)| (sql, seen.times)).collect::<BTreeMap<_, _>>());
    }
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0].values().sum::<u64>() > 40, "and the trace saw the acceptance");
}

#[tokio::test]
async fn an_acceptance_runs_the_same_statements_whatever_is_hidden_sqlite() {
    an_acceptance_runs_the_same_statements_whatever_is_hidden(Engine::Sqlite).await;
}
#[tokio::test]
async fn an_acceptance_runs_the_same_statements_whatever_is_hidden_postgres() {
    an_acceptance_runs_the_same_statements_whatever_is_hidden(Engine::Postgres).await;
}

async fn nothing_of_a_transfer_depends_on_what_is_hidden(engine: Engine) {
    let (with, without) = (seen(engine, true).await, seen(engine, false).await);
    assert_eq!(with.len(), without.len());
    for (n, (with, without)) in with.iter().zip(&without).enumerate() {
        assert_eq!(with, without, "sight {n}");
    }
    assert!(with.iter().any(|s| s.contains("owl@example.org")), "and something is seen");
    assert!(with.iter().any(|s| s.contains("protected person (entry 2 of what was taken over)")), "{with:#?}");
}

#[tokio::test]
async fn nothing_of_a_transfer_depends_on_what_is_hidden_sqlite() {
    nothing_of_a_transfer_depends_on_what_is_hidden(Engine::Sqlite).await;
}
#[tokio::test]
async fn nothing_of_a_transfer_depends_on_what_is_hidden_postgres() {
    nothing_of_a_transfer_depends_on_what_is_hidden(Engine::Postgres).await;
}
