//! One SQL text on two engines: typed values in, `#[derive(sqlx::FromRow)]` rows out.

use std::borrow::Cow;
use std::sync::Arc;

use model::Micros;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction};
use uuid::Uuid;

use crate::error::Error;
use crate::keyed::{AT_ONCE, keyed};
use crate::trace::{Moment, Trace};
use crate::write_ahead::WriteAhead;

/// Which database this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The server.
    Postgres,
}

/// A bind. Only what both engines store alike: no `u64`, no float, no untyped NULL. Outside this crate a trace alone shows
/// one; it prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Int(i64),
    /// A number or NULL.
    MaybeInt(Option<i64>),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// A text or NULL.
    MaybeText(Option<String>),
    /// An id.
    Id(Uuid),
    /// An id or NULL.
    MaybeId(Option<Uuid>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A fingerprint: bytes too.
    Token([u8; 16]),
    /// Bytes or NULL.
    MaybeBytes(Option<Vec<u8>>),
    /// A column of numbers, for PostgreSQL alone (keyed.rs).
    Ints(Vec<i64>),
    /// A column of ids, for PostgreSQL alone.
    Ids(Vec<Uuid>),
    /// A column of fingerprints, for PostgreSQL alone.
    Tokens(Vec<[u8; 16]>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value")
    }
}

macro_rules! value_from {
    ($($t:ty => |$v:ident| $e:expr),* $(,)?) => {$(
        impl From<$t> for Value { fn from($v: $t) -> Self { $e } }
    )*};
}
value_from! {
    i64 => |v| Value::Int(v), Option<i64> => |v| Value::MaybeInt(v), bool => |v| Value::Bool(v),
    &str => |v| Value::Text(v.to_owned()), String => |v| Value::Text(v), Option<String> => |v| Value::MaybeText(v),
    Uuid => |v| Value::Id(v), Option<Uuid> => |v| Value::MaybeId(v),
    Vec<u8> => |v| Value::Bytes(v), Option<Vec<u8>> => |v| Value::MaybeBytes(v), [u8; 32] => |v| Value::Bytes(v.to_vec()),
    model::Token => |v| Value::Token(v.0), model::SpaceId => |v| Value::Int(v.0),
    Micros => |v| Value::Int(v.0), Option<Micros> => |v| Value::MaybeInt(v.map(|t| t.0)),
}

macro_rules! value_from_ids {
    ($($t:ident),* $(,)?) => {$(
        impl From<model::$t> for Value { fn from(v: model::$t) -> Self { Value::Id(v.into()) } }
        impl From<Option<model::$t>> for Value { fn from(v: Option<model::$t>) -> Self { Value::MaybeId(v.map(Into::into)) } }
    )*};
}
value_from_ids!(
    AgencyId,
    ApprovalId,
    BulkId,
    CaseId,
    ConflictId,
    EntryId,
    EventId,
    GatheringId,
    LetterId,
    MatchId,
    MemberId,
    MessageId,
    NoticeId,
    PredicateId,
    RequestId,
    SubmissionId,
    TransferId,
    WebhookId
);

/// `binds![case, token, 7]`: each through `Into<Value>`, so a type the engines disagree on does not compile.
macro_rules! binds { ($($v:expr),* $(,)?) => { vec![$($crate::db::Value::from($v)),*] }; }
pub(crate) use binds;

