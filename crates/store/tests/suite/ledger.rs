//! Events in, positions out: once each, signed, proved, and never behind what was signed before.

use std::collections::BTreeSet;

use ::ledger::Checkpoint;
use model::{Level, SubmissionId};
use policy::{Action, Facts, Principal};
use store::{Error, Proven, Store};

use crate::common::*;
use crate::on_both;

/// Leaves this many events, many at once.
async fn leave_events(store: &Store, n: usize) {
    let who = Principal::worker("nobody");
    let denied = policy::decide(&POLICIES, &who, Action::Init, &Facts::default(), request()).unwrap_err();
    let noting: Vec<_> = (0..n)
        .map(|_| {
            let (store, denied) = (store.clone(), denied.clone());
            tokio::spawn(async move { store.refuse(&denied, ("installation", uuid())).await.unwrap() })
        })
        .collect();
    for one in noting {
        one.await.unwrap();
    }
}

on_both!(two_sequencers_at_once_give_every_event_one_position, w => {
    let other = w.second().await;
    for round in 0..4 {
        leave_events(&w.store, 60).await;
        let more = {
            let store = w.store.clone();
            tokio::spawn(async move { leave_events(&store, 60).await })
        };
        let sequencing: Vec<_> = [w.store.clone(), other.clone()]
            .into_iter()
            .map(|store| {
                tokio::spawn(async move {
                    let grant = grant(&Principal::worker("sequencer"), Action::Sequence, &Facts::default());
                    let mut done = 0;
                    for _ in 0..4 {
                        done += store.sequence(&grant).await.unwrap();
                    }
                    done
                })
            })
            .collect();
        for one in sequencing {
            one.await.unwrap();
        }
        more.await.unwrap();
        w.sequence().await;
        let mut raw = w.raw().await;
        let events = 1 + 120 * (round + 1); // with that of init
        assert_eq!(raw.int("SELECT COUNT(DISTINCT id) FROM event", &[]).await, events);
        assert_eq!(raw.int("SELECT MAX(idx) FROM event", &[]).await, events - 1);
        assert_eq!(raw.int("SELECT COUNT(*) FROM event_new", &[]).await, 0);
        assert_eq!(raw.int("SELECT size FROM log", &[]).await, events);
    }
    let verdict = w.verify().await;
    assert!(verdict.sound(), "{:?}", verdict.findings);
});

on_both!(a_submission_learns_its_position, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let done = w.submit(&ann, case, &["fox"], Level::Open).await;
    let mut raw = w.raw().await;
    let key = [Bind::Id(done.submission.into())];
    let unplaced = "SELECT COUNT(*) FROM submission WHERE id = $1 AND position IS NULL";
    assert_eq!(raw.int(unplaced, &key).await, 1);
    w.sequence().await;
    let placed = raw.int("SELECT position FROM submission WHERE id = $1", &key).await;
    let its_event = "SELECT idx FROM event WHERE id = $1";
    assert_eq!(raw.int(its_event, &[Bind::Id(done.event.into())]).await, placed);
});

on_both!(the_checkpoint_is_signed_and_the_kept_one_never_goes_back, w => {
    leave_events(&w.store, 5).await;
    w.sequence().await;
    let grant = w.operator(Action::Checkpoint);
    let first = w.store.checkpoint(&grant).await.unwrap().unwrap();
    let verifier = w.store.keys().verifier();
    let one = Checkpoint::open(&first, &verifier).unwrap();
    assert_eq!((one.size, one.origin.as_str()), (6, ORIGIN));
    assert_eq!(w.store.keys().kept_checkpoint().unwrap().unwrap(), one);
    leave_events(&w.store, 300).await; // more than one tile
    w.sequence().await;
    let second = w.store.checkpoint(&grant).await.unwrap().unwrap();
    let two = Checkpoint::open(&second, &verifier).unwrap();
    assert_eq!(two.size, 307); // reading the checkpoint left an event too
    w.store.keys().keep_checkpoint(&first, one.size).unwrap();
    assert_eq!(w.store.keys().kept_checkpoint().unwrap().unwrap(), two);
    assert_eq!(w.sequence().await, 1, "the second reading");
    assert_eq!(w.sequence().await, 0);
});

