//! The facts `concord doctor` judges: settings, backlogs and times, never a row of anybody.

use ledger::Checkpoint;
use model::{Level, Micros};
use policy::{Action, Grant};
use uuid::Uuid;

use crate::db::{Conn, Engine, Value, binds};
use crate::disk::{self, KeyFolderFacts, PlaceFacts};
use crate::error::Error;
use crate::events::head;
use crate::migrate::{newest, version_of};
use crate::pools::Place;
use crate::rows::entries::EntryState;
use crate::rows::words::words_left;
use crate::store::Store;

/// How many wait, and since when the oldest does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// The oldest one's time.
    pub oldest: Option<Micros>,
}

/// What the engine promises of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Durability {
    /// SQLite.
    Sqlite {
        /// "wal" is right: a commit is acknowledged when that log is on the disk.
        journal: String,
        /// 1 (NORMAL) or more is right: the log reaches the disk before what is folded out of it.
        synchronous: i64,
    },
    /// PostgreSQL.
    Postgres {
        /// Waits for the disk.
        fsync: bool,
        /// "off" and "local" lose acknowledged commits.
        synchronous_commit: String,
        /// Survives torn pages.
        full_page_writes: bool,
        /// Notices pages that rot.
        data_checksums: bool,
        /// This connection is enciphered.
        ssl: bool,
        /// It does not leave this machine.
        local: bool,
    },
}

/// How the checkpoint beside the keys and the database stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptAgrees {
    /// None is kept: nothing was signed with these keys.
    NoneKept,
    /// The database signed the same.
    Agrees,
    /// The database is an old copy.
    Behind {
        /// Its size.
        size: u64,
        /// What was signed.
        kept: u64,
    },
    /// The database ends in a log before the present one.
    OldLog,
    /// The database does not have what is kept, or has another.
    Differs,
}

/// Everything that can be told without content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorFacts {
    /// When it was looked at.
    pub now: Micros,
    /// Which engine.
    pub engine: Engine,
    /// The engine's version, as it names it.
    pub version: String,
    /// The schema's version.
    pub schema: i64,
    /// The newest this program knows.
    pub newest_schema: i64,
    /// Of a commit.
    pub durability: Durability,
    /// The database server's clock less ours, in microseconds; none where both are one.
    pub drift: Option<i64>,
    /// Made with keys beside it, for trials.
    pub trial: bool,
    /// Submissions no look has answered yet.
    pub unlooked: Waiting,
    /// Submissions whose silent postings were not asked yet.
    pub unheard: Waiting,
    /// Submissions before their second look, which comes ten minutes after commit.
    pub second: Waiting,
    /// Notices that are due and not handed over, by when they were due.
    pub notices: Waiting,
    /// Events without a position.
    pub events: Waiting,
    /// Silent orders that ended and were neither renewed nor lowered, by their end.
    pub silent_orders: Waiting,
    /// Entries past their review (28 CFR 23.20(h)), by that day.
    pub reviews: Waiting,
    /// Cases whose words are not gathered yet, so that search does not reach them.
    pub words_wait: i64,
    /// The newest signed checkpoint: its size and time.
    pub signed: Option<(i64, Micros)>,
    /// Beside the keys.
    pub kept: KeptAgrees,
    /// Logs before the present one.
    pub old_logs: usize,
    /// The newest backup: when it was made and its last day.
    pub backup: Option<(Micros, Micros)>,
    /// The key folder.
    pub keys: Option<KeyFolderFacts>,
    /// The database file; none on a server.
    pub data: Option<PlaceFacts>,
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
    oldest: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Two {
    a: i64,
    b: i64,
}

#[derive(sqlx::FromRow)]
struct PostgresRow {
    version: String,
    fsync: String,
    synchronous_commit: String,
    full_page_writes: String,
    data_checksums: String,
    ssl: bool,
    local: bool,
    now_us: i64,
}

