//! One entry is put right: the form, and the answer of the check that the right value makes at once.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{Correctable, RightValue};
use model::{CaseId, EntryId, Purpose, RequestId};

use crate::fault::Fault;
use crate::form::Form;
use crate::page::{Page, Visit, html};

#[derive(Template)]
#[template(path = "correct.html")]
struct View {
    page: Page,
    /// The ids of the address.
    case: CaseId,
    entry: EntryId,
    old: Correctable,
    problems: Vec<String>,
    value: String,
    platform: String,
    reason: String,
    request: String,
}

fn ids((case, entry): (String, String)) -> Result<(CaseId, EntryId), Fault> {
    match (case.parse(), entry.parse()) {
        (Ok(case), Ok(entry)) => Ok((case, entry)),
        _ => Err(Fault::NoSuch),
    }
}

/// `GET /cases/{case}/entries/{entry}/correct`.
pub(crate) async fn form(
    Visit { officer, portal, page, .. }: Visit,
    Path(path): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (case, entry) = ids(path)?;
    let old = portal.desk().correctable(officer.who(), case, entry).await?;
    let view = View {
        page,
        case,
        entry,
        problems: Vec::new(),
        value: String::new(),
        platform: old.platform.clone().unwrap_or_default(),
        reason: String::new(),
        request: portal.desk().request().to_string(),
        old,
    };
    Ok(html(StatusCode::OK, view.render()))
}

/// `POST /cases/{case}/entries/{entry}/correct`: everybody who was told of the wrong one is told.
pub(crate) async fn correct(
    Visit { officer, portal, page, .. }: Visit,
    Path(path): Path<(String, String)>,
    form: Form,
) -> Result<Response, Fault> {
    let (case, entry) = ids(path)?;
    let request = form.text("request").parse().unwrap_or_else(|_| portal.desk().request());
    let answer = match read(&form, request) {
        Err(fault) => Err(fault),
        Ok(right) => portal.desk().correct_entry(officer.who(), case, entry, right).await.map_err(Fault::from),
    };
    match answer {
        Ok(answer) => Ok(Redirect::to(&format!("/receipts/{}", answer.receipt)).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            let old = portal.desk().correctable(officer.who(), case, entry).await?;
            let view = View {
                page,
                case,
                entry,
                old,
                problems: fault.lines(),
                value: form.text("value").to_owned(),
                platform: form.text("platform").to_owned(),
                reason: form.text("reason").to_owned(),
                request: request.to_string(),
            };
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}

/// Everything that is wrong with the form at once.
fn read(form: &Form, request: RequestId) -> Result<RightValue, Fault> {
    let mut problems = Vec::new();
    let value = form.text("value").to_owned();
    if value.is_empty() {
        problems.push(model::Invalid::new("is empty", "write the right value").at("the form", "right value"));
    }
    let reason = Purpose::parse(form.text("reason")).map_err(|e| problems.push(e.at("the form", "why"))).ok();
    let platform = Some(form.text("platform").to_owned()).filter(|p| !p.is_empty());
    match reason {
        Some(reason) if problems.is_empty() => Ok(RightValue { value, platform, reason, request }),
        _ => Err(Fault::Bad(problems)),
    }
}
