//! Signed notes and checkpoints against published examples and two implementations by others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests, outside #[test]")]

mod common;

use common::{LOG, key};
use ledger::{Checkpoint, NoteError, SigningKey, VerifierKey};
use proptest::prelude::*;
use signed_note::{Note, StandardVerifier, VerifierList};

fn head(size: u64) -> Checkpoint {
    Checkpoint { origin: LOG.into(), size, root: ledger::leaf(&size.to_be_bytes()) }
}

/// The verifier key and note of the Go package golang.org/x/mod/sumdb/note, from its documentation.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SAYING: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn a_published_note_verifies_and_is_then_not_a_checkpoint() {
    let neumann: VerifierKey = NEUMANN.parse().unwrap();
    assert_eq!(neumann.to_string(), NEUMANN);
    assert_eq!(neumann.name(), "PeterNeumann");
    // The signature is checked before anything is read, so this error says that it verified.
    assert_eq!(Checkpoint::open(SAYING, &neumann), Err(NoteError::Checkpoint("size")));
    assert_eq!(Checkpoint::open(&SAYING.replace("think", "thing"), &neumann), Err(NoteError::Signature));
    assert_eq!(Checkpoint::open(SAYING, &key().verifier()), Err(NoteError::NoSignature));
}

#[test]
fn the_key_of_rfc_8032_test_1_gives_its_published_key_and_id() {
    let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    let key = SigningKey::from_seed("example.org/log", &seed.try_into().unwrap()).unwrap().verifier().to_string();
    let theirs = StandardVerifier::new(&key).unwrap();
    use signed_note::Verifier as _;
    assert_eq!(theirs.name(), "example.org/log");
    assert!(key.ends_with("+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"), "{key}");
}

#[test]
fn keys_that_are_not_whole_are_refused() {
    let good = key().verifier().to_string();
    let reads = |text: &str| text.parse::<VerifierKey>().map(|_| ());
    assert_eq!(reads(&good), Ok(()));
    assert_eq!(reads(&good.replace("ledger", "Ledger")), Err(NoteError::KeyId));
    assert_eq!(reads("a b+00000000+AQ=="), Err(NoteError::Name));
    for bad in ["", "a", "a+00000000", "a+00000000+AQ==", "a+00000000+AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert!(reads(bad).is_err(), "{bad}");
    }
    for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b", &"a".repeat(256)] {
        assert_eq!(SigningKey::from_seed(name, &[1; 32]).map(|_| ()), Err(NoteError::Name));
    }
    assert!(!format!("{:?}", key()).contains("7, 7"));
}

#[test]
fn a_key_of_small_order_is_refused() {
    // The neutral point: under it one signature would fit every text.
    use base64::Engine as _;
    use sha2::Digest as _;
    let point = [[1, 1].as_slice(), &[0; 31]].concat();
    let id = sha2::Sha256::digest([b"a\n".as_slice(), &point].concat());
    let text = format!("a+{}+{}", hex::encode(&id[..4]), base64::engine::general_purpose::STANDARD.encode(&point));
    assert_eq!(text.parse::<VerifierKey>(), Err(NoteError::Key));
}

#[test]
fn one_key_signs_for_one_log() {
    let other = Checkpoint { origin: "other.example.org".into(), ..head(3) };
    assert_eq!(other.sign(&key()), Err(NoteError::Origin));
    let forged = Checkpoint { origin: format!("{LOG}\n9\n"), ..head(3) };
    assert_eq!(forged.sign(&key()), Err(NoteError::Origin));
}

#[test]
fn signatures_of_witnesses_are_ignored_and_a_second_bad_one_of_ours_is_not() {
    let note = head(3).sign(&key()).unwrap();
    let witness = format!("{note}\u{2014} witness.example.org AAAAAAAA\n");
    assert_eq!(Checkpoint::open(&witness, &key().verifier()), Ok(head(3)));
    let other = head(4).sign(&key()).unwrap();
    let stolen = other.lines().last().unwrap();
    assert_eq!(Checkpoint::open(&format!("{note}{stolen}\n"), &key().verifier()), Err(NoteError::Signature));
    let many = format!("{note}{}", "\u{2014} witness.example.org AAAAAAAA\n".repeat(100));
    assert!(matches!(Checkpoint::open(&many, &key().verifier()), Err(NoteError::Form(_))));
}

#[test]
fn a_statement_is_not_another_context_nor_a_note() {
    let (signer, verifier) = (key(), key().verifier());
    let signature = signer.sign_statement("concord.receipt/1", b"words");
    assert_eq!(verifier.verify_statement("concord.receipt/1", b"words", &signature), Ok(()));
    assert!(verifier.verify_statement("concord.receipt/", b"1words", &signature).is_err());
    assert!(verifier.verify_statement("concord.notice/1", b"words", &signature).is_err());
    assert!(verifier.verify_statement("concord.receipt/1", b"word", &signature).is_err());
    assert!(verifier.verify_statement("concord.receipt/1", b"words", &signature[..63]).is_err());
    // a statement's signature under the text of a checkpoint
    let text = format!("{LOG}\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    use base64::Engine as _;
    let line = [verifier.id().as_slice(), &signer.sign_statement("", text.as_bytes())].concat();
    let line = base64::engine::general_purpose::STANDARD.encode(line);
    assert_eq!(Checkpoint::open(&format!("{text}\n\u{2014} {LOG} {line}\n"), &verifier), Err(NoteError::Signature));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_checkpoint_opens_here_and_with_signed_note_and_tlog_tiles(size in any::<u64>()) {
        let (head, verifier) = (head(size), key().verifier());
        let text = head.sign(&key()).unwrap();
        prop_assert_eq!(Checkpoint::open(&text, &verifier), Ok(head.clone()));
        prop_assert_eq!(verifier.to_string().parse::<VerifierKey>(), Ok(verifier.clone()));

        let note = Note::from_bytes(text.as_bytes()).unwrap();
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&verifier.to_string()).unwrap())]);
        let (signed, _) = note.verify(&known).unwrap();
        prop_assert_eq!(signed.len(), 1);
        let theirs = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        prop_assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (LOG, head.size, head.root));
    }

    #[test]
    fn any_changed_byte_of_a_checkpoint_fails(at in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let mut bytes = head(20_852_163).sign(&key()).unwrap().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(Checkpoint::open(&text, &key().verifier()).is_err());
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), lines in "[ -~\n\u{2014}+]{0,200}") {
        let verifier = key().verifier();
        for text in [&text, &lines, &format!("{lines}\n\n\u{2014} {lines}\n")] {
            prop_assert!(Checkpoint::open(text, &verifier).is_err());
            _ = text.parse::<VerifierKey>();
        }
    }
}
