//! Workers: what happens without anybody asking. Each runs one round when called; a server calls them on a beat, a
//! command calls them before an inbox is read.

mod outbox;
mod second;
mod silent;
mod sweeper;

use model::AgencyId;

use crate::desk::Desk;
use crate::error::Error;

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Submissions looked at that a crash had left.
    pub swept: usize,
    /// Submissions whose silent postings were asked.
    pub heard: usize,
    /// Submissions looked at a second time.
    pub second: usize,
    /// Notices handed over.
    pub delivered: u64,
    /// Events integrated.
    pub sequenced: usize,
}

/// Submissions one round takes of each stage.
const MOST: i64 = 500;

impl Desk {
    /// One round of every worker. `spare`: an agency whose own submissions are left for another command, so that the time
    /// an agency's command takes can never depend on what its own question met among silent entries (invariant 9).
    pub async fn work(&self, spare: Option<AgencyId>) -> Result<Settled, Error> {
        let settled = Settled {
            swept: self.sweep().await?,
            heard: self.hear(spare).await?,
            second: self.look_again(spare).await?,
            delivered: self.deliver().await?,
            sequenced: 0,
        };
        Ok(Settled { sequenced: self.settle_ledger().await?, ..settled })
    }
}
