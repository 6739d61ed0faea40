//! Rows of CSV with their true line numbers, and the faults of quoting that would hide a row.

use csv::{ReaderBuilder, StringRecord};
use model::{Invalid, Problem};

use crate::MOST_LINE;
use crate::decode::Lines;
use crate::problems::at_line;

/// Records with the line on which each begins; blank ones are passed over.
pub(crate) struct Rows<'a> {
    text: &'a str,
    separator: u8,
    reader: csv::Reader<&'a [u8]>,
    lines: Lines<'a>,
    pub(crate) record: StringRecord,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(text: &'a str, separator: u8) -> Self {
        let reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
        Self { text, separator, reader, lines: Lines::new(text.as_bytes()), record: StringRecord::new() }
    }

    /// The next row's first line; it may have a fault of its own, and the rows after it can still be read.
    pub(crate) fn next_row(&mut self) -> Result<Option<u64>, Problem> {
        loop {
            let start = self.offset();
            let found = self.reader.read_record(&mut self.record);
            // The crate gives the place before the line breaks that came first.
            let raw = self.text.get(start..self.offset()).unwrap_or_default();
            let body = raw.trim_start_matches(['\n', '\r']);
            let line = self.lines.at(start + raw.len() - body.len());
            match found {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(_) => return Err(at_line(line, "row", "cannot be read as CSV", "save the file as CSV UTF-8")),
            }
            if let Some(fault) = quoting_fault(body.as_bytes(), self.separator) {
                return Err(fault.at(format!("line {line}"), "row"));
            }
            if self.record.iter().any(|cell| cell.len() > MOST_LINE) {
                let cure = "keep long documents in your agency's file and give a summary";
                return Err(at_line(line, "cell", "is longer than 1 MiB", cure));
            }
            if self.record.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(line));
            }
        }
    }

    fn offset(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX)
    }
}

/// A quotation mark left open swallows the rows after it, and a row that is not read is never checked.
fn quoting_fault(raw: &[u8], separator: u8) -> Option<Invalid> {
    if !raw.contains(&b'"') {
        return None;
    }
    enum At {
        CellStart,
        Bare,
        Quoted,
        Closed,
    }
    let mut at = At::CellStart;
    for b in raw {
        at = match (at, *b) {
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) => At::Quoted,
            (At::Closed, b'"') => At::Quoted,
            (At::CellStart, b'"') => At::Quoted,
            (_, b) if b == separator || matches!(b, b'\n' | b'\r') => At::CellStart,
            (At::Closed, b' ' | b'\t') => At::Closed,
            (At::Closed, _) => {
                return Some(Invalid::new(
                    "has text after a closing quotation mark",
                    "put the whole cell in quotation marks and write a mark inside it twice",
                ));
            }
            (At::CellStart | At::Bare, _) => At::Bare,
        };
    }
    matches!(at, At::Quoted).then(|| {
        Invalid::new("opens a quotation mark and never closes it", "close it, or write a mark inside a cell twice")
    })
}
