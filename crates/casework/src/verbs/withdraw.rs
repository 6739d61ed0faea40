//! Withdraw and correct: entries leave matching, and everybody who was ever told is told.

use std::collections::BTreeSet;

use matching::Reading as Region;
use model::{
    CaseNumber, EntryClass, EntryDraft, EntryId, EntryRole, Kind, Level, MessageId, Micros, Purpose, Resolution,
    SubmissionId, Window,
};
use policy::{Action, Facts, Grant, Principal};
use store::{CaseFacts, Ended, EntryState, Matter, NewNotice, OwnEntry, Told, Tx};

use crate::answer::Answer;
use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::nothing_in;
use crate::verbs::submit::SubmitOrder;
use crate::verbs::takeover::normal_of;

/// What a side is told that saw a match only behind the desk: the same whatever became of it.
const BEHIND_DESK: &str =
    "What the watch desk was asked about here is no longer so. Call the watch desk before you rely on it.";

impl Desk {
    /// Takes entries of this value out of one's own case: with a platform only those of that platform.
    pub async fn withdraw(
        &self,
        who: &Principal,
        number: &CaseNumber,
        kind: Kind,
        value: &str,
        platform: Option<&str>,
        reason: &Purpose,
    ) -> Result<usize, Error> {
        let case = self.own_case(who, Action::Withdraw, number).await?;
        let grant = self.may_end(who, Action::Withdraw, &case).await?;
        again!(async {
            let mut tx = self.store.begin(&grant).await?;
            let entries = self.of_value(&mut tx, who, &case, kind, value, platform).await?;
            self.end_for(tx, &case, &grant, &entries, (EntryState::Withdrawn, None), reason).await?;
            Ok(entries.len())
        })
    }

    /// Puts a right value in place of a wrong one: the right one is submitted, then the wrong one leaves matching. What
    /// the right one does not say of itself it takes over, and it is never more open than what it replaces.
    pub async fn correct(
        &self,
        who: &Principal,
        kind: Kind,
        wrong: &str,
        platform: Option<&str>,
        reason: &Purpose,
        mut right: SubmitOrder,
    ) -> Result<Answer, Error> {
        // What cannot be stored must not cost the value it was to replace.
        let region = Region { country: who.country };
        let mut problems = right.reading.problems.clone();
        for draft in &right.reading.drafts {
            // It came from a form or an argument: no reader of files has looked at it.
            if let Err(e) = exchange::check_draft(draft) {
                problems.push(e.at(draft.place.clone(), "value"));
            } else if let Err(e) = matching::normalise(draft.kind, &draft.value, draft.platform.as_deref(), &region) {
                problems.push(e.at(draft.place.clone(), "value"));
            }
        }
        if !problems.is_empty() {
            return Err(Error::File { file: right.file, problems });
        }
        if right.reading.drafts.is_empty() {
            return Err(nothing_in(&right.file));
        }
        let case = self.own_case(who, Action::Correct, &right.case).await?;
        let grant = self.may_end(who, Action::Correct, &case).await?;
        let mut tx = self.store.view(&grant).await?;
        let mut entries = self.of_value(&mut tx, who, &case, kind, wrong, platform).await?;
        tx.commit(self.store.act(&grant, ("case", case.id.into())).shown(entries.iter().map(|e| e.id.into()))).await?;
        let model = replaced(&entries, self.store.clock().now())?;
        for draft in &mut right.reading.drafts {
            model.lend(draft, right.level);
        }
        let request = right.request;
        let answer = self.submit(who, right).await?;
        // Sent again after a failure, the right value may stand in the case already, under the same name.
        let new: Option<SubmissionId> = answer.receipt.parse().ok();
        entries.retain(|e| Some(e.submission) != new);
        let ended = again!(async {
            let tx = self.store.begin(&grant).await?;
            self.end_for(tx, &case, &grant, &entries, (EntryState::Corrected, new), reason).await
        });
        match ended {
            Ok(()) => Ok(answer),
            Err(e) => Err(Error::NotNow(format!(
                "the right value is stored, and the wrong one still matches ({e}): send the same correction again (request {request}), which stores nothing twice"
            ))),
        }
    }

    async fn may_end(&self, who: &Principal, action: Action, case: &CaseFacts) -> Result<Grant, Error> {
        let facts = Facts {
            agency: Some(case.agency),
            lead: Some(case.lead),
            supervisor: case.supervisor,
            status_open: case.status.is_worked(),
            ..Facts::default()
        };
        self.allow(who, action, &facts, ("case", case.id.into()), self.request()).await
    }

