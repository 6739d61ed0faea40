//! Devices: IMEI, IMSI, ICCID, serial numbers, peer-to-peer clients.

use super::Read;
use super::text::{ascii_digit, blotted, fold, is_mask, luhn, separator, settle, unlabel, upper, without};
use model::Invalid;

/// Digits only, or `None` when some are masked.
fn digits(value: &str, labels: &[&str], what: &str, cure: &str) -> Result<Option<String>, Invalid> {
    let text: String = without(unlabel(value, labels), separator).chars().map(ascii_digit).collect();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Some(text));
    }
    if text.chars().any(is_mask) && text.chars().all(|c| c.is_ascii_digit() || is_mask(c)) {
        return Ok(None);
    }
    Err(Invalid::new(format!("is not {what}"), cure))
}

/// IMEI or IMEISV (3GPP TS 23.003 section 6.2): the first 14 digits say which equipment. The 15th is a check digit that
/// networks send as 0, the 15th and 16th of an IMEISV are the software: both are left out, so that all forms meet.
pub(super) fn read_imei(value: &str) -> Result<Read, Invalid> {
    let cure = "write 14, 15 or 16 digits, as *#06# shows them";
    let Some(digits) = digits(value, &["imeisv:", "imei:", "imeisv", "imei"], "an IMEI", cure)? else {
        return Ok(Read::masked());
    };
    let Some((first, rest)) = digits.split_at_checked(14).filter(|(_, rest)| rest.len() <= 2) else {
        return Err(Invalid::new("is not 14 to 16 digits long", cure));
    };
    let wrong = rest.len() == 1 && !luhn(&digits);
    Ok(Read::with(first, wrong.then_some("its check digit is wrong")))
}

/// IMSI (ITU-T E.212): at most 15 digits, country code first.
pub(super) fn read_imsi(value: &str) -> Result<Read, Invalid> {
    let cure = "write up to 15 digits, country code first";
    let Some(digits) = digits(value, &["imsi:", "imsi"], "an IMSI", cure)? else {
        return Ok(Read::masked());
    };
    if !(10..=15).contains(&digits.len()) {
        return Err(Invalid::new("is not 10 to 15 digits long", cure));
    }
    let odd = if digits.starts_with(['0', '1', '8']) {
        Some("no mobile country code begins so")
    } else if digits.len() < 14 {
        Some("it is shorter than subscriber identities are")
    } else {
        None
    };
    Ok(Read::with(digits, odd))
}

/// ICCID (ITU-T E.118), 18 to 22 digits; the F that fills the last byte on the card is left out.
pub(super) fn read_iccid(value: &str) -> Result<Read, Invalid> {
    let cure = "write the 18 to 22 digits printed on the card";
    let bare = value.trim_end_matches(['f', 'F']);
    let Some(digits) = digits(bare, &["iccid:", "iccid"], "an ICCID", cure)? else {
        return Ok(Read::masked());
    };
    if !(18..=22).contains(&digits.len()) {
        return Err(Invalid::new("is not 18 to 22 digits long", cure));
    }
    let odd = if !digits.starts_with("89") {
        Some("telecom cards begin with 89")
    } else if !luhn(&digits) {
        Some("its check digit is wrong or missing")
    } else {
        None
    };
    Ok(Read::with(digits, odd))
}

/// A maker's serial number: upper case, no spaces; hyphens stay, for makers use them to tell parts apart.
pub(super) fn read_serial(value: &str) -> Result<Read, Invalid> {
    let labels = ["serialnumber:", "serialno:", "serial:", "s/n:", "s/n", "sn:"];
    let text = settle(value.to_owned(), |t| upper(unlabel(&without(t, char::is_whitespace), &labels)));
    if blotted(&text) {
        return Ok(Read::masked());
    }
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Invalid::new("is not a serial number", "write the letters and digits on the device"));
    }
    Ok(Read::sure(text))
}

/// A peer-to-peer client's id: a GUID in any notation as 32 lower-case hexadecimal digits, a 40-digit hash likewise;
/// anything else folded and doubted.
pub(super) fn read_p2p(value: &str) -> Result<Read, Invalid> {
    let bare = unlabel(value, &["urn:uuid:", "guid:", "guid"]);
    let packed = without(bare, |c| separator(c) || matches!(c, '{' | '}' | '"' | '\'')).to_ascii_lowercase();
    if matches!(packed.len(), 32 | 40) && packed.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(Read::sure(packed));
    }
    let hidden = packed.chars().any(is_mask) && packed.chars().all(|c| c.is_ascii_hexdigit() || is_mask(c));
    if hidden || blotted(bare) {
        return Ok(Read::masked());
    }
    let text = fold(bare);
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Invalid::new("is not a client id", "write the GUID as the client shows it"));
    }
    Ok(Read::with(text, Some("it is not a GUID")))
}
