//! The keyed fingerprint by which identifiers meet.

/// HMAC-SHA-256 of a normalised key, cut to 16 bytes. Without the installation's token key it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u8; 16]);

impl Token {
    /// Placement in the match table: the first byte.
    pub fn bucket(&self) -> i64 {
        let [first, ..] = self.0;
        i64::from(first)
    }
}

/// A stored token of the wrong length.
#[derive(Debug, thiserror::Error)]
#[error("a token is 16 bytes, not {0}")]
pub struct BadToken(usize);

impl TryFrom<Vec<u8>> for Token {
    type Error = BadToken;
    fn try_from(bytes: Vec<u8>) -> Result<Self, BadToken> {
        let n = bytes.len();
        bytes.try_into().map(Self).map_err(|_| BadToken(n))
    }
}

/// Which token key made a token. Rotating a key or changing a normaliser adds a space; a look asks every live one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpaceId(pub i64);
