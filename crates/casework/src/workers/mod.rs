//! Workers: what happens without anybody asking. Each runs one round when called; a server calls them on a beat, a
//! command calls them before an inbox is read.

mod outbox;
mod second;
mod silent;
mod sweeper;

use model::AgencyId;
use policy::{Action, Facts, Grant, Principal};
use store::{CaseFacts, Pending, Stage};

use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::detail::Detail;
use crate::verbs::look::Looking;

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Submissions looked at that a crash had left.
    pub swept: usize,
    /// Submissions whose silent postings were asked.
    pub heard: usize,
    /// Submissions looked at a second time.
    pub second: usize,
    /// Notices handed over.
    pub delivered: u64,
    /// Events integrated.
    pub sequenced: usize,
    /// Submissions whose look failed and comes again next round.
    pub failed: usize,
}

/// What one worker did in a round: one submission that fails does not stop the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Submissions it finished.
    pub done: usize,
    /// Submissions that come again next round.
    pub failed: usize,
}

impl Round {
    fn count(&mut self, good: bool) {
        if good { self.done += 1 } else { self.failed += 1 }
    }
}

/// Submissions one round takes of each stage.
const MOST: i64 = 500;

/// Somebody's submission, taken up by a worker in its own name.
struct TakenUp {
    grant: Grant,
    pending: Pending,
    detail: Detail,
    /// The submitter: what they may be shown is decided for them, whoever looks.
    viewer: Principal,
    case: Option<CaseFacts>,
}

impl TakenUp {
    fn looking(&self, stage: Stage) -> Looking<'_> {
        Looking {
            pending: self.pending,
            viewer: &self.viewer,
            lead: self.case.as_ref().map_or(self.pending.member, |c| c.lead),
            supervisor: self.case.as_ref().and_then(|c| c.supervisor),
            stage,
        }
    }
}

impl Desk {
    /// Reads what a look needs; `None` when the submitter is no member any more.
    async fn take_up(&self, worker: &'static str, action: Action, pending: Pending) -> Result<Option<TakenUp>, Error> {
        let object = ("submission", pending.id.into());
        let worker = Principal::worker(worker);
        let grant = self.allow(&worker, action, &Facts::default(), object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let bytes = tx.submission_detail(&pending).await?;
        tx.commit(self.store.act(&grant, object)).await?;
        let Some(viewer) = self.store.submitter(pending.member).await? else { return Ok(None) };
        let case = match pending.case {
            None => None,
            Some(id) => self.store.case_facts_by_id(id).await?,
        };
        Ok(Some(TakenUp { grant, pending, detail: Detail::from_bytes(&bytes)?, viewer, case }))
    }

    /// One round of every worker. `spare`: an agency whose own submissions are left for another command, so that the time
    /// an agency's command takes can never depend on what its own question met among silent entries (invariant 9).
    pub async fn work(&self, spare: Option<AgencyId>) -> Result<Settled, Error> {
        let (swept, heard, second) = (self.sweep().await?, self.hear(spare).await?, self.look_again(spare).await?);
        Ok(Settled {
            swept: swept.done,
            heard: heard.done,
            second: second.done,
            delivered: self.deliver().await?,
            sequenced: self.settle_ledger().await?,
            failed: swept.failed + heard.failed + second.failed,
        })
    }
}
