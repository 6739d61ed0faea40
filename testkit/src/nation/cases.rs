//! Cases and their entries.

use model::{
    CaseNumber, Contact, EntryDraft, EntryRole, FreeText, Level, Marking, Micros, Nexus, Offence, Predicate, ThreatArea,
};

use super::layout::{Special, topic};
use super::mix::{Draws, draw};
use super::pen::{DAY, Pen};
use super::values::{self as v, Class};
use super::writer::Writer;
use super::{Nation, NationCase, NationSilent, TABLES};

/// Words every case draws from, read once.
pub(super) struct Words {
    nexus: Vec<Nexus>,
    predicate: Vec<FreeText>,
    offences: Vec<Vec<Offence>>,
    reason: FreeText,
    pub(super) release: Marking,
    green: Marking,
}

impl Words {
    pub(super) fn new() -> Self {
        let free = |t: &str| FreeText::parse(t).expect("plain words");
        let nexus = [
            "contact began in a chat room",
            "an account on a messaging service was used",
            "files were offered on a peer-to-peer network",
            "a provider reported an account",
            "payment for a live stream went through an online service",
            "travel was arranged by e-mail",
        ];
        let predicate = [
            "an undercover session and a provider's answer to legal process",
            "a provider's report and a subscriber record",
            "downloads from one address on two days, logged",
            "a witness named the account, and its records agree",
            "a device examined under a warrant held the messages",
            "a partner agency's lead, confirmed by a provider's answer",
        ];
        // Usual offences by threat area, of the table of statutes in ../shared/data; the first is the most usual.
        let offences: [&[&str]; 5] = [
            &["18 USC 2252A(a)(5)", "18 USC 2252(a)(4)", "18 USC 2252A(a)(7)", "18 USC 2251"],
            &["18 USC 2422(b)", "18 USC 1470", "18 USC 2425"],
            &["18 USC 2423(b)", "18 USC 2423(c)", "18 USC 2423(a)"],
            &["18 USC 1591(b)(2)", "18 USC 1591(b)(1)", "18 USC 2251A"],
            &["18 USC 1152/1153", "18 USC 2243", "18 USC 2252A(a)(5)"],
        ];
        let offence = |t: &&str| Offence::parse(t).expect("a statute");
        Self {
            nexus: nexus.iter().map(|t| Nexus::parse(t).expect("a nexus")).collect(),
            predicate: predicate.iter().map(|t| Predicate::facts(t).expect("facts")).collect(),
            offences: offences.iter().map(|area| area.iter().map(offence).collect()).collect(),
            reason: free("a live operation: telling another agency would endanger the officer in it"),
            release: "amber rel AU CA DE GB MX NZ les".parse().expect("a marking"),
            green: "green les".parse().expect("a marking"),
        }
    }
}

impl Nation {
    pub(super) fn agency_of(&self, case: u64) -> usize {
        let owner = if self.layout.follows(case) { case - 1 } else { case };
        usize::from(self.shares[(draw(self.plan.seed, topic::AGENCY, owner) >> 48) as usize])
    }

    /// By place among the members.
    pub(super) fn lead_of(&self, case: u64) -> usize {
        let follows = self.layout.follows(case);
        let agency = &self.agencies[self.agency_of(case)];
        let owner = if follows { case - 1 } else { case };
        let drawn = draw(self.plan.seed, topic::LEAD, owner) >> 16;
        agency.supervisors + ((drawn + u64::from(follows)) % agency.investigators()) as usize
    }

    /// May the matcher join these two cases? Not a case with itself, and not two of one lead.
    pub(super) fn apart(&self, a: u64, b: u64) -> bool {
        a != b && (self.agency_of(a) != self.agency_of(b) || self.lead_of(a) != self.lead_of(b))
    }

    /// What a case really holds, and how many entries it has.
    pub(super) fn specials(&self, case: u64, out: &mut Vec<Special>) -> usize {
        self.layout.specials(case, out);
        let mut personas = 0;
        out.retain(|s| match s {
            Special::Planted { pair, a } => match self.pair(*pair) {
                None => false,
                Some(p) => {
                    personas += usize::from(self.facts_of_pair(&p, *a).role == EntryRole::Undercover);
                    true
                }
            },
            Special::Near { pair, .. } => self.apart_pair(self.layout.near_sides(*pair)),
            Special::Different { pair, .. } => self.apart_pair(self.layout.different_sides(*pair)),
            Special::Persona => {
                personas += 1;
                true
            }
            _ => true,
        });
        // Ten ordinary entries that answer through the desk stand beside each persona, so that "desk" never means "officer".
        self.layout.size(case).max(out.len() + 10 * personas + 1)
    }

