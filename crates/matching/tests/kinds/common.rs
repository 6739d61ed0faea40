//! What the table of each kind needs.
#![allow(dead_code, missing_docs, reason = "each table uses its part; tests need no docs")]

use matching::{Identifier, Normal, Reading, normalise};
use model::{Country, Kind};
use proptest::prelude::*;

pub fn reading() -> Reading {
    Reading { country: Country::HOME }
}

/// What a row of a table promises.
#[derive(Debug)]
pub enum Want {
    /// Whole, without doubt.
    Sure(&'static str),
    /// Whole, with a doubt.
    Doubt(&'static str),
    /// Kept, never matched.
    Partial,
    /// Refused.
    Bad,
}
pub use Want::*;

pub fn read(kind: Kind, value: &str, platform: Option<&str>) -> Result<Identifier, model::Invalid> {
    normalise(kind, value, platform, &reading())
}

pub fn whole(kind: Kind, value: &str) -> Normal {
    at(kind, value, None)
}

pub fn at(kind: Kind, value: &str, platform: Option<&str>) -> Normal {
    match read(kind, value, platform) {
        Ok(Identifier::Whole(n)) => n,
        other => panic!("{value:?} as {kind}: {other:?}"),
    }
}

/// Checks each row, that reading twice changes nothing, and that no error repeats the value.
pub fn table(kind: Kind, platform: Option<&str>, rows: &[(&str, Want)]) {
    assert!(rows.len() >= 8, "a table has at least eight rows");
    for (value, want) in rows {
        match (read(kind, value, platform), want) {
            (Ok(Identifier::Whole(n)), Sure(text)) => {
                assert_eq!((n.text.as_str(), n.doubt.as_deref()), (*text, None), "{value:?} as {kind}");
                twice(kind, &n);
            }
            (Ok(Identifier::Whole(n)), Doubt(text)) => {
                assert_eq!(n.text, *text, "{value:?} as {kind}");
                assert!(n.doubt.is_some(), "{value:?} as {kind} should be doubted");
                twice(kind, &n);
            }
            (Ok(Identifier::Partial { why }), Partial) => assert!(!why.contains(value)),
            (Err(e), Bad) => assert!(value.is_empty() || !e.problem.contains(value), "{e}"),
            (got, want) => {
                panic!("{value:?} as {kind}: wanted {want:?}, got {:?}", got.map(|i| i.whole().map(|n| n.text.clone())))
            }
        }
    }
}

pub fn twice(kind: Kind, once: &Normal) {
    let again = at(kind, &once.text, once.platform.as_deref());
    assert_eq!((&again.text, &again.platform), (&once.text, &once.platform), "{kind}: reading twice changed something");
    assert!(!once.text.contains(|c: char| c.is_control()));
    assert!(!format!("{once:?}").contains(&once.text) || once.text.len() < 4);
}

/// Any string at all, and strings made of what this kind is made of.
pub fn strings(pattern: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), proptest::string::string_regex(pattern).unwrap()]
}

/// Reading never panics and standing still is a law.
pub fn law(kind: Kind, value: &str, platform: Option<&str>) {
    if let Ok(Identifier::Whole(n)) = read(kind, value, platform) {
        twice(kind, &n);
    }
}
