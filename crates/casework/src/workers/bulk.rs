//! Bulk jobs, slice by slice. A worker holds a job for a while; after each slice it writes how far it came, in a small
//! transaction in which the slice's part of the upload leaves, and sees whether the job was cancelled. A crash loses
//! nothing and does nothing twice: a slice is a request whose id follows from job and slice.
//!
//! A slice is asked or submitted in the name of whoever asked for the job, by grants made for it at that moment: who left,
//! was suspended or whose case was closed stops it.

use std::collections::BTreeMap;

use model::{AgencyId, BulkId, BulkState, BulkVerb, EntryDraft, Micros, SubmissionId};
use policy::{Action, Facts, Grant, Principal, Standing};
use sha2::{Digest, Sha256};
use store::{BulkHeld, BulkRow, NewNotice, Tx};
use uuid::Uuid;

use crate::answer::Answer;
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::bulk::{
    BulkAnswer, Order, Said, bytes, drafts_of, facts_of, merged, read, slice_request, stated_purpose,
};
use crate::verbs::check::CheckOrder;
use crate::verbs::detail::Detail;
use crate::verbs::submit::SubmitOrder;

/// What one round of the worker of bulk jobs did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BulkRound {
    /// Slices worked.
    pub slices: usize,
    /// Jobs that came to their end.
    pub ended: usize,
    /// Jobs that could not go on now and come again.
    pub failed: usize,
    /// There is more to do at once.
    pub more: bool,
}

/// Jobs one round looks at.
const MOST: i64 = 64;
/// Slices whose answers are read at once.
const TOGETHER: usize = 32;
/// A job that has something left to do in a while.
const SOON_SECONDS: i64 = 30;

/// Why a slice was not worked.
enum Stop {
    /// It can never be: said in words.
    Never(String),
    /// Not now.
    Later(Error),
}

impl From<Error> for Stop {
    fn from(e: Error) -> Self {
        match e {
            Error::Refused(_) | Error::File { .. } | Error::Argument { .. } | Error::NotFound(_) => {
                Self::Never(e.to_string())
            }
            later => Self::Later(later),
        }
    }
}

impl From<store::Error> for Stop {
    fn from(e: store::Error) -> Self {
        Self::Later(e.into())
    }
}

/// A job being worked.
struct Working {
    grant: Grant,
    row: BulkRow,
    held: BulkHeld,
}

impl Working {
    fn object(&self) -> (&'static str, Uuid) {
        ("bulk job", self.held.facts.id.into())
    }
}

impl Desk {
    /// One round: takes the jobs that are due, those that wait longest first, and works slices of them, at most as many as
    /// the limits say. One that fails does not stop the others.
    pub async fn work_bulk(&self) -> Result<BulkRound, Error> {
        let mut round = BulkRound::default();
        let worker: Uuid = self.request().into();
        let due = self.store.bulk_due(self.store.clock().now(), MOST).await?;
        for (agency, id) in due {
            if round.slices >= self.limits.slices_a_round {
                round.more = true;
                break;
            }
            if self.work_job(agency, id, worker, &mut round).await.is_err() {
                // It is held until the lease ends; then a worker comes again.
                round.failed += 1;
            }
        }
        Ok(round)
    }

    fn lease_end(&self) -> Micros {
        self.store.clock().now().plus_seconds(self.limits.lease_seconds)
    }

    async fn work_job(&self, agency: AgencyId, id: BulkId, worker: Uuid, round: &mut BulkRound) -> Result<(), Error> {
        let object = ("bulk job", id.into());
        let who = Principal::worker("bulk");
        let grant = self.allow(&who, Action::RunBulk, &Facts::default(), object, self.request()).await?;
        let taken = again!(async {
            let mut tx = self.store.begin(&grant).await?;
            let row = tx.take_bulk(agency, id, worker, self.lease_end()).await?;
            let part = match &row {
                Some(row) if row.facts.state == BulkState::Running => tx.bulk_part(&row.facts).await?,
                _ => None,
            };
            tx.commit(self.store.act(&grant, object)).await?;
            Ok(row.map(|row| (row, part)))
        })?;
        let Some((row, part)) = taken else { return Ok(()) };
        let held = BulkHeld { facts: row.facts, worker };
        let at = Working { grant, row, held };
        match at.held.facts.state {
            BulkState::Waiting => {
                let words = "Nobody approved it in time. Nothing of it was worked.";
                self.stop(&at, words, None).await?;
                round.ended += 1;
            }
            BulkState::Running => self.run(&at, part, round).await?,
            _ if !at.row.answered => self.answer_early(&at).await?,
            _ => self.forget(&at).await?,
        }
        Ok(())
    }

