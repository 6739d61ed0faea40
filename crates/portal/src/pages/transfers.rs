//! Cases that go from one agency to another: what is offered to one's own and by it, and the answers.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{AgencyRow, TransferLine};
use model::{AgencyId, CaseId, CaseNumber, FreeText, Invalid, TransferId};

use crate::Portal;
use crate::fault::Fault;
use crate::filters;
use crate::form::Form;
use crate::page::{Page, Visit, html};
use crate::session::Officer;
use crate::words::{self, When};

/// One offer, as its reader's agency reads it.
struct Row {
    line: TransferLine,
    offered: When,
    until: When,
    answered: Option<When>,
    /// Name and telephone of whom to call, apart.
    call: Option<(String, String)>,
}

impl Row {
    fn of(line: TransferLine) -> Self {
        let call = line.call.as_deref().and_then(|c| c.rsplit_once(", "));
        Self {
            offered: words::when(&line.offered),
            until: words::when(&line.until),
            answered: line.answered.as_deref().map(words::when),
            call: call.map(|(name, telephone)| (name.to_owned(), telephone.to_owned())),
            line,
        }
    }

    fn waits(&self) -> bool {
        self.line.state == "offered"
    }

    fn is_ours(&self) -> bool {
        self.line.direction == "by-you"
    }
}

#[derive(Template)]
#[template(path = "transfers.html")]
struct List {
    page: Page,
    problems: Vec<String>,
    /// What was typed into the form of this offer.
    typed: Typed,
    to_you: Vec<Row>,
    by_you: Vec<Row>,
    /// The newest first.
    ended: Vec<Row>,
}

/// What an answer held, so that nothing typed is lost.
#[derive(Default)]
struct Typed {
    transfer: String,
    number: String,
    lead: String,
    reason: String,
}

async fn listed(portal: &Portal, officer: &Officer, page: Page, typed: Typed) -> Result<List, Fault> {
    let all = portal.desk().transfers(officer.who()).await?;
    let (waiting, mut ended): (Vec<Row>, Vec<Row>) = all.transfers.into_iter().map(Row::of).partition(Row::waits);
    ended.reverse();
    let (by_you, to_you) = waiting.into_iter().partition(Row::is_ours);
    Ok(List { page, problems: Vec::new(), typed, to_you, by_you, ended })
}

/// `GET /transfers`.
pub(crate) async fn list(Visit { officer, portal, page, .. }: Visit) -> Result<Response, Fault> {
    let view = listed(&portal, &officer, page, Typed::default()).await?;
    Ok(html(StatusCode::OK, view.render()))
}

/// What every answer to an offer shares: what cannot be done shows the offers again, and why.
async fn act<F>(visit: Visit, transfer: &str, form: &Form, step: F) -> Result<Response, Fault>
where
    F: AsyncFnOnce(&Portal, &Officer, TransferId) -> Result<String, Fault>,
{
    let Visit { officer, portal, page, .. } = visit;
    let id: TransferId = transfer.parse().map_err(|_| Fault::NoSuch)?;
    match step(&portal, &officer, id).await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            let typed = Typed {
                transfer: id.to_string(),
                number: form.text("number").to_owned(),
                lead: form.text("lead").to_owned(),
                reason: form.text("reason").to_owned(),
            };
            let mut view = listed(&portal, &officer, page, typed).await?;
            view.problems = fault.lines();
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}

const BACK: &str = "/transfers";

/// `POST /transfers/{transfer}/accept`: the answer is that of the look the new owner makes.
pub(crate) async fn accept(visit: Visit, Path(transfer): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, &transfer, &form, async |portal, officer, id| {
        let number = CaseNumber::parse(form.text("number"));
        let number = number.map_err(|e| Fault::Bad(vec![e.at("the form", "number at your agency")]))?;
        let lead = Some(form.text("lead")).filter(|lead| !lead.is_empty());
        let answer = portal.desk().accept_transfer_led_by(officer.who(), id, number, lead).await;
        Ok(format!("/receipts/{}", answer.map_err(|e| taken("number", e))?.receipt))
    })
    .await
}

