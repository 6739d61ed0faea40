//! The plain SQL a look-up is held against: forms that could be the fastest of their engine for "which of these
//! fingerprints are held, in which case, by which entry". Each is warm, prepared and in a transaction, sorts where that
//! helps it, and does nothing else: no counts, no entries, no agencies, no members, no disclosure.

use std::collections::BTreeMap;

use model::Token;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, SqliteConnection, SqlitePool};
use store::Place;
use uuid::Uuid;

/// Fingerprint, case, entry.
pub type Row = (Vec<u8>, Uuid, Uuid);

pub enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Values,
    InBucket,
    AnyBucket,
    Unnest,
    UnnestProbed,
    Packed,
    Json,
    TempTable,
    OneByOne,
}

impl Form {
    pub fn says(self) -> &'static str {
        match self {
            Self::Values => "VALUES joined, 100 pairs (bucket, token) a statement",
            Self::InBucket => "token IN (512 parameters), bucket by bucket",
            Self::AnyBucket => "token = ANY (array), bucket by bucket",
            Self::Unnest => "unnest of two arrays joined, one statement",
            Self::UnnestProbed => "unnest of two arrays, each pair probed (LATERAL .. OFFSET 0), one statement",
            Self::Packed => "one parameter of packed tokens, cut by a recursive query, bucket by bucket",
            Self::Json => "json_each of hexadecimal tokens joined, bucket by bucket",
            Self::TempTable => "a temporary table filled and joined",
            Self::OneByOne => "one prepared statement a token",
        }
    }
}

/// Fills the last statement of a bucket.
const PAD: [u8; 16] = [0; 16];
const WIDE: usize = 512;

fn by_bucket(tokens: &[Token]) -> BTreeMap<i64, Vec<&Token>> {
    let mut buckets: BTreeMap<i64, Vec<&Token>> = BTreeMap::new();
    for token in tokens {
        buckets.entry(token.bucket()).or_default().push(token);
    }
    buckets.values_mut().for_each(|all| all.sort_unstable());
    buckets
}

fn sorted(tokens: &[Token]) -> Vec<&Token> {
    let mut all: Vec<&Token> = tokens.iter().collect();
    all.sort_unstable();
    all
}

fn values_text(pairs: usize, mark: impl Fn(usize) -> String) -> String {
    let pairs: Vec<String> = (0..pairs).map(|i| format!("({},{})", mark(i * 2 + 1), mark(i * 2 + 2))).collect();
    format!(
        "WITH q (b, t) AS (VALUES {}) SELECT p.token, p.case_id, p.entry FROM q CROSS JOIN posting p WHERE p.bucket = q.b AND p.space = 1 AND p.token = q.t",
        pairs.join(",")
    )
}

fn in_text(mark: impl Fn(usize) -> String) -> String {
    let marks: Vec<String> = (0..WIDE).map(|i| mark(i + 2)).collect();
    format!(
        "SELECT token, case_id, entry FROM posting WHERE bucket = {} AND space = 1 AND token IN ({})",
        mark(1),
        marks.join(",")
    )
}

/// OFFSET 0 keeps PostgreSQL from making a hash join of it that reads the whole table.
const PACKED_POSTGRES: &str = "WITH RECURSIVE q (n, t) AS (SELECT 1, substr($2, 1, 16) UNION ALL SELECT n + 16, substr($2, n + 16, 16) FROM q WHERE n + 16 < $3) \
     SELECT p.token, p.case_id, p.entry FROM q CROSS JOIN LATERAL (SELECT p.token, p.case_id, p.entry FROM posting p WHERE p.bucket = $1 AND p.space = 1 AND p.token = q.t OFFSET 0) p";

const PACKED: &str = "WITH RECURSIVE q (n, t) AS (SELECT 1, substr($2, 1, 16) UNION ALL SELECT n + 16, substr($2, n + 16, 16) FROM q WHERE n + 16 < $3) \
     SELECT p.token, p.case_id, p.entry FROM q CROSS JOIN posting p WHERE p.bucket = $1 AND p.space = 1 AND p.token = q.t";

fn pack(tokens: &[&Token]) -> Vec<u8> {
    tokens.iter().flat_map(|t| t.0).collect()
}

