//! What happens later: the second look, ended orders, withdrawn entries, new matches in old conflicts; and what personas
//! tell whom. Each test is a finding of a review that read this as a stranger.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use casework::{Error, NewCase, Step};
use common::*;
use sha2::{Digest, Sha256};

const EMAIL: &str = "kind,value\nemail,x@example.org\n";

async fn later(house: &House) -> casework::Settled {
    house.clock.advance(700);
    house.desk.work(None).await.unwrap()
}

on_both!(a_question_is_not_watched_and_does_not_stop_the_workers, house => {
    let (a, case_a) = house.officer("L-1").await;
    house.check(&a, Some(&case_a), EMAIL).await;
    house.check(&a, None, EMAIL).await;
    let (b, case_b) = house.officer("L-2").await;
    house.clock.advance(60);
    house.submit(&b, &case_b, EMAIL).await;
    let settled = later(&house).await;
    assert_eq!((settled.second, settled.failed), (3, 0));
    assert!(house.inbox(&a).await.items.is_empty() && house.inbox(&b).await.items.is_empty(), "asked before it was entered");
    assert_eq!(later(&house).await.second, 0);
});

on_both!(a_withdrawn_entry_is_not_brought_back_by_the_second_look, house => {
    let (a, case_a) = house.officer("L-1").await;
    let (b, case_b) = house.officer("L-2").await;
    house.submit(&a, &case_a, EMAIL).await;
    house.desk.close_case(&a, &case_a, Outcome::UnlawfullyObtained).await.unwrap();
    house.submit(&b, &case_b, EMAIL).await;
    later(&house).await;
    assert!(house.inbox(&b).await.items.is_empty() && house.inbox(&a).await.items.is_empty());
});

on_both!(a_new_match_wakes_a_resolved_conflict, house => {
    let (a, case_a) = house.officer("L-1").await;
    let (b, case_b) = house.officer("L-2").await;
    house.submit(&a, &case_a, "kind,value\nemail,x@example.org\nphone,206-555-0177\n").await;
    let answer = house.submit(&b, &case_b, EMAIL).await;
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    house.desk.step(&b, id, Step::Propose(Resolution::NotTheSame, FreeText::parse("two people").unwrap())).await.unwrap();
    house.desk.step(&a, id, Step::Propose(Resolution::NotTheSame, FreeText::parse("agreed").unwrap())).await.unwrap();
    assert_eq!(house.desk.conflict(&a, id).await.unwrap().state, "resolved");
    house.submit(&b, &case_b, "kind,value\nphone,(206) 555-0177\n").await;
    for who in [&a, &b] {
        let view = house.desk.conflict(who, id).await.unwrap();
        assert_eq!((view.state.as_str(), view.resolution.as_deref()), ("notified", None));
        assert!(view.proposals.is_empty(), "what was agreed of less is not agreed of more");
        assert_eq!(house.inbox(who).await.items.iter().filter(|i| i.state == "notified").count(), 1);
    }
    house.desk.step(&a, id, Step::Acknowledge).await.unwrap();
    house.submit(&b, &case_b, "kind,value\nphone,206.555.0177\n").await;
    assert_eq!(house.desk.conflict(&a, id).await.unwrap().state, "notified", "another entry that nobody has seen");
});

const FOX: &str = "kind,value\nemail,fox@example.org\n";
const OWL: &str = "kind,value\nemail,owl@example.org\n";

fn propose(resolution: Resolution, why: &str) -> Step {
    Step::Propose(resolution, FreeText::parse(why).unwrap())
}

/// Two officers who meet in one address, and the one who then meets the other's owl, which the other sees behind the desk.
async fn met(house: &House) -> (casework::Principal, CaseNumber, casework::Principal, CaseNumber, ConflictId) {
    let (a, case_a) = house.officer("L-1").await;
    let (b, case_b) = house.officer("L-2").await;
    house.submit(&a, &case_a, FOX).await;
    let answer = house.submit(&b, &case_b, &format!("{FOX}email,owl@example.org\n")).await;
    (a, case_a, b, case_b, answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap())
}

/// A's entry answers at the desk and B's openly: A sees whom to call, B only the desk.
async fn owl_behind_the_desk(house: &House, a: &casework::Principal, case: &CaseNumber) {
    let mut order = house.order(case, OWL);
    order.level = Level::Desk;
    house.desk.submit(a, order).await.unwrap();
}

