use crate::common::*;
use matching::{Facts, Family, Lists};
use model::Kind;
use model::Strength::{Possible, Strong};

fn of(address: &str, mine: Facts, theirs: Facts, lists: &Lists) -> Option<(Family, model::Strength)> {
    let n = read(Kind::Ip, address);
    judge((&n, &mine), (&n, &theirs), lists).map(|v| (v.family, v.strength))
}

#[test]
fn an_address_is_strong_only_at_overlapping_times() {
    let (lists, ip) = (Lists::built_in(), facts(Kind::Ip));
    for address in ["192.0.2.1", "2001:db8::1"] {
        let of = |m, t| of(address, m, t, &lists);
        assert_eq!(of(seen(ip, 0, 100), seen(ip, 50, 200)), Some((Family::Ip, Strong)));
        assert_eq!(of(seen(ip, 0, 100), seen(ip, 400, 500)), Some((Family::Ip, Strong)), "five minutes of clock");
        assert_eq!(of(seen(ip, 400, 500), seen(ip, 0, 100)), Some((Family::Ip, Strong)));
        assert_eq!(of(seen(ip, 0, 100), seen(ip, 401, 500)), None);
        assert_eq!(of(seen(ip, 0, 100), ip), Some((Family::Ip, Possible)));
        assert_eq!(of(ip, seen(ip, 0, 100)), Some((Family::Ip, Possible)));
        assert_eq!(of(ip, ip), Some((Family::Ip, Possible)));
        assert_eq!(of(port(seen(ip, 0, 9), 1), port(seen(ip, 0, 9), 2)), Some((Family::Ip, Strong)), "no carrier");
    }
}

#[test]
fn behind_a_carrier_the_port_decides() {
    let (lists, ip) = (nat_lists(), facts(Kind::Ip));
    let (now, later) = (seen(ip, 0, 100), seen(ip, 9_000, 9_100));
    for address in ["198.51.100.7", "2001:db8:aaaa::7"] {
        let of = |m, t| of(address, m, t, &lists).map(|(_, s)| s);
        assert_eq!(of(port(now, 4000), port(now, 4000)), Some(Strong));
        assert_eq!(of(port(now, 4000), port(now, 4001)), None);
        assert_eq!(of(port(ip, 4000), port(ip, 4001)), None);
        assert_eq!(of(port(now, 4000), now), Some(Possible));
        assert_eq!(of(now, port(now, 4000)), Some(Possible));
        assert_eq!(of(now, now), Some(Possible));
        assert_eq!(of(port(ip, 4000), port(ip, 4000)), Some(Possible));
        assert_eq!(of(port(now, 4000), port(later, 4000)), None);
    }
    assert_eq!(of("192.0.2.7", port(now, 1), port(now, 2), &lists), Some((Family::Ip, Strong)));
}

#[test]
fn a_mapped_address_is_the_plain_one() {
    assert_eq!(
        plain(&read(Kind::Ip, "::ffff:192.0.2.1"), &read(Kind::Ip, "192.0.2.1:80")),
        Some((Family::Ip, Possible))
    );
    assert_eq!(plain(&read(Kind::Ip, "192.0.2.1"), &read(Kind::Ip, "192.0.2.2")), None);
}

#[test]
fn one_64_network_is_possible_unless_the_times_lie_apart() {
    let lists = Lists::built_in();
    let (a, b, c) =
        (read(Kind::Ip, "2001:db8:1:2::a"), read(Kind::Ip, "2001:db8:1:2:ff::b"), read(Kind::Ip, "2001:db8:1:3::a"));
    let (ip, now, later) = (facts(Kind::Ip), seen(facts(Kind::Ip), 0, 9), seen(facts(Kind::Ip), 9_000, 9_009));
    let judge = |m, t| judge((&a, &m), (&b, &t), &lists).map(|v| (v.family, v.strength));
    assert_eq!(judge(ip, ip), Some((Family::Ip6Net, Possible)));
    assert_eq!(judge(now, now), Some((Family::Ip6Net, Possible)));
    assert_eq!(judge(now, later), None);
    assert_eq!(plain(&a, &c), None);
}
