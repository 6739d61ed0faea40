//! Two sides of a meeting.
#![allow(dead_code, missing_docs, reason = "each test uses its part; tests need no docs")]

use matching::{Facts, Family, Identifier, Key, Lists, Normal, Reading, Verdict, compare, keys, normalise, probes};
use model::{AgeClass, Country, EntryRole, Kind, Micros, Strength, Window};

pub fn at(kind: Kind, value: &str, platform: Option<&str>) -> Normal {
    match normalise(kind, value, platform, &Reading { country: Country::HOME }) {
        Ok(Identifier::Whole(n)) => n,
        other => panic!("{value:?} as {kind}: {other:?}"),
    }
}

pub fn read(kind: Kind, value: &str) -> Normal {
    at(kind, value, None)
}

pub fn facts(kind: Kind) -> Facts {
    Facts {
        kind,
        role: EntryRole::Subject,
        age: AgeClass::Adult,
        source: None,
        seen: Window::default(),
        port: None,
        entered: Micros(0),
    }
}

/// Seen from `from` to `to`, in seconds.
pub fn seen(mut facts: Facts, from: i64, to: i64) -> Facts {
    facts.seen = Window::new(Some(Micros(from * 1_000_000)), Some(Micros(to * 1_000_000))).unwrap();
    facts
}

pub fn port(mut facts: Facts, port: u16) -> Facts {
    facts.port = Some(port);
    facts
}

/// The built-in lists, with 198.51.100.0/24 as a carrier's pool.
pub fn nat_lists() -> Lists {
    let mut json: serde_json::Value = serde_json::from_str(include_str!("../../data/lists.json")).unwrap();
    json["version"] = "test.1".into();
    json["carrier_nat"]["ranges"] = serde_json::json!(["198.51.100.0/24", "2001:db8:aaaa::/48"]);
    Lists::from_json(&json.to_string()).unwrap()
}

/// The families through which my look meets their entry.
pub fn shared(mine: &Normal, theirs: &Normal) -> Vec<Family> {
    let stored: std::collections::HashSet<Key> = keys(theirs).into_iter().collect();
    let mut met: Vec<Family> = probes(mine).into_iter().filter(|k| stored.contains(k)).map(|k| k.family).collect();
    met.dedup();
    met
}

/// The best verdict of a look, as the conflicts of a case would have it.
pub fn judge(mine: (&Normal, &Facts), theirs: (&Normal, &Facts), lists: &Lists) -> Option<Verdict> {
    let near = matching::pdq_near(mine.0, theirs.0);
    let verdicts = shared(mine.0, theirs.0).into_iter().filter_map(|family| {
        compare(family, mine.1, theirs.1, Some(mine.0.text == theirs.0.text), near, lists, mine.0)
    });
    verdicts.max_by_key(|v| (v.strength, std::cmp::Reverse(v.family.code())))
}

/// Family and strength of a look without windows and ports.
pub fn plain(mine: &Normal, theirs: &Normal) -> Option<(Family, Strength)> {
    let lists = Lists::built_in();
    judge((mine, &facts(mine.kind)), (theirs, &facts(theirs.kind)), &lists).map(|v| (v.family, v.strength))
}
