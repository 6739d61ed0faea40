//! What ended lately, kept beside the keys and never in a backup: a restore ends it again.
//!
//! One line an act, ids and times only: `TIME entry|case CASE ID CODE`, where CODE is the entry's new state or the case's
//! outcome. A line is written before its transaction commits: what a crash leaves in doubt was asked to end, and ends. One
//! whose transaction failed is followed by the same line with `not-`.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;

use model::{CaseId, EntryId, Micros};
use uuid::Uuid;

use crate::error::Error;
use crate::keys::folder::{KeyFolder, told};

const FILE: &str = "ended";

/// No backup may be brought back later than this many days after it was made, so nothing need be remembered longer.
pub const LONGEST_DAYS: i64 = 35;

/// One entry or case that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndedOne {
    pub case: CaseId,
    /// None for the case itself.
    pub entry: Option<EntryId>,
    /// The entry's state, or the case's outcome.
    pub code: i64,
}

/// All that is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// Case and entry, with the entry's state.
    pub entries: BTreeMap<(Uuid, Uuid), i64>,
    /// Case, with its outcome and when it was closed.
    pub cases: BTreeMap<Uuid, (i64, Micros)>,
}

impl KeyFolder {
    /// Remembers what is about to end; `not`: takes it back.
    pub(crate) fn note_ended(&self, now: Micros, ended: &[EndedOne], not: bool) -> Result<(), Error> {
        let _lock = self.lock("ended.lock")?;
        self.forget_old(now)?;
        let not = if not { "not-" } else { "" };
        let mut text = String::new();
        for one in ended {
            let (what, id) = one.entry.map_or(("case", Uuid::from(one.case)), |id| ("entry", id.into()));
            text.push_str(&format!("{} {not}{what} {} {id} {}\n", now.0, Uuid::from(one.case), one.code));
        }
        let path = self.path().join(FILE);
        let opened = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(&path);
        let mut file = opened.map_err(|e| told(&path, &e))?;
        let mut last = [b'\n'];
        if file.metadata().map_err(|e| told(&path, &e))?.len() > 0 {
            file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last)).map_err(|e| told(&path, &e))?;
        }
        if last != [b'\n'] {
            text.insert(0, '\n'); // a crash cut the line before this one short
        }
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| told(&path, &e))
    }

    /// What ended, in the order of the file.
    pub(crate) fn ended(&self) -> Result<Remembered, Error> {
        let mut all = Remembered::default();
        self.each_line(|_, line| {
            let Some(line) = parse(line) else { return };
            match (line.what, line.not) {
                ("entry", false) => drop(all.entries.insert((line.case, line.id), line.code)),
                ("entry", true) => drop(all.entries.remove(&(line.case, line.id))),
                ("case", false) => drop(all.cases.insert(line.case, (line.code, line.at))),
                ("case", true) => drop(all.cases.remove(&line.case)),
                _ => (),
            }
        })?;
        Ok(all)
    }

    fn each_line(&self, mut each: impl FnMut(Micros, &str)) -> Result<(), Error> {
        let path = self.path().join(FILE);
        if !path.exists() {
            return Ok(());
        }
        let file = File::open(&path).map_err(|e| told(&path, &e))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|e| told(&path, &e))?;
            // A line that a crash cut short says nothing: its transaction did not commit.
            let Some(at) = line.split(' ').next().and_then(|at| at.parse().ok()) else { continue };
            each(Micros(at), &line);
        }
        Ok(())
    }

    /// At most once a day: lines that no backup can need any more go.
    fn forget_old(&self, now: Micros) -> Result<(), Error> {
        let mut oldest = None;
        let path = self.path().join(FILE);
        if let Ok(file) = File::open(&path) {
            let mut line = String::new();
            BufReader::new(file).read_line(&mut line).map_err(|e| told(&path, &e))?;
            oldest = parse(line.trim_end()).map(|l| l.at);
        }
        if oldest.is_none_or(|at| at.plus_days(LONGEST_DAYS + 2) > now) {
            return Ok(());
        }
        let mut kept = String::new();
        self.each_line(|at, line| {
            if at.plus_days(LONGEST_DAYS + 1) >= now {
                kept.push_str(line);
                kept.push('\n');
            }
        })?;
        self.replace(FILE, &kept)
    }
}

struct Line<'a> {
    at: Micros,
    not: bool,
    what: &'a str,
    case: Uuid,
    id: Uuid,
    code: i64,
}

fn parse(line: &str) -> Option<Line<'_>> {
    let mut words = line.split(' ');
    let at = Micros(words.next()?.parse().ok()?);
    let what = words.next()?;
    let (not, what) = what.strip_prefix("not-").map_or((false, what), |what| (true, what));
    let (case, id) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let code = words.next()?.parse().ok()?;
    words.next().is_none().then_some(Line { at, not, what, case, id, code })
}
