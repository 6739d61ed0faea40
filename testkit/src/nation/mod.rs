//! A synthetic nation: agencies, cases and identifiers of any number, and the truth beside them.
//!
//! It is what Concord is measured and tried on. Nobody in it exists: names are made up by tradition, numbers and addresses
//! stand in ranges kept for examples or can have no holder (`values.rs` says why for each). It never names the matcher:
//! which entries meet is known because the pairs were planted, in writings that follow how identifiers are written, and
//! all other entries are distinct by construction. So a test that loads it and compares finds what the matcher missed and
//! what it made up.
//!
//! The same plan gives the same nation byte for byte. Any case can be made without those before it ([`Nation::case`]):
//! nothing is kept but tables of agencies and names (0.5 MB for 10,000 entries, under 4 MB for 10,000,000), and the truth is computed as it is read.
//!
//! The shares of kinds, roles, levels and sizes are this project's judgement: no source counts them.
#![allow(
    clippy::indexing_slicing,
    clippy::unreachable,
    reason = "tables of known length; a generator that is wrong must fail, not guess"
)]

mod agencies;
mod cases;
mod checks;
mod layout;
mod mix;
mod noise;
mod pen;
mod people;
mod phones;
mod recipes;
mod tables;
mod truth;
mod values;
mod writer;

use std::sync::LazyLock;

use model::{CaseNumber, Contact, EntryDraft, FreeText, Marking, Micros, Nexus, Offence, Strength, ThreatArea};

pub use agencies::{NationAgency, NationMember};
pub use people::{NameError, Tradition};

use layout::Layout;
use phones::Phones;
use tables::Tables;

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);

/// What nation to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// About how many entries: the sum over all cases is within a tenth of it for the smallest nation, within one in a
    /// hundred from a million on. At least 10,000 and at most
    /// 10,000,000: below it not every promise has room, above it distinct telephone numbers run out.
    pub entries: u64,
    /// Another seed, another nation.
    pub seed: u64,
    /// The day of the nation: everything was seen before it, approvals and orders end after it.
    pub as_of: Micros,
}

impl Plan {
    /// A nation of so many entries, on 2026-11-23, where the clocks of tests stand.
    pub fn of(entries: u64) -> Self {
        Self { entries, seed: 1, as_of: Micros(1_795_413_600_000_000) }
    }
}

/// A case with its entries, ready to be opened and submitted.
pub struct NationCase {
    /// Its place in the nation, from 0, in the order of being opened.
    pub index: u64,
    /// Its agency, by place in [`Nation::agencies`].
    pub agency: usize,
    /// Who leads it, by place among the agency's members.
    pub lead: usize,
    /// Who supervises it: another than the lead.
    pub supervisor: Option<usize>,
    /// The agency's number for it.
    pub number: CaseNumber,
    /// When it was opened.
    pub opened: Micros,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
    /// The offence suspected.
    pub offence: Offence,
    /// How the Internet was used.
    pub nexus: Nexus,
    /// The facts that make suspicion reasonable.
    pub predicate: FreeText,
    /// Whom others call, where it is not the lead.
    pub contact: Option<Contact>,
    /// What its submission carries, where an entry says nothing else.
    pub marking: Marking,
    /// Its entries, to be submitted at level open with the case's marking: each that answers otherwise says so itself.
    pub entries: Vec<EntryDraft>,
    /// The order for its silent entries; `Some` exactly when it has one.
    pub silent: Option<NationSilent>,
}

/// A supervisor's order that entries stay silent.
#[derive(Debug, Clone)]
pub struct NationSilent {
    /// Why nobody may be told.
    pub reason: FreeText,
    /// Who approved it, by place among the agency's members: a supervisor, not the lead.
    pub approved_by: usize,
    /// When it ends: 90 days after the nation's day.
    pub until: Micros,
}

/// An entry of the nation: its case, and its place among the case's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// The case.
    pub case: u64,
    /// The entry.
    pub entry: usize,
}

/// What one side's lead is told of the other side's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sees {
    /// Agency, contact and telephone.
    Open,
    /// "Call the watch desk".
    Desk,
    /// Nothing: the other entry is silent.
    Nothing,
}

