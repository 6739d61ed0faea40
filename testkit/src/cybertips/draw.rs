//! Numbers that follow from a seed and a place, and one-to-one shuffles of a range.

/// A stream of numbers for one tip (SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014). For tests only. [`crate::SeededChance`] hashes for every draw and would be the slowest part.
#[derive(Debug, Clone)]
pub(super) struct Draw(u64);

/// Mixes one number into another that looks unrelated; one to one.
pub(super) fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

impl Draw {
    /// The stream of tip `index` under `seed`: no tip's draws shift another's.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        Self(mix(mix(seed) ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `end`; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The high half of a product is even enough for mixes, and needs no division.
        u64::try_from((u128::from(self.next()) * u128::from(end)) >> 64).unwrap_or(0)
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of the list, each as likely.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        *from.get(at).expect("a list to pick from is not empty")
    }

    /// One of the list, as often as its weight says.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(T, u64)]) -> T {
        let mut left = self.below(from.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in from {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        from.last().expect("a list to pick from is not empty").0
    }

    /// Lower-case hexadecimal digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        let mut out = String::with_capacity(digits + 16);
        while out.len() < digits {
            let word = self.next();
            out.extend((0..16).map(|n| hex_digit(word >> (4 * n))));
        }
        out.truncate(digits);
        out
    }
}

/// The lowest four bits as a digit.
pub(super) fn hex_digit(n: u64) -> char {
    char::from_digit(u32::try_from(n & 15).unwrap_or(0), 16).unwrap_or('0')
}

/// Moves `n` to another place of `0..size`, one to one: two numbers below `size` never land on the same.
/// `n` at or above `size` wraps, so callers stop handing out values there.
pub(super) fn shuffle(n: u64, size: u64, seed: u64) -> u64 {
    // A prime beyond every size in use shares no divisor with it, so that multiplying is one to one.
    const PRIME: u64 = 11_400_714_819_323_198_549;
    let size = size.max(1);
    let (place, step, start) = (n % size, PRIME % size, mix(seed) % size);
    // Most sizes are small enough for one machine word, whose division is several times as quick.
    match place.checked_mul(step).and_then(|moved| moved.checked_add(start)) {
        Some(moved) => moved % size,
        None => {
            let moved = u128::from(place) * u128::from(step) + u128::from(start);
            u64::try_from(moved % u128::from(size)).unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_shuffle_never_lands_twice() {
        for size in [1, 2, 97, 1000, 43_200, 65_536] {
            let seen: HashSet<u64> = (0..size).map(|n| shuffle(n, size, 5)).collect();
            assert_eq!(seen.len() as u64, size);
            assert!(seen.iter().all(|n| *n < size));
        }
    }

    #[test]
    fn weights_are_kept() {
        let mut draw = Draw::new(1, 1);
        let heavy = (0..10_000).filter(|_| draw.weighted(&[('a', 9), ('b', 1)]) == 'a').count();
        assert!((8_800..9_200).contains(&heavy), "{heavy}");
    }

    #[test]
    fn draws_repeat_and_differ_by_place() {
        assert_eq!(Draw::new(1, 2).hex(40), Draw::new(1, 2).hex(40));
        assert_ne!(Draw::new(1, 2).hex(40), Draw::new(1, 3).hex(40));
        assert_ne!(Draw::new(1, 2).hex(40), Draw::new(2, 2).hex(40));
    }
}
