//! Bulk jobs: more values than go in one go, with a second person of the agency.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use casework::{BulkAnswer, BulkJob, BulkJobs, BulkLabels, BulkOrder};
use model::{Authority, BulkId, BulkVerb, CaseNumber, FreeText, Purpose};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Asked, Body, Id, Wrong, no_case};
use super::conflicts::Reason;
use super::identifiers::{self, Identifier};
use super::submissions::After;
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// Jobs of one page.
const ROWS: usize = 50;
/// Most values of one request: what a body of its size can hold; a longer list goes in by the page's file.
const MOST_VALUES: usize = 50_000;

/// Your agency's jobs, the newest first; `after` is the last job of the page before.
#[utoipa::path(get, path = "/api/v1/bulk", tag = "Bulk jobs", params(After),
    responses((status = 200, body = BulkJobs, description = "At most 50 of them")))]
pub(crate) async fn list(
    officer: Officer,
    State(portal): State<Portal>,
    Asked(from): Asked<After>,
) -> Result<Json<BulkJobs>, Fault> {
    let mut wrong = Wrong::default();
    let parse = |text: &str| {
        text.parse::<BulkId>()
            .map_err(|_| model::Invalid::new("is no job's id", "give the last job of the page before"))
    };
    let before = wrong.maybe("after", from.after.as_deref(), parse);
    if !wrong.0.is_empty() {
        return Err(wrong.fault());
    }
    Ok(Json(portal.desk().bulk_jobs(officer.who(), before, ROWS).await?))
}

/// A list to be worked in the background.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Job {
    /// A UUID of your own making: sent again with it, it is the same job.
    #[schema(format = "uuid")]
    request: Option<String>,
    /// Ask, or leave entries.
    verb: BulkVerb,
    /// The number of your case.
    #[schema(min_length = 1)]
    case: String,
    /// The kind of legal process or authority the values came from.
    authority: Authority,
    /// The same in words: number, court, date.
    #[schema(min_length = 1)]
    process: String,
    /// Why (28 CFR 23.20(d)).
    #[schema(min_length = 1)]
    purpose: String,
    /// The values.
    #[schema(min_items = 1, max_items = 50000)]
    identifiers: Vec<Identifier>,
}

/// The job that was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct AskedFor {
    /// Its id.
    job: String,
}

/// Asks for a job. It waits for a second person of your agency.
#[utoipa::path(post, path = "/api/v1/bulk", tag = "Bulk jobs", request_body = Job,
    responses((status = 201, body = AskedFor, description = "It waits for its second person")))]
pub(crate) async fn ask(
    officer: Officer,
    State(portal): State<Portal>,
    Body(job): Body<Job>,
) -> Result<(StatusCode, Json<AskedFor>), Fault> {
    let mut wrong = Wrong::default();
    let request = wrong.request(job.request.as_deref(), &portal);
    let case = wrong.keep("case", CaseNumber::parse(&job.case));
    let process = wrong.keep("process", FreeText::parse(&job.process));
    let purpose = wrong.keep("purpose", Purpose::parse(&job.purpose));
    let reading = identifiers::reading(&job.identifiers, MOST_VALUES);
    let reading = reading.map_err(|problems| wrong.0.extend(problems)).ok();
    let (Some(case), Some(process), Some(purpose), Some(reading), true) =
        (case, process, purpose, reading, wrong.0.is_empty())
    else {
        return Err(wrong.fault());
    };
    let order = BulkOrder {
        verb: job.verb,
        case,
        authority: job.authority,
        process,
        purpose,
        file: "request".to_owned(),
        reading,
        labels: BulkLabels::default(),
        request,
    };
    let id = portal.desk().ask_bulk(officer.who(), order).await.map_err(|e| no_case(e.into()))?;
    Ok((StatusCode::CREATED, Json(AskedFor { job: id.to_string() })))
}

/// One job, and how far it is.
#[utoipa::path(get, path = "/api/v1/bulk/{job}", tag = "Bulk jobs",
    params(("job" = String, Path, description = "The job's id", format = "uuid")),
    responses((status = 200, body = BulkJob, description = "The job")))]
pub(crate) async fn show(
    officer: Officer,
    State(portal): State<Portal>,
    Id(job): Id<BulkId>,
) -> Result<Json<BulkJob>, Fault> {
    Ok(Json(portal.desk().bulk_job(officer.who(), job).await?))
}

/// Approves a colleague's job.
#[utoipa::path(post, path = "/api/v1/bulk/{job}/approve", tag = "Bulk jobs",
    params(("job" = String, Path, description = "The job's id", format = "uuid")),
    responses((status = 204, description = "It is approved and will be worked")))]
pub(crate) async fn approve(
    officer: Officer,
    State(portal): State<Portal>,
    Id(job): Id<BulkId>,
) -> Result<StatusCode, Fault> {
    portal.desk().approve_bulk(officer.who(), job).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses a colleague's job.
#[utoipa::path(post, path = "/api/v1/bulk/{job}/refuse", tag = "Bulk jobs", request_body = Reason,
    params(("job" = String, Path, description = "The job's id", format = "uuid")),
    responses((status = 204, description = "It is refused")))]
pub(crate) async fn refuse(
    officer: Officer,
    State(portal): State<Portal>,
    Id(job): Id<BulkId>,
    Body(why): Body<Reason>,
) -> Result<StatusCode, Fault> {
    let mut wrong = Wrong::default();
    let Some(reason) = wrong.keep("reason", FreeText::parse(&why.reason)) else { return Err(wrong.fault()) };
    portal.desk().refuse_bulk(officer.who(), job, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a job; what was stored stays.
#[utoipa::path(post, path = "/api/v1/bulk/{job}/cancel", tag = "Bulk jobs",
    params(("job" = String, Path, description = "The job's id", format = "uuid")),
    responses((status = 204, description = "It is ended")))]
pub(crate) async fn cancel(
    officer: Officer,
    State(portal): State<Portal>,
    Id(job): Id<BulkId>,
) -> Result<StatusCode, Fault> {
    portal.desk().cancel_bulk(officer.who(), job).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The answer of a job that ended.
#[utoipa::path(get, path = "/api/v1/bulk/{job}/answer", tag = "Bulk jobs",
    params(("job" = String, Path, description = "The job's id", format = "uuid")),
    responses((status = 200, body = BulkAnswer, description = "Whom to call, and the receipts")))]
pub(crate) async fn answer(
    officer: Officer,
    State(portal): State<Portal>,
    Id(job): Id<BulkId>,
) -> Result<Json<BulkAnswer>, Fault> {
    Ok(Json(portal.desk().bulk_answer(officer.who(), job).await?))
}