macro_rules! common_forms {
    ($name:ident, $connection:ty, $mark:expr) => {
        /// Forms both engines know.
        async fn $name(conn: &mut $connection, form: Form, tokens: &[Token]) -> Vec<Row> {
            let mut out = Vec::new();
            match form {
                Form::Values => {
                    let text: std::sync::Arc<str> = values_text(100, $mark).into();
                    for part in sorted(tokens).chunks(100) {
                        let mut q = sqlx::query_as(AssertSqlSafe(text.clone()));
                        for t in part {
                            q = q.bind(t.bucket()).bind(t.0.to_vec());
                        }
                        for _ in part.len()..100 {
                            q = q.bind(-1i64).bind(PAD.to_vec());
                        }
                        out.extend(q.fetch_all(&mut *conn).await.unwrap());
                    }
                }
                Form::InBucket => {
                    let text: std::sync::Arc<str> = in_text($mark).into();
                    for (bucket, all) in by_bucket(tokens) {
                        for part in all.chunks(WIDE) {
                            let mut q = sqlx::query_as(AssertSqlSafe(text.clone())).bind(bucket);
                            for t in part {
                                q = q.bind(t.0.to_vec());
                            }
                            for _ in part.len()..WIDE {
                                q = q.bind(PAD.to_vec());
                            }
                            out.extend(q.fetch_all(&mut *conn).await.unwrap());
                        }
                    }
                }
                Form::Packed => {
                    for (bucket, all) in by_bucket(tokens) {
                        let packed = pack(&all);
                        let end = i32::try_from(packed.len()).unwrap();
                        let q = sqlx::query_as(PACKED).bind(bucket).bind(packed).bind(end);
                        out.extend(q.fetch_all(&mut *conn).await.unwrap());
                    }
                }
                Form::OneByOne => {
                    for t in sorted(tokens) {
                        let text =
                            "SELECT token, case_id, entry FROM posting WHERE bucket = $1 AND space = 1 AND token = $2";
                        let q = sqlx::query_as(text).bind(t.bucket()).bind(t.0.to_vec());
                        out.extend(q.fetch_all(&mut *conn).await.unwrap());
                    }
                }
                Form::AnyBucket | Form::Unnest | Form::UnnestProbed | Form::Json | Form::TempTable => {
                    unreachable!("of one engine")
                }
            }
            out
        }
    };
}

common_forms!(on_sqlite_as_on_both, SqliteConnection, |_| "?".to_owned());
common_forms!(on_postgres_as_on_both, PgConnection, |n| format!("${n}"));

async fn on_sqlite(conn: &mut SqliteConnection, form: Form, tokens: &[Token]) -> Vec<Row> {
    match form {
        Form::Json => {
            let text = "SELECT p.token, p.case_id, p.entry FROM json_each(?2) j CROSS JOIN posting p WHERE p.bucket = ?1 AND p.space = 1 AND p.token = unhex(j.value)";
            let mut out = Vec::new();
            for (bucket, all) in by_bucket(tokens) {
                let json = format!(
                    "[{}]",
                    all.iter().map(|t| format!("\"{}\"", hex::encode(t.0))).collect::<Vec<_>>().join(",")
                );
                out.extend(sqlx::query_as(text).bind(bucket).bind(json).fetch_all(&mut *conn).await.unwrap());
            }
            out
        }
        Form::TempTable => {
            let make = "CREATE TEMP TABLE IF NOT EXISTS asked (bucket BIGINT, token BLOB, PRIMARY KEY (bucket, token)) WITHOUT ROWID";
            sqlx::query(make).execute(&mut *conn).await.unwrap();
            let fill: std::sync::Arc<str> =
                format!("INSERT INTO asked VALUES {}", vec!["(?,?)"; 1_000].join(",")).into();
            for part in sorted(tokens).chunks(1_000) {
                let short: std::sync::Arc<str> = if part.len() == 1_000 {
                    fill.clone()
                } else {
                    format!("INSERT INTO asked VALUES {}", vec!["(?,?)"; part.len()].join(",")).into()
                };
                let mut q = sqlx::query(AssertSqlSafe(short));
                for t in part {
                    q = q.bind(t.bucket()).bind(t.0.to_vec());
                }
                q.execute(&mut *conn).await.unwrap();
            }
            let join = "SELECT p.token, p.case_id, p.entry FROM asked q CROSS JOIN posting p WHERE p.bucket = q.bucket AND p.space = 1 AND p.token = q.token";
            let out = sqlx::query_as(join).fetch_all(&mut *conn).await.unwrap();
            sqlx::query("DELETE FROM asked").execute(&mut *conn).await.unwrap();
            out
        }
        both => on_sqlite_as_on_both(conn, both, tokens).await,
    }
}

