//! Opening, keys and leases.

use model::Role;
use policy::Action;
use store::{Error, KeyFolder, Store};
use testkit::OsChance;

use crate::common::*;
use crate::on_both;

on_both!(an_installation_is_made_once, w => {
    assert!(w.store.installation().await.unwrap().trial);
    let again = w.store.init(&w.operator(Action::Init), &phone(DESK), false).await;
    assert!(matches!(again, Err(Error::Initialised)), "{again:?}");
    assert!(w.store.installation().await.unwrap().trial, "the second init changed nothing");
    let officer = w.officer("ann").await;
    let grant = may(&officer, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert_eq!(tx.watch_desk().await.unwrap().as_str(), DESK);
    tx.commit(w.store.act(&grant, ("desk", uuid()))).await.unwrap();
});

on_both!(nothing_is_known_before_init, w => {
    let bare = World::bare(w.store.engine()).await;
    assert!(matches!(bare.store.installation().await, Err(Error::NotInitialised)));
});

on_both!(other_keys_refuse_to_open, w => {
    w.officer("ann").await;
    let other = KeyFolder::create(&w.dir.join("other.keys"), ORIGIN, &OsChance).unwrap();
    let opened = open(&w.place, other, &w.clock, &w.trace).await;
    assert!(matches!(opened, Err(Error::WrongKeys)));
});

on_both!(one_changed_key_of_the_folder_is_enough_to_refuse, w => {
    let names = ["master.key", "search.key", "signing.key", "token-1.key", "origin"];
    for name in names {
        let path = w.keys().join(name);
        let kept = std::fs::read_to_string(&path).unwrap();
        let wrong = if name == "origin" { "elsewhere.example.org".to_owned() } else { "5a".repeat(32) };
        std::fs::write(&path, wrong).unwrap();
        let opened = open(&w.place, KeyFolder::open(&w.keys()).unwrap(), &w.clock, &w.trace).await;
        assert!(matches!(opened, Err(Error::WrongKeys)), "another {name} was let in");
        std::fs::write(&path, kept).unwrap();
    }
    w.second().await;
});

on_both!(a_second_process_reads_what_the_first_wrote, w => {
    let ann = w.officer("ann").await;
    let second = w.second().await;
    let found = second.principal("ANN@example.org").await.unwrap().unwrap();
    assert_eq!(found, ann);
    assert_eq!(second.principal("nobody@example.org").await.unwrap(), None);
    assert!(found.has(Role::Supervisor));
});

on_both!(a_lease_has_one_owner, w => {
    let (a, b) = (uuid(), uuid());
    assert!(w.store.lease("sweeper", a, 30).await.unwrap());
    assert!(!w.store.lease("sweeper", b, 30).await.unwrap());
    assert!(w.store.lease("sweeper", a, 30).await.unwrap(), "its owner keeps it");
    assert!(w.store.lease("outbox", b, 30).await.unwrap(), "another lease is another");
    w.clock.advance(31);
    assert!(w.store.lease("sweeper", b, 30).await.unwrap(), "it falls free when its time is over");
    assert!(!w.store.lease("sweeper", a, 30).await.unwrap());
});

on_both!(of_many_who_want_a_lease_one_gets_it, w => {
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let store = w.store.clone();
            tokio::spawn(async move { store.lease("sequencer", uuid(), 30).await.unwrap() })
        })
        .collect();
    let mut owners = 0;
    for one in asking {
        owners += u32::from(one.await.unwrap());
    }
    assert_eq!(owners, 1);
});

/// The switch of a new file to WAL takes no notice of busy_timeout, and two migrators would both make the tables.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_openers_of_one_new_sqlite_file_all_succeed() {
    let w = World::bare(store::Engine::Sqlite).await;
    let place = store::Place::Sqlite(w.dir.join("new.db"));
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let (place, keys, clock, trace) = (place.clone(), w.keys(), w.clock.clone(), w.trace.clone());
            tokio::spawn(async move { open(&place, KeyFolder::open(&keys).unwrap(), &clock, &trace).await })
        })
        .collect();
    let mut stores: Vec<Store> = Vec::new();
    for one in opening {
        stores.push(one.await.unwrap().unwrap());
    }
    stores[0].init(&w.operator(Action::Init), &phone(DESK), true).await.unwrap();
    for store in stores {
        assert!(store.installation().await.unwrap().trial);
    }
}

on_both!(pending_migrations_are_told_before_they_run_and_a_look_changes_nothing, w => {
    let engine = w.store.engine();
    let place = w.elsewhere(engine, "empty.db");
    let before = Store::schema(&place).await.unwrap();
    assert_eq!(before.have, 0);
    assert_eq!(before.pending.last().map(|(version, _)| *version), Some(before.newest));
    assert_eq!(Store::schema(&place).await.unwrap(), before, "looking made nothing");
    if let store::Place::Sqlite(path) = &place {
        assert!(!path.exists());
    }
    let settings = store::Settings { partitioned: true, ..store::Settings::default() };
    let mut told = Vec::new();
    let after = Store::migrate(&place, &settings, |version, name| told.push((version, name))).await.unwrap();
    assert_eq!(told, before.pending);
    assert_eq!((after.have, after.pending.len()), (before.newest, 0));
    let again = Store::migrate(&place, &settings, |version, _| panic!("{version} ran twice")).await.unwrap();
    assert_eq!(again, after);
    assert_eq!(Store::schema(&w.place).await.unwrap(), after, "opening migrates too");
    // A schema of a newer program is not touched.
    w.raw().await.exec("UPDATE _sqlx_migrations SET version = 9000 WHERE version = 1", &[]).await;
    let newer = open(&w.place, KeyFolder::open(&w.keys()).unwrap(), &w.clock, &w.trace).await;
    assert!(matches!(newer, Err(Error::Newer { have: 9000, .. })), "{:?}", newer.err());
});
