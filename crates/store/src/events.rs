//! Events in, ledger positions out.

use std::collections::BTreeMap;

use ledger::{Checkpoint, Event, Tile, TileId, leaf_hash};
use policy::{Action, Grant};
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Mutex, oneshot};
use uuid::Uuid;

use crate::act::Act;
use crate::db::{Conn, Engine, binds};
use crate::error::Error;
use crate::store::Store;

pub(crate) async fn push_events(conn: &mut Conn, acts: &[&Act]) -> Result<(), Error> {
    let rows = acts.iter().map(|a| binds![a.event.id, a.event.at, a.submission, a.salt, a.event.encode()]).collect();
    conn.insert("INSERT INTO event_new (id, at_us, submission, salt, body)", "", rows).await?;
    Ok(())
}

type Waiting = (Act, oneshot::Sender<bool>);

/// Group commit for the events of reads: while one commit is under way the next readers queue, and the first of them
/// writes for all. No timer: alone, a reader waits for nobody.
#[derive(Default)]
pub(crate) struct Notary {
    queue: std::sync::Mutex<Vec<Waiting>>,
    turn: Mutex<()>,
}

impl Notary {
    pub(crate) async fn note(&self, store: &Store, act: Act) -> Result<(), Error> {
        let (done, mut told) = oneshot::channel();
        self.queue.lock().map_err(|_| Error::Closed)?.push((act, done));
        let _turn = self.turn.lock().await;
        match told.try_recv() {
            Ok(true) => return Ok(()), // written by the one before us
            Ok(false) | Err(TryRecvError::Closed) => return Err(Error::Closed),
            Err(TryRecvError::Empty) => {} // still in the queue: we write, for everyone there
        }
        let batch = std::mem::take(&mut *self.queue.lock().map_err(|_| Error::Closed)?);
        let store = store.clone();
        // Spawned: the first reader hanging up must not lose the events of the others.
        tokio::spawn(async move {
            let (acts, tell): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
            let written = async {
                let mut conn = store.writing().await?;
                push_events(&mut conn, &acts.iter().collect::<Vec<_>>()).await?;
                conn.commit().await
            }
            .await;
            for one in tell {
                let _ = one.send(written.is_ok());
            }
            written
        })
        .await
        .map_err(|_| Error::Closed)?
    }
}

#[derive(sqlx::FromRow)]
struct NewEvent {
    id: Uuid,
    at_us: i64,
    submission: Option<Uuid>,
    salt: Vec<u8>,
    body: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Size {
    size: i64,
}

#[derive(sqlx::FromRow)]
struct StoredTile {
    idx: i64,
    level: i64,
    hashes: Vec<u8>,
}

/// How many events one transaction integrates.
const MOST: i64 = 2_000;

impl Store {
    /// Gives waiting events their positions until none waits, signs the checkpoint and keeps it beside the keys.
    /// Returns how many were integrated.
    ///
    /// # Errors
    /// [`Error::Behind`] when the database is older than the last checkpoint kept: nothing is signed on an old copy.
    /// [`Error::Forked`] when the log was rewritten below that checkpoint: nothing is signed on it either.
    pub async fn sequence(&self, grant: &Grant) -> Result<usize, Error> {
        if !matches!(grant.action(), Action::Sequence) {
            return Err(Error::WrongGrant { granted: grant.action().word(), needed: "sequence" });
        }
        let mut all = 0;
        loop {
            match self.integrate().await {
                Ok(0) => break,
                Ok(n) => all += n,
                Err(e) if e.is_retryable() => {}
                // Another sequencer was first: its rows are there, ours rolled back.
                Err(Error::Changed) => {}
                Err(e) => return Err(e),
            }
        }
        self.sign_checkpoint().await?;
        Ok(all)
    }

