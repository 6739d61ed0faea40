//! CyberTips: taken in without retyping, held as tips until an officer states a predicate, and shown to nobody who has no
//! basis to learn of them (18 U.S.C. 2258A(g)).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use casework::model::*;
use casework::{Error, PredicateOrder, Principal, SubjectOrder, TipFate};
use common::*;
use store::Engine;

fn tips(json: &str) -> Vec<Tip> {
    let read = casework::read_tips("tips.json", json.as_bytes());
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    read.tips
}

/// A report of an account, of a child's address, and of a file.
fn report(number: &str, screen: &str) -> String {
    format!(
        r#"{{"reportId":"{number}","incidentSummary":{{"incidentType":"Online Enticement of Children for Sexual Acts","platform":"Discord",
        "incidentDateTime":"2026-11-01T10:00:00Z","incidentDateTimeDescription":"as logged by the provider, walrus"}},
        "personOrUserReported":{{"screenName":"{screen}","espService":"Discord","additionalInfo":"see also walrus@example.org",
        "personOrUserReportedPerson":{{"email":["{screen}@example.org"]}}}},
        "victim":[{{"victimPerson":{{"email":["child-{number}@example.org"]}}}}],
        "fileDetails":[{{"fileId":"1","originalFileName":"walrus-holiday","originalFileHash":[{{"hashType":"md5","value":"{:032x}"}}]}}]}}"#,
        number.parse::<u64>().unwrap()
    )
}

async fn taken(house: &House, who: &Principal, json: &str) -> Vec<TipFate> {
    house.desk.receive_tips(who, tips(json), None).await.unwrap()
}

fn new(fate: &TipFate) -> &casework::answer::Answer {
    match fate {
        TipFate::New(answer) => answer,
        other => panic!("{other:?}"),
    }
}

on_both!(
    /// Nothing is retyped, nothing twice: the same report, sent again by a colleague, is known by its number.
    a_report_is_taken_in_once_whoever_sends_it, house => {
        let agency = house.agency(AgencyKind::State).await;
        let (ann, eve) = (house.member(agency, &[]).await, house.member(agency, &[]).await);
        let both = format!("[{},{}]", report("1001", "owl"), report("1002", "fox"));
        let first = taken(&house, &ann, &both).await;
        // Account, e-mail, the child's e-mail, the hash.
        assert_eq!(new(&first[0]).entries, 4);
        assert_eq!(new(&first[0]).case.as_deref(), Some("CyberTip 1001"));
        let again = taken(&house, &eve, &both).await;
        assert!(again.iter().all(|f| matches!(f, TipFate::Known(_))), "{again:?}");
        let other = taken(&house, &eve, &report("1001", "hare")).await;
        assert!(matches!(&other[0], TipFate::Refused(Error::File { .. })));
        let twice = taken(&house, &ann, &format!("[{},{}]", report("1003", "a"), report("1003", "a"))).await;
        assert!(matches!(&twice[..], [TipFate::New(_)]), "{twice:?}");
    }
);

on_both!(
    /// What nobody has judged is no subject, answers only through the desk, and its words meet nothing.
    a_tip_is_held_as_a_tip, house => {
        let (ann, _) = house.officer("A-0").await;
        taken(&house, &ann, &report("2001", "owl")).await;
        let (bob, case) = house.officer("B-1").await;
        let csv = "kind,value,platform\nhandle,owl,discord\nemail,walrus@example.org,\nemail,child-2001@example.org,\n";
        let met = house.submit(&bob, &case, csv).await;
        assert!(met.conflicts.is_empty(), "a tip never answers with a name");
        let desk: Vec<&str> = met.desk.iter().map(|d| d.yours.as_str()).collect();
        assert_eq!(desk, ["owl", "child-2001@example.org"], "free text and file names are never matched");
        // 28 CFR 23.20(a): no subject without a predicate.
        let number = CaseNumber::parse("CyberTip 2001").unwrap();
        let refused = house.try_submit(&ann, &number, "kind,value,role\nemail,x@example.org,subject\n").await;
        assert!(matches!(&refused, Err(Error::Refused(why)) if why.contains("28 CFR 23.20(a)")), "{refused:?}");
        house.submit(&ann, &number, "kind,value\nemail,x@example.org\n").await;
    }
);

on_both!(
    /// 34 U.S.C. 21115(a): what did not involve the Internet is not for this system.
    a_report_without_the_internet_is_refused, house => {
        let (ann, _) = house.officer("A-0").await;
        let json = r#"{"reportId":"7","internetDetails":{"nonInternetIncident":{"additionalInfo":"by post"}},
            "personOrUserReported":{"personOrUserReportedPerson":{"email":["x@example.org"]}}}"#;
        let fates = taken(&house, &ann, json).await;
        let TipFate::Refused(Error::File { problems, .. }) = &fates[0] else { panic!("{fates:?}") };
        assert!(problems[0].problem.contains("34 U.S.C. 21115(a)"));
        assert!(house.desk.store().case_facts(ann.agency, &CaseNumber::parse("CyberTip 7").unwrap()).await.unwrap().is_none());
    }
);

on_both!(
    /// A report that holds a value which cannot be of its kind, or no identifier at all, is kept all the same.
    nothing_of_a_report_is_lost, house => {
        let (ann, _) = house.officer("A-0").await;
        let json = r#"[{"reportId":"8","personOrUserReported":{"personOrUserReportedPerson":{"email":["nobody at all","good@example.org"]}}},
            {"reportId":"9","additionalInfo":"a caller without any account"}]"#;
        let fates = taken(&house, &ann, json).await;
        let first = new(&fates[0]);
        assert_eq!((first.entries, first.suppressed.len()), (2, 1), "{first:?}");
        assert_eq!(new(&fates[1]).entries, 0);
    }
);

