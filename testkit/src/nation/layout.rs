//! Who holds what: which cases share a planted value, found from either end without a table.
//!
//! Each sort of planting deals its pairs or tickets over the cases by a shuffle that can be asked both ways, so a case
//! knows what it holds and a pair knows where it stands, whatever part of the nation is made.

use super::mix::{Shuffle, draw};
use super::noise::NEAR;
use super::recipes::RECIPES;

/// Topics of chance.
pub(super) mod topic {
    pub(in super::super) const AGENCY: u64 = 0xa1;
    pub(in super::super) const LEAD: u64 = 0xa2;
    pub(in super::super) const SIZE: u64 = 0xa3;
    pub(in super::super) const EXTRA: u64 = 0xa4;
    pub(in super::super) const PAIR: u64 = 0xa5;
    pub(in super::super) const SIDE: u64 = 0xa7;
    pub(in super::super) const NEAR: u64 = 0xa8;
    pub(in super::super) const CASE: u64 = 0xa9;
    pub(in super::super) const ENTRY: u64 = 0xaa;
    pub(in super::super) const DIFFERENT: u64 = 0xab;
}

/// What a case holds besides entries that meet nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    /// One side of a planted pair.
    Planted { pair: u64, a: bool },
    /// One side of two writings of a person that the rule does not join.
    Different { pair: u64, a: bool },
    /// One side of a near miss.
    Near { pair: u64, a: bool },
    /// A value that a few to sixty cases hold.
    Group { group: u64 },
    /// A value that more cases than the cap hold.
    OverCap { value: u64 },
    /// An officer's own identity.
    Persona,
    /// A value everybody has, by its place in the list.
    Everybodys { at: usize },
    /// A value a part of which is hidden, by its place in the list.
    Hidden { at: usize },
}

/// Pairs dealt over cases: each case holds at most one first side and one second side.
#[derive(Debug, Clone, Copy)]
struct Pairs {
    count: u64,
    a: Shuffle,
    b: Shuffle,
}

impl Pairs {
    fn new(count: u64, cases: u64, seed: u64, topic: u64) -> Self {
        Self { count, a: Shuffle::new(cases, seed, topic), b: Shuffle::new(cases, seed, topic ^ 0xff00) }
    }

    fn sides(&self, pair: u64) -> (u64, u64) {
        (self.a.at(pair), self.b.at(pair))
    }

    /// The pairs a case stands in, and on which side.
    fn of(&self, case: u64) -> impl Iterator<Item = (u64, bool)> {
        let count = self.count;
        [(self.a.place(case), true), (self.b.place(case), false)].into_iter().filter(move |(p, _)| *p < count)
    }
}

/// Sizes of groups, dealt again and again: a long tail of 2 to 60 holders.
const GROUPS: [u64; 26] = [2, 3, 2, 5, 2, 3, 2, 8, 2, 2, 3, 2, 13, 2, 3, 2, 2, 5, 2, 20, 2, 3, 2, 5, 2, 60];
/// Holders of one deal of groups.
const DEAL: u64 = {
    let (mut at, mut sum) = (0, 0);
    while at < GROUPS.len() {
        sum += GROUPS[at];
        at += 1;
    }
    sum
};
/// Most holders of a value over the cap.
const OVER_CAP_MOST: u64 = 140;

/// The whole plan of who holds what: some numbers and shuffles, whatever the size of the nation.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    seed: u64,
    /// How many cases there are.
    pub cases: u64,
    planted: Pairs,
    /// How many pairs stand within one agency: cases 2x and 2x+1.
    house: u64,
    houses: Shuffle,
    near: Pairs,
    different: Pairs,
    tickets: u64,
    ticket: Shuffle,
    /// How many values are over the cap.
    pub over_cap: u64,
    over: Shuffle,
}

impl Layout {
    pub(super) fn new(entries: u64, seed: u64) -> Self {
        let cases = entries / 18;
        let planted = (entries / 120).max(4 * RECIPES.len() as u64);
        let near = (entries / 200).max(2 * NEAR.len() as u64);
        let different = (entries / 2_000).max(90);
        Self {
            seed,
            cases,
            planted: Pairs::new(planted, cases, seed, 0x01),
            house: (entries / 2_000).max(30),
            houses: Shuffle::new(cases / 2, seed, 0x02),
            near: Pairs::new(near, cases, seed, 0x03),
            different: Pairs::new(different, cases, seed, 0x04),
            tickets: (entries / 2_000).max(12),
            ticket: Shuffle::new(cases, seed, 0x05),
            over_cap: 2 + entries / 250_000,
            over: Shuffle::new(cases, seed, 0x06),
        }
    }

    /// How many pairs were dealt; some few are void, because their two cases are of one lead.
    pub(super) fn pairs(&self) -> u64 {
        self.planted.count + self.house
    }

    pub(super) fn different_pairs(&self) -> u64 {
        self.different.count
    }

    /// The two cases of a planted pair.
    pub(super) fn sides(&self, pair: u64) -> (u64, u64) {
        match pair.checked_sub(self.planted.count) {
            None => self.planted.sides(pair),
            Some(house) => {
                let at = self.houses.at(house) * 2;
                (at, at + 1)
            }
        }
    }

    pub(super) fn near_pairs(&self) -> u64 {
        self.near.count
    }

    pub(super) fn near_sides(&self, pair: u64) -> (u64, u64) {
        self.near.sides(pair)
    }

    pub(super) fn different_sides(&self, pair: u64) -> (u64, u64) {
        self.different.sides(pair)
    }

