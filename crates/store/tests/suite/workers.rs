//! What workers find to do, and that two of them do it once.

use model::Clock;
use model::{Level, SubmissionId};
use policy::Action;
use sha2::Digest;
use store::{Error, Matter, NewNotice, RequestDigest, Stage, SubmissionVerb, desk_recipient};

use crate::common::*;
use crate::on_both;

on_both!(a_sweeper_sees_what_was_not_looked_at, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let first = w.submit(&ann, case, &["fox"], Level::Open).await;
    w.clock.advance(60);
    let second = w.submit(&ann, case, &["owl"], Level::Open).await;
    let soon = w.clock.now().plus_seconds(1);
    let waiting = async |stage, before| {
        let all = w.store.pending(stage, before, None, 10).await.unwrap();
        all.into_iter().map(|p| p.id).collect::<Vec<_>>()
    };
    assert_eq!(waiting(Stage::Look, soon).await, [first.submission, second.submission], "the oldest first");
    assert_eq!(waiting(Stage::Look, w.clock.now()).await, [first.submission], "not those of this moment");
    assert!(waiting(Stage::Silent, soon).await.is_empty(), "the first look comes first");
    w.answer(&ann, case, &first, b"nothing to show you").await;
    assert_eq!(waiting(Stage::Look, soon).await, [second.submission]);
    for (stage, action) in [(Stage::Silent, Action::SilentLook), (Stage::Second, Action::SecondLook)] {
        assert_eq!(waiting(stage, soon).await, [first.submission]);
        let grant = w.worker(action);
        let mut tx = w.store.begin(&grant).await.unwrap();
        let pending = w.store.pending(stage, soon, None, 1).await.unwrap()[0];
        assert_eq!((pending.agency, pending.member, pending.case), (ann.agency, ann.member, Some(case)));
        assert_eq!(tx.submission_details(&[pending]).await.unwrap(), [b"purpose: a test"]);
        assert_eq!(tx.done(&[pending.id], stage).await.unwrap().len(), 1);
        assert!(tx.done(&[pending.id], stage).await.unwrap().is_empty(), "it was done once");
        tx.commit(w.store.act(&grant, ("submission", pending.id.into()))).await.unwrap();
        assert!(waiting(stage, soon).await.is_empty());
    }
});

on_both!(a_request_sent_again_is_the_request_it_was, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let (request, submission) = (request(), id());
    let grant = may(&ann, Action::Check);
    for first in [true, false] {
        let mut tx = w.store.begin(&grant).await.unwrap();
        let of = if first { submission } else { id() };
        let added = tx.add_submissions(SubmissionVerb::Check, &[noted(&ann, of, Some(case), request, 0, b"why")]).await;
        if first {
            tx.commit(w.store.act(&grant, ("check", of.into()))).await.unwrap();
        } else {
            assert!(matches!(added, Err(Error::Exists(_))));
        }
    }
    assert_eq!(w.store.earlier(ann.agency, request, &[0; 32].into()).await.unwrap(), Some(submission));
    assert!(matches!(w.store.earlier(ann.agency, request, &[1; 32].into()).await, Err(store::Error::Exists(_))), "an id is for one request");
    assert_eq!(w.store.earlier(id(), request, &[0; 32].into()).await.unwrap(), None, "another agency's request of this id is another");
});

