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

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use casework::answer::{Answer, Inbox};
use casework::model::*;
use casework::{Desk, Error, NewAgency, NewMember, Principal, TipFate, verify_receipt};
use common::*;
use store::Engine;
use testkit::cybertips::{Form, SyntheticTip, TipPlan, Tips, write_file};
use testkit::nation::{Nation, NationAgency, Plan};

/// Task forces and others that take tips in: so many of each kind.
const IMPORTERS: [(AgencyKind, usize); 4] =
    [(AgencyKind::State, 5), (AgencyKind::Federal, 3), (AgencyKind::Local, 2), (AgencyKind::Tribal, 2)];
/// Local agencies with a case each, of whose identifiers some stand in tips.
const HOLDERS: usize = 6;
/// Tips of one file, and so of one batch.
const BATCH: usize = 256;
const TASKS: usize = 4;

/// An agency, who takes in or leads, and a colleague.
struct Unit {
    name: String,
    lead: Principal,
    colleague: Principal,
}

/// A case taken in before the tips, and how its entries answer.
struct Holder {
    unit: Unit,
    level: Level,
}

async fn unit(house: &House, of: &NationAgency) -> Unit {
    let new = NewAgency {
        name: of.name.clone(),
        kind: of.kind,
        telephone: of.telephone.clone(),
        state: of.state,
        country: None,
    };
    let agency = house.desk.add_agency(&Principal::operator(), new).await.unwrap();
    let mut two = Vec::new();
    for member in of.members.iter().filter(|m| m.roles == [Role::Investigator]).take(2) {
        let (name, email, telephone) = (member.name.clone(), member.email.clone(), member.telephone.clone());
        let new = NewMember { agency, name, email, telephone, sworn: true, roles: member.roles.clone() };
        let id = house.desk.add_member(&Principal::operator(), new).await.unwrap();
        two.push(house.desk.member(&id.to_string()).await.unwrap());
    }
    let [lead, colleague] = <[Principal; 2]>::try_from(two).unwrap();
    Unit { name: of.name.clone(), lead, colleague }
}

/// Agencies of the nation; those whose numbers could be taken for the strangers' in free texts stay out.
async fn agencies(house: &House) -> (Vec<Unit>, Vec<Holder>) {
    let nation = Nation::new(Plan::of(10_000));
    let far = |t: &Telephone| !t.as_str().contains("907");
    let fit = |a: &&NationAgency| far(&a.telephone) && a.members.iter().all(|m| far(&m.telephone));
    let of_kind = |kind| nation.agencies().iter().filter(fit).filter(move |a| a.kind == kind);
    let mut importers = Vec::new();
    for (kind, many) in IMPORTERS {
        for of in of_kind(kind).take(many) {
            importers.push(unit(house, of).await);
        }
    }
    let mut holders = Vec::new();
    for (n, of) in of_kind(AgencyKind::Local).skip(2).take(HOLDERS).enumerate() {
        let level = if n % 2 == 0 { Level::Open } else { Level::Desk };
        holders.push(Holder { unit: unit(house, of).await, level });
    }
    assert_eq!((importers.len(), holders.len()), (12, HOLDERS));
    (importers, holders)
}

/// Value number `n` of those that stand in cases already; case `n % HOLDERS` holds it.
fn held(n: usize) -> (Kind, String, Option<String>) {
    let at = |platform: &str| Some(platform.to_owned());
    match n % 5 {
        0 => (Kind::Email, format!("held.{n}@example.org"), None),
        1 => (Kind::Handle, format!("held_{n}"), at("Discord")),
        2 => (Kind::Url, format!("https://held-{n}.example.net/profile"), None),
        3 => (
            Kind::Sha256,
            format!("{:064x}", (n as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)),
            None,
        ),
        _ => (Kind::Room, format!("held room {n}"), at("WhatsApp")),
    }
}

/// One file of a folder.
#[derive(Clone)]
struct File {
    importer: usize,
    path: PathBuf,
}

/// Whose tip it is: those of one suspect stand in different quarters of a hundred, and so at different agencies.
fn importer_of(tip: u64) -> usize {
    usize::try_from(tip / 25).unwrap() % 12
}

