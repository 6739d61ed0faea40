//! The Concord that is left behind by each child, opened again, and all that must hold of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use casework::answer::Answer;
use casework::model::*;
use casework::{Clocks, Desk, Error, NewAgency, NewMember, Opening, Principal, verify_receipt};
use policy::{Action, Facts, Policies};
use store::{Engine, KeyFolder, Place, Settings, Stage};
use testkit::moving_in::{self, People};
use testkit::nation::{Nation, Plan, Planted};
use testkit::{MockClock, OsChance, Postgres, Scratch, Speed};

use crate::judged::{Judgement, Looked, judge};
use crate::seen::{Seen, Told};
use crate::walk::Walk;

/// Seconds after a restart in which what is planted is found.
pub const FOUND_WITHIN: i64 = 10;

/// More submissions than this one round of a worker does not take.
const ROUND: usize = 500;

/// What holds of all restarts so far.
#[derive(Default)]
pub struct Figures {
    /// Acknowledged lines looked for, each after the kill that followed it.
    pub acknowledged: usize,
    /// Cases that were stored and that nobody had been told of.
    pub untold: usize,
    /// Submissions left without their look.
    pub swept: usize,
    /// Planted conflicts found by everybody who must know, each when its second side was stored.
    pub found: usize,
    /// The longest from the start of a process to the last find, in real time, and with the sweeper's wait before it.
    pub slowest: Duration,
    pub slowest_with_wait: Duration,
    /// Second looks.
    pub second: usize,
}

pub struct World {
    pub nation: Arc<Nation>,
    pub place: Place,
    pub scratch: Scratch,
    pub clock: Arc<MockClock>,
    pub figures: Figures,
    people: Arc<People>,
    watch: Principal,
    policies: Policies,
    /// The cases that are stored.
    ids: BTreeMap<u64, CaseId>,
    /// What each acknowledged case's receipt is.
    receipts: BTreeMap<u64, String>,
    planted: Vec<Planted>,
    of_case: BTreeMap<u64, Vec<usize>>,
    looked: Looked,
    seen: Seen,
    _server: Option<Postgres>,
}

impl World {
    /// A Concord with the nation's people and none of its cases.
    pub async fn new(engine: Engine, entries: u64) -> Self {
        let scratch = Scratch::new();
        let server = (engine == Engine::Postgres).then(|| Postgres::start(Speed::Durable));
        let place = match &server {
            None => Place::Sqlite(scratch.join("concord.db")),
            Some(server) => Place::Postgres(server.new_database()),
        };
        let nation = Arc::new(Nation::new(Plan::of(entries)));
        let clock = Arc::new(MockClock::at(&nation.plan().as_of.to_string()));
        KeyFolder::create(&scratch.join("keys"), "concord/killed", &OsChance).unwrap();
        let desk = open(&place, &scratch, &clock).await;
        let phone = Telephone::parse("202-555-0100").unwrap();
        desk.init(&phone, true).await.unwrap();
        let agency = NewAgency {
            name: "Watch desk".to_owned(),
            kind: AgencyKind::Federal,
            telephone: phone.clone(),
            time_zone: None,
            state: None,
            country: None,
        };
        let agency = desk.add_agency(&Principal::operator(), agency).await.unwrap();
        let member = NewMember {
            agency,
            name: "Who answers".to_owned(),
            email: "desk@example.org".to_owned(),
            telephone: phone,
            sworn: false,
            roles: vec![Role::WatchDesk],
        };
        let watch = desk.add_member(&Principal::operator(), member).await.unwrap();
        let watch = desk.member(&watch.to_string()).await.unwrap();
        let people = Arc::new(moving_in::people(&desk, &nation).await.unwrap());
        desk.settle_ledger().await.unwrap();
        desk.store().close().await;
        let planted: Vec<Planted> = nation.planted().collect();
        let looked = Looked::read(&nation, &planted.iter().flat_map(|p| [p.a, p.b]).collect::<HashSet<_>>());
        let mut of_case: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (at, p) in planted.iter().enumerate() {
            of_case.entry(p.a.case).or_default().push(at);
            of_case.entry(p.b.case).or_default().push(at);
        }
        Self {
            nation,
            place,
            scratch,
            clock,
            figures: Figures::default(),
            people,
            watch,
            policies: Policies::built_in().unwrap(),
            ids: BTreeMap::new(),
            receipts: BTreeMap::new(),
            planted,
            of_case,
            looked,
            seen: Seen::default(),
            _server: server,
        }
    }

    pub fn is_acknowledged(&self, case: u64) -> bool {
        self.receipts.contains_key(&case)
    }

    fn lead(&self, case: u64) -> &Principal {
        let case = self.nation.case(case);
        &self.people.members[case.agency][case.lead]
    }

