//! Submissions: entries that stay in a case, and what became of them.

use axum::Json;
use axum::extract::State;
use casework::answer::Answer;
use casework::{Page, SubmissionFilter, SubmissionRow, SubmissionVerb, SubmissionView, SubmitOrder};
use model::{CaseNumber, Level, Marking, Reliability, SubmissionId, Validity};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::body::{Asked, Body, Id, Wrong, no_case};
use super::identifiers::{self, Identifier};
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// Entries for a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submission {
    /// A UUID of your own making: sent again with it, a submission is stored once and gets the same receipt and answer.
    #[schema(format = "uuid")]
    request: Option<String>,
    /// The number of your case.
    #[schema(min_length = 1)]
    case: String,
    /// Store the good ones and list the others; otherwise one bad one refuses all.
    #[serde(default)]
    partial: bool,
    /// How far they travel, for example "amber"; your case's usual one when it is not said.
    marking: Option<String>,
    /// Confidence label.
    reliability: Option<Reliability>,
    /// Confidence label.
    validity: Option<Validity>,
    /// How they answer others: open or desk. Silence needs a supervisor's order, which this address does not take.
    level: Option<Level>,
    /// What you hold: as much as the site's limits let one person ask in one go, 500 as delivered.
    #[schema(min_items = 1)]
    identifiers: Vec<Identifier>,
}

/// Leaves entries in a case; later matches reach you.
#[utoipa::path(post, path = "/api/v1/submissions", tag = "Check and submit", request_body = Submission,
    responses((status = 200, body = Answer, description = "Whom to call, and the receipt")))]
pub(crate) async fn submit(
    officer: Officer,
    State(portal): State<Portal>,
    Body(sent): Body<Submission>,
) -> Result<Json<Answer>, Fault> {
    let mut wrong = Wrong::default();
    let request = wrong.request(sent.request.as_deref(), &portal);
    let case = wrong.keep("case", CaseNumber::parse(&sent.case));
    let marking = wrong.maybe("marking", sent.marking.as_deref(), str::parse::<Marking>).unwrap_or_default();
    let level = sent.level.unwrap_or(Level::Open);
    if level == Level::Silent {
        let what = model::Invalid::new("needs a supervisor's order", "submit it from the command line with its order");
        wrong.0.push(what.at("the body", "level"));
    }
    let reading = identifiers::reading(&sent.identifiers, portal.desk().limits().values_at_once);
    let reading = reading.map_err(|problems| wrong.0.extend(problems)).ok();
    let (Some(case), Some(reading), true) = (case, reading, wrong.0.is_empty()) else { return Err(wrong.fault()) };
    let order = SubmitOrder {
        case,
        file: "request".to_owned(),
        reading,
        partial: sent.partial,
        marking,
        reliability: sent.reliability.unwrap_or(Reliability::Unknown),
        validity: sent.validity.unwrap_or(Validity::Unknown),
        level,
        silent: None,
        request,
    };
    let answer = portal.desk().submit(officer.who(), order).await.map_err(|e| no_case(e.into()))?;
    Ok(Json(answer))
}

/// Which submissions and checks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only submissions, or only checks.
    #[param(inline)]
    verb: Option<Verb>,
    /// Only your own.
    mine: Option<bool>,
    /// What the page before called `next`.
    after: Option<String>,
}

/// What was done.
#[derive(Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Verb {
    /// Entries were left in a case.
    Submit,
    /// A question was asked.
    Check,
}

/// What your agency submitted and asked, the newest first.
#[utoipa::path(get, path = "/api/v1/submissions", tag = "Check and submit", params(Which),
    responses((status = 200, body = Page<SubmissionRow>, description = "A page of them")))]
pub(crate) async fn list(
    officer: Officer,
    State(portal): State<Portal>,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<SubmissionRow>>, Fault> {
    let verb = which.verb.map(|v| match v {
        Verb::Submit => SubmissionVerb::Submit,
        Verb::Check => SubmissionVerb::Check,
    });
    let filter = SubmissionFilter { verb, mine: which.mine.unwrap_or_default(), case: None };
    Ok(Json(portal.desk().submissions(officer.who(), filter, which.after.as_deref(), None).await?))
}

/// Where a list goes on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// What the page before called `next`.
    pub after: Option<String>,
}

/// One submission with what became of its entries, and who was told of them.
#[utoipa::path(get, path = "/api/v1/submissions/{receipt}", tag = "Check and submit",
    params(("receipt" = String, Path, description = "The receipt's id", format = "uuid"), After),
    responses((status = 200, body = SubmissionView, description = "The submission and a page of its entries")))]
pub(crate) async fn show(
    officer: Officer,
    State(portal): State<Portal>,
    Id(receipt): Id<SubmissionId>,
    Asked(from): Asked<After>,
) -> Result<Json<SubmissionView>, Fault> {
    Ok(Json(portal.desk().submission(officer.who(), receipt, from.after.as_deref(), None).await?))
}
