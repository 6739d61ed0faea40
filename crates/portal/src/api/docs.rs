//! The description as JSON, and as a page made of the same text.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::{Content, OpenApi, RefOr, Required};

use super::document::{operations, parameter};
use crate::Portal;
use crate::fault::Fault;
use crate::page::{Page, html};

/// `GET /api/openapi.json`.
pub(crate) async fn json(State(portal): State<Portal>) -> Json<OpenApi> {
    Json(portal.description().clone())
}

/// One address.
struct Address {
    id: String,
    method: &'static str,
    path: String,
    summary: String,
    takes: Vec<Taken>,
    /// The body's schema, by name.
    body: Option<String>,
    answers: Vec<Answered>,
}

struct Taken {
    name: String,
    place: &'static str,
    says: String,
    needed: bool,
}

struct Answered {
    status: String,
    says: String,
    shape: Option<String>,
}

/// One shape, as its JSON Schema.
struct Shape {
    name: String,
    text: String,
}

#[derive(Template)]
#[template(path = "api-docs.html")]
struct View {
    page: Page,
    says: String,
    addresses: Vec<Address>,
    shapes: Vec<Shape>,
}

/// `GET /api/docs`.
pub(crate) async fn page(State(portal): State<Portal>, page: Page) -> Result<Response, Fault> {
    let mut document = portal.description().clone();
    let shapes = document.components.iter().flat_map(|c| &c.schemas).map(|(name, schema)| Shape {
        name: name.clone(),
        text: serde_json::to_string_pretty(schema).unwrap_or_default(),
    });
    let shapes = shapes.collect();
    let shared = document.components.as_ref().map(|c| c.responses.clone()).unwrap_or_default();
    let mut addresses = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let takes = operation.parameters.iter().flatten().filter_map(parameter).map(|p| Taken {
                name: p.name.clone(),
                place: if p.parameter_in == ParameterIn::Path { "in the path" } else { "in the query" },
                says: p.description.clone().unwrap_or_default(),
                needed: matches!(p.required, Required::True),
            });
            let body = operation.request_body.as_ref().and_then(|body| match body {
                RefOr::T(body) => body.content.values().find_map(shape),
                RefOr::Ref(_) => None,
            });
            let answers = operation.responses.responses.iter().filter_map(|(status, response)| {
                let response = match response {
                    RefOr::Ref(to) => shared.get(last(&to.ref_location))?,
                    here => here,
                };
                let RefOr::T(r) = response else { return None };
                let shape = r.content.values().find_map(shape);
                Some(Answered { status: status.clone(), says: r.description.clone(), shape })
            });
            addresses.push(Address {
                id: operation.operation_id.clone().unwrap_or_default(),
                method,
                path: path.clone(),
                summary: operation.summary.clone().unwrap_or_default(),
                takes: takes.collect(),
                body,
                answers: answers.collect(),
            });
        }
    }
    let view = View { page, says: document.info.description.clone().unwrap_or_default(), addresses, shapes };
    Ok(html(StatusCode::OK, view.render()))
}

/// A component's name in a reference to it.
fn last(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

/// The name of the shape that a content has.
fn shape(content: &RefOr<Content>) -> Option<String> {
    let RefOr::T(content) = content else { return None };
    match content.schema.as_ref()? {
        RefOr::Ref(to) => Some(last(&to.ref_location).to_owned()),
        RefOr::T(_) => None,
    }
}
