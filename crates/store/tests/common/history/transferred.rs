//! A case that goes to another agency and comes back.

use model::{CaseId, CaseNumber, Clock, EntryId, Level};
use policy::{Action, Principal};
use store::{Handover, Matter, NewTransfer, TransferFacts, TransferState};

use super::{Filed, Story};
use crate::common::*;

/// The case b goes to ann's agency and comes back; a persona and a silent entry stay with bob.
pub async fn carry(s: &mut Story<'_>, hers: Filed<'_>, his: (&Principal, CaseId)) {
    let w = s.w;
    let ((ann, a, first), (bob, b)) = (hers, his);
    let mut persona = w.entry(s.say("persona", "captain_of_the_petrel"), Level::Desk);
    persona.role = model::EntryRole::Undercover;
    let silent = w.entry(s.say("hidden", "brass-heron-19"), Level::Silent);
    let filed = s.submit(bob, b, &[persona, silent]).await;
    let c = s.open_case(ann, "2026-ICAC-000418", "a second chess server").await;
    let grant = may(bob, Action::Look);
    let pending = store::Pending {
        id: filed.submission,
        agency: bob.agency,
        member: bob.member,
        case: Some(b),
        at: w.clock.now(),
    };
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.hold_asking(&[pending]).await.unwrap();
    let levels = (Level::Open, Level::Desk);
    for case in [a, c] {
        let met = conflict((bob, b, filed.entries[0]), (ann.member, ann.agency, case, first.entries[0]), levels);
        tx.record(&[met]).await.unwrap();
    }
    let unseen = s.notice(bob.member, bob.agency, Matter::Message, Some(b));
    let joined = s.notice(bob.member, bob.agency, Matter::Conflict, Some(b));
    tx.notify_anew(vec![joined], vec![unseen]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();

    let grant = may(bob, Action::ReceiveTip);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let content = s.say("report", "the provider saw it at the boathouse").as_bytes();
    tx.add_tips(bob.agency, &[store::NewTip { case: b, informational: false, escalated: true, content }])
        .await
        .unwrap();
    tx.commit(w.store.act(&grant, ("case", b.into()))).await.unwrap();
    taken_back(s, bob, b, ann.agency).await;
    let personas = [(w.space(), w.token("captain_of_the_petrel"), filed.entries[0])];
    go(s, (bob, b, "kept by bob, in his words"), ann, &personas, 2).await;
    for (who, reads) in [(ann, true), (bob, false)] {
        let grant = may(who, Action::ViewCase);
        let mut tx = w.store.view(&grant).await.unwrap();
        let read = tx.own_tip(b).await.unwrap();
        assert_eq!(read.as_deref(), reads.then_some(content), "the report goes with the case");
        tx.commit(w.store.act(&grant, ("case", b.into()))).await.unwrap();
    }
    go(s, (ann, b, "kept by ann, in her words"), bob, &[], 0).await;
}

async fn offer(s: &mut Story<'_>, who: &Principal, case: CaseId, to: AgencyId, words: &'static str) -> TransferFacts {
    let w = s.w;
    let (id, own) = (id(), s.say("offer, own part", words));
    let offered = s.say("offer", "he has moved to your valley");
    let facts = w.store.case_facts_by_id(case).await.unwrap().unwrap();
    let grant = may(who, Action::OfferTransfer);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let until = w.clock.now().plus_days(7);
    let new = NewTransfer { id, to, until, own: own.as_bytes(), offer: offered.as_bytes() };
    tx.supervisors_at(to).await.unwrap();
    tx.transfer_contact(case).await.unwrap();
    tx.offer_transfer(&facts, &new).await.unwrap();
    tx.commit(w.store.act(&grant, ("transfer", id.into()))).await.unwrap();
    w.store.travelling(case, who.agency).await.unwrap();
    w.store.receiver(to).await.unwrap().unwrap();
    w.store.transfer_facts(id).await.unwrap().unwrap()
}

async fn taken_back(s: &mut Story<'_>, who: &Principal, case: CaseId, to: AgencyId) {
    let w = s.w;
    let of = offer(s, who, case, to, "an offer that is taken back").await;
    let grant = may(who, Action::OfferTransfer);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.end_transfer(&of, TransferState::Withdrawn, None, None).await.unwrap();
    tx.commit(w.store.act(&grant, ("transfer", of.id.into()))).await.unwrap();
}

async fn go(
    s: &mut Story<'_>,
    (from, case, words): (&Principal, CaseId, &'static str),
    to: &Principal,
    personas: &[(model::SpaceId, model::Token, EntryId)],
    parted: usize,
) {
    let w = s.w;
    let of = offer(s, from, case, to.agency, words).await;
    let facts = w.store.case_facts_by_id(case).await.unwrap().unwrap();
    let number = CaseNumber::parse(s.say("number", "Näckrosen 12")).unwrap();
    let (remainder, submission) = (id(), id());
    let (lead, supervisor) = (to.member, None);
    let h = Handover { of: &of, case: &facts, number: &number, lead, supervisor, remainder, submission };
    let grant = may(to, Action::AcceptTransfer);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.going(&h).await.unwrap();
    let staying: Vec<EntryId> = tx.staying_personas(&h).await.unwrap().iter().map(|e| e.id).collect();
    assert_eq!(tx.part_personas(&h, &staying, personas).await.unwrap().len(), parted);
    tx.hand_over(&h, s.say("detail", "asked anew for the quartermaster").as_bytes()).await.unwrap();
    let sides = tx.moved_sides(&h).await.unwrap();
    assert_eq!(sides.len(), 1, "what a persona met stayed");
    let levels: Vec<_> = sides[0].matches.iter().map(|m| (m.id, Level::Open, Level::Open)).collect();
    tx.relevel(&h, &sides[0], &levels).await.unwrap();
    let answer = s.say("reply", "Sergeant U. takes it");
    tx.end_transfer(&of, TransferState::Accepted, Some(remainder), Some(answer.as_bytes())).await.unwrap();
    tx.commit(w.store.act(&grant, ("transfer", of.id.into())).accepts(submission)).await.unwrap();
    assert_eq!(w.store.transfer_of(remainder).await.unwrap().unwrap().id, of.id);
    let grant = may(from, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    let mine = tx.transfers().await.unwrap().into_iter().find(|t| t.facts.id == of.id).unwrap();
    assert_eq!((mine.own.as_deref(), mine.answer.as_deref()), (Some(words.as_bytes()), Some(answer.as_bytes())));
    tx.commit(w.store.act(&grant, ("transfers", uuid()))).await.unwrap();
}
