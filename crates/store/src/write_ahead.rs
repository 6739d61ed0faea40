//! SQLite's write-ahead log on its way to the disk and back into the database, both beside the one writer.
//!
//! A receipt is a promise, so what is acknowledged survives the loss of power. With `synchronous = FULL` SQLite waits for
//! the disk while it holds the write lock, and everybody behind it waits too. Here it runs with NORMAL, which keeps the
//! database whole and leaves the newest commits to us (<https://www.sqlite.org/pragma.html#pragma_synchronous>): the log
//! is written through after the lock is let go and before the commit is acknowledged, once for all who wait. The log is
//! one sequence, so what others read of a commit on its way to the disk can only be lost together with what they made of it.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::SqlitePool;
use tokio::sync::Mutex;

use crate::error::Error;

/// Rows written after which the log is folded into the database, from beside the writer. Of cases that move in these are
/// about 10,000 pages; more often would write the same pages again and again.
const FOLDED_AFTER: u64 = 65_536;

/// Pages after which the writer itself folds what is left, and the log begins anew. Postings fall all over their table: the
/// fewer folds, the fewer times a page of it is written.
pub(crate) const FOLDED_BY_THE_WRITER: &str = "32768";

/// The log of one database file, as this process writes it.
pub(crate) struct WriteAhead {
    path: PathBuf,
    /// Commits that wait for the disk or waited for it.
    committed: AtomicU64,
    /// Of them those that reached it, and the log's own name: a log made anew is a new entry of its folder.
    reached: Mutex<(u64, Option<u64>)>,
    rows: AtomicU64,
    folding: AtomicBool,
    /// The connection that folds.
    folder: SqlitePool,
}

impl WriteAhead {
    pub(crate) fn new(database: &Path, folder: SqlitePool) -> Arc<Self> {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Arc::new(Self {
            path: path.into(),
            committed: AtomicU64::new(0),
            reached: Mutex::default(),
            rows: AtomicU64::new(0),
            folding: AtomicBool::new(false),
            folder,
        })
    }

    /// A commit of so many rows is in the log: returns when the disk has it.
    ///
    /// # Errors
    /// The disk does not take it. It may be kept all the same, as with a connection that breaks in a commit.
    pub(crate) async fn keep(self: &Arc<Self>, rows: u64) -> Result<(), Error> {
        let mine = self.committed.fetch_add(1, Ordering::SeqCst) + 1;
        let mut reached = self.reached.lock().await;
        if reached.0 < mine {
            // Counted before the log is written through: whoever is counted stands in it.
            let all = self.committed.load(Ordering::SeqCst);
            let (path, known) = (self.path.clone(), reached.1);
            let named = tokio::task::spawn_blocking(move || through(&path, known)).await;
            let named = named.map_err(|_| Error::Closed)?.map_err(sqlx::Error::Io)?;
            *reached = (all, named);
        }
        drop(reached);
        if self.rows.fetch_add(rows, Ordering::Relaxed) + rows >= FOLDED_AFTER
            && !self.folding.swap(true, Ordering::SeqCst)
        {
            self.rows.store(0, Ordering::Relaxed);
            let log = self.clone();
            tokio::spawn(async move {
                // It only spares the writer: what it leaves, or fails at, the writer folds itself.
                let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&log.folder).await;
                log.folding.store(false, Ordering::SeqCst);
            });
        }
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.folder.close().await;
    }
}

/// Writes the log through; its folder too when the log is not the one known. Returns what the log is known by.
fn through(path: &Path, known: Option<u64>) -> Result<Option<u64>, std::io::Error> {
    // Opened each time: the last connection to close takes the log away, and the next makes it anew.
    let log = OpenOptions::new().read(true).write(true).open(path)?;
    log.sync_data()?;
    let name = name_of(&log.metadata()?);
    if name.is_none() || name != known {
        folder_through(path)?;
    }
    Ok(name)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a file has no such number")]
fn name_of(log: &fs::Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(log.ino())
}

#[cfg(not(unix))]
fn name_of(_: &fs::Metadata) -> Option<u64> {
    None
}

/// The folder's entry of the file reaches the disk.
#[cfg(unix)]
fn folder_through(path: &Path) -> Result<(), std::io::Error> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => fs::File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
fn folder_through(_: &Path) -> Result<(), std::io::Error> {
    Ok(())
}
