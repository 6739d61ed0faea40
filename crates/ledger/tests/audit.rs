//! The auditor: a good ledger passes; each way of harming one is found and named.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests, outside #[test]")]

mod common;

use common::{LOG, Stored, agency, key, plain, stored, uuid};
use ledger::{
    Auditor, Bind, Checkpoint, Column, Event, Kept, OLD_LOGS, OldLog, SigningKey, Tile, TileId, Verdict, bind_digest,
    log_name, old_logs,
};
use proptest::prelude::*;

const T00: TileId = TileId { level: 0, index: 0 };

fn audit(log: &Stored, kept: Option<Checkpoint>) -> Verdict {
    let mut auditor = Auditor::new(key().verifier(), kept);
    log.rows.iter().for_each(|row| auditor.row(row.clone()));
    log.tiles.iter().for_each(|(id, tile)| auditor.tile(*id, tile.clone()));
    auditor.finish(log.size, log.checkpoint.as_deref(), log.security.clone())
}

/// Codes and places, in order.
fn found(verdict: &Verdict) -> Vec<(&str, &str)> {
    verdict.findings.iter().map(|finding| (finding.code, finding.place.as_str())).collect()
}

fn log(count: u64) -> Stored {
    Stored::new((0..count).map(|n| plain(n, "submit")))
}

#[test]
fn a_good_ledger_passes_whatever_its_size_and_the_order_of_tiles() {
    for size in [0, 1, 2, 255, 256, 257, 700] {
        let log = log(size);
        let verdict = audit(&log, Some(log.head()));
        assert_eq!((verdict.size, verdict.root, verdict.signed), (size, log.root, Some(size)));
        assert!(verdict.sound(), "{size}: {:?}", verdict.findings);

        let mut auditor = Auditor::new(key().verifier(), None);
        log.tiles.iter().rev().for_each(|(id, tile)| auditor.tile(*id, tile.clone()));
        log.rows.iter().for_each(|row| auditor.row(row.clone()));
        assert!(auditor.finish(size, log.checkpoint.as_deref(), []).sound(), "tiles first, {size}");
    }
}

#[test]
fn an_empty_database_without_checkpoint_is_sound_and_a_full_one_is_not() {
    let none = Auditor::new(key().verifier(), None).finish(0, None, []);
    assert!(none.sound() && none.signed.is_none() && none.root == ledger::empty_root());
    let mut log = log(3);
    log.checkpoint = None;
    assert_eq!(found(&audit(&log, None)), [("checkpoint-missing", "checkpoint")]);
}

#[test]
fn a_changed_byte_of_a_body_is_named_by_its_position() {
    let mut log = log(300);
    log.rows[7].body.as_mut().unwrap()[30] ^= 1;
    let verdict = audit(&log, None);
    assert_eq!(found(&verdict), [("event-changed", "event 7")]);
    assert_eq!(verdict.findings[0].message, "event at position 7: its bytes do not give its leaf hash");
}

#[test]
fn a_changed_salt_or_leaf_is_named_by_its_position() {
    let mut salted = log(300);
    salted.rows[7].salt.as_mut().unwrap()[0] ^= 1;
    assert_eq!(found(&audit(&salted, None)), [("event-changed", "event 7")]);
    let mut leafed = log(300);
    leafed.rows[7].leaf[0] ^= 1;
    let verdict = audit(&leafed, None);
    let want = [
        ("event-changed", "event 7"),
        ("leaf-not-in-tile", "event 7"),
        ("tile-differs", "tile 1/0"),
        ("root-differs", "checkpoint"),
    ];
    assert_eq!(found(&verdict), want);
    assert_eq!(verdict.findings[2].message, "tile 1/0: its hash 0 is not what the events 0 to 255 give");
}

#[test]
fn an_event_rewritten_with_its_leaf_is_found_by_its_tile_and_with_its_tiles_by_the_signature() {
    let mut changed = log(300);
    let good = changed.clone();
    changed.rows[7] = stored(7, &Event { policy: "other".into(), ..plain(7, "submit") });
    assert_eq!(found(&audit(&changed, None))[0], ("leaf-not-in-tile", "event 7"));

    // All but the signature: tiles and size are made anew.
    let note = changed.checkpoint.clone();
    changed.integrate();
    changed.checkpoint = note;
    assert_eq!(found(&audit(&changed, None)), [("root-differs", "checkpoint")]);

    // Even the signature: only the kept checkpoint knows.
    changed.integrate();
    assert!(audit(&changed, None).sound());
    let verdict = audit(&changed, Some(good.head()));
    assert_eq!(found(&verdict), [("forked-from-kept-checkpoint", "kept checkpoint")]);
}

