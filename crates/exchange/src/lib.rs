//! Reads identifiers from files: CSV, CASE/UCO JSON-LD, CyberTip reports and text copied from reports. Gives drafts or
//! tips and problems, never the first error only.
//!
//! Nothing here opens a file or trusts its name. A file is sniffed by content first, since Concord never stores an
//! image, a sound or a film; then it is read within limits, so that no file can fill the memory; then every row or
//! facet is read on its own. What has a problem yields no draft; a problem says where, which field, what is wrong and
//! what to do, and never repeats an identifier.
//!
//! A fault of the whole file (encoding, size, an unknown column) yields no draft at all: a misspelt `age` or `level`
//! must not turn a child's entry into an open one.

mod bounded;
mod case;
mod columns;
mod copied;
mod csv_in;
mod csv_out;
mod csv_rows;
mod cybertip;
mod decode;
mod problems;
mod sniff;
mod spreadsheet;

use std::io::Read;

use model::{EntryDraft, Problem};

pub use csv_out::write_csv;
pub use cybertip::{TipFormat, TipReading, read_tips, write_tip_json, write_tip_xml};
pub use problems::check_draft;
pub use sniff::sniff_tips;
pub use spreadsheet::write_table;

/// Longest file read, in bytes (64 MiB).
pub const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Longest line, cell or JSON string read, in bytes (1 MiB).
pub const MOST_LINE: usize = 1024 * 1024;
/// Most records read from one file: rows of CSV, identifiers of CASE.
pub const MOST_RECORDS: usize = 1_000_000;
/// Longest value of an identifier, in bytes.
pub const MOST_VALUE: usize = 2_048;
/// Most problems listed for one file; one more then says that others were left out.
pub const MOST_PROBLEMS: usize = 10_000;

/// What the content of a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-, semicolon- or tab-separated text with a header (RFC 4180).
    Csv,
    /// CASE/UCO as JSON-LD (caseontology.org, unifiedcyberontology.org).
    Case,
    /// Text copied from a report or from a provider's return, in no layout of its own.
    Copied,
}

/// Everything a file said, and everything wrong with it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What it was read as; for a file that is neither, what its name promised.
    pub format: Format,
    /// The rows or facets without a problem, in the order of the file.
    pub drafts: Vec<EntryDraft>,
    /// What is wrong, in the order in which it was met.
    pub problems: Vec<Problem>,
}

impl Reading {
    /// Drafts that came from no file's text, or of whose text nothing is wrong.
    pub fn of(format: Format, drafts: Vec<EntryDraft>) -> Self {
        Self { format, drafts, problems: Vec::new() }
    }

    fn refused(format: Format, problem: Problem) -> Self {
        Self { format, drafts: Vec::new(), problems: vec![problem] }
    }
}

/// Reads a file to its end or to its first fault of the whole file. `name` is a hint by its extension, used only where
/// the content does not say. Never fails: a fault of reading is a problem like any other.
pub fn read(name: &str, mut input: impl Read) -> Reading {
    let promised = sniff::promised(name);
    let head = match bounded::head(&mut input) {
        Ok(head) => head,
        Err(problem) => return Reading::refused(promised, problem),
    };
    if let Some(problem) = sniff::refuse_as_list(&head).or_else(|| sniff::refuse(&head)) {
        return Reading::refused(promised, problem);
    }
    let encoding = decode::Encoding::of(&head);
    let format = sniff::format(&encoding.peek(&head), promised);
    let text = bounded::rest(head, &mut input, format.into()).and_then(|bytes| encoding.decode(bytes));
    match (text, format) {
        (Err(problem), _) => Reading::refused(format, problem),
        (Ok(text), Format::Csv) => csv_in::read(&text, MOST_RECORDS),
        (Ok(text), Format::Case) => case::read(&text),
        (Ok(text), Format::Copied) => copied::read(&text),
    }
}

/// Reads what somebody pasted or gave as a file without a promise: a list with its header, CASE, or any text that holds
/// identifiers. Content decides; a name that ends in `.csv` promises a list, so that its missing header is said. Never
/// fails: a fault of reading is a problem like any other.
pub fn read_pasted(name: &str, bytes: &[u8]) -> Reading {
    let peek = decode::Encoding::of(bytes).peek(bytes);
    let json = peek.trim_start().starts_with(['{', '[']);
    let promised = name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("csv"));
    if json || promised || columns::begins_with_header(&peek) { read(name, bytes) } else { read_copied(name, bytes) }
}

/// Reads text copied from a CyberTip's PDF or from a provider's return. Drafts stand in the order of the text, one for
/// each kind, value, platform and port, with the widest window; `place` is the first line. What looks like an
/// identifier and cannot be read is a problem that does not repeat it. `name` stands for the file's name and decides
/// nothing. Never fails: a fault of reading is a problem like any other.
pub fn read_copied(_name: &str, mut input: impl Read) -> Reading {
    let head = match bounded::head(&mut input) {
        Ok(head) => head,
        Err(problem) => return Reading::refused(Format::Copied, problem),
    };
    // What no text can be has the same cure whatever it is; only a picture, sound or film has its own.
    const CURE: &str = "open the document, select all of it, copy, and give the text";
    if let Some(problem) = sniff::refuse(&head) {
        let is_media = model::FreeText::sniff_media(&head).is_some();
        let cure = if is_media { problem.cure } else { CURE.to_owned() };
        return Reading::refused(Format::Copied, Problem { cure, ..problem });
    }
    let encoding = decode::Encoding::of(&head);
    let text = bounded::rest(head, &mut input, Format::Copied.into()).and_then(|bytes| encoding.decode(bytes));
    match text {
        Ok(text) => copied::read(&text),
        Err(problem) => Reading::refused(Format::Copied, problem),
    }
}
