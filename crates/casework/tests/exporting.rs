//! An agency carries all of its own away, whenever it will (34 U.S.C. 21115(e)(2)), and another Concord takes it in; a
//! child's value goes with a reason alone (18 U.S.C. 3509(d)), and nothing goes that another agency kept silent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use casework::model::*;
use casework::{Error, Moved, PredicateOrder, Principal, Returned, Step};
use common::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::Engine;

/// Every line of the export of this member's agency.
async fn export(house: &House, who: &Principal, reason: Option<&str>) -> Vec<Value> {
    let reason = reason.map(|r| FreeText::parse(r).unwrap());
    let mut export = house.desk.export(who, reason).await.unwrap();
    let mut text = String::new();
    while let Some(lines) = export.next().await.unwrap() {
        text.push_str(&lines);
    }
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let before: String = text.lines().take(lines.len() - 1).map(|l| format!("{l}\n")).collect();
    assert_eq!(lines.last().unwrap()["sha256"], hex::encode(Sha256::digest(before)), "the trailer fits");
    lines
}

fn of<'a>(lines: &'a [Value], sort: &str) -> Vec<&'a Value> {
    lines.iter().filter(|l| l["line"] == sort).collect()
}

fn moved(lines: &[Value]) -> Vec<Moved> {
    let under = |sort: &str, id: &Value| of(lines, sort).into_iter().filter(|l| l["case"] == *id).cloned().collect();
    of(lines, "case")
        .into_iter()
        .map(|case| Moved {
            case: serde_json::from_value(case.clone()).unwrap(),
            entries: serde_json::from_value(Value::Array(under("entry", &case["id"]))).unwrap(),
            tip: Vec::pop(&mut under("tip", &case["id"])),
        })
        .collect()
}

/// What a case and an entry say, without what only the Concord gives that holds them.
fn bare(lines: &[Value]) -> Vec<String> {
    let number = |id: &Value| of(lines, "case").into_iter().find(|c| c["id"] == *id).unwrap()["number"].clone();
    let mut out: Vec<String> = lines
        .iter()
        .filter(|l| matches!(l["line"].as_str(), Some("case" | "entry" | "tip")))
        .filter(|l| l["state"].is_null() || l["state"] == "live" || l["state"] == "kept")
        .map(|l| {
            let mut l = l.clone();
            let map = l.as_object_mut().unwrap();
            if let Some(case) = map.get("case").cloned() {
                map.insert("case".to_owned(), number(&case));
            }
            for own in
                ["id", "submission", "lead", "supervisor", "control_official", "opened", "closed", "entered", "review"]
            {
                map.remove(own);
            }
            if let Some(Value::Object(predicate)) = map.get_mut("predicate") {
                predicate.remove("member");
                predicate.remove("at");
            }
            l.to_string()
        })
        .collect();
    out.sort();
    out
}

const REPORT: &str = r#"{"reportId":"700","incidentSummary":{"incidentType":"Online Enticement of Children for Sexual Acts","platform":"Discord",
    "incidentDateTime":"2026-11-01T10:00:00Z","escalateToHighPriority":"a meeting is planned"},
    "personOrUserReported":{"screenName":"owl","espService":"Discord","additionalInfo":"wrote to Wren Fledgling at noon",
      "ipCaptureEvent":[{"ipAddress":"203.0.113.9","possibleProxy":true}]},
    "victim":[{"victimPerson":{"firstName":"Wren","lastName":"Fledgling","email":["child-700@example.org"]},"additionalInfo":"goes to school in the morning"}],
    "fileDetails":[{"fileId":"1","originalFileName":"walrus-holiday","fileViewedByEsp":true,"originalFileHash":[{"hashType":"md5","value":"0123456789abcdef0123456789abcdef"}]}]}"#;

