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
    /// Of those only the entries of undercover identities, whose meetings have a rule of their own.
    Personas,
    /// Silent entries: never asked in a request (invariant 9).
    Silent,
}

impl Among {
    /// Which of the keys some other case holds, each with the cases counted for it.
    fn probe(self) -> &'static str {
        match self {
            Self::Answering => {
                "SELECT q.b AS space, q.c AS token, (SELECT n.cases FROM token_count n WHERE n.bucket = q.a AND n.space = q.b AND n.token = q.c) AS cases
                 FROM q WHERE (SELECT CAST(1 AS BIGINT) FROM posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d LIMIT 1) = 1"
            }
            Self::Personas => {
                "SELECT q.b AS space, q.c AS token, (SELECT n.cases FROM token_count n WHERE n.bucket = q.a AND n.space = q.b AND n.token = q.c) AS cases
                 FROM q WHERE (SELECT CAST(1 AS BIGINT) FROM posting t CROSS JOIN entry e WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d
                 AND e.case_id = t.case_id AND e.id = t.entry AND e.role = 4 LIMIT 1) = 1"
            }
            Self::Silent => {
                "SELECT q.b AS space, q.c AS token, CAST(NULL AS BIGINT) AS cases
                 FROM q WHERE (SELECT CAST(1 AS BIGINT) FROM silent_posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c AND t.case_id <> q.d LIMIT 1) = 1"
            }
        }
    }

    /// The postings of the keys.
    fn postings(self) -> &'static str {
        match self {
            Self::Answering => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c"
            }
            Self::Personas => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN posting t CROSS JOIN entry e WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c
                 AND e.case_id = t.case_id AND e.id = t.entry AND e.role = 4"
            }
            Self::Silent => {
                "SELECT t.space, t.token, t.case_id, t.entry FROM q CROSS JOIN silent_posting t WHERE t.bucket = q.a AND t.space = q.b AND t.token = q.c"
            }
        }
    }
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

/// A fingerprint that some other case holds.
#[derive(sqlx::FromRow)]
struct Probed {
    space: i64,
    token: Vec<u8>,
    /// As counted, where it was.
    cases: Option<i64>,
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

impl Tx {
    /// Every entry of another case under these fingerprints, with what disclosure needs. Many submissions may ask at once.
    ///
    /// Each ask names the case it is asked for, whose own entries are no hits for it; with several askers of one
    /// fingerprint each may get the others' entries and finds its own among them. `cap` is the number of cases a value may
    /// be held by.
    pub async fn look(&mut self, asks: &[(Ask, Option<CaseId>)], among: Among, cap: u32) -> Result<Found, Error> {
        match among {
            Among::Answering => self.needs(&[Action::Look, Action::Sweep, Action::SecondLook, Action::SilentLook])?,
            Among::Silent | Among::Personas => self.needs(&[Action::SilentLook])?,
        }
        let mut askers = asks.to_vec();
        askers.sort_unstable_by_key(|(a, case)| (u128::from_be_bytes(a.token.0), a.space, a.counted, *case));
        askers.dedup();
        let (mut asks, mut only, mut over) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        for ((token, space), cases) in self.held_elsewhere(&askers, among).await? {
            let from = askers.partition_point(|(a, _)| (a.token, a.space) < (token, space));
            let group = || askers.iter().skip(from).take_while(|(a, _)| (a.token, a.space) == (token, space));
            let Some((_, mine)) = group().next() else { continue };
            only.insert((space, token), mine.filter(|_| group().all(|(_, other)| other == mine)));
            let before = asks.len();
            for (ask, _) in group() {
                if asks.get(before..).is_some_and(|new| new.last() != Some(ask)) {
                    asks.push(*ask);
                }
            }
            if cases > i64::from(cap) && asks.iter().skip(before).any(|a| a.counted) {
                over.insert((space, token));
            }
        }
        let keys = asks
            .iter()
            .filter(|a| !over.contains(&(a.space, a.token)))
            .map(|a| binds![a.token.bucket(), a.space, a.token])
            .collect();
        let posted: Vec<Posted> = self.conn()?.join(among.postings(), keys).await?;
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
        // What only its own case asks for is no hit for anybody.
        found.retain(|(key, case, _)| {
            !over.contains(key) && only.get(key).copied().flatten() != Some(CaseId::from(*case))
        });
        let hits = self.hits(found).await?;
        let over_cap = asks.into_iter().filter(|a| over.contains(&(a.space, a.token))).collect();
        Ok(Found { hits, over_cap })
    }

    /// The few of these fingerprints that some other case holds, each with the cases counted for it: of most, one probe
    /// says "nobody", and no count and no row is read for them. `askers` come in the order of the fingerprints.
    async fn held_elsewhere(
        &mut self,
        askers: &[(Ask, Option<CaseId>)],
        among: Among,
    ) -> Result<BTreeMap<(Token, SpaceId), i64>, Error> {
        let mut keys: Vec<(Token, SpaceId, Uuid)> =
            askers.iter().map(|(ask, mine)| (ask.token, ask.space, mine.map_or_else(Uuid::nil, Uuid::from))).collect();
        keys.dedup(); // neighbours on disk together
        let keys = keys.into_iter().map(|(t, space, mine)| binds![t.bucket(), space, t, mine]).collect();
        let held: Vec<Probed> = self.conn()?.join(among.probe(), keys).await?;
        held.into_iter().map(|p| Ok(((token(p.token)?, SpaceId(p.space)), p.cases.unwrap_or(0)))).collect()
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
            Action::ViewCase,
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
            )
            .await?;
        let cases = self.case_rows(&entries.iter().map(|e| e.case_id.into()).collect::<Vec<_>>()).await?;
        let agencies = self.agencies(&cases.iter().map(|c| c.agency.into()).collect::<Vec<_>>()).await?;
        let members = self.members(&cases.iter().map(|c| c.lead.into()).collect::<Vec<_>>()).await?;
        self.learn_case_keys(&cases.iter().map(|c| (c.agency.into(), c.id.into())).collect::<Vec<_>>()).await?;
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
                time_zone: agency.time_zone.clone(),
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
    time_zone: Option<model::TimeZone>,
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
            time_zone: self.time_zone.clone(),
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
        self.callers(&[member]).await?.remove(&member).ok_or(Error::NotFound("member"))
    }

    /// The same for several; one who is gone without a trace is left out.
    pub async fn callers(&mut self, members: &[MemberId]) -> Result<BTreeMap<MemberId, Sealed<Other>>, Error> {
        self.needs(&[Action::Look, Action::Sweep, Action::SilentLook, Action::SecondLook])?;
        let members = self.members(members).await?;
        let agencies = self.agencies(&members.iter().map(|m| m.principal.agency).collect::<Vec<_>>()).await?;
        let agencies: BTreeMap<AgencyId, _> = agencies.iter().map(|a| (a.id, a)).collect();
        let known = members.into_iter().filter_map(|m| {
            let agency = agencies.get(&m.principal.agency)?;
            Some((m.id, Sealed::new(caller_of(agency, m.contact))))
        });
        Ok(known.collect())
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
        time_zone: agency.time_zone.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;

    // Its number stands in the statements that seek personas.
    #[test]
    fn an_undercover_identity_has_the_role_4() {
        assert_eq!(EntryRole::Undercover.code(), 4);
        assert!([Among::Personas.probe(), Among::Personas.postings()].iter().all(|sql| sql.contains("e.role = 4")));
    }
}
