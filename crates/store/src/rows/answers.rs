//! Answers as they were given: what the matcher was given, what was said, and the receipt, all sealed.

use model::{AgencyId, CaseId, EventId, SubmissionId};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::events::{Recorded, recorded};
use crate::keys::Place;
use crate::tx::Tx;

/// What is kept of one answer. Each part is JSON, sealed under the case's key, or the agency's when there is no case.
pub struct Answered {
    /// Tokens, windows, counts, rule and list versions: the same call gives the same answer years later.
    pub inputs: Vec<u8>,
    /// What the reader was told.
    pub answer: Vec<u8>,
    /// The receipt's signed statement.
    pub receipt: Vec<u8>,
}

/// An answer on its way into the store.
pub struct NewAnswer {
    /// What it answers.
    pub submission: SubmissionId,
    /// Whose that is.
    pub agency: AgencyId,
    /// In which case.
    pub case: Option<CaseId>,
    /// The event that binds its receipt.
    pub event: EventId,
    /// What was given.
    pub given: Answered,
}

#[derive(sqlx::FromRow)]
struct Row {
    agency: Uuid,
    event: Uuid,
    inputs: Vec<u8>,
    answer: Vec<u8>,
    receipt: Vec<u8>,
    case_id: Option<Uuid>,
}

fn place<'a>(agency: AgencyId, column: &'static str, id: &'a SubmissionId) -> Place<'a> {
    Place { table: "answer", column, row: id.as_bytes(), agency }
}

impl Tx {
    /// Keeps answers, each with the id of the event that binds its receipt. The first one given stays.
    ///
    /// # Errors
    /// [`Error::Exists`] when one was given already.
    pub async fn add_answers(&mut self, given: &[NewAnswer]) -> Result<(), Error> {
        self.needs(&[Action::Look, Action::Sweep])?;
        let now = self.now();
        let mut rows = Vec::with_capacity(given.len());
        let cases: Vec<_> = given.iter().filter_map(|a| Some((a.agency, a.case?))).collect();
        self.learn_case_keys(&cases).await?;
        for a in given {
            let (id, case, agency) = (a.submission, a.case, a.agency);
            let inputs = self.seal(case, place(agency, "inputs", &id), &a.given.inputs).await?;
            let answer = self.seal(case, place(agency, "answer", &id), &a.given.answer).await?;
            let receipt = self.seal(case, place(agency, "receipt", &id), &a.given.receipt).await?;
            rows.push((id, binds![id, agency, a.event, inputs, answer, receipt, now]));
        }
        rows.sort_unstable_by_key(|(id, _)| *id); // primary key order: see Conn::insert
        let wanted = u64::try_from(rows.len()).map_err(|_| Error::Failed)?;
        let new = self
            .conn()
            .await?
            .insert(
                "INSERT INTO answer (submission, agency, event, inputs, answer, receipt, at_us)",
                "ON CONFLICT (submission) DO NOTHING",
                rows.into_iter().map(|(_, row)| row).collect(),
            )
            .await?;
        if new == wanted { Ok(()) } else { Err(Error::Exists("an answer")) }
    }

    /// An answer of one's own agency and, once its event is in a signed tree, the proof.
    pub async fn answer(&mut self, id: SubmissionId) -> Result<(Answered, Option<Recorded>), Error> {
        self.needs(&[Action::GetReceipt, Action::Submit, Action::Check, Action::Export])?;
        let row = self.answer_row(id).await?.ok_or(Error::NotFound("receipt"))?;
        let event = EventId::from(row.event);
        let given = self.opened_answer(id, row).await?;
        let store = self.store.clone();
        let proof = recorded(self.conn().await?, store.keys(), event).await?;
        Ok((given, proof))
    }

    async fn answer_row(&mut self, id: SubmissionId) -> Result<Option<Row>, Error> {
        let agency = self.agency();
        self.conn().await?
            .maybe(
                "SELECT a.agency, a.event, a.inputs, a.answer, a.receipt, s.case_id FROM answer a JOIN submission s ON s.id = a.submission WHERE a.submission = $1 AND s.id = $2 AND a.agency = $3",
                binds![id, id, agency],
            )
            .await
    }

    async fn opened_answer(&mut self, id: SubmissionId, row: Row) -> Result<Answered, Error> {
        let (agency, case) = (AgencyId::from(row.agency), row.case_id.map(CaseId::from));
        Ok(Answered {
            inputs: self.open_sealed(case, place(agency, "inputs", &id), &row.inputs).await?,
            answer: self.open_sealed(case, place(agency, "answer", &id), &row.answer).await?,
            receipt: self.open_sealed(case, place(agency, "receipt", &id), &row.receipt).await?,
        })
    }
}
