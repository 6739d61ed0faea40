//! Exit codes, and what stands on standard error: 0 done, 1 conflicts to show, 2 bad input, 3 refused, 4 failed.

mod common;

use common::{ANA, BEN, CARLA, DAN, HERS, HIS, Site, soon};
use serde_json::{Value, json};

const GOOD: &str = "kind,value\nemail,good@example.org\n";

#[test]
fn init_is_done_once_and_what_is_missing_is_said_with_its_cure() {
    let site = Site::empty();
    let early = site.run(&["inbox", "--as", ANA]);
    assert_eq!((early.exit, early.out.as_str()), (2, ""));
    assert!(early.err.contains("concord init"), "{}", early.err);
    assert!(!site.path("concord-data").exists(), "a question makes no database");
    site.run(&["init", "--watch-desk", "202-555-0100"]).json(0);
    let again = site.run(&["init", "--watch-desk", "202-555-0100"]);
    assert_eq!((again.exit, again.out.as_str()), (2, ""));
    assert!(again.err.contains("already"), "{}", again.err);
    for folder in ["concord-data", "concord-data.keys"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(site.path(folder)).expect("a folder").permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{folder}");
    }

    std::fs::rename(site.path("concord-data.keys"), site.path("away")).expect("moved");
    let lost = site.run(&["ledger", "verify"]);
    assert_eq!(lost.exit, 4);
    assert!(lost.err.contains("--keys"), "{}", lost.err);
    assert_eq!(site.run(&["init", "--watch-desk", "202-555-0100"]).exit, 4, "an old database gets no new keys");
    assert!(!site.path("concord-data.keys").exists());
    assert_eq!(site.run(&["ledger", "verify", "--keys", "away"]).exit, 0);

    let other = ["--data", "other", "--keys", "other-keys"];
    site.run(&[&["init", "--watch-desk", "202-555-0100"], &other[..]].concat()).json(0);
    let wrong = site.run(&["ledger", "verify", "--keys", "other-keys"]);
    assert_eq!(wrong.exit, 4);
    assert!(wrong.err.contains("do not belong to this database"), "{}", wrong.err);
}

#[test]
fn only_keys_that_came_unasked_make_a_trial() {
    for (keys, trial) in [(&[][..], true), (&["--keys", "safe"][..], false)] {
        let site = Site::empty();
        let run = |args: &[&str]| site.run(&[args, keys].concat()).json(0);
        let key = run(&["init", "--watch-desk", "202-555-0100"])["key"].as_str().expect("a key").to_owned();
        let agency = run(&["agency", "add", "--name", "A", "--kind", "state", "--telephone", "206-555-0101"]);
        let agency = agency["agency"].as_str().expect("an id");
        run(&[
            "member",
            "add",
            "--agency",
            agency,
            "--name",
            "Ana",
            "--email",
            ANA,
            "--telephone",
            "206-555-0111",
            "--sworn",
        ]);
        let asked = run(&[
            "check",
            "--as",
            ANA,
            "--purpose",
            "a first look",
            "--nexus",
            "found in a forum",
            site.file("g.csv", GOOD),
        ]);
        run(&["receipt", "get", asked["receipt"].as_str().expect("an id"), "--as", ANA, "--out", "r.json"]);
        let verified = site.run(&["receipt", "verify", "r.json", "--key", &key]).json(0);
        assert_eq!(verified["trial"], json!(trial), "{keys:?}");
    }
}

#[test]
fn check_says_by_its_exit_code_that_there_is_somebody_to_call() {
    let site = Site::new();
    let hers = site.file("hers.csv", HERS);
    assert_eq!(site.check(BEN, "N-1", hers).exit, 0);
    site.submit(ANA, "WA-1", hers).json(0);
    let his = site.file("his.csv", HIS);
    assert_eq!(site.check(BEN, "N-1", his).json(1)["conflicts"].as_array().map(Vec::len), Some(1));
    let by_nexus = ["check", "--as", BEN, "--purpose", "before a warrant", "--nexus", "found in a forum", his];
    assert_eq!(site.run(&by_nexus).json(1)["conflicts"][0]["conflict"], Value::Null, "a question makes no conflict");
    assert_eq!(site.submit(BEN, "N-1", his).exit, 0, "only check speaks by its exit code");
}

#[test]
fn who_may_not_is_refused_and_who_is_unknown_is_bad_input() {
    let site = Site::new();
    let file = site.file("good.csv", GOOD);
    let refused = site.submit(CARLA, "N-1", file);
    assert_eq!((refused.exit, refused.out.as_str()), (3, ""), "{}", refused.err);
    assert!(refused.err.contains("only"), "it says who may: {}", refused.err);
    let nobody = site.submit("nobody@example.org", "N-1", file);
    assert_eq!((nobody.exit, nobody.out.as_str()), (2, ""));
    // Another agency's case number and one that is nowhere are told in the same words.
    let (theirs, nowhere) = (site.submit(BEN, "WA-1", file), site.submit(BEN, "WA-2", file));
    assert_eq!((theirs.exit, nowhere.exit), (2, 2));
    assert_eq!(theirs.err, nowhere.err);
    assert_eq!(site.run(&["submit", "--as", BEN]).exit, 2, "words that are missing");
}

