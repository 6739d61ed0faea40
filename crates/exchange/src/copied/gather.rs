//! What was found, once each: the widest window, the first place, the most protected role.

use std::collections::HashMap;

use model::{AgeClass, EntryDraft, EntryRole, FreeText, Kind, Problem, Window};

use super::times::Trouble;
use crate::MOST_RECORDS;
use crate::case::widest;
use crate::problems::{Problems, at_line, check_value};

type Key = (Kind, String, String, Option<u16>);

/// Drafts in the order of their first places.
#[derive(Default)]
pub(super) struct Gathered {
    drafts: Vec<EntryDraft>,
    at: HashMap<Key, usize>,
    problems: Problems,
    full: bool,
}

impl Gathered {
    pub(super) fn add(&mut self, draft: EntryDraft, line: u64) {
        if let Err(why) = check_value(Some(draft.kind), &draft.value) {
            self.problems.add(why.at(format!("line {line}"), draft.kind.word()));
            return;
        }
        // Case tells some values apart; those stay as they are.
        let value = match draft.kind {
            Kind::Url | Kind::Wallet | Kind::Room => draft.value.clone(),
            _ => draft.value.to_lowercase(),
        };
        let key = (draft.kind, value, draft.platform.as_deref().unwrap_or_default().to_lowercase(), draft.port);
        if let Some(known) = self.at.get(&key).and_then(|at| self.drafts.get_mut(*at)) {
            known.seen = widest(known.seen, draft.seen);
            if draft.is_protected() {
                known.role = draft.role;
                known.age = if known.age == AgeClass::Minor { AgeClass::Minor } else { draft.age };
            }
        } else if self.drafts.len() < MOST_RECORDS {
            self.at.insert(key, self.drafts.len());
            self.drafts.push(draft);
        } else if !self.full {
            self.full = true;
            let problem = format!("holds more than {MOST_RECORDS} identifiers");
            self.problems.add(at_line(line, "identifiers", problem, "split the text into smaller ones"));
        }
    }

    pub(super) fn problem(&mut self, line: u64, field: &str, problem: &str, cure: &str) {
        self.problems.add(at_line(line, field, problem, cure));
    }

    /// A time that cannot be used leaves its identifier without a window, and says why.
    pub(super) fn trouble(&mut self, line: u64, kind: Kind, trouble: Trouble) {
        let (problem, cure) = match trouble {
            Trouble::NoZone => (
                "has a time without a zone; it was taken without its time",
                "look in the original for the zone and add it to the time, for example 2026-03-04 05:06:07 UTC",
            ),
            Trouble::UnknownZone => (
                "has a time in a zone that has several meanings; it was taken without its time",
                "write the zone as an offset, for example UTC-5",
            ),
            Trouble::UnsureOrder => (
                "has a date whose day and month cannot be told apart; it was taken without its time",
                "write the date as year-month-day, for example 2026-03-04",
            ),
            Trouble::NoSuchTime => (
                "has a time that no calendar has; it was taken without its time",
                "look in the original and correct it",
            ),
        };
        self.problems.add(at_line(line, kind.word(), problem, cure));
    }

    /// Both in the order of the text.
    pub(super) fn finish(mut self) -> (Vec<EntryDraft>, Vec<Problem>) {
        self.drafts.sort_by_cached_key(|d| line_of(&d.place));
        let mut problems = self.problems.into_list();
        problems.sort_by_cached_key(|p| line_of(&p.place));
        (self.drafts, problems)
    }
}

/// The number in "line 7"; what is of the whole file stands last.
pub(super) fn line_of(place: &str) -> u64 {
    place.rsplit(' ').next().and_then(|n| n.parse().ok()).unwrap_or(u64::MAX)
}

/// A draft as this reader makes them; `None` for a value that carries what no text may.
pub(super) fn draft(
    line: u64,
    kind: Kind,
    value: &str,
    role: EntryRole,
    age: AgeClass,
    seen: Window,
) -> Option<EntryDraft> {
    let plain = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.is_empty() || (plain.len() > 70 && FreeText::parse(&plain).is_err()) {
        return None;
    }
    let mut draft = EntryDraft::new(format!("line {line}"), kind, plain);
    draft.role = role;
    draft.age = age;
    draft.seen = seen;
    Some(draft)
}
