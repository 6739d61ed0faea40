//! Many keys in one statement: each engine gets them in the form it reads fastest (docs/BENCHMARKS.md), PostgreSQL as an array a
//! column, SQLite as one list of numbers and one blob of fixed places, and what is the same in all of them once. The text says
//! of them whether they are one or several, and for SQLite which columns are the same.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::db::{Engine, Value};
use crate::error::Error;

/// Keys one statement takes.
pub(crate) const AT_ONCE: usize = 1_000;

/// The columns of `q`.
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Digits of a number in the blob, behind its sign: any time until the year 2286, in microseconds.
const DIGITS: usize = 16;

/// What a key's column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// In SQLite the first that is not the same in all keys is a number of the list; any other is sign and digits in the blob.
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
            Value::Token(_) | Value::Bytes(_) => Ok(Self::Token),
            _ => Err(Error::Failed),
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Int => DIGITS + 1,
            Self::Id | Self::Token => 16,
        }
    }
}

/// `WITH q (a, b, ..) AS (the keys) select`. Static parts and placeholders only; `select` has no placeholders of its own.
pub(crate) fn keyed(engine: Engine, select: &str, keys: &[impl AsRef<[Value]>]) -> Result<(SqlStr, Vec<Value>), Error> {
    let first = keys.first().ok_or(Error::Failed)?.as_ref();
    let columns: Vec<Column> = first.iter().map(Column::of).collect::<Result<_, _>>()?;
    let names = NAMES.get(..columns.len()).ok_or(Error::Failed)?.join(", ");
    let alike = |key: &[Value]| {
        key.len() == columns.len() && key.iter().zip(&columns).all(|(v, c)| Column::of(v).is_ok_and(|of| of == *c))
    };
    if !keys.iter().all(|key| alike(key.as_ref())) {
        return Err(Error::Failed); // would be cut wrong
    }
    // SQLite would cut the text anew wherever a column is named.
    let (once, (body, binds)) = match engine {
        Engine::Sqlite => ("MATERIALIZED ", Cut::of(&columns, keys).keys(keys)?),
        Engine::Postgres => ("", (unnested(&columns), arrays(&columns, keys)?)),
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

fn arrays(columns: &[Column], keys: &[impl AsRef<[Value]>]) -> Result<Vec<Value>, Error> {
    let mut out: Vec<Value> = columns
        .iter()
        .map(|column| match column {
            Column::Int => Value::Ints(Vec::with_capacity(keys.len())),
            Column::Id => Value::Ids(Vec::with_capacity(keys.len())),
            Column::Token => Value::Tokens(Vec::with_capacity(keys.len())),
        })
        .collect();
    for key in keys {
        for (column, value) in out.iter_mut().zip(key.as_ref()) {
            match (column, value) {
                (Value::Ints(all), Value::Int(v)) => all.push(*v),
                (Value::Ids(all), Value::Id(v)) => all.push(*v),
                (Value::Tokens(all), Value::Token(v)) => all.push(*v),
                (Value::Tokens(all), Value::Bytes(v)) => all.push(token(v)?),
                _ => return Err(Error::Failed),
            }
        }
    }
    Ok(out)
}

/// Where SQLite finds a key's column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A parameter: it is the same in all keys.
    Same,
    /// The list of numbers.
    Listed,
    /// The blob, where each key's stands behind the one's before.
    Packed(Column),
}

/// How keys are put for SQLite.
struct Cut {
    sources: Vec<Source>,
    /// What a key takes of the blob.
    width: usize,
}

impl Cut {
    fn of(columns: &[Column], keys: &[impl AsRef<[Value]>]) -> Self {
        let same = |at: usize| {
            let mut values = keys.iter().filter_map(|key| key.as_ref().get(at));
            values.next().is_some_and(|first| values.all(|value| value == first))
        };
        let (mut listed, mut width) = (false, 0);
        let sources = columns.iter().enumerate().map(|(at, column)| {
            if same(at) {
                return Source::Same;
            }
            if *column == Column::Int && !std::mem::replace(&mut listed, true) {
                return Source::Listed;
            }
            width += column.width();
            Source::Packed(*column)
        });
        let sources = sources.collect();
        Self { sources, width }
    }

    /// What stands between SELECT and the keys' end, and its binds.
    fn keys(&self, keys: &[impl AsRef<[Value]>]) -> Result<(String, Vec<Value>), Error> {
        let first = keys.first().ok_or(Error::Failed)?.as_ref();
        let mut binds = Vec::with_capacity(first.len() + 2);
        let mut places = Vec::with_capacity(first.len());
        if keys.len() > 1 {
            binds.push(Value::Text(self.list(keys)));
            if self.width > 0 {
                binds.push(Value::Bytes(self.blob(keys)?));
            }
        }
        let mut from = 1;
        for (source, value) in self.sources.iter().zip(first) {
            places.push(match source {
                Source::Same => {
                    binds.push(value.clone());
                    format!("${}", binds.len())
                }
                Source::Listed => "value".to_owned(),
                Source::Packed(column) => {
                    let place = format!("substr($2, key * {} + {from}, {})", self.width, column.width());
                    from += column.width();
                    if *column == Column::Int { format!("CAST({place} AS INTEGER)") } else { place }
                }
            });
        }
        let several = if keys.len() > 1 { " FROM json_each($1)" } else { "" };
        Ok((places.join(", ") + several, binds))
    }

    /// A number for each key: its own, where one is listed.
    fn list(&self, keys: &[impl AsRef<[Value]>]) -> String {
        let listed = self.sources.iter().position(|source| *source == Source::Listed);
        let mut list = String::with_capacity(2 + keys.len() * 5);
        for (n, key) in keys.iter().enumerate() {
            list.push(if n == 0 { '[' } else { ',' });
            match listed.and_then(|at| key.as_ref().get(at)) {
                // INVARIANT: writing to a String cannot fail.
                Some(Value::Int(v)) => drop(write!(list, "{v}")),
                _ => list.push('0'),
            }
        }
        list.push(']');
        list
    }

    fn blob(&self, keys: &[impl AsRef<[Value]>]) -> Result<Vec<u8>, Error> {
        let mut blob = Vec::with_capacity(keys.len() * self.width);
        for key in keys {
            for (source, value) in self.sources.iter().zip(key.as_ref()) {
                match (source, value) {
                    (Source::Same, _) | (Source::Listed, Value::Int(_)) => {}
                    (Source::Packed(Column::Int), Value::Int(v)) => blob.extend_from_slice(&digits(*v)?),
                    (Source::Packed(Column::Id), Value::Id(v)) => blob.extend_from_slice(v.as_bytes()),
                    (Source::Packed(Column::Token), Value::Token(v)) => blob.extend_from_slice(v),
                    (Source::Packed(Column::Token), Value::Bytes(v)) => blob.extend_from_slice(&token(v)?),
                    _ => return Err(Error::Failed),
                }
            }
        }
        Ok(blob)
    }
}

fn token(bytes: &[u8]) -> Result<[u8; 16], Error> {
    bytes.try_into().map_err(|_| Error::Failed) // would be cut wrong
}

/// "+0000000000000007".
fn digits(v: i64) -> Result<[u8; DIGITS + 1], Error> {
    let mut out = [b'0'; DIGITS + 1];
    let mut left = v.unsigned_abs();
    let (sign, places) = out.split_first_mut().ok_or(Error::Failed)?;
    *sign = if v < 0 { b'-' } else { b'+' };
    for place in places.iter_mut().rev() {
        // INVARIANT: less than ten.
        *place += u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
    }
    if left == 0 { Ok(out) } else { Err(Error::Failed) } // would be cut wrong
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::db::binds;
    use uuid::Uuid;

    fn text(engine: Engine, keys: &[Vec<Value>]) -> String {
        keyed(engine, "SELECT 1", keys).unwrap().0.as_str().to_owned()
    }

    #[test]
    fn one_text_for_any_number_of_keys() {
        let key = |n: u8| binds![i64::from(n), Uuid::from_u128(n.into()), vec![n; 16]];
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let text = |n: u8| text(engine, &(0..n).map(key).collect::<Vec<_>>());
            assert_eq!(text(2), text(200));
        }
    }

    #[test]
    fn keys_are_a_list_of_numbers_and_a_blob() {
        let key = |n: i64, id: u128, m: i64| binds![n, Uuid::from_u128(id), m, vec![u8::try_from(id).unwrap(); 16]];
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[key(-5, 1, 6), key(7, 2, -8)]).unwrap();
        assert_eq!(
            sql.as_str(),
            "WITH q (a, b, c, d) AS MATERIALIZED (SELECT value, substr($2, key * 49 + 1, 16), \
             CAST(substr($2, key * 49 + 17, 17) AS INTEGER), substr($2, key * 49 + 34, 16) FROM json_each($1)) SELECT 1"
        );
        let one = |id: u128, n: &[u8], token: u8| [&id.to_be_bytes()[..], n, &[token; 16]].concat();
        let all = [one(1, b"+0000000000000006", 1), one(2, b"-0000000000000008", 2)].concat();
        assert!(matches!(&binds[..], [Value::Text(t), Value::Bytes(b)] if t == "[-5,7]" && *b == all));
    }

    #[test]
    fn what_is_the_same_in_all_keys_is_said_once() {
        let key = |n: i64, token: u8| binds![7, n, vec![token; 16], Uuid::max()];
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[key(1, 1), key(2, 2)]).unwrap();
        assert_eq!(
            sql.as_str(),
            "WITH q (a, b, c, d) AS MATERIALIZED (SELECT $3, value, substr($2, key * 16 + 1, 16), $4 FROM json_each($1)) SELECT 1"
        );
        assert!(matches!(&binds[..], [Value::Text(t), Value::Bytes(b), Value::Int(7), Value::Id(id)]
            if t == "[1,2]" && b.len() == 32 && *id == Uuid::max()));
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[key(1, 1), key(1, 1)]).unwrap();
        assert_eq!(
            sql.as_str(),
            "WITH q (a, b, c, d) AS MATERIALIZED (SELECT $2, $3, $4, $5 FROM json_each($1)) SELECT 1"
        );
        assert!(matches!(&binds[..], [Value::Text(t), ..] if t == "[0,0]"));
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[key(1, 1)]).unwrap();
        assert_eq!(sql.as_str(), "WITH q (a, b, c, d) AS MATERIALIZED (SELECT $1, $2, $3, $4) SELECT 1");
        assert_eq!(binds.len(), 4);
    }

    #[test]
    fn keys_without_a_number_are_counted_all_the_same() {
        let (sql, binds) = keyed(Engine::Sqlite, "SELECT 1", &[binds![vec![1; 16]], binds![vec![2; 16]]]).unwrap();
        assert_eq!(
            sql.as_str(),
            "WITH q (a) AS MATERIALIZED (SELECT substr($2, key * 16 + 1, 16) FROM json_each($1)) SELECT 1"
        );
        assert!(matches!(&binds[..], [Value::Text(t), Value::Bytes(b)] if t == "[0,0]" && b.len() == 32));
    }

    #[test]
    fn what_would_be_cut_wrong_is_refused() {
        let bad = [
            [binds![vec![1_u8; 3]], binds![vec![2_u8; 3]]],
            [binds![1, i64::MAX], binds![2, 3]],
            [binds![1, 10_i64.pow(16)], binds![2, 3]],
            [binds!["text"], binds!["text"]],
            [binds![1, 2], binds![1]],
            [binds![1], binds!["text"]],
        ];
        for keys in bad {
            assert!(keyed(Engine::Sqlite, "SELECT 1", &keys).is_err());
        }
        assert!(keyed(Engine::Postgres, "SELECT 1", &[binds![1], binds!["text"]]).is_err());
        assert!(keyed(Engine::Postgres, "SELECT 1", &[] as &[Vec<Value>]).is_err());
    }
}
