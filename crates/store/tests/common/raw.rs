//! The tables as whoever holds the database sees them: past the store's door.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use store::Place;
use uuid::Uuid;

/// A bind of a raw statement.
#[derive(Clone)]
pub enum Bind {
    Int(i64),
    Id(Uuid),
    Bytes(Vec<u8>),
    Text(String),
}

pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! bound {
    ($sql:expr, $binds:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($sql.to_owned()));
        for bind in $binds {
            query = match bind.clone() {
                Bind::Int(v) => query.bind(v),
                Bind::Id(v) => query.bind(v),
                Bind::Bytes(v) => query.bind(v),
                Bind::Text(v) => query.bind(v),
            };
        }
        query
    }};
}

macro_rules! one {
    ($name:ident, $t:ty) => {
        /// The first column of the first row.
        pub async fn $name(&mut self, sql: &str, binds: &[Bind]) -> $t {
            match self {
                Self::Sqlite(c) => bound!(sql, binds).fetch_one(c).await.unwrap().get(0),
                Self::Postgres(c) => bound!(sql, binds).fetch_one(c).await.unwrap().get(0),
            }
        }
    };
}

impl Raw {
    pub async fn open(place: &Place) -> Self {
        match place {
            Place::Sqlite(path) => {
                Self::Sqlite(SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap())
            }
            Place::Postgres(url) => Self::Postgres(PgConnection::connect(url).await.unwrap()),
        }
    }

    pub async fn exec(&mut self, sql: &str, binds: &[Bind]) -> u64 {
        match self {
            Self::Sqlite(c) => bound!(sql, binds).execute(c).await.unwrap().rows_affected(),
            Self::Postgres(c) => bound!(sql, binds).execute(c).await.unwrap().rows_affected(),
        }
    }

    /// The first column of every row.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(c) => {
                bound!(sql, &[] as &[Bind]).fetch_all(c).await.unwrap().iter().map(|r| r.get(0)).collect()
            }
            Self::Postgres(c) => {
                bound!(sql, &[] as &[Bind]).fetch_all(c).await.unwrap().iter().map(|r| r.get(0)).collect()
            }
        }
    }

    /// SQLite's pragmas answer in their own integers.
    pub async fn int32(&mut self, sql: &str) -> i32 {
        match self {
            Self::Sqlite(c) => bound!(sql, &[] as &[Bind]).fetch_one(c).await.unwrap().get(0),
            Self::Postgres(c) => bound!(sql, &[] as &[Bind]).fetch_one(c).await.unwrap().get(0),
        }
    }

    one!(int, i64);
    one!(bytes, Vec<u8>);
    one!(id, Uuid);
    one!(text, String);
}
