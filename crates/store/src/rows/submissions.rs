//! Submissions and checks: what was asked, and how far the looking has come.

use std::collections::{BTreeMap, BTreeSet};

use model::{AgencyId, CaseId, MemberId, Micros, RequestId, SubmissionId};
use policy::Action;
use uuid::Uuid;

use crate::db::{Engine, Value, binds};
use crate::error::Error;
use crate::keys::Place;
use crate::rows::requests::RequestDigest;
use crate::store::Store;
use crate::tx::Tx;

/// Submit leaves entries; check asks and forgets what met nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionVerb {
    /// Entries stay and later matches reach the officer.
    Submit,
    /// Nothing that met nothing is kept.
    Check,
}

impl SubmissionVerb {
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Submit => 1,
            Self::Check => 2,
        }
    }
}

/// A submission on its way into the store.
pub struct NewSubmission<'a> {
    /// Its id.
    pub id: SubmissionId,
    /// Who makes it, by a grant of theirs.
    pub member: MemberId,
    /// In which case; a check by nexus has none.
    pub case: Option<CaseId>,
    /// The request it answers, and
    pub request: RequestId,
    /// what that request asked, by digest.
    pub digest: RequestDigest,
    /// How many postings its entries have.
    pub postings: i64,
    /// Purpose, nexus, and what the look needs to begin: sealed here.
    pub detail: &'a [u8],
}

/// Whose grants make submissions.
const ADDS: [Action; 3] = [Action::Submit, Action::ReceiveTip, Action::Check];

/// Submissions whose rows are made and not yet written.
#[must_use]
pub struct SealedSubmissions {
    by: u64,
    agency: AgencyId,
    requests: Vec<Vec<Value>>,
    rows: Vec<Vec<Value>>,
    details: Vec<Vec<Value>>,
}

/// What was asked stands beside its submission, not in it: SQLite writes a row anew, however long, when a stage of its is
/// marked as done.
pub(crate) const ADD_DETAIL: &str = "INSERT INTO submission_detail (submission, agency, sealed)";

/// A submission that some worker has yet to look at.
#[derive(Debug, Clone, Copy)]
pub struct Pending {
    /// Its id.
    pub id: SubmissionId,
    /// Whose.
    pub agency: AgencyId,
    /// Who made it.
    pub member: MemberId,
    /// In which case; a check by nexus has none.
    pub case: Option<CaseId>,
    /// When.
    pub at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    agency: Uuid,
    member: Uuid,
    case_id: Option<Uuid>,
    at_us: i64,
}

impl From<Row> for Pending {
    fn from(r: Row) -> Self {
        Self {
            id: r.id.into(),
            agency: r.agency.into(),
            member: r.member.into(),
            case: r.case_id.map(Into::into),
            at: Micros(r.at_us),
        }
    }
}

/// What is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The first look, which a crash may have left undone.
    Look,
    /// The look at silent entries, never made in a request.
    Silent,
    /// The second look, ten minutes after the commit.
    Second,
}

pub(crate) fn submission_place(agency: AgencyId, id: &SubmissionId) -> Place<'_> {
    Place { table: "submission", column: "sealed", row: id.as_bytes(), agency }
}

impl Store {
    /// Made this agency this submission or question? For policy: whether there is anything to be asked about.
    pub async fn is_own_submission(&self, agency: AgencyId, id: SubmissionId) -> Result<bool, Error> {
        #[derive(sqlx::FromRow)]
        struct Of {
            #[expect(dead_code, reason = "that there is a row is the answer")]
            id: Uuid,
        }
        let mut conn = self.reading().await?;
        let row: Option<Of> =
            conn.maybe("SELECT id FROM submission WHERE id = $1 AND agency = $2", binds![id, agency]).await?;
        conn.commit().await?;
        Ok(row.is_some())
    }

