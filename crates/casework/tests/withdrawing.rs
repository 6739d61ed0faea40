//! Withdraw, correct and close, on both databases: what leaves matching, what takes its place, and who is told what.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use casework::answer::Answer;
use casework::model::*;
use casework::{Error, Principal};
use common::*;
use store::{Engine, Settings, Trace};

const WRONG: &str = "kind,value\nemail,wrong@example.org\n";
const RIGHT: &str = "kind,value\nemail,right@example.org\n";
const BEHIND_DESK: &str =
    "What the watch desk was asked about here is no longer so. Call the watch desk before you rely on it.";

fn why() -> Purpose {
    Purpose::parse("typing mistake").unwrap()
}

impl House {
    async fn correct(&self, who: &Principal, case: &CaseNumber, wrong: &str, right: &str) -> Result<Answer, Error> {
        self.desk.correct(who, Kind::Email, wrong, None, &why(), self.order(case, right)).await
    }
}

on_both!(what_stands_behind_the_desk_stays_there_when_it_is_corrected, house => {
    for (n, (head, said)) in [("age", "minor"), ("role", "victim"), ("level", "desk"), ("class", "tip")].iter().enumerate() {
        let (a, case_a) = house.officer(&format!("A-{n}")).await;
        let (b, case_b) = house.officer(&format!("B-{n}")).await;
        house.submit(&a, &case_a, &format!("kind,value,{head}\nemail,wrong{n}@example.org,{said}\n")).await;
        // A role that is named makes a tip no lead.
        let right = match *head {
            "class" => format!("kind,value,role\nemail,right{n}@example.org,subject\n"),
            _ => format!("kind,value\nemail,right{n}@example.org\n"),
        };
        house.correct(&a, &case_a, &format!("wrong{n}@example.org"), &right).await.unwrap();
        let answer = house.submit(&b, &case_b, &format!("kind,value\nemail,right{n}@example.org\n")).await;
        assert_eq!((answer.conflicts.len(), answer.desk.len()), (0, 1), "{head}: {answer:?}");
        let gone = house.submit(&b, &case_b, &format!("kind,value\nemail,wrong{n}@example.org\n")).await;
        assert_eq!((gone.conflicts.len(), gone.desk.len()), (0, 0), "{head}: {gone:?}");
    }
});

on_both!(a_silent_entry_is_not_corrected_and_nothing_changes, house => {
    let agency = house.agency(AgencyKind::Local).await;
    let supervisor = house.member(agency, &[Role::Supervisor]).await;
    let a = house.member(agency, &[]).await;
    let case_a = house.case(&a, "A-1", Some(supervisor.member)).await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit_silent(&a, &case_a, WRONG, &supervisor).await.unwrap();
    let refused = house.correct(&a, &case_a, "wrong@example.org", RIGHT).await;
    assert!(matches!(&refused, Err(Error::NotNow(why)) if why.contains("silent")), "{refused:?}");
    let answer = house.submit(&b, &case_b, RIGHT).await;
    assert!(answer.conflicts.is_empty() && answer.desk.is_empty(), "{answer:?}");
    assert_eq!(house.desk.withdraw(&a, &case_a, Kind::Email, "wrong@example.org", None, &why()).await.unwrap(), 1);
    let none = house.desk.withdraw(&a, &case_a, Kind::Email, "right@example.org", None, &why()).await;
    assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
});

on_both!(a_correction_that_cannot_be_stored_keeps_the_wrong_value, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, WRONG).await;
    house.desk.close_case(&a, &case_a, Outcome::Exhausted).await.unwrap();
    let refused = house.correct(&a, &case_a, "wrong@example.org", RIGHT).await;
    assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    assert_eq!(house.submit(&b, &case_b, WRONG).await.conflicts.len(), 1, "the wrong value still meets");
    assert!(house.submit(&b, &case_b, RIGHT).await.conflicts.is_empty());
});

on_both!(a_correction_of_nothing_stores_nothing, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    let refused = house.correct(&a, &case_a, "wrong@example.org", RIGHT).await;
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
    assert!(house.submit(&b, &case_b, RIGHT).await.conflicts.is_empty());
});

on_both!(a_value_corrected_to_itself_stays_with_what_is_known_now, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, WRONG).await;
    house.correct(&a, &case_a, "wrong@example.org", "kind,value,role\nemail,wrong@example.org,victim\n").await.unwrap();
    let answer = house.submit(&b, &case_b, WRONG).await;
    assert_eq!((answer.conflicts.len(), answer.desk.len()), (0, 1), "{answer:?}");
    assert_eq!(house.desk.withdraw(&a, &case_a, Kind::Email, "wrong@example.org", None, &why()).await.unwrap(), 1);
});

