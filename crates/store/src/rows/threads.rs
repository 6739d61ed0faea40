//! A conflict's thread: messages, proposed resolutions, holds.

use model::{AgencyId, CaseId, ConflictId, FreeText, Level, Marking, MemberId, MessageId, Micros, Resolution};
use policy::{Action, Grant, Scope};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
use crate::rows::conflicts::SideFacts;
use crate::rows::words::Worded;
use crate::store::Store;
use crate::tx::Tx;

pub(crate) fn thread_place<'a>(table: &'static str, agency: AgencyId, row: &'a [u8]) -> Place<'a> {
    Place { table, column: "sealed", row, agency }
}

/// One message, as either side reads it.
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it: an agency both sides know of.
    pub agency: AgencyId,
    /// Which of its members: named to that agency alone.
    pub member: MemberId,
    /// When.
    pub at: Micros,
    /// How far it travels.
    pub marking: Marking,
    /// What it says.
    pub text: String,
}

/// A resolution one side proposes.
#[derive(Debug, Clone, Copy)]
pub struct Proposal {
    /// Whose.
    pub agency: AgencyId,
    /// From which of two cases, when one agency has both.
    pub case: CaseId,
    /// Whose hand: named to that agency alone.
    pub member: MemberId,
    /// What.
    pub resolution: Resolution,
    /// When.
    pub at: Micros,
}

/// A request, made by a person, that neither side starts new contact.
#[derive(Debug, Clone)]
pub struct Hold {
    /// Its id.
    pub id: MessageId,
    /// Who asked for it.
    pub agency: AgencyId,
    /// Which of its members: named to that agency alone.
    pub member: MemberId,
    /// When.
    pub at: Micros,
    /// When it ends by itself.
    pub until: Micros,
    /// Both supervisors lifted it.
    pub lifted: bool,
    /// When the second of them did.
    pub lifted_at: Option<Micros>,
}

impl Store {
    /// How many messages this conflict's thread has, for a stream that asks whether there is another: a number, and no row,
    /// so it leaves no event. Nothing of a conflict in which the grant's agency has no side.
    pub async fn thread_length(&self, grant: &Grant, conflict: ConflictId) -> Result<usize, Error> {
        #[derive(sqlx::FromRow)]
        struct Count {
            n: i64,
        }
        let Scope::Sides { agency } = grant.scope() else { return Err(Error::NotFound("conflict")) };
        let mut conn = self.reading().await?;
        let count: Option<Count> = conn
            .maybe(
                "SELECT COUNT(*) AS n FROM message WHERE conflict = $1 AND EXISTS
                 (SELECT 1 FROM conflict_side s WHERE s.agency = $2 AND s.conflict = $3 AND s.sees = $4)",
                binds![conflict, *agency, conflict, Level::Open.code()],
            )
            .await?;
        conn.commit().await?;
        Ok(count.map_or(0, |c| usize::try_from(c.n).unwrap_or(0)))
    }

    /// Does a hold stand on this conflict? For policy.
    pub async fn hold_stands(&self, conflict: ConflictId) -> Result<bool, Error> {
        #[derive(sqlx::FromRow)]
        struct Until {
            until_us: i64,
        }
        let now = self.clock().now();
        let mut conn = self.reading().await?;
        let rows: Vec<Until> =
            conn.rows("SELECT until_us FROM hold WHERE conflict = $1 AND lifted_us IS NULL", binds![conflict]).await?;
        conn.commit().await?;
        Ok(rows.iter().any(|h| h.until_us > now.0))
    }
}