    /// Submissions a worker has to look at, oldest first, at most `most`; those of `spare` are left out.
    pub async fn pending(
        &self,
        stage: Stage,
        before: Micros,
        spare: Option<AgencyId>,
        most: i64,
    ) -> Result<Vec<Pending>, Error> {
        let spare = spare.map_or_else(Uuid::nil, Uuid::from); // no agency has the nil id
        let mut conn = self.reading().await?;
        let rows: Vec<Row> = match stage {
            Stage::Look => {
                conn.rows(
                    "SELECT id, agency, member, case_id, at_us FROM submission WHERE looked_us IS NULL AND at_us < $1 AND agency <> $2 ORDER BY at_us LIMIT $3",
                    binds![before, spare, most],
                )
                .await?
            }
            Stage::Silent => {
                conn.rows(
                    "SELECT id, agency, member, case_id, at_us FROM submission WHERE silent_us IS NULL AND looked_us IS NOT NULL AND at_us < $1 AND agency <> $2 ORDER BY at_us LIMIT $3",
                    binds![before, spare, most],
                )
                .await?
            }
            Stage::Second => {
                conn.rows(
                    "SELECT id, agency, member, case_id, at_us FROM submission WHERE second_us IS NULL AND looked_us IS NOT NULL AND at_us < $1 AND agency <> $2 ORDER BY at_us LIMIT $3",
                    binds![before, spare, most],
                )
                .await?
            }
        };
        conn.commit().await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl Tx {
    /// Notes submissions before they are looked at.
    ///
    /// # Errors
    /// [`Error::Exists`] when a request id was used already: the caller reads the earlier answer.
    pub async fn add_submissions(&mut self, verb: SubmissionVerb, new: &[NewSubmission<'_>]) -> Result<(), Error> {
        let sealed = self.seal_submissions(verb, new).await?;
        self.keep_submissions(sealed).await
    }

    /// Makes the rows of submissions, and writes nothing yet.
    pub async fn seal_submissions(
        &mut self,
        verb: SubmissionVerb,
        new: &[NewSubmission<'_>],
    ) -> Result<SealedSubmissions, Error> {
        self.needs(&ADDS)?;
        let agency = self.agency();
        if new.iter().any(|s| !self.granted_to(s.member, &ADDS)) {
            return Err(Error::WrongGrant { granted: "somebody else's act", needed: "each submitter's own" });
        }
        let mut new: Vec<&NewSubmission<'_>> = new.iter().collect();
        new.sort_unstable_by_key(|s| s.request); // primary key order: see Conn::insert
        let store = self.store.clone();
        let request =
            |s: &&NewSubmission<'_>| binds![agency, s.request, s.id, store.kept(agency, s.request, &s.digest)];
        let requests = new.iter().map(request).collect::<Vec<Vec<Value>>>();
        let none = Option::<i64>::None;
        let (mut rows, mut details) = (Vec::with_capacity(new.len()), Vec::with_capacity(new.len()));
        for s in new {
            let sealed = self.seal(s.case, submission_place(agency, &s.id), s.detail).await?;
            details.push(binds![s.id, agency, sealed]);
            rows.push(binds![s.id, agency, s.member, s.case, verb.code(), s.postings, none, none, none, none]);
        }
        Ok(SealedSubmissions { by: self.number(), agency, requests, rows, details })
    }

    /// Writes submissions that were sealed here.
    ///
    /// # Errors
    /// [`Error::Exists`] when a request id was used already: the caller reads the earlier answer.
    pub async fn keep_submissions(&mut self, sealed: SealedSubmissions) -> Result<(), Error> {
        self.needs(&ADDS)?;
        let SealedSubmissions { by, agency, requests, mut rows, details } = sealed;
        self.sealed_here(by)?;
        if agency != self.agency() {
            return Err(Error::NotFound("agency"));
        }
        let wanted = u64::try_from(requests.len()).map_err(|_| Error::Failed)?;
        self.conn().await?;
        let now = self.now(); // as in keep_entries
        rows.iter_mut().for_each(|row| row.extend(binds![now]));
        let conn = self.conn().await?;
        let kept = conn
            .insert(
                "INSERT INTO request (agency, id, submission, digest)",
                "ON CONFLICT (agency, id) DO NOTHING",
                requests,
            )
            .await?;
        if kept != wanted {
            return Err(Error::Exists("a request of this id"));
        }
        conn.insert(
            "INSERT INTO submission (id, agency, member, case_id, verb, postings, position, looked_us, silent_us, second_us, at_us)",
            "",
            rows,
        )
        .await?;
        conn.insert(ADD_DETAIL, "", details).await?;
        Ok(())
    }

    /// What [`Tx::add_submissions`] sealed, in the order asked.
    pub async fn submission_details(&mut self, of: &[Pending]) -> Result<Vec<Vec<u8>>, Error> {
        #[derive(sqlx::FromRow)]
        struct Sealed {
            submission: Uuid,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::Look, Action::Sweep, Action::SilentLook, Action::SecondLook])?;
        let keys = of.iter().map(|p| binds![p.id]).collect();
        let rows: Vec<Sealed> = self
            .conn()
            .await?
            .join("SELECT t.submission, t.sealed FROM q CROSS JOIN submission_detail t WHERE t.submission = q.a", keys)
            .await?;
        let mut sealed: BTreeMap<Uuid, Vec<u8>> = rows.into_iter().map(|r| (r.submission, r.sealed)).collect();
        let mut out = Vec::with_capacity(of.len());
        for p in of {
            let sealed = sealed.remove(&p.id.into()).ok_or(Error::NotFound("submission"))?;
            out.push(self.open_sealed(p.case, submission_place(p.agency, &p.id), &sealed).await?);
        }
        Ok(out)
    }

    /// Marks a stage as done and returns those for which it was not. What another worker was first with was then done
    /// twice, harmlessly.
    pub async fn done(&mut self, ids: &[SubmissionId], stage: Stage) -> Result<BTreeSet<SubmissionId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Id {
            id: Uuid,
        }
        self.needs(&[Action::Look, Action::Sweep, Action::SilentLook, Action::SecondLook])?;
        let now = self.now();
        let select = match stage {
            Stage::Look => {
                "UPDATE submission SET looked_us = (SELECT MAX(q.b) FROM q) WHERE id IN (SELECT q.a FROM q) AND looked_us IS NULL RETURNING id"
            }
            Stage::Silent => {
                "UPDATE submission SET silent_us = (SELECT MAX(q.b) FROM q) WHERE id IN (SELECT q.a FROM q) AND silent_us IS NULL RETURNING id"
            }
            Stage::Second => {
                "UPDATE submission SET second_us = (SELECT MAX(q.b) FROM q) WHERE id IN (SELECT q.a FROM q) AND second_us IS NULL RETURNING id"
            }
        };
        let ids = ids.iter().copied().collect::<BTreeSet<_>>();
        if self.conn().await?.engine() == Engine::Postgres {
            return self.done_in_order(ids, stage).await;
        }
        let keys = ids.into_iter().map(|id| binds![id, now]).collect();
        let fresh: Vec<Id> = self.conn().await?.join(select, keys).await?;
        Ok(fresh.into_iter().map(|row| row.id.into()).collect())
    }

    /// One by one, in order: two workers never wait for each other crosswise, and each touches one shard.
    async fn done_in_order(
        &mut self,
        ids: BTreeSet<SubmissionId>,
        stage: Stage,
    ) -> Result<BTreeSet<SubmissionId>, Error> {
        let now = self.now();
        let sql = match stage {
            Stage::Look => "UPDATE submission SET looked_us = $1 WHERE id = $2 AND looked_us IS NULL",
            Stage::Silent => "UPDATE submission SET silent_us = $1 WHERE id = $2 AND silent_us IS NULL",
            Stage::Second => "UPDATE submission SET second_us = $1 WHERE id = $2 AND second_us IS NULL",
        };
        let mut fresh = BTreeSet::new();
        for id in ids {
            if self.conn().await?.exec(sql, binds![now, id]).await? == 1 {
                fresh.insert(id);
            }
        }
        Ok(fresh)
    }
}
