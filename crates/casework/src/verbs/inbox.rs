//! The inbox: what waits for an officer, gatherings as one line.

use std::collections::BTreeMap;

use model::{CaseId, EntryId, GatheringId, Level, Role, SideState};
use policy::disclosure::{self, Shown};
use policy::{Action, Facts, Principal};
use store::{Matter, Side, Tx};

use crate::answer::{GatheredOther, INBOX, Inbox, InboxItem};
use crate::desk::Desk;
use crate::error::Error;
use crate::verbs::tell::call;

impl Desk {
    /// Conflicts that wait for this officer (for a supervisor: the agency's), words from the desk, and for those who stand
    /// at the watch desk its queue.
    pub async fn inbox(&self, who: &Principal) -> Result<Inbox, Error> {
        let at_desk = who.roles.has(Role::WatchDesk);
        let works_cases = [Role::Investigator, Role::Supervisor, Role::Analyst].into_iter().any(|r| who.roles.has(r));
        let mut items = if works_cases || !at_desk { self.own_items(who).await? } else { Vec::new() };
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
        let mut shown = Vec::new();
        let mut gatherings: BTreeMap<(GatheringId, CaseId), Vec<Side>> = BTreeMap::new();
        let mut items: Vec<(model::Micros, InboxItem)> = Vec::new();
        for side in sides {
            shown.push(side.conflict.into());
            if side.sees == Level::Open {
                gatherings.entry((side.gathering, side.case)).or_default().push(side);
            } else {
                let yours = values(&mut tx, &side, Level::Desk).await?;
                items.push((side.due, desk_item(&side, yours, &watch_desk, now)));
            }
        }
        for sides in gatherings.into_values() {
            if let Some(item) = gathered(&mut tx, who, &sides, &watch_desk, now).await? {
                items.push(item);
            }
        }
        for n in tx.notices(false).await? {
            // Conflicts and desk sides stand above already; what is left are words.
            let word = match n.matter {
                Matter::Conflict => continue,
                Matter::Desk if n.words.is_none() => continue,
                _ => n.matter.word(),
            };
            let yours = match (n.case, n.entry) {
                (Some(case), Some(entry)) => {
                    tx.own_entries(case, &[entry]).await?.into_iter().map(|e| e.content.raw).collect()
                }
                _ => Vec::new(),
            };
            shown.push(n.id.into());
            items.push((n.due, note_item(word, &n, yours, &watch_desk)));
        }
        tx.commit(self.store.act(&grant, ("inbox", who.member.into())).shown(shown)).await?;
        Ok(items)
    }

    /// What waits at the watch desk.
    async fn desk_queue(&self, who: &Principal) -> Result<Vec<(model::Micros, InboxItem)>, Error> {
        let grant =
            self.allow(who, Action::DeskQueue, &Facts::default(), ("desk", who.member.into()), self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let notices = tx.notices(true).await?;
        let watch_desk = tx.watch_desk().await?.to_string();
        let mut out = Vec::with_capacity(notices.len());
        for n in &notices {
            let sides: Vec<CaseId> = [n.case, n.other_case].into_iter().flatten().collect();
            let mut item = note_item(n.matter.word(), n, Vec::new(), &watch_desk);
            let callers = tx.desk_contacts(&sides).await?;
            let mut callers = callers.iter().map(|c| disclosure::at_desk(who, c)).filter_map(|s| match s {
                Shown::Open { agency, contact, telephone } => {
                    Some(call(&agency, &contact, telephone.as_str(), &watch_desk, item.conflict.as_deref()))
                }
                Shown::Desk | Shown::Nothing => None,
            });
            item.other = callers.next();
            item.others = callers
                .map(|other| GatheredOther { conflict: n.conflict.map(|c| c.to_string()).unwrap_or_default(), other })
                .collect();
            out.push((n.due, item));
        }
        tx.commit(self.store.act(&grant, ("desk", who.member.into())).shown(notices.iter().map(|n| n.id.into())))
            .await?;
        Ok(out)
    }
}

/// One line for all conflicts of one case that share an identifier.
async fn gathered(
    tx: &mut Tx,
    who: &Principal,
    sides: &[Side],
    watch_desk: &str,
    now: model::Micros,
) -> Result<Option<(model::Micros, InboxItem)>, Error> {
    let Some(first) = sides.iter().max_by_key(|s| (s.strength, std::cmp::Reverse(s.due))) else { return Ok(None) };
    let mut yours: Vec<String> = Vec::new();
    let mut others: Vec<GatheredOther> = Vec::new();
    for side in sides {
        for value in values(tx, side, Level::Open).await? {
            if !yours.contains(&value) {
                yours.push(value);
            }
        }
        let wanted: Vec<(CaseId, EntryId)> =
            side.matches.iter().filter(|m| m.sees == Level::Open).map(|m| (side.other_case, m.theirs)).collect();
        let sealed = tx.others(&wanted).await?;
        if let Shown::Open { agency, contact, telephone } =
            disclosure::merge(sealed.iter().map(|(_, _, o)| disclosure::show(who, o)))
        {
            let id = side.conflict.to_string();
            others.push(GatheredOther {
                other: call(&agency, &contact, telephone.as_str(), watch_desk, Some(&id)),
                conflict: id,
            });
        }
    }
    let head = others.iter().position(|o| o.conflict == first.conflict.to_string()).map(|i| others.remove(i).other);
    // The side that has come least far speaks for the line.
    let state = sides.iter().map(|s| s.state).min().unwrap_or(SideState::Notified);
    let due = sides.iter().map(|s| s.due).min().unwrap_or(first.due);
    Ok(Some((
        due,
        InboxItem {
            conflict: Some(first.conflict.to_string()),
            state: state.word().to_owned(),
            due: due.to_string(),
            strength: Some(first.strength),
            yours,
            other: head,
            others,
            watch_desk: None,
            note: None,
            overdue: state == SideState::Notified && due < now,
        },
    )))
}

/// One's own identifiers of a side that are seen at this level, as written.
async fn values(tx: &mut Tx, side: &Side, sees: Level) -> Result<Vec<String>, Error> {
    let mut ids: Vec<EntryId> = side.matches.iter().filter(|m| m.sees == sees).map(|m| m.mine).collect();
    ids.dedup();
    let entries = tx.own_entries(side.case, &ids).await?;
    let mut out: Vec<String> = Vec::new();
    for id in ids {
        if let Some(e) = entries.iter().find(|e| e.id == id) {
            if !out.contains(&e.content.raw) {
                out.push(e.content.raw.clone());
            }
        }
    }
    Ok(out)
}

/// The same body whatever its cause.
fn desk_item(side: &Side, yours: Vec<String>, watch_desk: &str, now: model::Micros) -> InboxItem {
    InboxItem {
        conflict: None,
        state: "desk".to_owned(),
        due: side.due.to_string(),
        strength: None,
        yours,
        other: None,
        others: Vec::new(),
        watch_desk: Some(watch_desk.to_owned()),
        note: None,
        overdue: side.due < now,
    }
}

fn note_item(word: &str, n: &store::Notice, yours: Vec<String>, watch_desk: &str) -> InboxItem {
    InboxItem {
        conflict: n.conflict.map(|c| c.to_string()),
        state: word.to_owned(),
        due: n.due.to_string(),
        strength: None,
        yours,
        other: None,
        others: Vec::new(),
        watch_desk: Some(watch_desk.to_owned()),
        note: n.words.as_ref().map(|w| String::from_utf8_lossy(w).into_owned()),
        overdue: false,
    }
}
