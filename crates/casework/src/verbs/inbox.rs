//! The inbox: what waits for an officer, gatherings as one line.

use std::collections::{BTreeMap, BTreeSet};

use model::{CaseId, EntryId, GatheringId, Level, NoticeId, Role, SideState};
use policy::disclosure::{self, Other, Shown};
use policy::{Action, Facts, Principal, Sealed};
use store::{Matter, SeenNotices, Side, Tx};

use crate::answer::{GatheredOther, INBOX, Inbox, InboxItem};
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::detail::named_own;
use crate::verbs::tell::call;

impl Desk {
    /// Conflicts that wait for this officer (for a supervisor: the agency's), words from the desk, and for those who stand
    /// at the watch desk its queue.
    pub async fn inbox(&self, who: &Principal) -> Result<Inbox, Error> {
        let at_desk = who.roles.has(Role::WatchDesk);
        let mut items = if works_cases(who) || !at_desk { self.own_items(who).await? } else { Vec::new() };
        if at_desk {
            items.extend(self.desk_queue(who).await?);
        }
        items.sort_by(|(a, x), (b, y)| (a, &x.conflict, &x.state).cmp(&(b, &y.conflict, &y.state)));
        Ok(Inbox { format: INBOX.to_owned(), items: items.into_iter().map(|(_, item)| item).collect() })
    }

    async fn own_items(&self, who: &Principal) -> Result<Vec<(model::Micros, InboxItem)>, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let grant = self.allow(who, Action::Inbox, &facts, ("inbox", who.member.into()), self.request()).await?;
        let now = self.store.clock().now();
        let mut tx = self.store.view(&grant).await?;
        let watch_desk = tx.watch_desk().await?.to_string();
        let sides = tx.sides().await?;
        let notices = tx.notices(false).await?;
        let known = Known::read(&mut tx, who, &sides, &notices).await?;
        let mut shown: Vec<uuid::Uuid> = Vec::new();
        let mut gatherings: BTreeMap<(GatheringId, CaseId), Vec<Side>> = BTreeMap::new();
        let mut items: Vec<(model::Micros, InboxItem)> = Vec::new();
        for side in sides {
            shown.push(side.conflict.into());
            if side.sees == Level::Open {
                gatherings.entry((side.gathering, side.case)).or_default().push(side);
            }
        }
        items.extend(gatherings.into_values().filter_map(|sides| gathered(&known, &sides, &watch_desk, now)));
        for n in &notices {
            // Conflicts stand above already.
            if n.matter == Matter::Conflict {
                continue;
            }
            let yours = n.entry.and_then(|e| known.entries.get(&e)).into_iter().cloned().collect();
            shown.push(n.id.into());
            items.push((n.due, note_item(n, yours, &watch_desk, now)));
        }
        tx.commit(self.store.act(&grant, ("inbox", who.member.into())).shown(shown)).await?;
        Ok(items)
    }

    /// Takes a notice out of one's own inbox, or out of the desk's queue for somebody who stands there.
    pub async fn seen(&self, who: &Principal, notice: NoticeId) -> Result<(), Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("notice", notice.into());
        let mut done = 0;
        if works_cases(who) {
            let grant = self.allow(who, Action::Inbox, &facts, object, self.request()).await?;
            let mut tx = self.store.begin(&grant).await?;
            done += tx.seen(SeenNotices::Notice(notice)).await?;
            tx.commit(self.store.act(&grant, object)).await?;
        }
        if done == 0 && who.roles.has(Role::WatchDesk) {
            let grant = self.allow(who, Action::DeskQueue, &Facts::default(), object, self.request()).await?;
            let mut tx = self.store.begin(&grant).await?;
            done += tx.seen(SeenNotices::AtDesk(notice)).await?;
            tx.commit(self.store.act(&grant, object)).await?;
        }
        if done == 0 { Err(Error::NotFound("notice")) } else { Ok(()) }
    }

    /// What waits at the watch desk.
    async fn desk_queue(&self, who: &Principal) -> Result<Vec<(model::Micros, InboxItem)>, Error> {
        let grant =
            self.allow(who, Action::DeskQueue, &Facts::default(), ("desk", who.member.into()), self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let notices = tx.notices(true).await?;
        let now = self.store.clock().now();
        let watch_desk = tx.watch_desk().await?.to_string();
        let cases: Vec<CaseId> = notices.iter().flat_map(|n| [n.case, n.other_case]).flatten().collect();
        let contacts = tx.desk_contacts(&cases).await?;
        let out = notices.iter().map(|n| (n.due, desk_item(who, n, &contacts, &watch_desk, now))).collect();
        tx.commit(self.store.act(&grant, ("desk", who.member.into())).shown(notices.iter().map(|n| n.id.into())))
            .await?;
        Ok(out)
    }
}

/// One line of the watch desk's queue, with both sides' contacts.
pub(crate) fn desk_item(
    who: &Principal,
    n: &store::Notice,
    contacts: &BTreeMap<CaseId, Sealed<Other>>,
    watch_desk: &str,
    now: model::Micros,
) -> InboxItem {
    let mut item = note_item(n, Vec::new(), watch_desk, now);
    let callers = [n.case, n.other_case].into_iter().flatten().filter_map(|case| contacts.get(&case));
    let mut callers = callers
        .map(|c| disclosure::at_desk(who, c))
        .filter_map(|s| Some(call(&s, watch_desk, item.conflict.as_deref())?.at(now)));
    let first = callers.next();
    let others = callers
        .map(|other| GatheredOther { conflict: n.conflict.map(|c| c.to_string()).unwrap_or_default(), other })
        .collect();
    (item.other, item.others) = (first, others);
    item
}