    /// A place among all pairs of all classes: for addresses that times tell apart.
    pub(super) fn near_slot(&self, pair: u64) -> u64 {
        self.pairs() + pair
    }

    /// The pair within one agency that begins or ends in this case.
    fn house(&self, case: u64) -> Option<u64> {
        let at = case / 2;
        (at < self.cases / 2).then(|| self.houses.place(at)).filter(|h| *h < self.house)
    }

    /// Does this case belong to the agency of the case before it, with another lead?
    pub(super) fn follows(&self, case: u64) -> bool {
        case % 2 == 1 && self.house(case).is_some()
    }

    /// The group a ticket belongs to, its first ticket and its size; `None` where it would have too few.
    fn group_of(&self, ticket: u64) -> Option<(u64, u64, u64)> {
        let (deal, mut at) = (ticket / DEAL, ticket % DEAL);
        for (i, size) in GROUPS.iter().enumerate() {
            if at < *size {
                let first = ticket - at;
                let whole = first + size <= self.tickets;
                return whole.then_some((deal * GROUPS.len() as u64 + i as u64, first, *size));
            }
            at -= size;
        }
        None
    }

    /// Every group and the cases that hold its value.
    pub(super) fn groups(&self) -> impl Iterator<Item = (u64, Vec<u64>)> + use<> {
        let layout = self.clone();
        let mut ticket = 0;
        std::iter::from_fn(move || {
            let (group, first, size) = (ticket < layout.tickets).then(|| layout.group_of(ticket)).flatten()?;
            ticket = first + size;
            Some((group, (first..first + size).map(|t| layout.ticket.at(t)).collect()))
        })
    }

    /// The cases that hold a value over the cap: 101 to 140.
    pub(super) fn over_cap_cases(&self, value: u64) -> impl Iterator<Item = u64> {
        let over = self.over;
        (0..self.over_cap_holders(value)).map(move |i| over.at(value * OVER_CAP_MOST + i))
    }

    fn over_cap_holders(&self, value: u64) -> u64 {
        101 + draw(self.seed, 0x0c, value) % (OVER_CAP_MOST - 100)
    }

    /// What a case holds, void pairs among it; its order is the order of its entries before they are turned.
    pub(super) fn specials(&self, case: u64, out: &mut Vec<Special>) {
        out.clear();
        out.extend(self.planted.of(case).map(|(pair, a)| Special::Planted { pair, a }));
        if let Some(house) = self.house(case) {
            out.push(Special::Planted { pair: self.planted.count + house, a: case.is_multiple_of(2) });
        }
        out.extend(self.near.of(case).map(|(pair, a)| Special::Near { pair, a }));
        out.extend(self.different.of(case).map(|(pair, a)| Special::Different { pair, a }));
        let ticket = self.ticket.place(case);
        if ticket < self.tickets
            && let Some((group, _, _)) = self.group_of(ticket)
        {
            out.push(Special::Group { group });
        }
        let over = self.over.place(case);
        let value = over / OVER_CAP_MOST;
        if value < self.over_cap && over % OVER_CAP_MOST < self.over_cap_holders(value) {
            out.push(Special::OverCap { value });
        }
        let extra = draw(self.seed, topic::EXTRA, case);
        if extra.is_multiple_of(20) {
            out.push(Special::Persona);
        }
        if (extra >> 8).is_multiple_of(4) {
            out.push(Special::Everybodys { at: (extra >> 16) as usize % super::noise::EVERYBODYS.len() });
        }
        if (extra >> 32).is_multiple_of(8) {
            out.push(Special::Hidden { at: (extra >> 40) as usize % super::noise::HIDDEN.len() });
        }
    }

    /// How many entries a case would have by itself: a few to hundreds, about log-normal, 17.6 in the mean. The shape
    /// is this project's judgement; no source counts identifiers in cases.
    pub(super) fn size(&self, case: u64) -> usize {
        const USUAL: [u16; 31] = [
            3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 12, 12, 13, 14, 15, 16, 17, 19, 20, 22, 25, 28, 33, 40,
            55,
        ];
        const LARGE: [u16; 12] = [65, 70, 75, 80, 85, 90, 95, 105, 115, 130, 160, 280];
        let drawn = draw(self.seed, topic::SIZE, case);
        let at = (drawn % 32) as usize;
        usize::from(USUAL.get(at).copied().unwrap_or_else(|| LARGE[(drawn >> 8) as usize % LARGE.len()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn what_cases_hold_is_what_pairs_say() {
        let layout = Layout::new(10_000, 3);
        let mut held: HashMap<(u64, bool), u64> = HashMap::new();
        let mut over: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut groups: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut specials = Vec::new();
        for case in 0..layout.cases {
            layout.specials(case, &mut specials);
            for s in &specials {
                match s {
                    Special::Planted { pair, a } => assert!(held.insert((*pair, *a), case).is_none()),
                    Special::OverCap { value } => over.entry(*value).or_default().push(case),
                    Special::Group { group } => groups.entry(*group).or_default().push(case),
                    _ => {}
                }
            }
        }
        for pair in 0..layout.pairs() {
            assert_eq!((held[&(pair, true)], held[&(pair, false)]), layout.sides(pair));
        }
        for value in 0..layout.over_cap {
            let mut cases: Vec<u64> = layout.over_cap_cases(value).collect();
            cases.sort_unstable();
            assert_eq!(over[&value], cases);
            assert!((101..=140).contains(&cases.len()));
        }
        for (group, mut cases) in layout.groups() {
            cases.sort_unstable();
            assert_eq!(groups[&group], cases);
        }
    }
}
