//! Search over what this officer may see. What is sought goes in the body of a request, never in an address.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use casework::Found;

use crate::fault::Fault;
use crate::form::Form;
use crate::page::{Page, Visit, html};
use crate::session::Officer;

#[derive(Template)]
#[template(path = "search.html")]
struct View {
    page: Page,
    text: String,
    asked: bool,
    problems: Vec<String>,
    rows: Vec<Found>,
    next: Option<String>,
}

/// `GET /search`.
pub(crate) async fn blank(_: Officer, page: Page) -> Response {
    let view = View { page, text: String::new(), asked: false, problems: Vec::new(), rows: Vec::new(), next: None };
    html(StatusCode::OK, view.render())
}

/// `POST /search`.
pub(crate) async fn search(Visit { officer, portal, page, .. }: Visit, form: Form) -> Result<Response, Fault> {
    let text = form.text("text").to_owned();
    let after = Some(form.text("after")).filter(|a| !a.is_empty());
    match portal.desk().search(officer.who(), &text, &[], after, None).await.map_err(Fault::from) {
        Ok(found) => {
            let view = View { page, text, asked: true, problems: Vec::new(), rows: found.rows, next: found.next };
            Ok(html(StatusCode::OK, view.render()))
        }
        Err(fault @ Fault::Bad(_)) => {
            let view = View { page, text, asked: false, problems: fault.lines(), rows: Vec::new(), next: None };
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}
