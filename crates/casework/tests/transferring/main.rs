//! A case goes from one agency to another, on both databases: who may receive it, what goes, what stays, who is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod hidden;

use casework::answer::{Answer, Inbox};
use casework::model::*;
use casework::{Error, HoldOrder, NewCase, Principal, Step, TakeOver, verify_receipt};
use common::*;

const FOX: &str = "kind,value\nemail,fox@example.org\n";

fn words(text: &str) -> FreeText {
    FreeText::parse(text).unwrap()
}

fn number(text: &str) -> CaseNumber {
    CaseNumber::parse(text).unwrap()
}

fn conflict_of(answer: &Answer) -> ConflictId {
    answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap()
}

/// An agency that receives: its supervisor and an officer.
struct Receiver {
    agency: AgencyId,
    supervisor: Principal,
    officer: Principal,
}

impl House {
    async fn receiver(&self, kind: AgencyKind) -> Receiver {
        let agency = self.agency(kind).await;
        Receiver {
            agency,
            supervisor: self.member(agency, &[Role::Supervisor]).await,
            officer: self.member(agency, &[]).await,
        }
    }

    async fn offer(&self, who: &Principal, case: &CaseNumber, to: AgencyId) -> Result<TransferId, Error> {
        self.desk.offer_transfer(who, case, to, words("he moved to your county.")).await
    }

    async fn accept(&self, to: &Receiver, id: TransferId, as_number: &str) -> Result<Answer, Error> {
        let order = TakeOver { number: number(as_number), lead: to.officer.member };
        self.desk.accept_transfer(&to.supervisor, id, order).await
    }

    /// Offered and accepted.
    async fn transfer(&self, who: &Principal, case: &CaseNumber, to: &Receiver, as_number: &str) -> Answer {
        let id = self.offer(who, case, to.agency).await.unwrap();
        self.accept(to, id, as_number).await.unwrap()
    }

    async fn notes(&self, who: &Principal) -> Vec<String> {
        notes(&self.inbox(who).await)
    }

    async fn sound(&self) -> bool {
        self.desk.settle_ledger().await.unwrap();
        self.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound()
    }

    /// A case whose marking releases to Canada.
    async fn released_case(&self, who: &Principal, of: &str) -> CaseNumber {
        let new = NewCase {
            number: number(of),
            threat_area: ThreatArea::Enticement,
            nexus: Nexus::parse("contact began in a chat room").unwrap(),
            predicate: Predicate::facts("an undercover session and a provider's answer").unwrap(),
            offence: None,
            supervisor: None,
            contact: None,
            marking: "amber rel CA".parse().unwrap(),
        };
        self.desk.open_case(who, new).await.unwrap();
        number(of)
    }
}

fn notes(inbox: &Inbox) -> Vec<String> {
    inbox.items.iter().filter_map(|i| i.note.clone()).collect()
}

fn refused(done: Result<impl std::fmt::Debug, Error>, part: &str) {
    match done {
        Err(Error::Refused(why)) => assert!(why.contains(part), "{why}"),
        other => panic!("not refused: {other:?}"),
    }
}

fn not_now(done: Result<impl std::fmt::Debug, Error>, part: &str) {
    match done {
        Err(Error::NotNow(why)) => assert!(why.contains(part), "{why}"),
        other => panic!("{other:?}"),
    }
}

/// A conflict without what names a side: whom to call, who wrote, the case's number.
fn unnamed(view: &casework::ConflictView) -> casework::ConflictView {
    let mut view = casework::ConflictView { other: None, case: None, call_proof: None, ..view.clone() };
    view.thread.iter_mut().for_each(|l| l.by = None);
    view.proposals.iter_mut().for_each(|l| l.by = None);
    view.holds.iter_mut().for_each(|l| l.by = None);
    view.timeline.iter_mut().for_each(|l| l.by = None);
    view
}

