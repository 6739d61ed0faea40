//! One text of migrations. It is PostgreSQL's; SQLite differs in four words and one suffix.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::db::{Conn, Engine, binds};
use crate::error::Error;
use crate::pools::{Place, Pools, Settings, connect};
use crate::trace::PARTITIONS;

pub(crate) const TEXTS: [(i64, &str, &str); 14] = [
    (1, "ground", include_str!("../migrations/0001_ground.sql")),
    (2, "tips", include_str!("../migrations/0002_tips.sql")),
    (3, "logs", include_str!("../migrations/0003_logs.sql")),
    (4, "transfer", include_str!("../migrations/0004_transfer.sql")),
    (5, "sessions", include_str!("../migrations/0005_sessions.sql")),
    (6, "lists", include_str!("../migrations/0006_lists.sql")),
    (7, "finding", include_str!("../migrations/0007_finding.sql")),
    (8, "outbound", include_str!("../migrations/0008_outbound.sql")),
    (9, "bulk", include_str!("../migrations/0009_bulk.sql")),
    (10, "contacts", include_str!("../migrations/0010_contacts.sql")),
    (11, "details", include_str!("../migrations/0011_details.sql")),
    (12, "details moved", include_str!("../migrations/0012_details_moved.sql")),
    (13, "details gone", include_str!("../migrations/0013_details_gone.sql")),
    (14, "personas", include_str!("../migrations/0014_personas.sql")),
];

/// The newest version this program knows.
pub(crate) fn newest() -> i64 {
    TEXTS.iter().map(|(version, _, _)| *version).max().unwrap_or_default()
}

/// Where a database's schema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The version of the database; 0 when it has no tables of ours.
    pub have: i64,
    /// The newest version this program knows.
    pub newest: i64,
    /// What would be run, oldest first: version and name.
    pub pending: Vec<(i64, &'static str)>,
}

/// Reads the schema's version and changes nothing; a SQLite file that is not there is not made.
pub(crate) async fn schema(place: &Place) -> Result<Schema, Error> {
    let missing = matches!(place, Place::Sqlite(path) if !path.exists());
    let have = if missing {
        0
    } else {
        let pools = connect(place, &Settings::default())?;
        let have = version(&pools).await;
        pools.close().await;
        have?
    };
    let pending = TEXTS.iter().filter(|(v, _, _)| *v > have).map(|(v, name, _)| (*v, *name)).collect();
    Ok(Schema { have, newest: newest(), pending })
}

/// Brings the schema to `upto`; a newer one stays. `told` hears of each migration before it runs.
pub(crate) async fn migrate(
    pools: &Pools,
    partitioned: bool,
    upto: i64,
    mut told: impl FnMut(i64, &'static str),
) -> Result<(), Error> {
    let have = version(pools).await?;
    if have > newest() {
        return Err(Error::Newer { have, known: newest() });
    }
    if have >= upto {
        return Ok(());
    }
    for (version, name, _) in TEXTS.iter().filter(|(v, _, _)| *v > have && *v <= upto) {
        told(*version, name);
        run(pools, partitioned, *version).await?;
    }
    Ok(())
}

/// Later ones may be there by now: another process migrates at the same time.
async fn run(pools: &Pools, partitioned: bool, upto: i64) -> Result<(), Error> {
    match pools {
        // The migrator runs in nested savepoints of one immediate transaction: the second process waits, then sees the
        // version applied. Without it both create the tables and one fails.
        Pools::Sqlite { writer, log, .. } => {
            let mut tx = retry_busy(|| writer.begin_with("BEGIN IMMEDIATE")).await?;
            let mut migrator = migrator(Engine::Sqlite, false, upto);
            migrator.set_locking(false);
            migrator.set_ignore_missing(true);
            migrator.run_direct(None, &mut *tx, false).await?;
            tx.commit().await?;
            log.keep(0).await?;
        }
        // sqlx takes pg_advisory_lock here: right as long as every migration goes through one node (Citus: the
        // coordinator).
        Pools::Postgres(pool) => {
            let mut migrator = migrator(Engine::Postgres, partitioned, upto);
            migrator.set_ignore_missing(true);
            migrator.run(pool).await?;
        }
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

async fn version(pools: &Pools) -> Result<i64, Error> {
    let mut conn = retry_busy(|| pools.reading()).await?;
    let have = version_of(&mut conn).await?;
    conn.commit().await?;
    Ok(have)
}

/// The schema's version; 0 without tables of ours.
pub(crate) async fn version_of(conn: &mut Conn) -> Result<i64, Error> {
    let there = match conn.engine() {
        Engine::Sqlite => "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = '_sqlx_migrations'",
        Engine::Postgres => "SELECT COUNT(*) AS n FROM pg_class c WHERE c.oid = to_regclass('_sqlx_migrations')",
    };
    let there: Option<Count> = conn.maybe(there, binds![]).await?;
    if there.is_none_or(|c| c.n == 0) {
        return Ok(0);
    }
    let newest = "SELECT COALESCE(MAX(version), CAST(0 AS BIGINT)) AS n FROM _sqlx_migrations WHERE success";
    let have: Option<Count> = conn.maybe(newest, binds![]).await?;
    Ok(have.map_or(0, |c| c.n))
}

/// SQLite takes no notice of busy_timeout while it switches a new file to WAL, so opening is tried again.
async fn retry_busy<T, E, F>(mut open: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, E>>,
    Error: From<E>,
{
    let mut last = None;
    for _ in 0..200 {
        match open().await.map_err(Error::from) {
            Err(e) if e.is_retryable() => last = Some(e),
            done => return done,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(last.unwrap_or(Error::Closed))
}

/// `partitioned`: tables that Citus would distribute are PARTITION BY HASH of their placement column (tests).
fn migrator(engine: Engine, partitioned: bool, upto: i64) -> Migrator {
    let all = TEXTS
        .into_iter()
        .filter(|(version, _, _)| *version <= upto)
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