/// An agency with a case, a closed one, one without entries, a tip with a child; and another agency that meets it.
async fn story(house: &House) -> (Principal, Principal, Principal) {
    let agency = house.agency(AgencyKind::State).await;
    let ann = house.member(agency, &[]).await;
    let boss = house.member(agency, &[Role::Supervisor, Role::Investigator]).await;
    let one = house.case(&ann, "A-1", Some(boss.member)).await;
    house
        .submit(
            &ann,
            &one,
            "kind,value,role,age,platform,note,seen_from,reliability,marking,port\n\
             email,fox@example.org,subject,adult,,the profile's own,2026-01-02T03:04:05Z,reliable,amber rel CA,\n\
             email,kid@example.org,victim,minor,,her own account,,,,\n\
             handle,owl,unknown,,discord,,,,,\nip,192.168.1.4,unknown,,,,,,,443\nemail,gone@example.org,unknown,,,,,,,\n",
        )
        .await;
    let gone = Purpose::parse("entered by mistake").unwrap();
    house.desk.withdraw(&ann, &one, Kind::Email, "gone@example.org", None, &gone).await.unwrap();
    let two = house.case(&ann, "A-2", None).await;
    house.submit(&ann, &two, "kind,value\nphone,206-555-0142\n").await;
    house.desk.close_case(&ann, &two, Outcome::Exhausted).await.unwrap();
    house.case(&boss, "A-3", None).await;
    let tips = casework::read_tips("t.json", REPORT.as_bytes());
    assert!(tips.problems.is_empty(), "{:?}", tips.problems);
    house.desk.receive_tips(&ann, tips.tips, None).await.unwrap();
    let tip = CaseNumber::parse("CyberTip 700").unwrap();
    house.submit(&ann, &tip, "kind,value\nemail,added@example.org\n").await;
    let (bob, his) = house.officer("B-77").await;
    let met = house.submit(&bob, &his, "kind,value\nemail,fox@example.org\nemail,kid@example.org\n").await;
    let id: ConflictId = met.conflicts[0].conflict.as_deref().unwrap().parse().unwrap();
    let words = Step::Message(FreeText::parse("call me at noon").unwrap(), Marking::default());
    house.desk.step(&bob, id, words).await.unwrap();
    house.desk.work(None).await.unwrap();
    (ann, boss, bob)
}

/// Values, names and notes that are a child's.
const CHILDS: [&str; 6] =
    ["kid@example.org", "her own account", "child-700@example.org", "Wren", "Fledgling", "goes to school"];

on_both!(
    an_export_holds_all_of_ones_own_and_of_others_whom_to_call, house => {
        let (ann, boss, bob) = story(&house).await;
        let lines = export(&house, &boss, None).await;
        let counts = &lines.last().unwrap()["counts"];
        for (sort, n) in [("header", 1), ("member", 2), ("case", 4), ("entry", 11), ("tip", 1), ("submission", 4), ("conflict", 1), ("withheld", 3)] {
            assert_eq!(counts[sort], n, "{sort}: {counts}");
        }
        let entries = of(&lines, "entry");
        let fox = entries.iter().find(|e| e["value"] == "fox@example.org").unwrap();
        assert_eq!((&fox["reliability"], &fox["marking"], &fox["state"]), (&"reliable".into(), &"amber rel CA".into(), &"live".into()));
        assert!(entries.iter().any(|e| e["state"] == "withdrawn"));
        let conflict = of(&lines, "conflict")[0];
        assert_eq!(conflict["view"]["thread"][0]["text"], "call me at noon");
        assert!(conflict["view"]["other"]["contact"].as_str().unwrap().starts_with("Officer"));
        let kid = entries.iter().find(|e| e["role"] == "victim" && e["kind"] == "email" && e["place"] == "line 3").unwrap();
        assert_eq!(conflict["handed"]["openly"], serde_json::json!([fox["id"]]));
        assert_eq!(conflict["handed"]["through_the_watch_desk"], serde_json::json!([kid["id"]]));
        let receipt = of(&lines, "submission")[0]["receipt"].to_string();
        assert!(casework::verify_receipt(&receipt, &house.desk.verifier_key()).unwrap().proven);
        // Sentence 4: pointers only.
        let all = lines.iter().map(Value::to_string).collect::<String>();
        let his = house.desk.store().case_facts(bob.agency, &CaseNumber::parse("B-77").unwrap()).await.unwrap().unwrap();
        for theirs in ["B-77".to_owned(), his.id.to_string(), bob.member.to_string(), bob.agency.to_string()] {
            assert!(!all.contains(&theirs), "{theirs}");
        }
        // Nobody's but the agency's own supervisor or administrator.
        assert!(matches!(house.desk.export(&ann, None).await, Err(Error::Refused(_))));
        assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
    }
);