on_both!(a_case_goes_with_its_conflicts_threads_holds_and_due_times, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    let to = house.receiver(AgencyKind::State).await;
    house.submit(&b, &case_b, FOX).await;
    let receipt = house.submit(&a, &case_a, "kind,value\nemail,fox@example.org\nemail,owl@example.org\n").await;
    let id = conflict_of(&receipt);
    house.desk.step(&a, id, Step::Message(words("call me"), Marking::default())).await.unwrap();
    house.desk.step(&b, id, Step::Message(words("at noon"), Marking::default())).await.unwrap();
    house.desk.step(&a, id, Step::Propose(Resolution::Joint, words("we said so"))).await.unwrap();
    house.desk.hold(&b, id, HoldOrder::Propose(words("tonight"))).await.unwrap();
    let before = (house.desk.conflict(&a, id).await.unwrap(), house.desk.conflict(&b, id).await.unwrap());
    house.clock.advance(60);

    let transfer = house.offer(&a, &case_a, to.agency).await.unwrap();
    let offered = house.notes(&to.supervisor).await;
    assert_eq!(offered.len(), 1, "{offered:?}");
    assert!(offered[0].contains("he moved to your county.") && offered[0].contains("call Officer"), "{offered:?}");
    assert!(!offered[0].contains("A-1") && !offered[0].contains("fox"), "nothing of the case itself: {offered:?}");
    assert!(house.notes(&to.officer).await.is_empty());
    let answer = house.accept(&to, transfer, "S-77").await.unwrap();
    assert_eq!((answer.case.as_deref(), answer.entries), (Some("S-77"), 2));
    assert_eq!(conflict_of(&answer), id, "the conflict is the same");

    let after = (house.desk.conflict(&to.officer, id).await.unwrap(), house.desk.conflict(&b, id).await.unwrap());
    assert_eq!(unnamed(&after.0), unnamed(&before.0));
    assert_eq!((before.0.case.as_deref(), after.0.case.as_deref()), (Some("A-1"), Some("S-77")), "each its own number");
    assert_eq!((before.1.case.as_deref(), &after.1.case), (Some("B-1"), &before.1.case));
    // Who wrote for the old agency is no member of the new one; whom to call there is the new one's.
    assert!(before.0.thread[0].by.is_some() && after.0.thread[0].by.is_none());
    assert_eq!(after.1.thread[0].by.as_ref(), after.1.other.as_ref().map(|o| &o.contact));
    assert_eq!(after.0.other, before.0.other, "the other side is the same");
    assert_eq!(unnamed(&after.1), unnamed(&before.1));
    let (was, is) = (before.1.call_proof.unwrap(), after.1.call_proof.unwrap());
    assert_eq!(was.yours, is.yours, "the side that stayed says what it said");
    assert_ne!(was.theirs, is.theirs, "the old owner has read those");
    assert_eq!(after.0.call_proof.unwrap().yours, is.theirs);
    assert_ne!(after.1.other, before.1.other, "the other side is the new agency");
    assert_eq!((after.0.thread[0].from.as_str(), after.1.thread[0].from.as_str()), ("you", "they"));
    let told = house.notes(&b).await;
    assert!(told.iter().any(|n| n.starts_with("This conflict is now with Agency") && n.contains("call Officer")), "{told:?}");
    let unread = house.notes(&to.officer).await;
    assert!(unread.contains(&"They wrote to you.".to_owned()), "what was not read goes along: {unread:?}");
    assert!(unread.iter().any(|n| n.starts_with("You lead case S-77")), "{unread:?}");
    // The new owner goes on where the old one stood.
    house.desk.step(&b, id, Step::Accept(Some(Resolution::Joint))).await.unwrap();
    assert_eq!(house.desk.conflict(&to.officer, id).await.unwrap().resolution.as_deref(), Some("joint"));
    assert!(house.sound().await);
});

