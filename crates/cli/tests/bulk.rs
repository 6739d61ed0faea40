//! Bulk jobs from the command line: exit codes and shapes.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on must fail")]

mod common;

use common::{ANA, BEN, CARLA, DAN, HERS, Site, holds, other, shape};
use serde_json::{Value, json};

const ASK: [&str; 8] = [
    "--authority",
    "provider-return",
    "--process",
    "return of 3 May",
    "--purpose",
    "whom else they wrote to",
    "--case",
    "N-1",
];

fn ask(site: &Site, verb: &str, file: &str, more: &[&str]) -> String {
    let args = [&["bulk", "ask", "--as", DAN, "--verb", verb], &ASK[..], more, &[file]].concat();
    let asked = site.run(&args).json(0);
    assert_eq!((shape(&asked), &asked["state"]), (json!({ "job": "text", "state": "text" }), &json!("waiting")));
    asked["job"].as_str().expect("an id").to_owned()
}

fn one(site: &Site, word: &str, id: &str, who: &str, more: &[&str]) -> common::Ran {
    site.run(&[&["bulk", word, id, "--as", who], more].concat())
}

fn file(site: &Site) -> &'static str {
    let rows: String = (0..1_200).map(|n| format!("email,n{n}@example.org\n")).collect();
    site.file("many.csv", format!("kind,value\n{rows}email,someone.x@example.org\nphone,+1 202 555 0123\n"))
}

#[test]
fn a_job_goes_from_asked_to_answered_and_keeps_its_shapes() {
    let site = Site::new();
    site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    let id = ask(&site, "check", file(&site), &[]);
    let job = json!({
        "format": "text", "job": "text", "verb": "text", "state": "text", "case": "text", "file": "text",
        "authority": "text", "process": "text", "purpose": "text", "total": "number", "done": "number",
        "asked_by": "text", "asker": "text", "asked": "text", "answer": "bool",
    });
    let show = |who: &str| one(&site, "show", &id, who, &[]).json(0);
    let waiting = show(DAN);
    holds(&shape(&waiting), &job, "job");
    holds(&shape(&waiting), &json!({ "until": "text" }), "waiting");
    assert_eq!(
        (&waiting["format"], &waiting["state"], &waiting["done"]),
        (&json!("concord.bulk/1"), &json!("waiting"), &json!(0))
    );
    assert_eq!((&waiting["asked_by"], &waiting["total"]), (&json!("Dan Whitaker"), &json!(1_202)));
    let inbox = site.run(&["inbox", "--as", BEN]).json(0);
    assert!(inbox.to_string().contains(&format!("Approve or refuse bulk job {id}")), "{inbox}");

    // Never the asker, nobody who is no supervisor, and no other agency.
    assert_eq!(one(&site, "approve", &id, DAN, &[]).exit, 3);
    assert_eq!(one(&site, "approve", &id, CARLA, &[]).exit, 3);
    let (theirs, nowhere) =
        (one(&site, "show", &id, ANA, &[]), one(&site, "show", "00000000-0000-8000-8000-000000000000", ANA, &[]));
    assert_eq!((theirs.exit, &theirs.err), (2, &nowhere.err), "another agency's job and one that is nowhere");
    let early = one(&site, "answer", &id, DAN, &[]);
    assert_eq!((early.exit, early.out.as_str()), (2, ""), "{}", early.err);

    assert_eq!(one(&site, "approve", &id, BEN, &[]).json(0), json!({ "job": id, "state": "approved" }));
    assert_eq!(one(&site, "approve", &id, BEN, &[]).exit, 2, "it waits no more");
    let round = site.run(&["work"]).json(0);
    assert_eq!(round["bulk"], 3, "{round}");
    let done = show(DAN);
    holds(&shape(&done), &job, "job");
    holds(&shape(&done), &json!({ "decided_by": "text", "decided": "text", "ended": "text" }), "done");
    assert_eq!(
        (&done["state"], &done["done"], &done["decided_by"]),
        (&json!("done"), &json!(1_202), &json!("Ben Yazzie"))
    );

    let list = site.run(&["bulk", "list", "--as", BEN]).json(0);
    holds(&shape(&list), &json!({ "format": "text", "jobs": [job] }), "list");
    assert_eq!(list["format"], "concord.bulks/1");
    assert_eq!(site.run(&["bulk", "list", "--as", BEN, "--before", &id]).json(0)["jobs"], json!([]));

    let answer = one(&site, "answer", &id, DAN, &[]).json(1);
    let wanted = json!({
        "format": "text", "job": "text", "verb": "text", "file": "text", "case": "text", "total": "number",
        "entries": "number", "receipts": ["text"], "suppressed": [], "desk": [],
        "conflicts": [{
            "conflict": "text", "strength": "text",
            "matches": [{ "kind": "text", "yours": "text", "rule": "text", "why": "text" }], "other": other(),
        }],
        "not_asked": [{ "system": "text", "why": "text" }],
    });
    holds(&shape(&answer), &wanted, "answer");
    assert_eq!((&answer["format"], &answer["entries"]), (&json!("concord.bulk.answer/1"), &json!(1_202)));
    assert_eq!(answer["receipts"].as_array().map(Vec::len), Some(3));
    assert_eq!(answer["conflicts"][0]["matches"].as_array().map(Vec::len), Some(2));
    assert!(!answer.to_string().contains("n7@example.org"), "a miss is not kept");
    let receipt = answer["receipts"][0].as_str().expect("an id");
    site.run(&["receipt", "get", receipt, "--as", DAN, "--out", "r.json"]).json(0);
    let key = site.run(&["ledger", "key"]).json(0)["key"].as_str().expect("a key").to_owned();
    assert_eq!(site.run(&["receipt", "verify", "r.json", "--key", &key]).json(0)["proven"], true);

    let table = one(&site, "answer", &id, DAN, &["--csv", "-"]);
    assert_eq!(table.exit, 1, "{}", table.err);
    assert!(table.out.starts_with("what,kind,yours,") && table.out.contains("'+1 202 555 0123"), "{}", table.out);
    let written = one(&site, "answer", &id, DAN, &["--csv", "a.csv"]).json(1);
    assert_eq!(written, json!({ "job": id, "file": "a.csv" }));
    assert_eq!(std::fs::read_to_string(site.path("a.csv")).expect("a file"), table.out);
    assert_eq!(site.run(&["ledger", "verify"]).json(0)["verifies"], true);
}

