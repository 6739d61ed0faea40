use crate::common::*;
use matching::{Family, Lists, keys, pdq_near, probes};
use model::Kind;
use model::Strength::{Possible, Strong};
use proptest::prelude::*;
use std::collections::{BTreeSet, HashSet};

/// The hash with these bits flipped.
fn flip(hash: &[u8; 32], bits: &BTreeSet<usize>) -> String {
    let mut out = *hash;
    for bit in bits {
        out[bit / 8] ^= 1 << (bit % 8);
    }
    out.iter().map(|b| format!("{b:02x}")).collect()
}

fn verdict(a: &str, b: &str) -> Option<model::Strength> {
    let (a, b, f) = (read(Kind::Pdq, a), read(Kind::Pdq, b), facts(Kind::Pdq));
    judge((&a, &f), (&b, &f), &Lists::built_in()).map(|v| v.strength)
}

proptest! {
    /// No near pair is missed, whichever side asks.
    #[test]
    fn every_distance_up_to_31_meets(hash in any::<[u8; 32]>(), bits in prop::collection::btree_set(0usize..256, 1..=31)) {
        let (a, b) = (flip(&hash, &BTreeSet::new()), flip(&hash, &bits));
        prop_assert_eq!(verdict(&a, &b), Some(Possible));
        prop_assert_eq!(verdict(&b, &a), Some(Possible));
        prop_assert_eq!(shared(&read(Kind::Pdq, &a), &read(Kind::Pdq, &b)), vec![Family::Pdq]);
    }

    /// Bands of such hashes may meet; the rule refuses them all the same.
    #[test]
    fn every_distance_from_32_is_refused(hash in any::<[u8; 32]>(), bits in prop::collection::btree_set(0usize..256, 32..=80)) {
        prop_assert_eq!(verdict(&flip(&hash, &BTreeSet::new()), &flip(&hash, &bits)), None);
    }
}

/// The worst case of the pigeonhole: 15 bands differ in two bits, the last in one.
#[test]
fn two_bits_in_every_band_but_one_still_meet_and_32_do_not() {
    let hash = [0x5a; 32];
    let mut bits: BTreeSet<usize> = (0..16).flat_map(|band| [band * 16, band * 16 + 1]).collect();
    assert_eq!(verdict(&flip(&hash, &BTreeSet::new()), &flip(&hash, &bits)), None);
    bits.remove(&17);
    assert_eq!(bits.len(), 31);
    assert_eq!(verdict(&flip(&hash, &BTreeSet::new()), &flip(&hash, &bits)), Some(Possible));
}

#[test]
fn sixteen_keys_and_272_probes_all_different() {
    let n = read(Kind::Pdq, &"5a".repeat(32));
    let count = |k: Vec<matching::Key>| k.into_iter().collect::<HashSet<_>>().len();
    assert_eq!((count(keys(&n)), count(probes(&n))), (16, 272));
    assert!(keys(&n).iter().all(|k| probes(&n).contains(k)));
}

#[test]
fn an_unconfirmed_band_is_no_match_and_a_poor_hash_is_never_strong() {
    let (good, poor, f, lists) = (
        read(Kind::Pdq, &"5a".repeat(32)),
        read(Kind::Pdq, &format!("{}:20", "5a".repeat(32))),
        facts(Kind::Pdq),
        Lists::built_in(),
    );
    let by = |n, same, near| matching::compare(Family::Pdq, &f, &f, same, near, &lists, n).map(|v| v.strength);
    assert_eq!(by(&good, None, None), None);
    assert_eq!(by(&good, Some(false), Some(false)), None);
    assert_eq!(by(&good, None, Some(true)), Some(Possible));
    assert_eq!(by(&good, Some(true), Some(true)), Some(Strong));
    assert_eq!(by(&poor, Some(true), Some(true)), Some(Possible));
    assert_eq!(pdq_near(&good, &read(Kind::Email, "a@example.org")), None);
}
