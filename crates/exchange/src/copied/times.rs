//! Dates and times as reports write them. A time counts only with its zone: beside it, in its column's heading, or
//! said once for the whole text.

use model::Micros;

use super::cursor::Cursor;
use super::zones::{Zone, zone_after};

/// What the text says of all its times.
#[derive(Clone, Copy, Default)]
pub(super) struct Habit {
    /// Seconds east of UTC, where a heading says so.
    pub(super) zone: Option<i32>,
    /// How 03/04/2026 is meant.
    pub(super) order: Order,
}

/// Which number of 03/04/2026 is the month. United States order unless the text shows otherwise: a first number over
/// 12 anywhere makes the day first everywhere; a text that shows both, or is in Spanish and shows neither, is unsure.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    MonthFirst,
    DayFirst,
    Unsure,
}

/// Why a time that stands there cannot be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    NoZone,
    UnknownZone,
    UnsureOrder,
    NoSuchTime,
}

/// A date or a time found, and where.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its first and last microsecond: a day without a time is a whole day.
    pub(super) when: Result<(Micros, Micros), Trouble>,
}

const MONTHS: [(&str, u32); 16] = [
    ("jan", 1),
    ("ene", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("abr", 4),
    ("may", 5),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("ago", 8),
    ("sep", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
    ("dic", 12),
];

#[derive(Clone, Copy)]
struct Date {
    year: u32,
    month: u32,
    day: u32,
    sure: bool,
}

#[derive(Clone, Copy)]
struct Time {
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
}

/// Every date and time in a line, from left to right.
pub(super) fn scan(text: &str, habit: Habit) -> Vec<Moment> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    if !bytes.iter().any(u8::is_ascii_digit) {
        return found;
    }
    let (mut at, mut last) = (0, b' ');
    while let Some(b) = bytes.get(at).copied() {
        let begins = b.is_ascii_alphanumeric() && !last.is_ascii_alphanumeric() && !matches!(last, b'.' | b'_' | b'@');
        let cursor = Cursor { text, at };
        if begins
            && text.is_char_boundary(at)
            && let Some(moment) = moment_at(cursor, habit)
        {
            at = moment.end;
            last = b'0';
            found.push(moment);
        } else {
            last = b;
            at += 1;
        }
    }
    found
}

/// A number that stands for a time where a label says so: seconds, milliseconds or microseconds since 1970.
pub(super) fn epoch(text: &str) -> Option<Micros> {
    let text = text.trim();
    let digits = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        10 => number.checked_mul(1_000_000),
        13 => number.checked_mul(1_000),
        16 => Some(number),
        _ => None,
    }
    .map(Micros)
}

/// Whether a text with dates like 25/03/2026 in it puts the day first, or contradicts itself.
pub(super) fn order_of<'a>(lines: impl Iterator<Item = &'a str>, spanish: bool) -> Order {
    let (mut day, mut month) = (false, false);
    for line in lines {
        let lower = line.to_ascii_lowercase();
        day |= lower.contains("dd/mm") || lower.contains("dd-mm");
        month |= lower.contains("mm/dd") || lower.contains("mm-dd-");
        for word in line.split(|c: char| !(c.is_ascii_digit() || matches!(c, '/' | '-'))) {
            let mut cursor = Cursor { text: word, at: 0 };
            let first = cursor.number(1, 2);
            let Some(((first, _), sep)) = first.zip(cursor.eat(b"/-")) else { continue };
            let Some((second, _)) = cursor.number(1, 2) else { continue };
            if cursor.eat(&[sep]).is_some() && cursor.number(4, 4).is_some() {
                day |= (13..32).contains(&first) && second < 13;
                month |= (13..32).contains(&second) && first < 13;
            }
        }
    }
    match (day, month) {
        (true, true) => Order::Unsure,
        (true, false) => Order::DayFirst,
        (false, true) => Order::MonthFirst,
        (false, false) if spanish => Order::Unsure,
        (false, false) => Order::MonthFirst,
    }
}

/// A date alone as year-month-day; for birth dates, where zones do not matter.
pub(super) fn birth_date(text: &str, order: Order) -> Option<String> {
    let text = text.trim();
    let start = text.find(|c: char| c.is_ascii_alphanumeric())?;
    let mut cursor = Cursor { text, at: start };
    let date = date_at(&mut cursor, order)?;
    let written = format!("{:04}-{:02}-{:02}", date.year, date.month, date.day);
    (date.sure && model::Day::parse(&written).is_ok()).then_some(written)
}

