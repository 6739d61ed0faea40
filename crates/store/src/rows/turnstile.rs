//! The turnstile of a conflict: who ends it, or takes it up again, passes one at a time.

use model::{Micros, Resolution, SideState};
use policy::Action;

use crate::db::binds;
use crate::error::Error;
use crate::rows::conflicts::SideFacts;
use crate::tx::Tx;

/// How a conflict stands for a side that comes to its turnstile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Nothing is agreed.
    Free,
    /// It is resolved.
    Ended,
    /// This was agreed, and then a match woke this side that the other one may not see: it holds for that one alone.
    Agreed(Resolution),
}

#[derive(sqlx::FromRow)]
struct Ended {
    resolution: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Stands {
    state: i64,
}

fn wrong() -> Error {
    Error::Inconsistent { table: "conflict", column: "resolution" }
}

impl Tx {
    /// Holds a conflict's row until this transaction ends, and reads nothing before it has it: two sides that propose
    /// the same at once would else each miss the other's proposal under READ COMMITTED. How it stands for this side.
    pub async fn pass(&mut self, side: &SideFacts) -> Result<Pass, Error> {
        self.needs(&[Action::Propose, Action::Accept])?;
        let agency = self.agency();
        let conn = self.conn().await?;
        conn.exec("UPDATE conflict SET row_version = row_version + 1 WHERE id = $1", binds![side.conflict]).await?;
        let ended: Option<Ended> =
            conn.maybe("SELECT resolution FROM conflict WHERE id = $1", binds![side.conflict]).await?;
        let own: Option<Stands> = conn
            .maybe(
                "SELECT state FROM conflict_side WHERE agency = $1 AND conflict = $2 AND case_id = $3",
                binds![agency, side.conflict, side.case],
            )
            .await?;
        let (Some(ended), Some(own)) = (ended, own) else { return Err(Error::NotFound("conflict")) };
        if own.state == SideState::Resolved.code() {
            return Ok(Pass::Ended);
        }
        let known = |code| Resolution::from_code(code).ok_or(wrong());
        Ok(ended.resolution.map(known).transpose()?.map_or(Pass::Free, Pass::Agreed))
    }

    /// Both sides agreed: the conflict ends for the side that says so, and for the other one unless a match woke it after it
    /// proposed: that one has yet to say whether it still holds.
    pub async fn agree(&mut self, side: &SideFacts, resolution: Resolution) -> Result<(), Error> {
        self.needs(&[Action::Accept, Action::Propose])?;
        let now = self.now();
        self.conn().await?
            .exec(
                "UPDATE conflict SET resolution = $1, resolved_us = $2, row_version = row_version + 1 WHERE id = $3 AND resolution IS NULL",
                binds![resolution.code(), now, side.conflict],
            )
            .await?;
        self.settle(side).await?;
        // Who proposes comes to coordinating, and from there back only by being woken.
        self.conn().await?
            .exec(
                "UPDATE conflict_side SET state = $1, row_version = row_version + 1 WHERE agency = $2 AND conflict = $3 AND case_id = $4 AND state = $5",
                binds![
                    SideState::Resolved.code(),
                    side.other_agency,
                    side.conflict,
                    side.other_case,
                    SideState::Coordinating.code()
                ],
            )
            .await?;
        Ok(())
    }

    /// What was agreed holds for this side still, with what woke it: it ends here too, and the other side sees no change.
    pub async fn settle(&mut self, side: &SideFacts) -> Result<(), Error> {
        self.needs(&[Action::Accept, Action::Propose])?;
        let agency = self.agency();
        self.conn().await?
            .exec(
                "UPDATE conflict_side SET state = $1, row_version = row_version + 1 WHERE agency = $2 AND conflict = $3 AND case_id = $4",
                binds![SideState::Resolved.code(), agency, side.conflict, side.case],
            )
            .await?;
        Ok(())
    }

    /// A side that was woken wants another end: what was agreed ends for the other side too, which stands at notified, and
    /// what was proposed counts no more.
    pub async fn take_up(&mut self, side: &SideFacts, due: Micros) -> Result<(), Error> {
        self.needs(&[Action::Accept, Action::Propose])?;
        let conn = self.conn().await?;
        conn.exec(
            "UPDATE conflict SET resolution = NULL, resolved_us = NULL, row_version = row_version + 1 WHERE id = $1",
            binds![side.conflict],
        )
        .await?;
        conn.exec(
            "UPDATE conflict_side SET state = $1, due_us = $2, row_version = row_version + 1 WHERE agency = $3 AND conflict = $4 AND case_id = $5 AND state = $6",
            binds![
                SideState::Notified.code(),
                due,
                side.other_agency,
                side.conflict,
                side.other_case,
                SideState::Resolved.code()
            ],
        )
        .await?;
        conn.exec("DELETE FROM proposal WHERE conflict = $1", binds![side.conflict]).await?;
        Ok(())
    }

    /// Takes up a resolved conflict again: the side that does so has taken note of it, the other one is told anew, and what
    /// was proposed counts no more. False when it is not resolved; of two who reopen at once one gets true.
    pub async fn reopen(&mut self, side: &SideFacts, due: Micros) -> Result<bool, Error> {
        self.needs(&[Action::Reopen])?;
        let agency = self.agency();
        let conn = self.conn().await?;
        let ended = conn
            .exec(
                "UPDATE conflict SET resolution = NULL, resolved_us = NULL, row_version = row_version + 1 WHERE id = $1 AND resolution IS NOT NULL",
                binds![side.conflict],
            )
            .await?;
        if ended != 1 {
            return Ok(false);
        }
        let sides =
            [(agency, side.case, SideState::Acknowledged), (side.other_agency, side.other_case, SideState::Notified)];
        for (agency, case, state) in sides {
            conn.exec(
                "UPDATE conflict_side SET state = $1, due_us = $2, row_version = row_version + 1 WHERE agency = $3 AND conflict = $4 AND case_id = $5",
                binds![state.code(), due, agency, side.conflict, case],
            )
            .await?;
        }
        conn.exec("DELETE FROM proposal WHERE conflict = $1", binds![side.conflict]).await?;
        Ok(true)
    }
}
