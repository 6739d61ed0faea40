//! Many keys in one statement whose text does not depend on how many they are: each engine gets them in the form it reads
//! fastest (docs/BENCHMARKS.md), PostgreSQL as an array a column, SQLite as one list of numbers and one blob of fixed places.

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
    /// The first of a key is a number of the list; any other is sign and 16 digits in the blob: any time until the year
    /// 2286, in microseconds.
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
            Self::Id | Self::Token => 16,
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
        Engine::Sqlite => ("MATERIALIZED ", cut(&columns), packed(&columns, keys)?),
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

/// The list's number is the key's first; its other columns stand in the blob, each key's after the one's before.
fn cut(columns: &[Column]) -> String {
    let (listed, width) = (listed(columns), width(columns));
    let mut from = 1;
    let mut places = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        if Some(at) == listed {
            places.push("value".to_owned());
            continue;
        }
        let place = format!("substr($2, key * {width} + {from}, {})", column.width());
        from += column.width();
        places.push(match column {
            Column::Int => format!("CAST({place} AS INTEGER)"),
            Column::Id | Column::Token => place,
        });
    }
    format!("{} FROM json_each($1)", places.join(", "))
}

/// The column whose values are the list.
fn listed(columns: &[Column]) -> Option<usize> {
    columns.iter().position(|c| *c == Column::Int)
}

/// What a key takes of the blob.
fn width(columns: &[Column]) -> usize {
    let listed = listed(columns);
    columns.iter().enumerate().filter(|(at, _)| Some(*at) != listed).map(|(_, c)| c.width()).sum()
}

fn packed(columns: &[Column], keys: &[Vec<Value>]) -> Result<Vec<Value>, Error> {
    let (listed, width) = (listed(columns), width(columns));
    let mut list = String::with_capacity(2 + keys.len() * 5);
    let mut blob = Vec::with_capacity(keys.len() * width);
    for (n, key) in keys.iter().enumerate() {
        list.push(if n == 0 { '[' } else { ',' });
        if listed.is_none() {
            list.push('0');
        }
        for (at, (column, value)) in columns.iter().zip(key).enumerate() {
            let begins = blob.len();
            match value {
                Value::Int(v) if Some(at) == listed => {
                    // INVARIANT: writing to a String cannot fail.
                    let _ = write!(list, "{v}");
                    continue;
                }
                Value::Int(v) => blob.extend_from_slice(format!("{v:+017}").as_bytes()),
                Value::Id(v) => blob.extend_from_slice(v.as_bytes()),
                Value::Bytes(v) => blob.extend_from_slice(v),
                _ => return Err(Error::Failed),
            }
            if blob.len() - begins != column.width() {
                return Err(Error::Failed); // would be cut wrong
            }
        }
        if blob.len() != (n + 1) * width {
            return Err(Error::Failed); // so would one of fewer columns
        }
    }
    list.push(']');
    Ok(vec![Value::Text(list), Value::Bytes(blob)])
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
        let two = |n: i64, m: i64| binds![n, Uuid::max(), m, vec![0xab_u8; 16]];
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[two(-5, 6), two(7, -8)]).unwrap();
        assert_eq!(
            sql.as_str(),
            "WITH q (a, b, c, d) AS MATERIALIZED (SELECT value, substr($2, key * 49 + 1, 16), \
             CAST(substr($2, key * 49 + 17, 17) AS INTEGER), substr($2, key * 49 + 34, 16) FROM json_each($1)) SELECT 1"
        );
        let one = |n: &[u8]| [&[0xff; 16], n, &[0xab; 16]].concat();
        let all = [one(b"+0000000000000006"), one(b"-0000000000000008")].concat();
        assert!(matches!(&binds[..], [Value::Text(t), Value::Bytes(b)] if t == "[-5,7]" && *b == all));
    }

    #[test]
    fn keys_without_a_number_are_counted_all_the_same() {
        let key = |of: u8| binds![vec![of; 16]];
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[key(1), key(2)]).unwrap();
        assert_eq!(
            sql.as_str(),
            "WITH q (a) AS MATERIALIZED (SELECT substr($2, key * 16 + 1, 16) FROM json_each($1)) SELECT 1"
        );
        assert!(matches!(&binds[..], [Value::Text(t), Value::Bytes(b)] if t == "[0,0]" && b.len() == 32));
    }

    #[test]
    fn what_would_be_cut_wrong_is_refused() {
        let bad = [binds![vec![1_u8; 3]], binds![1, i64::MAX], binds!["text"]];
        for key in bad {
            assert!(keyed(Engine::Sqlite, "SELECT 1", &[key]).is_err());
        }
        assert!(keyed(Engine::Postgres, "SELECT 1", &[binds![1], binds!["text"]]).is_err());
        assert!(keyed(Engine::Postgres, "SELECT 1", &[]).is_err());
    }
}
