//! What the schema promises: a purge rule a table, a placement column in every key, whole integers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use store::{Engine, PURGE_RULES, PurgeRule};

use crate::common::*;
use crate::on_both;

/// Every migration, in order.
static TEXTS: LazyLock<String> = LazyLock::new(|| {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
    let mut files: Vec<_> =
        folder.map(|f| f.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "sql")).collect();
    files.sort();
    files.iter().map(|f| format!("\n{}", std::fs::read_to_string(f).unwrap())).collect()
});

/// Each table's placement and columns' lines, read from the migration.
fn tables() -> BTreeMap<&'static str, (&'static str, Vec<&'static str>)> {
    TEXTS
        .split("\nCREATE TABLE ")
        .skip(1)
        .map(|text| {
            let (head, body) = text.split_once('\n').unwrap();
            let name = head.split_whitespace().next().unwrap();
            let placement = head.split_once("placement: ").expect(name).1.split(';').next().unwrap().trim();
            (name, (placement, body.split("\n);").next().unwrap().lines().map(str::trim).collect()))
        })
        .collect()
}

#[test]
fn every_table_has_one_purge_rule_and_no_rule_is_stale() {
    let rules: Vec<_> = PURGE_RULES.iter().map(|(table, _)| *table).collect();
    let distinct: BTreeSet<_> = rules.iter().copied().collect();
    assert_eq!(rules.len(), distinct.len(), "a table has two rules");
    assert_eq!(distinct, tables().into_keys().collect());
    for (table, rule) in PURGE_RULES {
        if let PurgeRule::Kept(reason) = rule {
            assert!(reason.len() > 5, "{table} is kept for no reason");
        }
    }
}

on_both!(the_database_has_the_tables_of_the_migration_and_no_other, w => {
    let mut raw = w.raw().await;
    for table in tables().keys() {
        raw.int(&format!("SELECT COUNT(*) FROM {table}"), &[]).await;
    }
    let all = match w.store.engine() {
        Engine::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Engine::Postgres => "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
    };
    assert_eq!(raw.int(all, &[]).await, i64::try_from(tables().len()).unwrap() + 1, "ours and sqlx's own");
});

#[test]
fn every_key_of_a_distributed_table_holds_its_placement_column() {
    let mut distributed = 0;
    for (table, (placement, lines)) in tables() {
        let key = lines.iter().find_map(|l| l.strip_prefix("PRIMARY KEY (")).expect(table).trim_end_matches(')');
        match placement.strip_prefix("hash ") {
            Some(column) => {
                distributed += 1;
                assert!(key.split(", ").any(|k| k == column), "{table}: {column} is not in its key ({key})");
                let unique = format!("CREATE UNIQUE INDEX {table}");
                assert!(!TEXTS.contains(&unique), "{table}: a second unique key needs the placement column too");
            }
            None => assert_eq!(placement, "reference", "{table}"),
        }
    }
    assert!(distributed > 20, "{distributed}");
}

// Citus refuses what PostgreSQL refuses of a partitioned table; this is what stands in for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_cuts_every_distributed_table_into_partitions() {
    let w = World::new(Engine::Postgres).await;
    let mut raw = w.raw().await;
    for (table, (placement, _)) in tables() {
        let parts = "SELECT COUNT(*) FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = $1 AND p.relkind = 'p'";
        let parts = raw.int(parts, &[Bind::Text(table.to_owned())]).await;
        let wanted = if placement == "reference" { 0 } else { i64::try_from(store::PARTITIONS).unwrap() };
        assert_eq!(parts, wanted, "{table}");
    }
}

#[test]
fn an_entry_says_what_governs_it_and_when_it_is_reviewed() {
    let (_, lines) = &tables()["entry"];
    for column in ["review_us BIGINT NOT NULL,", "class BIGINT NOT NULL,", "preserved BOOLEAN NOT NULL,"] {
        assert!(lines.contains(&column), "{column}");
    }
}

#[test]
fn columns_have_only_types_both_engines_store_alike() {
    for (table, (_, lines)) in tables() {
        for line in lines.iter().filter(|l| !l.starts_with("PRIMARY KEY")) {
            let kind = line.trim_end_matches(',').split_whitespace().nth(1).unwrap();
            assert!(["BIGINT", "UUID", "BYTEA", "TEXT", "BOOLEAN"].contains(&kind), "{table}: {line}");
        }
    }
}