async fn on_postgres(conn: &mut PgConnection, form: Form, tokens: &[Token]) -> Vec<Row> {
    let arrays = || {
        let all = sorted(tokens);
        let buckets: Vec<i64> = all.iter().map(|t| t.bucket()).collect();
        let bytes: Vec<Vec<u8>> = all.iter().map(|t| t.0.to_vec()).collect();
        (buckets, bytes)
    };
    match form {
        Form::Packed => {
            let mut out = Vec::new();
            for (bucket, all) in by_bucket(tokens) {
                let packed = pack(&all);
                let end = i32::try_from(packed.len()).unwrap();
                let q = sqlx::query_as(PACKED_POSTGRES).bind(bucket).bind(packed).bind(end);
                out.extend(q.fetch_all(&mut *conn).await.unwrap());
            }
            out
        }
        Form::UnnestProbed => {
            let text = "SELECT p.token, p.case_id, p.entry FROM unnest($1::bigint[], $2::bytea[]) AS q (b, t) CROSS JOIN LATERAL (SELECT p.token, p.case_id, p.entry FROM posting p WHERE p.bucket = q.b AND p.space = 1 AND p.token = q.t OFFSET 0) p";
            let (buckets, bytes) = arrays();
            sqlx::query_as(text).bind(buckets).bind(bytes).fetch_all(&mut *conn).await.unwrap()
        }
        Form::AnyBucket => {
            let text = "SELECT token, case_id, entry FROM posting WHERE bucket = $1 AND space = 1 AND token = ANY ($2)";
            let mut out = Vec::new();
            for (bucket, all) in by_bucket(tokens) {
                let bytes: Vec<Vec<u8>> = all.iter().map(|t| t.0.to_vec()).collect();
                out.extend(sqlx::query_as(text).bind(bucket).bind(bytes).fetch_all(&mut *conn).await.unwrap());
            }
            out
        }
        Form::Unnest => {
            let text = "SELECT p.token, p.case_id, p.entry FROM unnest($1::bigint[], $2::bytea[]) AS q (b, t) JOIN posting p ON p.bucket = q.b AND p.space = 1 AND p.token = q.t";
            let (buckets, bytes) = arrays();
            sqlx::query_as(text).bind(buckets).bind(bytes).fetch_all(&mut *conn).await.unwrap()
        }
        Form::TempTable => {
            let run =
                async |conn: &mut PgConnection, text: &'static str| sqlx::query(text).execute(conn).await.unwrap();
            run(conn, "CREATE TEMP TABLE asked (bucket BIGINT, token BYTEA) ON COMMIT DROP").await;
            let (buckets, bytes) = arrays();
            let fill = "INSERT INTO asked SELECT * FROM unnest($1::bigint[], $2::bytea[])";
            sqlx::query(fill).bind(buckets).bind(bytes).execute(&mut *conn).await.unwrap();
            run(conn, "ANALYZE asked").await;
            let join = "SELECT p.token, p.case_id, p.entry FROM asked q JOIN posting p ON p.bucket = q.bucket AND p.space = 1 AND p.token = q.token";
            // Not prepared: the table is a new one each time.
            sqlx::query_as(join).persistent(false).fetch_all(&mut *conn).await.unwrap()
        }
        both => on_postgres_as_on_both(conn, both, tokens).await,
    }
}

impl Pool {
    /// One connection, with the settings of crates/store/src/store.rs.
    pub async fn open(place: &Place) -> Self {
        Self::of(place, 1).await
    }

