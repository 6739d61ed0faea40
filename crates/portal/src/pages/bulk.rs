//! Bulk jobs: more values than go in one go. A second person of the agency approves; the job shows how far it is.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{BulkJob, BulkLabels, BulkOrder, Error, read_pasted};
use model::{
    Authority, BulkId, BulkState, BulkVerb, CaseNumber, FreeText, Level, Marking, Problem, Purpose, Reliability,
    RequestId, Validity,
};

use crate::Portal;
use crate::fault::Fault;
use crate::form::Form;
use crate::page::{Page, Visit, html};
use crate::pages::picker::{self, Choice};
use crate::pages::receipts::file;
use crate::query::Query;
use crate::session::Officer;
use crate::words::{self, When};

/// Jobs of one page.
const ROWS: usize = 50;

struct Row {
    job: BulkJob,
    asked: When,
}

#[derive(Template)]
#[template(path = "bulk-list.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    next: Option<String>,
}

/// `GET /bulk`.
pub(crate) async fn list(Visit { officer, portal, page, .. }: Visit, query: Query) -> Result<Response, Fault> {
    let before: Option<BulkId> = query.get("after").and_then(|id| id.parse().ok());
    let found = portal.desk().bulk_jobs(officer.who(), before, ROWS).await?;
    let last = found.jobs.get(ROWS.saturating_sub(1)).map(|job| job.job.clone());
    let view = List {
        page,
        next: query.next("/bulk", last.as_deref()),
        rows: found.jobs.into_iter().map(|job| Row { asked: words::when(&job.asked), job }).collect(),
    };
    Ok(html(StatusCode::OK, view.render()))
}

