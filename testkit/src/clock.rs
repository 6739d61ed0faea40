//! The system's clock, and one that moves only when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use model::{Clock, Micros};

/// The machine's clock, UTC.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Micros {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The machine's clock, some seconds ahead: what falls due later can be seen on a trial today.
#[derive(Debug, Clone, Copy, Default)]
pub struct AheadClock(pub u32);

impl Clock for AheadClock {
    fn now(&self) -> Micros {
        SystemClock.now().plus_seconds(self.0.into())
    }
}

/// A clock that stands still until a test moves it. Clones show the same time.
#[derive(Debug, Clone)]
pub struct MockClock(Arc<AtomicI64>);

impl MockClock {
    /// A clock that shows `time`, RFC 3339 with its offset: "2026-11-23T06:00:00Z".
    ///
    /// # Panics
    /// When `time` is not such a time.
    #[must_use]
    pub fn at(time: &str) -> Self {
        Self(Arc::new(AtomicI64::new(parse(time).0)))
    }

    /// Moves the clock by whole seconds, forward or (negative) back.
    pub fn advance(&self, seconds: i64) {
        self.set(self.now().plus_seconds(seconds));
    }

    /// Shows this time from now on.
    pub fn set(&self, time: Micros) {
        self.0.store(time.0, Ordering::SeqCst);
    }
}

impl Clock for MockClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

fn parse(time: &str) -> Micros {
    match Micros::parse(time) {
        Ok(time) => time,
        Err(why) => panic!("the test's time `{time}` {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mock_clock_moves_only_when_told_and_its_clones_with_it() {
        let clock = MockClock::at("2026-11-23T06:00:00Z");
        let clone = clock.clone();
        assert_eq!(clock.now(), clock.now());
        clock.advance(90);
        assert_eq!(clone.now(), parse("2026-11-23T06:01:30Z"));
        clone.advance(-60);
        assert_eq!(clock.now(), parse("2026-11-23T06:00:30Z"));
        clock.set(parse("2027-01-01T00:00:00Z"));
        assert_eq!(clone.now().to_string(), "2027-01-01T00:00:00.000000Z");
    }

    #[test]
    fn the_system_clock_is_past_the_day_it_was_written() {
        assert!(SystemClock.now() > parse("2024-01-01T00:00:00Z"));
    }

    #[test]
    fn a_clock_ahead_is_later_by_so_much() {
        let (before, ahead, after) = (SystemClock.now(), AheadClock(601).now(), SystemClock.now());
        assert!(before.plus_seconds(601) <= ahead && ahead <= after.plus_seconds(601));
    }
}
