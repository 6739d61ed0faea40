//! What is said of one file, and of all.

use std::collections::BTreeMap;

use casework::Error;
use casework::answer::{Answer, ConflictLine};
use casework::model::{Invalid, Problem};
use serde::Serialize;

use crate::tables;

/// Format word of an import.
pub const IMPORT: &str = "concord.import/1";

/// What became of one file. A file of reports counts reports, an export cases, a list of identifiers itself.
#[derive(Default, Serialize)]
pub struct Line {
    pub format: &'static str,
    /// Its name.
    pub file: String,
    /// "cybertip", "export", "list", or nothing when it could not be read.
    pub sort: &'static str,
    /// CyberTip reports read.
    pub reports: u64,
    /// Stored now (with --dry-run: would be).
    pub new: u64,
    /// Known already: nothing was stored twice.
    pub known: u64,
    /// Not stored.
    pub refused: u64,
    /// Identifiers stored now.
    pub entries: usize,
    /// Pairs of cases that meet.
    pub conflicts: usize,
    /// Identifiers about which only the watch desk can speak.
    pub desk: usize,
    /// Whom to call, of each case that meets another.
    pub calls: Vec<Met>,
    /// What an export holds that stays in it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left: BTreeMap<String, u64>,
    pub problems: Vec<Problem>,
    /// The same for people.
    #[serde(skip)]
    pub answers: Vec<Answer>,
}

/// A case that meets others.
#[derive(Serialize)]
pub struct Met {
    pub case: Option<String>,
    pub receipt: String,
    pub conflicts: Vec<ConflictLine>,
}

/// What became of all.
#[derive(Default, Serialize)]
pub struct Total {
    pub format: &'static str,
    pub summary: bool,
    pub dry_run: bool,
    pub files: u64,
    pub reports: u64,
    pub new: u64,
    pub known: u64,
    pub refused: u64,
    pub entries: usize,
    pub conflicts: usize,
    pub desk: usize,
    pub problems: usize,
}

impl Line {
    pub fn of(file: &str) -> Self {
        Self { format: IMPORT, file: file.to_owned(), ..Self::default() }
    }

    /// Stored, with its answer.
    pub fn stored(&mut self, answer: Answer) {
        self.new += 1;
        self.entries += answer.entries;
        self.conflicts += answer.conflicts.len();
        self.desk += answer.desk.len();
        self.problems.extend(answer.problems.iter().cloned());
        if !answer.conflicts.is_empty() {
            let (case, receipt) = (answer.case.clone(), answer.receipt.clone());
            self.calls.push(Met { case, receipt, conflicts: answer.conflicts.clone() });
            self.answers.push(answer);
        }
    }

    /// Not stored: its problems, each with its place.
    pub fn refused(&mut self, what: &str, e: Error) {
        self.refused += 1;
        match e {
            Error::File { problems, .. } => self.problems.extend(problems),
            Error::Argument { field, source } => self.problems.push(source.at(what, field)),
            other => {
                let cure = match &other {
                    Error::NotNow(_) => "run the import again in a minute",
                    Error::Refused(_) => "let somebody import it who may",
                    Error::Store(store::Error::Exists(_)) => "look at that case (`concord case show`)",
                    _ => "mend it and run the import again: what is stored is not stored twice",
                };
                self.problems.push(Invalid::new(other.to_string(), cure).at(what, "file"));
            }
        }
    }

    /// For people.
    pub fn words(&self) -> String {
        let mut said = Vec::new();
        said.extend((self.reports > 0).then(|| format!("{} reports", self.reports)));
        said.push(format!("{} new", self.new));
        said.extend((self.known > 0).then(|| format!("{} known already", self.known)));
        said.extend((self.refused > 0).then(|| format!("{} refused", self.refused)));
        said.push(format!("{} identifiers", self.entries));
        said.extend((self.desk > 0).then(|| format!("{} for the watch desk", self.desk)));
        let mut out = vec![format!("{}: {}", self.file, said.join(", "))];
        out.extend(self.answers.iter().map(tables::calls));
        if !self.left.is_empty() {
            let left: Vec<_> = self.left.iter().map(|(sort, n)| format!("{n} {sort}")).collect();
            out.push(format!("Left in the export, which proves them: {}.", left.join(", ")));
        }
        out.join("\n")
    }
}

impl Total {
    pub fn new(dry_run: bool) -> Self {
        Self { format: IMPORT, summary: true, dry_run, ..Self::default() }
    }

    pub fn add(&mut self, line: &Line) {
        self.files += 1;
        self.reports += line.reports;
        self.new += line.new;
        self.known += line.known;
        self.refused += line.refused;
        self.entries += line.entries;
        self.conflicts += line.conflicts;
        self.desk += line.desk;
        self.problems += line.problems.len();
    }

    /// For people.
    pub fn words(&self) -> String {
        let done = if self.dry_run { "would be stored; nothing was" } else { "stored" };
        let mut said = format!(
            "{} files: {} {done}, {} known already, {} refused; {} identifiers, {} conflicts, {} for the watch desk.",
            self.files, self.new, self.known, self.refused, self.entries, self.conflicts, self.desk
        );
        if self.problems > 0 {
            said.push_str(&format!(
                "\n{} problems: mend them and run the same import again; what is stored is not stored twice.",
                self.problems
            ));
        }
        said
    }
}
