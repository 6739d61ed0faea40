//! Who is signed in at the portal.
//!
//! The browser holds a secret, the store its SHA-256. What a session opens is asked anew at each request: the member may
//! have left, the agency may be suspended, and a session that nobody used is locked (CJIS AC-11) and then over (SC-10).

use model::{Micros, Role};
use policy::{Action, Facts, Principal, Standing};
use sha2::{Digest, Sha256};
use store::{Oneself, SessionDigest, SessionFacts};

use crate::desk::Desk;
use crate::error::Error;

/// What the browser holds: 256 bits of chance in hexadecimal. Never printed, never stored.
pub struct Ticket(String);

impl Ticket {
    /// What a browser sent; anything that cannot be a ticket is none.
    pub fn parse(text: &str) -> Option<Self> {
        let whole = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        whole.then(|| Self(text.to_owned()))
    }

    /// For the one header that hands it out.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// What the store knows it by.
    pub fn digest(&self) -> SessionDigest {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// Opens a session: never printed.
impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket(..)")
    }
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It opens what its holder may see.
    Open,
    /// The use banner comes first (CJIS AC-8).
    Banner,
    /// Locked by its holder or by half an hour of nothing: who holds it must prove again who they are.
    Locked,
}

/// A session that is not over.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who acts.
    pub who: Principal,
    /// How it stands.
    pub state: SessionState,
    digest: SessionDigest,
    facts: SessionFacts,
}

impl Session {
    /// What the store knows it by.
    pub fn digest(&self) -> SessionDigest {
        self.digest
    }
}

/// An officer of a trial whom anybody at the machine may step into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialOfficer {
    /// The member's id.
    pub member: String,
    /// Name and agency.
    pub oneself: Oneself,
    /// What they may do, in the words of the vocabulary.
    pub roles: Vec<String>,
}

impl Desk {
    /// Is this a trial?
    pub async fn is_trial(&self) -> Result<bool, Error> {
        Ok(self.store.installation().await?.trial)
    }

    /// The newest officers of a trial, `most` of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this is no trial: then there is no such list.
    pub async fn trial_officers(&self, most: i64) -> Result<Vec<TrialOfficer>, Error> {
        let mut out = Vec::new();
        for id in self.store.trial_members(most).await? {
            let Some(who) = self.store.principal(&id.to_string()).await? else { continue };
            if who.suspended {
                continue;
            }
            let oneself = self.oneself(&signed_in(who.clone()), Action::StepIn).await?;
            let roles = Role::ALL.iter().filter(|r| who.roles.has(**r)).map(|r| r.word().to_owned()).collect();
            out.push(TrialOfficer { member: id.to_string(), oneself, roles });
        }
        out.sort_by(|a, b| (&a.oneself.name, &a.member).cmp(&(&b.oneself.name, &b.member)));
        Ok(out)
    }

    /// Steps into an officer of a trial: a session begins under a new secret. Policy refuses it on anything but a trial.
    pub async fn step_in(&self, reference: &str) -> Result<Ticket, Error> {
        let who = signed_in(self.member(reference).await?);
        let facts = Facts { agency: Some(who.agency), trial: self.is_trial().await?, ..Facts::default() };
        let object = ("member", who.member.into());
        let grant = self.allow(&who, Action::StepIn, &facts, object, self.request()).await?;
        let mut secret = [0; 32];
        self.store.chance().fill(&mut secret);
        let ticket = Ticket(hex::encode(secret));
        let until = self.store.clock().now().plus_seconds(self.clocks.session_longest_hours.saturating_mul(3_600));
        let mut tx = self.store.begin(&grant).await?;
        tx.begin_session(&ticket.digest(), until).await?;
        tx.commit(self.store.act(&grant, object)).await?;
        Ok(ticket)
    }

