//! Labels and what stands behind them: in a line, and in the columns of a table.

use super::page::Line;
use super::times;
use super::vocabulary::Means;
use super::words;
use super::zones;

/// A stretch of text and what its label says it is.
#[derive(Clone)]
pub(super) struct Field {
    pub(super) means: Option<Means>,
    /// The zone its label gives: "Date (UTC)".
    pub(super) zone: Option<i32>,
    /// Of the account's making, not of its use.
    pub(super) of_making: bool,
    /// The label had no colon: only what is sure counts.
    pub(super) strict: bool,
    /// Its label stands in the plural: values may follow on further lines.
    pub(super) many: bool,
    pub(super) text: String,
    pub(super) line: u64,
}

impl Field {
    pub(super) fn plain(text: &str, line: u64) -> Self {
        Self {
            means: None,
            zone: None,
            of_making: false,
            strict: false,
            many: false,
            text: text.trim().to_owned(),
            line,
        }
    }

    /// The same label with its value.
    pub(super) fn with(&self, text: &str, line: u64) -> Self {
        Self { text: text.trim().to_owned(), line, ..self.clone() }
    }
}

/// Longest label, in bytes.
const LONGEST: usize = 70;

/// What a label means, with the zone and the words in its brackets.
pub(super) fn read_label(raw: &str, loosely: bool) -> Option<Field> {
    let raw = raw
        .trim()
        .trim_end_matches([':', '='])
        .trim_start_matches(['-', '*', '\u{2022}', '\u{25aa}', '"'])
        .trim_matches('"')
        .trim();
    if raw.is_empty() || raw.len() > LONGEST {
        return None;
    }
    let (before, inner) = match raw.strip_suffix(')').and_then(|t| t.rsplit_once('(')) {
        Some((before, inner)) => (before, inner),
        None => (raw, ""),
    };
    let phrase = words::fold(before);
    let inside = words::fold(inner);
    let look = |p: &str| if loosely { words::label_loosely(p) } else { words::label(p) };
    let mut zone = zones::zone(inner);
    let whole = (!inside.is_empty()).then(|| words::label(&format!("{phrase} {inside}"))).flatten();
    let means = whole.or_else(|| look(&phrase)).or_else(|| {
        let (head, last) = phrase.rsplit_once(' ')?;
        zone = Some(zones::zone(last)?);
        look(head)
    })?;
    let of_making = ["regist", "signup", "sign up", "creation", "created"].iter().any(|w| phrase.contains(w));
    if zone.is_none() && phrase.ends_with(" utc") {
        zone = Some(0);
    }
    let many = phrase.ends_with('s') && !phrase.ends_with("address") || phrase.ends_with("addresses");
    Some(Field { means: Some(means), zone, of_making, strict: false, many, text: String::new(), line: 0 })
}

/// Parts a line at its labels. A first field without a label holds what stands before the first.
pub(super) fn split(line: &Line) -> Vec<Field> {
    let text = line.text.as_str();
    let mut fields: Vec<Field> = Vec::new();
    let mut current = Field::plain("", line.number);
    let mut from = 0;
    for (at, _) in text.match_indices([':', '=']) {
        if at < from || text.get(at + 1..).is_some_and(|t| t.starts_with("//")) {
            continue;
        }
        let Some((start, label)) =
            label_before(text, from, at, fields.is_empty() && current.means.is_none() && from == 0)
        else {
            continue;
        };
        let text_before = text.get(from..start).unwrap_or_default().trim().trim_end_matches([',', ';', '|', '(', '-']);
        if current.means.is_some() || !text_before.trim().is_empty() {
            fields.push(current.with(text_before, line.number));
        }
        current = label;
        from = at + 1;
    }
    let rest = text.get(from..).unwrap_or_default();
    if current.means.is_some() || fields.is_empty() || !rest.trim().is_empty() {
        fields.push(current.with(rest, line.number));
    }
    if let [only] = fields.as_slice()
        && only.means.is_none()
        && let Some(led) = led(text, line.number)
    {
        return vec![led];
    }
    fields
}