on_both!(
    /// 18 U.S.C. 3509(d), in an export and on a case's page: withheld without a reason; with one each is named in an event.
    a_childs_value_opens_with_a_reason_alone, house => {
        let (ann, boss, _) = story(&house).await;
        let numbers = ["A-1", "CyberTip 700"].map(|n| CaseNumber::parse(n).unwrap());
        let reason = "the hearing on Monday";
        for (opened, why) in [(false, None), (true, Some(reason))] {
            let mut all: String = export(&house, &boss, why).await.iter().map(Value::to_string).collect();
            assert_eq!(CHILDS.map(|w| all.contains(w)), [opened; 6], "export");
            assert!(!all.contains("walrus-holiday"), "the name of a file");
            assert_eq!(all.contains(casework::WITHHELD), !opened);
            all.clear();
            for number in &numbers {
                let why = why.map(|r| FreeText::parse(r).unwrap());
                let view = house.desk.case_view(&ann, number, why.as_ref()).await.unwrap();
                all.push_str(&serde_json::to_string(&view).unwrap());
            }
            let seen = CHILDS.map(|w| all.contains(w));
            // A name that is no identifier stands in a report's person, which a case's page does not show.
            assert_eq!((seen[0], seen[1], seen[2], seen[5]), (opened, opened, opened, opened), "case show");
            assert_eq!(all.contains("wrote to Wren Fledgling"), opened, "a text that names the child");
            assert!(all.contains("a meeting is planned") && !all.contains("walrus-holiday"));
            assert!(all.contains(r#""possible_proxy":true"#) && all.contains(r#""viewed_by_provider":1"#));
        }
        assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
    }
);

on_both!(
    /// Invariant 2: a look leaves one event; a reason is kept in one more, and only where something was opened by it.
    a_reason_leaves_its_event_where_it_opens_something, house => {
        let (ann, _, _) = story(&house).await;
        house.desk.settle_ledger().await.unwrap();
        let reason = FreeText::parse("the hearing on Monday").unwrap();
        for (number, reason, events) in
            [("A-1", None, 1), ("A-1", Some(&reason), 2), ("CyberTip 700", Some(&reason), 2), ("A-2", Some(&reason), 1)]
        {
            house.desk.case_view(&ann, &CaseNumber::parse(number).unwrap(), reason).await.unwrap();
            assert_eq!(house.desk.settle_ledger().await.unwrap(), events, "{number}");
        }
        let (stranger, _) = house.officer("X-1").await;
        house.desk.settle_ledger().await.unwrap();
        let looked = house.desk.case_view(&stranger, &CaseNumber::parse("A-1").unwrap(), Some(&reason)).await;
        assert!(matches!(looked, Err(Error::NotFound("case"))), "another agency's case does not exist");
        assert_eq!(house.desk.settle_ledger().await.unwrap(), 1);
    }
);

on_both!(
    /// An export taken into an empty Concord and exported again holds the same cases and entries.
    what_is_carried_away_comes_back_the_same, house => {
        let (_, boss, _) = story(&house).await;
        let first = export(&house, &boss, Some("moving to another Concord")).await;
        let new = common::house(house.desk.store().engine()).await;
        let agency = new.agency(AgencyKind::State).await;
        let cat = new.member(agency, &[Role::Supervisor, Role::Investigator]).await;
        let fates = new.desk.bring_back(&cat, &moved(&first), None, None).await.unwrap();
        assert!(fates.iter().all(|f| matches!(f, Returned::New(_))), "{fates:?}");
        let second = export(&new, &cat, Some("to compare")).await;
        assert_eq!(bare(&first), bare(&second));
        // Again: nothing twice.
        let again = new.desk.bring_back(&cat, &moved(&first), None, None).await.unwrap();
        assert!(again.iter().all(|f| matches!(f, Returned::Known)), "{again:?}");
        assert_eq!(bare(&second), bare(&export(&new, &cat, Some("to compare")).await));
    }
);

on_both!(
    /// A child left out unseen would be a child left unprotected.
    a_case_with_something_withheld_does_not_come_back_in_part, house => {
        let (_, boss, _) = story(&house).await;
        let first = export(&house, &boss, None).await;
        let new = common::house(house.desk.store().engine()).await;
        let agency = new.agency(AgencyKind::State).await;
        let cat = new.member(agency, &[Role::Supervisor, Role::Investigator]).await;
        for (case, fate) in moved(&first).iter().zip(new.desk.bring_back(&cat, &moved(&first), None, None).await.unwrap()) {
            match (case.case.number.as_str(), fate) {
                ("A-2" | "A-3", Returned::New(_)) => {}
                ("A-1" | "CyberTip 700", Returned::Refused(Error::File { problems, .. })) => {
                    assert!(problems.iter().all(|p| p.cure.contains("--reason")), "{problems:?}");
                }
                (number, fate) => panic!("{number}: {fate:?}"),
            }
        }
    }
);

on_both!(
    /// More entries than one page holds, and more cases: each stands in the export once.
    every_row_stands_in_an_export_once, house => {
        let (ann, number) = house.officer("P-0").await;
        let boss = house.member(ann.agency, &[Role::AgencyAdministrator]).await;
        let rows: String = (0..1_203).map(|n| format!("handle,user-{n},discord\n")).collect();
        house.submit(&ann, &number, &format!("kind,value,platform\n{rows}")).await;
        for n in 1..70 {
            house.case(&ann, &format!("P-{n}"), None).await;
        }
        let lines = export(&house, &boss, None).await;
        let ids: std::collections::BTreeSet<_> = lines.iter().filter_map(|l| l["id"].as_str()).collect();
        assert_eq!((of(&lines, "case").len(), of(&lines, "entry").len()), (70, 1_203));
        assert_eq!(ids.len(), 70 + 1_203 + 1 + of(&lines, "member").len() + of(&lines, "notice").len());
    }
);

/// One history, with an entry of another agency that is silent or that nobody asks for; the bytes of an export but for
/// hashes.
async fn exported(engine: Engine, hidden: bool) -> String {
    let house = house(engine).await;
    let (ann, case) = house.officer("A-1").await;
    let boss = house.member(ann.agency, &[Role::Supervisor]).await;
    let (eve, hers) = house.officer("E-1").await;
    let supervisor = house.member(eve.agency, &[Role::Supervisor]).await;
    let (bob, his) = house.officer("B-1").await;
    let csv = "kind,value\nemail,fox@example.org\n";
    let quiet = if hidden { csv } else { "kind,value\nemail,elk@example.org\n" };
    let mut step = 0;
    let mut next = |house: &House| {
        step += 1;
        house.chance.reseed(step);
        house.clock.advance(60);
    };
    for first in [true, false] {
        next(&house);
        if first {
            house.submit_silent(&eve, &hers, quiet, &supervisor).await.unwrap();
        }
        next(&house);
        house.submit(&ann, &case, csv).await;
        next(&house);
        if !first {
            // Hers asks what stands openly: she is answered, and nobody may learn that she asked.
            house.submit_silent(&eve, &hers, quiet, &supervisor).await.unwrap();
        }
        next(&house);
        house.submit_silent(&ann, &case, "kind,value\nemail,hare@example.org\n", &boss).await.unwrap();
        next(&house);
        let meets =
            if hidden { "kind,value\nemail,hare@example.org\n" } else { "kind,value\nemail,ibis@example.org\n" };
        house.submit_silent(&eve, &hers, meets, &supervisor).await.unwrap();
    }
    next(&house);
    house.submit(&bob, &his, "kind,value\nemail,fox@example.org\nemail,hare@example.org\n").await;
    next(&house);
    house.desk.work(None).await.unwrap();
    next(&house);
    let lines = export(&house, &boss, Some("to compare")).await;
    assert_eq!(of(&lines, "conflict").len(), 1);
    assert!(of(&lines, "notice").iter().any(|n| n["matter"] == "silent"), "one's own silent hit is told");
    let mut out = String::new();
    for mut line in lines {
        if let Some(proof) = line.pointer_mut("/receipt/proof").filter(|p| !p.is_null()) {
            *proof = serde_json::json!([proof["index"], proof["size"], proof["hashes"].as_array().unwrap().len()]);
        }
        line.as_object_mut().unwrap().remove("sha256");
        out.push_str(&format!("{line}\n"));
    }
    out
}

#[tokio::test]
async fn nothing_of_an_export_depends_on_what_another_agency_keeps_silent() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (hidden, plain) = (exported(engine, true).await, exported(engine, false).await);
        for (h, p) in hidden.lines().zip(plain.lines()) {
            assert_eq!(h, p);
        }
        assert_eq!(hidden.len(), plain.len());
        println!(
            "figure: {engine:?}: an export of {} bytes is the same with and without another's silent entry",
            hidden.len()
        );
    }
}

