//! Writes a backup from one snapshot.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use model::Micros;
use policy::{Action, Grant};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use uuid::Uuid;

use crate::backup::cells::{self, Cells};
use crate::backup::{BackupFault, Counted, FORMAT, Head, LONGEST_DAYS, Manifest, SAYS, Signed, Trailer, file};
use crate::db::{Conn, Value, binds};
use crate::error::Error;
use crate::events::head;
use crate::migrate::newest;
use crate::schema::{Table, tables};
use crate::store::Store;

/// Rows read at a time.
const PAGE: i64 = 500;

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupMade {
    /// Its id, as the ledger names it.
    pub id: Uuid,
    /// When.
    pub made: Micros,
    /// It may not be brought back after this, and must be destroyed.
    pub last: Micros,
    /// Tables in it.
    pub tables: usize,
    /// Rows in it.
    pub rows: u64,
    /// SHA-256 of the file, in hexadecimal, taken while it was written.
    pub sha256: String,
    /// Events in its ledger.
    pub size: u64,
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

#[derive(sqlx::FromRow)]
struct Note {
    note: String,
}

impl Store {
    /// Copies every table into one new file, from one snapshot. `last`: until when it may be brought back, at most
    /// [`LONGEST_DAYS`] days from now, which is also what is taken when none is given. `progress` is told the rows written
    /// and the rows in all.
    ///
    /// # Errors
    /// [`BackupFault`]; nothing is left of a file that is not whole.
    pub async fn backup(
        &self,
        grant: &Grant,
        to: &Path,
        last: Option<Micros>,
        progress: impl Fn(u64, u64) + Send + Sync,
    ) -> Result<BackupMade, Error> {
        let made = self.now();
        let longest = made.plus_days(LONGEST_DAYS);
        let last = last.unwrap_or(longest);
        if last > longest || last <= made {
            return Err(BackupFault::LastDay.into());
        }
        if to.exists() {
            return Err(BackupFault::Exists.into());
        }
        let part = part_of(to);
        let mut id = [0; 16];
        self.chance().fill(&mut id);
        let id = Uuid::from_bytes(id);
        let done = self.write_backup(grant, (to, &part), (id, made, last), &progress).await;
        if done.is_err() {
            // Half a file is no backup. That it cannot be removed does not hide why it was not finished.
            let _ = std::fs::remove_file(&part);
        }
        done
    }

    async fn write_backup(
        &self,
        grant: &Grant,
        (to, part): (&Path, &Path),
        (id, made, last): (Uuid, Micros, Micros),
        progress: &(impl Fn(u64, u64) + Send + Sync),
    ) -> Result<BackupMade, Error> {
        let mut tx = self.view(grant).await?;
        tx.needs(&[Action::Backup])?;
        let conn = tx.conn().await?;
        let tables = tables(newest());
        let (size, verifier) = head(conn).await?;
        let note: Option<Note> = conn.maybe("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1", binds![]).await?;
        let mut all = 0;
        for table in &tables {
            let counted: Option<Count> =
                conn.maybe(safe(format!("SELECT COUNT(*) AS n FROM {}", table.name)), binds![]).await?;
            all += counted.map_or(0, |c| u64::try_from(c.n).unwrap_or(0));
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            id,
            schema: newest(),
            made: made.to_string(),
            made_us: made.0,
            last_day: last.to_string(),
            last_us: last.0,
            verifier,
            rows: all,
            size,
            checkpoint: note.map(|n| n.note),
            says: SAYS.to_owned(),
        };
        let mut out = Out::new(part)?;
        let mut trailer = Trailer { end: FORMAT.to_owned(), manifest: out.line(&manifest)?, tables: Vec::new() };
        let mut rows = 0;
        for table in &tables {
            let counted = copy(conn, &mut out, table, |n| progress(rows + n, all)).await?;
            rows += counted.rows;
            trailer.tables.push(counted);
        }
        let text = serde_json::to_string(&trailer).map_err(|_| BackupFault::Format)?;
        let signature = self.keys().signing().sign_statement(FORMAT, text.as_bytes());
        out.line(&trailer)?;
        out.line(&Signed { signature: hex::encode(signature) })?;
        let sha256 = out.finish()?;
        tx.end_view().await?;
        // Before the file gets its name: nobody carries a copy away that the ledger does not know of.
        let mut tx = self.begin(grant).await?;
        let counted = i64::try_from(size).map_err(|_| Error::Ledger("the log is full".to_owned()))?;
        tx.conn()
            .await?
            .exec(
                "INSERT INTO backup (id, at_us, last_us, size) VALUES ($1, $2, $3, $4)",
                binds![id, made, last, counted],
            )
            .await?;
        tx.commit(self.act(grant, ("backup", id))).await?;
        std::fs::rename(part, to).map_err(|e| file(to, &e))?;
        let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| file(folder, &e))?;
        Ok(BackupMade { id, made, last, tables: tables.len(), rows, sha256, size })
    }
}

