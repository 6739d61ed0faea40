//! Every reader against good files made bad: never a panic, and nothing half done.
//!
//! `CONCORD_FUZZ_SECONDS` says how long, two seconds when it is not set. The mutations repeat from run to run; a
//! failure is shrunk and printed with its bytes.

#![allow(clippy::indexing_slicing, reason = "tests")]

use std::cell::Cell;
use std::time::{Duration, Instant};

use exchange::{read, read_tips, write_tip_json, write_tip_xml};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};

/// A reader, and a good file for it.
struct Reader {
    name: &'static str,
    good: &'static str,
    /// How much it kept and refused of a file, or what shows that something is half done.
    judge: fn(&str, &[u8]) -> Result<Outcome, String>,
}

/// Drafts or tips, and problems.
#[derive(Debug)]
struct Outcome {
    kept: usize,
    wrong: usize,
}

/// All readers of the crate: a new one is one line here.
const READERS: &[Reader] = &[
    Reader { name: "list.csv", good: CSV, judge: of_list },
    Reader { name: "case.jsonld", good: CASE, judge: of_list },
    Reader { name: "tips.json", good: include_str!("cybertip/whole.json"), judge: of_tips },
    Reader { name: "tips.jsonl", good: LINES, judge: of_tips },
    Reader { name: "tips.xml", good: include_str!("cybertip/whole.xml"), judge: of_tips },
    Reader { name: "many.xml", good: MANY, judge: of_tips },
];

const CSV: &str = "kind,value,role,age,seen_from,seen_to,platform,port,level,note\n\
    email,a@example.org,victim,minor,2026-11-23T06:00:00Z,,,,,\n\
    handle,willy,unknown,,,,Example Chat,,desk,\"a note, with a comma\"\n\
    ip,192.0.2.1,,,2026-11-23T06:00:00Z,2026-11-23T07:00:00Z,,5000,,\n";

const CASE: &str = r#"{"@context":{"uco-observable":"https://ontology.unifiedcyberontology.org/uco/observable/"},"@graph":[
    {"@id":"kb:a","@type":"uco-observable:PhoneAccount","uco-core:hasFacet":[
        {"@type":"uco-observable:PhoneAccountFacet","uco-observable:phoneNumber":"+12025550123"}]},
    {"uco-core:hasFacet":{"@type":"uco-observable:CallFacet","uco-observable:from":{"@id":"kb:a"},
        "uco-observable:startTime":"2026-01-02T00:00:00Z","uco-observable:endTime":{"@value":"2026-01-02T00:10:00Z"}}},
    {"@type":"uco-observable:DigitalAccountFacet","uco-observable:accountLogin":"willy",
        "uco-observable:firstLoginTime":"2026-01-02T00:00:00Z"}]}"#;

const LINES: &str = "{\"reportId\":1,\"victim\":{\"screenName\":\"sam\",\"newKey\":[1,2.5,null,{\"a\":\"b\"}]}}\n\
    {\"reportId\":\"2\",\"additionalInfo\":\"reported content\",\"fileDetails\":[{\"originalFileName\":\"x\",\"fileId\":\"f\"}]}\n\
    {\"reportId\":3,\"personOrUserReported\":{\"person\":{\"email\":[\"a@example.org\",{\"value\":\"b@example.org\",\"type\":\"Home\"}]}}}\n";

const MANY: &str = "<?xml version='1.0'?><r:reports xmlns:r='u'><r:report><r:reportId>1</r:reportId><r:victim>\
    <r:screenName>sam</r:screenName><r:newKey a='b'>c</r:newKey></r:victim></r:report><report><reportId>2</reportId>\
    <additionalInfo><![CDATA[a < b]]> &amp; c&#33;</additionalInfo></report></r:reports>";

/// A row or facet with a problem yields no draft, and a fault of the whole file none at all.
fn of_list(name: &str, bytes: &[u8]) -> Result<Outcome, String> {
    let r = read(name, bytes);
    let spoilt = |p: &model::Problem| p.place == "the file" && p.field != "problems" && !r.drafts.is_empty();
    let half = |p: &&model::Problem| spoilt(p) || r.drafts.iter().any(|d| d.place == p.place);
    match r.problems.iter().find(half) {
        Some(p) => Err(format!("a draft beside: {p}")),
        None => Ok(Outcome { kept: r.drafts.len(), wrong: r.problems.len() }),
    }
}

