//! The second person's word, and the end before the end.

use model::{BulkId, BulkState, FreeText};
use policy::{Action, Facts, Grant, Principal};
use store::BulkFacts;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::bulk::{Said, bytes, facts_of};

impl Desk {
    /// Approves a colleague's job: a worker takes it up from now on. Never the asker; a supervisor of the same agency.
    ///
    /// # Errors
    /// [`Error::NotNow`] when it waits no more.
    pub async fn approve_bulk(&self, who: &Principal, id: BulkId) -> Result<(), Error> {
        let of = self.own_job(who, Action::ApproveBulk, id).await?;
        let case = self.job_case(of.case).await?;
        let facts = facts_of(&of, case.as_ref());
        let grant = self.allow(who, Action::ApproveBulk, &facts, ("bulk job", id.into()), self.request()).await?;
        self.decide(who, &grant, &of, None).await
    }

    /// Refuses a colleague's job: its upload is gone, and the asker reads why.
    ///
    /// # Errors
    /// [`Error::NotNow`] when it waits no more.
    pub async fn refuse_bulk(&self, who: &Principal, id: BulkId, reason: FreeText) -> Result<(), Error> {
        let of = self.own_job(who, Action::ApproveBulk, id).await?;
        // A closed case is no reason to keep a job.
        let facts = Facts { status_open: true, ..facts_of(&of, None) };
        let grant = self.allow(who, Action::ApproveBulk, &facts, ("bulk job", id.into()), self.request()).await?;
        self.decide(who, &grant, &of, Some(&reason)).await
    }

    async fn decide(
        &self,
        who: &Principal,
        grant: &Grant,
        of: &BulkFacts,
        refusal: Option<&FreeText>,
    ) -> Result<(), Error> {
        if of.state != BulkState::Waiting {
            return Err(self.stands_elsewhere(who, Action::ApproveBulk, of).await);
        }
        let object = ("bulk job", of.id.into());
        let done = again!(async {
            let mut tx = self.store.begin(grant).await?;
            let by = tx.own_name().await?;
            let words = refusal.map(|r| r.as_str().to_owned());
            let note = match refusal {
                None => format!("{by} approved your bulk job {}: it is being worked.", of.id),
                Some(r) => format!("{by} refused your bulk job {}: {}", of.id, r.as_str()),
            };
            tx.decide_bulk(of, refusal.is_none(), &bytes(&Said { by: Some(by), words })?).await?;
            let due = self.store.clock().now();
            tx.notify(vec![self.job_note(of.member, of, "decided", due, &note)]).await?;
            let mut act = self.store.act(grant, object);
            if let Some(reason) = refusal {
                act = act.bind("refused", reason.as_str().as_bytes());
                tx.add_reason(act.id(), "refused", Some(of.case), reason.as_str()).await?;
            }
            tx.commit(act).await?;
            Ok(())
        });
        decided_once(done)
    }

    /// Ends a job that waits or is being worked; its upload is gone. What its finished slices stored stays in the case,
    /// what they met stays in the inbox, and the job's answer lists both. For the asker and the agency's supervisors.
    ///
    /// # Errors
    /// [`Error::NotNow`] when it has ended.
    pub async fn cancel_bulk(&self, who: &Principal, id: BulkId) -> Result<(), Error> {
        let mut tries = 4;
        loop {
            let of = self.own_job(who, Action::CancelBulk, id).await?;
            let object = ("bulk job", id.into());
            let facts = Facts { status_open: true, ..facts_of(&of, None) };
            let grant = self.allow(who, Action::CancelBulk, &facts, object, self.request()).await?;
            if of.state.has_ended() {
                return Err(self.stands_elsewhere(who, Action::CancelBulk, &of).await);
            }
            let done = again!(async {
                let mut tx = self.store.begin(&grant).await?;
                let by = tx.own_name().await?;
                let words = match of.state {
                    BulkState::Running => {
                        format!("{by} ended it. What was worked before stays, and its answer lists it.")
                    }
                    _ => format!("{by} ended it before any of it was worked."),
                };
                let note = format!("Bulk job {id}: {words}");
                tx.cancel_bulk(&of, &bytes(&Said { by: Some(by), words: Some(words) })?).await?;
                if who.member != of.member {
                    let due = self.store.clock().now();
                    tx.notify(vec![self.job_note(of.member, &of, "cancelled", due, &note)]).await?;
                }
                tx.commit(self.store.act(&grant, object)).await?;
                Ok(())
            });
            tries -= 1;
            match done {
                // It was approved or taken up meanwhile: cancelled all the same.
                Err(Error::Store(store::Error::Changed)) if tries > 0 => {}
                done => return decided_once(done),
            }
        }
    }

    async fn stands_elsewhere(&self, who: &Principal, action: Action, of: &BulkFacts) -> Error {
        let words = format!("this job is {}: nothing is left to decide", of.state);
        self.not_now(who, action, ("bulk job", of.id.into()), words).await
    }
}

/// Of two who decide at once one is told so.
fn decided_once(done: Result<(), Error>) -> Result<(), Error> {
    match done {
        Err(Error::Store(store::Error::Changed)) => {
            Err(Error::NotNow("somebody decided on this job meanwhile: look again".to_owned()))
        }
        done => done,
    }
}
