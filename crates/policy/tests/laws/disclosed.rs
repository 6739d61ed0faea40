//! disclosure-matrix.txt, and the laws of `show`.

use std::fmt::Write;

use model::{
    AgeClass, AgencyKind, Contact, Country, EntryClass, EntryRole, Kind, Level, Marking, Pdq, Role, Source, Telephone,
    TimeZone,
};
use policy::disclosure::{duty_number, merge, near, show, suspended};
use policy::{Basis, Other, Principal, Sealed, Shown};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::people::{agency, canada, with};

const BASES: [Basis; 7] = [Basis::I, Basis::II, Basis::III, Basis::IV, Basis::V, Basis::VI, Basis::VII];

/// An open entry of a local agency with nothing against showing whom to call.
fn plain() -> Other {
    Other {
        agency: agency(2),
        agency_name: "Police of Example".to_owned(),
        agency_kind: AgencyKind::Local,
        country: Country::HOME,
        contact: Contact { name: "Duty Desk".to_owned(), telephone: Telephone::parse("206-555-0100").unwrap() },
        time_zone: Some(TimeZone::parse("America/Los_Angeles").unwrap()),
        level: Level::Open,
        source: Some(Source::Open),
        class: EntryClass::Suspicion,
        role: EntryRole::Subject,
        age: AgeClass::Adult,
        kind: Kind::Email,
        marking: Marking::default(),
        desk_only: false,
        bases: Vec::new(),
    }
}

fn reader(kind: AgencyKind) -> Principal {
    let country = if kind == AgencyKind::Foreign { canada() } else { Country::HOME };
    Principal { agency_kind: kind, country, ..with(&[Role::Investigator]) }
}

fn word(shown: &Shown) -> &'static str {
    match shown {
        Shown::Open { .. } => "open",
        Shown::Desk => "desk",
        Shown::Nothing => "nothing",
    }
}

fn openness(shown: &Shown) -> u8 {
    match shown {
        Shown::Nothing => 0,
        Shown::Desk => 1,
        Shown::Open { .. } => 2,
    }
}

fn seen(viewer: &Principal, other: Other) -> Shown {
    show(viewer, &Sealed::new(other))
}

fn released() -> Marking {
    Marking { release: vec![canada()], ..Marking::default() }
}

