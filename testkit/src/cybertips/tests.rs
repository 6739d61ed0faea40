//! What the stream of tips promises.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;
use model::Strength;

fn plan(tips: u64) -> TipPlan {
    TipPlan { tips, seed: 7, as_of: Micros::parse("2026-11-23T00:00:00Z").unwrap() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_this_seed_gives_these() {
    let mut hash = Sha256::new();
    for tip in Tips::new(plan(1_000)).iter() {
        hash.update(tip.json());
        hash.update(tip.xml());
    }
    assert_eq!(hex(&hash.finalize()), "ebb05b5d1d0041b2f657232193c940f6a5ae9899ea31cbc5abe8c5df0bc99cc7");
    let other = Tips::new(TipPlan { seed: 8, ..plan(10) });
    assert!(other.iter().zip(Tips::new(plan(10)).iter()).all(|(a, b)| a.json() != b.json()));
}

#[test]
fn a_tip_is_the_same_alone_and_in_the_stream_and_under_a_longer_plan() {
    let (short, long) = (Tips::new(plan(120)), Tips::new(plan(5_000)));
    for tip in short.iter() {
        assert_eq!(tip.json(), long.tip(tip.index).unwrap().json());
    }
    assert!(short.tip(120).is_none());
}

/// Every text and number of a JSON value.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(s) => out.push(s.clone()),
        Value::Number(n) => out.push(n.to_string()),
        Value::Array(list) => list.iter().for_each(|v| leaves(v, out)),
        Value::Object(map) => map.values().for_each(|v| leaves(v, out)),
        _ => {}
    }
}

#[test]
fn json_is_json_and_holds_everything_that_is_expected() {
    for tip in Tips::new(plan(4_000)).iter() {
        let value: Value = serde_json::from_str(&tip.json()).unwrap();
        assert_eq!(value["reportId"], Value::String(tip.report.clone()));
        let received = value["dateReceived"].as_str().unwrap();
        assert_eq!(Micros::parse(received).unwrap(), tip.received);
        let mut all = Vec::new();
        leaves(&value, &mut all);
        for e in &tip.expects {
            let stands = match e.kind {
                Kind::Person => e.value.split([',', ';']).all(|part| all.iter().any(|l| l == part.trim())),
                Kind::Address => all.iter().any(|l| !l.is_empty() && e.value.starts_with(l.as_str())),
                _ => all.contains(&e.value),
            };
            assert!(stands, "tip {}: a {} that its JSON does not hold", tip.index, e.kind.word());
            let port = e.port.is_none_or(|p| all.contains(&p.to_string()));
            assert!(port, "tip {}: a port that its JSON does not hold", tip.index);
        }
        let text = all.join("\n");
        assert!(tip.never.iter().all(|n| text.contains(n.as_str())), "tip {}", tip.index);
    }
}

/// Reads XML just far enough to see that it is well formed: gives all texts, attributes included.
fn xml_texts(xml: &str) -> Vec<String> {
    let unescape = |t: &str| {
        let mut out = String::new();
        let mut rest = t;
        while let Some(at) = rest.find('&') {
            out.push_str(&rest[..at]);
            let end = at + rest[at..].find(';').expect("a reference ends");
            match &rest[at + 1..end] {
                "lt" => out.push('<'),
                "gt" => out.push('>'),
                "amp" => out.push('&'),
                "quot" => out.push('"'),
                "#39" => out.push('\''),
                hex => {
                    out.push(char::from_u32(u32::from_str_radix(hex.strip_prefix("#x").unwrap(), 16).unwrap()).unwrap())
                }
            }
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        out
    };
    let (mut open, mut texts, mut text) = (Vec::new(), Vec::new(), String::new());
    let mut rest = xml.strip_prefix(files::XML).expect("a declaration");
    while let Some(at) = rest.find('<') {
        text.push_str(&unescape(&rest[..at]));
        rest = &rest[at..];
        if let Some(raw) = rest.strip_prefix("<![CDATA[") {
            let end = raw.find("]]>").expect("CDATA ends");
            text.push_str(&raw[..end]);
            rest = &raw[end + 3..];
            continue;
        }
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "elements nest");
            texts.push(std::mem::take(&mut text));
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(name.chars().all(char::is_alphanumeric), "{name}");
        assert!(text.trim().is_empty(), "text stands beside no elements");
        text.clear();
        texts.extend(tag.split('"').skip(1).step_by(2).map(&unescape));
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty());
    texts
}

