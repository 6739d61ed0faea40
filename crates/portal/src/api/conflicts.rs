//! Conflicts: the queue, one of them, and what is done to it.

use axum::Json;
use axum::extract::State;
use casework::{ConflictFilter, ConflictRow, ConflictView, HoldOrder, Page, Step};
use model::{ConflictId, FreeText, Invalid, Marking, Resolution, SideState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Asked, Body, Id, Wrong};
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// Which conflicts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those where your side stands here; all that are not resolved when it is not said.
    #[param(inline)]
    state: Option<SideState>,
    /// Only those past their due time that nobody acknowledged.
    overdue: Option<bool>,
    /// Only those of cases you lead.
    mine: Option<bool>,
    /// What the page before called `next`.
    after: Option<String>,
}

/// The queue of conflicts, by due time.
#[utoipa::path(get, path = "/api/v1/conflicts", tag = "Conflicts", params(Which),
    responses((status = 200, body = Page<ConflictRow>, description = "A page of them")))]
pub(crate) async fn list(
    officer: Officer,
    State(portal): State<Portal>,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<ConflictRow>>, Fault> {
    let filter = ConflictFilter {
        state: which.state,
        overdue: which.overdue.unwrap_or_default(),
        mine: which.mine.unwrap_or_default(),
    };
    Ok(Json(portal.desk().conflicts(officer.who(), filter, which.after.as_deref(), None).await?))
}

/// One conflict: whom to call, the thread, proposals and holds.
#[utoipa::path(get, path = "/api/v1/conflicts/{conflict}", tag = "Conflicts",
    params(("conflict" = String, Path, description = "The conflict's id", format = "uuid")),
    responses((status = 200, body = ConflictView, description = "The conflict as your side sees it")))]
pub(crate) async fn show(
    officer: Officer,
    State(portal): State<Portal>,
    Id(conflict): Id<ConflictId>,
) -> Result<Json<ConflictView>, Fault> {
    Ok(Json(portal.desk().conflict(officer.who(), conflict).await?))
}

fn words(field: &str, text: &str) -> Result<FreeText, Fault> {
    FreeText::parse(text).map_err(|e| bad(field, e))
}

fn bad(field: &str, what: Invalid) -> Fault {
    Fault::Bad(vec![what.at("the body", field)])
}

/// Takes note of a conflict.
#[utoipa::path(post, path = "/api/v1/conflicts/{conflict}/acknowledge", tag = "Conflicts",
    params(("conflict" = String, Path, description = "The conflict's id", format = "uuid")),
    responses((status = 200, body = ConflictView, description = "The conflict as it stands now")))]
pub(crate) async fn acknowledge(
    officer: Officer,
    State(portal): State<Portal>,
    Id(conflict): Id<ConflictId>,
) -> Result<Json<ConflictView>, Fault> {
    Ok(Json(portal.desk().step(officer.who(), conflict, Step::Acknowledge).await?))
}

/// A message to the other side.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    /// A UUID of your own making: sent again with it, it is written once, and the answer is the same.
    #[schema(format = "uuid")]
    request: Option<String>,
    /// What to say.
    #[schema(min_length = 1)]
    text: String,
    /// How far it travels, for example "amber".
    #[schema(min_length = 1)]
    marking: String,
}

/// Writes into the thread.
#[utoipa::path(post, path = "/api/v1/conflicts/{conflict}/messages", tag = "Conflicts", request_body = Message,
    params(("conflict" = String, Path, description = "The conflict's id", format = "uuid")),
    responses((status = 200, body = ConflictView, description = "The conflict as it stands now")))]
pub(crate) async fn message(
    officer: Officer,
    State(portal): State<Portal>,
    Id(conflict): Id<ConflictId>,
    Body(message): Body<Message>,
) -> Result<Json<ConflictView>, Fault> {
    let mut wrong = Wrong::default();
    let text = wrong.keep("text", FreeText::parse(&message.text));
    let marking = wrong.keep("marking", message.marking.parse::<Marking>());
    let request = wrong.request(message.request.as_deref(), &portal);
    let (Some(text), Some(marking), true) = (text, marking, wrong.0.is_empty()) else { return Err(wrong.fault()) };
    let step = Step::Message(text, marking);
    Ok(Json(portal.desk().step_once(officer.who(), conflict, step, request).await?))
}

