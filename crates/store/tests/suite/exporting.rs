//! An export reads all of one's own agency and no row of another's.

use std::collections::BTreeSet;

use model::{CaseId, Level, MemberId, Pair};
use policy::{Action, Principal};
use store::{EntryState, Error, Tx};
use uuid::Uuid;

use crate::common::*;
use crate::on_both;

fn nil<T: From<Uuid>>() -> T {
    Uuid::nil().into()
}

/// Every case, member, entry and submission of the agency, read one row a page.
async fn all(tx: &mut Tx) -> (Vec<CaseId>, Vec<MemberId>, usize, usize) {
    let (mut cases, mut members, mut entries, mut submissions) = (Vec::new(), Vec::new(), 0, 0);
    let mut mark = Vec::new();
    while let Some((next, case)) = tx.case_page(&mark, 1).await.unwrap().pop() {
        mark = next;
        assert_eq!(tx.whole_case(case).await.unwrap().id, case);
        let mut after = nil();
        while let Some(entry) = tx.whole_entries(case, after, 1).await.unwrap().pop() {
            assert_eq!((entry.labels.state, entry.content.raw.as_str()), (EntryState::Live, "fox"));
            after = entry.id;
            entries += 1;
        }
        cases.push(case);
    }
    let mut after = nil();
    while let Some(member) = tx.member_page(after, 1).await.unwrap().pop() {
        after = member.id;
        members.push(member.id);
    }
    let mut after = nil();
    while let Some((request, submission)) = tx.request_page(after, 1).await.unwrap().pop() {
        after = request;
        assert_eq!(tx.whole_submission(submission).await.unwrap().detail, b"purpose: a test");
        submissions += 1;
    }
    (cases, members, entries, submissions)
}

async fn reading(w: &World, who: &Principal) -> (policy::Grant, Tx) {
    let grant = may(who, Action::Export);
    let tx = w.store.view(&grant).await.unwrap();
    (grant, tx)
}

on_both!(an_export_reads_all_of_ones_own_and_no_row_of_anothers, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a1, a2, b) = (w.case(&ann, "1").await, w.case(&ann, "2").await, w.case(&bob, "1").await);
    let (mine, theirs) = (w.submit(&ann, a1, &["fox"], Level::Open).await, w.submit(&bob, b, &["fox"], Level::Open).await);
    w.submit(&ann, a2, &["fox"], Level::Silent).await;
    let new = conflict(
        (&ann, a1, mine.entries[0]), (bob.member, bob.agency, b, theirs.entries[0]), (Level::Open, Level::Desk),
    );
    let grant = may(&ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.record(&[new]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let conflict = Pair::new(a1, b).unwrap().conflict();

    let (grant, mut tx) = reading(&w, &ann).await;
    let (cases, members, entries, submissions) = all(&mut tx).await;
    assert_eq!(cases.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([a1, a2]));
    assert_eq!((members, entries, submissions), (vec![ann.member], 2, 2));
    assert_eq!(tx.conflict_page(nil(), 9).await.unwrap(), [conflict]);
    let handed = tx.handed_in(conflict, a1, b).await.unwrap();
    assert_eq!((handed.seen, handed.entries.into_iter().collect::<Vec<_>>()), (false, vec![(mine.entries[0], false)]));
    // What is another's does not exist.
    assert!(matches!(tx.whole_case(b).await, Err(Error::NotFound("case"))));
    assert!(tx.whole_entries(b, nil(), 9).await.unwrap().is_empty());
    assert!(matches!(tx.whole_submission(theirs.submission).await, Err(Error::NotFound("submission"))));
    assert!(matches!(tx.handed_in(conflict, b, a1).await, Err(Error::NotFound("conflict"))));
    assert!(tx.told_page(bob.member, nil(), 9).await.unwrap().is_empty());
    tx.commit(w.store.act(&grant, ("agency", ann.agency.into()))).await.unwrap();

    // A side that sees only the desk knows of no conflict.
    let (grant, mut tx) = reading(&w, &bob).await;
    assert!(tx.conflict_page(nil(), 9).await.unwrap().is_empty());
    assert!(matches!(tx.handed_in(conflict, b, a1).await, Err(Error::NotFound("conflict"))));
    tx.commit(w.store.act(&grant, ("agency", bob.agency.into()))).await.unwrap();
});
