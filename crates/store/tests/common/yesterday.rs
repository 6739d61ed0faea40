//! An old copy of the database, put back.

use std::path::PathBuf;

use store::{KeyFolder, Place, Store};

use super::{World, open};

pub struct Yesterday {
    /// SQLite: a copy of the file. PostgreSQL: copies of the tables beside them.
    file: Option<PathBuf>,
}

fn tables() -> impl Iterator<Item = &'static str> {
    store::PURGE_RULES.iter().map(|(table, _)| *table)
}

impl Yesterday {
    pub async fn copy(w: &World) -> Self {
        let mut raw = w.raw().await;
        let Place::Sqlite(path) = &w.place else {
            for table in tables() {
                raw.exec(&format!("CREATE TABLE yesterdays_{table} AS SELECT * FROM {table}"), &[]).await;
            }
            return Self { file: None };
        };
        // All of it into the one file first.
        assert_eq!(raw.int32("PRAGMA wal_checkpoint(TRUNCATE)").await, 0, "somebody holds the log");
        let file = w.dir.join("yesterday.db");
        std::fs::copy(path, &file).unwrap();
        Self { file: Some(file) }
    }

    /// A process that starts on the old copy with the keys of today.
    pub async fn put_back(self, w: &World) -> Store {
        let place = match self.file {
            Some(file) => Place::Sqlite(file),
            None => {
                let mut raw = w.raw().await;
                for table in tables() {
                    raw.exec(&format!("DELETE FROM {table}"), &[]).await;
                    raw.exec(&format!("INSERT INTO {table} SELECT * FROM yesterdays_{table}"), &[]).await;
                }
                w.place.clone()
            }
        };
        open(&place, KeyFolder::open(&w.keys()).unwrap(), &w.clock, &w.trace).await.unwrap()
    }
}
