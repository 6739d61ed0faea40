//! A reader of new notices misses none, however late it was committed.

use model::{CaseId, Micros};
use policy::{Action, Principal};
use store::{Engine, Error, Mark, Matter, NewNotice, Pace, Tx};

use crate::common::*;
use crate::on_both;

fn notice(recipient: &Principal, matter: Matter, about: &str, words: bool) -> NewNotice {
    NewNotice {
        recipient: recipient.member,
        agency: recipient.agency,
        matter,
        about: about.as_bytes().to_vec(),
        conflict: None,
        case: None::<CaseId>,
        entry: None,
        other_case: None,
        due: Micros(1),
        words: words.then(|| b"words".to_vec()),
    }
}

/// An open transaction that has written this notice.
async fn writes(w: &World, to: &Principal, new: NewNotice) -> Tx {
    let grant = may(to, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert_eq!(tx.notify(vec![new]).await.unwrap(), 1);
    tx
}

async fn keep(w: &World, to: &Principal, tx: Tx) {
    tx.commit(w.store.act(&may(to, Action::Look), ("look", uuid()))).await.unwrap();
}

/// One look: places, then what comes after the mark.
async fn look(w: &World, who: &Principal, pace: Pace, after: &mut Mark) -> usize {
    let grant = may(who, Action::Inbox);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.arrive(false, Some(pace)).await.unwrap();
    let found = tx.arrivals(false, pace, *after, 100).await.unwrap();
    if let Some((mark, _)) = found.last() {
        *after = *mark;
    }
    tx.commit(w.store.act(&grant, ("inbox", uuid()))).await.unwrap();
    found.len()
}

// On SQLite there is one writer: a transaction that began earlier commits earlier.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_committed_behind_a_reader_is_read_all_the_same() {
    let w = World::new(Engine::Postgres).await;
    let ann = w.officer("ann").await;
    let early = writes(&w, &ann, notice(&ann, Matter::Message, "early", true)).await;
    w.clock.advance(5);
    let late = writes(&w, &ann, notice(&ann, Matter::Message, "late", true)).await;
    keep(&w, &ann, late).await;
    let mut mark = Mark::start();
    assert_eq!(look(&w, &ann, Pace::Prompt, &mut mark).await, 1);
    assert!(!w.store.waits(&may(&ann, Action::Inbox), mark).await.unwrap());
    keep(&w, &ann, early).await;
    assert!(w.store.waits(&may(&ann, Action::Inbox), mark).await.unwrap());
    assert_eq!(look(&w, &ann, Pace::Prompt, &mut mark).await, 1, "its time and perhaps its id are before the mark");
    assert!(!w.store.waits(&may(&ann, Action::Inbox), mark).await.unwrap());
}

// Two who number at once pass one after the other: a lower number is never kept after a higher one was seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_gives_places_at_the_same_time_waits_for_the_first() {
    let w = World::new(Engine::Postgres).await;
    let ann = w.officer("ann").await;
    let first = writes(&w, &ann, notice(&ann, Matter::Message, "1", true)).await;
    keep(&w, &ann, first).await;
    let grant = may(&ann, Action::Inbox);
    let mut one = w.store.begin(&grant).await.unwrap();
    let lower = one.arrive(false, None).await.unwrap();
    let second = writes(&w, &ann, notice(&ann, Matter::Message, "2", true)).await;
    keep(&w, &ann, second).await;
    let (store, who) = (w.store.clone(), ann.clone());
    let other = tokio::spawn(async move {
        let grant = may(&who, Action::Inbox);
        let mut two = store.begin(&grant).await.unwrap();
        let higher = two.arrive(false, None).await.unwrap();
        let found = two.arrivals(false, Pace::Prompt, Mark::start(), 100).await.unwrap().len();
        two.commit(store.act(&grant, ("inbox", uuid()))).await.unwrap();
        (higher, found)
    });
    tokio::task::yield_now().await;
    one.commit(w.store.act(&grant, ("inbox", uuid()))).await.unwrap();
    let (higher, found) = other.await.unwrap();
    assert!(higher > lower, "the clock stands still, and the number rises");
    assert_eq!(found, 2, "it sees what the first numbered before it numbers the rest");
}

on_both!(each_matter_comes_at_its_pace_and_only_to_its_recipient, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let all = [
        (Matter::Conflict, false, Pace::Prompt),
        (Matter::Desk, false, Pace::Prompt),
        (Matter::Desk, true, Pace::Beat),
        (Matter::Silent, true, Pace::Beat),
        (Matter::Asked, true, Pace::Prompt),
        (Matter::OverCap, false, Pace::Prompt),
        (Matter::Alarm, false, Pace::Prompt),
        (Matter::Withdrawn, true, Pace::Beat),
        (Matter::Message, true, Pace::Prompt),
        (Matter::Hold, true, Pace::Prompt),
        (Matter::Transfer, true, Pace::Prompt),
    ];
    for (n, (matter, words, pace)) in all.into_iter().enumerate() {
        let tx = writes(&w, &ann, notice(&ann, matter, &n.to_string(), words)).await;
        keep(&w, &ann, tx).await;
        let (mut prompt, mut beat) = (Mark::start(), Mark::start());
        let found = (look(&w, &ann, Pace::Prompt, &mut prompt).await, look(&w, &ann, Pace::Beat, &mut beat).await);
        let count = |p| all[..=n].iter().filter(|(_, _, of)| *of == p).count();
        assert_eq!(found, (count(Pace::Prompt), count(Pace::Beat)), "{matter:?} {pace:?}");
        assert_eq!(look(&w, &bob, Pace::Prompt, &mut Mark::start()).await, 0);
    }
    assert!(!w.store.waits(&may(&bob, Action::Inbox), Mark::start()).await.unwrap());
    assert!(w.store.waits(&may(&ann, Action::Inbox), Mark::start()).await.unwrap());
    for asked in [
        w.store.waits(&may(&ann, Action::Search), Mark::start()).await.err(),
        w.store.inbox_counts(&may(&ann, Action::Search)).await.err(),
        w.store.desk_counts(&may(&ann, Action::Inbox)).await.err(),
    ] {
        assert!(matches!(asked, Some(Error::WrongGrant { .. })), "another grant does not open it");
    }
});