#[test]
fn swapped_rows_are_both_named() {
    let mut log = log(300);
    log.rows.swap(4, 5);
    (log.rows[4].index, log.rows[5].index) = (4, 5);
    let verdict = audit(&log, None);
    assert_eq!(found(&verdict)[..2], [("leaf-not-in-tile", "event 4"), ("leaf-not-in-tile", "event 5")]);
}

#[test]
fn an_id_column_that_is_not_the_events_is_named() {
    let mut log = log(9);
    log.rows[3].event_id = uuid(4);
    assert_eq!(found(&audit(&log, None)), [("event-id-differs", "event 3")]);
}

#[test]
fn a_leaf_that_is_no_event_is_named() {
    let mut log = log(3);
    log.rows[1].body.as_mut().unwrap().push(0);
    log.rows[1].leaf = ledger::leaf_hash(&log.rows[1].salt.unwrap(), log.rows[1].body.as_ref().unwrap());
    log.integrate();
    let verdict = audit(&log, None);
    assert_eq!(found(&verdict), [("event-unreadable", "event 1")]);
}

#[test]
fn a_deleted_row_is_named_and_later_faults_are_still_found() {
    let mut log = log(700);
    log.rows[600].body.as_mut().unwrap()[0] ^= 1;
    log.rows[500] = stored(500, &plain(9, "submit"));
    log.rows.remove(3);
    let verdict = audit(&log, None);
    let found = found(&verdict);
    assert_eq!(found[0], ("position-gap", "event 3"));
    assert_eq!(verdict.findings[0].message, "event at position 3 is missing: the next row stands at position 4");
    assert!(found.contains(&("leaf-not-in-tile", "event 500")) && found.contains(&("event-changed", "event 600")));
    assert!(found.contains(&("tile-differs", "tile 1/0")), "the second tile stands over event 500");
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(verdict.size, 3);
}

#[test]
fn a_row_far_out_of_place_costs_no_time() {
    let mut log = log(3);
    log.rows[2].index = i64::MAX;
    log.rows.push(stored(0, &plain(0, "submit")));
    log.rows.push(stored(1, &plain(1, "submit")));
    log.rows[4].index = -1;
    let verdict = audit(&log, None);
    let found = found(&verdict);
    assert!(found.contains(&("position-gap", "event 2")), "{found:?}");
    assert!(found.contains(&("position-order", "event 0")) && found.contains(&("position-negative", "event -1")));
}

#[test]
fn a_deleted_tail_is_found_by_size_checkpoint_or_kept_checkpoint() {
    let good = log(300);
    let mut cut = good.clone();
    cut.rows.truncate(290);
    let verdict = audit(&cut, None);
    assert_eq!(found(&verdict)[0], ("tail-missing", "event 290"));
    assert!(found(&verdict).contains(&("checkpoint-ahead", "checkpoint")));

    // The size and the tiles follow: the signed checkpoint speaks.
    let note = cut.checkpoint.clone();
    cut.integrate();
    let signed = std::mem::replace(&mut cut.checkpoint, note);
    assert_eq!(found(&audit(&cut, None)), [("checkpoint-ahead", "checkpoint")]);

    // The whole database of yesterday: only the kept checkpoint speaks.
    cut.checkpoint = signed;
    let verdict = audit(&cut, Some(good.head()));
    assert_eq!(found(&verdict), [("behind-kept-checkpoint", "kept checkpoint")]);
    assert_eq!(verdict.findings[0].message, "the database is behind the last checkpoint signed here: 290 of 300");
}

#[test]
fn rows_beyond_the_size_are_named() {
    let mut log = log(5);
    log.rows.push(stored(5, &plain(5, "submit")));
    let verdict = audit(&log, None);
    assert_eq!(found(&verdict), [("tail-surplus", "event 5"), ("tile-width", "tile 0/0")]);
}

#[test]
fn a_kept_checkpoint_of_an_earlier_size_is_continued_or_forked() {
    let (old, new) = (log(10), log(300));
    assert!(audit(&new, Some(old.head())).sound());
    let forked = Checkpoint { root: [1; 32], ..old.head() };
    assert_eq!(found(&audit(&new, Some(forked)))[0].0, "forked-from-kept-checkpoint");
    let other = Checkpoint { origin: "other.example.org".into(), ..old.head() };
    assert_eq!(found(&audit(&new, Some(other)))[0].0, "kept-of-another-log");
}

