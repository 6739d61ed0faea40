//! From keys to a tip: what the schema takes is parsed; what it leaves is free text under its path.

use std::collections::HashMap;

use model::tip::{FileHash, HashType, HashValue, TipWords};
use model::{FreeText, Invalid, Problem};

use super::pass::{Pass, Text};
use super::schema::NO_HASH;
use super::tree::{Node, is_key};

/// Deepest path of a free text; the API goes to five.
const DEEPEST: usize = 16;
/// Most free texts in one report.
const MOST_WORDS: usize = 10_000;
/// Most problems of one report: a list of a million wrong values says no more than its first.
const MOST_WRONG: usize = 1_000;

/// Keys of the API that are not in the schema: their texts are free. In problems these are named; any other key may be
/// an identifier in the wrong place, so it is told by its number only.
const FREE: [&str; 38] = [
    "additionalInfo",
    "agencyName",
    "caseNumber",
    "city",
    "companyTemplate",
    "console",
    "contactPerson",
    "content",
    "countryCode",
    "details",
    "displayName",
    "email",
    "escalateToHighPriority",
    "estimatedLocation",
    "extension",
    "fleaCountry",
    "gameName",
    "incidentDateTimeDescription",
    "lawEnforcement",
    "latitude",
    "legalURL",
    "locationName",
    "locationOfFile",
    "longitude",
    "middleName",
    "name",
    "officerContact",
    "phone",
    "profileBio",
    "region",
    "reporter",
    "reportingPerson",
    "schoolName",
    "termsOfService",
    "type",
    "vehicleDescription",
    "verificationDate",
    "verified",
];

/// One part while it is read.
struct Frame<'n> {
    node: &'n Node,
    /// The key as the API writes it, or as the file does.
    key: &'n str,
    /// Which of its list, from 0.
    at: usize,
    /// How problems name it.
    shown: String,
    taken: Vec<bool>,
    own_taken: bool,
}

/// A pass that reads.
pub(super) struct Reading<'n> {
    stack: Vec<Frame<'n>>,
    place: String,
    pub(super) wrong: Vec<Problem>,
    pub(super) words: Vec<TipWords>,
    pub(super) dropped: u32,
}

impl<'n> Reading<'n> {
    /// Reads one report that stands at `place`.
    pub(super) fn new(report: &'n Node, place: String) -> Self {
        let mut reading = Self { stack: Vec::new(), place, wrong: Vec::new(), words: Vec::new(), dropped: 0 };
        reading.enter(report, "report", 0, "report");
        reading
    }

    /// Keeps what the schema left.
    pub(super) fn finish(&mut self) {
        self.leave();
        self.words.sort_by(|a, b| a.label.cmp(&b.label));
    }

    fn enter(&mut self, node: &'n Node, key: &'n str, at: usize, shown: &str) {
        let taken = vec![false; node.parts.len()];
        self.stack.push(Frame { node, key, at, shown: nth(shown, at), taken, own_taken: false });
    }

    /// Turns all that nobody took into free text.
    fn leave(&mut self) {
        let Some(frame) = self.stack.last() else { return };
        let node = frame.node;
        if !frame.own_taken && !node.text.is_empty() {
            self.keep(&node.text);
        }
        let mut met: HashMap<&str, usize> = HashMap::new();
        for (i, part) in node.parts.iter().enumerate() {
            let count = met.entry(part.key.as_str()).or_default();
            let at = *count;
            *count += 1;
            let taken = self.stack.last().is_some_and(|f| f.taken.get(i) == Some(&true));
            if taken || part.is_empty() {
                continue;
            }
            if part.is_report() {
                let cure = "put each report beside the others, not into one";
                self.refuse(&nth("report", at), Invalid::new("is a report inside a report", cure));
                continue;
            }
            if part.key.to_ascii_lowercase().contains("filename") {
                self.dropped = self.dropped.saturating_add(1);
                continue;
            }
            let shown = if FREE.contains(&part.key.as_str()) { part.key.clone() } else { format!("key {}", i + 1) };
            if !is_key(&part.key) {
                let cure = "rename it to letters, digits, - and _, a letter first, at most 64";
                self.refuse(&shown, Invalid::new("has a name the reporting API could not have", cure));
            } else if part.deep || self.stack.len() > DEEPEST {
                self.refuse(&shown, too_deep());
            } else {
                self.enter(part, &part.key, at, &shown);
                self.leave();
            }
        }
        self.stack.pop();
    }

