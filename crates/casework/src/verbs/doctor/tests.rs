//! Each fault is told under its name, and nothing else is.

use super::*;
use store::Engine;

fn well() -> DoctorFacts {
    let place =
        |device| PlaceFacts { free: Some(1 << 40), total: Some(1 << 41), encryption: Encryption::Enciphered, device };
    let now = Micros::parse("2026-11-23T06:00:00Z").unwrap();
    DoctorFacts {
        now,
        engine: Engine::Sqlite,
        version: "SQLite 3".to_owned(),
        schema: 3,
        newest_schema: 3,
        durability: Durability::Sqlite { journal: "wal".to_owned(), synchronous: 1 },
        drift: None,
        trial: false,
        unlooked: Waiting::default(),
        unheard: Waiting::default(),
        second: Waiting::default(),
        notices: Waiting::default(),
        events: Waiting::default(),
        silent_orders: Waiting::default(),
        reviews: Waiting::default(),
        words_wait: 0,
        signed: Some((7, now)),
        kept: KeptAgrees::Agrees,
        old_logs: 0,
        backup: Some((now, now.plus_days(35))),
        keys: Some(KeyFolderFacts { mode: 0o700, open_to_others: vec![], own: Some(true), place: place(1) }),
        data: Some(place(2)),
    }
}

fn bad(facts: &DoctorFacts) -> Vec<(&'static str, State)> {
    let all = findings(facts, 600);
    assert_eq!(all.iter().map(|f| f.name).collect::<Vec<_>>(), NAMES);
    for finding in &all {
        assert_eq!(finding.cure.is_empty(), finding.state == State::Good, "{finding:?}");
        assert!(!finding.says.is_empty());
    }
    // Witnesses are always told.
    all.into_iter().filter(|f| f.state != State::Good && f.name != "witnesses").map(|f| (f.name, f.state)).collect()
}

const NAMES: [&str; 21] = [
    "trial",
    "schema",
    "durability",
    "connection",
    "clock",
    "events",
    "checkpoint",
    "kept checkpoint",
    "witnesses",
    "looks",
    "silent looks",
    "second looks",
    "notices",
    "search",
    "silent orders",
    "reviews",
    "backup",
    "key folder",
    "keys and data",
    "disk encryption",
    "free disk",
];

#[test]
fn a_well_kept_installation_is_told_only_that_nobody_outside_watches_it() {
    assert_eq!(bad(&well()), []);
    let witnesses = findings(&well(), 600).into_iter().find(|f| f.name == "witnesses").unwrap();
    assert!(witnesses.says.ends_with(WITNESS) && witnesses.state == State::Warn);
}

