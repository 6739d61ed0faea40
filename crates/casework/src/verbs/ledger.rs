//! The ledger: verify it, read its checkpoint and key.

use policy::{Action, Facts, Principal};
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;

impl Desk {
    /// Verifies the whole ledger and the tables it speaks of. `progress` is told how many rows were read.
    pub async fn verify_ledger(
        &self,
        who: &Principal,
        progress: impl Fn(u64) + Send,
    ) -> Result<ledger::Verdict, Error> {
        let grant =
            self.allow(who, Action::VerifyLedger, &Facts::default(), ("ledger", Uuid::nil()), self.request()).await?;
        Ok(self.store.verify(&grant, progress).await?)
    }

    /// The newest signed checkpoint.
    pub async fn checkpoint(&self, who: &Principal) -> Result<Option<String>, Error> {
        let grant =
            self.allow(who, Action::Checkpoint, &Facts::default(), ("checkpoint", Uuid::nil()), self.request()).await?;
        Ok(self.store.checkpoint(&grant).await?)
    }

    /// The public key with which receipts and checkpoints verify.
    pub fn verifier_key(&self) -> String {
        self.store.keys().verifier().to_string()
    }

    /// Integrates what waits and signs the checkpoint: a command does this with its own events before it ends.
    pub async fn settle_ledger(&self) -> Result<usize, Error> {
        self.store.note_abandoned().await?;
        let grant = self
            .allow(
                &Principal::worker("sequencer"),
                Action::Sequence,
                &Facts::default(),
                ("ledger", Uuid::nil()),
                self.request(),
            )
            .await?;
        Ok(self.store.sequence(&grant).await?)
    }
}
