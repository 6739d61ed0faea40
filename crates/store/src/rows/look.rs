//! The look: which entries of others stand under these fingerprints. Only the matcher's grants open it.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AgeClass, AgencyId, CaseId, Contact, EntryClass, EntryId, EntryRole, Kind, Level, Marking, MemberId, Micros, Pdq,
    Source, SpaceId, SubmissionId, Token, Window,
};
use policy::disclosure::Other;
use policy::{Action, Principal, Sealed};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::agencies::AgencyFacts;
use crate::rows::entries::{EntryContent, EntryState, entry_place};
use crate::tx::Tx;

/// One fingerprint to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    /// Its space.
    pub space: SpaceId,
    /// The fingerprint.
    pub token: Token,
    /// Does it count towards the cap? Bands of a perceptual hash do not: thousands share one by chance.
    pub counted: bool,
}

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Open and desk entries: what a request may ask.
    Answering,
    /// Silent entries: never asked in a request (invariant 9).
    Silent,
}

/// Another case's entry under a fingerprint we asked for.
pub struct Hit {
    /// The fingerprint.
    pub token: Token,
    /// Its space.
    pub space: SpaceId,
    /// The entry's case.
    pub case: CaseId,
    /// The entry.
    pub entry: EntryId,
    /// Its agency.
    pub agency: AgencyId,
    /// Its case's lead: who is told.
    pub lead: MemberId,
    /// Its case's supervisor.
    pub supervisor: Option<MemberId>,
    /// How it answers.
    pub level: Level,
    /// Its kind.
    pub kind: Kind,
    /// Its role.
    pub role: EntryRole,
    /// Its age class.
    pub age: AgeClass,
    /// Its source.
    pub source: Option<Source>,
    /// When it was seen.
    pub seen: Window,
    /// Its port.
    pub port: Option<u16>,
    /// When it was entered.
    pub entered: Micros,
    /// The lead as a reader: what the other side may be shown of us is decided for them.
    pub reader: Principal,
    /// What may be shown of it, for disclosure to decide.
    pub other: Sealed<Other>,
    /// Its perceptual hash, when it has one.
    pub pdq: Option<Sealed<Pdq>>,
}

/// What a look found.
pub struct Found {
    /// Hits, by entry.
    pub hits: Vec<Hit>,
    /// Fingerprints that more cases than the cap hold: they make no pairs.
    pub over_cap: Vec<Ask>,
}

#[derive(sqlx::FromRow)]
struct Posted {
    space: i64,
    token: Vec<u8>,
    case_id: Uuid,
    entry: Uuid,
}

#[derive(sqlx::FromRow)]
struct Counted {
    space: i64,
    token: Vec<u8>,
    cases: i64,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    case_id: Uuid,
    id: Uuid,
    agency: Uuid,
    kind: i64,
    role: i64,
    age: i64,
    class: i64,
    source: Option<i64>,
    level: i64,
    silent_until_us: Option<i64>,
    marking: String,
    seen_from_us: Option<i64>,
    seen_to_us: Option<i64>,
    port: Option<i64>,
    state: i64,
    entered_us: i64,
    sealed: Vec<u8>,
}

const NOWHERE: i64 = -1;

