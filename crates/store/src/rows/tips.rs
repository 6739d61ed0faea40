//! CyberTips as they were taken in: sealed whole, beside the case that holds their identifiers.

use model::{AgencyId, CaseId};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
use crate::tx::Tx;

/// A tip on its way into the store.
pub struct NewTip<'a> {
    /// The case its identifiers stand in.
    pub case: CaseId,
    /// The report lacks what would be enough to act on.
    pub informational: bool,
    /// The provider asked for high priority.
    pub escalated: bool,
    /// The report: sealed here.
    pub content: &'a [u8],
}

pub(crate) fn tip_place(agency: AgencyId, case: &CaseId) -> Place<'_> {
    Place { table: "tip", column: "sealed", row: case.as_bytes(), agency }
}

impl Tx {
    /// Keeps tips of one agency, whose cases were opened in this transaction.
    pub async fn add_tips(&mut self, agency: AgencyId, tips: &[NewTip<'_>]) -> Result<(), Error> {
        self.needs(&[Action::ReceiveTip])?;
        self.own(agency)?;
        let now = self.now();
        let mut rows = Vec::with_capacity(tips.len());
        for t in tips {
            let sealed = self.seal(Some(t.case), tip_place(agency, &t.case), t.content).await?;
            rows.push(binds![t.case, agency, t.informational, t.escalated, now, sealed]);
        }
        self.conn()
            .await?
            .insert("INSERT INTO tip (case_id, agency, informational, escalated, at_us, sealed)", "", rows)
            .await?;
        Ok(())
    }

    /// One's own agency's tip, opened; `None` for a case that did not begin as one.
    pub async fn own_tip(&mut self, case: CaseId) -> Result<Option<Vec<u8>>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            agency: Uuid,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::ViewCase, Action::Export])?;
        let agency = self.agency();
        let row: Option<Row> = self
            .conn()
            .await?
            .maybe("SELECT agency, sealed FROM tip WHERE case_id = $1 AND agency = $2", binds![case, agency])
            .await?;
        match row {
            None => Ok(None),
            Some(r) => self.open_sealed(Some(case), tip_place(r.agency.into(), &case), &r.sealed).await.map(Some),
        }
    }
}
