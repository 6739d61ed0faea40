//! CyberTip reports of every shape. All are synthetic; what they speak of is "reported content".

use exchange::{TipFormat, TipReading, read, read_tips, write_tip_json, write_tip_xml};
use model::tip::{EventName, FileAnnotation, HashType, IncidentKind, IncidentType, ReportAnnotation, Standing};
use model::{EntryRole, Kind, Tip};
use serde_json::{Value, json};

fn parse(report: &Value) -> TipReading {
    read_tips("tips.json", report.to_string().as_bytes())
}

/// The one report of a text without a problem.
fn tip(text: &str) -> Tip {
    let mut r = read_tips("", text.as_bytes());
    assert!(r.problems.is_empty(), "{:?}", r.problems);
    assert_eq!(r.tips.len(), 1);
    r.tips.remove(0)
}

fn told(r: &TipReading) -> Vec<String> {
    assert!(r.tips.is_empty(), "a report with a problem yields no tip");
    r.problems.iter().map(ToString::to_string).collect()
}

const JSON: &str = include_str!("cybertip/whole.json");
const XML: &str = include_str!("cybertip/whole.xml");

#[test]
fn json_and_xml_say_the_same_tip() {
    let (a, b) = (tip(JSON), tip(XML));
    assert!(a.words == b.words, "{:#?}\n{:#?}", labels(&a), labels(&b));
    assert!(a == b);
    for again in [write_tip_json(&a), write_tip_xml(&a)] {
        assert!(tip(&again) == a, "{again}");
    }
    let sealed = serde_json::to_string(&a).unwrap();
    assert!(serde_json::from_str::<Tip>(&sealed).unwrap() == a);
}

fn labels(tip: &Tip) -> Vec<String> {
    tip.words.iter().map(|w| format!("{}={}", w.label, w.text.as_str())).collect()
}

