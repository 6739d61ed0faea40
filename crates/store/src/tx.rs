//! The transaction that is the store's only door.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::Outcome;
use model::{AgencyId, CaseId, EntryId, MemberId, Micros};
use policy::{Action, Grant, Principal, Scope};
use uuid::Uuid;

use crate::act::{Act, SecurityRow};
use crate::db::{Conn, Row, Value, binds};
use crate::error::Error;
use crate::events::push_events;
use crate::keys::{Cipher, EndedOne, Key, KeyPurpose, Place};
use crate::rows::agencies::{AgencyRow, MemberRow};
use crate::store::{Store, actor};

static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// An open transaction. Dropped without `commit` it rolls back and leaves an "abandoned" event.
pub struct Tx {
    /// `None` until the first statement, with which it begins.
    open: Option<Conn>,
    /// It was begun: somebody may have read.
    begun: bool,
    /// By which what is sealed here is known again.
    number: u64,
    pub(crate) store: Store,
    principal: Principal,
    /// Further grants that act here: whose, and for what.
    colleagues: BTreeSet<(MemberId, &'static str)>,
    actions: Vec<Action>,
    scope: Scope,
    read_only: bool,
    abandoned: Option<Act>,
    rows: Vec<SecurityRow>,
    ended: Vec<EndedOne>,
    /// What it writes may be news to somebody who waits.
    tells: bool,
    /// Keys made here. The store's ring learns keys of committed rows only: one that was rolled back would seal what a
    /// second try keeps, and nobody could open it.
    made_agencies: HashMap<(AgencyId, KeyPurpose), Arc<Key>>,
    made_cases: HashMap<CaseId, Arc<Cipher>>,
    /// Cases whose keys were made and written here.
    written_keys: Vec<(AgencyId, CaseId)>,
    /// Read once: what is decided in one transaction is decided on one state.
    pub(crate) agencies_read: HashMap<Uuid, AgencyRow>,
    pub(crate) members_read: HashMap<Uuid, MemberRow>,
}

impl Tx {
    pub(crate) fn new(store: Store, grant: &Grant, read_only: bool) -> Self {
        let abandoned = store.act_of(
            actor(grant.principal()),
            grant.action().word(),
            ("transaction", Uuid::nil()),
            Outcome::Abandoned,
            grant.policies(),
            grant.request(),
        );
        Self {
            open: None,
            begun: false,
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            principal: grant.principal().clone(),
            colleagues: BTreeSet::new(),
            actions: vec![grant.action()],
            scope: *grant.scope(),
            store,
            read_only,
            abandoned: Some(abandoned),
            rows: Vec::new(),
            ended: Vec::new(),
            tells: false,
            made_agencies: HashMap::new(),
            made_cases: HashMap::new(),
            written_keys: Vec::new(),
            agencies_read: HashMap::new(),
            members_read: HashMap::new(),
        }
    }

    /// Keeps everything done here, together with its act; or, for a view, records what was seen.
    ///
    /// # Errors
    /// [`Error::Failed`] when a statement failed: nothing is kept.
    pub async fn commit(self, act: Act) -> Result<(), Error> {
        self.commit_all(act, Vec::new()).await
    }

    /// The same for a transaction in which several acts were done at once: every one stands in the ledger by itself, as
    /// if it had been alone. The first binds the security rows.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub async fn commit_all(mut self, mut act: Act, others: Vec<Act>) -> Result<(), Error> {
        self.conn().await?;
        let mut conn = self.open.take().ok_or(Error::Closed)?;
        if conn.failed() {
            return Err(Error::Failed); // both are dropped: rolled back, and noted as abandoned
        }
        for row in &self.rows {
            act.digest_row(row);
        }
        let done = if self.read_only {
            conn.commit().await?; // ends the snapshot first: on SQLite it would hold back the checkpoint
            for one in std::iter::once(act).chain(others) {
                self.store.0.notary.note(&self.store, one).await?;
            }
            Ok(())
        } else {
            push_events(&mut conn, &std::iter::once(&act).chain(&others).collect::<Vec<_>>()).await?;
            self.keep(conn).await
        };
        if done.is_ok() {
            self.abandoned = None;
            for (agency, case) in std::mem::take(&mut self.written_keys) {
                if let Some(cipher) = self.made_cases.remove(&case) {
                    // What is not remembered is read from its row.
                    let _ = self.store.0.ring.keep_case(agency, case, cipher);
                }
            }
            if self.tells {
                self.store.0.news.send_modify(|n| *n = n.wrapping_add(1)); // after the commit: who wakes must find it
            }
        }
        done
    }

    /// What this transaction writes may be news: who waits looks again once it is kept.
    pub(crate) fn tells(&mut self) {
        self.tells = true;
    }