    /// Works slices until the job ends, is ended, or the round has enough.
    async fn run(&self, at: &Working, mut part: Option<(i64, Vec<u8>)>, round: &mut BulkRound) -> Result<(), Error> {
        loop {
            let Some((number, bytes)) = part else {
                round.ended += 1;
                return self.finish(at).await;
            };
            if round.slices >= self.limits.slices_a_round {
                round.more = true;
                return self.let_go(at, Some(self.store.clock().now())).await;
            }
            let drafts = drafts_of(&bytes)?;
            let values = i64::try_from(drafts.len()).map_err(|_| store::Error::Failed)?;
            match self.slice(at, number, drafts).await {
                Ok(()) => round.slices += 1,
                Err(Stop::Later(e)) => return Err(e),
                Err(Stop::Never(why)) => {
                    let words =
                        format!("It could not go on: {why}. What was worked before stays, and its answer lists it.");
                    let now = self.store.clock().now();
                    self.stop(at, &words, Some(now)).await?;
                    (round.ended, round.more) = (round.ended + 1, true);
                    return Ok(());
                }
            }
            let now = self.store.clock().now();
            let next = again!(async {
                let mut tx = self.store.begin(&at.grant).await?;
                let ours = tx.advance_bulk(&at.held, number, values, self.lease_end()).await?;
                let next = match ours {
                    true => Some(tx.bulk_part(&at.held.facts).await?),
                    false => {
                        // Ended meanwhile: a worker comes for its answer. In another's hands nothing of this is written.
                        tx.release_bulk(&at.held, Some(now)).await?;
                        None
                    }
                };
                tx.commit(self.store.act(&at.grant, at.object())).await?;
                Ok(next)
            })?;
            match next {
                Some(next) => part = next,
                None => {
                    round.more = true;
                    return Ok(());
                }
            }
        }
    }

