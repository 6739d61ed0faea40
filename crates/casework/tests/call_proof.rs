//! The two words of a side: both sides agree on them, and nobody else has them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::sync::Arc;

use casework::model::*;
use casework::{Desk, Opening};
use store::Settings;

fn id_of(answer: &casework::answer::Answer) -> ConflictId {
    answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap()
}

on_both!(both_sides_agree_crosswise_and_every_conflict_has_its_own, house => {
    let (a, case_a) = house.officer("A-1").await;
    let mut met = std::collections::BTreeSet::new();
    house.submit(&a, &case_a, "kind,value\nemail,fox@example.org\nemail,owl@example.org\n").await;
    for (number, value) in [("B-1", "fox"), ("C-1", "owl")] {
        let (b, case_b) = house.officer(number).await;
        let id = id_of(&house.submit(&b, &case_b, &format!("kind,value\nemail,{value}@example.org\n")).await);
        let hers = house.desk.conflict(&a, id).await.unwrap().call_proof.unwrap();
        let his = house.desk.conflict(&b, id).await.unwrap().call_proof.unwrap();
        assert_eq!((&hers.yours, &hers.theirs), (&his.theirs, &his.yours));
        for words in [&hers.yours, &hers.theirs] {
            let (one, two) = words.split_once(' ').unwrap();
            assert!(one != two && !two.contains(' ') && one.len() >= 3, "{words}");
            assert!(met.insert(words.clone()), "{words} is said twice");
        }
    }
    assert_eq!(met.len(), 4, "she has other words for each conflict");
});

on_both!(they_are_the_same_after_a_restart, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let csv = "kind,value\nemail,fox@example.org\n";
    house.submit(&a, &case_a, csv).await;
    let id = id_of(&house.submit(&b, &case_b, csv).await);
    let before = house.desk.conflict(&a, id).await.unwrap().call_proof;
    house.clock.advance(86_400);
    let again = Desk::open(Opening {
        place: house.place.clone(),
        keys: house.scratch.join("keys"),
        clock: house.clock.clone(),
        chance: Arc::new(testkit::SeededChance::new(2)),
        origin: "test".to_owned(),
        settings: Settings::default(),
    })
    .await
    .unwrap();
    assert!(before.is_some());
    assert_eq!(again.conflict(&a, id).await.unwrap().call_proof, before);
});

// Who sees only the desk has nobody to call but the desk; and who is seen only through it is called by nobody.
on_both!(a_side_behind_the_desk_has_none_and_an_export_neither, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let csv = "kind,value\nemail,fox@example.org\n";
    let mut order = house.order(&case_a, csv);
    order.level = Level::Desk;
    house.desk.submit(&a, order).await.unwrap();
    let answer = house.submit(&b, &case_b, csv).await;
    assert!(answer.conflicts.is_empty(), "b sees the desk only");
    let seen = house.inbox(&a).await.items.into_iter().find_map(|i| i.conflict).unwrap();
    let view = house.desk.conflict(&a, seen.parse().unwrap()).await.unwrap();
    assert!(view.other.is_some() && view.call_proof.is_none(), "a sees b openly, b does not see a");
});
