//! Who takes tips in, which cases were there before, which tips there are, and what they were made to meet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::{BTreeSet, HashMap, HashSet};

use casework::model::*;
use casework::{Desk, NewAgency, NewMember, Principal, SubmitOrder};
use store::Engine;
use testkit::cybertips::{SyntheticTip, TipPlan, Tips};
use testkit::nation::{Nation, NationAgency, Plan};

use crate::common::{House, house};

/// Task forces and others that take tips in: so many of each kind.
const IMPORTERS: [(AgencyKind, usize); 4] =
    [(AgencyKind::State, 5), (AgencyKind::Federal, 3), (AgencyKind::Local, 2), (AgencyKind::Tribal, 2)];
/// Local agencies with a case each, of whose identifiers some stand in tips.
pub const HOLDERS: usize = 6;

/// An agency, who takes in or leads, and a colleague.
pub struct Unit {
    pub name: String,
    pub lead: Principal,
    pub colleague: Principal,
}

/// A case taken in before the tips, and how its entries answer.
pub struct Holder {
    pub unit: Unit,
    pub level: Level,
}

async fn unit(house: &House, of: &NationAgency) -> Unit {
    let new = NewAgency {
        name: of.name.clone(),
        kind: of.kind,
        telephone: of.telephone.clone(),
        time_zone: of.time_zone.clone(),
        state: of.state,
        country: None,
    };
    let agency = house.desk.add_agency(&Principal::operator(), new).await.unwrap();
    let mut two = Vec::new();
    for member in of.members.iter().filter(|m| m.roles == [Role::Investigator]).take(2) {
        let (name, email, telephone) = (member.name.clone(), member.email.clone(), member.telephone.clone());
        let new = NewMember { agency, name, email, telephone, sworn: true, roles: member.roles.clone() };
        let id = house.desk.add_member(&Principal::operator(), new).await.unwrap();
        two.push(house.desk.member(&id.to_string()).await.unwrap());
    }
    let [lead, colleague] = <[Principal; 2]>::try_from(two).unwrap();
    Unit { name: of.name.clone(), lead, colleague }
}

/// Agencies of the nation; those whose numbers could be taken for the strangers' in free texts stay out.
async fn agencies(house: &House) -> (Vec<Unit>, Vec<Holder>) {
    let nation = Nation::new(Plan::of(10_000));
    let far = |t: &Telephone| !t.as_str().contains("907");
    let fit = |a: &&NationAgency| far(&a.telephone) && a.members.iter().all(|m| far(&m.telephone));
    let of_kind = |kind| nation.agencies().iter().filter(fit).filter(move |a| a.kind == kind);
    let mut importers = Vec::new();
    for (kind, many) in IMPORTERS {
        for of in of_kind(kind).take(many) {
            importers.push(unit(house, of).await);
        }
    }
    let mut holders = Vec::new();
    for (n, of) in of_kind(AgencyKind::Local).skip(2).take(HOLDERS).enumerate() {
        let level = if n % 2 == 0 { Level::Open } else { Level::Desk };
        holders.push(Holder { unit: unit(house, of).await, level });
    }
    assert_eq!((importers.len(), holders.len()), (12, HOLDERS));
    (importers, holders)
}