/// How it should end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proposal {
    /// A UUID of your own making: sent again with it, it is proposed once, and the answer is the same.
    #[schema(format = "uuid")]
    request: Option<String>,
    /// How.
    resolution: Resolution,
    /// Why.
    #[schema(min_length = 1)]
    reason: String,
}

/// Proposes how the conflict should end.
#[utoipa::path(post, path = "/api/v1/conflicts/{conflict}/proposals", tag = "Conflicts", request_body = Proposal,
    params(("conflict" = String, Path, description = "The conflict's id", format = "uuid")),
    responses((status = 200, body = ConflictView, description = "The conflict as it stands now")))]
pub(crate) async fn propose(
    officer: Officer,
    State(portal): State<Portal>,
    Id(conflict): Id<ConflictId>,
    Body(proposal): Body<Proposal>,
) -> Result<Json<ConflictView>, Fault> {
    let mut wrong = Wrong::default();
    let reason = wrong.keep("reason", FreeText::parse(&proposal.reason));
    let request = wrong.request(proposal.request.as_deref(), &portal);
    let (Some(reason), true) = (reason, wrong.0.is_empty()) else { return Err(wrong.fault()) };
    let step = Step::Propose(proposal.resolution, reason);
    Ok(Json(portal.desk().step_once(officer.who(), conflict, step, request).await?))
}

/// What one agrees to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acceptance {
    /// What they proposed when you read it: another proposal since is not accepted by it.
    resolution: Resolution,
}

/// Accepts what the other side proposes.
#[utoipa::path(post, path = "/api/v1/conflicts/{conflict}/accept", tag = "Conflicts", request_body = Acceptance,
    params(("conflict" = String, Path, description = "The conflict's id", format = "uuid")),
    responses((status = 200, body = ConflictView, description = "The conflict as it stands now")))]
pub(crate) async fn accept(
    officer: Officer,
    State(portal): State<Portal>,
    Id(conflict): Id<ConflictId>,
    Body(meant): Body<Acceptance>,
) -> Result<Json<ConflictView>, Fault> {
    Ok(Json(portal.desk().step(officer.who(), conflict, Step::Accept(Some(meant.resolution))).await?))
}

/// A reason, which is recorded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// Why.
    #[schema(min_length = 1)]
    pub reason: String,
}

/// A hold that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Holding {
    /// A UUID of your own making: sent again with it, it is asked for once, and the answer is the same.
    #[schema(format = "uuid")]
    request: Option<String>,
    /// Why.
    #[schema(min_length = 1)]
    reason: String,
}

/// What now stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Said {
    /// In words.
    says: String,
}

/// Asks that neither side starts new contact; it never stops rescue.
#[utoipa::path(post, path = "/api/v1/conflicts/{conflict}/holds", tag = "Conflicts", request_body = Holding,
    params(("conflict" = String, Path, description = "The conflict's id", format = "uuid")),
    responses((status = 200, body = Said, description = "The hold was asked for")))]
pub(crate) async fn hold(
    officer: Officer,
    State(portal): State<Portal>,
    Id(conflict): Id<ConflictId>,
    Body(why): Body<Holding>,
) -> Result<Json<Said>, Fault> {
    let mut wrong = Wrong::default();
    let reason = wrong.keep("reason", FreeText::parse(&why.reason));
    let request = wrong.request(why.request.as_deref(), &portal);
    let (Some(reason), true) = (reason, wrong.0.is_empty()) else { return Err(wrong.fault()) };
    let order = HoldOrder::Propose(reason);
    Ok(Json(Said { says: portal.desk().hold_once(officer.who(), conflict, order, request).await? }))
}

/// Opens a conflict again that was resolved.
#[utoipa::path(post, path = "/api/v1/conflicts/{conflict}/reopen", tag = "Conflicts", request_body = Reason,
    params(("conflict" = String, Path, description = "The conflict's id", format = "uuid")),
    responses((status = 200, body = ConflictView, description = "The conflict as it stands now")))]
pub(crate) async fn reopen(
    officer: Officer,
    State(portal): State<Portal>,
    Id(conflict): Id<ConflictId>,
    Body(why): Body<Reason>,
) -> Result<Json<ConflictView>, Fault> {
    let reason = words("reason", &why.reason)?;
    Ok(Json(portal.desk().reopen(officer.who(), conflict, &reason).await?))
}
