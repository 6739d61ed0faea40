//! The description of the API, OpenAPI 3.1, made from the handlers. A test holds it to the table of addresses.

use axum::http::StatusCode;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{OpenApi, openapi};

use super::problem::{PROBLEM, ProblemDetails, refusals};
use super::{agencies, bulk, cases, checks, conflicts, correct, inbox, receipts, search, submissions, transfers};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Concord",
        description = "The desk's questions as JSON, for a program that acts for one officer. Every answer speaks of one's own agency's things; of another's it says whom to call. Fields may be added to an answer, never renamed or removed.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/")),
    security(("session" = [])),
    components(schemas(ProblemDetails)),
    paths(
        checks::check,
        submissions::submit,
        submissions::list,
        submissions::show,
        receipts::answer,
        receipts::receipt,
        inbox::inbox,
        inbox::seen,
        conflicts::list,
        conflicts::show,
        conflicts::acknowledge,
        conflicts::message,
        conflicts::propose,
        conflicts::accept,
        conflicts::hold,
        conflicts::reopen,
        cases::list,
        cases::open,
        cases::show,
        correct::correct,
        transfers::list,
        transfers::offer,
        transfers::accept,
        transfers::decline,
        transfers::withdraw,
        bulk::list,
        bulk::ask,
        bulk::show,
        bulk::approve,
        bulk::refuse,
        bulk::cancel,
        bulk::answer,
        search::search,
        agencies::list,
        agencies::show,
    )
)]
struct Document;

/// The description of a portal whose session's cookie has this name.
pub(crate) fn document(cookie: &str) -> openapi::OpenApi {
    let mut document = Document::openapi();
    let says = "The cookie of an open session, which the portal hands out at sign-in.";
    let key = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(cookie, says)));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("session", key);
    for (status, says) in refusals(true, true, true) {
        let content = Content::new(Some(Ref::from_schema_name("ProblemDetails")));
        let response = Response::builder().description(says).content(PROBLEM, content).build();
        components.responses.insert(refusal(status), RefOr::T(response));
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            // A handler's name is its module's matter: two modules have a `list`.
            let words = path.trim_start_matches("/api/v1").replace(['{', '}'], "").replace('/', "-");
            operation.operation_id = Some(format!("{method}{words}"));
            declare(operation);
        }
    }
    document
}

/// What an address takes, with its method.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let taken = [("get", item.get.as_mut()), ("post", item.post.as_mut())];
    taken.into_iter().filter_map(|(method, operation)| operation.map(|o| (method, o)))
}

/// The refusals any address may answer: they are made in one place, so they are declared in one.
fn declare(operation: &mut Operation) {
    let has = |place: &ParameterIn| {
        operation.parameters.iter().flatten().any(|p| parameter(p).is_some_and(|p| p.parameter_in == *place))
    };
    let (query, path) = (has(&ParameterIn::Query), has(&ParameterIn::Path));
    for (status, _) in refusals(operation.request_body.is_some(), query, path) {
        let response = RefOr::Ref(Ref::from_response_name(refusal(status)));
        operation.responses.responses.insert(status.as_str().to_owned(), response);
    }
}

/// A refusal's name among the components.
fn refusal(status: StatusCode) -> String {
    format!("Refused{}", status.as_str())
}

/// A parameter that is written where it stands, as all of ours are.
pub(crate) fn parameter(parameter: &RefOr<Parameter>) -> Option<&Parameter> {
    match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    }
}
