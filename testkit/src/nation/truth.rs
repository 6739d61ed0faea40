//! The truth beside the nation: what meets, what must not, what each side is told.

use model::{AgeClass, AgencyKind, Country, EntryClass, EntryRole, Kind, Level, Source, Strength};

use super::layout::{Special, topic};
use super::mix::draw;
use super::noise::NEAR;
use super::people::{self, Person};
use super::recipes::{LOCAL_PHONE, LOCAL_PHONES, PLAIN_PHONE, RECIPES};
use super::writer::{GROWN, age, shared_kind, shared_rule};
use super::{Held, NameError, Nation, NearMiss, OverCap, PersonPair, Planted, Protected, Sees, TABLES};

/// What of an entry decides how it answers others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub role: EntryRole,
    pub age: AgeClass,
    pub class: Option<EntryClass>,
    pub source: Option<Source>,
    pub level: Option<Level>,
    /// Marked for release to the countries of the approved foreign agencies.
    pub released: bool,
}

impl Facts {
    pub(super) fn plain() -> Self {
        Self {
            role: EntryRole::Subject,
            age: AgeClass::Adult,
            class: None,
            source: Some(Source::Provider),
            level: None,
            released: false,
        }
    }

    pub(super) fn desk() -> Self {
        Self { level: Some(Level::Desk), source: Some(Source::Open), ..Self::plain() }
    }

    pub(super) fn persona() -> Self {
        Self { role: EntryRole::Undercover, source: Some(Source::Undercover), ..Self::plain() }
    }

    /// Of an entry that meets nobody; of 1,000.
    pub(super) fn drawn(of: u64, kind: Kind, home: bool) -> Self {
        let personal = matches!(
            kind,
            Kind::Email | Kind::Phone | Kind::Handle | Kind::Person | Kind::Address | Kind::Imei | Kind::Plate
        );
        match of {
            0..550 => Self { source: source(of), ..Self::plain() },
            550..770 => Self { role: EntryRole::Unknown, age: AgeClass::Unknown, source: source(of), ..Self::plain() },
            770..820 if personal => Self { role: EntryRole::Victim, age: age(of), ..Self::plain() },
            820..840 if personal => Self { role: EntryRole::Witness, age: AgeClass::Adult, ..Self::plain() },
            840..850 if personal => Self { role: EntryRole::Unknown, age: AgeClass::Minor, ..Self::plain() },
            850..900 => Self::desk(),
            900..950 => Self { source: Some(Source::CyberTip), ..Self::plain() },
            950..975 => Self { source: Some(Source::CyberTip), class: GROWN, ..Self::plain() },
            975..980 if home => Self { level: Some(Level::Silent), ..Self::plain() },
            980..1_000 => Self { released: true, ..Self::plain() },
            _ => Self::plain(),
        }
    }

    fn is_protected(&self) -> bool {
        self.age == AgeClass::Minor || matches!(self.role, EntryRole::Victim | EntryRole::Witness)
    }
}

fn source(drawn: u64) -> Option<Source> {
    [None, Some(Source::Provider), Some(Source::Open), Some(Source::Partner), Some(Source::Informant)]
        [(drawn % 5) as usize]
}

/// A planted pair that is not void.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub index: u64,
    pub a: u64,
    pub b: u64,
    pub agency_a: usize,
    pub agency_b: usize,
    /// Which recipe joins them.
    pub recipe: usize,
    /// Does the first side hold the first writing?
    pub a_first: bool,
    /// Do both sides' agencies read American telephone numbers?
    pub home: bool,
}

impl Nation {
    /// A planted pair; `None` when its two cases are one, or of one lead.
    pub(super) fn pair(&self, index: u64) -> Option<Pair> {
        let (a, b) = self.layout.sides(index);
        if !self.apart(a, b) {
            return None;
        }
        let home = self.both_home((a, b));
        let (mut recipe, round) = ((index % RECIPES.len() as u64) as usize, index / RECIPES.len() as u64);
        if recipe == LOCAL_PHONE && !(home && round < LOCAL_PHONES) {
            recipe = PLAIN_PHONE;
        }
        Some(Pair {
            index,
            a,
            b,
            agency_a: self.agency_of(a),
            agency_b: self.agency_of(b),
            recipe,
            a_first: draw(self.plan.seed, topic::PAIR, index ^ (1 << 50)) & 1 == 0,
            home,
        })
    }

    pub(super) fn both_home(&self, (a, b): (u64, u64)) -> bool {
        [a, b].iter().all(|case| self.agencies[self.agency_of(*case)].country == Country::HOME)
    }