impl Tx {
    /// Adds a message; the author's agency key seals it.
    pub async fn add_message(
        &mut self,
        side: &SideFacts,
        id: MessageId,
        marking: &Marking,
        text: &FreeText,
    ) -> Result<(), Error> {
        self.needs(&[Action::Message, Action::Propose, Action::Accept])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let sealed = self.seal(None, thread_place("message", agency, id.as_bytes()), text.as_str().as_bytes()).await?;
        self.tells();
        self.conn().await?
            .exec(
                "INSERT INTO message (conflict, id, agency, member, at_us, marking, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                binds![side.conflict, id, agency, member, now, marking.to_string(), sealed],
            )
            .await?;
        // Both sides read it, so both find it.
        for agency in super::agencies::distinct(&[agency, side.other_agency]) {
            self.index(agency, vec![Worded::message(side.conflict, id, text.as_str())]).await?;
        }
        Ok(())
    }

    /// A conflict in which the reader's agency has a side it sees openly; any other does not exist.
    async fn open_side(&mut self, conflict: ConflictId) -> Result<(), Error> {
        #[derive(sqlx::FromRow)]
        struct Sees {
            #[sqlx(rename = "sees")]
            _sees: i64,
        }
        let agency = match self.scope() {
            Scope::Sides { agency } | Scope::OwnAgency(agency) => *agency,
            _ => return Err(Error::NotFound("conflict")),
        };
        let side: Option<Sees> = self
            .conn()
            .await?
            .maybe(
                "SELECT sees FROM conflict_side WHERE agency = $1 AND conflict = $2 AND sees = $3",
                binds![agency, conflict, Level::Open.code()],
            )
            .await?;
        side.map(|_| ()).ok_or(Error::NotFound("conflict"))
    }

