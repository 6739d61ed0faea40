//! Reads a ledger again, row by row, and names what is wrong with it.
//!
//! It trusts the key it is given and the checkpoint kept beside that key, and nothing in the database.

use std::collections::BTreeMap;
use std::fmt;

use uuid::Uuid;

use crate::checkpoint::Checkpoint;
use crate::digest::{bind_digest, leaf_hash};
use crate::event::{Event, Outcome, Verb};
use crate::finding::{Findings, Rank, Verdict};
use crate::new_log::{OLD_LOGS, OldLog, old_logs};
use crate::note::VerifierKey;
use crate::roots::Roots;
use crate::security::{Newest, SecurityRow};
use crate::strips::Strips;
use crate::tile::{Tile, TileId};
use crate::tree::Hash;

/// One row of the ledger as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its position, from 0.
    pub index: i64,
    /// Its id column.
    pub event_id: Uuid,
    /// Its leaf hash column.
    pub leaf: Hash,
    /// The event's bytes; none when it was purged.
    pub body: Option<Vec<u8>>,
    /// The event's salt; none when it was purged.
    pub salt: Option<[u8; 32]>,
}

impl fmt::Debug for LedgerRow {
    /// Without the salt, which must not outlive its row anywhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerRow").field("index", &self.index).field("id", &self.event_id).finish_non_exhaustive()
    }
}

/// What the database keeps of a log beside its rows and tiles.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kept<'a> {
    /// The size it counts.
    pub size: u64,
    /// The newest checkpoint it stores, as text.
    pub checkpoint: Option<&'a str>,
}

/// An audit under way. Give it every row in the order of positions and every stored tile in any order, then finish.
/// Where a database was put back there are old logs: give each in its order, and [`Auditor::next_log`] after it.
///
/// It keeps no rows: a frontier, the last leaf hashes, four bytes a hash of tiles not yet compared (give the tiles
/// between their rows and that is nothing), the purged ids not yet explained and one digest a security row.
#[derive(Debug)]
pub struct Auditor {
    key: VerifierKey,
    kept: Option<Checkpoint>,
    kept_root: Option<Hash>,
    next: u64,
    roots: Roots,
    strips: Strips,
    /// Under the old log's number, 0 for the present one.
    purged: BTreeMap<Uuid, (u64, u64)>,
    newest: Newest,
    findings: Findings,
    old: Vec<OldLog>,
    /// The number of the log under way when it is an old one, otherwise 0.
    number: u64,
}

impl Auditor {
    /// Begins. `kept` is the last checkpoint signed here, from beside the keys, already opened.
    pub fn new(key: VerifierKey, kept: Option<Checkpoint>) -> Self {
        let mut auditor = Self {
            key,
            kept,
            kept_root: None,
            next: 0,
            roots: Roots::default(),
            strips: Strips::new(),
            purged: BTreeMap::new(),
            newest: Newest::default(),
            findings: Findings::default(),
            old: Vec::new(),
            number: 0,
        };
        auditor.remember_kept();
        auditor
    }

    /// Begins with the first of several logs. `kept` is the newest checkpoint ever signed in it.
    pub fn of_several(key: VerifierKey, kept: Option<Checkpoint>) -> Self {
        let mut auditor = Self::new(key, kept);
        auditor.begin(1);
        auditor
    }

    /// Ends the log under way, an old one, and begins the next: the last one when `last`. `signed` is the text of the
    /// newest checkpoint ever signed in the old one, from beside the keys; the next log's first event must bind it.
    pub fn next_log(
        &mut self,
        old: Kept<'_>,
        signed: Option<&str>,
        (key, kept): (VerifierKey, Option<Checkpoint>),
        last: bool,
    ) {
        self.end_log(old);
        self.old.push(OldLog {
            origin: self.key.name().to_owned(),
            held: self.roots.size(),
            root: self.roots.root(),
            signed: signed.map(str::to_owned),
        });
        (self.key, self.kept, self.kept_root, self.next) = (key, kept, None, 0);
        (self.roots, self.strips) = (Roots::default(), Strips::new());
        let next = u64::try_from(self.old.len()).unwrap_or(u64::MAX).saturating_add(1);
        self.begin(if last { 0 } else { next });
        self.remember_kept();
    }

