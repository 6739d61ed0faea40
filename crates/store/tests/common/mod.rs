//! A small world for the suite: a new database of either engine, keys, a clock that stands still, and people who act by
//! grants that policy gave.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary uses its part")]

pub mod copies;
pub mod history;
mod raw;
pub mod statements;
mod yesterday;

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use model::{
    AgeClass, Agency, AgencyId, AgencyKind, Case, CaseId, CaseNumber, CaseStatus, Chance, Clock, Contact, EntryClass,
    EntryId, EntryRole, EventId, GatheringId, Kind, Level, Marking, Member, MemberId, Nexus, Offence, Predicate,
    PredicateId, Reliability, RequestId, Role, Roles, SpaceId, Strength, SubmissionId, Telephone, ThreatArea, Token,
    Validity, Window, derived_id,
};
use policy::{Action, Facts, Grant, Policies, Principal, Standing, decide};
use store::{
    Among, Answered, Ask, Bundle, Engine, EntryContent, EntryState, Error, Found, KeyFolder, NewAnswer, NewConflict,
    NewEntry, NewMatch, NewSubmission, Party, Place, Settings, Store, SubmissionVerb, Trace,
};
use testkit::{MockClock, OsChance, Postgres, Scratch};

pub use raw::{Bind, Raw};
pub use yesterday::Yesterday;

/// A submission as it is noted, of a request that asked nothing in particular.
pub fn noted<'a>(
    who: &Principal,
    id: SubmissionId,
    case: Option<CaseId>,
    request: RequestId,
    postings: i64,
    detail: &'a [u8],
) -> NewSubmission<'a> {
    NewSubmission { id, member: who.member, case, request, digest: [0; 32].into(), postings, detail }
}

/// `on_both!(name, w => { .. })` makes `name::sqlite` and `name::postgres`, each in a world of its own.
#[macro_export]
macro_rules! on_both {
    ($name:ident, $w:ident => $body:block) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let $w = World::new(store::Engine::Sqlite).await;
                $body
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let $w = World::new(store::Engine::Postgres).await;
                $body
            }
        }
    };
}

pub static POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::built_in().unwrap());

pub const DESK: &str = "206-555-0100";
pub const ORIGIN: &str = "concord.example.org/test";

pub struct World {
    pub store: Store,
    pub place: Place,
    pub dir: Scratch,
    pub clock: MockClock,
    pub trace: Trace,
}

/// A new place for a database of this engine.
pub fn new_place(engine: Engine, dir: &Scratch) -> Place {
    match engine {
        Engine::Sqlite => Place::Sqlite(dir.join("data.db")),
        Engine::Postgres => Place::Postgres(Postgres::shared().new_database()),
    }
}

pub async fn open(place: &Place, keys: KeyFolder, clock: &MockClock, trace: &Trace) -> Result<Store, Error> {
    let settings = Settings { partitioned: true, trace: Some(trace.clone()), connections: 0 };
    Store::open(place, settings, keys, Arc::new(clock.clone()), Arc::new(OsChance), "test").await
}

impl World {
    /// An initialised installation.
    pub async fn new(engine: Engine) -> Self {
        let dir = Scratch::under(env!("CARGO_TARGET_TMPDIR"));
        let place = new_place(engine, &dir);
        Self::at(dir, place).await
    }

    /// An initialised installation at this place.
    pub async fn at(dir: Scratch, place: Place) -> Self {
        let w = Self::bare_at(dir, place).await;
        w.store.init(&w.operator(Action::Init), &phone(DESK), true).await.unwrap();
        w
    }

    /// A database with its tables and nothing in them.
    pub async fn bare(engine: Engine) -> Self {
        let dir = Scratch::under(env!("CARGO_TARGET_TMPDIR"));
        let place = new_place(engine, &dir);
        Self::bare_at(dir, place).await
    }

    async fn bare_at(dir: Scratch, place: Place) -> Self {
        let (clock, trace) = (MockClock::at("2026-11-23T06:00:00Z"), Trace::default());
        let keys = KeyFolder::create(&dir.join("keys"), ORIGIN, &OsChance).unwrap();
        let store = open(&place, keys, &clock, &trace).await.unwrap();
        Self { store, place, dir, clock, trace }
    }

