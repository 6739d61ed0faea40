//! How long things may take: versioned data a site can replace, never constants.

use model::{Micros, Strength};
use serde::Deserialize;

/// Deadlines and the beats of the workers.
#[derive(Debug, Clone, Deserialize)]
pub struct Clocks {
    /// Which edition.
    pub version: String,
    /// Where the figures come from.
    pub provenance: String,
    /// A strong conflict should be acknowledged within this.
    pub strong_hours: i64,
    /// A possible one within this.
    pub possible_hours: i64,
    /// A hold ends by itself after this.
    pub hold_hours: i64,
    /// A submission not looked at for this long is swept.
    pub sweep_seconds: i64,
    /// The second look comes this long after the commit.
    pub second_look_seconds: i64,
    /// An offer of a case to another agency ends by itself after this.
    pub transfer_hours: i64,
}

impl Clocks {
    /// The edition that comes with this version.
    pub fn built_in() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../data/clocks.json"))
    }

    pub(crate) fn due(&self, strength: Strength, now: Micros) -> Micros {
        let hours = match strength {
            Strength::Strong => self.strong_hours,
            Strength::Possible => self.possible_hours,
        };
        now.plus_seconds(hours.saturating_mul(3_600))
    }
}