    fn keep(&mut self, text: &str) {
        if self.words.len() >= MOST_WORDS {
            let cure = "split the report, or shorten it";
            return self.refuse("", Invalid::new(format!("is text number {}", MOST_WORDS + 1), cure));
        }
        let kept =
            checked(text).and_then(|()| Ok(FreeText::refuse_encoded(text)?)).and_then(|()| FreeText::parse(text));
        match kept {
            Ok(text) => {
                let path: Vec<_> = self.stack.iter().skip(1).map(|f| nth(f.key, f.at)).collect();
                self.words.push(TipWords { label: path.join("."), text });
            }
            Err(e) => self.refuse("", e),
        }
    }

    /// What problems call the part being read, or a key in it.
    fn field(&self, key: &str) -> String {
        let path = self.stack.iter().skip(1).map(|f| f.shown.as_str());
        let path: Vec<_> = path.chain([key]).filter(|s| !s.is_empty()).collect();
        if path.is_empty() { "report".to_owned() } else { path.join(".") }
    }

    fn refuse(&mut self, key: &str, why: Invalid) {
        if self.wrong.len() < MOST_WRONG {
            self.wrong.push(why.at(self.place.clone(), self.field(key)));
        }
    }

    /// The parts under a key that nobody took yet; now they are taken.
    fn take(&mut self, key: &str) -> Vec<&'n Node> {
        let Some(frame) = self.stack.last_mut() else { return Vec::new() };
        let mut found = Vec::new();
        for (part, taken) in frame.node.parts.iter().zip(&mut frame.taken) {
            if !*taken && part.key == key {
                *taken = true;
                found.push(part);
            }
        }
        if found.iter().any(|part| part.deep) {
            self.refuse(key, too_deep());
        }
        found.retain(|part| !part.deep);
        found
    }

    /// The part's own text; in JSON it may stand under `value`.
    fn own_text(&mut self) -> Option<&'n Node> {
        let frame = self.stack.last_mut()?;
        frame.own_taken = true;
        let node = frame.node;
        if node.text.is_empty() {
            self.take("value");
        }
        node.said()
    }

    /// Reads the own text of the part being read.
    fn text<T: Text>(&mut self, slot: &mut Option<T>) {
        let Some(node) = self.own_text() else { return };
        match value(node) {
            Ok(value) => *slot = Some(value),
            Err(e) => self.refuse("", e),
        }
    }

    /// Reads a part that is a text; parts beside it are free.
    fn leaf<T: Text>(&mut self, node: &'n Node, key: &'static str, at: usize) -> Option<T> {
        let mut slot = None;
        let before = self.wrong.len();
        self.enter(node, key, at, key);
        self.text(&mut slot);
        if slot.is_none() && self.wrong.len() == before {
            self.refuse("", Invalid::new("holds parts where a text should stand", "write the value itself"));
        }
        self.leave();
        slot
    }
}

