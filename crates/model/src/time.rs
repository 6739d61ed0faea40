//! Time and chance, as arguments.

use std::fmt;

use crate::problem::Invalid;

/// Microseconds since 1970-01-01T00:00:00Z. `i64`, because neither database has an unsigned integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// Later by whole seconds; stays at the end of time rather than wrapping.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Later by whole days of 24 hours.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }

    /// Reads RFC 3339 ("2026-11-23T06:00:00-05:00"). A time without an offset is refused: nobody knows when it was.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_microsecond())).map_err(|_| {
            Invalid::new(
                "is not a time with its offset",
                "write RFC 3339, for example 2026-11-23T06:00:00Z or 2026-11-23T06:00:00-05:00",
            )
        })
    }

    /// As people read it, to the minute: "30 Nov 2026, 06:00 UTC".
    pub fn in_words(self) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => t.strftime("%-d %b %Y, %H:%M UTC").to_string(),
            Err(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Micros {
    /// RFC 3339 in UTC with hundredths of a second or better (CJIS AU-8).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{t:.6}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// A calendar day, as officers write it: "2026-12-31".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(jiff::civil::Date);

impl TryFrom<String> for Day {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl Day {
    /// Reads ISO 8601 "YYYY-MM-DD".
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        text.trim()
            .parse::<jiff::civil::Date>()
            .map(Self)
            .map_err(|_| Invalid::new("is not a date", "write year-month-day, for example 2026-12-31"))
    }

    /// The last microsecond of the day in UTC: an order "until" a day covers that day.
    pub fn end(self) -> Micros {
        // The constructor lets only years -9999 to 9999 in, all of which UTC can say.
        let last = self.0.at(23, 59, 59, 999_999_000);
        Micros(jiff::tz::TimeZone::UTC.to_timestamp(last).map_or(i64::MAX, jiff::Timestamp::as_microsecond))
    }

    /// Whole years from this day to a moment, by the calendar of UTC; `None` for a moment no calendar has.
    pub fn years_until(self, when: Micros) -> Option<i16> {
        let then = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(when.0).ok()?).date();
        let early = (then.month(), then.day()) < (self.0.month(), self.0.day());
        Some(then.year() - self.0.year() - i16::from(early))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When an identifier was seen in use: one or both ends may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct Window {
    /// First seen; `None` when nobody said.
    pub from: Option<Micros>,
    /// Last seen; `None` when nobody said.
    pub to: Option<Micros>,
}

impl Window {
    /// A window whose end is not before its start.
    pub fn new(from: Option<Micros>, to: Option<Micros>) -> Result<Self, Invalid> {
        match (from, to) {
            (Some(f), Some(t)) if t < f => Err(Invalid::new(
                "ends before it begins",
                "put the earlier time into seen_from and the later into seen_to",
            )),
            _ => Ok(Self { from, to }),
        }
    }

    /// True when neither end is known.
    pub fn is_unknown(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Both ends, an unknown one taken from the other: "seen at 10:00" is a window of one moment.
    pub fn ends(&self) -> Option<(Micros, Micros)> {
        match (self.from, self.to) {
            (None, None) => None,
            (Some(f), None) => Some((f, f)),
            (None, Some(t)) => Some((t, t)),
            (Some(f), Some(t)) => Some((f, t)),
        }
    }
}

/// The time, as an argument.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> Micros;
}

/// Chance, as an argument: ids, nonces, salts and keys come from here.
pub trait Chance: Send + Sync {
    /// Fills `out` with unpredictable bytes (in tests: bytes of a seed).
    fn fill(&self, out: &mut [u8]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_an_offset_and_print_as_they_were() {
        assert!(Micros::parse("2026-11-23T06:00:00").is_err());
        let t = Micros::parse("2026-11-23T06:00:00.5-05:00").unwrap();
        assert_eq!(t.to_string(), "2026-11-23T11:00:00.500000Z");
        assert_eq!(Micros::parse(&t.to_string()).unwrap(), t);
    }

    #[test]
    fn people_read_a_time_to_the_minute() {
        assert_eq!(Micros::parse("2026-11-30T01:00:59-05:00").unwrap().in_words(), "30 Nov 2026, 06:00 UTC");
        assert_eq!(Micros::parse("2026-11-01T00:00:00.123456Z").unwrap().in_words(), "1 Nov 2026, 00:00 UTC");
        assert_eq!(Micros(i64::MAX).in_words(), "9223372036854775807us");
    }

    #[test]
    fn a_day_ends_at_midnight_and_nonsense_is_no_day() {
        assert_eq!(Day::parse("2026-12-31").unwrap().end().to_string(), "2026-12-31T23:59:59.999999Z");
        assert!(Day::parse("2026-13-01").is_err());
    }

    #[test]
    fn years_are_whole() {
        let years = |t: &str| Day::parse("2008-11-23").unwrap().years_until(Micros::parse(t).unwrap());
        assert_eq!(years("2026-11-22T23:59:59Z"), Some(17));
        assert_eq!(years("2026-11-23T00:00:00Z"), Some(18));
        assert_eq!(Day::parse("2008-11-23").unwrap().years_until(Micros(i64::MAX)), None);
    }

    #[test]
    fn a_window_does_not_end_before_it_begins() {
        assert!(Window::new(Some(Micros(2)), Some(Micros(1))).is_err());
        assert_eq!(Window::new(None, Some(Micros(1))).unwrap().ends(), Some((Micros(1), Micros(1))));
    }
}