impl Tx {
    /// Every entry of another case under these fingerprints, with what disclosure needs. Many submissions may ask at once.
    ///
    /// Each ask names the case it is asked for, whose own entries are no hits for it; with several askers of one
    /// fingerprint each may get the others' entries and finds its own among them. `cap` is the number of cases a value may
    /// be held by.
    pub async fn look(&mut self, asks: &[(Ask, Option<CaseId>)], among: Among, cap: u32) -> Result<Found, Error> {
        match among {
            Among::Answering => self.needs(&[Action::Look, Action::Sweep, Action::SecondLook, Action::SilentLook])?,
            Among::Silent => self.needs(&[Action::SilentLook])?,
        }
        let mut askers: BTreeMap<Ask, BTreeSet<Option<CaseId>>> = BTreeMap::new();
        for (ask, mine) in asks {
            askers.entry(*ask).or_default().insert(*mine);
        }
        let asks = self.held_elsewhere(&askers, among).await?;
        let mut over: BTreeSet<(SpaceId, Token)> = BTreeSet::new();
        if among == Among::Answering {
            let keys = asks.iter().filter(|a| a.counted).map(|a| binds![a.token.bucket(), a.space, a.token]).collect();
            let counted: Vec<Counted> = self
                .conn()?
                .join(
                    "SELECT t.space, t.token, t.cases FROM q CROSS JOIN token_count t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c",
                    keys,
                    binds![NOWHERE, 0, Vec::new()],
                )
                .await?;
            for c in counted {
                if c.cases > i64::from(cap) {
                    over.insert((SpaceId(c.space), token(c.token)?));
                }
            }
        }
        let keys = asks
            .iter()
            .filter(|a| !over.contains(&(a.space, a.token)))
            .map(|a| binds![a.token.bucket(), a.space, a.token])
            .collect();
        let select = match among {
            Among::Answering => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c"
            }
            Among::Silent => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN silent_posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c"
            }
        };
        let posted: Vec<Posted> = self.conn()?.join(select, keys, binds![NOWHERE, 0, Vec::new()]).await?;
        let mut cases_of: BTreeMap<(SpaceId, Token), BTreeSet<Uuid>> = BTreeMap::new();
        let mut found = Vec::with_capacity(posted.len());
        for p in posted {
            let key = (SpaceId(p.space), token(p.token)?);
            cases_of.entry(key).or_default().insert(p.case_id);
            found.push((key, p.case_id, p.entry));
        }
        if among == Among::Answering {
            self.count(&asks, &cases_of, cap, &mut over).await?;
        }
        let mut only: BTreeMap<(SpaceId, Token), Option<CaseId>> = BTreeMap::new();
        for (ask, cases) in &askers {
            let one = cases.iter().next().copied().flatten().filter(|_| cases.len() == 1);
            only.insert((ask.space, ask.token), one);
        }
        // What only its own case asks for is no hit for anybody.
        found.retain(|(key, case, _)| {
            !over.contains(key) && only.get(key).copied().flatten() != Some(CaseId::from(*case))
        });
        let hits = self.hits(found).await?;
        let over_cap = asks.into_iter().filter(|a| over.contains(&(a.space, a.token))).collect();
        Ok(Found { hits, over_cap })
    }

    /// The few of these fingerprints that some other case holds: of most, one probe says "nobody", and no count and no
    /// row is read for them.
    async fn held_elsewhere(
        &mut self,
        askers: &BTreeMap<Ask, BTreeSet<Option<CaseId>>>,
        among: Among,
    ) -> Result<Vec<Ask>, Error> {
        #[derive(sqlx::FromRow)]
        struct Held {
            space: i64,
            token: Vec<u8>,
        }
        let mut keys: Vec<(Ask, Uuid)> = askers
            .iter()
            .flat_map(|(ask, cases)| cases.iter().map(|c| (*ask, c.map_or_else(Uuid::nil, Uuid::from))))
            .collect();
        keys.sort_unstable_by_key(|(a, c)| (a.token.bucket(), a.space, a.token, *c)); // neighbours on disk together
        let keys = keys.into_iter().map(|(a, c)| binds![a.token.bucket(), a.space, a.token, c]).collect();
        let select = match among {
            Among::Answering => {
                "SELECT q.b AS space, q.c AS token FROM q WHERE EXISTS (SELECT 1 FROM posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d)"
            }
            Among::Silent => {
                "SELECT q.b AS space, q.c AS token FROM q WHERE EXISTS (SELECT 1 FROM silent_posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d)"
            }
        };
        let rows: Vec<Held> = self.conn()?.join(select, keys, binds![NOWHERE, 0, Vec::new(), Uuid::nil()]).await?;
        let mut held: BTreeSet<(SpaceId, Token)> = BTreeSet::new();
        for row in rows {
            held.insert((SpaceId(row.space), token(row.token)?));
        }
        let mut asks: Vec<Ask> = askers.keys().filter(|a| held.contains(&(a.space, a.token))).copied().collect();
        asks.sort_unstable_by_key(|a| (a.token.bucket(), a.space, a.token));
        Ok(asks)
    }

    /// Keeps the number of cases that hold a value, up to one more than the cap, where it stops.
    async fn count(
        &mut self,
        asks: &[Ask],
        cases_of: &BTreeMap<(SpaceId, Token), BTreeSet<Uuid>>,
        cap: u32,
        over: &mut BTreeSet<(SpaceId, Token)>,
    ) -> Result<(), Error> {
        let most = i64::from(cap) + 1;
        let mut rows = Vec::new();
        for ask in asks.iter().filter(|a| a.counted) {
            let held = cases_of.get(&(ask.space, ask.token)).map_or(0, BTreeSet::len);
            if held < 2 {
                continue;
            }
            let held = i64::try_from(held).unwrap_or(most).min(most);
            if held > i64::from(cap) {
                over.insert((ask.space, ask.token));
            }
            rows.push(binds![ask.token.bucket(), ask.space, ask.token, held]);
        }
        self.conn()?
            .insert(
                "INSERT INTO token_count (bucket, space, token, cases)",
                "ON CONFLICT (bucket, space, token) DO UPDATE SET cases = excluded.cases WHERE token_count.cases < excluded.cases",
                rows,
            )
            .await?;
        Ok(())
    }

    async fn hits(&mut self, found: Vec<((SpaceId, Token), Uuid, Uuid)>) -> Result<Vec<Hit>, Error> {
        let wanted: Vec<(CaseId, EntryId)> = found.iter().map(|(_, c, e)| ((*c).into(), (*e).into())).collect();
        let held = self.held(&wanted).await?;
        let mut by_entry: BTreeMap<(CaseId, EntryId), Vec<(SpaceId, Token)>> = BTreeMap::new();
        for (key, case, entry) in found {
            by_entry.entry((case.into(), entry.into())).or_default().push(key);
        }
        let mut hits = Vec::new();
        // A posting that outlived its entry is no hit.
        for one in held.into_iter().filter(|h| h.live) {
            for (space, token) in by_entry.get(&(one.case, one.entry)).into_iter().flatten() {
                // The same entry may stand under several fingerprints; what is sealed is made anew for each.
                hits.push(one.hit(*space, *token));
            }
        }
        Ok(hits)
    }

    /// What disclosure needs of these entries of others, for an inbox or a conflict's page.
    pub async fn others(
        &mut self,
        wanted: &[(CaseId, EntryId)],
    ) -> Result<Vec<(CaseId, EntryId, Sealed<Other>)>, Error> {
        self.needs(&[
            Action::Inbox,
            Action::ShowConflict,
            Action::Export,
            Action::DeskQueue,
            Action::AcceptTransfer,
            Action::Look,
            Action::Sweep,
            Action::SecondLook,
            Action::SilentLook,
        ])?;
        Ok(self.held(wanted).await?.into_iter().map(|h| (h.case, h.entry, Sealed::new(h.other()))).collect())
    }

    async fn held(&mut self, wanted: &[(CaseId, EntryId)]) -> Result<Vec<Held>, Error> {
        let now = self.now();
        let keys = super::agencies::distinct(wanted).into_iter().map(|(c, e)| binds![c, e]).collect();
        let entries: Vec<EntryRow> = self
            .conn()?
            .join(
                "SELECT t.case_id, t.id, t.agency, t.kind, t.role, t.age, t.class, t.source, t.level, t.silent_until_us, t.marking, t.seen_from_us,
                 t.seen_to_us, t.port, t.state, t.entered_us, t.sealed FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.id = q.b",
                keys,
                binds![Uuid::nil(), Uuid::nil()],
            )
            .await?;
        let cases = self.case_rows(&entries.iter().map(|e| e.case_id.into()).collect::<Vec<_>>()).await?;
        let agencies = self.agencies(&cases.iter().map(|c| c.agency.into()).collect::<Vec<_>>()).await?;
        let members = self.members(&cases.iter().map(|c| c.lead.into()).collect::<Vec<_>>()).await?;
        let mut contacts: BTreeMap<Uuid, Option<Contact>> = BTreeMap::new();
        for c in &cases {
            contacts.insert(c.id, self.open_case(c.agency.into(), c.id.into(), &c.sealed).await?.contact);
        }
        let cases: BTreeMap<Uuid, _> = cases.iter().map(|c| (c.id, c)).collect();
        let agencies: BTreeMap<Uuid, _> = agencies.iter().map(|a| (Uuid::from(a.id), a)).collect();
        let members: BTreeMap<Uuid, _> = members.iter().map(|m| (Uuid::from(m.principal.member), m)).collect();
        let mut out = Vec::with_capacity(entries.len());
        for e in entries {
            let Some(case) = cases.get(&e.case_id) else { continue };
            let Some(agency) = agencies.get(&case.agency) else { continue };
            let Some(lead) = members.get(&case.lead) else { continue };
            let kind = Kind::from_code(e.kind).ok_or(wrong("kind"))?;
            let (case_id, id, owner) = (CaseId::from(e.case_id), EntryId::from(e.id), AgencyId::from(e.agency));
            let pdq = if kind == Kind::Pdq {
                let clear = self.open_sealed(Some(case_id), entry_place(owner, &id), &e.sealed).await?;
                let content: EntryContent = serde_json::from_slice(&clear).map_err(|_| wrong("sealed"))?;
                content.normal.and_then(|n| Pdq::parse(&n).ok())
            } else {
                None
            };
            let level = Level::from_code(e.level).ok_or(wrong("level"))?;
            out.push(Held {
                case: case_id,
                entry: id,
                agency: owner,
                agency_name: agency.name.clone(),
                agency_kind: agency.kind,
                country: agency.country,
                lead: case.lead.into(),
                supervisor: case.supervisor.map(Into::into),
                contact: contacts.get(&case.id).cloned().flatten().unwrap_or_else(|| lead.contact.clone()),
                reader: lead.principal.clone(),
                // A silent order that has ended falls back to desk.
                level: if level == Level::Silent && e.silent_until_us.is_some_and(|until| until < now.0) {
                    Level::Desk
                } else {
                    level
                },
                kind,
                role: EntryRole::from_code(e.role).ok_or(wrong("role"))?,
                age: AgeClass::from_code(e.age).ok_or(wrong("age"))?,
                class: EntryClass::from_code(e.class).ok_or(wrong("class"))?,
                source: e.source.map(|s| Source::from_code(s).ok_or(wrong("source"))).transpose()?,
                marking: e.marking.parse().map_err(|_| wrong("marking"))?,
                seen: Window { from: e.seen_from_us.map(Micros), to: e.seen_to_us.map(Micros) },
                port: e.port.map(|p| u16::try_from(p).map_err(|_| wrong("port"))).transpose()?,
                live: e.state == EntryState::Live.code(),
                entered: Micros(e.entered_us),
                pdq,
            });
        }
        Ok(out)
    }
}

