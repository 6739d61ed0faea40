//! Letters: notices that leave the portal by mail and webhook, at least once, with an id that stays.
//!
//! A round takes letters in one transaction, sends them in none, and settles them in another. It leaves two events however
//! many letters there were and whatever became of them: an event a letter would let the ledger's size speak of silent
//! entries, whose owners are told like everybody (invariant 9). For the same reason no agency's own command sends letters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use model::{AgencyId, LetterId, MemberId};
use policy::{Action, Facts, Grant, Principal};
use store::{DueLetter, LetterEnd, LetterFate, Matter, NewLetter, Recipient, Target, Tx, Unposted};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::courier::{Couriers, Letter, Secret, To, Undelivered};
use crate::desk::{Desk, again};
use crate::error::Error;

/// What a round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Posted {
    /// Letters written.
    pub written: u64,
    /// Letters that arrived.
    pub sent: usize,
    /// Letters that will be tried again.
    pub put_off: usize,
    /// Letters given up: tried often enough, or refused for good.
    pub given_up: usize,
    /// Letters not sent, because their receiver may not know any more or has nothing left to know.
    pub withheld: usize,
}

/// Notices a round makes into letters.
const MOST_NOTICES: i64 = 5_000;

/// Letters a round takes, how many of them are on their way at once, and the longest one may be.
const MOST_LETTERS: i64 = 128;
const AT_ONCE: usize = 16;
const LONGEST_SECONDS: u64 = 30;

/// Seconds the sending of a round takes at most: its leases last longer.
#[cfg(test)]
pub(crate) const LONGEST_ROUND: i64 = MOST_LETTERS / 16 * 30;

/// Why a letter was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Withheld {
    /// Its member left, their agency is suspended, or they may not see an inbox.
    Member = 1,
    /// They chose to have no mail.
    Choice = 2,
    /// The webhook was ended, or its agency is suspended.
    Webhook = 3,
    /// Every notice was seen meanwhile, or is about what its agency sees no longer.
    Nothing = 4,
}

/// A letter and what it is settled by.
struct Taken {
    end: LetterEnd,
    letter: Letter,
}

impl Desk {
    /// One round of letters, by the couriers this desk has; without any it does nothing. It waits for slow receivers:
    /// a server runs it beside its other rounds, on a beat of its own.
    ///
    /// # Errors
    /// Errors of the store. Letters that were on their way come again, with the same ids.
    pub async fn post(&self) -> Result<Posted, Error> {
        if self.couriers.is_empty() {
            return Ok(Posted::default());
        }
        let worker = Principal::worker("outbox");
        let nothing = ("letter", Uuid::nil());
        let grant = self.allow(&worker, Action::Deliver, &Facts::default(), nothing, self.request()).await?;
        let (written, mut ends, taken) = again!(async { self.take_up_letters(&grant).await })?;
        ends.extend(self.carry(taken).await);
        again!(async { self.settle_letters(&grant, &ends).await })?;
        let mut posted = Posted { written, ..Posted::default() };
        for end in ends {
            *match end.fate {
                LetterFate::Sent => &mut posted.sent,
                LetterFate::PutOff(..) => &mut posted.put_off,
                LetterFate::GivenUp(_) => &mut posted.given_up,
                LetterFate::Withheld(_) => &mut posted.withheld,
            } += 1;
        }
        Ok(posted)
    }

    /// Writes letters of what waits and takes those that are due. Access is looked at here, each time: what may not go
    /// comes back settled.
    async fn take_up_letters(&self, grant: &Grant) -> Result<(u64, Vec<LetterEnd>, Vec<Taken>), Error> {
        let mut tx = self.store.begin(grant).await?;
        let written = self.write_letters(&mut tx).await?;
        let lease = self.store.clock().now().plus_seconds(self.clocks.letter_lease_seconds);
        let (mail, webhooks) = (self.couriers.mail.is_some(), self.couriers.webhooks.is_some());
        let due = tx.take_letters(mail, webhooks, MOST_LETTERS, lease).await?;
        let (ends, taken) = self.weigh(&mut tx, &due).await?;
        let act = self.store.act(grant, ("letter", Uuid::nil())).shown(due.iter().map(|l| l.id.into()));
        tx.commit(act).await?;
        Ok((written, ends, taken))
    }

