//! Whoever writes into the tables past the store: verify names it, and a moved ciphertext does not open.

use model::{FreeText, Level, Role};
use policy::{Action, Principal};
use store::{Error, Matter, NewNotice};

use crate::common::*;
use crate::on_both;

/// A small sound history, integrated and signed.
async fn history(w: &World) -> Principal {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    w.submit(&ann, case, &["fox"], Level::Open).await;
    w.sequence().await;
    ann
}

/// What verify says, by code and place; the first is the first bad row.
async fn found(w: &World) -> Vec<(&'static str, String)> {
    w.verify().await.findings.into_iter().map(|f| (f.code, f.place)).collect()
}

on_both!(verify_finds_a_healthy_ledger_sound, w => {
    history(&w).await;
    let verdict = w.verify().await;
    assert!(verdict.sound(), "{:?}", verdict.findings);
    assert_eq!((verdict.size, verdict.signed), (5, Some(5)));
    w.sequence().await;
    assert!(w.verify().await.sound(), "verifying is itself an event");
});

on_both!(verify_names_an_event_whose_body_was_changed, w => {
    history(&w).await;
    let mut raw = w.raw().await;
    let mut body = raw.bytes("SELECT body FROM event WHERE idx = $1", &[Bind::Int(2)]).await;
    *body.last_mut().unwrap() ^= 1;
    raw.exec("UPDATE event SET body = $1 WHERE idx = 2", &[Bind::Bytes(body)]).await;
    assert_eq!(found(&w).await[0], ("event-changed", "event 2".to_owned()));
});

on_both!(verify_names_events_that_changed_places, w => {
    history(&w).await;
    let mut raw = w.raw().await;
    for (from, to) in [(1, -1), (3, 1), (-1, 3)] {
        raw.exec("UPDATE event SET idx = $1 WHERE idx = $2", &[Bind::Int(to), Bind::Int(from)]).await;
    }
    let places: Vec<_> = found(&w).await.into_iter().filter(|(code, _)| *code == "leaf-not-in-tile").collect();
    assert_eq!(places, [("leaf-not-in-tile", "event 1".to_owned()), ("leaf-not-in-tile", "event 3".to_owned())]);
});

on_both!(verify_names_the_first_event_of_a_deleted_tail, w => {
    history(&w).await;
    let mut raw = w.raw().await;
    raw.exec("DELETE FROM event WHERE idx >= 3", &[]).await;
    assert_eq!(found(&w).await[0], ("tail-missing", "event 3".to_owned()));
    // Also when the counted size, the tile and the checkpoint are cut to fit: the kept checkpoint knows.
    raw.exec("UPDATE log SET size = 3", &[]).await;
    raw.exec("DELETE FROM checkpoint", &[]).await;
    let mut tile = raw.bytes("SELECT hashes FROM tile WHERE idx = 0 AND level = 0", &[]).await;
    tile.truncate(3 * 32);
    raw.exec("UPDATE tile SET hashes = $1 WHERE idx = 0 AND level = 0", &[Bind::Bytes(tile)]).await;
    let codes: Vec<_> = found(&w).await.into_iter().map(|(code, _)| code).collect();
    assert!(codes.contains(&"behind-kept-checkpoint"), "{codes:?}");
});

on_both!(verify_names_a_deleted_event_in_the_middle, w => {
    history(&w).await;
    w.raw().await.exec("DELETE FROM event WHERE idx = 2", &[]).await;
    assert_eq!(found(&w).await[0], ("position-gap", "event 2".to_owned()));
});

on_both!(verify_names_a_member_whose_roles_were_changed, w => {
    let ann = history(&w).await;
    let all = model::Roles::of(Role::ALL).code();
    w.raw().await.exec("UPDATE member SET roles = $1", &[Bind::Int(all)]).await;
    let row = format!("member row {}", hex(ann.member.as_bytes()));
    assert_eq!(found(&w).await, [("row-changed", row)]);
});

on_both!(verify_names_an_agency_whose_time_zone_was_changed, w => {
    let ann = history(&w).await;
    w.raw().await.exec("UPDATE agency SET time_zone = 'America/Denver'", &[]).await;
    let row = format!("agency row {}", hex(ann.agency.as_bytes()));
    assert_eq!(found(&w).await, [("row-changed", row)]);
});

on_both!(verify_names_an_agency_that_was_deleted, w => {
    let ann = history(&w).await;
    w.raw().await.exec("DELETE FROM agency", &[]).await;
    let row = format!("agency row {}", hex(ann.agency.as_bytes()));
    assert_eq!(found(&w).await, [("row-missing", row)]);
});

