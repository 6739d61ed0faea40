//! Invariant 2: every verb leaves an event, a refusal too; a submission or check leaves the same number whatever it finds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use casework::{HoldOrder, Principal, Step};
use common::*;

async fn events(house: &House) -> usize {
    house.desk.settle_ledger().await.unwrap()
}

on_both!(every_verb_leaves_its_events_and_finding_leaves_no_more, house => {
    assert_eq!(events(&house).await, 1, "init");
    let agency = house.agency(AgencyKind::Local).await;
    assert_eq!(events(&house).await, 1, "agency");
    let supervisor = house.member(agency, &[Role::Supervisor]).await;
    let a = house.member(agency, &[]).await;
    assert_eq!(events(&house).await, 2, "two members");
    let case_a = house.case(&a, "E-1", Some(supervisor.member)).await;
    assert_eq!(events(&house).await, 1, "case");
    let (b, case_b) = house.officer("E-2").await;
    let super_b = house.member(b.agency, &[Role::Supervisor]).await;
    events(&house).await;
    let csv = "kind,value\nemail,e@example.org\n";
    house.submit(&a, &case_a, csv).await;
    let miss = events(&house).await;
    let answer = house.submit(&b, &case_b, csv).await;
    let hit = events(&house).await;
    assert_eq!((miss, hit), (2, 2), "a submission is two events, whatever it finds");
    house.check(&b, None, csv).await;
    let found = events(&house).await;
    house.check(&b, None, "kind,value\nemail,nobody@example.org\n").await;
    assert_eq!((found, events(&house).await), (2, 2), "a check too");
    house.desk.inbox(&a).await.unwrap();
    assert_eq!(events(&house).await, 1, "inbox");
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    house.desk.conflict(&a, id).await.unwrap();
    assert_eq!(events(&house).await, 1, "a conflict shown");
    house.desk.step(&a, id, Step::Acknowledge).await.unwrap();
    assert_eq!(events(&house).await, 2, "a step, and what it then shows");
    house.desk.step(&a, id, Step::Message(FreeText::parse("call me").unwrap(), Marking::default())).await.unwrap();
    assert_eq!(events(&house).await, 2, "a message");
    house.desk.hold(&a, id, HoldOrder::Propose(FreeText::parse("tonight").unwrap())).await.unwrap();
    assert_eq!(events(&house).await, 1, "a hold");
    house.desk.hold(&super_b, id, HoldOrder::ActAgainst(FreeText::parse("rescue").unwrap())).await.unwrap();
    assert_eq!(events(&house).await, 1, "an act against it");
    assert!(house.desk.hold(&b, id, HoldOrder::ActAgainst(FreeText::parse("rescue").unwrap())).await.is_err());
    assert_eq!(events(&house).await, 1, "a refusal");
    let (stranger, _) = house.officer("E-3").await;
    events(&house).await;
    assert!(house.desk.conflict(&stranger, id).await.is_err());
    assert_eq!(events(&house).await, 1, "a stranger's look at what is not theirs");
    assert!(house.desk.receipt(&stranger, answer.receipt.parse().unwrap()).await.is_err());
    assert_eq!(events(&house).await, 1, "and at a receipt: the view was dropped, which leaves its own event");
    house.desk.receipt(&b, answer.receipt.parse().unwrap()).await.unwrap();
    assert_eq!(events(&house).await, 1, "a receipt read");
    house.desk.withdraw(&a, &case_a, Kind::Email, "e@example.org", None, &Purpose::parse("wrong").unwrap()).await.unwrap();
    assert_eq!(events(&house).await, 1, "a withdrawal");
    house.desk.close_case(&a, &case_a, Outcome::Exhausted).await.unwrap();
    assert_eq!(events(&house).await, 1, "a case closed");
    let nowhere = CaseNumber::parse("NO-SUCH").unwrap();
    assert!(house.try_submit(&b, &nowhere, csv).await.is_err());
    assert_eq!(events(&house).await, 1, "a case number that is not there");
    assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
    assert_eq!(events(&house).await, 1, "a verification");
    assert!(house.desk.verify_ledger(&a, |_| ()).await.is_err());
    assert_eq!(events(&house).await, 1, "and its refusal to an investigator");
});