    fn begin(&mut self, number: u64) {
        self.number = number;
        self.findings.of_old_log((number > 0).then_some(number));
    }

    /// The next row, in the order of positions.
    pub fn row(&mut self, row: LedgerRow) {
        let Ok(position) = u64::try_from(row.index) else {
            let message = format!("a row stands at position {}; positions begin at 0", row.index);
            return self.findings.add(Rank::Event(0), "position-negative", format!("event {}", row.index), message);
        };
        if position < self.next {
            let what = ": the row comes twice, or after a later one";
            return self.findings.event(position, "position-order", what);
        }
        if position > self.next {
            let what = format!(" is missing: the next row stands at position {position}");
            self.findings.event(self.next, "position-gap", &what);
        }
        if self.roots.size() == position {
            self.roots.push(row.leaf);
            self.remember_kept();
        }
        self.next = position.saturating_add(1);
        self.strips.leaf(position, row.leaf, &mut self.findings);
        self.read(position, &row);
    }

    /// A stored tile.
    pub fn tile(&mut self, id: TileId, tile: Tile) {
        self.strips.tile(id, &tile, &mut self.findings);
    }

    fn remember_kept(&mut self) {
        if self.kept.as_ref().is_some_and(|kept| kept.size == self.roots.size()) {
            self.kept_root = Some(self.roots.root());
        }
    }

    /// Checks a row by itself and learns what its event says of others. An event that is not what its leaf says is
    /// not believed.
    fn read(&mut self, position: u64, row: &LedgerRow) {
        let (body, salt) = match (&row.body, row.salt) {
            (Some(body), Some(salt)) => (body, salt),
            (Some(_), None) => return self.findings.event(position, "salt-missing", ": it has its bytes and no salt"),
            (None, salt) => {
                if salt.is_some() {
                    self.findings.event(position, "salt-kept", ": it was purged and its salt was not");
                }
                if self.purged.insert(row.event_id, (self.number, position)).is_some() {
                    self.findings.event(position, "event-id-twice", ": an earlier purged row has the same id");
                }
                if position == 0 && !self.old.is_empty() {
                    self.unbound();
                }
                return;
            }
        };
        if leaf_hash(&salt, body) != row.leaf {
            return self.findings.event(position, "event-changed", ": its bytes do not give its leaf hash");
        }
        match Event::decode(body) {
            Err(error) => self.findings.event(position, "event-unreadable", &format!(": {error}")),
            Ok(event) if Uuid::from(event.id) != row.event_id => {
                self.findings.event(position, "event-id-differs", ": its id column is not the id in its bytes");
            }
            Ok(event) => self.learn(position, salt, event),
        }
    }

    fn unbound(&mut self) {
        let what = " does not bind the old logs as they are held here and as they were signed last";
        self.findings.event(0, "new-log-unbound", what);
    }

    fn learn(&mut self, position: u64, salt: [u8; 32], event: Event) {
        if position == 0 && !self.old.is_empty() {
            let digest = bind_digest(&salt, OLD_LOGS, &old_logs(&self.old));
            if !event.binds.iter().any(|b| b.what == OLD_LOGS && b.digest == digest) {
                self.unbound();
            }
        }
        if event.verb == Verb::PURGE && event.outcome == Outcome::Done {
            for id in event.shown.iter().chain([&event.object.id]) {
                self.purged.remove(id);
            }
        }
        for row in event.rows {
            self.newest.learn(row, salt, position);
        }
    }

