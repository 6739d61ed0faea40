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
    /// Where the session's figures come from.
    pub session_provenance: String,
    /// A session nobody used for this long is locked (CJIS AC-11).
    pub session_idle_minutes: i64,
    /// One nobody used for this long is over (CJIS SC-10).
    pub session_end_minutes: i64,
    /// Whatever happens a session is over after this (CJIS IA-11).
    pub session_longest_hours: i64,
    /// Use of a session is written down at most this often.
    pub session_touch_seconds: i64,
    /// A letter that did not arrive is tried again after this, then after twice as long, and so on,
    pub letter_first_seconds: i64,
    /// up to this.
    pub letter_most_seconds: i64,
    /// After this many tries it is given up.
    pub letter_tries: i64,
    /// A letter that a server took and said nothing of is another's after this; longer than a round's sending.
    pub letter_lease_seconds: i64,
}

impl Clocks {
    /// The edition that comes with this version.
    pub fn built_in() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../data/clocks.json"))
    }

    /// How long a letter waits after its n-th try: twice as long each time, and of that a half by chance, so that what
    /// failed together does not come back together. `chance`: any number.
    pub(crate) fn letter_wait(&self, tries: i64, chance: u64) -> i64 {
        let doubled = u32::try_from(tries.saturating_sub(1)).map_or(i64::MAX, |n| {
            2_i64.checked_pow(n).map_or(i64::MAX, |times| times.saturating_mul(self.letter_first_seconds))
        });
        let whole = doubled.min(self.letter_most_seconds).max(2);
        let half = whole / 2;
        half + i64::try_from(chance % u64::try_from(whole - half + 1).unwrap_or(1)).unwrap_or(0)
    }

    pub(crate) fn due(&self, strength: Strength, now: Micros) -> Micros {
        let hours = match strength {
            Strength::Strong => self.strong_hours,
            Strength::Possible => self.possible_hours,
        };
        now.plus_seconds(hours.saturating_mul(3_600))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_waits_twice_as_long_each_time_and_half_of_it_by_chance() {
        let clocks = Clocks::built_in().unwrap();
        for (tries, whole) in [(1, 30), (2, 60), (5, 480), (11, 21_600), (64, 21_600), (i64::MAX, 21_600)] {
            assert_eq!(clocks.letter_wait(tries, 0), whole / 2, "{tries}");
            for chance in [1, 15, 16, 999_999_999, u64::MAX] {
                let wait = clocks.letter_wait(tries, chance);
                assert!(wait >= whole / 2 && wait <= whole, "{tries}: {wait}");
            }
        }
        assert_eq!(clocks.letter_wait(1, 15), 30);
        assert!(clocks.letter_lease_seconds > crate::workers::LONGEST_ROUND);
    }
}
