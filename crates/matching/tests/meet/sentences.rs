//! Invariant 4: a sentence is made from one's own submission and the rule family, never from the other's facts.

use crate::common::*;
use matching::{Facts, Family, Lists, compare};
use model::{AgeClass, EntryRole, Kind, Micros, Source, Window};
use proptest::prelude::*;
use std::collections::HashMap;

fn any_facts() -> impl Strategy<Value = Facts> {
    let window = prop::option::of((-2_000_000_000_000i64..2_000_000_000_000, 0i64..1_000_000_000));
    let role = prop::sample::select(EntryRole::ALL);
    let age = prop::sample::select(AgeClass::ALL);
    let source = prop::option::of(prop::sample::select(Source::ALL));
    (window, role, age, source, prop::option::of(1u16..4), any::<i64>()).prop_map(
        |(w, role, age, source, port, entered)| Facts {
            kind: Kind::Ip,
            role,
            age,
            source,
            seen: w.map_or(Window::default(), |(f, d)| Window::new(Some(Micros(f)), Some(Micros(f + d))).unwrap()),
            port,
            entered: Micros(entered),
        },
    )
}

proptest! {
    #[test]
    fn a_sentence_depends_on_family_strength_and_my_own_facts_alone(mine in any_facts(), theirs in prop::collection::vec(any_facts(), 2..12)) {
        let lists = nat_lists();
        let value = read(Kind::Ip, "198.51.100.7");
        for family in Family::ALL {
            let mut said = HashMap::new();
            for t in &theirs {
                for (same, near) in [(None, Some(true)), (Some(true), Some(true)), (Some(false), Some(true))] {
                    if let Some(v) = compare(*family, &mine, t, same, near, &lists, &value) {
                        let first = said.entry((v.family, v.strength)).or_insert_with(|| v.why.clone());
                        prop_assert_eq!(&*first, &v.why);
                        prop_assert!(v.why.starts_with("Your ") && v.why.ends_with('.') && !v.why.contains(&value.text));
                        prop_assert!(!v.why.contains('\n') && !v.why.contains("  "));
                    }
                }
            }
        }
    }
}

#[test]
fn sentences_read_as_written() {
    let lists = Lists::built_in();
    let say = |family, n: &matching::Normal| {
        let f = facts(n.kind);
        compare(family, &f, &f, None, Some(true), &lists, n).unwrap().why
    };
    let email = read(Kind::Email, "a@example.org");
    assert_eq!(say(Family::Email, &email), "Your e-mail address and theirs are equal after case folding.");
    assert_eq!(say(Family::Md5, &read(Kind::Md5, &"ab".repeat(16))), "Your MD5 and theirs are equal.");
    assert_eq!(
        say(Family::Ip, &read(Kind::Ip, "192.0.2.1")),
        "Your IP address and theirs are equal; yours says no time, so times do not settle it."
    );
}
