//! The main job on the public CASE examples of ../shared/corpus/case, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;

use casework::SubmitOrder;
use common::*;

const FILES: [&str; 5] =
    ["accounts.json", "call_log.json", "message.json", "mobile_device_and_sim_card.json", "network_connection.json"];

/// The same phones, e-mail, accounts and MAC addresses written differently; the same private address and masked IMEI.
const OURS: &str = "value,kind,platform,seen_from,seen_to
(123) 555-1337,phone,,,
+1 123 456 0000,phone,,,
123.555.0001,phone,,,
Willy.ROX+chat@googlemail.com,email,,,
USER@EXAMPLE.ORG,email,,,
@xxwillyrocksxx,handle,google,,
dc-41-5f-44-48-24,mac,,,
DC415F444825,mac,,,
DD7558B16EAE4D582D7B4608E85D862A,md5,,,
10.10.10.2,ip,,2009-04-03T02:29:25Z,2009-04-03T02:29:26Z
35540607448XXXX,imei,,,
";

fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/case"));
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {} is missing; this test needs the public CASE examples", folder.display());
    None
}

on_both!(phones_email_accounts_and_macs_of_real_case_files_meet_a_csv_written_differently, house => {
    let Some(folder) = corpus() else { return };
    let (a, case_a) = house.officer("WA-25-001").await;
    let (b, case_b) = house.officer("NM-77").await;
    let mut suppressed = BTreeSet::new();
    for name in FILES {
        let file = std::fs::File::open(folder.join(name)).unwrap();
        let order = SubmitOrder { file: name.to_owned(), reading: casework::read(name, file), ..house.order(&case_a, "kind,value\n") };
        let answer = house.desk.submit(&a, order).await.unwrap();
        assert!(answer.conflicts.is_empty() && answer.problems.is_empty());
        suppressed.extend(answer.suppressed.into_iter().map(|s| (s.value, s.kind)));
    }
    let has = |v: &str, k: &str| suppressed.contains(&(v.to_owned(), k.to_owned()));
    assert!(has("10.10.10.2", "ip") && has("35540607448XXXX", "imei") && has("31618300XXX", "phone"));
    let answer = house.submit(&b, &case_b, OURS).await;
    assert_eq!(answer.conflicts.len(), 1);
    let line = &answer.conflicts[0];
    assert_eq!(line.strength.word(), "strong");
    let met: Vec<_> = line.matches.iter().map(|m| (m.kind.as_str(), m.yours.as_str(), m.rule.as_str())).collect();
    let wanted = [
        ("phone", "(123) 555-1337", "phone-exact"),
        ("phone", "+1 123 456 0000", "phone-exact"),
        ("phone", "123.555.0001", "phone-exact"),
        ("email", "Willy.ROX+chat@googlemail.com", "email-provider"),
        ("email", "USER@EXAMPLE.ORG", "email-exact"),
        ("handle", "@xxwillyrocksxx", "handle-exact"),
        ("mac", "dc-41-5f-44-48-24", "mac-exact"),
        ("mac", "DC415F444825", "mac-exact"),
        ("md5", "DD7558B16EAE4D582D7B4608E85D862A", "md5-exact"),
    ];
    for one in wanted {
        assert!(met.contains(&one), "{one:?} in {met:?}");
    }
    assert_eq!(met.len(), wanted.len(), "{met:?}");
    println!("figure: {} of {} identifiers of the CASE files met, on {:?}", met.len(), wanted.len(), house.desk.store().engine());
    let said: Vec<_> = answer.suppressed.iter().map(|s| s.value.as_str()).collect();
    assert_eq!(said, ["10.10.10.2", "35540607448XXXX"]);
    for (who, theirs) in [(&a, "Agency 3"), (&b, "Agency 0")] {
        let inbox = house.inbox(who).await;
        assert_eq!(inbox.items.len(), 1);
        let other = inbox.items[0].other.as_ref().unwrap();
        assert_eq!(other.agency, theirs);
        assert!(other.contact.starts_with("Officer") && other.telephone.starts_with("206-555-01"));
        assert!(other.if_no_answer.contains(WATCH_DESK));
    }
    // Invariant 4, by every byte: neither side's answers hold a word of the other's case.
    let to_b = serde_json::to_string(&answer).unwrap() + &serde_json::to_string(&house.inbox(&b).await).unwrap();
    for theirs in ["WA-25-001", "willyROX@gmail.com", "1235551337", "DC:41:5F:44:48:24", "accounts.json", "2010-01"] {
        assert!(!to_b.contains(theirs), "{theirs}");
    }
    let to_a = serde_json::to_string(&house.inbox(&a).await).unwrap();
    for theirs in ["NM-77", "(123) 555-1337", "googlemail", "dc-41"] {
        assert!(!to_a.contains(theirs), "{theirs}");
    }
});