/// What B's side holds of the conflict: the page and its line in the queue and in the inbox.
async fn all_of(house: &House, b: &casework::Principal, id: ConflictId) -> String {
    let view = house.desk.conflict(b, id).await.unwrap();
    let queue = |state| casework::ConflictFilter { state, ..Default::default() };
    let (mut rows, mut items) = (Vec::new(), house.inbox(b).await.items);
    for state in [None, Some(SideState::Resolved)] {
        rows.extend(house.desk.conflicts(b, queue(state), None, None).await.unwrap().rows);
    }
    items.retain(|i| i.state != "desk");
    serde_json::to_string_pretty(&(view, rows, items)).unwrap()
}

on_both!(a_match_that_one_side_sees_behind_the_desk_changes_nothing_of_what_was_agreed_with_it, house => {
    let (a, case_a, b, _, id) = met(&house).await;
    house.desk.step(&b, id, propose(Resolution::Joint, "one man")).await.unwrap();
    house.desk.step(&a, id, Step::Accept(None)).await.unwrap();
    let before = all_of(&house, &b, id).await;
    owl_behind_the_desk(&house, &a, &case_a).await;
    assert_eq!(all_of(&house, &b, id).await, before, "B reads of a match that it may not see");
    let woken = house.desk.conflict(&a, id).await.unwrap();
    assert_eq!((woken.state.as_str(), woken.resolution.as_deref()), ("notified", None));
    assert!(!woken.timeline.iter().any(|h| h.words.starts_with("It ended")), "{:?}", woken.timeline);
    assert_eq!(house.inbox(&a).await.items.iter().filter(|i| i.state == "notified").count(), 1);
    // What was agreed holds with the owl too, A says: B reads nothing of that either.
    let settled = house.desk.step(&a, id, Step::Accept(Some(Resolution::Joint))).await.unwrap();
    assert_eq!((settled.state.as_str(), settled.resolution.as_deref()), ("resolved", Some("joint")));
    assert_eq!(all_of(&house, &b, id).await, before);
});

on_both!(who_was_woken_alone_agrees_anew_and_then_the_other_side_is_told, house => {
    let (a, case_a, b, _, id) = met(&house).await;
    house.desk.step(&b, id, propose(Resolution::Joint, "one man")).await.unwrap();
    house.desk.step(&a, id, Step::Accept(None)).await.unwrap();
    owl_behind_the_desk(&house, &a, &case_a).await;
    let said = house.desk.step(&a, id, propose(Resolution::Ceded, "take it")).await.unwrap();
    assert_eq!((said.state.as_str(), said.proposals.len()), ("coordinating", 1));
    let told = house.desk.conflict(&b, id).await.unwrap();
    assert_eq!((told.state.as_str(), told.resolution.as_deref()), ("notified", None));
    assert!(house.inbox(&b).await.items.iter().any(|i| i.note.as_deref() == Some("They propose: ceded.")));
    let done = house.desk.step(&b, id, Step::Accept(Some(Resolution::Ceded))).await.unwrap();
    assert_eq!(done.resolution.as_deref(), Some("ceded"));
    assert_eq!(house.desk.conflict(&a, id).await.unwrap().state, "resolved");
});

on_both!(what_one_side_proposed_before_it_was_woken_stands_for_the_other_and_ends_nothing_unseen, house => {
    let (a, case_a, b, _, id) = met(&house).await;
    house.desk.step(&a, id, propose(Resolution::Joint, "one man")).await.unwrap();
    let before = all_of(&house, &b, id).await;
    owl_behind_the_desk(&house, &a, &case_a).await;
    assert_eq!(all_of(&house, &b, id).await, before, "A's proposal stands for B as it stood");
    let done = house.desk.step(&b, id, Step::Accept(Some(Resolution::Joint))).await.unwrap();
    assert_eq!((done.state.as_str(), done.resolution.as_deref()), ("resolved", Some("joint")));
    let woken = house.desk.conflict(&a, id).await.unwrap();
    assert_eq!((woken.state.as_str(), woken.resolution.as_deref()), ("notified", None), "A has yet to look at the owl");
    let settled = house.desk.step(&a, id, propose(Resolution::Joint, "the owl changes nothing")).await.unwrap();
    assert_eq!(settled.resolution.as_deref(), Some("joint"));
});

