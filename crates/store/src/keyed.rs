//! Many keys in one statement whose text does not depend on how many they are: each engine gets them in the form it reads
//! fastest (docs/BENCHMARKS.md), PostgreSQL as an array a column, SQLite as one text of fixed places.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::db::{Engine, Value};
use crate::error::Error;

/// Keys one statement takes.
pub(crate) const AT_ONCE: usize = 1_000;

/// The columns of `q`.
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// What a key's column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Sign and 16 digits: any time until the year 2286, in microseconds.
    Int,
    /// 16 bytes.
    Id,
    /// 16 bytes: a fingerprint.
    Token,
}

impl Column {
    fn of(value: &Value) -> Result<Self, Error> {
        match value {
            Value::Int(_) => Ok(Self::Int),
            Value::Id(_) => Ok(Self::Id),
            Value::Bytes(_) => Ok(Self::Token),
            _ => Err(Error::Failed),
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Int => 17,
            Self::Id | Self::Token => 32,
        }
    }
}

/// `WITH q (a, b, ..) AS (the keys) select`. Static parts and placeholders only; `select` has no placeholders of its own.
pub(crate) fn keyed(engine: Engine, select: &str, keys: &[Vec<Value>]) -> Result<(SqlStr, Vec<Value>), Error> {
    let first = keys.first().ok_or(Error::Failed)?;
    let columns: Vec<Column> = first.iter().map(Column::of).collect::<Result<_, _>>()?;
    let names = NAMES.get(..columns.len()).ok_or(Error::Failed)?.join(", ");
    // SQLite would cut the text anew wherever a column is named.
    let (once, body, binds) = match engine {
        Engine::Sqlite => ("MATERIALIZED ", cut(&columns), vec![Value::Text(packed(&columns, keys)?)]),
        Engine::Postgres => ("", unnested(&columns), arrays(&columns, keys)?),
    };
    Ok((AssertSqlSafe(format!("WITH q ({names}) AS {once}(SELECT {body}) {select}")).into_sql_str(), binds))
}

fn unnested(columns: &[Column]) -> String {
    let arrays: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let of = match column {
                Column::Int => "bigint",
                Column::Id => "uuid",
                Column::Token => "bytea",
            };
            format!("${}::{of}[]", at + 1)
        })
        .collect();
    format!("* FROM unnest({})", arrays.join(", "))
}

fn arrays(columns: &[Column], keys: &[Vec<Value>]) -> Result<Vec<Value>, Error> {
    let mut out: Vec<Value> = columns
        .iter()
        .map(|column| match column {
            Column::Int => Value::Ints(Vec::with_capacity(keys.len())),
            Column::Id => Value::Ids(Vec::with_capacity(keys.len())),
            Column::Token => Value::Blobs(Vec::with_capacity(keys.len())),
        })
        .collect();
    for key in keys {
        for (column, value) in out.iter_mut().zip(key) {
            match (column, value) {
                (Value::Ints(all), Value::Int(v)) => all.push(*v),
                (Value::Ids(all), Value::Id(v)) => all.push(*v),
                (Value::Blobs(all), Value::Bytes(v)) => all.push(v.clone()),
                _ => return Err(Error::Failed),
            }
        }
    }
    Ok(out)
}

/// Each element of the array is one key, its columns at their places.
fn cut(columns: &[Column]) -> String {
    let mut from = 1;
    let places: Vec<String> = columns
        .iter()
        .map(|column| {
            let place = format!("substr(value, {from}, {})", column.width());
            from += column.width();
            match column {
                Column::Int => format!("CAST({place} AS INTEGER)"),
                Column::Id | Column::Token => format!("unhex({place})"),
            }
        })
        .collect();
    format!("{} FROM json_each($1)", places.join(", "))
}

fn packed(columns: &[Column], keys: &[Vec<Value>]) -> Result<String, Error> {
    let width: usize = columns.iter().map(|c| c.width()).sum();
    let mut out = String::with_capacity(2 + keys.len() * (width + 3));
    out.push('[');
    for (at, key) in keys.iter().enumerate() {
        out.push_str(if at == 0 { "\"" } else { ",\"" });
        for (column, value) in columns.iter().zip(key) {
            let begins = out.len();
            match value {
                // INVARIANT: writing to a String cannot fail.
                Value::Int(v) => drop(write!(out, "{v:+017}")),
                Value::Id(v) => drop(write!(out, "{}", v.simple())),
                Value::Bytes(v) => hexadecimal(&mut out, v),
                _ => return Err(Error::Failed),
            }
            if out.len() - begins != column.width() {
                return Err(Error::Failed); // would be cut wrong
            }
        }
        out.push('"');
    }
    out.push(']');
    Ok(out)
}

fn hexadecimal(out: &mut String, bytes: &[u8]) {
    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
    for byte in bytes {
        out.push(digit(byte >> 4));
        out.push(digit(byte & 15));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::db::binds;
    use uuid::Uuid;

    #[test]
    fn one_text_for_any_number_of_keys() {
        let key = |n: i64| binds![n, Uuid::max(), vec![0xab_u8; 16]];
        let text = |engine, n: i64| keyed(engine, "SELECT 1", &(0..n).map(key).collect::<Vec<_>>()).unwrap().0;
        for engine in [Engine::Sqlite, Engine::Postgres] {
            assert_eq!(text(engine, 1).as_str(), text(engine, 700).as_str());
        }
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[key(-5), key(7)]).unwrap();
        assert_eq!(
            sql.as_str(),
            "WITH q (a, b, c) AS MATERIALIZED (SELECT CAST(substr(value, 1, 17) AS INTEGER), unhex(substr(value, 18, 32)), \
             unhex(substr(value, 50, 32)) FROM json_each($1)) SELECT 1"
        );
        let one = |n| format!("\"{n}{}{}\"", "f".repeat(32), "ab".repeat(16));
        let all = format!("[{},{}]", one("-0000000000000005"), one("+0000000000000007"));
        assert!(matches!(&binds[..], [Value::Text(t)] if *t == all));
    }

    #[test]
    fn what_would_be_cut_wrong_is_refused() {
        let bad = [binds![vec![1_u8; 3]], binds![i64::MAX], binds!["text"]];
        for key in bad {
            assert!(keyed(Engine::Sqlite, "SELECT 1", &[key]).is_err());
        }
        assert!(keyed(Engine::Postgres, "SELECT 1", &[binds![1], binds!["text"]]).is_err());
        assert!(keyed(Engine::Postgres, "SELECT 1", &[]).is_err());
    }
}