on_both!(the_old_owner_learns_where_it_went_and_can_neither_read_nor_correct, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    let to = house.receiver(AgencyKind::Federal).await;
    house.submit(&b, &case_b, FOX).await;
    let mine = house.submit(&a, &case_a, FOX).await;
    let id = conflict_of(&mine);
    house.transfer(&a, &case_a, &to, "F-1").await;
    assert!(matches!(house.desk.conflict(&a, id).await, Err(Error::NotFound("conflict"))));
    assert!(matches!(house.desk.step(&a, id, Step::Acknowledge).await, Err(Error::NotFound("conflict"))));
    let inbox = house.inbox(&a).await;
    assert_eq!(inbox.items.iter().map(|i| i.state.as_str()).collect::<Vec<_>>(), ["transfer"], "{inbox:?}");
    not_now(house.try_submit(&a, &case_a, FOX).await, "this case went to Agency");
    not_now(house.desk.close_case(&a, &case_a, Outcome::Exhausted).await, "at 2026-11-23T06:00:00");
    let why = Purpose::parse("typing mistake").unwrap();
    not_now(
        house.desk.correct(&a, Kind::Email, "fox@example.org", None, &why, house.order(&case_a, FOX)).await,
        "this case went to",
    );
    let gone = house.desk.withdraw(&a, &case_a, Kind::Email, "fox@example.org", None, &why).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
    not_now(house.offer(&a, &case_a, to.agency).await, "this case went to");
    // What it was answered is evidence of what it did.
    let kept = house.desk.receipt(&a, mine.receipt.parse().unwrap()).await.unwrap();
    let key = house.desk.verifier_key();
    verify_receipt(&kept, &key).unwrap();
    assert!(kept.contains("fox@example.org"));
    let denied = house.desk.receipt(&to.officer, mine.receipt.parse().unwrap()).await;
    assert!(denied.is_err(), "and is no business of the receiver");
    let list = house.desk.transfers(&a).await.unwrap().transfers;
    assert_eq!((list[0].case.as_deref(), list[0].state.as_str(), list[0].direction.as_str()), (Some("A-1"), "accepted", "by-you"));
    assert!(list[0].call.as_deref().is_some_and(|c| c.starts_with("Officer")), "{list:?}");
    let theirs = house.desk.transfers(&to.supervisor).await.unwrap().transfers;
    assert_eq!((theirs[0].case.clone(), theirs[0].direction.as_str()), (None, "to-you"));
    assert!(house.desk.transfers(&b).await.unwrap().transfers.is_empty());
    assert!(house.sound().await);
});

on_both!(later_matches_reach_the_new_owner_and_a_withdrawal_everybody_who_was_told, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (early, case_e) = house.officer("E-1").await;
    let to = house.receiver(AgencyKind::Local).await;
    house.submit(&a, &case_a, FOX).await;
    let asked = house.check(&early, None, FOX).await;
    assert_eq!(asked.conflicts.len(), 1, "told by the old owner, without a conflict");
    house.transfer(&a, &case_a, &to, "L-1").await;
    let (late, case_l) = house.officer("C-1").await;
    let answer = house.submit(&late, &case_l, FOX).await;
    assert_eq!(answer.conflicts.len(), 1);
    let id = conflict_of(&answer);
    assert!(house.desk.conflict(&to.officer, id).await.is_ok());
    assert!(house.desk.conflict(&a, id).await.is_err());
    assert!(house.inbox(&a).await.items.iter().all(|i| i.state == "transfer" || i.state == "asked"), "only what it had");
    house.desk.work(None).await.unwrap();
    let why = Purpose::parse("it was another's").unwrap();
    house.desk.withdraw(&to.officer, &number("L-1"), Kind::Email, "fox@example.org", None, &why).await.unwrap();
    for (who, told) in [(&early, "outside"), (&late, "in the conflict")] {
        let inbox = house.inbox(who).await;
        assert!(inbox.items.iter().any(|i| i.state == "withdrawn"), "{told}: {inbox:?}");
    }
    let gone = house.submit(&early, &case_e, FOX).await;
    assert!(!gone.conflicts.iter().any(|c| c.conflict.as_deref() == Some(&id.to_string())), "{gone:?}");
    assert!(house.sound().await);
});

