//! What came since somebody looked, for pages that stay open: the inbox, a thread, the numbers of a menu.
//!
//! A stream asks often and must not fill the ledger. So each look has two steps. The first asks a fact about the asker's own
//! rows, "is there something after this mark?"; it opens nothing and shows nothing, so there is nothing an event could name
//! (sentence 2 of docs/ARCHITECTURE.md speaks of reads: of rows shown). Only when the fact is yes a transaction reads rows,
//! and its event, which names each of them, is kept before any is given out. Every notice is new to a stream once, so the
//! events of streams are at most as many as what was told.
//!
//! That would let the ledger's size speak of silent entries (sentence 9): an officer asks, an owner's open page leaves an
//! event a second later. What a silent entry can be the cause of ([`Pace::Beat`]) is therefore not even asked for in
//! between; it is looked for every [`BEAT_SECONDS`], and that look leaves its event whether it found anything or not.

use std::fmt;
use std::str::FromStr;

use model::{CaseId, ConflictId, Invalid, Level, MessageId, Micros, NoticeId, Role};
use policy::{Action, Facts, Principal};
use serde::{Deserialize, Serialize};
use store::{Mark, Matter, Notice, Pace, Side};
use tokio::sync::watch;
use uuid::Uuid;

use crate::answer::InboxItem;
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::conflicts::{Line, line_of};
use crate::verbs::inbox::{Known, desk_item, gathered, note_item, works_cases};

/// Format word of news.
pub const NEWS: &str = "concord.news/1";
/// Format word of a thread's news.
pub const THREAD_NEWS: &str = "concord.thread-news/1";

/// Seconds between two looks at what silent entries may be the cause of: the beat of the public checkpoints.
const BEAT_SECONDS: i64 = 300;

/// Notices one look shows of each pace.
const MOST: i64 = 50;

/// How far a reader has read; printed, it is an event stream's id. It names no content and opens nothing: whoever sends
/// another's, or a made-up one, sees more or less of their own inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    own: Place,
    desk: Place,
    /// When everything was last looked for.
    beat: Micros,
}

/// How far in one recipient's notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    prompt: Mark,
    beat: Mark,
}

impl Place {
    fn start() -> Self {
        Self { prompt: Mark::start(), beat: Mark::start() }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.beat.0)?;
        for mark in [self.own.prompt, self.own.beat, self.desk.prompt, self.desk.beat] {
            write!(f, "_{}_{}", mark.at.0, Uuid::from(mark.id).simple())?;
        }
        Ok(())
    }
}

impl FromStr for Cursor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("is not a cursor of this Concord", "open the page again");
        let mut parts = text.split('_');
        let mut part = || parts.next().ok_or_else(wrong);
        let time = |text: &str| text.parse().map(Micros).map_err(|_| wrong());
        let beat = time(part()?)?;
        let mut mark = || -> Result<Mark, Invalid> {
            let at = time(part()?)?;
            Ok(Mark { at, id: part()?.parse::<NoticeId>().map_err(|_| wrong())? })
        };
        let own = Place { prompt: mark()?, beat: mark()? };
        let desk = Place { prompt: mark()?, beat: mark()? };
        if parts.next().is_some() { Err(wrong()) } else { Ok(Self { own, desk, beat }) }
    }
}

/// What came into an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct News {
    /// [`NEWS`].
    pub format: String,
    /// In the order in which they were found.
    pub items: Vec<NewsItem>,
    /// What to ask with the next time.
    #[serde(serialize_with = "as_text")]
    pub cursor: Cursor,
    /// There is more: ask again at once.
    pub more: bool,
}

/// One thing that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewsItem {
    /// The notice's id: the same however often it is shown.
    pub id: String,
    /// When it was written, RFC 3339.
    pub at: String,
    /// The line of the inbox, as it is now.
    pub item: InboxItem,
}

/// How much of a thread was shown: how many lines, and the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadMark {
    /// How many.
    pub lines: usize,
    /// The last.
    pub last: MessageId,
}

impl fmt::Display for ThreadMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.lines, Uuid::from(self.last).simple())
    }
}

