//! Notices: one thing to tell one recipient, once.

use std::collections::BTreeSet;

use model::{AgencyId, CaseId, ConflictId, EntryId, MemberId, Micros, NoticeId, derived_id};
use policy::Action;
use uuid::Uuid;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::keys::Place;
use crate::tx::Tx;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// A conflict: call the other side.
    Conflict,
    /// Call the watch desk.
    Desk,
    /// A silent entry of one's own was asked for.
    Silent,
    /// Somebody asked, by nexus, for what one holds.
    Asked,
    /// More cases than the cap hold a value (for the desk).
    OverCap,
    /// The second look found what the first had not (for the desk).
    Alarm,
    /// What one was told was withdrawn or corrected.
    Withdrawn,
    /// A message in a conflict's thread.
    Message,
    /// A hold was proposed, lifted or acted against.
    Hold,
    /// A case is offered by, or went to, another agency.
    Transfer,
    /// A bulk job of one's own agency waits, or stands elsewhere by now.
    Bulk,
}

impl Matter {
    pub(crate) const ALL: [Self; 11] = [
        Self::Conflict,
        Self::Desk,
        Self::Silent,
        Self::Asked,
        Self::OverCap,
        Self::Alarm,
        Self::Withdrawn,
        Self::Message,
        Self::Hold,
        Self::Transfer,
        Self::Bulk,
    ];

    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Conflict => 1,
            Self::Desk => 2,
            Self::Silent => 3,
            Self::Asked => 4,
            Self::OverCap => 5,
            Self::Alarm => 6,
            Self::Withdrawn => 7,
            Self::Message => 8,
            Self::Hold => 9,
            Self::Transfer => 10,
            Self::Bulk => 14,
        }
    }

    /// May a notice of this matter be there because of a silent entry, the recipient's own or what met it? Where words make
    /// the difference they decide.
    pub(crate) fn may_come_of_silence(self, words: bool) -> bool {
        match self {
            Self::Silent | Self::Withdrawn => true,
            // A persona's supervisor, or what somebody was answered about a silent entry and is no longer so.
            Self::Desk => words,
            Self::Conflict
            | Self::Asked
            | Self::OverCap
            | Self::Alarm
            | Self::Message
            | Self::Hold
            | Self::Transfer
            | Self::Bulk => false,
        }
    }

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.code() == code)
    }

    /// The word in an inbox.
    pub fn word(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Desk => "desk",
            Self::Silent => "silent",
            Self::Asked => "asked",
            Self::OverCap => "held-by-many",
            Self::Alarm => "alarm",
            Self::Withdrawn => "withdrawn",
            Self::Message => "message",
            Self::Hold => "hold",
            Self::Transfer => "transfer",
            Self::Bulk => "bulk",
        }
    }
}

/// The watch desk as a recipient: whoever stands there reads its notices.
pub fn desk_recipient() -> MemberId {
    MemberId::from(derived_id("recipient", &[b"watch desk"]))
}

/// A notice to be written. Its id is derived from recipient, matter and `about`, so two writers write one row.
pub struct NewNotice {
    /// Who is told.
    pub recipient: MemberId,
    /// Their agency; nil for the desk.
    pub agency: AgencyId,
    /// What it is about.
    pub matter: Matter,
    /// What makes it one notice: the gathering, the token, the message.
    pub about: Vec<u8>,
    /// The conflict, if there is one.
    pub conflict: Option<ConflictId>,
    /// The recipient's own case.
    pub case: Option<CaseId>,
    /// The recipient's own entry.
    pub entry: Option<EntryId>,
    /// The other case: for the desk and for disclosure, never shown.
    pub other_case: Option<CaseId>,
    /// When it should have been answered.
    pub due: Micros,
    /// Words for this recipient, sealed under their agency's key (the master key for the desk).
    pub words: Option<Vec<u8>>,
}

impl NewNotice {
    /// The derived id.
    pub fn id(&self) -> NoticeId {
        NoticeId::from(derived_id(
            "notice",
            &[self.recipient.as_bytes(), &self.matter.code().to_be_bytes(), &self.about],
        ))
    }
}

pub(crate) fn notice_place<'a>(agency: AgencyId, id: &'a NoticeId) -> Place<'a> {
    Place { table: "notice", column: "sealed", row: id.as_bytes(), agency }
}

/// Which notices were seen.
#[derive(Debug, Clone, Copy)]
pub enum Seen {
    /// One of one's own.
    Notice(NoticeId),
    /// One's own that say that there is a conflict, or that the desk knows: what was written since stays unread.
    About(ConflictId),
    /// One of the desk's, by somebody who stands there.
    AtDesk(NoticeId),
}

