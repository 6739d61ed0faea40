//! The shapes other programs rely on, word for word: fields may be added, never renamed or removed.

mod common;

use common::{ANA, BEN, HERS, HIS, Site, holds, other, shape};
use serde_json::{Value, json};

#[test]
fn init_agency_member_and_case_print_their_ids() {
    let site = Site::empty();
    let run = |args: &[&str]| site.run(args).json(0);
    let id = |v: &Value, key: &str| v[key].as_str().expect("text").to_owned();
    let made = run(&["init", "--watch-desk", "202-555-0100"]);
    assert_eq!(shape(&made), json!({ "key": "text" }));
    assert!(id(&made, "key").starts_with("concord/"));
    let made = run(&[
        "agency",
        "add",
        "--name",
        "Sûreté",
        "--kind",
        "foreign",
        "--country",
        "CA",
        "--telephone",
        "514-555-0104",
    ]);
    assert_eq!(shape(&made), json!({ "agency": "text" }));
    let agency = id(&made, "agency");
    let zone = run(&["agency", "time-zone", "--agency", &agency, "america/toronto"]);
    assert_eq!(zone, json!({ "agency": agency, "time_zone": "America/Toronto" }));
    assert_eq!(site.run(&["agency", "time-zone", "--agency", &agency, "Eastern"]).exit, 2);
    let approve = ["agency", "approve", "--agency", &agency, "--scope", "all kinds", "--until", "2099-12-31"];
    assert_eq!(shape(&run(&approve)), json!({ "approval": "text" }));
    let member = [
        "member",
        "add",
        "--agency",
        &agency,
        "--name",
        "Max",
        "--email",
        "max@example.org",
        "--telephone",
        "514-555-0105",
        "--sworn",
        "--role",
        "investigator",
    ];
    assert_eq!(shape(&run(&member)), json!({ "member": "text" }));
    let case = [
        "case",
        "open",
        "--as",
        "max@example.org",
        "--number",
        "Q-1",
        "--threat-area",
        "material",
        "--nexus",
        "shared in a forum",
        "--predicate",
        "a provider reported it",
        "--offence",
        "18 USC 2252A(a)(2)",
        "--contact-name",
        "Duty officer",
        "--contact-telephone",
        "514-555-0106",
    ];
    assert_eq!(shape(&run(&case)), json!({ "case": "text" }));
    let show = run(&["agency", "show", "--as", "max@example.org"]);
    assert_eq!((&show["id"], &show["time_zone"]), (&json!(agency), &json!("America/Toronto")));
    assert!(show["local_time"].as_str().expect("text").contains(" there, E"), "{show}");
    let close = ["case", "close", "--as", "max@example.org", "--number", "Q-1", "--outcome", "unfounded"];
    assert_eq!(run(&close), json!({ "case": "Q-1", "outcome": "unfounded" }));
}

