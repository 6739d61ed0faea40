//! Letters: mails and calls of webhooks. Each says that notices wait, and nothing of them; it is made once from its
//! notices, keeps its id however often it is sent, and is taken for a while by one server at a time.

use std::collections::{BTreeMap, BTreeSet};

use model::derived_id;
use model::{AgencyId, EventId, LetterId, MemberId, Micros, NoticeId, WebhookId};
use policy::Action;
use uuid::Uuid;

use crate::db::{Engine, Value, binds};
use crate::error::Error;
use crate::rows::notices::Matter;
use crate::tx::Tx;

/// Where a letter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// To a member, by mail.
    Mail(MemberId),
    /// To an agency's own system.
    Webhook(WebhookId),
}

impl Target {
    fn id(self) -> Uuid {
        match self {
            Self::Mail(member) => member.into(),
            Self::Webhook(webhook) => webhook.into(),
        }
    }

    fn channel(self) -> i64 {
        match self {
            Self::Mail(_) => 1,
            Self::Webhook(_) => 2,
        }
    }

    fn of(channel: i64, id: Uuid) -> Option<Self> {
        match channel {
            1 => Some(Self::Mail(id.into())),
            2 => Some(Self::Webhook(id.into())),
            _ => None,
        }
    }
}

/// A notice that no letter tells of yet.
#[derive(Debug, Clone, Copy)]
pub struct Unposted {
    /// Who is told.
    pub recipient: MemberId,
    /// Its id.
    pub id: NoticeId,
    /// The recipient's agency; nil for the desk.
    pub agency: AgencyId,
    /// What it is about.
    pub matter: Matter,
    /// It says something in words of its own.
    pub words: bool,
}

/// A letter to be written. Its id is derived from channel, target and notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// Where to.
    pub target: Target,
    /// Whose.
    pub agency: AgencyId,
    /// What it tells of.
    pub notices: BTreeSet<(MemberId, NoticeId)>,
}

impl NewLetter {
    /// The derived id.
    pub fn id(&self) -> LetterId {
        let (channel, target) = (self.target.channel().to_be_bytes(), self.target.id());
        let notices = packed(&self.notices);
        LetterId::from(derived_id("letter", &[&channel, target.as_bytes(), &notices]))
    }
}

/// A letter taken to be sent: nobody else takes it before its lease ends.
#[derive(Debug, Clone)]
pub struct DueLetter {
    /// Its id.
    pub id: LetterId,
    /// Where to.
    pub target: Target,
    /// Whose.
    pub agency: AgencyId,
    /// What it tells of.
    pub notices: BTreeSet<(MemberId, NoticeId)>,
    /// When it was made.
    pub at: Micros,
    /// How often it was taken, this time too.
    pub tries: i64,
}

/// What became of a letter that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterFate {
    /// It arrived.
    Sent,
    /// Not now: again at this time. Why, a code of casework's.
    PutOff(Micros, i64),
    /// Never: it was tried often enough, or nobody there takes it. Why.
    GivenUp(i64),
    /// It was not sent: the target may not know any more, or has nothing left to know. Why.
    Withheld(i64),
}

/// A letter and its fate.
#[derive(Debug, Clone, Copy)]
pub struct LetterEnd {
    /// Which.
    pub id: LetterId,
    /// Where it went.
    pub target: Target,
    /// Whose.
    pub agency: AgencyId,
    /// As it was taken: a later taker is not put off.
    pub tries: i64,
    /// What became of it.
    pub fate: LetterFate,
}

fn packed(notices: &BTreeSet<(MemberId, NoticeId)>) -> Vec<u8> {
    notices.iter().flat_map(|(recipient, id)| [*recipient.as_bytes(), *id.as_bytes()].concat()).collect()
}

fn unpacked(bytes: &[u8]) -> Result<BTreeSet<(MemberId, NoticeId)>, Error> {
    let wrong = || Error::Inconsistent { table: "letter", column: "notices" };
    let id = |part: &[u8]| Uuid::from_slice(part).map_err(|_| wrong());
    bytes
        .chunks(32)
        .map(|both| {
            let (recipient, notice) = both.split_at_checked(16).ok_or_else(wrong)?;
            Ok((id(recipient)?.into(), id(notice)?.into()))
        })
        .collect()
}

