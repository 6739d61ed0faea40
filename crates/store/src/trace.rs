//! A record of the statements a store ran, for tests: which texts, how often, and which partitions each touches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What was seen of one text.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How often it ran.
    pub times: u64,
    /// Plans in which it scanned every partition of a table: the table's name.
    pub all_partitions_of: Option<String>,
}

/// Shared by a store and the test that made it.
#[derive(Debug, Clone, Default)]
pub struct Trace(Arc<Mutex<BTreeMap<String, Seen>>>);

/// How many partitions the suite makes of each distributed table.
pub const PARTITIONS: usize = 4;

impl Trace {
    pub(crate) fn note(&self, sql: &str, plan: Option<&str>) {
        let Ok(mut all) = self.0.lock() else { return };
        let seen = all.entry(sql.to_owned()).or_default();
        seen.times += 1;
        if let Some(table) = plan.and_then(touches_all) {
            seen.all_partitions_of = Some(table);
        }
    }

    /// Every text so far.
    pub fn seen(&self) -> BTreeMap<String, Seen> {
        self.0.lock().map(|all| all.clone()).unwrap_or_default()
    }

    /// Forgets what was seen.
    pub fn clear(&self) {
        if let Ok(mut all) = self.0.lock() {
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
