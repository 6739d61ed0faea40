//! The time zone in which an agency's telephone rings.

use jiff::tz::{TimeZone as Rules, TimeZoneDatabase};

use crate::problem::Invalid;
use crate::time::Micros;

/// A time zone by its IANA name ("America/Los_Angeles"). Its rules are those built into this program, never the
/// machine's: the same moment reads the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZone(Rules);

impl TimeZone {
    /// Reads a name of the IANA time zone database, in any capitals.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let rules = TimeZoneDatabase::bundled().get(text.trim()).ok();
        rules.filter(|r| !r.is_unknown() && r.iana_name().is_some()).map(Self).ok_or_else(|| {
            Invalid::new(
                "is no time zone of the IANA database",
                "write its name there, for example America/Los_Angeles or America/Phoenix",
            )
        })
    }

    /// Its name, in the database's own capitals.
    pub fn name(&self) -> &str {
        // INVARIANT: only zones with a name get in.
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The day and the time of day of a moment there, as it stands beside a telephone: "Tue 06:12 there, PST". `None` for
    /// a moment no calendar has.
    pub fn local(&self, at: Micros) -> Option<String> {
        let at = jiff::Timestamp::from_microsecond(at.0).ok()?;
        let there = at.to_zoned_datetime(self.0.clone());
        // Where people have no letters for their time the database writes its offset. Not by strftime: it makes ChST CHST.
        let info = self.0.to_offset_info(at);
        let words = info.abbreviation();
        let ahead = if words.starts_with(['+', '-']) { "UTC" } else { "" };
        Some(format!("{}, {ahead}{words}", there.strftime("%a %H:%M there")))
    }
}

impl std::str::FromStr for TimeZone {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl std::fmt::Display for TimeZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for TimeZone {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for TimeZone {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(zone: &str, at: &str) -> String {
        TimeZone::parse(zone).unwrap().local(Micros::parse(at).unwrap()).unwrap()
    }

    #[test]
    fn a_moment_reads_as_it_does_there_summer_and_winter() {
        assert_eq!(there("America/Los_Angeles", "2026-11-24T14:12:00Z"), "Tue 06:12 there, PST");
        assert_eq!(there("America/Los_Angeles", "2026-07-21T13:12:00Z"), "Tue 06:12 there, PDT");
        // Arizona keeps no summer time, the Navajo Nation within it does.
        assert_eq!(there("America/Phoenix", "2026-07-21T13:12:00Z"), "Tue 06:12 there, MST");
        assert_eq!(there("America/Denver", "2026-07-21T13:12:00Z"), "Tue 07:12 there, MDT");
        assert_eq!(there("Pacific/Guam", "2026-11-24T14:12:00Z"), "Wed 00:12 there, ChST");
        assert_eq!(there("America/Sao_Paulo", "2026-11-24T14:12:00Z"), "Tue 11:12 there, UTC-03");
        assert_eq!(TimeZone::parse("UTC").unwrap().local(Micros(i64::MAX)), None);
    }

    #[test]
    fn a_name_nobody_knows_is_refused_and_a_known_one_is_written_as_the_database_writes_it() {
        for wrong in ["", "PST", "Pacific time", "America/Seattle", "+08:00", "Etc/Unknown", "../etc/localtime"] {
            assert!(TimeZone::parse(wrong).is_err(), "{wrong}");
        }
        let zone = TimeZone::parse(" america/new_york ").unwrap();
        assert_eq!((zone.name(), zone.to_string().as_str()), ("America/New_York", "America/New_York"));
        assert_eq!(TimeZone::parse(zone.name()).unwrap(), zone);
    }
}
