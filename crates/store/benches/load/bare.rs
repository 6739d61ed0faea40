//! Recorded calls run as bare SQL: prepared statements on a pool, and nothing around them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use store::{Bind, Place};
use testkit::measure::Spread;
use uuid::Uuid;

use crate::peers::Pool;
use crate::recorded::{Call, Recorded, Statement};
use crate::{CONNECTIONS, Rate, Work};

/// Connections as the store has them: of the embedded database one that writes.
struct Pools {
    reading: Pool,
    writing: Option<Pool>,
}

/// Does a transaction of these statements need to write?
fn writes(transaction: &[Statement]) -> bool {
    let verbs = ["INSERT ", "UPDATE ", "DELETE "];
    transaction
        .iter()
        .any(|(sql, _)| verbs.iter().any(|verb| sql.starts_with(verb) || sql.contains(&format!(") {verb}"))))
}

/// Each kind of work, so long or until its calls are used up.
pub async fn run(place: &Place, recorded: &Recorded, lasts: Duration) -> Vec<Rate> {
    let pools = Arc::new(Pools {
        reading: Pool::of(place, CONNECTIONS).await,
        writing: match place {
            Place::Sqlite(_) => Some(Pool::open(place).await),
            Place::Postgres(_) => None,
        },
    });
    let mut rates = Vec::new();
    for work in Work::ALL {
        let calls = recorded.of(work);
        let next = Arc::new(AtomicUsize::new(0));
        if work != Work::Submission {
            timed(&pools, &calls, &next, Duration::from_secs(2), true).await;
        }
        let rate = timed(&pools, &calls, &next, lasts, work != Work::Submission).await;
        eprintln!("bare {work:?} {rate:?}");
        rates.push(rate);
    }
    pools.reading.close().await;
    if let Some(pool) = &pools.writing {
        pool.close().await;
    }
    rates
}

async fn timed(
    pools: &Arc<Pools>,
    calls: &Arc<Vec<Call>>,
    next: &Arc<AtomicUsize>,
    lasts: Duration,
    again: bool,
) -> Rate {
    let start = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (pools, calls, next) = (pools.clone(), calls.clone(), next.clone());
            tokio::spawn(async move {
                let mut timings = Vec::new();
                while start.elapsed() < lasts {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    if !again && turn >= calls.len() {
                        break;
                    }
                    let begun = Instant::now();
                    for transaction in &calls[turn % calls.len()] {
                        pools.transaction(transaction, again).await;
                    }
                    timings.push(begun.elapsed());
                }
                timings
            })
        })
        .collect();
    let mut timings = Vec::new();
    for task in tasks {
        timings.extend(task.await.unwrap());
    }
    let (lasted, all) = (start.elapsed(), Spread::of(timings));
    Rate { times: all.runs() as u64, lasted, p50: all.percentile(50), p99: all.percentile(99) }
}

// sqlx's Query types differ per engine; keyed columns are PostgreSQL's alone.
macro_rules! bound {
    ($query:expr, $binds:expr, |$q:ident, $array:ident| $arrays:expr) => {{
        let mut q = $query;
        for bind in $binds {
            q = match bind.clone() {
                Bind::Int(v) => q.bind(v),
                Bind::MaybeInt(v) => q.bind(v),
                Bind::Bool(v) => q.bind(v),
                Bind::Text(v) => q.bind(v),
                Bind::MaybeText(v) => q.bind(v),
                Bind::Id(v) => q.bind(v),
                Bind::MaybeId(v) => q.bind(v),
                Bind::Bytes(v) => q.bind(v),
                Bind::Token(v) => q.bind(v.to_vec()),
                Bind::MaybeBytes(v) => q.bind(v),
                $array @ (Bind::Ints(_) | Bind::Ids(_) | Bind::Tokens(_)) => {
                    let $q = q;
                    $arrays
                }
            };
        }
        q
    }};
}

impl Pools {
    /// One of a call's transactions. `again`: its event gets a new id, for it was written before.
    async fn transaction(&self, statements: &[Statement], again: bool) {
        let writing = self.writing.as_ref().filter(|_| writes(statements));
        match writing.unwrap_or(&self.reading) {
            Pool::Sqlite(pool) => {
                let begin = if writing.is_some() { "BEGIN IMMEDIATE" } else { "BEGIN" };
                let mut tx = pool.begin_with(begin).await.unwrap();
                for (sql, binds) in statements {
                    on_sqlite(&mut tx, sql, &renewed(sql, binds, again)).await;
                }
                tx.commit().await.unwrap();
            }
            Pool::Postgres(pool) => {
                let mut tx = pool.begin().await.unwrap();
                for (sql, binds) in statements {
                    on_postgres(&mut tx, sql, &renewed(sql, binds, again)).await;
                }
                tx.commit().await.unwrap();
            }
        }
    }
}

/// Columns of a row of event_new; the first is its id.
const EVENT: usize = 5;

fn renewed(sql: &str, binds: &[Bind], again: bool) -> Vec<Bind> {
    let event = again && sql.contains("INTO event_new ");
    let renew = |(at, bind): (usize, &Bind)| match event && at.is_multiple_of(EVENT) {
        true => Bind::Id(Uuid::from_u128(rand())),
        false => bind.clone(),
    };
    binds.iter().enumerate().map(renew).collect()
}

fn rand() -> u128 {
    let mut bytes = [0; 16];
    model::Chance::fill(&testkit::OsChance, &mut bytes);
    u128::from_be_bytes(bytes)
}

async fn on_sqlite(conn: &mut SqliteConnection, sql: &str, binds: &[Bind]) {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    let query = bound!(query, binds, |q, _array| q);
    query.fetch_all(conn).await.unwrap();
}

async fn on_postgres(conn: &mut PgConnection, sql: &str, binds: &[Bind]) {
    let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
    let query = bound!(query, binds, |q, array| match array {
        Bind::Ints(v) => q.bind(v),
        Bind::Ids(v) => q.bind(v),
        Bind::Tokens(v) => q.bind(v),
        _ => q,
    });
    query.fetch_all(conn).await.unwrap();
}