    /// One's own entries of this value that were not taken back.
    pub(crate) async fn of_value(
        &self,
        tx: &mut Tx,
        who: &Principal,
        case: &CaseFacts,
        kind: Kind,
        value: &str,
        platform: Option<&str>,
    ) -> Result<Vec<OwnEntry>, Error> {
        let region = Region { country: who.country };
        let read = |at: Option<&str>| {
            let identifier = matching::normalise(kind, value, at, &region).ok()?;
            identifier.whole().map(|n| (n.text.clone(), n.platform.clone()))
        };
        // A platform goes by several names.
        let named = platform.map(|p| read(Some(p)).and_then(|(_, at)| at).unwrap_or_else(|| p.trim().to_lowercase()));
        let mut found = tx.own_case_entries(case.id).await?;
        found.retain(|e| {
            let at = e.content.platform.as_deref();
            let same = |normal: &String| read(at).is_some_and(|(text, _)| text == *normal);
            e.kind == kind
                && named.as_deref().is_none_or(|named| at == Some(named))
                && (e.content.raw.trim() == value.trim() || e.content.normal.as_ref().is_some_and(same))
        });
        if found.is_empty() {
            return Err(Error::NotFound("entry of this value in your case"));
        }
        let platforms: BTreeSet<&str> = found.iter().filter_map(|e| e.content.platform.as_deref()).collect();
        if platforms.len() > 1 {
            return Err(Error::NotNow(
                "this value stands at several platforms in your case: name the platform that is meant".to_owned(),
            ));
        }
        Ok(found)
    }

    async fn end_for(
        &self,
        mut tx: Tx,
        case: &CaseFacts,
        grant: &Grant,
        entries: &[OwnEntry],
        (state, successor): (EntryState, Option<SubmissionId>),
        reason: &Purpose,
    ) -> Result<(), Error> {
        self.end(&mut tx, case, entries, state).await?;
        if let Some(successor) = successor {
            let ended: Vec<EntryId> = entries.iter().map(|e| e.id).collect();
            tx.note_successor(case.id, case.agency, &ended, successor).await?;
        }
        let act = self
            .store
            .act(grant, ("case", case.id.into()))
            .bind("reason", reason.as_str().as_bytes())
            .shown(entries.iter().map(|e| e.id.into()));
        // The reason stays with its owner, bound to the event: it may speak of the case.
        tx.add_reason(act.id(), "reason", Some(case.id), reason.as_str()).await?;
        tx.commit(act).await?;
        Ok(())
    }

    /// Ends entries inside the caller's transaction: postings, matches, and the word to everybody who was told. Nobody who
    /// was told hears why.
    pub(crate) async fn end(
        &self,
        tx: &mut Tx,
        case: &CaseFacts,
        entries: &[OwnEntry],
        state: EntryState,
    ) -> Result<(), Error> {
        self.replace(tx, case, entries, state).await?;
        let ids: Vec<EntryId> = entries.iter().map(|e| e.id).collect();
        let now = self.store.clock().now();
        let act = MessageId::new(self.store.clock(), self.store.chance());
        let mut notices = Vec::new();
        for gone in tx.end_matches(case.id, case.agency, &ids).await? {
            if gone.none_left {
                tx.resolve(gone.conflict, Resolution::Withdrawn).await?;
            }
            notices.extend(gone.saw.iter().map(|(entry, saw)| told(&gone, *entry, *saw, act, state, now)));
        }
        // Those told outside a conflict: who asked by nexus, who was answered about a silent entry of theirs.
        for told in tx.told_of(case.agency, case.id, &ids).await? {
            if !notices.iter().any(|n: &NewNotice| n.recipient == told.member) {
                notices.push(told_outside(told, act, state, now));
            }
        }
        tx.notify(notices).await?;
        Ok(())
    }

    /// Takes entries out of matching inside the caller's transaction, and tells nobody.
    pub(crate) async fn replace(
        &self,
        tx: &mut Tx,
        case: &CaseFacts,
        entries: &[OwnEntry],
        state: EntryState,
    ) -> Result<(), Error> {
        let mut tokens = Vec::new();
        for e in entries {
            let Some(normal) = normal_of(e) else { continue };
            for space in self.store.spaces() {
                for key in matching::keys_with(&normal, &self.lists) {
                    tokens.push((space, self.store.token(space, &key.text)?, e.id));
                }
            }
        }
        let ended: Vec<(EntryId, i64)> = entries.iter().map(|e| (e.id, e.version)).collect();
        tx.end_entries(case.id, case.agency, &ended, state, &tokens).await?;
        Ok(())
    }
}