/// An entry of somebody else's, inside the store only.
struct Held {
    case: CaseId,
    entry: EntryId,
    agency: AgencyId,
    agency_name: String,
    agency_kind: model::AgencyKind,
    country: model::Country,
    lead: MemberId,
    supervisor: Option<MemberId>,
    contact: Contact,
    reader: Principal,
    level: Level,
    kind: Kind,
    role: EntryRole,
    age: AgeClass,
    class: EntryClass,
    source: Option<Source>,
    marking: Marking,
    seen: Window,
    port: Option<u16>,
    live: bool,
    entered: Micros,
    pdq: Option<Pdq>,
}

impl Held {
    fn other(&self) -> Other {
        Other {
            agency: self.agency,
            agency_name: self.agency_name.clone(),
            agency_kind: self.agency_kind,
            country: self.country,
            contact: self.contact.clone(),
            level: self.level,
            source: self.source,
            class: self.class,
            role: self.role,
            age: self.age,
            kind: self.kind,
            marking: self.marking.clone(),
            desk_only: self.kind == Kind::Person,
            bases: Vec::new(),
        }
    }

    fn hit(&self, space: SpaceId, token: Token) -> Hit {
        Hit {
            token,
            space,
            case: self.case,
            entry: self.entry,
            agency: self.agency,
            lead: self.lead,
            supervisor: self.supervisor,
            level: self.level,
            kind: self.kind,
            role: self.role,
            age: self.age,
            source: self.source,
            seen: self.seen,
            port: self.port,
            entered: self.entered,
            reader: self.reader.clone(),
            other: Sealed::new(self.other()),
            pdq: self.pdq.clone().map(Sealed::new),
        }
    }
}

