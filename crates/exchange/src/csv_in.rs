//! CSV in: a header, then one identifier a row. Every row is judged on its own, and wholly.

use std::str::FromStr;

use csv::StringRecord;
use model::{EntryDraft, EntryRole, FreeText, Invalid, Kind, Micros, Problem, Window};

use crate::columns::{Column, separator_of};
use crate::csv_rows::Rows;
use crate::problems::{Problems, at_line, check_text, check_value, of_file};
use crate::{Format, Reading};

/// Reads a text of at most `most` rows; blank ones do not count.
pub(crate) fn read(text: &str, most: usize) -> Reading {
    let separator = separator_of(text);
    let mut rows = Rows::new(text, separator);
    let mut problems = Problems::default();
    let header = match rows.next_row() {
        Err(p) => return Reading::refused(Format::Csv, p),
        Ok(None) => {
            let cure = "give a header, kind,value, and a row for each identifier";
            return Reading::refused(Format::Csv, of_file("content", "holds nothing but blanks", cure));
        }
        Ok(Some(line)) => match Header::read(&rows.record, line, &mut problems) {
            Some(header) => header,
            None => return Reading { format: Format::Csv, drafts: Vec::new(), problems: problems.into_list() },
        },
    };
    // A fault of the header spoils every row, yet each is read, so that all is said at once.
    let header_is_good = problems.is_empty();
    let mut drafts = Vec::new();
    let mut count = 0;
    while let Some(next) = rows.next_row().transpose() {
        count += 1;
        if count > most {
            let problem = format!("holds more than {most} rows");
            return Reading::refused(Format::Csv, of_file("rows", problem, "split it into smaller files"));
        }
        let line = match next {
            Ok(line) => line,
            Err(fault) => {
                problems.add(fault);
                continue;
            }
        };
        let mut row = Row { header: &header, record: &rows.record, wrong: Vec::new() };
        match row.draft(line) {
            Some(draft) if header_is_good => drafts.push(draft),
            Some(_) => {}
            None => row.wrong.into_iter().for_each(|p| problems.add(p)),
        }
    }
    if count == 0 && problems.is_empty() {
        problems.add(at_line(2, "rows", "has a header and no rows", "give a row for each identifier"));
    }
    Reading { format: Format::Csv, drafts, problems: problems.into_list() }
}

/// Which column a cell of a row stands under.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Of(Column),
    Unknown,
    Nameless,
}

/// The columns in the order of the file.
struct Header {
    columns: Vec<Place>,
}

impl Header {
    /// `None` when a row could not be read under it at all.
    fn read(record: &StringRecord, line: u64, problems: &mut Problems) -> Option<Self> {
        let columns: Vec<_> = record
            .iter()
            .map(|name| match Column::parse(name) {
                Some(column) => Place::Of(column),
                None if name.trim().is_empty() => Place::Nameless,
                None => Place::Unknown,
            })
            .collect();
        let has = |wanted| columns.contains(&Place::Of(wanted));
        if !has(Column::Kind) && !has(Column::Value) {
            problems.add(at_line(
                line,
                "header",
                "is missing: the first row names no column `kind` and none `value`",
                format!("make the first row name the columns: kind, value and any of {}", Column::known()),
            ));
            return None;
        }
        for wanted in [Column::Kind, Column::Value] {
            if !has(wanted) {
                let word = wanted.word();
                problems.add(at_line(line, word, "is missing from the header", format!("add a column `{word}`")));
            }
        }
        // A name that is no column may be an identifier in the wrong place, so it is told by its number only.
        for (i, column) in columns.iter().enumerate() {
            let field = format!("column {}", i + 1);
            match column {
                Place::Nameless => {}
                Place::Unknown => {
                    let cure = format!("remove it or rename it to one of: {}", Column::known());
                    problems.add(at_line(line, &field, "has a name Concord does not know", cure));
                }
                Place::Of(c) if columns.iter().take(i).any(|earlier| earlier == column) => {
                    problems.add(at_line(line, &field, format!("is a second `{}`", c.word()), "remove one of the two"));
                }
                Place::Of(_) => {}
            }
        }
        (has(Column::Kind) && has(Column::Value)).then_some(Self { columns })
    }
}

/// One row and all that is wrong with it.
struct Row<'a> {
    header: &'a Header,
    record: &'a StringRecord,
    wrong: Vec<Problem>,
}