    /// The session of this ticket; `None` when there is none, it is over, or its member may no longer act.
    pub async fn session(&self, ticket: &Ticket) -> Result<Option<Session>, Error> {
        let digest = ticket.digest();
        let Some(facts) = self.store.session_facts(&digest).await? else { return Ok(None) };
        let now = self.store.clock().now();
        let idle = |minutes: i64| now >= facts.seen.plus_seconds(minutes.saturating_mul(60));
        if now >= facts.until || idle(self.clocks.session_end_minutes) {
            return Ok(None);
        }
        let who = self.store.principal(&facts.member.to_string()).await?;
        let Some(who) = who.filter(|w| w.agency == facts.agency && !w.suspended) else { return Ok(None) };
        let state = if facts.locked || idle(self.clocks.session_idle_minutes) {
            SessionState::Locked
        } else if facts.agreed.is_none() {
            SessionState::Banner
        } else {
            SessionState::Open
        };
        Ok(Some(Session { who: signed_in(who), state, digest, facts }))
    }

    /// Name and agency of whoever holds the session, for the head of every page.
    pub async fn whoami(&self, session: &Session) -> Result<Oneself, Error> {
        self.oneself(&session.who, Action::KeepSession).await
    }

    /// Its holder did something: a person, never a stream. Written down at most once a minute.
    pub async fn touch(&self, session: &Session) -> Result<(), Error> {
        let step = self.clocks.session_touch_seconds;
        if session.state != SessionState::Open || self.store.clock().now() < session.facts.seen.plus_seconds(step) {
            return Ok(());
        }
        self.keep_session(session, Keeping::Touch).await
    }

    /// Its holder took note of the use banner: once, at its beginning. A locked session is opened by proving who one is and
    /// by nothing else (CJIS AC-11).
    ///
    /// # Errors
    /// [`Error::NotNow`] when it waits for no banner.
    pub async fn agree(&self, session: &Session) -> Result<(), Error> {
        if session.state != SessionState::Banner {
            return Err(Error::NotNow("this session does not wait for the use banner".to_owned()));
        }
        self.keep_session(session, Keeping::Agree).await
    }

    /// Locks it.
    pub async fn lock(&self, session: &Session) -> Result<(), Error> {
        self.keep_session(session, Keeping::Lock).await
    }

    /// Ends it.
    pub async fn sign_out(&self, session: &Session) -> Result<(), Error> {
        self.keep_session(session, Keeping::End).await
    }

    async fn keep_session(&self, session: &Session, what: Keeping) -> Result<(), Error> {
        let who = &session.who;
        let facts = Facts { agency: Some(who.agency), lead: Some(session.facts.member), ..Facts::default() };
        let object = ("session", who.member.into());
        let grant = self.allow(who, Action::KeepSession, &facts, object, self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        let digest = &session.digest;
        match what {
            Keeping::Touch => tx.touch_session(digest).await?,
            Keeping::Agree => tx.agree_session(digest).await?,
            Keeping::Lock => tx.lock_session(digest).await?,
            Keeping::End => tx.end_session(digest).await?,
        }
        tx.commit(self.store.act(&grant, object).bind("session", what.word().as_bytes())).await?;
        Ok(())
    }

    async fn oneself(&self, who: &Principal, action: Action) -> Result<Oneself, Error> {
        let facts = Facts {
            agency: Some(who.agency),
            lead: Some(who.member),
            trial: self.is_trial().await?,
            ..Facts::default()
        };
        let object = ("member", who.member.into());
        let grant = self.allow(who, action, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let oneself = tx.oneself().await?;
        tx.commit(self.store.act(&grant, object).shown([who.member.into()])).await?;
        Ok(oneself)
    }

    /// 128 bits of chance in hexadecimal, for what must not be guessed and is used once.
    pub fn nonce(&self) -> String {
        let mut bits = [0; 16];
        self.store.chance().fill(&mut bits);
        hex::encode(bits)
    }

    /// The time, for pages that say how long something still has.
    pub fn now(&self) -> Micros {
        self.store.clock().now()
    }
}

/// What is done with a session.
#[derive(Clone, Copy)]
enum Keeping {
    Touch,
    Agree,
    Lock,
    End,
}

impl Keeping {
    fn word(self) -> &'static str {
        match self {
            Self::Touch => "used",
            Self::Agree => "took note of the use banner",
            Self::Lock => "locked",
            Self::End => "ended",
        }
    }
}

fn signed_in(who: Principal) -> Principal {
    Principal { standing: Standing::Credential, ..who }
}
