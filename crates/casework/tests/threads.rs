//! Two sides of one conflict: what each agrees to, what each is told, what stays unread.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use casework::{Error, HoldOrder, NewMember, Principal, Step};
use common::*;
use store::{Engine, Settings, Trace};

/// Two officers whose cases meet in one address.
async fn meet(house: &House, value: &str) -> (Principal, CaseNumber, Principal, CaseNumber, ConflictId) {
    let csv = format!("kind,value\nemail,{value}@example.org\n");
    let (a, case_a) = house.officer(&format!("A-{value}")).await;
    let (b, case_b) = house.officer(&format!("B-{value}")).await;
    house.submit(&a, &case_a, &csv).await;
    let answer = house.submit(&b, &case_b, &csv).await;
    (a, case_a, b, case_b, answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap())
}

fn words(text: &str) -> FreeText {
    FreeText::parse(text).unwrap()
}

fn propose(resolution: Resolution) -> Step {
    Step::Propose(resolution, words("as we said on the telephone"))
}

async fn notes(house: &House, who: &Principal) -> Vec<String> {
    house.inbox(who).await.items.into_iter().filter_map(|i| i.note).collect()
}

on_both!(what_was_read_is_what_is_accepted_or_nothing_is, house => {
    let (a, _, b, _, id) = meet(&house, "fox").await;
    house.desk.step(&b, id, propose(Resolution::Joint)).await.unwrap();
    house.desk.step(&b, id, propose(Resolution::Ceded)).await.unwrap();
    let late = house.desk.step(&a, id, Step::Accept(Some(Resolution::Joint))).await;
    assert!(matches!(&late, Err(Error::NotNow(w)) if w == "they now propose ceded: look again"), "{late:?}");
    let view = house.desk.conflict(&a, id).await.unwrap();
    assert_eq!((view.resolution, view.proposals.len()), (None, 1), "nothing was accepted");
    let done = house.desk.step(&a, id, Step::Accept(Some(Resolution::Ceded))).await.unwrap();
    assert_eq!(done.resolution.as_deref(), Some("ceded"));
    assert!(notes(&house, &b).await.contains(&"They accepted: ceded.".to_owned()));
});

on_both!(what_is_proposed_again_is_told_again, house => {
    let (a, _, b, _, id) = meet(&house, "fox").await;
    for resolution in [Resolution::Joint, Resolution::Ceded, Resolution::Joint] {
        house.desk.step(&b, id, propose(resolution)).await.unwrap();
    }
    let told = notes(&house, &a).await;
    assert_eq!(told.iter().filter(|n| *n == "They propose: joint.").count(), 2, "{told:?}");
});

on_both!(who_proposed_first_is_told_that_the_other_side_agreed, house => {
    let (a, _, b, _, id) = meet(&house, "fox").await;
    house.desk.step(&a, id, propose(Resolution::Joint)).await.unwrap();
    assert_eq!(house.desk.step(&b, id, propose(Resolution::Joint)).await.unwrap().state, "resolved");
    assert!(notes(&house, &a).await.contains(&"They agreed: joint.".to_owned()));
    let again = house.desk.step(&a, id, propose(Resolution::Ceded)).await;
    assert!(matches!(&again, Err(Error::NotNow(w)) if w == "this conflict is resolved"), "{again:?}");
});

on_both!(a_resolved_conflict_is_taken_up_again_with_a_reason_and_the_other_side_is_told, house => {
    let (a, _, b, _, id) = meet(&house, "fox").await;
    let reason = words("the account is in use again");
    let early = house.desk.reopen(&a, id, &reason).await;
    assert!(matches!(&early, Err(Error::NotNow(w)) if w == "this conflict is not resolved"), "{early:?}");
    for round in 1..=2 {
        house.desk.step(&a, id, propose(Resolution::Joint)).await.unwrap();
        house.desk.step(&b, id, Step::Accept(None)).await.unwrap();
        house.clock.advance(60);
        let view = house.desk.reopen(&a, id, &reason).await.unwrap();
        assert_eq!((view.state.as_str(), view.resolution), ("acknowledged", None));
        assert!(view.proposals.is_empty(), "what was proposed before must not be accepted now");
        assert_eq!(house.desk.conflict(&b, id).await.unwrap().state, "notified");
        let told = notes(&house, &b).await;
        assert_eq!(told.iter().filter(|n| *n == "They took this conflict up again.").count(), round, "{told:?}");
        assert!(!told.iter().any(|n| n.contains("in use again")), "the reason stays with its owner");
    }
    let (stranger, _) = house.officer("E-1").await;
    assert!(matches!(house.desk.reopen(&stranger, id, &reason).await, Err(Error::NotFound("conflict"))));
});