/// Value number `n` of those that stand in cases already; case `n % HOLDERS` holds it.
fn held(n: usize) -> (Kind, String, Option<String>) {
    let at = |platform: &str| Some(platform.to_owned());
    match n % 5 {
        0 => (Kind::Email, format!("held.{n}@example.org"), None),
        1 => (Kind::Handle, format!("held_{n}"), at("Discord")),
        2 => (Kind::Url, format!("https://held-{n}.example.net/profile"), None),
        3 => (
            Kind::Sha256,
            format!("{:064x}", (n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
            None,
        ),
        _ => (Kind::Room, format!("held room {n}"), at("WhatsApp")),
    }
}

/// Whose tip it is: those of one suspect stand in different quarters of a hundred, and so at different agencies.
pub fn importer_of(tip: u64) -> usize {
    usize::try_from(tip / 25).unwrap() % 12
}

/// Texts that must stand nowhere, found in one pass over what is searched.
pub struct Markers(HashMap<[u8; 8], HashSet<String>>);

impl Markers {
    fn of(tips: impl Iterator<Item = SyntheticTip>) -> Self {
        let mut by_head: HashMap<[u8; 8], HashSet<String>> = HashMap::new();
        for text in tips.flat_map(|t| t.never) {
            let head = *text.as_bytes().first_chunk().expect("a marker of eight letters or more");
            by_head.entry(head).or_default().insert(text);
        }
        Self(by_head)
    }

    pub fn stand_not_in(&self, what: &str, text: &str) {
        for (at, head) in text.as_bytes().windows(8).enumerate() {
            let found = self.0.get(head).into_iter().flatten().any(|m| text.as_bytes()[at..].starts_with(m.as_bytes()));
            assert!(!found, "{what} holds what it must not");
        }
    }
}

/// 34 U.S.C. 21115(a): says every way in which it happened that no use of the Internet was involved?
fn is_offline(tip: &SyntheticTip) -> bool {
    let json = tip.json();
    let others = ["webPage", "email", "newsgroup", "chatIm", "onlineGaming", "cellPhone", "peer2peer"];
    json.contains("nonInternetIncident") && !others.iter().any(|k| json.contains(&format!("\"{k}Incident\"")))
}

/// A planted meeting: the tip, its agency, and the other side.
pub struct Meeting {
    pub tip: u64,
    pub kind: Kind,
    pub other: String,
    /// The other side is a case whose entries answer with a name.
    pub open: bool,
}

pub struct World {
    pub house: House,
    pub desk: Desk,
    pub officer: Principal,
    pub importers: Vec<Unit>,
    pub holders: Vec<Holder>,
    pub tips: Tips,
    pub many: u64,
    pub offline: BTreeSet<u64>,
    pub markers: Markers,
}

impl World {
    pub async fn new(engine: Engine, many: u64) -> Self {
        let house = house(engine).await;
        let (importers, holders) = agencies(&house).await;
        let officer = house.member(importers[0].lead.agency, &[Role::WatchDesk]).await;
        let values: Vec<_> = (0..usize::try_from(many / 20).unwrap()).map(held).collect();
        for (n, Holder { unit, level }) in holders.iter().enumerate() {
            let case = house.case(&unit.lead, &format!("H-{n}"), None).await;
            let mut csv = "kind,value,platform\n".to_owned();
            for (kind, value, platform) in values.iter().skip(n).step_by(HOLDERS) {
                csv += &format!("{kind},{value},{}\n", platform.as_deref().unwrap_or_default());
            }
            let order = SubmitOrder { level: *level, ..house.order(&case, &csv) };
            let answer = house.desk.submit(&unit.lead, order).await.unwrap();
            assert!(answer.suppressed.is_empty() && answer.problems.is_empty());
        }
        let as_of = Micros::parse("2026-11-23T00:00:00Z").unwrap();
        let tips = Tips::new(TipPlan { tips: many, seed: 2_258, as_of }).with_shared(values);
        let offline = tips.iter().filter(is_offline).map(|t| t.index).collect();
        let markers = Markers::of(tips.iter());
        let desk = house.desk.clone();
        Self { house, desk, officer, importers, holders, tips, many, offline, markers }
    }

    /// Every planted meeting of different agencies, told from each tip's side.
    pub fn meetings(&self) -> Vec<Meeting> {
        let planted = self.tips.planted();
        let in_store = |tip: &&u64| !self.offline.contains(tip);
        let mut all = Vec::new();
        for plant in &planted.suspects {
            for a in plant.tips.iter().filter(in_store) {
                for b in plant.tips.iter().filter(in_store).filter(|b| *b != a) {
                    let other = &self.importers[importer_of(*b)];
                    assert_ne!(importer_of(*a), importer_of(*b), "seats of one suspect stand at different agencies");
                    all.push(Meeting { tip: *a, kind: plant.kind, other: other.name.clone(), open: false });
                }
            }
        }
        for (n, shared) in planted.shared.iter().enumerate() {
            assert_eq!(shared.value, held(n).1);
            let Holder { unit, level } = &self.holders[n % HOLDERS];
            if in_store(&&shared.tip) {
                let open = *level == Level::Open;
                all.push(Meeting { tip: shared.tip, kind: shared.kind, other: unit.name.clone(), open });
            }
        }
        all
    }

    /// Integrates what waits, verifies, and gives the ledger's size.
    pub async fn ledger(&self) -> u64 {
        self.desk.settle_ledger().await.unwrap();
        let verdict = self.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap();
        assert!(verdict.sound(), "{:?}", verdict.findings);
        verdict.size
    }

    /// How one's own value may be named: of a child by its place.
    pub fn named(&self, meeting: &Meeting) -> Vec<String> {
        let tip = self.tips.tip(meeting.tip).unwrap();
        let of_kind = tip.expects.iter().filter(|e| e.kind == meeting.kind);
        let protected = format!("{} of a protected person (report {}: ", meeting.kind, tip.report);
        of_kind.map(|e| if is_protected(e.role, e.age) { protected.clone() } else { e.value.clone() }).collect()
    }

    /// A tip's place among all, by its report number: the numbers follow each other.
    pub fn tip_of(&self, number: &str) -> u64 {
        let first: u64 = self.tips.tip(0).unwrap().report.parse().unwrap();
        number.parse::<u64>().unwrap() - first
    }
}

/// Is it one of these names? The parts of an address may stand with commas between them.
pub fn is_named(yours: &str, names: &[String]) -> bool {
    let plain = |text: &str| text.replace(", ", " ");
    names.iter().any(|n| plain(yours) == plain(n) || (n.ends_with(": ") && yours.starts_with(n.as_str())))
}
