//! One conflict: whom to call, the thread, holds, and how it ends.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{ConflictView, HoldOrder, Step, ThreadMark};
use model::{ConflictId, FreeText, Marking, Resolution, Strength, Tlp};

use crate::Portal;
use crate::fault::Fault;
use crate::filters;
use crate::form::Form;
use crate::htmx::Wanted;
use crate::page::{Page, Visit, html};
use crate::pages::inbox::Caller;
use crate::session::Officer;
use crate::words::{self, When};

/// One message.
pub(crate) struct Message {
    pub yours: bool,
    pub at: When,
    pub marking: String,
    pub text: String,
    pub by: Option<String>,
}

/// One thing that happened.
pub(crate) struct Event {
    pub at: When,
    pub words: String,
}

pub(crate) struct Hold {
    pub id: String,
    pub yours: bool,
    pub until: When,
    pub lifted: bool,
}

#[derive(Template)]
#[template(path = "conflict.html", blocks = ["work"])]
pub(crate) struct View {
    page: Page,
    c: ConflictView,
    strong: bool,
    reached: usize,
    due: When,
    whom: Option<Caller>,
    messages: Vec<Message>,
    /// Where the page's stream begins.
    mark: String,
    happened: Vec<Event>,
    /// What one may know of the other side's attention.
    seen: Option<String>,
    holds: Vec<Hold>,
    theirs: Option<String>,
    ours: Option<String>,
    ended: Option<String>,
    resolutions: Vec<(&'static str, &'static str)>,
    markings: Vec<&'static str>,
    problems: Vec<String>,
    draft: String,
}

impl View {
    fn new(page: Page, c: ConflictView) -> Self {
        let proposal = |from: &str| {
            c.proposals.iter().find(|p| p.from == from).map(|p| p.resolution.clone()).filter(|_| c.state != "resolved")
        };
        let agreed = Resolution::ALL.iter().filter(|r| **r != Resolution::Withdrawn);
        Self {
            strong: c.strength == Strength::Strong,
            reached: match c.state.as_str() {
                "notified" => 1,
                "acknowledged" => 2,
                "coordinating" => 3,
                _ => 4,
            },
            due: words::when(&c.due),
            whom: c.other.as_ref().map(|o| Caller::new(o, None)),
            messages: c
                .thread
                .iter()
                .map(|m| Message {
                    yours: m.from == "you",
                    at: words::when(&m.at),
                    marking: m.marking.clone(),
                    text: m.text.clone(),
                    by: m.by.clone(),
                })
                .collect(),
            mark: c
                .thread
                .last()
                .and_then(|m| m.id.parse().ok())
                .map(|last| ThreadMark { lines: c.thread.len(), last }.to_string())
                .unwrap_or_default(),
            happened: c.timeline.iter().map(|h| Event { at: words::when(&h.at), words: h.words.clone() }).collect(),
            seen: c.theirs.as_ref().map(|t| {
                let told = words::when(&t.told).words;
                if t.seen {
                    format!("Told {told}; seen by them.")
                } else {
                    format!("Told {told}; not yet seen by them.")
                }
            }),
            holds: c
                .holds
                .iter()
                .map(|h| Hold {
                    id: h.hold.clone(),
                    yours: h.from == "you",
                    until: words::when(&h.until),
                    lifted: h.lifted,
                })
                .collect(),
            theirs: proposal("they"),
            ours: proposal("you"),
            ended: c.resolution.as_ref().map(|r| words::resolution(r).to_owned()),
            resolutions: agreed.map(|r| (r.word(), words::resolution(r.word()))).collect(),
            // Red is for those in the room; a thread is read later and by others of both agencies.
            markings: Tlp::ALL.iter().filter(|t| **t != Tlp::Red).map(|t| t.word()).collect(),
            problems: Vec::new(),
            draft: String::new(),
            page,
            c,
        }
    }

