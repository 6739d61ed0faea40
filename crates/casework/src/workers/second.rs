//! The second look, ten minutes after the commit: on a cluster a commit reaches shards at different moments. What it
//! finds is an alarm.

use model::AgencyId;
use policy::Action;
use store::Stage;

use crate::desk::Desk;
use crate::error::Error;
use crate::workers::{MOST, Round};

impl Desk {
    /// Looks again at every submission old enough; returns how many.
    pub async fn look_again(&self, spare: Option<AgencyId>) -> Result<Round, Error> {
        let before = self.store.clock().now().plus_seconds(-self.clocks.second_look_seconds);
        let pending = self.store.pending(Stage::Second, before, spare, MOST).await?;
        if pending.is_empty() {
            return Ok(Round::default());
        }
        let lot = self.take_up("second look", Action::SecondLook, pending).await?;
        Ok(self.look_at(&lot, Stage::Second).await)
    }
}
