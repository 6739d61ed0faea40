//! Opening the store. `begin`, `view` and `refuse` are its only doors.

use std::sync::{Arc, OnceLock};

use ledger::{Actor, Event, Outcome, Verb};
use model::{AgencyId, CaseId, Chance, Clock, ConflictId, EventId, Micros, RequestId, SpaceId, Token};
use policy::{Denied, Grant};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::act::Act;
use crate::db::{Conn, Engine, binds};
use crate::error::Error;
use crate::events::{Notary, push_events};
use crate::keys::{KeyFolder, Ring};
use crate::migrate::{self, Schema};
use crate::pools::{Place, Pools, Settings, connect};
use crate::rows::installation::Installation;
use crate::trace::Trace;
use crate::tx::Tx;

pub(crate) struct Inner {
    pub(crate) place: Place,
    pub(crate) pools: Pools,
    pub(crate) keys: KeyFolder,
    pub(crate) ring: Ring,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) notary: Notary,
    /// Counts the transactions of this process that may be news to somebody.
    pub(crate) news: watch::Sender<u64>,
    /// Never changes once made; read once, so that no transaction waits for a second connection to learn it.
    pub(crate) installation: OnceLock<Installation>,
    trace: Option<Trace>,
    origin: String,
    dropped: mpsc::UnboundedSender<Act>,
    lost: tokio::sync::Mutex<mpsc::UnboundedReceiver<Act>>,
}

/// An open store. Cheap to clone.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Inner>);

impl Store {
    /// Opens the database, brings its schema up to date and checks that these keys belong to it.
    ///
    /// `origin` says where acts come from (CJIS AU-3), for example "command line".
    ///
    /// # Errors
    /// [`Error::WrongKeys`] when the check value differs; database and migration errors.
    pub async fn open(
        place: &Place,
        settings: Settings,
        keys: KeyFolder,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        origin: &str,
    ) -> Result<Self, Error> {
        let pools = connect(place, &settings)?;
        migrate::migrate(&pools, settings.partitioned, migrate::newest(), |_, _| ()).await?;
        let folder = keys.path().to_owned();
        let sources = (clock, chance);
        let store = Self::assemble(place, settings.clone(), pools, keys, sources.clone(), origin)?;
        match store.check_keys().await {
            // A crash came between the database's new log and the folder's: it is finished here.
            Err(Error::OldLog) => {
                store.0.pools.written_through().await?; // what was read of the new log is on the disk before the folder says so
                store.keys().begin_next_log()?;
                let pools = connect(place, &settings)?;
                store.close().await;
                let store = Self::assemble(place, settings, pools, KeyFolder::open(&folder)?, sources, origin)?;
                store.check_keys().await?;
                Ok(store)
            }
            checked => checked.map(|()| store),
        }
    }

    /// Where the schema of a database stands. Nothing is changed.
    ///
    /// # Errors
    /// The database does not open.
    pub async fn schema(place: &Place) -> Result<Schema, Error> {
        migrate::schema(place).await
    }

