//! The answer to one question or submission: whom to call first, then what was asked, then what was not.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use casework::answer::{Answer, EQUAL_IS_NOT_SAME, MatchLine, NOTHING};
use model::{Strength, SubmissionId};

use crate::Portal;
use crate::fault::Fault;
use crate::filters;
use crate::htmx::Wanted;
use crate::page::{Page, Visit, html};
use crate::pages::inbox::Caller;
use crate::session::Officer;
use crate::{sheet, words};

/// One conflict of an answer.
pub(crate) struct Met {
    pub strong: bool,
    pub whom: Caller,
    pub matches: Vec<MatchLine>,
}

#[derive(Template)]
#[template(path = "receipt.html", blocks = ["work"])]
struct View {
    page: Page,
    answer: Answer,
    met: Vec<Met>,
    asked: String,
}

fn id(text: &str) -> Result<SubmissionId, Fault> {
    text.parse().map_err(|_| Fault::NoSuch)
}

/// `GET /receipts/{receipt}`.
pub(crate) async fn page(
    Visit { officer, portal, page, wanted }: Visit,
    Path(receipt): Path<String>,
) -> Result<Response, Fault> {
    let answer = portal.desk().answer(officer.who(), id(&receipt)?).await?;
    let met = answer.conflicts.iter().map(|c| Met {
        strong: c.strength == Strength::Strong,
        whom: Caller::new(&c.other, c.conflict.clone()),
        matches: c.matches.clone(),
    });
    let view = View { page, met: met.collect(), asked: words::count(answer.entries, "identifier"), answer };
    Ok(match wanted {
        Wanted::Page => html(StatusCode::OK, view.render()),
        Wanted::Block => {
            // The block came to where a form was; the address becomes the receipt's.
            let mut push = HeaderMap::new();
            if let Ok(address) = HeaderValue::from_str(&format!("/receipts/{}", view.answer.receipt)) {
                push.insert("hx-push-url", address);
            }
            (push, html(StatusCode::OK, view.as_work().render())).into_response()
        }
    })
}

/// `GET /receipts/{receipt}/receipt.json`: verifies with nothing but the key.
pub(crate) async fn json(
    officer: Officer,
    State(portal): State<Portal>,
    Path(receipt): Path<String>,
) -> Result<Response, Fault> {
    let id = id(&receipt)?;
    let text = portal.desk().receipt(officer.who(), id).await?;
    Ok(file("application/json", &format!("receipt-{id}.json"), text))
}

/// `GET /receipts/{receipt}/answer.csv`.
pub(crate) async fn csv(
    officer: Officer,
    State(portal): State<Portal>,
    Path(receipt): Path<String>,
) -> Result<Response, Fault> {
    let id = id(&receipt)?;
    let answer = portal.desk().answer(officer.who(), id).await?;
    let text = sheet::answer(&answer);
    Ok(file("text/csv; charset=utf-8", &format!("answer-{id}.csv"), text))
}

/// A file to keep: never opened in the page.
pub(crate) fn file(kind: &'static str, name: &str, text: String) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(how) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, how);
    }
    (headers, text).into_response()
}
