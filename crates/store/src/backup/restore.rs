//! Brings a backup back into an empty database, and ends again what ended since it was made.
//!
//! All rows are one transaction: after a crash the database is empty and `restore` is run again, or whole. The new log
//! that a database behind its last signature needs comes after; until it is begun nothing is signed (Error::Behind).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use model::{CaseStatus, Chance, Clock, Micros};
use policy::{Action, Grant};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use uuid::Uuid;

use crate::backup::BackupFault;
use crate::backup::cells::{Cell, bind};
use crate::backup::read::Reader;
use crate::db::{Conn, Value, binds};
use crate::error::Error;
use crate::events::{head, push_events};
use crate::keys::{KeyFolder, Remembered};
use crate::migrate;
use crate::new_log::{NewLog, NewLogReason};
use crate::pools::{Place, Settings, connect};
use crate::rows::entries::EntryState;
use crate::rows::installation::{Fit, fit};
use crate::schema::{Table, tables};
use crate::store::Store;

/// What it takes to restore: as for [`Store::open`], and the backup.
pub struct RestoreOrder {
    /// Where to: an empty database of either engine.
    pub place: Place,
    /// What only tests change.
    pub settings: Settings,
    /// The folder with the keys of the installation that was backed up.
    pub keys: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The chance.
    pub chance: Arc<dyn Chance>,
    /// Where acts come from (CJIS AU-3).
    pub origin: String,
    /// The backup.
    pub file: PathBuf,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup's id.
    pub backup: Uuid,
    /// When it was made: what was done since is lost.
    pub made: Micros,
    /// Rows in it.
    pub rows: u64,
    /// Entries that ended since and were ended again.
    pub entries_ended: u64,
    /// Cases that were closed since and were closed again.
    pub cases_closed: u64,
    /// The new log, when what was signed since is lost; otherwise the log goes on.
    pub new_log: Option<NewLog>,
}

/// Rows written in one statement.
const BATCH: usize = 256;

impl Store {
    /// Restores a backup. `progress` is told the rows done and the rows in all, twice: while the file is checked, before
    /// anything is touched, and while its rows are written.
    ///
    /// # Errors
    /// [`BackupFault`] says what is wrong with the file or the place; [`Error::WrongKeys`] when the keys are another
    /// installation's. In both cases the database is as it was.
    pub async fn restore(
        order: &RestoreOrder,
        grant: &Grant,
        progress: impl Fn(u64, u64) + Send + Sync,
    ) -> Result<Restored, Error> {
        if !matches!(grant.action(), Action::Restore) {
            return Err(Error::WrongGrant { granted: grant.action().word(), needed: Action::Restore.word() });
        }
        let keys = KeyFolder::open(&order.keys)?;
        let mut reader = Reader::open(&order.file)?;
        let mut seen = 0;
        while reader.row()?.is_some() {
            seen += 1;
            progress(seen.min(reader.manifest.rows), reader.manifest.rows); // believed by nobody yet
        }
        let all = reader.verify(&keys)?;
        if order.clock.now().0 > reader.manifest.last_us {
            return Err(BackupFault::Over { last: reader.manifest.last_day.clone() }.into());
        }
        let pools = connect(&order.place, &order.settings)?;
        // Before the schema is touched: a database that is in use stays as it is.
        let mut conn = pools.reading().await?;
        for table in tables(migrate::version_of(&mut conn).await?) {
            empty(&mut conn, &table).await?;
        }
        conn.commit().await?;
        migrate::migrate(&pools, order.settings.partitioned, reader.manifest.schema, |_, _| ()).await?;
        let remembered = keys.ended()?;
        let sources = (order.clock.clone(), order.chance.clone());
        let store = Self::assemble(&order.place, order.settings.clone(), pools, keys, sources, &order.origin)?;
        let written = store.write_rows(grant, order, remembered, |n| progress(n, all)).await;
        store.close().await;
        let mut restored = written?;
        let store = order.open().await?;
        let begun = async {
            let mut conn = store.reading().await?;
            let (size, verifier) = head(&mut conn).await?;
            conn.commit().await?;
            let keys = store.keys();
            let behind =
                verifier != keys.verifier().to_string() || keys.kept_checkpoint()?.is_some_and(|kept| kept.size > size);
            if behind { store.new_log(grant, NewLogReason::Restored).await.map(Some) } else { Ok(None) }
        }
        .await;
        store.close().await;
        restored.new_log = begun?;
        Ok(restored)
    }