    /// One batch. Batch, tiles and new size are one transaction that compares the size it started from, so two
    /// sequencers cannot fork the log.
    async fn integrate(&self) -> Result<usize, Error> {
        let kept = self.keys().kept_checkpoint()?;
        let mut conn = self.writing().await?;
        // Take first, number second. The other way round (read the waiting, then number) two sequencers number the same
        // event twice under READ COMMITTED, and no key objects. Taken rows are locked, so nobody else takes them.
        let mut waiting: Vec<NewEvent> = conn
            .rows(
                "DELETE FROM event_new WHERE id IN (SELECT id FROM event_new ORDER BY id LIMIT $1) RETURNING id, at_us, submission, salt, body",
                binds![MOST],
            )
            .await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        waiting.sort_unstable_by_key(|e| e.id); // RETURNING promises no order
        let size = self.present_size(&mut conn).await?;
        if let Some(kept) = kept.filter(|kept| kept.size > size) {
            return Err(Error::Behind { size, kept: kept.size });
        }
        let mut edge = BTreeMap::new();
        for id in ledger::edge(size) {
            edge.extend(tile(&mut conn, id).await?);
        }
        let leaves: Vec<_> =
            waiting.iter().map(|e| Ok(leaf_hash(&salt_of(&e.salt)?, &e.body))).collect::<Result<_, Error>>()?;
        let done = ledger::integrate(size, &edge, &leaves).map_err(|e| Error::Ledger(e.to_string()))?;
        let first = i64::try_from(size).map_err(|_| Error::Ledger("the log is full".to_owned()))?;
        let mut rows = Vec::with_capacity(waiting.len());
        let mut accepted = Vec::new();
        for ((idx, e), leaf) in (first..).zip(waiting).zip(leaves) {
            if let Some(submission) = e.submission {
                accepted.push((submission, idx));
            }
            rows.push(binds![idx, e.id, e.at_us, leaf, Some(e.salt), Some(e.body)]);
        }
        let n = rows.len();
        conn.insert("INSERT INTO event (idx, id, at_us, leaf, salt, body)", "", rows).await?;
        let tiles = done
            .changed
            .iter()
            .map(|(id, t)| Ok(binds![tile_index(*id)?, i64::from(id.level), t.to_bytes()]))
            .collect::<Result<_, Error>>()?;
        conn.insert(
            "INSERT INTO tile (idx, level, hashes)",
            "ON CONFLICT (idx, level) DO UPDATE SET hashes = excluded.hashes",
            tiles,
        )
        .await?;
        let new_size = i64::try_from(done.size).map_err(|_| Error::Ledger("the log is full".to_owned()))?;
        let moved = conn.exec("UPDATE log SET size = $1 WHERE id = 1 AND size = $2", binds![new_size, first]).await?;
        if moved != 1 {
            return Err(Error::Changed); // dropping conn rolls everything back, taken events included
        }
        accepted.sort_unstable();
        if conn.engine() == Engine::Postgres {
            // In order: it never waits crosswise for a look that marks the same rows.
            for (submission, idx) in accepted {
                conn.exec("UPDATE submission SET position = $1 WHERE id = $2", binds![idx, submission]).await?;
            }
        } else {
            let accepted = accepted.into_iter().map(|(submission, idx)| binds![submission, idx]).collect();
            let place = "UPDATE submission SET position = q.b FROM q WHERE submission.id = q.a RETURNING id";
            conn.join::<(Uuid,)>(place, accepted).await?;
        }
        conn.commit().await?;
        Ok(n)
    }

    /// Signs the tree as it is committed; the newest checkpoint is also kept beside the keys.
    async fn sign_checkpoint(&self) -> Result<(), Error> {
        // Before the snapshot: another sequencer may sign between the two, and a newer one kept is then no old copy.
        let kept = self.keys().kept_checkpoint()?;
        let mut conn = self.reading().await?;
        let size = self.present_size(&mut conn).await?;
        let signed: Option<Size> =
            conn.maybe("SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1", binds![]).await?;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.size > size) {
            return Err(Error::Behind { size, kept: kept.size });
        }
        let up_to_date =
            signed.is_some_and(|s| u64::try_from(s.size) == Ok(size)) && kept.as_ref().is_some_and(|k| k.size == size);
        if size == 0 || up_to_date {
            return Ok(());
        }
        let from = kept.as_ref().map_or(0, |k| k.size);
        let mut tiles = BTreeMap::new();
        for id in ledger::root_tiles(size).into_iter().chain(ledger::consistency_tiles(from, size)) {
            if !tiles.contains_key(&id) {
                tiles.extend(tile(&mut conn, id).await?);
            }
        }
        conn.commit().await?;
        let root = ledger::root(size, &tiles).map_err(|e| Error::Ledger(e.to_string()))?;
        if let Some(kept) = kept.filter(|kept| kept.size > 0) {
            // Sizes say nothing of what stands below them: the new tree must begin with the one signed here last.
            let proof = ledger::consistency(kept.size, size, &tiles).map_err(|e| Error::Ledger(e.to_string()))?;
            ledger::verify_consistency(kept.size, size, &proof, &kept.root, &root)
                .map_err(|_| Error::Forked { kept: kept.size })?;
        }
        let note = Checkpoint { origin: self.keys().origin().to_owned(), size, root }
            .sign(self.keys().signing())
            .map_err(|e| Error::Ledger(e.to_string()))?;
        let mut conn = self.writing().await?;
        let size_i = i64::try_from(size).map_err(|_| Error::Ledger("the log is full".to_owned()))?;
        conn.exec(
            "INSERT INTO checkpoint (size, note, at_us) VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING",
            binds![size_i, note.as_str(), self.now()],
        )
        .await?;
        conn.commit().await?;
        self.keys().keep_checkpoint(&note, size)
    }