fn moment_at(mut cursor: Cursor, habit: Habit) -> Option<Moment> {
    let start = cursor.at;
    let (date, time, zone) = if let Some(found) = unix_style(&mut cursor) {
        found
    } else if let Some(date) = date_at(&mut cursor, habit.order) {
        let mut ahead = cursor;
        let between = time_gap(&mut ahead);
        match between.then(|| time_at(&mut ahead)).flatten() {
            Some(time) => {
                cursor = ahead;
                (date, Some(time), zone_after(&mut cursor))
            }
            None => (date, None, None),
        }
    } else {
        let time = time_at(&mut cursor)?;
        let zone = zone_after(&mut cursor);
        cursor.eat(b",");
        cursor.blanks();
        if cursor.eat_word(&["on"]) {
            cursor.blanks();
        }
        (date_at(&mut cursor, habit.order)?, Some(time), zone)
    };
    if cursor.peek().is_some_and(|b| b.is_ascii_digit()) {
        return None;
    }
    let when = place(date, time, zone, habit);
    Some(Moment { start, end: cursor.at, when })
}

fn place(
    date: Date,
    time: Option<Time>,
    zone: Option<Result<i32, Trouble>>,
    habit: Habit,
) -> Result<(Micros, Micros), Trouble> {
    if !date.sure {
        return Err(Trouble::UnsureOrder);
    }
    let zone = zone.or(habit.zone.map(Ok)).ok_or(Trouble::NoZone)??;
    let at = |t: Time| {
        let (sign, off) = if zone < 0 { ('-', zone.unsigned_abs()) } else { ('+', zone.unsigned_abs()) };
        let text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}{sign}{:02}:{:02}",
            date.year,
            date.month,
            date.day,
            t.hour,
            t.minute,
            t.second.min(59),
            t.micros,
            off / 3600,
            off / 60 % 60
        );
        Micros::parse(&text).map_err(|_| Trouble::NoSuchTime)
    };
    match time {
        Some(t) => at(t).map(|m| (m, m)),
        None => {
            let first = at(Time { hour: 0, minute: 0, second: 0, micros: 0 })?;
            let last = at(Time { hour: 23, minute: 59, second: 59, micros: 999_999 })?;
            Ok((first, last))
        }
    }
}

/// What may stand between a date and its time.
fn time_gap(cursor: &mut Cursor) -> bool {
    if matches!(cursor.peek(), Some(b'T' | b't' | b':' | b'_')) {
        cursor.at += 1;
        return true;
    }
    cursor.eat(b",");
    let blanks = cursor.blanks();
    if cursor.eat_word(&["at", "a"]) {
        cursor.blanks();
        if cursor.eat_word(&["las"]) {
            cursor.blanks();
        }
        return true;
    }
    if blanks > 0 && cursor.eat(b"-@|").is_some() {
        cursor.blanks();
    }
    blanks > 0
}

/// "Mar 4 05:06:07 UTC 2026", as the C library prints times.
fn unix_style(cursor: &mut Cursor) -> Option<(Date, Option<Time>, Zone)> {
    let mut ahead = *cursor;
    let month = month(ahead.word())?;
    ahead.blanks();
    let (day, _) = ahead.number(1, 2)?;
    ahead.blanks();
    let time = time_at(&mut ahead)?;
    let zone = zone_after(&mut ahead);
    ahead.blanks();
    let (year, _) = ahead.number(4, 4)?;
    *cursor = ahead;
    Some((Date { year, month, day, sure: true }, Some(time), zone))
}

