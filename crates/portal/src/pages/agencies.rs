//! The agencies that take part: whom to call at each, and the members of one's own.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use casework::{AgencyPage, AgencyRow};
use model::AgencyId;

use crate::fault::Fault;
use crate::page::{Page, Visit, html};
use crate::query::Query;

#[derive(Template)]
#[template(path = "agencies.html")]
struct List {
    page: Page,
    rows: Vec<AgencyRow>,
    next: Option<String>,
}

/// `GET /agencies`.
pub(crate) async fn list(Visit { officer, portal, page, .. }: Visit, query: Query) -> Result<Response, Fault> {
    let found = portal.desk().agencies(officer.who(), query.get("after"), None).await?;
    let view = List { page, next: query.next("/agencies", found.next.as_deref()), rows: found.rows };
    Ok(html(StatusCode::OK, view.render()))
}

#[derive(Template)]
#[template(path = "agency.html")]
struct View {
    page: Page,
    a: AgencyPage,
}

/// `GET /agencies/{agency}`.
pub(crate) async fn page(
    Visit { officer, portal, page, .. }: Visit,
    Path(agency): Path<String>,
) -> Result<Response, Fault> {
    let id: AgencyId = agency.parse().map_err(|_| Fault::NoSuch)?;
    let a = portal.desk().agency_page(officer.who(), id).await?;
    Ok(html(StatusCode::OK, View { page, a }.render()))
}