    /// Brings the schema up to date; `told` hears of each migration, by version and name, before it runs. A migration
    /// holds no row of anybody, so it needs no keys.
    ///
    /// # Errors
    /// [`Error::Newer`] when the database is of a newer program; database and migration errors.
    pub async fn migrate(
        place: &Place,
        settings: &Settings,
        told: impl FnMut(i64, &'static str),
    ) -> Result<Schema, Error> {
        let pools = connect(place, settings)?;
        let done = migrate::migrate(&pools, settings.partitioned, migrate::newest(), told).await;
        pools.close().await;
        done?;
        migrate::schema(place).await
    }

    /// A store before it is known whether these keys are the database's.
    pub(crate) fn assemble(
        place: &Place,
        settings: Settings,
        pools: Pools,
        mut keys: KeyFolder,
        (clock, chance): (Arc<dyn Clock>, Arc<dyn Chance>),
        origin: &str,
    ) -> Result<Self, Error> {
        let ring = keys.take_ring()?;
        let (dropped, lost) = mpsc::unbounded_channel();
        Ok(Self(Arc::new(Inner {
            place: place.clone(),
            pools,
            keys,
            ring,
            clock,
            chance,
            notary: Notary::default(),
            news: watch::Sender::new(0),
            installation: OnceLock::new(),
            trace: settings.trace,
            origin: origin.to_owned(),
            dropped,
            lost: lost.into(),
        })))
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match self.0.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Changes after every transaction of this process that may have brought somebody something new. It says "look again"
    /// and nothing else: the rows are the truth, and another process's transactions do not show here.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.news.subscribe()
    }

    /// The time.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// The chance.
    pub fn chance(&self) -> &dyn Chance {
        &*self.0.chance
    }

    /// The key folder: signing key, kept checkpoint.
    pub fn keys(&self) -> &KeyFolder {
        &self.0.keys
    }

    /// Every live token space, oldest first.
    pub fn spaces(&self) -> Vec<SpaceId> {
        self.0.ring.spaces()
    }

    /// The fingerprint of a match key in one space.
    pub fn token(&self, space: SpaceId, text: &str) -> Result<Token, Error> {
        self.0.ring.token(space, text)
    }

    /// What the words are taken from that the side of this case says on the telephone about this conflict. The same for
    /// whoever holds these keys, whenever.
    pub fn call_proof(&self, conflict: ConflictId, agency: AgencyId, case: CaseId) -> [u8; 32] {
        self.0.ring.call_proof(conflict, agency, case)
    }

    pub(crate) async fn writing(&self) -> Result<Conn, Error> {
        Ok(Conn::new(self.0.pools.begin_writing().await?, self.0.trace.clone()))
    }

    pub(crate) async fn reading(&self) -> Result<Conn, Error> {
        Ok(Conn::new(self.0.pools.begin_reading().await?, self.0.trace.clone()))
    }

    /// A transaction that may write. The grant's scope goes into every statement.
    pub async fn begin(&self, grant: &Grant) -> Result<Tx, Error> {
        let mut tx = self.prepare(grant);
        tx.conn().await?;
        Ok(tx)
    }

    /// The same, begun with its first statement: what is sealed before it holds nobody up, where SQLite has one writer.
    pub fn prepare(&self, grant: &Grant) -> Tx {
        Tx::new(self.clone(), grant, false)
    }

    /// A transaction that only reads: on SQLite it does not hold the one write lock. It too ends in `commit(act)`, or its
    /// act is that of the look that follows ([`crate::HeldElsewhere`]).
    pub async fn view(&self, grant: &Grant) -> Result<Tx, Error> {
        let mut tx = Tx::new(self.clone(), grant, true);
        tx.conn().await?;
        Ok(tx)
    }

    /// Records a refusal: refusals leave events too.
    pub async fn refuse(&self, denied: &Denied, object: (&str, Uuid)) -> Result<(), Error> {
        let actor = actor(denied.principal());
        let act =
            self.act_of(actor, denied.action().word(), object, Outcome::Refused, denied.policies(), denied.request());
        self.0.notary.note(self, act).await
    }

    /// The act of a grant: what `commit` writes into the ledger.
    pub fn act(&self, grant: &Grant, object: (&str, Uuid)) -> Act {
        self.act_of(
            actor(grant.principal()),
            grant.action().word(),
            object,
            Outcome::Done,
            grant.policies(),
            grant.request(),
        )
    }

    pub(crate) fn act_of(
        &self,
        actor: Actor,
        verb: &'static str,
        object: (&str, Uuid),
        outcome: Outcome,
        policy: &str,
        request: RequestId,
    ) -> Act {
        let mut salt = [0; 32];
        self.chance().fill(&mut salt);
        let event = Event {
            id: EventId::new(self.clock(), self.chance()),
            at: self.clock().now(),
            actor,
            verb: Verb::new(verb),
            object: ledger::Object { kind: object.0.to_owned(), id: object.1 },
            outcome,
            policy: policy.to_owned(),
            request: request.into(),
            origin: self.0.origin.clone(),
            binds: Vec::new(),
            rows: Vec::new(),
            shown: Vec::new(),
        };
        Act { event, salt, submission: None }
    }

    pub(crate) fn abandon(&self, act: Act) {
        // The receiver lives as long as the store; a closed channel means the process is ending.
        let _ = self.0.dropped.send(act);
    }

    /// Writes events for transactions that were opened and then dropped: somebody may have read. Called by the sweeper
    /// and before a command ends.
    pub async fn note_abandoned(&self) -> Result<usize, Error> {
        let mut acts = Vec::new();
        {
            let mut lost = self.0.lost.lock().await;
            while let Ok(act) = lost.try_recv() {
                acts.push(act);
            }
        }
        let n = acts.len();
        if n > 0 {
            let written = async {
                let mut conn = self.writing().await?;
                push_events(&mut conn, &acts.iter().collect::<Vec<_>>()).await?;
                conn.commit().await
            }
            .await;
            if written.is_err() {
                acts.into_iter().for_each(|act| self.abandon(act)); // the next round writes them
            }
            written?;
        }
        Ok(n)
    }

    /// Takes or keeps the named lease; false when someone else holds it. It only saves work: what is safe are the keys.
    pub async fn lease(&self, name: &str, owner: Uuid, seconds: i64) -> Result<bool, Error> {
        #[derive(sqlx::FromRow)]
        struct Owner {
            owner: Uuid,
        }
        let now = self.clock().now();
        let mut conn = self.writing().await?;
        let held: Vec<Owner> = conn
            .rows(
                "INSERT INTO lease (name, owner, until_us) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_us = excluded.until_us
                 WHERE lease.until_us < $4 OR lease.owner = excluded.owner RETURNING owner",
                binds![name, owner, now.plus_seconds(seconds), now],
            )
            .await?;
        conn.commit().await?;
        Ok(held.first().is_some_and(|h| h.owner == owner))
    }

    /// Closes every connection; SQLite then folds its write-ahead log into the one file, which can be copied.
    pub async fn close(&self) {
        self.0.pools.close().await;
    }

    pub(crate) fn now(&self) -> Micros {
        self.clock().now()
    }
}

/// Who acts, as the ledger writes it.
pub(crate) fn actor(principal: &policy::Principal) -> Actor {
    let named = !Uuid::from(principal.member).is_nil();
    Actor {
        standing: policy::standing_words(principal),
        member: named.then_some(principal.member),
        agency: named.then_some(principal.agency),
    }
}
