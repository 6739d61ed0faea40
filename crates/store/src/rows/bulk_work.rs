//! Bulk jobs as the worker handles them: taken for a while, worked part by part, ended, answered, forgotten.
//!
//! Who takes a job writes its name and until when; whoever comes later has another name, and then nothing of the first one
//! is kept any more. That only saves work: a slice is a request whose id follows from job and part, so it is done once.

use std::collections::BTreeMap;

use model::{AgencyId, BulkId, BulkState, CaseId, Micros, SubmissionId};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
use crate::rows::bulk::{BulkFacts, BulkRow, Row, job_columns, job_place, part_place, part_row};
use crate::rows::submissions::submission_place;
use crate::store::Store;
use crate::tx::Tx;

/// A job in a worker's hands.
#[derive(Debug, Clone, Copy)]
pub struct BulkHeld {
    /// The job, as it was taken.
    pub facts: BulkFacts,
    /// Who holds it.
    pub worker: Uuid,
}

/// One slice of a job as it is kept.
pub struct BulkSlice {
    /// Its submission.
    pub submission: SubmissionId,
    /// What it asked.
    pub detail: Vec<u8>,
    /// What it was answered.
    pub answer: Vec<u8>,
}

impl Store {
    /// Jobs that a worker has to look at by now, those that wait longest first.
    pub async fn bulk_due(&self, now: Micros, most: i64) -> Result<Vec<(AgencyId, BulkId)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Due {
            agency: Uuid,
            id: Uuid,
        }
        let mut conn = self.reading().await?;
        let rows: Vec<Due> = conn
            .rows(
                "SELECT agency, id FROM bulk_job WHERE next_us IS NOT NULL AND next_us <= $1 ORDER BY next_us, id LIMIT $2",
                binds![now, most],
            )
            .await?;
        conn.commit().await?;
        Ok(rows.into_iter().map(|r| (r.agency.into(), r.id.into())).collect())
    }
}

impl Tx {
    /// Takes a job until then; an approved one has begun with that. None when it is not due, or another was first.
    pub async fn take_bulk(
        &mut self,
        agency: AgencyId,
        id: BulkId,
        worker: Uuid,
        until: Micros,
    ) -> Result<Option<BulkRow>, Error> {
        self.needs(&[Action::RunBulk])?;
        let now = self.now();
        let row: Option<Row> = self
            .conn().await?
            .maybe(
                concat!(
                    "UPDATE bulk_job SET state = CASE WHEN state = $1 THEN $2 ELSE state END, next_us = $3, worker = $4, row_version = row_version + 1
                     WHERE agency = $5 AND id = $6 AND next_us IS NOT NULL AND next_us <= $7 RETURNING ",
                    job_columns!()
                ),
                binds![BulkState::Approved.code(), BulkState::Running.code(), until, worker, agency, id, now],
            )
            .await?;
        Ok(self.opened_jobs(row.into_iter().collect()).await?.pop())
    }