/// A notice as its recipient reads it.
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// What it is about.
    pub matter: Matter,
    /// The conflict, if there is one.
    pub conflict: Option<ConflictId>,
    /// The recipient's own case.
    pub case: Option<CaseId>,
    /// The recipient's own entry.
    pub entry: Option<EntryId>,
    /// The other case, for disclosure.
    pub other_case: Option<CaseId>,
    /// When it was written.
    pub at: Micros,
    /// When it should have been answered.
    pub due: Micros,
    /// Its words, opened.
    pub words: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub id: Uuid,
    pub agency: Uuid,
    pub matter: i64,
    pub conflict: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub entry: Option<Uuid>,
    pub other_case: Option<Uuid>,
    pub at_us: i64,
    pub due_us: i64,
    pub sealed: Option<Vec<u8>>,
}

impl Tx {
    /// Writes notices; one that is there already stays as it is. Returns how many are new.
    pub async fn notify(&mut self, notices: Vec<NewNotice>) -> Result<u64, Error> {
        let now = self.now();
        let mut rows: Vec<((MemberId, NoticeId), Vec<Value>)> = Vec::with_capacity(notices.len());
        for n in notices {
            let id = n.id();
            let sealed = match &n.words {
                None => None,
                Some(words) if Uuid::from(n.agency).is_nil() => {
                    Some(self.store.0.ring.master().seal(self.store.chance(), notice_place(n.agency, &id), words)?)
                }
                Some(words) => Some(self.seal(None, notice_place(n.agency, &id), words).await?),
            };
            rows.push((
                (n.recipient, id),
                binds![
                    n.recipient,
                    id,
                    n.agency,
                    n.matter.code(),
                    n.conflict,
                    n.case,
                    n.entry,
                    n.other_case,
                    now,
                    n.due,
                    0,
                    false,
                    sealed
                ],
            ));
        }
        rows.sort_by_key(|(key, _)| *key);
        rows.dedup_by_key(|(key, _)| *key);
        let new = self
            .conn().await?
            .insert(
                "INSERT INTO notice (recipient, id, agency, matter, conflict, case_id, entry, other_case, at_us, due_us, tries, delivered, sealed)",
                "ON CONFLICT (recipient, id) DO NOTHING",
                rows.into_iter().map(|(_, row)| row).collect(),
            )
            .await?;
        if new > 0 {
            self.tells();
        }
        Ok(new)
    }

    /// The same, with those by which more joins a gathering. A gathering has one notice while it waits; to whoever has dealt
    /// with what that one told of, another comes, with an id and letters of its own. Returns how many came.
    pub async fn notify_anew(&mut self, mut anew: Vec<NewNotice>, others: Vec<NewNotice>) -> Result<u64, Error> {
        loop {
            let over = self.dealt_with(&anew).await?;
            if over.is_empty() {
                anew.extend(others); // in one statement: rows of two writers are locked in one order
                return self.notify(anew).await;
            }
            for n in &mut anew {
                let id = n.id();
                if over.contains(&(n.recipient, id)) {
                    n.about = [&b"after"[..], id.as_bytes()].concat();
                }
            }
        }
    }

    /// Which of these are there and wait no longer: seen by their recipient, or somebody of the agency has since taken note
    /// of the conflict they name, written about it or ended it.
    async fn dealt_with(&mut self, notices: &[NewNotice]) -> Result<BTreeSet<(MemberId, NoticeId)>, Error> {
        #[derive(sqlx::FromRow)]
        struct There {
            recipient: Uuid,
            id: Uuid,
            agency: Uuid,
            conflict: Option<Uuid>,
            case_id: Option<Uuid>,
            seen_us: Option<i64>,
        }
        let keys = notices.iter().map(|n| binds![n.recipient, n.id()]).collect();
        let there: Vec<There> = self
            .conn()
            .await?
            .join(
                "SELECT t.recipient, t.id, t.agency, t.conflict, t.case_id, t.seen_us FROM q CROSS JOIN notice t WHERE t.recipient = q.a AND t.id = q.b",
                keys,
            )
            .await?;
        let side = |t: &There| Some((t.agency, t.conflict?, t.case_id?));
        let waiting: BTreeSet<_> = there.iter().filter(|t| t.seen_us.is_none()).filter_map(side).collect();
        let moved: Vec<(Uuid, Uuid, Uuid)> = self
            .conn()
            .await?
            .join(
                "SELECT s.agency, s.conflict, s.case_id FROM q CROSS JOIN conflict_side s WHERE s.agency = q.a AND s.conflict = q.b AND s.case_id = q.c AND s.state > 1",
                waiting.into_iter().map(|(agency, conflict, case)| binds![agency, conflict, case]).collect(),
            )
            .await?;
        let over = |t: &&There| t.seen_us.is_some() || side(t).is_some_and(|side| moved.contains(&side));
        Ok(there.iter().filter(over).map(|t| (t.recipient.into(), t.id.into())).collect())
    }

