//! The walk over everything the nation prints, for the values of victims, witnesses and minors (invariant 5).

use std::collections::HashSet;

use aho_corasick::AhoCorasick;
use serde_json::Value;
use testkit::nation::Nation;

/// The values that nobody may be shown.
///
/// A value that stands in an ordinary entry's value too (the same account, entered by another case as a suspect's), or is
/// what an officer is called or called by, may be shown for that one's sake, and is left out.
pub struct Walk {
    search: AhoCorasick,
    ordinary: Vec<bool>,
}

impl Walk {
    pub fn of(nation: &Nation) -> Self {
        let protected: HashSet<String> = nation.protected().map(|p| p.value).filter(|v| v.len() >= 5).collect();
        let values: Vec<String> = protected.into_iter().collect();
        let search = AhoCorasick::new(&values).unwrap();
        let mut ordinary = vec![false; values.len()];
        let mut mark = |text: &str| {
            for found in search.find_overlapping_iter(text) {
                ordinary[found.pattern().as_usize()] = true;
            }
        };
        for case in nation.cases() {
            case.entries.iter().filter(|e| !e.is_protected()).for_each(|e| mark(&e.value));
            if let Some(contact) = &case.contact {
                mark(&contact.name);
                mark(contact.telephone.as_str());
            }
        }
        // Names and numbers for examples are few: an officer may have those of a victim.
        for agency in nation.agencies() {
            mark(agency.telephone.as_str());
            for member in &agency.members {
                mark(&member.name);
                mark(member.telephone.as_str());
            }
        }
        Self { search, ordinary }
    }

    /// How many values are sought.
    pub fn protected(&self) -> usize {
        self.ordinary.iter().filter(|o| !**o).count()
    }

    /// Does one stand in this text?
    pub fn shows(&self, text: &str) -> bool {
        self.search.find_overlapping_iter(text).any(|found| !self.ordinary[found.pattern().as_usize()])
    }

    /// The texts of this line of JSON in which one stands.
    pub fn shown_in(&self, line: &str) -> Vec<String> {
        let mut shown = Vec::new();
        self.walk(&serde_json::from_str(line).unwrap(), &mut shown);
        shown
    }

    fn walk(&self, value: &Value, shown: &mut Vec<String>) {
        match value {
            Value::String(text) if self.shows(text) => shown.push(text.clone()),
            Value::Array(all) => all.iter().for_each(|v| self.walk(v, shown)),
            Value::Object(all) => {
                shown.extend(all.keys().filter(|key| self.shows(key)).cloned());
                all.values().for_each(|v| self.walk(v, shown));
            }
            Value::Number(n) if self.shows(&n.to_string()) => shown.push(n.to_string()),
            _ => {}
        }
    }
}
