//! Telephone numbers that ring nowhere, each given out once.
//!
//! There are about 134,000 of them in all: 100 for each North American area code (555-0100 to 555-0199) and what Ofcom,
//! ACMA and the Bundesnetzagentur keep for fiction. So numbers are planned: each has a place in one list, the first half of the
//! American ones is for pairs, the rest for entries that meet nobody, and a nation too large for them has fewer telephones.

use super::mix::mix;
use super::tables::Tables;
use super::values::push_number;

/// One number: country code, and the national digits.
pub(super) struct Number {
    pub country: &'static str,
    pub national: String,
}

/// The list.
pub(super) struct Phones {
    areas: Vec<u64>,
    foreign: Vec<(&'static str, &'static str, u32, u64)>,
    /// How many there are.
    pub count: u64,
}

impl Phones {
    pub(super) fn new(tables: &Tables) -> Self {
        let mut areas: Vec<u64> = tables.states.iter().flat_map(|s| s.areas.iter().copied()).collect();
        areas.sort_by_key(|a| mix(*a));
        let foreign: Vec<_> =
            tables.fiction.iter().map(|f| (f.country, f.prefix, f.digits, 10u64.pow(f.digits))).collect();
        let count = areas.len() as u64 * 100 + foreign.iter().map(|f| f.3).sum::<u64>();
        Self { areas, foreign, count }
    }

    /// Where those for entries that meet nobody begin.
    pub(super) fn filler_begins(&self) -> u64 {
        self.areas.len() as u64 * 50
    }

    /// The number at a place of the list; neighbours differ in one digit, as near misses do.
    pub(super) fn at(&self, place: u64) -> Number {
        let american = self.areas.len() as u64 * 100;
        let mut national = String::with_capacity(12);
        if place < american {
            push_number(&mut national, self.areas[(place / 100) as usize]);
            national.push_str("55501");
            national.push(char::from(b'0' + (place / 10 % 10) as u8));
            national.push(char::from(b'0' + (place % 10) as u8));
            return Number { country: "1", national };
        }
        let mut rest = place - american;
        for (country, prefix, digits, many) in &self.foreign {
            if rest < *many {
                national.push_str(prefix);
                let tail = rest.to_string();
                (tail.len()..*digits as usize).for_each(|_| national.push('0'));
                national.push_str(&tail);
                return Number { country, national };
            }
            rest -= many;
        }
        unreachable!("no telephone number stands at this place of the list")
    }
}

impl Number {
    /// In one of several writings. `home` is whether the writer's own agency reads American numbers without `+1`.
    pub(super) fn written(&self, style: u64, home: bool) -> String {
        let n = &self.national;
        if self.country != "1" {
            return match style % 3 {
                0 => format!("+{} {}", self.country, n),
                1 => format!("+{}-{}-{}", self.country, &n[..2], &n[2..]),
                _ if home => format!("011 {} {}", self.country, n),
                _ => format!("+{}{}", self.country, n),
            };
        }
        let (area, office, line) = (&n[..3], &n[3..6], &n[6..]);
        match (style % 8, home) {
            (0, true) => format!("({area}) {office}-{line}"),
            (1, true) => format!("{area}.{office}.{line}"),
            (2, true) => format!("{area}-{office}-{line}"),
            (3, true) => format!("1-{area}-{office}-{line}"),
            (4, true) => n.clone(),
            (5, _) => format!("tel:+1{n}"),
            (6, _) => format!("+1 ({area}) {office} {line}"),
            _ => format!("+1 {area} {office} {line}"),
        }
    }
}
