use super::*;
use crate::normalise::{Identifier, Reading, normalise};
use model::{AgeClass, EntryRole, Kind};
use model::{Country, Micros, Window};

fn id<T: std::str::FromStr>(n: u32) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("00000000-0000-0000-0000-{n:012}").parse().unwrap()
}

fn facts(kind: Kind) -> Facts {
    let (role, age) = (EntryRole::Subject, AgeClass::Adult);
    Facts { kind, role, age, source: None, seen: Window::default(), port: None, entered: Micros(0) }
}

fn ask(kind: Kind, value: &str) -> Asked {
    let read = normalise(kind, value, Some("x"), &Reading { country: Country::HOME }).unwrap();
    let Identifier::Whole(normal) = read else { panic!("{kind} is partial") };
    Asked { normal, facts: facts(kind), level: Level::Open }
}

/// A hit of case `case`, held by agency `case` with lead `case`.
fn hit(case: u32, entry: u32, mine: usize, family: Family, kind: Kind) -> Hit {
    Hit {
        case: id(case),
        agency: id(case),
        lead: id(case),
        entry: id(entry),
        level: Level::Open,
        facts: facts(kind),
        mine,
        family,
        near: None,
    }
}

fn me() -> Me {
    Me { case: Some(id(1)), agency: id(1), lead: id(1) }
}

fn asked() -> Vec<Asked> {
    vec![ask(Kind::Email, "willy@gmail.com"), ask(Kind::Handle, "willy"), ask(Kind::Person, "Doe, Jane; 1980-02-01")]
}

#[test]
fn my_case_and_my_own_lead_never_conflict_and_a_colleague_does() {
    let lists = Lists::built_in();
    let own = hit(1, 10, 0, Family::Email, Kind::Email);
    let same_lead = Hit { case: id(2), agency: id(1), lead: id(1), ..own.clone() };
    let colleague = Hit { case: id(3), agency: id(1), lead: id(9), ..own.clone() };
    let met = conflicts(&me(), &asked(), &[own.clone(), same_lead, colleague], &lists);
    assert_eq!(met.iter().map(|m| m.case).collect::<Vec<_>>(), [id::<CaseId>(3)]);
    let check = Me { case: None, ..me() };
    assert!(conflicts(&check, &asked(), &[own], &lists).is_empty());
}

#[test]
fn the_best_rule_speaks_for_each_value_and_entry() {
    let hits = [
        hit(2, 20, 0, Family::EmailProvider, Kind::Email),
        hit(2, 20, 0, Family::Email, Kind::Email),
        hit(2, 20, 0, Family::EmailProvider, Kind::Email),
        hit(2, 21, 1, Family::HandleElsewhere, Kind::Handle),
    ];
    let met = conflicts(&me(), &asked(), &hits, &Lists::built_in());
    assert_eq!(met.len(), 1);
    let found: Vec<_> = met[0].matches.iter().map(|m| (m.mine, m.verdict.family)).collect();
    assert_eq!(found, [(0, Family::Email), (1, Family::HandleElsewhere)]);
    assert_eq!(met[0].strength, Strength::Strong);
}

#[test]
fn strongest_cases_first_whatever_the_order_of_hits() {
    let mut hits = vec![
        hit(2, 20, 1, Family::HandleElsewhere, Kind::Handle),
        hit(5, 50, 0, Family::Email, Kind::Email),
        hit(4, 40, 0, Family::Email, Kind::Email),
        hit(3, 30, 2, Family::Person, Kind::Person),
        hit(4, 41, 1, Family::Handle, Kind::Handle),
    ];
    let lists = Lists::built_in();
    let first = conflicts(&me(), &asked(), &hits, &lists);
    assert_eq!(first.iter().map(|m| m.case).collect::<Vec<_>>(), [4, 5, 2, 3].map(id::<CaseId>));
    for _ in 0..hits.len() {
        hits.rotate_left(1);
        assert_eq!(conflicts(&me(), &asked(), &hits, &lists), first);
    }
}

/// What each reader is shown is disclosure's alone (crates/policy); the rules only say that a person is never strong.
#[test]
fn a_person_is_possible_at_most_and_asks_for_the_desk() {
    let person = hit(2, 20, 2, Family::Person, Kind::Person);
    let met = conflicts(&me(), &asked(), &[person], &Lists::built_in());
    assert_eq!((met[0].strength, met[0].matches[0].verdict.desk), (Strength::Possible, true));
}

#[test]
fn stopped_values_unconfirmed_bands_and_wrong_indexes_make_nothing() {
    let asked = [ask(Kind::Ip, "10.0.0.1"), ask(Kind::Pdq, &"5a".repeat(32))];
    let band = hit(2, 20, 1, Family::Pdq, Kind::Pdq);
    let hits = [
        hit(2, 20, 0, Family::Ip, Kind::Ip),
        band.clone(),
        Hit { near: Some(false), ..band.clone() },
        Hit { mine: 7, near: Some(true), ..band.clone() },
    ];
    assert!(conflicts(&me(), &asked, &hits, &Lists::built_in()).is_empty());
    let near = Hit { near: Some(true), ..band };
    assert_eq!(conflicts(&me(), &asked, &[near], &Lists::built_in()).len(), 1);
}

/// The same IPv6 address at other times is no match, and its network does not bring it back.
#[test]
fn a_network_does_not_revive_an_address_that_was_refused() {
    let mut json: serde_json::Value = serde_json::from_str(include_str!("../../data/lists.json")).unwrap();
    json["carrier_nat"]["ranges"] = serde_json::json!(["2001:db8::/32"]);
    let lists = Lists::from_json(&json.to_string()).unwrap();
    assert!(lists.is_carrier_nat("2001:db8::1".parse().unwrap()));
    let mut asked = [ask(Kind::Ip, "2001:db8::1")];
    asked[0].facts.port = Some(1);
    let mut net = hit(2, 20, 0, Family::Ip6Net, Kind::Ip);
    net.facts.port = Some(2);
    let exact = Hit { family: Family::Ip, ..net.clone() };
    assert_eq!(conflicts(&me(), &asked, &[net.clone()], &lists).len(), 1);
    assert!(conflicts(&me(), &asked, &[net, exact], &lists).is_empty());
}