impl Store {
    /// Looks at everything, from one snapshot.
    pub async fn doctor_facts(&self, grant: &Grant) -> Result<DoctorFacts, Error> {
        let trial = self.installation().await?.trial;
        let now = self.now();
        let mut tx = self.view(grant).await?;
        tx.needs(&[Action::Doctor])?;
        let conn = tx.conn().await?;
        let (version, durability, drift) = engine(conn, now).await?;
        let (silent, live) = (Level::Silent.code(), EntryState::Live.code());
        let rests = [EntryState::Live, EntryState::Kept, EntryState::Asked].map(EntryState::code);
        let facts = DoctorFacts {
            now,
            engine: self.engine(),
            version,
            schema: version_of(conn).await?,
            newest_schema: newest(),
            durability,
            drift,
            trial,
            unlooked: count(conn, "SELECT COUNT(*) AS n, MIN(at_us) AS oldest FROM submission WHERE looked_us IS NULL", binds![]).await?,
            unheard: count(conn, "SELECT COUNT(*) AS n, MIN(at_us) AS oldest FROM submission WHERE silent_us IS NULL", binds![]).await?,
            second: count(conn, "SELECT COUNT(*) AS n, MIN(at_us) AS oldest FROM submission WHERE second_us IS NULL", binds![]).await?,
            notices: count(conn, "SELECT COUNT(*) AS n, MIN(due_us) AS oldest FROM notice WHERE NOT delivered AND due_us <= $1", binds![now]).await?,
            events: count(conn, "SELECT COUNT(*) AS n, MIN(at_us) AS oldest FROM event_new", binds![]).await?,
            silent_orders: count(
                conn,
                "SELECT COUNT(*) AS n, MIN(silent_until_us) AS oldest FROM entry WHERE silent_until_us < $1 AND level = $2 AND state = $3",
                binds![now, silent, live],
            )
            .await?,
            reviews: count(
                conn,
                "SELECT COUNT(*) AS n, MIN(review_us) AS oldest FROM entry WHERE review_us < $1 AND NOT preserved AND state IN ($2, $3, $4)",
                binds![now, rests[0], rests[1], rests[2]],
            )
            .await?,
            words_wait: words_left(conn).await?,
            signed: two(conn, "SELECT size AS a, at_us AS b FROM checkpoint ORDER BY size DESC LIMIT 1").await?,
            kept: self.kept_agrees(conn).await?,
            old_logs: self.keys().old_logs().len(),
            backup: two(conn, "SELECT at_us AS a, last_us AS b FROM backup ORDER BY at_us DESC, id LIMIT 1")
                .await?
                .map(|(at, last)| (Micros(at), last)),
            keys: disk::key_folder(self.keys().path()),
            data: match &self.0.place {
                Place::Sqlite(path) => disk::place(path),
                Place::Postgres(_) => None,
            },
        };
        tx.commit(self.act(grant, ("installation", Uuid::nil()))).await?;
        Ok(facts)
    }

    async fn kept_agrees(&self, conn: &mut Conn) -> Result<KeptAgrees, Error> {
        #[derive(sqlx::FromRow)]
        struct Note {
            note: String,
        }
        let (size, verifier) = head(conn).await?;
        if verifier != self.keys().verifier().to_string() {
            return Ok(KeptAgrees::OldLog);
        }
        let Some(kept) = self.keys().kept_checkpoint()? else { return Ok(KeptAgrees::NoneKept) };
        if kept.size > size {
            return Ok(KeptAgrees::Behind { size, kept: kept.size });
        }
        let at = i64::try_from(kept.size).map_err(|_| Error::Ledger("the log is full".to_owned()))?;
        let note: Option<Note> = conn.maybe("SELECT note FROM checkpoint WHERE size = $1", binds![at]).await?;
        let same =
            note.and_then(|n| Checkpoint::open(&n.note, &self.keys().verifier()).ok()).is_some_and(|c| c == kept);
        Ok(if same { KeptAgrees::Agrees } else { KeptAgrees::Differs })
    }
}

async fn count(conn: &mut Conn, sql: &'static str, binds: Vec<Value>) -> Result<Waiting, Error> {
    let row: Option<Count> = conn.maybe(sql, binds).await?;
    Ok(row.map_or_else(Waiting::default, |r| Waiting { count: r.n, oldest: r.oldest.map(Micros) }))
}

async fn two(conn: &mut Conn, sql: &'static str) -> Result<Option<(i64, Micros)>, Error> {
    let row: Option<Two> = conn.maybe(sql, binds![]).await?;
    Ok(row.map(|r| (r.a, Micros(r.b))))
}

/// The one place where the database is asked for its time: to compare clocks.
async fn engine(conn: &mut Conn, now: Micros) -> Result<(String, Durability, Option<i64>), Error> {
    match conn.engine() {
        Engine::Sqlite => {
            let version: Option<(String,)> = conn.maybe("SELECT sqlite_version()", binds![]).await?;
            let journal: Option<(String,)> = conn.maybe("PRAGMA journal_mode", binds![]).await?;
            let synchronous: Option<(i64,)> = conn.maybe("PRAGMA synchronous", binds![]).await?;
            let durability = Durability::Sqlite {
                journal: journal.map_or_else(String::new, |(j,)| j),
                synchronous: synchronous.map_or(0, |(s,)| s),
            };
            Ok((format!("SQLite {}", version.map_or_else(String::new, |(v,)| v)), durability, None))
        }
        Engine::Postgres => {
            let row: Option<PostgresRow> = conn
                .maybe(
                    "SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync, \
                     current_setting('synchronous_commit') AS synchronous_commit, \
                     current_setting('full_page_writes') AS full_page_writes, \
                     current_setting('data_checksums') AS data_checksums, \
                     COALESCE((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), FALSE) AS ssl, \
                     COALESCE(host(inet_client_addr()) IN ('127.0.0.1', '::1'), TRUE) AS local, \
                     CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now_us",
                    binds![],
                )
                .await?;
            let row = row.ok_or(Error::Closed)?;
            let durability = Durability::Postgres {
                fsync: row.fsync == "on",
                synchronous_commit: row.synchronous_commit,
                full_page_writes: row.full_page_writes == "on",
                data_checksums: row.data_checksums == "on",
                ssl: row.ssl,
                local: row.local,
            };
            Ok((format!("PostgreSQL {}", row.version), durability, Some(row.now_us.saturating_sub(now.0))))
        }
    }
}
