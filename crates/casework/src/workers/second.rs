//! The second look, ten minutes after the commit: on a cluster a commit reaches shards at different moments. What it
//! finds is an alarm.

use model::AgencyId;
use policy::Action;
use store::Stage;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::workers::{MOST, Round};

impl Desk {
    /// Looks again at every submission old enough; returns how many.
    pub async fn look_again(&self, spare: Option<AgencyId>) -> Result<Round, Error> {
        let before = self.store.clock().now().plus_seconds(-self.clocks.second_look_seconds);
        let mut round = Round::default();
        for pending in self.store.pending(Stage::Second, before, spare, MOST).await? {
            let Some(taken) = self.take_up("second look", Action::SecondLook, pending).await? else { continue };
            let looked = again!(async { self.look(&taken.grant, &taken.looking(Stage::Second), &taken.detail).await });
            round.count(looked.is_ok());
        }
        Ok(round)
    }
}