    /// The first part that is left of a job's upload, opened: its number and its values.
    pub async fn bulk_part(&mut self, of: &BulkFacts) -> Result<Option<(i64, Vec<u8>)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Part {
            part: i64,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::RunBulk])?;
        let part: Option<Part> = self
            .conn()
            .await?
            .maybe("SELECT part, sealed FROM bulk_part WHERE job = $1 ORDER BY part LIMIT 1", binds![of.id])
            .await?;
        let Some(Part { part, sealed }) = part else { return Ok(None) };
        let row = part_row(of.id, part);
        let clear = self.open_sealed(Some(of.case), part_place(of.agency, &row), &sealed).await?;
        Ok(Some((part, clear)))
    }

    /// So many values more were worked: their part is gone. False when the job was ended or taken by another meanwhile:
    /// then nothing was written.
    ///
    /// # Errors
    /// [`Error::Changed`] when the part was gone already.
    pub async fn advance_bulk(
        &mut self,
        held: &BulkHeld,
        part: i64,
        values: i64,
        until: Micros,
    ) -> Result<bool, Error> {
        self.needs(&[Action::RunBulk])?;
        let of = held.facts;
        let ours = self
            .conn().await?
            .exec(
                "UPDATE bulk_job SET done = done + $1, next_us = $2, row_version = row_version + 1 WHERE agency = $3 AND id = $4 AND worker = $5 AND state = $6",
                binds![values, until, of.agency, of.id, held.worker, BulkState::Running.code()],
            )
            .await?;
        if ours != 1 {
            return Ok(false);
        }
        let gone =
            self.conn().await?.exec("DELETE FROM bulk_part WHERE job = $1 AND part = $2", binds![of.id, part]).await?;
        if gone == 1 { Ok(true) } else { Err(Error::Changed) }
    }

    /// Lets go of a job; a worker has to look at it again at this time, or never.
    pub async fn release_bulk(&mut self, held: &BulkHeld, next: Option<Micros>) -> Result<(), Error> {
        self.needs(&[Action::RunBulk])?;
        let of = held.facts;
        self.conn().await?
            .exec(
                "UPDATE bulk_job SET next_us = $1, worker = NULL, row_version = row_version + 1 WHERE agency = $2 AND id = $3 AND worker = $4",
                binds![next, of.agency, of.id, held.worker],
            )
            .await?;
        Ok(())
    }

    /// Ends a job that was not ended yet, with its answer when it is done or in words why not; what is left of its upload
    /// is gone. False when it was ended or taken by another meanwhile.
    pub async fn end_bulk(
        &mut self,
        held: &BulkHeld,
        state: BulkState,
        words: Option<&[u8]>,
        answer: Option<&[u8]>,
        next: Option<Micros>,
    ) -> Result<bool, Error> {
        self.needs(&[Action::RunBulk])?;
        let (of, now) = (held.facts, self.now());
        let words = self.sealed_text(&of, "ended", words).await?;
        let answer = self.sealed_text(&of, "answer", answer).await?;
        let ended = self
            .conn().await?
            .exec(
                "UPDATE bulk_job SET state = $1, ended_us = $2, ended = $3, answer = $4, next_us = $5, row_version = row_version + 1
                 WHERE agency = $6 AND id = $7 AND worker = $8 AND state IN ($9, $10)",
                binds![
                    state.code(),
                    now,
                    words,
                    answer,
                    next,
                    of.agency,
                    of.id,
                    held.worker,
                    BulkState::Waiting.code(),
                    BulkState::Running.code()
                ],
            )
            .await?;
        if ended != 1 {
            return Ok(false);
        }
        self.drop_parts(of.id).await?;
        Ok(true)
    }

    /// Gives a job that ended early the answer of what was worked, and how many values that were.
    pub async fn answer_bulk(
        &mut self,
        held: &BulkHeld,
        done: i64,
        answer: &[u8],
        next: Option<Micros>,
    ) -> Result<(), Error> {
        self.needs(&[Action::RunBulk])?;
        let of = held.facts;
        let answer = self.sealed_text(&of, "answer", Some(answer)).await?;
        self.conn().await?
            .exec(
                "UPDATE bulk_job SET done = $1, answer = $2, next_us = $3, row_version = row_version + 1 WHERE agency = $4 AND id = $5 AND worker = $6 AND answer IS NULL",
                binds![done, answer, next, of.agency, of.id, held.worker],
            )
            .await?;
        Ok(())
    }

    async fn sealed_text(
        &mut self,
        of: &BulkFacts,
        column: &'static str,
        clear: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>, Error> {
        match clear {
            None => Ok(None),
            Some(clear) => self.seal(Some(of.case), job_place(of.agency, column, &of.id), clear).await.map(Some),
        }
    }

    /// The answers that slices of a job were given, opened; of one that was not answered yet there is none.
    pub async fn slice_answers(
        &mut self,
        of: &BulkFacts,
        slices: &[SubmissionId],
    ) -> Result<BTreeMap<SubmissionId, Vec<u8>>, Error> {
        #[derive(sqlx::FromRow)]
        struct Given {
            submission: Uuid,
            answer: Vec<u8>,
        }
        self.needs(&[Action::RunBulk])?;
        let keys = slices.iter().map(|id| binds![*id, of.agency]).collect();
        let rows: Vec<Given> = self
            .conn()
            .await?
            .join(
                "SELECT t.submission, t.answer FROM q CROSS JOIN answer t WHERE t.submission = q.a AND t.agency = q.b",
                keys,
            )
            .await?;
        let mut out = BTreeMap::new();
        for row in rows {
            let id = SubmissionId::from(row.submission);
            let place = Place { table: "answer", column: "answer", row: id.as_bytes(), agency: of.agency };
            out.insert(id, self.open_sealed(Some(of.case), place, &row.answer).await?);
        }
        Ok(out)
    }

    /// Of these slices those that nobody will look at again, with what is kept of each; fewer than were asked for means
    /// that the others wait for a look.
    pub async fn slices_looked_at(&mut self, of: &BulkFacts, slices: &[SubmissionId]) -> Result<Vec<BulkSlice>, Error> {
        #[derive(sqlx::FromRow)]
        struct Kept {
            id: Uuid,
            sealed: Vec<u8>,
            answer: Vec<u8>,
        }
        self.needs(&[Action::RunBulk])?;
        let keys = slices.iter().map(|id| binds![*id, of.agency]).collect();
        let rows: Vec<Kept> = self
            .conn().await?
            .join(
                "SELECT s.id, d.sealed, a.answer FROM q CROSS JOIN submission s CROSS JOIN submission_detail d CROSS JOIN answer a WHERE s.id = q.a AND s.agency = q.b AND d.submission = s.id AND a.submission = s.id AND s.silent_us IS NOT NULL AND s.second_us IS NOT NULL",
                keys,
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let submission = SubmissionId::from(row.id);
            let place = Place { table: "answer", column: "answer", row: submission.as_bytes(), agency: of.agency };
            let case = Some(of.case);
            out.push(BulkSlice {
                submission,
                detail: self.open_sealed(case, submission_place(of.agency, &submission), &row.sealed).await?,
                answer: self.open_sealed(case, place, &row.answer).await?,
            });
        }
        Ok(out)
    }

    /// Keeps less of what slices of a job asked: what met nothing is forgotten. Each touches one shard.
    pub async fn forget_misses(&mut self, of: &BulkFacts, kept: &BTreeMap<SubmissionId, Vec<u8>>) -> Result<(), Error> {
        self.needs(&[Action::RunBulk])?;
        let case: CaseId = of.case;
        for (id, detail) in kept {
            let sealed = self.seal(Some(case), submission_place(of.agency, id), detail).await?;
            self.conn()
                .await?
                .exec(
                    "UPDATE submission_detail SET sealed = $1 WHERE submission = $2 AND agency = $3",
                    binds![sealed, *id, of.agency],
                )
                .await?;
        }
        Ok(())
    }
}