    /// One's own notices, newest last; the desk's for a member of the desk.
    pub async fn notices(&mut self, desk: bool) -> Result<Vec<Notice>, Error> {
        self.needs(if desk { &[Action::DeskQueue] } else { &[Action::Inbox] })?;
        let recipient = if desk { desk_recipient() } else { self.member() };
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT id, agency, matter, conflict, case_id, entry, other_case, at_us, due_us, sealed FROM notice WHERE recipient = $1 AND seen_us IS NULL ORDER BY at_us, id",
                binds![recipient],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            out.push(self.opened_notice(row).await?);
        }
        Ok(out)
    }

    pub(crate) async fn opened_notice(&mut self, r: Row) -> Result<Notice, Error> {
        let (agency, id) = (AgencyId::from(r.agency), NoticeId::from(r.id));
        let words = match &r.sealed {
            None => None,
            Some(sealed) if r.agency.is_nil() => {
                Some(self.store.0.ring.master().open(notice_place(agency, &id), sealed)?)
            }
            Some(sealed) => Some(self.open_sealed(None, notice_place(agency, &id), sealed).await?),
        };
        Ok(Notice {
            id,
            matter: Matter::from_code(r.matter).ok_or(Error::Inconsistent { table: "notice", column: "matter" })?,
            conflict: r.conflict.map(Into::into),
            case: r.case_id.map(Into::into),
            entry: r.entry.map(Into::into),
            other_case: r.other_case.map(Into::into),
            at: Micros(r.at_us),
            due: Micros(r.due_us),
            words,
        })
    }

    /// Marks notices as seen, so that they leave the inbox: one of one's own, or those by which one learnt
    /// of a conflict.
    /// Returns how many were there.
    pub async fn seen(&mut self, which: Seen) -> Result<u64, Error> {
        let (member, now) = (self.member(), self.now());
        self.tells();
        match which {
            Seen::Notice(id) => {
                self.needs(&[Action::Inbox])?;
                self.conn()
                    .await?
                    .exec(
                        "UPDATE notice SET seen_us = $1 WHERE recipient = $2 AND id = $3 AND seen_us IS NULL",
                        binds![now, member, id],
                    )
                    .await
            }
            Seen::About(conflict) => {
                self.needs(&[Action::Acknowledge])?;
                self.conn().await?
                    .exec(
                        "UPDATE notice SET seen_us = $1 WHERE recipient = $2 AND conflict = $3 AND matter IN ($4, $5) AND seen_us IS NULL",
                        binds![now, member, conflict, Matter::Conflict.code(), Matter::Desk.code()],
                    )
                    .await
            }
            Seen::AtDesk(id) => {
                self.needs(&[Action::DeskQueue])?;
                self.conn()
                    .await?
                    .exec(
                        "UPDATE notice SET seen_us = $1 WHERE recipient = $2 AND id = $3 AND seen_us IS NULL",
                        binds![now, desk_recipient(), id],
                    )
                    .await
            }
        }
    }

    /// Hands over notices in the portal: each is delivered once. Returns how many were waiting.
    pub async fn deliver(&mut self, most: i64) -> Result<u64, Error> {
        #[derive(sqlx::FromRow)]
        struct Due {
            recipient: Uuid,
            id: Uuid,
            tries: i64,
        }
        self.needs(&[Action::Deliver])?;
        let due: Vec<Due> = self
            .conn()
            .await?
            .rows("SELECT recipient, id, tries FROM notice WHERE NOT delivered ORDER BY due_us LIMIT $1", binds![most])
            .await?;
        let mut done = 0;
        for n in due {
            // A compare-and-set instead of SKIP LOCKED: of two workers one gets the row.
            done += self
                .conn().await?
                .exec(
                    "UPDATE notice SET delivered = $1, tries = $2 WHERE recipient = $3 AND id = $4 AND tries = $5 AND NOT delivered",
                    binds![true, n.tries + 1, n.recipient, n.id, n.tries],
                )
                .await?;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use model::SideState;

    // Its number stands in the statement that asks which sides have moved on.
    #[test]
    fn a_side_that_was_told_and_no_more_has_the_state_1() {
        assert_eq!(SideState::Notified.code(), 1);
    }
}