#[test]
fn each_fault_is_told_under_its_name_and_nothing_else_is() {
    use State::{Bad, Warn};
    let minutes = |n: i64| Waiting { count: 2, oldest: Some(well().now.plus_seconds(-60 * n)) };
    let postgres = |fsync, commit: &str, data_checksums, ssl, local| Durability::Postgres {
        fsync,
        synchronous_commit: commit.to_owned(),
        full_page_writes: true,
        data_checksums,
        ssl,
        local,
    };
    type Fault = (fn(&mut DoctorFacts, Waiting, Durability), Waiting, Durability, &'static str, State);
    let wal = well().durability;
    let faults: [Fault; 30] = [
        (|f, _, _| f.trial = true, minutes(0), wal.clone(), "trial", Warn),
        (|f, _, _| f.schema = 2, minutes(0), wal.clone(), "schema", Bad),
        (
            |f, _, d| f.durability = d,
            minutes(0),
            Durability::Sqlite { journal: "wal".to_owned(), synchronous: 0 },
            "durability",
            Bad,
        ),
        (
            |f, _, d| f.durability = d,
            minutes(0),
            Durability::Sqlite { journal: "delete".to_owned(), synchronous: 2 },
            "durability",
            Bad,
        ),
        (|f, _, d| f.durability = d, minutes(0), postgres(false, "on", true, true, false), "durability", Bad),
        (|f, _, d| f.durability = d, minutes(0), postgres(true, "off", true, true, false), "durability", Bad),
        (|f, _, d| f.durability = d, minutes(0), postgres(true, "on", false, true, false), "durability", Warn),
        (|f, _, d| f.durability = d, minutes(0), postgres(true, "on", true, false, false), "connection", Bad),
        (|f, _, _| f.drift = Some(-3_000_000), minutes(0), wal.clone(), "clock", Warn),
        (|f, _, _| f.drift = Some(61_000_000), minutes(0), wal.clone(), "clock", Bad),
        (|f, w, _| f.events = w, minutes(6), wal.clone(), "events", Warn),
        (|f, _, _| f.signed = None, minutes(0), wal.clone(), "checkpoint", Warn),
        (|f, _, _| f.kept = KeptAgrees::NoneKept, minutes(0), wal.clone(), "kept checkpoint", Warn),
        (|f, _, _| f.kept = KeptAgrees::Behind { size: 1, kept: 2 }, minutes(0), wal.clone(), "kept checkpoint", Bad),
        (|f, _, _| f.kept = KeptAgrees::OldLog, minutes(0), wal.clone(), "kept checkpoint", Bad),
        (|f, _, _| f.kept = KeptAgrees::Differs, minutes(0), wal.clone(), "kept checkpoint", Bad),
        (|f, w, _| f.unlooked = w, minutes(61), wal.clone(), "looks", Bad),
        (|f, w, _| f.unheard = w, minutes(6), wal.clone(), "silent looks", Warn),
        (|f, w, _| f.second = w, minutes(16), wal.clone(), "second looks", Warn),
        (|f, w, _| f.notices = w, minutes(6), wal.clone(), "notices", Warn),
        (|f, _, _| f.words_wait = 3, minutes(1), wal.clone(), "search", Warn),
        (|f, w, _| f.silent_orders = w, minutes(1), wal.clone(), "silent orders", Warn),
        (|f, w, _| f.reviews = w, minutes(1), wal.clone(), "reviews", Warn),
        (|f, _, _| f.backup = None, minutes(0), wal.clone(), "backup", Bad),
        (|f, _, _| f.backup = Some((f.now.plus_days(-3), f.now)), minutes(0), wal.clone(), "backup", Warn),
        (
            |f, _, _| f.keys.as_mut().unwrap().open_to_others = vec!["a".to_owned()],
            minutes(0),
            wal.clone(),
            "key folder",
            Bad,
        ),
        (|f, _, _| f.keys.as_mut().unwrap().own = Some(false), minutes(0), wal.clone(), "key folder", Warn),
        (|f, _, _| f.data.as_mut().unwrap().device = 1, minutes(0), wal.clone(), "keys and data", Warn),
        (
            |f, _, _| f.data.as_mut().unwrap().encryption = Encryption::NotSeen,
            minutes(0),
            wal.clone(),
            "disk encryption",
            Warn,
        ),
        (|f, _, _| f.data.as_mut().unwrap().free = Some(1 << 20), minutes(0), wal, "free disk", Bad),
    ];
    for (change, waiting, durability, name, state) in faults {
        let mut facts = well();
        change(&mut facts, waiting, durability);
        assert_eq!(bad(&facts), [(name, state)]);
    }
}

#[test]
fn what_is_in_its_time_is_no_fault() {
    let mut facts = well();
    let ago = |minutes: i64| Waiting { count: 1, oldest: Some(facts.now.plus_seconds(-60 * minutes)) };
    (facts.second, facts.unlooked, facts.events) = (ago(14), ago(4), ago(0));
    facts.drift = Some(1_900_000);
    facts.durability = Durability::Postgres {
        fsync: true,
        synchronous_commit: "remote_apply".to_owned(),
        full_page_writes: true,
        data_checksums: true,
        ssl: false,
        local: true,
    };
    assert_eq!(bad(&facts), []);
}
