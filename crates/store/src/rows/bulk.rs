//! Bulk jobs as their agency sees them: asked, decided, cancelled, read. What the worker does stands in
//! [`super::bulk_work`].
//!
//! The upload stands sealed in parts, a part a slice; each leaves when it was worked, and all that are left leave in the
//! transaction that ends the job.

use model::{AgencyId, Authority, BulkId, BulkState, BulkVerb, CaseId, MemberId, Micros, Role, Roles};
use policy::Action;
use uuid::Uuid;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::keys::Place;
use crate::store::Store;
use crate::tx::Tx;

/// What policy decides on about a bulk job, never content.
#[derive(Debug, Clone, Copy)]
pub struct BulkFacts {
    /// Its id.
    pub id: BulkId,
    /// Whose it is.
    pub agency: AgencyId,
    /// In which case.
    pub case: CaseId,
    /// Who asked for it.
    pub member: MemberId,
    /// Where it stands.
    pub state: BulkState,
}

/// A job to be asked for.
pub struct NewBulk<'a> {
    /// Its id, derived from the request.
    pub id: BulkId,
    /// The case, one's own and open.
    pub case: CaseId,
    /// The asker signed in; otherwise the operator of the machine named them.
    pub signed_in: bool,
    /// Asks or submits.
    pub verb: BulkVerb,
    /// Where the values came from.
    pub authority: Authority,
    /// How many values.
    pub total: i64,
    /// How many of them a part holds, but for the last.
    pub slice: i64,
    /// Until when it waits for its second person.
    pub until: Micros,
    /// Purpose, authority in words, labels: sealed here.
    pub order: &'a [u8],
    /// The values in their order, a part a slice: each sealed here.
    pub parts: &'a [Vec<u8>],
}

/// A job as it stands, its texts opened.
pub struct BulkRow {
    /// What policy decides on.
    pub facts: BulkFacts,
    /// The asker had signed in.
    pub signed_in: bool,
    /// Asks or submits.
    pub verb: BulkVerb,
    /// Where the values came from.
    pub authority: Authority,
    /// How many values.
    pub total: i64,
    /// How many were worked.
    pub done: i64,
    /// How many of them a part holds, but for the last.
    pub slice: i64,
    /// When it was asked for.
    pub asked: Micros,
    /// Who approved or refused it, and
    pub decided_by: Option<MemberId>,
    /// when.
    pub decided: Option<Micros>,
    /// When it ended.
    pub ended: Option<Micros>,
    /// When a worker looks at it next; of a job that waits: until when it waits.
    pub next: Option<Micros>,
    /// The order.
    pub order: Vec<u8>,
    /// What the second person said.
    pub decision: Option<Vec<u8>>,
    /// How it ended, in words, when not by itself.
    pub end: Option<Vec<u8>>,
    /// Its answer stands there.
    pub answered: bool,
}

/// The columns of [`Row`].
macro_rules! job_columns {
    () => {
        "agency, id, case_id, member, signed_in, verb, authority, state, total, done, slice, asked_us, decided_by, decided_us, ended_us, next_us, sealed, decision, ended, answer IS NOT NULL AS answered"
    };
}
pub(crate) use job_columns;

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    agency: Uuid,
    id: Uuid,
    case_id: Uuid,
    member: Uuid,
    signed_in: bool,
    verb: i64,
    authority: i64,
    state: i64,
    total: i64,
    done: i64,
    slice: i64,
    asked_us: i64,
    decided_by: Option<Uuid>,
    decided_us: Option<i64>,
    ended_us: Option<i64>,
    next_us: Option<i64>,
    sealed: Vec<u8>,
    decision: Option<Vec<u8>>,
    ended: Option<Vec<u8>>,
    answered: bool,
}

pub(crate) fn wrong(column: &'static str) -> Error {
    Error::Inconsistent { table: "bulk_job", column }
}

pub(crate) fn job_place<'a>(agency: AgencyId, column: &'static str, id: &'a BulkId) -> Place<'a> {
    Place { table: "bulk_job", column, row: id.as_bytes(), agency }
}

