//! Questions: whether others hold what one holds. Nothing of one's own stays.

use axum::Json;
use axum::extract::State;
use casework::CheckOrder;
use casework::answer::Answer;
use model::{CaseNumber, Nexus, Purpose};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{Body, Wrong, no_case};
use super::identifiers::{self, Identifier};
use crate::Portal;
use crate::fault::Fault;
use crate::session::Officer;

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Check {
    /// A UUID of your own making: sent again with it, a question gets the same receipt and answer.
    #[schema(format = "uuid")]
    request: Option<String>,
    /// Why you ask (28 CFR 23.20(d)); it is recorded.
    #[schema(min_length = 1)]
    purpose: String,
    /// The number of your case.
    case: Option<String>,
    /// Without a case: how the Internet was used (34 U.S.C. 21115(a)).
    nexus: Option<String>,
    /// What you hold: as much as the site's limits let one person ask in one go, 500 as delivered.
    #[schema(min_items = 1)]
    identifiers: Vec<Identifier>,
}

/// Asks whether others hold these identifiers.
#[utoipa::path(post, path = "/api/v1/checks", tag = "Check and submit", request_body = Check,
    responses((status = 200, body = Answer, description = "Whom to call, and the receipt")))]
pub(crate) async fn check(
    officer: Officer,
    State(portal): State<Portal>,
    Body(asked): Body<Check>,
) -> Result<Json<Answer>, Fault> {
    let mut wrong = Wrong::default();
    let request = wrong.request(asked.request.as_deref(), &portal);
    let purpose = wrong.keep("purpose", Purpose::parse(&asked.purpose));
    let case = wrong.maybe("case", asked.case.as_deref(), CaseNumber::parse);
    let nexus = wrong.maybe("nexus", asked.nexus.as_deref().filter(|_| asked.case.is_none()), Nexus::parse);
    let reading = identifiers::reading(&asked.identifiers, portal.desk().limits().values_at_once);
    let reading = reading.map_err(|problems| wrong.0.extend(problems)).ok();
    let (Some(purpose), Some(reading), true) = (purpose, reading, wrong.0.is_empty()) else {
        return Err(wrong.fault());
    };
    let order = CheckOrder { purpose, case, nexus, file: "request".to_owned(), reading, request };
    let answer = portal.desk().check(officer.who(), order).await.map_err(|e| no_case(e.into()))?;
    Ok(Json(answer))
}