    async fn write_rows(
        &self,
        grant: &Grant,
        order: &RestoreOrder,
        remembered: Remembered,
        progress: impl Fn(u64) + Send,
    ) -> Result<Restored, Error> {
        // Read a second time, and checked a second time: the file may have changed since.
        let mut reader = Reader::open(&order.file)?;
        let mut conn = self.writing().await?;
        // The place may be of a newer schema than the backup.
        let have = migrate::version_of(&mut conn).await?;
        for table in tables(have) {
            empty(&mut conn, &table).await?;
        }
        let all: Vec<Table> = reader.tables().to_vec();
        let mut again = EndAgain { remembered, tokens: BTreeSet::new(), entries: 0, cases: 0, shown: Vec::new() };
        let (mut under_way, mut batch, mut done): (usize, Vec<Vec<Value>>, u64) = (0, Vec::new(), 0);
        while let Some((at, row)) = reader.row()? {
            if at != under_way || batch.len() >= BATCH {
                flush(&mut conn, all.get(under_way), &mut batch).await?;
                progress(done);
                under_way = at;
            }
            done += 1;
            let Some(table) = all.get(at) else { continue };
            let Some(row) = again.apply(table, row) else { continue };
            let row: Option<Vec<Value>> =
                table.columns.iter().zip(row).map(|((_, kind), cell)| bind(*kind, cell)).collect();
            batch.push(row.ok_or_else(|| BackupFault::Changed { what: format!("table {}", table.name) })?);
        }
        flush(&mut conn, all.get(under_way), &mut batch).await?;
        reader.verify(self.keys())?;
        if fit(&mut conn, &self.0.ring, self.keys()).await? != Fit::Same {
            return Err(Error::WrongKeys);
        }
        let act = self.act(grant, ("backup", reader.manifest.id)).shown(again.shown);
        push_events(&mut conn, &[&act]).await?;
        conn.commit().await?;
        progress(done);
        Ok(Restored {
            backup: reader.manifest.id,
            made: Micros(reader.manifest.made_us),
            rows: done,
            entries_ended: again.entries,
            cases_closed: again.cases,
            new_log: None,
        })
    }
}

impl RestoreOrder {
    async fn open(&self) -> Result<Store, Error> {
        let keys = KeyFolder::open(&self.keys)?;
        let (clock, chance) = (self.clock.clone(), self.chance.clone());
        Store::open(&self.place, self.settings.clone(), keys, clock, chance, &self.origin).await
    }
}

async fn empty(conn: &mut Conn, table: &Table) -> Result<(), Error> {
    #[derive(sqlx::FromRow)]
    struct One {
        #[allow(dead_code, reason = "that there is one is the answer")]
        n: i64,
    }
    let sql = AssertSqlSafe(format!("SELECT CAST(1 AS BIGINT) AS n FROM {} LIMIT 1", table.name)).into_sql_str();
    let there: Option<One> = conn.maybe(sql, binds![]).await?;
    if there.is_some() { Err(BackupFault::NotEmpty { table: table.name }.into()) } else { Ok(()) }
}

async fn flush(conn: &mut Conn, table: Option<&Table>, batch: &mut Vec<Vec<Value>>) -> Result<(), Error> {
    let rows = std::mem::take(batch);
    if let Some(table) = table.filter(|_| !rows.is_empty()) {
        conn.insert(&format!("INSERT INTO {} ({})", table.name, table.list()), "", rows).await?;
    }
    Ok(())
}

