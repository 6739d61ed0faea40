//! SQLite's write-ahead log on its way to the disk and back into the database, both beside the one writer.
//!
//! A receipt is a promise, so what is acknowledged survives the loss of power. With `synchronous = FULL` SQLite waits for
//! the disk while it holds the write lock, and everybody behind it waits too. Here it runs with NORMAL, which keeps the
//! database whole and leaves the newest commits to us (<https://www.sqlite.org/pragma.html#pragma_synchronous>): the log
//! is written through after the lock is let go and before the commit is acknowledged, once for all who wait. The log is
//! one sequence: what others read of a commit on its way to the disk can only be lost together with what they commit of it.
//!
//! For the same reason a hole in it takes all behind it. What an earlier process left in the log may have one, of pages that
//! the disk refused and the kernel forgot (fsync(2)). So a process folds all it finds and lets the log begin anew before it
//! writes for the first time; while others read or write it leaves the log to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sqlx::SqlitePool;
use tokio::sync::{Mutex, OnceCell};

use crate::error::Error;
use crate::log_file::LogFile;

/// Rows written after which it is asked how long the log is.
const ASKED_AFTER: u64 = 8_192;

/// Pages of the log after which it is folded into the database from beside the writer. Postings fall all over their table:
/// the fewer folds, the fewer times a page of it is written.
const FOLDED_AT: i64 = 12_288;

/// Pages after which the writer itself folds what is left, and the log begins anew.
pub(crate) const FOLDED_BY_THE_WRITER: &str = "32768";

/// Writes the log through.
pub(crate) type Through = dyn Fn() -> std::io::Result<()> + Send + Sync;

/// The log of one database file, as this process writes it.
pub(crate) struct WriteAhead {
    /// Commits that wait for the disk or waited for it.
    committed: AtomicU64,
    /// Of them those that reached it.
    reached: Mutex<u64>,
    through: Arc<Through>,
    /// The disk once refused: the kernel tells of that once and then takes the pages for written (fsync(2)), so what lies
    /// behind it in the log is promised to nobody until this program has begun anew.
    refused: Arc<AtomicBool>,
    /// What was there before this process was folded, or left to others.
    begun: OnceCell<()>,
    rows: AtomicU64,
    folding: AtomicBool,
    /// The connection that folds.
    folder: SqlitePool,
}

impl WriteAhead {
    pub(crate) fn new(database: &std::path::Path, folder: SqlitePool) -> Arc<Self> {
        let file = LogFile::of(database);
        Self::over(Arc::new(move || file.through()), folder)
    }

    pub(crate) fn over(through: Arc<Through>, folder: SqlitePool) -> Arc<Self> {
        Arc::new(Self {
            committed: AtomicU64::new(0),
            reached: Mutex::new(0),
            through,
            refused: Arc::new(AtomicBool::new(false)),
            begun: OnceCell::new(),
            rows: AtomicU64::new(0),
            folding: AtomicBool::new(false),
            folder,
        })
    }

    /// Before anything is written: what others left in the log is folded, and the disk has refused nothing of ours. Nothing
    /// is written that could not be acknowledged.
    ///
    /// # Errors
    /// The disk refuses, or did.
    pub(crate) async fn may_write(&self) -> Result<(), Error> {
        self.begun.get_or_try_init(|| self.begin_anew()).await?;
        if self.refused.load(Ordering::SeqCst) { Err(Error::NotOnDisk) } else { Ok(()) }
    }

    /// A commit of so many rows is in the log: returns when the disk has it.
    ///
    /// # Errors
    /// The disk does not take it, or did not take an earlier one. It may be kept all the same, as with a connection that
    /// breaks in a commit.
    pub(crate) async fn keep(self: &Arc<Self>, rows: u64) -> Result<(), Error> {
        let mine = self.committed.fetch_add(1, Ordering::SeqCst) + 1;
        {
            let mut reached = self.reached.lock().await;
            if *reached < mine {
                // Counted before the log is written through: whoever is counted stands in it.
                let all = self.committed.load(Ordering::SeqCst);
                self.written_through().await?;
                *reached = all;
            }
        }
        if self.rows.fetch_add(rows, Ordering::Relaxed) + rows >= ASKED_AFTER
            && !self.folding.swap(true, Ordering::SeqCst)
        {
            self.rows.store(0, Ordering::Relaxed);
            let log = self.clone();
            tokio::spawn(async move {
                // It only spares the writer: what it leaves, or fails at, the writer folds itself.
                let _ = log.fold(FOLDED_AT).await;
                log.folding.store(false, Ordering::SeqCst);
            });
        }
        Ok(())
    }

