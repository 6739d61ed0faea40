//! Looking and recording: who meets whom, once, and what silent entries never change.

use std::collections::{BTreeMap, BTreeSet};

use model::{GatheringId, Kind, Level, Pair, Pdq, Role, Strength};
use policy::Action;
use store::{Among, Ask, Bundle, Found, Matter, NewNotice};

use crate::common::*;
use crate::on_both;

on_both!(a_look_finds_other_cases_and_not_its_own, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, a2, b) = (w.case(&ann, "1").await, w.case(&ann, "2").await, w.case(&bob, "3").await);
    let own = w.submit(&ann, a, &["fox"], Level::Open).await;
    let second = w.submit(&ann, a2, &["fox"], Level::Open).await;
    let theirs = w.submit(&bob, b, &["fox", "owl"], Level::Desk).await;
    let found = w.look(&ann, Some(a), &[w.ask("fox"), w.ask("nobody")], 100).await;
    let hits: BTreeSet<_> = found.hits.iter().map(|h| (h.case, h.entry)).collect();
    assert_eq!(hits, BTreeSet::from([(a2, second.entries[0]), (b, theirs.entries[0])]));
    assert!(found.over_cap.is_empty());
    let hit = found.hits.iter().find(|h| h.case == b).unwrap();
    assert_eq!((hit.agency, hit.lead, hit.level, hit.kind), (bob.agency, bob.member, Level::Desk, Kind::Handle));
    assert_eq!((hit.token, hit.space, &hit.reader), (w.token("fox"), w.space(), &bob));
    let all = w.look(&bob, None, &[w.ask("fox")], 100).await;
    assert!(all.hits.iter().any(|h| h.entry == own.entries[0]), "without a case every one is another's");
});

on_both!(silent_entries_are_found_by_the_silent_look_alone, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&bob, "1").await;
    let quiet = w.submit(&bob, case, &["quiet"], Level::Silent).await;
    assert_eq!((w.count("posting").await, w.count("silent_posting").await), (0, 1));
    let found = w.look(&ann, None, &[w.ask("quiet")], 100).await;
    assert!(found.hits.is_empty() && found.over_cap.is_empty());
    for grant in [w.worker(Action::Sweep), w.worker(Action::SecondLook), w.worker(Action::SilentLook)] {
        let mut tx = w.store.begin(&grant).await.unwrap();
        assert!(tx.look(&[(w.ask("quiet"), None)], Among::Answering, 100).await.unwrap().hits.is_empty());
    }
    let grant = w.worker(Action::SilentLook);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let found = tx.look(&[(w.ask("quiet"), None)], Among::Silent, 100).await.unwrap();
    assert_eq!(found.hits[0].entry, quiet.entries[0]);
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    assert_eq!(w.count("token_count").await, 0, "a silent look leaves no count behind");
});

// Invariant 9: what a request asks of the database does not depend on another's silent entry.
on_both!(a_look_for_a_silent_value_runs_the_statements_of_a_miss, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&bob, "1").await;
    w.submit(&bob, case, &["quiet"], Level::Silent).await;
    let mine = w.case(&ann, "2").await;
    let statements = async |value: &str| {
        let ask = [w.ask(value)];
        w.trace.clear();
        w.look(&ann, Some(mine), &ask, 100).await;
        w.trace.seen().into_iter().map(|(sql, seen)| (sql, seen.times)).collect::<BTreeMap<_, _>>()
    };
    let (miss, silent) = (statements("nobody").await, statements("quiet").await);
    assert!(!miss.is_empty());
    assert_eq!(miss, silent);
    assert!(miss.keys().all(|sql| !sql.contains("silent")), "a request asks about silent postings");
});

on_both!(an_ended_silent_order_answers_as_desk_and_is_looked_at_again, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&bob, "1").await;
    let quiet = w.submit(&bob, case, &["quiet"], Level::Silent).await;
    let end = async || {
        let grant = w.worker(Action::SilentLook);
        let mut tx = w.store.begin(&grant).await.unwrap();
        let ended = tx.end_silent_orders(10).await.unwrap();
        tx.commit(w.store.act(&grant, ("orders", uuid()))).await.unwrap();
        ended
    };
    assert!(end().await.is_empty(), "it lasts");
    w.clock.advance(31 * 86_400);
    assert_eq!(end().await, [quiet.submission]);
    assert!(end().await.is_empty(), "it ends once");
    let found = w.look(&ann, None, &[w.ask("quiet")], 100).await;
    assert_eq!((found.hits.len(), found.hits[0].level), (1, Level::Desk));
    assert_eq!((w.count("posting").await, w.count("silent_posting").await), (1, 0));
});

