//! Reads a backup, row by row, and believes none of it before its signature.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::backup::cells::{self, Cell};
use crate::backup::{BackupFault, Counted, FORMAT, Head, Manifest, Signed, Trailer, file};
use crate::error::Error;
use crate::keys::KeyFolder;
use crate::migrate::newest;
use crate::schema::{Table, tables};

/// No row is longer: a line without end must not fill the memory.
const LONGEST_LINE: u64 = 256 << 20;

/// A backup being read.
pub(crate) struct Reader {
    path: PathBuf,
    lines: BufReader<File>,
    line: u64,
    pub manifest: Manifest,
    own_hash: String,
    tables: Vec<Table>,
    /// How many tables were begun.
    begun: usize,
    hash: Sha256,
    rows: u64,
    counted: Vec<Counted>,
    /// The trailer's line and signature, once reached.
    end: Option<(Vec<u8>, Trailer, String)>,
}

impl Reader {
    /// Opens it and reads its manifest, which is believed by nobody yet.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let opened = File::open(path).map_err(|e| file(path, &e))?;
        let mut reader = Self {
            path: path.to_owned(),
            lines: BufReader::with_capacity(1 << 20, opened),
            line: 0,
            manifest: Manifest {
                format: String::new(),
                id: uuid::Uuid::nil(),
                schema: 0,
                made: String::new(),
                made_us: 0,
                last_day: String::new(),
                last_us: 0,
                verifier: String::new(),
                rows: 0,
                size: 0,
                checkpoint: None,
                says: String::new(),
            },
            own_hash: String::new(),
            tables: Vec::new(),
            begun: 0,
            hash: Sha256::new(),
            rows: 0,
            counted: Vec::new(),
            end: None,
        };
        let first = reader.next_line().map_err(|e| match e {
            Error::Backup(BackupFault::CutShort { .. }) => BackupFault::Format.into(),
            e => e,
        })?;
        reader.manifest = serde_json::from_slice(&first).map_err(|_| BackupFault::Format)?;
        if reader.manifest.format != FORMAT {
            return Err(BackupFault::Format.into());
        }
        if reader.manifest.schema > newest() {
            return Err(BackupFault::Newer { have: reader.manifest.schema, known: newest() }.into());
        }
        reader.own_hash = hex::encode(<[u8; 32]>::from(Sha256::digest(&first)));
        reader.tables = tables(reader.manifest.schema);
        Ok(reader)
    }

    /// The tables of its schema.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// A whole line with its newline.
    fn next_line(&mut self) -> Result<Vec<u8>, Error> {
        let mut line = Vec::new();
        (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|e| file(&self.path, &e))?;
        if line.last() != Some(&b'\n') {
            return Err(BackupFault::CutShort { line: self.line }.into());
        }
        self.line = self.line.saturating_add(1);
        Ok(line)
    }

    /// The next row, with the index of its table; none at the end, when every line was counted and hashed.
    pub fn row(&mut self) -> Result<Option<(usize, Vec<Cell>)>, Error> {
        loop {
            if self.end.is_some() {
                return Ok(None);
            }
            let line = self.next_line()?;
            if line.first() == Some(&b'[') {
                let at = self.begun.checked_sub(1).ok_or_else(|| self.changed())?;
                self.hash.update(&line);
                self.rows = self.rows.saturating_add(1);
                let row = self.tables.get(at).and_then(|table| parse(table, &line)).ok_or_else(|| self.changed())?;
                return Ok(Some((at, row)));
            }
            self.end_table();
            if line.starts_with(br#"{"end""#) {
                self.finish(line)?;
            } else {
                self.begin_table(&line)?;
            }
        }
    }

    fn begin_table(&mut self, line: &[u8]) -> Result<(), Error> {
        let head: Head = self.read(line)?;
        let fits = self.tables.get(self.begun).is_some_and(|table| {
            table.name == head.table
                && table.columns.iter().map(|(name, _)| *name).eq(head.columns.iter().map(String::as_str))
        });
        if !fits {
            return Err(self.changed());
        }
        self.begun = self.begun.saturating_add(1);
        (self.hash, self.rows) = (Sha256::new(), 0);
        self.hash.update(line);
        Ok(())
    }

    fn end_table(&mut self) {
        let Some(table) = self.begun.checked_sub(1).and_then(|at| self.tables.get(at)) else { return };
        let hash: [u8; 32] = self.hash.clone().finalize().into();
        self.counted.push(Counted { table: table.name.to_owned(), rows: self.rows, sha256: hex::encode(hash) });
    }

    fn finish(&mut self, mut line: Vec<u8>) -> Result<(), Error> {
        let trailer: Trailer = self.read(&line)?;
        line.pop();
        let last = self.next_line()?;
        let signed: Signed = self.read(&last)?;
        let mut more = [0];
        if self.lines.read(&mut more).map_err(|e| file(&self.path, &e))? > 0 {
            return Err(BackupFault::Changed { what: "something follows its signature".to_owned() }.into());
        }
        self.end = Some((line, trailer, signed.signature));
        Ok(())
    }

    fn read<T: DeserializeOwned>(&self, line: &[u8]) -> Result<T, Error> {
        serde_json::from_slice(line).map_err(|_| self.changed())
    }

    fn changed(&self) -> Error {
        let table = self.begun.checked_sub(1).and_then(|at| self.tables.get(at));
        let what =
            table.map_or_else(|| format!("line {}", self.line), |t| format!("line {}, table {}", self.line, t.name));
        BackupFault::Changed { what }.into()
    }

    /// After the last row: the signature, then that everything is as it was signed. Returns the rows in all.
    ///
    /// # Errors
    /// [`Error::WrongKeys`] when other keys signed it; [`BackupFault::Changed`] names the first part that differs.
    pub fn verify(&self, keys: &KeyFolder) -> Result<u64, Error> {
        let Some((line, trailer, signature)) = &self.end else {
            return Err(BackupFault::CutShort { line: self.line }.into());
        };
        let ours = keys.old_logs().iter().map(|log| log.verifier.clone()).chain([keys.verifier()]);
        let key = ours.into_iter().find(|key| key.to_string() == self.manifest.verifier).ok_or(Error::WrongKeys)?;
        let changed = |what: &str| Error::from(BackupFault::Changed { what: what.to_owned() });
        let signature = hex::decode(signature).map_err(|_| changed("its signature"))?;
        key.verify_statement(FORMAT, line, &signature).map_err(|_| changed("its signature does not fit its end"))?;
        if trailer.manifest != self.own_hash {
            return Err(changed("its first line"));
        }
        for (signed, table) in trailer.tables.iter().zip(&self.tables) {
            if !self.counted.contains(signed) || signed.table != table.name {
                return Err(changed(&format!("table {}", table.name)));
            }
        }
        if trailer.tables.len() != self.tables.len() || self.counted != trailer.tables {
            return Err(changed("the list of its tables"));
        }
        Ok(self.counted.iter().map(|c| c.rows).sum())
    }
}

fn parse(table: &Table, line: &[u8]) -> Option<Vec<Cell>> {
    let row: Vec<Json> = serde_json::from_slice(line).ok()?;
    if row.len() != table.columns.len() {
        return None;
    }
    table.columns.iter().zip(&row).map(|((_, kind), json)| cells::from_json(*kind, json)).collect()
}
