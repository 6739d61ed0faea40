//! The sweeper: finishes within seconds what a crash left between the commit and the look.

use policy::Action;
use store::Stage;

use crate::desk::Desk;
use crate::error::Error;
use crate::workers::{MOST, Round};

impl Desk {
    /// Looks at every submission that was not looked at in time; returns how many.
    pub async fn sweep(&self) -> Result<Round, Error> {
        self.store.note_abandoned().await?;
        self.store.installation().await?;
        let before = self.store.clock().now().plus_seconds(-self.clocks.sweep_seconds);
        let pending = self.store.pending(Stage::Look, before, None, MOST).await?;
        if pending.is_empty() {
            return Ok(Round::default());
        }
        let lot = self.take_up("sweeper", Action::Sweep, pending).await?;
        Ok(self.look_at(&lot, Stage::Look).await)
    }
}
