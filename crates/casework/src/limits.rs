//! How much one person may do in one go: versioned data a site can replace, never constants.
//!
//! They bind who signed in. The operator of the machine holds the keys and could read everything: whoever they name is
//! outside the limits, and the events and receipts of that say "asserted by the operator of this machine". So moving in
//! from the command line is not bound. A CyberTip is not either: it brings its own authority (18 U.S.C. 2258A) and is of
//! its sender's size.

use serde::Deserialize;

use crate::error::Error;

/// Limits, and the measures of bulk jobs.
#[derive(Debug, Clone, Deserialize)]
pub struct Limits {
    /// Which edition.
    pub version: String,
    /// Where the figures come from.
    pub provenance: String,
    /// Most values one person may ask or submit in one go.
    pub values_at_once: usize,
    /// Fewest values of a bulk job's slice.
    pub slice_least: usize,
    /// Most values of a bulk job's slice.
    pub slice_most: usize,
    /// A bulk job is cut into so many slices where its size lets it.
    pub slices_a_job: usize,
    /// Slices one round of the worker takes, of all jobs together: other workers must not wait for long.
    pub slices_a_round: usize,
    /// A bulk job that nobody approved for this long ends by itself.
    pub wait_hours: i64,
    /// A worker that has not said anything for this long works no more: another takes its job.
    pub lease_seconds: i64,
}

impl Limits {
    /// The edition that comes with this version.
    pub fn built_in() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../data/limits.json"))
    }

    /// Are these more values than one person may in one go?
    pub(crate) fn is_many(&self, values: usize) -> bool {
        values > self.values_at_once
    }

    /// How many values of so many make a slice: it follows from the job's own size alone.
    pub(crate) fn slice(&self, total: usize) -> usize {
        let least = self.slice_least.max(1);
        total.div_ceil(self.slices_a_job.max(1)).clamp(least, self.slice_most.max(least))
    }

    /// The refusal of too many says how many were allowed.
    pub(crate) fn counted(&self, refused: Error, values: usize) -> Error {
        match refused {
            Error::Refused(rule) if rule.contains("many-1") => Error::Refused(format!(
                "{rule}: these are {values}, and {} are allowed ({}). Ask for a bulk job (`concord bulk ask`)",
                self.values_at_once, self.version
            )),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_follows_from_the_size_within_its_bounds() {
        let limits = Limits::built_in().unwrap();
        assert!(limits.provenance.contains("this project's judgement"));
        assert!(!limits.is_many(500) && limits.is_many(501));
        let sizes: Vec<_> = [1, 501, 50_000, 100_000, 1_000_000].into_iter().map(|n| limits.slice(n)).collect();
        assert_eq!(sizes, [500, 500, 500, 1_000, 5_000]);
        let none = Limits { slice_least: 0, slice_most: 0, slices_a_job: 0, ..limits };
        assert_eq!(none.slice(10), 1, "no figure of a site's divides by nothing");
    }
}