/// A report with a problem yields no tip; a tip that stands is written and read back whole.
fn of_tips(name: &str, bytes: &[u8]) -> Result<Outcome, String> {
    let r = read_tips(name, bytes);
    for p in &r.problems {
        let of_file = p.place == "the file" && p.field != "problems" && !r.tips.is_empty();
        if of_file || r.tips.iter().any(|t| p.place == format!("report {}", t.number.as_str())) {
            return Err(format!("a tip beside: {p}"));
        }
    }
    for tip in &r.tips {
        tip.drafts();
        for text in [write_tip_json(tip), write_tip_xml(tip)] {
            let back = read_tips("", text.as_bytes());
            if back.tips.len() != 1 || back.tips[0] != *tip {
                return Err(format!("does not read back ({:?}): {text}", back.problems));
            }
        }
    }
    Ok(Outcome { kept: r.tips.len(), wrong: r.problems.len() })
}

/// What is put in: brackets, wrong types, huge numbers, entities, signs no text has, media.
const TOKENS: [&[u8]; 34] = [
    b"[",
    b"]",
    b"{",
    b"}",
    b"\"",
    b",",
    b":",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"{}",
    b"[]",
    b"[[[]]]",
    b"123456789012345678901234567890",
    b"\"\"",
    b"\"\\u0000\"",
    b"\"\\ud800\"",
    b"\"\\ufffe\"",
    b"\"data:image/png;base64,iVBORw0KGgo\"",
    b"<a>",
    b"</a>",
    b"<report>",
    b"</report>",
    b"<a b='c'/>",
    b"<!DOCTYPE r [<!ENTITY e \"&e;&e;&e;\">]>",
    b"&e;",
    b"&#0;",
    b"&#xFFFF;",
    b"<![CDATA[",
    b"]]>",
    b"<?x y?>",
    b"\xFF\xFE",
    b"\xC3\x28",
];

/// One way of making a file bad. Places are parts of 65,536 of its length.
#[derive(Debug, Clone)]
enum Mutation {
    Flip(u16, u8),
    Cut(u16),
    Remove(u16, u16),
    Repeat(u16, u16),
    Insert(u16, usize),
    /// Puts a token where a value stood.
    Retype(u16, usize),
    Nest(u16, bool, u16),
    Wide(bool, bool),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let token = 0..TOKENS.len();
    prop_oneof![
        1 => (any::<u16>(), any::<u8>()).prop_map(|(p, b)| Mutation::Flip(p, b)),
        1 => any::<u16>().prop_map(Mutation::Cut),
        1 => (any::<u16>(), 0..200u16).prop_map(|(p, n)| Mutation::Remove(p, n)),
        3 => (any::<u16>(), 0..9u16).prop_map(|(p, n)| Mutation::Repeat(p, n)),
        3 => (any::<u16>(), token.clone()).prop_map(|(p, t)| Mutation::Insert(p, t)),
        3 => (any::<u16>(), token).prop_map(|(p, t)| Mutation::Retype(p, t)),
        1 => (any::<u16>(), any::<bool>(), 0..300u16).prop_map(|(p, x, n)| Mutation::Nest(p, x, n)),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(big, marked)| Mutation::Wide(big, marked)),
    ]
}

/// The first place at or after a part of the file where something begins.
fn edge(bytes: &[u8], part: u16) -> usize {
    let at = bytes.len() * usize::from(part) / 65_536;
    let next = bytes[at..].iter().position(|b| matches!(b, b'<' | b'{' | b'[' | b'"' | b',' | b'\n'));
    next.map_or(bytes.len(), |n| at + n)
}

fn splice(bytes: &mut Vec<u8>, from: usize, to: usize, with: &[u8]) {
    let to = to.clamp(from, bytes.len());
    bytes.splice(from..to, with.iter().copied());
}

