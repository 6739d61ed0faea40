//! The demo runs, twice, and its last commands work on its own database.

mod common;

use common::Site;

#[test]
fn the_demo_tells_its_story_twice_without_touching_the_first() {
    let site = Site::empty();
    let first = site.run(&["demo", "--no-serve", "--entries", "10000"]);
    assert_eq!(first.exit, 0, "{}{}", first.out, first.err);
    let second = site.run(&["demo", "--no-serve", "--entries", "0"]);
    assert_eq!(second.exit, 0, "{}", second.err);
    for story in [&first.out, &second.out] {
        for words in [
            "Puget Sound ICAC Task Force",
            "Navajo Nation Police, ICAC unit",
            "call Ana Reyes, 206-555-0111",
            "Ben Yazzie, 928-555-0112",
            "call the watch desk, 202-555-0100",
            "They were told nothing.",
            "part of it is masked or cut",
            "resolved, joint",
            "The ledger verifies.",
        ] {
            assert!(story.contains(words), "{words} is missing:\n{story}");
        }
        assert_eq!(story.matches("verifies. It stands in the ledger").count(), 3, "three receipts");
        let widest = story.lines().take_while(|l| !l.starts_with("Try next")).map(|l| l.chars().count()).max();
        assert!(widest.is_some_and(|w| w <= 100), "{widest:?}");
        assert!(!story.contains('\u{1b}'), "no colour when not on a terminal");
    }
    assert!(first.out.contains("concord-demo/demo-1") && second.out.contains("concord-demo/demo-2"));

    assert!(first.out.contains("A nation is there already") && !second.out.contains("A nation is there already"));
    let data = ["--data", "concord-demo/demo-1/data"];
    let next = |args: &[&str]| site.run(&[args, &data[..]].concat());
    // The nation's officer whom the last lines name has somebody to call.
    let named = first.out.lines().find_map(|l| l.split_once("inbox --as ")).map(|(_, l)| l.split(' ').next().unwrap());
    let waits = next(&["inbox", "--as", named.unwrap()]).json(0);
    assert!(waits["items"].as_array().unwrap().iter().any(|i| !i["other"].is_null()), "{waits}");
    assert_eq!(next(&["inbox", "--as", "ben@example.org"]).exit, 0);
    let file = "concord-demo/demo-1/seized-phone.csv";
    let check =
        next(&["check", "--as", "carla@example.org", "--case", "FTF-88", "--purpose", "before a warrant", file]);
    assert_eq!(check.exit, 1, "{}", check.err);
    assert_eq!(next(&["ledger", "verify"]).exit, 0);
}

#[test]
fn the_demo_goes_where_data_says_and_gives_json() {
    let site = Site::empty();
    let ran = site.run(&["demo", "--data", "here", "--json", "--entries", "0"]);
    let made = ran.json(0);
    assert_eq!(made["demo"], "here/demo-1");
    assert!(ran.err.contains("portal"), "plain demo says what comes later");
}
