//! Reopen: a resolved conflict is taken up again, with a reason.

use model::{ConflictId, FreeText, Level};
use policy::{Action, Principal};
use store::Matter;

use crate::desk::{Desk, again};
use crate::error::Error;
use crate::verbs::conflicts::ConflictView;

impl Desk {
    /// Takes up a resolved conflict again, and returns it as it then stands. The other side is told and has a new due time;
    /// the reason stays with one's own agency, bound to the event: what the other side should know is written in the
    /// thread.
    ///
    /// # Errors
    /// [`Error::NotNow`] when it is not resolved, the other side sees only the desk, or nothing meets any more.
    pub async fn reopen(&self, who: &Principal, id: ConflictId, reason: &FreeText) -> Result<ConflictView, Error> {
        again!(self.resume(who, id, reason))?;
        self.conflict(who, id).await
    }

    async fn resume(&self, who: &Principal, id: ConflictId, reason: &FreeText) -> Result<(), Error> {
        let (grant, side) = self.side(who, Action::Reopen, id).await?;
        // From here on what is not done leaves the event of its dropped transaction.
        let mut tx = self.store.begin(&grant).await?;
        let not = |why: &str| Err(Error::NotNow(why.to_owned()));
        if side.seen != Level::Open {
            return not("the other side sees only the watch desk: call it, it will put you through");
        }
        let own = tx.sides_of(id).await?.into_iter().find(|s| s.case == side.case);
        let Some(own) = own.filter(|s| s.matches.iter().any(|m| m.sees == Level::Open)) else {
            return not("nothing meets any more: what this conflict was about was taken back");
        };
        let due = self.clocks.due(own.strength, self.store.clock().now());
        if !tx.reopen(&side, due).await? {
            return not("this conflict is not resolved");
        }
        let act = self.store.act(&grant, ("conflict", id.into())).bind("reason", reason.as_str().as_bytes());
        tx.add_reason(act.id(), "reason", Some(side.case), reason.as_str()).await?;
        // Told each time: the act's own id says which time this was.
        let words = "They took this conflict up again.";
        tx.notify(vec![self.to_other(&side, Matter::Message, act.id().as_bytes(), words)]).await?;
        tx.commit(act).await?;
        Ok(())
    }
}
