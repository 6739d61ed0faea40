//! The agencies and their members.

use model::{AgencyKind, Country, FreeText, Micros, Role, State, Telephone, TimeZone};

use super::mix::{Draws, mix};
use super::people;
use super::tables::Tables;

/// An agency of the nation.
#[derive(Clone)]
pub struct NationAgency {
    /// Its public name.
    pub name: String,
    /// What it is.
    pub kind: AgencyKind,
    /// Its State, for those in one.
    pub state: Option<State>,
    /// Its country.
    pub country: Country,
    /// Its duty number.
    pub telephone: Telephone,
    /// Where that rings, true to its State or country.
    pub time_zone: Option<TimeZone>,
    /// What the Attorney General approved, and until when: a foreign agency without it stays suspended and opens no case.
    pub approval: Option<(FreeText, Micros)>,
    /// Its people. The first is a supervisor (in larger agencies the second too), the last an analyst, those between
    /// are sworn investigators.
    pub members: Vec<NationMember>,
    /// How many cases it has for each one of a small agency.
    pub(super) weight: u64,
    /// How many supervisors stand first among its members.
    pub(super) supervisors: usize,
}

/// A person at an agency.
#[derive(Clone)]
pub struct NationMember {
    /// Name.
    pub name: String,
    /// Address, below example.org.
    pub email: String,
    /// Telephone, of the range for fiction.
    pub telephone: Telephone,
    /// A sworn officer.
    pub sworn: bool,
    /// What they may do.
    pub roles: Vec<Role>,
}

impl NationAgency {
    /// May it open cases? A foreign agency without approval may not (34 U.S.C. 21115(c)).
    pub fn is_active(&self) -> bool {
        self.kind != AgencyKind::Foreign || self.approval.is_some()
    }

    /// How many investigators follow the supervisors.
    pub(super) fn investigators(&self) -> u64 {
        (self.members.len() - self.supervisors - 1) as u64
    }
}

const COUNTIES: [&str; 40] = [
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Larch", "Maple",
    "Oak", "Pine", "Poplar", "Redbud", "Spruce", "Sycamore", "Tamarack", "Willow", "Heron", "Osprey", "Falcon",
    "Sparrow", "Kestrel", "Plover", "Curlew", "Egret", "Granite", "Basalt", "Marble", "Slate", "Quartz", "Agate",
    "Prairie", "Summit", "Harbor", "Canyon", "Meadow", "Delta",
];

/// How many local agencies a nation of so many entries has besides those that host a task force.
pub(super) fn locals(entries: u64) -> u64 {
    (entries / 5_000).clamp(50, 2_400)
}

/// All of them, in an order that does not depend on chance: task forces, federal, tribal, foreign, local.
pub(super) fn agencies(tables: &Tables, seed: u64, entries: u64, as_of: Micros) -> Vec<NationAgency> {
    let mut out = Vec::new();
    let mut add =
        |name: String, kind, country: &str, state: Option<&str>, phone: Option<&str>, approved: bool, weight| {
            let at = out.len() as u64;
            let mut draws = Draws::new(seed, 0xa6, at);
            let area = state.and_then(|s| draws_area(tables, s, at)).unwrap_or(202);
            let telephone =
                phone.map_or_else(|| number(area, at), |p| Telephone::parse(p).expect("a telephone number"));
            let approval = (kind == AgencyKind::Foreign && approved).then(|| {
                let scope =
                    format!("Attorney General approval {}-{at}: all five threat areas, deconfliction only", country);
                (FreeText::parse(&scope).expect("plain words"), as_of.plus_days(365))
            });
            let time_zone = tables.zone_of(&name, state, country).map(|z| TimeZone::parse(z).expect("a time zone"));
            let members = members(tables, &mut draws, at, area, weight);
            out.push(NationAgency {
                name,
                kind,
                state: state.map(|s| s.parse().expect("a State's code")),
                country: country.parse().expect("a country's code"),
                telephone,
                time_zone,
                approval,
                members,
                weight,
                supervisors: supervisors(weight),
            });
        };
    for (i, [state, region, host]) in tables.task_forces.iter().enumerate() {
        // A police department or a sheriff's or county's office is local, a State's agency is the State's.
        let local = ["Police Department", "Sheriff", "County", "St Charles"].iter().any(|w| host.contains(w));
        let kind = if local { AgencyKind::Local } else { AgencyKind::State };
        let place = if region.eq_ignore_ascii_case("statewide") { String::new() } else { format!(", {region}") };
        let weight = 12 + mix(i as u64) % 40;
        add(format!("{host}, ICAC task force {state}{place}"), kind, "US", Some(state), None, true, weight);
    }
    for (i, [district, state]) in tables.districts.iter().enumerate() {
        let bureau =
            ["Federal Bureau of Investigation", "Homeland Security Investigations", "Postal Inspection Service"];
        let name = format!("{}, office for the {district}", bureau[i % 3]);
        add(name, AgencyKind::Federal, "US", Some(state), None, true, 4 + mix(i as u64 ^ 0xfed) % 14);
    }
    for [nation, state] in &tables.tribal {
        add(format!("{nation} police, ICAC unit"), AgencyKind::Tribal, "US", Some(state), None, true, 4);
    }
    for [country, name, phone, approved] in &tables.foreign {
        let yes = *approved == "approved";
        add((*name).to_owned(), AgencyKind::Foreign, country, None, Some(phone), yes, if yes { 8 } else { 0 });
    }
    for i in 0..locals(entries) {
        let state = &tables.states[(i % tables.states.len() as u64) as usize];
        let county = COUNTIES[((i / tables.states.len() as u64) % 40) as usize];
        let office = if mix(i).is_multiple_of(2) { "County Sheriff's Office" } else { "Falls Police Department" };
        let name = format!("{county} {office}, {}", state.name);
        // A long tail: most have few cases, some have many.
        let weight = [1, 1, 1, 2, 2, 3, 5, 9][(mix(i ^ 0x10ca1) % 8) as usize];
        add(name, AgencyKind::Local, "US", Some(state.code), None, true, weight);
    }
    out
}

fn draws_area(tables: &Tables, state: &str, at: u64) -> Option<u64> {
    let areas = tables.areas_of(state);
    areas.get((at % areas.len().max(1) as u64) as usize).copied()
}

fn number(area: u64, at: u64) -> Telephone {
    Telephone::parse(&format!("{area}-555-{:04}", 100 + at % 100)).expect("a telephone number")
}

fn members(tables: &Tables, draws: &mut Draws, at: u64, area: u64, weight: u64) -> Vec<NationMember> {
    let supervisors = supervisors(weight);
    let investigators = 2 + (weight as usize / 4).min(8);
    let person = |i: usize, draws: &mut Draws, sworn: bool, roles: Vec<Role>| NationMember {
        name: people::officer(tables, draws),
        email: format!("officer{i}@agency{at}.example.org"),
        telephone: number(area, at + 7 * i as u64 + 1),
        sworn,
        roles,
    };
    let mut out: Vec<NationMember> = Vec::with_capacity(supervisors + investigators + 1);
    for i in 0..supervisors + investigators + 1 {
        let role = match i {
            i if i < supervisors => Role::Supervisor,
            i if i < supervisors + investigators => Role::Investigator,
            _ => Role::Analyst,
        };
        out.push(person(i, draws, role != Role::Analyst, vec![role]));
    }
    out
}

fn supervisors(weight: u64) -> usize {
    1 + usize::from(weight >= 9)
}
