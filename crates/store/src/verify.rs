//! Reads the whole ledger and the tables it speaks of, and lets [`ledger::Auditor`] judge.

use ledger::{Auditor, LedgerRow, Verdict};
use model::AgencyId;
use policy::{Action, Grant};
use uuid::Uuid;

use crate::act::SecurityRow;
use crate::db::binds;
use crate::error::Error;
use crate::events::{read_tile, size_of};
use crate::rows::agencies::{AGENCY, APPROVAL, AgencyRow, ApprovalRow, MEMBER, MemberRow};
use crate::store::Store;

/// Events read at a time.
const PAGE: i64 = 2_000;

#[derive(sqlx::FromRow)]
struct EventRow {
    idx: i64,
    id: Uuid,
    leaf: Vec<u8>,
    salt: Option<Vec<u8>>,
    body: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct TileRow {
    idx: i64,
    level: i64,
    hashes: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Note {
    note: String,
}

impl Store {
    /// Verifies everything; the verdict names the first bad row. `progress` is told how many rows were read.
    pub async fn verify(&self, grant: &Grant, progress: impl Fn(u64) + Send) -> Result<Verdict, Error> {
        let kept = self.keys().kept_checkpoint()?;
        let mut tx = self.view(grant).await?;
        tx.needs(&[Action::VerifyLedger])?;
        let conn = tx.conn()?;
        let mut auditor = Auditor::new(self.keys().verifier(), kept);
        let mut next = i64::MIN;
        let mut read = 0;
        loop {
            let page: Vec<EventRow> = conn
                .rows(
                    "SELECT idx, id, leaf, salt, body FROM event WHERE idx >= $1 ORDER BY idx LIMIT $2",
                    binds![next, PAGE],
                )
                .await?;
            let Some(last) = page.last() else { break };
            next = last.idx.saturating_add(1);
            for e in page {
                read += 1;
                auditor.row(LedgerRow {
                    index: e.idx,
                    event_id: e.id,
                    // A leaf of the wrong length is a changed leaf, not a failure to read.
                    leaf: e.leaf.try_into().unwrap_or_default(),
                    body: e.body,
                    salt: e.salt.and_then(|s| s.try_into().ok()),
                });
            }
            progress(read);
        }
        let mut next = (i64::MIN, i64::MIN);
        loop {
            let page: Vec<TileRow> = conn
                .rows(
                    "SELECT idx, level, hashes FROM tile WHERE idx > $1 OR (idx = $1 AND level > $2) ORDER BY idx, level LIMIT $3",
                    binds![next.0, next.1, PAGE],
                )
                .await?;
            let Some(last) = page.last() else { break };
            next = (last.idx, last.level);
            for t in page {
                // One that does not read is one that is missing: a finding, not a failure to verify.
                if let Ok((id, tile)) = read_tile(t.idx, t.level, &t.hashes) {
                    auditor.tile(id, tile);
                }
            }
        }
        let size = size_of(conn).await?;
        let note: Option<Note> = conn.maybe("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1", binds![]).await?;
        let agencies: Vec<AgencyRow> = conn.rows(AGENCY, binds![]).await?;
        let members: Vec<MemberRow> = conn.rows(MEMBER, binds![]).await?;
        let approvals: Vec<ApprovalRow> = conn.rows(APPROVAL, binds![]).await?;
        let rows = agencies
            .iter()
            .map(AgencyRow::security)
            .chain(members.iter().map(MemberRow::security))
            .chain(approvals.iter().map(ApprovalRow::security))
            .map(|SecurityRow { table, key, version, columns }| ledger::SecurityRow {
                table: table.to_owned(),
                key,
                version,
                columns,
            });
        let verdict = auditor.finish(size, note.as_ref().map(|n| n.note.as_str()), rows);
        tx.commit(self.act(grant, ("ledger", Uuid::from(AgencyId::from(Uuid::nil()))))).await?;
        Ok(verdict)
    }
}
