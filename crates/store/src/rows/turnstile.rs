//! The turnstile of a conflict: who ends it, or takes it up again, passes one at a time.

use model::{ConflictId, Micros, SideState};
use policy::Action;

use crate::db::binds;
use crate::error::Error;
use crate::rows::conflicts::SideFacts;
use crate::tx::Tx;

impl Tx {
    /// Holds a conflict's row until this transaction ends, and reads nothing before it has it: two sides that propose
    /// the same at once would else each miss the other's proposal under READ COMMITTED. False when it is resolved.
    pub async fn pass(&mut self, conflict: ConflictId) -> Result<bool, Error> {
        self.needs(&[Action::Propose, Action::Accept])?;
        let there = self
            .conn()?
            .exec(
                "UPDATE conflict SET row_version = row_version + 1 WHERE id = $1 AND resolution IS NULL",
                binds![conflict],
            )
            .await?;
        Ok(there == 1)
    }

    /// Takes up a resolved conflict again: the side that does so has taken note of it, the other one is told anew, and what
    /// was proposed counts no more. False when it is not resolved; of two who reopen at once one gets true.
    pub async fn reopen(&mut self, side: &SideFacts, due: Micros) -> Result<bool, Error> {
        self.needs(&[Action::Reopen])?;
        let agency = self.agency();
        let conn = self.conn()?;
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
