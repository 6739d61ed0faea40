//! Problem details (RFC 9457): every refusal of the API, whoever made it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Problem;
use serde::Serialize;
use utoipa::ToSchema;

use crate::fault::Fault;

/// The media type of problem details.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// Why an answer is none (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemDetails {
    /// The answer's number.
    pub status: u16,
    /// What the number means.
    pub title: String,
    /// What happened and what to do.
    pub detail: String,
    /// What is wrong with what was sent, one thing each.
    pub problems: Vec<Problem>,
}

/// A fault as a program reads it.
pub(crate) fn of(fault: &Fault) -> Response {
    let status = fault.status();
    let (detail, problems) = match fault {
        Fault::Bad(problems) => {
            ("Nothing of it was kept; each problem says where it is.".to_owned(), problems.iter().map(placed).collect())
        }
        Fault::NotSo => ("The header Allow says what this address takes.".to_owned(), Vec::new()),
        Fault::Stranger => ("Send the cookie of an open session; /sign-in hands one out.".to_owned(), Vec::new()),
        other => (other.lines().join(" "), Vec::new()),
    };
    let title = status.canonical_reason().unwrap_or_default().to_owned();
    let details = ProblemDetails { status: status.as_u16(), title, detail, problems };
    let mut response = (status, Json(details)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM));
    response
}

/// The desk speaks of a form where a page sent one.
fn placed(problem: &Problem) -> Problem {
    let place = if problem.place == "the form" { "the body" } else { &problem.place };
    Problem { place: place.to_owned(), ..problem.clone() }
}

/// What any address may answer beside its own: number, and when.
pub(crate) fn refusals(takes_body: bool, takes_query: bool, names_a_thing: bool) -> Vec<(StatusCode, &'static str)> {
    let mut all = vec![
        (StatusCode::UNAUTHORIZED, "No session, or one that waits for the banner or is locked"),
        (StatusCode::FORBIDDEN, "Policy says no; the refusal is recorded"),
        (StatusCode::INTERNAL_SERVER_ERROR, "Ours: nothing was half done"),
    ];
    if names_a_thing {
        all.push((StatusCode::NOT_FOUND, "It does not exist, or it is not your agency's: both read alike"));
    }
    if takes_body || names_a_thing {
        all.push((StatusCode::CONFLICT, "Not now"));
    }
    if takes_body {
        all.push((StatusCode::BAD_REQUEST, "The body is not JSON"));
        all.push((StatusCode::PAYLOAD_TOO_LARGE, "More than one request may bring"));
        all.push((StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not said to be application/json"));
    }
    if takes_body || takes_query {
        all.push((StatusCode::UNPROCESSABLE_ENTITY, "What was sent cannot be used; nothing of it was kept"));
    }
    all
}