on_both!(verify_names_a_member_nobody_added, w => {
    history(&w).await;
    let (mut raw, new) = (w.raw().await, uuid());
    let copy = "INSERT INTO member (id, agency, email_token, sworn, roles, active, sealed, made_us, row_version) SELECT $1, agency, $2, sworn, roles, active, sealed, made_us, row_version FROM member";
    raw.exec(copy, &[Bind::Id(new), Bind::Bytes(vec![7; 16])]).await;
    assert_eq!(found(&w).await, [("row-without-event", format!("member row {}", hex(new.as_bytes())))]);
});

on_both!(verify_names_a_tile_that_was_changed, w => {
    history(&w).await;
    let mut raw = w.raw().await;
    let mut tile = raw.bytes("SELECT hashes FROM tile WHERE idx = 0 AND level = 0", &[]).await;
    tile[2 * 32] ^= 1;
    raw.exec("UPDATE tile SET hashes = $1 WHERE idx = 0 AND level = 0", &[Bind::Bytes(tile.clone())]).await;
    assert_eq!(found(&w).await[0], ("leaf-not-in-tile", "event 2".to_owned()));
    // A tile that is no row of hashes is a finding too, not a failure to verify.
    tile.pop();
    raw.exec("UPDATE tile SET hashes = $1 WHERE idx = 0 AND level = 0", &[Bind::Bytes(tile)]).await;
    let first = found(&w).await;
    assert!(!first.is_empty() && first.iter().any(|(code, _)| code.starts_with("tile-")), "{first:?}");
});

on_both!(verify_names_yesterdays_copy, w => {
    history(&w).await;
    let yesterday = Yesterday::copy(&w).await;
    w.officer("bob").await;
    w.sequence().await;
    let old = yesterday.put_back(&w).await;
    let verdict = old.verify(&w.operator(Action::VerifyLedger), |_| ()).await.unwrap();
    let codes: Vec<_> = verdict.findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["behind-kept-checkpoint"]);
    assert_eq!(verdict.findings[0].place, "kept checkpoint");
});

/// Puts another body under event `idx`, and its leaf into the event's row and into the tile: they fit one another.
async fn rewrite(w: &World, idx: i64) {
    let mut raw = w.raw().await;
    let salt = raw.bytes("SELECT salt FROM event WHERE idx = $1", &[Bind::Int(idx)]).await;
    let body = raw.bytes("SELECT body FROM event WHERE idx = $1", &[Bind::Int(idx + 1)]).await;
    let leaf = ledger::leaf_hash(&salt.try_into().unwrap(), &body).to_vec();
    let event = [Bind::Bytes(body), Bind::Bytes(leaf.clone()), Bind::Int(idx)];
    assert_eq!(raw.exec("UPDATE event SET body = $1, leaf = $2 WHERE idx = $3", &event).await, 1);
    let mut tile = raw.bytes("SELECT hashes FROM tile WHERE idx = 0 AND level = 0", &[]).await;
    let at = usize::try_from(idx).unwrap() * 32;
    tile[at..at + 32].copy_from_slice(&leaf);
    raw.exec("UPDATE tile SET hashes = $1 WHERE idx = 0 AND level = 0", &[Bind::Bytes(tile)]).await;
}

on_both!(nothing_is_signed_on_a_log_that_was_rewritten_below_the_kept_checkpoint, w => {
    history(&w).await;
    let signed = w.store.keys().kept_checkpoint().unwrap().unwrap();
    rewrite(&w, 2).await;
    w.officer("bob").await;
    let grant = w.worker(Action::Sequence);
    for _ in 0..2 {
        let forked = w.store.sequence(&grant).await;
        assert!(matches!(forked, Err(Error::Forked { kept }) if kept == signed.size), "{forked:?}");
    }
    assert_eq!(w.count("checkpoint").await, 1);
    assert_eq!(w.store.keys().kept_checkpoint().unwrap().unwrap(), signed);
    assert!(!w.verify().await.sound());
});

on_both!(a_rewritten_log_is_not_signed_again_at_the_kept_size, w => {
    history(&w).await;
    rewrite(&w, 2).await;
    w.raw().await.exec("DELETE FROM checkpoint", &[]).await;
    let forked = w.store.sequence(&w.worker(Action::Sequence)).await;
    assert!(matches!(forked, Err(Error::Forked { kept: 5 })), "{forked:?}");
    assert_eq!(w.count("checkpoint").await, 0);
});