impl FromStr for ThreadMark {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = || {
            let (lines, last) = text.split_once('_')?;
            Some(Self { lines: lines.parse().ok()?, last: last.parse().ok()? })
        };
        read().ok_or_else(|| Invalid::new("is not a mark of a thread", "open the page again"))
    }
}

/// What came into a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThreadNews {
    /// [`THREAD_NEWS`].
    pub format: String,
    /// Lines, oldest first.
    pub lines: Vec<Line>,
    /// They are the whole thread and take the place of what is shown: the mark was none, or a line was kept that stands
    /// before the last one shown.
    pub whole: bool,
    /// What to ask with the next time; none while the thread is empty.
    #[serde(serialize_with = "maybe_text")]
    pub mark: Option<ThreadMark>,
}

/// Numbers for a menu.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Lines of the inbox.
    pub inbox: usize,
    /// Conflicts one sees that are not resolved.
    pub conflicts_open: usize,
    /// Lines past their due time.
    pub overdue: usize,
    /// Offers of cases that wait for one's agency, for those who may accept one.
    pub transfers: usize,
}

fn as_text<S: serde::Serializer>(cursor: &Cursor, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(cursor)
}

fn maybe_text<S: serde::Serializer>(mark: &Option<ThreadMark>, s: S) -> Result<S::Ok, S::Error> {
    match mark {
        Some(mark) => s.collect_str(mark),
        None => s.serialize_none(),
    }
}

/// What one look at one recipient's notices gave.
struct Part {
    items: Vec<NewsItem>,
    place: Place,
    more: bool,
}

/// Notices of one look, and how far they reach.
struct Arrived {
    notices: Vec<Notice>,
    place: Place,
    more: bool,
}

impl Desk {
    /// What came into this member's inbox since the cursor, and into the watch desk's queue for who stands there: each as
    /// the inbox shows it now, with access asked anew. Without a cursor nothing is shown: what is there stands in the inbox,
    /// and the cursor given is "from now on"; a page takes it before it reads the inbox, so that nothing falls between.
    ///
    /// Never skips a notice, however late it was committed; may show one twice to a reader that comes back with an old
    /// cursor, under the same id. A refusal leaves an event each time: a stream ends at the first.
    pub async fn news(&self, who: &Principal, after: Option<&Cursor>) -> Result<News, Error> {
        let now = self.store.clock().now();
        let at_desk = who.roles.has(Role::WatchDesk);
        let mut cursor = after.copied().unwrap_or(Cursor { own: Place::start(), desk: Place::start(), beat: now });
        let look = match after {
            None => Look::Begin,
            Some(c) if c.beat.plus_seconds(BEAT_SECONDS) <= now || c.beat > now => Look::All,
            Some(_) => Look::Prompt,
        };
        let (mut items, mut more) = (Vec::new(), false);
        if works_cases(who) || !at_desk {
            let part = self.own_news(who, cursor.own, look).await?;
            (items, more, cursor.own) = (part.items, part.more, part.place);
        }
        if at_desk {
            let part = self.desk_news(who, cursor.desk, look).await?;
            items.extend(part.items);
            (more, cursor.desk) = (more || part.more, part.place);
        }
        // The rest of a long look is looked for at once, as all of it.
        if look == Look::All && !more {
            cursor.beat = now;
        }
        Ok(News { format: NEWS.to_owned(), items, cursor, more })
    }