on_both!(entries_that_differ_are_not_corrected_as_one, house => {
    let (a, case_a) = house.officer("A-1").await;
    house.submit(&a, &case_a, WRONG).await;
    house.submit(&a, &case_a, "kind,value,role\nemail,wrong@example.org,victim\n").await;
    let refused = house.correct(&a, &case_a, "wrong@example.org", RIGHT).await;
    assert!(matches!(&refused, Err(Error::NotNow(why)) if why.contains("differ")), "{refused:?}");
    assert_eq!(house.desk.withdraw(&a, &case_a, Kind::Email, "wrong@example.org", None, &why()).await.unwrap(), 2);
});

on_both!(what_a_check_met_ends_when_its_case_closes_as_unlawfully_obtained, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, WRONG).await;
    let answer = house.check(&b, Some(&case_b), WRONG).await;
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    house.desk.close_case(&b, &case_b, Outcome::UnlawfullyObtained).await.unwrap();
    let view = house.desk.conflict(&a, id).await.unwrap();
    assert_eq!((view.state.as_str(), view.resolution.as_deref()), ("resolved", Some("withdrawn")));
    let inbox = house.inbox(&a).await;
    let told: Vec<_> = inbox.items.iter().filter(|i| i.state == "withdrawn").collect();
    assert_eq!(told.len(), 1, "{inbox:?}");
    assert_eq!((told[0].yours.as_slice(), &told[0].conflict), (&["wrong@example.org".to_owned()][..], &Some(id.to_string())));
});

on_both!(a_side_behind_the_desk_hears_one_neutral_sentence_and_no_conflict, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, WRONG).await;
    house.submit(&b, &case_b, "kind,value,role\nemail,wrong@example.org,victim\n").await;
    house.inbox(&a).await;
    for right in [false, true] {
        if right {
            house.submit(&b, &case_b, "kind,value,role\nemail,wrong@example.org,victim\n").await;
            house.correct(&b, &case_b, "wrong@example.org", RIGHT).await.unwrap();
        } else {
            house.desk.withdraw(&b, &case_b, Kind::Email, "wrong@example.org", None, &why()).await.unwrap();
        }
        let inbox = house.inbox(&a).await;
        let told: Vec<_> = inbox.items.iter().filter(|i| i.note.as_deref() == Some(BEHIND_DESK)).collect();
        assert_eq!(told.len(), 1 + usize::from(right), "{inbox:?}");
        assert!(told.iter().all(|i| i.conflict.is_none() && i.yours == ["wrong@example.org"]), "{inbox:?}");
        let text = serde_json::to_string(&inbox).unwrap();
        assert!(!text.contains("withdrawn") && !text.contains("corrected") && !text.contains("taken back"), "{text}");
    }
});

on_both!(a_side_that_saw_it_openly_hears_which_of_its_identifiers_it_was, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    house.submit(&a, &case_a, "kind,value\nemail,wrong@example.org\nemail,fox@example.org\nemail,owl@example.org\n").await;
    let answer = house.submit(&b, &case_b, "kind,value\nemail,WRONG@example.org\nemail,FOX@example.org\nemail,OWL@example.org\n").await;
    let id = answer.conflicts[0].conflict.clone();
    for gone in ["wrong@example.org", "fox@example.org"] {
        house.desk.withdraw(&a, &case_a, Kind::Email, gone, None, &why()).await.unwrap();
    }
    let inbox = house.inbox(&b).await;
    let mut told: Vec<_> = inbox.items.iter().filter(|i| i.state == "withdrawn").map(|i| (i.yours.join(" "), i.conflict.clone())).collect();
    told.sort();
    assert_eq!(told, [("FOX@example.org".to_owned(), id.clone()), ("WRONG@example.org".to_owned(), id)]);
});

