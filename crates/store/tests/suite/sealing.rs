//! What is made before a transaction begins: whose it is, when it is said to have been, and what trace it leaves.

use model::Level;
use policy::Action;
use store::{Among, Error, SubmissionVerb};

use crate::common::*;
use crate::on_both;

on_both!(what_one_transaction_sealed_is_not_kept_by_another, w => {
    let ann = w.officer("ann").await;
    let grant = may(&ann, Action::OpenCase);
    let (mut one, mut two) = (w.store.prepare(&grant), w.store.prepare(&grant));
    let sealed = one.seal_cases(ann.agency, &[new_case(&ann, "1")]).await.unwrap();
    assert!(matches!(two.keep_cases(sealed).await, Err(Error::WrongGrant { .. })));
    let before = w.store.note_abandoned().await.unwrap();
    drop((one, two)); // neither had begun: nobody can have read
    assert_eq!((before, w.store.note_abandoned().await.unwrap()), (0, 0));
});

on_both!(what_a_view_was_asked_leaves_a_trace_unless_the_look_that_follows_has_one, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    w.submit(&ann, case, &["fox"], Level::Open).await;
    let grant = may(&ann, Action::Look);
    let asks = [(w.ask("fox"), None), (w.ask("owl"), None)];
    let held = w.store.held_elsewhere(&grant, &asks, &[Among::Answering]).await.unwrap();
    assert!(held.holds(&asks[0].0) && !held.holds(&asks[1].0) && !held.is_empty());
    held.recorded();
    assert_eq!(w.store.note_abandoned().await.unwrap(), 0);
    drop(w.store.held_elsewhere(&grant, &asks, &[Among::Answering]).await.unwrap());
    assert_eq!(w.store.note_abandoned().await.unwrap(), 1);
});

on_both!(what_waited_for_the_writer_is_entered_when_it_is_written, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let grant = may(&ann, Action::Submit);
    let mut tx = w.store.prepare(&grant);
    let (submission, entry) = (id(), w.entry("fox", Level::Open));
    let bundle = store::Bundle { submission, case, entries: std::slice::from_ref(&entry) };
    let entries = tx.seal_entries(ann.agency, &[bundle]).await.unwrap();
    let new = noted(&ann, submission, Some(case), id(), 1, b"why");
    let submissions = tx.seal_submissions(SubmissionVerb::Submit, &[new]).await.unwrap();
    w.clock.advance(7);
    tx.keep_entries(entries).await.unwrap();
    tx.keep_submissions(submissions).await.unwrap();
    tx.commit(w.store.act(&grant, ("submission", submission.into())).accepts(submission)).await.unwrap();
    let mut raw = w.raw().await;
    let now = w.store.clock().now().0;
    assert_eq!(raw.int("SELECT MAX(entered_us) FROM entry", &[]).await, now);
    assert_eq!(raw.int("SELECT MAX(at_us) FROM submission", &[]).await, now);
});

on_both!(a_new_case_s_key_is_not_read_back, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    w.trace.clear();
    w.submit(&ann, case, &["fox"], Level::Open).await;
    let seen = w.trace.seen();
    assert!(seen.keys().any(|sql| sql.contains("INTO entry ")));
    assert!(seen.keys().all(|sql| !sql.contains("FROM case_key")), "{seen:?}");
});