    /// Ends the audit. `size` is the size the database keeps, `checkpoint` the signed note it keeps, `rows` every row
    /// of every security table.
    pub fn finish(
        mut self,
        size: u64,
        checkpoint: Option<&str>,
        rows: impl IntoIterator<Item = SecurityRow>,
    ) -> Verdict {
        let mut unexplained: Vec<_> = std::mem::take(&mut self.purged).into_values().collect();
        unexplained.sort_unstable();
        for (log, position) in unexplained {
            self.findings.of_old_log((log > 0).then_some(log));
            self.findings.event(position, "purge-without-event", ": it was purged and no later purge event names it");
        }
        self.begin(0);
        if self.next == 0 && !self.old.is_empty() {
            let message = "no event of the present log is here: the database ends in an older one".to_owned();
            self.findings.add(Rank::Event(0), "new-log-missing", "event 0".to_owned(), message);
        }
        let signed = self.end_log(Kept { size, checkpoint });
        for row in rows {
            self.newest.check(&row, &mut self.findings);
        }
        self.newest.finish(&mut self.findings);
        let (findings, left_out) = self.findings.finish();
        Verdict { size: self.roots.size(), root: self.roots.root(), signed, findings, left_out }
    }

    /// What can be said of one log when all of it was given.
    fn end_log(&mut self, Kept { size, checkpoint }: Kept<'_>) -> Option<u64> {
        self.check_size(size);
        let signed = self.check_checkpoint(size, checkpoint);
        self.check_kept(size);
        std::mem::replace(&mut self.strips, Strips::new()).finish(&mut self.findings);
        signed
    }

    fn check_size(&mut self, size: u64) {
        let rows = self.next;
        if rows < size {
            let what =
                format!(" and all after it are missing: the ledger counts {size} events, its rows end at {rows}");
            self.findings.event(rows, "tail-missing", &what);
        } else if rows > size {
            self.findings.event(size, "tail-surplus", &format!(" is beyond the end: the ledger counts {size} events"));
        }
    }

    /// Returns how many events the checkpoint covers when its signature verifies.
    fn check_checkpoint(&mut self, size: u64, text: Option<&str>) -> Option<u64> {
        // Nobody can sign an old log any more; the next log's first event stands for what is held of it.
        let present = self.number == 0;
        let mut tell = |code, message| self.findings.add(Rank::Checkpoint, code, "checkpoint".to_owned(), message);
        let Some(text) = text else {
            if present && (size > 0 || self.next > 0) {
                tell("checkpoint-missing", "no checkpoint is stored: no signature stands for these events".to_owned());
            }
            return None;
        };
        let signed = match Checkpoint::open(text, &self.key) {
            Ok(signed) => signed,
            Err(error) => {
                tell("checkpoint-invalid", format!("the stored checkpoint does not verify: {error}"));
                return None;
            }
        };
        if signed.size > size.min(self.next) {
            let have = size.min(self.next);
            tell(
                "checkpoint-ahead",
                format!("the signed checkpoint stands for {} events, the ledger has {have}", signed.size),
            );
        } else if signed.size <= self.roots.size() {
            match self.roots.at(signed.size) {
                Some(root) if root == signed.root => (),
                Some(_) => tell(
                    "root-differs",
                    format!("the first {} events do not give the root that was signed for them", signed.size),
                ),
                None if !present => (),
                None => tell(
                    "checkpoint-old",
                    format!(
                        "the signed checkpoint stands for {} of {size} events: sign again, then verify",
                        signed.size
                    ),
                ),
            }
        }
        Some(signed.size)
    }

    fn check_kept(&mut self, size: u64) {
        let Some(kept) = &self.kept else { return };
        let mut tell = |code, message| self.findings.add(Rank::Checkpoint, code, "kept checkpoint".to_owned(), message);
        if kept.origin != self.key.name() {
            tell(
                "kept-of-another-log",
                "the checkpoint kept beside the keys is of another log than the key".to_owned(),
            );
        }
        if size < kept.size && self.number > 0 {
            // Lost when the database was put back: the next log's first event says so by binding that checkpoint.
        } else if size < kept.size {
            let message = format!("the database is behind the last checkpoint signed here: {size} of {}", kept.size);
            tell("behind-kept-checkpoint", message);
        } else if self.kept_root.is_some_and(|root| root != kept.root) {
            let message = format!("the first {} events are not those of the last checkpoint signed here", kept.size);
            tell("forked-from-kept-checkpoint", message);
        }
    }
}
