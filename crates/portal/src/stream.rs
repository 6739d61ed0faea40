//! Event streams: what is new on a page that stays open.
//!
//! The store is the truth and the desk's watch only says "look again", so nothing is lost between a page and its stream,
//! when a reader falls behind, or when another server wrote. What is sent holds plain links alone: htmx takes everything
//! else out of a message.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use casework::{Cursor, SessionState, ThreadMark};
use futures_util::{Stream, StreamExt, future, stream};
use model::ConflictId;
use tokio::sync::oneshot;

use crate::Portal;
use crate::fault::Fault;
use crate::query::Query;
use crate::session::Officer;

/// A page looks again this often even when nothing called it: another server may have written.
const BEAT: Duration = Duration::from_secs(15);

#[derive(Template)]
#[template(path = "news.html")]
struct News {
    count: usize,
}

#[derive(Template)]
#[template(path = "thread-news.html")]
struct ThreadNews {
    conflict: String,
    count: usize,
}

/// `GET /stream`: "2 new in your inbox", with a link; the page is not moved under whoever reads it.
pub(crate) async fn inbox(
    officer: Officer,
    State(portal): State<Portal>,
    query: Query,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Fault> {
    let from: Option<Cursor> =
        resumed(&headers).or_else(|| query.get("after").map(str::to_owned)).and_then(|t| t.parse().ok());
    let from = match from {
        Some(cursor) => cursor,
        None => portal.desk().news(officer.who(), None).await?.cursor,
    };
    let (portal_, headers_) = (portal.clone(), headers.clone());
    let events = stream::unfold(Some((from, 0_usize, portal.desk().watch())), move |at| {
        let (portal, headers) = (portal_.clone(), headers_.clone());
        async move {
            let (mut cursor, mut count, mut watch) = at?;
            loop {
                watch.mark_unchanged(); // before reading, or what comes in between is lost
                let officer = match still(&portal, &headers).await {
                    Still::Open(officer) => officer,
                    Still::Over => return Some((Ok(locked()), None)),
                    Still::Unknown => return None, // the browser comes back
                };
                let news = match portal.desk().news(&officer, Some(&cursor)).await.map_err(Fault::from) {
                    Ok(news) => news,
                    Err(Fault::Failed) => return None,
                    Err(_) => return Some((Ok(locked()), None)),
                };
                cursor = news.cursor;
                if !news.items.is_empty() {
                    count += news.items.len();
                    let html = News { count }.render().ok()?;
                    return Some((
                        Ok(Event::default().id(cursor.to_string()).data(html)),
                        Some((cursor, count, watch)),
                    ));
                }
                if !news.more {
                    looked_for(&mut watch).await?;
                }
            }
        }
    });
    Ok(until_stop(&portal, &officer, events))
}

/// `GET /conflicts/{conflict}/stream`.
pub(crate) async fn conflict(
    officer: Officer,
    State(portal): State<Portal>,
    Path(conflict): Path<String>,
    query: Query,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Fault> {
    let id: ConflictId = conflict.parse().map_err(|_| Fault::NoSuch)?;
    let mark: Option<ThreadMark> =
        resumed(&headers).or_else(|| query.get("after").map(str::to_owned)).and_then(|t| t.parse().ok());
    // Asked once before anything is sent: a conflict that is not theirs is no stream.
    portal.desk().thread_news(officer.who(), id, mark).await?;
    let (portal_, headers_) = (portal.clone(), headers.clone());
    let events = stream::unfold(Some((mark, 0_usize, portal.desk().watch())), move |at| {
        let (portal, headers) = (portal_.clone(), headers_.clone());
        async move {
            let (mut mark, mut count, mut watch) = at?;
            loop {
                watch.mark_unchanged();
                let officer = match still(&portal, &headers).await {
                    Still::Open(officer) => officer,
                    Still::Over => return Some((Ok(locked()), None)),
                    Still::Unknown => return None, // the browser comes back
                };
                let news = match portal.desk().thread_news(&officer, id, mark).await.map_err(Fault::from) {
                    Ok(news) => news,
                    Err(Fault::Failed) => return None,
                    // A refusal is recorded: the stream ends at the first, and the page does not come back for more.
                    Err(_) => return Some((Ok(locked()), None)),
                };
                mark = news.mark;
                if !news.lines.is_empty() {
                    count += if news.whole { 1 } else { news.lines.len() };
                    let html = ThreadNews { conflict: id.to_string(), count }.render().ok()?;
                    let event = Event::default().id(mark.map(|m| m.to_string()).unwrap_or_default()).data(html);
                    return Some((Ok(event), Some((mark, count, watch))));
                }
                looked_for(&mut watch).await?;
            }
        }
    });
    Ok(until_stop(&portal, &officer, events))
}

/// Where a reader that comes back had come to.
fn resumed(headers: &HeaderMap) -> Option<String> {
    headers.get("last-event-id").and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// How the session of an open stream stands.
enum Still {
    Open(casework::Principal),
    /// Locked or over.
    Over,
    /// The store did not answer: nothing is known, and nothing is said.
    Unknown,
}

/// Asked before every look, so that a lock ends the stream.
async fn still(portal: &Portal, headers: &HeaderMap) -> Still {
    match portal.session(headers).await {
        Ok(Some(session)) if session.state == SessionState::Open => Still::Open(session.who),
        Ok(_) => Still::Over,
        Err(_) => Still::Unknown,
    }
}

/// The last word of a stream whose session is locked or over, or that made room for newer ones: the page closes it and does
/// not come back for more.
fn locked() -> Event {
    Event::default().event("locked").data("locked")
}

/// Waits until somebody wrote, or a beat has passed. `None`: the desk is closing.
async fn looked_for(watch: &mut tokio::sync::watch::Receiver<u64>) -> Option<()> {
    match tokio::time::timeout(BEAT, watch.changed()).await {
        Ok(Err(_)) => None,
        Ok(Ok(())) | Err(_) => Some(()),
    }
}

/// Streams of one session at once: an officer with more open pages than this sees the oldest stand still.
const MOST: usize = 8;

/// The streams of one session, the oldest first: each by a number and by what ends it.
type OfSession = VecDeque<(u64, oneshot::Sender<()>)>;

/// The streams that are open.
#[derive(Default, Clone)]
pub(crate) struct OpenStreams(Arc<Mutex<Streams>>);

#[derive(Default)]
struct Streams {
    /// How many there ever were: no number is given twice.
    ever: u64,
    of: HashMap<[u8; 32], OfSession>,
}

/// A stream's place among them; dropped with the stream.
struct PlaceOfStream {
    all: OpenStreams,
    session: [u8; 32],
    number: u64,
}

impl OpenStreams {
    /// A place for one more; the oldest makes room. What is given back turns ready when this one must make room itself.
    fn enter(&self, session: [u8; 32]) -> (PlaceOfStream, oneshot::Receiver<()>) {
        let (end, ended) = oneshot::channel();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.ever += 1;
        let number = all.ever;
        let streams = all.of.entry(session).or_default();
        streams.push_back((number, end));
        if streams.len() > MOST
            && let Some((_, oldest)) = streams.pop_front()
        {
            // It may have ended meanwhile.
            let _ = oldest.send(());
        }
        (PlaceOfStream { all: self.clone(), session, number }, ended)
    }
}

impl Drop for PlaceOfStream {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(streams) = all.of.get_mut(&self.session) {
            streams.retain(|(number, _)| *number != self.number);
            if streams.is_empty() {
                all.of.remove(&self.session);
            }
        }
    }
}

/// Without an end an open stream would hold a stopping server for ever, and one officer all places of the server.
fn until_stop<S>(
    portal: &Portal,
    officer: &Officer,
    events: S,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<S>>
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    let (place, ended) = portal.0.streams.enter(officer.session.digest());
    let displaced = Arc::new(AtomicBool::new(false));
    let (says, said) = (displaced.clone(), displaced);
    let events = events
        .take_until(async move {
            // The place lives as long as this stream: nothing else ends it.
            let _ = ended.await;
            says.store(true, Ordering::Relaxed);
        })
        // Its page must not come back at once and displace the next.
        .chain(
            stream::once(future::ready(()))
                .filter_map(move |()| future::ready(said.load(Ordering::Relaxed).then(|| Ok(locked())))),
        )
        .map(move |event| {
            let _ = &place;
            event
        });
    let mut stop = portal.0.stop.clone();
    let events = events.take_until(async move {
        let _ = stop.wait_for(|stopped| *stopped).await;
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}
