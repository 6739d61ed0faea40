use crate::common::*;
use matching::{Family, Lists};
use model::Kind;
use model::Strength::{Possible, Strong};

const DAY: i64 = 86_400;

#[test]
fn provider_rules_meet_as_possible_and_only_where_known() {
    let e = |v| read(Kind::Email, v);
    for (a, b) in [
        ("willy.rox+x@gmail.com", "WILLYROX@gmail.com"),
        ("willyrox@googlemail.com", "willy.rox@gmail.com"),
        ("willy+a@outlook.com", "willy+b@outlook.com"),
        ("willy_rox@proton.me", "willyrox+b@protonmail.com"),
        ("willy@me.com", "willy+b@icloud.com"),
    ] {
        assert_eq!(plain(&e(a), &e(b)), Some((Family::EmailProvider, Possible)), "{a} {b}");
    }
    for (a, b) in [
        ("willy.rox@example.org", "willyrox@example.org"),
        ("willy+x@example.org", "willy@example.org"),
        ("willy.rox@outlook.com", "willyrox@outlook.com"),
        ("willy@outlook.com", "willy@hotmail.com"),
        ("+x@gmail.com", "+y@gmail.com"),
    ] {
        assert_eq!(plain(&e(a), &e(b)), None, "{a} {b}");
    }
    assert_eq!(plain(&e("Willy.Rox@gmail.com"), &e("willy.rox@gmail.com")), Some((Family::Email, Strong)));
}

#[test]
fn a_name_at_another_platform_is_possible_at_the_same_strong() {
    let h = |v, p| at(Kind::Handle, v, p);
    assert_eq!(plain(&h("@Willy", Some("x")), &h("willy", Some("twitter.com"))), Some((Family::Handle, Strong)));
    assert_eq!(plain(&h("willy", Some("x")), &h("willy", Some("kik"))), Some((Family::HandleElsewhere, Possible)));
    assert_eq!(plain(&h("willy", None), &h("willy", None)), Some((Family::HandleElsewhere, Possible)));
    assert_eq!(plain(&h("willy", Some("x")), &h("willi", Some("kik"))), None);
}

#[test]
fn numbers_and_names_seen_more_than_a_year_apart_are_possible() {
    let lists = Lists::built_in();
    for n in [read(Kind::Phone, "206-555-0100"), at(Kind::Handle, "willy", Some("x"))] {
        let mine = seen(facts(n.kind), 0, DAY);
        let strength = |t| judge((&n, &mine), (&n, &t), &lists).map(|v| v.strength);
        assert_eq!(strength(seen(facts(n.kind), 366 * DAY, 367 * DAY)), Some(Strong));
        assert_eq!(strength(seen(facts(n.kind), 366 * DAY + 1, 367 * DAY)), Some(Possible));
        assert_eq!(strength(seen(facts(n.kind), -400 * DAY, -365 * DAY - 1)), Some(Possible));
        assert_eq!(strength(facts(n.kind)), Some(Strong));
    }
}

#[test]
fn a_number_without_area_code_and_a_plate_without_state_are_possible() {
    let phone = read(Kind::Phone, "555-0123");
    assert_eq!(plain(&phone, &phone), Some((Family::Phone, Possible)));
    let plate = read(Kind::Plate, "ABC123");
    assert_eq!(plain(&plate, &plate), Some((Family::Plate, Possible)));
    assert_eq!(plain(&plate, &read(Kind::Plate, "WA ABC123")), None);
    let doubtful = read(Kind::Phone, "1235551337");
    assert_eq!(plain(&doubtful, &doubtful), Some((Family::Phone, Strong)));
}

#[test]
fn addresses_are_possible() {
    let a = |v| read(Kind::Address, v);
    assert_eq!(
        plain(&a("123 North Main Street, Apt 4, Anytown WA 98101"), &a("123 N. MAIN ST. #4 Anytown, WA, 98101-1234")),
        Some((Family::Address, Possible))
    );
    assert_eq!(plain(&a("123 N Main St, Anytown WA"), &a("124 N Main St, Anytown WA")), None);
}

/// ../shared/design.md section 4: person is never strong by itself, and answers desk.
#[test]
fn a_person_is_never_strong_and_answers_desk() {
    let lists = Lists::built_in();
    let p = |v| read(Kind::Person, v);
    let (a, b) = (p("Müller, José; 1980-02-01"), p("MULLER,JOSE;1980-02-01"));
    for mine in [facts(Kind::Person), seen(facts(Kind::Person), 0, 1)] {
        let v = judge((&a, &mine), (&b, &mine), &lists).unwrap();
        assert_eq!((v.family, v.strength, v.desk), (Family::Person, Possible, true));
    }
    assert_eq!(plain(&a, &p("Muller, Jose; 1980-02-02")), None);
    assert_eq!(plain(&a, &p("Muller, Josef; 1980-02-01")), None);
    let email = read(Kind::Email, "a@example.org");
    assert!(!judge((&email, &facts(Kind::Email)), (&email, &facts(Kind::Email)), &lists).unwrap().desk);
}

/// The store has opened both and they differ: a token alone proves nothing then.
#[test]
fn an_exact_rule_refuses_texts_that_the_store_says_differ() {
    let n = read(Kind::Md5, &"ab".repeat(16));
    let f = facts(Kind::Md5);
    let verdict = |same| matching::compare(Family::Md5, &f, &f, same, None, &Lists::built_in(), &n);
    assert!(verdict(Some(false)).is_none());
    assert_eq!(verdict(None).unwrap().strength, Strong);
}
