//! A bulk submit killed with -9 at random moments inside each of its stages: what was acknowledged is there, what is
//! planted is found soon after the restart, the second look finds nothing new, the ledger verifies.
//!
//! This binary starts itself as the process that is killed (a test run with `CONCORD_KILLED_WORK` set); on PostgreSQL the
//! server lives on. CI kills eight times on each database; `CONCORD_KILLS` makes it full size for `cargo xtask prove nation`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests"
)]

#[path = "killed/child.rs"]
mod child;
#[allow(dead_code, reason = "the nation's test prints more of it")]
#[path = "nation/judged.rs"]
mod judged;
#[allow(dead_code, reason = "the nation's test asks more of it")]
#[path = "nation/seen.rs"]
mod seen;
#[allow(dead_code, reason = "the nation's test walks more")]
#[path = "nation/walk.rs"]
mod walk;
#[path = "killed/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use casework::model::Chance;
use store::{Engine, Place};
use testkit::SeededChance;
use testkit::nation::Nation;

use child::{Said, Stage};
use world::World;

/// Most cases of a batch: a lead's cases come in batches of 1 to this.
const BATCH: usize = 8;
/// Batches a child is given that will be killed before their end.
const AT_MOST: usize = 16;

struct Dice(SeededChance);

impl Dice {
    fn below(&self, end: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        usize::try_from(u32::from_be_bytes(bytes)).unwrap() % end
    }
}

/// What a child said until it ended.
#[derive(Default)]
struct Heard {
    sent: Vec<usize>,
    acknowledged: Vec<(u64, String)>,
    /// Where whoever was aimed at stood when the child was killed; none when it ended before.
    fell: Option<Stage>,
}

/// How long each stage lasts, as heard so far.
#[derive(Default)]
struct Lasting(BTreeMap<Stage, Duration>);

impl Lasting {
    fn note(&mut self, stage: Stage, took: Duration) {
        let mean = self.0.entry(stage).or_insert(took);
        *mean = (*mean * 3 + took) / 4;
    }

    fn a_moment(&self, stage: Stage, dice: &Dice) -> Duration {
        let lasts = self.0.get(&stage).copied().unwrap_or_default();
        lasts * u32::try_from(dice.below(1_000)).unwrap() / 1_000
    }
}

/// The batches in which the nation's cases are handed in: each of one lead.
fn batches(nation: &Nation, dice: &Dice) -> Vec<Vec<u64>> {
    let mut by_lead: BTreeMap<(usize, usize), Vec<u64>> = BTreeMap::new();
    for case in nation.cases() {
        by_lead.entry((case.agency, case.lead)).or_default().push(case.index);
    }
    let mut all = Vec::new();
    for mut cases in by_lead.into_values() {
        while !cases.is_empty() {
            all.push(cases.split_off(cases.len().saturating_sub(1 + dice.below(BATCH))));
        }
    }
    for i in (1..all.len()).rev() {
        all.swap(i, dice.below(i + 1));
    }
    all
}