    pub fn keys(&self) -> PathBuf {
        self.dir.join("keys")
    }

    /// A second process: another store on the same database and keys, with nothing in memory.
    pub async fn second(&self) -> Store {
        open(&self.place, KeyFolder::open(&self.keys()).unwrap(), &self.clock, &self.trace).await.unwrap()
    }

    /// Past the store's door, for what an intruder would do to its tables.
    pub async fn raw(&self) -> Raw {
        Raw::open(&self.place).await
    }

    pub fn operator(&self, action: Action) -> Grant {
        grant(&Principal::operator(), action, &Facts::default())
    }

    pub fn worker(&self, action: Action) -> Grant {
        let name = match action {
            Action::Sweep => "sweeper",
            Action::SecondLook => "second look",
            Action::SilentLook => "silent look",
            Action::Sequence => "sequencer",
            Action::Deliver => "outbox",
            Action::RunBulk => "bulk",
            _ => panic!("no worker does {}", action.word()),
        };
        grant(&Principal::worker(name), action, &Facts::default())
    }

    pub async fn sequence(&self) -> usize {
        self.store.sequence(&self.worker(Action::Sequence)).await.unwrap()
    }

    pub async fn verify(&self) -> ledger::Verdict {
        self.store.verify(&self.operator(Action::VerifyLedger), |_| ()).await.unwrap()
    }

    pub async fn agency(&self, name: &str) -> AgencyId {
        let agency = new_agency(name);
        let grant = self.operator(Action::AddAgency);
        let mut tx = self.store.begin(&grant).await.unwrap();
        tx.add_agency(&agency).await.unwrap();
        tx.commit(self.store.act(&grant, ("agency", agency.id.into()))).await.unwrap();
        agency.id
    }

    pub async fn member(&self, agency: AgencyId, email: &str, roles: &[Role]) -> Principal {
        let member = new_member(agency, email, roles);
        let grant = self.operator(Action::AddMember);
        let mut tx = self.store.begin(&grant).await.unwrap();
        tx.add_member(&member).await.unwrap();
        tx.commit(self.store.act(&grant, ("member", member.id.into()))).await.unwrap();
        principal(&member)
    }

    /// An agency and its one sworn investigator, who is a supervisor too.
    pub async fn officer(&self, name: &str) -> Principal {
        let agency = self.agency(&format!("{name} police")).await;
        self.member(agency, &format!("{name}@example.org"), &[Role::Investigator, Role::Supervisor]).await
    }

    pub async fn case(&self, who: &Principal, number: &str) -> CaseId {
        let case = new_case(who, number);
        self.add_case(who, &case).await.unwrap();
        case.id
    }

    pub async fn add_case(&self, who: &Principal, case: &Case) -> Result<(), Error> {
        let grant = may(who, Action::OpenCase);
        let mut tx = self.store.begin(&grant).await?;
        tx.add_cases(who.agency, std::slice::from_ref(case)).await?;
        tx.commit(self.store.act(&grant, ("case", case.id.into()))).await
    }

    pub fn space(&self) -> SpaceId {
        self.store.spaces()[0]
    }

    pub fn token(&self, value: &str) -> Token {
        self.store.token(self.space(), value).unwrap()
    }

    pub fn ask(&self, value: &str) -> Ask {
        Ask { space: self.space(), token: self.token(value), counted: true }
    }

    pub fn entry(&self, value: &str, level: Level) -> NewEntry {
        NewEntry {
            id: id(),
            kind: Kind::Handle,
            content: content(value),
            role: EntryRole::Subject,
            age: AgeClass::Adult,
            class: EntryClass::Suspicion,
            source: None,
            level,
            silent_until: (level == Level::Silent).then(|| self.clock.now().plus_days(30)),
            reliability: Reliability::Unknown,
            validity: Validity::Unknown,
            marking: Marking::default(),
            seen: Window::default(),
            port: None,
            predicate: None,
            control_official: None,
            state: EntryState::Live,
            rule_version: 1,
            tokens: vec![(self.space(), self.token(value))],
        }
    }