    /// A process starts again on what the last one left. `sent` may be there, `acknowledged` must.
    pub async fn restart(&mut self, sent: &[u64], acknowledged: Vec<(u64, String)>, killed: bool) {
        let start = Instant::now();
        let desk = open(&self.place, &self.scratch, &self.clock).await;
        let opened = start.elapsed();

        // Everything that was acknowledged is there, whole; what was not looked at says so and is never called clear.
        let new = self.stored(&desk, sent).await;
        for (case, _) in &acknowledged {
            assert!(self.ids.contains_key(case), "case {case} was acknowledged and is lost");
        }
        let told: BTreeMap<u64, String> = acknowledged.into_iter().collect();
        self.figures.acknowledged += told.len();
        self.figures.untold += new.iter().filter(|case| !told.contains_key(case)).count();
        let long_after = self.clock.now().plus_seconds(3_600);
        let waiting = desk.store().pending(Stage::Look, long_after, None, 100_000).await.unwrap();
        let unlooked: BTreeSet<CaseId> = waiting.iter().filter_map(|p| p.case).collect();
        for case in &new {
            self.is_whole(&desk, *case).await;
            let unlooked = unlooked.contains(&self.ids[case]);
            match self.again(&desk, *case).await {
                Ok(_) => assert!(!unlooked, "case {case} was answered before anybody looked"),
                Err(Error::NotNow(_)) => assert!(unlooked, "case {case} was looked at and has no answer"),
                Err(why) => panic!("case {case}: {why}"),
            }
            assert!(!unlooked || told.get(case).is_none_or(|receipt| receipt == "later"), "an answer was taken back");
        }

        // The workers, as soon as what was left is due: a bounded number of rounds, and everything planted is found.
        let wait = Clocks::built_in().unwrap().sweep_seconds + 1;
        assert!(wait < FOUND_WITHIN, "the sweeper waits too long for what a process leaves that starts at once");
        self.clock.advance(wait);
        let unheard = desk.store().pending(Stage::Silent, long_after, None, 100_000).await.unwrap().len();
        let start = Instant::now();
        let mut swept = 0;
        for _ in 0..=(waiting.len() + unheard) / ROUND {
            let round = desk.work(None).await.unwrap();
            assert_eq!(round.failed, 0, "a look failed");
            swept += round.swept;
        }
        let took = opened + start.elapsed();
        if killed {
            self.figures.slowest = self.figures.slowest.max(took);
            let with_wait = took + Duration::from_secs(u64::try_from(wait).unwrap());
            self.figures.slowest_with_wait = self.figures.slowest_with_wait.max(with_wait);
        }
        assert!(swept >= waiting.len(), "{swept} of {} submissions were looked at", waiting.len());
        self.figures.swept += swept;
        for case in &new {
            let answer = self.again(&desk, *case).await.expect("looked at");
            if let Some(receipt) = told.get(case).filter(|receipt| *receipt != "later") {
                assert_eq!(&answer.receipt, receipt, "case {case} has another submission than the acknowledged one");
            }
            self.receipt(&desk, *case, &answer).await;
            self.seen.answer(*case, answer);
        }
        self.receipts.extend(told);
        self.all_found(&desk, &new).await;

        // Eleven minutes later: the second look finds nothing new. Counted by what waits for it and not by what is new: a
        // PostgreSQL backend outlives its killed client for a moment and may commit after the restart looked what is
        // there; such a case is looked at twice now, and is new to the next restart.
        self.clock.advance(11 * 60);
        let ever = self.clock.now().plus_seconds(3_600);
        let due = desk.store().pending(Stage::Second, ever, None, 100_000).await.unwrap().len();
        let mut second = 0;
        loop {
            let round = desk.work(None).await.unwrap();
            assert_eq!(round.failed, 0, "a second look failed");
            second += round.second;
            if round.second == 0 {
                break;
            }
        }
        assert!(second >= due, "{second} second looks for {due} submissions");
        assert!(desk.store().pending(Stage::Second, ever, None, 1).await.unwrap().is_empty(), "one waits still");
        self.figures.second += second;
        let queue = desk.inbox(&self.watch).await.unwrap();
        assert!(
            queue.items.iter().all(|item| item.state != "alarm"),
            "the second look found what the first had missed"
        );
        desk.settle_ledger().await.unwrap();
        verify(&desk).await;
        desk.store().close().await;
    }

    /// The cases among these that are stored and were not known to be.
    async fn stored(&mut self, desk: &Desk, sent: &[u64]) -> Vec<u64> {
        let mut by_agency: BTreeMap<usize, Vec<(u64, CaseNumber)>> = BTreeMap::new();
        for index in sent.iter().filter(|case| !self.ids.contains_key(case)) {
            let case = self.nation.case(*index);
            by_agency.entry(case.agency).or_default().push((*index, case.number));
        }
        let mut new = Vec::new();
        for (agency, cases) in by_agency {
            let numbers: Vec<CaseNumber> = cases.iter().map(|(_, n)| n.clone()).collect();
            let facts = desk.store().case_facts_numbered(self.people.agencies[agency], &numbers).await.unwrap();
            for ((case, _), facts) in cases.into_iter().zip(facts) {
                if let Some(facts) = facts {
                    self.ids.insert(case, facts.id);
                    new.push(case);
                }
            }
        }
        new
    }

