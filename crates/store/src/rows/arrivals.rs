//! What came into an inbox since somebody looked, in an order that skips nothing.
//!
//! The time and the id of a notice are made before its commit, so neither is a cursor: a transaction that began earlier and
//! commits later writes behind a reader who is already past it. A place in this order is therefore given after the commit:
//! whoever looks numbers what has no place yet, all of it with one number above every earlier one. The recipient's row of
//! `arrival` is held until that is kept, so a number is seen only after all lower ones, and what commits later gets a
//! higher one. Numbers are times where they can be: after a restore they go on above those a browser still remembers.

use model::{MemberId, Micros, NoticeId};
use policy::{Action, Grant};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::notices::{Matter, Notice, Row, desk_recipient};
use crate::store::Store;
use crate::tx::Tx;

/// A place in the order in which a recipient's notices were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The number given; a time, or a little more.
    pub at: Micros,
    /// Which of those that have it.
    pub id: NoticeId,
}

impl Mark {
    /// Before everything.
    #[must_use]
    pub fn start() -> Self {
        Self { at: Micros(0), id: NoticeId::from(Uuid::nil()) }
    }

    /// After everything that has this number.
    #[must_use]
    pub fn after_all(at: Micros) -> Self {
        Self { at, id: NoticeId::from(Uuid::max()) }
    }
}

/// Which notices are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Those no silent entry can be the cause of: shown as soon as they are there.
    Prompt,
    /// Those a silent entry may be the cause of: a look that came when they come would leave an event when they come, and
    /// the ledger's size would speak of them (invariant 9). They are shown on a beat.
    Beat,
}

/// The notices of one pace, as a condition. Codes of ours only.
fn of_pace(pace: Pace) -> String {
    let codes = |words: bool| {
        let of = Matter::ALL.into_iter().filter(|m| m.may_come_of_silence(words) == (pace == Pace::Beat));
        of.map(|m| m.code().to_string()).collect::<Vec<_>>().join(", ")
    };
    format!(
        "((sealed IS NULL AND matter IN ({})) OR (sealed IS NOT NULL AND matter IN ({})))",
        codes(false),
        codes(true)
    )
}

fn sql(text: String) -> SqlStr {
    AssertSqlSafe(text).into_sql_str()
}

#[derive(sqlx::FromRow)]
struct Arrived {
    arrived_us: i64,
    #[sqlx(flatten)]
    notice: Row,
}

impl Store {
    /// Is there an unseen notice of prompt pace after this mark, or one without a place, in one's own inbox, or in the desk's
    /// queue by a grant of the desk? It says yes or no and shows no row, so it leaves no event.
    pub async fn waits(&self, grant: &Grant, after: Mark) -> Result<bool, Error> {
        #[derive(sqlx::FromRow)]
        struct Id {
            #[sqlx(rename = "id")]
            _id: Uuid,
        }
        let text = format!(
            "SELECT id FROM notice WHERE recipient = $1 AND seen_us IS NULL AND (arrived_us IS NULL OR arrived_us > $2 OR (arrived_us = $3 AND id > $4)) AND {} LIMIT 1",
            of_pace(Pace::Prompt)
        );
        let recipient = match grant.action() {
            Action::Inbox => grant.principal().member,
            Action::DeskQueue => desk_recipient(),
            other => return Err(Error::WrongGrant { granted: other.word(), needed: Action::Inbox.word() }),
        };
        let mut conn = self.reading().await?;
        let found: Option<Id> = conn.maybe(sql(text), binds![recipient, after.at, after.at, after.id]).await?;
        conn.commit().await?;
        Ok(found.is_some())
    }
}

impl Tx {
    fn recipient(&self, desk: bool) -> Result<MemberId, Error> {
        self.needs(if desk { &[Action::DeskQueue] } else { &[Action::Inbox] })?;
        Ok(if desk { desk_recipient() } else { self.member() })
    }

    /// Gives a place to every notice of one's own, or of the desk's, that has none: all of one pace, or of both (`None`).
    /// Returns the number given.
    pub async fn arrive(&mut self, desk: bool, pace: Option<Pace>) -> Result<Micros, Error> {
        #[derive(sqlx::FromRow)]
        struct Last {
            last_us: i64,
        }
        self.needs(&[Action::Inbox, Action::DeskQueue])?;
        let (recipient, now) = (self.recipient(desk)?, self.now());
        let last: Option<Last> = self
            .conn().await?
            .maybe(
                "INSERT INTO arrival (recipient, last_us) VALUES ($1, $2)
                 ON CONFLICT (recipient) DO UPDATE SET last_us = CASE WHEN arrival.last_us < excluded.last_us THEN excluded.last_us ELSE arrival.last_us + 1 END
                 RETURNING last_us",
                binds![recipient, now],
            )
            .await?;
        let last = last.ok_or(Error::Failed)?.last_us;
        let of = pace.map(|pace| format!(" AND {}", of_pace(pace))).unwrap_or_default();
        let text = format!(
            "UPDATE notice SET arrived_us = $1 WHERE recipient = $2 AND seen_us IS NULL AND arrived_us IS NULL{of}"
        );
        self.conn().await?.exec(sql(text), binds![last, recipient]).await?;
        Ok(Micros(last))
    }

    /// Unseen notices of this pace after this mark, opened, at most `most`, each with its own mark.
    pub async fn arrivals(
        &mut self,
        desk: bool,
        pace: Pace,
        after: Mark,
        most: i64,
    ) -> Result<Vec<(Mark, Notice)>, Error> {
        self.needs(&[Action::Inbox, Action::DeskQueue])?;
        let recipient = self.recipient(desk)?;
        let text = format!(
            "SELECT arrived_us, id, agency, matter, conflict, case_id, entry, other_case, at_us, due_us, sealed FROM notice
             WHERE recipient = $1 AND seen_us IS NULL AND (arrived_us > $2 OR (arrived_us = $3 AND id > $4)) AND {} ORDER BY arrived_us, id LIMIT $5",
            of_pace(pace)
        );
        let rows: Vec<Arrived> =
            self.conn().await?.rows(sql(text), binds![recipient, after.at, after.at, after.id, most]).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let mark = Mark { at: Micros(row.arrived_us), id: row.notice.id.into() };
            out.push((mark, self.opened_notice(row.notice).await?));
        }
        Ok(out)
    }
}
