//! One text of migrations. It is PostgreSQL's; SQLite differs in four words and one suffix.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::db::Engine;
use crate::trace::PARTITIONS;

pub(crate) const TEXTS: [(i64, &str, &str); 3] = [
    (1, "ground", include_str!("../migrations/0001_ground.sql")),
    (2, "tips", include_str!("../migrations/0002_tips.sql")),
    (4, "transfer", include_str!("../migrations/0004_transfer.sql")),
];

/// `partitioned`: tables that Citus would distribute are PARTITION BY HASH of their placement column (tests).
pub(crate) fn migrator(engine: Engine, partitioned: bool) -> Migrator {
    let all = TEXTS
        .into_iter()
        .map(|(version, name, text)| {
            let sql = match engine {
                Engine::Postgres if partitioned => for_partitions(text),
                Engine::Postgres => text.to_owned(),
                Engine::Sqlite => for_sqlite(text),
            };
            Migration::new(
                version,
                Cow::Borrowed(name),
                MigrationType::Simple,
                AssertSqlSafe(sql).into_sql_str(),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(all)
}

/// STRICT refuses a value of the wrong type; WITHOUT ROWID makes the primary key the table, as `bucket` first wants.
fn for_sqlite(text: &str) -> String {
    text.replace("BYTEA", "BLOB")
        .replace("UUID", "BLOB")
        .replace("BIGINT", "INTEGER")
        .replace("BOOLEAN", "INTEGER")
        .replace("\n);", "\n) STRICT, WITHOUT ROWID;")
}

/// The same tables, cut as Citus would cut them: PostgreSQL then refuses a key without the placement column, and a plan
/// shows how many shards a statement would ask.
fn for_partitions(text: &str) -> String {
    let mut out = String::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            let table = rest.split_whitespace().next().unwrap_or_default().to_owned();
            let column = rest.split_once("placement: hash ").and_then(|(_, c)| c.split([' ', ';']).next());
            open = column.map(|c| (table, c.to_owned()));
        }
        match (&open, line) {
            (Some((table, column)), ");") => {
                out.push_str(&format!(") PARTITION BY HASH ({column});\n"));
                for i in 0..PARTITIONS {
                    out.push_str(&format!("CREATE TABLE {table}_p{i} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {i});\n"));
                }
                open = None;
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}