on_both!(a_value_over_the_cap_makes_no_hits_and_is_told, w => {
    let bob = w.officer("bob").await;
    let ann = w.officer("ann").await;
    for n in 0..6 {
        let case = w.case(&bob, &format!("{n}")).await;
        w.submit(&bob, case, if n < 3 { &["crowd", "few"] } else { &["crowd"] }, Level::Open).await;
    }
    let asks = [w.ask("crowd"), w.ask("few")];
    let mut raw = w.raw().await;
    for round in 0..2 {
        let found = w.look(&ann, None, &asks, 3).await;
        assert_eq!(found.over_cap, [w.ask("crowd")], "round {round}");
        assert_eq!(found.hits.len(), 3);
        assert!(found.hits.iter().all(|h| h.token == w.token("few")));
        let held = "SELECT cases FROM token_count WHERE bucket = $1 AND token = $2";
        let crowd = w.token("crowd");
        let key = [Bind::Int(crowd.bucket()), Bind::Bytes(crowd.0.to_vec())];
        assert_eq!(raw.int(held, &key).await, 4, "the counter stops at one more than the cap");
    }
});

on_both!(bands_of_a_perceptual_hash_are_not_counted, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let hash = "f8f8f0cce0f4a84d06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
    for n in 0..5 {
        let case = w.case(&bob, &format!("{n}")).await;
        let mut entry = w.entry(hash, Level::Open);
        entry.kind = Kind::Pdq;
        entry.tokens = vec![(w.space(), w.token("band"))];
        w.add(&bob, case, &[entry]).await;
    }
    let band = Ask { counted: false, ..w.ask("band") };
    let found = w.look(&ann, None, &[band], 2).await;
    assert_eq!((found.hits.len(), found.over_cap.len()), (5, 0));
    assert!(found.hits.iter().all(|h| h.pdq.is_some()), "the matcher compares the hashes themselves");
    assert!(Pdq::parse(hash).is_ok());
    assert_eq!(w.count("token_count").await, 0);
});

on_both!(a_batch_of_1111_tokens_is_found_whole, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&bob, "1").await;
    let values: Vec<String> = (0..1_111).map(|n| format!("value-{n}")).collect();
    let done = w.submit(&bob, case, &values.iter().map(String::as_str).collect::<Vec<_>>(), Level::Open).await;
    assert_eq!((w.count("entry").await, w.count("posting").await), (1_111, 1_111));
    let asks: Vec<_> = values.iter().map(|v| w.ask(v)).collect();
    let found = w.look(&ann, None, &asks, 100).await;
    let hits: BTreeSet<_> = found.hits.iter().map(|h| h.entry).collect();
    assert_eq!((found.hits.len(), hits), (1_111, done.entries.into_iter().collect()));
    let grant = may(&bob, Action::ViewCase);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert_eq!(tx.own_case_entries(case).await.unwrap().len(), 1_111);
});

