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
    let ran = site.run(&["demo", "--no-serve", "--data", "here", "--json", "--entries", "0"]);
    let made = ran.json(0);
    assert_eq!((&made["demo"], &made["portal"]), (&"here/demo-1".into(), &serde_json::Value::Null));
}

#[test]
fn the_demo_ends_by_serving_its_portal_until_it_is_stopped() {
    let site = Site::empty();
    let mut demo = std::process::Command::new(env!("CARGO_BIN_EXE_concord"))
        .args(["demo", "--data", "here", "--json", "--entries", "0", "--port", "0"])
        .current_dir(site.path("."))
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(demo.stdout.take().unwrap());
    let mut made = String::new();
    std::io::BufRead::read_line(&mut out, &mut made).unwrap();
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let host = made["portal"].as_str().unwrap().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let port: u16 = host.rsplit(':').next().unwrap().parse().unwrap();
    let mut line = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    std::io::Write::write_all(
        &mut line,
        format!("GET /sign-in HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes(),
    )
    .unwrap();
    let mut page = String::new();
    std::io::Read::read_to_string(&mut line, &mut page).unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Dana Cole"), "{page}");
    let stopped = std::process::Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert_eq!(demo.wait().unwrap().code(), Some(0), "asked to stop, it ends well");
}
