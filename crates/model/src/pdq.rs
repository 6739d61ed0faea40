//! PDQ perceptual hashes, compared by Hamming distance.

use crate::problem::Invalid;

/// A PDQ hash (256 bits) and its quality (0 to 100, 0 to 49 is poor) where the tool gave one.
/// Source: Facebook PDQ, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019.
#[derive(Clone, PartialEq, Eq)]
pub struct Pdq {
    bits: [u64; 4],
    quality: Option<u8>,
}

impl Pdq {
    /// Two hashes at most this far apart show the same picture (the threshold PDQ's makers give).
    pub const NEAR: u32 = 31;

    /// Reads "64 hex" or "64 hex:quality".
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let bad = || {
            Invalid::new(
                "is not a PDQ hash",
                "write 64 hexadecimal digits, with `:quality` (0 to 100) after them where known",
            )
        };
        let text = text.trim();
        let (digits, quality) = text.split_once(':').map_or((text, None), |(d, q)| (d, Some(q)));
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad());
        }
        let mut bits = [0; 4];
        for (i, word) in bits.iter_mut().enumerate() {
            let part = digits.get(i * 16..i * 16 + 16).ok_or_else(bad)?;
            *word = u64::from_str_radix(part, 16).map_err(|_| bad())?;
        }
        let quality = match quality {
            None => None,
            Some(q) => Some(q.trim().parse::<u8>().ok().filter(|q| *q <= 100).ok_or_else(bad)?),
        };
        Ok(Self { bits, quality })
    }

    /// How many of the 256 bits differ.
    pub fn distance(&self, other: &Self) -> u32 {
        self.bits.iter().zip(&other.bits).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// Quality, 0 to 100.
    pub fn quality(&self) -> Option<u8> {
        self.quality
    }

    /// The 16 bands of 16 bits. Two hashes within 31 bits have a band that differs in at most one bit (31 / 16 < 2).
    pub fn bands(&self) -> [u16; 16] {
        let mut out = [0; 16];
        let all = self.bits.iter().flat_map(|w| [48, 32, 16, 0].map(|s| u16::try_from((w >> s) & 0xffff).unwrap_or(0)));
        for (to, from) in out.iter_mut().zip(all) {
            *to = from;
        }
        out
    }
}

impl std::fmt::Display for Pdq {
    /// Lower-case hexadecimal without the quality: what two tools agree on.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.bits.iter().try_for_each(|w| write!(f, "{w:016x}"))
    }
}

/// A perceptual hash can partly be inverted (arXiv 2406.00918): it is content and never printed by accident.
impl std::fmt::Debug for Pdq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pdq(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_bits_and_bands_cover_them() {
        let zero = Pdq::parse(&"0".repeat(64)).unwrap();
        let far = Pdq::parse(&format!("{}:80", "f".repeat(64))).unwrap();
        assert_eq!(zero.distance(&far), 256);
        assert_eq!(far.quality(), Some(80));
        assert_eq!(far.bands(), [0xffff; 16]);
        assert_eq!(far.to_string(), "f".repeat(64));
        assert!(Pdq::parse("12").is_err());
        assert!(Pdq::parse(&format!("{}:101", "f".repeat(64))).is_err());
    }
}