/// Beside the file, so that the rename stays on one file system.
fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    to.with_file_name(name)
}

/// Names of our own tables and columns, and placeholders: nothing else enters these texts.
fn safe(sql: String) -> SqlStr {
    AssertSqlSafe(sql).into_sql_str()
}

/// Copies one table by its key, a page at a time.
async fn copy(conn: &mut Conn, out: &mut Out, table: &Table, progress: impl Fn(u64) + Send) -> Result<Counted, Error> {
    let (name, columns, key) = (table.name, table.list(), table.key.join(", "));
    let first = format!("SELECT {columns} FROM {name} ORDER BY {key} LIMIT $1");
    let places: Vec<String> = (2..table.key.len() + 2).map(|n| format!("${n}")).collect();
    let after = format!("SELECT {columns} FROM {name} WHERE ({key}) > ({}) ORDER BY {key} LIMIT $1", places.join(", "));
    out.hash = Sha256::new();
    out.line(&Head {
        table: name.to_owned(),
        columns: table.columns.iter().map(|(column, _)| (*column).to_owned()).collect(),
    })?;
    let (mut rows, mut last): (u64, Option<Vec<Value>>) = (0, None);
    loop {
        let (sql, mut binds) = (if last.is_none() { &first } else { &after }, binds![PAGE]);
        binds.extend(last.into_iter().flatten());
        let page: Vec<Cells> = conn.rows(safe(sql.clone()), binds).await?;
        let Some(end) = page.last() else { break };
        let wrong = || Error::Inconsistent { table: name, column: "a column" };
        last = Some(cells::key(table, end).ok_or_else(wrong)?);
        for row in page {
            let line: Option<Vec<_>> =
                table.columns.iter().zip(&row.0).map(|((_, kind), cell)| cells::to_json(*kind, cell)).collect();
            out.line(&line.ok_or_else(wrong)?)?;
            rows += 1;
        }
        progress(rows);
    }
    let hash: [u8; 32] = out.hash.clone().finalize().into();
    Ok(Counted { table: name.to_owned(), rows, sha256: hex::encode(hash) })
}

/// The file under way.
struct Out {
    path: PathBuf,
    file: BufWriter<File>,
    /// Of the table under way.
    hash: Sha256,
    /// Of the whole file.
    whole: Sha256,
}

impl Out {
    fn new(path: &Path) -> Result<Self, Error> {
        let made = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
        let made = made.map_err(|e| file(path, &e))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(1 << 20, made),
            hash: Sha256::new(),
            whole: Sha256::new(),
        })
    }

    /// Writes a line and takes it into the hash; returns the line's own.
    fn line(&mut self, value: &impl Serialize) -> Result<String, Error> {
        let mut line = serde_json::to_vec(value).map_err(|_| BackupFault::Format)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.whole.update(&line);
        self.file.write_all(&line).map_err(|e| file(&self.path, &e))?;
        let own: [u8; 32] = Sha256::digest(&line).into();
        Ok(hex::encode(own))
    }

    /// Makes it last; its SHA-256.
    fn finish(self) -> Result<String, Error> {
        let path = self.path;
        let written = self.file.into_inner().map_err(|e| file(&path, e.error()))?;
        written.sync_all().map_err(|e| file(&path, &e))?;
        let hash: [u8; 32] = self.whole.finalize().into();
        Ok(hex::encode(hash))
    }
}