    /// One letter for each member and each webhook, however many notices wait for it.
    async fn write_letters(&self, tx: &mut Tx) -> Result<u64, Error> {
        let waiting = tx.unposted(MOST_NOTICES).await?;
        let members: Vec<MemberId> = waiting.iter().map(|n| n.recipient).collect();
        let agencies: Vec<AgencyId> = waiting.iter().map(|n| n.agency).collect();
        let wishes = tx.wishes(&members, &agencies).await?;
        let mut letters: BTreeMap<Target, NewLetter> = BTreeMap::new();
        let mut tell = |target, n: &Unposted| {
            let new = || NewLetter { target, agency: n.agency, notices: BTreeSet::new() };
            letters.entry(target).or_insert_with(new).notices.insert((n.recipient, n.id));
        };
        // The desk's own notices stay at the desk: it is no member and no agency.
        for n in waiting.iter().filter(|n| !Uuid::from(n.agency).is_nil()) {
            if self.couriers.mail.is_some() && !wishes.no_mail.contains(&n.recipient) {
                tell(Target::Mail(n.recipient), n);
            }
            // Words from behind the desk are for one person, who may be told of a persona: not for a system whose
            // every user would see that something came.
            if self.couriers.webhooks.is_some() && !(n.matter == Matter::Desk && n.words) {
                let of = wishes.webhooks.iter().filter(|(agency, _)| *agency == n.agency);
                of.for_each(|(_, id)| tell(Target::Webhook(*id), n));
            }
        }
        Ok(tx.add_letters(&letters.into_values().collect::<Vec<_>>()).await?)
    }

    /// May it still go, and what is left to say?
    async fn weigh(&self, tx: &mut Tx, due: &[DueLetter]) -> Result<(Vec<LetterEnd>, Vec<Taken>), Error> {
        let mut hooks = BTreeSet::new();
        let mut members = Vec::new();
        for l in due {
            match l.target {
                Target::Mail(member) => members.push(member),
                Target::Webhook(id) => {
                    hooks.insert((l.agency, id));
                }
            }
        }
        let recipients = tx.recipients(&members).await?;
        let addresses = tx.webhook_addresses(&hooks).await?;
        let notices = due.iter().flat_map(|l| l.notices.iter().copied()).collect();
        let standing = tx.standing_notices(&notices).await?;
        let standing: BTreeMap<_, _> =
            standing.iter().filter(|n| !n.gone).map(|n| ((n.recipient, n.id), n.due)).collect();
        let (mut ends, mut taken) = (Vec::new(), Vec::new());
        for l in due {
            let left: Vec<_> = l.notices.iter().filter_map(|key| standing.get(key)).collect();
            let first = left.iter().min().copied().ok_or(Withheld::Nothing);
            let to = match l.target {
                Target::Mail(member) => self.by_mail(recipients.get(&member)),
                Target::Webhook(id) => addresses
                    .get(&id)
                    .map(|a| To::Webhook { url: a.url.clone(), secret: Secret::new(a.secret.as_str()) })
                    .ok_or(Withheld::Webhook),
            };
            let end = |fate| LetterEnd { id: l.id, target: l.target, agency: l.agency, tries: l.tries, fate };
            // Servers died over it as often as it may be tried: whatever is at fault, it is not sent for ever.
            let lost = l.tries > self.clocks.letter_tries;
            match to.and_then(|to| first.map(|due| (to, due))) {
                Err(why) => ends.push(end(LetterFate::Withheld(why as i64))),
                Ok(_) if lost => ends.push(end(LetterFate::GivenUp(Undelivered::Lost.code()))),
                Ok((to, due)) => taken.push(Taken {
                    end: end(LetterFate::Sent),
                    letter: Letter { id: l.id, at: l.at, due: *due, count: left.len(), to },
                }),
            }
        }
        Ok((ends, taken))
    }

