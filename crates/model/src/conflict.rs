//! Conflicts: two cases that meet, and where their two sides stand.

use crate::ids::{CaseId, ConflictId, derived_id};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// How sure the rule is that the identifiers are equal; it says nothing of the people. Strongest last.
    pub enum Strength as "strength" {
        /// Perhaps.
        Possible = 1 "possible",
        /// The identifiers are equal.
        Strong = 2 "strong",
    }
}

vocabulary! {
    /// Where one side of a conflict stands.
    pub enum SideState as "state of a conflict" {
        /// Told, and nothing done yet.
        Notified = 1 "notified",
        /// Seen by a named officer.
        Acknowledged = 2 "acknowledged",
        /// Talking.
        Coordinating = 3 "coordinating",
        /// Both sides agreed how it ends.
        Resolved = 4 "resolved",
    }
}

vocabulary! {
    /// How two sides agree that a conflict ends.
    pub enum Resolution as "resolution" {
        /// One joint case.
        Joint = 1 "joint",
        /// One side leaves it to the other.
        Ceded = 2 "ceded",
        /// Both go on, in agreed lanes.
        ParallelAgreed = 3 "parallel-agreed",
        /// It is one investigation entered twice.
        SameInvestigation = 4 "same-investigation",
        /// The identifiers are equal, the people are not.
        NotTheSame = 5 "not-the-same",
        /// An entry was withdrawn.
        Withdrawn = 6 "withdrawn",
    }
}

/// Two cases that meet, always lower id first, so that both sides write the same row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    low: CaseId,
    high: CaseId,
}

impl Pair {
    /// `None` when both are the same case: a case never conflicts with itself.
    pub fn new(a: CaseId, b: CaseId) -> Option<Self> {
        match a.cmp(&b) {
            std::cmp::Ordering::Less => Some(Self { low: a, high: b }),
            std::cmp::Ordering::Greater => Some(Self { low: b, high: a }),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The lower id.
    pub fn low(self) -> CaseId {
        self.low
    }

    /// The higher id.
    pub fn high(self) -> CaseId {
        self.high
    }

    /// The conflict's id, the same whoever finds it.
    pub fn conflict(self) -> ConflictId {
        derived_id("conflict", &[self.low.as_bytes(), self.high.as_bytes()]).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_pair_has_one_id_and_is_never_one_case() {
        let (a, b) = (CaseId::from(Uuid::from_u128(1)), CaseId::from(Uuid::from_u128(2)));
        assert_eq!(Pair::new(a, b), Pair::new(b, a));
        assert_eq!(Pair::new(a, b).unwrap().conflict(), Pair::new(b, a).unwrap().conflict());
        assert!(Pair::new(a, a).is_none());
    }
}