    /// The newest signed checkpoint's text.
    pub async fn checkpoint(&self, grant: &Grant) -> Result<Option<String>, Error> {
        #[derive(sqlx::FromRow)]
        struct Note {
            note: String,
        }
        let mut tx = self.view(grant).await?;
        tx.needs(&[Action::Checkpoint, Action::VerifyLedger, Action::GetReceipt])?;
        let note: Option<Note> =
            tx.conn().await?.maybe("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1", binds![]).await?;
        tx.commit(self.act(grant, ("checkpoint", Uuid::nil()))).await?;
        Ok(note.map(|n| n.note))
    }
}

/// The size the database counts, and the verifier key under which its log is signed.
pub(crate) async fn head(conn: &mut Conn) -> Result<(u64, String), Error> {
    #[derive(sqlx::FromRow)]
    struct Head {
        size: i64,
        verifier: String,
    }
    let sql = "SELECT l.size, i.verifier FROM log l CROSS JOIN installation i WHERE l.id = 1 AND i.id = 1";
    let row: Option<Head> = conn.maybe(sql, binds![]).await?;
    let row = row.ok_or(Error::NotInitialised)?;
    Ok((u64::try_from(row.size).map_err(|_| Error::Inconsistent { table: "log", column: "size" })?, row.verifier))
}

impl Store {
    /// The size of the present log.
    ///
    /// # Errors
    /// [`Error::OldLog`] when the database ends in another log than the one these keys sign.
    async fn present_size(&self, conn: &mut Conn) -> Result<u64, Error> {
        let (size, verifier) = head(conn).await?;
        if verifier == self.keys().verifier().to_string() { Ok(size) } else { Err(Error::OldLog) }
    }
}

pub(crate) async fn tile(conn: &mut Conn, id: TileId) -> Result<Option<(TileId, Tile)>, Error> {
    tile_of(conn, None, id).await
}

/// A tile of the present log, or of an old one by its number.
pub(crate) async fn tile_of(conn: &mut Conn, log: Option<i64>, id: TileId) -> Result<Option<(TileId, Tile)>, Error> {
    let (idx, level) = (tile_index(id)?, i64::from(id.level));
    let (sql, binds) = match log {
        None => ("SELECT idx, level, hashes FROM tile WHERE idx = $1 AND level = $2", binds![idx, level]),
        Some(log) => (
            "SELECT idx, level, hashes FROM old_tile WHERE idx = $1 AND level = $2 AND log = $3",
            binds![idx, level, log],
        ),
    };
    let row: Option<StoredTile> = conn.maybe(sql, binds).await?;
    row.map(|r| read_tile(r.idx, r.level, &r.hashes)).transpose()
}

pub(crate) fn read_tile(idx: i64, level: i64, hashes: &[u8]) -> Result<(TileId, Tile), Error> {
    let wrong = |column| Error::Inconsistent { table: "tile", column };
    let id = TileId {
        level: u8::try_from(level).map_err(|_| wrong("level"))?,
        index: u64::try_from(idx).map_err(|_| wrong("idx"))?,
    };
    Ok((id, Tile::from_bytes(hashes).map_err(|_| wrong("hashes"))?))
}