    /// Lets a further grant of the same scope act here too: cases are opened and submitted to at once, and by several
    /// officers of one agency where each may reach all of it.
    ///
    /// # Errors
    /// [`Error::WrongGrant`] when it reaches elsewhere, or is somebody else's who reaches less than the agency.
    pub fn also(&mut self, grant: &Grant) -> Result<(), Error> {
        let who = grant.principal();
        let colleague = who.agency == self.principal.agency && matches!(self.scope, Scope::OwnAgency(_));
        if *grant.scope() != self.scope || (*who != self.principal && !colleague) {
            return Err(Error::WrongGrant {
                granted: grant.action().word(),
                needed: "one of the same person and reach",
            });
        }
        // A colleague's grant opens what is done in the colleague's name, and no method by itself.
        if *who == self.principal && !self.actions.contains(&grant.action()) {
            self.actions.push(grant.action());
        }
        self.colleagues.insert((who.member, grant.action().word()));
        Ok(())
    }

    /// Commits. What ends is remembered beside the keys first, so that a restore cannot bring it back to life.
    async fn keep(&self, conn: Conn) -> Result<(), Error> {
        if self.ended.is_empty() {
            return conn.commit().await;
        }
        let (keys, now) = (self.store.keys(), self.now());
        keys.note_ended(now, &self.ended, false)?;
        let done = conn.commit().await;
        // Certainly not kept; a connection that broke leaves it in doubt.
        if done.as_ref().is_err_and(Error::is_retryable) {
            keys.note_ended(now, &self.ended, true)?;
        }
        done
    }

    /// This transaction ends an entry, or the case itself.
    pub(crate) fn ends(&mut self, case: CaseId, entry: Option<EntryId>, code: i64) {
        self.ended.push(EndedOne { case, entry, code });
    }

    /// Ends a view whose act is committed by the transaction that follows it.
    pub(crate) async fn end_view(mut self) -> Result<(), Error> {
        self.end_snapshot().await?;
        self.stands_in_another();
        Ok(())
    }

    /// Ends what a view reads from; its trace is still to be left, by its drop or by the act of another.
    pub(crate) async fn end_snapshot(&mut self) -> Result<(), Error> {
        match self.open.take() {
            Some(conn) => conn.commit().await,
            None => Ok(()),
        }
    }

    /// What was read here is recorded by another transaction's act.
    pub(crate) fn stands_in_another(&mut self) {
        self.abandoned = None;
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// What another transaction sealed is not written here: it says who acts, and may be under keys made there.
    pub(crate) fn sealed_here(&self, number: u64) -> Result<(), Error> {
        if number == self.number {
            return Ok(());
        }
        Err(Error::WrongGrant { granted: "what another transaction sealed", needed: "what this one did" })
    }

    /// The connection; the first call begins the transaction.
    pub(crate) async fn conn(&mut self) -> Result<&mut Conn, Error> {
        if self.open.is_none() {
            // On the heap: what begins a transaction is large, and this is a part of every method of it.
            let (store, read_only) = (self.store.clone(), self.read_only);
            let conn = Box::pin(async move { if read_only { store.reading().await } else { store.writing().await } });
            self.open = Some(conn.await?);
            self.begun = true;
        }
        self.open.as_mut().ok_or(Error::Closed)
    }

    pub(crate) fn now(&self) -> Micros {
        self.store.now()
    }

    /// Who acts.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    pub(crate) fn agency(&self) -> AgencyId {
        self.principal.agency
    }

    pub(crate) fn member(&self) -> MemberId {
        self.principal.member
    }