/// An open transaction on either engine.
pub(crate) enum Open {
    /// With the log its commit stands in, where it may write.
    Sqlite(Transaction<'static, Sqlite>, Option<Arc<WriteAhead>>),
    Postgres(Transaction<'static, Postgres>),
}

/// An open transaction that remembers whether a statement failed.
///
/// After an error PostgreSQL keeps nothing, SQLite keeps the rest, and sqlx's commit says Ok on both.
/// Here a transaction with a failed statement cannot be committed on either.
pub(crate) struct Conn {
    open: Open,
    failed: bool,
    /// Rows written.
    written: u64,
    trace: Option<Trace>,
}

// sqlx's Query types differ per engine, so the bind loop is written once as a macro and used for both.
macro_rules! bind_all {
    ($query:expr, $binds:expr, |$q:ident, $array:ident| $arrays:expr) => {{
        let mut q = $query;
        for v in $binds {
            q = match v {
                Value::Int(v) => q.bind(v),
                Value::MaybeInt(v) => q.bind(v),
                Value::Bool(v) => q.bind(v),
                Value::Text(v) => q.bind(v),
                Value::MaybeText(v) => q.bind(v),
                Value::Id(v) => q.bind(v),
                Value::MaybeId(v) => q.bind(v),
                Value::Bytes(v) => q.bind(v),
                Value::Token(v) => q.bind(v.to_vec()),
                Value::MaybeBytes(v) => q.bind(v),
                $array @ (Value::Ints(_) | Value::Ids(_) | Value::Tokens(_)) => {
                    let $q = q;
                    $arrays
                }
            };
        }
        q
    }};
}

// SQLite has no arrays, and keyed.rs makes none for it.
macro_rules! bind_sqlite {
    ($query:expr, $binds:expr) => {
        bind_all!($query, $binds, |q, _array| q)
    };
}

macro_rules! bind_postgres {
    ($query:expr, $binds:expr) => {
        bind_all!($query, $binds, |q, array| match array {
            Value::Ints(v) => q.bind(v),
            Value::Ids(v) => q.bind(v),
            Value::Tokens(v) => q.bind(v),
            _ => q,
        })
    };
}

/// A row both engines can fill; `#[derive(sqlx::FromRow)]` gives it.
pub(crate) trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Row for T {}

impl Conn {
    pub(crate) fn new(open: Open, trace: Option<Trace>) -> Self {
        Self { open, failed: false, written: 0, trace }
    }

    pub(crate) fn engine(&self) -> Engine {
        match self.open {
            Open::Sqlite(..) => Engine::Sqlite,
            Open::Postgres(_) => Engine::Postgres,
        }
    }

    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    pub(crate) async fn exec(&mut self, sql: impl SqlSafeStr, binds: Vec<Value>) -> Result<u64, Error> {
        let sql = sql.into_sql_str();
        self.traced(&sql, &binds).await?;
        let done = self.open.exec(sql, binds).await;
        self.failed |= done.is_err();
        self.written += done.as_ref().copied().unwrap_or_default();
        done
    }

    pub(crate) async fn rows<R: Row>(&mut self, sql: impl SqlSafeStr, binds: Vec<Value>) -> Result<Vec<R>, Error> {
        let sql = sql.into_sql_str();
        self.traced(&sql, &binds).await?;
        let done = self.open.rows(sql, binds).await;
        self.failed |= done.is_err();
        done
    }

    /// The first row, where there is at most one.
    pub(crate) async fn maybe<R: Row>(&mut self, sql: impl SqlSafeStr, binds: Vec<Value>) -> Result<Option<R>, Error> {
        Ok(self.rows(sql, binds).await?.into_iter().next())
    }

    /// One multi-row INSERT per batch. `head` is "INSERT INTO t (a, b)", `tail` the ON CONFLICT clause.
    /// Rows must be sorted by primary key where two writers may insert the same rows: PostgreSQL deadlocks otherwise.
    pub(crate) async fn insert(&mut self, head: &str, tail: &str, rows: Vec<Vec<Value>>) -> Result<u64, Error> {
        let mut done = 0;
        for (sql, binds) in chunks(self.engine(), head, tail, rows) {
            done += self.exec(sql, binds).await?;
        }
        Ok(done)
    }

    /// The same with a RETURNING clause in `tail`: with DO NOTHING it returns only the rows that are new.
    pub(crate) async fn insert_returning<R: Row>(
        &mut self,
        head: &'static str,
        tail: &'static str,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<R>, Error> {
        let mut out = Vec::new();
        for (sql, binds) in chunks(self.engine(), head, tail, rows) {
            let new = self.rows(sql, binds).await?;
            self.written += u64::try_from(new.len()).unwrap_or_default();
            out.extend(new);
        }
        Ok(out)
    }

    /// Asks for many keys with one text: `WITH q (a, b, ..) AS (the keys) {select}`, a thousand keys a statement. Write the
    /// select with CROSS JOIN: it pins SQLite's join order (a plain JOIN of 1,000 keys scans the table, 178 ms against
    /// 1.5), and PostgreSQL reads it as a plain join.
    pub(crate) async fn join<R: Row>(&mut self, select: &'static str, keys: Vec<Vec<Value>>) -> Result<Vec<R>, Error> {
        self.join_at_once(select, &keys, AT_ONCE).await
    }

    /// The same of so many keys a statement, each a slice of values that need not be on the heap.
    pub(crate) async fn join_at_once<R: Row>(
        &mut self,
        select: &'static str,
        keys: &[impl AsRef<[Value]> + Sync],
        at_once: usize,
    ) -> Result<Vec<R>, Error> {
        let mut out = Vec::new();
        for part in keys.chunks(at_once) {
            let (sql, binds) = keyed(self.engine(), select, part).inspect_err(|_| self.failed = true)?;
            out.extend(self.rows(sql, binds).await?);
        }
        Ok(out)
    }

    /// Does something with many keys: `WITH q (a, b, ..) AS (the keys) {statement}`, a thousand keys a statement.
    pub(crate) async fn exec_keyed(&mut self, statement: &'static str, keys: Vec<Vec<Value>>) -> Result<(), Error> {
        let statement = no_copies(self.engine(), statement);
        for part in keys.chunks(AT_ONCE) {
            let (sql, binds) = keyed(self.engine(), &statement, part).inspect_err(|_| self.failed = true)?;
            self.exec(sql, binds).await?;
        }
        Ok(())
    }

    /// In a traced store (tests): tells of the statement, or records it and the partitions it touches, as PostgreSQL plans it.
    async fn traced(&mut self, sql: &SqlStr, binds: &[Value]) -> Result<(), Error> {
        let Some(trace) = self.trace.clone() else { return Ok(()) };
        if !trace.records() {
            trace.tell(Moment::Statement(sql.as_str(), binds));
            return Ok(());
        }
        let touched = match &mut self.open {
            Open::Sqlite(..) => None,
            Open::Postgres(c) => {
                let explain =
                    AssertSqlSafe(format!("EXPLAIN (FORMAT TEXT, COSTS OFF) {}", sql.as_str())).into_sql_str();
                let q: QueryAs<'_, Postgres, (String,), PgArguments> =
                    bind_postgres!(sqlx::query_as(explain), binds.iter().cloned());
                let plan = q.fetch_all(&mut **c).await.inspect_err(|_| self.failed = true)?;
                Some(plan.into_iter().map(|(line,)| line).collect::<Vec<_>>().join("\n"))
            }
        };
        trace.note(sql.as_str(), touched.as_deref());
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), Error> {
        if self.failed {
            return Err(Error::Failed); // dropping it rolls back
        }
        match self.open {
            Open::Sqlite(c, log) => {
                c.commit().await?;
                if let Some(log) = log {
                    log.keep(self.written).await?;
                }
            }
            Open::Postgres(c) => c.commit().await?,
        }
        if let Some(trace) = &self.trace {
            trace.tell(Moment::Committed);
        }
        Ok(())
    }
}

impl Open {
    async fn exec(&mut self, sql: SqlStr, binds: Vec<Value>) -> Result<u64, Error> {
        Ok(match self {
            Self::Sqlite(c, _) => {
                let q: Query<'_, Sqlite, SqliteArguments> = bind_sqlite!(sqlx::query(sql), binds);
                q.execute(&mut **c).await?.rows_affected()
            }
            Self::Postgres(c) => {
                let q: Query<'_, Postgres, PgArguments> = bind_postgres!(sqlx::query(sql), binds);
                q.execute(&mut **c).await?.rows_affected()
            }
        })
    }

    async fn rows<R: Row>(&mut self, sql: SqlStr, binds: Vec<Value>) -> Result<Vec<R>, Error> {
        Ok(match self {
            Self::Sqlite(c, _) => {
                let q: QueryAs<'_, Sqlite, R, SqliteArguments> = bind_sqlite!(sqlx::query_as(sql), binds);
                q.fetch_all(&mut **c).await?
            }
            Self::Postgres(c) => {
                let q: QueryAs<'_, Postgres, R, PgArguments> = bind_postgres!(sqlx::query_as(sql), binds);
                q.fetch_all(&mut **c).await?
            }
        })
    }
}

/// Sizes a batch is cut into, largest first, so that only these texts per table enter the statement cache.
const BATCHES: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];

fn chunks(engine: Engine, head: &str, tail: &str, mut rows: Vec<Vec<Value>>) -> Vec<(SqlStr, Vec<Value>)> {
    let mut out = Vec::new();
    while !rows.is_empty() {
        let n = BATCHES.into_iter().find(|n| *n <= rows.len()).unwrap_or(1);
        let rest = rows.split_off(n);
        let width = rows.first().map_or(0, Vec::len);
        out.push((values(engine, head, tail, n, width), rows.into_iter().flatten().collect()));
        rows = rest;
    }
    out
}

/// `head VALUES (..),(..) tail`. The text holds only our own static parts and placeholders, hence AssertSqlSafe.
///
/// SQLite keeps named parameters ($1) in a list it searches from the start, for each one, at every bind: quadratic (100,000
/// fingerprints in hundreds took 1.8 s instead of 0.2). Plain `?` has no name; only a text all of whose parameters stand
/// in its VALUES may use it, because sqlx counts `?` apart from `$n`.
fn values(engine: Engine, head: &str, tail: &str, rows: usize, width: usize) -> SqlStr {
    let mut sql = String::with_capacity(head.len() + tail.len() + 8 + rows * width * 6);
    sql.push_str(&no_copies(engine, head));
    sql.push_str(" VALUES ");
    placeholders(engine, &mut sql, rows, width);
    sql.push(' ');
    sql.push_str(tail);
    AssertSqlSafe(sql).into_sql_str()
}

/// An INSERT of many rows that copies no page: SQLite would copy each it changes, to take back a statement that failed
/// half-way. A transaction in which one failed is not kept here.
fn no_copies(engine: Engine, insert: &str) -> Cow<'_, str> {
    match insert.strip_prefix("INSERT INTO").filter(|_| engine == Engine::Sqlite) {
        Some(into) => Cow::Owned(format!("INSERT OR FAIL INTO{into}")),
        None => Cow::Borrowed(insert),
    }
}

fn placeholders(engine: Engine, sql: &mut String, rows: usize, width: usize) {
    use std::fmt::Write;
    for r in 0..rows {
        sql.push_str(if r == 0 { "(" } else { ",(" });
        for i in 0..width {
            if i > 0 {
                sql.push(',');
            }
            match engine {
                Engine::Sqlite => sql.push('?'),
                Engine::Postgres => {
                    // INVARIANT: writing to a String cannot fail.
                    let _ = write!(sql, "${}", r * width + i + 1);
                }
            }
        }
        sql.push(')');
    }
}
