//! Sessions: found by digest alone, kept by their holder alone, and gone when they end.

use policy::{Action, Facts, Policies, Principal, decide};
use store::SessionDigest;

use crate::common::*;
use crate::on_both;

const ONE: SessionDigest = [1; 32];

fn holds(who: &Principal, action: Action) -> policy::Grant {
    let facts = Facts { agency: Some(who.agency), lead: Some(who.member), trial: true, ..Facts::default() };
    decide(&Policies::built_in().unwrap(), who, action, &facts, id()).unwrap()
}

async fn begin(w: &World, who: &Principal) {
    let grant = holds(who, Action::StepIn);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.begin_session(&ONE, w.store.clock().now().plus_days(1)).await.unwrap();
    tx.commit(w.store.act(&grant, ("member", who.member.into()))).await.unwrap();
}

on_both!(a_session_is_its_holders_alone, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    begin(&w, &ann).await;
    let facts = w.store.session_facts(&ONE).await.unwrap().unwrap();
    assert_eq!((facts.member, facts.agency, facts.locked, facts.agreed), (ann.member, ann.agency, false, None));
    assert_eq!(w.store.session_facts(&[2; 32]).await.unwrap(), None);
    // Another member's grant changes nothing of it, whatever digest they give.
    let grant = holds(&bob, Action::KeepSession);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.agree_session(&ONE).await.unwrap();
    tx.lock_session(&ONE).await.unwrap();
    tx.end_session(&ONE).await.unwrap();
    tx.commit(w.store.act(&grant, ("session", bob.member.into()))).await.unwrap();
    assert_eq!(w.store.session_facts(&ONE).await.unwrap(), Some(facts));
    w.clock.advance(100);
    let grant = holds(&ann, Action::KeepSession);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.touch_session(&ONE).await.unwrap();
    tx.agree_session(&ONE).await.unwrap();
    tx.lock_session(&ONE).await.unwrap();
    tx.commit(w.store.act(&grant, ("session", ann.member.into()))).await.unwrap();
    let kept = w.store.session_facts(&ONE).await.unwrap().unwrap();
    assert_eq!((kept.seen, kept.agreed, kept.locked), (facts.seen.plus_seconds(100), Some(kept.seen), true));
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.end_session(&ONE).await.unwrap();
    tx.commit(w.store.act(&grant, ("session", ann.member.into()))).await.unwrap();
    assert_eq!(w.count("session").await, 0);
});

on_both!(a_member_reads_their_own_name_and_the_watch_desks_number, w => {
    let ann = w.officer("ann").await;
    let grant = holds(&ann, Action::KeepSession);
    let mut tx = w.store.view(&grant).await.unwrap();
    let oneself = tx.oneself().await.unwrap();
    tx.commit(w.store.act(&grant, ("member", ann.member.into()))).await.unwrap();
    assert_eq!((oneself.agency.as_str(), oneself.watch_desk.as_str()), ("ann police", phone(DESK).as_str()));
    assert!(!oneself.name.is_empty());
});
