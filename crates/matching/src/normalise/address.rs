//! Postal addresses in plain form.

use super::Read;
use super::text::{blotted, fold, settle};
use model::Invalid;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Streets {
    short: HashMap<String, String>,
}

/// data/streets.json, compiled in; a test shows that it reads.
static SHORT: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    serde_json::from_str::<Streets>(include_str!("../../data/streets.json")).map(|s| s.short).unwrap_or_default()
});

/// Folded, punctuation dropped, the usual words abbreviated, ZIP+4 cut to five digits. Plain, not validated: two
/// spellings this does not join stay apart.
pub(super) fn read(value: &str) -> Result<Read, Invalid> {
    if blotted(value) {
        return Ok(Read::masked());
    }
    let text = settle(fold(value), |t| {
        let spaced: String = t
            .replace('#', " # ")
            .split([',', ' ', ';', '\n'])
            .map(five_digits)
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .filter(|c| !matches!(c, '.' | '\'' | '\u{2019}'))
            .map(|c| if c.is_alphanumeric() || c == '#' || is_mark(c) { c } else { ' ' })
            .collect();
        let words: Vec<&str> = spaced.split_whitespace().map(|w| SHORT.get(w).map_or(w, String::as_str)).collect();
        words.join(" ").replace("p o box", "po box")
    });
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Invalid::new("is not an address", "write number, street, place, State and ZIP code"));
    }
    let vague = !text.chars().any(char::is_numeric) || text.split(' ').count() < 3;
    Ok(Read::with(text, vague.then_some("it names no single place")))
}

/// Marks belong to the letters before them.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// 98101-1234 as 98101: most people leave the four digits out.
fn five_digits(word: &str) -> &str {
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    match word.split_once('-') {
        Some((five, four)) if five.len() == 5 && four.len() == 4 && digits(five) && digits(four) => five,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_read_and_stand_still() {
        assert!(SHORT.len() > 40, "data/streets.json does not read");
        for (long, short) in SHORT.iter() {
            assert!(!SHORT.contains_key(short), "{long} becomes {short}, which becomes something else");
            assert_eq!(*long, fold(long));
        }
    }
}
