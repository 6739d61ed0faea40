//! Persons, by exact name and birth date.

use super::Read;
use super::text::{blotted, collapse, fold, settle};
use model::Invalid;
use unicode_normalization::UnicodeNormalization;

/// "Family, Given; 1980-02-01" folded, without marks and punctuation. A name without a birth date is kept and never
/// matches: names alone tie strangers together.
pub(super) fn read(value: &str) -> Result<Read, Invalid> {
    let (name, date) = value.rsplit_once(';').map_or((value, ""), |(n, d)| (n, d.trim()));
    let (name, doubt) = read_name(name)?;
    if blotted(value) {
        return Ok(Read::masked());
    }
    if date.is_empty() {
        return Ok(Read::Partial("a name without a birth date never matches".to_owned()));
    }
    let Some(date) = read_date(date) else {
        return Ok(Read::Partial("its birth date is not a day as year-month-day, so it can never match".to_owned()));
    };
    let old = date.year() < 1900;
    Ok(Read::with(format!("{name}; {date}"), doubt.or(old.then_some("its birth date is before 1900"))))
}

/// ISO 8601 only: 02/01/1980 is February in one country and January in another.
fn read_date(text: &str) -> Option<jiff::civil::Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if form { text.parse().ok() } else { None }
}

/// "family, given"; without a comma the last word is taken as the family name.
fn read_name(text: &str) -> Result<(String, Option<&'static str>), Invalid> {
    let (family, given, doubt) = match text.split_once(',') {
        Some((family, given)) => (plain(family), plain(given), None),
        None => {
            let all = plain(text);
            match all.rsplit_once(' ') {
                Some((given, family)) => {
                    (family.to_owned(), given.to_owned(), Some("no comma: its last word was taken as the family name"))
                }
                None => (all, String::new(), Some("it is a single name")),
            }
        }
    };
    match (family.is_empty(), given.is_empty()) {
        (true, true) => Err(Invalid::new("is not a person's name", "write: Family, Given; 1980-02-01")),
        (true, false) => Ok((format!(", {given}"), Some("its family name is not given"))),
        (false, true) => Ok((format!("{family},"), doubt.or(Some("it is a single name")))),
        (false, false) => Ok((format!("{family}, {given}"), doubt)),
    }
}

/// One part of a name: marks stripped where they are accents, letters that do not decompose spelt out, folded.
fn plain(text: &str) -> String {
    settle(text.to_owned(), |t| {
        let bare: String = t.nfkd().filter(|c| !is_accent(*c)).collect();
        let spelt: String = fold(&bare).chars().fold(String::new(), |mut out, c| {
            match c {
                'ø' => out.push('o'),
                'ł' => out.push('l'),
                'đ' | 'ð' => out.push('d'),
                'ı' => out.push('i'),
                'æ' => out.push_str("ae"),
                'œ' => out.push_str("oe"),
                'þ' => out.push_str("th"),
                '.' | '\'' | '\u{2019}' | '\u{2bc}' | '`' => {}
                c if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) => out.push(c),
                _ => out.push(' '),
            }
            out
        });
        collapse(&spelt.nfkc().collect::<String>())
    })
}

/// Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic. Vowel signs of other scripts are letters.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{655}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}
