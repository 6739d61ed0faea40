//! Conflicts: the meetings of one look, judged and grouped by case.

use crate::family::Family;
use crate::lists::Lists;
use crate::normalise::Normal;
use crate::rules::{Facts, Verdict, compare};
use model::{AgencyId, CaseId, EntryId, Level, MemberId, Strength};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Me {
    /// The case asked for; `None` for a check without one.
    pub case: Option<CaseId>,
    /// The asking agency.
    pub agency: AgencyId,
    /// The lead of the case, or the member who checks.
    pub lead: MemberId,
}

/// One value asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its canonical form.
    pub normal: Normal,
    /// What the rules look at.
    pub facts: Facts,
    /// How one's own entry answers others.
    pub level: Level,
}

/// One posting that met one of the values asked, as the store found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The case that holds it.
    pub case: CaseId,
    /// That case's agency.
    pub agency: AgencyId,
    /// That case's lead.
    pub lead: MemberId,
    /// The entry.
    pub entry: EntryId,
    /// How the entry answers others.
    pub level: Level,
    /// What the rules look at.
    pub facts: Facts,
    /// Which of the values asked it met, by index.
    pub mine: usize,
    /// The family of the key that met.
    pub family: Family,
    /// For PDQ: confirmed within 31 bits by the store.
    pub near: Option<bool>,
}

/// One entry that meets one of the values asked, by the best of the rules that apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Which of the values asked, by index.
    pub mine: usize,
    /// The other entry.
    pub entry: EntryId,
    /// What the rule says.
    pub verdict: Verdict,
}

/// One case that meets mine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// The case.
    pub case: CaseId,
    /// Its agency.
    pub agency: AgencyId,
    /// Its matches, strongest first.
    pub matches: Vec<Match>,
    /// The strength of the strongest.
    pub strength: Strength,
}

/// Judges and groups the hits of one look. My own case and cases of my agency with my lead are dropped, values on a
/// stop-list make nothing, and of several rules for one value and entry the strongest is kept. Strongest cases first,
/// then by id: the order does not depend on the order of the hits.
pub fn conflicts(me: &Me, asked: &[Asked], hits: &[Hit], lists: &Lists) -> Vec<Met> {
    let stopped: Vec<bool> = asked.iter().map(|a| lists.suppressed(&a.normal).is_some()).collect();
    // Where an address met itself, the rule of addresses speaks and its network says nothing more.
    let addresses: HashSet<(usize, EntryId)> =
        hits.iter().filter(|h| h.family == Family::Ip).map(|h| (h.mine, h.entry)).collect();
    let mut best: HashMap<(CaseId, usize, EntryId), (AgencyId, Match)> = HashMap::new();
    for hit in hits {
        let own = me.case == Some(hit.case) || (hit.agency == me.agency && hit.lead == me.lead);
        let covered = hit.family == Family::Ip6Net && addresses.contains(&(hit.mine, hit.entry));
        let Some(ask) = asked.get(hit.mine).filter(|_| !own && !covered) else { continue };
        if stopped.get(hit.mine).copied().unwrap_or(true) {
            continue;
        }
        let Some(verdict) = compare(hit.family, &ask.facts, &hit.facts, None, hit.near, lists, &ask.normal) else {
            continue;
        };
        let found = Match { mine: hit.mine, entry: hit.entry, verdict };
        match best.entry((hit.case, hit.mine, hit.entry)) {
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert((hit.agency, found));
            }
            std::collections::hash_map::Entry::Occupied(mut slot) => {
                if rank(&found) < rank(&slot.get().1) {
                    slot.insert((hit.agency, found));
                }
            }
        }
    }
    let mut cases: BTreeMap<CaseId, (AgencyId, Vec<Match>)> = BTreeMap::new();
    for ((case, _, _), (agency, found)) in best {
        cases.entry(case).or_insert_with(|| (agency, Vec::new())).1.push(found);
    }
    let mut met: Vec<Met> = cases
        .into_iter()
        .map(|(case, (agency, mut matches))| {
            matches.sort_by_key(|m| (std::cmp::Reverse(m.verdict.strength), m.mine, m.entry));
            let strength = matches.first().map_or(Strength::Possible, |m| m.verdict.strength);
            Met { case, agency, matches, strength }
        })
        .collect();
    met.sort_by_key(|m| (std::cmp::Reverse(m.strength), m.case));
    met
}

/// Strongest first, then the family with the lower code.
fn rank(found: &Match) -> (std::cmp::Reverse<Strength>, i64) {
    (std::cmp::Reverse(found.verdict.strength), found.verdict.family.code())
}

#[cfg(test)]
mod tests;
