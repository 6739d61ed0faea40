//! CyberTips at size: folders of reports of several task forces, taken in by four tasks at once from written text, and
//! then once more by colleagues. Nothing is stored twice, every planted meeting is told through the watch desk, and of
//! what a report says beside its identifiers nothing comes out anywhere.
//!
//! CI runs it small; `CONCORD_TIPS_STORED` (tips) makes it full size for `cargo xtask prove nation`. Times are printed
//! and never judged.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod common;
#[path = "tips_at_size/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use casework::answer::{Answer, Inbox};
use casework::model::*;
use casework::{Desk, Error, Principal, TipFate, verify_receipt};
use store::Engine;
use testkit::cybertips::{Form, SyntheticTip, write_file};
use world::{HOLDERS, Holder, World, importer_of, is_named};

/// Tips of one file, and so of one batch.
const BATCH: usize = 256;
const TASKS: usize = 4;

/// One file of a folder.
#[derive(Clone)]
struct File {
    importer: usize,
    path: PathBuf,
}

/// Writes each importer's tips into files, JSON lines and XML by turns.
fn write(world: &World) -> Vec<File> {
    let mut files = Vec::new();
    let mine = |importer: usize| (0..world.many).filter(move |tip| importer_of(*tip) == importer);
    for importer in 0..12 {
        let all: Vec<u64> = mine(importer).collect();
        for (n, part) in all.chunks(BATCH).enumerate() {
            let form = if (n + importer) % 2 == 0 { Form::Lines } else { Form::Xml };
            let path = world.house.scratch.join(format!("tips-{n:05}-{importer:02}.{}", form.ending()));
            let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
            let written = write_file(form, part.iter().map(|tip| world.tips.tip(*tip).unwrap()), &mut out).unwrap();
            assert_eq!(written, part.len() as u64);
            std::io::Write::flush(&mut out).unwrap();
            files.push(File { importer, path });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// What an import of all files gave, by report number.
struct Import {
    fates: BTreeMap<String, TipFate>,
    took: Duration,
    /// Time of all tasks spent in reading text.
    reading: Duration,
    /// Time of all tasks spent in the desk's verb.
    receiving: Duration,
}

async fn import(desk: &Desk, files: &[File], who: impl Fn(usize) -> Principal) -> Import {
    let work: VecDeque<(File, Principal)> = files.iter().map(|f| (f.clone(), who(f.importer))).collect();
    let work = Arc::new(Mutex::new(work));
    let start = Instant::now();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (desk, work) = (desk.clone(), work.clone());
            tokio::spawn(async move {
                let (mut fates, mut reading, mut receiving) = (Vec::new(), Duration::ZERO, Duration::ZERO);
                loop {
                    let Some((file, who)) = work.lock().unwrap().pop_front() else { break };
                    let from = Instant::now();
                    let name = file.path.display().to_string();
                    let read = casework::read_tips(&name, std::fs::File::open(&file.path).unwrap());
                    assert!(read.problems.is_empty(), "{:?}", read.problems);
                    reading += from.elapsed();
                    let numbers: Vec<String> = read.tips.iter().map(|t| t.number.as_str().to_owned()).collect();
                    let from = Instant::now();
                    let given = desk.receive_tips(&who, read.tips, None).await.unwrap();
                    receiving += from.elapsed();
                    assert_eq!(given.len(), numbers.len());
                    fates.extend(numbers.into_iter().zip(given));
                }
                (fates, reading, receiving)
            })
        })
        .collect();
    let mut all =
        Import { fates: BTreeMap::new(), took: Duration::ZERO, reading: Duration::ZERO, receiving: Duration::ZERO };
    for task in tasks {
        let (fates, reading, receiving) = task.await.unwrap();
        all.fates.extend(fates);
        all.reading += reading;
        all.receiving += receiving;
    }
    all.took = start.elapsed();
    all
}

/// Each side of each meeting is told: tips through the desk, without a name; a case's open entry names its agency to
/// the tip's side and learns of the tip through the desk.
async fn every_planted_meeting_is_told(world: &World, first: &BTreeMap<String, Box<Answer>>) -> (usize, usize) {
    let meetings = world.meetings();
    let mut inboxes: Vec<Inbox> = Vec::new();
    for unit in &world.importers {
        inboxes.push(world.desk.inbox(&unit.lead).await.unwrap());
    }
    let answer = |tip: u64| &first[&world.tips.tip(tip).unwrap().report];
    let mut desk_tips = BTreeSet::new();
    let mut open_lines = 0;
    for m in &meetings {
        let (names, inbox) = (world.named(m), &inboxes[importer_of(m.tip)]);
        if m.open {
            let lines = answer(m.tip).conflicts.iter().filter(|c| c.other.agency == m.other);
            let lines: Vec<_> = lines.flat_map(|c| &c.matches).collect();
            assert!(lines.len() == 1 && is_named(&lines[0].yours, &names), "tip {} meets an open case", m.tip);
            open_lines += 1;
        } else {
            desk_tips.insert(m.tip);
            let told = inbox.items.iter().filter(|i| i.conflict.is_none() && i.watch_desk.is_some());
            let told = told.flat_map(|i| &i.yours).filter(|yours| is_named(yours, &names)).count();
            assert_eq!(told, 1, "tip {}: a {} that meets {}", m.tip, m.kind, m.other);
        }
    }
    assert_eq!(open_lines, first.values().map(|a| a.conflicts.len()).sum::<usize>(), "conflicts nobody planted");
    // The later of two to look is answered at once.
    let planted = world.tips.planted();
    for plant in &planted.suspects {
        let there: Vec<u64> = plant.tips.iter().copied().filter(|t| !world.offline.contains(t)).collect();
        let answered = there.iter().filter(|t| answer(**t).desk.len() == 1).count();
        assert!(answered + 1 >= there.len(), "{}: {answered} of {} answered", plant.what, there.len());
    }
    let desk_items = |inbox: &Inbox| inbox.items.iter().filter(|i| i.watch_desk.is_some()).count();
    assert_eq!(inboxes.iter().map(desk_items).sum::<usize>(), desk_tips.len(), "desk lines nobody planted");
    let names: Vec<&str> = world.importers.iter().map(|u| u.name.as_str()).collect();
    let silent = |text: &str| assert!(!names.iter().any(|n| text.contains(n)), "a tip shows a name");
    for inbox in &inboxes {
        let text = serde_json::to_string(inbox).unwrap();
        silent(&text);
        world.markers.stand_not_in("an inbox", &text);
    }
    for (n, Holder { unit, .. }) in world.holders.iter().enumerate() {
        let inbox = world.desk.inbox(&unit.lead).await.unwrap();
        let wanted = world
            .tips
            .planted()
            .shared
            .iter()
            .enumerate()
            .filter(|(i, s)| i % HOLDERS == n && !world.offline.contains(&s.tip))
            .count();
        assert_eq!((inbox.items.len(), desk_items(&inbox)), (wanted, wanted), "of a tip only the desk speaks");
        let text = serde_json::to_string(&inbox).unwrap();
        silent(&text);
        world.markers.stand_not_in("an inbox", &text);
    }
    for answer in first.values() {
        let text = serde_json::to_string(answer).unwrap();
        silent(&text);
        world.markers.stand_not_in("an answer", &text);
    }
    (meetings.len(), desk_tips.len())
}

/// The watch desk's queue holds each pair of cases once, with both sides to be put through. Gives its length.
async fn the_desk_has_each_pair_once(world: &World) -> usize {
    let queue = world.desk.inbox(&world.officer).await.unwrap();
    world.markers.stand_not_in("the desk's queue", &serde_json::to_string(&queue).unwrap());
    let mut wanted: Vec<[String; 2]> = Vec::new();
    for m in world.meetings() {
        let mut pair = [world.importers[importer_of(m.tip)].name.clone(), m.other];
        pair.sort();
        wanted.push(pair);
    }
    wanted.sort();
    // A meeting of two tips was told from both sides.
    let is_holder = |name: &String| world.holders.iter().any(|h| h.unit.name == *name);
    let (of_cases, of_tips): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|pair| pair.iter().any(is_holder));
    let mut wanted: Vec<_> = of_tips.into_iter().step_by(2).chain(of_cases).collect();
    wanted.sort();
    let mut there: Vec<[String; 2]> = Vec::new();
    for item in &queue.items {
        let sides = item.other.iter().chain(item.others.iter().map(|o| &o.other)).map(|o| o.agency.clone());
        let mut pair = <[String; 2]>::try_from(sides.collect::<Vec<_>>()).unwrap();
        pair.sort();
        there.push(pair);
    }
    there.sort();
    assert_eq!(there.len(), wanted.len(), "conflicts behind the desk");
    assert!(there == wanted, "the desk has other pairs than were planted");
    let distinct: BTreeSet<_> = queue.items.iter().map(|i| i.conflict.clone().unwrap()).collect();
    assert_eq!(distinct.len(), queue.items.len(), "a conflict twice");
    there.len()
}