/// Does this member work cases, and not only stand at the desk?
pub(crate) fn works_cases(who: &Principal) -> bool {
    [Role::Investigator, Role::Supervisor, Role::Analyst].into_iter().any(|r| who.roles.has(r))
}

/// What an inbox shows, read in a few statements whatever its length.
pub(crate) struct Known {
    /// One's own values, as written.
    pub entries: BTreeMap<EntryId, String>,
    /// What disclosure opened of the other entries, by their case and id.
    others: BTreeMap<(CaseId, EntryId), Shown>,
}

impl Known {
    pub(crate) async fn read(
        tx: &mut Tx,
        who: &Principal,
        sides: &[Side],
        notices: &[store::Notice],
    ) -> Result<Self, Error> {
        let mut mine: Vec<(CaseId, EntryId)> =
            sides.iter().flat_map(|s| s.matches.iter().map(|m| (s.case, m.mine))).collect();
        mine.extend(notices.iter().filter_map(|n| n.case.zip(n.entry)));
        let theirs: Vec<(CaseId, EntryId)> = sides
            .iter()
            .flat_map(|s| s.matches.iter().filter(|m| m.sees == Level::Open).map(|m| (s.other_case, m.theirs)))
            .collect();
        Ok(Self {
            entries: tx.own_entries_of(&mine).await?.into_iter().map(|e| (e.id, named_own(&e))).collect(),
            others: tx
                .others(&theirs)
                .await?
                .into_iter()
                .map(|(c, e, o)| ((c, e), disclosure::show(who, &o)))
                .collect(),
        })
    }

    /// One's own entries whose identifiers a side shows openly.
    pub(crate) fn shown(&self, side: &Side) -> impl Iterator<Item = uuid::Uuid> {
        let open = side.matches.iter().filter(|m| m.sees == Level::Open);
        open.filter(|m| self.entries.contains_key(&m.mine)).map(|m| m.mine.into())
    }

    /// One's own identifiers of a side that are seen at this level, each once.
    pub(crate) fn values(&self, side: &Side, sees: Level) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for m in side.matches.iter().filter(|m| m.sees == sees) {
            if let Some(value) = self.entries.get(&m.mine).filter(|v| !out.contains(v)) {
                out.push(value.clone());
            }
        }
        // By their own letters: ids are chance, and an order that changes from day to day is read as news.
        out.sort_unstable();
        out
    }

    /// Whom to call, as far as disclosure opens it now: access is looked at again each time.
    pub(crate) fn other(&self, side: &Side, watch_desk: &str, now: model::Micros) -> Option<GatheredOther> {
        let open = side
            .matches
            .iter()
            .filter(|m| m.sees == Level::Open)
            .filter_map(|m| self.others.get(&(side.other_case, m.theirs)));
        let conflict = side.conflict.to_string();
        let other = call(&disclosure::merge(open.cloned()), watch_desk, Some(&conflict))?.at(now);
        Some(GatheredOther { other, conflict })
    }
}

/// One line for all conflicts of one case that share an identifier.
pub(crate) fn gathered(
    known: &Known,
    sides: &[Side],
    watch_desk: &str,
    now: model::Micros,
) -> Option<(model::Micros, InboxItem)> {
    let first = sides.iter().max_by_key(|s| (s.strength, std::cmp::Reverse(s.due)))?;
    let mut yours: Vec<String> = sides.iter().flat_map(|s| known.values(s, Level::Open)).collect();
    let mut met = BTreeSet::new();
    yours.retain(|v| met.insert(v.clone()));
    let mut others: Vec<GatheredOther> = sides.iter().filter_map(|s| known.other(s, watch_desk, now)).collect();
    let head = others.iter().position(|o| o.conflict == first.conflict.to_string()).map(|i| others.remove(i).other);
    // The side that has come least far speaks for the line.
    let state = sides.iter().map(|s| s.state).min().unwrap_or(SideState::Notified);
    let due = sides.iter().map(|s| s.due).min().unwrap_or(first.due);
    let item = InboxItem {
        conflict: Some(first.conflict.to_string()),
        state: state.word().to_owned(),
        due: due.to_string(),
        strength: Some(first.strength),
        yours,
        other: head,
        others,
        watch_desk: None,
        notice: None,
        note: None,
        overdue: state == SideState::Notified && due < now,
    };
    Some((due, item))
}

pub(crate) fn note_item(n: &store::Notice, yours: Vec<String>, watch_desk: &str, now: model::Micros) -> InboxItem {
    InboxItem {
        conflict: n.conflict.map(|c| c.to_string()),
        state: n.matter.word().to_owned(),
        due: n.due.to_string(),
        strength: None,
        yours,
        other: None,
        others: Vec::new(),
        watch_desk: Some(watch_desk.to_owned()),
        notice: Some(n.id.to_string()),
        note: n.words.as_ref().map(|w| String::from_utf8_lossy(w).into_owned()),
        overdue: n.matter == Matter::Desk && n.words.is_none() && n.due < now,
    }
}
