//! One's own agency's cases.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use casework::{CaseFilter, CasePage, CaseRow, NewCase, Page};
use model::{CaseId, CaseNumber, CaseStatus, Marking, Nexus, Predicate, ThreatArea};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Asked, Body, Id, Wrong};
use super::submissions::After;
use crate::Portal;
use crate::fault::Fault;
use crate::pages::cases::taken;
use crate::session::Officer;

/// Which cases.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those that stand here.
    #[param(inline)]
    status: Option<CaseStatus>,
    /// Only those you lead or supervise.
    mine: Option<bool>,
    /// What the page before called `next`.
    after: Option<String>,
}

/// Your agency's cases.
#[utoipa::path(get, path = "/api/v1/cases", tag = "Cases", params(Which),
    responses((status = 200, body = Page<CaseRow>, description = "A page of them")))]
pub(crate) async fn list(
    officer: Officer,
    State(portal): State<Portal>,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<CaseRow>>, Fault> {
    let filter = CaseFilter { status: which.status, mine: which.mine.unwrap_or_default() };
    Ok(Json(portal.desk().cases(officer.who(), filter, which.after.as_deref(), None).await?))
}

/// A new case, led by you.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    /// Your agency's number.
    #[schema(min_length = 1)]
    number: String,
    /// Which of the five areas.
    threat_area: ThreatArea,
    /// How the Internet was used (34 U.S.C. 21115(a)).
    #[schema(min_length = 1)]
    nexus: String,
    /// The facts that make suspicion reasonable (28 CFR 23.20(a)).
    #[schema(min_length = 1)]
    predicate: String,
    /// How far it travels, for example "amber".
    marking: Option<String>,
}

/// The case that was opened.
#[derive(Serialize, ToSchema)]
pub(crate) struct Opened {
    /// Its id.
    case: String,
}

/// Opens a case.
#[utoipa::path(post, path = "/api/v1/cases", tag = "Cases", request_body = Opening,
    responses((status = 201, body = Opened, description = "It is open")))]
pub(crate) async fn open(
    officer: Officer,
    State(portal): State<Portal>,
    Body(new): Body<Opening>,
) -> Result<(StatusCode, Json<Opened>), Fault> {
    let mut wrong = Wrong::default();
    let number = wrong.keep("number", CaseNumber::parse(&new.number));
    let nexus = wrong.keep("nexus", Nexus::parse(&new.nexus));
    let facts = wrong.keep("predicate", Predicate::facts(&new.predicate));
    let marking = wrong.maybe("marking", new.marking.as_deref(), str::parse::<Marking>).unwrap_or_default();
    let (Some(number), Some(nexus), Some(predicate), true) = (number, nexus, facts, wrong.0.is_empty()) else {
        return Err(wrong.fault());
    };
    let new = NewCase {
        number,
        threat_area: new.threat_area,
        nexus,
        predicate,
        offence: None,
        supervisor: None,
        contact: None,
        marking,
    };
    let case = portal.desk().open_case(officer.who(), new).await.map_err(taken)?;
    Ok((StatusCode::CREATED, Json(Opened { case: case.to_string() })))
}

/// One case with a page of its entries; what is a child's, a victim's or a witness's stays closed.
#[utoipa::path(get, path = "/api/v1/cases/{case}", tag = "Cases",
    params(("case" = String, Path, description = "The case's id", format = "uuid"), After),
    responses((status = 200, body = CasePage, description = "The case")))]
pub(crate) async fn show(
    officer: Officer,
    State(portal): State<Portal>,
    Id(case): Id<CaseId>,
    Asked(from): Asked<After>,
) -> Result<Json<CasePage>, Fault> {
    // The desk knows cases by number; an address does not carry one.
    let number = portal.desk().number_of(officer.who(), case).await?;
    Ok(Json(portal.desk().case_page(officer.who(), &number, None, from.after.as_deref(), None).await?))
}
