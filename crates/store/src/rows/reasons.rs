//! Reasons, in the words that were given: an event binds them by digest, a court can have them opened.

use model::{AgencyId, CaseId, EventId};

use uuid::Uuid;

use crate::db::{Conn, binds};
use crate::error::Error;
use crate::keys::Place;
use crate::store::Store;
use crate::tx::Tx;

impl Tx {
    /// Keeps a reason beside the event that binds it (`Act::bind` with the same `what`), sealed under the agency's key.
    pub async fn add_reason(
        &mut self,
        event: EventId,
        what: &'static str,
        case: Option<CaseId>,
        text: &str,
    ) -> Result<(), Error> {
        let (agency, now) = (self.agency(), self.now());
        let sealed = self.seal(None, place(agency, &event), text.as_bytes()).await?;
        self.conn()
            .await?
            .exec(
                "INSERT INTO reason (agency, event, what, case_id, at_us, sealed) VALUES ($1, $2, $3, $4, $5, $6)",
                binds![agency, event, what, case, now, sealed],
            )
            .await?;
        Ok(())
    }
}

impl Store {
    /// The same for an act on the installation, which is no agency's: sealed under the master key.
    pub(crate) async fn operators_reason(&self, conn: &mut Conn, event: EventId, text: &str) -> Result<(), Error> {
        let nobody = AgencyId::from(Uuid::nil());
        let sealed = self.0.ring.master().seal(self.chance(), place(nobody, &event), text.as_bytes())?;
        let none: Option<CaseId> = None;
        conn.exec(
            "INSERT INTO reason (agency, event, what, case_id, at_us, sealed) VALUES ($1, $2, $3, $4, $5, $6)",
            binds![nobody, event, "reason", none, self.now(), sealed],
        )
        .await?;
        Ok(())
    }
}

fn place(agency: AgencyId, event: &EventId) -> Place<'_> {
    Place { table: "reason", column: "sealed", row: event.as_bytes(), agency }
}
