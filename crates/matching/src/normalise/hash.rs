//! File hashes and perceptual hashes.

use super::Read;
use super::text::{is_blot, separator, unlabel, without};
use model::{Invalid, Pdq};

/// Hexadecimal of exactly `length` digits. Base64 forms are not accepted: which hash they are cannot be seen.
pub(super) fn read(value: &str, length: usize) -> Result<Read, Invalid> {
    let bare = unlabel(value, &["md5:", "sha1:", "sha-1:", "sha256:", "sha-256:", "0x"]);
    let digits = without(bare, char::is_whitespace).to_ascii_lowercase();
    if digits.len() == length && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(Read::sure(digits));
    }
    if masked(&digits) {
        return Ok(Read::masked());
    }
    Err(Invalid::new(
        format!("is not a hash of {length} hexadecimal digits"),
        format!("write {length} digits 0-9 and a-f, and check the kind: md5 has 32, sha1 has 40, sha256 has 64"),
    ))
}

/// A PDQ hash, "64 hex" or "64 hex:quality". The text leaves the quality out: two tools disagree on it.
pub(super) fn read_pdq(value: &str) -> Result<Read, Invalid> {
    let bare = unlabel(value, &["pdq:"]);
    match Pdq::parse(bare) {
        Ok(pdq) => {
            let poor = pdq.quality().is_some_and(|q| q < 50);
            Ok(Read::with(pdq.to_string(), poor.then_some("the tool calls its quality poor (below 50)")))
        }
        Err(_) if masked(&bare.to_ascii_lowercase()) => Ok(Read::masked()),
        Err(e) => Err(e),
    }
}

/// Hexadecimal with marks where digits were: at least one mark, and nothing else that is no digit.
fn masked(digits: &str) -> bool {
    let mark = |c: char| is_blot(c) || matches!(c, 'x' | '?' | '#') || c == '.';
    digits.chars().any(mark) && digits.chars().all(|c| c.is_ascii_hexdigit() || mark(c) || separator(c))
}