#[test]
fn a_checkpoint_may_lag_behind_and_must_be_of_this_key_and_these_events() {
    let (old, mut new) = (log(10), log(300));
    new.checkpoint = old.checkpoint.clone();
    let verdict = audit(&new, None);
    assert!(verdict.sound());
    assert_eq!(verdict.signed, Some(10));

    new.checkpoint = Some(Checkpoint { root: [1; 32], ..old.head() }.sign(&key()).unwrap());
    assert_eq!(found(&audit(&new, None)), [("root-differs", "checkpoint")]);

    let stranger = ledger::SigningKey::from_seed(LOG, &[8; 32]).unwrap();
    new.checkpoint = Some(new.head().sign(&stranger).unwrap());
    let verdict = audit(&new, None);
    assert_eq!((found(&verdict), verdict.signed), (vec![("checkpoint-invalid", "checkpoint")], None));
}

#[test]
fn tiles_that_differ_lack_or_are_too_many_are_named() {
    let good = log(300);
    let mut log = good.clone();
    let mut hashes = log.tiles[&T00].hashes().to_vec();
    hashes[9][31] ^= 1; // not among the bytes that locate: still found, as a whole
    log.tiles.insert(T00, Tile::new(hashes).unwrap());
    assert_eq!(found(&audit(&log, None)), [("tile-differs", "tile 0/0")]);

    let mut log = good.clone();
    log.tiles.remove(&T00);
    log.tiles.insert(TileId { level: 2, index: 0 }, log.tiles[&TileId { level: 1, index: 0 }].clone());
    assert_eq!(found(&audit(&log, None)), [("tile-missing", "tile 0/0"), ("tile-without-events", "tile 2/0")]);

    let mut log = good;
    let id = TileId { level: 0, index: 1 };
    let short = log.tiles[&id].hashes()[..40].to_vec();
    log.tiles.insert(id, Tile::new(short).unwrap());
    let verdict = audit(&log, None);
    assert_eq!(verdict.findings[0].message, "tile 0/1: it holds 40 hashes, the events give 44");
}

fn purge(log: &mut Stored, at: usize) {
    (log.rows[at].body, log.rows[at].salt) = (None, None);
}

#[test]
fn a_purged_row_needs_a_later_purge_event_that_was_done() {
    let naming = |event: Event| {
        let mut log = Stored::new((0..9).map(|n| if n == 6 { event.clone() } else { plain(n, "submit") }));
        purge(&mut log, 2);
        audit(&log, None)
    };
    let mut event = plain(6, "purge");
    let unnamed = naming(event.clone());
    assert_eq!(found(&unnamed), [("purge-without-event", "event 2")]);
    event.shown = vec![uuid(1), uuid(2)];
    assert!(naming(event.clone()).sound(), "named among the rows");
    let refused = Event { outcome: ledger::Outcome::Refused, ..event.clone() };
    assert_eq!(found(&naming(refused)), [("purge-without-event", "event 2")]);
    let read = Event { verb: ledger::Verb::new("read"), ..event.clone() };
    assert_eq!(found(&naming(read)), [("purge-without-event", "event 2")]);
    event.shown.clear();
    event.object.id = uuid(2);
    assert!(naming(event).sound(), "named as the object");
}

#[test]
fn a_purge_event_excuses_nothing_after_it_nor_when_it_was_changed() {
    let event = Event { shown: vec![uuid(2), uuid(8)], ..plain(6, "purge") };
    let mut log = Stored::new((0..9).map(|n| if n == 6 { event.clone() } else { plain(n, "submit") }));
    purge(&mut log, 8);
    assert_eq!(found(&audit(&log, None)), [("purge-without-event", "event 8")]);
    let mut log = Stored::new((0..9).map(|n| plain(n, "submit")));
    purge(&mut log, 2);
    log.rows[6].body = Some(event.encode());
    assert_eq!(found(&audit(&log, None)), [("purge-without-event", "event 2"), ("event-changed", "event 6")]);
}

#[test]
fn half_a_purge_is_named() {
    let event = Event { shown: vec![uuid(2)], ..plain(6, "purge") };
    let mut log = Stored::new((0..9).map(|n| if n == 6 { event.clone() } else { plain(n, "submit") }));
    log.rows[2].body = None;
    log.rows[3].salt = None;
    assert_eq!(found(&audit(&log, None)), [("salt-kept", "event 2"), ("salt-missing", "event 3")]);
}

