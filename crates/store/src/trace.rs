//! What a store did, for tests: which texts it ran, how often, and which partitions each touches; or, told as it happens,
//! each statement and each commit.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::db::Value;

/// What was seen of one text.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How often it ran.
    pub times: u64,
    /// Plans in which it scanned every partition of a table: the table's name.
    pub all_partitions_of: Option<String>,
}

/// Something a store's transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<'a> {
    /// It is about to run this text with these binds.
    Statement(&'a str, &'a [Value]),
    /// Its commit has ended, and held.
    Committed,
}

/// Shared by a store and the test that made it.
#[derive(Clone)]
pub struct Trace(Arc<Kind>);

enum Kind {
    /// Keeps what it saw; on PostgreSQL each statement is explained first.
    Record(Mutex<BTreeMap<String, Seen>>),
    /// Passes it on, and asks the database nothing.
    Tell(Box<dyn Fn(Moment<'_>) + Send + Sync>),
}

impl Default for Trace {
    fn default() -> Self {
        Self(Arc::new(Kind::Record(Mutex::default())))
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.0 {
            Kind::Record(_) => "Trace that records",
            Kind::Tell(_) => "Trace that tells",
        })
    }
}

/// How many partitions the suite makes of each distributed table.
pub const PARTITIONS: usize = 4;

impl Trace {
    /// A trace that keeps nothing and is light: `told` is called by the task that runs the statement or the commit, at that
    /// moment.
    #[must_use]
    pub fn telling(told: impl Fn(Moment<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Kind::Tell(Box::new(told))))
    }

    pub(crate) fn tell(&self, moment: Moment<'_>) {
        if let Kind::Tell(told) = &*self.0 {
            told(moment);
        }
    }

    pub(crate) fn records(&self) -> bool {
        matches!(*self.0, Kind::Record(_))
    }

    fn all(&self) -> Option<std::sync::MutexGuard<'_, BTreeMap<String, Seen>>> {
        match &*self.0 {
            Kind::Record(all) => all.lock().ok(),
            Kind::Tell(_) => None,
        }
    }

    pub(crate) fn note(&self, sql: &str, plan: Option<&str>) {
        let Some(mut all) = self.all() else { return };
        let seen = all.entry(sql.to_owned()).or_default();
        seen.times += 1;
        if let Some(table) = plan.and_then(touches_all) {
            seen.all_partitions_of = Some(table);
        }
    }

    /// Every text so far.
    pub fn seen(&self) -> BTreeMap<String, Seen> {
        self.all().map(|all| all.clone()).unwrap_or_default()
    }

    /// Forgets what was seen.
    pub fn clear(&self) {
        if let Some(mut all) = self.all() {
            all.clear();
        }
    }
}

/// The table whose every partition (named `table_p0` and so on by migrate.rs) stands in the plan.
fn touches_all(plan: &str) -> Option<String> {
    let words: Vec<&str> = plan.split_whitespace().collect();
    words
        .iter()
        .filter_map(|w| w.strip_suffix("_p0"))
        .find(|table| (1..PARTITIONS).all(|i| words.iter().any(|w| *w == format!("{table}_p{i}"))))
        .map(str::to_owned)
}
