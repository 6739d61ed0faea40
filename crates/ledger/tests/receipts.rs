//! Receipts: what verifies, and that nothing else does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests, outside #[test]")]

mod common;

use common::{Stored, key, plain, salt};
use ledger::{Bind, Proof, Receipt, ReceiptError, SigningKey, bind_digest};
use proptest::prelude::*;
use serde_json::Value;

const STATEMENT: &str =
    "{\"trial\":false,\"asked\":[\"+1 212-555-0142\"],\"answer\":\"Nothing to show you\",\n \"note\":\"caf\u{e9}\"}";
const AT: u64 = 5;

/// A ledger in which event 5 binds the statement, and the proof against its checkpoint.
fn proof(statement: &str) -> Proof {
    let events = (0..11).map(|n| {
        let mut event = plain(n, "submit");
        if n == AT {
            let digest = bind_digest(&salt(n), "receipt", statement.as_bytes());
            event.binds =
                vec![Bind { what: "purpose".into(), digest: [3; 32] }, Bind { what: "receipt".into(), digest }];
        }
        event
    });
    let log = Stored::new(events);
    Proof {
        index: AT,
        size: log.size,
        event: log.rows[5].body.clone().unwrap(),
        salt: salt(AT),
        hashes: ledger::inclusion(AT, log.size, &log.tiles).unwrap(),
        checkpoint: log.checkpoint.unwrap(),
    }
}

fn promise() -> Receipt {
    Receipt::promise(STATEMENT.to_owned(), &key()).unwrap()
}

fn proven() -> Receipt {
    promise().with_proof(proof(STATEMENT))
}

/// Every text and number of a file, so that two files of the same meaning compare equal.
fn meaning(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_promise_verifies_as_a_promise_and_a_proof_as_a_proof() {
    let verified = promise().verify(&key().verifier()).unwrap();
    assert!(!verified.proven && !verified.trial && verified.event.is_none() && verified.position.is_none());
    assert_eq!(verified.statement["answer"], "Nothing to show you");

    let verified = proven().verify(&key().verifier()).unwrap();
    assert!(verified.proven);
    assert_eq!((verified.position, verified.at), (Some(AT), Some(plain(AT, "submit").at)));
    assert_eq!(verified.checkpoint.unwrap().size, 11);
}

#[test]
fn a_file_reads_back_as_itself() {
    for receipt in [promise(), proven()] {
        let text = receipt.to_json();
        assert!(text.ends_with("}\n") && text.contains("\"format\": \"concord.receipt/1\""));
        assert_eq!(Receipt::from_json(&text), Ok(receipt));
    }
}

#[test]
fn a_statement_says_whether_it_is_a_trial() {
    for bad in ["", "[]", "{}", "{\"trial\":1}", "true", "{\"trial\":true} x"] {
        assert_eq!(Receipt::promise(bad.into(), &key()), Err(ReceiptError::Statement), "{bad}");
    }
    let trial = Receipt::promise("{\"trial\":true}".into(), &key()).unwrap();
    assert!(trial.verify(&key().verifier()).unwrap().trial);
}

#[test]
fn each_part_that_does_not_verify_is_named() {
    let log = key().verifier();
    let with = |change: &dyn Fn(&mut Proof)| {
        let mut proof = proof(STATEMENT);
        change(&mut proof);
        promise().with_proof(proof).verify(&log).map(|_| ()).unwrap_err()
    };
    assert!(matches!(with(&|p| p.index = 6), ReceiptError::Inclusion(_)));
    assert_eq!(with(&|p| p.size = 12), ReceiptError::Size);
    assert!(matches!(with(&|p| p.event.truncate(50)), ReceiptError::Event(_)));
    assert_eq!(with(&|p| p.salt[0] ^= 1), ReceiptError::Bind);
    assert_eq!(with(&|p| p.event = plain(AT, "submit").encode()), ReceiptError::Bind);
    assert!(matches!(with(&|p| p.hashes[0][0] ^= 1), ReceiptError::Inclusion(_)));
    assert!(matches!(with(&|p| _ = p.hashes.pop()), ReceiptError::Inclusion(_)));
    assert!(matches!(with(&|p| p.checkpoint = p.checkpoint.replace("\n11\n", "\n12\n")), ReceiptError::Checkpoint(_)));

    // The proof of another statement does not carry over.
    let other = promise().with_proof(proof("{\"trial\":false}"));
    assert_eq!(other.verify(&log), Err(ReceiptError::Bind));

    // Another key: by name, and under the same name.
    let named = SigningKey::from_seed("other.example.org", &[7; 32]).unwrap().verifier();
    assert_eq!(proven().verify(&named), Err(ReceiptError::Key));
    let same = SigningKey::from_seed(common::LOG, &[8; 32]).unwrap().verifier();
    assert_eq!(proven().verify(&same), Err(ReceiptError::Signature));
}

#[test]
fn a_file_may_hold_nothing_that_is_not_checked() {
    let text = proven().to_json();
    let bad = |from: &str, to: &str| Receipt::from_json(&text.replacen(from, to, 1)).unwrap_err();
    assert!(matches!(bad("{", "{\"more\":1,"), ReceiptError::Json { .. }));
    assert!(matches!(bad("{", "{\"key\":\"x\","), ReceiptError::Json { .. }));
    assert!(matches!(bad("\"index\": 5", "\"index\": 5, \"at\": 1"), ReceiptError::Json { .. }));
    assert!(matches!(bad("\"index\": 5", "\"index\": -5"), ReceiptError::Json { .. }));
    assert_eq!(bad("concord.receipt/1", "concord.receipt/2"), ReceiptError::Format);
    assert_eq!(bad("\"salt\": \"", "\"salt\": \"A"), ReceiptError::Field("salt"));
}

#[test]
fn neither_debug_nor_errors_show_the_statement() {
    let receipt = proven();
    let shown = format!("{receipt:?} {:?}", receipt.verify(&key().verifier()).unwrap());
    assert!(!shown.contains("555") && !shown.contains("Nothing"), "{shown}");
    let error =
        Receipt::from_json(&receipt.to_json().replacen("\"index\": 5", "\"index\": \"555-0142\"", 1)).unwrap_err();
    assert!(!error.to_string().contains("555"));
}

#[test]
fn no_single_bit_of_a_file_may_change() {
    let text = proven().to_json();
    let log = key().verifier();
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let verified =
                String::from_utf8(bytes).ok().and_then(|text| Receipt::from_json(&text).ok()?.verify(&log).ok());
            assert!(verified.is_none(), "bit {bit} of byte {at} is not checked");
        }
    }
}