/// Agencies: 1 written by event 1, again by event 3; 2 written by event 2, deleted by event 4.
fn guarded() -> Stored {
    let written = |n: u64, row: ledger::RowDigest| Event { rows: vec![row], ..plain(n, "write-agency") };
    let gone = ledger::row_digest(&common::salt(4), "agencies", &[2], 2, &[]);
    let gone = ledger::RowDigest { table: "agencies".into(), row: vec![2], version: 2, digest: gone };
    let mut log = Stored::new([
        plain(0, "start"),
        written(1, agency(1, 1, 1, "First").1),
        written(2, agency(2, 2, 1, "Second").1),
        written(3, agency(3, 1, 2, "First again").1),
        written(4, gone),
        plain(5, "submit"),
    ]);
    log.security = vec![agency(3, 1, 2, "First again").0];
    log
}

#[test]
fn security_rows_that_stand_as_their_events_left_them_pass() {
    let verdict = audit(&guarded(), None);
    assert!(verdict.sound(), "{:?}", verdict.findings);
}

#[test]
fn each_harm_to_a_security_row_is_named_with_table_and_key() {
    let with = |rows: Vec<ledger::SecurityRow>| {
        let log = Stored { security: rows, ..guarded() };
        audit(&log, None).findings.into_iter().map(|f| (f.code, f.place)).collect::<Vec<_>>()
    };
    let good = agency(3, 1, 2, "First again").0;
    let one = |code, place: &str| vec![(code, place.to_owned())];
    assert_eq!(with(vec![]), one("row-missing", "agencies row 01"));
    assert_eq!(with(vec![good.clone(), good.clone()]), one("row-twice", "agencies row 01"));
    assert_eq!(with(vec![agency(0, 1, 2, "Other").0]), one("row-changed", "agencies row 01"));
    assert_eq!(with(vec![agency(0, 1, 1, "First").0]), one("row-stale", "agencies row 01"));
    assert_eq!(with(vec![agency(0, 1, 3, "First again").0]), one("row-ahead", "agencies row 01"));
    assert_eq!(with(vec![good.clone(), agency(0, 9, 1, "New").0]), one("row-without-event", "agencies row 09"));
    // a deleted row put back, as it was or under the version of its deletion
    assert_eq!(with(vec![good.clone(), agency(0, 2, 1, "Second").0]), one("row-stale", "agencies row 02"));
    assert_eq!(with(vec![good.clone(), agency(0, 2, 2, "Second").0]), one("row-changed", "agencies row 02"));
    let mut shut = good;
    shut.columns[1].1 = Column::Bool(false);
    assert_eq!(with(vec![shut]), one("row-changed", "agencies row 01"));
}

#[test]
fn a_digest_written_again_under_a_new_salt_outlives_the_purge_of_the_first() {
    let mut rewritten = plain(4, "purge");
    rewritten.shown = vec![uuid(1)];
    rewritten.rows = vec![agency(4, 1, 1, "First").1];
    let first = Event { rows: vec![agency(1, 1, 1, "First").1], ..plain(1, "write-agency") };
    let mut log = Stored::new([plain(0, "start"), first, plain(2, "submit"), plain(3, "submit"), rewritten]);
    log.security = vec![agency(1, 1, 1, "First").0];
    assert!(audit(&log, None).sound());
    purge(&mut log, 1);
    assert!(audit(&log, None).sound());
}

#[test]
fn the_highest_version_counts_and_of_equal_ones_the_later_event() {
    let wrote = |n: u64, version, name| Event { rows: vec![agency(n, 1, version, name).1], ..plain(n, "write-agency") };
    let with = |events: [Event; 3], row| {
        let mut log = Stored::new(events);
        log.security = vec![row];
        audit(&log, None).findings.first().map(|finding| finding.code)
    };
    let tie = || [wrote(0, 1, "First"), wrote(1, 1, "Second"), plain(2, "submit")];
    assert_eq!(with(tie(), agency(0, 1, 1, "Second").0), None);
    assert_eq!(with(tie(), agency(0, 1, 1, "First").0), Some("row-changed"));
    let fallen = || [wrote(0, 5, "First"), wrote(1, 4, "Second"), plain(2, "submit")];
    assert_eq!(with(fallen(), agency(0, 1, 5, "First").0), None);
    assert_eq!(with(fallen(), agency(0, 1, 4, "Second").0), Some("row-stale"));
}