fn tile_index(id: TileId) -> Result<i64, Error> {
    i64::try_from(id.index).map_err(|_| Error::Ledger("the log is full".to_owned()))
}

pub(crate) fn salt_of(bytes: &[u8]) -> Result<[u8; 32], Error> {
    bytes.try_into().map_err(|_| Error::Inconsistent { table: "event", column: "salt" })
}

/// An event as it stands in the ledger, with what proves it.
pub struct Recorded {
    /// Its position.
    pub index: u64,
    /// Its encoded bytes.
    pub body: Vec<u8>,
    /// Its salt.
    pub salt: [u8; 32],
    /// The tree's size the proof is for.
    pub size: u64,
    /// The inclusion proof.
    pub hashes: Vec<ledger::Hash>,
    /// The checkpoint that signs that size.
    pub checkpoint: String,
    /// The name of the log it stands in: a receipt signed under another's stays a promise.
    pub log: String,
}

impl Recorded {
    /// The event, decoded.
    pub fn event(&self) -> Result<Event, Error> {
        Event::decode(&self.body).map_err(|_| Error::Inconsistent { table: "event", column: "body" })
    }
}

/// The proof of one event against the first checkpoint signed after it, in the log where it stands; `None` until it is
/// integrated and signed.
pub(crate) async fn recorded(
    conn: &mut Conn,
    keys: &crate::keys::KeyFolder,
    event: model::EventId,
) -> Result<Option<Recorded>, Error> {
    #[derive(sqlx::FromRow)]
    struct Stored {
        idx: i64,
        log: Option<i64>,
        salt: Option<Vec<u8>>,
        body: Option<Vec<u8>>,
    }
    #[derive(sqlx::FromRow)]
    struct Note {
        note: String,
    }
    let present = "SELECT idx, CAST(NULL AS BIGINT) AS log, salt, body FROM event WHERE id = $1";
    let mut row: Option<Stored> = conn.maybe(present, binds![event]).await?;
    if row.is_none() && !keys.old_logs().is_empty() {
        row = conn.maybe("SELECT idx, log, salt, body FROM old_event WHERE id = $1", binds![event]).await?;
    }
    let Some(Stored { idx, log, salt: Some(salt), body: Some(body) }) = row else { return Ok(None) };
    let (sql, binds) = match log {
        None => ("SELECT note FROM checkpoint WHERE size > $1 ORDER BY size LIMIT 1", binds![idx]),
        Some(log) => {
            ("SELECT note FROM old_checkpoint WHERE size > $1 AND log = $2 ORDER BY size LIMIT 1", binds![idx, log])
        }
    };
    let note: Option<Note> = conn.maybe(sql, binds).await?;
    let Some(Note { note: checkpoint }) = note else { return Ok(None) };
    let verifier = match log {
        // A database that was put back ends in an old log until a new one is begun on it.
        None => head(conn)
            .await?
            .1
            .parse()
            .map_err(|_| Error::Inconsistent { table: "installation", column: "verifier" })?,
        Some(log) => old_verifier(keys, log)?,
    };
    let signed = Checkpoint::open(&checkpoint, &verifier).map_err(|e| Error::Ledger(e.to_string()))?;
    let index = u64::try_from(idx).map_err(|_| Error::Inconsistent { table: "event", column: "idx" })?;
    let mut tiles = BTreeMap::new();
    for id in ledger::inclusion_tiles(index, signed.size) {
        tiles.extend(tile_of(conn, log, id).await?);
    }
    let hashes = ledger::inclusion(index, signed.size, &tiles).map_err(|e| Error::Ledger(e.to_string()))?;
    let log = verifier.name().to_owned();
    Ok(Some(Recorded { index, body, salt: salt_of(&salt)?, size: signed.size, hashes, checkpoint, log }))
}

fn old_verifier(keys: &crate::keys::KeyFolder, log: i64) -> Result<ledger::VerifierKey, Error> {
    let at = usize::try_from(log.saturating_sub(1)).ok();
    let old = at.and_then(|at| keys.old_logs().get(at));
    old.map(|old| old.verifier.clone()).ok_or(Error::Inconsistent { table: "old_event", column: "log" })
}
