//! A new log on a database that was put back from a copy: behind what was signed, it is never signed on.
//!
//! What it holds of the old log is kept and moves to the old tables; the new log has a name of its own ("origin/2") and its
//! first leaf binds the old logs as they are held and as they were signed last.

use std::collections::BTreeMap;

use ledger::{OLD_LOGS, OldLog, Tiles, leaf_hash, old_logs};
use model::FreeText;
use policy::{Action, Grant};
use uuid::Uuid;

use crate::db::{Conn, binds};
use crate::error::Error;
use crate::events::{head, tile_of};
use crate::store::Store;

/// Why a new log is begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewLogReason {
    /// A backup was brought back.
    Restored,
    /// A copy of the database was put in its place; why, in the words of whoever did it.
    CopiedBack(FreeText),
}

impl NewLogReason {
    /// As the new log's first event names its object.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Restored => "log after a restore",
            Self::CopiedBack(_) => "log after a copy was put back",
        }
    }
}

/// A log that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLog {
    /// Its verifier key: what is signed from now on verifies with it, what was signed before with the old one.
    pub verifier: String,
    /// Events the database held of the log it ended in.
    pub held: u64,
    /// Events the newest checkpoint of the present keys stood for.
    pub signed: u64,
}

#[derive(sqlx::FromRow)]
struct Size {
    size: i64,
}

impl Store {
    /// Begins a new log on a database that is behind the last checkpoint signed with these keys. This store is spent by
    /// it: open it again, with the key folder read anew, as every other process must.
    ///
    /// # Errors
    /// [`Error::NotBehind`] when the log can go on.
    pub async fn new_log(&self, grant: &Grant, why: NewLogReason) -> Result<NewLog, Error> {
        if !matches!(grant.action(), Action::Restore) {
            return Err(Error::WrongGrant { granted: grant.action().word(), needed: Action::Restore.word() });
        }
        let keys = self.keys();
        let kept = keys.kept_checkpoint()?;
        let mut conn = self.writing().await?;
        let (size, verifier) = head(&mut conn).await?;
        let here = keys.log_number(&verifier).ok_or(Error::WrongKeys)?;
        let present = keys.old_logs().len().saturating_add(1);
        if here == present && kept.as_ref().is_none_or(|kept| kept.size <= size) {
            return Err(Error::NotBehind);
        }
        // Before the commit: a crash after it is finished by the next opening.
        keys.prepare_next_log()?;
        let mut old = Vec::with_capacity(present);
        let signed = keys.old_logs().iter().map(|log| (log.verifier.name().to_owned(), log.signed.clone()));
        for (number, (origin, signed)) in (1..).zip(signed.chain([(keys.origin().to_owned(), keys.kept_text()?)])) {
            let (held, log) = if number == here {
                (size, None)
            } else {
                let n = log_number(number)?;
                let row: Option<Size> = conn.maybe("SELECT size FROM old_log WHERE number = $1", binds![n]).await?;
                (row.map_or(0, |r| u64::try_from(r.size).unwrap_or(0)), Some(n))
            };
            let root = root_of(&mut conn, log, held).await?;
            old.push(OldLog { origin, held, root, signed });
        }
        self.move_log(&mut conn, here, size).await?;
        let mut act = self.act(grant, (why.word(), Uuid::nil())).bind(OLD_LOGS, &old_logs(&old));
        if let NewLogReason::CopiedBack(words) = &why {
            act = act.bind("reason", words.as_str().as_bytes());
            self.operators_reason(&mut conn, act.id(), words.as_str()).await?;
        }
        let body = act.event.encode();
        let leaf = leaf_hash(&act.salt, &body);
        conn.exec(
            "INSERT INTO event (idx, id, at_us, leaf, salt, body) VALUES ($1, $2, $3, $4, $5, $6)",
            binds![0, act.event.id, act.event.at, leaf, act.salt, body],
        )
        .await?;
        let first = ledger::integrate(0, &Tiles::new(), &[leaf]).map_err(|e| Error::Ledger(e.to_string()))?;
        for (id, tile) in first.changed {
            let index = i64::try_from(id.index).map_err(|_| Error::Ledger("the log is full".to_owned()))?;
            conn.exec(
                "INSERT INTO tile (idx, level, hashes) VALUES ($1, $2, $3)",
                binds![index, i64::from(id.level), tile.to_bytes()],
            )
            .await?;
        }
        let next = keys.next_verifier();
        conn.exec("UPDATE log SET size = $1 WHERE id = 1", binds![1]).await?;
        conn.exec(
            "UPDATE installation SET origin = $1, verifier = $2, row_version = row_version + 1 WHERE id = 1",
            binds![next.name(), next.to_string()],
        )
        .await?;
        conn.commit().await?;
        keys.begin_next_log()?;
        Ok(NewLog { verifier: next.to_string(), held: size, signed: kept.map_or(0, |k| k.size) })
    }

    /// Moves the log the database ends in to the old ones.
    async fn move_log(&self, conn: &mut Conn, here: usize, size: u64) -> Result<(), Error> {
        let (number, size) = (log_number(here)?, log_number(usize::try_from(size).unwrap_or(usize::MAX))?);
        conn.exec(
            "INSERT INTO old_log (number, origin, size, ended_us) SELECT CAST($1 AS BIGINT), origin, CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM installation WHERE id = 1",
            binds![number, size, self.now()],
        )
        .await?;
        for moved in [
            "INSERT INTO old_event (idx, log, id, at_us, leaf, salt, body) SELECT idx, CAST($1 AS BIGINT), id, at_us, leaf, salt, body FROM event",
            "INSERT INTO old_tile (idx, level, log, hashes) SELECT idx, level, CAST($1 AS BIGINT), hashes FROM tile",
            "INSERT INTO old_checkpoint (log, size, note, at_us) SELECT CAST($1 AS BIGINT), size, note, at_us FROM checkpoint",
        ] {
            conn.exec(moved, binds![number]).await?;
        }
        for emptied in ["DELETE FROM event", "DELETE FROM tile", "DELETE FROM checkpoint"] {
            conn.exec(emptied, binds![]).await?;
        }
        Ok(())
    }
}

async fn root_of(conn: &mut Conn, log: Option<i64>, size: u64) -> Result<ledger::Hash, Error> {
    let mut tiles = BTreeMap::new();
    for id in ledger::root_tiles(size) {
        tiles.extend(tile_of(conn, log, id).await?);
    }
    ledger::root(size, &tiles).map_err(|e| Error::Ledger(e.to_string()))
}

fn log_number(n: usize) -> Result<i64, Error> {
    i64::try_from(n).map_err(|_| Error::Ledger("the log is full".to_owned()))
}
