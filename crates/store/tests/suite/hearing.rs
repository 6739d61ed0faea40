//! What the silent look asks before it takes the writer, and how it is asked.

use model::{EntryRole, Kind, Level};
use policy::Action;
use store::{Among, Ask};

use crate::common::*;
use crate::on_both;

/// Ninety that nobody holds.
fn misses(w: &World) -> Vec<(Ask, Option<model::CaseId>)> {
    (0..90).map(|n| (w.ask(&format!("nobody's {n}")), None)).collect()
}

/// How often a statement with these words ran since the trace was cleared.
fn ran(w: &World, words: &str) -> u64 {
    w.trace.seen().iter().filter(|(sql, _)| sql.contains(words)).map(|(_, seen)| seen.times).sum()
}

const WHOLE: &str = "FROM silent_posting LIMIT";

on_both!(silent_postings_are_found_alike_sought_and_read_whole, w => {
    let bob = w.officer("bob").await;
    let (one, two) = (w.case(&bob, "1").await, w.case(&bob, "2").await);
    w.submit(&bob, one, &["quiet", "still"], Level::Silent).await;
    w.submit(&bob, two, &["still"], Level::Silent).await;
    let grant = w.worker(Action::SilentLook);
    for (value, case, held) in [
        ("quiet", None, true),
        ("quiet", Some(one), false),
        ("quiet", Some(two), true),
        ("still", Some(one), true),
        ("still", Some(two), true),
        ("loud", None, false),
    ] {
        let ask = (w.ask(value), case);
        for (among, whole) in [(vec![ask], 0), ([misses(&w), vec![ask]].concat(), 1)] {
            w.trace.clear();
            let found = w.store.held_elsewhere(&grant, &among, &[Among::Silent]).await.unwrap();
            assert_eq!((found.holds(&ask.0), found.is_empty()), (held, !held), "{value} for {case:?}");
            assert_eq!((ran(&w, WHOLE), ran(&w, "FROM silent_posting t")), (whole, 1 - whole));
            found.recorded();
        }
    }
});

on_both!(many_silent_postings_are_sought, w => {
    let bob = w.officer("bob").await;
    let case = w.case(&bob, "1").await;
    let many: Vec<String> = (0..40).map(|n| format!("quiet {n}")).collect();
    w.submit(&bob, case, &many.iter().map(String::as_str).collect::<Vec<_>>(), Level::Silent).await;
    let ask = (w.ask("quiet 39"), None);
    w.trace.clear();
    let asks = [misses(&w), vec![ask]].concat();
    let found = w.store.held_elsewhere(&w.worker(Action::SilentLook), &asks, &[Among::Silent]).await.unwrap();
    assert!(found.holds(&ask.0));
    assert_eq!((ran(&w, WHOLE), ran(&w, "FROM silent_posting t")), (1, 1));
    found.recorded();
});

on_both!(bands_are_sought_among_personas_once_one_has_a_perceptual_hash, w => {
    let bob = w.officer("bob").await;
    let case = w.case(&bob, "1").await;
    let persona = |value: &str, kind| {
        let mut entry = w.entry(value, Level::Desk);
        (entry.role, entry.kind) = (EntryRole::Undercover, kind);
        entry
    };
    let mut name = persona("heron", Kind::Handle);
    name.tokens.push((w.space(), w.token("band")));
    w.add(&bob, case, &[name]).await;
    let (ask, band) = (w.ask("heron"), Ask { counted: false, ..w.ask("band") });
    let grant = w.worker(Action::SilentLook);
    let found = w.store.held_elsewhere(&grant, &[(ask, None), (band, None)], &[Among::Personas]).await.unwrap();
    assert_eq!((found.holds(&ask), found.holds(&band)), (true, false), "no persona has a hash: bands are not sought");
    found.recorded();
    let hash = persona("f8f8f0cce0f4a84d06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22", Kind::Pdq);
    w.add(&bob, case, &[hash]).await;
    let found = w.store.held_elsewhere(&grant, &[(ask, None), (band, None)], &[Among::Personas]).await.unwrap();
    assert_eq!((found.holds(&ask), found.holds(&band)), (true, true));
    found.recorded();
});
