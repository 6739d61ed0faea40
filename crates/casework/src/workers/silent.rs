//! The silent look: asks silent postings about what others submitted or asked, after their answer was given. Owner and
//! desk are told; the asker never learns (invariant 9).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use model::{AgencyId, CaseId, Level, Micros};
use policy::disclosure::{self, Shown};
use policy::{Action, Facts, Grant, Principal};
use store::{Among, Ask, Matter, NewNotice, NewSilentHit, Stage};

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::look::{Meeting, asks_of, by_token, hits_of, standing};
use crate::verbs::tell;
use crate::workers::{MOST, Round, TakenUp};

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
        let mut round = Round::default();
        if pending.is_empty() {
            return Ok(round);
        }
        let lot = self.take_up("silent look", Action::SilentLook, pending).await?;
        for part in lot.parts() {
            if again!(async { self.hear_all(&lot.grant, part).await }).is_ok() {
                round.done += part.len();
                continue;
            }
            // One that fails does not stop the others.
            for one in part {
                let heard = again!(async { self.hear_all(&lot.grant, std::slice::from_ref(one)).await });
                round.count(heard.is_ok());
            }
        }
        Ok(round)
    }

    async fn hear_all(&self, grant: &Grant, taken: &[TakenUp]) -> Result<(), Error> {
        let lookings: Vec<_> = taken.iter().map(|t| t.looking(Stage::Silent)).collect();
        let mut tx = self.store.begin(grant).await?;
        let standing = standing(&mut tx, lookings.iter().zip(taken.iter().map(|t| &t.detail))).await?;
        let asks: Vec<(Ask, Option<CaseId>)> = lookings
            .iter()
            .zip(&standing)
            .flat_map(|(l, asked)| asks_of(asked).map(move |ask| (ask, l.pending.case)))
            .collect();
        let silent = tx.look(&asks, Among::Silent, self.lists.cap()).await?;
        // Personas answer like any desk entry, in the same statements and time; their supervisors are told from here.
        let answering = tx.look(&asks, Among::Answering, self.lists.cap()).await?;
        let (silent, answering) = (by_token(&silent.hits), by_token(&answering.hits));
        let (mut hits, mut notices) = (Vec::new(), Vec::new());
        let mut callers = BTreeMap::new();
        for ((one, looking), asked) in taken.iter().zip(&lookings).zip(&standing) {
            let (pending, detail) = (&one.pending, &one.detail);
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
            let mut met = self.judge(looking, asked, &hits_of(looking, asked, &answering)).meetings;
            met.retain(watched);
            notices.extend(tell::persona_supervisors(&met, looking));
        }
        tx.record_silent(&hits).await?;
        tx.notify(notices).await?;
        tx.done(&taken.iter().map(|t| t.pending.id).collect::<Vec<_>>(), Stage::Silent).await?;
        let mut acts = taken.iter().map(|t| self.store.act(grant, ("submission", t.pending.id.into())));
        let Some(act) = acts.next() else { return Ok(()) };
        tx.commit_all(act, acts.collect()).await?;
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
            Shown::Open { agency, contact, telephone } if level == Level::Open => {
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