/// Writes each importer's tips into files, JSON lines and XML by turns.
fn write(house: &House, tips: &Tips, many: u64) -> Vec<File> {
    let mut files = Vec::new();
    let mine = |importer: usize| (0..many).filter(move |tip| importer_of(*tip) == importer);
    for importer in 0..12 {
        let all: Vec<u64> = mine(importer).collect();
        for (n, part) in all.chunks(BATCH).enumerate() {
            let form = if (n + importer) % 2 == 0 { Form::Lines } else { Form::Xml };
            let path = house.scratch.join(format!("tips-{n:05}-{importer:02}.{}", form.ending()));
            let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
            let written = write_file(form, part.iter().map(|tip| tips.tip(*tip).unwrap()), &mut out).unwrap();
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

/// Texts that must stand nowhere, found in one pass over what is searched.
struct Markers(HashMap<[u8; 8], HashSet<String>>);

impl Markers {
    fn of(tips: impl Iterator<Item = SyntheticTip>) -> Self {
        let mut by_head: HashMap<[u8; 8], HashSet<String>> = HashMap::new();
        for text in tips.flat_map(|t| t.never) {
            let head = *text.as_bytes().first_chunk().expect("a marker of eight letters or more");
            by_head.entry(head).or_default().insert(text);
        }
        Self(by_head)
    }

    fn stand_not_in(&self, what: &str, text: &str) {
        for (at, head) in text.as_bytes().windows(8).enumerate() {
            let found = self.0.get(head).into_iter().flatten().any(|m| text.as_bytes()[at..].starts_with(m.as_bytes()));
            assert!(!found, "{what} holds what it must not");
        }
    }
}

/// 34 U.S.C. 21115(a): says every way in which it happened that no use of the Internet was involved?
fn is_offline(tip: &SyntheticTip) -> bool {
    let json = tip.json();
    let others = ["webPage", "email", "newsgroup", "chatIm", "onlineGaming", "cellPhone", "peer2peer"];
    json.contains("nonInternetIncident") && !others.iter().any(|k| json.contains(&format!("\"{k}Incident\"")))
}

/// A planted meeting: the tip, its agency, and the other side.
struct Meeting {
    tip: u64,
    kind: Kind,
    other: String,
    /// The other side is a case whose entries answer with a name.
    open: bool,
}

struct World {
    house: House,
    desk: Desk,
    officer: Principal,
    importers: Vec<Unit>,
    holders: Vec<Holder>,
    tips: Tips,
    many: u64,
    offline: BTreeSet<u64>,
    markers: Markers,
}

impl World {
    async fn new(engine: Engine, many: u64) -> Self {
        let house = house(engine).await;
        let (importers, holders) = agencies(&house).await;
        let officer = house.member(importers[0].lead.agency, &[Role::WatchDesk]).await;
        let values: Vec<_> = (0..usize::try_from(many / 20).unwrap()).map(held).collect();
        for (n, Holder { unit, level }) in holders.iter().enumerate() {
            let case = house.case(&unit.lead, &format!("H-{n}"), None).await;
            let mut csv = "kind,value,platform\n".to_owned();
            for (kind, value, platform) in values.iter().skip(n).step_by(HOLDERS) {
                csv += &format!("{kind},{value},{}\n", platform.as_deref().unwrap_or_default());
            }
            let order = casework::SubmitOrder { level: *level, ..house.order(&case, &csv) };
            let answer = house.desk.submit(&unit.lead, order).await.unwrap();
            assert!(answer.suppressed.is_empty() && answer.problems.is_empty());
        }
        let as_of = Micros::parse("2026-11-23T00:00:00Z").unwrap();
        let tips = Tips::new(TipPlan { tips: many, seed: 2_258, as_of }).with_shared(values);
        let offline = tips.iter().filter(is_offline).map(|t| t.index).collect();
        let markers = Markers::of(tips.iter());
        let desk = house.desk.clone();
        Self { house, desk, officer, importers, holders, tips, many, offline, markers }
    }

    /// Every planted meeting of different agencies, told from each tip's side.
    fn meetings(&self) -> Vec<Meeting> {
        let planted = self.tips.planted();
        let in_store = |tip: &&u64| !self.offline.contains(tip);
        let mut all = Vec::new();
        for plant in &planted.suspects {
            for a in plant.tips.iter().filter(in_store) {
                for b in plant.tips.iter().filter(in_store).filter(|b| *b != a) {
                    let other = &self.importers[importer_of(*b)];
                    assert_ne!(importer_of(*a), importer_of(*b), "seats of one suspect stand at different agencies");
                    all.push(Meeting { tip: *a, kind: plant.kind, other: other.name.clone(), open: false });
                }
            }
        }
        for (n, shared) in planted.shared.iter().enumerate() {
            assert_eq!(shared.value, held(n).1);
            let Holder { unit, level } = &self.holders[n % HOLDERS];
            if in_store(&&shared.tip) {
                let open = *level == Level::Open;
                all.push(Meeting { tip: shared.tip, kind: shared.kind, other: unit.name.clone(), open });
            }
        }
        all
    }

    /// Integrates what waits, verifies, and gives the ledger's size.
    async fn ledger(&self) -> u64 {
        self.desk.settle_ledger().await.unwrap();
        let verdict = self.desk.verify_ledger(&Principal::operator(), |_| ()).await.unwrap();
        assert!(verdict.sound(), "{:?}", verdict.findings);
        verdict.size
    }

    /// How one's own value may be named: of a child by its place.
    fn named(&self, meeting: &Meeting) -> Vec<String> {
        let tip = self.tips.tip(meeting.tip).unwrap();
        let of_kind = tip.expects.iter().filter(|e| e.kind == meeting.kind);
        let protected = format!("{} of a protected person (report {}: ", meeting.kind, tip.report);
        of_kind.map(|e| if is_protected(e.role, e.age) { protected.clone() } else { e.value.clone() }).collect()
    }
}

fn is_named(yours: &str, names: &[String]) -> bool {
    names.iter().any(|n| yours == n || (n.ends_with(": ") && yours.starts_with(n.as_str())))
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
        let lead = &world.importers[importer_of(tip_of(world, number))].lead;
        let text = world.desk.receipt(lead, answer.receipt.parse().unwrap()).await.unwrap();
        verify_receipt(&text, &key).unwrap();
        world.markers.stand_not_in(&format!("receipt {n}"), &text);
    }
    read
}

fn tip_of(world: &World, number: &str) -> u64 {
    let first: u64 = world.tips.tip(0).unwrap().report.parse().unwrap();
    number.parse::<u64>().unwrap() - first
}

fn rate(many: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(many).unwrap()) / took.as_secs_f64()
}

async fn twice(engine: Engine, many: u64) {
    let world = World::new(engine, many).await;
    let files = write(&world.house, &world.tips, many);
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
                refused.insert(tip_of(&world, &number));
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
            TipFate::Refused(_) => assert!(refused.contains(&tip_of(&world, number))),
            other @ TipFate::New(_) => panic!("{other:?}"),
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
