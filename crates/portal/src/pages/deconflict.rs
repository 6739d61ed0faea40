//! Check and submit: paste anything, see what was recognised, put it right, ask.
//!
//! A text whose every line was recognised is asked at once. Where a line was not, or a value cannot be of its kind, the
//! rows come back to be put right: no line of what an officer pasted is dropped without their word.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{CheckOrder, Error, Format, Reading, SubmitOrder, read_pasted};
use model::{AgeClass, CaseNumber, EntryDraft, EntryRole, Kind, Nexus, Problem, Purpose, RequestId};

use crate::Portal;
use crate::fault::{self, Fault};
use crate::form::Form;
use crate::htmx::Wanted;
use crate::page::{Page, Visit, html};
use crate::pages::picker::{self, Choice};
use crate::query::Query;
use crate::session::Officer;
use crate::words;

mod rows;

use rows::Row;

/// What the demonstration proposes to paste: two values of its story, and one that nobody holds.
const TRY_LINES: &str = "willyrox@gmail.com\n+1 123-555-1337\nharbour.lights@example.org";

/// What the form holds, so that nothing an officer typed is lost.
#[derive(Default)]
struct Filled {
    text: String,
    purpose: String,
    case: String,
    nexus: String,
    level: String,
    request: String,
}

#[derive(Template)]
#[template(path = "deconflict.html", blocks = ["work"])]
struct View {
    page: Page,
    demo: bool,
    filled: Filled,
    cases: Vec<Choice>,
    rows: Vec<Row>,
    problems: Vec<String>,
    too_many: bool,
    kinds: Vec<(&'static str, &'static str)>,
    roles: Vec<&'static str>,
    ages: Vec<&'static str>,
}

impl View {
    fn new(page: Page, portal: &Portal, filled: Filled) -> Self {
        Self {
            page,
            demo: portal.is_demo(),
            filled,
            cases: Vec::new(),
            rows: Vec::new(),
            problems: Vec::new(),
            too_many: false,
            kinds: Kind::ALL.iter().map(|k| (k.word(), words::kind(k.word()))).collect(),
            // An undercover identity is entered by its own register, never by a form for leads.
            roles: EntryRole::ALL.iter().filter(|r| **r != EntryRole::Undercover).map(|r| r.word()).collect(),
            ages: AgeClass::ALL.iter().map(|a| a.word()).collect(),
        }
    }

    /// The form again, with what was typed and what is wrong.
    async fn back(mut self, portal: &Portal, officer: &Officer, status: StatusCode, wanted: Wanted) -> Response {
        self.cases = picker::choices(portal, officer, &self.page).await;
        self.reply(status, wanted)
    }

    fn reply(&self, status: StatusCode, wanted: Wanted) -> Response {
        html(
            status,
            match wanted {
                Wanted::Page => self.render(),
                Wanted::Block => self.as_work().render(),
            },
        )
    }
}

/// `GET /deconflict`, with the case its address names already filled in.
pub(crate) async fn form(Visit { officer, portal, page, wanted }: Visit, query: Query) -> Response {
    let filled = Filled { request: portal.desk().request().to_string(), level: "open".to_owned(), ..Filled::default() };
    let mut view = View::new(page, &portal, filled);
    view.cases = picker::choices(&portal, &officer, &view.page).await;
    view.filled.case = picker::picked(&view.cases, query.get("case"));
    view.reply(StatusCode::OK, wanted)
}

/// What the officer pressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Look,
    Check,
    Submit,
}

