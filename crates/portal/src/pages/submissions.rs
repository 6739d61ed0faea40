//! What one's agency submitted and asked; one of them with what became of its entries and who was told.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use casework::{SubmissionFilter, SubmissionRow, SubmissionVerb, SubmissionView};
use model::SubmissionId;

use crate::fault::Fault;
use crate::filters;
use crate::page::{Page, Visit, html};
use crate::pages::inbox::Caller;
use crate::query::Query;
use crate::words::{self, When};

struct Row {
    line: SubmissionRow,
    at: When,
}

#[derive(Template)]
#[template(path = "submissions.html")]
struct List {
    page: Page,
    path: &'static str,
    checks: bool,
    rows: Vec<Row>,
    next: Option<String>,
    mine: bool,
}

/// `GET /submissions`.
pub(crate) async fn list(visit: Visit, query: Query) -> Result<Response, Fault> {
    listed(visit, query, "/submissions", SubmissionVerb::Submit).await
}

/// `GET /checks`: the questions that were asked, and their receipts.
pub(crate) async fn checks(visit: Visit, query: Query) -> Result<Response, Fault> {
    listed(visit, query, "/checks", SubmissionVerb::Check).await
}

async fn listed(
    Visit { officer, portal, page, .. }: Visit,
    query: Query,
    path: &'static str,
    verb: SubmissionVerb,
) -> Result<Response, Fault> {
    // One's own first: the agency's are one tick away.
    let mine = !query.ticked("all");
    let filter = SubmissionFilter { verb: Some(verb), mine, case: None };
    let found = portal.desk().submissions(officer.who(), filter, query.get("after"), None).await?;
    let view = List {
        page,
        path,
        checks: verb == SubmissionVerb::Check,
        next: query.next(path, found.next.as_deref()),
        rows: found.rows.into_iter().map(|line| Row { at: words::when(&line.at), line }).collect(),
        mine,
    };
    Ok(html(StatusCode::OK, view.render()))
}

struct Saw {
    whom: Caller,
    since: When,
    openly: bool,
}

struct Entry {
    id: String,
    /// It was not taken back, so it can be corrected.
    stands: bool,
    kind: String,
    yours: String,
    state: String,
    ended: Option<When>,
    corrected: Vec<(String, String)>,
    saw: Vec<Saw>,
    asked: Vec<(When, String)>,
}

#[derive(Template)]
#[template(path = "submission.html")]
struct View {
    page: Page,
    s: SubmissionView,
    at: When,
    entries: Vec<Entry>,
    next: Option<String>,
}

/// `GET /submissions/{receipt}`.
pub(crate) async fn page(
    Visit { officer, portal, page, .. }: Visit,
    query: Query,
    Path(receipt): Path<String>,
) -> Result<Response, Fault> {
    let id: SubmissionId = receipt.parse().map_err(|_| Fault::NoSuch)?;
    let s = portal.desk().submission(officer.who(), id, query.get("after"), None).await?;
    let entries = s.entries.iter().map(|e| Entry {
        id: e.id.clone(),
        stands: matches!(e.state.as_str(), "live" | "kept"),
        kind: words::kind(e.kind.word()).to_owned(),
        yours: e.yours.clone(),
        state: e.state.clone(),
        ended: e.ended.as_deref().map(words::when),
        corrected: e.corrected.iter().map(|c| (c.submission.clone(), c.yours.clone())).collect(),
        saw: e
            .saw
            .iter()
            .map(|s| Saw {
                whom: Caller::new(&s.other, Some(s.conflict.clone())),
                since: words::when(&s.since),
                openly: s.how == "openly",
            })
            .collect(),
        asked: e.asked.iter().map(|a| (words::when(&a.at), a.words.clone())).collect(),
    });
    let view = View {
        page,
        at: words::when(&s.submission.at),
        entries: entries.collect(),
        next: query.next(&format!("/submissions/{id}"), s.next.as_deref()),
        s,
    };
    Ok(html(StatusCode::OK, view.render()))
}
