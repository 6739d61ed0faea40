//! The turnstile of a conflict: who ends it passes one at a time.

use model::ConflictId;
use policy::Action;

use crate::db::binds;
use crate::error::Error;
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
}
