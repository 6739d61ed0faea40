//! The sweeper: finishes within seconds what a crash left between the commit and the look.

use policy::{Action, Facts, Principal};
use store::Stage;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::Detail;
use crate::verbs::look::Looking;
use crate::workers::MOST;

impl Desk {
    /// Looks at every submission that was not looked at in time; returns how many.
    pub async fn sweep(&self) -> Result<usize, Error> {
        self.store.note_abandoned().await?;
        self.store.installation().await?;
        let before = self.store.clock().now().plus_seconds(-self.clocks.sweep_seconds);
        let mut done = 0;
        for pending in self.store.pending(Stage::Look, before, MOST).await? {
            let request = self.request();
            let worker = Principal::worker("sweeper");
            let grant = self
                .allow(&worker, Action::Sweep, &Facts::default(), ("submission", pending.id.into()), request)
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
                stage: Stage::Look,
            };
            let looked = again!(async { self.look(&grant, &looking, &detail).await });
            match looked {
                Ok(_) => done += 1,
                Err(Error::Store(store::Error::Exists(_))) => {} // the request itself finished it meanwhile
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }
}