#[test]
fn an_answer_and_an_inbox_have_their_shapes() {
    let site = Site::new();
    let hers = site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    assert_eq!(hers["format"], "concord.answer/1");
    assert_eq!(hers["conflicts"], json!([]));
    let suppressed = json!([{ "value": "text", "kind": "text", "why": "text", "list_version": "text" }]);
    holds(&shape(&hers["suppressed"]), &suppressed, "suppressed");

    let his = site.submit(BEN, "N-1", site.file("his.csv", HIS)).json(0);
    let answer = json!({
        "format": "text", "file": "text", "receipt": "text", "case": "text", "entries": "number", "problems": [],
        "suppressed": [],
        "conflicts": [{
            "conflict": "text", "strength": "text",
            "matches": [{ "kind": "text", "yours": "text", "rule": "text", "why": "text" }],
            "other": other(),
        }],
        "desk": [],
        "not_asked": [{ "system": "text", "why": "text" }],
    });
    holds(&shape(&his), &answer, "answer");
    assert_eq!((&his["file"], &his["case"], &his["entries"]), (&json!("his.csv"), &json!("N-1"), &json!(2)));
    assert_eq!(his["conflicts"][0]["strength"], "strong");
    assert_eq!(his["conflicts"][0]["other"]["agency"], "Puget Sound ICAC Task Force");

    let inbox = site.run(&["inbox", "--as", ANA]).json(0);
    assert_eq!(inbox["format"], "concord.inbox/1");
    let item = json!({
        "conflict": "text", "state": "text", "due": "text", "strength": "text", "yours": ["text"], "other": other(),
        "overdue": "bool",
    });
    holds(&shape(&inbox), &json!({ "format": "text", "items": [item] }), "inbox");
    assert_eq!(inbox["items"][0]["conflict"], his["conflicts"][0]["conflict"]);
    assert_eq!(inbox["items"][0]["other"]["agency"], "Navajo Nation Police, ICAC unit");

    let desk = "kind,value,role\nemail,kid@example.org,victim\n";
    site.submit(ANA, "WA-1", site.file("desk.csv", desk)).json(0);
    let met = site.check(BEN, "N-1", "desk.csv").json(1);
    // A child's value stands in no answer, not even in that to whoever sent it.
    assert_eq!(met["desk"], json!([{ "yours": "email of a protected person (line 2)", "watch_desk": "202-555-0100" }]));
    assert_eq!(met["conflicts"], json!([]));
}

#[test]
fn a_conflict_goes_from_notified_to_resolved_and_keeps_its_shape() {
    let site = Site::new();
    site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    let his = site.submit(BEN, "N-1", site.file("his.csv", HIS)).json(0);
    let id = his["conflicts"][0]["conflict"].as_str().expect("an id");
    let step = |who: &str, words: &[&str]| site.run(&[&["conflict"], words, &["--as", who]].concat());
    let seen = step(BEN, &["acknowledge", id]).json(0);
    assert_eq!((&seen["format"], &seen["state"]), (&json!("concord.conflict/1"), &json!("acknowledged")));
    step(BEN, &["message", id, "--text", "call me before noon", "--marking", "amber"]).json(0);
    let held = step(BEN, &["hold", id, "--reason", "a warrant today"]).json(0);
    holds(&shape(&held), &json!({ "conflict": "text", "hold": "text" }), "hold");
    step(BEN, &["propose", id, "--resolution", "joint", "--reason", "one suspect"]).json(0);
    let view = step(ANA, &["show", id]).json(0);
    let wanted = json!({
        "format": "text", "conflict": "text", "state": "text", "resolution": "null", "due": "text", "strength": "text",
        "matches": [{ "kind": "text", "yours": "text", "rule": "text", "why": "text" }],
        "other": other(), "reminder": "text",
        "thread": [{ "from": "text", "at": "text", "marking": "text", "text": "text" }],
        "proposals": [{ "from": "text", "resolution": "text" }],
        "holds": [{ "hold": "text", "from": "text", "until": "text", "lifted": "bool" }],
    });
    holds(&shape(&view), &wanted, "conflict");
    assert_eq!(
        (&view["thread"][0]["from"], &view["thread"][0]["text"]),
        (&json!("they"), &json!("call me before noon"))
    );
    let other = step(ANA, &["accept", id, "--resolution", "ceded"]);
    assert_eq!(other.exit, 2, "{}", other.err);
    assert!(other.err.contains("they now propose joint"), "{}", other.err);
    let ended = step(ANA, &["accept", id, "--resolution", "joint"]).json(0);
    assert_eq!((&ended["state"], &ended["resolution"]), (&json!("resolved"), &json!("joint")));
}