on_both!(
    /// A tip that became a case comes back as a case: what an officer stated stays stated.
    a_stated_tip_comes_back_as_a_case, house => {
        let (ann, _) = house.officer("A-0").await;
        let boss = house.member(ann.agency, &[Role::Supervisor]).await;
        let json = r#"{"reportId":"8","personOrUserReported":{"personOrUserReportedPerson":{"email":["nobody at all","good@example.org"]}}}"#;
        house.desk.receive_tips(&ann, casework::read_tips("t.json", json.as_bytes()).tips, None).await.unwrap();
        let order = PredicateOrder {
            case: CaseNumber::parse("CyberTip 8").unwrap(),
            facts: Predicate::facts("the provider's logs and an interview").unwrap(),
            area: ThreatArea::Enticement,
            offence: None,
            document: Some([7; 32]),
        };
        house.desk.state_predicate(&ann, order).await.unwrap();
        let first = export(&house, &boss, None).await;
        let case = of(&first, "case").into_iter().find(|c| c["number"] == "CyberTip 8").unwrap();
        assert_eq!(case["predicate"]["document"], "07".repeat(32));
        let new = common::house(house.desk.store().engine()).await;
        let (cat, _) = new.officer("C-0").await;
        let moved: Vec<_> = moved(&first).into_iter().filter(|m| m.case.number == "CyberTip 8").collect();
        let fates = new.desk.bring_back(&cat, &moved, None, None).await.unwrap();
        let Returned::New(Some(answer)) = &fates[0] else { panic!("{fates:?}") };
        // What is no address was kept with the report; here it is named.
        assert_eq!((answer.entries, answer.problems.len()), (1, 1));
        let view = new.desk.case_view(&cat, &CaseNumber::parse("CyberTip 8").unwrap(), None).await.unwrap();
        assert_eq!((view.case.status, view.entries.len()), (CaseStatus::Open, 1));
    }
);