fn token(bytes: Vec<u8>) -> Result<Token, Error> {
    bytes.try_into().map_err(|_| Error::Inconsistent { table: "posting", column: "token" })
}

fn wrong(column: &'static str) -> Error {
    Error::Inconsistent { table: "entry", column }
}

impl Tx {
    /// The entries of submissions as they are now: does each stand (live, or kept of a question), and its level. A look made
    /// again must not bring back what was withdrawn, nor keep silent what is silent no longer.
    pub async fn entries_now(
        &mut self,
        of: &[(CaseId, SubmissionId)],
    ) -> Result<BTreeMap<EntryId, (bool, Level)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Now {
            id: Uuid,
            state: i64,
            level: i64,
        }
        self.needs(&[Action::Look, Action::Sweep, Action::SecondLook, Action::SilentLook])?;
        let keys = of.iter().map(|(case, submission)| binds![*case, *submission]).collect();
        let rows: Vec<Now> = self
            .conn()?
            .join(
                "SELECT t.id, t.state, t.level FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.submission = q.b",
                keys,
                binds![Uuid::nil(), Uuid::nil()],
            )
            .await?;
        rows.into_iter()
            .map(|r| {
                let stands = r.state == EntryState::Live.code() || r.state == EntryState::Asked.code();
                Ok((r.id.into(), (stands, Level::from_code(r.level).ok_or(wrong("level"))?)))
            })
            .collect()
    }

    /// The one who asks, as those whom the question concerns may see them.
    pub async fn caller(&mut self, member: MemberId) -> Result<Sealed<Other>, Error> {
        self.needs(&[Action::Look, Action::Sweep, Action::SilentLook, Action::SecondLook])?;
        let who = self.members(&[member]).await?.into_iter().next().ok_or(Error::NotFound("member"))?;
        let agency =
            self.agencies(&[who.principal.agency]).await?.into_iter().next().ok_or(Error::NotFound("agency"))?;
        Ok(Sealed::new(caller_of(&agency, who.contact)))
    }
}

