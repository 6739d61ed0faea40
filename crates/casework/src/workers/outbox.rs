//! The outbox: hands over notices, once in the portal.

use policy::{Action, Facts, Principal};
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;

impl Desk {
    /// Hands over what waits; returns how many. A round leaves its event whether anything waited or not: an event only
    /// when there was something to tell would let the ledger's size speak of silent entries (invariant 9).
    pub async fn deliver(&self) -> Result<u64, Error> {
        let worker = Principal::worker("outbox");
        let grant =
            self.allow(&worker, Action::Deliver, &Facts::default(), ("notice", Uuid::nil()), self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        let done = tx.deliver(1_000).await?;
        tx.commit(self.store.act(&grant, ("notice", Uuid::nil()))).await?;
        Ok(done)
    }
}