on_both!(a_case_transferred_to_a_foreign_agency_without_a_covering_approval_is_refused, house => {
    let (a, _) = house.officer("A-1").await;
    let case = house.released_case(&a, "A-2").await;
    let mut order = house.order(&case, FOX);
    order.marking = "amber rel CA".parse().unwrap();
    house.desk.submit(&a, order).await.unwrap();
    let unapproved = house
        .desk
        .add_agency(&Principal::operator(), casework::NewAgency {
            name: "Foreign One".to_owned(),
            kind: AgencyKind::Foreign,
            telephone: phone("206-555-0190"),
            time_zone: None,
            state: None,
            country: Some("CA".parse().unwrap()),
        })
        .await
        .unwrap();
    refused(house.offer(&a, &case, unapproved).await, "34 U.S.C. 21115(c)");
    // An approval that ended covers nothing; one that ends between offer and acceptance neither.
    let to = house.receiver(AgencyKind::Foreign).await;
    let id = house.offer(&a, &case, to.agency).await.unwrap();
    house.clock.advance(366 * 24 * 3_600);
    refused(house.offer(&a, &house.released_case(&a, "A-3").await, to.agency).await, "34 U.S.C. 21115(c)");
    house.clock.advance(-366 * 24 * 3_600);
    let taken = house.accept(&to, id, "CA-1").await.unwrap();
    assert_eq!(taken.entries, 1, "under its approval, with what is released, it goes");
    assert!(house.sound().await);
});

on_both!(an_approval_that_ended_since_the_offer_refuses_the_acceptance, house => {
    let (a, _) = house.officer("A-1").await;
    let case = house.released_case(&a, "A-2").await;
    let to = house.receiver(AgencyKind::Foreign).await;
    let until = Micros::parse("2027-11-23T00:00:00Z").unwrap();
    let now = house.desk.store().clock().now();
    house.clock.advance((until.0 - now.0) / 1_000_000 - 3_600);
    let id = house.offer(&a, &case, to.agency).await.unwrap();
    house.clock.advance(2 * 3_600);
    let supervisor = house.desk.member(&to.supervisor.member.to_string()).await.unwrap();
    let order = TakeOver { number: number("CA-1"), lead: to.officer.member };
    refused(house.desk.accept_transfer(&supervisor, id, order).await, "no approval covers today");
    let own = house.submit(&a, &case, FOX).await;
    assert_eq!(own.entries, 1, "it is where it was");
});

on_both!(a_refusal_names_the_rule_and_how_many_stand_against_it, house => {
    let (a, case_a) = house.officer("A-1").await;
    house.submit(&a, &case_a, "kind,value,source\nemail,one@example.org,cybertip\nemail,two@example.org,cybertip\nemail,fox@example.org,\n").await;
    let tribal = house.receiver(AgencyKind::Tribal).await;
    refused(house.offer(&a, &case_a, tribal.agency).await, "against it: 2 entries from a CyberTip");
    refused(house.offer(&a, &case_a, tribal.agency).await, "2258A(g)(2)(A)");
    let foreign = house.receiver(AgencyKind::Foreign).await;
    refused(
        house.offer(&a, &case_a, foreign.agency).await,
        "2 entries from a CyberTip, 4 markings that do not release it",
    );
    // An ended entry goes along, so it counts.
    let why = Purpose::parse("typing mistake").unwrap();
    house.desk.withdraw(&a, &case_a, Kind::Email, "one@example.org", None, &why).await.unwrap();
    refused(house.offer(&a, &case_a, tribal.agency).await, "against it: 2 entries");
    house.desk.settle_ledger().await.unwrap();
    refused(house.offer(&a, &case_a, tribal.agency).await, "CyberTip");
    assert_eq!(house.desk.settle_ledger().await.unwrap(), 1, "a refusal leaves its event");
    assert!(house.desk.transfers(&a).await.unwrap().transfers.is_empty());
    assert!(house.notes(&tribal.supervisor).await.is_empty());
    // What a partner controls holds it back; one's own may go.
    let partner = house.case(&a, "A-2", None).await;
    house.submit(&a, &partner, "kind,value,source,marking\nemail,elk@example.org,partner,amber orcon\nemail,hen@example.org,open,amber orcon\n").await;
    let state = house.receiver(AgencyKind::State).await;
    refused(house.offer(&a, &partner, state.agency).await, "against it: 1 entry under a partner's control");
});

