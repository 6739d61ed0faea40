//! Search over what one may see. What is sought goes in the body, never in an address.

use axum::Json;
use axum::extract::State;
use casework::FoundPage;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Body;
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// What to look for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// Words, or a whole identifier.
    #[schema(min_length = 1)]
    text: String,
    /// What the page before called `next`.
    after: Option<String>,
}

/// Looks through your own cases, entries and messages.
#[utoipa::path(post, path = "/api/v1/search", tag = "Cases", request_body = Search,
    responses((status = 200, body = FoundPage, description = "A page of what was found, the newest first")))]
pub(crate) async fn search(
    officer: Officer,
    State(portal): State<Portal>,
    Body(sought): Body<Search>,
) -> Result<Json<FoundPage>, Fault> {
    Ok(Json(portal.desk().search(officer.who(), &sought.text, &[], sought.after.as_deref(), None).await?))
}