#[test]
fn withdraw_and_correct_take_a_value_from_a_file_and_tell_the_other_side() {
    let site = Site::new();
    site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    site.submit(BEN, "N-1", site.file("his.csv", HIS)).json(0);
    let value = site.file("value.txt", "+1 202-555-0123\n");
    let gone = site.run(&[
        "withdraw",
        "--as",
        ANA,
        "--case",
        "WA-1",
        "--kind",
        "phone",
        "--value-file",
        value,
        "--reason",
        "wrong number",
    ]);
    assert_eq!(gone.json(0), json!({ "withdrawn": 1 }));
    let right = site.run(&[
        "correct",
        "--as",
        ANA,
        "--case",
        "WA-1",
        "--kind",
        "email",
        "--value",
        "someone.x@example.org",
        "--right",
        "someone.y@example.org",
        "--role",
        "subject",
        "--reason",
        "a letter was wrong",
    ]);
    assert_eq!(right.json(0)["conflicts"], json!([]));
    assert_eq!(site.check(BEN, "N-1", "his.csv").json(0)["conflicts"], json!([]), "both are out of matching");
    let inbox = site.run(&["inbox", "--as", BEN]).json(0);
    let words = inbox.to_string();
    assert!(words.contains("Do not rely on it"), "{words}");
}

#[test]
fn a_receipt_is_proven_and_verifies_with_nothing_but_the_key() {
    let site = Site::new();
    let answer = site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    let id = answer["receipt"].as_str().expect("an id");
    let got = site.run(&["receipt", "get", id, "--as", ANA, "--out", "r.json"]).json(0);
    assert_eq!(got, json!({ "receipt": id, "file": "r.json" }));
    let key = site.run(&["ledger", "key"]).json(0)["key"].as_str().expect("a key").to_owned();

    // Elsewhere, with no database and no keys.
    let away = Site::empty();
    let receipt = std::fs::read(site.path("r.json")).expect("the receipt");
    away.file("r.json", &receipt);
    away.file("key.txt", format!("{key}\n"));
    for key in [key.as_str(), "key.txt"] {
        let verified = away.run(&["receipt", "verify", "r.json", "--key", key]).json(0);
        let wanted = json!({
            "verifies": "bool", "proven": "bool", "trial": "bool", "position": "number", "at": "text",
            "statement": { "format": "text", "receipt": "text", "answer": { "format": "text" }, "withheld": "text" },
        });
        holds(&shape(&verified), &wanted, "verified");
        assert_eq!((&verified["verifies"], &verified["proven"]), (&json!(true), &json!(true)));
        assert_eq!(verified["statement"]["answer"], answer, "the very answer that was printed");
    }

    let at = receipt.windows(7).position(|w| w == b"entries").expect("the statement names its entries");
    let mut changed = receipt.clone();
    let digit = changed[at..].iter().position(u8::is_ascii_digit).expect("their number") + at;
    changed[digit] = b'9';
    assert_ne!(changed, receipt);
    away.file("changed.json", changed);
    let bad = away.run(&["receipt", "verify", "changed.json", "--key", &key]);
    assert_eq!((bad.exit, bad.out.as_str()), (4, ""), "{}", bad.err);
    assert!(bad.err.contains("does not verify"), "{}", bad.err);

    let other = Site::empty();
    let stranger =
        other.run(&["init", "--watch-desk", "202-555-0100"]).json(0)["key"].as_str().expect("a key").to_owned();
    assert_eq!(away.run(&["receipt", "verify", "r.json", "--key", &stranger]).exit, 4, "another Concord's key");
}

#[test]
fn the_ledger_and_the_workers_have_their_shapes() {
    let site = Site::new();
    site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    let verdict = site.run(&["ledger", "verify"]).json(0);
    let wanted = json!({
        "verifies": "bool", "size": "number", "root": "text", "signed": "number", "findings": [], "left_out": "number",
    });
    holds(&shape(&verdict), &wanted, "verdict");
    let note = site.run(&["ledger", "checkpoint"]).json(0);
    assert!(note["checkpoint"].as_str().expect("a note").starts_with("concord/"));
    let round = site.run(&["work"]).json(0);
    let wanted = json!({ "swept": "number", "heard": "number", "second": "number", "bulk": "number", "delivered": "number", "sequenced": "number" });
    holds(&shape(&round), &wanted, "work");
}