type Circumstance = (&'static str, fn(Other) -> Other);

/// One thing changed of the plain entry.
const CIRCUMSTANCES: [Circumstance; 12] = [
    ("nothing special", |o| o),
    ("age minor", |o| Other { age: AgeClass::Minor, ..o }),
    ("class tip", |o| Other { class: EntryClass::Tip, ..o }),
    ("class identifying-only", |o| Other { class: EntryClass::IdentifyingOnly, ..o }),
    ("kind person", |o| Other { kind: Kind::Person, ..o }),
    ("rule answers desk", |o| Other { desk_only: true, ..o }),
    ("released to CA", |o| Other { marking: released(), ..o }),
    ("owner foreign", |o| Other { agency_kind: AgencyKind::Foreign, country: "GB".parse().unwrap(), ..o }),
    ("cybertip, no basis recorded, released to CA", |o| Other {
        source: Some(Source::CyberTip),
        marking: released(),
        ..o
    }),
    ("cybertip, basis (iii) recorded", |o| Other { source: Some(Source::CyberTip), bases: vec![Basis::III], ..o }),
    ("cybertip, basis (iii) recorded, released to CA", |o| Other {
        source: Some(Source::CyberTip),
        bases: vec![Basis::III],
        marking: released(),
        ..o
    }),
    ("cybertip, basis (vi) recorded, released to CA", |o| Other {
        source: Some(Source::CyberTip),
        bases: vec![Basis::VI],
        marking: released(),
        ..o
    }),
];

/// The whole of disclosure as a diff.
#[test]
fn the_table_of_what_is_shown_is_as_reviewed() {
    let mut readers: Vec<(String, Principal)> =
        AgencyKind::ALL.iter().map(|k| (format!("{k} reader"), reader(*k))).collect();
    let local = reader(AgencyKind::Local);
    readers.push(("reader of the same agency".to_owned(), Principal { agency: agency(2), ..local.clone() }));
    readers.push(("suspended reader".to_owned(), Principal { suspended: true, ..local }));
    readers.push(("operator".to_owned(), Principal::operator()));
    readers.push(("worker outbox".to_owned(), Principal::worker("outbox")));

    let mut out = String::from(
        "# What of another agency's entry is shown: open (agency, contact, telephone and its time zone), desk (call the watch desk),\n\
         # nothing (exactly a miss). Written by `UPDATE_MATRIX=1 cargo test -p policy`; every change is reviewed.\n\
         # The entry is an adult's e-mail of class suspicion, marked for home only, no basis recorded by counsel.\n",
    );
    for (name, viewer) in &readers {
        out.push('\n');
        for level in Level::ALL {
            for role in EntryRole::ALL {
                let of = |source| seen(viewer, Other { level: *level, role: *role, source, ..plain() });
                let sources = || Source::ALL.iter().map(|s| Some(*s)).chain([None]);
                let first = word(&of(None));
                let cells = if sources().all(|s| word(&of(s)) == first) {
                    format!("every source: {first}")
                } else {
                    let named = |s: Option<Source>| s.map_or("source unknown", Source::word);
                    sources().map(|s| format!("{}: {}", named(s), word(&of(s)))).collect::<Vec<_>>().join(", ")
                };
                writeln!(out, "{name} | level {level}, role {role} | {cells}").unwrap();
            }
        }
    }
    out.push_str("\n# One circumstance changed, level open, role subject.\n");
    for (name, viewer) in &readers {
        out.push('\n');
        for (label, change) in CIRCUMSTANCES {
            writeln!(out, "{name} | {label}: {}", word(&seen(viewer, change(plain())))).unwrap();
        }
    }
    crate::table::compare("disclosure-matrix.txt", &out);
}

/// Readers of these kinds and of agency 1, which is not the entry's.
fn strangers(kinds: &'static [AgencyKind]) -> impl Strategy<Value = Principal> {
    (select(kinds), prop::bool::weighted(0.1), any::<bool>()).prop_map(|(kind, suspended, other_country)| {
        let viewer = reader(kind);
        let elsewhere = kind == AgencyKind::Foreign && other_country;
        let country = if elsewhere { "GB".parse().unwrap() } else { viewer.country };
        Principal { suspended, country, ..viewer }
    })
}

/// Readers of any agency, the entry's own too.
fn viewers() -> impl Strategy<Value = Principal> {
    (strangers(AgencyKind::ALL), any::<bool>())
        .prop_map(|(viewer, own)| if own { Principal { agency: agency(2), ..viewer } } else { viewer })
}

/// Everything of an entry but its level; each field leans towards the plain value, so that open answers occur.
#[derive(Debug, Clone)]
struct Case {
    level: Level,
    source: Option<Source>,
    class: EntryClass,
    role: EntryRole,
    age: AgeClass,
    kind: Kind,
    owner: AgencyKind,
    released: bool,
    desk_only: bool,
    bases: Vec<Basis>,
}

impl Case {
    fn other(&self) -> Other {
        Other {
            level: self.level,
            source: self.source,
            class: self.class,
            role: self.role,
            age: self.age,
            kind: self.kind,
            agency_kind: self.owner,
            marking: if self.released { released() } else { Marking::default() },
            desk_only: self.desk_only,
            bases: self.bases.clone(),
            ..plain()
        }
    }
}

prop_compose! {
    fn cases()(
        level in prop_oneof![Just(Level::Open), select(Level::ALL)],
        source in proptest::option::of(select(Source::ALL)),
        class in prop_oneof![Just(EntryClass::Suspicion), select(EntryClass::ALL)],
        role in prop_oneof![Just(EntryRole::Subject), select(EntryRole::ALL)],
        age in prop_oneof![Just(AgeClass::Adult), select(AgeClass::ALL)],
        kind in select(Kind::ALL),
        owner in select(AgencyKind::ALL),
        released in any::<bool>(),
        desk_only in prop::bool::weighted(0.2),
        bases in subsequence(BASES.to_vec(), 0..=7),
    ) -> Case {
        Case { level, source, class, role, age, kind, owner, released, desk_only, bases }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn raising_the_level_never_shows_more(viewer in viewers(), case in cases()) {
        let at = |level| openness(&seen(&viewer, Case { level, ..case.clone() }.other()));
        prop_assert!(at(Level::Open) >= at(Level::Desk));
        prop_assert!(at(Level::Desk) >= at(Level::Silent));
    }

    /// Invariant 9: a silent entry shows nothing to anybody, and added to any answer it changes nothing.
    #[test]
    fn silent_is_exactly_a_miss(viewer in viewers(), case in cases(), rest in prop::collection::vec(cases(), 0..4), at in 0..5usize) {
        let silent = || seen(&viewer, Case { level: Level::Silent, ..case.clone() }.other());
        prop_assert_eq!(silent(), Shown::Nothing);
        let without: Vec<Shown> = rest.iter().map(|c| seen(&viewer, c.other())).collect();
        let mut with = without.clone();
        with.insert(at.min(with.len()), silent());
        prop_assert!(merge(with.into_iter()) == merge(without.into_iter()));
    }

    /// Invariant 5.
    #[test]
    fn a_protected_person_is_never_open_to_another_agency(viewer in strangers(AgencyKind::ALL), case in cases(), how in 0..3u8) {
        let case = match how {
            0 => Case { age: AgeClass::Minor, ..case },
            1 => Case { role: EntryRole::Victim, ..case },
            _ => Case { role: EntryRole::Witness, ..case },
        };
        prop_assert_ne!(word(&seen(&viewer, case.other())), "open");
    }

    /// Personas, tips, persons and desk rules are never open to another agency.
    #[test]
    fn what_defaults_to_the_desk_never_opens_to_another_agency(viewer in strangers(AgencyKind::ALL), case in cases(), how in 0..4u8) {
        let case = match how {
            0 => Case { role: EntryRole::Undercover, ..case },
            1 => Case { class: EntryClass::Tip, ..case },
            2 => Case { kind: Kind::Person, ..case },
            _ => Case { desk_only: true, ..case },
        };
        prop_assert_ne!(word(&seen(&viewer, case.other())), "open");
    }

    #[test]
    fn a_foreign_reader_needs_a_release_that_names_its_country(viewer in strangers(&[AgencyKind::Foreign]), case in cases()) {
        if !case.released || viewer.country != canada() {
            prop_assert_ne!(word(&seen(&viewer, case.other())), "open");
        }
    }

    /// 18 U.S.C. 2258A(g)(2)(A): no exception names a tribe or a foreign agency.
    #[test]
    fn a_cybertip_opens_to_tribal_and_foreign_readers_only_on_a_recorded_basis(viewer in strangers(&[AgencyKind::Tribal, AgencyKind::Foreign]), case in cases()) {
        let case = Case { source: Some(Source::CyberTip), bases: Vec::new(), ..case };
        prop_assert_ne!(word(&seen(&viewer, case.other())), "open");
    }

    #[test]
    fn those_outside_casework_see_nothing(viewer in viewers(), case in cases()) {
        for viewer in [Principal { suspended: true, ..viewer }, Principal::operator(), Principal::worker("outbox")] {
            prop_assert_eq!(seen(&viewer, case.other()), Shown::Nothing);
        }
    }

    /// The order of matches does not change how open the answer is.
    #[test]
    fn several_matches_show_the_most_open_of_them(viewer in viewers(), all in prop::collection::vec(cases(), 0..5)) {
        let shown: Vec<Shown> = all.iter().map(|c| seen(&viewer, c.other())).collect();
        let most = shown.iter().map(openness).max().unwrap_or(0);
        prop_assert_eq!(openness(&merge(shown.iter().cloned())), most);
        prop_assert_eq!(openness(&merge(shown.into_iter().rev())), most);
    }

    /// Facebook PDQ: two hashes at most 31 bits apart show the same picture.
    #[test]
    fn perceptual_hashes_are_near_up_to_the_makers_threshold(flips in subsequence((0..256usize).collect::<Vec<_>>(), 20..45)) {
        let mut bytes = [0u8; 32];
        for bit in &flips {
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        let held = Sealed::new(Pdq::parse(&"0".repeat(64)).unwrap());
        prop_assert_eq!(near(&held, &Pdq::parse(&hex).unwrap()), flips.len() <= 31);
    }
}

#[test]
fn an_open_answer_is_agency_contact_telephone_and_where_that_rings() {
    let Shown::Open { agency, contact, telephone, time_zone } = seen(&reader(AgencyKind::State), plain()) else {
        panic!("not open");
    };
    assert_eq!(
        (agency.as_str(), contact.as_str(), telephone.as_str()),
        ("Police of Example", "Duty Desk", "206-555-0100")
    );
    assert_eq!(time_zone.unwrap().name(), "America/Los_Angeles");
}

#[test]
fn a_shown_contact_is_not_printed_by_accident() {
    let shown = seen(&reader(AgencyKind::State), plain());
    assert_eq!(format!("{shown:?}"), "Open(..)");
}

/// The answer is the same each time: of two open matches the first is shown.
#[test]
fn of_two_open_matches_the_first_is_shown() {
    let open = |name: &str| Shown::Open {
        agency: name.to_owned(),
        contact: "Duty Desk".to_owned(),
        telephone: Telephone::parse("206-555-0101").unwrap(),
        time_zone: None,
    };
    assert!(merge([Shown::Desk, open("first"), Shown::Nothing, open("second")].into_iter()) == open("first"));
}

#[test]
fn whether_an_agency_is_suspended_is_told_to_its_own_and_to_those_who_admit_agencies() {
    let number = Sealed::new(Telephone::parse("206-555-0100").unwrap());
    let is = Sealed::new(true);
    for role in Role::ALL {
        let who = with(&[*role]);
        assert_eq!(suspended(&who, agency(1), &is), Some(true), "{role}, of their own");
        let admits = matches!(role, Role::ProgrammeOffice | Role::SystemOperator);
        assert_eq!(suspended(&who, agency(2), &is), admits.then_some(true), "{role}");
        assert_eq!(duty_number(&who, &number).map(|n| n.to_string()).as_deref(), Some("206-555-0100"));
    }
    for nobody in [Principal::operator(), Principal::worker("outbox")] {
        assert!(duty_number(&nobody, &number).is_none() && suspended(&nobody, agency(1), &is).is_none());
    }
    assert!(duty_number(&Principal { suspended: true, ..with(&[Role::Supervisor]) }, &number).is_none());
}
