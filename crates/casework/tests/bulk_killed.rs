//! A bulk job whose worker is cut off again and again, at every sort of moment: in the middle of a slice's transactions,
//! between them, while it writes how far it came, while it ends. After each the desk is opened anew and the job goes on:
//! at the end every planted conflict is found, nothing is stored twice, the progress stands exactly at the total, and
//! nothing is left of the upload.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod common;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use casework::model::*;
use casework::{BulkLabels, BulkOrder, Desk, Limits, Opening, Principal};
use common::*;
use store::{Engine, Moment, Settings, Trace};

/// Values of the job; each slice of four has one that is planted.
const VALUES: usize = 24;

fn limits() -> Limits {
    Limits { slice_least: 4, slice_most: 4, slices_a_job: 1_000, slices_a_round: 1_000, ..Limits::built_in().unwrap() }
}

/// A process that is cut off once it has come to its last moment: a statement about to run, or a commit that held.
struct Life {
    left: AtomicU64,
    over: tokio::sync::Notify,
    /// Where each life ended.
    fell: Mutex<BTreeSet<String>>,
}

impl Life {
    fn live(&self, moment: Moment<'_>) {
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)) == Ok(1) {
            let words = match moment {
                Moment::Committed => "a commit".to_owned(),
                Moment::Statement(sql, _) => sort_of(sql),
            };
            self.fell.lock().unwrap().insert(words);
            self.over.notify_one();
        }
    }
}

/// What a statement does and to which table: `INSERT receipt`, whichever way its engine writes it.
fn sort_of(sql: &str) -> String {
    // Keys that come as one parameter stand before what is done with them.
    let done = |behind: &&str| ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|verb| behind.starts_with(verb));
    let behind = |(at, _): (usize, &str)| &sql[at + 2..];
    let keyed = sql.starts_with("WITH q").then(|| sql.match_indices(") ").map(behind).find(done));
    let sql = keyed.flatten().unwrap_or(sql);
    let mut words = sql.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let verb = words.next().unwrap_or_default();
    let table = match verb {
        "UPDATE" => words.next(),
        _ => words.skip_while(|word| !matches!(*word, "INTO" | "FROM")).nth(1),
    };
    format!("{verb} {}", table.unwrap_or_default())
}

