//! Chance without state: every choice follows from the seed and an index, so that any part of the nation can be made
//! without the parts before it.

/// SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection of 64 bits in which every input bit moves every other.
pub(super) const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// What is drawn for `x` in one topic.
pub(super) const fn draw(seed: u64, topic: u64, x: u64) -> u64 {
    mix(mix(seed ^ mix(topic)) ^ x)
}

/// Draws one after another, from one start.
#[derive(Clone, Copy)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) const fn new(seed: u64, topic: u64, x: u64) -> Self {
        Self(draw(seed, topic, x))
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Below `n`; the bias of the remainder is below one in 2^32 for the small `n` used here.
    pub(super) const fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.below(of.len() as u64);
        &of[at as usize]
    }
}

/// A bijection of the numbers below 2^`bits`: distinct indexes stay distinct and lose their order.
pub(super) const fn scramble(bits: u32, key: u64, x: u64) -> u64 {
    let mask = (1 << bits) - 1;
    let (first, second) = (mix(key) | 1, mix(key ^ 0x5555) | 1);
    let x = x.wrapping_mul(first) & mask;
    let x = x ^ (x >> (bits / 2));
    let x = x.wrapping_mul(second) & mask;
    x ^ (x >> (bits / 2))
}

/// A bijection of the numbers below `n` that can be asked both ways: who stands at a place, and at which place one is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shuffle {
    n: u64,
    times: u64,
    plus: u64,
    back: u64,
}

impl Shuffle {
    pub(super) fn new(n: u64, seed: u64, topic: u64) -> Self {
        let mut times = (draw(seed, topic, 1) % n.max(1)) | 1;
        let back = loop {
            if let Some(back) = inverse(times % n, n) {
                break back;
            }
            times += 2;
        };
        Self { n, times: times % n, plus: draw(seed, topic, 2) % n, back }
    }

    /// Who stands at place `x`.
    pub(super) const fn at(&self, x: u64) -> u64 {
        let wide = x as u128 * self.times as u128 + self.plus as u128;
        (wide % self.n as u128) as u64
    }

    /// At which place `y` stands.
    pub(super) const fn place(&self, y: u64) -> u64 {
        let less = y + self.n - self.plus;
        let wide = less as u128 * self.back as u128;
        (wide % self.n as u128) as u64
    }
}

/// The number that undoes multiplication by `a` modulo `n`, where there is one.
fn inverse(a: u64, n: u64) -> Option<u64> {
    let (mut low, mut high) = ((i128::from(n), 0i128), (i128::from(a), 1i128));
    while high.0 != 0 {
        let times = low.0 / high.0;
        (low, high) = (high, (low.0 - times * high.0, low.1 - times * high.1));
    }
    (low.0 == 1).then(|| u64::try_from(low.1.rem_euclid(i128::from(n))).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn shuffles_and_scrambles_are_bijections() {
        for n in [2, 9, 555, 5_555, 9_240] {
            let shuffle = Shuffle::new(n, 7, 3);
            let seen: HashSet<u64> = (0..n).map(|x| shuffle.at(x)).collect();
            assert_eq!(seen.len() as u64, n);
            assert!((0..n).all(|x| shuffle.place(shuffle.at(x)) == x));
        }
        let seen: HashSet<u64> = (0..1 << 16).map(|x| scramble(16, 5, x)).collect();
        assert_eq!(seen.len(), 1 << 16);
    }
}
