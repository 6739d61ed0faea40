//! Vehicle plates and identification numbers.

use super::Read;
use super::text::{is_blot, unlabel, upper, without};
use model::Invalid;
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Jurisdictions {
    codes: Vec<String>,
}

/// data/jurisdictions.json, compiled in; a test shows that it reads.
static CODES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    serde_json::from_str::<Jurisdictions>(include_str!("../../data/jurisdictions.json"))
        .map(|j| j.codes.into_iter().collect())
        .unwrap_or_default()
});

/// A plate as "XX ABC123": jurisdiction, blank, letters and digits. Without a known jurisdiction, the number alone.
pub(super) fn read_plate(value: &str) -> Result<Read, Invalid> {
    if value.chars().any(|c| is_blot(c) || matches!(c, '?' | '#')) || value.contains("...") {
        return Ok(Read::masked());
    }
    let text = upper(value);
    let parts = text.split_once(|c: char| !c.is_alphanumeric()).filter(|(state, _)| CODES.contains(*state));
    let number = |t: &str| without(t, |c| !c.is_alphanumeric());
    if let Some((state, rest)) = parts.map(|(s, r)| (s, number(r))).filter(|(_, r)| !r.is_empty()) {
        return Ok(Read::sure(format!("{state} {rest}")));
    }
    let bare = number(&text);
    if bare.is_empty() || bare.len() > 40 {
        return Err(Invalid::new("is not a plate", "write the State, a blank, then the number: WA ABC123"));
    }
    Ok(Read::with(bare, Some("its State is not given")))
}

/// Does a normalised plate say where it was issued? The same number is issued in many States.
pub(crate) fn names_state(text: &str) -> bool {
    text.contains(' ')
}

/// A vehicle identification number (ISO 3779), 17 characters; shorter ones are from before 1981.
pub(super) fn read_vin(value: &str) -> Result<Read, Invalid> {
    let text = without(unlabel(value, &["vin:", "vin "]), |c| c.is_whitespace() || c == '-').to_ascii_uppercase();
    let hidden = |c: char| is_blot(c) || matches!(c, '?' | '#' | '.');
    if (text.chars().any(hidden) && text.chars().all(|c| c.is_ascii_alphanumeric() || hidden(c)))
        || text.contains("XXXX")
    {
        return Ok(Read::masked());
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric()) || !(5..=17).contains(&text.len()) {
        return Err(Invalid::new("is not a vehicle identification number", "write the 17 letters and digits"));
    }
    let doubt = if text.len() < 17 {
        Some("it is shorter than 17 characters")
    } else if text.contains(['I', 'O', 'Q']) {
        Some("it contains I, O or Q, which no number has")
    } else if !check_digit_holds(&text) {
        Some("its check digit is wrong, or it was not made for North America")
    } else {
        None
    };
    Ok(Read::with(text, doubt))
}

/// 49 CFR 565.15(c): weights and values; the ninth character is the sum modulo 11, X for 10.
fn check_digit_holds(vin: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |c: char| match c {
        'A' | 'J' => 1,
        'B' | 'K' | 'S' => 2,
        'C' | 'L' | 'T' => 3,
        'D' | 'M' | 'U' => 4,
        'E' | 'N' | 'V' => 5,
        'F' | 'W' => 6,
        'G' | 'P' | 'X' => 7,
        'H' | 'Y' => 8,
        'R' | 'Z' => 9,
        _ => c.to_digit(10).unwrap_or(0),
    };
    let sum: u32 = vin.chars().zip(WEIGHTS).map(|(c, w)| value(c) * w).sum();
    let check = if sum % 11 == 10 { Some('X') } else { char::from_digit(sum % 11, 10) };
    vin.chars().nth(8) == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jurisdictions_read() {
        assert!(CODES.contains("WA") && CODES.contains("PR") && CODES.contains("BC") && !CODES.contains("XX"));
    }
}