    async fn own_news(&self, who: &Principal, from: Place, look: Look) -> Result<Part, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("inbox", who.member.into());
        let grant = self.allow(who, Action::Inbox, &facts, object, self.request()).await?;
        if look == Look::Prompt && !self.store.waits(&grant, from.prompt).await? {
            return Ok(Part { items: Vec::new(), place: from, more: false });
        }
        again!(async {
            let now = self.store.clock().now();
            let mut tx = self.store.begin(&grant).await?;
            let arrived = arrived(&mut tx, false, from, look).await?;
            let watch_desk = tx.watch_desk().await?.to_string();
            let told: Vec<ConflictId> = conflicts_of(&arrived.notices).collect();
            let mut sides = if told.is_empty() { Vec::new() } else { tx.sides_about(&told).await? };
            sides.retain(|(_, s)| s.sees == Level::Open);
            let each: Vec<Side> = sides.iter().map(|(_, s)| s.clone()).collect();
            let known = Known::read(&mut tx, who, &each, &arrived.notices).await?;
            let (mut items, mut shown) = (Vec::new(), Vec::<Uuid>::new());
            for n in &arrived.notices {
                let item = if n.matter == Matter::Conflict {
                    let gathering = of_notice(&sides, n);
                    shown.extend(gathering.iter().map(|s| Uuid::from(s.conflict)));
                    gathered(&known, &gathering, &watch_desk, now).map(|(_, item)| item)
                } else {
                    let yours = n.entry.and_then(|e| known.entries.get(&e)).into_iter().cloned().collect();
                    Some(note_item(n, yours, &watch_desk, now))
                };
                // A conflict that ended meanwhile is no news any more.
                let Some(item) = item else { continue };
                shown.push(n.id.into());
                items.push(NewsItem { id: n.id.to_string(), at: n.at.to_string(), item });
            }
            tx.commit(self.store.act(&grant, object).shown(shown)).await?;
            Ok(Part { items, place: arrived.place, more: arrived.more })
        })
    }

    async fn desk_news(&self, who: &Principal, from: Place, look: Look) -> Result<Part, Error> {
        let object = ("desk", who.member.into());
        let grant = self.allow(who, Action::DeskQueue, &Facts::default(), object, self.request()).await?;
        if look == Look::Prompt && !self.store.waits(&grant, from.prompt).await? {
            return Ok(Part { items: Vec::new(), place: from, more: false });
        }
        again!(async {
            let now = self.store.clock().now();
            let mut tx = self.store.begin(&grant).await?;
            let arrived = arrived(&mut tx, true, from, look).await?;
            let watch_desk = tx.watch_desk().await?.to_string();
            let cases: Vec<CaseId> = arrived.notices.iter().flat_map(|n| [n.case, n.other_case]).flatten().collect();
            let contacts = tx.desk_contacts(&cases).await?;
            let line = |n: &Notice| NewsItem {
                id: n.id.to_string(),
                at: n.at.to_string(),
                item: desk_item(who, n, &contacts, &watch_desk, now),
            };
            let items = arrived.notices.iter().map(line).collect();
            let shown: Vec<Uuid> = arrived.notices.iter().map(|n| n.id.into()).collect();
            tx.commit(self.store.act(&grant, object).shown(shown)).await?;
            Ok(Part { items, place: arrived.place, more: arrived.more })
        })
    }

    /// Lines of a thread after the last one shown; without a mark all of it. Both sides must see each other openly, as for
    /// the thread itself. Time and id of a line are made before its commit: a line kept late can stand before one that was
    /// shown, and then the whole thread is given again.
    pub async fn thread_news(
        &self,
        who: &Principal,
        conflict: ConflictId,
        after: Option<ThreadMark>,
    ) -> Result<ThreadNews, Error> {
        let (grant, side) = self.side(who, Action::ShowConflict, conflict).await?;
        let seen = side.seen == Level::Open;
        let nothing = |mark| ThreadNews { format: THREAD_NEWS.to_owned(), lines: Vec::new(), whole: false, mark };
        let there = if seen { self.store.thread_length(&grant, conflict).await? } else { 0 };
        if there == after.map_or(0, |a| a.lines) {
            return Ok(nothing(after));
        }
        let mut tx = self.store.view(&grant).await?;
        let thread = tx.messages(conflict).await?;
        let stands = after.filter(|a| {
            let last = a.lines.checked_sub(1).and_then(|at| thread.get(at));
            last.is_some_and(|m| m.id == a.last)
        });
        let new = thread.get(stands.map_or(0, |a| a.lines)..).unwrap_or_default();
        let act = self.store.act(&grant, ("conflict", conflict.into()));
        tx.commit(act.shown(new.iter().map(|m| m.id.into()))).await?;
        Ok(ThreadNews {
            lines: new.iter().map(|m| line_of(m, who)).collect(),
            whole: stands.is_none(),
            ..nothing(thread.last().map(|m| ThreadMark { lines: thread.len(), last: m.id }))
        })
    }

    /// How many lines the inbox has, and how many of them are late: counted by the database as [`Desk::inbox`] lists them.
    /// No row is opened or named, so no event is left; who may not see the inbox is refused, and that leaves one.
    pub async fn counts(&self, who: &Principal) -> Result<Counts, Error> {
        let (mut inbox, mut overdue, mut open, mut transfers) = (0, 0, 0, 0);
        let at_desk = who.roles.has(Role::WatchDesk);
        if works_cases(who) || !at_desk {
            let facts = Facts { agency: Some(who.agency), ..Facts::default() };
            let object = ("inbox", who.member.into());
            let grant = self.allow(who, Action::Inbox, &facts, object, self.request()).await?;
            let own = self.store.inbox_counts(&grant).await?;
            (inbox, overdue, open) = (own.gatherings + own.notices, own.late + own.late_notices, own.conflicts);
            transfers = own.transfers;
        }
        if at_desk {
            let object = ("desk", who.member.into());
            let grant = self.allow(who, Action::DeskQueue, &Facts::default(), object, self.request()).await?;
            let (all, late) = self.store.desk_counts(&grant).await?;
            (inbox, overdue) = (inbox + all, overdue + late);
        }
        let whole = |n: i64| usize::try_from(n).unwrap_or(0);
        Ok(Counts {
            inbox: whole(inbox),
            conflicts_open: whole(open),
            overdue: whole(overdue),
            transfers: whole(transfers),
        })
    }

    /// Changes when a transaction of this process may have brought somebody something new: a reason to look again, and
    /// nothing else. The store is the truth. Another process's transactions do not show here, so a page looks again on a
    /// beat too. Mark it unchanged before reading, or what comes in between is lost.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.store.watch()
    }
}

