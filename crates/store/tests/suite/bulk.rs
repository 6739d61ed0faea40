//! Bulk jobs: one's own agency's alone, held by one worker at a time, and nothing of an upload left when they end.

use model::{BulkState, CaseId, Clock, Role};
use policy::{Action, Principal};
use store::{BulkFacts, BulkHeld, Engine, Error, Place};

use crate::common::*;
use crate::on_both;

/// A job with these parts that waits.
async fn asked(w: &World, who: &Principal, case: CaseId, parts: &[Vec<u8>]) -> BulkFacts {
    let (new, grant) = (bulk_of(case, b"the order", parts), may(who, Action::AskBulk));
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.add_bulk(&new).await.unwrap();
    tx.commit(w.store.act(&grant, ("bulk job", new.id.into()))).await.unwrap();
    w.store.bulk_facts(who.agency, new.id).await.unwrap().unwrap()
}

async fn decided(w: &World, who: &Principal, of: &BulkFacts, approved: bool) -> Result<(), Error> {
    let grant = second(who, Action::ApproveBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.decide_bulk(of, approved, b"said").await?;
    tx.commit(w.store.act(&grant, ("bulk job", of.id.into()))).await
}

async fn taken(w: &World, of: &BulkFacts) -> Option<BulkHeld> {
    let (grant, worker) = (w.worker(Action::RunBulk), uuid());
    let mut tx = w.store.begin(&grant).await.unwrap();
    let until = w.clock.now().plus_seconds(60);
    let row = tx.take_bulk(of.agency, of.id, worker, until).await.unwrap();
    tx.commit(w.store.act(&grant, ("bulk job", of.id.into()))).await.unwrap();
    row.map(|row| BulkHeld { facts: row.facts, worker })
}

async fn advanced(w: &World, held: &BulkHeld, part: i64) -> Result<bool, Error> {
    let grant = w.worker(Action::RunBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let ours = tx.advance_bulk(held, part, 2, w.clock.now().plus_seconds(60)).await?;
    tx.commit(w.store.act(&grant, ("bulk job", held.facts.id.into()))).await?;
    Ok(ours)
}

async fn ended(w: &World, held: &BulkHeld, state: BulkState) -> bool {
    let grant = w.worker(Action::RunBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    let ours = tx.end_bulk(held, state, None, Some(b"the answer"), None).await.unwrap();
    tx.commit(w.store.act(&grant, ("bulk job", held.facts.id.into()))).await.unwrap();
    ours
}

fn parts(n: u8) -> Vec<Vec<u8>> {
    (0..n).map(|n| format!("values of part {n}").into_bytes()).collect()
}

on_both!(a_job_is_its_own_agencys_and_another_knows_nothing_of_it, w => {
    let (ann, bob) = (w.officer("ann").await, w.officer("bob").await);
    let case = w.case(&ann, "1").await;
    let of = asked(&w, &ann, case, &parts(1)).await;
    assert!(w.store.bulk_facts(bob.agency, of.id).await.unwrap().is_none());
    let grant = may(&bob, Action::ViewBulk);
    let mut tx = w.store.view(&grant).await.unwrap();
    assert!(matches!(tx.bulk_row(of.id).await, Err(Error::NotFound("bulk job"))));
    assert!(matches!(tx.bulk_answer(of.id).await, Err(Error::NotFound("bulk job"))));
    assert!(matches!(tx.bulk_page(Some(of.id), 9).await, Err(Error::NotFound("bulk job"))));
    assert!(tx.bulk_page(None, 9).await.unwrap().is_empty());
    tx.commit(w.store.act(&grant, ("bulk jobs", uuid()))).await.unwrap();
    assert!(matches!(decided(&w, &bob, &of, true).await, Err(Error::NotFound(_))));
    let grant = may(&bob, Action::CancelBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(matches!(tx.cancel_bulk(&of, b"").await, Err(Error::NotFound(_))));
    drop(tx);
    // Nor is another agency's case one to ask for.
    let grant = may(&bob, Action::AskBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(matches!(tx.add_bulk(&bulk_of(case, b"", &parts(1))).await, Err(Error::Changed)));
    drop(tx);
    assert_eq!(w.count("bulk_job").await, 1);
});

on_both!(those_who_could_approve_are_the_other_supervisors_of_the_agency, w => {
    let (ann, _bob) = (w.officer("ann").await, w.officer("bob").await);
    let sue = w.member(ann.agency, "sue@example.org", &[Role::Supervisor]).await;
    w.member(ann.agency, "ian@example.org", &[Role::Investigator]).await;
    let grant = may(&ann, Action::AskBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert_eq!(tx.bulk_approvers().await.unwrap(), [sue.member]);
});

on_both!(of_two_who_decide_one_does, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let of = asked(&w, &ann, case, &parts(2)).await;
    decided(&w, &ann, &of, false).await.unwrap();
    assert!(matches!(decided(&w, &ann, &of, true).await, Err(Error::Changed)));
    assert_eq!(w.store.bulk_facts(ann.agency, of.id).await.unwrap().unwrap().state, BulkState::Refused);
    assert!(w.store.bulk_due(model::Micros(i64::MAX), 9).await.unwrap().is_empty(), "no worker comes for it");
});

on_both!(an_upload_leaves_part_by_part_and_whole_when_its_job_ends, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let (refused, cancelled) = (asked(&w, &ann, case, &parts(20)).await, asked(&w, &ann, case, &parts(20)).await);
    assert_eq!(w.count("bulk_part").await, 40);
    decided(&w, &ann, &refused, false).await.unwrap();
    assert_eq!(w.count("bulk_part").await, 20);
    let grant = may(&ann, Action::CancelBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.cancel_bulk(&cancelled, b"").await.unwrap();
    tx.commit(w.store.act(&grant, ("bulk job", cancelled.id.into()))).await.unwrap();
    assert_eq!(w.count("bulk_part").await, 0);
    let of = asked(&w, &ann, case, &parts(20)).await;
    decided(&w, &ann, &of, true).await.unwrap();
    let held = taken(&w, &of).await.unwrap();
    let grant = w.worker(Action::RunBulk);
    for part in 0..3 {
        let mut tx = w.store.view(&grant).await.unwrap();
        assert_eq!(tx.bulk_part(&of).await.unwrap().unwrap(), (part, parts(20)[usize::try_from(part).unwrap()].clone()));
        tx.commit(w.store.act(&grant, ("bulk job", of.id.into()))).await.unwrap();
        assert!(advanced(&w, &held, part).await.unwrap());
    }
    assert_eq!(w.count("bulk_part").await, 17);
    assert!(matches!(advanced(&w, &held, 2).await, Err(Error::Changed)), "a part is counted once");
    assert!(ended(&w, &held, BulkState::Failed).await);
    assert_eq!(w.count("bulk_part").await, 0);
    let grant = may(&ann, Action::ViewBulk);
    let mut tx = w.store.view(&grant).await.unwrap();
    let row = tx.bulk_row(of.id).await.unwrap();
    assert_eq!((row.facts.state, row.done, row.total, row.answered), (BulkState::Failed, 6, 40, true));
    tx.commit(w.store.act(&grant, ("bulk job", of.id.into()))).await.unwrap();
});

on_both!(a_job_is_in_the_hands_of_one_worker_until_its_lease_ends, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let of = asked(&w, &ann, case, &parts(3)).await;
    assert!(taken(&w, &of).await.is_none(), "one that waits is nobody's to work");
    decided(&w, &ann, &of, true).await.unwrap();
    let first = taken(&w, &of).await.unwrap();
    assert_eq!(first.facts.state, BulkState::Running);
    assert!(taken(&w, &of).await.is_none());
    assert!(advanced(&w, &first, 0).await.unwrap());
    w.clock.advance(61);
    let then = taken(&w, &of).await.unwrap();
    // Nothing of the first one is kept any more.
    assert!(!advanced(&w, &first, 1).await.unwrap());
    assert!(!ended(&w, &first, BulkState::Done).await);
    let grant = w.worker(Action::RunBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.release_bulk(&first, None).await.unwrap();
    tx.commit(w.store.act(&grant, ("bulk job", of.id.into()))).await.unwrap();
    assert_eq!(w.count("bulk_part").await, 2);
    for part in [1, 2] {
        assert!(advanced(&w, &then, part).await.unwrap());
    }
    assert!(ended(&w, &then, BulkState::Done).await);
    assert!(!ended(&w, &then, BulkState::Done).await, "it ends once");
});

on_both!(a_cancelled_job_is_not_ended_again_by_its_worker, w => {
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let of = asked(&w, &ann, case, &parts(3)).await;
    decided(&w, &ann, &of, true).await.unwrap();
    let held = taken(&w, &of).await.unwrap();
    let grant = may(&ann, Action::CancelBulk);
    let mut tx = w.store.begin(&grant).await.unwrap();
    assert!(matches!(tx.cancel_bulk(&of, b"").await, Err(Error::Changed)), "it was read before it ran");
    drop(tx);
    let mut tx = w.store.begin(&grant).await.unwrap();
    tx.cancel_bulk(&held.facts, b"").await.unwrap();
    tx.commit(w.store.act(&grant, ("bulk job", of.id.into()))).await.unwrap();
    assert!(!advanced(&w, &held, 0).await.unwrap());
    assert!(!ended(&w, &held, BulkState::Done).await);
    assert_eq!(w.store.bulk_facts(ann.agency, of.id).await.unwrap().unwrap().state, BulkState::Cancelled);
    let due = w.store.bulk_due(w.clock.now().plus_seconds(61), 9).await.unwrap();
    assert_eq!(due, [(ann.agency, of.id)], "a worker comes once more, for its answer");
});

// Deleted rows are zeroed (secure_delete), so that nothing of an upload stays on the disk when its job has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_upload_no_byte_stays_in_the_file_when_its_job_ends() {
    let w = World::new(Engine::Sqlite).await;
    let ann = w.officer("ann").await;
    let case = w.case(&ann, "1").await;
    let of = asked(&w, &ann, case, &[vec![b'v'; 9_000], vec![b'w'; 300]]).await;
    let mut raw = w.raw().await;
    let mut sealed = Vec::new();
    for part in 0..2 {
        sealed.push(raw.bytes("SELECT sealed FROM bulk_part WHERE part = $1", &[Bind::Int(part)]).await);
    }
    // Any run of it, from its beginning, middle or end.
    let runs: Vec<(String, Vec<u8>)> = sealed
        .iter()
        .flat_map(|s| {
            [20, s.len() / 2, s.len() - 40].map(|at| (format!("{} from {at}", s.len()), s[at..at + 32].to_vec()))
        })
        .collect();
    let Place::Sqlite(file) = &w.place else { panic!("a file") };
    let found = async |raw: &mut Raw| {
        assert_eq!(raw.int32("PRAGMA wal_checkpoint(TRUNCATE)").await, 0, "somebody holds the log");
        let leaks = testkit::find_leaks(&runs, &[file]);
        leaks.into_iter().filter(|l| l.form == "as it is").count()
    };
    assert_eq!(found(&mut raw).await, runs.len(), "the control: while it waits every run of it is there");
    decided(&w, &ann, &of, true).await.unwrap();
    let held = taken(&w, &of).await.unwrap();
    assert!(advanced(&w, &held, 0).await.unwrap());
    assert_eq!(found(&mut raw).await, 3, "what was worked is gone already");
    assert!(ended(&w, &held, BulkState::Cancelled).await);
    assert_eq!(found(&mut raw).await, 0);
}
