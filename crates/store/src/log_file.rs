//! The file of SQLite's write-ahead log, as the operating system knows it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Beside its database, under the database's real name with "-wal" behind it.
pub(crate) struct LogFile {
    database: PathBuf,
    /// Kept open: a fault of the disk is told to every file that was open when it came, and to none opened later.
    open: Mutex<Option<Open>>,
}

struct Open {
    file: File,
    path: PathBuf,
    number: Option<u64>,
}

impl LogFile {
    pub(crate) fn of(database: &Path) -> Self {
        Self { database: database.to_owned(), open: Mutex::new(None) }
    }

    /// Returns when the disk has all that was written into it.
    pub(crate) fn through(&self) -> io::Result<()> {
        let mut open = self.open.lock().map_err(|_| io::Error::other("a thread broke off amid this"))?;
        // The last connection to close takes the log away, and the next makes it anew.
        let same = |o: &Open| fs::metadata(&o.path).is_ok_and(|now| number(&now) == o.number);
        if !open.as_ref().is_some_and(same) {
            *open = Some(self.opened()?);
        }
        open.as_ref().map_or(Ok(()), |o| o.file.sync_data())
    }

    fn opened(&self) -> io::Result<Open> {
        // As SQLite does: through links, to the file itself.
        let mut path = self.database.canonicalize()?.into_os_string();
        path.push("-wal");
        let path = PathBuf::from(path);
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        // SQLite writes the folder through when it makes the log; this is one more time for the case that it did not.
        if let Some(folder) = path.parent() {
            folder_through(folder)?;
        }
        let number = number(&file.metadata()?);
        Ok(Open { file, path, number })
    }
}

/// Which file it is, where the system numbers them.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a file has no such number")]
fn number(file: &fs::Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(file.ino())
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> Option<u64> {
    None
}

#[cfg(unix)]
fn folder_through(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn folder_through(_: &Path) -> io::Result<()> {
    Ok(())
}
