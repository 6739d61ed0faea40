//! A Concord's own export, read again: first whole, against its trailer, then case by case.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use casework::model::{Invalid, Problem};
use casework::{CaseLine, EXPORT, EntryLine, Moved};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Longest line: a receipt of a million identifiers.
const MOST_LINE: u64 = 512 * 1024 * 1024;

#[derive(Deserialize)]
struct Head {
    line: String,
    #[serde(default)]
    format: Option<String>,
}

#[derive(Deserialize)]
struct Trailer {
    counts: BTreeMap<String, u64>,
    sha256: String,
}

#[derive(Deserialize)]
struct Under {
    case: String,
}

/// Do these first bytes begin an export?
pub fn is_export(head: &[u8]) -> bool {
    let first = head.split(|b| *b == b'\n').next().unwrap_or_default();
    let Ok(text) = std::str::from_utf8(first) else { return false };
    serde_json::from_str::<Head>(text).is_ok_and(|h| h.line == "header" && h.format.as_deref() == Some(EXPORT))
}

/// One line at a time, none without end.
struct Lines {
    input: BufReader<File>,
    line: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, Problem> {
        let file = File::open(path)
            .map_err(|e| Invalid::new(format!("cannot be opened ({e})"), "give a file you may read"))
            .map_err(|e| e.at("the file", "file"))?;
        Ok(Self { input: BufReader::new(file), line: 0 })
    }

    fn wrong(&self, problem: impl Into<String>) -> Problem {
        let cure = "write the export again (`concord export`) and copy it whole";
        Invalid::new(problem, cure).at(format!("line {}", self.line), "line")
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let mut out = Vec::new();
        self.line += 1;
        let read = self.input.by_ref().take(MOST_LINE).read_until(b'\n', &mut out);
        read.map_err(|e| self.wrong(format!("cannot be read ({e})")))?;
        match out.last() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(out)),
            Some(_) => Err(self.wrong("does not end: the file was cut off")),
        }
    }

    fn parse<'a, T: Deserialize<'a>>(&self, line: &'a [u8]) -> Result<T, Problem> {
        serde_json::from_slice(line).map_err(|_| self.wrong("is not a line of an export"))
    }
}

/// Reads the export to its end: what it holds, when it is whole and as it was written.
pub fn verify(path: &Path) -> Result<BTreeMap<String, u64>, Problem> {
    let mut lines = Lines::open(path)?;
    let mut hash = Sha256::new();
    while let Some(line) = lines.next()? {
        let head: Head = lines.parse(&line)?;
        if head.line != "trailer" {
            hash.update(&line);
            continue;
        }
        let trailer: Trailer = lines.parse(&line)?;
        if trailer.sha256 != hex::encode(hash.finalize()) {
            return Err(lines.wrong("does not fit what stands before it: the export was changed"));
        }
        return match lines.next()? {
            None => Ok(trailer.counts),
            Some(_) => Err(lines.wrong("stands after the trailer: the export was changed")),
        };
    }
    Err(lines.wrong("is missing: the export was cut off"))
}

/// The cases of an export that was verified, one at a time.
pub struct Cases {
    lines: Lines,
    begun: Option<Moved>,
    done: bool,
}

impl Cases {
    pub fn open(path: &Path) -> Result<Self, Problem> {
        Ok(Self { lines: Lines::open(path)?, begun: None, done: false })
    }

    /// The next case with all that stands under it.
    pub fn next(&mut self) -> Result<Option<Moved>, Problem> {
        while !self.done {
            let Some(line) = self.lines.next()? else { break };
            let head: Head = self.lines.parse(&line)?;
            match head.line.as_str() {
                "case" => {
                    let case: CaseLine = self.lines.parse(&line)?;
                    let before = self.begun.replace(Moved { case, entries: Vec::new(), tip: None });
                    if before.is_some() {
                        return Ok(before);
                    }
                }
                "entry" => {
                    let entry: EntryLine = self.lines.parse(&line)?;
                    self.under(&line)?.entries.push(entry);
                }
                "tip" => {
                    let tip: Value = self.lines.parse(&line)?;
                    self.under(&line)?.tip = Some(tip);
                }
                "header" | "member" => {}
                _ => self.done = true, // cases stand together
            }
        }
        Ok(self.begun.take())
    }

    fn under(&mut self, line: &[u8]) -> Result<&mut Moved, Problem> {
        let under: Under = self.lines.parse(line)?;
        let wrong = self.lines.wrong("stands under no case");
        self.begun.as_mut().filter(|m| m.case.id == under.case).ok_or(wrong)
    }
}
