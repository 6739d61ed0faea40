//! Bulk: more values in one go than one person may ask or submit. Asked in a case with the legal process or authority the
//! values came from, approved by a second person, worked by [`crate::workers`] slice by slice.
//!
//! - The upload is read wholly first: one with a problem leaves nothing. It stands sealed under the case's key while it
//!   waits; each slice of it leaves when it was worked, the rest when the job ends, however it ends.
//! - A slice is an ordinary check or submission in the asker's name, allowed anew each time, with a request id that follows
//!   from job and slice: after a crash it is not done twice.
//! - What is said of a job before its answer (where it stands, how many of how many) depends on its own values alone, never
//!   on what they met.

mod answer;
mod ask;
mod decide;
mod upload;

use model::{Authority, BulkId, BulkVerb, CaseId, MemberId, Micros, Purpose, RequestId};
use policy::{Action, Facts, Principal};
use serde::{Deserialize, Serialize};
use store::{BulkFacts, BulkRow, CaseFacts, Matter, NewNotice};

use crate::desk::Desk;
use crate::error::Error;

pub(crate) use answer::merged;
pub use answer::{BULK_ANSWER, BulkAnswer};
pub use ask::{BulkLabels, BulkOrder};
pub(crate) use upload::drafts_of;

/// Format word of a job.
pub const BULK: &str = "concord.bulk/1";
/// Format word of a list of jobs.
pub const BULK_LIST: &str = "concord.bulks/1";

/// Most jobs of one page.
const PAGE: i64 = 200;

/// The jobs of an agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkJobs {
    /// "concord.bulks/1".
    pub format: String,
    /// The newest first.
    pub jobs: Vec<BulkJob>,
}

/// One job, as everybody of its agency reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkJob {
    /// "concord.bulk/1".
    pub format: String,
    /// Its id.
    pub job: String,
    /// check or submit.
    pub verb: BulkVerb,
    /// waiting, approved, running, done, cancelled, refused or failed.
    pub state: model::BulkState,
    /// The case's number.
    pub case: String,
    /// The file's name as given.
    pub file: String,
    /// The kind of legal process or authority the values came from.
    pub authority: Authority,
    /// The same in words.
    pub process: String,
    /// Why.
    pub purpose: String,
    /// How many values it has.
    pub total: u64,
    /// How many of them were worked.
    pub done: u64,
    /// Who asked for it.
    pub asked_by: String,
    /// The same by id: a page offers a person only what is theirs to do.
    pub asker: String,
    /// When, RFC 3339.
    pub asked: String,
    /// Until when it waits for its second person; only while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Who approved or refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Why it was refused, or how it ended when not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// Its answer can be fetched.
    pub answer: bool,
}

/// What is kept of an order beside its values.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub case: String,
    pub file: String,
    pub purpose: String,
    pub process: String,
    pub asked_by: String,
    pub labels: BulkLabels,
    /// What its request asked, hexadecimal.
    pub digest: String,
}

/// What the second person said, or who ended it and how.
#[derive(Serialize, Deserialize)]
pub(crate) struct Said {
    pub by: Option<String>,
    pub words: Option<String>,
}

pub(crate) fn bytes<T: Serialize>(words: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(words).map_err(|_| unreadable("sealed"))
}

pub(crate) fn read<T: for<'a> Deserialize<'a>>(bytes: &[u8], column: &'static str) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|_| unreadable(column))
}

fn unreadable(column: &'static str) -> Error {
    store::Error::Inconsistent { table: "bulk_job", column }.into()
}

/// A slice's request: it follows from job and slice.
pub(crate) fn slice_request(job: BulkId, part: i64) -> RequestId {
    RequestId::from(model::derived_id("bulk slice", &[job.as_bytes(), &part.to_be_bytes()]))
}

/// The purpose a slice states: the officer's, and the authority under which the job was approved.
pub(crate) fn stated_purpose(
    purpose: &str,
    job: BulkId,
    authority: Authority,
    process: &str,
) -> Result<Purpose, model::Invalid> {
    Purpose::parse(&format!("{purpose} (bulk job {job}, {authority}: {process})"))
}

