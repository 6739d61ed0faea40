//! The connections behind the store: one writer with its log, and readers, of SQLite; a pool of PostgreSQL.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use crate::db::{Conn, Open};
use crate::error::Error;
use crate::trace::Trace;
use crate::write_ahead::{FOLDED_BY_THE_WRITER, WriteAhead};

/// Which database to open.
#[derive(Debug, Clone)]
pub enum Place {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

impl Place {
    /// `postgres://..` or `postgresql://..`; anything else is a file.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::Sqlite(PathBuf::from(text.strip_prefix("sqlite:").unwrap_or(text)))
        }
    }
}

/// What only tests change.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// PostgreSQL: distributed tables are PARTITION BY HASH.
    pub partitioned: bool,
    /// Records every statement, or tells of it.
    pub trace: Option<Trace>,
    /// Connections (PostgreSQL) or readers (SQLite); 0 takes the default.
    pub connections: u32,
}

pub(crate) enum Pools {
    /// One writer: a queue inside the process is fair, SQLite's busy handler is not. Readers beside it (WAL).
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        log: Arc<WriteAhead>,
    },
    Postgres(PgPool),
}

/// In KiB, negative as SQLite wants it. A reader's is of no use after the next commit; the writer's is kept.
const READERS_CACHE: &str = "-65536";
const WRITERS_CACHE: &str = "-262144";

/// Connects, lazily: nothing is asked of the database yet.
pub(crate) fn connect(place: &Place, settings: &Settings) -> Result<Pools, Error> {
    let wait = Duration::from_secs(60);
    match place {
        Place::Sqlite(path) => {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // What is acknowledged survives power loss all the same: write_ahead.rs.
                .synchronous(SqliteSynchronous::Normal)
                // Eight processes queue on one lock; sqlx's own 5 s is one slow checkpoint away from an error.
                .busy_timeout(Duration::from_secs(30))
                .pragma("temp_store", "MEMORY")
                .pragma("wal_autocheckpoint", FOLDED_BY_THE_WRITER)
                .pragma("secure_delete", "ON")
                .pragma("cache_size", READERS_CACHE)
                .pragma("mmap_size", "1073741824")
                // Rows cross from the connection's thread; with sqlx's 50 each long answer wakes both sides again and again.
                .row_buffer_size(1_024)
                .statement_cache_capacity(512);
            let readers = if settings.connections == 0 { 4 } else { settings.connections };
            // Kept open: the last connection to close folds the log and takes it away.
            let pool = |most| {
                SqlitePoolOptions::new()
                    .max_connections(most)
                    .acquire_timeout(wait)
                    .idle_timeout(None)
                    .max_lifetime(None)
            };
            Ok(Pools::Sqlite {
                log: WriteAhead::new(path, pool(1).connect_lazy_with(options.clone())),
                writer: pool(1).connect_lazy_with(options.clone().pragma("cache_size", WRITERS_CACHE)),
                readers: pool(readers).connect_lazy_with(options),
            })
        }
        Place::Postgres(url) => {
            let options: PgConnectOptions =
                url.parse::<PgConnectOptions>()?.statement_cache_capacity(512).application_name("concord");
            let connections = if settings.connections == 0 { 8 } else { settings.connections };
            let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(wait);
            Ok(Pools::Postgres(pool.connect_lazy_with(options)))
        }
    }
}

impl Pools {
    pub(crate) async fn begin_writing(&self) -> Result<Open, Error> {
        Ok(match self {
            // A deferred transaction that reads first and writes later fails at once with SQLITE_BUSY_SNAPSHOT when
            // another process wrote in between; no timeout helps. So the write lock is taken at the start.
            Self::Sqlite { writer, log, .. } => {
                log.may_write().await?;
                let begun = match writer.begin_with("BEGIN IMMEDIATE").await {
                    // SQLite rolled back by itself (a full disk), which the connection was not told of: it is of no use.
                    Err(sqlx::Error::InvalidSavePointStatement) => {
                        writer.acquire().await?.close().await?;
                        writer.begin_with("BEGIN IMMEDIATE").await
                    }
                    begun => begun,
                };
                Open::Sqlite(begun?, Some(log.clone()))
            }
            Self::Postgres(pool) => Open::Postgres(pool.begin().await?),
        })
    }

