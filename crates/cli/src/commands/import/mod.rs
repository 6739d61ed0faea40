//! `concord import`: whatever an agency has, file by file, each by its content.
//!
//! A second run goes on where the first was stopped, by construction: every report, list and case has a request id made of
//! what it is, and what was stored under it is known.

mod exported;
mod line;
mod walk;

use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use casework::model::{CaseNumber, Invalid, Level, MemberId, RequestId, Tip, derived_id};
use casework::{Desk, Error, Exit, Principal, Returned, SubmitOrder, TipFate};
use clap::Args;
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};

use crate::args::As;
use crate::commands::submit::{self, Labels};
use crate::commands::worst;
use crate::failure::Failure;
use crate::print::{Say, bar};
use crate::{files, open};
use line::{Line, Total};

/// Reports or cases handed over at once.
const TOGETHER: usize = 256;
/// Identifiers of cases handed over at once.
const ENTRIES: usize = 5_000;
/// Bytes by which a file's sort is known.
const HEAD: u64 = 64 * 1024;

#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    who: As,
    /// Your agency's case, for lists of identifiers (CSV, CASE); reports and exports bring their own
    #[arg(long, value_name = "NUMBER", value_parser = CaseNumber::parse)]
    case: Option<CaseNumber>,
    /// Who supervises the cases that are made: a member of your agency
    #[arg(long, value_name = "MEMBER")]
    supervisor: Option<String>,
    /// Files and folders; - is standard input
    #[arg(required = true, value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    labels: Labels,
    /// Store the good rows of a list and name the others
    #[arg(long)]
    partial: bool,
    /// Read all and say what would be stored; store nothing
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(desk: &Desk, say: Say, args: Import) -> Result<Exit, Failure> {
    let who = open::member(desk, &args.who.member).await?;
    let supervisor = match &args.supervisor {
        None => None,
        Some(reference) => Some(open::member(desk, reference).await?.member),
    };
    let approver = submit::approver(desk, &args.labels).await?;
    let found = walk::files(&args.paths);
    let progress = bar(Some(found.len() as u64), "importing");
    let total = Total::new(args.dry_run);
    let mut import = Importing {
        desk,
        say,
        who,
        args: &args,
        supervisor,
        approver,
        lines: Vec::new(),
        waiting: Vec::new(),
        numbers: BTreeSet::new(),
        total,
        exit: Exit::Done,
        progress,
        begun: Instant::now(),
    };
    for one in found {
        match one.problem {
            None => import.file(&one.path).await?,
            Some(problem) => {
                let mut line = Line::of(&one.path.display().to_string());
                line.problems.push(problem);
                import.flush().await?;
                import.say(line)?;
            }
        }
    }
    import.flush().await?;
    import.progress.finish_and_clear();
    let (total, exit) = (import.total, import.exit);
    say.answer(&total, || total.words())?;
    Ok(exit)
}

struct Importing<'a> {
    desk: &'a Desk,
    say: Say,
    who: Principal,
    args: &'a Import,
    supervisor: Option<MemberId>,
    approver: Option<Principal>,
    /// Files of reports whose reports wait to be handed over.
    lines: Vec<Line>,
    /// The reports, each with the place of its file among `lines`.
    waiting: Vec<(usize, Tip)>,
    /// Their numbers: one that comes again comes after. With --dry-run those of all that were read.
    numbers: BTreeSet<String>,
    total: Total,
    exit: Exit,
    progress: ProgressBar,
    begun: Instant,
}

