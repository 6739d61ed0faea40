//! The rows an officer looks through: what was recognised, and the lines that were not.

use std::collections::BTreeSet;

use casework::{Format, Reading, read};
use model::Problem;

use super::draft_row;
use crate::form::Form;
use crate::words;

/// One row of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// The kind's word; empty leaves the row out.
    pub kind: String,
    pub value: String,
    pub platform: String,
    pub role: String,
    pub age: String,
    pub seen_from: String,
    pub seen_to: String,
    pub port: String,
    pub source: String,
    pub report: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// A line nothing was recognised in.
    pub unread: bool,
}

/// The columns of a row, as the form names them and as a CSV of identifiers names them.
const COLUMNS: [&str; 10] =
    ["kind", "value", "platform", "role", "age", "seen_from", "seen_to", "port", "source", "report"];

impl Row {
    fn cells(&self) -> [&str; 10] {
        [
            &self.kind,
            &self.value,
            &self.platform,
            &self.role,
            &self.age,
            &self.seen_from,
            &self.seen_to,
            &self.port,
            &self.source,
            &self.report,
        ]
    }
}

/// What was found in a text.
pub(crate) struct FoundRows {
    /// What was recognised, then each line by itself that was not: to be named or left out.
    pub rows: Vec<Row>,
    /// What must be said before anything is asked.
    pub words: Vec<String>,
}

/// What a reading says, a row each, and what of a pasted text it does not speak of: no line is passed over without a word.
pub(crate) fn of_reading(reading: &Reading, pasted: &[u8], most: usize) -> FoundRows {
    let mut rows: Vec<Row> = reading.drafts.iter().map(draft_row).collect();
    let mut said = Vec::new();
    if reading.format != Format::Copied || rows.len() > most {
        return FoundRows { rows, words: said };
    }
    let text = String::from_utf8_lossy(pasted);
    let read_lines = lines_of(reading);
    let values: BTreeSet<String> = rows.iter().map(|r| r.value.clone()).collect();
    let (mut unread, mut prose) = (0, Vec::new());
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || read_lines.contains(&(at + 1)) || values.contains(line) {
            continue;
        }
        if !is_a_word(line) || rows.len() > most {
            prose.push(at + 1);
            continue;
        }
        unread += 1;
        rows.push(Row {
            value: line.to_owned(),
            role: "unknown".to_owned(),
            age: "unknown".to_owned(),
            error: Some("Not recognised: say what it is, or leave it out.".to_owned()),
            unread: true,
            ..Row::default()
        });
    }
    if unread > 0 {
        let lines = words::count(unread, "line");
        said.push(format!("{lines} could not be recognised: say below what it is, or leave it out."));
    }
    if let Some(first) = prose.first() {
        let lines = words::count(prose.len(), "line");
        said.push(format!(
            "{lines} of your text hold nothing that was recognised, the first is line {first}: look whether something you meant stands there. Press again to ask without them."
        ));
    }
    FoundRows { rows, words: said }
}

/// The lines drafts speak of; one with a problem comes back as a row, to be put right.
fn lines_of(reading: &Reading) -> BTreeSet<usize> {
    reading
        .drafts
        .iter()
        .map(|d| &d.place)
        .filter_map(|place| place.strip_prefix("line ")?.split([',', ' ']).next()?.parse().ok())
        .collect()
}

/// Could a line by itself be an identifier? Sentences and headings around a list are not asked about.
fn is_a_word(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphanumeric()).count();
    letters >= 3 && line.len() <= 200 && line.split_whitespace().count() <= 2 && !line.ends_with(':')
}

/// The rows a form sent, and what they say when read as the CSV they are.
pub(crate) fn of_form(form: &Form, most: usize) -> (Vec<Row>, Reading) {
    let rows_sent = form.text("rows").parse::<usize>().unwrap_or_default().min(most.saturating_add(1));
    let mut rows = Vec::new();
    for n in 0..rows_sent {
        let cell = |name: &str| form.text(&format!("{name}-{n}")).to_owned();
        let row = Row {
            kind: cell("kind"),
            value: cell("value"),
            platform: cell("platform"),
            role: cell("role"),
            age: cell("age"),
            seen_from: cell("seen_from"),
            seen_to: cell("seen_to"),
            port: cell("port"),
            source: cell("source"),
            report: cell("report"),
            error: None,
            unread: false,
        };
        if !row.kind.is_empty() && !row.value.is_empty() {
            rows.push(row);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory cannot fail, and a record is always as long as the header.
    let _ = writer.write_record(COLUMNS);
    for row in &rows {
        let _ = writer.write_record(row.cells());
    }
    let mut reading = read("rows.csv", writer.into_inner().unwrap_or_default().as_slice());
    for problem in &mut reading.problems {
        problem.place = row_place(&problem.place);
    }
    for draft in &mut reading.drafts {
        draft.place = row_place(&draft.place);
    }
    mark(&mut rows, &reading.problems);
    (rows, reading)
}

/// Line 2 of the CSV is row 1 of the form.
fn row_place(place: &str) -> String {
    let line = place.strip_prefix("line ").and_then(|n| n.parse::<usize>().ok());
    line.and_then(|n| n.checked_sub(1)).map_or_else(|| place.to_owned(), |n| format!("row {n}"))
}

/// Writes each problem beside its row.
pub(crate) fn mark(rows: &mut [Row], problems: &[Problem]) {
    for problem in problems {
        let at =
            problem.place.strip_prefix("row ").and_then(|n| n.parse::<usize>().ok()).and_then(|n| n.checked_sub(1));
        if let Some(row) = at.and_then(|at| rows.get_mut(at)) {
            row.error = Some(format!("{}: {}; {}.", problem.field, problem.problem, problem.cure));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pasted(text: &str) -> FoundRows {
        of_reading(&casework::read_pasted("what you pasted", text.as_bytes()), text.as_bytes(), 500)
    }

    #[test]
    fn no_line_of_a_list_is_dropped_without_a_word() {
        let found = pasted("user@example.org\nbluejay_4471\n(202) 555-0143\n\nJohn Michael Smith wrote\n");
        let values: Vec<_> = found.rows.iter().map(|r| (r.kind.as_str(), r.value.as_str())).collect();
        assert_eq!(values, [("email", "user@example.org"), ("phone", "(202) 555-0143"), ("", "bluejay_4471")]);
        assert_eq!(found.words.len(), 2, "a lone word, and a line that is none: {:?}", found.words);
        assert!(found.words[1].contains("line 5"));
    }

    #[test]
    fn a_list_that_is_all_read_has_nothing_left() {
        assert!(pasted("user@example.org\nuser@example.org\n203.0.113.7\n").words.is_empty());
        assert!(pasted("kind,value\nemail,user@example.org\n").words.is_empty());
    }

    #[test]
    fn rows_lines_are_the_forms_rows() {
        assert_eq!((row_place("line 2"), row_place("the file")), ("row 1".to_owned(), "the file".to_owned()));
    }
}