on_both!(a_tip_that_came_since_the_offer_refuses_the_acceptance_and_tells_no_number, house => {
    let (a, case_a) = house.officer("A-1").await;
    let to = house.receiver(AgencyKind::Tribal).await;
    let id = house.offer(&a, &case_a, to.agency).await.unwrap();
    house.submit(&a, &case_a, "kind,value,source\nemail,one@example.org,cybertip\n").await;
    match house.accept(&to, id, "T-1").await {
        Err(Error::Refused(why)) => assert!(why.contains("CyberTip") && !why.contains("against it"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(house.submit(&a, &case_a, FOX).await.entries, 1, "nothing moved");
    // Declining needs none of it.
    house.desk.decline_transfer(&to.supervisor, id, words("not ours to read")).await.unwrap();
});

on_both!(an_offer_is_answered_once_by_whom_it_was_made_to, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (stranger, _) = house.officer("X-1").await;
    let to = house.receiver(AgencyKind::Local).await;
    let other = house.receiver(AgencyKind::Local).await;
    assert!(matches!(house.offer(&stranger, &case_a, to.agency).await, Err(Error::NotFound("case"))));
    let colleague = house.member(a.agency, &[]).await;
    refused(house.offer(&colleague, &case_a, to.agency).await, "lead");
    assert!(house.offer(&a, &case_a, a.agency).await.is_err(), "not to oneself");
    let nobody = AgencyId::new(house.desk.store().clock(), house.desk.store().chance());
    assert!(matches!(house.offer(&a, &case_a, nobody).await, Err(Error::NotFound("agency"))));
    let empty = house.agency(AgencyKind::Local).await;
    not_now(house.offer(&a, &case_a, empty).await, "no supervisor");

    let id = house.offer(&a, &case_a, to.agency).await.unwrap();
    not_now(house.offer(&a, &case_a, other.agency).await, "an offer of this case stands");
    assert!(matches!(house.accept(&other, id, "O-1").await, Err(Error::NotFound("transfer"))));
    let order = || TakeOver { number: number("L-1"), lead: to.officer.member };
    refused(house.desk.accept_transfer(&to.officer, id, order()).await, "supervisor");
    let foreign_lead = TakeOver { number: number("L-1"), lead: other.officer.member };
    let wrong = house.desk.accept_transfer(&to.supervisor, id, foreign_lead).await;
    assert!(matches!(wrong, Err(Error::NotFound("officer in your agency"))), "{wrong:?}");
    house.desk.decline_transfer(&to.supervisor, id, words("we have no room")).await.unwrap();
    not_now(house.accept(&to, id, "L-1").await, "it is declined");
    assert!(house.notes(&a).await.iter().any(|n| n.contains("we have no room")));
    assert_eq!(house.desk.transfers(&a).await.unwrap().transfers[0].declined.as_deref(), Some("we have no room"));

    let id = house.offer(&a, &case_a, to.agency).await.unwrap();
    house.desk.withdraw_transfer(&a, id).await.unwrap();
    not_now(house.accept(&to, id, "L-1").await, "it is withdrawn");
    not_now(house.desk.withdraw_transfer(&a, id).await, "it is withdrawn");
    assert!(matches!(house.desk.withdraw_transfer(&to.supervisor, id).await, Err(Error::NotFound("transfer"))));

    let id = house.offer(&a, &case_a, to.agency).await.unwrap();
    house.clock.advance(7 * 24 * 3_600 + 1);
    not_now(house.accept(&to, id, "L-1").await, "it is expired");
    let id = house.offer(&a, &case_a, to.agency).await.expect("one that ended stands in no way");
    house.desk.close_case(&a, &case_a, Outcome::Exhausted).await.unwrap();
    not_now(house.accept(&to, id, "L-1").await, "no longer worked");
    house.desk.withdraw_transfer(&a, id).await.unwrap();
    refused(house.offer(&a, &case_a, to.agency).await, "closed");
    assert!(house.sound().await);
});

on_both!(of_two_who_accept_at_once_exactly_one_does, house => {
    for round in 0..8 {
        let (a, case_a) = house.officer(&format!("A-{round}")).await;
        let to = house.receiver(AgencyKind::Local).await;
        house.submit(&a, &case_a, FOX).await;
        let id = house.offer(&a, &case_a, to.agency).await.unwrap();
        let (one, two) = tokio::join!(house.accept(&to, id, "L-1"), house.accept(&to, id, "L-2"));
        assert_ne!(one.is_ok(), two.is_ok(), "round {round}: {one:?} {two:?}");
        let got = if one.is_ok() { "L-1" } else { "L-2" };
        for number_of in ["L-1", "L-2"] {
            let there = house.try_submit(&to.officer, &number(number_of), FOX).await;
            assert_eq!(there.is_ok(), number_of == got, "round {round}: {there:?}");
        }
    }
    assert!(house.sound().await);
});

on_both!(a_number_that_is_taken_moves_nothing, house => {
    let (a, case_a) = house.officer("A-1").await;
    let to = house.receiver(AgencyKind::Local).await;
    house.submit(&a, &case_a, FOX).await;
    house.case(&to.officer, "L-1", None).await;
    let id = house.offer(&a, &case_a, to.agency).await.unwrap();
    let taken = house.accept(&to, id, "L-1").await;
    assert!(matches!(taken, Err(Error::Store(store::Error::Exists(_)))), "{taken:?}");
    house.submit(&a, &case_a, "kind,value\nemail,owl@example.org\n").await;
    assert_eq!(house.accept(&to, id, "L-2").await.unwrap().entries, 2, "and the offer stands");
    assert!(house.sound().await);
});

on_both!(cases_of_one_officer_become_one_investigation_and_cases_of_two_conflict, house => {
    let (a, case_a) = house.officer("A-1").await;
    let second = house.case(&a, "A-2", None).await;
    let to = house.receiver(AgencyKind::Local).await;
    let own = house.case(&to.officer, "L-1", None).await;
    house.submit(&a, &case_a, FOX).await;
    assert!(house.submit(&a, &second, FOX).await.conflicts.is_empty(), "one officer leads both");
    let id = conflict_of(&house.submit(&to.officer, &own, FOX).await);
    let answer = house.transfer(&a, &case_a, &to, "L-2").await;
    let now = house.desk.conflict(&to.officer, id).await.unwrap();
    assert_eq!(now.resolution.as_deref(), Some("same-investigation"));
    assert!(house.notes(&to.officer).await.iter().any(|n| n.contains("both cases")));
    assert_eq!(answer.conflicts.len(), 1, "with the case that stayed with the old officer: {answer:?}");
    let new = conflict_of(&answer);
    assert_ne!(new, id);
    for who in [&a, &to.officer] {
        house.desk.conflict(who, new).await.unwrap();
    }
    assert!(house.sound().await);
});

on_both!(each_side_sees_after_the_transfer_what_it_may_see_now, house => {
    // Two officers of one agency see each other openly; a foreign agency sees the desk alone, unless it is released.
    let (a, _) = house.officer("A-1").await;
    let case = house.released_case(&a, "A-2").await;
    let colleague = house.member(a.agency, &[]).await;
    let case_c = house.case(&colleague, "A-3", None).await;
    let mut order = house.order(&case, FOX);
    order.marking = "amber rel CA".parse().unwrap();
    house.submit(&colleague, &case_c, FOX).await;
    let id = conflict_of(&house.desk.submit(&a, order).await.unwrap());
    let to = house.receiver(AgencyKind::Foreign).await;
    let answer = house.transfer(&a, &case, &to, "CA-1").await;
    assert_eq!((answer.conflicts.len(), answer.desk.len()), (0, 1), "{answer:?}");
    assert!(matches!(house.desk.conflict(&to.officer, id).await, Err(Error::NotFound("conflict"))));
    assert!(house.desk.conflict(&colleague, id).await.is_ok(), "who may see it goes on seeing it");
    let back = house.inbox(&to.officer).await;
    assert!(back.items.iter().any(|i| i.state == "desk" && i.yours == ["fox@example.org"]), "{back:?}");
});

on_both!(a_case_that_comes_back_is_whole_again, house => {
    let (a, case_a) = house.officer("A-1").await;
    let home = Receiver {
        agency: a.agency,
        supervisor: house.member(a.agency, &[Role::Supervisor]).await,
        officer: a.clone(),
    };
    let to = house.receiver(AgencyKind::Local).await;
    house.submit(&a, &case_a, FOX).await;
    house.transfer(&a, &case_a, &to, "L-1").await;
    house.submit(&to.officer, &number("L-1"), "kind,value\nemail,owl@example.org\n").await;
    let back = house.transfer(&to.officer, &number("L-1"), &home, "A-1 again").await;
    assert_eq!(back.entries, 2);
    house.submit(&a, &number("A-1 again"), "kind,value\nemail,elk@example.org\n").await;
    let why = Purpose::parse("typing mistake").unwrap();
    for value in ["fox", "owl", "elk"] {
        let value = format!("{value}@example.org");
        assert_eq!(house.desk.withdraw(&a, &number("A-1 again"), Kind::Email, &value, None, &why).await.unwrap(), 1);
    }
    let third = house.transfer(&a, &number("A-1 again"), &to, "L-2").await;
    assert_eq!(third.entries, 3);
    assert!(house.sound().await);
});

on_both!(a_takeover_that_is_cut_off_moves_nothing, house => {
    let (a, case_a) = house.officer("A-1").await;
    let to = house.receiver(AgencyKind::Local).await;
    let mine = house.submit(&a, &case_a, FOX).await;
    let id = house.offer(&a, &case_a, to.agency).await.unwrap();
    let store = house.desk.store();
    let of = store.transfer_facts(id).await.unwrap().unwrap();
    let case = store.case_facts_by_id(of.case).await.unwrap().unwrap();
    let policies = policy::Policies::built_in().unwrap();
    let facts = policy::Facts { agency: Some(to.agency), carriage: policy::Carriage::NONE, ..policy::Facts::default() };
    let grant = policy::decide(&policies, &to.supervisor, policy::Action::AcceptTransfer, &facts, house.desk.request()).unwrap();
    let handover = store::Handover {
        of: &of,
        case: &case,
        number: &number("L-1"),
        lead: to.officer.member,
        supervisor: None,
        remainder: CaseId::new(store.clock(), store.chance()),
        submission: SubmissionId::new(store.clock(), store.chance()),
    };
    let mut tx = store.begin(&grant).await.unwrap();
    assert_eq!(tx.going(&handover).await.unwrap().len(), 1);
    tx.hand_over(&handover, b"{}").await.unwrap();
    drop(tx);
    assert_eq!(store.case_facts_by_id(of.case).await.unwrap().unwrap().agency, a.agency);
    house.desk.receipt(&a, mine.receipt.parse().unwrap()).await.unwrap();
    house.submit(&a, &case_a, "kind,value\nemail,owl@example.org\n").await;
    assert_eq!(house.accept(&to, id, "L-1").await.unwrap().entries, 2);
    assert!(house.sound().await);
});
