//! Words of sealed text: written and taken away with what they stand in, and gathered where they are missing.

use model::Level;
use policy::Action;
use store::{EntryState, FoundKind};

use crate::common::*;
use crate::on_both;

/// Every word row, as text.
async fn words(w: &World) -> Vec<String> {
    let hex = |c: &str| match w.store.engine() {
        store::Engine::Sqlite => format!("hex({c})"),
        store::Engine::Postgres if c == "token" => format!("upper(encode({c}, 'hex'))"),
        store::Engine::Postgres => format!("upper(replace({c}::text, '-', ''))"),
    };
    let columns = [hex("agency"), hex("token"), "CAST(kind AS TEXT)".to_owned(), hex("found"), hex("place")];
    let sql = format!("SELECT {} FROM word ORDER BY 1", columns.join(" || ' ' || "));
    w.raw().await.texts(&sql).await
}

async fn gather(w: &World, most: i64) -> bool {
    let grant = w.worker(Action::Sweep);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let done = tx.gather_words(most).await.unwrap();
    tx.commit(w.store.act(&grant, ("words", uuid()))).await.unwrap();
    done
}

on_both!(what_the_worker_gathers_is_what_was_written, w => {
    history::live(&w).await;
    let ann = w.officer("eve").await;
    let case = w.case(&ann, "WA-26-0117").await;
    let values: Vec<String> = (0..1_203).map(|n| format!("value-{n}")).collect();
    w.submit(&ann, case, &values.iter().map(String::as_str).collect::<Vec<_>>(), Level::Open).await;
    let mut raw = w.raw().await;
    raw.exec("DELETE FROM word", &[]).await;
    raw.exec("DELETE FROM word_walk", &[]).await;
    assert!(!w.store.words_gathered().await.unwrap());
    while !gather(&w, 1_000_000).await {}
    let all = words(&w).await;
    assert!(all.len() > 1_203, "{}", all.len());
    // In parts, some of them in the middle of a case, and once more from the beginning, on top of what is there.
    for fresh in [true, false] {
        if fresh {
            raw.exec("DELETE FROM word", &[]).await;
        }
        raw.exec("DELETE FROM word_walk", &[]).await;
        let mut rounds = 0;
        let mut left = i64::MAX;
        while !gather(&w, 300).await {
            rounds += 1;
            let now = w.store.words_wait().await.unwrap();
            assert!(now <= left && now > 0);
            left = now;
        }
        assert!(rounds >= 2, "{rounds}");
        assert_eq!(words(&w).await, all);
        assert!(w.store.words_gathered().await.unwrap() && w.store.words_wait().await.unwrap() == 0);
    }
});

on_both!(a_verb_writes_the_words_the_worker_would, w => {
    let ann = w.officer("ann").await;
    let (case, other) = (w.case(&ann, "WA-26-0117").await, w.case(&ann, "WA-26-0118").await);
    w.submit(&ann, case, &["fox_lake-77", "owl"], Level::Open).await;
    w.submit(&ann, other, &["fox_lake-77", "quiet"], Level::Silent).await;
    assert!(w.store.words_gathered().await.unwrap(), "a new installation has nothing older");
    let written = words(&w).await;
    let mut raw = w.raw().await;
    raw.exec("DELETE FROM word", &[]).await;
    raw.exec("DELETE FROM word_walk", &[]).await;
    assert!(gather(&w, 1_000).await);
    assert_eq!(words(&w).await, written);
});

on_both!(an_entry_that_ends_leaves_no_word_behind, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let before = words(&w).await;
    let filed = w.submit(&ann, case, &["fox_lake-77", "owl"], Level::Open).await;
    assert_eq!(words(&w).await.len(), before.len() + 2);
    let grant = may(&ann, Action::Withdraw);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let ended: Vec<_> = filed.entries.iter().map(|e| (*e, 1)).collect();
    tx.end_entries(case, ann.agency, &ended, EntryState::Withdrawn, &[]).await.unwrap();
    tx.commit(w.store.act(&grant, ("case", case.into()))).await.unwrap();
    assert_eq!(words(&w).await, before);
});

// A word left behind takes nothing from a page and shows nothing: the rows are read as they are now.
on_both!(a_word_that_was_left_behind_finds_nothing_and_costs_no_row_of_the_page, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let filed = w.submit(&ann, case, &["fox 0", "fox 1", "fox 2", "fox 3", "fox 4", "fox 5"], Level::Open).await;
    let mut raw = w.raw().await;
    let ended = "UPDATE entry SET state = 4 WHERE case_id = $1 AND id = $2";
    let mut ids: Vec<uuid::Uuid> = filed.entries.iter().map(|e| (*e).into()).collect();
    ids.sort_unstable();
    for id in &ids[1..5] {
        raw.exec(ended, &[Bind::Id(case.into()), Bind::Id(*id)]).await;
    }
    let grant = may(&ann, Action::Search);
    let mut tx = w.store.view(&grant).await.unwrap();
    let (one, more) = tx.find(&["fox".to_owned()], &FoundKind::ALL, None, 1).await.unwrap();
    assert_eq!((one.iter().map(|r| r.id).collect::<Vec<_>>(), more), (vec![ids[5]], true));
    let (two, more) = tx.find(&["fox".to_owned()], &FoundKind::ALL, Some(ids[5]), 1).await.unwrap();
    assert_eq!((two.iter().map(|r| r.id).collect::<Vec<_>>(), more), (vec![ids[0]], false));
    tx.commit(w.store.act(&grant, ("search", uuid()))).await.unwrap();
});

on_both!(no_two_agencies_have_a_word_in_common, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, b) = (w.case(&ann, "1").await, w.case(&bob, "1").await);
    w.submit(&ann, a, &["fox"], Level::Open).await;
    w.submit(&bob, b, &["fox"], Level::Open).await;
    let all = words(&w).await;
    let tokens: std::collections::BTreeSet<&str> = all.iter().map(|row| row.split(' ').nth(1).unwrap()).collect();
    assert_eq!(tokens.len(), all.len());
    for who in [&ann, &bob] {
        let grant = may(who, Action::Search);
        let mut tx = w.store.view(&grant).await.unwrap();
        assert_eq!(tx.find(&["fox".to_owned()], &FoundKind::ALL, None, 9).await.unwrap().0.len(), 1);
        tx.commit(w.store.act(&grant, ("search", uuid()))).await.unwrap();
    }
});
