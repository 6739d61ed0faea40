//! What waits for an answer.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use casework::answer::Inbox;
use model::NoticeId;

use super::body::Id;
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// What waits for an answer, the first due first.
#[utoipa::path(get, path = "/api/v1/inbox", tag = "Inbox",
    responses((status = 200, body = Inbox, description = "The inbox")))]
pub(crate) async fn inbox(officer: Officer, State(portal): State<Portal>) -> Result<Json<Inbox>, Fault> {
    Ok(Json(portal.desk().inbox(officer.who()).await?))
}

/// Takes a notice out of the inbox.
#[utoipa::path(post, path = "/api/v1/notices/{notice}/seen", tag = "Inbox",
    params(("notice" = String, Path, description = "The notice's id", format = "uuid")),
    responses((status = 204, description = "It is out of the inbox")))]
pub(crate) async fn seen(
    officer: Officer,
    State(portal): State<Portal>,
    Id(notice): Id<NoticeId>,
) -> Result<StatusCode, Fault> {
    portal.desk().seen(officer.who(), notice).await?;
    Ok(StatusCode::NO_CONTENT)
}
