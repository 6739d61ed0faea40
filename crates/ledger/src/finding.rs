//! What an audit found.

use std::collections::BTreeMap;
use std::fmt;

use crate::tree::Hash;

/// Findings of one code that are listed; the rest are counted.
const LISTED: u64 = 100;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of fault; stable, so that programs may look at it.
    pub code: &'static str,
    /// Where: "event 7", "tile 0/3", "checkpoint", "agencies row 0a1b"; in an old log "event 7 of old log 1".
    pub place: String,
    /// What is wrong there, in a sentence.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)
    }
}

/// What an audit says of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Events read from position 0 without a gap.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// How many of them the signed checkpoint covers; none without a checkpoint that verifies.
    pub signed: Option<u64>,
    /// What is wrong: old logs first; in each log events in the order of their
    /// positions, then tiles and checkpoints; security rows last.
    pub findings: Vec<Finding>,
    /// Findings above 100 of one code: counted, not listed.
    pub left_out: u64,
}

impl Verdict {
    /// Nothing was found.
    pub fn sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// The order in which findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Event(u64),
    Tile,
    Checkpoint,
    Security,
}

/// Collects findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<((u64, Rank), Finding)>,
    counts: BTreeMap<&'static str, u64>,
    left_out: u64,
    /// The old log being read, from 1; none in the present one.
    old: Option<u64>,
}

impl Findings {
    /// What is added from here on is about this old log, or about the present one.
    pub fn of_old_log(&mut self, number: Option<u64>) {
        self.old = number;
    }

    pub fn add(&mut self, rank: Rank, code: &'static str, place: String, message: String) {
        let count = self.counts.entry(code).or_default();
        *count = count.saturating_add(1);
        if *count > LISTED {
            self.left_out = self.left_out.saturating_add(1);
        } else {
            let (place, message) = match self.old {
                None => (place, message),
                Some(n) => (format!("{place} of old log {n}"), format!("old log {n}: {message}")),
            };
            self.list.push(((self.old.unwrap_or(u64::MAX), rank), Finding { code, place, message }));
        }
    }

    /// A finding about the event at a position; the message goes on after "event at position N".
    pub fn event(&mut self, position: u64, code: &'static str, what: &str) {
        self.add(
            Rank::Event(position),
            code,
            format!("event {position}"),
            format!("event at position {position}{what}"),
        );
    }

    /// The findings in order, and how many were not listed.
    pub fn finish(mut self) -> (Vec<Finding>, u64) {
        self.list.sort_by_key(|(rank, _)| *rank);
        (self.list.into_iter().map(|(_, finding)| finding).collect(), self.left_out)
    }
}
