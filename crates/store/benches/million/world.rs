//! A Concord with a million entries, on either engine, taken in through the same verb as everybody's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use casework::{Desk, Opening};
use model::{CaseNumber, Telephone, Token};
use policy::Principal;
use store::{Engine, KeyFolder, Place, Settings};
use testkit::measure::grouped;
use testkit::moving_in::{self, People};
use testkit::nation::{Nation, Plan};
use testkit::{OsChance, Postgres, Scratch, Speed, SystemClock};

use crate::peers::Pool;

pub struct World {
    pub engine: Engine,
    pub place: Place,
    pub desk: Desk,
    /// For plain SQL: connections of the store's own settings to the same database.
    pub pool: Pool,
    pub nation: Nation,
    pub people: Arc<People>,
    /// Entries taken in, and how long that took.
    pub entries: u64,
    pub took: Duration,
    /// Of these, so many by plain SQL, and the postings in all.
    pub filled: u64,
    pub postings: u64,
    /// Fingerprints of the nation's that one entry holds.
    pub held: Vec<Token>,
    pub scratch: Scratch,
    /// Of the other engine there is none.
    pub server: Option<Postgres>,
}

/// One entry in so many comes in by the verb, the others by plain SQL: a million by the verb takes minutes.
const SHARE: u64 = 10;
const HELD: i64 = 1_000;

impl World {
    pub async fn of(engine: Engine, entries: u64) -> Self {
        let scratch = Scratch::new();
        let server = (engine == Engine::Postgres).then(|| Postgres::start(Speed::Durable));
        let place = match &server {
            None => Place::Sqlite(scratch.join("concord.db")),
            Some(server) => Place::Postgres(server.new_database()),
        };
        let keys = scratch.join("keys");
        KeyFolder::create(&keys, "concord.example.org/bench", &OsChance).unwrap();
        let desk = Desk::open(Opening {
            place: place.clone(),
            keys,
            clock: Arc::new(SystemClock),
            chance: Arc::new(OsChance),
            origin: "bench".to_owned(),
            settings: Settings::default(),
        })
        .await
        .unwrap();
        desk.init(&Telephone::parse("202-555-0100").unwrap(), true).await.unwrap();
        let nation = Nation::new(Plan::of(entries / SHARE));
        let start = Instant::now();
        let people = Arc::new(moving_in::people(&desk, &nation).await.unwrap());
        let taken = Arc::new(AtomicU64::new(0));
        let count = taken.clone();
        moving_in::cases(&desk, &nation, &people, 4, move |_, fate| {
            let some = u64::try_from(fate.unwrap().entries).unwrap();
            let before = count.fetch_add(some, Ordering::Relaxed);
            if before / 100_000 != (before + some) / 100_000 {
                eprintln!("{engine:?}: {} entries after {:?}", before + some, start.elapsed());
            }
        })
        .await
        .unwrap();
        let took = start.elapsed();
        let pool = Pool::open(&place).await;
        let held = pool.some_held(HELD).await;
        eprintln!("{engine:?}: {} entries in {took:?}; filling", taken.load(Ordering::Relaxed));
        pool.fill(SHARE - 1).await;
        pool.settle().await;
        let entries = pool.number("SELECT COUNT(*) FROM entry").await;
        let filled = entries - taken.load(Ordering::Relaxed);
        let postings = pool.number("SELECT COUNT(*) FROM posting").await;
        eprintln!("{engine:?}: {entries} entries, {postings} postings after {:?}", start.elapsed());
        Self { engine, place, desk, pool, nation, people, entries, took, filled, postings, held, scratch, server }
    }

    /// What stands in it, for a section's first words.
    pub fn says(&self) -> String {
        let (all, taken) = (grouped(self.entries), self.entries - self.filled);
        format!(
            "{all} entries and {} postings: a synthetic nation of {} entries taken in through the verb ({} a second), and {} further entries with a posting each under random fingerprints, written by plain SQL.",
            grouped(self.postings),
            grouped(taken),
            grouped((taken as f64 / self.took.as_secs_f64()) as u64),
            grouped(self.filled),
        )
    }

    /// Who leads a case of the nation, and its number.
    pub fn lead(&self, case: u64) -> (Principal, CaseNumber) {
        let case = self.nation.case(case);
        (self.people.members[case.agency][case.lead].clone(), case.number)
    }
}
