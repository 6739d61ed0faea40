//! Long runs of letters and digits: wallets, hashes, onion names, by their form alone. Whether a checksum holds is
//! matching's to say.

use model::Kind;

const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// What a run may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// The whole of an identifier.
    Whole(Kind),
    /// Perhaps the beginning of one: what stands on the next line may belong to it.
    Part,
    /// Neither.
    No,
}

/// Judges a run that no label names.
pub(super) fn judge(run: &str) -> Run {
    if run.len() < 8 || run.len() > 130 || !run.is_ascii() {
        return Run::No;
    }
    let lower = run.to_ascii_lowercase();
    for (human, lengths) in [("bc1", [42, 62]), ("ltc1", [43, 63]), ("tb1", [42, 62])] {
        if let Some(data) = lower.strip_prefix(human) {
            let form = data.chars().all(|c| BECH32.contains(c)) && !is_mixed(run);
            return match form {
                true if lengths.contains(&run.len()) => Run::Whole(Kind::Wallet),
                true if run.len() < 62 => Run::Part,
                _ => Run::No,
            };
        }
    }
    if let Some(hex) = lower.strip_prefix("0x") {
        return match hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            true if hex.len() == 40 => Run::Whole(Kind::Wallet),
            true if hex.len() < 40 => Run::Part,
            _ => Run::No,
        };
    }
    if is_hex(run) {
        return match run.len() {
            32 => Run::Whole(Kind::Md5),
            40 => Run::Whole(Kind::Sha1),
            64 => Run::Whole(Kind::Sha256),
            9..64 => Run::Part,
            _ => Run::No,
        };
    }
    if !run.chars().all(|c| BASE58.contains(c)) || !is_mixed(run) || !run.bytes().any(|b| b.is_ascii_digit()) {
        return Run::No;
    }
    match (run.as_bytes().first(), run.len()) {
        (Some(b'T'), 34) | (Some(b'1' | b'3' | b'L' | b'M' | b'D'), 26..=35) => Run::Whole(Kind::Wallet),
        (Some(b'4' | b'8'), 95 | 106) => Run::Whole(Kind::Wallet),
        (Some(b'4' | b'8'), 12..95) | (Some(b'T' | b'1' | b'3' | b'L' | b'M' | b'D'), 12..34) => Run::Part,
        _ => Run::No,
    }
}

/// How many hexadecimal digits a hash of this kind has.
pub(super) fn digits_of(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Md5 => Some(32),
        Kind::Sha1 => Some(40),
        Kind::Sha256 | Kind::Pdq => Some(64),
        _ => None,
    }
}

/// An onion service's host, of version 3 or 2.
pub(super) fn is_onion(host: &str) -> bool {
    let Some(name) = host.to_ascii_lowercase().strip_suffix(".onion").map(str::to_owned) else { return false };
    let label = name.rsplit('.').next().unwrap_or_default();
    matches!(label.len(), 16 | 56) && label.bytes().all(is_base32)
}

/// A letter or digit of RFC 4648 base32 in lower case.
pub(super) fn is_base32(b: u8) -> bool {
    matches!(b, b'a'..=b'z' | b'2'..=b'7')
}

/// Hexadecimal with letters and digits, so that no long number is taken for a hash.
fn is_hex(run: &str) -> bool {
    run.bytes().all(|b| b.is_ascii_hexdigit())
        && run.bytes().any(|b| b.is_ascii_digit())
        && run.bytes().any(|b| b.is_ascii_alphabetic())
}

fn is_mixed(run: &str) -> bool {
    run.bytes().any(|b| b.is_ascii_lowercase()) && run.bytes().any(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test vectors of BIP-173 and ERC-55; the hashes are those of the empty file.
    #[test]
    fn runs_are_told_apart_by_form() {
        let whole = [
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Kind::Wallet),
            ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", Kind::Wallet),
            ("0x52908400098527886E0F7030069857D2E4169EE7", Kind::Wallet),
            ("d41d8cd98f00b204e9800998ecf8427e", Kind::Md5),
            ("da39a3ee5e6b4b0d3255bfef95601890afd80709", Kind::Sha1),
        ];
        for (run, kind) in whole {
            assert!(judge(run) == Run::Whole(kind), "{run}");
            assert!(judge(&run[..20]) == Run::Part, "{run}");
        }
        for run in ["12345678901234567890123456789012", "Wednesday", "customer-service", "1234567890"] {
            assert!(judge(run) == Run::No, "{run}");
        }
    }
}
