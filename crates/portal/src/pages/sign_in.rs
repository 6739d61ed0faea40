//! The door: stepping into an officer of a trial, the use banner, the lock, and the way out.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use casework::{SessionState, TrialOfficer};

use crate::Portal;
use crate::fault::Fault;
use crate::form::Form;
use crate::page::{Page, html};

/// Officers shown on a trial's door: those of the story, who came last.
const MOST_OFFICERS: i64 = 8;

#[derive(Template)]
#[template(path = "sign-in.html")]
struct Door {
    page: Page,
    demo: bool,
    officers: Vec<TrialOfficer>,
}

#[derive(Template)]
#[template(path = "banner.html")]
struct Banner {
    page: Page,
}

#[derive(Template)]
#[template(path = "locked.html")]
struct Locked {
    page: Page,
}

/// `GET /sign-in`.
pub(crate) async fn page(State(portal): State<Portal>, page: Page) -> Result<Response, Fault> {
    let demo = portal.is_demo() && portal.desk().is_trial().await?;
    let officers = if demo { portal.desk().trial_officers(MOST_OFFICERS).await? } else { Vec::new() };
    Ok(html(StatusCode::OK, Door { page, demo, officers }.render()))
}

/// `POST /demo/step-in`.
pub(crate) async fn step_in(State(portal): State<Portal>, headers: HeaderMap, form: Form) -> Result<Response, Fault> {
    if !portal.is_demo() {
        return Err(Fault::NoSuch);
    }
    // Whoever steps into somebody else leaves the first one: no session stays open behind them.
    if let Some(session) = portal.session(&headers).await? {
        portal.desk().sign_out(&session).await?;
    }
    let ticket = portal.desk().step_in(form.text("member")).await?;
    Ok(with_cookie(portal.set_cookie(Some(&ticket)), Redirect::to("/banner")))
}

/// `GET /banner`: the four statements of CJIS AC-8, until they are taken note of.
pub(crate) async fn banner(State(portal): State<Portal>, headers: HeaderMap, page: Page) -> Result<Response, Fault> {
    match portal.session(&headers).await? {
        None => Ok(Redirect::to("/sign-in").into_response()),
        Some(session) => Ok(match session.state {
            SessionState::Banner => html(StatusCode::OK, Banner { page }.render()),
            SessionState::Locked => Redirect::to("/locked").into_response(),
            SessionState::Open => Redirect::to("/").into_response(),
        }),
    }
}

/// `POST /banner`.
pub(crate) async fn agree(State(portal): State<Portal>, headers: HeaderMap) -> Result<Response, Fault> {
    let Some(session) = portal.session(&headers).await? else { return Ok(Redirect::to("/sign-in").into_response()) };
    match session.state {
        SessionState::Banner => {}
        SessionState::Locked => return Ok(Redirect::to("/locked").into_response()),
        SessionState::Open => return Ok(Redirect::to("/").into_response()),
    }
    portal.desk().agree(&session).await?;
    Ok(Redirect::to("/").into_response())
}

/// `GET /locked`.
pub(crate) async fn locked(page: Page) -> Response {
    html(StatusCode::OK, Locked { page }.render())
}

/// `POST /session/lock`.
pub(crate) async fn lock(State(portal): State<Portal>, headers: HeaderMap) -> Result<Response, Fault> {
    if let Some(session) = portal.session(&headers).await? {
        portal.desk().lock(&session).await?;
    }
    Ok(Redirect::to("/locked").into_response())
}

/// `POST /sign-out`.
pub(crate) async fn sign_out(State(portal): State<Portal>, headers: HeaderMap) -> Result<Response, Fault> {
    if let Some(session) = portal.session(&headers).await? {
        portal.desk().sign_out(&session).await?;
    }
    Ok(with_cookie(portal.set_cookie(None), Redirect::to("/sign-in")))
}

fn with_cookie(cookie: Option<axum::http::HeaderValue>, to: Redirect) -> Response {
    match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], to).into_response(),
        None => Fault::Failed.into_response(),
    }
}
