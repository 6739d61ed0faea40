//! Backups: every table as it is, sealed, in one file that either engine can be restored from.
//!
//! The file is JSON lines, so that a person with nothing but a pager can read when it was made and until when it may
//! exist, and so that any program of any year can read the rest. The first line is the [`Manifest`]. Then each table: a line
//! that names it and its columns, and a line a row, an array of its values in that order (numbers, true and false, ids and
//! texts as they are, bytes in base64, null). Then the [`Trailer`], which counts and hashes every table's lines and hashes
//! the manifest, and last its signature with the installation's key: what was changed or cut off anywhere is named.
//!
//! No key stands in it but those that other keys wrap: agencies' and cases', whose master key stays in the key folder.

mod cells;
mod read;
mod restore;
mod write;

use serde::{Deserialize, Serialize};

pub use restore::{RestoreOrder, Restored};
pub use write::BackupMade;

pub use crate::keys::LONGEST_DAYS;

/// The format, and the context under which a trailer is signed.
const FORMAT: &str = "concord.backup/1";

/// What is wrong with a backup, or with the place it is to be restored to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupFault {
    /// It would live longer than purged rows may.
    #[error(
        "its last day is more than {LONGEST_DAYS} days away, or not after now; give an earlier day: what is purged here must be gone from every backup by then"
    )]
    LastDay,
    /// A file of that name is there.
    #[error("a file of that name is there already; give another name, nothing is overwritten")]
    Exists,
    /// The file system said no.
    #[error("{0}")]
    File(String),
    /// Not a backup of this format.
    #[error("this is not a backup of the format {FORMAT}; give the file that `concord backup` wrote")]
    Format,
    /// It ends before its signature.
    #[error("it is cut short after line {line}; take a whole copy")]
    CutShort {
        /// From 1.
        line: u64,
    },
    /// A line is not what was signed.
    #[error("it was changed: {what}; take another copy")]
    Changed {
        /// Where it shows: "table entry", "its signature".
        what: String,
    },
    /// Made by a newer program.
    #[error("it holds schema {have}, this program knows {known}; run the newer program")]
    Newer {
        /// The backup's schema.
        have: i64,
        /// The newest known.
        known: i64,
    },
    /// Its last day is over.
    #[error("its last day was {last}: what was purged since must not come back. Destroy it and take a newer one")]
    Over {
        /// RFC 3339.
        last: String,
    },
    /// There is something where it is to be restored.
    #[error("the database is not empty: table {table} has rows. Restore into a new one")]
    NotEmpty {
        /// The first such table.
        table: &'static str,
    },
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub format: String,
    pub id: uuid::Uuid,
    /// The schema's version.
    pub schema: i64,
    pub made: String,
    pub made_us: i64,
    pub last_day: String,
    pub last_us: i64,
    /// The installation's verifier key, with which the signature is checked.
    pub verifier: String,
    /// Rows of all tables.
    pub rows: u64,
    /// Events in the ledger, and its newest checkpoint.
    pub size: u64,
    pub checkpoint: Option<String>,
    pub says: String,
}

const SAYS: &str = "Every table, sealed as it is stored. No key is in it. Destroy it after its last day.";

/// The line before each table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub table: String,
    pub columns: Vec<String>,
}

/// What a table's lines come to, its head with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counted {
    pub table: String,
    pub rows: u64,
    pub sha256: String,
}

/// The line before the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trailer {
    pub end: String,
    pub manifest: String,
    pub tables: Vec<Counted>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signed {
    pub signature: String,
}

pub(crate) fn file(path: &std::path::Path, e: &std::io::Error) -> crate::Error {
    BackupFault::File(format!("{}: {e}", path.display())).into()
}