    pub(crate) async fn begin_reading(&self) -> Result<Open, Error> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Open::Sqlite(readers.begin().await?, None),
            // One snapshot for the whole view: a page must not show two moments.
            Self::Postgres(pool) => {
                Open::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// All that is in SQLite's log is on the disk; PostgreSQL sees to its own.
    pub(crate) async fn written_through(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite { log, .. } => log.written_through().await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// A snapshot, untraced.
    pub(crate) async fn reading(&self) -> Result<Conn, Error> {
        Ok(Conn::new(self.begin_reading().await?, None))
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, log } => {
                log.close().await;
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::path::Path;

    use testkit::Scratch;

    use super::*;
    use crate::db::binds;

    /// A database of one table, and the folder it is in.
    async fn fresh() -> (Scratch, Pools) {
        let dir = Scratch::new();
        let pools = opened(&dir.join("a.db")).await;
        (dir, pools)
    }

    /// The same under this name.
    async fn opened(path: &Path) -> Pools {
        let pools = connect(&Place::Sqlite(path.to_owned()), &Settings::default()).unwrap();
        let mut conn = writing(&pools).await;
        conn.exec("CREATE TABLE IF NOT EXISTS t (id INTEGER NOT NULL, PRIMARY KEY (id)) STRICT", binds![])
            .await
            .unwrap();
        conn.commit().await.unwrap();
        pools
    }

    async fn writing(pools: &Pools) -> Conn {
        Conn::new(pools.begin_writing().await.unwrap(), None)
    }

    async fn rows(pools: &Pools) -> usize {
        pools.reading().await.unwrap().rows::<(i64,)>("SELECT id FROM t", binds![]).await.unwrap().len()
    }

    async fn written(pools: &Pools, id: i64) -> Result<(), Error> {
        let mut conn = Conn::new(pools.begin_writing().await?, None);
        conn.insert("INSERT INTO t (id)", "", vec![binds![id]]).await?;
        conn.commit().await
    }

    #[tokio::test]
    async fn a_commit_the_disk_refuses_is_not_acknowledged() {
        let (_dir, mut pools) = fresh().await;
        if let Pools::Sqlite { log, readers, .. } = &mut pools {
            *log = WriteAhead::over(Arc::new(|| Err(std::io::Error::other("no room"))), readers.clone());
        }
        assert!(matches!(written(&pools, 1).await, Err(Error::Database(sqlx::Error::Io(_)))));
        assert!(matches!(written(&pools, 2).await, Err(Error::NotOnDisk)));
        // It is not even written: what is tried again and again would count its tries, and be stored under each.
        assert_eq!(rows(&pools).await, 1);
        pools.close().await;
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_database_behind_a_link_keeps_its_log_beside_the_file() {
        let dir = Scratch::new();
        std::fs::create_dir(dir.join("disk")).unwrap();
        std::fs::write(dir.join("disk/real.db"), b"").unwrap();
        std::os::unix::fs::symlink(dir.join("disk/real.db"), dir.join("link.db")).unwrap();
        let pools = opened(&dir.join("link.db")).await;
        written(&pools, 1).await.unwrap();
        assert!(dir.join("disk/real.db-wal").exists() && !dir.join("link.db-wal").exists());
        pools.close().await;
    }

    #[tokio::test]
    async fn the_log_is_folded_from_beside_the_writer() {
        let (_dir, pools) = fresh().await;
        written(&pools, 1).await.unwrap();
        let Pools::Sqlite { log, .. } = &pools else { panic!("a file") };
        let there = log.unfolded().await.unwrap();
        assert!(there > 0);
        log.fold(there + 1).await.unwrap();
        assert_eq!(log.unfolded().await.unwrap(), there, "too few to be folded");
        log.fold(there).await.unwrap();
        assert_eq!(log.unfolded().await.unwrap(), 0);
        assert_eq!(rows(&pools).await, 1);
        pools.close().await;
    }

    // What an earlier process left in the log may have a hole that no disk tells of again.
    #[tokio::test]
    async fn who_finds_a_log_folds_it_before_writing() {
        let (dir, pools) = fresh().await;
        for id in 0..200 {
            written(&pools, id).await.unwrap();
        }
        let (name, log) = (dir.join("a.db"), dir.join("a.db-wal"));
        // As a process that was killed leaves them.
        let died = Scratch::new();
        std::fs::copy(&name, died.join("a.db")).unwrap();
        std::fs::copy(&log, died.join("a.db-wal")).unwrap();
        let length = |path: &Path| std::fs::metadata(path).unwrap().len();
        let before = length(&died.join("a.db-wal"));
        let next = connect(&Place::Sqlite(died.join("a.db")), &Settings::default()).unwrap();
        written(&next, 200).await.unwrap();
        assert!(length(&died.join("a.db-wal")) < before);
        assert_eq!(rows(&next).await, 201);
        next.close().await;
        pools.close().await;
    }

    #[tokio::test]
    async fn beside_another_process_nobody_waits_for_the_log() {
        let (dir, pools) = fresh().await;
        written(&pools, 1).await.unwrap();
        let reading = pools.begin_reading().await.unwrap();
        let mut reading = Conn::new(reading, None);
        assert_eq!(reading.rows::<(i64,)>("SELECT id FROM t", binds![]).await.unwrap().len(), 1);
        let beside = connect(&Place::Sqlite(dir.join("a.db")), &Settings::default()).unwrap();
        written(&beside, 2).await.unwrap();
        assert_eq!(reading.rows::<(i64,)>("SELECT id FROM t", binds![]).await.unwrap().len(), 1, "its own moment");
        reading.commit().await.unwrap();
        assert_eq!(rows(&pools).await, 2);
        beside.close().await;
        pools.close().await;
    }

    #[tokio::test]
    async fn a_statement_that_fails_half_way_leaves_nothing() {
        let (_dir, pools) = fresh().await;
        let mut conn = writing(&pools).await;
        let some = (0..200).chain([7]).map(|id: i64| binds![id]).collect();
        assert!(conn.insert("INSERT INTO t (id)", "", some).await.is_err());
        assert!(matches!(conn.commit().await, Err(Error::Failed)));
        assert_eq!(rows(&pools).await, 0);
        pools.close().await;
    }

    // A full disk makes SQLite roll back by itself, amid a statement.
    #[tokio::test]
    async fn the_writer_serves_again_after_sqlite_rolled_back_by_itself() {
        let (_dir, pools) = fresh().await;
        let mut conn = writing(&pools).await;
        conn.exec("ROLLBACK", binds![]).await.unwrap();
        drop(conn);
        written(&pools, 1).await.unwrap();
        assert_eq!(rows(&pools).await, 1);
        pools.close().await;
    }
}