impl<'a> Row<'a> {
    fn cell(&self, wanted: Column) -> &'a str {
        let at = self.header.columns.iter().position(|c| *c == Place::Of(wanted));
        at.and_then(|i| self.record.get(i)).unwrap_or_default().trim()
    }

    fn refuse(&mut self, place: &str, column: Column, why: Invalid) {
        self.wrong.push(why.at(place, column.word()));
    }

    /// `None` for an empty cell; a wrong one is noted.
    fn word<T>(&mut self, place: &str, column: Column) -> Option<T>
    where
        T: FromStr,
        T::Err: Into<Invalid>,
    {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        cell.parse().map_err(|e: T::Err| self.refuse(place, column, e.into())).ok()
    }

    fn time(&mut self, place: &str, column: Column) -> Option<Micros> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        Micros::parse(cell).map_err(|e| self.refuse(place, column, e)).ok()
    }

    fn text(&mut self, place: &str, column: Column) -> Option<String> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        let checked = check_text(cell).and_then(|()| FreeText::parse(cell).map(drop));
        checked.map_err(|e| self.refuse(place, column, e)).ok().map(|()| cell.to_owned())
    }

    fn draft(&mut self, line: u64) -> Option<EntryDraft> {
        let place = format!("line {line}");
        let kind: Option<Kind> = self.word(&place, Column::Kind);
        if self.cell(Column::Kind).is_empty() {
            let words: Vec<_> = Kind::ALL.iter().map(|k| k.word()).collect();
            self.refuse(&place, Column::Kind, Invalid::new("is empty", format!("write one of: {}", words.join(", "))));
        }
        let value = self.cell(Column::Value);
        if let Err(e) = check_value(kind, value) {
            self.refuse(&place, Column::Value, e);
        }
        let mut draft = EntryDraft::new(place.clone(), kind.unwrap_or(Kind::Handle), value);
        draft.role = self.word(&place, Column::Role).unwrap_or(EntryRole::Unknown);
        draft.age = self.word(&place, Column::Age).unwrap_or(draft.age);
        draft.class = self.word(&place, Column::Class);
        draft.source = self.word(&place, Column::Source);
        draft.report = self.text(&place, Column::Report);
        let (from, to) = (self.time(&place, Column::SeenFrom), self.time(&place, Column::SeenTo));
        draft.seen = Window::new(from, to).map_err(|e| self.refuse(&place, Column::SeenTo, e)).unwrap_or_default();
        draft.platform = self.platform(&place, kind);
        draft.port = self.port(&place, kind);
        draft.marking = self.word(&place, Column::Marking);
        draft.reliability = self.word(&place, Column::Reliability);
        draft.validity = self.word(&place, Column::Validity);
        draft.level = self.word(&place, Column::Level);
        let note = self.cell(Column::Note);
        if !note.is_empty() {
            draft.note = FreeText::parse(note).map_err(|e| self.refuse(&place, Column::Note, e)).ok();
        }
        self.refuse_strays(&place);
        self.wrong.is_empty().then_some(draft)
    }

    fn platform(&mut self, place: &str, kind: Option<Kind>) -> Option<String> {
        if kind.is_some_and(Kind::needs_platform) && self.cell(Column::Platform).is_empty() {
            let why = Invalid::new("is empty, and a handle means nothing without it", "name the site or application");
            self.refuse(place, Column::Platform, why);
        }
        self.text(place, Column::Platform)
    }

    fn port(&mut self, place: &str, kind: Option<Kind>) -> Option<u16> {
        let cell = self.cell(Column::Port);
        if cell.is_empty() {
            return None;
        }
        if kind.is_some_and(|k| k != Kind::Ip) {
            let why = Invalid::new("stands beside what is no ip address", "give a port for kind ip only");
            self.refuse(place, Column::Port, why);
            return None;
        }
        let port = cell.parse::<u16>().ok().filter(|p| *p > 0);
        if port.is_none() {
            let why = Invalid::new("is not a port", "write a whole number from 1 to 65535");
            self.refuse(place, Column::Port, why);
        }
        port
    }

    /// Cells under no name: most often a separator inside a value.
    fn refuse_strays(&mut self, place: &str) {
        for (i, cell) in self.record.iter().enumerate() {
            if cell.trim().is_empty() {
                continue;
            }
            let why = match self.header.columns.get(i) {
                // An unknown name is said once, of the header.
                Some(Place::Of(_) | Place::Unknown) => continue,
                Some(Place::Nameless) => Invalid::new("stands under no column name", "name the column or empty it"),
                None => Invalid::new(
                    "is one cell more than the header has",
                    "put a value that holds the separator in quotation marks",
                ),
            };
            self.wrong.push(why.at(place, format!("column {}", i + 1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_too_many_refuses_the_file() {
        let text = "kind,value\nemail,a@example.org\n\nfax,b\n,\nemail,c@example.org\n";
        let r = read(text, 3);
        assert_eq!((r.drafts.len(), r.problems.len()), (2, 1));
        let r = read(text, 2);
        assert!(r.drafts.is_empty());
        assert_eq!(
            r.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["the file, rows: holds more than 2 rows; split it into smaller files"]
        );
    }

    /// A misspelt `age` must not turn a child's entry into an open one; what is wrong with the rows is told all the same.
    #[test]
    fn a_fault_of_the_header_spoils_every_row_and_hides_no_problem() {
        let r = read("kind,value,agee\nemail,a@example.org,minor\nfax,b,\n", 9);
        assert!(r.drafts.is_empty());
        let told: Vec<_> = r.problems.iter().map(|p| format!("{} {}", p.place, p.field)).collect();
        assert_eq!(told, ["line 1 column 3", "line 3 kind"]);
    }
}
