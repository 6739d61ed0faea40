//! Import: files of reports and lists, and what became of every row of them.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use casework::{ImportFile, ImportOrder, ImportRow, ImportSort, ImportedFile, MOST_REPORTS, RowFate};
use model::CaseNumber;

use crate::fault::Fault;
use crate::filters;
use crate::form::{Form, MOST_FILES};
use crate::page::{Page, Visit, html};
use crate::pages::picker::{self, Choice};
use crate::session::Officer;
use crate::{MOST_BODY, Portal, fault, words};

/// Rows shown of one file: more than its identifiers, and less than a page that no browser opens.
const MOST_ROWS: usize = 1_000;

/// One file as it is reported.
struct File {
    file: ImportedFile,
    /// Some of it stands and was not yet looked at.
    unchecked: bool,
    /// Its rows are reports, each with a receipt of its own.
    reports: bool,
    head: &'static str,
    says: String,
    shown: Vec<ImportRow>,
    /// Rows that are not shown.
    more: Option<String>,
    problems: Vec<String>,
}

#[derive(Template)]
#[template(path = "import.html")]
struct View {
    page: Page,
    problems: Vec<String>,
    cases: Vec<Choice>,
    case: String,
    level: String,
    partial: bool,
    /// What became of the files; none of a form that was not sent.
    files: Option<Vec<File>>,
    title: String,
    most_values: usize,
    most_size: usize,
}

impl View {
    async fn of(page: Page, portal: &Portal, officer: &Officer, form: &Form) -> Self {
        Self {
            problems: Vec::new(),
            cases: picker::choices(portal, officer, &page).await,
            case: form.text("case").to_owned(),
            level: form.text("level").to_owned(),
            partial: form.has("partial"),
            files: None,
            title: String::new(),
            most_values: portal.desk().limits().values_at_once,
            most_size: MOST_BODY / (1024 * 1024),
            page,
        }
    }
}

/// `GET /import`.
pub(crate) async fn blank(Visit { officer, portal, page, .. }: Visit) -> Response {
    html(StatusCode::OK, View::of(page, &portal, &officer, &Form::default()).await.render())
}

