//! The columns of a CSV file, and how a header names them.

/// The columns, in the order in which they are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Kind,
    Value,
    Role,
    Age,
    Class,
    Source,
    Report,
    SeenFrom,
    SeenTo,
    Platform,
    Port,
    Marking,
    Reliability,
    Validity,
    Level,
    Note,
}

impl Column {
    pub(crate) const ALL: [Self; 16] = [
        Self::Kind,
        Self::Value,
        Self::Role,
        Self::Age,
        Self::Class,
        Self::Source,
        Self::Report,
        Self::SeenFrom,
        Self::SeenTo,
        Self::Platform,
        Self::Port,
        Self::Marking,
        Self::Reliability,
        Self::Validity,
        Self::Level,
        Self::Note,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Value => "value",
            Self::Role => "role",
            Self::Age => "age",
            Self::Class => "class",
            Self::Source => "source",
            Self::Report => "report",
            Self::SeenFrom => "seen_from",
            Self::SeenTo => "seen_to",
            Self::Platform => "platform",
            Self::Port => "port",
            Self::Marking => "marking",
            Self::Reliability => "reliability",
            Self::Validity => "validity",
            Self::Level => "level",
            Self::Note => "note",
        }
    }

    /// "Seen From", "seen-from" and "SEEN_FROM" are one column.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let plain = |text: &str| -> String {
            text.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '\u{A0}')).flat_map(char::to_lowercase).collect()
        };
        let name = plain(name.trim());
        Self::ALL.into_iter().find(|c| plain(c.word()) == name)
    }

    pub(crate) fn known() -> String {
        Self::ALL.map(Self::word).join(", ")
    }
}

/// True when the first line names the two columns every file has.
pub(crate) fn begins_with_header(text: &str) -> bool {
    let separator = char::from(separator_of(text));
    let has = |wanted: Column| header_cells(text, separator).any(|c| c == Some(wanted));
    has(Column::Kind) && has(Column::Value)
}

fn header_cells(text: &str, separator: char) -> impl Iterator<Item = Option<Column>> {
    let line = text.split(['\n', '\r']).find(|l| !l.trim().is_empty()).unwrap_or_default();
    line.split(separator).map(|cell| Column::parse(cell.trim().trim_matches('"')))
}

/// Comma, semicolon or tab: the one that makes most of the header known, then the most frequent.
pub(crate) fn separator_of(text: &str) -> u8 {
    let weight = |separator: u8| {
        let cells = || header_cells(text, char::from(separator));
        (cells().flatten().count(), cells().count())
    };
    // The last of equals wins, so the comma stands last.
    [b'\t', b';', b','].into_iter().max_by_key(|s| weight(*s)).unwrap_or(b',')
}