on_both!(a_conflict_of_which_nothing_is_left_is_not_taken_up_again, house => {
    let (a, case_a, b, _, id) = meet(&house, "fox").await;
    house.desk.withdraw(&a, &case_a, Kind::Email, "fox@example.org", None, &Purpose::parse("wrong").unwrap()).await.unwrap();
    let late = house.desk.reopen(&b, id, &words("I have doubts")).await;
    assert!(matches!(&late, Err(Error::NotNow(w)) if w.starts_with("nothing meets any more")), "{late:?}");
    assert_eq!(house.desk.conflict(&b, id).await.unwrap().resolution.as_deref(), Some("withdrawn"));
});

on_both!(acknowledging_a_conflict_leaves_what_was_written_since_unread, house => {
    let csv = "kind,value\nemail,fox@example.org\nemail,owl@example.org\n";
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, csv).await;
    let answer = house.submit(&b, &case_b, csv).await;
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    house.desk.step(&a, id, Step::Message(words("call me"), Marking::default())).await.unwrap();
    house.desk.hold(&a, id, HoldOrder::Propose(words("tonight"))).await.unwrap();
    house.desk.withdraw(&a, &case_a, Kind::Email, "owl@example.org", None, &Purpose::parse("wrong").unwrap()).await.unwrap();
    let states = async || {
        let mut all: Vec<String> = house.inbox(&b).await.items.into_iter().map(|i| i.state).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(states().await, ["hold", "message", "notified", "withdrawn"]);
    house.desk.step(&b, id, Step::Acknowledge).await.unwrap();
    assert_eq!(states().await, ["acknowledged", "hold", "message", "withdrawn"]);
});

on_both!(a_conflict_that_ended_by_withdrawal_says_so, house => {
    let (a, case_a, b, _, id) = meet(&house, "fox").await;
    house.desk.withdraw(&a, &case_a, Kind::Email, "fox@example.org", None, &Purpose::parse("wrong").unwrap()).await.unwrap();
    let view = house.desk.conflict(&b, id).await.unwrap();
    assert_eq!((view.state.as_str(), view.resolution.as_deref()), ("resolved", Some("withdrawn")));
    assert!(view.matches.is_empty());
});

on_both!(two_sides_that_propose_the_same_at_once_agree, house => {
    for round in 0..20 {
        let (a, _, b, _, id) = meet(&house, &format!("fox{round}")).await;
        let (mine, theirs) = tokio::join!(
            house.desk.step(&a, id, propose(Resolution::Joint)),
            house.desk.step(&b, id, propose(Resolution::Joint)),
        );
        mine.unwrap();
        theirs.unwrap();
        let view = house.desk.conflict(&a, id).await.unwrap();
        assert_eq!((view.state.as_str(), view.resolution.as_deref()), ("resolved", Some("joint")), "round {round}");
    }
});

on_both!(of_a_proposal_changed_and_accepted_at_once_one_stands_on_both_sides, house => {
    for round in 0..20 {
        let (a, _, b, _, id) = meet(&house, &format!("owl{round}")).await;
        house.desk.step(&b, id, propose(Resolution::Joint)).await.unwrap();
        let (accepted, changed) = tokio::join!(
            house.desk.step(&a, id, Step::Accept(Some(Resolution::Joint))),
            house.desk.step(&b, id, propose(Resolution::Ceded)),
        );
        assert_ne!(accepted.is_ok(), changed.is_ok(), "round {round}: {accepted:?} {changed:?}");
        let want = accepted.is_ok().then_some("joint");
        for who in [&a, &b] {
            assert_eq!(house.desk.conflict(who, id).await.unwrap().resolution.as_deref(), want, "round {round}");
        }
    }
});

on_both!(what_is_looked_for_and_not_there_leaves_one_event, house => {
    let (a, _) = house.officer("A-1").await;
    house.desk.settle_ledger().await.unwrap();
    let nobody = |n: u8| NewMember {
        agency: AgencyId::new(house.desk.store().clock(), house.desk.store().chance()),
        name: format!("Officer Nobody{n}"),
        email: format!("nobody{n}@example.org"),
        telephone: phone("206-555-0199"),
        sworn: true,
        roles: Vec::new(),
    };
    for (n, who) in [(0, &Principal::operator()), (1, &a)] {
        assert!(matches!(house.desk.add_member(who, nobody(n)).await, Err(Error::NotFound("agency"))));
        assert_eq!(house.desk.settle_ledger().await.unwrap(), 1, "{n}");
    }
    let id = ConflictId::new(house.desk.store().clock(), house.desk.store().chance());
    assert!(matches!(house.desk.conflict(&a, id).await, Err(Error::NotFound("conflict"))));
    assert_eq!(house.desk.settle_ledger().await.unwrap(), 1, "a conflict");
    assert!(matches!(house.desk.step(&a, id, Step::Accept(None)).await, Err(Error::NotFound("conflict"))));
    assert_eq!(house.desk.settle_ledger().await.unwrap(), 1, "a step");
    let (a, _, _, _, id) = meet(&house, "elk").await;
    house.desk.settle_ledger().await.unwrap();
    assert!(matches!(house.desk.step(&a, id, Step::Accept(None)).await, Err(Error::NotNow(_))));
    assert_eq!(house.desk.settle_ledger().await.unwrap(), 1, "a step that is not taken");
});

