//! The event's bytes: one encoding an event, one event an encoding.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests, outside #[test]")]

mod common;

use common::{any_event, plain, salt};
use ledger::{DecodeError, Event, Verb, leaf_hash};
use proptest::prelude::*;

const SUBMIT: Verb = Verb::new("submit");

#[test]
fn verbs_are_words_of_a_to_z_with_hyphens_inside() {
    assert_eq!(SUBMIT.as_str(), "submit");
    assert_eq!(Verb::parse("read-case").unwrap().to_string(), "read-case");
    for bad in ["", "-", "a-", "-a", "Submit", "read_case", "sübmit", "a b", &"a".repeat(41)] {
        assert_eq!(Verb::parse(bad), None, "{bad}");
    }
}

#[test]
fn the_encoding_is_what_it_was() {
    // Computed by a separate program from the description in codec.rs. A change breaks every ledger there is:
    // write a new version instead, and keep reading this one.
    let bytes = plain(1, "submit").encode();
    assert_eq!(bytes.len(), 161);
    let leaf = hex::encode(leaf_hash(&salt(1), &bytes));
    assert_eq!(leaf, "64ae3e0d056b547e6ce031db3e69368ccf70e31ab6afb31f61e427e6fad763b1");
}

#[test]
fn what_is_not_an_event_is_refused_with_the_field() {
    let bytes = plain(1, "submit").encode();
    assert_eq!(Event::decode(&[]), Err(DecodeError::Short("version")));
    assert_eq!(Event::decode(&[2]), Err(DecodeError::Version(2)));
    assert_eq!(Event::decode(&[bytes.as_slice(), &[0]].concat()), Err(DecodeError::Trailing(1)));
    let at = bytes.windows(6).position(|w| w == b"submit").unwrap();
    let mut bad = bytes.clone();
    bad[at] = b'S';
    assert_eq!(Event::decode(&bad), Err(DecodeError::Value("verb")));
    // a list that claims four thousand million items and has none
    let end = bytes.len();
    let mut bad = bytes;
    bad[end - 4..].copy_from_slice(&[255; 4]);
    assert_eq!(Event::decode(&bad), Err(DecodeError::Short("shown")));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_event_reads_back_as_itself(event in any_event()) {
        prop_assert_eq!(Event::decode(&event.encode()), Ok(event));
    }

    #[test]
    fn no_cut_of_an_event_is_an_event(event in any_event(), cut in any::<prop::sample::Index>()) {
        let bytes = event.encode();
        prop_assert!(Event::decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn whatever_decodes_encodes_to_the_same_bytes(
        event in any_event(), at in any::<prop::sample::Index>(), bit in 0..8u32,
    ) {
        let mut bytes = event.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(other) = Event::decode(&bytes) {
            prop_assert_ne!(&other, &event);
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..400), version in any::<bool>()) {
        if let (Some(first), true) = (bytes.first_mut(), version) {
            *first = 1;
        }
        if let Ok(event) = Event::decode(&bytes) {
            prop_assert_eq!(event.encode(), bytes);
        }
    }

    #[test]
    fn different_events_have_different_leaves(a in any_event(), b in any_event()) {
        prop_assert_eq!(a == b, leaf_hash(&salt(1), &a.encode()) == leaf_hash(&salt(1), &b.encode()));
        prop_assert_ne!(leaf_hash(&salt(1), &a.encode()), leaf_hash(&salt(2), &a.encode()));
    }
}