on_both!(two_workers_hand_over_each_notice_once, w => {
    let ann = w.officer("ann").await;
    let grant = may(&ann, Action::Look);
    let notice = |n: u8| NewNotice {
        recipient: ann.member,
        agency: ann.agency,
        matter: Matter::Conflict,
        about: vec![n],
        conflict: None,
        case: None,
        entry: None,
        other_case: None,
        due: model::Micros(n.into()),
        words: Some(vec![n]),
    };
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert_eq!(tx.notify((0..20).map(notice).collect()).await.unwrap(), 20);
    assert_eq!(tx.notify((0..21).map(notice).collect()).await.unwrap(), 1, "what is there stays as it is");
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let other = w.second().await;
    let working: Vec<_> = [w.store.clone(), other]
        .into_iter()
        .map(|store| {
            tokio::spawn(async move {
                let grant = crate::common::grant(&policy::Principal::worker("outbox"), Action::Deliver, &policy::Facts::default());
                let mut tx = store.begin(&grant).await.unwrap();
                let done = tx.deliver(100).await.unwrap();
                tx.commit(store.act(&grant, ("outbox", uuid()))).await.unwrap();
                done
            })
        })
        .collect();
    let mut delivered = 0;
    for one in working {
        delivered += one.await.unwrap();
    }
    assert_eq!(delivered, 21);
    let grant = may(&ann, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    let read = tx.notices(false).await.unwrap();
    assert_eq!(read.len(), 21);
    assert!(read.iter().all(|n| n.words.as_ref().is_some_and(|words| i64::from(words[0]) == n.due.0)));
});

on_both!(the_desk_reads_its_own_notices_under_the_master_key, w => {
    let ann = w.officer("ann").await;
    let desk = w.member(ann.agency, "desk@example.org", &[model::Role::WatchDesk]).await;
    let grant = may(&ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let notice = NewNotice {
        recipient: desk_recipient(),
        agency: model::AgencyId::from(uuid::Uuid::nil()),
        matter: Matter::OverCap,
        about: b"token".to_vec(),
        conflict: None,
        case: None,
        entry: None,
        other_case: None,
        due: model::Micros(1),
        words: Some(b"held by many".to_vec()),
    };
    tx.notify(vec![notice]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let grant = may(&desk, Action::DeskQueue);
    let mut tx = w.store.view(&grant).await.unwrap();
    let read = tx.notices(true).await.unwrap();
    assert_eq!((read.len(), read[0].words.as_deref()), (1, Some(&b"held by many"[..])));
    let hers = may(&ann, Action::Inbox);
    let mut tx = w.store.view(&hers).await.unwrap();
    assert!(tx.notices(false).await.unwrap().is_empty());
});

// Each supervisor sees only the committed half of what the other does; one of them must see both.
on_both!(two_supervisors_lifting_at_once_lift_the_hold, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (conflict, hold) = meet(&w, &ann, &bob).await;
    let lift = |who: &policy::Principal| {
        let (store, who) = (w.store.clone(), who.clone());
        async move {
            let side = store.side_facts(who.agency, conflict).await.unwrap().remove(0);
            let grant = may(&who, Action::LiftHold);
            let mut tx = store.begin(&grant).await.unwrap();
            let both = tx.lift_hold(&side, hold).await.unwrap();
            (tx, store.act(&grant, ("conflict", conflict.into())), both)
        }
    };
    let (tx, act, both) = lift(&ann).await;
    assert!(!both);
    let mut other = tokio::spawn({
        let lifting = lift(&bob);
        async move {
            let (tx, act, both) = lifting.await;
            tx.commit(act).await.unwrap();
            both
        }
    });
    // It must not get past the first while that is open; without the turnstile it commits here and lifts nothing.
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), &mut other).await;
    tx.commit(act).await.unwrap();
    let both = match early {
        Ok(done) => done.unwrap(),
        Err(_) => other.await.unwrap(),
    };
    assert!(both, "the second to lift sees both");
    assert!(!w.store.hold_stands(conflict).await.unwrap());
});

on_both!(a_hold_that_is_not_there_is_not_lifted, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (conflict, hold) = meet(&w, &ann, &bob).await;
    assert!(w.store.hold_stands(conflict).await.unwrap());
    let side = w.store.side_facts(ann.agency, conflict).await.unwrap().remove(0);
    let grant = may(&ann, Action::LiftHold);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(matches!(tx.lift_hold(&side, id()).await, Err(Error::NotFound("hold"))));
    drop(tx);
    for _ in 0..2 {
        let mut tx = w.store.begin(&grant).await.unwrap();
        assert!(!tx.lift_hold(&side, hold).await.unwrap(), "one side alone never lifts");
        tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
    }
    assert!(w.store.hold_stands(conflict).await.unwrap());
});