    /// At most so many.
    pub async fn of(place: &Place, connections: u32) -> Self {
        match place {
            Place::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .pragma("temp_store", "MEMORY")
                    .pragma("secure_delete", "ON")
                    .pragma("cache_size", "-65536")
                    .pragma("mmap_size", "1073741824")
                    .statement_cache_capacity(256);
                Self::Sqlite(SqlitePoolOptions::new().max_connections(connections).connect_with(options).await.unwrap())
            }
            Place::Postgres(url) => {
                let options = url.parse::<PgConnectOptions>().unwrap().statement_cache_capacity(256);
                Self::Postgres(PgPoolOptions::new().max_connections(connections).connect_with(options).await.unwrap())
            }
        }
    }

    async fn run(&self, text: String) {
        match self {
            Self::Sqlite(pool) => drop(sqlx::query(AssertSqlSafe(text)).execute(pool).await.unwrap()),
            Self::Postgres(pool) => drop(sqlx::query(AssertSqlSafe(text)).execute(pool).await.unwrap()),
        }
    }

    /// One number.
    pub async fn number(&self, text: &'static str) -> u64 {
        let (n,): (i64,) = match self {
            Self::Sqlite(pool) => sqlx::query_as(text).fetch_one(pool).await.unwrap(),
            Self::Postgres(pool) => sqlx::query_as(text).fetch_one(pool).await.unwrap(),
        };
        n.try_into().unwrap()
    }

    /// Further entries, `times` as many as there are, each with one posting under a random fingerprint: copies of rows
    /// under new ids, which nobody asks for and nobody could open.
    pub async fn fill(&self, times: u64) {
        let (id, bucket, token) = match self {
            Self::Sqlite(_) => (
                "randomblob(16)",
                "(instr('0123456789ABCDEF', substr(hex(id), 1, 1)) - 1) * 16 + instr('0123456789ABCDEF', substr(hex(id), 2, 1)) - 1",
                "id",
            ),
            Self::Postgres(_) => ("gen_random_uuid()", "get_byte(uuid_send(id), 0)", "uuid_send(id)"),
        };
        let many = vec!["(1)"; usize::try_from(times).unwrap()].join(",");
        self.run(format!(
            "INSERT INTO entry (case_id, id, agency, submission, kind, role, age, class, source, level, silent_until_us, reliability, validity, \
             marking, seen_from_us, seen_to_us, port, predicate, control_official, state, rule_version, entered_us, review_us, preserved, sealed, \
             row_version) SELECT e.case_id, {id}, e.agency, e.submission, e.kind, e.role, e.age, e.class, e.source, e.level, e.silent_until_us, \
             e.reliability, e.validity, e.marking, e.seen_from_us, e.seen_to_us, e.port, e.predicate, e.control_official, e.state, e.rule_version, \
             e.entered_us, e.review_us, e.preserved, e.sealed, -1 FROM entry e CROSS JOIN (VALUES {many}) AS v ORDER BY e.case_id"
        ))
        .await;
        let fill = format!(
            "INSERT INTO posting (bucket, space, token, case_id, entry) SELECT {bucket}, 1, {token}, case_id, id FROM entry WHERE row_version = -1 ORDER BY id"
        );
        self.run(fill).await;
    }

    pub async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// What a database that has served for a while has had: its statistics.
    pub async fn settle(&self) {
        if matches!(self, Self::Postgres(_)) {
            self.run("VACUUM ANALYZE".to_owned()).await;
        }
    }

    /// The forms of this engine.
    pub fn forms(&self) -> &'static [Form] {
        use Form::*;
        match self {
            Self::Sqlite(_) => &[Values, InBucket, Packed, Json, TempTable, OneByOne],
            Self::Postgres(_) => &[Values, InBucket, AnyBucket, Unnest, UnnestProbed, Packed, TempTable, OneByOne],
        }
    }

    /// One look-up by plain SQL.
    pub async fn look(&self, form: Form, tokens: &[Token]) -> Vec<Row> {
        match self {
            Self::Sqlite(pool) => {
                let mut tx = pool.begin().await.unwrap();
                let out = on_sqlite(&mut tx, form, tokens).await;
                tx.commit().await.unwrap();
                out
            }
            Self::Postgres(pool) => {
                let mut tx = pool.begin().await.unwrap();
                let out = on_postgres(&mut tx, form, tokens).await;
                tx.commit().await.unwrap();
                out
            }
        }
    }

    /// So many fingerprints that are held, spread over all buckets.
    pub async fn some_held(&self, many: i64) -> Vec<Token> {
        // Of every bucket the first few that one case alone holds: fingerprints are as good as random.
        let each = many / 256 + 1;
        let mut out = Vec::new();
        for bucket in 0..256i64 {
            let text = "SELECT token FROM posting WHERE bucket = $1 AND space = 1 GROUP BY token HAVING COUNT(*) = 1 ORDER BY token LIMIT $2";
            let some: Vec<(Vec<u8>,)> = match self {
                Self::Sqlite(pool) => sqlx::query_as(text).bind(bucket).bind(each).fetch_all(pool).await.unwrap(),
                Self::Postgres(pool) => sqlx::query_as(text).bind(bucket).bind(each).fetch_all(pool).await.unwrap(),
            };
            out.extend(some.into_iter().map(|(t,)| Token(t.try_into().unwrap())));
        }
        out.truncate(usize::try_from(many).unwrap());
        out
    }
}