impl Importing<'_> {
    async fn file(&mut self, path: &Path) -> Result<(), Failure> {
        let mut line = Line::of(&path.display().to_string());
        let (mut head, mut input) = (Vec::new(), None);
        match files::input(path) {
            Ok((_, mut opened)) => match opened.by_ref().take(HEAD).read_to_end(&mut head) {
                Ok(_) => input = Some(opened),
                Err(e) => {
                    let why = Invalid::new(format!("cannot be read ({e})"), "give a file you may read");
                    line.problems.push(why.at("the file", "file"));
                }
            },
            Err(failure) => line.problems.extend(failure.problems().iter().cloned()),
        }
        let Some(input) = input else {
            self.flush().await?;
            return self.say(line);
        };
        if exported::is_export(&head) {
            self.flush().await?;
            line.sort = "export";
            self.export(path, &mut line).await?;
            return self.say(line);
        }
        let tips = casework::sniff_tips(&head);
        let whole = Cursor::new(head).chain(input);
        if tips {
            line.sort = "cybertip";
            return self.tips(line, whole).await;
        }
        self.flush().await?;
        line.sort = "list";
        self.list(whole, &mut line).await?;
        self.say(line)
    }

    /// Reports need no case: each makes its own.
    async fn tips(&mut self, mut line: Line, input: impl Read) -> Result<(), Failure> {
        let reading = casework::read_tips(&line.file, input);
        line.reports = reading.tips.len() as u64;
        line.problems = reading.problems;
        if self.args.dry_run {
            let known = self.desk.tips_known(&self.who, &reading.tips).await?;
            let mut known: Vec<bool> = known.iter().map(Option::is_some).collect();
            for (tip, known) in reading.tips.iter().zip(&mut known) {
                *known |= !self.numbers.insert(tip.number.as_str().to_ascii_lowercase());
            }
            line.known = known.iter().filter(|k| **k).count() as u64;
            line.new = line.reports - line.known;
            let new = reading.tips.iter().zip(known).filter(|(_, known)| !known);
            line.entries = new.map(|(tip, _)| tip.drafts().len()).sum();
            return self.say(line);
        }
        self.lines.push(line);
        for tip in reading.tips {
            let number = tip.number.as_str().to_ascii_lowercase();
            if self.waiting.len() >= TOGETHER || self.numbers.contains(&number) {
                self.hand_over().await?;
                self.finish(1)?;
            }
            self.numbers.insert(number);
            self.waiting.push((self.lines.len().saturating_sub(1), tip));
        }
        // The last file may wait for more; one without a report waits for nothing.
        if self.waiting.is_empty() { self.flush().await } else { Ok(()) }
    }

    /// Hands over what waits and says what became of every file.
    async fn flush(&mut self) -> Result<(), Failure> {
        self.hand_over().await?;
        self.finish(0)
    }

    /// Says what became of the files whose reports were all handed over; the last `open` still have some to come.
    fn finish(&mut self, open: usize) -> Result<(), Failure> {
        let done = self.lines.len().saturating_sub(open);
        let lines: Vec<Line> = self.lines.drain(..done).collect();
        lines.into_iter().try_for_each(|line| self.say(line))
    }

    async fn hand_over(&mut self) -> Result<(), Failure> {
        let (of, tips): (Vec<usize>, Vec<Tip>) = std::mem::take(&mut self.waiting).into_iter().unzip();
        if tips.is_empty() {
            return Ok(());
        }
        self.numbers.clear();
        let names: Vec<String> = tips.iter().map(|t| format!("report {}", t.number.as_str())).collect();
        let mut fates = self.desk.receive_tips(&self.who, tips, self.supervisor).await?;
        // Who may not take in one report may take in none: a million refusals say no more than one.
        if fates.iter().all(|f| matches!(f, TipFate::Refused(Error::Refused(_))))
            && let Some(TipFate::Refused(refused)) = fates.pop()
        {
            return Err(refused.into());
        }
        for ((of, name), fate) in of.into_iter().zip(names).zip(fates) {
            let Some(line) = self.lines.get_mut(of) else { continue };
            match fate {
                TipFate::New(answer) => line.stored(*answer),
                TipFate::Known(_) => line.known += 1,
                // What is stored and not yet checked says so, and is not done: the import is to run again.
                TipFate::Refused(e) | TipFate::Waiting(_, e) => line.refused(&name, e),
            }
        }
        let done = self.total.reports + self.lines.iter().map(|l| l.new + l.known + l.refused).sum::<u64>();
        let rate = done as f64 / self.begun.elapsed().as_secs_f64().max(0.001);
        self.progress.set_message(format!("importing, {rate:.0} reports/s"));
        Ok(())
    }

    /// A list of identifiers goes into the case that is named.
    async fn list(&mut self, input: impl Read, line: &mut Line) -> Result<(), Failure> {
        let mut input = Hashing { input, hash: Sha256::new() };
        let reading = casework::read(&line.file, &mut input);
        if reading.drafts.is_empty() || (!reading.problems.is_empty() && !self.args.partial) {
            let nothing = reading.problems.is_empty();
            line.problems = reading.problems;
            line.refused = 1;
            if nothing {
                let why = Invalid::new("holds no identifier", "give a CSV with the header kind,value or a CASE file");
                line.problems.push(why.at("file", "file"));
            }
            return Ok(());
        }
        let Some(case) = self.args.case.clone() else {
            let cure = "give --case the number of the case it belongs to; only CyberTip reports and exports need none";
            line.problems.push(Invalid::new("is a list of identifiers of no case", cure).at("file", "case"));
            line.refused = 1;
            return Ok(());
        };
        let Some(digest) = input.end() else {
            line.problems.push(Invalid::new("changed while it was read", "import it again").at("file", "file"));
            line.refused = 1;
            return Ok(());
        };
        let number = case.as_str().to_lowercase();
        let request = RequestId::from(derived_id("import of a list", &[number.as_bytes(), &digest]));
        let known = !self.desk.store().earlier_of(self.who.agency, &[request]).await?.is_empty();
        if known {
            line.known = 1;
            return Ok(());
        }
        let labels = &self.args.labels;
        if self.args.dry_run {
            let wrong = self.desk.unreadable(&self.who, &reading.drafts);
            let good = reading.drafts.len() - wrong.len();
            line.problems = reading.problems;
            line.problems.extend(wrong);
            if good > 0 && (line.problems.is_empty() || self.args.partial) {
                (line.new, line.entries) = (1, good);
            } else {
                line.refused = 1;
            }
            return Ok(());
        }
        let silent = submit::silent(labels, self.approver.as_ref())
            .filter(|_| reading.drafts.iter().any(|d| d.level_or(labels.level) == Level::Silent));
        let order = SubmitOrder {
            case,
            file: line.file.clone(),
            reading,
            partial: self.args.partial,
            marking: labels.marking.clone().unwrap_or_default(),
            reliability: labels.reliability,
            validity: labels.validity,
            level: labels.level,
            silent,
            request,
        };
        match self.desk.submit(&self.who, order).await {
            Ok(answer) => line.stored(answer),
            Err(e @ Error::Refused(_)) => return Err(e.into()),
            Err(e) => line.refused("file", e),
        }
        Ok(())
    }

    /// An export is read to its end before anything of it is stored.
    async fn export(&mut self, path: &Path, line: &mut Line) -> Result<(), Failure> {
        let mut counts = match exported::verify(path) {
            Ok(counts) => counts,
            Err(problem) => {
                line.problems.push(problem);
                line.refused = 1;
                return Ok(());
            }
        };
        counts.retain(|sort, n| *n > 0 && matches!(sort.as_str(), "member" | "submission" | "conflict" | "notice"));
        line.left = counts;
        let mut cases = match exported::Cases::open(path) {
            Ok(cases) => cases,
            Err(problem) => {
                line.problems.push(problem);
                return Ok(());
            }
        };
        let (mut together, mut entries) = (Vec::new(), 0);
        loop {
            let next = cases.next();
            let last = !matches!(next, Ok(Some(_)));
            match next {
                Ok(Some(moved)) => {
                    let gone = moved.entries.len() - moved.travelling().count();
                    if gone > 0 {
                        *line.left.entry("entry".to_owned()).or_default() += gone as u64;
                    }
                    entries += moved.entries.len();
                    together.push(moved);
                }
                Ok(None) => {}
                Err(problem) => line.problems.push(problem),
            }
            if last || together.len() >= TOGETHER || entries >= ENTRIES {
                self.bring_back(std::mem::take(&mut together), line).await?;
                entries = 0;
            }
            if last {
                return Ok(());
            }
        }
    }

    async fn bring_back(&mut self, cases: Vec<casework::Moved>, line: &mut Line) -> Result<(), Failure> {
        if self.args.dry_run {
            for moved in cases {
                let problems = moved.problems();
                if problems.is_empty() {
                    line.new += 1;
                    line.entries += moved.travelling().count();
                } else {
                    line.refused += 1;
                    line.problems.extend(problems);
                }
            }
            return Ok(());
        }
        let silent = submit::silent(&self.args.labels, self.approver.as_ref());
        let fates = self.desk.bring_back(&self.who, &cases, self.supervisor, silent.as_ref()).await?;
        for (moved, fate) in cases.iter().zip(fates) {
            match fate {
                Returned::New(Some(answer)) => line.stored(*answer),
                Returned::New(None) => line.new += 1,
                Returned::Known => line.known += 1,
                Returned::Refused(e) => line.refused(&format!("case {}", moved.case.number), e),
            }
        }
        Ok(())
    }

    /// One file is done.
    fn say(&mut self, line: Line) -> Result<(), Failure> {
        self.total.add(&line);
        if !line.problems.is_empty() || line.refused > 0 {
            self.exit = worst(self.exit, Exit::BadInput);
        }
        let say = self.say;
        self.progress.inc(1);
        self.progress.suspend(|| {
            say.problems(&line.file, &line.problems);
            say.answer(&line, || line.words())
        })
    }
}

/// What is read, with the SHA-256 of all of it.
struct Hashing<R> {
    input: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let n = self.input.read(to)?;
        self.hash.update(to.get(..n).unwrap_or_default());
        Ok(n)
    }
}

impl<R: Read> Hashing<R> {
    /// Of the whole, also of what the reader left.
    fn end(mut self) -> Option<[u8; 32]> {
        std::io::copy(&mut self, &mut std::io::sink()).ok()?;
        Some(self.hash.finalize().into())
    }
}