#[test]
fn many_faults_of_one_kind_are_counted_and_the_first_are_listed() {
    let mut log = log(300);
    log.rows.iter_mut().for_each(|row| row.event_id = uuid(999));
    let verdict = audit(&log, None);
    assert_eq!((verdict.findings.len(), verdict.left_out), (100, 200));
    assert_eq!(verdict.findings[0].place, "event 0");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_of_any_changed_rows_is_the_first_finding(
        size in 1u64..600,
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3u8), 1..5),
    ) {
        let mut log = log(size);
        let mut harmed = std::collections::BTreeSet::new();
        for (pick, byte, what) in picks {
            let at = pick.index(log.rows.len());
            if !harmed.insert(at) {
                continue;
            }
            let row = &mut log.rows[at];
            match what {
                0 => {
                    let body = row.body.as_mut().unwrap();
                    let byte = byte.index(body.len());
                    body[byte] ^= 1;
                }
                1 => row.leaf[byte.index(32)] ^= 1,
                _ => row.salt.as_mut().unwrap()[byte.index(32)] ^= 1,
            }
        }
        let verdict = audit(&log, None);
        prop_assert_eq!(&verdict.findings[0].place, &format!("event {}", harmed.first().unwrap()));
    }

    #[test]
    fn any_single_missing_row_is_the_first_finding(size in 1u64..600, pick in any::<prop::sample::Index>()) {
        let mut log = log(size);
        let at = pick.index(log.rows.len());
        log.rows.remove(at);
        let verdict = audit(&log, None);
        prop_assert_eq!(&verdict.findings[0].place, &format!("event {at}"));
    }
}

/// An old log of 300 events of which 290 are held, and the new one that was begun on them.
fn put_back(change: impl Fn(&mut Stored, &mut Vec<OldLog>)) -> Verdict {
    let (full, mut held) = (log(300), log(290));
    held.checkpoint = None;
    let bound = OldLog { origin: LOG.to_owned(), held: 290, root: held.root, signed: full.checkpoint.clone() };
    let mut old = vec![bound];
    change(&mut held, &mut old);
    let new_key = SigningKey::from_seed(&log_name(LOG, 1), &[7; 32]).unwrap();
    let bind = |event: Event| Event {
        binds: vec![Bind {
            what: OLD_LOGS.to_owned(),
            digest: bind_digest(&common::salt(0), OLD_LOGS, &old_logs(&old)),
        }],
        ..event
    };
    let mut new = Stored::new([bind(plain(0, "restore")), plain(1, "submit")]);
    let head = Checkpoint { origin: new_key.name().to_owned(), ..new.head() };
    new.checkpoint = Some(head.sign(&new_key).unwrap());
    let mut auditor = Auditor::of_several(key().verifier(), Some(full.head()));
    held.rows.iter().for_each(|row| auditor.row(row.clone()));
    held.tiles.iter().for_each(|(id, tile)| auditor.tile(*id, tile.clone()));
    let counted = Kept { size: 290, checkpoint: held.checkpoint.as_deref() };
    auditor.next_log(counted, full.checkpoint.as_deref(), (new_key.verifier(), None), true);
    new.rows.iter().for_each(|row| auditor.row(row.clone()));
    new.tiles.iter().for_each(|(id, tile)| auditor.tile(*id, tile.clone()));
    auditor.finish(new.size, new.checkpoint.as_deref(), [])
}

#[test]
fn a_new_log_that_binds_what_is_held_of_the_old_one_is_sound() {
    let verdict = put_back(|_, _| ());
    assert!(verdict.sound(), "{:?}", verdict.findings);
    assert_eq!((verdict.size, verdict.signed), (2, Some(2)));
}

#[test]
fn a_new_log_must_bind_the_newest_checkpoint_ever_signed() {
    let verdict = put_back(|_, old| old[0].signed = log(295).checkpoint);
    assert_eq!(found(&verdict), [("new-log-unbound", "event 0")]);
}

#[test]
fn a_harmed_old_log_is_named_by_its_position_in_it() {
    let verdict = put_back(|held, _| held.rows[7].leaf[0] ^= 1);
    let want = [
        ("event-changed", "event 7 of old log 1"),
        ("leaf-not-in-tile", "event 7 of old log 1"),
        ("tile-differs", "tile 1/0 of old log 1"),
        ("new-log-unbound", "event 0"),
    ];
    assert_eq!(found(&verdict), want);
    // Rewritten with its tiles: the new log's first event knows.
    let rewritten = put_back(|held, _| {
        held.rows[7] = stored(7, &Event { policy: "other".into(), ..plain(7, "submit") });
        held.integrate();
        held.checkpoint = None;
    });
    assert_eq!(found(&rewritten), [("new-log-unbound", "event 0")]);
    let cut = put_back(|held, _| held.rows.truncate(280));
    assert_eq!(found(&cut)[0], ("tail-missing", "event 280 of old log 1"));
}
