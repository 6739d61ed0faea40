//! Silent hits: they live apart from conflicts, so that nothing another agency sees can depend on them (invariant 9).

use model::{AgencyId, CaseId, EntryId, Micros, Strength, SubmissionId, derived_id};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::entries::EntryState;
use crate::tx::Tx;

/// Somebody asked for what a silent entry holds. Only its owner and the desk are told.
#[derive(Debug, Clone)]
pub struct NewSilentHit {
    /// The silent entry's agency.
    pub agency: AgencyId,
    /// Its case.
    pub case: CaseId,
    /// The entry.
    pub entry: EntryId,
    /// Who asked, or whose entry met it.
    pub other_agency: AgencyId,
    /// In which case, if any.
    pub other_case: Option<CaseId>,
    /// The submission that met it.
    pub submission: SubmissionId,
    /// Code of the rule family.
    pub family: i64,
    /// How sure.
    pub strength: Strength,
}

impl NewSilentHit {
    /// One hit an entry, other case and rule; a repeated question is the same hit.
    pub fn key(&self) -> Uuid {
        let asked = self.other_case.map_or_else(|| *self.submission.as_bytes(), |c| *c.as_bytes());
        derived_id("silent hit", &[self.entry.as_bytes(), &asked, &self.family.to_be_bytes()])
    }
}

impl Tx {
    /// Writes silent hits; returns which are new, in the order given.
    pub async fn record_silent(&mut self, hits: &[NewSilentHit]) -> Result<Vec<bool>, Error> {
        self.needs(&[Action::SilentLook, Action::Look, Action::Sweep])?;
        let now = self.now();
        let mut new = vec![false; hits.len()];
        // Key order, so that two looks that meet the same entries wait for each other and never for a circle.
        let mut sorted: Vec<(Uuid, &NewSilentHit, &mut bool)> =
            hits.iter().zip(new.iter_mut()).map(|(h, new)| (h.key(), h, new)).collect();
        sorted.sort_by_key(|(key, h, _)| (h.agency, *key));
        for (key, h, new) in sorted {
            let done = self
                .conn().await?
                .exec(
                    "INSERT INTO silent_hit (agency, id, case_id, entry, other_agency, other_case, submission, family, strength, at_us)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (agency, id) DO NOTHING",
                    binds![h.agency, key, h.case, h.entry, h.other_agency, h.other_case, h.submission, h.family, h.strength.code(), now],
                )
                .await?;
            *new = done == 1;
        }
        Ok(new)
    }

    /// Entries whose silent order has ended fall back to desk: their postings move among those that answer. Returns the
    /// submissions they came with, which must be looked at again.
    pub async fn end_silent_orders(&mut self, most: i64) -> Result<Vec<SubmissionId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            case_id: Uuid,
            id: Uuid,
            submission: Uuid,
            row_version: i64,
        }
        #[derive(sqlx::FromRow)]
        struct Posted {
            bucket: i64,
            space: i64,
            token: Vec<u8>,
        }
        self.needs(&[Action::SilentLook])?;
        let now = self.now();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT case_id, id, submission, row_version FROM entry WHERE level = $1 AND state = $2 AND silent_until_us IS NOT NULL AND silent_until_us < $3 ORDER BY id LIMIT $4",
                binds![model::Level::Silent.code(), EntryState::Live.code(), now, most],
            )
            .await?;
        let mut out = Vec::new();
        for r in rows {
            let (case, entry) = (CaseId::from(r.case_id), EntryId::from(r.id));
            // First the entry: one that was withdrawn meanwhile has no postings, and gets none.
            let changed = self
                .conn()
                .await?
                .exec(
                    "UPDATE entry SET level = $1, row_version = $2 WHERE case_id = $3 AND id = $4 AND row_version = $5",
                    binds![model::Level::Desk.code(), r.row_version + 1, case, entry, r.row_version],
                )
                .await?;
            if changed != 1 {
                continue;
            }
            let posted: Vec<Posted> = self
                .conn().await?
                .rows("SELECT bucket, space, token FROM silent_posting WHERE case_id = $1 AND entry = $2 ORDER BY bucket, space, token", binds![case, entry])
                .await?;
            let conn = self.conn().await?;
            conn.exec("DELETE FROM silent_posting WHERE case_id = $1 AND entry = $2", binds![case, entry]).await?;
            let moved = posted.into_iter().map(|p| binds![p.bucket, p.space, p.token, case, entry]).collect();
            conn.insert(
                "INSERT INTO posting (bucket, space, token, case_id, entry)",
                "ON CONFLICT (bucket, space, token, case_id, entry) DO NOTHING",
                moved,
            )
            .await?;
            conn.exec(
                "UPDATE submission SET second_us = $1 WHERE id = $2",
                binds![Option::<Micros>::None, SubmissionId::from(r.submission)],
            )
            .await?;
            out.push(r.submission.into());
        }
        Ok(out)
    }
}
