//! What the first event of a new log says of the logs before it.
//!
//! A database that was put back from a copy is behind what was signed, and is never signed on. It starts a new log under
//! a name of its own; the old log's leaves stay, and the new one's first leaf binds them together with the newest
//! checkpoint that was ever signed, so that nobody can say later that less had been signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::tree::Hash;

/// The name under which the first event of a new log binds the old ones.
pub const OLD_LOGS: &str = "old logs";

/// An old log when a new one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldLog {
    /// Its name.
    pub origin: String,
    /// How many of its leaves are held: fewer than were signed, when the database was put back.
    pub held: u64,
    /// The root over those.
    pub root: Hash,
    /// The newest checkpoint ever signed in it, as text; none when none was signed.
    pub signed: Option<String>,
}

/// The bytes that the first event of a new log binds under [`OLD_LOGS`]: every old log, in order.
pub fn old_logs(logs: &[OldLog]) -> Vec<u8> {
    let mut out = String::from("concord.old-logs/1\n");
    for log in logs {
        let signed = log.signed.as_deref().unwrap_or_default();
        // The length, because a checkpoint has lines of its own.
        let head = [&log.origin, &log.held.to_string(), &STANDARD.encode(log.root), &signed.len().to_string()];
        head.into_iter().for_each(|line| {
            out.push_str(line);
            out.push('\n');
        });
        out.push_str(signed);
    }
    out.into_bytes()
}

/// The name of the log that follows `old` others whose first was called `first`: "name/2" after one.
pub fn log_name(first: &str, old: usize) -> String {
    if old == 0 { first.to_owned() } else { format!("{first}/{}", old.saturating_add(1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_every_old_log_changes_what_is_bound() {
        let one = OldLog { origin: "a".to_owned(), held: 3, root: [1; 32], signed: Some("a\n4\n".to_owned()) };
        let all = [
            vec![],
            vec![one.clone()],
            vec![one.clone(), one.clone()],
            vec![OldLog { origin: "b".to_owned(), ..one.clone() }],
            vec![OldLog { held: 4, ..one.clone() }],
            vec![OldLog { root: [2; 32], ..one.clone() }],
            vec![OldLog { signed: Some("a\n5\n".to_owned()), ..one.clone() }],
            vec![OldLog { signed: None, ..one }],
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().map(|logs| old_logs(logs)).collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn logs_are_numbered_from_the_first_ones_name() {
        assert_eq!(log_name("example.org/log", 0), "example.org/log");
        assert_eq!(log_name("example.org/log", 1), "example.org/log/2");
        assert_eq!(log_name("example.org/2", 2), "example.org/2/3");
    }
}