impl Tx {
    /// Notices that no letter tells of and that nobody saw, the oldest first. They are marked: each is here once.
    pub async fn unposted(&mut self, most: i64) -> Result<Vec<Unposted>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            recipient: Uuid,
            id: Uuid,
            agency: Uuid,
            matter: i64,
            words: bool,
        }
        self.needs(&[Action::Deliver])?;
        let now = self.now();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT recipient, id, agency, matter, sealed IS NOT NULL AS words FROM notice WHERE posted_us IS NULL AND seen_us IS NULL ORDER BY at_us, id LIMIT $1",
                binds![most],
            )
            .await?;
        let keys = rows.iter().map(|r| (r.recipient.into(), r.id.into())).collect();
        let fresh = self.mark_posted(keys, now).await?;
        let mut out = Vec::with_capacity(fresh.len());
        for r in rows.into_iter().filter(|r| fresh.contains(&(r.recipient.into(), r.id.into()))) {
            out.push(Unposted {
                recipient: r.recipient.into(),
                id: r.id.into(),
                agency: r.agency.into(),
                matter: Matter::from_code(r.matter).ok_or(Error::Inconsistent { table: "notice", column: "matter" })?,
                words: r.words,
            });
        }
        Ok(out)
    }

    /// Of two workers one marks a notice. On PostgreSQL one by one, in order: they never wait for each other crosswise.
    async fn mark_posted(
        &mut self,
        keys: BTreeSet<(MemberId, NoticeId)>,
        now: Micros,
    ) -> Result<BTreeSet<(MemberId, NoticeId)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Key {
            recipient: Uuid,
            id: Uuid,
        }
        let mut fresh = BTreeSet::new();
        if self.conn().await?.engine() == Engine::Postgres {
            for (recipient, id) in keys {
                let marked = self
                    .conn()
                    .await?
                    .exec(
                        "UPDATE notice SET posted_us = $1 WHERE recipient = $2 AND id = $3 AND posted_us IS NULL",
                        binds![now, recipient, id],
                    )
                    .await?;
                fresh.extend((marked == 1).then_some((recipient, id)));
            }
            return Ok(fresh);
        }
        let keys = keys.into_iter().map(|(recipient, id)| binds![recipient, id, now]).collect();
        let rows: Vec<Key> = self
            .conn().await?
            .join(
                "UPDATE notice SET posted_us = (SELECT MAX(q.c) FROM q) WHERE (recipient, id) IN (SELECT q.a, q.b FROM q) AND posted_us IS NULL RETURNING recipient, id",
                keys,
            )
            .await?;
        fresh.extend(rows.into_iter().map(|r| (r.recipient.into(), r.id.into())));
        Ok(fresh)
    }

    /// Writes letters, to be sent at once; one that is there already stays as it is.
    pub async fn add_letters(&mut self, letters: &[NewLetter]) -> Result<u64, Error> {
        self.needs(&[Action::Deliver])?;
        let now = self.now();
        let mut rows: Vec<((Uuid, LetterId), Vec<Value>)> = letters
            .iter()
            .map(|l| {
                let (target, id) = (l.target.id(), l.id());
                let row = binds![target, id, l.agency, l.target.channel(), packed(&l.notices), now, 0, now, WAITING];
                ((target, id), row)
            })
            .collect();
        rows.sort_by_key(|(key, _)| *key);
        self.conn()
            .await?
            .insert(
                "INSERT INTO letter (target, id, agency, channel, notices, at_us, tries, next_us, state)",
                "ON CONFLICT (target, id) DO NOTHING",
                rows.into_iter().map(|(_, row)| row).collect(),
            )
            .await
    }

    /// Takes letters that are due, of the channels that can be sent, until the lease ends: a server that dies leaves them
    /// to the next. The longest due first.
    pub async fn take_letters(
        &mut self,
        mail: bool,
        webhooks: bool,
        most: i64,
        lease: Micros,
    ) -> Result<Vec<DueLetter>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            target: Uuid,
            id: Uuid,
            agency: Uuid,
            channel: i64,
            notices: Vec<u8>,
            at_us: i64,
            tries: i64,
        }
        self.needs(&[Action::Deliver])?;
        let now = self.now();
        let channel = |is: bool, code: i64| if is { code } else { 0 };
        let mut rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT target, id, agency, channel, notices, at_us, tries FROM letter WHERE next_us <= $1 AND channel IN ($2, $3) ORDER BY next_us, id LIMIT $4",
                binds![now, channel(mail, 1), channel(webhooks, 2), most],
            )
            .await?;
        rows.sort_by_key(|r| (r.target, r.id));
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            // A compare-and-set instead of SKIP LOCKED: of two workers one takes the letter.
            let taken = self
                .conn().await?
                .exec(
                    "UPDATE letter SET tries = $1, next_us = $2 WHERE target = $3 AND id = $4 AND tries = $5 AND next_us IS NOT NULL",
                    binds![r.tries + 1, lease, r.target, r.id, r.tries],
                )
                .await?;
            if taken == 1 {
                out.push(DueLetter {
                    id: r.id.into(),
                    target: Target::of(r.channel, r.target)
                        .ok_or(Error::Inconsistent { table: "letter", column: "channel" })?,
                    agency: r.agency.into(),
                    notices: unpacked(&r.notices)?,
                    at: Micros(r.at_us),
                    tries: r.tries + 1,
                });
            }
        }
        Ok(out)
    }

    /// Writes down what became of letters; `event` is the one in which it stands.
    pub async fn settle_letters(&mut self, ends: &[LetterEnd], event: EventId) -> Result<(), Error> {
        self.needs(&[Action::Deliver])?;
        let now = self.now();
        let mut ends: Vec<&LetterEnd> = ends.iter().collect();
        ends.sort_by_key(|e| (e.target.id(), e.id));
        for e in ends {
            let target = e.target.id();
            let (state, why) = match e.fate {
                LetterFate::PutOff(until, why) => {
                    // Whoever took it since decides; on both engines this is one row by its key.
                    self.conn().await?
                        .exec(
                            "UPDATE letter SET next_us = $1, why = $2 WHERE target = $3 AND id = $4 AND tries = $5 AND next_us IS NOT NULL",
                            binds![until, why, target, e.id, e.tries],
                        )
                        .await?;
                    continue;
                }
                LetterFate::Sent => (SENT, None),
                LetterFate::GivenUp(why) => (GIVEN_UP, Some(why)),
                LetterFate::Withheld(why) => (WITHHELD, Some(why)),
            };
            self.conn().await?
                .exec(
                    "UPDATE letter SET state = $1, why = $2, ended_us = $3, event = $4, next_us = NULL WHERE target = $5 AND id = $6 AND next_us IS NOT NULL",
                    binds![state, why, now, event, target, e.id],
                )
                .await?;
        }
        Ok(())
    }

    /// Notes beside each webhook how its calls went, in the order given.
    pub async fn note_calls(&mut self, ends: &[LetterEnd]) -> Result<(), Error> {
        self.needs(&[Action::Deliver])?;
        let now = self.now();
        let mut calls: BTreeMap<(AgencyId, WebhookId), Vec<LetterFate>> = BTreeMap::new();
        for e in ends {
            if let Target::Webhook(id) = e.target {
                calls.entry((e.agency, id)).or_default().push(e.fate);
            }
        }
        for ((agency, id), fates) in calls {
            for fate in fates {
                let (sql, first) = match fate {
                    LetterFate::Sent => (
                        "UPDATE webhook SET good_us = $1, failures = 0, why = NULL WHERE agency = $2 AND id = $3",
                        now.0,
                    ),
                    LetterFate::PutOff(_, why) | LetterFate::GivenUp(why) => {
                        ("UPDATE webhook SET why = $1, failures = failures + 1 WHERE agency = $2 AND id = $3", why)
                    }
                    LetterFate::Withheld(_) => continue,
                };
                self.conn().await?.exec(sql, binds![first, agency, id]).await?;
            }
        }
        Ok(())
    }
}