    /// Every entry of the case is there, once.
    async fn is_whole(&self, desk: &Desk, case: u64) {
        let who = self.lead(case);
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let grant = policy::decide(&self.policies, who, Action::GetReceipt, &facts, desk.request()).unwrap();
        let mut tx = desk.store().view(&grant).await.unwrap();
        let mut held: Vec<_> = tx.own_case_entries(self.ids[&case]).await.unwrap();
        tx.commit(desk.store().act(&grant, ("case", self.ids[&case].into()))).await.unwrap();
        let mut sent = self.nation.case(case).entries;
        held.sort_by(|a, b| a.content.raw.cmp(&b.content.raw));
        sent.sort_by(|a, b| a.value.cmp(&b.value));
        let held: Vec<&str> = held.iter().map(|e| e.content.raw.as_str()).collect();
        let sent: Vec<&str> = sent.iter().map(|e| e.value.as_str()).collect();
        assert!(held == sent, "case {case} holds {} entries of {}", held.len(), sent.len());
    }

    /// The same request once more: what is stored is known by its id.
    async fn again(&self, desk: &Desk, case: u64) -> Result<Answer, Error> {
        let batch = vec![moving_in::intake(&self.people, self.nation.case(case))];
        desk.take_in(self.lead(case), batch).await.unwrap().remove(0)
    }

    /// The receipt verifies and is proven by the ledger.
    async fn receipt(&self, desk: &Desk, case: u64, answer: &Answer) {
        let receipt = desk.receipt(self.lead(case), answer.receipt.parse().unwrap()).await.unwrap();
        let verified = verify_receipt(&receipt, &desk.verifier_key()).unwrap();
        assert!(verified.proven, "the ledger does not prove case {case}'s receipt");
    }

    /// Every planted pair that one of these completes was told to both sides.
    async fn all_found(&mut self, desk: &Desk, new: &[u64]) {
        let pairs: BTreeSet<usize> = new.iter().filter_map(|case| self.of_case.get(case)).flatten().copied().collect();
        let there = |p: &Planted| self.ids.contains_key(&p.a.case) && self.ids.contains_key(&p.b.case);
        let pairs: Vec<Planted> = pairs.into_iter().map(|at| self.planted[at]).filter(there).collect();
        let lead = |case: u64| self.looked.leads[usize::try_from(case).unwrap()];
        let leads: BTreeSet<(usize, usize)> = pairs.iter().flat_map(|p| [lead(p.a.case), lead(p.b.case)]).collect();
        for (agency, member) in leads {
            let inbox = desk.inbox(&self.people.members[agency][member]).await.unwrap();
            self.seen.inbox(agency, member, inbox);
        }
        for p in &pairs {
            let id = Pair::new(self.ids[&p.a.case], self.ids[&p.b.case]).unwrap().conflict();
            for (me, sees) in [(p.a, p.a_sees), (p.b, p.b_sees)] {
                let name = &self.looked.names[&me];
                let answered: Told =
                    self.seen.answers().told.get(&(me.case, name.clone())).cloned().unwrap_or_default();
                let inbox = self.seen.inboxes.get(&lead(me.case)).and_then(|inbox| inbox.get(name));
                assert!(
                    answered.and(inbox).what_it_must(sees, self.looked.silent.contains(&me), id),
                    "after the restart {me:?} is not told of {p:?}"
                );
            }
        }
        self.figures.found += pairs.len();
    }

    /// After the last kill: every case is there once, by its request id, with the answer that was given; and the whole is
    /// judged against the truth as if nobody had been killed. Returns how many events the ledger holds.
    pub async fn judged(&mut self) -> (Judgement, u64) {
        let desk = open(&self.place, &self.scratch, &self.clock).await;
        let mut seen = Seen::default();
        let mut ids = Vec::new();
        for case in 0..self.nation.case_count() {
            self.is_whole(&desk, case).await;
            let answer = self.again(&desk, case).await.expect("known");
            let acknowledged = &self.receipts[&case];
            assert!(acknowledged == "later" || *acknowledged == answer.receipt, "case {case} was stored anew");
            seen.answer(case, answer);
            ids.push(self.ids[&case]);
        }
        for (agency, members) in self.people.members.iter().enumerate() {
            for (member, who) in members.iter().enumerate().filter(|(_, who)| !who.suspended) {
                seen.inbox(agency, member, desk.inbox(who).await.unwrap());
            }
        }
        seen.at_desk(desk.inbox(&self.watch).await.unwrap());
        desk.settle_ledger().await.unwrap();
        let events = verify(&desk).await;
        (judge(&self.nation, &ids, &seen, &Walk::of(&self.nation)), events)
    }
}

async fn verify(desk: &Desk) -> u64 {
    let verdict = desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap();
    assert!(verdict.sound(), "the ledger does not verify: {:?}", verdict.findings);
    verdict.size
}

async fn open(place: &Place, scratch: &Scratch, clock: &Arc<MockClock>) -> Desk {
    Desk::open(Opening {
        place: place.clone(),
        keys: scratch.join("keys"),
        clock: clock.clone(),
        chance: Arc::new(OsChance),
        origin: "test".to_owned(),
        settings: Settings::default(),
    })
    .await
    .unwrap()
}
