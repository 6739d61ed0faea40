//! What can go wrong at the store's door.

use crate::backup::BackupFault;

/// Why the store did not do it. No variant holds a value, a name or a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database said no.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A sealed value did not open.
    #[error("a stored value cannot be opened: {0}")]
    Seal(&'static str),
    /// A newer program made this schema.
    #[error("the database has schema {have}, this program knows {known}; run the newer program")]
    Newer {
        /// The database's.
        have: i64,
        /// The newest one known.
        known: i64,
    },
    /// The key folder.
    #[error("keys: {0}")]
    Keys(String),
    /// These keys belong to another database.
    #[error(
        "these keys do not belong to this database: its check value differs; give the folder that was made with it (--keys)"
    )]
    WrongKeys,
    /// `concord init` has not been run.
    #[error("there is no Concord here yet; run `concord init --watch-desk TELEPHONE` first")]
    NotInitialised,
    /// `concord init` was run already.
    #[error("this database was initialised already")]
    Initialised,
    /// A statement failed, so the transaction refuses to commit.
    #[error("a statement of this transaction failed, so nothing of it was kept")]
    Failed,
    /// The disk refused an earlier commit of this process: nothing behind it is acknowledged.
    #[error(
        "the disk did not take an earlier commit, so nothing is acknowledged any more; see to the disk (is it full?), end every program that has this database open, and start again"
    )]
    NotOnDisk,
    /// The store or the transaction is closed.
    #[error("the store is closed")]
    Closed,
    /// The grant is for another action than the method's.
    #[error("this grant is for `{granted}`, not for {needed}")]
    WrongGrant {
        /// What policy allowed.
        granted: &'static str,
        /// What the store method does.
        needed: &'static str,
    },
    /// Somebody changed the row since it was read.
    #[error("somebody changed it since you read it; look again")]
    Changed,
    /// Nothing there that this reader may see.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A unique value exists already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// A stored row does not read back.
    #[error("table {table}: {column} does not read back")]
    Inconsistent {
        /// Where.
        table: &'static str,
        /// What.
        column: &'static str,
    },
    /// The database is older than the last checkpoint signed beside the keys.
    #[error(
        "the database holds {size} ledger entries, but checkpoint {kept} was signed here: it is an old copy; nothing is signed on it. Put the newest database back, or go on with this one by `concord ledger new-log`"
    )]
    Behind {
        /// Its size.
        size: u64,
        /// The kept checkpoint's.
        kept: u64,
    },
    /// The log does not begin with the tree whose checkpoint is kept beside the keys.
    #[error(
        "the ledger was rewritten below entry {kept}, the last checkpoint signed here; nothing is signed on it. Run `concord ledger verify`"
    )]
    Forked {
        /// The kept checkpoint's size.
        kept: u64,
    },
    /// The database ends in a log that was ended: a newer one was begun with these keys.
    #[error(
        "the database ends in an old log: a newer one was begun with these keys. Nothing is signed on it. If another process began it, start this one again; if this is an old copy, put the newest database back, or go on with this one by `concord ledger new-log`"
    )]
    OldLog,
    /// Nothing was signed that the database does not have.
    #[error("the database is not behind the last checkpoint signed here, so its log goes on; no new one is begun")]
    NotBehind,
    /// A backup that cannot be made or brought back.
    #[error("backup: {0}")]
    Backup(#[from] BackupFault),
    /// The ledger's tree does not fit.
    #[error("ledger: {0}")]
    Ledger(String),
}

impl Error {
    /// Serialization failure, deadlock, or SQLite busy: run the whole step again.
    pub fn is_retryable(&self) -> bool {
        let Self::Database(sqlx::Error::Database(e)) = self else { return false };
        // PostgreSQL SQLSTATE; SQLite SQLITE_BUSY and its extended codes SQLITE_BUSY_RECOVERY, _SNAPSHOT, _TIMEOUT.
        matches!(e.code().as_deref(), Some("40001" | "40P01" | "5" | "261" | "517" | "773"))
    }
}