on_both!(who_was_woken_after_proposing_and_then_writes_has_not_said_that_it_still_holds, house => {
    let (a, case_a, b, _, id) = met(&house).await;
    house.desk.step(&a, id, propose(Resolution::Joint, "one man")).await.unwrap();
    owl_behind_the_desk(&house, &a, &case_a).await;
    let words = Step::Message(FreeText::parse("We meet on Monday.").unwrap(), Marking::default());
    assert_eq!(house.desk.step(&a, id, words).await.unwrap().state, "acknowledged");
    let done = house.desk.step(&b, id, Step::Accept(Some(Resolution::Joint))).await.unwrap();
    assert_eq!(done.state, "resolved");
    let woken = house.desk.conflict(&a, id).await.unwrap();
    assert_eq!((woken.state.as_str(), woken.resolution.as_deref()), ("acknowledged", None), "nobody but A ends it for A");
    assert_eq!(house.desk.step(&a, id, Step::Accept(None)).await.unwrap().state, "resolved");
});

on_both!(the_end_of_a_silent_order_tells_both_sides_although_all_second_looks_were_made, house => {
    let (owner, case_o) = house.officer("L-1").await;
    let supervisor = house.member(owner.agency, &[Role::Supervisor]).await;
    house.submit_silent(&owner, &case_o, EMAIL, &supervisor).await.unwrap();
    let (asker, case_a) = house.officer("L-2").await;
    house.submit(&asker, &case_a, EMAIL).await;
    later(&house).await;
    assert!(house.inbox(&asker).await.items.is_empty());
    house.clock.set(Micros::parse("2027-01-01T00:00:00Z").unwrap());
    house.desk.work(None).await.unwrap();
    assert_eq!(house.inbox(&asker).await.items.iter().filter(|i| i.state == "desk").count(), 1);
    assert_eq!(house.inbox(&owner).await.items.iter().filter(|i| i.state == "notified").count(), 1);
});

on_both!(a_persona_tells_supervisors_and_never_the_officers, house => {
    let owner = house.agency(AgencyKind::State).await;
    let (super_o, driver) = (house.member(owner, &[Role::Supervisor]).await, house.member(owner, &[]).await);
    let case_o = house.case(&driver, "L-1", Some(super_o.member)).await;
    let other = house.agency(AgencyKind::Local).await;
    let (super_a, asker) = (house.member(other, &[Role::Supervisor]).await, house.member(other, &[]).await);
    let case_a = house.case(&asker, "L-2", Some(super_a.member)).await;
    house.submit(&driver, &case_o, "kind,value,role\nemail,x@example.org,undercover\n").await;
    house.submit(&asker, &case_a, EMAIL).await;
    for supervisor in [&super_o, &super_a] {
        let inbox = house.inbox(supervisor).await;
        assert!(inbox.items.iter().any(|i| i.note.as_deref().is_some_and(|n| n.contains("undercover"))));
    }
    assert!(!serde_json::to_string(&house.inbox(&asker).await).unwrap().contains("undercover"));
});

on_both!(a_silent_persona_tells_nobody_of_the_other_agency, house => {
    let other = house.agency(AgencyKind::Local).await;
    let (super_b, b) = (house.member(other, &[Role::Supervisor]).await, house.member(other, &[]).await);
    let case_b = house.case(&b, "L-1", Some(super_b.member)).await;
    house.submit(&b, &case_b, EMAIL).await;
    let (a, case_a) = house.officer("L-2").await;
    let super_a = house.member(a.agency, &[Role::Supervisor]).await;
    house.submit_silent(&a, &case_a, "kind,value,role\nemail,x@example.org,undercover\n", &super_a).await.unwrap();
    later(&house).await;
    assert!(house.inbox(&b).await.items.is_empty() && house.inbox(&super_b).await.items.is_empty());
});

on_both!(nobody_supervises_himself, house => {
    let agency = house.agency(AgencyKind::Local).await;
    let both = house.member(agency, &[Role::Investigator, Role::Supervisor]).await;
    let plain = house.member(agency, &[]).await;
    for (who, supervisor) in [(&both, both.member), (&both, plain.member)] {
        let new = NewCase {
            number: CaseNumber::parse("L-9").unwrap(),
            threat_area: ThreatArea::Travel,
            nexus: Nexus::parse("a chat room").unwrap(),
            predicate: Predicate::facts("logs kept by a parent").unwrap(),
            offence: None,
            supervisor: Some(supervisor),
            contact: None,
            marking: Marking::default(),
        };
        assert!(matches!(house.desk.open_case(who, new).await, Err(Error::NotFound(_))));
    }
});