/// The row of a part in its associated data: job and number.
pub(crate) fn part_row(job: BulkId, part: i64) -> Vec<u8> {
    [&job.as_bytes()[..], &part.to_be_bytes()].concat()
}

pub(crate) fn part_place(agency: AgencyId, row: &[u8]) -> Place<'_> {
    Place { table: "bulk_part", column: "sealed", row, agency }
}

impl Store {
    /// What policy needs to know of one's own agency's job; any other does not exist.
    pub async fn bulk_facts(&self, agency: AgencyId, id: BulkId) -> Result<Option<BulkFacts>, Error> {
        #[derive(sqlx::FromRow)]
        struct Known {
            case_id: Uuid,
            member: Uuid,
            state: i64,
        }
        let mut conn = self.reading().await?;
        let row: Option<Known> = conn
            .maybe("SELECT case_id, member, state FROM bulk_job WHERE agency = $1 AND id = $2", binds![agency, id])
            .await?;
        conn.commit().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(BulkFacts {
            id,
            agency,
            case: row.case_id.into(),
            member: row.member.into(),
            state: BulkState::from_code(row.state).ok_or(wrong("state"))?,
        }))
    }
}

impl Tx {
    /// Keeps a job that waits for its second person, with its upload.
    ///
    /// # Errors
    /// [`Error::Exists`] when this request asked for one already; [`Error::Changed`] when the case was closed or went.
    pub async fn add_bulk(&mut self, new: &NewBulk<'_>) -> Result<(), Error> {
        self.needs(&[Action::AskBulk])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        self.hold_open(new.case).await?;
        let sealed = self.seal(Some(new.case), job_place(agency, "sealed", &new.id), new.order).await?;
        let fresh = self
            .conn().await?
            .exec(
                "INSERT INTO bulk_job (agency, id, case_id, member, signed_in, verb, authority, state, total, done, slice, asked_us, next_us, sealed, row_version)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (agency, id) DO NOTHING",
                binds![
                    agency,
                    new.id,
                    new.case,
                    member,
                    new.signed_in,
                    new.verb.code(),
                    new.authority.code(),
                    BulkState::Waiting.code(),
                    new.total,
                    0,
                    new.slice,
                    now,
                    new.until,
                    sealed,
                    1
                ],
            )
            .await?;
        if fresh != 1 {
            return Err(Error::Exists("a bulk job of this request"));
        }
        // Each part is large: few of them a statement.
        for (chunk, parts) in (0_i64..).zip(new.parts.chunks(8)) {
            let mut rows: Vec<Vec<Value>> = Vec::with_capacity(parts.len());
            for (n, clear) in (0_i64..).zip(parts) {
                let part = chunk * 8 + n;
                let row = part_row(new.id, part);
                let sealed = self.seal(Some(new.case), part_place(agency, &row), clear).await?;
                rows.push(binds![new.id, part, sealed]);
            }
            self.conn().await?.insert("INSERT INTO bulk_part (job, part, sealed)", "", rows).await?;
        }
        Ok(())
    }

