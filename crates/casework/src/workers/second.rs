//! The second look, ten minutes after the commit: on a cluster a commit reaches shards at different moments. What it
//! finds is an alarm.

use model::AgencyId;
use policy::{Action, Facts, Principal};
use store::Stage;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::Detail;
use crate::verbs::look::Looking;
use crate::workers::MOST;

impl Desk {
    /// Looks again at every submission old enough; returns how many.
    pub async fn look_again(&self, spare: Option<AgencyId>) -> Result<usize, Error> {
        let before = self.store.clock().now().plus_seconds(-self.clocks.second_look_seconds);
        let mut done = 0;
        for pending in self.store.pending(Stage::Second, before, MOST).await? {
            if spare == Some(pending.agency) {
                continue;
            }
            let worker = Principal::worker("second look");
            let grant = self
                .allow(
                    &worker,
                    Action::SecondLook,
                    &Facts::default(),
                    ("submission", pending.id.into()),
                    self.request(),
                )
                .await?;
            let detail = {
                let mut tx = self.store.view(&grant).await?;
                let bytes = tx.submission_detail(&pending).await?;
                tx.commit(self.store.act(&grant, ("submission", pending.id.into()))).await?;
                Detail::from_bytes(&bytes)?
            };
            let Some(viewer) = self.store.principal(&pending.member.to_string()).await? else { continue };
            let case = match pending.case {
                None => None,
                Some(id) => self.store.case_facts_by_id(id).await?,
            };
            let looking = Looking {
                pending,
                viewer: &viewer,
                lead: case.as_ref().map_or(pending.member, |c| c.lead),
                supervisor: case.and_then(|c| c.supervisor),
                stage: Stage::Second,
            };
            again!(async { self.look(&grant, &looking, &detail).await })?;
            done += 1;
        }
        Ok(done)
    }
}
