//! The reader against reports it has never seen: the generator of testkit was made by other hands, from the same
//! published description, and says of each report what an intake must make of it.
//!
//! `CONCORD_TIPS` says how many, 2,000 when it is not set.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeSet;

use exchange::{TipReading, read_tips, write_tip_json, write_tip_xml};
use model::{EntryDraft, Kind, Micros, Tip};
use testkit::cybertips::{Expected, Form, SyntheticTip, TipPlan, Tips, write_file};

/// Kind, value, platform, port, from, to, role, age: what two identifiers are compared by.
type Said = (Kind, String, Option<String>, Option<u16>, Option<Micros>, Option<Micros>, &'static str, &'static str);

/// Between the parts of an address some write a comma.
fn plain(kind: Kind, value: &str) -> String {
    if kind == Kind::Address { value.replace(", ", " ") } else { value.to_owned() }
}

fn drafted(d: &EntryDraft) -> Said {
    let value = plain(d.kind, &d.value);
    (d.kind, value, d.platform.clone(), d.port, d.seen.from, d.seen.to, d.role.word(), d.age.word())
}

fn expected(e: &Expected) -> Said {
    let value = plain(e.kind, &e.value);
    (e.kind, value, e.platform.clone(), e.port, e.seen.from, e.seen.to, e.role.word(), e.age.word())
}

fn plan() -> TipPlan {
    let tips = std::env::var("CONCORD_TIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    TipPlan { tips, seed: 2_258, as_of: Micros::parse("2026-11-23T00:00:00Z").unwrap() }
}

/// All reports of a text, none of them with a problem.
fn sound(text: &str, what: &str) -> Vec<Tip> {
    let TipReading { tips, problems, .. } = read_tips("tips", text.as_bytes());
    assert!(problems.is_empty(), "{what}: {problems:?}");
    tips
}

/// Is the tip what the generator says it is? Gives how many identifiers it holds.
fn judge(tip: &Tip, truth: &SyntheticTip) -> u64 {
    let at = truth.index;
    assert_eq!(tip.number.as_str(), truth.report);
    assert_eq!(tip.received, Some(truth.received), "tip {at}");
    assert_eq!(tip.incident_type.as_ref().map(|t| t.word()), Some(truth.incident_type), "tip {at}");
    assert_eq!(tip.is_escalated(), truth.escalated, "tip {at}");
    assert_eq!(tip.standing() == model::tip::Standing::Informational, truth.informational, "tip {at}");
    assert_eq!(tip.files.len(), truth.files, "tip {at}");
    let drafts = tip.drafts();
    let found: BTreeSet<Said> = drafts.iter().map(drafted).collect();
    let wanted: BTreeSet<Said> = truth.expects.iter().map(expected).collect();
    let kinds = |all: BTreeSet<&Said>| all.into_iter().map(|s| (s.0, s.6, s.7)).collect::<Vec<_>>();
    let missed = kinds(wanted.difference(&found).collect());
    let invented = kinds(found.difference(&wanted).collect());
    assert!(missed.is_empty() && invented.is_empty(), "tip {at}: missed {missed:?}, invented {invented:?}");
    assert_eq!(found.len(), drafts.len(), "tip {at}: an identifier twice");
    for draft in &drafts {
        let leaks = |text: &str| truth.never.iter().any(|never| text.contains(never.as_str()));
        let texts = [Some(&draft.value), draft.platform.as_ref(), Some(&draft.place)];
        assert!(!texts.into_iter().flatten().any(|t| leaks(t)), "tip {at}: a {} that must never be one", draft.kind);
    }
    found.len() as u64
}

#[test]
fn every_generated_report_gives_exactly_its_identifiers_in_json_and_xml() {
    let all = Tips::new(plan());
    let (mut reports, mut identifiers) = (0u64, 0);
    for truth in all.iter() {
        let (json, xml) = (truth.json(), truth.xml());
        let mut both = Vec::new();
        for (text, what) in [(&json, "JSON"), (&xml, "XML")] {
            let mut tips = sound(text, &format!("tip {} as {what}", truth.index));
            assert_eq!(tips.len(), 1);
            identifiers += judge(&tips[0], &truth);
            both.push(tips.remove(0));
        }
        assert!(both[0].drafts() == both[1].drafts(), "tip {}: JSON and XML differ", truth.index);
        for tip in both {
            for again in [write_tip_json(&tip), write_tip_xml(&tip)] {
                let back = sound(&again, &format!("tip {} written back", truth.index));
                assert!(back == [tip.clone()], "tip {} does not read back", truth.index);
            }
        }
        reports += 1;
    }
    println!(
        "figure: {reports} generated reports in JSON and XML, {identifiers} identifiers right, 0 missed, 0 invented, all read back"
    );
}

#[test]
fn many_reports_of_one_file_are_read_like_each_alone() {
    let all = Tips::new(plan());
    let (mut files, mut identifiers) = (0u64, 0);
    let mut rest = all.iter().peekable();
    while rest.peek().is_some() {
        let part: Vec<SyntheticTip> = rest.by_ref().take(500).collect();
        for form in [Form::Array, Form::Lines, Form::Xml] {
            let mut out = Vec::new();
            write_file(form, part.iter().cloned(), &mut out).unwrap();
            let tips = sound(&String::from_utf8(out).unwrap(), &format!("{form:?} from tip {}", part[0].index));
            assert_eq!(tips.len(), part.len(), "{form:?}");
            identifiers += tips.iter().zip(&part).map(|(tip, truth)| judge(tip, truth)).sum::<u64>();
            files += 1;
        }
    }
    println!("figure: {files} files of up to 500 reports (array, lines, XML), {identifiers} identifiers right");
}
