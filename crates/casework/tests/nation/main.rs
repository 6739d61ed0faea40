//! The core against the truth of a synthetic nation: what is planted is found, nothing else is, and no child's value is
//! printed anywhere.
//!
//! CI takes in 10,000 entries; `CONCORD_NATION` makes it a million for `cargo xtask prove nation`. With `CONCORD_WRITE=1`
//! the run writes docs/VALIDATION.md.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod judged;
mod seen;
mod validation;
mod walk;

use std::sync::Arc;
use std::time::Instant;

use casework::model::*;
use casework::{Desk, NewAgency, NewMember, Opening, Principal};
use store::{Engine, KeyFolder, Place, Settings};
use testkit::moving_in::{self, People};
use testkit::nation::{Nation, Plan};
use testkit::{MockClock, OsChance, Postgres, Scratch, Speed};

use judged::judge;
use seen::Seen;
use walk::Walk;

/// A Concord with a nation in it.
struct World {
    desk: Desk,
    clock: Arc<MockClock>,
    nation: Nation,
    people: Arc<People>,
    watch: Principal,
    _scratch: Scratch,
    _server: Option<Postgres>,
}

async fn settle(engine: Engine, entries: u64) -> (World, Seen) {
    let scratch = Scratch::new();
    let full = entries > 50_000;
    let server = (engine == Engine::Postgres && full).then(|| Postgres::start(Speed::Durable));
    let place = match (engine, &server) {
        (Engine::Sqlite, _) => Place::Sqlite(scratch.join("concord.db")),
        (Engine::Postgres, Some(server)) => Place::Postgres(server.new_database()),
        (Engine::Postgres, None) => Place::Postgres(Postgres::shared().new_database()),
    };
    let nation = Nation::new(Plan::of(entries));
    let clock = Arc::new(MockClock::at(&nation.plan().as_of.to_string()));
    let keys = scratch.join("keys");
    KeyFolder::create(&keys, "concord/nation", &OsChance).unwrap();
    let desk = Desk::open(Opening {
        place,
        keys,
        clock: clock.clone(),
        chance: Arc::new(OsChance),
        origin: "test".to_owned(),
        settings: Settings::default(),
    })
    .await
    .unwrap();
    let phone = Telephone::parse("202-555-0100").unwrap();
    desk.init(&phone, true).await.unwrap();
    let operator = Principal::operator();
    let agency = NewAgency {
        name: "Watch desk".to_owned(),
        kind: AgencyKind::Federal,
        telephone: phone.clone(),
        time_zone: None,
        state: None,
        country: None,
    };
    let agency = desk.add_agency(&operator, agency).await.unwrap();
    let member = NewMember {
        agency,
        name: "Who answers".to_owned(),
        email: "desk@example.org".to_owned(),
        telephone: phone,
        sworn: false,
        roles: vec![Role::WatchDesk],
    };
    let watch = desk.add_member(&operator, member).await.unwrap();
    let watch = desk.member(&watch.to_string()).await.unwrap();
    let people = Arc::new(moving_in::people(&desk, &nation).await.unwrap());
    let start = Instant::now();
    let seen = Arc::new(Seen::default());
    let hears = seen.clone();
    moving_in::cases(&desk, &nation, &people, 4, move |case, fate| hears.answer(case, fate.expect("taken in")))
        .await
        .unwrap();
    let taken = seen.entries();
    println!(
        "figure: {engine:?}: {taken} entries in {} cases of {} agencies taken in and looked for in {:.1} s, {:.0} a second",
        nation.case_count(),
        nation.agencies().len(),
        start.elapsed().as_secs_f64(),
        taken as f64 / start.elapsed().as_secs_f64()
    );
    let seen = Arc::try_unwrap(seen).ok().expect("nobody hears any more");
    (World { desk, clock, nation, people, watch, _scratch: scratch, _server: server }, seen)
}