/// How a look is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// From now on: everything gets its place, nothing is shown.
    Begin,
    /// What no silent entry can be the cause of.
    Prompt,
    /// Everything.
    All,
}

/// Gives places to what has none, and reads what comes after.
async fn arrived(tx: &mut store::Tx, desk: bool, from: Place, look: Look) -> Result<Arrived, Error> {
    let pace = (look == Look::Prompt).then_some(Pace::Prompt);
    let given = tx.arrive(desk, pace).await?;
    let mut out = Arrived { notices: Vec::new(), place: from, more: false };
    if look == Look::Begin {
        let here = Mark::after_all(given);
        out.place = Place { prompt: here, beat: here };
        return Ok(out);
    }
    let mut found = Vec::new();
    let beat = (look == Look::All).then_some(Pace::Beat);
    for pace in [Some(Pace::Prompt), beat].into_iter().flatten() {
        let after = if pace == Pace::Prompt { &mut out.place.prompt } else { &mut out.place.beat };
        let page = tx.arrivals(desk, pace, *after, MOST).await?;
        if let Some((mark, _)) = page.last() {
            *after = *mark;
        }
        out.more |= i64::try_from(page.len()).is_ok_and(|n| n == MOST);
        found.extend(page);
    }
    found.sort_by_key(|(mark, _)| *mark);
    out.notices = found.into_iter().map(|(_, n)| n).collect();
    Ok(out)
}

fn conflicts_of(notices: &[Notice]) -> impl Iterator<Item = ConflictId> {
    notices.iter().filter(|n| n.matter == Matter::Conflict).filter_map(|n| n.conflict)
}

/// The sides of the line that this notice tells of: whoever joined it while it waited stands in it, also when the first
/// of them is over.
fn of_notice(sides: &[(ConflictId, Side)], n: &Notice) -> Vec<Side> {
    let same = |(of, s): &&(ConflictId, Side)| Some(*of) == n.conflict && Some(s.case) == n.case;
    sides.iter().filter(same).map(|(_, s)| s.clone()).collect()
}