    /// Adds entries to a case in a submission of their own.
    pub async fn add(&self, who: &Principal, case: CaseId, entries: &[NewEntry]) -> Submitted {
        let submission = SubmissionId::from(uuid());
        let grant = may(who, Action::Submit);
        let mut tx = self.store.begin(&grant).await.unwrap();
        let n = i64::try_from(entries.iter().map(|e| e.tokens.len()).sum::<usize>()).unwrap();
        tx.add_submissions(SubmissionVerb::Submit, &[noted(who, submission, Some(case), id(), n, b"purpose: a test")])
            .await
            .unwrap();
        assert_eq!(tx.add_entries(who.agency, &[Bundle { submission, case, entries }]).await.unwrap(), [n]);
        let act = self.store.act(&grant, ("case", case.into())).accepts(submission);
        let event = act.id();
        tx.commit(act).await.unwrap();
        Submitted { submission, event, entries: entries.iter().map(|e| e.id).collect() }
    }

    pub async fn submit(&self, who: &Principal, case: CaseId, values: &[&str], level: Level) -> Submitted {
        let entries: Vec<_> = values.iter().map(|v| self.entry(v, level)).collect();
        self.add(who, case, &entries).await
    }

    /// A look of this member's for these values, committed.
    pub async fn look(&self, who: &Principal, case: Option<CaseId>, asks: &[Ask], cap: u32) -> Found {
        let grant = may(who, Action::Look);
        let mut tx = self.store.begin(&grant).await.unwrap();
        let found = tx.look(&asks.iter().map(|a| (*a, case)).collect::<Vec<_>>(), Among::Answering, cap).await.unwrap();
        tx.commit(self.store.act(&grant, ("look", uuid()))).await.unwrap();
        found
    }

    pub async fn answer(&self, who: &Principal, case: CaseId, of: &Submitted, answer: &[u8]) -> EventId {
        let grant = may(who, Action::Look);
        let mut tx = self.store.begin(&grant).await.unwrap();
        let act = self.store.act(&grant, ("submission", of.submission.into())).bind("receipt", b"words");
        let given = Answered { inputs: b"[inputs]".to_vec(), answer: answer.to_vec(), receipt: b"words".to_vec() };
        let (submission, agency, case, event) = (of.submission, who.agency, Some(case), act.id());
        tx.add_answers(&[NewAnswer { submission, agency, case, event, given }]).await.unwrap();
        tx.done(&[of.submission], store::Stage::Look).await.unwrap();
        let event = act.id();
        tx.commit(act).await.unwrap();
        event
    }

    pub async fn count(&self, table: &str) -> i64 {
        self.raw().await.int(&format!("SELECT COUNT(*) FROM {table}"), &[]).await
    }
}

pub struct Submitted {
    pub submission: SubmissionId,
    pub event: EventId,
    pub entries: Vec<EntryId>,
}

/// A grant that policy gave.
pub fn grant(who: &Principal, action: Action, facts: &Facts) -> Grant {
    match decide(&POLICIES, who, action, facts, id()) {
        Ok(grant) => grant,
        Err(denied) => panic!("{}: {denied}", action.word()),
    }
}

/// What a member may do in their own agency, in a case of their own, on their own side.
pub fn may(who: &Principal, action: Action) -> Grant {
    grant(who, action, &facts(who))
}

pub fn facts(who: &Principal) -> Facts {
    Facts {
        agency: Some(who.agency),
        lead: Some(who.member),
        lead_sworn: true,
        status_open: true,
        side: true,
        has_nexus: true,
        has_predicate: true,
        held: true,
        carriage: policy::Carriage::NONE,
        ..Facts::default()
    }
}

pub fn uuid() -> uuid::Uuid {
    let mut bytes = [0; 16];
    OsChance.fill(&mut bytes);
    uuid::Uuid::from_bytes(bytes)
}

pub fn id<T: From<uuid::Uuid>>() -> T {
    uuid().into()
}

pub fn phone(text: &str) -> Telephone {
    Telephone::parse(text).unwrap()
}