on_both!(a_changed_node_above_the_leaves_is_not_signed, w => {
    // The root at the kept size reads leaves, the newer one the node above them: that the old root still comes out
    // does not say that the new tree begins with it.
    let leave = async |n: u32| {
        for _ in 0..n {
            let grant = w.operator(Action::Checkpoint);
            let tx = w.store.view(&grant).await.unwrap();
            tx.commit(w.store.act(&grant, ("checkpoint", uuid()))).await.unwrap();
        }
    };
    leave(250).await;
    w.sequence().await;
    let kept = w.store.keys().kept_checkpoint().unwrap().unwrap();
    assert!(kept.size < 256, "{}", kept.size);
    // Integrated beyond the first tile, by one whose signature is then taken back.
    let (file, aside) = (w.keys().join("checkpoint"), w.dir.join("aside"));
    std::fs::copy(&file, &aside).unwrap();
    leave(20).await;
    w.sequence().await;
    std::fs::copy(&aside, &file).unwrap();
    let mut raw = w.raw().await;
    raw.exec("DELETE FROM checkpoint WHERE size > $1", &[Bind::Int(kept.size.try_into().unwrap())]).await;
    let mut tile = raw.bytes("SELECT hashes FROM tile WHERE idx = 0 AND level = 1", &[]).await;
    tile[0] ^= 1;
    raw.exec("UPDATE tile SET hashes = $1 WHERE idx = 0 AND level = 1", &[Bind::Bytes(tile)]).await;
    let forked = w.store.sequence(&w.worker(Action::Sequence)).await;
    assert!(matches!(forked, Err(Error::Forked { kept: at }) if at == kept.size), "{forked:?}");
    assert_eq!(w.store.keys().kept_checkpoint().unwrap().unwrap(), kept);
});

on_both!(an_entrys_ciphertext_opens_in_its_own_row_only, w => {
    let ann = w.officer("ann").await;
    let (case, other) = (w.case(&ann, "1").await, w.case(&ann, "2").await);
    let done = w.submit(&ann, case, &["fox", "owl", "elk"], Level::Open).await;
    let mut raw = w.raw().await;
    let [fox, owl, elk] = [0, 1, 2].map(|n| Bind::Id(done.entries[n].into()));
    let sealed = raw.bytes("SELECT sealed FROM entry WHERE id = $1", &[fox]).await;
    raw.exec("UPDATE entry SET sealed = $1 WHERE id = $2", &[Bind::Bytes(sealed), owl]).await;
    // The same row carried into another case meets another case's key.
    raw.exec("UPDATE entry SET case_id = $1 WHERE id = $2", &[Bind::Id(other.into()), elk]).await;
    let grant = may(&ann, Action::ViewCase);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert_eq!(tx.own_entries(case, &done.entries[..1]).await.unwrap()[0].content.raw, "fox");
    assert!(matches!(tx.own_entries(case, &done.entries[1..2]).await, Err(Error::Seal(_))));
    assert!(matches!(tx.own_entries(other, &done.entries[2..]).await, Err(Error::Seal(_))));
});

on_both!(a_case_key_opens_its_own_case_only, w => {
    let ann = w.officer("ann").await;
    let (case, other) = (w.case(&ann, "1").await, w.case(&ann, "2").await);
    let done = w.submit(&ann, case, &["fox"], Level::Open).await;
    let mut raw = w.raw().await;
    let wrapped = raw.bytes("SELECT wrapped FROM case_key WHERE case_id = $1", &[Bind::Id(other.into())]).await;
    raw.exec("UPDATE case_key SET wrapped = $1 WHERE case_id = $2", &[Bind::Bytes(wrapped), Bind::Id(case.into())]).await;
    let cold = w.second().await;
    let grant = may(&ann, Action::ViewCase);
    let mut tx = cold.view(&grant).await.unwrap();
    assert!(matches!(tx.own_entries(case, &done.entries).await, Err(Error::Seal(_))));
    assert_eq!(tx.own_case(other).await.unwrap().number.as_str(), "2");
    // The keys of two agencies, exchanged.
    let bob = w.officer("bob").await;
    let of = "SELECT wrapped FROM agency_key WHERE agency = $1 AND purpose = 1";
    let his = raw.bytes(of, &[Bind::Id(bob.agency.into())]).await;
    let put = "UPDATE agency_key SET wrapped = $1 WHERE agency = $2 AND purpose = 1";
    raw.exec(put, &[Bind::Bytes(his), Bind::Id(ann.agency.into())]).await;
    let cold = w.second().await;
    let mut tx = cold.view(&grant).await.unwrap();
    assert!(matches!(tx.own_case(other).await, Err(Error::Seal(_))));
});

