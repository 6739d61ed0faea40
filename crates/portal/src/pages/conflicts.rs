//! The queue of conflicts: by due date, resolved ones when they are asked for.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use casework::{ConflictFilter, ConflictRow};
use model::{SideState, Strength};

use crate::fault::Fault;
use crate::filters;
use crate::page::{Page, Visit, html};
use crate::pages::inbox::Caller;
use crate::query::Query;
use crate::words::{self, When};

struct Row {
    conflict: String,
    case: Option<String>,
    state: String,
    ended: Option<String>,
    due: When,
    overdue: bool,
    strong: bool,
    yours: Vec<String>,
    whom: Option<Caller>,
}

#[derive(Template)]
#[template(path = "conflicts.html")]
struct View {
    page: Page,
    rows: Vec<Row>,
    next: Option<String>,
    states: Vec<(&'static str, &'static str, bool)>,
    overdue: bool,
    mine: bool,
}

/// `GET /conflicts`.
pub(crate) async fn page(Visit { officer, portal, page, .. }: Visit, query: Query) -> Result<Response, Fault> {
    let state: Option<SideState> = query.word("state");
    let filter = ConflictFilter { state, overdue: query.ticked("overdue"), mine: query.ticked("mine") };
    let found = portal.desk().conflicts(officer.who(), filter, query.get("after"), None).await?;
    let view = View {
        page,
        next: query.next("/conflicts", found.next.as_deref()),
        rows: found.rows.into_iter().map(row).collect(),
        states: SideState::ALL.iter().map(|s| (s.word(), words::state(s.word()), Some(*s) == state)).collect(),
        overdue: filter.overdue,
        mine: filter.mine,
    };
    Ok(html(StatusCode::OK, view.render()))
}

fn row(c: ConflictRow) -> Row {
    Row {
        state: words::state(&c.state).to_owned(),
        ended: c.resolution.as_deref().map(|r| words::resolution(r).to_owned()),
        due: words::when(&c.due),
        overdue: c.overdue,
        strong: c.strength == Strength::Strong,
        yours: c.yours,
        whom: c.other.as_ref().map(|o| Caller::new(o, None)),
        case: c.case,
        conflict: c.conflict,
    }
}