/// The longest label that ends at the colon; at the line's start other words may lead it.
fn label_before(text: &str, from: usize, at: usize, at_start: bool) -> Option<(usize, Field)> {
    let mut near = at.saturating_sub(LONGEST).max(from);
    while !text.is_char_boundary(near) {
        near += 1;
    }
    let window = text.get(near..at)?;
    let last = window.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if at_start
        && near == from
        && !window.contains(['\t', '|'])
        && !window.contains("  ")
        && let Some(label) = read_label(window, true)
    {
        return Some((from, label));
    }
    let starts = window.char_indices().filter(|(i, c)| {
        !c.is_whitespace()
            && !matches!(c, ',' | ';' | '|' | '(')
            && (*i == 0 && near == from
                || window.get(..*i).is_some_and(|w| w.ends_with([' ', '\t', ',', ';', '|', '(', '[', '/'])))
    });
    let starts: Vec<usize> = starts.map(|(i, _)| i).collect();
    let skip = starts.len().saturating_sub(5);
    starts.into_iter().skip(skip).find_map(|i| Some((near + i, read_label(window.get(i..)?, false)?)))
}

/// A label whose colon was lost in copying: "Screen Name birdseed22".
fn led(text: &str, line: u64) -> Option<Field> {
    let text = text.trim();
    if !text.starts_with(|c: char| c.is_alphabetic()) || read_label(text, false).is_some() {
        return None;
    }
    let ends: Vec<usize> = text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(i, _)| i).take(5).collect();
    ends.into_iter().rev().find_map(|end| {
        let (head, rest) = text.split_at_checked(end)?;
        if rest.trim_start().starts_with([':', '=']) {
            return None;
        }
        let label = read_label(head, false)?;
        let folded = words::fold(head);
        let sure = match label.means? {
            Means::Kind(_) | Means::Born | Means::When => true,
            Means::Handle(_) | Means::Payment(_) => {
                let own = matches!(folded.as_str(), "username" | "screenname" | "gamertag" | "vanity" | "usuario");
                (own || folded.contains(' ')) && rest.split_whitespace().count() == 1
            }
            Means::Port => rest.trim().len() < 6,
            Means::Noise => {
                matches!(
                    folded.as_str(),
                    "filename"
                        | "file name"
                        | "original filename"
                        | "original file name"
                        | "user agent"
                        | "fax"
                        | "badge"
                        | "badge number"
                        | "case number"
                        | "transaction id"
                        | "txid"
                        | "app version"
                        | "hotline"
                )
            }
            _ => false,
        };
        sure.then(|| Field { strict: true, ..label.with(rest, line) })
    })
}

/// The columns of a table, and what parts them; `None` where only blanks do.
pub(super) struct Table {
    separator: Option<Separator>,
    pub(super) columns: Vec<Option<Field>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Separator {
    Sign(char),
    Gap,
}

impl Table {
    /// Reads a line as the head of a table.
    pub(super) fn of(line: &str) -> Option<Self> {
        // A head has few digits, and every row would be tried as one.
        let digits = line.bytes().take(600).filter(u8::is_ascii_digit).count();
        if line.len() > 600 || line.contains('@') || digits > 6 || !line.contains([' ', '\t', '|', ';', ',']) {
            return None;
        }
        for separator in
            [Separator::Sign('\t'), Separator::Sign('|'), Separator::Gap, Separator::Sign(';'), Separator::Sign(',')]
        {
            let there = match separator {
                Separator::Sign(sign) => line.contains(sign),
                Separator::Gap => line.contains("  "),
            };
            if !there {
                continue;
            }
            let cells = cells(line, separator);
            let columns: Vec<_> = cells.iter().map(|c| read_label(c, true)).collect();
            let known = columns.iter().flatten().count();
            let empty = cells.iter().all(|c| !c.contains(": ") && c.len() < 50);
            if cells.len() > 1 && known > 1 && known * 2 >= cells.len() && empty {
                return Some(Self { separator: Some(separator), columns });
            }
        }
        Self::tiled(line)
    }

