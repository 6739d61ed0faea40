//! One's own open cases, offered where a case's number is asked for. A number that is not among them is taken as before.

use casework::CaseFilter;
use model::CaseStatus;

use crate::Portal;
use crate::page::Page;
use crate::session::Officer;
use crate::words;

/// A case that may be picked.
pub(crate) struct Choice {
    /// Its id, by which an address names it.
    pub id: String,
    /// The agency's number.
    pub number: String,
    /// Its threat area, in words.
    pub area: &'static str,
}

/// The cases the reader leads or supervises, the newest first, as many as stand on one page of a list. A form without them
/// is still a form, so nothing that goes wrong here stops it.
pub(crate) async fn choices(portal: &Portal, officer: &Officer, page: &Page) -> Vec<Choice> {
    // Who works no cases would be refused at every form, and each refusal is recorded.
    if !page.works_cases() {
        return Vec::new();
    }
    let filter = CaseFilter { status: Some(CaseStatus::Open), mine: true };
    let found = portal.desk().cases(officer.who(), filter, None, None).await;
    let choice = |c: casework::CaseRow| Choice { id: c.id, number: c.number, area: words::area(c.threat_area.word()) };
    found.map(|list| list.rows.into_iter().map(choice).collect()).unwrap_or_default()
}

/// The number of the case an address names, when it may be picked.
pub(crate) fn picked(choices: &[Choice], id: Option<&str>) -> String {
    choices.iter().find(|c| Some(c.id.as_str()) == id).map(|c| c.number.clone()).unwrap_or_default()
}
