//! Submissions and checks: what was asked, and how far the looking has come.

use model::{AgencyId, CaseId, MemberId, Micros, RequestId, SubmissionId};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
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

fn submission_place(agency: AgencyId, id: &SubmissionId) -> Place<'_> {
    Place { table: "submission", column: "sealed", row: id.as_bytes(), agency }
}

impl Store {
    /// The submission an earlier request of this id made, if any: sent again, it gets the same receipt and answer.
    ///
    /// # Errors
    /// [`Error::Exists`] when that request asked for something else: an id is for one request.
    pub async fn earlier(
        &self,
        agency: AgencyId,
        request: RequestId,
        digest: &[u8; 32],
    ) -> Result<Option<SubmissionId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Earlier {
            submission: Uuid,
            digest: Vec<u8>,
        }
        let mut conn = self.reading().await?;
        let row: Option<Earlier> = conn
            .maybe("SELECT submission, digest FROM request WHERE agency = $1 AND id = $2", binds![agency, request])
            .await?;
        conn.commit().await?;
        match row {
            Some(r) if r.digest != digest => Err(Error::Exists("another request of this id")),
            found => Ok(found.map(|r| r.submission.into())),
        }
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
    /// Notes a submission before it is looked at. `detail` is sealed: purpose, nexus, and what the look needs to begin.
    ///
    /// # Errors
    /// [`Error::Exists`] when this request id was used already: the caller reads the earlier answer.
    pub async fn add_submission(
        &mut self,
        id: SubmissionId,
        verb: SubmissionVerb,
        case: Option<CaseId>,
        request: (RequestId, &[u8; 32]),
        postings: i64,
        detail: &[u8],
    ) -> Result<(), Error> {
        self.needs(&[Action::Submit, Action::Check])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let sealed = self.seal(case, submission_place(agency, &id), detail).await?;
        let conn = self.conn()?;
        let new = conn
            .exec(
                "INSERT INTO request (agency, id, submission, digest) VALUES ($1, $2, $3, $4) ON CONFLICT (agency, id) DO NOTHING",
                binds![agency, request.0, id, request.1.to_vec()],
            )
            .await?;
        if new != 1 {
            return Err(Error::Exists("a request of this id"));
        }
        let none = Option::<i64>::None;
        conn.exec(
            "INSERT INTO submission (id, agency, member, case_id, verb, at_us, postings, position, looked_us, silent_us, second_us, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            binds![id, agency, member, case, verb.code(), now, postings, none, none, none, none, sealed],
        )
        .await?;
        Ok(())
    }

    /// What [`Tx::add_submission`] sealed.
    pub async fn submission_detail(&mut self, of: &Pending) -> Result<Vec<u8>, Error> {
        #[derive(sqlx::FromRow)]
        struct Sealed {
            sealed: Vec<u8>,
        }
        self.needs(&[Action::Look, Action::Sweep, Action::SilentLook, Action::SecondLook])?;
        let row: Option<Sealed> =
            self.conn()?.maybe("SELECT sealed FROM submission WHERE id = $1", binds![of.id]).await?;
        let sealed = row.ok_or(Error::NotFound("submission"))?.sealed;
        self.open_sealed(of.case, submission_place(of.agency, &of.id), &sealed).await
    }

    /// Marks a stage as done. False when another worker was first: the caller's work was then done twice, harmlessly.
    pub async fn done(&mut self, id: SubmissionId, stage: Stage) -> Result<bool, Error> {
        self.needs(&[Action::Look, Action::Sweep, Action::SilentLook, Action::SecondLook])?;
        let now = self.now();
        let sql = match stage {
            Stage::Look => "UPDATE submission SET looked_us = $1 WHERE id = $2 AND looked_us IS NULL",
            Stage::Silent => "UPDATE submission SET silent_us = $1 WHERE id = $2 AND silent_us IS NULL",
            Stage::Second => "UPDATE submission SET second_us = $1 WHERE id = $2 AND second_us IS NULL",
        };
        Ok(self.conn()?.exec(sql, binds![now, id]).await? == 1)
    }
}