async fn state(house: &House, who: &Principal, number: &str, level: Level) -> Result<casework::answer::Answer, Error> {
    let case = CaseNumber::parse(number).unwrap();
    house
        .desk
        .state_predicate(
            who,
            PredicateOrder {
                case: case.clone(),
                facts: Predicate::facts("the provider's logs and an interview").unwrap(),
                area: ThreatArea::Enticement,
                offence: None,
                document: None,
            },
        )
        .await?;
    let screen = if number.ends_with('1') { "owl" } else { "fox" };
    house
        .desk
        .name_subjects(
            who,
            SubjectOrder {
                case,
                values: vec![(Kind::Handle, screen.to_owned())],
                level,
                request: house.desk.request(),
            },
        )
        .await
}

/// 18 U.S.C. 2258A(g)(2)(A): as a tip nobody learns of it but through the desk; once it is a case's, federal, State and
/// local readers have a basis, and a tribe's or a foreign agency's have none until counsel records one.
async fn the_five_kinds_of_reader(engine: Engine) -> usize {
    let house = house(engine).await;
    let (ann, _) = house.officer_of(AgencyKind::State, "A-0").await;
    taken(&house, &ann, &report("3001", "owl")).await;
    let kinds = [AgencyKind::Federal, AgencyKind::State, AgencyKind::Local, AgencyKind::Tribal, AgencyKind::Foreign];
    let csv = "kind,value,platform\nhandle,owl,discord\n";
    let mut right = 0;
    let mut readers = Vec::new();
    for kind in kinds {
        let (who, case) = house.officer_of(kind, "R-1").await;
        let met = house.check(&who, Some(&case), csv).await;
        assert_eq!((met.conflicts.len(), met.desk.len()), (0, 1), "{kind}: a tip");
        right += 1;
        readers.push((kind, who));
    }
    state(&house, &ann, "CyberTip 3001", Level::Open).await.unwrap();
    for (kind, who) in readers {
        let case = house.case(&who, "R-2", None).await;
        let met = house.check(&who, Some(&case), csv).await;
        let open = met.conflicts.iter().any(|c| c.other.agency.starts_with("Agency 0"));
        let may = matches!(kind, AgencyKind::Federal | AgencyKind::State | AgencyKind::Local);
        assert_eq!(open, may, "{kind}: a case that began as a CyberTip");
        right += 1;
    }
    right
}

#[tokio::test]
async fn each_kind_of_reader_learns_what_2258a_lets_it() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let right = the_five_kinds_of_reader(engine).await;
        println!("figure: {engine:?}: {right} of 10 answers to the five kinds of reader right, as a tip and as a case");
    }
}

on_both!(
    /// Naming a subject makes the old entry leave, once: no conflict is lost by it and none is made twice.
    a_subject_takes_the_place_of_a_tip, house => {
        let (ann, _) = house.officer("A-0").await;
        let (bob, case) = house.officer("B-1").await;
        house.submit(&bob, &case, "kind,value,platform\nhandle,owl,discord\n").await;
        taken(&house, &ann, &report("4001", "owl")).await;
        let before = house.inbox(&bob).await;
        assert!(before.items.iter().all(|i| i.conflict.is_none()), "of a tip only the desk speaks");
        let answer = state(&house, &ann, "CyberTip 4001", Level::Open).await.unwrap();
        assert_eq!(answer.conflicts.len(), 1);
        let after = house.inbox(&bob).await;
        let open: Vec<_> = after.items.iter().filter(|i| i.conflict.is_some()).collect();
        assert_eq!(open.len(), 1);
        assert!(open[0].other.as_ref().is_some_and(|o| o.agency.starts_with("Agency")));
        // The other side withdraws: nothing of the replaced entry keeps the conflict.
        let gone = Purpose::parse("entered by mistake").unwrap();
        house.desk.withdraw(&bob, &case, Kind::Handle, "owl", None, &gone).await.unwrap();
        assert!(house.inbox(&ann).await.items.iter().all(|i| i.conflict.is_none() || i.state == "withdrawn"));
        let again = state(&house, &ann, "CyberTip 4001", Level::Open).await;
        assert!(matches!(again, Err(Error::NotNow(_))), "a predicate is stated once");
    }
);

on_both!(
    /// Invariant 5: a child is never a subject, whoever names it so.
    a_child_is_never_named_a_subject, house => {
        let (ann, _) = house.officer("A-0").await;
        taken(&house, &ann, &report("5001", "owl")).await;
        let case = CaseNumber::parse("CyberTip 5001").unwrap();
        let order = |value: &str| SubjectOrder {
            case: case.clone(),
            values: vec![(Kind::Email, value.to_owned())],
            level: Level::Open,
            request: house.desk.request(),
        };
        let refused = house.desk.name_subjects(&ann, order("child-5001@example.org")).await;
        let Err(Error::Refused(why)) = refused else { panic!("{refused:?}") };
        assert!(!why.contains("child-5001"), "{why}");
        // Nor is anybody before a predicate is stated.
        let early = house.desk.name_subjects(&ann, order("owl@example.org")).await;
        assert!(matches!(early, Err(Error::Refused(_))), "{early:?}");
    }
);
