//! One's own entries with every label they have, in every state: for their case's page, their submission's and an export.

use model::{CaseId, EntryId, MemberId, Micros, PredicateId, Reliability, SubmissionId, Validity};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::entries::{EntryContent, entry_place};
use crate::rows::labels::{LabelRow, Labels, label_columns};
use crate::tx::Tx;

/// One's own entry with every label it has (28 CFR 23.20(g)).
pub struct WholeEntry {
    /// Its id.
    pub id: EntryId,
    /// What every reader of an entry reads.
    pub labels: Labels,
    /// Confidence label.
    pub reliability: Reliability,
    /// Confidence label.
    pub validity: Validity,
    /// The predicate it came under.
    pub predicate: Option<PredicateId>,
    /// Who controls it (28 CFR 23.20(g)).
    pub control_official: Option<MemberId>,
    /// When it must be reviewed.
    pub review: Micros,
    /// A preservation order holds it.
    pub preserved: bool,
    /// The submission it came with.
    pub submission: SubmissionId,
    /// When it was withdrawn or corrected.
    pub ended: Option<Micros>,
    /// The submission that holds the right value.
    pub successor: Option<SubmissionId>,
    /// What is in it.
    pub content: EntryContent,
}

#[derive(sqlx::FromRow)]
struct WholeRow {
    id: Uuid,
    submission: Uuid,
    reliability: i64,
    validity: i64,
    predicate: Option<Uuid>,
    control_official: Option<Uuid>,
    review_us: i64,
    preserved: bool,
    sealed: Vec<u8>,
    ended_us: Option<i64>,
    successor: Option<Uuid>,
    #[sqlx(flatten)]
    labels: LabelRow,
}

/// The columns of a [`WholeRow`], of which table and which rows.
macro_rules! whole {
    ($from:literal) => {
        concat!(
            "SELECT t.id, t.submission, t.reliability, t.validity, t.predicate, t.control_official, t.review_us, t.preserved, t.sealed, t.ended_us, t.successor, ",
            label_columns!(),
            " ",
            $from
        )
    };
}

impl Tx {
    /// Entries of one's own case after this one, at most `most`, opened: in every state, with every label.
    pub async fn whole_entries(&mut self, case: CaseId, after: EntryId, most: i64) -> Result<Vec<WholeEntry>, Error> {
        self.needs(&[Action::ViewCase, Action::Export])?;
        let agency = self.agency();
        let rows: Vec<WholeRow> = self
            .conn()
            .await?
            .rows(
                whole!("FROM entry t WHERE t.case_id = $1 AND t.agency = $2 AND t.id > $3 ORDER BY t.id LIMIT $4"),
                binds![case, agency, after, most],
            )
            .await?;
        self.whole_of(case, rows).await
    }

    /// Entries of one's own case that came with this submission, after this one, at most `most`, opened.
    pub async fn submitted_entries(
        &mut self,
        case: CaseId,
        submission: SubmissionId,
        after: EntryId,
        most: i64,
    ) -> Result<Vec<WholeEntry>, Error> {
        self.needs(&[Action::ViewCase])?;
        let agency = self.agency();
        let rows: Vec<WholeRow> = self
            .conn().await?
            .rows(
                whole!("FROM entry t WHERE t.case_id = $1 AND t.submission = $2 AND t.agency = $3 AND t.id > $4 ORDER BY t.id LIMIT $5"),
                binds![case, submission, agency, after, most],
            )
            .await?;
        self.whole_of(case, rows).await
    }

    /// Entries of one's own case that came with these submissions: the right values in place of wrong ones.
    pub async fn entries_of_submissions(
        &mut self,
        case: CaseId,
        submissions: &[SubmissionId],
    ) -> Result<Vec<WholeEntry>, Error> {
        self.needs(&[Action::ViewCase])?;
        let agency = self.agency();
        let keys = super::agencies::distinct(submissions).into_iter().map(|s| binds![case, s, agency]).collect();
        let mut rows: Vec<WholeRow> = self
            .conn()
            .await?
            .join(
                whole!("FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.submission = q.b AND t.agency = q.c"),
                keys,
            )
            .await?;
        rows.sort_unstable_by_key(|r| r.id);
        self.whole_of(case, rows).await
    }

    async fn whole_of(&mut self, case: CaseId, rows: Vec<WholeRow>) -> Result<Vec<WholeEntry>, Error> {
        let agency = self.agency();
        let wrong = |column| Error::Inconsistent { table: "entry", column };
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let id = EntryId::from(r.id);
            let clear = self.open_sealed(Some(case), entry_place(agency, &id), &r.sealed).await?;
            out.push(WholeEntry {
                id,
                labels: r.labels.read()?,
                reliability: Reliability::from_code(r.reliability).ok_or(wrong("reliability"))?,
                validity: Validity::from_code(r.validity).ok_or(wrong("validity"))?,
                predicate: r.predicate.map(Into::into),
                control_official: r.control_official.map(Into::into),
                review: Micros(r.review_us),
                preserved: r.preserved,
                submission: r.submission.into(),
                ended: r.ended_us.map(Micros),
                successor: r.successor.map(Into::into),
                content: serde_json::from_slice(&clear).map_err(|_| wrong("sealed"))?,
            });
        }
        Ok(out)
    }
}