    /// Acts a grant of this member for one of these here?
    pub(crate) fn granted_to(&self, member: MemberId, actions: &[Action]) -> bool {
        actions.iter().any(|action| {
            (member == self.principal.member && self.actions.contains(action))
                || self.colleagues.contains(&(member, action.word()))
        })
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Store methods name the grant of their action: another grant does not open them.
    pub(crate) fn needs(&self, allowed: &[Action]) -> Result<(), Error> {
        if self.actions.iter().any(|granted| allowed.contains(granted)) {
            return Ok(());
        }
        let granted = self.actions.first().map_or("nothing", |a| a.word());
        Err(Error::WrongGrant { granted, needed: allowed.first().map_or("anything", |a| a.word()) })
    }

    pub(crate) fn wrote(&mut self, row: SecurityRow) {
        self.agencies_read.clear();
        self.members_read.clear();
        self.rows.push(row);
    }

    pub(crate) fn made_agency_key(&mut self, agency: AgencyId, purpose: KeyPurpose, key: Key) -> Arc<Key> {
        let key = Arc::new(key);
        self.made_agencies.insert((agency, purpose), key.clone());
        key
    }

    pub(crate) fn made_case_key(&mut self, case: CaseId, cipher: Cipher) -> Arc<Cipher> {
        let cipher = Arc::new(cipher);
        self.made_cases.insert(case, cipher.clone());
        cipher
    }

    /// The keys that were made here for these cases are in the rows of this transaction.
    pub(crate) fn keeps_case_keys(&mut self, agency: AgencyId, cases: Vec<CaseId>) {
        self.written_keys.extend(cases.into_iter().map(|case| (agency, case)));
    }

    /// A row of keys, by a reader as long as this has not begun: a key not yet in memory begins nothing.
    async fn key_row<R: Row>(&mut self, sql: &'static str, binds: Vec<Value>) -> Result<Option<R>, Error> {
        if self.begun {
            return self.conn().await?.maybe(sql, binds).await;
        }
        let mut conn = self.store.reading().await?;
        let row = conn.maybe(sql, binds).await?;
        conn.commit().await?;
        Ok(row)
    }

    /// The agency's own key of this purpose, unwrapped.
    pub(crate) async fn agency_key(&mut self, agency: AgencyId, purpose: KeyPurpose) -> Result<Arc<Key>, Error> {
        if let Some(key) = self.made_agencies.get(&(agency, purpose)) {
            return Ok(key.clone());
        }
        if let Some(key) = self.store.0.ring.agency(agency, purpose) {
            return Ok(key);
        }
        #[derive(sqlx::FromRow)]
        struct Wrapped {
            wrapped: Vec<u8>,
        }
        let row: Option<Wrapped> = self
            .key_row(
                "SELECT wrapped FROM agency_key WHERE agency = $1 AND purpose = $2 ORDER BY version DESC",
                binds![agency, purpose.code()],
            )
            .await?;
        let row = row.ok_or(Error::Seal("this agency has no key"))?;
        self.store.0.ring.learn_agency(agency, purpose, &row.wrapped)
    }

    pub(crate) async fn agency_cipher(&mut self, agency: AgencyId) -> Result<Cipher, Error> {
        Ok(crate::keys::agency_cipher(&*self.agency_key(agency, KeyPurpose::Data).await?))
    }

    /// The case's own key, unwrapped by its agency's.
    pub(crate) async fn case_cipher(&mut self, agency: AgencyId, case: CaseId) -> Result<Arc<Cipher>, Error> {
        if let Some(cipher) = self.made_cases.get(&case) {
            return Ok(cipher.clone());
        }
        if let Some(cipher) = self.store.0.ring.case(agency, case) {
            return Ok(cipher);
        }
        #[derive(sqlx::FromRow)]
        struct Wrapped {
            version: i64,
            wrapped: Vec<u8>,
        }
        let row: Option<Wrapped> = self
            .key_row(
                "SELECT version, wrapped FROM case_key WHERE case_id = $1 AND agency = $2 ORDER BY version DESC",
                binds![case, agency],
            )
            .await?;
        let row = row.ok_or(Error::NotFound("case"))?; // of this agency
        let version = u32::try_from(row.version).map_err(|_| Error::Seal("a key version is a u32"))?;
        let key = self.agency_key(agency, KeyPurpose::Data).await?;
        self.store.0.ring.learn_case(&key, agency, case, version, &row.wrapped)
    }

    /// Reads the keys of these cases that are not in memory, all at once.
    pub(crate) async fn learn_case_keys(&mut self, of: &[(AgencyId, CaseId)]) -> Result<(), Error> {
        #[derive(sqlx::FromRow)]
        struct Wrapped {
            case_id: Uuid,
            agency: Uuid,
            version: i64,
            wrapped: Vec<u8>,
        }
        let known = |(agency, case): &(AgencyId, CaseId)| {
            self.made_cases.contains_key(case) || self.store.0.ring.case(*agency, *case).is_some()
        };
        let missing: BTreeSet<(CaseId, AgencyId)> = of.iter().filter(|c| !known(c)).map(|(a, c)| (*c, *a)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let keys = missing.into_iter().map(|(case, agency)| binds![case, agency]).collect();
        let rows: Vec<Wrapped> = self
            .conn().await?
            .join(
                "SELECT t.case_id, t.agency, t.version, t.wrapped FROM q CROSS JOIN case_key t WHERE t.case_id = q.a AND t.agency = q.b",
                keys,
            )
            .await?;
        let mut newest: BTreeMap<(Uuid, Uuid), Wrapped> = BTreeMap::new();
        for row in rows {
            let place = (row.agency, row.case_id);
            if newest.get(&place).is_none_or(|known| known.version < row.version) {
                newest.insert(place, row);
            }
        }
        for row in newest.into_values() {
            let version = u32::try_from(row.version).map_err(|_| Error::Seal("a key version is a u32"))?;
            let key = self.agency_key(row.agency.into(), KeyPurpose::Data).await?;
            self.store.0.ring.learn_case(&key, row.agency.into(), row.case_id.into(), version, &row.wrapped)?;
        }
        Ok(())
    }

    /// Seals under the case's key when there is a case, under the agency's otherwise.
    pub(crate) async fn seal(
        &mut self,
        case: Option<CaseId>,
        place: Place<'_>,
        clear: &[u8],
    ) -> Result<Vec<u8>, Error> {
        match case {
            Some(case) => self.case_cipher(place.agency, case).await?.seal(self.store.chance(), place, clear),
            None => self.agency_cipher(place.agency).await?.seal(self.store.chance(), place, clear),
        }
    }

    pub(crate) async fn open_sealed(
        &mut self,
        case: Option<CaseId>,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Error> {
        match case {
            Some(case) => self.case_cipher(place.agency, case).await?.open(place, sealed),
            None => self.agency_cipher(place.agency).await?.open(place, sealed),
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        // sqlx rolls the connection back; only the trace is ours to leave.
        if let Some(act) = self.abandoned.take().filter(|_| self.begun) {
            self.store.abandon(act);
        }
    }
}