/// Two entries that meet, and what each side is told.
///
/// A silent side is told of the other by the look that asks silent entries after every submission: openly when the other
/// entry is open, else through the desk; the other side sees nothing, and of two silent entries neither side does.
/// Silent entries are planted only at home agencies and not within one agency, because elsewhere what the silent owner
/// is told depends on who submitted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planted {
    /// The strongest rule that joins them; of equal ones the first in the order of codes.
    pub rule: &'static str,
    /// What the rule says it is worth.
    pub strength: Strength,
    /// What differs in writing, in a few words.
    pub what: &'static str,
    /// One entry.
    pub a: Held,
    /// The other.
    pub b: Held,
    /// What the lead of `a` is told of `b`.
    pub a_sees: Sees,
    /// What the lead of `b` is told of `a`.
    pub b_sees: Sees,
}

/// Two entries that look alike and do not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearMiss {
    /// The rule that must not join them.
    pub rule: &'static str,
    /// What differs.
    pub what: &'static str,
    /// One entry.
    pub a: Held,
    /// The other.
    pub b: Held,
}

/// One person, written twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonPair {
    /// How the name is made.
    pub tradition: Tradition,
    /// How the second writing departs from the first.
    pub error: NameError,
    /// One entry.
    pub a: Held,
    /// The other.
    pub b: Held,
}

/// A value that more than 100 cases hold.
#[derive(Debug, Clone)]
pub struct OverCap {
    /// Each entry that holds it, each of another case. Every pair of them is allowed as long as the cap was not reached when
    /// the later one was submitted; which pairs were made depends on the order.
    pub holders: Vec<Held>,
}

/// An entry of a victim, a witness or a minor, as written: nothing another agency is shown may hold it.
#[derive(Debug, Clone)]
pub struct Protected {
    /// The entry.
    pub held: Held,
    /// Its value as written.
    pub value: String,
}

/// The nation: tables and the plan of who holds what, not the entries.
pub struct Nation {
    plan: Plan,
    agencies: Vec<NationAgency>,
    /// Which agency a case belongs to, by 16 bits of chance: larger agencies stand in it more often.
    shares: Vec<u16>,
    phones: Phones,
    layout: Layout,
    words: cases::Words,
}

impl Nation {
    /// Lays out a nation. Entries outside [`Plan::entries`]' bounds are taken as the nearest bound.
    pub fn new(plan: Plan) -> Self {
        let plan = Plan { entries: plan.entries.clamp(10_000, 10_000_000), ..plan };
        let tables: &'static Tables = &TABLES;
        let agencies = agencies::agencies(tables, plan.seed, plan.entries, plan.as_of);
        let shares = shares(&agencies);
        Self {
            plan,
            agencies,
            shares,
            phones: Phones::new(tables),
            layout: Layout::new(plan.entries, plan.seed),
            words: cases::Words::new(),
        }
    }

    /// The plan, within its bounds.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// The agencies: task forces, federal, tribal, foreign, local. A suspended one has members and no case.
    pub fn agencies(&self) -> &[NationAgency] {
        &self.agencies
    }

    /// How many cases there are.
    pub fn case_count(&self) -> u64 {
        self.layout.cases
    }

    /// Every case, in the order of being opened.
    pub fn cases(&self) -> impl Iterator<Item = NationCase> + Send + '_ {
        (0..self.layout.cases).map(|index| self.case(index))
    }

    /// One case, made by itself; the same as the one [`Nation::cases`] gives at this place.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn case(&self, index: u64) -> NationCase {
        assert!(index < self.layout.cases, "the nation has {} cases", self.layout.cases);
        self.make_case(index)
    }

    /// The memory the nation holds on to, in bytes, tables of names and numbers included.
    pub fn held_bytes(&self) -> usize {
        let member = |m: &NationMember| size_of::<NationMember>() + m.name.len() + m.email.len() + 16;
        let agency = |a: &NationAgency| {
            size_of::<NationAgency>() + a.name.len() + 16 + a.members.iter().map(member).sum::<usize>()
        };
        size_of::<Self>() + self.shares.len() * 2 + self.agencies.iter().map(agency).sum::<usize>() + 64 * 1024
    }
}

/// 65,536 places dealt by weight.
fn shares(agencies: &[NationAgency]) -> Vec<u16> {
    let active = || agencies.iter().enumerate().filter(|(_, a)| a.is_active());
    let whole: u64 = active().map(|(_, a)| a.weight).sum();
    let mut out = Vec::with_capacity(1 << 16);
    let mut sum = 0;
    for (at, agency) in active() {
        sum += agency.weight;
        out.resize((sum * 65_536 / whole) as usize, u16::try_from(at).expect("fewer agencies than 65,536"));
    }
    out
}
