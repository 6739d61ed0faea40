//! Help, the guidelines of use, accessibility and privacy: words of the program.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::page::{Page, html};

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    page: Page,
}

#[derive(Template)]
#[template(path = "guidelines.html")]
struct Guidelines {
    page: Page,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Accessibility {
    page: Page,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy {
    page: Page,
}

/// `GET /help`.
pub(crate) async fn help(page: Page) -> Response {
    html(StatusCode::OK, Help { page }.render())
}

/// `GET /help/guidelines`.
pub(crate) async fn guidelines(page: Page) -> Response {
    html(StatusCode::OK, Guidelines { page }.render())
}

/// `GET /accessibility`.
pub(crate) async fn accessibility(page: Page) -> Response {
    html(StatusCode::OK, Accessibility { page }.render())
}

/// `GET /privacy`.
pub(crate) async fn privacy(page: Page) -> Response {
    html(StatusCode::OK, Privacy { page }.render())
}
