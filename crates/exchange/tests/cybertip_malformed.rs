//! Reports that are wrong: each is refused with its place and cure, or is one of those of which nothing is lost.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use exchange::{read_tips, write_tip_json, write_tip_xml};
use model::Tip;
use testkit::cybertips::malformed;
use testkit::cybertips::malformed::{SOUND, SOUND_XML, TOLERATED};

/// What the sound report says; a problem is shown, mailed and logged, and repeats none of it.
const VALUES: [&str; 14] = [
    "page.example.net",
    "provider.example.com",
    "quinn",
    "Quinn",
    "larkspur",
    "Larkspur",
    "slate",
    "amber",
    "192.0.2.7",
    "001017000000017",
    "456789abcdef",
    "1985-02",
    "iVBOR",
    "4AAQ",
];

/// The sound report under a number, as both forms say it.
fn sound(number: &str) -> [Tip; 2] {
    [SOUND, SOUND_XML].map(|text| {
        let mut read = read_tips("", text.replace("100000001", number).as_bytes());
        assert!(read.problems.is_empty() && read.tips.len() == 1);
        read.tips.remove(0)
    })
}

#[test]
fn every_malformed_report_is_refused_with_its_cure_or_tolerated_by_name() {
    let tolerated: BTreeMap<&str, &str> = TOLERATED.iter().copied().collect();
    assert_eq!(tolerated.len(), TOLERATED.len());
    let all = malformed();
    let mut faults = Vec::new();
    let (mut refused, mut taken) = (0, 0);
    for (name, bytes, what) in &all {
        let read = read_tips("tips", bytes.as_slice());
        let mut fault = |why: &str| faults.push(format!("{name} ({what}): {why} {:?}", read.problems));
        for p in &read.problems {
            let told = [&p.place, &p.field, &p.problem, &p.cure];
            if told.iter().any(|text| text.is_empty()) {
                fault("a problem without place, field or cure");
            }
            if told.iter().any(|text| VALUES.iter().any(|v| text.contains(v))) {
                fault("a problem repeats a value");
            }
        }
        if tolerated.contains_key(name.as_str()) {
            taken += 1;
            if !read.problems.is_empty() || read.tips.len() != 1 {
                fault("is tolerated, and was not taken");
            }
            for again in read.tips.iter().flat_map(|t| [write_tip_json(t), write_tip_xml(t)]) {
                if read_tips("", again.as_bytes()).tips != read.tips {
                    fault("does not read back");
                }
            }
        } else {
            refused += 1;
            if read.problems.is_empty() {
                fault("nobody is told");
            }
            // What stands beside the wrong one stands whole.
            if !read.tips.iter().all(|t| sound(t.number.as_str()).contains(t)) {
                fault("a part of it was taken");
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let names: Vec<&str> = all.iter().map(|(name, ..)| name.as_str()).collect();
    assert!(tolerated.keys().all(|name| names.contains(name)), "a name in the list that is no kind");
    println!(
        "figure: {} malformed kinds: {refused} refused with place and cure, {taken} tolerated, 0 half taken",
        names.len()
    );
}

/// Nothing of what is tolerated is lost: it stands in the tip, as a field or as free text.
#[test]
fn what_is_tolerated_is_kept() {
    for (name, bytes, _) in malformed() {
        if !TOLERATED.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let tip = read_tips("", bytes.as_slice()).tips.remove(0);
        let [json, xml] = sound("100000001");
        let wanted = if name.starts_with("xml") { xml } else { json };
        let (has, words) = (tip.drafts(), tip.words.len());
        let text = |label: &str| tip.words.iter().any(|w| w.label == label);
        match name.as_str() {
            "json-summary-missing-type" => assert!(tip.incident_type.is_none() && has == wanted.drafts()),
            "json-summary-a-text" => assert!(text("incidentSummary") && has.len() == wanted.drafts().len()),
            "json-details-a-number" => {
                assert!(text("internetDetails") && has.len() + 1 == wanted.drafts().len(), "{}", has.len());
            }
            "json-event-time-empty" => {
                let ip = has.iter().find(|d| d.kind == model::Kind::Ip).unwrap();
                assert!(ip.seen.from.is_none() && has.len() == wanted.drafts().len());
            }
            "json-parties-two" => {
                assert!(tip.reported.len() == 2 && has.len() == wanted.drafts().len() + 1);
            }
            "json-wrong-nesting" => {
                assert!(text("personOrUserReported.victim.screenName") && text("reporter 2.screenName"));
                assert!(has == wanted.drafts() && words == wanted.words.len() + 2);
            }
            _ => assert!(tip == wanted, "{name}"),
        }
    }
}

/// The same faults in another dress.
#[test]
fn what_belongs_to_no_report_and_what_lies_is_told() {
    let second = SOUND.replace("100000001", "100000002");
    let inner = SOUND.replacen('{', &format!("{{\"report\":[{second}],"), 1);
    let misspelt = format!("{{\"report\":{SOUND},\"reprot\":{second}}}");
    let deep = SOUND.replacen("\"Login\"", &format!("{}\"Login\"{}", "[".repeat(9), "]".repeat(9)), 1);
    let lists = SOUND.replacen("\"Login\"", "[[\"Login\"]]", 1);
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{SOUND_XML}");
    let wide: Vec<u8> = declared.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ascii = SOUND_XML.replace("Example Chat", "Ex\u{e4}mple Chat");
    for (bytes, tips, said) in [
        (inner.into_bytes(), 0, "report 100000001, report: is a report inside a report"),
        (misspelt.into_bytes(), 1, "what stands beside the reports, content: belongs to no report"),
        (deep.into_bytes(), 0, "report 100000001, personOrUserReported.ipCaptureEvent.eventName: nests too deep"),
        (lists.into_bytes(), 1, ""),
        ([&b"\xff\xfe"[..], &wide].concat(), 0, "line 1, content: says it is in another encoding than it is in"),
        (
            format!("<?xml version=\"1.0\" encoding=\"US-ASCII\"?>{ascii}").into_bytes(),
            0,
            "line 1, content: says it is in another encoding than it is in",
        ),
    ] {
        let read = read_tips("", bytes.as_slice());
        let told: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
        assert_eq!((read.tips.len(), told.len()), (tips, usize::from(!said.is_empty())), "{told:?}");
        assert!(told.iter().all(|t| t.starts_with(said)), "{told:?}");
    }
}