on_both!(
    /// A case that went to another agency is that agency's to carry away; the receipts stay with whoever asked.
    a_case_that_went_is_exported_by_whoever_has_it, house => {
        let (_, boss, _) = story(&house).await;
        let to = house.agency(AgencyKind::State).await;
        let (cat, dee) = (house.member(to, &[Role::Supervisor]).await, house.member(to, &[]).await);
        let words = FreeText::parse("he moved to your county.").unwrap();
        let case = CaseNumber::parse("A-1").unwrap();
        let id = house.desk.offer_transfer(&boss, &case, to, words).await.unwrap();
        let order = casework::TakeOver { number: CaseNumber::parse("D-1").unwrap(), lead: dee.member };
        house.desk.accept_transfer(&cat, id, order).await.unwrap();
        let (gave, got) = (export(&house, &boss, None).await, export(&house, &cat, None).await);
        let holds = |lines: &[Value]| of(lines, "entry").iter().any(|e| e["value"] == "fox@example.org" && e["state"] == "live");
        assert!(holds(&got) && !holds(&gave));
        assert_eq!(of(&got, "conflict").len(), 1);
        // Its conflict went too; what the giver has now is that of its tip, which holds a handle of the case that went.
        let tip = of(&gave, "case").into_iter().find(|c| c["status"] == "tip").unwrap();
        let met: Vec<_> = of(&gave, "conflict").into_iter().map(|c| c["case"].clone()).collect();
        assert_eq!(met, [tip["id"].clone()]);
        assert_eq!(of(&gave, "submission").len(), 4);
        assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
    }
);
