//! Backups and what they hold, as a reader of the file sees it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use policy::Action;
use store::{BackupMade, Engine, Error, KeyFolder, Place, RestoreOrder, Restored, Settings, Store};
use testkit::{OsChance, Postgres};

use super::{World, open};

impl World {
    pub async fn backup(&self, name: &str) -> (PathBuf, BackupMade) {
        let to = self.dir.join(name);
        let made = self.store.backup(&self.operator(Action::Backup), &to, None, |_, _| ()).await.unwrap();
        (to, made)
    }

    /// An empty place of this engine.
    pub fn elsewhere(&self, engine: Engine, name: &str) -> Place {
        match engine {
            Engine::Sqlite => Place::Sqlite(self.dir.join(name)),
            Engine::Postgres => Place::Postgres(Postgres::shared().new_database()),
        }
    }

    pub fn order(&self, place: &Place, file: &Path) -> RestoreOrder {
        RestoreOrder {
            place: place.clone(),
            settings: Settings { partitioned: true, trace: None, connections: 0 },
            keys: self.keys(),
            clock: Arc::new(self.clock.clone()),
            chance: Arc::new(OsChance),
            origin: "test".to_owned(),
            file: file.to_owned(),
        }
    }

    pub async fn restore(&self, place: &Place, file: &Path) -> Result<Restored, Error> {
        Store::restore(&self.order(place, file), &self.operator(Action::Restore), |done, all| assert!(done <= all))
            .await
    }

    /// A world on another place with the same keys: what this one becomes after a restore.
    pub async fn moved(self, place: Place) -> Self {
        self.store.close().await;
        let store = open(&place, KeyFolder::open(&self.keys()).unwrap(), &self.clock, &self.trace).await.unwrap();
        Self { store, place, ..self }
    }
}

/// The lines of each table of a backup, its head first.
pub fn tables(file: &Path) -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(file).unwrap();
    let (mut out, mut now) = (BTreeMap::<String, Vec<String>>::new(), String::new());
    for line in text.lines().filter(|l| l.starts_with('[') || l.starts_with("{\"table\"")) {
        if let Some(rest) = line.strip_prefix("{\"table\":\"") {
            now = rest.split('"').next().unwrap().to_owned();
        }
        out.entry(now.clone()).or_default().push(line.to_owned());
    }
    out
}