/// A number that is taken is the form's fault, and said beside it; an offer that stands no more is not.
pub(crate) fn taken(field: &str, error: casework::Error) -> Fault {
    match error {
        casework::Error::NotNow(why) => Fault::NotNow(why),
        error => super::cases::taken_as(field, error),
    }
}

/// `POST /transfers/{transfer}/decline`: the offerer reads why.
pub(crate) async fn decline(visit: Visit, Path(transfer): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, &transfer, &form, async |portal, officer, id| {
        portal.desk().decline_transfer(officer.who(), id, reason(&form)?).await?;
        Ok(BACK.to_owned())
    })
    .await
}

/// `POST /transfers/{transfer}/withdraw`.
pub(crate) async fn withdraw(visit: Visit, Path(transfer): Path<String>) -> Result<Response, Fault> {
    act(visit, &transfer, &Form::default(), async |portal, officer, id| {
        portal.desk().withdraw_transfer(officer.who(), id).await?;
        Ok(BACK.to_owned())
    })
    .await
}

fn reason(form: &Form) -> Result<FreeText, Fault> {
    FreeText::parse(&form.whole("reason")).map_err(|e| Fault::Bad(vec![e.at("the form", "why")]))
}

#[derive(Template)]
#[template(path = "transfer-new.html")]
struct New {
    page: Page,
    case: CaseId,
    number: CaseNumber,
    agencies: Vec<AgencyRow>,
    problems: Vec<String>,
    to: String,
    reason: String,
}

impl New {
    async fn of(portal: &Portal, officer: &Officer, page: Page, case: CaseId, form: &Form) -> Result<Self, Fault> {
        let number = portal.desk().number_of(officer.who(), case).await?;
        Ok(Self {
            page,
            case,
            number,
            agencies: portal.desk().other_agencies(officer.who()).await?,
            problems: Vec::new(),
            to: form.text("to").to_owned(),
            reason: form.whole("reason"),
        })
    }
}

fn case_id(text: &str) -> Result<CaseId, Fault> {
    text.parse().map_err(|_| Fault::NoSuch)
}

/// `GET /cases/{case}/transfer`.
pub(crate) async fn blank(
    Visit { officer, portal, page, .. }: Visit,
    Path(case): Path<String>,
) -> Result<Response, Fault> {
    let view = New::of(&portal, &officer, page, case_id(&case)?, &Form::default()).await?;
    Ok(html(StatusCode::OK, view.render()))
}

/// `POST /cases/{case}/transfer`: nothing moves until the other agency accepts.
pub(crate) async fn offer(
    Visit { officer, portal, page, .. }: Visit,
    Path(case): Path<String>,
    form: Form,
) -> Result<Response, Fault> {
    let case = case_id(&case)?;
    let number = portal.desk().number_of(officer.who(), case).await?;
    let offered = match read(&form) {
        Err(fault) => Err(fault),
        Ok((to, reason)) => {
            portal.desk().offer_transfer(officer.who(), &number, to, reason).await.map_err(|e| match e.into() {
                // The case is there: it is the agency that is not.
                Fault::NoSuch => Fault::field("to", "is no agency of this Concord", "choose one"),
                fault => fault,
            })
        }
    };
    match offered {
        Ok(_) => Ok(Redirect::to(BACK).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            let mut view = New::of(&portal, &officer, page, case, &form).await?;
            view.problems = fault.lines();
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}

/// Everything that is wrong with the form at once.
fn read(form: &Form) -> Result<(AgencyId, FreeText), Fault> {
    let mut problems = Vec::new();
    let to: Option<AgencyId> = form.text("to").parse().ok();
    if to.is_none() {
        problems.push(Invalid::new("is not chosen", "choose the agency that is to have the case").at("the form", "to"));
    }
    let reason = FreeText::parse(&form.whole("reason")).map_err(|e| problems.push(e.at("the form", "why"))).ok();
    match (to, reason) {
        (Some(to), Some(reason)) => Ok((to, reason)),
        _ => Err(Fault::Bad(problems)),
    }
}
