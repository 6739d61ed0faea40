//! Who comes: the cookie, the session it opens, and the door every officer's address stands behind.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use casework::{Oneself, Principal, Session, SessionState, Ticket};

use crate::Portal;
use crate::fault::Fault;

/// Whoever came through the door.
#[derive(Clone)]
pub(crate) struct Officer {
    pub session: Session,
    pub oneself: Arc<Oneself>,
}

impl Officer {
    /// Who acts.
    pub fn who(&self) -> &Principal {
        &self.session.who
    }
}

impl<S: Sync> FromRequestParts<S> for Officer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        // Absent only on an address whose table row says that anybody comes.
        parts.extensions.get::<Self>().cloned().ok_or(Fault::Stranger)
    }
}

/// Names of those who are here, so that a page does not ask for them each time. A session that ends leaves a line behind
/// that nobody can reach.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<[u8; 32], Arc<Oneself>>>);

/// More names than this in memory and the cache starts again.
const MOST_KNOWN: usize = 10_000;

impl Portal {
    /// The session of this request, if it has one that is not over.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, Fault> {
        match ticket(headers, self.cookie()) {
            None => Ok(None),
            Some(ticket) => Ok(self.desk().session(&ticket).await?),
        }
    }

    /// Whoever an open session is of; a person's act keeps it alive.
    async fn enter(&self, session: Session, by_person: bool) -> Result<Officer, Fault> {
        if by_person {
            self.desk().touch(&session).await?;
        }
        self.officer(session).await
    }

    pub(crate) async fn officer(&self, session: Session) -> Result<Officer, Fault> {
        let digest = session.digest();
        let known = self.0.known.0.lock().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let oneself = match known {
            Some(oneself) => oneself,
            None => {
                let oneself = Arc::new(self.desk().whoami(&session).await?);
                let mut known = self.0.known.0.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= MOST_KNOWN {
                    known.clear();
                }
                known.insert(digest, oneself.clone());
                oneself
            }
        };
        Ok(Officer { session, oneself })
    }

    fn cookie(&self) -> &'static str {
        cookie(self.is_secure())
    }

    /// The header that hands out a ticket, or takes it away.
    pub(crate) fn set_cookie(&self, ticket: Option<&Ticket>) -> Option<HeaderValue> {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let (value, age) = ticket.map_or(("", "; Max-Age=0"), |t| (t.secret(), ""));
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.cookie());
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// The cookie's name: over TLS with the prefix that browsers refuse from elsewhere.
pub(crate) fn cookie(secure: bool) -> &'static str {
    if secure { "__Host-concord" } else { "concord" }
}

fn ticket(headers: &HeaderMap, name: &str) -> Option<Ticket> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    // Two of one name: somebody planted one, and neither is believed.
    let mut ours = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let (one, more) = (ours.next()?, ours.next());
    more.is_none().then(|| Ticket::parse(one)).flatten()
}

/// The door: nobody without an open session comes to an officer's address.
pub(crate) async fn require(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    admit(portal, request, next, true).await
}

/// The same door for a stream, which is no act of a person: it keeps no session alive.
pub(crate) async fn require_for_stream(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    admit(portal, request, next, false).await
}

async fn admit(portal: Portal, mut request: Request, next: Next, by_person: bool) -> Response {
    let (state, session) = match portal.session(request.headers()).await {
        Err(fault) => return fault.into_response(),
        Ok(None) => return turned_away(request.headers(), "/sign-in"),
        Ok(Some(session)) => (session.state, session),
    };
    match state {
        SessionState::Banner => return turned_away(request.headers(), "/banner"),
        SessionState::Locked => return turned_away(request.headers(), "/locked"),
        SessionState::Open => {}
    }
    match portal.enter(session, by_person).await {
        Err(fault) => fault.into_response(),
        Ok(officer) => {
            request.extensions_mut().insert(officer);
            next.run(request).await
        }
    }
}

/// The same door for a program: it is told why it stays shut, and sent nowhere.
pub(crate) async fn require_api(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let entered = async {
        let session = portal.session(headers).await?.ok_or(Fault::Stranger)?;
        match session.state {
            SessionState::Banner => Err(Fault::Waits("The session waits until its officer agrees to the banner.")),
            SessionState::Locked => Err(Fault::Waits("The session is locked: its officer signs in again.")),
            SessionState::Open => portal.enter(session, true).await,
        }
    };
    match entered.await {
        Err(fault) => fault.into_response(),
        Ok(officer) => {
            request.extensions_mut().insert(officer);
            next.run(request).await
        }
    }
}

/// A page sends its reader to the door; htmx would put the door into the middle of the page, so it is told to go there.
fn turned_away(headers: &HeaderMap, to: &'static str) -> Response {
    if headers.contains_key("hx-request") {
        (StatusCode::UNAUTHORIZED, [("hx-redirect", to)]).into_response()
    } else {
        Redirect::to(to).into_response()
    }
}

/// `GET /healthz`.
pub(crate) async fn healthy() -> &'static str {
    "ok\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_second_cookie_opens_nothing() {
        let of = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
            }
            ticket(&headers, "concord").map(|t| t.secret().to_owned())
        };
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(of(&[&format!("x=1; concord={a}")]), Some(a.clone()));
        assert_eq!(of(&[&format!("concord={a}; concord={b}")]), None);
        assert_eq!(of(&[&format!("concord={a}"), &format!("concord={b}")]), None);
        assert_eq!(of(&["concord=short"]), None);
        assert_eq!(of(&[&format!("__Host-concord={a}")]), None);
    }
}