#[test]
fn of_several_files_every_one_is_tried_and_the_worst_code_wins() {
    let site = Site::new();
    site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    let (good, his, bad) =
        (site.file("good.csv", GOOD), site.file("his.csv", HIS), site.file("bad.csv", "kind,role\n"));
    let ran =
        site.run(&["check", "--as", BEN, "--purpose", "before a warrant", "--case", "N-1", bad, his, good, "gone.csv"]);
    assert_eq!(ran.exit, 2, "{}", ran.err);
    let files: Vec<Value> =
        ran.out.lines().map(|l| serde_json::from_str::<Value>(l).expect("JSON")["file"].clone()).collect();
    assert_eq!(files, [json!("his.csv"), json!("good.csv")]);
    assert!(ran.err.contains("bad.csv: ") && ran.err.contains("gone.csv: "), "{}", ran.err);
    let folder = site.run(&["check", "--as", BEN, "--purpose", "before a warrant", "--case", "N-1", "."]);
    assert_eq!(folder.exit, 2);
    assert!(folder.err.contains("is a folder"), "{}", folder.err);
}

#[test]
fn a_bad_file_is_told_whole_and_nothing_of_it_is_stored() {
    let site = Site::new();
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), GOOD.as_bytes()].concat();
    let latin = [GOOD.as_bytes(), b"email,caf\xe9\x81@example.org\n".as_slice()].concat();
    let table: Vec<(&str, Vec<u8>, &str)> = vec![
        ("malformed.csv", format!("{GOOD}email,\"never closed\n").into(), "malformed.csv: line 3"),
        ("latin.csv", latin, "latin.csv: "),
        ("picture.csv", png, "picture.csv: "),
        (
            "uri.csv",
            "kind,value,note\nemail,good@example.org,\"data:image/png;base64,iVBORw0KGgo\"\n".into(),
            "uri.csv: line 2, note: ",
        ),
        ("other.json", r#"{"email": "good@example.org"}"#.into(), "other.json: "),
        ("columns.csv", "value,role\ngood@example.org,subject\n".into(), "columns.csv: "),
        ("empty.csv", Vec::new(), "empty.csv: "),
        ("words.csv", format!("{GOOD}phone,hello\nemail,nobody\nport,1\n").into(), "words.csv: line 5, kind: "),
    ];
    for (name, content, said) in table {
        let file = site.file(name, &content);
        let ran = site.submit(ANA, "WA-1", file);
        assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{name}: {}", ran.err);
        assert!(ran.err.contains(said), "{name}: {}", ran.err);
        assert!(!ran.err.contains("good@"), "an error repeats no identifier: {}", ran.err);
        let as_json = site.run(&["submit", "--as", ANA, "--case", "WA-1", file, "--json"]);
        let told: Value = serde_json::from_str(as_json.err.trim()).expect("one JSON object");
        assert_eq!((&told["exit"], &told["file"]), (&json!(2), &json!(name)));
        assert!(told["problems"][0]["cure"].as_str().is_some_and(|c| !c.is_empty()), "{told}");
    }
    // `words.csv` has three faults, of its form and of its values: all are told at once.
    let words = site.submit(ANA, "WA-1", "words.csv").err;
    for line in ["line 3", "line 4", "line 5"] {
        assert!(words.contains(&format!("words.csv: {line}, ")), "{words}");
    }
    let met = site.check(BEN, "N-1", site.file("good.csv", GOOD)).json(0);
    assert_eq!((&met["conflicts"], &met["desk"]), (&json!([]), &json!([])), "nothing was stored");
    assert_eq!(site.run(&["ledger", "verify"]).exit, 0);
}

#[test]
fn partial_stores_the_good_rows_and_lists_the_others() {
    let site = Site::new();
    let file = site.file("some.csv", format!("{GOOD}phone,hello\n"));
    assert_eq!(site.submit(ANA, "WA-1", file).exit, 2);
    let answer = site.run(&["submit", "--as", ANA, "--case", "WA-1", "--partial", file]).json(0);
    assert_eq!((&answer["entries"], &answer["problems"][0]["where"]), (&json!(1), &json!("line 3")));
    assert_eq!(site.check(BEN, "N-1", site.file("good.csv", GOOD)).exit, 1, "the good row is held");
}

#[test]
fn a_request_sent_again_gets_the_same_receipt() {
    let site = Site::new();
    let file = site.file("good.csv", GOOD);
    let request = "01920000-0000-7000-8000-000000000001";
    let send = || site.run(&["submit", "--as", ANA, "--case", "WA-1", file, "--request", request]).json(0);
    assert_eq!(send(), send());
    let two = site.run(&["submit", "--as", ANA, "--case", "WA-1", file, file, "--request", request]);
    assert_eq!(two.exit, 2, "one id cannot name two files");
}

