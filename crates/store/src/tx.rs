//! The transaction that is the store's only door.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::Outcome;
use model::{AgencyId, CaseId, EntryId, MemberId, Micros};
use policy::{Action, Grant, Principal, Scope};
use uuid::Uuid;

use crate::act::{Act, SecurityRow};
use crate::db::{Conn, binds};
use crate::error::Error;
use crate::events::push_events;
use crate::keys::{Cipher, EndedOne, Key, KeyPurpose, Place};
use crate::store::{Store, actor};

/// An open transaction. Dropped without `commit` it rolls back and leaves an "abandoned" event.
pub struct Tx {
    open: Option<Conn>,
    pub(crate) store: Store,
    principal: Principal,
    actions: Vec<Action>,
    scope: Scope,
    read_only: bool,
    abandoned: Option<Act>,
    rows: Vec<SecurityRow>,
    ended: Vec<EndedOne>,
    /// Keys made here. The store's ring learns keys from committed rows only: one that was rolled back would seal what a
    /// second try keeps, and nobody could open it.
    made_agencies: HashMap<(AgencyId, KeyPurpose), Arc<Key>>,
    made_cases: HashMap<CaseId, Arc<Cipher>>,
}

impl Tx {
    pub(crate) fn new(store: Store, conn: Conn, grant: &Grant, read_only: bool) -> Self {
        let abandoned = store.act_of(
            actor(grant.principal()),
            grant.action().word(),
            ("transaction", Uuid::nil()),
            Outcome::Abandoned,
            grant.policies(),
            grant.request(),
        );
        Self {
            open: Some(conn),
            principal: grant.principal().clone(),
            actions: vec![grant.action()],
            scope: *grant.scope(),
            store,
            read_only,
            abandoned: Some(abandoned),
            rows: Vec::new(),
            ended: Vec::new(),
            made_agencies: HashMap::new(),
            made_cases: HashMap::new(),
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
        }
        done
    }

    /// Lets a further grant of the same person and scope act here too: cases are opened and submitted to at once.
    ///
    /// # Errors
    /// [`Error::WrongGrant`] when it is somebody else's or reaches elsewhere.
    pub fn also(&mut self, grant: &Grant) -> Result<(), Error> {
        if *grant.principal() != self.principal || *grant.scope() != self.scope {
            return Err(Error::WrongGrant {
                granted: grant.action().word(),
                needed: "one of the same person and reach",
            });
        }
        if !self.actions.contains(&grant.action()) {
            self.actions.push(grant.action());
        }
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
        self.open.take().ok_or(Error::Closed)?.commit().await?;
        self.abandoned = None;
        Ok(())
    }

    pub(crate) fn conn(&mut self) -> Result<&mut Conn, Error> {
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
            .conn()?
            .maybe(
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
            .conn()?
            .maybe(
                "SELECT version, wrapped FROM case_key WHERE case_id = $1 AND agency = $2 ORDER BY version DESC",
                binds![case, agency],
            )
            .await?;
        let row = row.ok_or(Error::NotFound("case"))?; // of this agency
        let version = u32::try_from(row.version).map_err(|_| Error::Seal("a key version is a u32"))?;
        let key = self.agency_key(agency, KeyPurpose::Data).await?;
        self.store.0.ring.learn_case(&key, agency, case, version, &row.wrapped)
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
        if let Some(act) = self.abandoned.take() {
            self.store.abandon(act);
        }
    }
}