    /// What one side of a pair says of its entry.
    pub(super) fn facts_of_pair(&self, pair: &Pair, a: bool) -> Facts {
        let recipe = &RECIPES[pair.recipe];
        let drawn = draw(self.plan.seed, topic::SIDE, pair.index * 2 + u64::from(a));
        let mine = &self.agencies[if a { pair.agency_a } else { pair.agency_b }];
        let silent_may =
            mine.kind != AgencyKind::Foreign && mine.kind != AgencyKind::Tribal && pair.agency_a != pair.agency_b;
        let plain = Facts { source: source(drawn >> 8), ..Facts::plain() };
        match drawn % 100 {
            0..45 => plain,
            45..57 => Facts { role: EntryRole::Unknown, age: AgeClass::Unknown, ..plain },
            57..65 => Facts::desk(),
            65..72 if recipe.personal => Facts { role: EntryRole::Victim, age: age(drawn >> 8), ..plain },
            72..74 if recipe.personal => Facts { role: EntryRole::Witness, ..plain },
            74..79 => Facts { source: Some(Source::CyberTip), ..plain },
            79..85 => Facts { source: Some(Source::CyberTip), class: GROWN, ..plain },
            85..88 if recipe.account => Facts::persona(),
            88..93 if silent_may => Facts { level: Some(Level::Silent), ..plain },
            93..100 => Facts { released: true, ..plain },
            _ => plain,
        }
    }

    pub(super) fn facts_of_group(&self, group: u64, case: u64) -> Facts {
        let drawn = draw(self.plan.seed, topic::SIDE, (group << 32) ^ case ^ (1 << 63));
        let facts = Facts::drawn(drawn % 975, shared_kind(group), false);
        Facts { released: drawn & (1 << 40) != 0, ..facts }
    }

    /// What a reader of one agency is told of another's entry: one's own agency's is open, a silent one is nothing.
    fn sees(&self, reader: usize, owner: usize, of: &Facts, kind: Kind) -> Sees {
        if of.level == Some(Level::Silent) {
            return Sees::Nothing;
        }
        if reader == owner {
            return Sees::Open;
        }
        let reader = &self.agencies[reader];
        let foreign = reader.kind == AgencyKind::Foreign;
        let class = of.class.unwrap_or(match of.source {
            Some(Source::CyberTip) => EntryClass::Tip,
            _ => EntryClass::Suspicion,
        });
        let desk = of.level == Some(Level::Desk)
            || of.is_protected()
            || of.role == EntryRole::Undercover
            || class == EntryClass::Tip
            || kind == Kind::Person
            || (foreign && !(of.released && self.words.release.release.contains(&reader.country)))
            || (of.source == Some(Source::CyberTip) && (foreign || reader.kind == AgencyKind::Tribal));
        if desk { Sees::Desk } else { Sees::Open }
    }

    fn held(&self, case: u64, special: Special) -> Held {
        Held { case, entry: self.place_of(case, special) }
    }

