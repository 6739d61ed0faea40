//! The process that is killed: takes in cases, settles the ledger beside it, and says what it does as it does it.

use std::cell::Cell;
use std::collections::{BTreeSet, VecDeque};
use std::io::Write;
use std::sync::{Arc, Mutex};

use casework::{Desk, Error, Opening};
use store::{Moment, Place, Settings, Trace};
use testkit::moving_in::{self, People};
use testkit::nation::{Nation, Plan};
use testkit::{MockClock, OsChance};

/// Officers who hand in at once; the sequencer's number is the next.
pub const OFFICERS: usize = 3;

/// Where an officer or the sequencer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// From the first write of the cases to the end of their commit.
    Tx1,
    /// From there to the first statement of the look that is written, over what views are asked first.
    Between,
    /// From there to the end of its commit.
    Tx2,
    /// From the taking of events to the checkpoint that is signed and kept.
    Sequencer,
    /// Reading, waiting, printing.
    Elsewhere,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Tx1, Self::Between, Self::Tx2, Self::Sequencer];

    pub fn word(self) -> &'static str {
        match self {
            Self::Tx1 => "tx1",
            Self::Between => "between",
            Self::Tx2 => "tx2",
            Self::Sequencer => "sequencer",
            Self::Elsewhere => "elsewhere",
        }
    }

    fn after(self, moment: Moment<'_>) -> Self {
        match (self, moment) {
            (Self::Elsewhere, Moment::Statement(sql, _)) if sql.contains("INTO case_number ") => Self::Tx1,
            (Self::Elsewhere, Moment::Statement(sql, _)) if sql.starts_with("DELETE FROM event_new") => Self::Sequencer,
            (Self::Tx1, Moment::Committed) => Self::Between,
            // The first thing the look's own transaction does: it holds the cases it asks for (Tx::hold_asking).
            (Self::Between, Moment::Statement(sql, _)) if sql.contains("UPDATE case_file ") => Self::Tx2,
            (Self::Tx2, Moment::Committed) => Self::Elsewhere,
            (stage, _) => stage,
        }
    }
}

/// What the child says, a line each.
#[derive(Debug)]
pub enum Said {
    /// Officer or sequencer, and where it is now.
    Stage(usize, Stage),
    /// This batch, by its place in the work, is about to be handed in.
    Sent(usize),
    /// A case was acknowledged, with its receipt's id.
    Acknowledged(u64, String),
    /// All was handed in.
    Done,
}

impl Said {
    pub fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        Some(match words[..] {
            ["stage", who, stage] => {
                let all = Stage::ALL.into_iter().chain([Stage::Elsewhere]);
                Self::Stage(who.parse().ok()?, all.into_iter().find(|s| s.word() == stage)?)
            }
            ["sent", batch] => Self::Sent(batch.parse().ok()?),
            ["acknowledged", case, receipt] => Self::Acknowledged(case.parse().ok()?, receipt.to_owned()),
            ["done"] => Self::Done,
            _ => return None,
        })
    }

    /// One write of one line: it stands in the pipe whole or not at all, whatever happens next.
    fn say(&self) {
        let line = match self {
            Self::Stage(who, stage) => format!("stage {who} {}\n", stage.word()),
            Self::Sent(batch) => format!("sent {batch}\n"),
            Self::Acknowledged(case, receipt) => format!("acknowledged {case} {receipt}\n"),
            Self::Done => "done\n".to_owned(),
        };
        let mut out = std::io::stdout().lock();
        out.write_all(line.as_bytes()).unwrap();
        out.flush().unwrap();
    }
}

/// What the parent gives along, as variables of the environment.
pub const PLACE: &str = "CONCORD_KILLED_PLACE";
pub const KEYS: &str = "CONCORD_KILLED_KEYS";
/// The time that stands still while it runs.
pub const TIME: &str = "CONCORD_KILLED_TIME";
/// The nation's size.
pub const ENTRIES: &str = "CONCORD_KILLED_ENTRIES";
/// A file, a batch a line: its place in the whole work and its cases.
pub const WORK: &str = "CONCORD_KILLED_WORK";