/// `POST /deconflict`.
pub(crate) async fn ask(Visit { officer, portal, page, wanted }: Visit, form: Form) -> Result<Response, Fault> {
    let filled = Filled {
        text: form.whole("text"),
        purpose: form.text("purpose").to_owned(),
        case: form.text("case").to_owned(),
        nexus: form.text("nexus").to_owned(),
        level: form.text("level").to_owned(),
        request: form.text("request").to_owned(),
    };
    let act = match form.text("act") {
        "submit" => Act::Submit,
        "check" => Act::Check,
        _ => Act::Look,
    };
    let mut view = View::new(page, &portal, filled);
    let (file, reading) = if form.has("rows") {
        let (rows, reading) = rows::of_form(&form, portal.desk().limits().values_at_once);
        view.rows = rows;
        ("what you entered".to_owned(), reading)
    } else {
        let (file, pasted) = match form.file() {
            Some(_) if !view.filled.text.trim().is_empty() => {
                view.problems.push(
                    "You pasted a text and chose a file: give one of them, so that neither is passed over.".to_owned(),
                );
                return Ok(view.back(&portal, &officer, StatusCode::UNPROCESSABLE_ENTITY, wanted).await);
            }
            Some((name, bytes)) => (name.to_owned(), bytes.to_vec()),
            None => ("what you pasted".to_owned(), view.filled.text.clone().into_bytes()),
        };
        let reading = read_pasted(&file, &pasted);
        let found = rows::of_reading(&reading, &pasted, portal.desk().limits().values_at_once);
        view.rows = found.rows;
        // Of a list with a fault its own lines are put right: rows of the good ones alone would drop the others.
        if reading.format != Format::Copied && !reading.problems.is_empty() {
            view.rows.clear();
        }
        if act != Act::Look {
            view.problems.extend(found.words);
        }
        (file, reading)
    };
    let most = portal.desk().limits().values_at_once;
    if view.rows.len() > most {
        let found = words::count(view.rows.len(), "identifier");
        view.rows.clear();
        view.too_many = true;
        view.problems = vec![format!(
            "{found} are more than one page asks ({most}). Nothing was kept: ask for a bulk job instead."
        )];
        return Ok(view.back(&portal, &officer, StatusCode::UNPROCESSABLE_ENTITY, wanted).await);
    }
    view.problems.extend(reading.problems.iter().map(fault::said));
    if act == Act::Look && view.problems.is_empty() {
        return Ok(view.back(&portal, &officer, StatusCode::OK, wanted).await);
    }
    if !view.problems.is_empty() || reading.drafts.is_empty() {
        if view.problems.is_empty() {
            view.problems.push("Paste at least one identifier, or choose a file.".to_owned());
        }
        return Ok(view.back(&portal, &officer, StatusCode::UNPROCESSABLE_ENTITY, wanted).await);
    }
    match send(&portal, &officer, &form, act, file, reading).await {
        Ok(receipt) => Ok(Redirect::to(&format!("/receipts/{receipt}")).into_response()),
        Err(Fault::Bad(problems)) => {
            rows::mark(&mut view.rows, &problems);
            view.problems = problems.iter().map(fault::said).collect();
            Ok(view.back(&portal, &officer, StatusCode::UNPROCESSABLE_ENTITY, wanted).await)
        }
        Err(fault @ (Fault::NotNow(_) | Fault::Refused(_))) => {
            view.problems = fault.lines();
            // Sent again it is another request: this one's id may be taken by what was asked before.
            view.filled.request = portal.desk().request().to_string();
            Ok(view.back(&portal, &officer, fault.status(), wanted).await)
        }
        Err(Fault::NoSuch) => {
            view.problems = vec![
                "the form, case: your agency has no case of this number; check the number, or leave it empty and say how the Internet was used.".to_owned(),
            ];
            Ok(view.back(&portal, &officer, StatusCode::UNPROCESSABLE_ENTITY, wanted).await)
        }
        Err(fault) => Err(fault),
    }
}

/// One call of the desk. Whatever is wrong with the form is said at once, not one thing after another.
async fn send(
    portal: &Portal,
    officer: &Officer,
    form: &Form,
    act: Act,
    file: String,
    reading: Reading,
) -> Result<String, Fault> {
    let mut problems: Vec<Problem> = Vec::new();
    let case = optional(form, "case", CaseNumber::parse, &mut problems);
    let request: RequestId = form.text("request").parse().unwrap_or_else(|_| portal.desk().request());
    let answer = if act == Act::Check {
        let purpose = Purpose::parse(form.text("purpose"));
        let purpose = purpose.map_err(|e| problems.push(e.at("the form", "why you ask"))).ok();
        let nexus = if case.is_some() { None } else { optional(form, "nexus", Nexus::parse, &mut problems) };
        let Some(purpose) = purpose.filter(|_| problems.is_empty()) else { return Err(Fault::Bad(problems)) };
        portal.desk().check(officer.who(), CheckOrder { purpose, case, nexus, file, reading, request }).await
    } else {
        if case.is_none() && problems.is_empty() {
            let e = model::Invalid::new("is needed to leave an entry", "give the number of your case");
            problems.push(e.at("the form", "case"));
        }
        let level = form.level().map_err(|e| problems.push(e.at("the form", "level"))).ok();
        let (Some(case), Some(level), true) = (case, level, problems.is_empty()) else {
            return Err(Fault::Bad(problems));
        };
        let order = SubmitOrder { level, ..SubmitOrder::new(case, file, reading, request) };
        portal.desk().submit(officer.who(), order).await
    };
    match answer {
        Ok(answer) => Ok(answer.receipt),
        Err(Error::File { problems, .. }) => Err(Fault::Bad(problems)),
        Err(e) => Err(e.into()),
    }
}

fn optional<T>(
    form: &Form,
    name: &str,
    parse: impl Fn(&str) -> Result<T, model::Invalid>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let text = form.text(name);
    if text.is_empty() {
        return None;
    }
    parse(text).map_err(|e| problems.push(e.at("the form", name))).ok()
}

/// A draft as the form shows it.
pub(crate) fn draft_row(d: &EntryDraft) -> Row {
    let said = |v: Option<String>| v.unwrap_or_default();
    Row {
        kind: d.kind.word().to_owned(),
        value: d.value.clone(),
        platform: said(d.platform.clone()),
        role: d.role.word().to_owned(),
        age: d.age.word().to_owned(),
        seen_from: said(d.seen.from.map(|t| t.to_string())),
        seen_to: said(d.seen.to.map(|t| t.to_string())),
        port: said(d.port.map(|p| p.to_string())),
        source: said(d.source.map(|s| s.to_string())),
        report: said(d.report.clone()),
        error: None,
        unread: false,
    }
}