/// What policy decides on about a job.
pub(crate) fn facts_of(of: &BulkFacts, case: Option<&CaseFacts>) -> Facts {
    Facts {
        agency: Some(of.agency),
        lead: case.map(|c| c.lead),
        supervisor: case.and_then(|c| c.supervisor),
        status_open: case.is_some_and(|c| c.status.is_worked()),
        other_member: Some(of.member),
        has_nexus: true,
        ..Facts::default()
    }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

fn line(row: &BulkRow) -> Result<BulkJob, Error> {
    let order: Order = read(&row.order, "sealed")?;
    let decision: Option<Said> = row.decision.as_deref().map(|b| read(b, "decision")).transpose()?;
    let end: Option<Said> = row.end.as_deref().map(|b| read(b, "ended")).transpose()?;
    let refusal = decision.as_ref().and_then(|d| d.words.clone());
    Ok(BulkJob {
        format: BULK.to_owned(),
        job: row.facts.id.to_string(),
        verb: row.verb,
        state: row.facts.state,
        case: order.case,
        file: order.file,
        authority: row.authority,
        process: order.process,
        purpose: order.purpose,
        total: count(row.total),
        done: count(row.done),
        asked_by: order.asked_by,
        asker: row.facts.member.to_string(),
        asked: row.asked.to_string(),
        until: row.next.filter(|_| row.facts.state == model::BulkState::Waiting).map(|t| t.to_string()),
        decided_by: decision.and_then(|d| d.by),
        decided: row.decided.map(|t| t.to_string()),
        ended: row.ended.map(|t| t.to_string()),
        says: end.and_then(|e| e.words).or(refusal),
        answer: row.answered,
    })
}

impl Desk {
    /// One's own agency's job, with how many of how many values were worked.
    pub async fn bulk_job(&self, who: &Principal, id: BulkId) -> Result<BulkJob, Error> {
        let of = self.own_job(who, Action::ViewBulk, id).await?;
        let object = ("bulk job", id.into());
        let grant = self.allow(who, Action::ViewBulk, &facts_of(&of, None), object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let row = tx.bulk_row(id).await?;
        tx.commit(self.store.act(&grant, object).shown([id.into()])).await?;
        line(&row)
    }

    /// One's own agency's jobs, the newest first: at most `limit` (and at most 200) of those asked for before that one.
    pub async fn bulk_jobs(&self, who: &Principal, before: Option<BulkId>, limit: usize) -> Result<BulkJobs, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("bulk jobs", who.agency.into());
        let grant = self.allow(who, Action::ViewBulk, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let page = tx.bulk_page(before, i64::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE)).await;
        let shown: Vec<uuid::Uuid> = page.iter().flatten().map(|r| r.facts.id.into()).collect();
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        let jobs = page?.iter().map(line).collect::<Result<_, _>>()?;
        Ok(BulkJobs { format: BULK_LIST.to_owned(), jobs })
    }

    /// A job of the reader's agency; any other does not exist, and asking for it leaves its event.
    pub(crate) async fn own_job(&self, who: &Principal, action: Action, id: BulkId) -> Result<BulkFacts, Error> {
        match self.store.bulk_facts(who.agency, id).await? {
            Some(of) => Ok(of),
            None => Err(self.missing_at(who, action, ("bulk job", id.into()), "bulk job").await),
        }
    }

    pub(crate) async fn job_case(&self, case: CaseId) -> Result<Option<CaseFacts>, Error> {
        Ok(self.store.case_facts_by_id(case).await?)
    }

    /// A word about a job to somebody of its agency. It names no case: a notice of a case goes to another agency with it.
    pub(crate) fn job_note(
        &self,
        recipient: MemberId,
        of: &BulkFacts,
        about: &str,
        due: Micros,
        words: &str,
    ) -> NewNotice {
        NewNotice {
            recipient,
            agency: of.agency,
            matter: Matter::Bulk,
            about: [&of.id.as_bytes()[..], about.as_bytes()].concat(),
            conflict: None,
            case: None,
            entry: None,
            other_case: None,
            due,
            words: Some(words.as_bytes().to_vec()),
        }
    }
}