    fn apart_pair(&self, (a, b): (u64, u64)) -> bool {
        self.apart(a, b)
    }

    /// How far the entries of a case are turned, so that planted ones do not all stand first.
    pub(super) fn turn(&self, case: u64, entries: usize) -> usize {
        (draw(self.plan.seed, topic::CASE, case) >> 40) as usize % entries
    }

    /// The place of a special entry in its case.
    pub(super) fn place_of(&self, case: u64, special: Special) -> usize {
        let mut specials = Vec::with_capacity(12);
        let entries = self.specials(case, &mut specials);
        let at = specials.iter().position(|s| *s == special).expect("a case holds what its plan says");
        (at + self.turn(case, entries)) % entries
    }

    pub(super) fn make_case(&self, index: u64) -> NationCase {
        let mut draws = Draws::new(self.plan.seed, topic::CASE, index ^ 0x8000_0000_0000_0000);
        let agency_at = self.agency_of(index);
        let agency = &self.agencies[agency_at];
        let mut specials = Vec::with_capacity(12);
        let size = self.specials(index, &mut specials);
        let mut writer = Writer::new(self, index, agency_at);
        let mut entries = Vec::with_capacity(size);
        for special in &specials {
            entries.push(writer.special(*special));
        }
        let personas = entries.iter().filter(|e: &&EntryDraft| e.role == EntryRole::Undercover).count();
        for at in specials.len()..size {
            entries.push(writer.filler(at, at - specials.len() < 10 * personas));
        }
        entries.rotate_right(self.turn(index, size));
        for (at, entry) in entries.iter_mut().enumerate() {
            entry.place.push_str("line ");
            v::push_number(&mut entry.place, at as u64 + 2);
        }
        let silent = entries.iter().any(|e| e.level == Some(Level::Silent)).then(|| NationSilent {
            reason: self.words.reason.clone(),
            approved_by: 0,
            until: self.plan.as_of.plus_days(90),
        });
        let area_at = if agency.kind == model::AgencyKind::Tribal && draws.below(2) == 0 {
            4
        } else {
            [0, 0, 0, 0, 1, 1, 1, 2, 3, 3][draws.below(10) as usize]
        };
        // Most are charged with the usual offence.
        let offences = &self.words.offences[area_at];
        let offence = if draws.below(3) == 0 { draws.pick(offences).clone() } else { offences[0].clone() };
        let supervised = personas > 0 || silent.is_some() || draws.below(12) > 0;
        let contact = (draws.below(4) == 0).then(|| Contact {
            name: "duty desk, child exploitation unit".to_owned(),
            telephone: agency.telephone.clone(),
        });
        let marking = if draws.below(20) == 0 { self.words.green.clone() } else { Marking::default() };
        let opened = self.opened(index);
        let state = agency.state.as_ref().map_or(agency.country.as_str(), |s| s.as_str());
        let number = format!("{state}-{:02}-{:06}", 23 + index * 4 / self.layout.cases, index);
        NationCase {
            index,
            agency: agency_at,
            lead: self.lead_of(index),
            supervisor: supervised.then(|| draws.below(agency.supervisors as u64) as usize),
            number: CaseNumber::parse(&number).expect("a case number"),
            opened,
            threat_area: ThreatArea::ALL[area_at],
            offence,
            nexus: draws.pick(&self.words.nexus).clone(),
            predicate: draws.pick(&self.words.predicate).clone(),
            contact,
            marking,
            entries,
            silent,
        }
    }

    /// Over three years and a half, one after another.
    fn opened(&self, case: u64) -> Micros {
        let span = 1_280 * DAY;
        let at = (i128::from(span) * i128::from(case) / i128::from(self.layout.cases)) as i64;
        Micros(self.plan.as_of.0 - 1_281 * DAY + at)
    }

    pub(super) fn pen(&self, class: Class, index: u64, table: usize, slot: u64, first: bool, home: bool) -> Pen<'_> {
        let topic = if class == Class::Near { topic::NEAR } else { topic::PAIR };
        Pen {
            tables: &TABLES,
            phones: &self.phones,
            class,
            index,
            round: index / table as u64,
            turn: (index % table as u64) as usize,
            slot,
            first,
            home,
            both: draw(self.plan.seed, topic, index),
            own: draw(self.plan.seed, topic, index ^ ((1 + u64::from(first)) << 60)),
            as_of: self.plan.as_of,
        }
    }
}