    /// Mail goes to whoever would see the notice in their inbox now. A refusal here leaves no event of its own: the
    /// round's two say it.
    fn by_mail(&self, recipient: Option<&Recipient>) -> Result<To, Withheld> {
        let recipient = recipient.ok_or(Withheld::Member)?;
        let facts = Facts { agency: Some(recipient.principal.agency), ..Facts::default() };
        policy::decide(&self.policies, &recipient.principal, Action::Inbox, &facts, self.request())
            .map(drop)
            .map_err(|_| Withheld::Member)?;
        if !recipient.wanted {
            return Err(Withheld::Choice);
        }
        Ok(To::Mail { address: recipient.address.clone() })
    }

    /// Sends, some at once. Dropped, it takes the senders with it.
    async fn carry(&self, taken: Vec<Taken>) -> Vec<LetterEnd> {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut on_their_way = JoinSet::new();
        for Taken { end, letter } in taken {
            let (couriers, places) = (self.couriers.clone(), places.clone());
            on_their_way.spawn(async move {
                let _place = places.acquire_owned().await;
                (end, send(&couriers, &letter).await)
            });
        }
        let mut ends = Vec::new();
        while let Some(done) = on_their_way.join_next().await {
            // One that panicked says nothing: its lease ends and it comes again.
            let Ok((end, sent)) = done else { continue };
            ends.push(LetterEnd { fate: self.fate(end.tries, sent), ..end });
        }
        ends.sort_by_key(|e| (e.target, e.id));
        ends
    }

    fn fate(&self, tries: i64, sent: Result<(), Undelivered>) -> LetterFate {
        let Err(why) = sent else { return LetterFate::Sent };
        if why.is_final() || tries >= self.clocks.letter_tries {
            return LetterFate::GivenUp(why.code());
        }
        let mut chance = [0; 8];
        self.store.chance().fill(&mut chance);
        let wait = self.clocks.letter_wait(tries, u64::from_be_bytes(chance));
        LetterFate::PutOff(self.store.clock().now().plus_seconds(wait), why.code())
    }

    async fn settle_letters(&self, grant: &Grant, ends: &[LetterEnd]) -> Result<(), Error> {
        let mut tx = self.store.begin(grant).await?;
        let mut act = self.store.act(grant, ("letter", Uuid::nil())).shown(ends.iter().map(|e| e.id.into()));
        // The event says which letters were given up or withheld; `shown` names all of them.
        for (what, which) in
            [("given up", is_given_up as fn(&LetterFate) -> bool), ("withheld", is_withheld as fn(&LetterFate) -> bool)]
        {
            let ids: Vec<LetterId> = ends.iter().filter(|e| which(&e.fate)).map(|e| e.id).collect();
            if !ids.is_empty() {
                act = act.bind(what, &ids.iter().flat_map(|id| *id.as_bytes()).collect::<Vec<_>>());
            }
        }
        tx.settle_letters(ends, act.id()).await?;
        tx.note_calls(ends).await?;
        tx.commit(act).await?;
        Ok(())
    }
}

fn is_given_up(fate: &LetterFate) -> bool {
    matches!(fate, LetterFate::GivenUp(_))
}

fn is_withheld(fate: &LetterFate) -> bool {
    matches!(fate, LetterFate::Withheld(_))
}

async fn send(couriers: &Couriers, letter: &Letter) -> Result<(), Undelivered> {
    let courier = match letter.to {
        To::Mail { .. } => &couriers.mail,
        To::Webhook { .. } => &couriers.webhooks,
    };
    let courier = courier.as_ref().ok_or(Undelivered::NotAllowed)?;
    // A courier has limits of its own; this one holds whatever the courier does.
    let sent = tokio::time::timeout(Duration::from_secs(LONGEST_SECONDS), courier.send(letter));
    sent.await.unwrap_or(Err(Undelivered::Slow))
}
