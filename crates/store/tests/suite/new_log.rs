//! A database that was put back starts a new log that binds the old one; receipts and rows of the old one still verify.

use std::path::Path;

use ledger::{Checkpoint, VerifierKey};
use model::FreeText;
use model::Level;
use policy::{Action, Principal};
use store::{Engine, Error, KeyFolder, NewLogReason, Proven, Store};

use crate::common::*;
use crate::on_both;

async fn answered(w: &World, who: &Principal, case: model::CaseId) -> Submitted {
    let done = w.submit(who, case, &[], Level::Open).await;
    w.answer(who, case, &done, b"nothing").await;
    done
}

async fn proof(w: &World, who: &Principal, of: &Submitted) -> Option<Proven> {
    let grant = may(who, Action::GetReceipt);
    let mut tx = w.store.view(&grant).await.unwrap();
    let (_, recorded) = tx.answer(of.submission).await.unwrap();
    tx.commit(w.store.act(&grant, ("submission", of.submission.into()))).await.unwrap();
    recorded
}

/// The proof verifies with this key and with no other.
fn proved(recorded: &Proven, key: &str) {
    let key: VerifierKey = key.parse().unwrap();
    assert_eq!(recorded.log, key.name());
    let signed = Checkpoint::open(&recorded.checkpoint, &key).unwrap();
    let leaf = ledger::leaf_hash(&recorded.salt, &recorded.body);
    ledger::verify_inclusion(&leaf, recorded.index, recorded.size, &recorded.hashes, &signed.root).unwrap();
}

async fn codes(w: &World) -> Vec<(&'static str, String)> {
    w.verify().await.findings.into_iter().map(|f| (f.code, f.place)).collect()
}

on_both!(a_restored_database_that_is_behind_starts_a_new_log_that_binds_the_old, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let first = answered(&w, &ann, case).await;
    w.sequence().await;
    let (file, made) = w.backup("one.backup").await;
    let second = answered(&w, &ann, case).await;
    w.sequence().await;
    let old_key = w.store.keys().verifier().to_string();
    let signed = std::fs::read_to_string(w.keys().join("checkpoint")).unwrap();
    let kept = w.store.keys().kept_checkpoint().unwrap().unwrap();
    let place = w.elsewhere(w.store.engine(), "two.db");
    let begun = w.restore(&place, &file).await.unwrap().new_log.unwrap();
    assert_eq!((begun.held, begun.signed), (made.size, kept.size));
    assert!(begun.held < begun.signed);
    let mut w = w.moved(place).await;
    // Name, folder and installation follow; the old checkpoint stands aside.
    assert_eq!(w.store.keys().origin(), format!("{ORIGIN}/2"));
    assert_eq!(w.store.installation().await.unwrap().verifier, begun.verifier);
    assert_eq!(std::fs::read_to_string(w.keys().join("checkpoint.1")).unwrap(), signed);
    assert!(w.store.keys().kept_checkpoint().unwrap().is_none());
    let third = answered(&w, &ann, case).await;
    w.sequence().await;
    assert_eq!(codes(&w).await, []);
    proved(&proof(&w, &ann, &first).await.unwrap(), &old_key);
    proved(&proof(&w, &ann, &third).await.unwrap(), &begun.verifier);
    let grant = may(&ann, Action::GetReceipt);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert!(matches!(tx.answer(second.submission).await, Err(Error::NotFound("receipt"))), "it is lost");
    drop(tx);

    // The same backup again, now of a log before the present one: the third log binds both.
    let place = w.elsewhere(w.store.engine(), "three.db");
    let again = w.restore(&place, &file).await.unwrap().new_log.unwrap();
    w = w.moved(place).await;
    assert_eq!(w.store.keys().origin(), format!("{ORIGIN}/3"));
    let fourth = answered(&w, &ann, case).await;
    w.sequence().await;
    assert_eq!(codes(&w).await, []);
    proved(&proof(&w, &ann, &first).await.unwrap(), &old_key);
    proved(&proof(&w, &ann, &fourth).await.unwrap(), &again.verifier);
    // A backup of the third log goes on in the third log, on the other engine too.
    let (file, _) = w.backup("third.backup").await;
    w.store.close().await;
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = w.elsewhere(engine, "four.db");
        assert_eq!(w.restore(&place, &file).await.unwrap().new_log, None);
        let store = open(&place, KeyFolder::open(&w.keys()).unwrap(), &w.clock, &w.trace).await.unwrap();
        let verdict = store.verify(&w.operator(Action::VerifyLedger), |_| ()).await.unwrap();
        assert!(verdict.sound(), "{:?}", verdict.findings);
    }
});

fn copied() -> NewLogReason {
    NewLogReason::CopiedBack(FreeText::parse("the disk of the server broke").unwrap())
}

/// Yesterday's copy in today's place, and a new log begun on it.
async fn copied_back(w: World) -> World {
    let ann = w.officer("ann").await;
    w.case(&ann, "1").await;
    w.sequence().await;
    let yesterday = Yesterday::copy(&w).await;
    w.officer("bob").await;
    w.sequence().await;
    let old = yesterday.put_back(&w).await;
    let behind = old.sequence(&w.worker(Action::Sequence)).await;
    assert!(matches!(behind, Err(Error::Behind { .. })), "{behind:?}");
    old.new_log(&w.operator(Action::Restore), copied()).await.unwrap();
    let spent = old.sequence(&w.worker(Action::Sequence)).await;
    assert!(matches!(spent, Err(Error::OldLog)), "{spent:?}");
    old.close().await;
    let place = match &w.place {
        store::Place::Sqlite(_) => store::Place::Sqlite(w.dir.join("yesterday.db")),
        same => same.clone(),
    };
    w.moved(place).await
}

