//! Laws of reading copied text: nothing panics, nothing is made up, nothing is shown, and what is found reads back.

#![allow(clippy::unwrap_used, reason = "tests")]

use exchange::{Reading, read, read_copied, write_csv};
use model::*;
use proptest::prelude::*;

fn of(text: &str) -> Reading {
    read_copied("copied.txt", text.as_bytes())
}

/// Letters and digits alone: what is left when line breaks, brackets, hyphens and blanks are undone.
fn bare(text: &str) -> String {
    let text = text.to_lowercase().replace("hxxp", "http");
    let text = ["[at]", "(at)", "[dot]", "(dot)"].iter().fold(text, |t, w| t.replace(w, ""));
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "Email: ",
        "Username: ",
        "IP Address: ",
        "Port: ",
        "Date/Time (UTC): ",
        "Service: Snapchat",
        "Name: Ada Example",
        "Date of Birth: 1990-01-02",
        "Child Victim\n",
        "Contacts\n",
        "Suspect\n",
        "a.b@example.org",
        "user@exam-",
        "ple.org",
        "192.0.2.7",
        "192.0.2.7:51234",
        "[2001:db8::1]:443",
        "2001:db8:",
        "2026-03-04",
        "05:06:07",
        "AM",
        "UTC",
        "(UTC-5)",
        "03/04/2026 5:06 PM PST",
        "+1 206 555 0123",
        "(206) 555-",
        "0123",
        "https://example.org/a?b=",
        "hxxp://example[.]net/x",
        "user (at) example.org",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "0x52908400098527886E0F70",
        "30069857D2E4169EE7",
        "MD5: 900150983cd24fb0d6963f7d28e17f72",
        "$birdseed",
        "PayPal: bird.seed",
        "@bird_seed",
        "j***@example.org",
        "Address: 12 Example Street",
        "Seattle, WA 98101",
        "IP Address,Port,Time",
        "192.0.2.8,443,2026-03-04T05:06:07Z",
        "Page 1 of 2",
        "IMEI: 490154203237518",
        "\u{ad}",
        "\t",
        " | ",
        ";",
        ", ",
        "\n\n",
        "Timestamp\tIP\tUsername",
        "1772600767",
    ]);
    let glue = prop::sample::select(vec!["\n", "\n", " ", "", "\r\n"]);
    prop::collection::vec((words, glue), 0..40)
        .prop_map(|all| all.into_iter().map(|(w, g)| format!("{w}{g}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_and_no_text_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,300}") {
        let r = read_copied("x", bytes.as_slice());
        prop_assert!(!r.drafts.is_empty() || !r.problems.is_empty(), "a text always says something");
        let _ = of(&text);
    }

    #[test]
    fn what_is_found_stands_in_the_text_and_reads_back(text in pieces()) {
        let r = of(&text);
        prop_assert!(!r.drafts.is_empty() || !r.problems.is_empty());
        let whole = bare(&text);
        // A value that is broken at the end of a page goes on behind its foot and the next one's title.
        let (paged, stands) = (whole.contains("page1of2"), |part: &[char]| whole.contains(&String::from_iter(part)));
        for d in &r.drafts {
            if !matches!(d.kind, Kind::Person | Kind::Address) {
                let value: Vec<char> = bare(&d.value).chars().collect();
                let halves = |at: usize| stands(&value[..at]) && stands(&value[at..]);
                let found = stands(&value) || (paged && (1..value.len()).any(halves));
                prop_assert!(found, "{}: {}", d.kind, d.value);
            }
            prop_assert!(d.port.is_none() || d.kind == Kind::Ip);
        }
        let mut drafts = r.drafts.clone();
        let back = read("x.csv", write_csv(&drafts).as_bytes());
        if !drafts.is_empty() {
            prop_assert!(back.problems.is_empty(), "{:?}", back.problems);
            for (written, read) in drafts.iter_mut().zip(&back.drafts) {
                written.place.clone_from(&read.place);
            }
            prop_assert!(drafts == back.drafts);
        }
    }

    /// Problems tell where and what to do, never the value; Debug prints none either.
    #[test]
    fn no_value_is_shown(text in pieces()) {
        let r = of(&text);
        let shown = format!("{:?} {}", r, r.problems.iter().map(ToString::to_string).collect::<String>());
        for secret in ["a.b@example", "user@exam", "j***", "555", "bird", "bc1q", "900150"] {
            prop_assert!(!shown.contains(secret), "{secret} is shown");
        }
    }
}

#[test]
fn a_value_broken_at_the_end_of_a_page_is_read_whole() {
    let r = of("user@exam-\r\nPage 1 of 2\nple.org\nj***@example.org\n");
    assert!(r.drafts.iter().any(|d| d.value == "user@example.org"));
}

/// One (kind, value, platform, port), with the widest window and the most protected role.
#[test]
fn what_comes_again_is_one_draft() {
    let r = of("Service: Kik\nUsername: finch\nChild Victim\nKik username: Finch\nSuspect\n\
        192.0.2.7 2026-03-04 05:06:07 UTC\n192.0.2.7 2026-03-02 05:06:07 UTC\n192.0.2.7:443 2026-03-03 05:06:07 UTC\n");
    assert_eq!(r.drafts.len(), 3);
    assert_eq!((r.drafts[0].role, r.drafts[0].age), (EntryRole::Victim, AgeClass::Minor));
    assert_eq!(r.drafts[1].seen.from.unwrap().to_string(), "2026-03-02T05:06:07.000000Z");
    assert_eq!(r.drafts[1].seen.to.unwrap().to_string(), "2026-03-04T05:06:07.000000Z");
    assert_eq!(r.drafts[2].port, Some(443));
    assert_eq!(r.drafts[2].place, "line 8");
}

#[test]
fn source_and_report_are_taken_from_the_text() {
    let tip = of("CyberTipline Report 900000101\nSuspect\nEmail: a@example.org\n");
    assert_eq!((tip.drafts[0].source, tip.drafts[0].report.as_deref()), (Some(Source::CyberTip), Some("900000101")));
    let answer = of("Subscriber Information\nOur Reference: EX-1\nEmail: a@example.org\n");
    assert_eq!((answer.drafts[0].source, answer.drafts[0].report.as_deref()), (Some(Source::Provider), Some("EX-1")));
    assert_eq!(of("a@example.org").drafts[0].source, None);
}

/// What cannot be used is told with its cure; the address stands without a window.
#[test]
fn a_time_without_zone_and_a_masked_value_are_problems() {
    let r = of("IP: 192.0.2.7\nDate/Time: 2026-03-04 05:06:07\nEmail: j***@example.org\nUsername: finch\n");
    let told: Vec<_> = r.problems.iter().map(|p| format!("{} {}", p.place, p.field)).collect();
    assert_eq!(told, ["line 1 ip", "line 3 email", "line 4 handle"]);
    assert!(r.problems[0].problem.contains("without a zone"));
    assert!(r.drafts[0].seen.is_unknown());
}

/// No scan starts over: what tempts a reader to look back or ahead, in one line and in many, comes to its end.
#[test]
fn long_texts_of_beginnings_come_to_an_end() {
    let lines = [
        "(at) a(at)a[.]",
        "user@exam-\n",
        "2026-03-04\n",
        "+1 206 555 ",
        "IP Address:\n",
        "Page 1 of 2\nx\n",
        "0x5290840009\n",
        "Email: Email: ",
        "192.0.2.7 : ",
        "@@@@",
        "https://",
        "a:b:c:",
    ];
    for line in lines {
        let text = line.repeat(60_000 / line.len());
        let _ = of(&text);
    }
}

/// Ten mebibytes of lines without end give one draft for each identifier.
#[test]
fn ten_mebibytes_are_read_in_one_pass() {
    let line = "192.0.2.7, 51234 2026-03-04 05:06:07 UTC Email: a@example.org ";
    let filler = "x".repeat(8_000);
    let r = of(&format!("{line}\n{filler}\n").repeat(10 * 1024 * 1024 / 8_063));
    assert_eq!(r.drafts.len(), 2);
}

/// A PDF itself is no text, and the problem says how to get at its text; a picture is refused as everywhere.
#[test]
fn a_document_or_a_picture_instead_of_text_is_refused_with_its_cure() {
    let pdf = read_copied("tip.txt", b"%PDF-1.7 ...".as_slice());
    assert!(pdf.drafts.is_empty() && pdf.problems[0].cure.contains("copy"), "{}", pdf.problems[0]);
    let picture = read_copied("tip.txt", b"\xFF\xD8\xFF\xE0....".as_slice());
    assert!(picture.drafts.is_empty() && picture.problems[0].cure.contains("hash"));
}
