//! Time zones as reports write them: by abbreviation, by offset, in brackets.

use super::cursor::Cursor;
use super::times::Trouble;

const HOUR: i32 = 3600;

/// Abbreviations with one meaning in reports to United States agencies, in seconds east of UTC. IST and BST have
/// several and are not here.
const ZONES: [(&str, i32); 17] = [
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("est", -5 * HOUR),
    ("edt", -4 * HOUR),
    ("cst", -6 * HOUR),
    ("cdt", -5 * HOUR),
    ("mst", -7 * HOUR),
    ("mdt", -6 * HOUR),
    ("pst", -8 * HOUR),
    ("pdt", -7 * HOUR),
    ("akst", -9 * HOUR),
    ("akdt", -8 * HOUR),
    ("hst", -10 * HOUR),
    ("cet", HOUR),
    ("cest", 2 * HOUR),
    ("jst", 9 * HOUR),
];

/// Abbreviations that name several zones, or one whose offset changes in the year.
const UNSURE_ZONES: [&str; 10] = ["ist", "bst", "ast", "et", "ct", "mt", "pt", "local", "wib", "msk"];

/// A zone written beside a time, in seconds east of UTC, where there is one.
pub(super) type Zone = Option<Result<i32, Trouble>>;

/// The zone a short text names: "UTC", "UTC-5", "GMT +02:00", "-0500", "Z", also in brackets.
pub(super) fn zone(text: &str) -> Option<i32> {
    let text = text.trim().trim_matches(|c| matches!(c, '(' | ')' | '[' | ']' | '.' | ','));
    let mut cursor = Cursor { text, at: 0 };
    let found = zone_at(&mut cursor)?.ok()?;
    cursor.rest().trim().is_empty().then_some(found)
}

/// The first zone among the words of a sentence, such as "All times are UTC".
pub(super) fn zone_in(text: &str) -> Option<i32> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']'))
        .map(|w| w.trim_end_matches('.'))
        .filter(|w| w.len() > 1)
        .find_map(|w| match w.to_ascii_lowercase().as_str() {
            "coordinated" | "greenwich" => Some(0),
            _ => zone(w),
        })
}

/// The zone behind a time, bare or in brackets; a second one in brackets repeats it.
pub(super) fn zone_after(cursor: &mut Cursor) -> Option<Result<i32, Trouble>> {
    let bracketed = |cursor: &mut Cursor| {
        let mut ahead = *cursor;
        ahead.blanks();
        ahead.eat(b"([")?;
        ahead.blanks();
        let zone = zone_at(&mut ahead)?;
        ahead.blanks();
        ahead.eat(b")]")?;
        *cursor = ahead;
        Some(zone)
    };
    if let Some(zone) = bracketed(cursor) {
        return Some(zone);
    }
    let mut ahead = *cursor;
    ahead.blanks();
    let zone = zone_at(&mut ahead)?;
    *cursor = ahead;
    let _ = bracketed(cursor);
    Some(zone)
}

fn zone_at(cursor: &mut Cursor) -> Option<Result<i32, Trouble>> {
    let mut ahead = *cursor;
    let word = ahead.word().to_ascii_lowercase();
    if word.is_empty() {
        return offset(cursor).map(Ok);
    }
    if ahead.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    if UNSURE_ZONES.contains(&word.as_str()) {
        *cursor = ahead;
        return Some(Err(Trouble::UnknownZone));
    }
    let (_, base) = ZONES.iter().find(|(name, _)| *name == word)?;
    *cursor = ahead;
    if matches!(word.as_str(), "utc" | "gmt") {
        ahead.blanks();
        if let Some(more) = offset(&mut ahead) {
            *cursor = ahead;
            return Some(Ok(more));
        }
    }
    Some(Ok(*base))
}

/// "-5", "-0500", "+02:00".
fn offset(cursor: &mut Cursor) -> Option<i32> {
    let mut ahead = *cursor;
    let minus = match ahead.rest().chars().next()? {
        '+' => false,
        '-' | '\u{2212}' => true,
        _ => return None,
    };
    ahead.at += ahead.rest().chars().next()?.len_utf8();
    let (number, len) = ahead.number(1, 4)?;
    let (hours, minutes) = match len {
        1 | 2 if ahead.peek() == Some(b':') => {
            ahead.at += 1;
            (number, ahead.number(2, 2)?.0)
        }
        1 | 2 => (number, 0),
        4 => (number / 100, number % 100),
        _ => return None,
    };
    // "-05:00:00" is the start of another thing; a "-" before a date is not a zone.
    if hours > 14 || minutes > 59 || ahead.peek().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-'))
    {
        return None;
    }
    *cursor = ahead;
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some(if minus { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_an_offset_or_a_known_name() {
        assert_eq!(zone("(UTC-5)"), Some(-5 * HOUR));
        assert_eq!(zone("bird"), None);
        assert_eq!(zone_in("All times are shown in UTC."), Some(0));
    }
}
