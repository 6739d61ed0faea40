//! What an officer reads when something is not done: what happened, what was saved, what to do.

use askama::Template;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use casework::Error;
use model::Problem;

use crate::MOST_BODY;
use crate::api::problem;
use crate::form::MOST_FILES;
use crate::guard::Nonce;
use crate::htmx::Wanted;
use crate::page::Page;
use crate::routes::MOST_UPLOAD;

const MIB: usize = 1024 * 1024;

/// Why an answer is none.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Nobody is signed in.
    Stranger,
    /// There is no such thing, or it is not this reader's: the same words for both.
    NoSuch,
    /// The session waits for this of its officer.
    Waits(&'static str),
    /// A body that is no JSON.
    Malformed,
    /// A body that is not said to be JSON.
    NotJson,
    /// The address takes other methods.
    NotSo,
    /// Policy said no, in a sentence.
    Refused(String),
    /// What was sent cannot be used.
    Bad(Vec<Problem>),
    /// Not now, in a sentence.
    NotNow(String),
    /// More than one request may bring.
    TooLarge,
    /// Ours. Nothing of it is shown.
    Failed,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(_) => Self::NoSuch,
            Error::Refused(why) => Self::Refused(why),
            Error::NotNow(why) => Self::NotNow(why),
            Error::File { problems, .. } => Self::Bad(problems),
            Error::Argument { field, source } => Self::Bad(vec![source.at("the form", &field)]),
            error if error.is_missing() => Self::NoSuch,
            error => match error.exit() {
                casework::Exit::BadInput => Self::NotNow(error.to_string()),
                _ => {
                    // The store's errors name tables and columns, never a value.
                    tracing::error!(%error, "a request failed");
                    Self::Failed
                }
            },
        }
    }
}

impl Fault {
    /// One field of a form that cannot be used.
    pub(crate) fn field(field: &str, problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::Bad(vec![model::Invalid::new(problem, cure).at("the form", field)])
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Stranger | Self::Waits(_) => StatusCode::UNAUTHORIZED,
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoSuch => StatusCode::NOT_FOUND,
            Self::NotSo => StatusCode::METHOD_NOT_ALLOWED,
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::Bad(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotNow(_) => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Stranger | Self::Waits(_) => "Sign in first",
            Self::Malformed | Self::NotJson => "That is not JSON",
            Self::NoSuch => "There is nothing here for you",
            Self::NotSo => "This address does not take that",
            Self::Refused(_) => "You may not do this",
            Self::Bad(_) => "There is a problem",
            Self::NotNow(_) => "Not now",
            Self::TooLarge => "That is too large for one request",
            Self::Failed => "Something went wrong on our side",
        }
    }

    /// What happened and what to do, in sentences.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Stranger => vec!["Your session is over, or you have none.".to_owned()],
            Self::Waits(what) => vec![(*what).to_owned()],
            Self::Malformed => vec!["The body is not JSON (RFC 8259) in UTF-8.".to_owned()],
            Self::NotJson => vec!["Send JSON, with the header Content-Type: application/json.".to_owned()],
            Self::NoSuch => vec![
                "It does not exist, or it is not your agency's. Both read alike, so that nobody learns what others hold."
                    .to_owned(),
            ],
            Self::NotSo => vec!["Go back and use the page's own buttons.".to_owned()],
            Self::Refused(why) => vec![sentence(why), "The refusal is recorded, as every act is.".to_owned()],
            Self::Bad(problems) => problems.iter().map(said).collect(),
            Self::NotNow(why) => vec![sentence(why)],
            Self::TooLarge => vec![
                format!(
                    "Nothing of it was kept. One request brings at most {} MiB in at most {MOST_FILES} files, and the file of a bulk job at most {} MiB.",
                    MOST_BODY / MIB,
                    MOST_UPLOAD / MIB
                ),
                "Go back, where the form stands as you filled it in, and send fewer files or smaller ones; a long list of identifiers goes in as a bulk job.".to_owned(),
            ],
            Self::Failed => vec![
                "What you sent may have been kept already: look under Submissions, or in the thread, before you send it again. Sent again from the same page, identifiers are stored once.".to_owned(),
            ],
        }
    }
}

/// One problem in one line: where, what, and the cure.
pub(crate) fn said(p: &Problem) -> String {
    format!("{}, {}: {}; {}.", p.place, p.field, p.problem, p.cure)
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.trim().chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let rest = letters.as_str().trim_end_matches('.');
    format!("{first}{rest}.")
}

/// The bare answer: [`render`] makes it a page or a block, by who asked.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "fault.html", blocks = ["words"])]
struct View {
    page: Page,
    block: bool,
    title: &'static str,
    lines: Vec<String>,
    incident: Option<String>,
}

/// Gives every fault its words: problem details for a program, a page or a block for a reader.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let wanted = Wanted::of(request.headers());
    let nonce = request.extensions().get::<Nonce>().cloned();
    let api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let fault = response.extensions().get::<Fault>().cloned();
    let fault = match (fault, status) {
        (Some(fault), _) => fault,
        (None, StatusCode::PAYLOAD_TOO_LARGE) => Fault::TooLarge,
        (None, StatusCode::SERVICE_UNAVAILABLE | StatusCode::INTERNAL_SERVER_ERROR) => Fault::Failed,
        (None, StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY)
            if !api
                && response.headers().get(header::CONTENT_TYPE).is_some_and(|t| t == "text/plain; charset=utf-8") =>
        {
            Fault::field("form", "cannot be read", "go back, reload the page and send it again")
        }
        _ => return response,
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut told = if api { problem::of(&fault) } else { words(&fault, wanted, nonce) };
    if let Some(allow) = allow {
        told.headers_mut().insert(header::ALLOW, allow);
    }
    told
}

/// A fault as a page or a block.
fn words(fault: &Fault, wanted: Wanted, nonce: Option<Nonce>) -> Response {
    let nonce = nonce.unwrap_or(Nonce(String::new(), false));
    let incident = matches!(fault, Fault::Failed).then(|| nonce.0.chars().take(8).collect::<String>());
    let block = wanted == Wanted::Block;
    let view = View { page: Page::bare(nonce), block, title: fault.title(), lines: fault.lines(), incident };
    match wanted {
        Wanted::Page => (fault.status(), Html(view.render().unwrap_or_default())).into_response(),
        // Above the form and not in its place: what was typed stands where it stood.
        Wanted::Block => {
            let place = [("hx-retarget", "#fault"), ("hx-reswap", "innerHTML")];
            (fault.status(), place, Html(view.as_words().render().unwrap_or_default())).into_response()
        }
    }
}

/// Any address that is not in the table: a stranger is told the same as a member.
pub(crate) async fn nothing_here() -> Fault {
    Fault::NoSuch
}

/// A known address with another method.
pub(crate) async fn not_so() -> Fault {
    Fault::NotSo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_told_how_large_it_may_be() {
        let lines = Fault::TooLarge.lines().join(" ");
        assert!(lines.contains("at most 4 MiB in at most 20 files") && lines.contains("bulk job"), "{lines}");
    }

    #[test]
    fn a_reason_of_policy_becomes_a_sentence() {
        assert_eq!(sentence("only a supervisor may lift a hold"), "Only a supervisor may lift a hold.");
        assert_eq!(sentence("the case is closed."), "The case is closed.");
    }
}
