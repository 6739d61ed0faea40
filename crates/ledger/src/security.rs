//! Compares the tables that decide who may do what with the digests their events left.

use std::collections::BTreeMap;

use crate::digest::{Column, row_digest};
use crate::event::RowDigest;
use crate::finding::{Findings, Rank};

/// A row of a security table as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityRow {
    /// The table's name.
    pub table: String,
    /// The bytes of the row's key.
    pub key: Vec<u8>,
    /// Its version.
    pub version: i64,
    /// The columns that are digested, the same as when it was written.
    pub columns: Vec<(&'static str, Column)>,
}

/// The newest digest of one row.
#[derive(Debug)]
struct Known {
    version: i64,
    digest: [u8; 32],
    salt: [u8; 32],
    position: u64,
    seen: bool,
}

/// The newest digest of every row, by table and key.
#[derive(Debug, Default)]
pub(crate) struct Newest(BTreeMap<String, BTreeMap<Vec<u8>, Known>>);

impl Newest {
    /// A digest of a later event. The highest version counts; of equal ones the later, so that a digest can be written
    /// again under a new salt before its event is purged.
    pub fn learn(&mut self, row: RowDigest, salt: [u8; 32], position: u64) {
        let known = Known { version: row.version, digest: row.digest, salt, position, seen: false };
        let rows = self.0.entry(row.table).or_default();
        if rows.get(&row.row).is_none_or(|old| old.version <= known.version) {
            rows.insert(row.row, known);
        }
    }

    /// Checks one row of a table.
    pub fn check(&mut self, row: &SecurityRow, findings: &mut Findings) {
        let Some(known) = self.0.get_mut(&row.table).and_then(|rows| rows.get_mut(&row.key)) else {
            return tell(findings, "row-without-event", &row.table, &row.key, "no event wrote it");
        };
        if std::mem::replace(&mut known.seen, true) {
            return tell(findings, "row-twice", &row.table, &row.key, "the table has it twice");
        }
        let (have, want, position) = (row.version, known.version, known.position);
        if have < want {
            let what =
                format!("it has version {have}, event {position} wrote version {want}: an older copy was put back");
            tell(findings, "row-stale", &row.table, &row.key, &what);
        } else if have > want {
            let what = format!("it has version {have}, the last event about it is {position} with version {want}");
            tell(findings, "row-ahead", &row.table, &row.key, &what);
        } else if row_digest(&known.salt, &row.table, &row.key, row.version, &row.columns) != known.digest {
            let what = format!("it is not what event {position} wrote");
            tell(findings, "row-changed", &row.table, &row.key, &what);
        }
    }

    /// Names the rows that events wrote and no table has.
    pub fn finish(self, findings: &mut Findings) {
        for (table, rows) in self.0 {
            for (key, known) in rows.into_iter().filter(|(_, known)| !known.seen) {
                if row_digest(&known.salt, &table, &key, known.version, &[]) != known.digest {
                    let what = format!("event {} wrote it, and the table does not have it", known.position);
                    tell(findings, "row-missing", &table, &key, &what);
                }
            }
        }
    }
}

fn tell(findings: &mut Findings, code: &'static str, table: &str, key: &[u8], what: &str) {
    let place = format!("{table} row {}", hex::encode(key));
    let message = format!("table {table}, row {}: {what}", hex::encode(key));
    findings.add(Rank::Security, code, place, message);
}
