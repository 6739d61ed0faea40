//! The silent look: asks silent postings about what others submitted or asked, after their answer was given. Owner and
//! desk are told; the asker never learns (invariant 9).

use model::{AgencyId, Level, Micros};
use policy::disclosure::{self, Shown};
use policy::{Action, Facts, Principal};
use store::{Among, Ask, Matter, NewNotice, NewSilentHit, Stage};

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::look::standing;
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
        let mut round = Round::default();
        let before = self.store.clock().now().plus_seconds(1);
        for pending in self.store.pending(Stage::Silent, before, spare, MOST).await? {
            let Some(taken) = self.take_up("silent look", Action::SilentLook, pending).await? else { continue };
            let heard = again!(async { self.hear_one(&taken).await });
            round.count(heard.is_ok());
        }
        Ok(round)
    }

    async fn hear_one(&self, taken: &TakenUp) -> Result<(), Error> {
        let (pending, detail, looking) = (&taken.pending, &taken.detail, taken.looking(Stage::Silent));
        let mut tx = self.store.begin(&taken.grant).await?;
        let asked = standing(&mut tx, &looking, detail).await?;
        let asks: Vec<Ask> = asked.iter().flat_map(|a| a.probes.iter().map(|p| p.ask())).collect();
        let silent = tx.look(&asks, Among::Silent, pending.case, self.lists.cap()).await?;
        let caller = tx.caller(pending.member).await?;
        let (mut hits, mut notices) = (Vec::new(), Vec::new());
        for m in self.judge(&looking, &asked, &silent.hits).meetings {
            if detail.check && m.hit.entered > pending.at {
                continue; // a question is not watched
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
                notices.push(self.to_owner(m.hit, &hit, m.mine.level, &caller));
            }
            notices.push(tell::desk_of_silent(&hit));
            hits.push(hit);
        }
        // Personas answer like any desk entry, in the same statements and time; their supervisors are told from here.
        let answering = tx.look(&asks, Among::Answering, pending.case, self.lists.cap()).await?;
        let mut met = self.judge(&looking, &asked, &answering.hits).meetings;
        met.retain(|m| !detail.check || m.hit.entered <= pending.at);
        notices.extend(tell::persona_supervisors(&met, &looking));
        tx.record_silent(&hits).await?;
        tx.notify(notices).await?;
        tx.done(pending.id, Stage::Silent).await?;
        tx.commit(self.store.act(&taken.grant, ("submission", pending.id.into()))).await?;
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