impl Tx {
    /// The leads of these cases, for the desk that must put them through.
    pub async fn desk_contacts(&mut self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, Sealed<Other>>, Error> {
        self.needs(&[Action::DeskQueue])?;
        let rows = self.case_rows(cases).await?;
        let members = self.members(&rows.iter().map(|c| c.lead.into()).collect::<Vec<_>>()).await?;
        let agencies = self.agencies(&rows.iter().map(|c| c.agency.into()).collect::<Vec<_>>()).await?;
        let members: BTreeMap<Uuid, _> = members.iter().map(|m| (Uuid::from(m.id), m)).collect();
        let agencies: BTreeMap<Uuid, _> = agencies.iter().map(|a| (Uuid::from(a.id), a)).collect();
        let mut out = BTreeMap::new();
        for case in rows {
            let contact = self.open_case(case.agency.into(), case.id.into(), &case.sealed).await?.contact;
            let Some(lead) = members.get(&case.lead) else { continue };
            let Some(agency) = agencies.get(&case.agency) else { continue };
            let caller = caller_of(agency, contact.unwrap_or_else(|| lead.contact.clone()));
            out.insert(case.id.into(), Sealed::new(caller));
        }
        Ok(out)
    }
}

/// A person to be called, of no entry in particular.
pub(crate) fn caller_of(agency: &AgencyFacts, contact: Contact) -> Other {
    Other {
        agency: agency.id,
        agency_name: agency.name.clone(),
        agency_kind: agency.kind,
        country: agency.country,
        contact,
        level: Level::Open,
        source: None,
        class: EntryClass::IdentifyingOnly,
        role: EntryRole::Unknown,
        age: AgeClass::Unknown,
        kind: Kind::Handle,
        marking: Marking::default(),
        desk_only: false,
        bases: Vec::new(),
    }
}
