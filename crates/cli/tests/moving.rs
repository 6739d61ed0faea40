//! An agency moves in with what it has, and out with all that is its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::{ANA, BEN, CARLA, Ran, Site, holds, other, shape};
use serde_json::{Value, json};

fn report(n: usize) -> String {
    format!(
        r#"{{"reportId":"{n}","incidentSummary":{{"incidentType":"Online Enticement of Children for Sexual Acts","platform":"Discord","incidentDateTime":"2026-11-01T10:00:00Z"}},"personOrUserReported":{{"screenName":"user-{n}","espService":"Discord","personOrUserReportedPerson":{{"email":["user-{n}@example.org"]}}}},"victim":[{{"victimPerson":{{"email":["child-{n}@example.org"]}}}}]}}"#
    )
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn import(site: &Site, who: &str, more: &[&str]) -> (i32, Vec<Value>, String) {
    let ran = site.run(&[&["import", "--as", who], more].concat());
    let lines = lines(&ran);
    (ran.exit, lines, ran.err)
}

/// A folder of everything an agency may have.
fn folder(site: &Site) {
    std::fs::create_dir_all(site.path("in/older")).unwrap();
    site.file("in/1.json", report(1001));
    site.file("in/2.ndjson", (1002..1012).map(|n| report(n) + "\n").collect::<String>());
    site.file("in/3.xml", "<report><reportId>1020</reportId><personOrUserReported><screenName>x-1020</screenName></personOrUserReported></report>");
    site.file("in/4.csv", "kind,value,role\nemail,shared@example.org,subject\nphone,202-555-0142,unknown\n");
    site.file("in/5-bad.csv", "kind,value\nphone,hello\n");
    site.file("in/6.json", r#"[{"reportId":"10 30"},{"reportId":"1031"}]"#);
    site.file("in/7.png", b"\x89PNG\r\n\x1a\n1234");
    site.file("in/older/8.json", report(1001));
    std::os::unix::fs::symlink("..", site.path("in/older/loop")).unwrap();
}

#[test]
fn a_folder_is_taken_in_whole_twice_and_stored_once() {
    let site = Site::new();
    site.submit(BEN, "N-1", site.file("his.csv", "kind,value\nemail,shared@example.org\n")).json(0);
    folder(&site);
    let (exit, dry, _) = import(&site, ANA, &["--case", "WA-1", "--dry-run", "in"]);
    assert_eq!((exit, &dry.last().unwrap()["new"]), (2, &json!(14)), "{dry:#?}");
    let (exit, first, err) = import(&site, ANA, &["--case", "WA-1", "in"]);
    assert_eq!(exit, 2, "some files are bad");
    let file = |name: &str| first.iter().find(|l| l["file"] == name).unwrap_or_else(|| panic!("{name}: {first:#?}"));
    let stood = |name: &str| (file(name)["new"].clone(), file(name)["known"].clone(), file(name)["refused"].clone());
    assert_eq!(stood("in/1.json"), (json!(1), json!(0), json!(0)));
    assert_eq!(stood("in/2.ndjson"), (json!(10), json!(0), json!(0)));
    assert_eq!(stood("in/3.xml"), (json!(1), json!(0), json!(0)));
    assert_eq!(stood("in/4.csv"), (json!(1), json!(0), json!(0)));
    assert_eq!(stood("in/5-bad.csv"), (json!(0), json!(0), json!(1)));
    assert_eq!(
        (stood("in/6.json").0, &file("in/6.json")["problems"][0]["where"]),
        (json!(1), &json!("report number 1 of the file"))
    );
    assert_eq!(stood("in/older/8.json"), (json!(0), json!(1), json!(0)), "the same report in another file");
    assert!(file("in/7.png")["problems"][0]["problem"].as_str().unwrap().contains("PNG"));
    assert!(file("in/older/loop")["problems"][0]["problem"].as_str().unwrap().contains("link"));
    // In the order of the walk, whatever was handed over when, the summary last.
    let names: Vec<_> = first.iter().filter_map(|l| l["file"].as_str()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
    let sum = first.last().unwrap();
    assert_eq!(
        (&sum["summary"], &sum["new"], &sum["known"], &sum["files"]),
        (&json!(true), &json!(14), &json!(1), &json!(9))
    );
    // Whom to call.
    let met = file("in/4.csv");
    assert_eq!((&met["conflicts"], &met["calls"][0]["case"]), (&json!(1), &json!("WA-1")));
    assert_eq!(met["calls"][0]["conflicts"][0]["other"]["contact"], "Ben Yazzie");
    assert!(err.contains("in/5-bad.csv: line 2, value: "), "{err}");
    assert!(!err.contains("hello") && !first.iter().any(|l| l.to_string().contains("child-")));

    let (_, again, _) = import(&site, ANA, &["--case", "WA-1", "in"]);
    let sum = again.last().unwrap();
    assert_eq!((&sum["new"], &sum["known"], &sum["entries"]), (&json!(0), &json!(15), &json!(0)));
    let dry = import(&site, ANA, &["--case", "WA-1", "--dry-run", "in"]).1;
    assert_eq!((&dry.last().unwrap()["new"], &dry.last().unwrap()["known"]), (&json!(0), &json!(15)));
}

/// Between any two statements: what was stored is known to the next run, and nothing is stored twice.
#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    let site = Site::new();
    std::fs::create_dir_all(site.path("in")).unwrap();
    const FILES: usize = 12;
    const REPORTS: usize = 64;
    for f in 0..FILES {
        let reports = (0..REPORTS).map(|n| report(5_000 + f * REPORTS + n) + "\n").collect::<String>();
        site.file(&format!("in/{f:02}.ndjson"), reports);
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_concord"))
        .args(["import", "--as", ANA, "in"])
        .current_dir(site.dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["new"], json!(REPORTS), "{line}");
    let (exit, again, _) = import(&site, ANA, &["in"]);
    let sum = again.last().unwrap();
    let (new, known) = (sum["new"].as_u64().unwrap(), sum["known"].as_u64().unwrap());
    assert_eq!((exit, new + known), (0, (FILES * REPORTS) as u64));
    assert!(known >= REPORTS as u64 && new > 0, "{new} new, {known} known: it was killed in the middle");
    site.run(&["work"]).json(0);
    assert_eq!(site.run(&["ledger", "verify"]).exit, 0);
    let all = lines(&site.run(&["import", "--as", ANA, "in"]));
    assert_eq!(all.last().unwrap()["known"], json!(FILES * REPORTS));
    println!("figure: killed after {known} of {} reports; the next run stored the other {new}", FILES * REPORTS);
}

#[test]
fn a_list_needs_its_case_and_whoever_may_not_is_refused() {
    let site = Site::new();
    let list = site.file("a.csv", "kind,value\nemail,x@example.org\n");
    let (exit, said, _) = import(&site, ANA, &[list]);
    assert_eq!((exit, &said[0]["problems"][0]["field"]), (2, &json!("case")));
    let tip = site.file("t.json", report(1));
    // Carla is not sworn.
    assert_eq!(import(&site, CARLA, &[tip]).0, 3);
    assert_eq!(import(&site, ANA, &["gone.csv"]).0, 2);
    let (exit, said, _) = import(&site, ANA, &["--case", "WA-1", "--supervisor", BEN, tip]);
    assert_eq!(exit, 2, "Ben is of another agency: {said:?}");
    let silent =
        ["--level", "silent", "--reason", "a meeting is near", "--approved-by", BEN, "--until", &common::soon()];
    assert_eq!(import(&site, ANA, &[&["--case", "WA-1", list][..], &silent].concat()).0, 3);
}

#[test]
fn an_import_has_its_shape() {
    let site = Site::new();
    site.submit(BEN, "N-1", site.file("his.csv", "kind,value\nemail,shared@example.org\n")).json(0);
    let list = site.file("a.csv", "kind,value\nemail,shared@example.org\nphone,no\n");
    let (_, said, _) = import(&site, ANA, &["--case", "WA-1", "--partial", list]);
    let matches = json!([{ "kind": "text", "yours": "text", "rule": "text", "why": "text" }]);
    let wanted = json!({
        "format": "text", "file": "text", "sort": "text", "reports": "number", "new": "number", "known": "number",
        "refused": "number", "entries": "number", "conflicts": "number", "desk": "number",
        "calls": [{ "case": "text", "receipt": "text", "conflicts": [{ "conflict": "text", "strength": "text", "matches": matches, "other": other() }] }],
        "problems": [{ "where": "text", "field": "text", "problem": "text", "cure": "text" }],
    });
    holds(&shape(&said[0]), &wanted, "import");
    assert_eq!(said[0]["format"], "concord.import/1");
    let wanted = json!({
        "format": "text", "summary": "bool", "dry_run": "bool", "files": "number", "reports": "number",
        "new": "number", "known": "number", "refused": "number", "entries": "number", "conflicts": "number",
        "desk": "number", "problems": "number",
    });
    holds(&shape(&said[1]), &wanted, "summary");
}

const BOSS: &str = "boss@example.org";

/// Ana's agency with a supervisor, a case with a child's entry, and a tip.
fn with_boss() -> Site {
    let site = Site::new();
    let puget =
        lines(&site.run(&["agency", "add", "--name", "Puget two", "--kind", "state", "--telephone", "206-555-0104"]));
    let id = puget[0]["agency"].as_str().unwrap().to_owned();
    site.member(&id, "Rosa Boss", BOSS, &["--sworn", "--role", "supervisor", "--role", "investigator"]);
    site.case(BOSS, "P-1");
    let list = "kind,value,role,age\nemail,fox@example.org,subject,adult\nemail,kid@example.org,victim,minor\n";
    site.submit(BOSS, "P-1", site.file("p.csv", list)).json(0);
    site.run(&["import", "--as", BOSS, site.file("t.json", report(42))]);
    site
}

#[test]
fn an_export_goes_into_another_concord_and_a_changed_one_does_not() {
    let site = with_boss();
    let ran = site.run(&["export", "--as", BOSS]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert!(!ran.out.contains("kid@example.org") && !ran.out.contains("child-42@") && ran.err.contains("--reason"));
    let all = lines(&ran);
    assert_eq!((&all[0]["format"], &all[0]["line"]), (&json!("concord.export/1"), &json!("header")));
    assert_eq!(
        (&all.last().unwrap()["line"], &all.last().unwrap()["counts"]["withheld"]),
        (&json!("trailer"), &json!(3))
    );
    let whole = ["export", "--as", BOSS, "--reason", "moving to another Concord", "--out", "all.jsonl"];
    let said = site.run(&whole).json(0);
    assert_eq!(
        (&said["export"], &said["lines"]["case"], &said["lines"]["entry"]),
        (&json!("all.jsonl"), &json!(2), &json!(5))
    );
    let text = std::fs::read_to_string(site.path("all.jsonl")).unwrap();
    assert!(text.contains("kid@example.org"));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(site.path("all.jsonl")).unwrap().permissions().mode() & 0o777, 0o600);

    let new = Site::new();
    new.file("all.jsonl", &text);
    new.file("withheld.jsonl", &ran.out);
    new.file("cut.jsonl", text.lines().take(4).map(|l| format!("{l}\n")).collect::<String>());
    new.file("changed.jsonl", text.replace("fox@example.org", "dog@example.org"));
    for bad in ["cut.jsonl", "changed.jsonl"] {
        let (exit, said, _) = import(&new, ANA, &[bad]);
        assert_eq!((exit, &said[0]["new"], &said[0]["refused"]), (2, &json!(0), &json!(1)), "{bad}: {said:?}");
    }
    let (exit, said, _) = import(&new, ANA, &["withheld.jsonl"]);
    assert_eq!((exit, &said[0]["new"], &said[0]["refused"]), (2, &json!(0), &json!(2)), "{said:?}");
    let (exit, said, err) = import(&new, ANA, &["all.jsonl"]);
    assert_eq!(
        (exit, &said[0]["sort"], &said[0]["new"], &said[0]["entries"]),
        (0, &json!("export"), &json!(2), &json!(5)),
        "{said:?}{err}"
    );
    assert_eq!(said[0]["left"]["submission"], json!(2), "what stays behind is said");
    let (_, again, _) = import(&new, ANA, &["all.jsonl"]);
    assert_eq!((&again[0]["new"], &again[0]["known"]), (&json!(0), &json!(2)));
    let seen = new.run(&["case", "show", "--as", ANA, "--case", "P-1", "--reason", "to see that all is there"]).json(0);
    let mut values: Vec<_> = seen["entries"].as_array().unwrap().iter().map(|e| e["value"].as_str().unwrap()).collect();
    values.sort_unstable(); // entered in one moment, they stand in the order of their ids
    assert_eq!(values, ["fox@example.org", "kid@example.org"]);

    assert_eq!(new.run(&["export", "--as", ANA]).exit, 3, "an investigator does not carry the agency away");
    assert_eq!(site.run(&["export", "--as", BOSS, "--out", "no/such/folder.jsonl"]).exit, 2);
}

#[test]
fn a_tip_becomes_a_case_with_a_subject() {
    let site = with_boss();
    let case = |words: &[&str]| site.run(&[&["case"], words, &["--as", BOSS, "--case", "CyberTip 42"]].concat());
    let seen = case(&["show"]).json(0);
    // Entered in one moment, they stand in the order of their ids: which is first is chance, and a child's has no value.
    let (children, others): (Vec<_>, Vec<_>) =
        seen["entries"].as_array().unwrap().iter().partition(|e| e["role"] == "victim");
    assert_eq!((children.len(), others.len()), (1, 2));
    let mut entry = json!({
        "id": "text", "state": "text", "kind": "text", "role": "text", "age": "text", "class": "text",
        "level": "text", "reliability": "text", "validity": "text", "marking": "text", "entered": "text",
        "review": "text", "preserved": "bool", "submission": "text", "place": "text",
    });
    assert!(children[0].get("value").is_none_or(Value::is_null), "a child's value needs a reason");
    holds(&shape(children[0]), &entry, "child");
    entry["value"] = "text".into();
    others.iter().for_each(|other| holds(&shape(other), &entry, "other"));
    let wanted = json!({
        "format": "text",
        "case": { "id": "text", "number": "text", "threat_area": "text", "offence": "text", "nexus": "text", "predicate": "null", "marking": "text", "status": "text", "lead": "text", "opened": "text" },
        "tip": { "report": "text", "informational": "bool", "escalated": "bool", "files": "number", "viewed_by_provider": "number", "possible_proxy": "bool", "withheld": "text", "words": [] },
    });
    holds(&shape(&seen), &wanted, "case");
    assert_eq!((&seen["case"]["status"], &seen["format"]), (&json!("tip"), &json!("concord.case/1")));
    assert!(!seen.to_string().contains("child-42"));
    assert!(case(&["show", "--reason", "to call the parents"]).json(0).to_string().contains("child-42@example.org"));

    let name = ["subject", "--value", "handle=user-42", "--value", "email=user-42@example.org"];
    assert_eq!(case(&name).exit, 3, "a subject needs a predicate");
    let document = site.file("logs.txt", "the provider's answer");
    let stated =
        case(&["predicate", "--facts", "the provider's logs", "--area", "enticement", "--document", document]).json(0);
    // SHA-256 of that text.
    assert_eq!(stated["document"].as_str().unwrap().len(), 64);
    assert_eq!((&stated["case"], &stated["status"]), (&json!("CyberTip 42"), &json!("open")));
    assert_eq!(case(&name).json(0)["entries"], 2);
    assert_eq!(case(&["subject", "--value", "email=child-42@example.org"]).exit, 3, "a child is never a subject");
    for bad in ["user-42", "colour=red", "email= "] {
        assert_eq!(case(&["subject", "--value", bad]).exit, 2, "{bad}");
    }
    assert_eq!(case(&["subject", "--value", "handle=user-42", "--level", "silent"]).exit, 2);
    assert_eq!(case(&["predicate", "--facts", "once more", "--area", "travel"]).exit, 2, "it is stated once");
    let seen = case(&["show"]).json(0);
    assert_eq!(
        (&seen["case"]["predicate"]["document"], &seen["case"]["status"]),
        (&stated["document"], &json!("open"))
    );
    assert_eq!(
        site.run(&["case", "show", "--as", ANA, "--case", "CyberTip 42"]).exit,
        2,
        "another agency's does not exist"
    );
}

#[test]
fn copied_text_becomes_a_csv_without_a_desk() {
    let site = Site::empty();
    let text = site
        .file("copied.txt", "Email Address: someone@example.org\nPhone: +1 202-555-0143\nIP Address: 203.0.113.7\n");
    let ran = site.run(&["read", text]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert!(ran.out.starts_with("kind,value,") && ran.out.contains("someone@example.org"), "{}", ran.out);
    assert!(!site.path("concord-data").exists());
    let picture = site.run(&["read", site.file("p.txt", b"\x89PNG\r\n\x1a\n1234")]);
    assert_eq!((picture.exit, picture.out.as_str()), (2, ""));
    assert!(picture.err.contains("p.txt: "), "{}", picture.err);
    // What it prints can be submitted.
    let full = Site::new();
    let csv = full.file("read.csv", &ran.out);
    assert_eq!(full.submit(ANA, "WA-1", csv).json(0)["entries"], json!(3));
}
