//! The sweeper: finishes within seconds what a crash left between the commit and the look.

use policy::Action;
use store::Stage;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::workers::{MOST, Round};

impl Desk {
    /// Looks at every submission that was not looked at in time; returns how many.
    pub async fn sweep(&self) -> Result<Round, Error> {
        self.store.note_abandoned().await?;
        self.store.installation().await?;
        let before = self.store.clock().now().plus_seconds(-self.clocks.sweep_seconds);
        let mut round = Round::default();
        for pending in self.store.pending(Stage::Look, before, None, MOST).await? {
            let Some(taken) = self.take_up("sweeper", Action::Sweep, pending).await? else { continue };
            let looked = again!(async { self.look(&taken.grant, &taken.looking(Stage::Look), &taken.detail).await });
            // "Exists": the request itself finished it meanwhile.
            round.count(matches!(looked, Ok(_) | Err(Error::Store(store::Error::Exists(_)))));
        }
        Ok(round)
    }
}