async fn the_reason_to_act_against_a_hold_is_kept(engine: Engine) {
    let trace = Trace::default();
    let house = house_with(engine, Settings { trace: Some(trace.clone()), ..Settings::default() }).await;
    let (a, _, b, _, id) = meet(&house, "fox").await;
    let supervisor = house.member(b.agency, &[Role::Supervisor]).await;
    house.desk.hold(&a, id, HoldOrder::Propose(words("we go in tonight"))).await.unwrap();
    trace.clear();
    house.desk.hold(&supervisor, id, HoldOrder::ActAgainst(words("a child is in danger now"))).await.unwrap();
    let kept = trace.seen().into_iter().filter(|(sql, _)| sql.starts_with("INSERT INTO reason"));
    assert_eq!(kept.map(|(_, seen)| seen.times).sum::<u64>(), 1);
}

#[tokio::test]
async fn the_reason_to_act_against_a_hold_is_kept_sqlite() {
    the_reason_to_act_against_a_hold_is_kept(Engine::Sqlite).await;
}
#[tokio::test]
async fn the_reason_to_act_against_a_hold_is_kept_postgres() {
    the_reason_to_act_against_a_hold_is_kept(Engine::Postgres).await;
}

on_both!(what_is_written_twice_with_one_request_id_is_written_once, house => {
    let (a, _, b, _, id) = meet(&house, "fox").await;
    let events = async || house.desk.settle_ledger().await.unwrap();
    let message = || Step::Message(words("call me"), Marking::default());
    let (first, second, third) = (house.desk.request(), house.desk.request(), house.desk.request());
    let once = house.desk.step_once(&a, id, message(), first).await.unwrap();
    events().await;
    assert_eq!(house.desk.step_once(&a, id, message(), first).await.unwrap(), once);
    assert_eq!(events().await, 1, "what is shown, as a submission sent again leaves it");
    assert_eq!(once.thread.len(), 1);
    let proposed = house.desk.step_once(&a, id, propose(Resolution::Joint), second).await.unwrap();
    house.clock.advance(60);
    assert_eq!(house.desk.step_once(&a, id, propose(Resolution::Joint), second).await.unwrap().proposals, proposed.proposals);
    let hold = || HoldOrder::Propose(words("we go in tonight"));
    let asked = house.desk.hold_once(&a, id, hold(), third).await.unwrap();
    events().await;
    house.clock.advance(60);
    assert_eq!(house.desk.hold_once(&a, id, hold(), third).await.unwrap(), asked);
    assert_eq!(events().await, 1);
    assert_eq!(house.desk.conflict(&b, id).await.unwrap().holds.len(), 1);
    let told = notes(&house, &b).await;
    assert_eq!(told.len(), 3, "each is told once: {told:?}");
    // An id is for one thing said in one conflict.
    let other = Step::Message(words("call me now"), Marking::default());
    for refused in [
        house.desk.step_once(&a, id, other, first).await.map(drop),
        house.desk.step_once(&a, id, propose(Resolution::Ceded), second).await.map(drop),
        house.desk.step_once(&a, id, propose(Resolution::Joint), first).await.map(drop),
        house.desk.hold_once(&a, id, HoldOrder::Propose(words("we go in now")), third).await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), "another request of this id exists already");
    }
    // Another agency's id of the same letters is another request.
    assert_eq!(house.desk.step_once(&b, id, message(), first).await.unwrap().thread.len(), 2);
    // Without an id each is said anew, as before.
    house.desk.step(&a, id, message()).await.unwrap();
    assert_eq!(house.desk.step(&a, id, message()).await.unwrap().thread.len(), 4);
    let supervisor = house.member(a.agency, &[Role::Supervisor]).await;
    let against = || HoldOrder::ActAgainst(words("a child is in danger"));
    let request = house.desk.request();
    let said = house.desk.hold_once(&supervisor, id, against(), request).await.unwrap();
    assert_eq!(house.desk.hold_once(&supervisor, id, against(), request).await.unwrap(), said);
    let told = notes(&house, &b).await;
    assert_eq!(told.iter().filter(|n| n.contains("acts against the hold")).count(), 1, "{told:?}");
});

on_both!(the_same_message_twice_at_one_moment_is_written_once, house => {
    let (a, _, b, _, id) = meet(&house, "fox").await;
    let request = house.desk.request();
    let send = || house.desk.step_once(&a, id, Step::Message(words("call me"), Marking::default()), request);
    let (one, two) = tokio::join!(send(), send());
    assert_eq!((one.unwrap().thread.len(), two.unwrap().thread.len()), (1, 1));
    assert_eq!(notes(&house, &b).await, ["They wrote to you."]);
});
