//! Check digits and checksums, by their standards: computed here, so that what is written is whole.

use sha2::{Digest as _, Sha256};
use sha3::{Digest as _, Keccak256, Sha3_256};

/// The digit that makes the Luhn sum of `digits` and itself a multiple of ten (ISO/IEC 7812-1 annex B).
pub(super) fn luhn(digits: &str) -> char {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0');
            if i % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }
        })
        .sum();
    char::from(b'0' + ((10 - sum % 10) % 10) as u8)
}

/// The ninth character of a vehicle identification number (49 CFR 565.15(c)); `vin` has anything in its place.
pub(super) fn vin(vin: &str) -> char {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    const LETTERS: [u32; 26] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9];
    let value = |b: u8| if b.is_ascii_digit() { u32::from(b - b'0') } else { LETTERS[usize::from(b - b'A')] };
    let sum: u32 = vin.bytes().zip(WEIGHTS).map(|(b, weight)| value(b) * weight).sum();
    match sum % 11 {
        10 => 'X',
        digit => char::from(b'0' + digit as u8),
    }
}

/// The check digits of an IBAN (ISO 7064, MOD 97-10).
pub(super) fn iban(country: &str, account: &str) -> u32 {
    let sum = account
        .chars()
        .chain(country.chars())
        .chain("00".chars())
        .filter_map(|c| c.to_digit(36))
        .fold(0u32, |sum, d| if d > 9 { (sum * 100 + d) % 97 } else { (sum * 10 + d) % 97 });
    98 - sum
}

/// Base58Check of a version byte and 20 bytes.
pub(super) fn base58(version: u8, payload: &[u8; 20]) -> String {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut bytes = [0u8; 25];
    bytes[0] = version;
    bytes[1..21].copy_from_slice(payload);
    let check = Sha256::digest(Sha256::digest(&bytes[..21]));
    bytes[21..].copy_from_slice(&check[..4]);
    let mut out = Vec::with_capacity(35);
    let mut rest = bytes;
    while rest.iter().any(|b| *b != 0) {
        let mut carry = 0u32;
        for b in &mut rest {
            let value = carry * 256 + u32::from(*b);
            *b = (value / 58) as u8;
            carry = value % 58;
        }
        out.push(ALPHABET[carry as usize]);
    }
    out.extend(bytes.iter().take_while(|b| **b == 0).map(|_| b'1'));
    out.reverse();
    out.into_iter().map(char::from).collect()
}

/// A version 0 witness address (BIP 173) of 20 bytes.
pub(super) fn bech32(human: &str, program: &[u8; 20]) -> String {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let mut data = vec![0u8]; // the version
    let (mut held, mut bits) = (0u32, 0u32);
    for b in program {
        held = (held << 8) | u32::from(*b);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            data.push(((held >> bits) & 31) as u8);
        }
    }
    let high = human.bytes().map(|b| b >> 5);
    let low = human.bytes().map(|b| b & 31);
    let all = high.chain([0]).chain(low).chain(data.iter().copied()).chain([0; 6]);
    let sum = all.fold(1u32, |sum, value| {
        let top = sum >> 25;
        let step = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        [0x3b6a_57b2u32, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
            .iter()
            .enumerate()
            .fold(step, |s, (i, g)| if (top >> i) & 1 == 1 { s ^ g } else { s })
    }) ^ 1;
    data.extend((0..6).map(|i| ((sum >> (5 * (5 - i))) & 31) as u8));
    format!("{human}1{}", data.iter().map(|d| char::from(ALPHABET[usize::from(*d)])).collect::<String>())
}

/// ERC-55: a letter is a capital where the same digit of the Keccak-256 of the lower-case text is 8 or more.
pub(super) fn ethereum(lower: &str) -> String {
    let digest = Keccak256::digest(lower.as_bytes());
    let nibbles = digest.iter().flat_map(|b| [b >> 4, b & 15]);
    lower.chars().zip(nibbles).map(|(c, n)| if n >= 8 { c.to_ascii_uppercase() } else { c }).collect()
}

/// A version 3 onion name over 32 bytes (Tor rend-spec-v3 section 6). Nobody holds a key to it.
pub(super) fn onion(key: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let sum = Sha3_256::new().chain_update(b".onion checksum").chain_update(key).chain_update([3]).finalize();
    let mut bytes = [0u8; 35];
    bytes[..32].copy_from_slice(key);
    bytes[32..34].copy_from_slice(&sum[..2]);
    bytes[34] = 3;
    let mut out = String::with_capacity(62);
    for five in bytes.chunks(5) {
        let word = five.iter().fold(0u64, |w, b| (w << 8) | u64::from(*b));
        out.extend((0..8).map(|i| char::from(ALPHABET[((word >> (35 - 5 * i)) & 31) as usize])));
    }
    out.push_str(".onion");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values published with the standards.
    #[test]
    fn checks_agree_with_published_examples() {
        assert_eq!(luhn("7992739871"), '3');
        assert_eq!(vin("1M8GDM9A_KP042788".replace('_', "0").as_str()), 'X');
        assert_eq!(iban("GB", "WEST12345698765432"), 82);
        let zero = [0u8; 20];
        assert_eq!(base58(0, &zero), "1111111111111111111114oLvT2");
        let program = [
            0x75, 0x1e, 0x76, 0xe8, 0x19, 0x91, 0x96, 0xd4, 0x54, 0x94, 0x1c, 0x45, 0xd1, 0xb3, 0xa3, 0x23, 0xf1, 0x43,
            0x3b, 0xd6,
        ];
        assert_eq!(bech32("bc", &program), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
        assert_eq!(ethereum("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
        assert_eq!(onion(&[0; 32]).len(), 62);
    }
}