#[test]
fn what_an_operator_runs_has_its_shapes() {
    let site = Site::new();
    let made = site.run(&["backup", "day.backup"]).json(0);
    let wanted = json!({
        "format": "text", "backup": "text", "file": "text", "made": "text", "last_day": "text", "tables": "number",
        "rows": "number", "size": "number", "sha256": "text", "keys": "text", "says": "text",
    });
    holds(&shape(&made), &wanted, "backup");
    assert_eq!((&made["format"], &made["file"]), (&json!("concord.backup.made/1"), &json!("day.backup")));
    let doctor = site.run(&["doctor"]).json(0);
    let finding = json!({ "name": "text", "state": "text", "says": "text", "cure": "text" });
    let wanted =
        json!({ "format": "text", "good": "number", "warn": "number", "bad": "number", "findings": [finding] });
    holds(&shape(&doctor), &wanted, "doctor");
    assert_eq!(doctor["format"], "concord.doctor/1");
    let schema = site.run(&["migrate"]).json(0);
    let wanted = json!({ "format": "text", "have": "number", "newest": "number", "pending": [], "ran": [] });
    holds(&shape(&schema), &wanted, "schema");
    assert_eq!(schema["format"], "concord.schema/1");
    std::fs::remove_dir_all(site.path("concord-data")).expect("gone");
    let restored = site.run(&["restore", "day.backup"]).json(0);
    let wanted = json!({
        "format": "text", "backup": "text", "made": "text", "rows": "number", "entries_ended": "number",
        "cases_closed": "number",
        "new_log": { "format": "text", "key": "text", "held": "number", "signed": "number" },
    });
    holds(&shape(&restored), &wanted, "restore");
    assert_eq!(restored["format"], "concord.restored/1");
    assert_eq!(restored["new_log"]["format"], "concord.log.begun/1", "as `concord ledger new-log` says it");
}

#[test]
fn a_transfer_has_its_shapes_on_both_sides() {
    let site = Site::new();
    let navajo = "Navajo Nation Police, ICAC unit";
    let offer = || {
        let words = ["--to", navajo, "--reason", "he lives in your county."];
        let made = site.run(&[&["transfer", "offer", "--as", ANA, "--case", "WA-1"], &words[..]].concat()).json(0);
        assert_eq!((shape(&made["transfer"]), &made["state"]), (json!("text"), &json!("offered")));
        made["transfer"].as_str().expect("an id").to_owned()
    };
    let one = |word: &str, id: &str, more: &[&str]| site.run(&[&["transfer", word, id], more].concat()).json(0);
    let id = offer();
    assert_eq!(one("withdraw", &id, &["--as", ANA]), json!({ "transfer": id, "state": "withdrawn" }));
    let id = offer();
    let declined = one("decline", &id, &["--as", BEN, "--reason", "he moved on."]);
    assert_eq!(declined, json!({ "transfer": id, "state": "declined" }));
    let id = offer();
    let answer = one("accept", &id, &["--as", BEN, "--case", "N-2"]);
    assert_eq!((&answer["format"], &answer["case"]), (&json!("concord.answer/1"), &json!("N-2")));
    let list = |who: &str| site.run(&["transfer", "list", "--as", who]).json(0);
    let line = json!({
        "transfer": "text", "direction": "text", "agency": "text", "state": "text", "offered": "text", "until": "text",
        "answered": "text", "reason": "text",
    });
    for (who, direction) in [(ANA, "by-you"), (BEN, "to-you")] {
        let list = list(who);
        holds(&shape(&list), &json!({ "format": "text", "transfers": [line] }), "transfers");
        assert_eq!(list["format"], "concord.transfers/1");
        let words = |key: &str| -> Vec<Value> {
            list["transfers"].as_array().expect("a list").iter().map(|t| t[key].clone()).collect()
        };
        assert_eq!(words("state"), ["withdrawn", "declined", "accepted"]);
        assert_eq!(words("direction"), [direction; 3]);
    }
    let (mine, theirs) = (list(ANA), list(BEN));
    assert_eq!(
        (&mine["transfers"][1]["declined"], &mine["transfers"][0]["case"]),
        (&json!("he moved on."), &json!("WA-1"))
    );
    assert_eq!(theirs["transfers"][0].get("case"), None, "the number is not told to who may not have it");
}