#[test]
fn xml_is_well_formed_and_says_what_json_says() {
    for tip in Tips::new(plan(4_000)).iter() {
        let mut json = Vec::new();
        leaves(&serde_json::from_str(&tip.json()).unwrap(), &mut json);
        let xml: HashSet<String> = xml_texts(&tip.xml()).into_iter().collect();
        assert!(json.iter().all(|text| text.is_empty() || xml.contains(text)), "tip {}", tip.index);
    }
}

#[test]
fn nothing_that_must_never_appear_is_expected_anywhere() {
    let tips: Vec<SyntheticTip> = Tips::new(plan(6_000)).iter().collect();
    let never: HashSet<&String> = tips.iter().flat_map(|t| &t.never).collect();
    assert!(never.len() > 6_000);
    for e in tips.iter().flat_map(|t| &t.expects) {
        assert!(!never.contains(&e.value), "a {}", e.kind.word());
        assert!(!e.value.contains("note-") && !e.value.starts_with("203.0.113."));
    }
}

/// What must differ between tips that nobody planted: the part of a value by which identifiers could meet.
fn meeting_parts(e: &Expected) -> String {
    let lower = e.value.to_lowercase();
    match e.kind {
        Kind::Phone => lower
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .split_off(usize::from(lower.starts_with("+1"))),
        Kind::Imei => lower[..14].to_owned(),
        Kind::Ip => match lower.parse::<std::net::IpAddr>().unwrap() {
            std::net::IpAddr::V6(ip) => (u128::from(ip) >> 64).to_string(),
            // An IPv4 address is of one tip for an hour; its moments lie in the first fifty minutes.
            std::net::IpAddr::V4(ip) => {
                let (from, _) = e.seen.ends().expect("an IPv4 address has its moment");
                let start = plan(0).as_of;
                format!("{ip} {}", (from.0 - start.0).div_euclid(3_600_000_000))
            }
        },
        _ => lower,
    }
}

#[test]
fn only_what_was_planted_meets_and_all_of_it_does() {
    let shared = vec![
        (Kind::Email, "held.elsewhere@example.org".to_owned(), None),
        (Kind::Handle, "held_elsewhere".to_owned(), Some("Discord".to_owned())),
        (Kind::Person, "Elsewhere, Held; 1971-05-04".to_owned(), None),
        (Kind::Address, "5 Held Street, Exampleton OH 00001".to_owned(), None),
        (Kind::Wallet, "has no field".to_owned(), None),
    ];
    let all = Tips::new(plan(30_000)).with_shared(shared);
    let mut holders: HashMap<(Kind, String), Vec<u64>> = HashMap::new();
    for tip in all.iter() {
        for e in &tip.expects {
            let tips = holders.entry((e.kind, meeting_parts(e))).or_default();
            if tips.last() != Some(&tip.index) {
                tips.push(tip.index);
            }
        }
    }
    let planted = all.planted();
    assert_eq!(planted.suspects.len(), 300);
    let mut meeting: Vec<(Kind, Vec<u64>)> =
        holders.into_iter().filter(|(_, tips)| tips.len() > 1).map(|((kind, _), tips)| (kind, tips)).collect();
    // Hashes that differ in one bit meet by distance, which this comparison does not see; the next test does.
    let mut told: Vec<(Kind, Vec<u64>)> =
        planted.suspects.iter().filter(|s| s.kind != Kind::Pdq).map(|s| (s.kind, s.tips.clone())).collect();
    meeting.sort();
    told.sort();
    assert_eq!(meeting, told);
    assert_eq!(planted.shared.len(), 4, "a wallet has no field in a report");
    for held in planted.shared {
        let tip = all.tip(held.tip).unwrap();
        let e = tip.expects.iter().find(|e| e.kind == held.kind && e.value == held.value).expect("the tip holds it");
        assert_eq!(e.platform, held.platform);
        assert_eq!(e.role, EntryRole::Unknown);
    }
}

#[test]
fn planted_suspects_stand_in_tips_of_different_months_in_every_way() {
    let all = Tips::new(plan(3_000));
    let suspects = all.planted().suspects;
    assert_eq!(suspects.iter().map(|s| s.what).collect::<HashSet<_>>().len(), 15);
    assert!(suspects.iter().any(|s| s.strength == Strength::Possible));
    for s in &suspects {
        let tips: Vec<SyntheticTip> = s.tips.iter().map(|i| all.tip(*i).unwrap()).collect();
        for pair in tips.windows(2) {
            let apart = pair[1].received.0 - pair[0].received.0;
            assert!(apart > 31 * 86_400_000_000, "{}", s.what);
        }
        if s.kind == Kind::Pdq {
            let hash = |t: &SyntheticTip| {
                let hashes: Vec<model::Pdq> = t
                    .expects
                    .iter()
                    .filter(|e| e.kind == Kind::Pdq)
                    .map(|e| model::Pdq::parse(&e.value).unwrap())
                    .collect();
                hashes
            };
            let near = |a: &SyntheticTip, b: &SyntheticTip| {
                hash(a).iter().any(|x| hash(b).iter().any(|y| (1..=31).contains(&x.distance(y))))
            };
            assert!(tips.windows(2).all(|p| near(&p[0], &p[1])));
        }
    }
}