impl World {
    /// All that the workers do after the answers, and what then stands in every inbox and at the watch desk.
    async fn afterwards(&self, seen: &mut Seen) {
        let start = Instant::now();
        while self.desk.hear(None).await.unwrap().done > 0 {}
        self.desk.settle_ledger().await.unwrap();
        println!("figure: silent entries asked and ledger taken in within {:.1} s", start.elapsed().as_secs_f64());
        let start = Instant::now();
        self.clock.advance(11 * 60);
        let mut again = 0;
        loop {
            let round = self.desk.look_again(None).await.unwrap();
            assert_eq!(round.failed, 0, "a second look failed");
            again += round.done;
            if round.done == 0 {
                break;
            }
        }
        assert_eq!(u64::try_from(again).unwrap(), self.nation.case_count(), "every submission is looked at twice");
        self.desk.settle_ledger().await.unwrap();
        println!("figure: {again} submissions looked at a second time in {:.1} s", start.elapsed().as_secs_f64());
        for (agency, members) in self.people.members.iter().enumerate() {
            for (member, who) in members.iter().enumerate().filter(|(_, who)| !who.suspended) {
                seen.inbox(agency, member, self.desk.inbox(who).await.unwrap());
            }
        }
        seen.at_desk(self.desk.inbox(&self.watch).await.unwrap());
    }

    /// What every agency's own supervisor carries away without a reason, walked line by line: the last of the lists, with
    /// each agency's receipts, conflicts and notices in it.
    async fn carry_away(&self, walk: &Walk, judgement: &mut judged::Judgement) {
        let start = Instant::now();
        let mut lines = 0_usize;
        for who in self.people.members.iter().filter_map(|members| members.first()).filter(|who| !who.suspended) {
            let mut export = self.desk.export(who, None).await.unwrap();
            while let Some(some) = export.next().await.unwrap() {
                for line in some.lines() {
                    lines += 1;
                    judgement.shown.extend(walk.shown_in(line));
                }
            }
            let count = |what| export.counts().get(what).copied().unwrap_or_default();
            judgement.exported += count("entry");
            judgement.withheld += count("withheld");
        }
        assert_eq!(judgement.exported, judgement.entries, "every entry stands in its agency's export, once");
        assert!(judgement.withheld >= judgement.protected as u64, "a protected entry is withheld");
        println!("figure: {lines} lines exported and walked in {:.1} s", start.elapsed().as_secs_f64());
    }

    /// The cases' ids, by their places in the nation.
    async fn case_ids(&self) -> Vec<CaseId> {
        let mut by_agency: Vec<Vec<(u64, CaseNumber)>> = vec![Vec::new(); self.people.agencies.len()];
        for case in self.nation.cases() {
            by_agency[case.agency].push((case.index, case.number));
        }
        let mut ids = vec![None; usize::try_from(self.nation.case_count()).unwrap()];
        for (agency, cases) in by_agency.into_iter().enumerate() {
            for some in cases.chunks(1_000) {
                let numbers: Vec<CaseNumber> = some.iter().map(|(_, n)| n.clone()).collect();
                let facts =
                    self.desk.store().case_facts_numbered(self.people.agencies[agency], &numbers).await.unwrap();
                for ((index, _), facts) in some.iter().zip(facts) {
                    ids[usize::try_from(*index).unwrap()] = facts.map(|f| f.id);
                }
            }
        }
        ids.into_iter().map(|id| id.expect("every case is there")).collect()
    }
}

async fn on(engine: Engine) -> judged::Judgement {
    let entries = std::env::var("CONCORD_NATION").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let (world, mut seen) = settle(engine, entries).await;
    world.afterwards(&mut seen).await;
    let walk = Walk::of(&world.nation);
    let mut judgement = judge(&world.nation, &world.case_ids().await, &seen, &walk);
    drop(seen);
    world.carry_away(&walk, &mut judgement).await;
    judgement.print(engine);
    judgement.hold();
    let verdict = world.desk.verify_ledger(&Principal::operator(), |_| {}).await.unwrap();
    assert!(verdict.sound(), "the ledger does not verify");
    println!("figure: {engine:?}: {} events in the ledger, which verifies", verdict.size);
    judgement
}

/// What is planted is found, by everybody who must know it and as each may know it; nothing else is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_planted_is_found_and_nothing_else() {
    let first = on(Engine::Sqlite).await;
    let second = on(Engine::Postgres).await;
    assert_eq!(first.rules, second.rules, "both databases say the same");
    validation::check(&first);
}
