//! Which statements ask every shard. Each that does is listed with its reason; a reason nobody needs any more fails too.

use store::Engine;

use crate::common::*;

/// A part of the statement's text, and why it may touch all partitions.
const EVERYWHERE: [(&str, &str); 1] = [("none yet", "none")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_asks_every_partition_but_those_with_a_reason() {
    let w = World::new(Engine::Postgres).await;
    history::live(&w).await;
    let seen = w.trace.seen();
    let everywhere: Vec<_> =
        seen.iter().filter_map(|(sql, seen)| seen.all_partitions_of.as_ref().map(|table| (table, sql))).collect();
    let without_reason: Vec<_> =
        everywhere.iter().filter(|(_, sql)| !EVERYWHERE.iter().any(|(part, _)| sql.contains(part))).collect();
    assert!(without_reason.is_empty(), "{without_reason:#?}");
    for (part, reason) in EVERYWHERE {
        assert!(
            everywhere.iter().any(|(_, sql)| sql.contains(part)),
            "no statement needs this any more: {part} ({reason})"
        );
    }
    assert!(seen.len() > 80, "the history runs few statements: {}", seen.len());
}