fn start(world: &World, batches: &[Vec<u64>], work: &[usize]) -> Child {
    let lines: Vec<String> = work
        .iter()
        .map(|at| std::iter::once(*at as u64).chain(batches[*at].iter().copied()).map(|n| n.to_string()))
        .map(|numbers| numbers.collect::<Vec<_>>().join(" "))
        .collect();
    let file = world.scratch.join("work");
    std::fs::write(&file, lines.join("\n")).unwrap();
    let place = match &world.place {
        Place::Sqlite(path) => path.display().to_string(),
        Place::Postgres(url) => url.clone(),
    };
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(child::WORK, file)
        .env(child::PLACE, place)
        .env(child::KEYS, world.scratch.join("keys"))
        .env(child::TIME, casework::model::Clock::now(&*world.clock).to_string())
        .env(child::ENTRIES, world.nation.plan().entries.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Listens to a child. With an aim it is killed inside that stage: of the stage's entries, after some are let pass, at a
/// random moment of its usual length. Without, it must come to its end.
fn listen(mut child: Child, aim: Option<Stage>, lasting: &mut Lasting, dice: &Dice) -> Heard {
    let mut heard = Heard::default();
    // The sequencer takes what waits of several batches at once, so it comes less often.
    let mut pass = dice.below(if aim == Some(Stage::Sequencer) { 2 } else { 4 });
    let (mut at, mut struck, mut done) = (BTreeMap::new(), None, false);
    // What stood in the pipe when it was killed is read to the end: the last word tells where it fell.
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        match Said::parse(&line.unwrap()) {
            Some(Said::Stage(who, stage)) => {
                if let Some((was, since)) = at.insert(who, (stage, Instant::now()))
                    && struck.is_none()
                {
                    lasting.note(was, since.elapsed());
                }
                if aim == Some(stage) && struck.is_none() {
                    if pass == 0 {
                        std::thread::sleep(lasting.a_moment(stage, dice));
                        child.kill().unwrap();
                        struck = Some(who);
                    } else {
                        pass -= 1;
                    }
                }
            }
            Some(Said::Sent(batch)) => heard.sent.push(batch),
            Some(Said::Acknowledged(case, receipt)) => heard.acknowledged.push((case, receipt)),
            Some(Said::Done) => done = true,
            None => {}
        }
    }
    let status = child.wait().unwrap();
    if status.signal() == Some(9) {
        heard.fell = struck.map(|who| at[&who].0);
    } else {
        assert!(done && status.success(), "the child ended by itself: {status}");
    }
    heard
}

async fn killed(engine: Engine) {
    let kills: usize = std::env::var("CONCORD_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let full = kills >= 60;
    let quota = if full { 5 } else { 1 };
    let dice = Dice(SeededChance::new(9));
    let mut world = World::new(engine, 500 * kills as u64).await;
    let batches = batches(&world.nation, &dice);
    let mut fell: BTreeMap<Stage, usize> = BTreeMap::new();
    let mut lasting = Lasting::default();
    let mut sent: BTreeSet<u64> = BTreeSet::new();
    let inside = |fell: &BTreeMap<Stage, usize>| Stage::ALL.iter().filter_map(|s| fell.get(s)).sum::<usize>();
    let lacking = |fell: &BTreeMap<Stage, usize>| {
        Stage::ALL.into_iter().filter(|s| fell.get(s).is_none_or(|n| *n < quota)).collect::<Vec<_>>()
    };
    loop {
        let lacks = lacking(&fell);
        let aim = if inside(&fell) < kills { Stage::ALL.to_vec() } else { lacks };
        if aim.is_empty() {
            break;
        }
        let aim = aim[dice.below(aim.len())];
        let (known, rest): (Vec<usize>, Vec<usize>) =
            (0..batches.len()).partition(|at| batches[*at].iter().all(|case| world.is_acknowledged(*case)));
        assert!(rest.len() > AT_MOST, "the nation is too small: its cases are all there, kills fell {fell:?}");
        // Some of what was acknowledged comes again, too.
        let again = (!known.is_empty()).then(|| known[dice.below(known.len())]);
        let work: Vec<usize> = again.into_iter().chain(rest.into_iter().take(AT_MOST)).collect();
        let heard = listen(start(&world, &batches, &work), Some(aim), &mut lasting, &dice);
        if let Some(stage) = heard.fell {
            *fell.entry(stage).or_default() += 1;
        }
        println!(
            "aimed at {}, fell {}: {} batches sent, {} cases acknowledged",
            aim.word(),
            heard.fell.map_or("nowhere", Stage::word),
            heard.sent.len(),
            heard.acknowledged.len()
        );
        sent.extend(heard.sent.iter().flat_map(|at| &batches[*at]));
        world.restart(&sent.iter().copied().collect::<Vec<_>>(), heard.acknowledged, true).await;
    }
    // Nobody is killed any more: the rest, and all of it once more.
    let left: Vec<usize> =
        (0..batches.len()).filter(|at| batches[*at].iter().any(|case| !world.is_acknowledged(*case))).collect();
    let heard = listen(start(&world, &batches, &left), None, &mut lasting, &dice);
    world
        .restart(&heard.sent.iter().flat_map(|at| batches[*at].clone()).collect::<Vec<_>>(), heard.acknowledged, false)
        .await;
    let (judgement, events) = world.judged().await;

    let of = |stage| fell.get(&stage).copied().unwrap_or_default();
    println!(
        "figure: {engine:?}: {} kills: {} in tx 1, {} between, {} in tx 2, {} in the sequencer (and {} elsewhere)",
        inside(&fell),
        of(Stage::Tx1),
        of(Stage::Between),
        of(Stage::Tx2),
        of(Stage::Sequencer),
        of(Stage::Elsewhere),
    );
    let f = &world.figures;
    println!(
        "figure: {engine:?}: {} acknowledged lines looked for, 0 lost; {} cases stored that nobody had been told of; {} submissions swept",
        f.acknowledged, f.untold, f.swept
    );
    println!(
        "figure: {engine:?}: {} planted conflicts found, 0 missed; after a restart in at most {:.2} s of work, {:.2} s with the sweeper's wait",
        f.found,
        f.slowest.as_secs_f64(),
        f.slowest_with_wait.as_secs_f64()
    );
    println!("figure: {engine:?}: {} second looks, 0 alarms; {events} events in the ledger, which verifies", f.second);
    if full {
        let within = Duration::from_secs(world::FOUND_WITHIN.unsigned_abs());
        assert!(f.slowest_with_wait < within, "found later than {within:?} after the restart");
    }
    judgement.hold();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_process_that_is_killed() {
    if std::env::var_os(child::WORK).is_some() {
        child::run().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_planted_is_missed_sqlite() {
    killed(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_planted_is_missed_postgres() {
    killed(Engine::Postgres).await;
}
