//! A row of any table, as both engines store it and as a line of JSON says it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, FromRow, Row, Type, TypeInfo, ValueRef};
use uuid::Uuid;

use crate::db::Value;
use crate::schema::{Kind, Table};

/// A value without its column's type: what is a UUID on one engine is 16 bytes on the other.
#[derive(Clone)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// One row.
pub(crate) struct Cells(pub Vec<Cell>);

/// Reads a cell by the type its value has.
fn cell<'r, R>(row: &'r R, at: usize) -> Result<Cell, sqlx::Error>
where
    R: Row,
    usize: sqlx::ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
{
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Cell::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INT8" | "INTEGER" => Cell::Int(row.try_get(at)?),
        "BOOL" => Cell::Int(row.try_get::<bool, _>(at)?.into()),
        "TEXT" => Cell::Text(row.try_get(at)?),
        "UUID" => Cell::Bytes(row.try_get::<Uuid, _>(at)?.into_bytes().to_vec()),
        "BYTEA" | "BLOB" => Cell::Bytes(row.try_get(at)?),
        _ => return Err(sqlx::Error::Decode(format!("a column of type {kind}").into())),
    })
}

impl FromRow<'_, SqliteRow> for Cells {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        (0..row.len()).map(|at| cell(row, at)).collect::<Result<_, _>>().map(Self)
    }
}

impl FromRow<'_, PgRow> for Cells {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        (0..row.len()).map(|at| cell(row, at)).collect::<Result<_, _>>().map(Self)
    }
}

/// As JSON says it in a column of this kind; none when it does not fit there.
pub(crate) fn to_json(kind: Kind, cell: &Cell) -> Option<Json> {
    Some(match (kind, cell) {
        (_, Cell::Null) => Json::Null,
        (Kind::Int, Cell::Int(n)) => Json::from(*n),
        (Kind::Bool, Cell::Int(n)) => Json::from(*n != 0),
        (Kind::Text, Cell::Text(text)) => Json::from(text.as_str()),
        (Kind::Id, Cell::Bytes(bytes)) => Json::from(Uuid::from_slice(bytes).ok()?.to_string()),
        (Kind::Bytes, Cell::Bytes(bytes)) => Json::from(STANDARD.encode(bytes)),
        _ => return None,
    })
}

/// Reads it back as a cell.
pub(crate) fn from_json(kind: Kind, json: &Json) -> Option<Cell> {
    Some(match (kind, json) {
        (_, Json::Null) => Cell::Null,
        (Kind::Int, Json::Number(n)) => Cell::Int(n.as_i64()?),
        (Kind::Bool, Json::Bool(b)) => Cell::Int((*b).into()),
        (Kind::Text, Json::String(text)) => Cell::Text(text.clone()),
        (Kind::Id, Json::String(text)) => Cell::Bytes(text.parse::<Uuid>().ok()?.into_bytes().to_vec()),
        (Kind::Bytes, Json::String(text)) => Cell::Bytes(STANDARD.decode(text).ok()?),
        _ => return None,
    })
}

/// As it is bound in a column of this kind; none when it does not fit there.
pub(crate) fn bind(kind: Kind, cell: Cell) -> Option<Value> {
    Some(match (kind, cell) {
        (Kind::Int, Cell::Null) => Value::MaybeInt(None),
        (Kind::Int, Cell::Int(n)) => Value::Int(n),
        // No table has a truth that may be missing; an id's NULL is a UUID's.
        (Kind::Bool, Cell::Int(n)) => Value::Bool(n != 0),
        (Kind::Text, Cell::Null) => Value::MaybeText(None),
        (Kind::Text, Cell::Text(text)) => Value::Text(text),
        (Kind::Id, Cell::Null) => Value::MaybeId(None),
        (Kind::Id, Cell::Bytes(bytes)) => Value::Id(Uuid::from_slice(&bytes).ok()?),
        (Kind::Bytes, Cell::Null) => Value::MaybeBytes(None),
        (Kind::Bytes, Cell::Bytes(bytes)) => Value::Bytes(bytes),
        _ => return None,
    })
}

/// The values of these columns, to ask for what comes after them.
pub(crate) fn key(table: &Table, row: &Cells) -> Option<Vec<Value>> {
    table
        .key
        .iter()
        .map(|column| {
            let at = table.at(column)?;
            bind(table.columns.get(at)?.1, row.0.get(at)?.clone())
        })
        .collect()
}
