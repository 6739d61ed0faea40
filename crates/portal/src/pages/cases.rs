//! One's own agency's cases: the list, a new one, one with its entries, and what is done to it.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{CaseFilter, CasePage, CaseRow, EntryLine, NewCase};
use model::{
    CaseId, CaseNumber, CaseStatus, FreeText, Kind, Marking, Nexus, Outcome, Predicate, Problem, Purpose, ThreatArea,
};

use crate::Portal;
use crate::fault::{self, Fault};
use crate::form::Form;
use crate::page::{Page, Visit, html};
use crate::query::Query;
use crate::session::Officer;
use crate::words::{self, When};

struct Row {
    case: CaseRow,
    opened: When,
}

#[derive(Template)]
#[template(path = "cases.html")]
struct List {
    page: Page,
    rows: Vec<Row>,
    next: Option<String>,
    statuses: Vec<(&'static str, bool)>,
    mine: bool,
}

/// `GET /cases`.
pub(crate) async fn list(Visit { officer, portal, page, .. }: Visit, query: Query) -> Result<Response, Fault> {
    let status: Option<CaseStatus> = query.word("status");
    let filter = CaseFilter { status, mine: query.ticked("mine") };
    let found = portal.desk().cases(officer.who(), filter, query.get("after"), None).await?;
    let view = List {
        page,
        next: query.next("/cases", found.next.as_deref()),
        rows: found.rows.into_iter().map(|case| Row { opened: words::when(&case.opened), case }).collect(),
        statuses: CaseStatus::ALL.iter().map(|s| (s.word(), Some(*s) == status)).collect(),
        mine: filter.mine,
    };
    Ok(html(StatusCode::OK, view.render()))
}

#[derive(Template)]
#[template(path = "case-new.html")]
struct New {
    page: Page,
    problems: Vec<String>,
    number: String,
    area: String,
    nexus: String,
    predicate: String,
    areas: Vec<(&'static str, &'static str)>,
}

impl New {
    fn of(page: Page, form: &Form) -> Self {
        Self {
            page,
            problems: Vec::new(),
            number: form.text("number").to_owned(),
            area: form.text("area").to_owned(),
            nexus: form.text("nexus").to_owned(),
            predicate: form.whole("predicate"),
            areas: ThreatArea::ALL.iter().map(|a| (a.word(), words::area(a.word()))).collect(),
        }
    }
}

/// `GET /cases/new`.
pub(crate) async fn blank(_: Officer, page: Page) -> Response {
    html(StatusCode::OK, New::of(page, &Form::default()).render())
}

/// `POST /cases/new`.
pub(crate) async fn open(Visit { officer, portal, page, .. }: Visit, form: Form) -> Result<Response, Fault> {
    let mut problems: Vec<Problem> = Vec::new();
    let new = read_new(&form, &mut problems);
    let opened = match new {
        None => Err(Fault::Bad(problems)),
        Some(new) => portal.desk().open_case(officer.who(), new).await.map_err(taken),
    };
    match opened {
        Ok(id) => Ok(Redirect::to(&format!("/cases/{id}")).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            let mut view = New::of(page, &form);
            view.problems = fault.lines();
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}

/// A number that is taken is the form's fault, and said beside it.
pub(crate) fn taken(error: casework::Error) -> Fault {
    taken_as("number", error)
}

/// The same for a number that stands in another field.
pub(crate) fn taken_as(field: &str, error: casework::Error) -> Fault {
    match Fault::from(error) {
        Fault::NotNow(_) => Fault::field(field, "is your agency's number already", "give another, or open that case"),
        fault => fault,
    }
}

/// Everything that is wrong at once.
fn read_new(form: &Form, problems: &mut Vec<Problem>) -> Option<NewCase> {
    let mut keep = |field: &str, e: model::Invalid| problems.push(e.at("the form", field));
    let number = CaseNumber::parse(form.text("number")).map_err(|e| keep("number", e)).ok();
    let area = form.text("area").parse::<ThreatArea>().map_err(|e| keep("area", e.into())).ok();
    let nexus = Nexus::parse(form.text("nexus")).map_err(|e| keep("how the Internet was used", e)).ok();
    let facts = Predicate::facts(&form.whole("predicate")).map_err(|e| keep("facts", e)).ok();
    Some(NewCase {
        number: number?,
        threat_area: area?,
        nexus: nexus?,
        predicate: facts?,
        offence: None,
        supervisor: None,
        contact: None,
        marking: Marking::default(),
    })
}

struct Entry {
    line: EntryLine,
    entered: When,
    review: When,
    stands: bool,
}

#[derive(Template)]
#[template(path = "case.html")]
struct View {
    page: Page,
    c: CasePage,
    opened: When,
    entries: Vec<Entry>,
    withheld: bool,
    /// Where this page of entries begins.
    after: String,
    next: Option<String>,
    problems: Vec<String>,
    outcomes: Vec<(&'static str, &'static str)>,
}

fn view(page: Page, id: CaseId, c: CasePage, query: &Query) -> View {
    let entries: Vec<Entry> = c
        .view
        .entries
        .iter()
        .map(|e| Entry {
            entered: words::when(&e.entered),
            review: words::when(&e.review),
            stands: matches!(e.state.as_str(), "live" | "kept"),
            line: e.clone(),
        })
        .collect();
    View {
        opened: words::when(&c.view.case.opened),
        withheld: c.view.entries.iter().any(|e| e.withheld.is_some()),
        after: query.get("after").unwrap_or_default().to_owned(),
        next: query.next(&format!("/cases/{id}"), c.next.as_deref()),
        entries,
        problems: Vec::new(),
        outcomes: Outcome::ALL.iter().map(|o| (o.word(), words::outcome(o.word()))).collect(),
        page,
        c,
    }
}

fn id(text: &str) -> Result<CaseId, Fault> {
    text.parse().map_err(|_| Fault::NoSuch)
}

/// `GET /cases/{case}`: what is a child's, a victim's or a witness's stays closed.
pub(crate) async fn page(
    Visit { officer, portal, page, .. }: Visit,
    query: Query,
    Path(case): Path<String>,
) -> Result<Response, Fault> {
    let id = id(&case)?;
    let number = portal.desk().number_of(officer.who(), id).await?;
    let c = portal.desk().case_page(officer.who(), &number, None, query.get("after"), None).await?;
    Ok(html(StatusCode::OK, view(page, id, c, &query).render()))
}

/// `POST /cases/{case}/open`: the same page with its protected values, for a reason that is kept (18 U.S.C. 3509(d)).
pub(crate) async fn opened(
    Visit { officer, portal, page, .. }: Visit,
    Path(case): Path<String>,
    form: Form,
) -> Result<Response, Fault> {
    let id = id(&case)?;
    let number = portal.desk().number_of(officer.who(), id).await?;
    let reason = FreeText::parse(&form.whole("reason"));
    let (status, problems, reason) = match reason {
        Ok(reason) => (StatusCode::OK, Vec::new(), Some(reason)),
        Err(e) => (StatusCode::UNPROCESSABLE_ENTITY, vec![fault::said(&e.at("the form", "reason"))], None),
    };
    let after = Some(form.text("after")).filter(|a| !a.is_empty());
    let c = portal.desk().case_page(officer.who(), &number, reason.as_ref(), after, None).await?;
    let mut view = view(page, id, c, &Query::default());
    view.problems = problems;
    Ok(html(status, view.render()))
}

/// `POST /cases/{case}/withdraw`: everybody who was told is told.
pub(crate) async fn withdraw(visit: Visit, Path(case): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, &case, async |portal, officer, number| {
        let kind: Kind = form.parse("kind", "kind")?;
        let reason = Purpose::parse(form.text("reason")).map_err(|e| Fault::Bad(vec![e.at("the form", "why")]))?;
        let platform = Some(form.text("platform")).filter(|p| !p.is_empty());
        portal.desk().withdraw(officer.who(), number, kind, form.text("value"), platform, &reason).await?;
        Ok(())
    })
    .await
}

/// `POST /cases/{case}/close`.
pub(crate) async fn close(visit: Visit, Path(case): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, &case, async |portal, officer, number| {
        let outcome: Outcome = form.parse("outcome", "outcome")?;
        portal.desk().close_case(officer.who(), number, outcome).await?;
        Ok(())
    })
    .await
}

/// What every act on a case shares: what cannot be done shows the case again, and why.
async fn act<F>(Visit { officer, portal, page, .. }: Visit, case: &str, step: F) -> Result<Response, Fault>
where
    F: AsyncFnOnce(&Portal, &Officer, &CaseNumber) -> Result<(), Fault>,
{
    let id = id(case)?;
    let number = portal.desk().number_of(officer.who(), id).await?;
    match step(&portal, &officer, &number).await {
        Ok(()) => Ok(Redirect::to(&format!("/cases/{id}")).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            let c = portal.desk().case_page(officer.who(), &number, None, None, None).await?;
            let mut view = view(page, id, c, &Query::default());
            view.problems = fault.lines();
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}