#[test]
fn every_edge_comes_up_in_a_few_thousand_tips() {
    let tips: Vec<SyntheticTip> = Tips::new(plan(4_000)).iter().collect();
    let all = tips.iter().map(SyntheticTip::json).collect::<Vec<_>>().join("\n");
    for edge in [
        "\"informational\":true",
        "\"possibleProxy\":true",
        "\"possibleProxy\":false",
        "Incident Type Of Another Day",
        "annotationOfAnotherDay",
        "EventOfAnotherDay",
        "HashOfAnotherDay",
        "IdOfAnotherDay",
        "partOfAnotherDay",
        "TypeOfAnotherDay",
        "Supplemental Reported",
        "\"potentialMeme\":true",
        "\"industryClassification\":\"B2\"",
        "VIRAL_POTENTIAL_MEME",
        "\"platform\":null",
        "\"deviceId\":[]",
        "\"port\":\"",
        "\\u",
        "tea&milk",
        "a<b",
        "minorToMinorInteraction",
        "\"internetDetails\":[",
        "\"verified\":true",
        "\"SSID\"",
        "priorCTReports",
        "\"fileViewedByEsp\":false",
        "-07:00",
        "thirdPartyHostedContent",
        "nonInternetIncident",
        "peer2peerIncident",
        "newsgroupIncident",
        "emailIncident",
        "onlineGamingIncident",
        "cellPhoneIncident",
        "chatImIncident",
        "fleaCountry",
        "\"sextortion\":true",
    ] {
        assert!(all.contains(edge), "no tip has {edge}");
    }
    assert!(tips.iter().any(|t| t.xml().contains("<![CDATA[")));
    assert!(tips.iter().any(|t| t.state.is_none()) && tips.iter().any(|t| t.escalated && !t.informational));
    assert!(tips.iter().any(|t| t.expects.is_empty() || t.json().len() > 40_000));
    let minors = tips.iter().flat_map(|t| &t.expects).filter(|e| e.age == AgeClass::Minor);
    assert!(
        minors.clone().any(|e| e.role == EntryRole::Unknown) && minors.clone().any(|e| e.role == EntryRole::Victim)
    );
    assert!(minors.clone().any(|e| e.kind == Kind::Person), "a victim with name and birth date");
    // A supplemental file carries neither class nor meme flag (data/cybertip_report_fields.json, "rule").
    for tip in &tips {
        let value: Value = serde_json::from_str(&tip.json()).unwrap();
        for file in value["fileDetails"].as_array().into_iter().flatten() {
            let free = file.get("industryClassification").is_none_or(Value::is_null)
                && file["fileAnnotations"].get("potentialMeme").is_none();
            assert!(file["fileRelevance"] != "Supplemental Reported" || free, "tip {}", tip.index);
        }
    }
}

#[test]
fn files_of_every_form_hold_each_tip_once() {
    let tips = Tips::new(plan(40));
    for form in [Form::Array, Form::Lines, Form::Xml, Form::OneJson, Form::OneXml] {
        let mut out = Vec::new();
        let written = write_file(form, tips.iter(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let found = match form {
            Form::Array => serde_json::from_str::<Vec<Value>>(&text).unwrap().len(),
            Form::Lines => text.lines().filter(|l| serde_json::from_str::<Value>(l).unwrap().is_object()).count(),
            Form::OneJson => usize::from(serde_json::from_str::<Value>(&text).unwrap().is_object()),
            Form::Xml | Form::OneXml => {
                assert!(!xml_texts(&text).is_empty());
                text.matches("<report ").count()
            }
        };
        assert_eq!(found as u64, written, "{form:?}");
        assert_eq!(written, if matches!(form, Form::OneJson | Form::OneXml) { 1 } else { 40 });
    }
    let scratch = crate::Scratch::new();
    let files = write_folder(&Tips::new(plan(2_000)), 1, scratch.path()).unwrap();
    assert_eq!(files.iter().map(|(_, _, n)| n).sum::<u64>(), 2_000);
    assert!(files.iter().all(|(path, _, n)| path.exists() && (1..=500).contains(n)));
}