on_both!(recording_a_pair_from_both_sides_makes_it_once, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, b) = (w.case(&ann, "1").await, w.case(&bob, "2").await);
    let (mine, theirs) = (w.submit(&ann, a, &["fox"], Level::Open).await, w.submit(&bob, b, &["fox"], Level::Open).await);
    let levels = (Level::Open, Level::Open);
    let hers = conflict((&ann, a, mine.entries[0]), (bob.member, bob.agency, b, theirs.entries[0]), levels);
    let his = conflict((&bob, b, theirs.entries[0]), (ann.member, ann.agency, a, mine.entries[0]), levels);
    let grant = may(&ann, Action::Look);
    let mut first = w.store.begin(&grant).await.unwrap();
    let new = first.record(&[hers.clone(), hers.clone()]).await.unwrap().new;
    // The other side records while the first is still open.
    let second = {
        let (store, bob, his) = (w.store.clone(), bob.clone(), his.clone());
        tokio::spawn(async move {
            let grant = may(&bob, Action::Look);
            let mut tx = store.begin(&grant).await.unwrap();
            let new = tx.record(&[his]).await.unwrap().new;
            tx.commit(store.act(&grant, ("look", uuid()))).await.unwrap();
            new
        })
    };
    tokio::task::yield_now().await;
    first.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let conflict = Pair::new(a, b).unwrap().conflict();
    assert_eq!((new, second.await.unwrap()), (BTreeSet::from([conflict]), BTreeSet::new()));
    assert_eq!((w.count("conflict").await, w.count("conflict_match").await, w.count("conflict_side").await), (1, 1, 2));
});

on_both!(a_side_holds_the_most_open_level_seen, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, b) = (w.case(&ann, "1").await, w.case(&bob, "2").await);
    let mine = w.submit(&ann, a, &["fox", "owl"], Level::Open).await;
    let theirs = w.submit(&bob, b, &["fox", "owl"], Level::Open).await;
    let record = async |n: usize, levels, strength| {
        let mut new = conflict(
            (&ann, a, mine.entries[n]), (bob.member, bob.agency, b, theirs.entries[n]), levels,
        );
        new.matches[0].strength = strength;
        let grant = may(&ann, Action::Look);
        let mut tx = w.store.begin(&grant).await.unwrap();
        tx.record(&[new]).await.unwrap();
        tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
        let id = Pair::new(a, b).unwrap().conflict();
        let side = w.store.side_facts(ann.agency, id).await.unwrap().remove(0);
        (side.sees, side.seen)
    };
    assert_eq!(record(0, (Level::Desk, Level::Open), Strength::Strong).await, (Level::Desk, Level::Open));
    assert_eq!(record(1, (Level::Open, Level::Desk), Strength::Possible).await, (Level::Open, Level::Open));
    assert_eq!(record(1, (Level::Desk, Level::Desk), Strength::Strong).await, (Level::Open, Level::Open));
    // Her strength is that of what she sees openly: the strong one is the desk's.
    let grant = may(&ann, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    let side = tx.sides().await.unwrap().remove(0);
    assert_eq!((side.strength, side.matches.len()), (Strength::Possible, 2));
});

on_both!(sixty_cases_with_one_value_make_sixty_notices, w => {
    const N: usize = 60;
    let agency = w.agency("Crowd").await;
    let boss = w.member(agency, "boss@example.org", &[Role::Supervisor]).await;
    let grant = w.operator(Action::AddMember);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let mut leads = Vec::new();
    for n in 0..N {
        let member = new_member(agency, &format!("lead{n}@example.org"), &[]);
        tx.add_member(&member).await.unwrap();
        leads.push(principal(&member));
    }
    tx.commit(w.store.act(&grant, ("member", uuid()))).await.unwrap();
    let grant = may(&boss, Action::OpenCase);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let mut cases = Vec::new();
    for (n, lead) in leads.iter().enumerate() {
        let mut case = new_case(&boss, &format!("{n}"));
        case.lead = lead.member;
        tx.add_cases(case.agency, std::slice::from_ref(&case)).await.unwrap();
        cases.push(case.id);
    }
    tx.commit(w.store.act(&grant, ("case", uuid()))).await.unwrap();

    let gathering = GatheringId::from(model::derived_id("gathering", &[&w.token("fox").0]));
    let told = |recipient, case| NewNotice {
        recipient,
        agency,
        matter: Matter::Conflict,
        about: gathering.as_bytes().to_vec(),
        conflict: None,
        case: Some(case),
        entry: None,
        other_case: None,
        due: model::Micros(1),
        words: Some(b"call them".to_vec()),
    };
    let mut new_notices = 0;
    for (lead, case) in leads.iter().zip(&cases) {
        let done = w.submit(lead, *case, &["fox"], Level::Open).await;
        let grant = may(lead, Action::Look);
        let mut tx = w.store.begin(&grant).await.unwrap();
        let found = tx.look(&[(w.ask("fox"), Some(*case))], Among::Answering, 100).await.unwrap();
        let new: Vec<_> = found
            .hits
            .iter()
            .map(|h| conflict(
                (lead, *case, done.entries[0]), (h.lead, h.agency, h.case, h.entry), (Level::Open, Level::Open),
            ))
            .collect();
        assert_eq!(tx.record(&new).await.unwrap().new.len(), new.len());
        let mut notices: Vec<_> = found.hits.iter().map(|h| told(h.lead, h.case)).collect();
        if !notices.is_empty() {
            notices.push(told(lead.member, *case));
        }
        new_notices += tx.notify(notices).await.unwrap();
        tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    }
    assert_eq!(w.count("conflict").await, 60 * 59 / 2);
    assert_eq!((new_notices, w.count("notice").await), (60, 60));
});

