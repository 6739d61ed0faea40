//! An act on its way into the ledger: the event, its salt, and what it binds.

use ledger::{Event, RowDigest, bind_digest};
use model::{EventId, SubmissionId};
use uuid::Uuid;

/// What a transaction commits with. `Tx::commit` takes nothing else.
pub struct Act {
    pub(crate) event: Event,
    pub(crate) salt: [u8; 32],
    pub(crate) submission: Option<SubmissionId>,
}

impl Act {
    /// The event's id.
    pub fn id(&self) -> EventId {
        self.event.id
    }

    /// Binds a sealed thing (a purpose, an answer, a receipt) by its salted digest; the ledger never holds the thing.
    #[must_use]
    pub fn bind(mut self, what: &str, clear: &[u8]) -> Self {
        self.event.binds.push(ledger::Bind { what: what.to_owned(), digest: bind_digest(&self.salt, what, clear) });
        self
    }

    /// Names every row that was shown.
    #[must_use]
    pub fn shown(mut self, rows: impl IntoIterator<Item = Uuid>) -> Self {
        self.event.shown.extend(rows);
        self
    }

    /// This act accepts a submission: the sequencer writes its ledger position beside it.
    #[must_use]
    pub fn accepts(mut self, submission: SubmissionId) -> Self {
        self.submission = Some(submission);
        self
    }

    pub(crate) fn digest_row(&mut self, row: &SecurityRow) {
        let digest = ledger::row_digest(&self.salt, row.table, &row.key, row.version, &row.columns);
        self.event.rows.push(RowDigest {
            table: row.table.to_owned(),
            row: row.key.clone(),
            version: row.version,
            digest,
        });
    }
}

/// A row whose every change stands in the ledger by digest: agencies, members, approvals.
pub(crate) struct SecurityRow {
    pub table: &'static str,
    pub key: Vec<u8>,
    pub version: i64,
    pub columns: Vec<(&'static str, ledger::Column)>,
}
