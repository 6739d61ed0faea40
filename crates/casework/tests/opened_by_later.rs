//! A landed migration is never edited: a small database made by the first version is opened by every later one.
//!
//! The fixture (`fixtures/ground`: a SQLite file and its trial keys, all synthetic) was made by this test with
//! `CONCORD_MAKE_FIXTURE=1 cargo test -p casework --test opened_by_later` and is never made again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use casework::model::*;
use casework::{Desk, Opening, Principal};
use common::*;
use store::{Engine, Place, Settings};
use testkit::{MockClock, Scratch, SeededChance};

fn fixture() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/ground"))
}

async fn make(folder: &Path) {
    let house = house(Engine::Sqlite).await;
    let (a, case_a) = house.officer("WA-25-001").await;
    let (b, case_b) = house.officer("NM-77").await;
    let supervisor = house.member(a.agency, &[Role::Supervisor]).await;
    house.submit(&a, &case_a, "kind,value,note\nemail,old@example.org,met in a chat room\nip,192.0.2.7,\n").await;
    house.submit_silent(&a, &case_a, "kind,value\nphone,206-555-0177\n", &supervisor).await.unwrap();
    house.submit(&b, &case_b, "kind,value\nemail,OLD@example.org\n").await;
    house.check(&b, None, "kind,value\nphone,206-555-0177\n").await;
    house.inbox(&a).await;
    house.desk.store().close().await;
    std::fs::create_dir_all(folder.join("keys")).unwrap();
    std::fs::copy(house.scratch.join("concord.db"), folder.join("concord.db")).unwrap();
    for key in std::fs::read_dir(house.scratch.join("keys")).unwrap() {
        let key = key.unwrap();
        std::fs::copy(key.path(), folder.join("keys").join(key.file_name())).unwrap();
    }
}

#[tokio::test]
async fn a_database_of_the_first_version_opens_and_answers() {
    if std::env::var("CONCORD_MAKE_FIXTURE").is_ok() {
        assert!(!fixture().exists(), "the fixture is made once");
        make(&fixture()).await;
    }
    let scratch = Scratch::new();
    let keys = scratch.join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    for key in std::fs::read_dir(fixture().join("keys")).unwrap() {
        let key = key.unwrap();
        std::fs::copy(key.path(), keys.join(key.file_name())).unwrap();
    }
    std::fs::set_permissions(&keys, PermissionsExt::from_mode(0o700)).unwrap();
    std::fs::copy(fixture().join("concord.db"), scratch.join("concord.db")).unwrap();
    let clock = Arc::new(MockClock::at("2026-11-24T06:00:00Z"));
    let desk = Desk::open(Opening {
        place: Place::Sqlite(scratch.join("concord.db")),
        keys,
        clock: clock.clone(),
        chance: Arc::new(SeededChance::new(99)),
        origin: "test".to_owned(),
        settings: Settings::default(),
    })
    .await
    .unwrap();
    assert!(desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
    desk.work(None).await.unwrap();
    let (a, b) =
        (desk.member("officer2@example.org").await.unwrap(), desk.member("officer5@example.org").await.unwrap());
    let inbox = desk.inbox(&a).await.unwrap();
    assert_eq!(inbox.items.iter().map(|i| i.state.as_str()).collect::<Vec<_>>(), ["silent", "notified"]);
    assert_eq!(inbox.items[1].yours, ["old@example.org"]);
    let id: ConflictId = desk.inbox(&b).await.unwrap().items[0].conflict.as_deref().unwrap().parse().unwrap();
    assert_eq!(desk.conflict(&b, id).await.unwrap().strength, Strength::Strong);
    assert!(desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
}