#[test]
fn refused_and_cancelled_jobs_say_so_and_a_request_is_one_job() {
    let site = Site::new();
    let many = file(&site);
    let refused = ask(&site, "submit", many, &[]);
    let words = ["--reason", "the return names another account"];
    assert_eq!(one(&site, "refuse", &refused, DAN, &words).exit, 3);
    assert_eq!(one(&site, "refuse", &refused, BEN, &words).json(0), json!({ "job": refused, "state": "refused" }));
    let told = one(&site, "show", &refused, DAN, &[]).json(0);
    assert_eq!((&told["state"], &told["says"]), (&json!("refused"), &json!("the return names another account")));

    let request = ["--request", "01a20a3a-3058-7e91-be7b-05536ab40faf"];
    let id = ask(&site, "submit", many, &request);
    assert_eq!(ask(&site, "submit", many, &request), id);
    one(&site, "approve", &id, BEN, &[]).json(0);
    assert_eq!(one(&site, "cancel", &id, CARLA, &[]).exit, 3);
    assert_eq!(one(&site, "cancel", &id, DAN, &[]).json(0), json!({ "job": id, "state": "cancelled" }));
    assert_eq!(one(&site, "cancel", &id, DAN, &[]).exit, 2);
    assert_eq!(site.run(&["work"]).json(0)["bulk"], 0);
    assert_eq!(one(&site, "show", &id, DAN, &[]).json(0)["done"], 0);

    let submitted = ask(&site, "submit", many, &[]);
    one(&site, "approve", &submitted, BEN, &[]).json(0);
    site.run(&["work"]).json(0);
    assert_eq!(
        one(&site, "answer", &submitted, DAN, &[]).json(0)["entries"],
        1_202,
        "only check speaks by its exit code"
    );
}

#[test]
fn what_is_wrong_with_a_file_or_a_word_is_bad_input() {
    let site = Site::new();
    let bad = site.file("bad.csv", "kind,value\nmd5,xyz\nemail,fine@example.org\nsha1,12\n");
    let args = [&["bulk", "ask", "--json", "--as", DAN, "--verb", "check"], &ASK[..], &[bad]].concat();
    let told = site.run(&args);
    assert_eq!((told.exit, told.out.as_str()), (2, ""));
    let error: Value = serde_json::from_str(told.err.lines().last().expect("a line")).expect("JSON");
    assert_eq!(error["problems"].as_array().map(Vec::len), Some(2), "{error}");
    let word = [&["bulk", "ask", "--as", DAN, "--verb", "check", "--authority", "hunch"], &ASK[2..], &[bad]].concat();
    let told = site.run(&word);
    assert_eq!(told.exit, 2);
    assert!(told.err.contains("search-warrant"), "it says which there are: {}", told.err);
    assert_eq!(site.run(&["bulk", "list", "--as", DAN]).json(0)["jobs"], json!([]));
    // Ana's agency has no supervisor: nobody could be the second person.
    let args = [&["bulk", "ask", "--as", ANA, "--verb", "check"], &ASK[..6], &["--case", "WA-1", file(&site)]].concat();
    let alone = site.run(&args);
    assert_eq!(alone.exit, 2);
    assert!(alone.err.contains("no other supervisor"), "{}", alone.err);
}