#[test]
fn white_space_between_fields_has_no_meaning() {
    let text = proven().to_json();
    let wide = text.replace("\n  ", "\n\t\r\n ");
    assert_ne!(text, wide);
    assert_eq!(Receipt::from_json(&wide), Ok(proven()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changed_byte_of_a_file_fails_or_is_white_space(at in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let text = proven().to_json();
        let mut bytes = text.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(changed) = String::from_utf8(bytes)
            && let Ok(receipt) = Receipt::from_json(&changed)
            && receipt.verify(&key().verifier()).is_ok()
        {
            prop_assert!(text.as_bytes()[at].is_ascii_whitespace());
            prop_assert_eq!(meaning(&changed), meaning(&text));
        }
    }

    #[test]
    fn any_statement_is_signed_as_the_text_it_is(words in any::<String>(), trial in any::<bool>()) {
        let statement = serde_json::json!({ "trial": trial, "words": words }).to_string();
        let receipt = Receipt::promise(statement.clone(), &key()).unwrap().with_proof(proof(&statement));
        let back = Receipt::from_json(&receipt.to_json()).unwrap();
        prop_assert_eq!(back.statement(), &statement);
        let verified = back.verify(&key().verifier()).unwrap();
        prop_assert_eq!((verified.proven, verified.trial), (true, trial));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), json in "[\\[\\]{}\":, a-z0-9]{0,100}") {
        prop_assert!(Receipt::from_json(&text).is_err());
        prop_assert!(Receipt::from_json(&json).is_err());
    }

    #[test]
    fn no_proof_makes_the_verifier_panic(
        index in any::<u64>(), size in any::<u64>(), event in any::<Vec<u8>>(), checkpoint in any::<String>(),
    ) {
        let wild = Proof { index, size, event, salt: [0; 32], hashes: vec![[0; 32]; 3], checkpoint };
        prop_assert!(promise().with_proof(wild.clone()).verify(&key().verifier()).is_err());
        let signed = Proof { checkpoint: proof(STATEMENT).checkpoint, ..wild };
        prop_assert!(promise().with_proof(signed).verify(&key().verifier()).is_err());
    }
}