tokio::task_local! {
    static MINE: (usize, Cell<Stage>);
}

/// Called by the task that runs a statement, at that moment.
fn told(moment: Moment<'_>) {
    // Others (who write the events of reads) have no number and no stage.
    let _ = MINE.try_with(|(who, stage)| enter(*who, stage, stage.get().after(moment)));
}

fn enter(who: usize, stage: &Cell<Stage>, next: Stage) {
    if stage.replace(next) != next {
        Said::Stage(who, next).say();
    }
}

fn idle() {
    MINE.with(|(who, stage)| enter(*who, stage, Stage::Elsewhere));
}

type Work = Arc<Mutex<VecDeque<(usize, Vec<u64>)>>>;

pub async fn run() {
    // The test harness has begun a line of its own.
    std::io::stdout().lock().write_all(b"\n").unwrap();
    let given = |name: &str| std::env::var(name).unwrap();
    let nation = Arc::new(Nation::new(Plan::of(given(ENTRIES).parse().unwrap())));
    let work: VecDeque<(usize, Vec<u64>)> = std::fs::read_to_string(given(WORK))
        .unwrap()
        .lines()
        .map(|line| {
            let mut numbers = line.split(' ');
            let batch = numbers.next().unwrap().parse().unwrap();
            (batch, numbers.map(|n| n.parse().unwrap()).collect())
        })
        .collect();
    let desk = Desk::open(Opening {
        place: Place::parse(&given(PLACE)),
        keys: given(KEYS).into(),
        clock: Arc::new(MockClock::at(&given(TIME))),
        chance: Arc::new(OsChance),
        origin: "bulk submit".to_owned(),
        settings: Settings { trace: Some(Trace::telling(told)), ..Settings::default() },
    })
    .await
    .unwrap();
    let agencies: BTreeSet<usize> = work.iter().map(|(_, cases)| nation.case(cases[0]).agency).collect();
    let people = Arc::new(moving_in::known(&desk, &nation, &agencies).await.unwrap());
    let work: Work = Arc::new(Mutex::new(work));
    let (settle, mut wanted) = tokio::sync::mpsc::unbounded_channel();
    let mut tasks: Vec<_> = (0..OFFICERS)
        .map(|who| {
            let officer = officer(desk.clone(), nation.clone(), people.clone(), work.clone(), settle.clone());
            tokio::spawn(MINE.scope((who, Cell::new(Stage::Elsewhere)), officer))
        })
        .collect();
    drop(settle);
    let sequencer = async move {
        while let Some(()) = wanted.recv().await {
            while wanted.try_recv().is_ok() {}
            desk.settle_ledger().await.unwrap();
            idle();
        }
    };
    tasks.push(tokio::spawn(MINE.scope((OFFICERS, Cell::new(Stage::Elsewhere)), sequencer)));
    for task in tasks {
        task.await.unwrap();
    }
    Said::Done.say();
}

async fn officer(
    desk: Desk,
    nation: Arc<Nation>,
    people: Arc<People>,
    work: Work,
    settle: tokio::sync::mpsc::UnboundedSender<()>,
) {
    loop {
        let Some((number, cases)) = work.lock().unwrap().pop_front() else { return };
        let first = nation.case(cases[0]);
        let who = &people.members[first.agency][first.lead];
        let batch = cases.iter().map(|case| moving_in::intake(&people, nation.case(*case))).collect();
        Said::Sent(number).say();
        let fates = desk.take_in(who, batch).await.unwrap();
        idle();
        for (case, fate) in cases.into_iter().zip(fates) {
            // Stored and not yet checked is acknowledged too.
            let receipt = match fate {
                Ok(answer) => answer.receipt,
                Err(Error::NotNow(_)) => "later".to_owned(),
                Err(why) => panic!("case {case} was not taken in: {why}"),
            };
            Said::Acknowledged(case, receipt).say();
        }
        settle.send(()).unwrap();
    }
}