    fn answer(&self, status: StatusCode, wanted: Wanted) -> Response {
        html(
            status,
            match wanted {
                Wanted::Page => self.render(),
                Wanted::Block => self.as_work().render(),
            },
        )
    }
}

fn id(text: &str) -> Result<ConflictId, Fault> {
    text.parse().map_err(|_| Fault::NoSuch)
}

/// `GET /conflicts/{conflict}`.
pub(crate) async fn page(
    Visit { officer, portal, page, wanted }: Visit,
    Path(conflict): Path<String>,
) -> Result<Response, Fault> {
    let c = portal.desk().conflict(officer.who(), id(&conflict)?).await?;
    Ok(View::new(page, c).answer(StatusCode::OK, wanted))
}

/// What every act on a conflict shares: bad input shows the conflict again with what is wrong and what was written.
async fn act<F>(
    Visit { officer, portal, page, wanted }: Visit,
    conflict: String,
    form: &Form,
    step: F,
) -> Result<Response, Fault>
where
    F: AsyncFnOnce(&Portal, &Officer, ConflictId) -> Result<(), Fault>,
{
    let id = id(&conflict)?;
    match step(&portal, &officer, id).await {
        // Everybody is sent to the conflict's own address: a reload sends nothing twice.
        Ok(()) => Ok(Redirect::to(&format!("/conflicts/{id}")).into_response()),
        Err(fault @ (Fault::Bad(_) | Fault::NotNow(_))) => {
            let c = portal.desk().conflict(officer.who(), id).await?;
            let mut view = View::new(page, c);
            view.problems = fault.lines();
            view.draft = form.whole("text");
            Ok(view.answer(fault.status(), wanted))
        }
        Err(fault) => Err(fault),
    }
}

fn words_of(form: &Form, field: &str) -> Result<FreeText, Fault> {
    FreeText::parse(&form.whole(field)).map_err(|e| Fault::Bad(vec![e.at("the form", field)]))
}

/// `POST /conflicts/{conflict}/acknowledge`.
pub(crate) async fn acknowledge(visit: Visit, Path(conflict): Path<String>) -> Result<Response, Fault> {
    act(visit, conflict, &Form::default(), async |portal, officer, id| {
        portal.desk().step(officer.who(), id, Step::Acknowledge).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/message`.
pub(crate) async fn message(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, &form, async |portal, officer, id| {
        let text = words_of(&form, "text")?;
        let marking: Marking = form.parse("marking", "marking")?;
        portal.desk().step(officer.who(), id, Step::Message(text, marking)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/propose`.
pub(crate) async fn propose(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, &form, async |portal, officer, id| {
        let resolution: Resolution = form.parse("resolution", "resolution")?;
        let reason = words_of(&form, "reason")?;
        portal.desk().step(officer.who(), id, Step::Propose(resolution, reason)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/accept`: what the page showed, and nothing that was proposed since.
pub(crate) async fn accept(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, &form, async |portal, officer, id| {
        let meant: Resolution = form.parse("resolution", "resolution")?;
        portal.desk().step(officer.who(), id, Step::Accept(Some(meant))).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/hold`.
pub(crate) async fn hold(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, &form, async |portal, officer, id| {
        let order = HoldOrder::Propose(words_of(&form, "reason")?);
        portal.desk().hold(officer.who(), id, order).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/lift`.
pub(crate) async fn lift(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, &form, async |portal, officer, id| {
        let hold = form.text("hold").parse().map_err(|_| Fault::NoSuch)?;
        portal.desk().hold(officer.who(), id, HoldOrder::Lift(hold)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/act-against-hold`.
pub(crate) async fn against(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, &form, async |portal, officer, id| {
        let order = HoldOrder::ActAgainst(words_of(&form, "reason")?);
        portal.desk().hold(officer.who(), id, order).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/reopen`.
pub(crate) async fn reopen(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, &form, async |portal, officer, id| {
        let reason = words_of(&form, "reason")?;
        portal.desk().reopen(officer.who(), id, &reason).await?;
        Ok(())
    })
    .await
}