#[test]
fn a_whole_report_gives_these_identifiers() {
    let end = |t: Option<model::Micros>| t.map(|t| format!(" at {t}")).unwrap_or_default();
    let mut out = String::new();
    for d in tip(JSON).drafts() {
        assert_eq!((d.source, d.report.as_deref()), (Some(model::Source::CyberTip), Some("900000001")));
        assert_eq!((d.seen.from, d.class, d.note.is_none()), (d.seen.to, None, true));
        let platform = d.platform.as_deref().map(|p| format!(" on {p}")).unwrap_or_default();
        let port = d.port.map(|p| format!(" port {p}")).unwrap_or_default();
        let place = d.place.strip_prefix("report 900000001: ").unwrap();
        out +=
            &format!("{place}: {} {}{platform}{port}{} ({}, {})\n", d.kind, d.value, end(d.seen.from), d.role, d.age);
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_whole_report_keeps_these_texts_and_no_others() {
    insta::assert_snapshot!(labels(&tip(JSON)).join("\n"));
}

#[test]
fn codes_flags_and_times_have_their_fields() {
    let t = tip(XML);
    assert_eq!(t.incident_type, Some(IncidentType::Enticement));
    assert_eq!(t.incident_time.unwrap().to_string(), "2026-11-20T18:30:00.000000Z");
    assert_eq!(t.received.unwrap().to_string(), "2026-11-21T08:00:00.000000Z");
    assert_eq!(t.annotations[0], ReportAnnotation::Sextortion);
    assert_eq!(t.annotations[1].word(), "annotationOfNextYear");
    assert_eq!((t.standing(), t.is_escalated()), (Standing::Referral, true));
    assert_eq!(t.details[0].incidents[0].kind, IncidentKind::Chat);
    let prior: Vec<_> = t.prior_reports().iter().map(|n| n.as_str().to_owned()).collect();
    assert_eq!(prior, ["800000001", "800000002"]);
    let event = &t.reported[0].presence.ip_events[0];
    assert_eq!((event.event.clone(), event.possible_proxy), (Some(EventName::Login), Some(true)));
    let file = &t.files[0];
    assert_eq!((file.viewed, file.exif_viewed, file.public), (Some(true), Some(false), None));
    assert_eq!(file.annotations, [FileAnnotation::Viral, FileAnnotation::GenerativeAi]);
    let kinds: Vec<_> = file.hashes.iter().map(|h| h.kind.clone().unwrap()).collect();
    assert_eq!(kinds[..2], [HashType::Md5, HashType::Sha256]);
    assert_eq!(kinds[2].word(), "HASH OF NEXT YEAR");
}

/// Names of files are read, counted and dropped: stored nowhere, matched nowhere, written nowhere.
#[test]
fn no_name_of_a_file_stays() {
    for text in [JSON, XML] {
        assert!(text.contains("droppedname"));
        let t = tip(text);
        assert_eq!(t.dropped_names, 4);
        let drafts: String = t.drafts().iter().map(|d| d.value.clone()).collect();
        let all = serde_json::to_string(&t).unwrap() + &write_tip_json(&t) + &write_tip_xml(&t) + &drafts;
        assert!(!all.contains("droppedname"));
    }
}

/// A problem is shown, mailed and logged; an identifier is not.
#[test]
fn nothing_printed_repeats_what_a_report_says() {
    let t = tip(JSON);
    let shown = format!("{t:?} {:?} {:?} {:?}", t.reported, t.files, t.drafts());
    for word in ["example.org", "555", "willy", "Doe", "192.0.2", "reported content", "d41d8"] {
        assert!(!shown.contains(word), "{word}");
    }
    let secret = json!({ "reportId": "secret one", "secret_key": { "secretKey": "data:image/png;base64,secret" },
        "secret key": "secret", "victim": { "schoolName": "\u{1}secret", "email": "secret",
        "victimPerson": { "age": "secret", "email": ["x", "secret\nsecret"] } },
        "incidentSummary": { "incidentDateTime": "secret", "reportAnnotations": { "secret one": true, "spam": "secret" } },
        "fileDetails": { "originalFileHash": "s e c r e t" } });
    let r = parse(&secret);
    insta::assert_snapshot!(told(&r).join("\n"));
    assert!(!format!("{r:?}").contains("secret"), "{r:?}");
}

#[test]
fn one_report_an_array_and_lines_are_read_alike() {
    let (a, b) = (json!({ "reportId": 1 }), json!({ "reportId": "2", "victim": { "schoolName": "x" } }));
    for (text, format) in [
        (format!("[{a},{b}]"), TipFormat::Json),
        (json!({ "report": [a, b] }).to_string(), TipFormat::Json),
        (format!("{a}\n\r\n  {b}\n"), TipFormat::JsonLines),
        ("<report><reportId>1</reportId></report>".into(), TipFormat::Xml),
        (
            "<?xml version='1.0'?><!-- two --><n:all xmlns:n='u' when='today'><n:report><n:reportId>1</n:reportId>\
             </n:report><report reportId='2'><victim><schoolName><![CDATA[x]]></schoolName></victim></report></n:all>"
                .into(),
            TipFormat::Xml,
        ),
    ] {
        let r = read_tips("", text.as_bytes());
        assert_eq!((r.format, r.problems.as_slice()), (format, &[][..]), "{text}");
        let numbers: Vec<_> = r.tips.iter().map(|t| t.number.as_str()).collect();
        assert_eq!(numbers, ["1", "2"][..numbers.len()], "{text}");
        assert!(r.tips.len() == 2 || !text.contains('2'));
    }
}

#[test]
fn words_in_any_case_and_numbers_in_quotation_marks_are_read() {
    let t = parse(&json!({ "reportId": " 7 ", "incidentSummary": { "incidentType": "child sex tourism" },
        "personOrUserReported": [{ "person": { "age": "17", "email": "a@example.org",
            "phone": [{ "value": "206-555-0101", "countryCallingCode": "+1" }, "+1 206 555 0102"],
            "dateOfBirth": "1980-02-01T00:00:00Z", "firstName": "Jane", "lastName": "Doe" },
            "compromisedAccount": "YES", "thirdPartyUserReported": 0,
            "ipCaptureEvent": { "ipAddress": "192.0.2.1", "port": "5000", "possibleProxy": "False" } }] }));
    assert!(t.problems.is_empty(), "{:?}", t.problems);
    let tip = &t.tips[0];
    assert_eq!(tip.incident_type, Some(IncidentType::Tourism));
    let party = &tip.reported[0];
    assert_eq!((party.compromised, party.third_party), (Some(true), Some(false)));
    let brief: Vec<_> = tip.drafts().iter().map(|d| format!("{} {} {}", d.kind, d.value, d.age)).collect();
    assert_eq!(
        brief,
        [
            "person Doe, Jane; 1980-02-01 minor",
            "phone +1 206-555-0101 minor",
            "phone +1 206 555 0102 minor",
            "email a@example.org minor",
            "ip 192.0.2.1 minor",
        ]
    );
}

/// Invariant 5: a child is never a target; what belongs to one is desk at least.
#[test]
fn what_belongs_to_a_victim_or_recipient_is_protected() {
    let presence = json!({ "screenName": "willy", "associatedAccount": { "email": "b@example.org" } });
    let t = parse(&json!({ "reportId": 1, "victim": presence, "intendedRecipient": presence }));
    let list = t.tips[0].drafts();
    assert_eq!(list.len(), 4);
    for d in list {
        assert!(d.is_protected() && d.role == EntryRole::Victim);
        assert_eq!(d.least_level(), model::Level::Desk);
    }
}

#[test]
fn officers_and_reporters_own_data_make_no_entries() {
    let person = json!({ "firstName": "Pat", "email": "pat@example.org", "phone": "206-555-0110" });
    let t = parse(&json!({ "reportId": 1, "reporter": { "reportingPerson": person, "contactPerson": person },
        "lawEnforcement": { "agencyName": "Example Police", "officerContact": person } }));
    assert!(t.tips[0].drafts().is_empty());
    assert_eq!(t.tips[0].words.len(), 10);
}

#[test]
fn a_fault_in_one_report_leaves_the_others_standing() {
    let r = parse(&json!([
        { "reportId": 1, "victim": { "screenName": "a" } },
        { "reportId": 2, "victim": [{}, { "victimPerson": { "age": 200, "email": ["a@example.org", { "type": "Home" }] } }] },
        { "victim": { "screenName": "b" } },
        { "reportId": 1, "victim": { "screenName": "a" } },
        { "reportId": 4, "victim": { "screenName": "a" } },
        { "reportId": 4, "victim": { "screenName": "b" } },
        { "reportId": 2 },
        { "reportId": 12345678901234567890123_f64 },
        7,
    ]));
    assert_eq!(r.tips.len(), 1);
    let said: Vec<_> = r.problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(said.join("\n"));
}

/// The API's rule for files that are context only.
#[test]
fn a_supplemental_file_is_neither_classified_nor_a_meme() {
    let file = |relevance: &str| {
        json!({ "reportId": 1, "fileDetails": { "fileRelevance": relevance, "industryClassification": "A1",
            "fileAnnotations": { "potentialMeme": {} } } })
    };
    assert!(parse(&file("Reported")).problems.is_empty());
    let fields: Vec<_> = parse(&file("supplemental reported")).problems.into_iter().map(|p| p.field).collect();
    assert_eq!(fields, ["fileDetails.industryClassification", "fileDetails.fileAnnotations.potentialMeme"]);
    let other = parse(&json!({ "reportId": 1, "fileDetails": [{ "reportId": 1 }, { "reportId": 2 }] }));
    assert_eq!(
        told(&other),
        ["report 1, fileDetails.reportId: is the number of another report; put each file under its own report"]
    );
}

/// Invariant 6: no picture, sound or film, in any field.
#[test]
fn media_in_disguise_refuses_the_report() {
    let png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB";
    for field in [
        json!({ "additionalInfo": png }),
        json!({ "somethingNew": { "deep": [png] } }),
        json!({ "victim": { "screenName": png } }),
        json!({ "incidentSummary": { "incidentType": png } }),
        json!({ "fileDetails": { "originalFileHash": { "value": format!("ffd8ff{}", "0".repeat(200)), "hashType": "MD5" } } }),
    ] {
        let mut report = field;
        report["reportId"] = json!(1);
        let r = parse(&report);
        assert!(r.tips.is_empty() && r.problems.len() == 1, "{:?}", r.problems);
        assert!(!format!("{:?}", r.problems).contains("base64"), "{:?}", r.problems);
    }
}

#[test]
fn malformed_files_are_told_with_their_cure() {
    let report = |inside: &str| format!("<report><reportId>1</reportId>{inside}</report>");
    let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>\n<report>&b;</report>";
    let mut out = String::new();
    for (name, text) in [
        ("empty", String::new()),
        ("csv", "kind,value\n".into()),
        ("number", "[1]".into()),
        ("no report", "{\"report\":[]}".into()),
        ("other xml", "<html/>".into()),
        ("json ends", "{\"reportId\":1,".into()),
        ("json deep", "[".repeat(500)),
        ("bad line", "{\"reportId\":\"x y\"}\n{\"reportId\" 2}\n".into()),
        ("bomb", bomb.into()),
        ("bomb with its version", format!("<?xml version='1.0'?>{bomb}")),
        ("entity", report("<a>&b;</a>")),
        ("attribute entity", report("<a b='&c;'/>")),
        ("pi", report("<?php x ?>")),
        ("xml ends", "<report>\n<reportId>1".into()),
        ("crossed", "<report>\n<a></b></report>".into()),
        ("second root", "<report/>\n<report/>".into()),
        ("text after", "<report/> text".into()),
        ("attribute twice", report("<a b='1' b='2'/>")),
        ("latin", "<?xml version='1.0' encoding='ISO-8859-1'?><report/>".into()),
        ("deep", format!("{}{}", "<a>".repeat(200), "</a>".repeat(200))),
        ("deep key", report(&format!("{}x{}", "<a>".repeat(20), "</a>".repeat(20)))),
        ("no character", report("<a>&#xFFFE;</a>")),
        ("key", report("<a.b>x</a.b>")),
    ] {
        let r = read_tips("tips", text.as_bytes());
        out += &format!("{name}: {}\n", told(&r).join(" | "));
    }
    for (name, bytes) in [
        ("picture", &b"\x89PNG\r\n\x1a\n\0\0"[..]),
        ("zip", b"PK\x03\x04"),
        ("nul", b"{\"reportId\":\0"),
        ("latin byte", b"<report>\n\xE9</report>"),
    ] {
        out += &format!("{name}: {}\n", told(&read_tips("tips.xml", bytes)).join(" | "));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn utf16_with_its_mark_is_read() {
    for big in [false, true] {
        let units = std::iter::once(0xFEFF)
            .chain(XML.replace("encoding=\"UTF-8\"", "encoding=\"UTF-16\"").encode_utf16().collect::<Vec<_>>());
        let bytes: Vec<u8> = units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
        let r = read_tips("x", bytes.as_slice());
        assert!(r.problems.is_empty() && r.tips[0] == tip(XML), "{:?}", r.problems);
    }
}

#[test]
fn line_ends_and_signs_of_the_languages_survive_both_forms() {
    let said = "a\r\nb\rc\nd\te & <f> \"g\" 'h' ]]> \\ \u{1F600} {\"i\":1}";
    let t =
        tip(&json!({ "reportId": 1, "additionalInfo": said, "new": { "verified": said, "type": ["x", "y"] } })
            .to_string());
    for again in [write_tip_json(&t), write_tip_xml(&t)] {
        let again = tip(&again);
        assert!(again == t, "{:?} {:?}", labels(&again), labels(&t));
        assert_eq!(again.words[0].text.as_str(), said);
    }
}

#[test]
fn lists_of_identifiers_and_reports_are_not_mixed_up() {
    for text in [JSON, XML] {
        let r = read("tips", text.as_bytes());
        assert!(r.drafts.is_empty());
        let said: Vec<_> = r.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            ["the file, content: this is a CyberTip report, not a list of identifiers; read it with `concord import`"]
        );
    }
}

/// What fuzzing found: a number with parts beside it, and a sign XML cannot say in the name of a hash.
#[test]
fn a_number_may_have_parts_and_no_field_holds_what_xml_cannot_say() {
    let t = tip("<report><reportId>2<a b='c'/></reportId></report>");
    assert!(tip(&write_tip_json(&t)) == t && tip(&write_tip_xml(&t)) == t);
    let pair = json!({ "type": "HASH", "name": "next\u{fffe}", "value": "zz" });
    let r = parse(&json!({ "reportId": 1, "fileDetails": { "details": { "nameValuePair": pair } } }));
    assert_eq!(
        told(&r),
        [
            "report 1, fileDetails.details.nameValuePair: holds signs that are no letters (U+FFFE or U+FFFF); write it as plain text"
        ]
    );
}

#[test]
fn a_flood_of_keys_ends_in_one_problem() {
    let many = json!({ "reportId": 1, "x": vec!["y"; 20_000] });
    assert_eq!(told(&parse(&many)).len(), 1_000);
    let elements = format!("<report>{}</report>", "<a/>".repeat(1_100_000));
    let r = read_tips("", elements.as_bytes());
    assert_eq!(told(&r), ["line 1, content: holds more than 1000000 elements; split it into smaller files"]);
    let numbers = format!("[{}0]", "0,".repeat(1_100_000));
    assert_eq!(told(&read_tips("", numbers.as_bytes())).len(), 1);
}

#[test]
fn kinds_of_identifier_are_those_the_report_has() {
    let kinds: std::collections::BTreeSet<_> = tip(JSON).drafts().iter().map(|d| d.kind).collect();
    for kind in [
        Kind::Email,
        Kind::Phone,
        Kind::Handle,
        Kind::Ip,
        Kind::Url,
        Kind::Imei,
        Kind::Iccid,
        Kind::Mac,
        Kind::Room,
        Kind::Md5,
        Kind::Sha256,
        Kind::Address,
        Kind::Person,
    ] {
        assert!(kinds.contains(&kind), "{kind}");
    }
}