async fn cut_off_again_and_again(engine: Engine, verb: BulkVerb) {
    let mut house = house(engine).await;
    house.desk = house.desk.with_limits(limits());
    let agency = house.agency(AgencyKind::Local).await;
    let second = house.member(agency, &[Role::Supervisor]).await;
    let asker = house.member(agency, &[]).await;
    let case = house.case(&asker, "A-1", Some(second.member)).await;
    // Another agency for each slice: six conflicts.
    for n in 0..VALUES / 4 {
        let (who, case) = house.officer(&format!("B-{n}")).await;
        house.submit(&who, &case, &format!("kind,value\nemail,v{}@example.org\n", n * 4 + n % 4)).await;
    }
    let rows: String = (0..VALUES).map(|n| format!("email,v{n}@example.org\n")).collect();
    let order = BulkOrder {
        verb,
        case: case.clone(),
        authority: Authority::SearchWarrant,
        process: FreeText::parse("warrant 26-9").unwrap(),
        purpose: Purpose::parse("a seized computer").unwrap(),
        file: "seized.csv".to_owned(),
        reading: casework::read("seized.csv", format!("kind,value\n{rows}").as_bytes()),
        labels: BulkLabels::default(),
        request: house.desk.request(),
    };
    let id = house.desk.ask_bulk(&asker, order).await.unwrap();
    house.desk.approve_bulk(&second, id).await.unwrap();

    let life = Arc::new(Life { left: AtomicU64::new(0), over: tokio::sync::Notify::new(), fell: Mutex::default() });
    let (mut lives, mut done_before) = (0_u64, 0);
    loop {
        // Each lives a little longer than the one before, so that it falls elsewhere; none is there to see the end of all.
        life.left.store(3 + lives * 5 % 97 + lives / 20 * 50, Ordering::SeqCst);
        lives += 1;
        assert!(lives < 400, "it never ends");
        let telling = life.clone();
        let settings =
            Settings { trace: Some(Trace::telling(move |moment| telling.live(moment))), ..Settings::default() };
        let desk = open(&house, settings).await;
        tokio::select! {
            biased;
            () = life.over.notified() => {}
            () = all_of_it(&desk) => {}
        }
        life.left.store(0, Ordering::SeqCst);
        drop(desk);
        // A lease is let go by its end alone.
        house.clock.advance(61);
        let job = house.desk.bulk_job(&asker, id).await.unwrap();
        assert!(job.done >= done_before && job.done <= job.total, "the bar never goes back");
        done_before = job.done;
        if job.state == BulkState::Done {
            break;
        }
    }
    let fell = life.fell.lock().unwrap().clone();
    println!("figure: bulk {verb} on {engine:?}: {lives} lives, cut off at {} sorts of moment", fell.len());
    assert!(lives > 10 && fell.len() >= 6, "{lives} lives, cut off at {fell:?}");

    let job = house.desk.bulk_job(&asker, id).await.unwrap();
    assert_eq!((job.state, job.done, job.total), (BulkState::Done, VALUES as u64, VALUES as u64));
    let answer = house.desk.bulk_answer(&asker, id).await.unwrap();
    assert_eq!((answer.entries, answer.receipts.len()), (VALUES as u64, VALUES / 4));
    assert_eq!(answer.conflicts.len(), VALUES / 4, "every planted conflict, once");
    assert!(answer.conflicts.iter().all(|c| c.matches.len() == 1));
    let entries = house.desk.case_view(&asker, &case, None).await.unwrap().entries;
    let values: BTreeSet<_> = entries.iter().filter_map(|e| e.value.clone()).collect();
    let wanted = if verb == BulkVerb::Submit { VALUES } else { VALUES / 4 };
    assert_eq!((entries.len(), values.len()), (wanted, wanted), "nothing is stored twice");
    assert!(upload_is_gone(&house, agency, id).await);
    // The inbox holds each conflict once, the notices of the job once each, and the second look finds nothing new.
    house.clock.advance(900);
    let inbox = house.inbox(&asker).await;
    assert_eq!(
        inbox.items.iter().filter(|i| i.conflict.is_some()).map(|i| 1 + i.others.len()).sum::<usize>(),
        VALUES / 4
    );
    assert_eq!(inbox.items.iter().filter(|i| i.note.as_deref().is_some_and(|n| n.contains("is done"))).count(), 1);
    assert!(house.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap().sound());
}

/// The workers that bring a job to its end: a slice that was cut off between its commit and its look is the sweeper's.
async fn all_of_it(desk: &Desk) {
    desk.sweep().await.unwrap();
    desk.work_bulk().await.unwrap();
}

async fn open(house: &House, settings: Settings) -> Desk {
    Desk::open(Opening {
        place: house.place.clone(),
        keys: house.scratch.join("keys"),
        clock: house.clock.clone(),
        chance: Arc::new(testkit::OsChance),
        origin: "worker".to_owned(),
        settings: Settings { connections: 2, ..settings },
    })
    .await
    .unwrap()
    .with_limits(limits())
}

async fn upload_is_gone(house: &House, agency: AgencyId, id: BulkId) -> bool {
    use policy::{Action, Facts, Policies, decide};
    let store = house.desk.store();
    let facts = store.bulk_facts(agency, id).await.unwrap().unwrap();
    let worker = Principal::worker("bulk");
    let policies = Policies::built_in().unwrap();
    let grant = decide(&policies, &worker, Action::RunBulk, &Facts::default(), house.desk.request()).unwrap();
    let mut tx = store.view(&grant).await.unwrap();
    let left = tx.bulk_part(&facts).await.unwrap();
    tx.commit(store.act(&grant, ("bulk job", id.into()))).await.unwrap();
    left.is_none()
}

#[tokio::test]
async fn a_question_in_bulk_survives_sqlite() {
    cut_off_again_and_again(Engine::Sqlite, BulkVerb::Check).await;
}

#[tokio::test]
async fn a_submission_in_bulk_survives_sqlite() {
    cut_off_again_and_again(Engine::Sqlite, BulkVerb::Submit).await;
}

#[tokio::test]
async fn a_submission_in_bulk_survives_postgres() {
    cut_off_again_and_again(Engine::Postgres, BulkVerb::Submit).await;
}