#[test]
fn a_silent_entry_needs_its_order_and_is_a_miss_to_others() {
    let site = Site::new();
    let file = site.file("good.csv", GOOD);
    let silent = |more: &[&str]| {
        site.run(&[&["submit", "--as", ANA, "--case", "WA-1", file, "--level", "silent"], more].concat())
    };
    assert_eq!(silent(&[]).exit, 2, "no order");
    let by_another_agency = ["--reason", "a meeting is near", "--approved-by", BEN, "--until", "2099-01-01"];
    assert_eq!(silent(&by_another_agency).exit, 3, "not her supervisor");
    let by_herself = ["--reason", "a meeting is near", "--approved-by", ANA, "--until", "2099-01-01"];
    assert_eq!(silent(&by_herself).exit, 3, "nobody approves their own");

    // With an order, by a supervisor of her own agency.
    let by_supervisor = |who: &str, level: &[&str], until: &str| {
        let order = ["--reason", "a meeting is near", "--approved-by", BEN, "--until", until];
        site.run(&[&["submit", "--as", who, "--case", "N-1", file], level, &order[..]].concat())
    };
    assert_eq!(by_supervisor(DAN, &["--level", "silent"], "2020-01-01").exit, 2, "a day that has passed");
    assert_eq!(by_supervisor(DAN, &[], &soon()).exit, 2, "an order without --level silent");
    by_supervisor(DAN, &["--level", "silent"], &soon()).json(0);
    let asked = site.check(ANA, "WA-1", file).json(0);
    assert_eq!((&asked["conflicts"], &asked["desk"]), (&json!([]), &json!([])), "a miss");
    let told = site.run(&["inbox", "--as", BEN]).json(0);
    assert_eq!(told["items"][0]["state"], "silent", "the lead of its case is told: {told}");
    assert_eq!(site.run(&["inbox", "--as", ANA]).json(0)["items"], json!([]), "the asker is not");
}

/// An old copy of the database is behind the checkpoint beside the keys: nothing is signed on it.
#[test]
fn an_old_copy_of_the_database_is_told_with_exit_4() {
    let site = Site::new();
    let copy_to = |from: &str, to: &str| {
        std::fs::create_dir_all(site.path(to)).expect("a folder");
        for file in std::fs::read_dir(site.path(from)).expect("a folder") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), site.path(to).join(file.file_name())).expect("a copy");
        }
    };
    copy_to("concord-data", "old");
    site.submit(ANA, "WA-1", site.file("good.csv", GOOD)).json(0);
    std::fs::remove_dir_all(site.path("concord-data")).expect("gone");
    copy_to("old", "concord-data");
    let ran = site.submit(ANA, "WA-1", "good.csv");
    assert_eq!(ran.exit, 4, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("old copy"), "{}", ran.err);
    assert_eq!(site.run(&["ledger", "verify"]).exit, 4);
}

/// Only who must act hears of an offer; only who may says yes or no to it.
#[test]
fn a_transfer_is_offered_and_answered_only_by_those_who_may() {
    let site = Site::new();
    let offer = |who: &str, case: &str, to: &str| {
        site.run(&["transfer", "offer", "--as", who, "--case", case, "--to", to, "--reason", "he moved."])
    };
    let (puget, navajo) = ("Puget Sound ICAC Task Force", "Navajo Nation Police, ICAC unit");
    assert_eq!(offer(ANA, "WA-1", "No Such Agency").exit, 2);
    assert_eq!(offer(ANA, "WA-1", "01920000-0000-7000-8000-000000000001").exit, 2);
    assert_eq!(offer(ANA, "WA-1", puget).exit, 2, "her own agency");
    assert_eq!(offer(BEN, "N-1", puget).exit, 2, "nobody there could accept");
    let id = offer(ANA, "WA-1", navajo).json(0)["transfer"].as_str().expect("an id").to_owned();
    let answer =
        |word: &str, who: &str, more: &[&str]| site.run(&[&["transfer", word, &id, "--as", who], more].concat());
    assert_eq!(answer("accept", DAN, &["--case", "N-2"]).exit, 3, "he is no supervisor");
    assert_eq!(answer("accept", CARLA, &["--case", "N-2"]).exit, 3, "she is not sworn");
    assert_eq!(answer("decline", DAN, &["--reason", "no."]).exit, 3);
    let stranger = answer("accept", BEN, &["--case", "N-2", "--lead", ANA]);
    assert_eq!(stranger.exit, 2);
    assert!(stranger.err.contains("--lead"), "{}", stranger.err);
    assert_eq!(answer("withdraw", BEN, &[]).exit, 2, "it is not his to take back");
    assert_eq!(answer("withdraw", ANA, &[]).exit, 0);
    let late = answer("accept", BEN, &["--case", "N-2"]);
    assert_eq!(late.exit, 2);
    assert!(late.err.contains("withdrawn"), "{}", late.err);
}