/// Two cases that meet, and a hold one side asked for.
async fn meet(w: &World, ann: &policy::Principal, bob: &policy::Principal) -> (model::ConflictId, model::MessageId) {
    let (a, b) = (w.case(ann, "1").await, w.case(bob, "2").await);
    let mine = w.submit(ann, a, &["fox"], Level::Open).await;
    let theirs = w.submit(bob, b, &["fox"], Level::Open).await;
    let levels = (Level::Open, Level::Open);
    let new = conflict((ann, a, mine.entries[0]), (bob.member, bob.agency, b, theirs.entries[0]), levels);
    let grant = may(ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.record(&[new]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let conflict = model::Pair::new(a, b).unwrap().conflict();
    let side = w.store.side_facts(ann.agency, conflict).await.unwrap().remove(0);
    let (hold, grant) = (id(), may(ann, Action::Hold));
    let mut tx = w.store.begin(&grant).await.unwrap();
    let why = model::FreeText::parse("our officer meets him tomorrow").unwrap();
    tx.add_hold(&side, hold, w.clock.now().plus_seconds(3_600), &why).await.unwrap();
    tx.commit(w.store.act(&grant, ("conflict", conflict.into()))).await.unwrap();
    (conflict, hold)
}

/// A question of this request, noted by one officer.
async fn asked(w: &World, who: &policy::Principal, request: model::RequestId, digest: RequestDigest) -> SubmissionId {
    let (grant, submission) = (may(who, Action::Check), id());
    let mut tx = w.store.begin(&grant).await.unwrap();
    let new = store::NewSubmission { digest, ..noted(who, submission, None, request, 0, b"why") };
    tx.add_submissions(SubmissionVerb::Check, &[new]).await.unwrap();
    tx.commit(w.store.act(&grant, ("check", submission.into()))).await.unwrap();
    submission
}

on_both!(the_database_alone_confirms_nothing_of_what_a_request_asked, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    // Whoever tries all telephone numbers can make this, and must not find it.
    let bare: [u8; 32] = sha2::Sha256::digest(b"202-555-0143").into();
    let (request, other) = (request(), request());
    let hers = asked(&w, &ann, request, bare.into()).await;
    let again = asked(&w, &ann, other, bare.into()).await;
    let his = asked(&w, &bob, request, bare.into()).await;
    let mut raw = w.raw().await;
    let mut kept = Vec::new();
    for (who, request) in [(&ann, request), (&ann, other), (&bob, request)] {
        let of = [Bind::Id(who.agency.into()), Bind::Id(request.into())];
        kept.push(raw.bytes("SELECT digest FROM request WHERE agency = $1 AND id = $2", &of).await);
    }
    for digest in &kept {
        assert!(!digest.windows(32).any(|part| part == bare), "the digest of the question stands in the row");
        assert_eq!(kept.iter().filter(|other| *other == digest).count(), 1, "two rows agree: {kept:?}");
    }
    for (who, request, submission) in [(&ann, request, hers), (&ann, other, again), (&bob, request, his)] {
        assert_eq!(w.store.earlier(who.agency, request, &bare.into()).await.unwrap(), Some(submission));
    }
});

on_both!(a_request_from_before_there_was_a_key_is_still_the_request_it_was, w => {
    let ann = w.officer("ann").await;
    let (whole, before) = ([9; 32], [2; 32]);
    let request = request();
    let submission = asked(&w, &ann, request, RequestDigest::new(whole, before)).await;
    // As the row stood then; its first byte is by chance that of the new ones.
    let of = [Bind::Bytes(before.to_vec()), Bind::Id(request.into())];
    assert_eq!(w.raw().await.exec("UPDATE request SET digest = $1 WHERE id = $2", &of).await, 1);
    let earlier = async |digest| w.store.earlier(ann.agency, request, &digest).await;
    assert_eq!(earlier(RequestDigest::new(whole, before)).await.unwrap(), Some(submission));
    assert!(matches!(earlier(RequestDigest::new(whole, [3; 32])).await, Err(Error::Exists(_))));
    // A new row is not known by what was digested then, which leaves out half of it.
    let request = id();
    asked(&w, &ann, request, RequestDigest::new(whole, before)).await;
    let other = w.store.earlier(ann.agency, request, &RequestDigest::new([8; 32], before)).await;
    assert!(matches!(other, Err(Error::Exists(_))));
});
