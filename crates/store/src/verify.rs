//! Reads the whole ledger and the tables it speaks of, and lets [`ledger::Auditor`] judge.

use ledger::{Auditor, Checkpoint, Kept, LedgerRow, Verdict};
use model::AgencyId;
use policy::{Action, Grant};
use uuid::Uuid;

use crate::act::SecurityRow;
use crate::db::{Conn, binds};
use crate::error::Error;
use crate::events::{head, read_tile};
use crate::keys::OldLog;
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
        let keys = self.keys();
        let kept = keys.kept_checkpoint()?;
        let mut tx = self.view(grant).await?;
        tx.needs(&[Action::VerifyLedger])?;
        let conn = tx.conn().await?;
        let (size, verifier) = head(conn).await?;
        let present = keys.old_logs().len().saturating_add(1);
        // A key of no log is not believed: then these are the present one's rows, and what is wrong with them is found.
        let here = keys.log_number(&verifier).unwrap_or(present);
        let opened = |at: usize| keys.old_logs().get(at).map(|old| (old.verifier.clone(), old_kept(old)));
        let mut auditor = match opened(0) {
            None => Auditor::new(keys.verifier(), kept.clone()),
            Some((key, kept)) => Auditor::of_several(key, kept),
        };
        let mut read = 0;
        for (number, old) in (1..).zip(keys.old_logs()) {
            let which = if number == here { Which::Ends } else { Which::Old(number) };
            read_log(conn, &mut auditor, which, &mut read, &progress).await?;
            let (size, note) = stored(conn, which, size).await?;
            let next = opened(number).unwrap_or_else(|| (keys.verifier(), kept.clone()));
            let counted = Kept { size, checkpoint: note.as_deref() };
            auditor.next_log(counted, old.signed.as_deref(), next, number.saturating_add(1) == present);
        }
        let which = if here == present { Which::Ends } else { Which::Old(present) };
        read_log(conn, &mut auditor, which, &mut read, &progress).await?;
        let (size, note) = stored(conn, which, size).await?;
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
        let verdict = auditor.finish(size, note.as_deref(), rows);
        tx.commit(self.act(grant, ("ledger", Uuid::from(AgencyId::from(Uuid::nil()))))).await?;
        Ok(verdict)
    }
}

/// Where a log's rows stand.
#[derive(Clone, Copy)]
enum Which {
    /// In the tables of the log the database ends in.
    Ends,
    /// Among the old ones, under this number.
    Old(usize),
}

impl Which {
    /// The texts for events and tiles, and the number to bind.
    fn texts(self) -> Result<(&'static str, &'static str, Option<i64>), Error> {
        Ok(match self {
            Self::Ends => (
                "SELECT idx, id, leaf, salt, body FROM event WHERE idx >= $1 ORDER BY idx LIMIT $2",
                "SELECT idx, level, hashes FROM tile WHERE idx > $1 OR (idx = $1 AND level > $2) ORDER BY idx, level LIMIT $3",
                None,
            ),
            Self::Old(number) => (
                "SELECT idx, id, leaf, salt, body FROM old_event WHERE idx >= $1 AND log = $3 ORDER BY idx LIMIT $2",
                "SELECT idx, level, hashes FROM old_tile WHERE (idx > $1 OR (idx = $1 AND level > $2)) AND log = $4 ORDER BY idx, level LIMIT $3",
                Some(number_of(number)?),
            ),
        })
    }
}

fn number_of(log: usize) -> Result<i64, Error> {
    i64::try_from(log).map_err(|_| Error::Inconsistent { table: "old_log", column: "number" })
}

/// Opened when the folder was; what does not open is told there.
fn old_kept(old: &OldLog) -> Option<Checkpoint> {
    old.signed.as_ref().and_then(|text| Checkpoint::open(text, &old.verifier).ok())
}

async fn read_log(
    conn: &mut Conn,
    auditor: &mut Auditor,
    which: Which,
    read: &mut u64,
    progress: &(impl Fn(u64) + Send),
) -> Result<(), Error> {
    let (events, tiles, log) = which.texts()?;
    let mut next = i64::MIN;
    loop {
        let mut keys = binds![next, PAGE];
        keys.extend(log.map(crate::db::Value::from));
        let page: Vec<EventRow> = conn.rows(events, keys).await?;
        let Some(last) = page.last() else { break };
        next = last.idx.saturating_add(1);
        for e in page {
            *read = read.saturating_add(1);
            auditor.row(LedgerRow {
                index: e.idx,
                event_id: e.id,
                // A leaf of the wrong length is a changed leaf, not a failure to read.
                leaf: e.leaf.try_into().unwrap_or_default(),
                body: e.body,
                salt: e.salt.and_then(|s| s.try_into().ok()),
            });
        }
        progress(*read);
    }
    let mut next = (i64::MIN, i64::MIN);
    loop {
        let mut keys = binds![next.0, next.1, PAGE];
        keys.extend(log.map(crate::db::Value::from));
        let page: Vec<TileRow> = conn.rows(tiles, keys).await?;
        let Some(last) = page.last() else { break };
        next = (last.idx, last.level);
        for t in page {
            // One that does not read is one that is missing: a finding, not a failure to verify.
            if let Ok((id, tile)) = read_tile(t.idx, t.level, &t.hashes) {
                auditor.tile(id, tile);
            }
        }
    }
    Ok(())
}

/// The size and the newest checkpoint the database keeps of a log; `ends` is the size of the one it ends in.
async fn stored(conn: &mut Conn, which: Which, ends: u64) -> Result<(u64, Option<String>), Error> {
    #[derive(sqlx::FromRow)]
    struct Size {
        size: i64,
    }
    let (size, note): (u64, Option<Note>) = match which {
        Which::Ends => (ends, conn.maybe("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1", binds![]).await?),
        Which::Old(number) => {
            let number = number_of(number)?;
            let size: Option<Size> = conn.maybe("SELECT size FROM old_log WHERE number = $1", binds![number]).await?;
            let newest = "SELECT note FROM old_checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1";
            (size.map_or(0, |s| u64::try_from(s.size).unwrap_or(0)), conn.maybe(newest, binds![number]).await?)
        }
    };
    Ok((size, note.map(|n| n.note)))
}
