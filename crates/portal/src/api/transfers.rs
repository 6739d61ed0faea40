//! Cases that go from one agency to another.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use casework::Transfers;
use casework::answer::Answer;
use model::{AgencyId, CaseNumber, FreeText, TransferId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Body, Id, Wrong, no_case};
use super::conflicts::Reason;
use crate::Portal;
use crate::fault::Fault;
use crate::pages::transfers::taken;
use crate::session::Officer;

/// Every offer of or to your agency, the oldest first.
#[utoipa::path(get, path = "/api/v1/transfers", tag = "Transfers",
    responses((status = 200, body = Transfers, description = "All of them")))]
pub(crate) async fn list(officer: Officer, State(portal): State<Portal>) -> Result<Json<Transfers>, Fault> {
    Ok(Json(portal.desk().transfers(officer.who()).await?))
}

/// A case for another agency.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    /// The number of your case.
    #[schema(min_length = 1)]
    case: String,
    /// The id of the agency that is to have it.
    #[schema(format = "uuid")]
    to: String,
    /// Why, written for them: it is all they read of the case before they accept.
    #[schema(min_length = 1)]
    reason: String,
}

/// The offer that stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Offered {
    /// Its id.
    transfer: String,
}

/// Offers a case; nothing moves until they accept.
#[utoipa::path(post, path = "/api/v1/transfers", tag = "Transfers", request_body = Offer,
    responses((status = 201, body = Offered, description = "It is offered")))]
pub(crate) async fn offer(
    officer: Officer,
    State(portal): State<Portal>,
    Body(offer): Body<Offer>,
) -> Result<(StatusCode, Json<Offered>), Fault> {
    let mut wrong = Wrong::default();
    let case = wrong.keep("case", CaseNumber::parse(&offer.case));
    let to = offer.to.parse::<AgencyId>();
    let to = to.map_err(|_| model::Invalid::new("is no agency's id", "give the id as /api/v1/agencies shows it"));
    let to = wrong.keep("to", to);
    let reason = wrong.keep("reason", FreeText::parse(&offer.reason));
    let (Some(case), Some(to), Some(reason)) = (case, to, reason) else { return Err(wrong.fault()) };
    let offered = portal.desk().offer_transfer(officer.who(), &case, to, reason).await;
    let transfer = offered.map_err(misnamed)?.to_string();
    Ok((StatusCode::CREATED, Json(Offered { transfer })))
}

/// An agency or a case's number that is none is the body's fault, not the address's.
fn misnamed(error: casework::Error) -> Fault {
    match error {
        casework::Error::NotFound("agency") => {
            let what = model::Invalid::new("is no agency of this Concord", "give the id as /api/v1/agencies shows it");
            Fault::Bad(vec![what.at("the body", "to")])
        }
        error => no_case(error.into()),
    }
}

/// How a case is taken over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Taking {
    /// The number it gets at your agency.
    #[schema(min_length = 1)]
    case: String,
    /// Who leads it, by id or e-mail address: an officer of your agency; you when it is not said.
    lead: Option<String>,
}

/// Takes a case over; the answer is that of the look its new owner makes.
#[utoipa::path(post, path = "/api/v1/transfers/{transfer}/accept", tag = "Transfers", request_body = Taking,
    params(("transfer" = String, Path, description = "The transfer's id", format = "uuid")),
    responses((status = 200, body = Answer, description = "It is yours: whom to call, and the receipt")))]
pub(crate) async fn accept(
    officer: Officer,
    State(portal): State<Portal>,
    Id(id): Id<TransferId>,
    Body(taking): Body<Taking>,
) -> Result<Json<Answer>, Fault> {
    let mut wrong = Wrong::default();
    let number = wrong.keep("case", CaseNumber::parse(&taking.case));
    let Some(number) = number else { return Err(wrong.fault()) };
    let lead = taking.lead.as_deref().map(str::trim).filter(|lead| !lead.is_empty());
    let answer = portal.desk().accept_transfer_led_by(officer.who(), id, number, lead).await;
    Ok(Json(answer.map_err(|e| taken("case", e))?))
}

/// Says no; the offerer reads why.
#[utoipa::path(post, path = "/api/v1/transfers/{transfer}/decline", tag = "Transfers", request_body = Reason,
    params(("transfer" = String, Path, description = "The transfer's id", format = "uuid")),
    responses((status = 204, description = "It is declined")))]
pub(crate) async fn decline(
    officer: Officer,
    State(portal): State<Portal>,
    Id(id): Id<TransferId>,
    Body(why): Body<Reason>,
) -> Result<StatusCode, Fault> {
    let mut wrong = Wrong::default();
    let Some(reason) = wrong.keep("reason", FreeText::parse(&why.reason)) else { return Err(wrong.fault()) };
    portal.desk().decline_transfer(officer.who(), id, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an offer back while nobody has answered it.
#[utoipa::path(post, path = "/api/v1/transfers/{transfer}/withdraw", tag = "Transfers",
    params(("transfer" = String, Path, description = "The transfer's id", format = "uuid")),
    responses((status = 204, description = "It is taken back")))]
pub(crate) async fn withdraw(
    officer: Officer,
    State(portal): State<Portal>,
    Id(id): Id<TransferId>,
) -> Result<StatusCode, Fault> {
    portal.desk().withdraw_transfer(officer.who(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