    /// One slice, in the asker's name.
    async fn slice(&self, at: &Working, part: i64, drafts: Vec<EntryDraft>) -> Result<(), Stop> {
        let of = at.held.facts;
        let order: Order = read(&at.row.order, "sealed")?;
        let gone = |why: &str| Stop::Never(why.to_owned());
        let who = self.store.principal(&of.member.to_string()).await?;
        let Some(who) = who.filter(|w| w.agency == of.agency) else {
            return Err(gone("who asked for it is no member of the agency any more"));
        };
        let standing = if at.row.signed_in { Standing::Credential } else { Standing::Asserted };
        let who = Principal { standing, ..who };
        let request = slice_request(of.id, part);
        let case = self.job_case(of.case).await?;
        if !case.as_ref().is_some_and(|c| c.status.is_worked()) {
            return Err(gone("the case is closed, or went to another agency"));
        }
        let facts = facts_of(&of, case.as_ref());
        // Still somebody who may ask for as much? What the slice itself needs is asked by check or submit.
        let _still = self.allow(&who, Action::AskBulk, &facts, at.object(), request).await?;
        let number = model::CaseNumber::parse(&order.case).map_err(Error::argument("case"))?;
        let purpose = stated_purpose(&order.purpose, of.id, at.row.authority, &order.process)
            .map_err(Error::argument("purpose"))?;
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"bulk slice")
            .chain_update(of.id.as_bytes())
            .chain_update(part.to_be_bytes())
            .finalize()
            .into();
        let digest = store::RequestDigest::from(digest);
        let reading = exchange::Reading::of(exchange::Format::Csv, drafts);
        let file = order.file;
        // The job was approved for its whole size: its slices are not "many".
        match at.row.verb {
            BulkVerb::Check => {
                let order = CheckOrder { purpose, case: Some(number), nexus: None, file, reading, request };
                self.check_as(&who, order, digest, false, true).await?;
            }
            BulkVerb::Submit => {
                let labels = order.labels;
                let order = SubmitOrder {
                    marking: labels.marking,
                    reliability: labels.reliability,
                    validity: labels.validity,
                    level: labels.level,
                    ..SubmitOrder::new(number, file, reading, request)
                };
                self.submit_as(&who, order, digest, false, Some(&purpose)).await?;
            }
        }
        Ok(())
    }

    /// All of it was worked: its answer, and a word to the asker.
    async fn finish(&self, at: &Working) -> Result<(), Error> {
        let of = at.held.facts;
        let Some((answer, _)) = self.answered_so_far(at).await? else {
            return self.let_go(at, Some(self.store.clock().now().plus_seconds(SOON_SECONDS))).await;
        };
        let answer = bytes(&answer)?;
        let words =
            format!("Bulk job {} is done: {} of {} values. Its answer is there.", of.id, at.row.total, at.row.total);
        again!(async {
            let mut tx = self.store.begin(&at.grant).await?;
            let ended = tx.end_bulk(&at.held, BulkState::Done, None, Some(&answer), self.forgets_at(at)).await?;
            if ended {
                tx.notify(vec![self.to_asker(at, "done", &words)]).await?;
            } else {
                tx.release_bulk(&at.held, Some(self.store.clock().now())).await?;
            }
            tx.commit(self.store.act(&at.grant, at.object()).bind("answer", &answer)).await?;
            Ok(())
        })
    }

    /// It ends without being done, in words.
    async fn stop(&self, at: &Working, words: &str, next: Option<Micros>) -> Result<(), Error> {
        let said = bytes(&Said { by: None, words: Some(words.to_owned()) })?;
        let note = format!("Bulk job {} ended. {words}", at.held.facts.id);
        again!(async {
            let mut tx = self.store.begin(&at.grant).await?;
            if tx.end_bulk(&at.held, BulkState::Failed, Some(&said), None, next).await? {
                tx.notify(vec![self.to_asker(at, "failed", &note)]).await?;
            } else {
                tx.release_bulk(&at.held, Some(self.store.clock().now())).await?;
            }
            tx.commit(self.store.act(&at.grant, at.object()).bind("ended", note.as_bytes())).await?;
            Ok(())
        })
    }

    /// A job that was ended early gets the answer of what was worked.
    async fn answer_early(&self, at: &Working) -> Result<(), Error> {
        let Some((answer, done)) = self.answered_so_far(at).await? else {
            return self.let_go(at, Some(self.store.clock().now().plus_seconds(SOON_SECONDS))).await;
        };
        if done == 0 {
            return self.let_go(at, None).await;
        }
        let answer = bytes(&answer)?;
        again!(async {
            let mut tx = self.store.begin(&at.grant).await?;
            tx.answer_bulk(&at.held, done, &answer, self.forgets_at(at)).await?;
            tx.commit(self.store.act(&at.grant, at.object()).bind("answer", &answer)).await?;
            Ok(())
        })
    }

    /// When what a question met nothing with can be forgotten: after the last look at it.
    fn forgets_at(&self, at: &Working) -> Option<Micros> {
        let seconds = self.clocks.second_look_seconds.saturating_add(SOON_SECONDS);
        (at.row.verb == BulkVerb::Check).then(|| self.store.clock().now().plus_seconds(seconds))
    }

    fn to_asker(&self, at: &Working, about: &str, words: &str) -> NewNotice {
        let of = at.held.facts;
        self.job_note(of.member, &of, about, self.store.clock().now(), words)
    }

    async fn let_go(&self, at: &Working, next: Option<Micros>) -> Result<(), Error> {
        again!(async {
            let mut tx = self.store.begin(&at.grant).await?;
            tx.release_bulk(&at.held, next).await?;
            tx.commit(self.store.act(&at.grant, at.object())).await?;
            Ok(())
        })
    }

    /// The submissions of a job's slices that were made, by their place in it.
    async fn slices(&self, at: &Working) -> Result<BTreeMap<i64, SubmissionId>, Error> {
        let of = at.held.facts;
        let parts = at.row.total.saturating_add(at.row.slice - 1) / at.row.slice.max(1);
        let requests: Vec<_> = (0..parts).map(|part| slice_request(of.id, part)).collect();
        let made = self.store.earlier_of(of.agency, &requests).await?;
        let found = (0_i64..).zip(requests).filter_map(|(part, request)| Some((part, made.get(&request)?.submission)));
        Ok(found.collect())
    }

    /// The answers of all slices that were made, as one, and how many values they had. None while one waits for its look.
    async fn answered_so_far(&self, at: &Working) -> Result<Option<(BulkAnswer, i64)>, Error> {
        let slices = self.slices(at).await?;
        let ids: Vec<SubmissionId> = slices.values().copied().collect();
        let mut given = BTreeMap::new();
        for some in ids.chunks(TOGETHER) {
            let mut tx = self.store.view(&at.grant).await?;
            given.extend(tx.slice_answers(&at.held.facts, some).await?);
            self.shown(tx, at, some).await?;
        }
        let mut answers: Vec<Answer> = Vec::with_capacity(ids.len());
        let mut done = 0;
        for (part, id) in &slices {
            let Some(bytes) = given.remove(id) else { return Ok(None) };
            answers.push(read(&bytes, "answer")?);
            done += at.row.slice.min(at.row.total - part * at.row.slice);
        }
        Ok(Some((merged(&at.row, answers)?, done)))
    }

    async fn shown(&self, tx: Tx, at: &Working, slices: &[SubmissionId]) -> Result<(), Error> {
        let act = self.store.act(&at.grant, at.object()).shown(slices.iter().map(|id| (*id).into()));
        Ok(tx.commit(act).await?)
    }

    /// What the slices of a question asked and met nothing with is kept no longer than the last look needs it.
    async fn forget(&self, at: &Working) -> Result<(), Error> {
        let of = at.held.facts;
        let ids: Vec<SubmissionId> = self.slices(at).await?.into_values().collect();
        for some in ids.chunks(TOGETHER) {
            let mut tx = self.store.view(&at.grant).await?;
            let looked_at = tx.slices_looked_at(&of, some).await?;
            self.shown(tx, at, some).await?;
            if looked_at.len() < some.len() {
                return self.let_go(at, Some(self.store.clock().now().plus_seconds(SOON_SECONDS))).await;
            }
            let mut kept = BTreeMap::new();
            for slice in looked_at {
                let mut detail = Detail::from_bytes(&slice.detail)?;
                detail.forget_misses(&read::<Answer>(&slice.answer, "answer")?);
                kept.insert(slice.submission, detail.to_bytes()?);
            }
            again!(async {
                let mut tx = self.store.begin(&at.grant).await?;
                tx.forget_misses(&of, &kept).await?;
                self.shown(tx, at, some).await?;
                Ok(())
            })?;
        }
        self.let_go(at, None).await
    }
}
