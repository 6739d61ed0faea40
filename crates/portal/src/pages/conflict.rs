//! One conflict: whom to call, the thread, holds, and how it ends.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{ConflictView, HoldOrder, Step, ThreadMark};
use model::{ConflictId, FreeText, Marking, RequestId, Resolution, Strength, Tlp};

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
    /// What was written and not taken.
    typed: Typed,
    /// The same where its form is on the page no longer.
    left: Option<String>,
    /// One id for each thing that may be written from this page: sent twice, it is written once.
    once: Once,
}

/// Which form was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Message,
    Propose,
    Hold,
    Against,
    Reopen,
    /// Nothing is written in it.
    Button,
}

/// What stands in the page's forms: after a refusal what was written there, script or none.
struct Typed {
    text: String,
    marking: String,
    resolution: String,
    reason: String,
    hold: String,
    /// Of an act against this hold.
    against: (String, String),
    reopen: String,
}

impl Typed {
    fn nothing() -> Self {
        let none = String::new;
        let marking = Marking::default().to_string();
        Self {
            text: none(),
            marking,
            resolution: none(),
            reason: none(),
            hold: none(),
            against: (none(), none()),
            reopen: none(),
        }
    }

    fn of(act: Act, form: &Form) -> Self {
        let (nothing, reason) = (Self::nothing(), form.whole("reason"));
        match act {
            Act::Message => Self { text: form.whole("text"), marking: form.whole("marking"), ..nothing },
            Act::Propose => Self { resolution: form.whole("resolution"), reason, ..nothing },
            Act::Hold => Self { hold: reason, ..nothing },
            Act::Against => Self { against: (form.text("hold").to_owned(), reason), ..nothing },
            Act::Reopen => Self { reopen: reason, ..nothing },
            Act::Button => nothing,
        }
    }
}

/// The request ids of the page's forms.
struct Once {
    message: String,
    proposal: String,
    hold: String,
    against: String,
}

impl Once {
    fn new(portal: &Portal) -> Self {
        let id = || portal.desk().request().to_string();
        Self { message: id(), proposal: id(), hold: id(), against: id() }
    }

    /// After a failure of ours it may have been written: sent again it is the same request.
    fn again(self, act: Act, form: &Form) -> Self {
        let request = form.text("request").to_owned();
        match act {
            _ if request.is_empty() => self,
            Act::Message => Self { message: request, ..self },
            Act::Propose => Self { proposal: request, ..self },
            Act::Hold => Self { hold: request, ..self },
            Act::Against => Self { against: request, ..self },
            Act::Reopen | Act::Button => self,
        }
    }
}

impl View {
    fn new(page: Page, c: ConflictView, once: Once) -> Self {
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
            typed: Typed::nothing(),
            left: None,
            once,
            page,
            c,
        }
    }

    /// Is the form that was sent not on the page as it stands now?
    fn without_form(&self, act: Act) -> bool {
        let ended = self.ended.is_some();
        match act {
            Act::Message | Act::Button => false,
            Act::Propose => ended,
            Act::Hold => ended || !self.holds.is_empty(),
            Act::Against => !self.page.is("supervisor") || !self.holds.iter().any(|h| !h.lifted),
            Act::Reopen => !ended,
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
    Ok(View::new(page, c, Once::new(&portal)).answer(StatusCode::OK, wanted))
}

/// What every act on a conflict shares: what is not done shows the conflict again with why, and with what was written.
async fn act<F>(
    Visit { officer, portal, page, wanted }: Visit,
    conflict: String,
    what: Act,
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
        Err(fault @ (Fault::Bad(_) | Fault::NotNow(_) | Fault::Refused(_) | Fault::Failed)) => {
            // Where the conflict itself cannot be shown, that is the answer.
            let Ok(c) = portal.desk().conflict(officer.who(), id).await else { return Err(fault) };
            let once = Once::new(&portal);
            let once = if matches!(fault, Fault::Failed) { once.again(what, form) } else { once };
            let mut view = View::new(page, c, once);
            view.problems = fault.lines();
            view.typed = Typed::of(what, form);
            view.left = view.without_form(what).then(|| form.whole("reason")).filter(|r| !r.is_empty());
            Ok(view.answer(fault.status(), wanted))
        }
        Err(fault) => Err(fault),
    }
}

/// The id of what a form writes; one from before there were ids has none.
fn request(portal: &Portal, form: &Form) -> RequestId {
    form.text("request").parse().unwrap_or_else(|_| portal.desk().request())
}

fn words_of(form: &Form, field: &str) -> Result<FreeText, Fault> {
    FreeText::parse(&form.whole(field)).map_err(|e| Fault::Bad(vec![e.at("the form", field)]))
}

/// `POST /conflicts/{conflict}/acknowledge`.
pub(crate) async fn acknowledge(visit: Visit, Path(conflict): Path<String>) -> Result<Response, Fault> {
    act(visit, conflict, Act::Button, &Form::default(), async |portal, officer, id| {
        portal.desk().step(officer.who(), id, Step::Acknowledge).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/message`.
pub(crate) async fn message(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, Act::Message, &form, async |portal, officer, id| {
        let text = words_of(&form, "text")?;
        let marking: Marking = form.parse("marking", "marking")?;
        let step = Step::Message(text, marking);
        portal.desk().step_once(officer.who(), id, step, request(portal, &form)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/propose`.
pub(crate) async fn propose(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, Act::Propose, &form, async |portal, officer, id| {
        let resolution: Resolution = form.parse("resolution", "resolution")?;
        let reason = words_of(&form, "reason")?;
        let step = Step::Propose(resolution, reason);
        portal.desk().step_once(officer.who(), id, step, request(portal, &form)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/accept`: what the page showed, and nothing that was proposed since.
pub(crate) async fn accept(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, Act::Button, &form, async |portal, officer, id| {
        let meant: Resolution = form.parse("resolution", "resolution")?;
        portal.desk().step(officer.who(), id, Step::Accept(Some(meant))).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/hold`.
pub(crate) async fn hold(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, Act::Hold, &form, async |portal, officer, id| {
        let order = HoldOrder::Propose(words_of(&form, "reason")?);
        portal.desk().hold_once(officer.who(), id, order, request(portal, &form)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/lift`.
pub(crate) async fn lift(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, Act::Button, &form, async |portal, officer, id| {
        let hold = form.text("hold").parse().map_err(|_| Fault::NoSuch)?;
        portal.desk().hold(officer.who(), id, HoldOrder::Lift(hold)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/act-against-hold`.
pub(crate) async fn against(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, Act::Against, &form, async |portal, officer, id| {
        let order = HoldOrder::ActAgainst(words_of(&form, "reason")?);
        portal.desk().hold_once(officer.who(), id, order, request(portal, &form)).await?;
        Ok(())
    })
    .await
}

/// `POST /conflicts/{conflict}/reopen`.
pub(crate) async fn reopen(visit: Visit, Path(conflict): Path<String>, form: Form) -> Result<Response, Fault> {
    act(visit, conflict, Act::Reopen, &form, async |portal, officer, id| {
        let reason = words_of(&form, "reason")?;
        portal.desk().reopen(officer.who(), id, &reason).await?;
        Ok(())
    })
    .await
}