// The control of the one concurrency rule: looking before the commit loses the pair, commit first finds it.
// On SQLite a writer's look cannot fail: there is one writer at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_before_the_commit_loses_the_pair_and_looking_after_finds_it() {
    let w = World::new(store::Engine::Postgres).await;
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, b) = (w.case(&ann, "1").await, w.case(&bob, "2").await);
    let (ann_may, bob_may) = (may(&ann, Action::Look), may(&bob, Action::Look));
    let (mut one, mut two) = (w.store.begin(&ann_may).await.unwrap(), w.store.begin(&bob_may).await.unwrap());
    one.add_entries(ann.agency, &[Bundle { submission: id(), case: a, entries: &[w.entry("fox", Level::Open)] }])
        .await
        .unwrap();
    two.add_entries(bob.agency, &[Bundle { submission: id(), case: b, entries: &[w.entry("fox", Level::Open)] }])
        .await
        .unwrap();
    let early = [
        one.look(&[(w.ask("fox"), Some(a))], Among::Answering, 100).await.unwrap().hits.len(),
        two.look(&[(w.ask("fox"), Some(b))], Among::Answering, 100).await.unwrap().hits.len(),
    ];
    assert_eq!(early, [0, 0], "neither sees the other");
    one.commit(w.store.act(&ann_may, ("look", uuid()))).await.unwrap();
    two.commit(w.store.act(&bob_may, ("look", uuid()))).await.unwrap();
    let late = [
        w.look(&ann, Some(a), &[w.ask("fox")], 100).await.hits.len(),
        w.look(&bob, Some(b), &[w.ask("fox")], 100).await.hits.len(),
    ];
    assert_eq!(late, [1, 1]);
}

on_both!(a_look_for_thousands_finds_what_a_look_for_each_finds, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let (a, b) = (w.case(&ann, "1").await, w.case(&bob, "2").await);
    let values: Vec<String> = (0..9_000).map(|n| format!("value {n}")).collect();
    let some = |from: usize, by: usize| values[from..].iter().step_by(by).map(String::as_str).collect::<Vec<_>>();
    w.submit(&ann, a, &some(0, 300), Level::Open).await;
    w.submit(&bob, b, &some(0, 450), Level::Open).await;
    w.submit(&bob, b, &some(7, 900), Level::Silent).await;
    let mut asks: Vec<Ask> = values.iter().rev().map(|v| w.ask(v)).collect();
    asks.extend_from_within(..100);
    let told = |found: Found| {
        let mut told: Vec<_> = found.hits.iter().map(|h| (h.token, h.case, h.entry)).collect();
        told.sort_unstable();
        told
    };
    w.trace.clear();
    let together = told(w.look(&ann, Some(a), &asks, 100).await);
    let probes: Vec<_> = w.trace.seen().into_iter().filter(|(sql, _)| sql.contains("token_count n")).collect();
    let mut each = Vec::new();
    for part in asks.chunks(2_000) {
        each.extend(told(w.look(&ann, Some(a), part, 100).await));
    }
    each.sort_unstable();
    each.dedup();
    assert_eq!((together.len(), together), (20, each));
    let statements = if w.store.engine() == store::Engine::Sqlite { 9 } else { 3 };
    assert_eq!(probes.iter().map(|(_, seen)| seen.times).collect::<Vec<_>>(), [statements], "one text, thousands of keys");
});
