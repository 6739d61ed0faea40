//! Search: all of one's own is found, nothing of another's, nothing of a child, and nothing that is no longer so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use casework::model::*;
use casework::{Error, FindKind, Found, FoundPage, NewCase, PredicateOrder, Principal, Step, TakeOver};
use common::*;

async fn page(house: &House, who: &Principal, text: &str) -> FoundPage {
    house.desk.search(who, text, &[], None, None).await.unwrap()
}

async fn found(house: &House, who: &Principal, text: &str) -> Vec<Found> {
    let page = page(house, who, text).await;
    assert!(page.next.is_none());
    page.rows
}

async fn texts(house: &House, who: &Principal, text: &str) -> Vec<String> {
    found(house, who, text).await.into_iter().map(|f| f.text).collect()
}

fn kind(word: &str) -> FindKind {
    word.parse().unwrap()
}

fn purpose() -> Purpose {
    Purpose::parse("it was wrong").unwrap()
}

on_both!(a_case_an_entry_and_a_message_are_found_by_what_stands_in_them, house => {
    let (a, _) = house.officer("A-1").await;
    let number = CaseNumber::parse("WA-26-0117").unwrap();
    let new = NewCase {
        number: number.clone(),
        threat_area: ThreatArea::Enticement,
        nexus: Nexus::parse("invited on a chess server called Näckrosen").unwrap(),
        predicate: Predicate::facts("paid for a livestream on two dates").unwrap(),
        offence: None,
        supervisor: None,
        contact: None,
        marking: Marking::default(),
    };
    let case = house.desk.open_case(&a, new).await.unwrap();
    let csv = "kind,value,platform,report\nemail,Willy.Rox+lake@Example.ORG,,CT-812-7781\nphone,(206) 555-0142,,\n\
               handle,Désirée_77,discord,\nip,192.168.1.20,,\n";
    house.submit(&a, &number, csv).await;
    for asked in ["WA-26-0117", "wa 0117", "nackrosen", "CHESS nackrosen", "livestream", "two dates paid"] {
        let rows = found(&house, &a, asked).await;
        assert_eq!(rows.len(), 1, "{asked}");
        let row = &rows[0];
        assert_eq!((row.kind.as_str(), row.id.clone(), row.case.as_str()), ("case", case.to_string(), "WA-26-0117"));
        assert_eq!(row.text, "invited on a chess server called Näckrosen");
    }
    for (asked, value) in [
        ("willy.rox+lake@example.org", "Willy.Rox+lake@Example.ORG"),
        ("WILLY-ROX-LAKE", "Willy.Rox+lake@Example.ORG"),
        ("example.org", "Willy.Rox+lake@Example.ORG"),
        ("example.org willy.rox+lake", "Willy.Rox+lake@Example.ORG"),
        ("CT-812-7781", "Willy.Rox+lake@Example.ORG"),
        ("5550142", "(206) 555-0142"),
        ("206 555 0142", "(206) 555-0142"),
        ("+1 206-555-0142", "(206) 555-0142"),
        ("desiree_77", "Désirée_77"),
        ("DÉSIRÉE_77", "Désirée_77"),
        ("192.168.1.20", "192.168.1.20"),
    ] {
        let rows = found(&house, &a, asked).await;
        assert_eq!(rows.iter().map(|r| (r.kind.as_str(), r.text.as_str())).collect::<Vec<_>>(), [("entry", value)], "{asked}");
        assert_eq!(rows[0].case, "WA-26-0117");
        assert!(rows[0].identifier.is_some() && rows[0].conflict.is_none());
    }
    for asked in ["example.org desiree_77", "livestrea", "somebody", "0117 somebody"] {
        assert_eq!(found(&house, &a, asked).await, [], "{asked}");
    }
    for nothing in ["", " . ", "a"] {
        assert!(matches!(house.desk.search(&a, nothing, &[], None, None).await, Err(Error::Argument { .. })), "{nothing}");
    }
    assert!(house.desk.search(&a, "lake", &[], Some("seven"), None).await.is_err());
});

on_both!(another_agency_finds_nothing_and_a_colleague_everything, house => {
    let (a, case_a) = house.officer("A-1").await;
    let (b, _) = house.officer("B-1").await;
    let colleague = house.member(a.agency, &[Role::Analyst]).await;
    house.submit(&a, &case_a, "kind,value\nemail,fox@example.org\n").await;
    for asked in ["fox", "A-1", "undercover session"] {
        assert_eq!(found(&house, &a, asked).await.len(), 1, "{asked}");
        assert_eq!(found(&house, &colleague, asked).await, found(&house, &a, asked).await);
        let theirs = found(&house, &b, asked).await;
        assert!(theirs.iter().all(|f| f.case == "B-1"), "{asked}: {theirs:?}");
    }
    let auditor = house.member(a.agency, &[Role::Auditor]).await;
    assert!(matches!(house.desk.search(&auditor, "fox", &[], None, None).await, Err(Error::Refused(_))));
});