    /// The whole thread, oldest first. Both sides see it: call only for a conflict that both sides see openly.
    pub async fn messages(&mut self, conflict: ConflictId) -> Result<Vec<Message>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            agency: Uuid,
            member: Uuid,
            at_us: i64,
            marking: String,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::ShowConflict, Action::Export])?;
        self.open_side(conflict).await?;
        let rows: Vec<Row> = self
            .conn()
            .await?
            .rows(
                "SELECT id, agency, member, at_us, marking, sealed FROM message WHERE conflict = $1 ORDER BY at_us, id",
                binds![conflict],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let (agency, id) = (AgencyId::from(r.agency), MessageId::from(r.id));
            let clear = self.open_sealed(None, thread_place("message", agency, id.as_bytes()), &r.sealed).await?;
            out.push(Message {
                id,
                agency,
                member: r.member.into(),
                at: Micros(r.at_us),
                marking: r.marking.parse().map_err(|_| Error::Inconsistent { table: "message", column: "marking" })?,
                text: String::from_utf8(clear).map_err(|_| Error::Seal("not text"))?,
            });
        }
        Ok(out)
    }

    /// Puts one side's proposal in place of its earlier one.
    pub async fn propose(&mut self, side: &SideFacts, resolution: Resolution, reason: &FreeText) -> Result<(), Error> {
        self.needs(&[Action::Propose, Action::Accept])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let sealed = self
            .seal(None, thread_place("proposal", agency, side.conflict.as_bytes()), reason.as_str().as_bytes())
            .await?;
        self.conn().await?
            .exec(
                "INSERT INTO proposal (conflict, agency, case_id, member, resolution, at_us, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (conflict, agency, case_id) DO UPDATE SET member = excluded.member, resolution = excluded.resolution, at_us = excluded.at_us, sealed = excluded.sealed",
                binds![side.conflict, agency, side.case, member, resolution.code(), now, sealed],
            )
            .await?;
        Ok(())
    }

    /// What both sides propose.
    pub async fn proposals(&mut self, conflict: ConflictId) -> Result<Vec<Proposal>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            agency: Uuid,
            case_id: Uuid,
            member: Uuid,
            resolution: i64,
            at_us: i64,
        }
        self.needs(&[Action::ShowConflict, Action::Message, Action::Propose, Action::Accept, Action::Export])?;
        self.open_side(conflict).await?;
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT agency, case_id, member, resolution, at_us FROM proposal WHERE conflict = $1 ORDER BY at_us, agency, case_id",
                binds![conflict],
            )
            .await?;
        rows.into_iter()
            .map(|r| {
                Ok(Proposal {
                    agency: r.agency.into(),
                    case: r.case_id.into(),
                    member: r.member.into(),
                    resolution: Resolution::from_code(r.resolution)
                        .ok_or(Error::Inconsistent { table: "proposal", column: "resolution" })?,
                    at: Micros(r.at_us),
                })
            })
            .collect()
    }

    /// Asks that neither side starts new contact until then.
    pub async fn add_hold(
        &mut self,
        side: &SideFacts,
        id: MessageId,
        until: Micros,
        reason: &FreeText,
    ) -> Result<(), Error> {
        self.needs(&[Action::Hold])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let sealed = self.seal(None, thread_place("hold", agency, id.as_bytes()), reason.as_str().as_bytes()).await?;
        self.conn().await?
            .exec(
                "INSERT INTO hold (conflict, id, agency, member, at_us, until_us, lifted_us, sealed, row_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                binds![side.conflict, id, agency, member, now, until, Option::<Micros>::None, sealed, 1],
            )
            .await?;
        Ok(())
    }

    /// Holds of a conflict, oldest first.
    pub async fn holds(&mut self, conflict: ConflictId) -> Result<Vec<Hold>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            agency: Uuid,
            member: Uuid,
            at_us: i64,
            until_us: i64,
            lifted_us: Option<i64>,
        }
        self.needs(&[Action::ShowConflict, Action::Hold, Action::LiftHold, Action::ActAgainstHold, Action::Export])?;
        self.open_side(conflict).await?;
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT id, agency, member, at_us, until_us, lifted_us FROM hold WHERE conflict = $1 ORDER BY at_us, id",
                binds![conflict],
            )
            .await?;
        Ok(rows
            .into_iter()
            .map(|r| Hold {
                id: r.id.into(),
                agency: r.agency.into(),
                member: r.member.into(),
                at: Micros(r.at_us),
                until: Micros(r.until_us),
                lifted: r.lifted_us.is_some(),
                lifted_at: r.lifted_us.map(Micros),
            })
            .collect())
    }

    /// One supervisor lifts a hold; with both it is lifted. Returns true when this was the second.
    pub async fn lift_hold(&mut self, side: &SideFacts, hold: MessageId) -> Result<bool, Error> {
        #[derive(sqlx::FromRow)]
        struct Lifted {
            case_id: Uuid,
        }
        self.needs(&[Action::LiftHold])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let conn = self.conn().await?;
        // The hold's row is the turnstile: two supervisors who lift at once would each see their own half only.
        let there = conn
            .exec(
                "UPDATE hold SET row_version = row_version + 1 WHERE conflict = $1 AND id = $2",
                binds![side.conflict, hold],
            )
            .await?;
        if there != 1 {
            return Err(Error::NotFound("hold"));
        }
        conn.exec(
            "INSERT INTO hold_lift (conflict, hold, agency, case_id, member, at_us) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (conflict, hold, agency, case_id) DO NOTHING",
            binds![side.conflict, hold, agency, side.case, member, now],
        )
        .await?;
        let lifted: Vec<Lifted> = conn
            .rows("SELECT case_id FROM hold_lift WHERE conflict = $1 AND hold = $2", binds![side.conflict, hold])
            .await?;
        let both = [side.case, side.other_case].iter().all(|c| lifted.iter().any(|l| CaseId::from(l.case_id) == *c));
        if both {
            conn.exec(
                "UPDATE hold SET lifted_us = $1 WHERE conflict = $2 AND id = $3 AND lifted_us IS NULL",
                binds![now, side.conflict, hold],
            )
            .await?;
        }
        Ok(both)
    }

    /// The supervisors of the two cases, for who must be told.
    pub async fn supervisors(&mut self, cases: &[CaseId]) -> Result<Vec<(CaseId, AgencyId, MemberId)>, Error> {
        Ok(self
            .case_rows(cases)
            .await?
            .into_iter()
            .filter_map(|c| Some((c.id.into(), c.agency.into(), MemberId::from(c.supervisor?))))
            .collect())
    }
}
