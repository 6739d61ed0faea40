//! Many cases at once: each gets what it would have got alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use casework::{CaseIntake, Error, NewCase, Principal};
use common::*;

fn intake(house: &House, number: &str, csv: &str) -> CaseIntake {
    let number = CaseNumber::parse(number).unwrap();
    CaseIntake {
        order: house.order(&number, csv),
        case: NewCase {
            number,
            threat_area: ThreatArea::Enticement,
            nexus: Nexus::parse("contact began in a chat room").unwrap(),
            predicate: Predicate::facts("an undercover session and a provider's answer").unwrap(),
            offence: None,
            supervisor: None,
            contact: None,
            marking: Marking::default(),
        },
    }
}

fn csv(values: &[&str]) -> String {
    let rows: Vec<String> = values.iter().map(|v| format!("email,{v}@example.org")).collect();
    format!("kind,value\n{}\n", rows.join("\n"))
}

async fn colleagues(house: &House) -> (Principal, Principal) {
    let agency = house.agency(AgencyKind::Local).await;
    (house.member(agency, &[]).await, house.member(agency, &[Role::Supervisor]).await)
}

on_both!(
    /// Commit first, look second holds for a batch: cases of one batch meet those before it, of their own agency with
    /// another lead too, and nobody is told of a meeting twice.
    a_batch_meets_what_was_there, house => {
        let (bob, case) = house.officer("B-1").await;
        house.submit(&bob, &case, &csv(&["fox", "owl"])).await;
        let (ann, _) = colleagues(&house).await;
        let batch = vec![
            intake(&house, "A-1", &csv(&["fox", "hare"])),
            intake(&house, "A-2", &csv(&["badger"])),
            intake(&house, "A-3", &csv(&["owl", "hare"])),
        ];
        let answers: Vec<_> =
            house.desk.take_in(&ann, batch).await.unwrap().into_iter().map(|a| a.unwrap()).collect();
        let met: Vec<usize> = answers.iter().map(|a| a.conflicts.len()).collect();
        // share "hare" and their lead: no conflict.
        assert_eq!(met, [1, 0, 1]);
        assert_eq!(answers[0].conflicts[0].matches[0].yours, "fox@example.org");
        assert_eq!(answers[2].case.as_deref(), Some("A-3"));
        let inbox = house.inbox(&bob).await;
        assert_eq!(inbox.items.iter().map(|i| 1 + i.others.len()).sum::<usize>(), 2);
    }
);

on_both!(
    /// Two cases of one batch with one lead do not meet; two batches of two leads of one agency do, whichever was first.
    each_answer_is_that_of_a_single_submission, house => {
        let (ann, eve) = colleagues(&house).await;
        let one = house.desk.take_in(&ann, vec![intake(&house, "A-1", &csv(&["fox"]))]).await.unwrap();
        assert!(one[0].as_ref().unwrap().conflicts.is_empty());
        let many = vec![intake(&house, "E-1", &csv(&["fox"])), intake(&house, "E-2", &csv(&["owl"]))];
        let many = house.desk.take_in(&eve, many).await.unwrap();
        let batch = many[0].as_ref().unwrap();
        let case = house.case(&eve, "E-3", None).await;
        let alone = house.submit(&eve, &case, &csv(&["fox"])).await;
        assert_eq!(batch.conflicts[0].matches, alone.conflicts[0].matches);
        assert_eq!(batch.conflicts[0].strength, alone.conflicts[0].strength);
        assert!(many[1].as_ref().unwrap().conflicts.is_empty());
    }
);

on_both!(
    a_batch_sent_again_stores_nothing_twice, house => {
        let (ann, _) = colleagues(&house).await;
        let batch = |house: &House| {
            let mut all = vec![intake(house, "A-1", &csv(&["fox"])), intake(house, "A-2", &csv(&["owl"]))];
            for (n, one) in all.iter_mut().enumerate() {
                one.order.request = format!("00000000-0000-7000-8000-00000000000{n}").parse().unwrap();
            }
            all
        };
        let first = house.desk.take_in(&ann, batch(&house)).await.unwrap();
        let again = house.desk.take_in(&ann, batch(&house)).await.unwrap();
        for (a, b) in first.iter().zip(&again) {
            assert_eq!(a.as_ref().unwrap(), b.as_ref().unwrap());
        }
        let mut changed = batch(&house);
        changed[1].order.reading = casework::read("in.csv", csv(&["other"]).as_bytes());
        let third = house.desk.take_in(&ann, changed).await.unwrap();
        assert!(third[0].is_ok());
        assert!(matches!(third[1], Err(Error::Store(store::Error::Exists(_)))));
    }
);

on_both!(
    what_is_refused_stops_nobody_else, house => {
        let (ann, _) = colleagues(&house).await;
        house.case(&ann, "A-0", None).await;
        let batch = vec![
            intake(&house, "A-0", &csv(&["fox"])),
            intake(&house, "A-1", "kind,value\nphone,nobody\n"),
            intake(&house, "A-2", &csv(&["owl"])),
            intake(&house, "a-2 ", &csv(&["owl"])),
            intake(&house, "A-4", "kind,value\n"),
            intake(&house, "A-5", &csv(&["hare"])),
        ];
        let fates = house.desk.take_in(&ann, batch).await.unwrap();
        let good: Vec<bool> = fates.iter().map(Result::is_ok).collect();
        assert_eq!(good, [false, false, true, false, false, true]);
        assert!(matches!(&fates[1], Err(Error::File { problems, .. }) if problems.len() == 1));
        let empty = house.desk.store().case_facts(ann.agency, &CaseNumber::parse("A-1").unwrap()).await.unwrap();
        assert!(empty.is_none(), "a case whose identifiers are refused is not opened");
    }
);

on_both!(
    /// A member of another agency, or one who holds no role, supervises nothing here.
    a_stranger_supervises_no_case, house => {
        let (ann, eve) = colleagues(&house).await;
        let (bob, _) = house.officer("B-1").await;
        let mut batch = vec![intake(&house, "A-1", &csv(&["fox"])), intake(&house, "A-2", &csv(&["owl"]))];
        batch[0].case.supervisor = Some(bob.member);
        batch[1].case.supervisor = Some(eve.member);
        let fates = house.desk.take_in(&ann, batch).await.unwrap();
        assert!(matches!(fates[0], Err(Error::NotFound(_))));
        assert!(fates[1].is_ok());
    }
);

on_both!(
    /// Three leaves a case whatever it meets: opened, submitted, looked at; as when each is done alone.
    a_batch_leaves_the_events_of_each, house => {
        let (ann, _) = colleagues(&house).await;
        house.desk.settle_ledger().await.unwrap();
        let before = house.desk.verify_ledger(&Principal::operator(), |_| {}).await.unwrap();
        let batch = (0..5).map(|n| intake(&house, &format!("A-{n}"), &csv(&[&format!("v{n}")]))).collect();
        house.desk.take_in(&ann, batch).await.unwrap();
        house.desk.settle_ledger().await.unwrap();
        let after = house.desk.verify_ledger(&Principal::operator(), |_| {}).await.unwrap();
        // The first verification left its own event.
        assert_eq!(after.size - before.size, 15 + 1);
        assert!(after.sound());
    }
);