/// The word to somebody who was told without a conflict: their question was not kept, so it names none of their values.
fn told_outside(told: Told, act: MessageId, state: EntryState, now: Micros) -> NewNotice {
    let words = if told.openly {
        format!("What you were told of in answer to a question was taken back. Do not rely on it. ({})", plain(state))
    } else {
        BEHIND_DESK.to_owned()
    };
    NewNotice {
        recipient: told.member,
        agency: told.agency,
        matter: if told.openly { Matter::Withdrawn } else { Matter::Desk },
        about: [&b"outside a conflict"[..], act.as_bytes()].concat(),
        conflict: None,
        case: None,
        entry: None,
        other_case: None,
        due: now,
        words: Some(words.into_bytes()),
    }
}

/// The word to the other side about one identifier of theirs: behind the desk it is one a value, without a conflict.
fn told(gone: &Ended, entry: EntryId, saw: Level, act: MessageId, state: EntryState, now: Micros) -> NewNotice {
    let open = saw == Level::Open;
    let words = if open {
        format!("What you were told of was taken back by the other side. Do not rely on it. ({})", plain(state))
    } else {
        BEHIND_DESK.to_owned()
    };
    let subject = if open { *gone.conflict.as_bytes() } else { [0; 16] };
    NewNotice {
        recipient: gone.told.member,
        agency: gone.told.agency,
        matter: if open { Matter::Withdrawn } else { Matter::Desk },
        about: [&subject[..], entry.as_bytes(), act.as_bytes()].concat(),
        conflict: open.then_some(gone.conflict),
        case: Some(gone.told.case),
        entry: Some(entry),
        other_case: None,
        due: now,
        words: Some(words.into_bytes()),
    }
}

fn plain(state: EntryState) -> &'static str {
    match state {
        EntryState::Corrected => "the identifier was wrong and has been corrected",
        _ => "the identifier was withdrawn",
    }
}

/// The entry a right value takes the place of.
struct Replaced<'a> {
    like: &'a OwnEntry,
    level: Level,
    seen: Window,
    port: Option<u16>,
}

/// What a right value takes over from these.
///
/// # Errors
/// A silent one needs a supervisor's order anew; of several that differ nobody can say which it is.
fn replaced(ended: &[OwnEntry], now: Micros) -> Result<Replaced<'_>, Error> {
    // An order that has ended falls back to desk.
    let level_of = |e: &OwnEntry| match e.level {
        Level::Silent if e.silent_until.is_some_and(|until| until < now) => Level::Desk,
        level => level,
    };
    let level = ended.iter().map(level_of).max().unwrap_or(Level::Desk);
    if level == Level::Silent {
        return Err(Error::NotNow(
            "this entry is silent: withdraw it and submit the right one with a supervisor's order".to_owned(),
        ));
    }
    // What a check met says less of a value than its own entry; its level counts all the same.
    let standing: Vec<&OwnEntry> = ended.iter().filter(|e| !e.asked).collect();
    let weighed = if standing.is_empty() { ended.iter().collect() } else { standing };
    let Some((like, others)) = weighed.split_first() else {
        return Err(Error::NotFound("entry of this value in your case"));
    };
    let facts = |e: &OwnEntry| (e.role, e.age, e.class, e.source, level_of(e));
    if others.iter().any(|e| facts(e) != facts(like) || e.marking != like.marking) {
        return Err(Error::NotNow(
            "the entries of this value differ in role, age, class, source, marking or level: withdraw it and submit the right one".to_owned(),
        ));
    }
    Ok(Replaced {
        like,
        level,
        seen: weighed.iter().map(|e| e.seen).find(|seen| *seen != Window::default()).unwrap_or_default(),
        port: weighed.iter().find_map(|e| e.port),
    })
}

impl Replaced<'_> {
    /// Fills in what a draft leaves open. Its level is the closer of both.
    fn lend(&self, draft: &mut EntryDraft, submitted: Level) {
        // A tip stays a tip, whatever else becomes known.
        if draft.class.is_none() && (draft.role == EntryRole::Unknown || self.like.class == EntryClass::Tip) {
            draft.class = Some(self.like.class);
        }
        if draft.role == EntryRole::Unknown {
            draft.role = self.like.role;
        }
        if draft.age == model::AgeClass::Unknown {
            draft.age = self.like.age;
        }
        draft.source = draft.source.or(self.like.source);
        if draft.seen == Window::default() {
            draft.seen = self.seen;
        }
        if draft.kind == self.like.kind {
            draft.port = draft.port.or(self.port);
        }
        draft.marking.get_or_insert_with(|| self.like.marking.clone());
        draft.level = Some(self.level.max(draft.level.unwrap_or(submitted)));
    }
}