on_both!(a_value_that_too_many_held_meets_again_when_they_let_go, house => {
    let lists = include_str!("../../matching/data/lists.json");
    let few = lists.replace("\"cap\": 100", "\"cap\": 4");
    assert_ne!(few, lists);
    let mut house = house;
    house.desk = house.desk.clone().with_lists(matching::Lists::from_json(&few).unwrap());
    let (a, first) = house.officer("A-0").await;
    let mut cases = vec![first];
    for n in 1..=4 {
        cases.push(house.case(&a, &format!("A-{n}"), None).await);
    }
    for case in &cases {
        house.submit(&a, case, WRONG).await;
    }
    let (b, case_b) = house.officer("B-1").await;
    let over = house.submit(&b, &case_b, WRONG).await;
    assert_eq!((over.conflicts.len(), over.desk.len()), (0, 1), "{over:?}");
    house.desk.withdraw(&b, &case_b, Kind::Email, "wrong@example.org", None, &why()).await.unwrap();
    for case in &cases[1..] {
        house.desk.withdraw(&a, case, Kind::Email, "wrong@example.org", None, &why()).await.unwrap();
    }
    let answer = house.submit(&b, &case_b, WRONG).await;
    assert_eq!((answer.conflicts.len(), answer.desk.len()), (1, 0), "{answer:?}");
});

on_both!(of_one_name_at_two_platforms_the_one_that_is_named_ends, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, case_b) = house.officer("B-1").await;
    let both = "kind,value,platform\nhandle,night_owl_7,kik\nhandle,night_owl_7,snapchat\n";
    house.submit(&a, &case_a, both).await;
    let refused = house.desk.withdraw(&a, &case_a, Kind::Handle, "night_owl_7", None, &why()).await;
    assert!(matches!(&refused, Err(Error::NotNow(why)) if why.contains("platform")), "{refused:?}");
    let none = house.desk.withdraw(&a, &case_a, Kind::Handle, "night_owl_7", Some("discord"), &why()).await;
    assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
    assert_eq!(house.desk.withdraw(&a, &case_a, Kind::Handle, "Night_Owl_7", Some("www.Kik"), &why()).await.unwrap(), 1);
    let answer = house.submit(&b, &case_b, both).await;
    assert_eq!(answer.conflicts.len(), 1);
    let exact = answer.conflicts[0].matches.iter().filter(|m| m.rule == "handle-exact").count();
    assert_eq!(exact, 1, "only the other platform still meets as its own: {answer:?}");
    assert_eq!(house.desk.withdraw(&a, &case_a, Kind::Handle, "night_owl_7", None, &why()).await.unwrap(), 1, "one is left");
});

async fn reasons_are_kept(engine: Engine) {
    let trace = Trace::default();
    let house = house_with(engine, Settings { trace: Some(trace.clone()), ..Settings::default() }).await;
    let (a, case_a) = house.officer("A-1").await;
    house.submit(&a, &case_a, WRONG).await;
    let kept = || {
        let seen = trace.seen().into_iter().filter(|(sql, _)| sql.starts_with("INSERT INTO reason"));
        seen.map(|(_, seen)| seen.times).sum::<u64>()
    };
    let before = kept();
    house.correct(&a, &case_a, "wrong@example.org", RIGHT).await.unwrap();
    assert_eq!(kept() - before, 1, "a correction");
    house.desk.withdraw(&a, &case_a, Kind::Email, "right@example.org", None, &why()).await.unwrap();
    assert_eq!(kept() - before, 2, "a withdrawal");
    house.desk.close_case(&a, &case_a, Outcome::Exhausted).await.unwrap();
    assert_eq!(kept() - before, 3, "a closed case");
}

#[tokio::test]
async fn reasons_to_end_something_are_kept_sqlite() {
    reasons_are_kept(Engine::Sqlite).await;
}
#[tokio::test]
async fn reasons_to_end_something_are_kept_postgres() {
    reasons_are_kept(Engine::Postgres).await;
}

on_both!(who_asked_by_nexus_is_told_of_a_withdrawal, house => {
    let (a, case_a) = house.officer("W-1").await;
    let (b, _) = house.officer("W-2").await;
    house.submit(&a, &case_a, "kind,value\nemail,asked@example.org\n").await;
    assert_eq!(house.check(&b, None, "kind,value\nemail,asked@example.org\n").await.conflicts.len(), 1);
    let why = Purpose::parse("the wrong account").unwrap();
    house.desk.withdraw(&a, &case_a, Kind::Email, "asked@example.org", None, &why).await.unwrap();
    let told = house.inbox(&b).await;
    assert_eq!(told.items.iter().map(|i| i.state.as_str()).collect::<Vec<_>>(), ["withdrawn"]);
    assert!(told.items[0].note.as_deref().unwrap().contains("in answer to a question"));
});