/// What each tip's case holds, read back: its entries, and the report itself. Gives how many cases were read.
async fn what_was_taken_in_is_stored(world: &World, first: &BTreeMap<String, Box<Answer>>) -> usize {
    let policies = policy::Policies::built_in().unwrap();
    let store = world.desk.store();
    let every = (first.len() / 600).max(1);
    let mut read = 0;
    for (n, unit) in world.importers.iter().enumerate() {
        let mine: Vec<SyntheticTip> = (0..world.many)
            .step_by(every)
            .filter(|t| importer_of(*t) == n && !world.offline.contains(t))
            .map(|t| world.tips.tip(t).unwrap())
            .collect();
        let numbers: Vec<_> =
            mine.iter().map(|t| CaseNumber::parse(&format!("CyberTip {}", t.report)).unwrap()).collect();
        let cases = store.case_facts_numbered(unit.lead.agency, &numbers).await.unwrap();
        let facts =
            policy::Facts { agency: Some(unit.lead.agency), lead: Some(unit.lead.member), ..policy::Facts::default() };
        let request = world.desk.request();
        let grant = policy::decide(&policies, &unit.lead, policy::Action::ViewCase, &facts, request).unwrap();
        let mut tx = store.view(&grant).await.unwrap();
        for (tip, case) in mine.iter().zip(cases) {
            let case = case.unwrap();
            assert_eq!((case.status, case.lead), (CaseStatus::Tip, unit.lead.member));
            let entries = tx.own_case_entries(case.id).await.unwrap();
            assert_eq!(entries.len(), first[&tip.report].entries, "tip {}", tip.index);
            assert!(tx.own_tip(case.id).await.unwrap().is_some());
            read += 1;
        }
        tx.commit(store.act(&grant, ("agency", unit.lead.agency.into()))).await.unwrap();
    }
    let key = world.desk.verifier_key();
    for (n, (number, answer)) in first.iter().enumerate().step_by(every) {
        let lead = &world.importers[importer_of(world.tip_of(number))].lead;
        let text = world.desk.receipt(lead, answer.receipt.parse().unwrap()).await.unwrap();
        verify_receipt(&text, &key).unwrap();
        world.markers.stand_not_in(&format!("receipt {n}"), &text);
    }
    read
}