on_both!(pages_walk_over_everything_once, house => {
    let (a, case_a) = house.officer("A-1").await;
    let rows: String = (0..23).map(|n| format!("email,n{n}@fox.example\n")).collect();
    house.submit(&a, &case_a, &format!("kind,value\n{rows}")).await;
    house.case(&a, "FOX.EXAMPLE 2", None).await;
    let (mut after, mut met, mut pages) = (None, BTreeSet::new(), 0);
    loop {
        let page = house.desk.search(&a, "fox.example", &[], after.as_deref(), Some(5)).await.unwrap();
        pages += 1;
        for row in &page.rows {
            assert!(met.insert(row.id.clone()), "{} comes twice", row.id);
        }
        assert!(page.rows.len() == 5 || page.next.is_none());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((met.len(), pages), (24, 5));
    let cases = house.desk.search(&a, "fox.example", &[kind("case")], None, Some(5)).await.unwrap();
    assert_eq!((cases.rows.len(), cases.next), (1, None));
    let both = house.desk.search(&a, "fox.example", &[kind("case"), kind("entry"), kind("message")], None, None).await.unwrap();
    assert_eq!(both.rows.len(), 24);
    assert!("picture".parse::<FindKind>().is_err());
});

// Sentence 5: the value of a child, a victim or a witness stands in no list.
on_both!(a_protected_value_is_never_found, house => {
    let (a, case_a) = house.officer("A-1").await;
    let csv = "kind,value,role,age\nemail,owl@example.org,victim,\nemail,elk@example.org,witness,\n\
               email,bee@example.org,,minor\nemail,fox@example.org,subject,adult\n";
    house.submit(&a, &case_a, csv).await;
    for value in ["owl", "elk", "bee"] {
        assert_eq!(found(&house, &a, value).await, [], "{value}");
        assert_eq!(found(&house, &a, &format!("{value}@example.org")).await, []);
    }
    assert_eq!(texts(&house, &a, "example.org").await, ["fox@example.org"]);
    // What is corrected to be a victim's is not found from then on.
    let order = house.order(&case_a, "kind,value,role\nemail,fox@example.org,victim\n");
    house.desk.correct(&a, Kind::Email, "fox@example.org", None, &purpose(), order).await.unwrap();
    assert_eq!(found(&house, &a, "fox").await, []);
});

on_both!(what_was_withdrawn_or_corrected_is_not_found_any_more, house => {
    let (a, case_a) = house.officer("A-1").await;
    house.submit(&a, &case_a, "kind,value\nemail,fox@example.org\nemail,owl@example.org\nemail,elk@example.org\n").await;
    house.desk.withdraw(&a, &case_a, Kind::Email, "fox@example.org", None, &purpose()).await.unwrap();
    assert_eq!(texts(&house, &a, "fox").await, Vec::<String>::new());
    let order = house.order(&case_a, "kind,value\nemail,owlet@example.org\n");
    house.desk.correct(&a, Kind::Email, "owl@example.org", None, &purpose(), order).await.unwrap();
    assert_eq!(texts(&house, &a, "owl").await, Vec::<String>::new());
    assert_eq!(texts(&house, &a, "owlet").await, ["owlet@example.org"]);
    house.desk.close_case(&a, &case_a, Outcome::Unfounded).await.unwrap();
    assert_eq!(texts(&house, &a, "example.org").await, Vec::<String>::new());
    assert_eq!(texts(&house, &a, "A-1").await.len(), 1, "the case itself stays");
});

on_both!(a_message_is_found_by_both_sides_and_by_nobody_else, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let (eve, _) = house.officer("E-1").await;
    let csv = "kind,value\nemail,fox@example.org\n";
    house.submit(&a, &case_a, csv).await;
    let answer = house.submit(&b, &case_b, csv).await;
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    let text = FreeText::parse("Call me about the lighthouse").unwrap();
    house.desk.step(&a, id, Step::Message(text, Marking::default())).await.unwrap();
    for (who, from, case) in [(&a, "you", "A-1"), (&b, "they", "B-1")] {
        let rows = found(&house, who, "LIGHTHOUSE call").await;
        assert_eq!(rows.len(), 1, "{case}");
        assert_eq!((rows[0].kind.as_str(), rows[0].from.as_deref(), rows[0].case.as_str()), ("message", Some(from), case));
        assert_eq!(rows[0].conflict.as_deref(), Some(id.to_string().as_str()));
        assert!(rows[0].at.is_some() && rows[0].text == "Call me about the lighthouse");
    }
    assert_eq!(found(&house, &eve, "lighthouse").await, []);
    assert_eq!(house.desk.search(&a, "lighthouse", &[kind("entry")], None, None).await.unwrap().rows, []);
});