fn month(word: &str) -> Option<u32> {
    let lower = word.to_ascii_lowercase();
    const FULL: [&str; 24] = [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "sept",
        "october",
        "november",
        "december",
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    if lower.len() != 3 && !FULL.contains(&lower.as_str()) {
        return None;
    }
    let head = lower.get(..3)?;
    MONTHS.iter().find(|(name, _)| *name == head).map(|(_, number)| *number)
}

fn date_at(cursor: &mut Cursor, order: Order) -> Option<Date> {
    let mut ahead = *cursor;
    let date = if ahead.peek()?.is_ascii_digit() { by_number(&mut ahead, order) } else { by_month(&mut ahead) }?;
    let real = (1900..2200).contains(&date.year) && (1..=12).contains(&date.month) && (1..=31).contains(&date.day);
    real.then(|| {
        *cursor = ahead;
        date
    })
}

/// "March 4th, 2026".
fn by_month(cursor: &mut Cursor) -> Option<Date> {
    let month = month(cursor.word())?;
    cursor.eat(b".");
    if cursor.blanks() == 0 {
        cursor.eat(b"-/")?;
    }
    let (day, _) = cursor.number(1, 2)?;
    cursor.eat_word(&["st", "nd", "rd", "th"]);
    if cursor.eat(b",-/").is_none() && cursor.blanks() == 0 {
        return None;
    }
    cursor.blanks();
    let (year, _) = cursor.number(4, 4)?;
    Some(Date { year, month, day, sure: true })
}

fn by_number(cursor: &mut Cursor, order: Order) -> Option<Date> {
    let mut ahead = *cursor;
    if let Some((packed, _)) = ahead.number(8, 8)
        && matches!(ahead.peek(), Some(b'T'))
    {
        *cursor = ahead;
        return Some(Date { year: packed / 10_000, month: packed / 100 % 100, day: packed % 100, sure: true });
    }
    let (first, len) = cursor.number(1, 4)?;
    if len == 4 {
        let sep = cursor.eat(b"-/.")?;
        let (month, _) = cursor.number(1, 2)?;
        cursor.eat(&[sep])?;
        let (day, _) = cursor.number(1, 2)?;
        return Some(Date { year: first, month, day, sure: true });
    }
    if len > 2 {
        return None;
    }
    let mut ahead = *cursor;
    if let Some(date) = day_month_year(&mut ahead, first) {
        *cursor = ahead;
        return Some(date);
    }
    let sep = cursor.eat(b"-/.")?;
    let (second, _) = cursor.number(1, 2)?;
    cursor.eat(&[sep])?;
    let (year, len) = cursor.number(2, 4)?;
    let year = match len {
        4 => year,
        2 if sep == b'/' => 2000 + year,
        _ => return None,
    };
    let (day_first, sure) = match order {
        _ if sep == b'.' => (true, true),
        Order::MonthFirst => (false, true),
        Order::DayFirst => (true, true),
        Order::Unsure => (first > 12, first > 12 || second > 12 || first == second),
    };
    let (month, day) = if day_first { (second, first) } else { (first, second) };
    Some(Date { year, month, day, sure })
}

/// The rest of "4 Mar 2026", "04/Mar/2026" or "4 de marzo de 2026".
fn day_month_year(cursor: &mut Cursor, day: u32) -> Option<Date> {
    let gap = |c: &mut Cursor| {
        let blanks = c.blanks();
        let mark = c.eat(b"-/.,").is_some();
        c.blanks();
        if c.eat_word(&["de", "of"]) {
            c.blanks();
        }
        (blanks > 0 || mark).then_some(())
    };
    cursor.eat_word(&["st", "nd", "rd", "th"]);
    gap(cursor)?;
    let month = month(cursor.word())?;
    gap(cursor)?;
    let (year, _) = cursor.number(4, 4)?;
    Some(Date { year, month, day, sure: true })
}

fn time_at(cursor: &mut Cursor) -> Option<Time> {
    let mut ahead = *cursor;
    let packed = ahead.number(6, 6).filter(|_| matches!(ahead.peek(), Some(b'Z' | b'+' | b'-')));
    if let Some((packed, _)) = packed {
        let (hour, minute, second) = (packed / 10_000, packed / 100 % 100, packed % 100);
        *cursor = ahead;
        return (hour < 24 && minute < 60 && second < 61).then_some(Time { hour, minute, second, micros: 0 });
    }
    let mut ahead = *cursor;
    let (mut hour, _) = ahead.number(1, 2)?;
    ahead.eat(b":")?;
    let (minute, _) = ahead.number(2, 2)?;
    let (mut second, mut micros) = (0, 0);
    let mut exact = ahead;
    if exact.eat(b":").is_some()
        && let Some((s, _)) = exact.number(2, 2)
    {
        second = s;
        ahead = exact;
        if ahead.eat(b".,").is_some() {
            match ahead.number(1, 9) {
                Some((fraction, len)) => {
                    let scale = |n: usize| 10u32.pow(u32::try_from(n).unwrap_or(0));
                    micros = if len > 6 { fraction / scale(len - 6) } else { fraction * scale(6 - len) };
                }
                None => ahead.at -= 1,
            }
        }
    }
    let mut half = ahead;
    half.blanks();
    let mark = half.peek().map(|b| b.to_ascii_lowercase());
    if matches!(mark, Some(b'a' | b'p')) {
        half.at += 1;
        half.eat(b".");
        let m = half.eat(b"mM").is_some();
        half.eat(b".");
        if m && !half.peek().is_some_and(|b| b.is_ascii_alphanumeric()) && (1..=12).contains(&hour) {
            hour = hour % 12 + if mark == Some(b'p') { 12 } else { 0 };
            ahead = half;
        }
    }
    (hour < 24 && minute < 60 && second < 61).then(|| {
        *cursor = ahead;
        Time { hour, minute, second, micros }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> String {
        match scan(text, Habit::default()).as_slice() {
            [m] => match m.when {
                Ok((from, _)) => from.to_string(),
                Err(Trouble::NoZone) => "no zone".into(),
                Err(_) => "trouble".into(),
            },
            other => format!("{} found", other.len()),
        }
    }

    #[test]
    fn times_in_the_ways_reports_write_them() {
        for (text, want) in [
            ("2026-03-04 05:06:07 UTC", "2026-03-04T05:06:07.000000Z"),
            ("at 03-04-2026 05:06:07 UTC", "2026-03-04T05:06:07.000000Z"),
            ("03/04/2026 05:06:07 AM (UTC-5)", "2026-03-04T10:06:07.000000Z"),
            ("Mar 4, 2026 5:06:07 PDT", "2026-03-04T12:06:07.000000Z"),
            ("March 4th, 2026 at 12:06 a.m. GMT+02:00", "2026-03-03T22:06:00.000000Z"),
            ("2026-03-04T05:06:07.25-05:00", "2026-03-04T10:06:07.250000Z"),
            ("Wed, 04 Mar 2026 05:06:07 -0500 (EST)", "2026-03-04T10:06:07.000000Z"),
            ("[04/Mar/2026:05:06:07 +0000]", "2026-03-04T05:06:07.000000Z"),
            ("Wed Mar  4 05:06:07 UTC 2026", "2026-03-04T05:06:07.000000Z"),
            ("20260304T050607Z", "2026-03-04T05:06:07.000000Z"),
            ("4 de marzo de 2026, 17:06:07 UTC", "2026-03-04T17:06:07.000000Z"),
            ("05:06:07 UTC on 03/04/2026", "2026-03-04T05:06:07.000000Z"),
            ("04.03.2026 17:06:07 CET", "2026-03-04T16:06:07.000000Z"),
            ("3/4/26 5:06 PM EST", "2026-03-04T22:06:00.000000Z"),
            ("2026-03-04 05:06:07", "no zone"),
            ("2026-03-04 05:06:07 IST", "trouble"),
            ("2026-13-04 05:06:07 UTC", "0 found"),
            ("2026-02-30 05:06:07 UTC", "trouble"),
            ("192.0.2.7 1.2.3", "0 found"),
        ] {
            assert_eq!(one(text), want, "{text}");
        }
    }

    #[test]
    fn a_range_is_two_times() {
        let habit = Habit { zone: Some(0), order: Order::MonthFirst };
        let found = scan("2026-03-04 05:06:07 - 2026-03-05 05:06:07, from 03/01/2026 to 03/31/2026", habit);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|m| m.when.is_ok()));
        assert!(found[3].when.ok().is_some_and(|(from, to)| from < to), "a day is a whole day");
    }

    #[test]
    fn epochs_and_orders() {
        assert_eq!(epoch("1772600767").unwrap().to_string(), "2026-03-04T05:06:07.000000Z");
        assert_eq!(epoch("1772600767000"), epoch("1772600767"));
        assert!(order_of(["25/03/2026"].into_iter(), false) == Order::DayFirst);
        assert!(order_of(["25/03/2026", "03/25/2026"].into_iter(), false) == Order::Unsure);
        assert_eq!(birth_date("02/01/1980 (46)", Order::MonthFirst).as_deref(), Some("1980-02-01"));
    }
}
