//! The sweeper: finishes within seconds what a crash left between the commit and the look.

use policy::{Action, Facts, Principal};
use store::Stage;
use uuid::Uuid;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::workers::{MOST, Round};

/// Entries whose words one transaction gathers, and transactions of one round: others wait for the write lock meanwhile.
const PART: i64 = 1_000;
const PARTS: usize = 8;

impl Desk {
    /// Looks at every submission that was not looked at in time; returns how many.
    pub async fn sweep(&self) -> Result<Round, Error> {
        self.store.note_abandoned().await?;
        self.store.installation().await?;
        self.gather_words().await?;
        let before = self.store.clock().now().plus_seconds(-self.clocks.sweep_seconds);
        let pending = self.store.pending(Stage::Look, before, None, MOST).await?;
        if pending.is_empty() {
            return Ok(Round::default());
        }
        let lot = self.take_up("sweeper", Action::Sweep, pending).await?;
        Ok(self.look_at(&lot, Stage::Look).await)
    }

    /// Gathers the words of what is older than the table of words, a part each round: an upgraded installation is searched
    /// whole some rounds later, and the doctor says how far it is. Once done nothing is asked but whether it is.
    async fn gather_words(&self) -> Result<(), Error> {
        if self.store.words_gathered().await? {
            return Ok(());
        }
        let worker = Principal::worker("sweeper");
        let object = ("words", Uuid::nil());
        let grant = self.allow(&worker, Action::Sweep, &Facts::default(), object, self.request()).await?;
        for _ in 0..PARTS {
            let done = again!(async {
                let mut tx = self.store.begin(&grant).await?;
                let done = tx.gather_words(PART).await?;
                tx.commit(self.store.act(&grant, object)).await?;
                Ok(done)
            })?;
            if done {
                break;
            }
        }
        Ok(())
    }
}
