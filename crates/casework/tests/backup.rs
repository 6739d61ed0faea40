//! A restored installation answers as the one that was backed up; the doctor tells what it is told to tell.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use casework::model::*;
use casework::{Desk, Error, Exit, Finding, Opening, Principal, RestoreFrom, State, verify_receipt};
use common::*;
use store::{Engine, Place, Settings};
use testkit::Postgres;

const EMAIL: &str = "kind,value\nemail,Will.Rox@example.org\nphone,206-555-0177\n";

fn opening(house: &House, place: &Place) -> Opening {
    Opening {
        place: place.clone(),
        keys: house.scratch.join("keys"),
        clock: house.clock.clone(),
        chance: house.chance.clone(),
        origin: "test".to_owned(),
        settings: Settings::default(),
    }
}

fn elsewhere(house: &House, engine: Engine) -> Place {
    match engine {
        Engine::Sqlite => Place::Sqlite(house.scratch.join("again.db")),
        Engine::Postgres => Place::Postgres(Postgres::shared().new_database()),
    }
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

on_both!(a_restored_installation_answers_as_the_one_that_was_backed_up, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let answer = house.submit(&b, &case_b, EMAIL).await;
    let receipt: SubmissionId = answer.receipt.parse().unwrap();
    let (inbox_a, inbox_b) = (text(&house.inbox(&a).await), text(&house.inbox(&b).await));
    let proof = house.desk.receipt(&b, receipt).await.unwrap();
    let key = house.desk.verifier_key();
    let file = house.scratch.join("day.backup");
    let operator = Principal::operator();
    let made = house.desk.backup(&operator, &file, None, |_, _| ()).await.unwrap();
    let checked = house.check(&b, Some(&case_b), EMAIL).await;
    let mut house = house;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = elsewhere(&house, engine);
        let from = RestoreFrom { opening: opening(&house, &place), file: file.clone() };
        let (desk, restored) = Desk::restore(&operator, from, |_, _| ()).await.unwrap();
        assert_eq!((restored.backup, restored.rows), (made.id, made.rows));
        let begun = restored.new_log.unwrap();
        assert_ne!(begun.verifier, key, "the backup's own event and the check were signed since");
        house.desk = desk;
        assert_eq!(text(&house.inbox(&a).await), inbox_a);
        assert_eq!(text(&house.inbox(&b).await), inbox_b);
        let again = house.check(&b, Some(&case_b), EMAIL).await;
        assert_eq!(text(&again.conflicts), text(&checked.conflicts));
        assert_eq!(text(&again.desk), text(&checked.desk));
        // The old receipt with the old key, the new one with the new.
        let old = house.desk.receipt(&b, receipt).await.unwrap();
        assert_eq!(old, proof);
        assert!(verify_receipt(&old, &key).unwrap().proven);
        let new = house.desk.receipt(&b, again.receipt.parse().unwrap()).await.unwrap();
        assert!(verify_receipt(&new, &begun.verifier).unwrap().proven);
        assert!(verify_receipt(&new, &key).is_err());
        let verdict = house.desk.verify_ledger(&operator, |_| ()).await.unwrap();
        assert!(verdict.sound(), "{:?}", verdict.findings);
    }
});

on_both!(who_may_not_restore_or_back_up_does_not, house => {
    let (a, _) = house.officer("A-1").await;
    let file = house.scratch.join("day.backup");
    assert!(matches!(house.desk.backup(&a, &file, None, |_, _| ()).await, Err(Error::Refused(_))));
    assert!(!file.exists());
    house.desk.backup(&Principal::operator(), &file, None, |_, _| ()).await.unwrap();
    let place = elsewhere(&house, Engine::Sqlite);
    let from = RestoreFrom { opening: opening(&house, &place), file };
    assert!(matches!(Desk::restore(&a, from, |_, _| ()).await.err(), Some(Error::Refused(_))));
    let twice = house.desk.backup(&Principal::operator(), &house.scratch.join("day.backup"), None, |_, _| ()).await;
    assert_eq!(twice.unwrap_err().exit(), Exit::BadInput);
    let not = Desk::new_log(&Principal::operator(), opening(&house, &house.place), FreeText::parse("a test").unwrap()).await.err().unwrap();
    assert_eq!(not.exit(), Exit::BadInput, "{not}");
    assert!(matches!(house.desk.doctor(&a).await, Err(Error::Refused(_))));
});

fn state(findings: &[Finding], name: &str) -> State {
    findings.iter().find(|f| f.name == name).unwrap().state
}

on_both!(the_doctor_tells_of_this_installation, house => {
    let (a, case_a) = house.officer("A-1").await;
    house.submit(&a, &case_a, EMAIL).await;
    let operator = Principal::operator();
    let first = house.desk.doctor(&operator).await.unwrap();
    assert_eq!((state(&first, "backup"), state(&first, "trial")), (State::Bad, State::Warn));
    assert_eq!(state(&first, "connection"), State::Good);
    let words: String = first.iter().map(|f| format!("{} {} {}\n", f.name, f.says, f.cure)).collect();
    assert!(words.contains("Who holds database and signing key can rewrite what no receipt, agency or witness has seen."));
    for content in ["Rox", "0177", "A-1"] {
        assert!(!words.contains(content), "{words}");
    }
    house.desk.work(None).await.unwrap();
    house.desk.backup(&operator, &house.scratch.join("day.backup"), None, |_, _| ()).await.unwrap();
    house.clock.advance(16 * 60);
    let second = house.desk.doctor(&operator).await.unwrap();
    let good = ["backup", "kept checkpoint", "checkpoint", "looks", "silent looks", "schema", "key folder"];
    for name in good {
        assert_eq!(state(&second, name), State::Good, "{name}: {second:?}");
    }
    assert_eq!(state(&second, "second looks"), State::Warn, "nobody looked again in time");
    house.desk.work(None).await.unwrap();
    assert_eq!(state(&house.desk.doctor(&operator).await.unwrap(), "second looks"), State::Good);
    house.clock.advance(3 * 86_400);
    assert_eq!(state(&house.desk.doctor(&operator).await.unwrap(), "backup"), State::Warn);
});