on_both!(a_question_about_ones_own_persona_answers_the_owner_through_the_desk, house => {
    let (owner, case_o) = house.officer("L-1").await;
    house.submit(&owner, &case_o, EMAIL).await;
    let (asker, _) = house.officer("L-2").await;
    house.check(&asker, None, "kind,value,role\nemail,x@example.org,undercover\n").await;
    let told = serde_json::to_string(&house.inbox(&owner).await).unwrap();
    assert!(told.contains("call the watch desk") && !told.contains("before a knock"), "{told}");
});

on_both!(one_request_id_is_for_one_request, house => {
    let (a, case_a) = house.officer("L-1").await;
    let mut first = house.order(&case_a, EMAIL);
    first.request = house.desk.request();
    let mut second = house.order(&case_a, "kind,value\nemail,other@example.org\n");
    second.request = first.request;
    house.desk.submit(&a, first).await.unwrap();
    let refused = house.desk.submit(&a, second).await;
    assert!(matches!(refused, Err(Error::Store(store::Error::Exists(_)))), "it would have been acknowledged and not stored");
});

on_both!(what_a_receipt_withheld_can_be_opened_by_a_court, house => {
    let (owner, case_o) = house.officer("L-1").await;
    house.submit(&owner, &case_o, "kind,value,role\nemail,x@example.org,victim\n").await;
    let (asker, case_a) = house.officer("L-2").await;
    let answer = house.submit(&asker, &case_a, EMAIL).await;
    let id: SubmissionId = answer.receipt.parse().unwrap();
    let receipt: serde_json::Value = serde_json::from_str(&house.desk.receipt(&asker, id).await.unwrap()).unwrap();
    let statement: serde_json::Value = serde_json::from_str(receipt["statement"].as_str().unwrap()).unwrap();
    let facts = policy::Facts { agency: Some(asker.agency), ..policy::Facts::default() };
    let policies = policy::Policies::built_in().unwrap();
    let grant = policy::decide(&policies, &asker, policy::Action::GetReceipt, &facts, house.desk.request()).unwrap();
    let mut tx = house.desk.store().view(&grant).await.unwrap();
    let (given, _) = tx.answer(id).await.unwrap();
    tx.commit(house.desk.store().act(&grant, ("submission", id.into()))).await.unwrap();
    let inputs: serde_json::Value = serde_json::from_slice(&given.inputs).unwrap();
    let withheld: Vec<&str> = inputs["withheld"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    assert_eq!(withheld.len(), 1);
    let mut hash = Sha256::new();
    hash.update(b"concord withheld/1");
    hash.update(hex::decode(inputs["withheld_salt"].as_str().unwrap()).unwrap());
    for one in withheld {
        hash.update(u64::try_from(one.len()).unwrap().to_be_bytes());
        hash.update(one.as_bytes());
    }
    assert_eq!(statement["withheld"].as_str().unwrap(), hex::encode(hash.finalize()));
});

on_both!(a_withdrawn_question_is_not_brought_back_by_the_second_look, house => {
    let (a, case_a) = house.officer("L-1").await;
    let (b, case_b) = house.officer("L-2").await;
    house.submit(&a, &case_a, EMAIL).await;
    house.check(&b, Some(&case_b), EMAIL).await;
    let why = Purpose::parse("the wrong account").unwrap();
    assert_eq!(house.desk.withdraw(&b, &case_b, Kind::Email, "x@example.org", None, &why).await.unwrap(), 1);
    later(&house).await;
    assert!(house.inbox(&b).await.items.is_empty());
    assert_eq!(house.inbox(&a).await.items.iter().map(|i| i.state.as_str()).collect::<Vec<_>>(), ["withdrawn"]);
});

on_both!(a_silent_order_keeps_who_approved_it_and_until_when, house => {
    let (owner, case_o) = house.officer("L-1").await;
    let supervisor = house.member(owner.agency, &[Role::Supervisor]).await;
    let answer = house.submit_silent(&owner, &case_o, EMAIL, &supervisor).await.unwrap();
    let receipt = house.desk.receipt(&owner, answer.receipt.parse().unwrap()).await.unwrap();
    let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
    let statement: serde_json::Value = serde_json::from_str(receipt["statement"].as_str().unwrap()).unwrap();
    let purpose = statement["purpose"].as_str().unwrap();
    assert!(purpose.contains(&supervisor.member.to_string()) && purpose.contains("2026-12-31") && purpose.contains("live operation"));
});