fn rate(many: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(many).unwrap()) / took.as_secs_f64()
}

async fn twice(engine: Engine, many: u64) {
    let world = World::new(engine, many).await;
    let files = write(&world);
    let lead = |importer: usize| world.importers[importer].lead.clone();
    let one = import(&world.desk, &files, lead).await;
    let all = one.fates.len();
    assert_eq!(all as u64, many);
    let mut first: BTreeMap<String, Box<Answer>> = BTreeMap::new();
    let mut refused = BTreeSet::new();
    for (number, fate) in one.fates {
        match fate {
            TipFate::New(answer) => drop(first.insert(number, answer)),
            TipFate::Refused(Error::File { problems, .. }) => {
                assert!(problems[0].problem.contains("34 U.S.C. 21115(a)"), "{problems:?}");
                refused.insert(world.tip_of(&number));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, world.offline);
    let entries: usize = first.values().map(|a| a.entries).sum();
    let after = Instant::now();
    loop {
        let done = world.desk.work(None).await.unwrap();
        assert_eq!((done.swept, done.second, done.failed), (0, 0, 0), "a look was left for the sweeper");
        if done.heard == 0 && done.delivered == 0 {
            break;
        }
    }
    let after = after.elapsed();
    let (meetings, desk_tips) = every_planted_meeting_is_told(&world, &first).await;
    let queue = the_desk_has_each_pair_once(&world).await;
    let before = world.ledger().await;
    let still = world.ledger().await;
    let colleague = |importer: usize| world.importers[importer].colleague.clone();
    let two = import(&world.desk, &files, colleague).await;
    // Nothing commits without its event: a ledger that grew by no more than two looks at it holds no new row.
    let size = world.ledger().await;
    assert_eq!(size - still, still - before, "the second import stored something");
    for (number, fate) in &two.fates {
        match fate {
            TipFate::Known(submission) => assert_eq!(submission.to_string(), first[number].receipt),
            TipFate::Refused(_) => assert!(refused.contains(&world.tip_of(number))),
            other @ (TipFate::New(_) | TipFate::Waiting(..)) => panic!("{other:?}"),
        }
    }
    assert_eq!(two.fates.len(), all);
    assert_eq!(the_desk_has_each_pair_once(&world).await, queue);
    assert_eq!(every_planted_meeting_is_told(&world, &first).await, (meetings, desk_tips));
    let read = what_was_taken_in_is_stored(&world, &first).await;
    println!(
        "figure: {engine:?}: {all} CyberTips of 12 agencies in {} files, {TASKS} tasks: first {:.1} s ({:.0} a second; tasks spent {:.1} s reading, {:.1} s taking in), workers afterwards {:.1} s",
        files.len(),
        one.took.as_secs_f64(),
        rate(all, one.took),
        one.reading.as_secs_f64(),
        one.receiving.as_secs_f64(),
        after.as_secs_f64(),
    );
    println!(
        "figure: {engine:?}: the same by colleagues {:.1} s ({:.0} a second): {} tips with {entries} entries stored once, {} without the Internet refused, 0 twice",
        two.took.as_secs_f64(),
        rate(all, two.took),
        first.len(),
        refused.len(),
    );
    println!(
        "figure: {engine:?}: {queue} planted pairs of agencies, {queue} in the desk's queue, {desk_tips} tips told through the desk and no name shown; {read} cases read back, ledger of {size} sound"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_of_tips_taken_in_twice_is_stored_once_and_told_whole() {
    let many = std::env::var("CONCORD_TIPS_STORED").ok().and_then(|n| n.parse().ok()).unwrap_or(600);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        twice(engine, many).await;
    }
}
