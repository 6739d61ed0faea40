//! Which statements ask every shard.

use model::Level;
use policy::{Action, Principal};
use store::{Among, Engine, Pending};

use crate::common::statements::EVERYWHERE;
use crate::common::*;

/// What the history asks with one key, asked with several: a plan for many keys cannot name their partitions.
async fn with_many_keys(w: &World) {
    let ann = w.officer("ann").await;
    let (a, b) = (w.case(&ann, "1").await, w.case(&ann, "2").await);
    let one = w.submit(&ann, a, &["fox", "owl"], Level::Open).await;
    let two = w.submit(&ann, b, &["fox", "owl"], Level::Open).await;
    let asks = [w.ask("fox"), w.ask("owl")];
    assert_eq!(w.look(&ann, None, &asks, 9).await.hits.len(), 4);
    w.submit(&ann, b, &["fox", "owl"], Level::Silent).await;
    let grant = w.worker(Action::SilentLook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.look(&asks.iter().map(|a| (*a, None)).collect::<Vec<_>>(), Among::Silent, 9).await.unwrap();
    let many: Vec<_> = (0..90).map(|n| (w.ask(&n.to_string()), None)).collect();
    w.store.held_elsewhere(&grant, &many, &[Among::Silent, Among::Personas]).await.unwrap().recorded();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let other: Principal = w.officer("bob").await;
    let new: Vec<_> = [(a, one.entries[0]), (b, two.entries[0])]
        .into_iter()
        .map(|(case, entry)| {
            let theirs = (other.member, other.agency, id(), id());
            conflict((&ann, case, entry), theirs, (Level::Open, Level::Open))
        })
        .collect();
    let grant = may(&ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let asking = |case, s: &Submitted| Pending {
        id: s.submission,
        agency: ann.agency,
        member: ann.member,
        case: Some(case),
        at: model::Micros(0),
    };
    tx.hold_asking(&[asking(a, &one), asking(b, &two)]).await.unwrap();
    assert_eq!(tx.record(&new).await.unwrap().new.len(), 2);
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let grant = may(&ann, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert_eq!(tx.sides().await.unwrap().len(), 2);
    tx.commit(w.store.act(&grant, ("inbox", uuid()))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_asks_every_partition_but_those_with_a_reason() {
    let w = World::new(Engine::Postgres).await;
    history::live(&w).await;
    with_many_keys(&w).await;
    let seen = w.trace.seen();
    let everywhere: Vec<_> =
        seen.iter().filter_map(|(sql, seen)| seen.all_partitions_of.as_ref().map(|table| (table, sql))).collect();
    let without_reason: Vec<_> =
        everywhere.iter().filter(|(_, sql)| !EVERYWHERE.iter().any(|(part, _)| sql.contains(part))).collect();
    assert!(without_reason.is_empty(), "{without_reason:#?}");
    for (part, reason) in EVERYWHERE {
        let needed = everywhere.iter().any(|(_, sql)| sql.contains(part));
        assert!(needed, "no statement needs this any more: {part} ({reason})");
    }
    assert!(seen.len() > 80, "the history runs few statements: {}", seen.len());
}