on_both!(members_notices_answers_and_messages_open_in_their_own_place_only, w => {
    let ann = w.officer("ann").await;
    let bob = w.member(ann.agency, "bob@example.org", &[]).await;
    let case = w.case(&ann, "1").await;
    let done = w.submit(&ann, case, &["fox"], Level::Open).await;
    let second = w.submit(&ann, case, &["owl"], Level::Open).await;
    w.answer(&ann, case, &done, b"nothing to show you").await;
    w.answer(&ann, case, &second, b"nothing to show you").await;
    let grant = may(&ann, Action::Look);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let notice = |n: u8| NewNotice {
        recipient: ann.member,
        agency: ann.agency,
        matter: Matter::Asked,
        about: vec![n],
        conflict: None,
        case: None,
        entry: None,
        other_case: None,
        due: model::Micros(1),
        words: Some(vec![n]),
    };
    let (one, two) = (notice(1).id(), notice(2).id());
    tx.notify(vec![notice(1), notice(2)]).await.unwrap();
    tx.commit(w.store.act(&grant, ("look", uuid()))).await.unwrap();
    let side = store::SideFacts {
        conflict: id(),
        case,
        member: ann.member,
        sees: Level::Open,
        seen: Level::Open,
        noted: false,
        state: model::SideState::Notified,
        other_agency: w.agency("The other side").await,
        other_case: id(),
        other_member: id(),
        version: 1,
    };
    let grant = may(&ann, Action::Message);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let (first, other): (model::MessageId, model::MessageId) = (id(), id());
    for message in [first, other] {
        tx.add_message(&side, message, &model::Marking::default(), &FreeText::parse("call me").unwrap()).await.unwrap();
    }
    tx.commit(w.store.act(&grant, ("conflict", side.conflict.into()))).await.unwrap();

    let mut raw = w.raw().await;
    let moved = [
        ("member", "id", uuid::Uuid::from(ann.member), uuid::Uuid::from(bob.member)),
        ("notice", "id", one.into(), two.into()),
        ("message", "id", first.into(), other.into()),
    ];
    for (table, key, from, to) in moved {
        let sealed = raw.bytes(&format!("SELECT sealed FROM {table} WHERE {key} = $1"), &[Bind::Id(from)]).await;
        raw.exec(&format!("UPDATE {table} SET sealed = $1 WHERE {key} = $2"), &[Bind::Bytes(sealed), Bind::Id(to)]).await;
    }
    let grant = may(&ann, Action::Inbox);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert!(tx.members(&[ann.member]).await.is_ok());
    assert!(matches!(tx.members(&[bob.member]).await, Err(Error::Seal(_))));
    assert!(matches!(tx.notices(false).await, Err(Error::Seal(_))));
    drop(tx);
    // Ann's side, written past the store too, so that the thread opens and its second message does not.
    let mine = "INSERT INTO conflict_side (agency, conflict, case_id, member, other_agency, other_case, sees, state, strength, gathering, at_us, due_us, row_version) VALUES ($1, $2, $3, $4, $1, $3, 1, 1, 1, $2, 0, 0, 1)";
    let ids = [ann.agency.into(), side.conflict.into(), case.into(), ann.member.into()].map(Bind::Id);
    raw.exec(mine, &ids).await;
    let grant = may(&ann, Action::ShowConflict);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert!(matches!(tx.messages(side.conflict).await, Err(Error::Seal(_))));
    drop(tx);

    let grant = may(&ann, Action::GetReceipt);
    let of = [Bind::Id(done.submission.into())];
    let exchanges = [
        "UPDATE answer SET inputs = answer, answer = inputs WHERE submission = $1",
        "UPDATE answer SET receipt = (SELECT o.receipt FROM answer o WHERE o.submission <> $1) WHERE submission = $1",
    ];
    for exchange in exchanges {
        let mut tx = w.store.view(&grant).await.unwrap();
        assert!(tx.answer(done.submission).await.is_ok());
        drop(tx);
        let kept = raw.bytes("SELECT receipt FROM answer WHERE submission = $1", &of).await;
        raw.exec(exchange, &of).await;
        let mut tx = w.store.view(&grant).await.unwrap();
        assert!(matches!(tx.answer(done.submission).await, Err(Error::Seal(_))), "{exchange}");
        drop(tx);
        let back = [Bind::Id(done.submission.into()), Bind::Bytes(kept)];
        if exchange.contains("inputs") {
            raw.exec(exchange, &of).await;
        } else {
            raw.exec("UPDATE answer SET receipt = $2 WHERE submission = $1", &back).await;
        }
    }
});

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