fn spoil(bytes: &mut Vec<u8>, how: &Mutation) {
    let at = |part: u16| bytes.len() * usize::from(part) / 65_536;
    match *how {
        Mutation::Flip(part, by) => {
            let at = at(part);
            if let Some(b) = bytes.get_mut(at) {
                *b ^= by;
            }
        }
        Mutation::Cut(part) => bytes.truncate(at(part)),
        Mutation::Remove(part, many) => {
            let from = edge(bytes, part);
            splice(bytes, from, from + usize::from(many), b"");
        }
        Mutation::Repeat(part, edges) => {
            let from = edge(bytes, part);
            let mut to = from;
            for _ in 0..=edges {
                let rest = bytes.get(to + 1..).unwrap_or_default();
                to = rest
                    .iter()
                    .position(|b| matches!(b, b'<' | b'{' | b',' | b'\n'))
                    .map_or(bytes.len(), |n| to + 1 + n);
            }
            let piece = bytes[from..to].to_vec();
            splice(bytes, to, to, &piece);
        }
        Mutation::Insert(part, token) => {
            let from = edge(bytes, part);
            splice(bytes, from, from, TOKENS[token]);
        }
        Mutation::Retype(part, token) => {
            let start = at(part);
            let Some(from) = bytes[start..].iter().position(|b| matches!(b, b':' | b'>')).map(|n| start + n + 1) else {
                return;
            };
            let to =
                bytes[from..].iter().position(|b| matches!(b, b',' | b'}' | b'<' | b'\n')).map_or(from, |n| from + n);
            splice(bytes, from, to, TOKENS[token]);
        }
        Mutation::Nest(part, xml, deep) => {
            let from = edge(bytes, part);
            let (open, close): (&[u8], &[u8]) = if xml { (b"<a>", b"</a>") } else { (b"{\"a\":[", b"]}") };
            let nest = [open.repeat(deep.into()), b"1".to_vec(), close.repeat(deep.into())].concat();
            splice(bytes, from, from, &nest);
        }
        Mutation::Wide(big, marked) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let units = marked.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
            *bytes = units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
        }
    }
}

#[test]
fn no_file_panics_a_reader_and_nothing_is_half_done() {
    for reader in READERS {
        let good = (reader.judge)(reader.name, reader.good.as_bytes()).unwrap();
        assert!(good.kept > 0 && good.wrong == 0, "{}: {good:?}", reader.name);
    }
    let seconds = std::env::var("CONCORD_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    #[allow(clippy::disallowed_methods, reason = "how long to go on is the machine's time; no result depends on it")]
    let now = Instant::now;
    let end = now() + Duration::from_secs(seconds);
    let config = ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() };
    let case = (0..READERS.len(), prop::collection::vec(mutation(), 1..5));
    let (inputs, kept, refused, both) = (Cell::new(0u64), Cell::new(0u64), Cell::new(0u64), Cell::new(0u64));
    let count = |cell: &Cell<u64>, yes: bool| cell.set(cell.get() + u64::from(yes));
    for batch in 0u64.. {
        if now() >= end {
            break;
        }
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&batch.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let outcome = TestRunner::new_with_rng(config.clone(), rng).run(&case, |(which, mutations)| {
            let reader = &READERS[which];
            let mut bytes = reader.good.as_bytes().to_vec();
            mutations.iter().for_each(|m| spoil(&mut bytes, m));
            count(&inputs, true);
            let outcome = (reader.judge)(reader.name, &bytes);
            let shown = || format!("{}: {outcome:?}: {}", reader.name, String::from_utf8_lossy(&bytes));
            let Ok(Outcome { kept: k, wrong: w }) = outcome else {
                return Err(TestCaseError::fail(shown()));
            };
            prop_assert!(k + w > 0, "says nothing: {}", shown());
            count(&kept, w == 0);
            count(&refused, k == 0);
            count(&both, k > 0 && w > 0);
            Ok(())
        });
        if let Err(TestError::Fail(why, case)) = outcome {
            panic!("{why}\n{case:?}");
        }
    }
    let least = [&kept, &refused, &both].map(Cell::get).into_iter().min().unwrap_or(0);
    assert!(least * 100 > inputs.get(), "mutations are too mild or too wild: {kept:?} {refused:?} {both:?}");
    println!("figure: {} inputs, 0 panics, 0 partial", inputs.get());
}
