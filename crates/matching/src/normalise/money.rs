//! Crypto-currency addresses and payment accounts.

use super::Read;
use super::handle::platform;
use super::text::{blotted, collapse, fold, settle, without};
use model::Invalid;
use sha2::{Digest as _, Sha256};
use sha3::{Digest as _, Keccak256};

const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const CHECKSUM: &str = "its checksum is wrong";

/// A crypto-currency address. Base58 keeps its case, bech32 and Ethereum go to lower case; a payment link's scheme and
/// amount are dropped.
pub(super) fn read_wallet(value: &str) -> Result<Read, Invalid> {
    if blotted(value) {
        return Ok(Read::masked());
    }
    let linked = value.rsplit_once(':').map_or(value, |(_, rest)| rest);
    let text = without(linked.split(['?', '@']).next().unwrap_or_default(), char::is_whitespace);
    if blotted(&text) {
        return Ok(Read::masked());
    }
    if !(10..=200).contains(&text.len()) || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_') {
        return Err(Invalid::new("is not a wallet address", "write the address alone, as the wallet shows it"));
    }
    if let Some(hex) = ethereum(&text) {
        let lower = hex.to_ascii_lowercase();
        let mixed = hex.bytes().any(|b| b.is_ascii_lowercase()) && hex.bytes().any(|b| b.is_ascii_uppercase());
        let wrong = mixed && eip55(&lower) != hex;
        return Ok(Read::with(format!("0x{lower}"), wrong.then_some(CHECKSUM)));
    }
    let one_case = !(text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase()));
    let lower = text.to_ascii_lowercase();
    if one_case && let Some(sound) = bech32(&lower) {
        return Ok(Read::with(lower, (!sound).then_some(CHECKSUM)));
    }
    if text.chars().all(|c| BASE58.contains(c)) {
        // Bitcoin and its kin begin so and carry four bytes of double SHA-256; other chains' base58 is not checked.
        let checked =
            text.starts_with(['1', '3', 'L', 'M', 'D', 'T', 'm', 'n', '2']) && (25..=35).contains(&text.len());
        return Ok(Read::with(text.clone(), (checked && !base58check(&text)).then_some(CHECKSUM)));
    }
    let text = if text.contains('.') { lower } else { text };
    Ok(Read::with(text, Some("it is of no known form")))
}

/// The 40 digits of an Ethereum address, with or without 0x.
fn ethereum(text: &str) -> Option<&str> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    (hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then_some(hex)
}

/// ERC-55: a letter is a capital when the same digit of the Keccak-256 of the lower-case text is 8 or more.
fn eip55(lower: &str) -> String {
    let digest = Keccak256::digest(lower.as_bytes());
    let nibbles = digest.iter().flat_map(|b| [b >> 4, b & 15]);
    lower.chars().zip(nibbles).map(|(c, n)| if n >= 8 { c.to_ascii_uppercase() } else { c }).collect()
}

/// BIP 173 and BIP 350: `None` when it has not that form, else whether the checksum holds.
fn bech32(text: &str) -> Option<bool> {
    let (human, data) = text.rsplit_once('1')?;
    let known = ["bc", "tb", "ltc", "tltc", "addr", "stake", "cosmos", "lnbc", "terra", "osmo"].contains(&human);
    if !known || data.len() < 6 {
        return None;
    }
    let values: Option<Vec<u32>> = data.chars().map(|c| u32::try_from(BECH32.find(c)?).ok()).collect();
    let high = human.bytes().map(|b| u32::from(b >> 5));
    let low = human.bytes().map(|b| u32::from(b & 31));
    let all = high.chain([0]).chain(low).chain(values?);
    let sum = all.fold(1u32, |sum, value| {
        let top = sum >> 25;
        let step = ((sum & 0x01ff_ffff) << 5) ^ value;
        [0x3b6a_57b2u32, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
            .iter()
            .enumerate()
            .fold(step, |s, (i, generator)| if (top >> i) & 1 == 1 { s ^ generator } else { s })
    });
    Some(sum == 1 || sum == 0x2bc8_30a3)
}

/// Base58Check: 25 bytes, the last four the double SHA-256 of the rest.
fn base58check(text: &str) -> bool {
    let mut bytes = [0u8; 25];
    for c in text.chars() {
        let Some(mut carry) = BASE58.find(c).and_then(|d| u32::try_from(d).ok()) else { return false };
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xff).unwrap_or(0);
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let Some((payload, check)) = bytes.split_last_chunk::<4>() else { return false };
    Sha256::digest(Sha256::digest(payload)).starts_with(check)
}

/// A payment account: folded, without the leading @; `$name` is a Cash App tag; an IBAN (ISO 13616) needs no platform.
pub(super) fn read_payment(value: &str, at: Option<&str>) -> Result<Read, Invalid> {
    if blotted(value) {
        return Ok(Read::masked());
    }
    let packed = without(value, |c| c.is_whitespace() || c == '-').to_ascii_uppercase();
    if let Some(sound) = iban(&packed) {
        return Ok(Read::with(packed, (!sound).then_some(CHECKSUM)));
    }
    let platform = platform(at);
    let folded = fold(value);
    let cashtag = folded.trim_start_matches('@').starts_with('$');
    let text = settle(folded, |t| collapse(t.trim_start_matches(['@', '$'])));
    // Account and card numbers are written in groups.
    let digits = without(&text, |c| c == ' ' || c == '-');
    let text = if digits.bytes().all(|b| b.is_ascii_digit()) { digits } else { text };
    if blotted(&text) {
        return Ok(Read::masked());
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Invalid::new("is not a payment account", "write the account's name or number"));
    }
    let platform = platform.or((cashtag).then(|| "cash-app".to_owned()));
    let doubt = platform.is_none().then(|| "its payment service is not given".to_owned());
    Ok(Read::Whole { text, platform, doubt })
}

/// `None` when it has not the form of an IBAN, else whether its check digits hold (ISO 7064, MOD 97-10).
fn iban(text: &str) -> Option<bool> {
    let (head, rest) = text.split_at_checked(4)?;
    let (country, check) = head.split_at_checked(2)?;
    let form = country.bytes().all(|b| b.is_ascii_uppercase())
        && check.bytes().all(|b| b.is_ascii_digit())
        && (11..=30).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && rest.bytes().filter(u8::is_ascii_digit).count() >= 6;
    let sum = rest
        .chars()
        .chain(head.chars())
        .filter_map(|c| c.to_digit(36))
        .fold(0u32, |sum, d| if d > 9 { (sum * 100 + d) % 97 } else { (sum * 10 + d) % 97 });
    form.then_some(sum == 1)
}