    /// Who of one's own agency could approve a job of one's own: its active supervisors but oneself.
    pub async fn bulk_approvers(&mut self) -> Result<Vec<MemberId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Of {
            id: Uuid,
            roles: i64,
        }
        self.needs(&[Action::AskBulk])?;
        let (agency, member) = (self.agency(), self.member());
        let rows: Vec<Of> = self
            .conn()
            .await?
            .rows(
                "SELECT id, roles FROM member WHERE agency = $1 AND active = $2 AND id <> $3 ORDER BY id",
                binds![agency, true, member],
            )
            .await?;
        let supervises = |code| Roles::from_code(code).is_some_and(|r| r.has(Role::Supervisor));
        Ok(rows.iter().filter(|r| supervises(r.roles)).map(|r| r.id.into()).collect())
    }

    /// The name of whoever acts: it stands in the job, so that the other one knows whom they answer.
    pub async fn own_name(&mut self) -> Result<String, Error> {
        self.needs(&[Action::AskBulk, Action::ApproveBulk, Action::CancelBulk])?;
        let member = self.member();
        let own = self.members(&[member]).await?.pop().ok_or(Error::NotFound("member"))?;
        Ok(own.contact.name)
    }

    /// One's own agency's job; any other does not exist.
    pub async fn bulk_row(&mut self, id: BulkId) -> Result<BulkRow, Error> {
        self.needs(&[Action::ViewBulk, Action::AskBulk, Action::ApproveBulk, Action::CancelBulk])?;
        let agency = self.agency();
        let row: Option<Row> = self
            .conn()
            .await?
            .maybe(
                concat!("SELECT ", job_columns!(), " FROM bulk_job WHERE agency = $1 AND id = $2"),
                binds![agency, id],
            )
            .await?;
        let mut rows = self.opened_jobs(row.into_iter().collect()).await?;
        rows.pop().ok_or(Error::NotFound("bulk job"))
    }

    /// One's own agency's jobs, the newest first: those that were asked for before this one.
    pub async fn bulk_page(&mut self, before: Option<BulkId>, most: i64) -> Result<Vec<BulkRow>, Error> {
        #[derive(sqlx::FromRow)]
        struct Asked {
            asked_us: i64,
        }
        self.needs(&[Action::ViewBulk])?;
        let agency = self.agency();
        let mark = match before {
            None => (i64::MAX, Uuid::max()),
            Some(id) => {
                let at: Option<Asked> = self
                    .conn()
                    .await?
                    .maybe("SELECT asked_us FROM bulk_job WHERE agency = $1 AND id = $2", binds![agency, id])
                    .await?;
                (at.ok_or(Error::NotFound("bulk job"))?.asked_us, id.into())
            }
        };
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                concat!(
                    "SELECT ",
                    job_columns!(),
                    " FROM bulk_job WHERE agency = $1 AND (asked_us < $2 OR (asked_us = $3 AND id < $4)) ORDER BY asked_us DESC, id DESC LIMIT $5"
                ),
                binds![agency, mark.0, mark.0, mark.1, most],
            )
            .await?;
        self.opened_jobs(rows).await
    }

    /// What one's own agency's job answered; none when it has no answer yet.
    pub async fn bulk_answer(&mut self, id: BulkId) -> Result<Option<Vec<u8>>, Error> {
        #[derive(sqlx::FromRow)]
        struct Sealed {
            case_id: Uuid,
            answer: Option<Vec<u8>>,
        }
        self.needs(&[Action::ViewBulk])?;
        let agency = self.agency();
        let row: Option<Sealed> = self
            .conn()
            .await?
            .maybe("SELECT case_id, answer FROM bulk_job WHERE agency = $1 AND id = $2", binds![agency, id])
            .await?;
        let row = row.ok_or(Error::NotFound("bulk job"))?;
        match &row.answer {
            None => Ok(None),
            Some(sealed) => {
                let place = job_place(agency, "answer", &id);
                self.open_sealed(Some(row.case_id.into()), place, sealed).await.map(Some)
            }
        }
    }

    /// The second person's word: it may be worked from now on, or its upload is gone. Of two who decide at once one does.
    ///
    /// # Errors
    /// [`Error::Changed`] when it waits no more.
    pub async fn decide_bulk(&mut self, of: &BulkFacts, approved: bool, decision: &[u8]) -> Result<(), Error> {
        self.needs(&[Action::ApproveBulk])?;
        self.own(of.agency)?;
        let (member, now) = (self.member(), self.now());
        let sealed = self.seal(Some(of.case), job_place(of.agency, "decision", &of.id), decision).await?;
        let (state, next, ended) = match approved {
            true => (BulkState::Approved, Some(now), None),
            false => (BulkState::Refused, None, Some(now)),
        };
        let changed = self
            .conn().await?
            .exec(
                "UPDATE bulk_job SET state = $1, decided_by = $2, decided_us = $3, decision = $4, next_us = $5, ended_us = $6, row_version = row_version + 1
                 WHERE agency = $7 AND id = $8 AND state = $9",
                binds![state.code(), member, now, sealed, next, ended, of.agency, of.id, BulkState::Waiting.code()],
            )
            .await?;
        if changed != 1 {
            return Err(Error::Changed);
        }
        if !approved {
            self.drop_parts(of.id).await?;
        }
        Ok(())
    }

    /// Ends a job before its end; its upload is gone with this transaction. A slice that is being worked at this moment is
    /// finished and counted.
    ///
    /// # Errors
    /// [`Error::Changed`] when it stands elsewhere by now.
    pub async fn cancel_bulk(&mut self, of: &BulkFacts, words: &[u8]) -> Result<(), Error> {
        self.needs(&[Action::CancelBulk])?;
        self.own(of.agency)?;
        if of.state.has_ended() {
            return Err(Error::Changed);
        }
        let (member, now) = (self.member(), self.now());
        let sealed = self.seal(Some(of.case), job_place(of.agency, "ended", &of.id), words).await?;
        // Of one that had begun a worker comes once more, for its answer: when whoever works at it lets go of it.
        let changed = match of.state {
            BulkState::Running => {
                self.conn().await?
                    .exec(
                        "UPDATE bulk_job SET state = $1, ended_by = $2, ended_us = $3, ended = $4, row_version = row_version + 1
                         WHERE agency = $5 AND id = $6 AND state = $7",
                        binds![BulkState::Cancelled.code(), member, now, sealed, of.agency, of.id, of.state.code()],
                    )
                    .await?
            }
            _ => {
                self.conn().await?
                    .exec(
                        "UPDATE bulk_job SET state = $1, ended_by = $2, ended_us = $3, ended = $4, next_us = NULL, row_version = row_version + 1
                         WHERE agency = $5 AND id = $6 AND state = $7",
                        binds![BulkState::Cancelled.code(), member, now, sealed, of.agency, of.id, of.state.code()],
                    )
                    .await?
            }
        };
        if changed != 1 {
            return Err(Error::Changed);
        }
        self.drop_parts(of.id).await
    }

    pub(crate) async fn drop_parts(&mut self, job: BulkId) -> Result<(), Error> {
        self.conn().await?.exec("DELETE FROM bulk_part WHERE job = $1", binds![job]).await?;
        Ok(())
    }

    pub(crate) async fn opened_jobs(&mut self, rows: Vec<Row>) -> Result<Vec<BulkRow>, Error> {
        let cases: Vec<(AgencyId, CaseId)> = rows.iter().map(|r| (r.agency.into(), r.case_id.into())).collect();
        self.learn_case_keys(&cases).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            out.push(self.opened_job(row).await?);
        }
        Ok(out)
    }

    async fn opened_job(&mut self, row: Row) -> Result<BulkRow, Error> {
        let (agency, id, case) = (AgencyId::from(row.agency), BulkId::from(row.id), CaseId::from(row.case_id));
        let order = self.open_sealed(Some(case), job_place(agency, "sealed", &id), &row.sealed).await?;
        let mut texts = [None, None];
        for (text, (column, sealed)) in texts.iter_mut().zip([("decision", &row.decision), ("ended", &row.ended)]) {
            if let Some(sealed) = sealed {
                *text = Some(self.open_sealed(Some(case), job_place(agency, column, &id), sealed).await?);
            }
        }
        let [decision, end] = texts;
        Ok(BulkRow {
            facts: BulkFacts {
                id,
                agency,
                case,
                member: row.member.into(),
                state: BulkState::from_code(row.state).ok_or(wrong("state"))?,
            },
            signed_in: row.signed_in,
            verb: BulkVerb::from_code(row.verb).ok_or(wrong("verb"))?,
            authority: Authority::from_code(row.authority).ok_or(wrong("authority"))?,
            total: row.total,
            done: row.done,
            slice: row.slice,
            asked: Micros(row.asked_us),
            decided_by: row.decided_by.map(Into::into),
            decided: row.decided_us.map(Micros),
            ended: row.ended_us.map(Micros),
            next: row.next_us.map(Micros),
            order,
            decision,
            end,
            answered: row.answered,
        })
    }
}
