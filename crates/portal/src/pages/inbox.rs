//! The inbox: what needs an answer now, what is due soon, and what one was told.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::answer::{InboxItem, Other};
use model::Strength;

use crate::Portal;
use crate::fault::Fault;
use crate::filters;
use crate::htmx::Wanted;
use crate::page::{Page, Visit, html};
use crate::session::Officer;
use crate::words::{self, When};

/// One line of the inbox.
pub(crate) struct Line {
    pub conflict: Option<String>,
    pub notice: Option<String>,
    pub state: String,
    pub strong: bool,
    pub possible: bool,
    pub overdue: bool,
    pub due: When,
    pub yours: Vec<String>,
    pub note: Option<String>,
    pub callers: Vec<Caller>,
    pub watch_desk: Option<String>,
}

/// Whom to call, ready for a telephone.
pub(crate) struct Caller {
    pub conflict: Option<String>,
    pub other: Other,
    pub tel: String,
}

impl Caller {
    pub fn new(other: &Other, conflict: Option<String>) -> Self {
        Self { conflict, tel: words::tel(&other.telephone), other: other.clone() }
    }
}

#[derive(Template)]
#[template(path = "inbox.html", blocks = ["list"])]
struct View {
    page: Page,
    /// Where the page's stream begins.
    cursor: String,
    sections: Vec<Section>,
}

struct Section {
    id: &'static str,
    title: &'static str,
    lines: Vec<Line>,
}

/// `GET /`.
pub(crate) async fn page(Visit { officer, portal, page, wanted }: Visit) -> Result<Response, Fault> {
    // Who works no cases and does not stand at the desk has no inbox.
    if !page.has_inbox() {
        return Ok(Redirect::to("/agencies").into_response());
    }
    // Taken before the inbox is read, so that nothing falls between the page and its stream.
    let cursor = portal.desk().news(officer.who(), None).await?.cursor.to_string();
    let (mut now, mut soon, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for item in portal.desk().inbox(officer.who()).await?.items {
        let line = line(item);
        // Nobody has answered yet and it is late, or it is sure: that is what is looked at first.
        let unanswered = line.state == words::state("notified");
        if line.overdue || (unanswered && line.strong) {
            now.push(line);
        } else if line.conflict.is_some() && line.notice.is_none() {
            soon.push(line);
        } else {
            told.push(line);
        }
    }
    let section = |id, title, lines: Vec<Line>| (!lines.is_empty()).then_some(Section { id, title, lines });
    let sections = [
        section("now", "Needs an answer now", now),
        section("soon", "Due soon", soon),
        section("told", "Told about", told),
    ];
    let view = View { page, cursor, sections: sections.into_iter().flatten().collect() };
    let rendered = match wanted {
        Wanted::Page => view.render(),
        Wanted::Block => view.as_list().render(),
    };
    Ok(html(StatusCode::OK, rendered))
}

fn line(item: InboxItem) -> Line {
    let head = item.other.as_ref().map(|o| Caller::new(o, item.conflict.clone()));
    let others = item.others.iter().map(|o| Caller::new(&o.other, Some(o.conflict.clone())));
    Line {
        callers: head.into_iter().chain(others).collect(),
        state: words::state(&item.state).to_owned(),
        strong: item.strength == Some(Strength::Strong),
        possible: item.strength == Some(Strength::Possible),
        overdue: item.overdue,
        due: words::when(&item.due),
        yours: item.yours,
        note: item.note,
        // What only the desk can speak of has no thread.
        conflict: item.conflict.filter(|_| item.state != "desk"),
        notice: item.notice,
        watch_desk: item.watch_desk,
    }
}

/// `POST /notices/{notice}/seen`.
pub(crate) async fn seen(
    officer: Officer,
    State(portal): State<Portal>,
    Path(notice): Path<String>,
) -> Result<Response, Fault> {
    let notice = notice.parse().map_err(|_| Fault::NoSuch)?;
    portal.desk().seen(officer.who(), notice).await?;
    Ok(Redirect::to("/").into_response())
}