    /// Writes the log through, whatever stands in it.
    pub(crate) async fn written_through(&self) -> Result<(), Error> {
        let (through, refused) = (self.through.clone(), self.refused.clone());
        let done = tokio::task::spawn_blocking(move || {
            if refused.load(Ordering::SeqCst) {
                return None;
            }
            let done = through();
            // Here and not by whoever waits: they may be gone.
            refused.fetch_or(done.is_err(), Ordering::SeqCst);
            Some(done)
        });
        match done.await.map_err(|_| Error::Closed)? {
            Some(done) => Ok(done.map_err(sqlx::Error::Io)?),
            None => Err(Error::NotOnDisk),
        }
    }

    /// Folds the log into the database as far as its readers allow, once so many pages of it are not.
    pub(crate) async fn fold(&self, at: i64) -> Result<(), sqlx::Error> {
        if self.unfolded().await? >= at {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&self.folder).await?;
        }
        Ok(())
    }

    /// Pages of the log that are not yet in the database.
    pub(crate) async fn unfolded(&self) -> Result<i64, sqlx::Error> {
        // It says: was anybody in the way, pages of the log, pages of it that are folded.
        let (_, pages, folded): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(NOOP)").fetch_one(&self.folder).await?;
        Ok(pages - folded)
    }

    /// Everything in the log goes into the database, which is written through, and the log is cut to nothing. Where
    /// somebody else is reading or writing this waits for nobody and may leave it as it is.
    async fn begin_anew(&self) -> Result<(), sqlx::Error> {
        let mut folder = self.folder.acquire().await?;
        sqlx::query("PRAGMA busy_timeout = 0").execute(&mut *folder).await?;
        let cut = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *folder).await;
        sqlx::query("PRAGMA busy_timeout = 30000").execute(&mut *folder).await?;
        cut.map(drop)
    }

    pub(crate) async fn close(&self) {
        self.folder.close().await;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn nobody() -> SqlitePool {
        sqlx::sqlite::SqlitePoolOptions::new().connect_lazy("sqlite::memory:").unwrap()
    }

    /// A log whose every writing through waits for a word, and counts.
    fn waiting() -> (Arc<WriteAhead>, mpsc::Sender<bool>, Arc<AtomicU64>) {
        let (word, words) = mpsc::channel::<bool>();
        let (words, times) = (std::sync::Mutex::new(words), Arc::new(AtomicU64::new(0)));
        let counted = times.clone();
        let through = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            match words.lock().unwrap().recv().unwrap() {
                true => Ok(()),
                false => Err(std::io::Error::other("no room")),
            }
        };
        (WriteAhead::over(Arc::new(through), nobody()), word, times)
    }

    fn keeping(log: &Arc<WriteAhead>) -> tokio::task::JoinHandle<Result<(), Error>> {
        let log = log.clone();
        tokio::spawn(async move { log.keep(1).await })
    }

    async fn begun(times: &AtomicU64, n: u64) {
        while times.load(Ordering::SeqCst) < n {
            tokio::task::yield_now().await;
        }
    }

    async fn counted(log: &WriteAhead, n: u64) {
        while log.committed.load(Ordering::SeqCst) < n {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn one_writing_through_is_enough_for_all_who_came_before_it() {
        let (log, word, times) = waiting();
        let first = keeping(&log);
        begun(&times, 1).await;
        let others: Vec<_> = (0..9).map(|_| keeping(&log)).collect();
        counted(&log, 10).await;
        word.send(true).unwrap();
        first.await.unwrap().unwrap();
        begun(&times, 2).await; // who came while it ran may have come too late for it
        assert!(others.iter().all(|o| !o.is_finished()));
        word.send(true).unwrap();
        for other in others {
            other.await.unwrap().unwrap();
        }
        assert_eq!(times.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn what_the_disk_refused_is_said_to_whoever_comes_after_too() {
        let (log, word, times) = waiting();
        let first = keeping(&log);
        begun(&times, 1).await;
        let second = keeping(&log);
        counted(&log, 2).await;
        word.send(false).unwrap();
        assert!(matches!(first.await.unwrap(), Err(Error::Database(sqlx::Error::Io(_)))));
        assert!(matches!(second.await.unwrap(), Err(Error::NotOnDisk)));
        assert!(matches!(log.keep(1).await, Err(Error::NotOnDisk)));
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_refusal_that_nobody_waited_for_is_remembered() {
        let (log, word, times) = waiting();
        let first = keeping(&log);
        begun(&times, 1).await;
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        word.send(false).unwrap();
        while !log.refused.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        assert!(matches!(log.keep(1).await, Err(Error::NotOnDisk)));
    }
}
