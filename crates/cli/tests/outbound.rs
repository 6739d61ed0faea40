//! Mail and webhooks from the command line: what leaves, what is said once, what is said of a fault.
#![allow(clippy::expect_used, reason = "a test that cannot go on must fail")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use common::{ANA, BEN, HERS, HIS, Site, shape};
use serde_json::json;

const KEEPER: &str = "keeper@example.org";

/// A site with an administrator at an agency of its own.
fn site() -> Site {
    let site = Site::new();
    let agency = site.agency("Harbour Police", "local", "206-555-0103");
    site.member(&agency, "Kim Keeper", KEEPER, &["--role", "agency-administrator"]);
    site
}

#[test]
fn a_webhook_is_added_listed_and_ended_and_its_secret_is_printed_once() {
    let site = site();
    let url = "https://hooks.example.org/concord";
    let off = site.run(&["agency", "webhook", "add", "--as", KEEPER, url]);
    assert_eq!(off.exit, 2);
    assert!(off.err.contains("[webhooks]"), "{}", off.err);
    site.file("concord-data/concord.toml", "[webhooks]\n");
    let made = site.run(&["agency", "webhook", "add", "--as", KEEPER, url]).json(0);
    assert_eq!(shape(&made), json!({ "webhook": "text", "url": "text", "secret": "text" }));
    let (id, secret) = (made["webhook"].as_str().expect("an id"), made["secret"].as_str().expect("a secret"));
    assert_eq!((secret.len(), &made["url"]), (64, &json!(url)));
    let list = site.run(&["agency", "webhook", "list", "--as", KEEPER]);
    assert!(!list.out.contains(secret) && !list.err.contains(secret));
    let list = list.json(0);
    assert_eq!(list["format"], "concord.webhooks/1");
    let line = &list["webhooks"][0];
    assert_eq!((&line["id"], &line["url"], &line["live"]), (&made["webhook"], &json!(url), &json!(true)));

    for (address, why) in [
        ("http://hooks.example.org/", "https"),
        ("https://hooks.example.org:8443/", "443"),
        ("https://169.254.169.254/latest/", "inside a network"),
        ("https://a:b@hooks.example.org/", "password"),
    ] {
        let refused = site.run(&["agency", "webhook", "add", "--as", KEEPER, address]);
        assert_eq!((refused.exit, refused.out.as_str()), (2, ""));
        assert!(refused.err.contains("url") && refused.err.contains(why), "{}", refused.err);
    }
    assert_eq!(site.run(&["agency", "webhook", "list", "--as", ANA]).exit, 3, "an officer keeps no webhooks");

    let ended = site.run(&["agency", "webhook", "end", "--as", KEEPER, id]).json(0);
    assert_eq!(ended, json!({ "webhook": id, "live": false }));
    let again = site.run(&["agency", "webhook", "end", "--as", KEEPER, id]);
    assert_eq!(again.exit, 2);
    assert!(again.err.contains("concord agency webhook list"), "{}", again.err);
}

#[test]
fn a_fault_in_the_configuration_is_told_with_its_place_and_stops_no_casework() {
    let site = site();
    site.file("concord-data/concord.toml", "[mail]\nserver = \"127.0.0.1\"\npasword = \"of-owls\"\n");
    let work = site.run(&["work"]);
    assert_eq!((work.exit, work.out.as_str()), (2, ""));
    assert!(work.err.contains("concord.toml, line 3, [mail] pasword"), "{}", work.err);
    assert!(!work.err.contains("owls"), "{}", work.err);
    site.run(&["inbox", "--as", ANA]).json(0);
    let elsewhere = site.file("other.toml", "");
    site.run(&["work", "--config", elsewhere]).json(0);
    let missing = site.run(&["work", "--config", "not-there.toml"]);
    assert_eq!(missing.exit, 2);
    assert!(missing.err.contains("not-there.toml"), "{}", missing.err);
}

/// A mail server for as many mails as are sent to it: hands over who they are for and what they say.
fn sink() -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (send, got) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let send = send.clone();
            std::thread::spawn(move || {
                let mut write = stream.try_clone().expect("a stream");
                let lines = BufReader::new(stream).lines().map_while(Result::ok);
                let (mut mail, mut inside) = (String::new(), false);
                let mut say = |words: &str| write.write_all(words.as_bytes()).is_ok();
                say("220 sink\r\n");
                for line in lines {
                    let answer = match (inside, line.split([' ', ':']).next().unwrap_or_default()) {
                        (true, ".") => {
                            inside = false;
                            let _ = send.send(std::mem::take(&mut mail));
                            "250 kept\r\n"
                        }
                        (true, _) => {
                            mail.push_str(&line);
                            mail.push('\n');
                            continue;
                        }
                        (_, "RCPT") => {
                            mail.push_str(&line);
                            mail.push('\n');
                            "250 ok\r\n"
                        }
                        (_, "DATA") => {
                            inside = true;
                            "354 go on\r\n"
                        }
                        (_, "QUIT") => {
                            say("221 bye\r\n");
                            return;
                        }
                        _ => "250 ok\r\n",
                    };
                    if !say(answer) {
                        return;
                    }
                }
            });
        }
    });
    (port, got)
}

#[test]
fn work_mails_those_who_have_news_and_chose_mail_once() {
    let site = site();
    let (port, got) = sink();
    assert_eq!(site.run(&["member", "mail", "--as", BEN]).json(0), json!({ "mail": true }));
    assert_eq!(site.run(&["member", "mail", "--as", BEN, "off"]).json(0), json!({ "mail": false }));
    site.submit(ANA, "WA-1", site.file("hers.csv", HERS)).json(0);
    site.submit(BEN, "N-1", site.file("his.csv", HIS)).json(0);
    let config = site.file(
        "mail.toml",
        format!(
            "[mail]\nserver = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nfrom = \"concord@example.gov\"\nsign_in = \"https://concord.example.gov/\"\n"
        ),
    );
    // A command that only reads takes nothing from the letters.
    site.run(&["inbox", "--as", ANA]).json(0);
    let work = site.run(&["work", "--config", config]);
    assert_eq!(work.exit, 0, "{}", work.err);
    let letters: serde_json::Value = serde_json::from_str(work.out.lines().last().expect("a line")).expect("JSON");
    assert_eq!(letters, json!({ "letters": { "written": 1, "sent": 1, "put_off": 0, "given_up": 0, "withheld": 0 } }));
    let mail = got.recv().expect("a mail");
    assert!(
        mail.starts_with(&format!("RCPT TO:<{ANA}>")) && mail.contains("You have 1 new notice in Concord."),
        "{mail}"
    );
    for word in ["someone", "WA-1", "N-1", "Yazzie", "Navajo"] {
        assert!(!mail.contains(word), "{word} in {mail}");
    }
    site.run(&["work", "--config", config]);
    assert!(got.try_recv().is_err(), "and no second one");
}
