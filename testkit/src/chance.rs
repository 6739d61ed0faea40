//! The system's randomness, and bytes that follow from a seed.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::Chance;
use sha2::{Digest, Sha256};

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsChance;

impl Chance for OsChance {
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system gives no randomness");
    }
}

/// Bytes that follow from a seed: for tests only, they are no secret.
///
/// The n-th call after a seed depends on the seed and on n alone, not on how many bytes earlier calls took.
/// A test that compares two histories calls [`SeededChance::reseed`] before each step, so that a step which
/// draws once more or once less than its twin does not shift the steps after it.
pub struct SeededChance(Mutex<State>);

#[derive(Clone, Copy)]
struct State {
    seed: u64,
    call: u64,
}

impl SeededChance {
    /// Chance that repeats itself for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(State { seed, call: 0 }))
    }

    /// Begins anew with this seed, as `new` does.
    pub fn reseed(&self, seed: u64) {
        *self.state() = State { seed, call: 0 };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked elsewhere must not hide its message behind a poisoned lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SeededChance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State { seed, call } = *self.state();
        write!(f, "SeededChance {{ seed: {seed}, call: {call} }}")
    }
}

impl Chance for SeededChance {
    fn fill(&self, out: &mut [u8]) {
        let State { seed, call } = {
            let mut state = self.state();
            let now = *state;
            state.call += 1;
            now
        };
        for (block, part) in (0_u64..).zip(out.chunks_mut(32)) {
            let mut hash = Sha256::new();
            hash.update(seed.to_be_bytes());
            hash.update(call.to_be_bytes());
            hash.update(block.to_be_bytes());
            for (to, from) in part.iter_mut().zip(hash.finalize()) {
                *to = from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw<const N: usize>(chance: &dyn Chance) -> [u8; N] {
        let mut out = [0; N];
        chance.fill(&mut out);
        out
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let (a, b, c) = (SeededChance::new(7), SeededChance::new(7), SeededChance::new(8));
        let drawn: [u8; 100] = draw(&a);
        assert_eq!(drawn, draw(&b));
        assert_ne!(drawn, draw(&c));
        assert_ne!(drawn, draw(&a), "a second call gives other bytes");
        assert_ne!(drawn[..32], drawn[32..64], "blocks of one call differ");
    }

    #[test]
    fn reseeding_begins_anew_however_much_was_drawn() {
        let chance = SeededChance::new(1);
        let first: [u8; 16] = draw(&chance);
        let _: [u8; 80] = draw(&chance);
        chance.reseed(1);
        assert_eq!(first, draw(&chance));
    }

    #[test]
    fn a_longer_draw_does_not_shift_the_next() {
        let (a, b) = (SeededChance::new(3), SeededChance::new(3));
        let _: [u8; 12] = draw(&a);
        let _: [u8; 90] = draw(&b);
        assert_eq!(draw::<16>(&a), draw::<16>(&b));
    }

    #[test]
    fn the_systems_chance_does_not_repeat() {
        assert_ne!(draw::<32>(&OsChance), draw::<32>(&OsChance));
    }
}