/// `POST /import`: sent again, the same files are known and nothing is stored twice, so the report is the answer itself.
pub(crate) async fn import(Visit { officer, portal, page, .. }: Visit, form: Form) -> Result<Response, Fault> {
    let done = match order(&form) {
        Err(fault) => Err(fault),
        Ok(order) => portal.desk().import(officer.who(), order).await.map_err(Fault::from),
    };
    let mut view = View::of(page, &portal, &officer, &form).await;
    match done {
        Ok(files) => {
            let looked = is_look(&form);
            let nothing = any(&files, RowFate::Refused) && !any(&files, RowFate::Stored);
            let status = if nothing && !looked { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            view.title = title(&files, looked);
            view.files = Some(files.into_iter().map(reported).collect());
            Ok(html(status, view.render()))
        }
        Err(fault @ (Fault::Bad(_) | Fault::Refused(_) | Fault::NotNow(_))) => {
            view.problems = fault.lines();
            Ok(html(fault.status(), view.render()))
        }
        Err(fault) => Err(fault),
    }
}

fn order(form: &Form) -> Result<ImportOrder, Fault> {
    let mut problems = Vec::new();
    if form.files().len() == 0 {
        problems.push(model::Invalid::new("are not chosen", "choose at least one").at("the form", "files"));
    }
    let case = Some(form.text("case")).filter(|case| !case.is_empty());
    let case = case.and_then(|c| CaseNumber::parse(c).map_err(|e| problems.push(e.at("the form", "case"))).ok());
    let level = form.level().map_err(|e| problems.push(e.at("the form", "level"))).ok();
    let (Some(level), true) = (level, problems.is_empty()) else { return Err(Fault::Bad(problems)) };
    let file = |(name, bytes): (&str, &axum::body::Bytes)| ImportFile { name: name.to_owned(), bytes: bytes.to_vec() };
    Ok(ImportOrder {
        files: form.files().map(file).collect(),
        case,
        level,
        partial: form.has("partial"),
        dry_run: is_look(form),
    })
}

/// Was only a look asked for?
fn is_look(form: &Form) -> bool {
    form.text("act") == "look"
}

/// Has a file, or a row of one, this fate?
fn any(files: &[ImportedFile], fate: RowFate) -> bool {
    files.iter().any(|f| f.fate == fate || f.rows.iter().any(|row| row.fate == fate))
}

/// The one line over all files: what became of them, and whom to call for as far as it is known.
fn title(files: &[ImportedFile], looked: bool) -> String {
    let any = |fate| any(files, fate);
    let calls = files.iter().any(|f| f.calls > 0);
    let unchecked = files.iter().any(ImportedFile::is_unchecked);
    let became = match (any(RowFate::Stored), any(RowFate::Refused)) {
        (true, true) if calls || unchecked => "Stored in part",
        (true, true) => "Stored in part: look what was not",
        (true, false) => "Stored",
        (false, true) if looked => "Read: look what is wrong. Nothing was stored yet",
        (false, true) if any(RowFate::Known) => "Nothing new was stored",
        (false, true) => "Nothing was stored",
        (false, false) if any(RowFate::Read) => "Read; nothing was stored yet",
        (false, false) => "Known already; nothing was stored twice",
    };
    let to_do = match (calls, unchecked) {
        (true, true) => ". Call before you act. Not all is checked yet",
        (true, false) => ". Call before you act",
        (false, true) => ". Not yet checked: nothing is known yet",
        (false, false) => "",
    };
    format!("{became}{to_do}")
}

fn reported(mut file: ImportedFile) -> File {
    let unchecked = file.is_unchecked();
    let rows = std::mem::take(&mut file.rows);
    let count = |fate| rows.iter().filter(|row| row.fate == fate).count();
    let reports = file.sort == ImportSort::Reports;
    let one = if reports { "report" } else { "row" };
    let said = [
        (RowFate::Stored, "stored"),
        (RowFate::Known, "known already"),
        (RowFate::Read, "read, not stored"),
        (RowFate::Refused, "not stored"),
    ];
    let said = said.into_iter().map(|(fate, word)| (count(fate), word)).filter(|(n, _)| *n > 0);
    let said: Vec<String> = said.map(|(n, word)| format!("{} {word}", words::count(n, one))).collect();
    File {
        unchecked,
        reports,
        head: if reports { "CyberTip reports" } else { "List of identifiers" },
        says: if said.is_empty() { "nothing in it was read".to_owned() } else { said.join(", ") },
        problems: file.problems.iter().map(fault::said).collect(),
        more: Some(rows.len().saturating_sub(MOST_ROWS)).filter(|n| *n > 0).map(|n| words::count(n, "more row")),
        shown: rows.into_iter().take(MOST_ROWS).collect(),
        file,
    }
}

/// A fate in words, with the colour of its badge.
pub(crate) fn fate(fate: &RowFate) -> (&'static str, &'static str) {
    match fate {
        RowFate::Stored => ("Stored", "in"),
        RowFate::Known => ("Known already", "nu"),
        RowFate::Read => ("Read, not stored", "nu"),
        RowFate::Refused => ("Not stored", "hi"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(fate: RowFate, calls: usize, unchecked: bool) -> ImportedFile {
        let row = ImportRow {
            place: "line 2".to_owned(),
            what: None,
            fate,
            receipt: None,
            calls: 0,
            unchecked,
            problems: Vec::new(),
        };
        ImportedFile {
            name: "list.csv".to_owned(),
            sort: ImportSort::List,
            fate,
            problems: Vec::new(),
            rows: vec![row],
            receipt: None,
            calls,
        }
    }

    #[test]
    fn what_is_not_yet_checked_is_never_told_as_nobody_to_call() {
        use RowFate::{Known, Refused, Stored};
        for (files, says) in [
            (vec![list(Stored, 0, false)], "Stored"),
            (vec![list(Stored, 0, true)], "Stored. Not yet checked: nothing is known yet"),
            (vec![list(Stored, 1, false), list(Refused, 0, false)], "Stored in part. Call before you act"),
            (vec![list(Known, 1, false)], "Known already; nothing was stored twice. Call before you act"),
            (vec![list(Known, 1, false), list(Stored, 0, true)], "Stored. Call before you act. Not all is checked yet"),
        ] {
            assert_eq!(title(&files, false), says);
        }
    }
}
