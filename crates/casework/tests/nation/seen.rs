//! All that was printed for anybody: answers, inboxes, the watch desk's queue.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use casework::answer::{Answer, Inbox};
use casework::model::{ConflictId, Strength};
use testkit::nation::Sees;

/// What one case's lead was told of one of its values.
#[derive(Debug, Default, Clone)]
pub struct Told {
    /// Conflicts whose other side they may call.
    pub open: BTreeSet<ConflictId>,
    /// "Call the watch desk".
    pub desk: bool,
    /// A silent entry of one's own was met.
    pub silent: bool,
}

impl Told {
    /// Was the one side of a planted pair told what it must be? `silent`: its own entry is, which makes no conflict; of
    /// the meeting it is told all the same, on the line of the conflict where the two cases have one by other entries.
    pub fn what_it_must(&self, sees: Sees, silent: bool, id: ConflictId) -> bool {
        match sees {
            Sees::Open | Sees::Desk if silent => self.silent || self.desk || self.open.contains(&id),
            Sees::Open => self.open.contains(&id),
            Sees::Desk => self.desk,
            Sees::Nothing => true,
        }
    }

    /// What two lists told, together.
    pub fn and(mut self, other: Option<&Self>) -> Self {
        if let Some(other) = other {
            self.open.extend(&other.open);
            self.desk |= other.desk;
            self.silent |= other.silent;
        }
        self
    }
}

/// Everything that was seen.
#[derive(Default)]
pub struct Seen {
    answers: Mutex<Answers>,
    entries: AtomicU64,
    /// By agency and member.
    pub inboxes: BTreeMap<(usize, usize), HashMap<String, Told>>,
    /// What waits at the watch desk, by matter.
    pub desk: BTreeMap<String, Vec<Option<ConflictId>>>,
    /// Every text that was printed, once.
    pub texts: HashSet<String>,
}

/// What the answers said.
#[derive(Default)]
pub struct Answers {
    /// By case and value as named.
    pub told: HashMap<(u64, String), Told>,
    /// Conflicts that an answer called strong, and those it called possible.
    pub called: HashMap<ConflictId, Strength>,
    /// Values that make no match, by case.
    pub suppressed: HashSet<(u64, String)>,
    texts: HashSet<String>,
}

impl Seen {
    pub fn answers(&self) -> std::sync::MutexGuard<'_, Answers> {
        self.answers.lock().unwrap()
    }

    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    pub fn answer(&self, case: u64, answer: Answer) {
        self.entries.fetch_add(u64::try_from(answer.entries).unwrap(), Ordering::Relaxed);
        assert!(answer.problems.is_empty(), "a value of the nation cannot be of its kind: {:?}", answer.problems);
        let mut answers = self.answers();
        texts(&serde_json::to_value(&answer).unwrap(), &mut answers.texts);
        for line in answer.conflicts {
            let id: Option<ConflictId> = line.conflict.as_deref().map(|c| c.parse().unwrap());
            if let Some(id) = id {
                let known = answers.called.entry(id).or_insert(line.strength);
                *known = (*known).max(line.strength);
            }
            for m in line.matches {
                let told = answers.told.entry((case, m.yours)).or_default();
                match id {
                    Some(id) => drop(told.open.insert(id)),
                    None => told.silent = true,
                }
            }
        }
        for line in answer.desk {
            answers.told.entry((case, line.yours)).or_default().desk = true;
        }
        answers.suppressed.extend(answer.suppressed.into_iter().map(|s| (case, s.value)));
    }

    pub fn inbox(&mut self, agency: usize, member: usize, inbox: Inbox) {
        texts(&serde_json::to_value(&inbox).unwrap(), &mut self.texts);
        let mine = self.inboxes.entry((agency, member)).or_default();
        for item in inbox.items {
            for yours in &item.yours {
                let told = mine.entry(yours.clone()).or_default();
                match item.state.as_str() {
                    "silent" => told.silent = true,
                    "desk" => told.desk = true,
                    _ => {
                        let ids = item.conflict.iter().chain(item.others.iter().map(|o| &o.conflict));
                        told.open.extend(ids.map(|c| c.parse::<ConflictId>().unwrap()));
                    }
                }
            }
        }
    }

    pub fn at_desk(&mut self, queue: Inbox) {
        texts(&serde_json::to_value(&queue).unwrap(), &mut self.texts);
        for item in queue.items {
            let conflict = item.conflict.map(|c| c.parse().unwrap());
            self.desk.entry(item.state).or_default().push(conflict);
        }
    }

    /// Every text anybody was shown.
    pub fn texts_with<'a>(&'a self, answers: &'a Answers) -> Vec<&'a String> {
        answers.texts.iter().chain(&self.texts).collect()
    }
}

fn texts(value: &serde_json::Value, into: &mut HashSet<String>) {
    match value {
        serde_json::Value::String(text) if into.contains(text) => {}
        serde_json::Value::String(text) => drop(into.insert(text.clone())),
        serde_json::Value::Array(all) => all.iter().for_each(|v| texts(v, into)),
        serde_json::Value::Object(all) => all.values().for_each(|v| texts(v, into)),
        _ => {}
    }
}