    /// Everything that meets, but for values over the cap ([`Nation::over_cap`]): every planted pair, then every two
    /// holders of a shared value whose cases may meet.
    pub fn planted(&self) -> impl Iterator<Item = Planted> + Send + '_ {
        let pairs = (0..self.layout.pairs()).filter_map(|index| Some(self.told(&self.pair(index)?)));
        pairs.chain(self.layout.groups().flat_map(|(group, cases)| self.planted_group(group, &cases)))
    }

    fn told(&self, pair: &Pair) -> Planted {
        let recipe = &RECIPES[pair.recipe];
        let kind = self.write_pair(pair, true).kind;
        let (of_a, of_b) = (self.facts_of_pair(pair, true), self.facts_of_pair(pair, false));
        let both_silent = [&of_a, &of_b].iter().all(|f| f.level == Some(Level::Silent));
        let told = |reader, owner, of| if both_silent { Sees::Nothing } else { self.sees(reader, owner, of, kind) };
        Planted {
            rule: recipe.rule,
            strength: recipe.strength,
            what: recipe.what,
            a: self.held(pair.a, Special::Planted { pair: pair.index, a: true }),
            b: self.held(pair.b, Special::Planted { pair: pair.index, a: false }),
            a_sees: told(pair.agency_a, pair.agency_b, &of_b),
            b_sees: told(pair.agency_b, pair.agency_a, &of_a),
        }
    }

    fn planted_group(&self, group: u64, cases: &[u64]) -> Vec<Planted> {
        let special = Special::Group { group };
        let holders: Vec<(Held, usize, Facts)> = cases
            .iter()
            .map(|c| (self.held(*c, special), self.agency_of(*c), self.facts_of_group(group, *c)))
            .collect();
        let kind = shared_kind(group);
        let mut out = Vec::new();
        for (i, (a, agency_a, of_a)) in holders.iter().enumerate() {
            for (b, agency_b, of_b) in &holders[i + 1..] {
                if self.apart(a.case, b.case) {
                    out.push(Planted {
                        rule: shared_rule(group),
                        strength: Strength::Strong,
                        what: "a value several cases hold",
                        a: *a,
                        b: *b,
                        a_sees: self.sees(*agency_a, *agency_b, of_b, kind),
                        b_sees: self.sees(*agency_b, *agency_a, of_a, kind),
                    });
                }
            }
        }
        out
    }

    /// Pairs that look alike and must not meet.
    pub fn near_misses(&self) -> impl Iterator<Item = NearMiss> + Send + '_ {
        (0..self.layout.near_pairs()).filter_map(|pair| {
            let (a, b) = self.layout.near_sides(pair);
            let near = &NEAR[(pair % NEAR.len() as u64) as usize];
            self.apart(a, b).then(|| NearMiss {
                rule: near.rule,
                what: near.what,
                a: self.held(a, Special::Near { pair, a: true }),
                b: self.held(b, Special::Near { pair, a: false }),
            })
        })
    }

    /// One person, the error of the second writing, and chance for its choice.
    pub(super) fn different(&self, pair: u64) -> (Person, NameError, u64) {
        let person = people::person(&TABLES, true, people::DIFFERENT + pair).expect("people left");
        let fitting = || NameError::ALL.iter().filter(|e| **e != NameError::None && e.fits(person.tradition));
        // Each tradition's errors in turn.
        let turn = (pair / people::TRADITIONS) as usize % fitting().count();
        let error = *fitting().nth(turn).unwrap_or(&NameError::Typo);
        (person, error, draw(self.plan.seed, topic::DIFFERENT, pair))
    }

    /// People written twice with an error that the exact rule does not promise to join: how many of them are found is
    /// measured, by tradition and error, and not asserted.
    pub fn persons_written_differently(&self) -> impl Iterator<Item = PersonPair> + Send + '_ {
        (0..self.layout.different_pairs()).filter_map(|pair| {
            let (a, b) = self.layout.different_sides(pair);
            let (person, error, _) = self.different(pair);
            self.apart(a, b).then(|| PersonPair {
                tradition: person.tradition,
                error,
                a: self.held(a, Special::Different { pair, a: true }),
                b: self.held(b, Special::Different { pair, a: false }),
            })
        })
    }

    /// People written twice in forms the exact rule joins: error none, so that recall by tradition has its whole.
    pub fn persons_written_alike(&self) -> impl Iterator<Item = PersonPair> + Send + '_ {
        (0..self.layout.pairs()).filter_map(|index| {
            let pair = self.pair(index).filter(|p| RECIPES[p.recipe].rule == "person-exact")?;
            let person = people::person(&TABLES, true, index)?;
            Some(PersonPair {
                tradition: person.tradition,
                error: NameError::None,
                a: self.held(pair.a, Special::Planted { pair: index, a: true }),
                b: self.held(pair.b, Special::Planted { pair: index, a: false }),
            })
        })
    }

    /// Every entry whose value everybody has, so that it makes no match.
    pub fn stop_listed(&self) -> impl Iterator<Item = Held> + Send + '_ {
        self.special_entries(|s| matches!(s, Special::Everybodys { .. }))
    }

    /// Every entry whose value has a hidden part, or is a name without a birth date: kept, never matched.
    pub fn hidden(&self) -> impl Iterator<Item = Held> + Send + '_ {
        self.special_entries(|s| matches!(s, Special::Hidden { .. }))
    }

    fn special_entries(&self, wanted: fn(&Special) -> bool) -> impl Iterator<Item = Held> + Send + '_ {
        (0..self.layout.cases).flat_map(move |case| {
            let mut specials = Vec::with_capacity(12);
            let entries = self.specials(case, &mut specials);
            let turn = self.turn(case, entries);
            let found = specials.into_iter().enumerate().filter(move |(_, s)| wanted(s));
            found.map(move |(at, _)| Held { case, entry: (at + turn) % entries })
        })
    }

    /// Each value that more than 100 cases hold: the watch desk's, not a conflict of its holders.
    pub fn over_cap(&self) -> impl Iterator<Item = OverCap> + Send + '_ {
        (0..self.layout.over_cap).map(|value| OverCap {
            holders: self.layout.over_cap_cases(value).map(|c| self.held(c, Special::OverCap { value })).collect(),
        })
    }

    /// Every entry of a victim, a witness or a minor. It makes every case anew.
    pub fn protected(&self) -> impl Iterator<Item = Protected> + Send + '_ {
        self.cases().flat_map(|case| {
            let index = case.index;
            case.entries
                .into_iter()
                .enumerate()
                .filter(|(_, e)| e.is_protected())
                .map(move |(entry, e)| Protected { held: Held { case: index, entry }, value: e.value })
        })
    }
}
