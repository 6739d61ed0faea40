//! The agencies that take part, and whom to call at each.

use axum::Json;
use axum::extract::State;
use casework::{AgencyPage, AgencyRow, Page};
use model::AgencyId;

use super::body::{Asked, Id};
use super::submissions::After;
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// The agencies that take part, by name.
#[utoipa::path(get, path = "/api/v1/agencies", tag = "Agencies", params(After),
    responses((status = 200, body = Page<AgencyRow>, description = "A page of them")))]
pub(crate) async fn list(
    officer: Officer,
    State(portal): State<Portal>,
    Asked(from): Asked<After>,
) -> Result<Json<Page<AgencyRow>>, Fault> {
    Ok(Json(portal.desk().agencies(officer.who(), from.after.as_deref(), None).await?))
}

/// One agency with whom to call; your own with its members, where you may list them.
#[utoipa::path(get, path = "/api/v1/agencies/{agency}", tag = "Agencies",
    params(("agency" = String, Path, description = "The agency's id", format = "uuid")),
    responses((status = 200, body = AgencyPage, description = "The agency")))]
pub(crate) async fn show(
    officer: Officer,
    State(portal): State<Portal>,
    Id(agency): Id<AgencyId>,
) -> Result<Json<AgencyPage>, Fault> {
    Ok(Json(portal.desk().agency_page(officer.who(), agency).await?))
}