#[derive(Template)]
#[template(path = "bulk-new.html")]
struct New {
    page: Page,
    most: usize,
    problems: Vec<String>,
    text: String,
    cases: Vec<Choice>,
    case: String,
    process: String,
    purpose: String,
    authority: String,
    verb: String,
    level: String,
    request: String,
    authorities: Vec<(&'static str, String)>,
}

impl New {
    async fn of(page: Page, portal: &Portal, officer: &Officer, form: &Form) -> Self {
        let cases = picker::choices(portal, officer, &page).await;
        let request = Some(form.text("request")).filter(|r| !r.is_empty()).map(str::to_owned);
        Self {
            page,
            most: portal.desk().limits().values_at_once,
            problems: Vec::new(),
            text: form.whole("text"),
            cases,
            case: form.text("case").to_owned(),
            process: form.text("process").to_owned(),
            purpose: form.text("purpose").to_owned(),
            authority: form.text("authority").to_owned(),
            verb: form.text("verb").to_owned(),
            level: form.text("level").to_owned(),
            request: request.unwrap_or_else(|| portal.desk().request().to_string()),
            authorities: Authority::ALL.iter().map(|a| (a.word(), a.word().replace('-', " "))).collect(),
        }
    }
}

/// `GET /bulk/new`.
pub(crate) async fn blank(Visit { officer, portal, page, .. }: Visit) -> Response {
    html(StatusCode::OK, New::of(page, &portal, &officer, &Form::default()).await.render())
}

/// `POST /bulk/new`: read whole first; what has a problem keeps nothing.
pub(crate) async fn ask(Visit { officer, portal, page, .. }: Visit, form: Form) -> Result<Response, Fault> {
    let mut problems: Vec<Problem> = Vec::new();
    let asked = match order(&portal, &form, &mut problems) {
        None => Err(Fault::Bad(problems)),
        Some(order) => portal.desk().ask_bulk(officer.who(), order).await.map_err(no_case),
    };
    match asked {
        Ok(id) => Ok(Redirect::to(&format!("/bulk/{id}")).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            let mut view = New::of(page, &portal, &officer, &form).await;
            view.problems = fault.lines();
            view.problems.truncate(100);
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}

fn no_case(error: Error) -> Fault {
    match Fault::from(error) {
        Fault::NoSuch => Fault::field("case", "is no case of your agency", "check its number"),
        fault => fault,
    }
}

fn order(portal: &Portal, form: &Form, problems: &mut Vec<Problem>) -> Option<BulkOrder> {
    let mut keep = |field: &str, e: model::Invalid| problems.push(e.at("the form", field));
    let (name, bytes) = match form.file() {
        Some(_) if !form.text("text").is_empty() => {
            keep("file", model::Invalid::new("was chosen and a text was pasted", "give one of them"));
            return None;
        }
        Some((name, bytes)) => (name.to_owned(), bytes.to_vec()),
        None => ("what you pasted".to_owned(), form.whole("text").into_bytes()),
    };
    let case = CaseNumber::parse(form.text("case")).map_err(|e| keep("case", e)).ok();
    let process = FreeText::parse(&form.whole("process")).map_err(|e| keep("legal process", e)).ok();
    let purpose = Purpose::parse(form.text("purpose")).map_err(|e| keep("why you ask", e)).ok();
    let authority = form.text("authority").parse::<Authority>().map_err(|e| keep("authority", e.into())).ok();
    let verb = form.text("verb").parse::<BulkVerb>().map_err(|e| keep("what to do", e.into())).ok();
    // A question leaves no entry that answers.
    let level = match verb {
        Some(BulkVerb::Check) if form.text("level").is_empty() => Some(Level::Open),
        _ => form.level().map_err(|e| keep("level", e)).ok(),
    };
    Some(BulkOrder {
        verb: verb?,
        case: case?,
        authority: authority?,
        process: process?,
        purpose: purpose?,
        reading: read_pasted(&name, &bytes),
        file: name,
        labels: BulkLabels {
            marking: Marking::default(),
            reliability: Reliability::Unknown,
            validity: Validity::Unknown,
            level: level?,
        },
        request: form.text("request").parse::<RequestId>().unwrap_or_else(|_| portal.desk().request()),
    })
}

#[derive(Template)]
#[template(path = "bulk.html")]
struct View {
    page: Page,
    job: BulkJob,
    asked: When,
    until: Option<When>,
    decided: Option<When>,
    ended: Option<When>,
    progress: String,
    waits: bool,
    goes: bool,
    mine: bool,
    problems: Vec<String>,
}

fn view(page: Page, officer: &Officer, job: BulkJob) -> View {
    let whole = |n: u64| words::grouped(usize::try_from(n).unwrap_or(usize::MAX));
    View {
        asked: words::when(&job.asked),
        until: job.until.as_deref().map(words::when),
        decided: job.decided.as_deref().map(words::when),
        ended: job.ended.as_deref().map(words::when),
        progress: format!("{} of {} worked", whole(job.done), whole(job.total)),
        waits: job.state == BulkState::Waiting,
        goes: matches!(job.state, BulkState::Waiting | BulkState::Approved | BulkState::Running),
        mine: job.asker == officer.who().member.to_string(),
        problems: Vec::new(),
        page,
        job,
    }
}

fn id(text: &str) -> Result<BulkId, Fault> {
    text.parse().map_err(|_| Fault::NoSuch)
}

/// `GET /bulk/{job}`.
pub(crate) async fn page(
    Visit { officer, portal, page, .. }: Visit,
    Path(job): Path<String>,
) -> Result<Response, Fault> {
    let job = portal.desk().bulk_job(officer.who(), id(&job)?).await?;
    Ok(html(StatusCode::OK, view(page, &officer, job).render()))
}

/// What every act on a job shares: what cannot be done shows the job again, and why.
async fn act<F>(Visit { officer, portal, page, .. }: Visit, job: &str, step: F) -> Result<Response, Fault>
where
    F: AsyncFnOnce(&Portal, &Officer, BulkId) -> Result<(), Fault>,
{
    let id = id(job)?;
    match step(&portal, &officer, id).await {
        Ok(()) => Ok(Redirect::to(&format!("/bulk/{id}")).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            let job = portal.desk().bulk_job(officer.who(), id).await?;
            let mut view = view(page, &officer, job);
            view.problems = fault.lines();
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}

/// `POST /bulk/{job}/approve`.
pub(crate) async fn approve(visit: Visit, Path(job): Path<String>) -> Result<Response, Fault> {
    act(visit, &job, async |portal, officer, id| {
        portal.desk().approve_bulk(officer.who(), id).await?;
        Ok(())
    })
    .await
}

/// `POST /bulk/{job}/refuse`.
pub(crate) async fn refuse(visit: Visit, Path(job): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, &job, async |portal, officer, id| {
        let why = FreeText::parse(&form.whole("reason"));
        let why = why.map_err(|e| Fault::Bad(vec![e.at("the form", "why")]))?;
        portal.desk().refuse_bulk(officer.who(), id, why).await?;
        Ok(())
    })
    .await
}

/// `POST /bulk/{job}/cancel`: what was stored stays, and the page says so before the button.
pub(crate) async fn cancel(visit: Visit, Path(job): Path<String>) -> Result<Response, Fault> {
    act(visit, &job, async |portal, officer, id| {
        portal.desk().cancel_bulk(officer.who(), id).await?;
        Ok(())
    })
    .await
}

/// `GET /bulk/{job}/answer.csv`.
pub(crate) async fn csv(
    officer: Officer,
    State(portal): State<Portal>,
    Path(job): Path<String>,
) -> Result<Response, Fault> {
    let id = id(&job)?;
    let answer = portal.desk().bulk_answer(officer.who(), id).await?;
    Ok(file("text/csv; charset=utf-8", &format!("bulk-{id}.csv"), answer.to_csv()))
}