const WAITING: i64 = 0;
const SENT: i64 = 1;
const GIVEN_UP: i64 = 2;
const WITHHELD: i64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u128) -> (MemberId, NoticeId) {
        (Uuid::from_u128(n).into(), Uuid::from_u128(n + 1).into())
    }

    #[test]
    fn a_letters_id_is_that_of_its_channel_target_and_notices() {
        let of = |target, notices: &[u128]| NewLetter {
            target,
            agency: Uuid::nil().into(),
            notices: notices.iter().map(|n| key(*n)).collect(),
        };
        let mail = Target::Mail(Uuid::from_u128(7).into());
        let hook = Target::Webhook(Uuid::from_u128(7).into());
        assert_eq!(of(mail, &[1, 3]).id(), of(mail, &[3, 1]).id());
        assert_ne!(of(mail, &[1]).id(), of(hook, &[1]).id());
        assert_ne!(of(mail, &[1]).id(), of(mail, &[1, 3]).id());
        assert_ne!(of(mail, &[1]).id(), of(Target::Mail(Uuid::from_u128(8).into()), &[1]).id());
    }

    #[test]
    fn notices_are_packed_and_unpacked_whole() {
        let some: BTreeSet<_> = [key(1), key(5), key(9)].into();
        assert_eq!(unpacked(&packed(&some)).unwrap(), some);
        assert!(unpacked(&packed(&some)[..40]).is_err());
        assert!(unpacked(&[1, 2]).is_err());
    }
}
