//! Backups and what brings an installation back: from a backup, or on a copy of its database.

use std::path::{Path, PathBuf};

use model::{Chance, Clock, FreeText, Micros, RequestId};
use policy::{Action, Facts, Grant, Policies, Principal};
use store::{BackupMade, NewLog, NewLogReason, RestoreOrder, Restored, Store};
use uuid::Uuid;

use crate::desk::{Desk, Opening};
use crate::error::Error;

/// What to restore, and where to.
pub struct RestoreFrom {
    /// The empty database, the keys of the installation that was backed up, clock, chance and origin.
    pub opening: Opening,
    /// The backup.
    pub file: PathBuf,
}

impl Desk {
    /// Copies every table into a new file, sealed as it is and without a key. `last`: until when it may be brought back, 35
    /// days from now at most and when none is given. `progress` is told the rows done and the rows in all.
    pub async fn backup(
        &self,
        who: &Principal,
        to: &Path,
        last: Option<Micros>,
        progress: impl Fn(u64, u64) + Send + Sync,
    ) -> Result<BackupMade, Error> {
        self.settle_or_leave().await?;
        let object = ("backup", Uuid::nil());
        let grant = self.allow(who, Action::Backup, &Facts::default(), object, self.request()).await?;
        let made = self.store.backup(&grant, to, last, progress).await?;
        self.settle_or_leave().await?;
        Ok(made)
    }

    /// Nothing is signed on a database that is behind, but it can be copied before anything is done with it.
    async fn settle_or_leave(&self) -> Result<(), Error> {
        match self.settle_ledger().await {
            Err(Error::Store(store::Error::Behind { .. } | store::Error::OldLog | store::Error::Forked { .. })) => {
                Ok(())
            }
            settled => settled.map(|_| ()),
        }
    }

    /// Brings a backup back into an empty database, ends again what ended since, and opens it. Where what was signed since
    /// is lost, a new log begins. `progress` is told the rows done and the rows in all, twice: while the file is checked,
    /// before anything is touched, and while its rows are written.
    pub async fn restore(
        who: &Principal,
        from: RestoreFrom,
        progress: impl Fn(u64, u64) + Send + Sync,
    ) -> Result<(Self, Restored), Error> {
        let Opening { place, keys, clock, chance, origin, settings } = from.opening;
        let grant = may_restore(who, &*clock, &*chance)?;
        let order = RestoreOrder { place, settings, keys, clock, chance, origin, file: from.file };
        let restored = Store::restore(&order, &grant, progress).await?;
        let RestoreOrder { place, settings, keys, clock, chance, origin, .. } = order;
        let desk = Self::open(Opening { place, keys, clock, chance, origin, settings }).await?;
        desk.settle_ledger().await?;
        Ok((desk, restored))
    }

    /// Begins a new log on a copy of the database that was put in its place, and opens it again. `why` is kept and bound.
    pub async fn new_log(who: &Principal, opening: Opening, why: FreeText) -> Result<(Self, NewLog), Error> {
        let Opening { place, keys, clock, chance, origin, settings } = opening;
        let again = || Opening {
            place: place.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            origin: origin.clone(),
            settings: settings.clone(),
        };
        let desk = Self::open(again()).await?;
        let object = ("log", Uuid::nil());
        let grant = desk.allow(who, Action::Restore, &Facts::default(), object, desk.request()).await?;
        let begun = desk.store.new_log(&grant, NewLogReason::CopiedBack(why)).await;
        desk.store.close().await;
        let begun = begun?;
        let desk = Self::open(again()).await?;
        desk.settle_ledger().await?;
        Ok((desk, begun))
    }
}

/// Before there is a database to record a refusal in.
fn may_restore(who: &Principal, clock: &dyn Clock, chance: &dyn Chance) -> Result<Grant, Error> {
    let policies = Policies::built_in().map_err(|e| Error::Policy(e.to_string()))?;
    let request = RequestId::new(clock, chance);
    policy::decide(&policies, who, Action::Restore, &Facts::default(), request)
        .map_err(|denied| Error::Refused(denied.to_string()))
}
