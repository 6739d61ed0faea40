//! The silent look: asks silent postings about what others submitted or asked, after their answer was given. Owner and
//! desk are told; the asker never learns (invariant 9).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::{AgencyId, EntryRole, Level, Micros};
use policy::disclosure::{self, Shown};
use policy::{Action, Facts, Grant, Principal};
use store::{Among, Matter, NewNotice, NewSilentHit, Pending, Stage};
use tokio::task::JoinSet;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::detail::Asked;
use crate::verbs::look::{Look, Meeting, asks_for, by_token, hits_of, standing};
use crate::verbs::tell;
use crate::workers::{MOST, Round, TakenUp};

/// Submissions that are taken up together.
const LOT: usize = 125;

impl Desk {
    /// One round; returns how many submissions were heard.
    pub async fn hear(&self, spare: Option<AgencyId>) -> Result<Round, Error> {
        let worker = Principal::worker("silent look");
        let object = ("silent", uuid::Uuid::nil());
        let grant = self.allow(&worker, Action::SilentLook, &Facts::default(), object, self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        let ended = tx.end_silent_orders(MOST).await?;
        tx.commit(self.store.act(&grant, object).shown(ended.into_iter().map(Into::into))).await?;
        let before = self.store.clock().now().plus_seconds(1);
        let pending = self.store.pending(Stage::Silent, before, spare, MOST).await?;
        // Two lots at a time, each a task of its own: one is read while the other is written, and whoever waits for the
        // writer waits for one of them. Dropped, the round takes them with it.
        let mut lots = pending.chunks(LOT).map(<[Pending]>::to_vec);
        let (mut round, mut heard) = (Round::default(), JoinSet::new());
        loop {
            while heard.len() < 2
                && let Some(lot) = lots.next()
            {
                heard.spawn(self.clone().hear_lot(lot));
            }
            match heard.join_next().await {
                None => return Ok(round),
                // One that panicked comes again.
                Some(lot) => round.add(lot.unwrap_or(Round { done: 0, failed: 1 })),
            }
        }
    }

    async fn hear_lot(self, pending: Vec<Pending>) -> Round {
        let mut round = Round::default();
        match self.take_up("silent look", Action::SilentLook, pending.clone()).await {
            Ok(lot) => {
                for part in lot.parts() {
                    round.add(self.hear_part(&lot.grant, part).await);
                }
            }
            Err(_) if pending.len() == 1 => round.failed = 1,
            // One that cannot be read does not stop the others.
            Err(_) => {
                for one in pending {
                    round.add(Box::pin(self.clone().hear_lot(vec![one])).await);
                }
            }
        }
        round
    }

    async fn hear_part(&self, grant: &Grant, part: &[TakenUp]) -> Round {
        if again!(async { self.hear_all(grant, part).await }).is_ok() {
            return Round { done: part.len(), failed: 0 };
        }
        // One that fails does not stop the others.
        let mut round = Round::default();
        for one in part {
            let heard = again!(async { self.hear_all(grant, std::slice::from_ref(one)).await });
            round.count(heard.is_ok());
        }
        round
    }

    async fn hear_all(&self, grant: &Grant, taken: &[TakenUp]) -> Result<(), Error> {
        let looks: Vec<_> = taken.iter().map(|t| t.look(grant, Stage::Silent)).collect();
        // Of most fingerprints a view says that nobody keeps them silent; the write lock is taken for the few others.
        let held = self.held_elsewhere(grant, &looks, &[Among::Silent, Among::Personas]).await?;
        let persona = |a: &Asked| a.facts.role == EntryRole::Undercover;
        let mut tx = self.store.begin(grant).await?;
        let standing = if held.is_empty() && !taken.iter().flat_map(|t| &t.detail.asked).any(persona) {
            Vec::new()
        } else {
            standing(&mut tx, &looks).await?
        };
        let asks = asks_for(&looks, standing.iter().map(AsRef::as_ref), |_, ask| held.holds(ask));
        let silent = tx.look(&asks, Among::Silent, self.lists.cap()).await?;
        // Personas answer like any desk entry, in the same statements and time; their supervisors are told from here: of
        // whatever met a persona, and of all that a persona's own submission met.
        let mut personas = tx.look(&asks, Among::Personas, self.lists.cap()).await?.hits;
        let own = asks_for(&looks, standing.iter().map(AsRef::as_ref), |a, _| persona(a));
        let met_by_own = tx.look(&own, Among::Answering, self.lists.cap()).await?.hits;
        personas.extend(met_by_own.into_iter().filter(|hit| hit.role != EntryRole::Undercover));
        let (silent, personas) = (by_token(&silent.hits), by_token(&personas));
        let mut callers = BTreeMap::new();
        let (mut hits, mut notices) = (Vec::new(), Vec::new());
        for (Look { looking, detail, .. }, asked) in looks.iter().zip(&standing) {
            let pending = &looking.pending;
            // A question is not watched.
            let watched = |m: &Meeting<'_>| !detail.check || m.hit.entered <= pending.at;
            for m in self.judge(looking, asked, &hits_of(looking, asked, &silent)).meetings {
                if !watched(&m) {
                    continue;
                }
                let hit = NewSilentHit {
                    agency: m.hit.agency,
                    case: m.hit.case,
                    entry: m.hit.entry,
                    other_agency: pending.agency,
                    other_case: pending.case,
                    submission: pending.id,
                    family: m.verdict.family.code(),
                    strength: m.verdict.strength,
                };
                // What met it may itself be silent: then neither owner is told, only the desk.
                if m.mine.level != Level::Silent {
                    if let Entry::Vacant(place) = callers.entry(pending.member) {
                        place.insert(tx.caller(pending.member).await?);
                    }
                    if let Some(caller) = callers.get(&pending.member) {
                        notices.push(self.to_owner(m.hit, &hit, m.mine.level, caller));
                    }
                }
                notices.push(tell::desk_of_silent(&hit));
                hits.push(hit);
            }
            let mut met = self.judge(looking, asked, &hits_of(looking, asked, &personas)).meetings;
            met.retain(watched);
            notices.extend(tell::persona_supervisors(&met, looking));
        }
        tx.record_silent(&hits).await?;
        tx.notify(notices).await?;
        tx.done(&taken.iter().map(|t| t.pending.id).collect::<Vec<_>>(), Stage::Silent).await?;
        let mut acts = taken.iter().map(|t| self.store.act(grant, ("submission", t.pending.id.into())));
        let Some(act) = acts.next() else { return Ok(()) };
        tx.commit_all(act, acts.collect()).await?;
        held.recorded();
        Ok(())
    }

    /// The owner of a silent entry learns who met it, as far as that side is open.
    fn to_owner(
        &self,
        hit: &store::Hit,
        silent: &NewSilentHit,
        level: Level,
        caller: &policy::Sealed<policy::disclosure::Other>,
    ) -> NewNotice {
        let words = match disclosure::show(&hit.reader, caller) {
            Shown::Open { agency, contact, telephone, .. } if level == Level::Open => {
                format!(
                    "{agency} holds or asked about this identifier: {contact}, {telephone}. They were told nothing."
                )
            }
            _ => "This identifier was met: call the watch desk. They were told nothing.".to_owned(),
        };
        NewNotice {
            recipient: hit.lead,
            agency: hit.agency,
            matter: Matter::Silent,
            about: silent.key().as_bytes().to_vec(),
            conflict: None,
            case: Some(hit.case),
            entry: Some(hit.entry),
            other_case: silent.other_case,
            due: Micros(self.store.clock().now().0),
            words: Some(words.into_bytes()),
        }
    }
}