/// The proof of a submission's answer, as its agency reads it.
async fn proof(w: &World, who: &Principal, of: SubmissionId) -> Option<Proven> {
    let grant = may(who, Action::GetReceipt);
    let mut tx = w.store.view(&grant).await.unwrap();
    let (given, recorded) = tx.answer(of).await.unwrap();
    assert_eq!(given.answer, b"nothing to show you");
    tx.commit(w.store.act(&grant, ("submission", of.into()))).await.unwrap();
    recorded
}

fn check(w: &World, recorded: &Proven) {
    let signed = Checkpoint::open(&recorded.checkpoint, &w.store.keys().verifier()).unwrap();
    assert_eq!(signed.size, recorded.size);
    let leaf = ::ledger::leaf_hash(&recorded.salt, &recorded.body);
    ::ledger::verify_inclusion(&leaf, recorded.index, recorded.size, &recorded.hashes, &signed.root).unwrap();
    assert_eq!(recorded.event().unwrap().verb.as_str(), "look");
    // The control: the same proof for another place does not verify.
    let other = (recorded.index + 1) % recorded.size;
    assert!(::ledger::verify_inclusion(&leaf, other, recorded.size, &recorded.hashes, &signed.root).is_err());
}

on_both!(every_answer_is_proved_also_when_the_tree_has_grown_since, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let mut given = Vec::new();
    for more in [0, 3, 240, 300] {
        leave_events(&w.store, more).await; // before, between and past the tiles of 256
        let done = w.submit(&ann, case, &[], Level::Open).await;
        w.answer(&ann, case, &done, b"nothing to show you").await;
        assert!(proof(&w, &ann, done.submission).await.is_none(), "a promise until it is integrated and signed");
        w.sequence().await;
        given.push(done);
        let mut sizes = BTreeSet::new();
        for one in &given {
            let recorded = proof(&w, &ann, one.submission).await.unwrap();
            check(&w, &recorded);
            sizes.insert(recorded.size);
        }
        assert_eq!(sizes.len(), given.len(), "each is proved at the size it was first signed at");
    }
    let bob = w.officer("bob").await;
    let grant = may(&bob, Action::GetReceipt);
    let mut tx = w.store.view(&grant).await.unwrap();
    let others = tx.answer(given[0].submission).await;
    assert!(matches!(others, Err(Error::NotFound("receipt"))), "{:?}", others.err());
});

on_both!(nothing_is_signed_on_an_old_copy, w => {
    leave_events(&w.store, 5).await;
    w.sequence().await;
    let yesterday = Yesterday::copy(&w).await;
    leave_events(&w.store, 5).await;
    w.sequence().await;
    let signed = w.store.keys().kept_checkpoint().unwrap().unwrap();
    assert_eq!(signed.size, 11);
    let old = yesterday.put_back(&w).await;
    let grant = w.worker(Action::Sequence);
    let behind = old.sequence(&grant).await;
    assert!(matches!(behind, Err(Error::Behind { size: 6, kept: 11 })), "{behind:?}");
    leave_events(&old, 9).await; // longer than what was signed, were they integrated
    let behind = old.sequence(&grant).await;
    assert!(matches!(behind, Err(Error::Behind { size: 6, kept: 11 })), "{behind:?}");
    assert_eq!(old.keys().kept_checkpoint().unwrap().unwrap(), signed);
    let verdict = old.verify(&w.operator(Action::VerifyLedger), |_| ()).await.unwrap();
    assert!(verdict.findings.iter().any(|f| f.code == "behind-kept-checkpoint"), "{:?}", verdict.findings);
});