/// Ends again, while the rows pass, what ended since the backup was made. Ending is final, so that all that is remembered
/// can be ended again, whenever it was.
struct EndAgain {
    remembered: Remembered,
    /// Values whose count must be taken anew: bucket, space, token.
    tokens: BTreeSet<(i64, i64, Vec<u8>)>,
    entries: u64,
    cases: u64,
    /// What was ended again, for the event.
    shown: Vec<Uuid>,
}

impl EndAgain {
    /// The row as it is to be; none when it goes.
    fn apply(&mut self, table: &Table, mut row: Vec<Cell>) -> Option<Vec<Cell>> {
        match table.name {
            "case_file" => {
                let ended = id(table, &row, "id").and_then(|case| self.remembered.cases.get(&case).copied());
                let open = int(table, &row, "status") != Some(CaseStatus::Closed.code());
                if let Some((outcome, at)) = ended.filter(|_| open) {
                    set(table, &mut row, "status", CaseStatus::Closed.code());
                    set(table, &mut row, "outcome", outcome);
                    set(table, &mut row, "closed_us", at.0);
                    next_version(table, &mut row);
                    self.cases += 1;
                    self.shown.extend(id(table, &row, "id"));
                }
            }
            "entry" => {
                let living = [EntryState::Live, EntryState::Kept, EntryState::Asked].map(EntryState::code);
                let lives = int(table, &row, "state").is_some_and(|state| living.contains(&state));
                if let Some(state) = self.state(table, &row, "id").filter(|_| lives) {
                    set(table, &mut row, "state", state);
                    next_version(table, &mut row);
                    self.entries += 1;
                    self.shown.extend(id(table, &row, "id"));
                }
            }
            "posting" | "silent_posting" if self.state(table, &row, "entry").is_some() => {
                self.tokens.extend(token(table, &row));
                return None;
            }
            "word" if self.names_ended(table, &row) => return None,
            // It comes after the postings: the next look counts anew.
            "token_count" if token(table, &row).is_some_and(|t| self.tokens.contains(&t)) => return None,
            _ => (),
        }
        Some(row)
    }

    /// Is this a word of an entry that ended?
    fn names_ended(&self, table: &Table, row: &[Cell]) -> bool {
        let key = id(table, row, "place").zip(id(table, row, "found"));
        key.is_some_and(|key| self.remembered.entries.contains_key(&key))
    }

    fn state(&self, table: &Table, row: &[Cell], entry: &str) -> Option<i64> {
        let key = (id(table, row, "case_id")?, id(table, row, entry)?);
        self.remembered.entries.get(&key).copied()
    }
}

fn get<'a>(table: &Table, row: &'a [Cell], column: &str) -> Option<&'a Cell> {
    row.get(table.at(column)?)
}

fn id(table: &Table, row: &[Cell], column: &str) -> Option<Uuid> {
    match get(table, row, column)? {
        Cell::Bytes(bytes) => Uuid::from_slice(bytes).ok(),
        _ => None,
    }
}

fn int(table: &Table, row: &[Cell], column: &str) -> Option<i64> {
    match get(table, row, column)? {
        Cell::Int(n) => Some(*n),
        _ => None,
    }
}

fn set(table: &Table, row: &mut [Cell], column: &str, value: i64) {
    if let Some(cell) = table.at(column).and_then(|at| row.get_mut(at)) {
        *cell = Cell::Int(value);
    }
}

fn next_version(table: &Table, row: &mut [Cell]) {
    if let Some(version) = int(table, row, "row_version") {
        set(table, row, "row_version", version.saturating_add(1));
    }
}

fn token(table: &Table, row: &[Cell]) -> Option<(i64, i64, Vec<u8>)> {
    let Cell::Bytes(token) = get(table, row, "token")? else { return None };
    Some((int(table, row, "bucket")?, int(table, row, "space")?, token.clone()))
}