    /// A head whose columns are parted by single blanks: it must be made of labels from end to end.
    fn tiled(line: &str) -> Option<Self> {
        if line.contains(':') {
            return None;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if !(2..=16).contains(&words.len()) {
            return None;
        }
        let mut columns = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let (len, label) = (1..=5.min(words.len() - at))
                .rev()
                .find_map(|len| Some((len, read_label(&words.get(at..at + len)?.join(" "), false)?)))?;
            columns.push(Some(label));
            at += len;
        }
        let typed = |f: &Field| {
            matches!(f.means, Some(Means::Kind(_) | Means::Handle(_) | Means::When | Means::From | Means::Date))
        };
        (columns.len() > 1 && columns.iter().flatten().any(typed)).then_some(Self { separator: None, columns })
    }

    /// The fields of a row; `None` where the line is none.
    pub(super) fn row(&self, line: &Line, zone: Option<i32>) -> Option<Vec<Field>> {
        let Some(separator) = self.separator else { return self.row_by_form(line, zone) };
        let cells = cells(&line.text, separator);
        if cells.len() != self.columns.len() {
            return None;
        }
        let fields = cells.iter().zip(&self.columns).map(|(cell, column)| match column {
            Some(label) => label.with(cell, line.number),
            None => Field::plain(cell, line.number),
        });
        Some(fields.filter(|f| !words::is_placeholder(&f.text)).collect())
    }

    /// A row without separators: times and addresses are found by form, what stands in between goes to its column.
    fn row_by_form(&self, line: &Line, zone: Option<i32>) -> Option<Vec<Field>> {
        let text = line.text.as_str();
        let column_zone = self.columns.iter().flatten().find_map(|c| c.zone).or(zone);
        let moments = times::scan(text, times::Habit { zone: column_zone, ..times::Habit::default() });
        let busy: Vec<_> = moments.iter().map(|m| (m.start, m.end)).collect();
        let hits = super::shapes::scan(text, None, &busy, true).hits;
        if moments.is_empty() && hits.is_empty() {
            return None;
        }
        let mut spans: Vec<(usize, usize, bool)> = busy.iter().map(|b| (b.0, b.1, true)).collect();
        spans.extend(hits.iter().map(|h| (h.start, h.end, false)));
        spans.sort_unstable();
        let mut fields = vec![Field { zone: column_zone, ..Field::plain(text, line.number) }];
        let (mut at, mut next) = (0, 0);
        for column in self.columns.iter().flatten() {
            while spans.get(next).is_some_and(|s| s.0 < at) {
                next += 1;
            }
            let span = spans.get(next).copied();
            let rest = text.get(at..).unwrap_or_default();
            let begin = at + rest.len() - rest.trim_start_matches([' ', '\t', ',']).len();
            let free = span.is_none_or(|s| s.0 > begin);
            match column.means {
                Some(
                    Means::Kind(_)
                    | Means::When
                    | Means::From
                    | Means::To
                    | Means::Date
                    | Means::TimeOfDay
                    | Means::Made,
                ) if !free => {
                    at = span.map_or(at, |s| s.1);
                }
                Some(means) if free => {
                    let rest = text.get(begin..).unwrap_or_default();
                    let word = rest.split(char::is_whitespace).next().unwrap_or_default();
                    let takes = matches!(means, Means::Handle(_) | Means::Payment(_) | Means::Port | Means::Platform)
                        || matches!(means, Means::Kind(k) if !matches!(k, model::Kind::Ip | model::Kind::Email | model::Kind::Url));
                    if takes && !words::is_placeholder(word) {
                        fields.push(column.with(word, line.number));
                    }
                    at = begin + word.len();
                }
                _ => {}
            }
        }
        Some(fields)
    }
}

fn cells(line: &str, separator: Separator) -> Vec<String> {
    match separator {
        Separator::Gap => {
            let tidy = line.trim().replace('\t', "  ");
            tidy.split("  ").map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect()
        }
        Separator::Sign(sign) => {
            let mut cells = vec![String::new()];
            let mut quoted = false;
            for c in line.trim_matches(|c| c == ' ').chars() {
                if c == '"' {
                    quoted = !quoted;
                } else if c == sign && !quoted {
                    cells.push(String::new());
                } else if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
            if sign == '|' {
                // A line drawn before the first and after the last column.
                if cells.first().is_some_and(|c| c.trim().is_empty()) {
                    cells.remove(0);
                }
                if cells.last().is_some_and(|c| c.trim().is_empty()) {
                    cells.pop();
                }
            }
            cells.into_iter().map(|c| c.trim().to_owned()).collect()
        }
    }
}
