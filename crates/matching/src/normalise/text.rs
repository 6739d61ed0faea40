//! What every normaliser starts with: clean text, folded text, masks.

use model::Invalid;
use unicode_normalization::{UnicodeNormalization, is_nfkc};

/// Longest value read, in bytes.
pub const LONGEST: usize = 2048;

/// Marks by which providers and reports hide digits.
const MASKS: [char; 9] = ['X', 'x', '*', '#', '?', '\u{2022}', '\u{25cf}', '\u{2217}', '\u{2588}'];

/// Rounds after which folding has settled for every text known to us; Unicode promises it for three.
pub(super) const ROUNDS: usize = 5;

/// Invisible characters: they never tell two identifiers apart, and hide differences from a reader.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

/// The value without invisible characters, in NFKC, with single spaces; refused when empty or over [`LONGEST`] bytes.
pub(crate) fn clean(value: &str) -> Result<String, Invalid> {
    if value.len() > LONGEST {
        return Err(Invalid::new("is longer than 2,048 bytes", "give one identifier in each row"));
    }
    let text = settle(value.to_owned(), tidy);
    if text.is_empty() { Err(Invalid::new("is empty", "give the value or leave the row out")) } else { Ok(text) }
}

/// One round of [`clean`].
fn tidy(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !invisible(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let seen = if is_nfkc(&seen) { seen } else { seen.nfkc().collect() };
    collapse(&seen)
}

/// Single spaces between words, none at the ends.
pub(crate) fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Applies `step` until nothing changes, a few times at most.
pub(crate) fn settle(mut text: String, step: impl Fn(&str) -> String) -> String {
    for _ in 0..ROUNDS {
        let next = step(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// Case folded (each letter to upper and back to lower, so that sharp s and final sigma fold too) and in NFKC.
/// The dotless i keeps its own identity.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    settle(text.to_owned(), |t| t.chars().flat_map(fold_char).collect::<String>().nfkc().collect())
}

fn fold_char(c: char) -> impl Iterator<Item = char> {
    let keep = (c == '\u{131}').then_some(c);
    let folded = (keep.is_none()).then(|| c.to_uppercase().flat_map(char::to_lowercase));
    keep.into_iter().chain(folded.into_iter().flatten())
}

/// Upper case, by way of [`fold`].
pub(crate) fn upper(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    settle(text.to_owned(), |t| fold(t).chars().flat_map(char::to_uppercase).nfkc().collect())
}

/// Without any of these characters.
pub(crate) fn without(text: &str, drop: impl Fn(char) -> bool) -> String {
    text.chars().filter(|c| !drop(*c)).collect()
}

/// What stands between the groups of a written number.
pub(crate) fn separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '.' | '/' | '(' | ')' | ':' | ',' | '_' | '\u{2010}'..='\u{2015}')
}

/// A mark that hides a digit, in kinds where no letter X can stand.
pub(crate) fn is_mask(c: char) -> bool {
    MASKS.contains(&c)
}

/// A mark that hides a letter, in kinds where X, # and ? can stand.
pub(crate) fn is_blot(c: char) -> bool {
    matches!(c, '*' | '\u{2022}' | '\u{25cf}' | '\u{2217}' | '\u{2588}' | '\u{2026}')
}

/// Was part of it hidden or cut, in kinds where letters stand? NFKC turns an ellipsis into three dots.
pub(crate) fn blotted(text: &str) -> bool {
    text.contains("...") || text.chars().any(is_blot)
}

/// Drops one of the labels reports write before a value ("IMEI: ", "md5:"), whatever its case, as often as it stands.
pub(crate) fn unlabel<'a>(mut text: &'a str, labels: &[&str]) -> &'a str {
    while let Some(rest) = labels.iter().find_map(|label| {
        let (head, tail) = text.split_at_checked(label.len())?;
        head.eq_ignore_ascii_case(label).then(|| tail.trim_start())
    }) {
        text = rest;
    }
    text
}

/// Undoes the bracketing by which reports keep addresses from being clicked: example[.]org, hxxp://.
pub(crate) fn refang(text: &str) -> String {
    let text =
        text.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":").replace("[at]", "@").replace("[@]", "@");
    match text.split_at_checked(4) {
        Some((head, rest)) if head.eq_ignore_ascii_case("hxxp") => format!("http{rest}"),
        _ => text,
    }
}

/// The Luhn sum of decimal digits is a multiple of ten (ISO/IEC 7812-1 annex B).
pub(crate) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(i, d)| if i % 2 == 0 { d } else { (d * 2) / 10 + (d * 2) % 10 })
        .sum();
    sum.is_multiple_of(10)
}

/// Decimal digits of the scripts phones write numbers in, as ASCII.
pub(crate) fn ascii_digit(c: char) -> char {
    const ZEROS: [u32; 6] = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0x17e0];
    let code = u32::from(c);
    ZEROS
        .iter()
        .find_map(|zero| code.checked_sub(*zero).filter(|d| *d < 10))
        .and_then(|d| char::from_digit(d, 10))
        .unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_settles_and_hides_nothing() {
        assert_eq!(fold("Straße ΣΑΣ"), "strasse σασ");
        assert_eq!(fold("Ｗｉｌｌｙ"), "willy");
        assert_ne!(fold("ı"), fold("i"));
        assert_eq!(clean("a\u{200b}b\u{0}  c ").unwrap(), "ab c");
        assert!(clean(" \u{200b} ").is_err());
        assert!(clean(&"a".repeat(2049)).is_err());
    }

    #[test]
    fn luhn_is_the_published_sum() {
        assert!(luhn("79927398713"));
        assert!(!luhn("79927398710"));
    }
}
