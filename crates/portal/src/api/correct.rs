//! One entry of a case is put right.

use axum::Json;
use axum::extract::State;
use casework::RightValue;
use casework::answer::Answer;
use model::{CaseId, EntryId, Purpose};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{Body, Ids, Wrong};
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// The right value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Right {
    /// A UUID of your own making: sent again with it, nothing is stored twice and the answer is the same.
    #[schema(format = "uuid")]
    request: Option<String>,
    /// The value, of the kind that the entry has.
    #[schema(min_length = 1)]
    value: String,
    /// Its platform; the entry's own when it is not said.
    platform: Option<String>,
    /// Why: kept with your case, told to nobody.
    #[schema(min_length = 1)]
    reason: String,
}

/// Puts a right value in place of an entry; everybody who was told of the wrong one is told.
#[utoipa::path(post, path = "/api/v1/cases/{case}/entries/{entry}/correct", tag = "Cases", request_body = Right,
    params(("case" = String, Path, description = "The case's id", format = "uuid"),
        ("entry" = String, Path, description = "The entry's id", format = "uuid")),
    responses((status = 200, body = Answer, description = "Whom to call, and the receipt")))]
pub(crate) async fn correct(
    officer: Officer,
    State(portal): State<Portal>,
    Ids(case, entry): Ids<CaseId, EntryId>,
    Body(right): Body<Right>,
) -> Result<Json<Answer>, Fault> {
    let mut wrong = Wrong::default();
    let request = wrong.request(right.request.as_deref(), &portal);
    let reason = wrong.keep("reason", Purpose::parse(&right.reason));
    if right.value.trim().is_empty() {
        wrong.0.push(model::Invalid::new("is empty", "give the right value").at("the body", "value"));
    }
    let (Some(reason), true) = (reason, wrong.0.is_empty()) else { return Err(wrong.fault()) };
    let platform = right.platform.filter(|p| !p.trim().is_empty());
    let right = RightValue { value: right.value, platform, reason, request };
    Ok(Json(portal.desk().correct_entry(officer.who(), case, entry, right).await?))
}