pub fn new_agency(name: &str) -> Agency {
    Agency::new(id(), name, AgencyKind::Local, None, Some("WA".parse().unwrap()), phone("206-555-0101")).unwrap()
}

pub fn new_member(agency: AgencyId, email: &str, roles: &[Role]) -> Member {
    let name = format!("Officer {}", email.split('@').next().unwrap());
    Member::new(id(), agency, &name, email, phone("206-555-0102"), true, roles).unwrap()
}

pub fn principal(member: &Member) -> Principal {
    Principal {
        member: member.id,
        agency: member.agency,
        agency_kind: AgencyKind::Local,
        country: model::Country::HOME,
        suspended: false,
        sworn: member.sworn,
        roles: member.roles,
        standing: Standing::Asserted,
    }
}

/// The same person with other roles.
pub fn with_roles(who: &Principal, roles: &[Role]) -> Principal {
    Principal { roles: Roles::of(roles), ..who.clone() }
}

pub fn new_case(who: &Principal, number: &str) -> Case {
    Case {
        id: id(),
        agency: who.agency,
        number: CaseNumber::parse(number).unwrap(),
        threat_area: ThreatArea::Enticement,
        nexus: Nexus::parse("contact began in a chat room").unwrap(),
        offence: Offence::usual(ThreatArea::Enticement),
        predicate: Some(Predicate {
            id: PredicateId::from(uuid()),
            offence: Offence::usual(ThreatArea::Enticement),
            member: who.member,
            at: model::Micros(0),
            facts: Predicate::facts("a provider's report of the account").unwrap(),
            document: None,
        }),
        lead: who.member,
        supervisor: Some(who.member),
        contact: Some(Contact { name: "Duty desk".to_owned(), telephone: phone("206-555-0103") }),
        marking: Marking::default(),
        status: CaseStatus::Open,
        outcome: None,
        opened: model::Micros(0),
    }
}

pub fn content(value: &str) -> EntryContent {
    EntryContent {
        raw: value.to_owned(),
        normal: Some(value.to_owned()),
        platform: None,
        doubt: None,
        report: None,
        note: None,
        place: None,
    }
}

/// What casework would record of my entry that meets theirs.
pub fn conflict(
    mine: (&Principal, CaseId, EntryId),
    theirs: (MemberId, AgencyId, CaseId, EntryId),
    levels: (Level, Level),
) -> NewConflict {
    NewConflict {
        mine: Party { case: mine.1, agency: mine.0.agency, member: mine.0.member },
        theirs: Party { case: theirs.2, agency: theirs.1, member: theirs.0 },
        gathering: GatheringId::from(derived_id("gathering", &[b"test"])),
        due: model::Micros(1),
        matches: vec![NewMatch {
            mine: mine.2,
            theirs: theirs.3,
            family: 1,
            rule_version: 1,
            strength: Strength::Strong,
            to_mine: levels.0,
            to_theirs: levels.1,
            gathering: GatheringId::from(derived_id("gathering", &[b"test"])),
            due: model::Micros(1),
        }],
    }
}

/// A job to be asked for, with these parts of two values each.
pub fn bulk_of<'a>(case: CaseId, order: &'a [u8], parts: &'a [Vec<u8>]) -> store::NewBulk<'a> {
    store::NewBulk {
        id: id(),
        case,
        signed_in: true,
        verb: model::BulkVerb::Check,
        authority: model::Authority::Subpoena,
        total: 2 * i64::try_from(parts.len()).unwrap(),
        slice: 2,
        until: model::Micros(i64::MAX),
        order,
        parts,
    }
}

/// Some job of this member's agency.
pub fn some_job(who: &Principal) -> store::BulkFacts {
    store::BulkFacts { id: id(), agency: who.agency, case: id(), member: who.member, state: model::BulkState::Waiting }
}

/// What a second person may do with a colleague's job.
pub fn second(who: &Principal, action: Action) -> Grant {
    grant(who, action, &Facts { other_member: Some(id()), ..facts(who) })
}

/// A request id of the world's own.
pub fn request() -> RequestId {
    id()
}