impl Pass for Reading<'_> {
    fn one<T: Text>(&mut self, key: &'static str, slot: &mut Option<T>) {
        *slot = None;
        let found: Vec<_> = self.take(key).into_iter().filter(|n| !n.is_empty()).collect();
        for (at, node) in found.into_iter().enumerate() {
            if at > 0 {
                return self.refuse(key, Invalid::new("stands twice", "leave one of the two out"));
            }
            *slot = self.leaf(node, key, 0);
        }
    }

    fn many<T: Text>(&mut self, key: &'static str, slot: &mut Vec<T>) {
        let found = self.take(key).into_iter().filter(|n| !n.is_empty());
        for (at, node) in found.enumerate() {
            slot.extend(self.leaf(node, key, at));
        }
    }

    fn own<T: Text>(&mut self, slot: &mut Option<T>) {
        self.text(slot);
    }

    fn flags<T: Text + Ord>(&mut self, key: &'static str, slot: &mut Vec<T>) {
        for (at, node) in self.take(key).into_iter().enumerate() {
            let said = (!node.text.is_empty()).then_some((node.text.as_str(), true));
            let mut words: Vec<_> = said.into_iter().collect();
            for part in &node.parts {
                let says = if part.text.is_empty() { Ok(true) } else { bool::parse(&part.text) };
                match says {
                    Ok(yes) if part.parts.is_empty() && !part.deep => words.push((part.key.as_str(), yes)),
                    _ => {
                        let why = Invalid::new("is not yes or no", "leave an annotation empty, or write true or false");
                        self.refuse(&nth(key, at), why);
                    }
                }
            }
            for (word, _) in words.into_iter().filter(|(_, yes)| *yes) {
                match T::parse(word) {
                    Ok(code) => slot.push(code),
                    Err(e) => self.refuse(&nth(key, at), e),
                }
            }
        }
        slot.sort();
        slot.dedup();
    }

    fn within(&mut self, key: &'static str, walk: impl FnOnce(&mut Self)) {
        let found: Vec<_> = self.take(key).into_iter().filter(|n| !n.is_empty()).collect();
        if found.len() > 1 {
            self.refuse(key, Invalid::new("stands twice", "leave one of the two out"));
        }
        if let Some(node) = found.first() {
            self.enter(node, key, 0, key);
            walk(self);
            self.leave();
        }
    }

    fn part<T: Default + PartialEq>(
        &mut self,
        keys: &[&'static str],
        slot: &mut Option<T>,
        walk: fn(&mut T, &mut Self),
    ) {
        let found: Vec<_> = keys.iter().flat_map(|key| self.take(key)).filter(|n| !n.is_empty()).collect();
        let key = keys.first().copied().unwrap_or_default();
        if found.len() > 1 {
            self.refuse(key, Invalid::new("stands twice", "leave one of the two out"));
        }
        if let Some(node) = found.first() {
            let mut part = T::default();
            self.enter(node, key, 0, key);
            walk(&mut part, self);
            self.leave();
            *slot = Some(part).filter(|p| *p != T::default());
        }
    }

    fn parts<T: Default>(&mut self, key: &'static str, slot: &mut Vec<T>, walk: fn(&mut T, &mut Self)) {
        for (at, node) in self.take(key).into_iter().enumerate() {
            let mut part = T::default();
            self.enter(node, key, at, key);
            walk(&mut part, self);
            self.leave();
            slot.push(part);
        }
    }

    fn names(&mut self, key: &'static str, keep: fn(&str) -> bool) {
        let Some(frame) = self.stack.last_mut() else { return };
        for (part, taken) in frame.node.parts.iter().zip(&mut frame.taken) {
            if part.key == key && !(part.parts.is_empty() && keep(&part.text)) {
                *taken = true;
                self.dropped = self.dropped.saturating_add(u32::from(!part.is_empty()));
            }
        }
    }

    fn pairs(&mut self, slot: &mut Vec<FileHash>) {
        for (at, details) in self.take("details").into_iter().enumerate() {
            self.dropped = self.dropped.saturating_add(u32::from(!details.text.is_empty()));
            for pair in &details.parts {
                let said = |key: &str| pair.part(key).map(|n| n.text.as_str()).unwrap_or_default();
                if pair.key != "nameValuePair" || !said("type").eq_ignore_ascii_case("HASH") {
                    self.dropped = self.dropped.saturating_add(1);
                    continue;
                }
                match (pair_text::<HashType>(pair, "name"), pair_text::<HashValue>(pair, "value")) {
                    (Ok(kind), Ok(value)) => {
                        let hash = FileHash { kind: Some(kind), value: Some(value) };
                        let (problem, cure) = NO_HASH;
                        if !hash.can_be() {
                            self.refuse(&format!("{}.nameValuePair", nth("details", at)), Invalid::new(problem, cure));
                        }
                        slot.push(hash);
                    }
                    (Err(e), _) | (_, Err(e)) => self.refuse(&format!("{}.nameValuePair", nth("details", at)), e),
                }
            }
        }
    }

    fn rule(&mut self, holds: bool, key: &str, problem: &str, cure: &str) {
        // A value that is wrong has been told; it is not missing as well.
        if !holds && self.wrong.last().is_none_or(|p| p.field != self.field(key)) {
            self.refuse(key, Invalid::new(problem, cure));
        }
    }
}

/// A key and which of its list: the second has its number, and all after it.
pub(super) fn nth(key: &str, at: usize) -> String {
    if at == 0 { key.to_owned() } else { format!("{key} {}", at + 1) }
}

fn value<T: Text>(node: &Node) -> Result<T, Invalid> {
    if node.rounded {
        return Err(rounded_number());
    }
    checked(&node.text)?;
    T::parse(&node.text)
}

/// A half of a pair of name and value.
fn pair_text<T: Text>(pair: &Node, key: &str) -> Result<T, Invalid> {
    pair.part(key).map_or_else(|| T::parse(""), value)
}

fn too_deep() -> Invalid {
    Invalid::new("nests too deep", "give the report as it was downloaded")
}

fn rounded_number() -> Invalid {
    Invalid::new("is a number that was rounded", "write it in quotation marks")
}

/// XML has no way to say these two, so a report that holds them could not be written back.
fn checked(text: &str) -> Result<(), Invalid> {
    if text.contains(['\u{FFFE}', '\u{FFFF}']) {
        return Err(Invalid::new("holds signs that are no letters (U+FFFE or U+FFFF)", "write it as plain text"));
    }
    Ok(())
}