on_both!(a_copy_that_was_put_back_goes_on_in_a_new_log_only_when_asked_to, w => {
    let refused = w.store.new_log(&w.operator(Action::Restore), copied()).await;
    assert!(matches!(refused, Err(Error::NotBehind)), "{refused:?}");
    let refused = w.store.new_log(&w.operator(Action::Backup), copied()).await;
    assert!(matches!(refused, Err(Error::WrongGrant { .. })), "{refused:?}");
    let w = copied_back(w).await;
    w.officer("carl").await;
    w.sequence().await;
    assert_eq!(codes(&w).await, []);
    let again = w.store.new_log(&w.operator(Action::Restore), copied()).await;
    assert!(matches!(again, Err(Error::NotBehind)), "{again:?}");
    let mut raw = w.raw().await;
    let first = raw.bytes("SELECT body FROM event WHERE idx = 0", &[]).await;
    let event = ledger::Event::decode(&first).unwrap();
    assert_eq!((event.verb.as_str(), event.object.kind.as_str()), ("restore", copied().word()));
    // Why stands sealed beside it, and is bound by it.
    assert_eq!(event.binds.iter().map(|b| b.what.as_str()).collect::<Vec<_>>(), ["old logs", "reason"]);
    let kept = raw.bytes("SELECT sealed FROM reason WHERE what = 'reason'", &[]).await;
    assert!(!kept.is_empty() && !kept.windows(4).any(|w| w == b"disk"));
});

on_both!(verify_names_a_harmed_row_of_an_old_log, w => {
    let w = copied_back(w).await;
    w.sequence().await;
    let mut raw = w.raw().await;
    let whole = raw.bytes("SELECT leaf FROM old_event WHERE idx = 1", &[]).await;
    let mut leaf = whole.clone();
    leaf[0] ^= 1;
    let put = "UPDATE old_event SET leaf = $1 WHERE idx = 1";
    raw.exec(put, &[Bind::Bytes(leaf)]).await;
    let found = codes(&w).await;
    assert_eq!(found[0], ("event-changed", "event 1 of old log 1".to_owned()));
    assert!(found.contains(&("new-log-unbound", "event 0".to_owned())), "{found:?}");
    raw.exec(put, &[Bind::Bytes(whole)]).await;
    assert_eq!(codes(&w).await, []);
    raw.exec("DELETE FROM old_event WHERE idx = 2", &[]).await;
    assert_eq!(codes(&w).await[0].1, "event 2 of old log 1");
});

on_both!(verify_knows_what_was_signed_last_from_beside_the_keys, w => {
    let w = copied_back(w).await;
    w.sequence().await;
    // An older checkpoint of the old log in the place of the newest: sound by its signature, and not what was bound.
    let older = w.raw().await.text("SELECT note FROM old_checkpoint ORDER BY size LIMIT 1", &[]).await;
    std::fs::write(w.keys().join("checkpoint.1"), older).unwrap();
    let w = { let place = w.place.clone(); w.moved(place).await };
    assert_eq!(codes(&w).await, [("new-log-unbound", "event 0".to_owned())]);
    std::fs::write(w.keys().join("checkpoint.1"), "anything").unwrap();
    assert!(matches!(KeyFolder::open(&w.keys()), Err(Error::Keys(_))));
});

fn set_back(keys: &Path) {
    let old = std::fs::read_to_string(keys.join("origin.1")).unwrap();
    std::fs::write(keys.join("origin"), old).unwrap();
}

on_both!(a_crash_between_the_databases_new_log_and_the_folders_is_finished_at_the_next_opening, w => {
    let w = copied_back(w).await;
    set_back(&w.keys());
    assert_eq!(KeyFolder::open(&w.keys()).unwrap().origin(), ORIGIN);
    let place = w.place.clone();
    let w = w.moved(place).await;
    assert_eq!(w.store.keys().origin(), format!("{ORIGIN}/2"));
    w.sequence().await;
    assert_eq!(codes(&w).await, []);
    // Without the folder having prepared it, such a database is not these keys'.
    set_back(&w.keys());
    std::fs::remove_file(w.keys().join("origin.1")).unwrap();
    let refused = open(&w.place, KeyFolder::open(&w.keys()).unwrap(), &w.clock, &w.trace).await;
    assert!(matches!(refused, Err(Error::WrongKeys)));
});

on_both!(a_copy_from_before_a_new_log_is_not_signed_on_and_verify_says_so, w => {
    let old = Yesterday::copy(&w).await;
    w.sequence().await;
    let (file, _) = w.backup("one.backup").await;
    w.sequence().await;
    let place = w.elsewhere(w.store.engine(), "two.db");
    w.restore(&place, &file).await.unwrap().new_log.unwrap();
    let old: Store = old.put_back(&w).await;
    let refused = old.sequence(&w.worker(Action::Sequence)).await;
    assert!(matches!(refused, Err(Error::OldLog)), "{refused:?}");
    let verdict = old.verify(&w.operator(Action::VerifyLedger), |_| ()).await.unwrap();
    assert_eq!(verdict.findings[0].code, "new-log-missing");
    old.new_log(&w.operator(Action::Restore), copied()).await.unwrap();
    old.close().await;
    assert_eq!(KeyFolder::open(&w.keys()).unwrap().origin(), format!("{ORIGIN}/3"));
});
