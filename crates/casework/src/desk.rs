//! The desk every verb stands at.

use std::path::PathBuf;
use std::sync::Arc;

use matching::Lists;
use model::{AgencyId, Chance, Clock, Invalid, RequestId};
use policy::{Action, Facts, Grant, Policies, Principal};
use store::{KeyFolder, Place, Settings, Store};
use uuid::Uuid;

use crate::clocks::Clocks;
use crate::courier::Couriers;
use crate::error::Error;
use crate::limits::Limits;

/// What it takes to open a desk.
pub struct Opening {
    /// Which database.
    pub place: Place,
    /// The key folder, outside the data folder.
    pub keys: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The chance.
    pub chance: Arc<dyn Chance>,
    /// Where acts come from (CJIS AU-3), for example "command line".
    pub origin: String,
    /// What only tests change.
    pub settings: Settings,
}

/// Store, policies, lists and clocks together. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    pub(crate) store: Store,
    pub(crate) policies: Arc<Policies>,
    pub(crate) lists: Arc<Lists>,
    pub(crate) clocks: Arc<Clocks>,
    pub(crate) couriers: Couriers,
    pub(crate) limits: Arc<Limits>,
}

/// Runs an idempotent async block again while its error is retryable. A macro, because a helper that takes
/// `impl AsyncFnMut()` gives a future that tokio::spawn and axum refuse ("`Send` is not general enough").
macro_rules! again {
    ($step:expr) => {{
        let mut tries = 8;
        loop {
            tries -= 1;
            let done: Result<_, crate::error::Error> = $step.await;
            match done {
                Err(crate::error::Error::Store(e)) if e.is_retryable() && tries > 0 => {}
                done => break done,
            }
        }
    }};
}
pub(crate) use again;

impl Desk {
    /// Opens database and keys.
    ///
    /// # Errors
    /// Keys that are not this database's, a database that does not open, policies that do not parse.
    pub async fn open(opening: Opening) -> Result<Self, Error> {
        let keys = KeyFolder::open(&opening.keys)?;
        let store =
            Store::open(&opening.place, opening.settings, keys, opening.clock, opening.chance, &opening.origin).await?;
        Ok(Self {
            store,
            policies: Arc::new(Policies::built_in().map_err(|e| Error::Policy(e.to_string()))?),
            lists: Arc::new(Lists::built_in()),
            clocks: Arc::new(Clocks::built_in().map_err(|e| Error::Policy(e.to_string()))?),
            couriers: Couriers::default(),
            limits: Arc::new(Limits::built_in().map_err(|e| Error::Policy(e.to_string()))?),
        })
    }

    /// The same desk with other lists: a site's own stop-lists and carrier ranges.
    #[must_use]
    pub fn with_lists(mut self, lists: Lists) -> Self {
        self.lists = Arc::new(lists);
        self
    }

    /// The same desk with what carries notices out of the portal ([`Desk::post`]).
    #[must_use]
    pub fn with_couriers(mut self, couriers: Couriers) -> Self {
        self.couriers = couriers;
        self
    }

    /// Has this desk what carries notices out of the portal?
    pub fn has_couriers(&self) -> bool {
        !self.couriers.is_empty()
    }

    /// Does mail go to members from here? A page says so before they choose.
    pub fn sends_mail(&self) -> bool {
        self.couriers.mail.is_some()
    }

    /// Are agencies' webhooks called from here?
    pub fn calls_webhooks(&self) -> bool {
        self.couriers.webhooks.is_some()
    }

    /// The same desk with other limits: a site's own.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = Arc::new(limits);
        self
    }

    /// The limits in force: a page says before it is asked how many values go in one go.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The store, for the command line's own questions.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A new request id.
    pub fn request(&self) -> RequestId {
        RequestId::new(self.store.clock(), self.store.chance())
    }

    /// The member named by id or e-mail address, as the operator of this machine asserts.
    pub async fn member(&self, reference: &str) -> Result<Principal, Error> {
        self.store.principal(reference).await?.ok_or(Error::NotFound("member"))
    }

    /// The agency of an id, which is believed, or of a whole public name.
    ///
    /// # Errors
    /// [`Error::Argument`] when no agency is named so, or several are.
    pub async fn agency(&self, field: &str, reference: &str) -> Result<AgencyId, Error> {
        if let Ok(id) = reference.parse() {
            return Ok(id);
        }
        let wrong = |problem| {
            let cure = "give its whole name as answers show it, or the id that `concord agency add` printed";
            Err(Error::argument(field)(Invalid::new(problem, cure)))
        };
        match self.store.agencies_named(reference.trim()).await?.as_slice() {
            [one] => Ok(*one),
            [] => wrong("names no agency of this Concord"),
            _ => wrong("is the name of several agencies"),
        }
    }

    /// A thing that was looked for and is not there, by whatever name: the look leaves its event, and the answer.
    pub(crate) async fn missing(&self, who: &Principal, action: Action, what: &'static str) -> Error {
        self.missing_at(who, action, ("nothing", Uuid::nil()), what).await
    }

    /// The same where an id was named, which the event then holds.
    pub(crate) async fn missing_at(
        &self,
        who: &Principal,
        action: Action,
        object: (&str, Uuid),
        what: &'static str,
    ) -> Error {
        let noted = async {
            match policy::decide(&self.policies, who, action, &Facts::default(), self.request()) {
                Err(denied) => self.store.refuse(&denied, object).await,
                // Those who may look anywhere looked, and saw nothing.
                Ok(grant) => self.store.view(&grant).await?.commit(self.store.act(&grant, object)).await,
            }
        };
        noted.await.err().map_or(Error::NotFound(what), Error::Store)
    }

    /// Asks policy; a refusal is written into the ledger and told in plain words.
    pub(crate) async fn allow(
        &self,
        who: &Principal,
        action: Action,
        facts: &Facts,
        object: (&str, Uuid),
        request: RequestId,
    ) -> Result<Grant, Error> {
        match policy::decide(&self.policies, who, action, facts, request) {
            Ok(grant) => Ok(grant),
            Err(denied) => {
                self.store.refuse(&denied, object).await?;
                Err(Error::Refused(denied.to_string()))
            }
        }
    }
}
