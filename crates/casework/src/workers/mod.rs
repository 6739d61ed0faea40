//! Workers: what happens without anybody asking. Each runs one round when called; a server calls them on a beat, a
//! command calls them before an inbox is read.

mod bulk;
mod letters;
mod outbox;
mod second;
mod silent;
mod sweeper;

pub use bulk::BulkRound;
#[cfg(test)]
pub(crate) use letters::LONGEST_ROUND;
pub use letters::Posted;

use model::AgencyId;
use policy::{Action, Facts, Grant, Principal};
use store::{CaseFacts, Pending, Stage};

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::Detail;
use crate::verbs::look::{Look, Looking};

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Submissions looked at that a crash had left.
    pub swept: usize,
    /// Submissions whose silent postings were asked.
    pub heard: usize,
    /// Submissions looked at a second time.
    pub second: usize,
    /// Slices of bulk jobs worked.
    pub bulk: usize,
    /// Notices handed over.
    pub delivered: u64,
    /// Events integrated.
    pub sequenced: usize,
    /// Submissions whose look failed, and bulk jobs that could not go on: they come again next round.
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

    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.failed += other.failed;
    }
}

/// Submissions one round takes of each stage.
const MOST: i64 = 500;

/// Most submissions and most identifiers one transaction of a worker takes: it must not hold the others up.
const TOGETHER: (usize, usize) = (256, 5_000);

/// Somebody's submission, taken up by a worker in its own name.
struct TakenUp {
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

    fn look<'a>(&'a self, grant: &'a Grant, stage: Stage) -> Look<'a> {
        Look { grant, looking: self.looking(stage), detail: &self.detail }
    }
}

/// Submissions that one transaction takes together, by one grant.
struct Lot {
    grant: Grant,
    taken: Vec<TakenUp>,
}

impl Lot {
    /// The same submissions, in parts that one transaction can take.
    fn parts(&self) -> Vec<&[TakenUp]> {
        let (mut parts, mut from, mut identifiers) = (Vec::new(), 0, 0);
        for (at, one) in self.taken.iter().enumerate() {
            if at > from && (at - from >= TOGETHER.0 || identifiers + one.detail.asked.len() > TOGETHER.1) {
                parts.extend(self.taken.get(from..at));
                (from, identifiers) = (at, 0);
            }
            identifiers += one.detail.asked.len();
        }
        parts.extend(self.taken.get(from..).filter(|rest| !rest.is_empty()));
        parts
    }
}

impl Desk {
    /// Reads what the looks at these submissions need; one whose submitter is gone without a trace is left out.
    async fn take_up(&self, worker: &'static str, action: Action, pending: Vec<Pending>) -> Result<Lot, Error> {
        let nothing = uuid::Uuid::nil();
        let worker = Principal::worker(worker);
        let grant = self.allow(&worker, action, &Facts::default(), ("submission", nothing), self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let bytes = tx.submission_details(&pending).await?;
        let act = self.store.act(&grant, ("submission", nothing)).shown(pending.iter().map(|p| p.id.into()));
        tx.commit(act).await?;
        let submitters = self.store.submitters(&pending.iter().map(|p| p.member).collect::<Vec<_>>()).await?;
        let cases = self.store.case_facts_of(&pending.iter().filter_map(|p| p.case).collect::<Vec<_>>()).await?;
        let mut taken = Vec::with_capacity(pending.len());
        for (pending, bytes) in pending.into_iter().zip(bytes) {
            let Some(viewer) = submitters.get(&pending.member).cloned() else { continue };
            let case = pending.case.and_then(|id| cases.get(&id).cloned());
            taken.push(TakenUp { pending, detail: Detail::from_bytes(&bytes)?, viewer, case });
        }
        Ok(Lot { grant, taken })
    }

    /// Looks at a lot, many at once; where that fails, one by one, so that one that fails does not stop the others.
    async fn look_at(&self, lot: &Lot, stage: Stage) -> Round {
        let mut round = Round::default();
        for part in lot.parts() {
            let looks: Vec<_> = part.iter().map(|t| t.look(&lot.grant, stage)).collect();
            let together = again!(async { self.look_all(&looks).await });
            if together.is_ok_and(|answers| stage == Stage::Second || answers.len() == part.len()) {
                round.done += part.len();
                continue;
            }
            for one in part {
                let looked = again!(async { self.look(one.look(&lot.grant, stage)).await });
                // "Exists": the request itself finished it meanwhile.
                round.count(matches!(looked, Ok(_) | Err(Error::Store(store::Error::Exists(_)))));
            }
        }
        round
    }

    /// One round of every worker. `spare`: an agency whose own submissions are left for another command, so that the time
    /// an agency's command takes can never depend on what its own question met among silent entries (invariant 9).
    pub async fn work(&self, spare: Option<AgencyId>) -> Result<Settled, Error> {
        let (swept, heard, second) = (self.sweep().await?, self.hear(spare).await?, self.look_again(spare).await?);
        // Not for another command's sake: an officer who opens the inbox does not wait for somebody's file.
        let bulk = if spare.is_none() { self.work_bulk().await? } else { BulkRound::default() };
        Ok(Settled {
            swept: swept.done,
            heard: heard.done,
            second: second.done,
            bulk: bulk.slices,
            delivered: self.deliver().await?,
            sequenced: self.settle_ledger().await?,
            failed: swept.failed + heard.failed + second.failed + bulk.failed,
        })
    }
}
