//! What stands beside an entry's sealed value: its labels, read in one way for whoever reads an entry.

use model::{AgeClass, EntryClass, EntryRole, Kind, Level, Marking, Micros, Source, Window};

use crate::error::Error;
use crate::rows::entries::EntryState;

/// The columns of a [`LabelRow`], of the table `t`.
macro_rules! label_columns {
    () => {
        "t.kind, t.role, t.age, t.class, t.source, t.level, t.silent_until_us, t.marking, t.seen_from_us, t.seen_to_us, t.port, t.state, t.entered_us"
    };
}
pub(crate) use label_columns;

/// The part of a row of `entry` that every reader of one takes.
#[derive(sqlx::FromRow)]
pub(crate) struct LabelRow {
    kind: i64,
    role: i64,
    age: i64,
    class: i64,
    source: Option<i64>,
    level: i64,
    silent_until_us: Option<i64>,
    marking: String,
    seen_from_us: Option<i64>,
    seen_to_us: Option<i64>,
    port: Option<i64>,
    state: i64,
    entered_us: i64,
}

/// What it says.
pub struct Labels {
    /// What sort of value.
    pub kind: Kind,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// Governing class.
    pub class: EntryClass,
    /// Where it came from.
    pub source: Option<Source>,
    /// How it answers others. As it is written: a silent order that has ended is for the reader to see.
    pub level: Level,
    /// When its silent order ends.
    pub silent_until: Option<Micros>,
    /// How far it travels.
    pub marking: Marking,
    /// When it was seen in use.
    pub seen: Window,
    /// Port of an IP address.
    pub port: Option<u16>,
    /// Where it stands.
    pub state: EntryState,
    /// When it was entered.
    pub entered: Micros,
}

impl LabelRow {
    /// # Errors
    /// [`Error::Inconsistent`] with the column that no version of this program wrote.
    pub fn read(&self) -> Result<Labels, Error> {
        let wrong = |column| Error::Inconsistent { table: "entry", column };
        Ok(Labels {
            kind: Kind::from_code(self.kind).ok_or(wrong("kind"))?,
            role: EntryRole::from_code(self.role).ok_or(wrong("role"))?,
            age: AgeClass::from_code(self.age).ok_or(wrong("age"))?,
            class: EntryClass::from_code(self.class).ok_or(wrong("class"))?,
            source: self.source.map(|s| Source::from_code(s).ok_or(wrong("source"))).transpose()?,
            level: Level::from_code(self.level).ok_or(wrong("level"))?,
            silent_until: self.silent_until_us.map(Micros),
            marking: self.marking.parse().map_err(|_| wrong("marking"))?,
            seen: Window { from: self.seen_from_us.map(Micros), to: self.seen_to_us.map(Micros) },
            port: self.port.map(|p| u16::try_from(p).map_err(|_| wrong("port"))).transpose()?,
            state: EntryState::from_code(self.state).ok_or(wrong("state"))?,
            entered: Micros(self.entered_us),
        })
    }
}