on_both!(a_case_that_goes_is_found_by_its_new_owner_alone, house => {
    let ((a, case_a), (b, case_b)) = (house.officer("A-1").await, house.officer("B-1").await);
    let supervisor = house.member(a.agency, &[Role::Supervisor]).await;
    let agency = house.agency(AgencyKind::State).await;
    let (boss, to) = (house.member(agency, &[Role::Supervisor]).await, house.member(agency, &[]).await);
    let csv = "kind,value\nemail,fox@example.org\n";
    house.submit(&b, &case_b, csv).await;
    let answer = house.submit(&a, &case_a, csv).await;
    house.submit_silent(&a, &case_a, "kind,value\nemail,quiet@example.org\n", &supervisor).await.unwrap();
    let id: ConflictId = answer.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    for (who, text) in [(&a, "about the lighthouse"), (&b, "about the harbour")] {
        house.desk.step(who, id, Step::Message(FreeText::parse(text).unwrap(), Marking::default())).await.unwrap();
    }
    let go = async |from: &Principal, case: &CaseNumber, to: AgencyId, boss: &Principal, lead: MemberId, number: &str| {
        let why = FreeText::parse("he moved").unwrap();
        let transfer = house.desk.offer_transfer(from, case, to, why).await.unwrap();
        let number = CaseNumber::parse(number).unwrap();
        house.desk.accept_transfer(boss, transfer, TakeOver { number: number.clone(), lead }).await.unwrap();
        number
    };
    let taken = go(&a, &case_a, agency, &boss, to.member, "S-77").await;
    for asked in ["fox", "S-77", "lighthouse", "harbour", "undercover session"] {
        assert_eq!(found(&house, &to, asked).await.len(), 1, "{asked}");
        assert_eq!(found(&house, &a, asked).await, [], "{asked}");
    }
    assert_eq!(found(&house, &a, "A-1").await, [], "what stayed is no case");
    assert_eq!(found(&house, &to, "A-1").await, [], "nor is its old number the new owner's to know");
    assert_eq!(found(&house, &b, "harbour").await.len(), 1, "the other side finds its thread as before");
    // What is hidden stays, and is found where it stays.
    assert_eq!(texts(&house, &a, "quiet").await, ["quiet@example.org"]);
    assert_eq!(found(&house, &to, "quiet").await, []);
    let back = go(&to, &taken, a.agency, &supervisor, a.member, "A-9").await;
    assert_eq!(found(&house, &a, "fox").await[0].case, back.as_str());
    assert_eq!((found(&house, &a, "lighthouse").await.len(), found(&house, &to, "lighthouse").await.len()), (1, 0));
    assert_eq!(texts(&house, &a, "quiet").await, ["quiet@example.org"]);
    assert_eq!(found(&house, &to, "fox").await, []);
});

on_both!(a_tip_is_found_by_its_report_and_by_the_predicate_that_is_stated_of_it, house => {
    let (a, _) = house.officer("A-1").await;
    let mut tip = Tip::new(ReportNumber::parse("81277").unwrap());
    tip.received = Some(Micros::parse("2026-11-20T00:00:00Z").unwrap());
    house.desk.receive_tips(&a, vec![tip], None).await.unwrap();
    let number = found(&house, &a, "81277").await[0].case.clone();
    assert_eq!(number, "CyberTip 81277");
    assert_eq!(found(&house, &a, "lighthouse").await, []);
    let order = PredicateOrder {
        case: CaseNumber::parse(&number).unwrap(),
        facts: FreeText::parse("he was seen at the lighthouse").unwrap(),
        area: ThreatArea::Material,
        offence: None,
        document: None,
    };
    house.desk.state_predicate(&a, order).await.unwrap();
    assert_eq!(found(&house, &a, "lighthouse").await[0].case, number);
});

on_both!(a_search_leaves_one_event_whatever_it_finds, house => {
    let (a, case_a) = house.officer("A-1").await;
    house.submit(&a, &case_a, "kind,value\nemail,fox@example.org\n").await;
    house.desk.settle_ledger().await.unwrap();
    for asked in ["fox", "nobody"] {
        page(&house, &a, asked).await;
        assert_eq!(house.desk.settle_ledger().await.unwrap(), 1, "{asked}");
    }
});
