//! Import: files as an agency has them, each known by its content, with what became of every row.
//!
//! The command line's import streams whole folders; this is the part of it that one upload of a page can hold. Both make a
//! request id of what a file is, so that what one of them stored the other knows, and nothing is stored twice.
//!
//! A report is taken whole or not at all, and so is a list, unless its good rows alone are asked for.

use std::collections::BTreeMap;

use exchange::{Reading, TipReading};
use model::{CaseNumber, EntryDraft, Invalid, Level, Problem, RequestId, SubmissionId, Tip, derived_id};
use policy::{Action, Grant, Principal};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::error::{Error, Exit};
use crate::verbs::detail::named;
use crate::verbs::submit::SubmitOrder;
use crate::verbs::tips::TipFate;

/// Most reports of one file: as many as one transaction takes in.
pub const MOST_REPORTS: usize = 256;
/// How a problem of the whole file says where.
const WHOLE: &str = "the file";
/// Bytes by which a file's sort is known.
const HEAD: usize = 64 * 1024;

/// A file as it was uploaded.
pub struct ImportFile {
    /// Its name, which decides nothing.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// What is to be done with the files.
pub struct ImportOrder {
    /// They, in order.
    pub files: Vec<ImportFile>,
    /// The case that lists of identifiers go into; reports make their own.
    pub case: Option<CaseNumber>,
    /// How the entries of lists answer others; reports' always through the watch desk. Silence needs a supervisor's order,
    /// which an upload does not carry: it is refused.
    pub level: Level,
    /// Store the good rows of a list and name the others.
    pub partial: bool,
    /// Read all and say what would be stored; store nothing.
    pub dry_run: bool,
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportSort {
    /// CyberTip reports, JSON or XML.
    Reports,
    /// A list of identifiers: CSV or CASE.
    List,
}

/// What became of a row, or of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFate {
    /// It was read and nothing is wrong with it; it was not stored.
    Read,
    /// Stored now.
    Stored,
    /// Stored before: nothing was stored twice.
    Known,
    /// Not stored.
    Refused,
}

/// One row of a list, or one report.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Where it stands: "line 7", or the report.
    pub place: String,
    /// Its value as answers name it; of a report the case it is in. None of a row that could not be read.
    pub what: Option<String>,
    /// What became of it.
    pub fate: RowFate,
    /// The receipt of a report; a list has one for all its rows.
    pub receipt: Option<String>,
    /// How many to call about it.
    pub calls: usize,
    /// It stands and nobody looked yet: that there is none to call is then no answer.
    pub unchecked: bool,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for ImportRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportRow").field("place", &self.place).field("fate", &self.fate).finish_non_exhaustive()
    }
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// Its name.
    pub name: String,
    /// What it turned out to be.
    pub sort: ImportSort,
    /// What became of it as a whole; of reports each has its own.
    pub fate: RowFate,
    /// What is wrong with the file itself, or with all of it.
    pub problems: Vec<Problem>,
    /// Its rows, in the order of the file.
    pub rows: Vec<ImportRow>,
    /// The receipt of a list.
    pub receipt: Option<String>,
    /// How many to call about it, of all its rows.
    pub calls: usize,
}

impl ImportedFile {
    fn new(name: &str, sort: ImportSort) -> Self {
        Self {
            name: name.to_owned(),
            sort,
            fate: RowFate::Refused,
            problems: Vec::new(),
            rows: Vec::new(),
            receipt: None,
            calls: 0,
        }
    }

    fn refused(mut self, problem: Problem) -> Self {
        self.problems.push(problem);
        self
    }

    /// A list that stands, with its good rows.
    fn stands(&mut self, fate: RowFate, receipt: String, met: Option<&Answer>) {
        for row in self.rows.iter_mut().filter(|row| row.fate == RowFate::Read) {
            (row.fate, row.unchecked) = (fate, met.is_none());
        }
        self.fate = fate;
        self.receipt = Some(receipt);
        self.calls = met.map_or(0, calls);
    }

    /// Does any of it stand that nobody looked for yet?
    pub fn is_unchecked(&self) -> bool {
        self.rows.iter().any(|row| row.unchecked)
    }
}

impl Desk {
    /// Takes files in, one after the other, and says of every row what became of it. What is wrong with one, a refusal
    /// too, stands beside it and stops no other.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn import(&self, who: &Principal, order: ImportOrder) -> Result<Vec<ImportedFile>, Error> {
        let read = |file: &ImportFile| {
            let head = file.bytes.get(..HEAD).unwrap_or(&file.bytes);
            (!exchange::sniff_tips(head)).then(|| exchange::read(&file.name, file.bytes.as_slice()))
        };
        let readings: Vec<Option<Reading>> = order.files.iter().map(read).collect();
        // Counted together: many lists are no way round the limit of one.
        let values: usize = readings.iter().flatten().map(|reading| reading.drafts.len()).sum();
        let mut done = Vec::with_capacity(order.files.len());
        for (file, reading) in order.files.iter().zip(readings) {
            done.push(match reading {
                None => self.import_reports(who, file, order.dry_run).await?,
                Some(reading) => self.import_list(who, file, reading, values, &order).await?,
            });
        }
        Ok(done)
    }

    async fn import_reports(&self, who: &Principal, file: &ImportFile, dry: bool) -> Result<ImportedFile, Error> {
        let out = ImportedFile::new(&file.name, ImportSort::Reports);
        let TipReading { tips, problems, .. } = exchange::read_tips(&file.name, file.bytes.as_slice());
        if tips.len() > MOST_REPORTS {
            let found = format!("holds {} reports, and one file brings {MOST_REPORTS}", tips.len());
            let cure = "split it, or let the operator take it in with `concord import`, which has no such limit";
            return Ok(out.refused(Invalid::new(found, cure).at(WHOLE, "reports")));
        }
        let mut rows: Vec<ImportRow> = tips.iter().map(|tip| row(report(tip))).collect();
        if !tips.is_empty() {
            self.take_reports(who, tips, &mut rows, dry).await?;
        }
        let calls = rows.iter().map(|row| row.calls).sum();
        let (rows, problems) = placed(rows, problems);
        Ok(ImportedFile { fate: worst(&rows), calls, rows, problems, ..out })
    }

    async fn take_reports(
        &self,
        who: &Principal,
        tips: Vec<Tip>,
        rows: &mut [ImportRow],
        dry: bool,
    ) -> Result<(), Error> {
        // Before anything is looked up: who may not take in reports does not learn which are known.
        if let Err(e) = self.may_receive(who).await {
            let problems = wrong(e, WHOLE);
            for row in rows {
                row.problems = problems.iter().map(|p| Problem { place: row.place.clone(), ..p.clone() }).collect();
            }
            return Ok(());
        }
        if dry {
            let known = self.tips_known(who, &tips).await?;
            for (row, known) in rows.iter_mut().zip(known) {
                match known {
                    Some(id) => stands(row, RowFate::Known, id, self.met(who, id).await.as_ref()),
                    None => row.fate = RowFate::Read,
                }
            }
            return Ok(());
        }
        let fates = self.receive_tips(who, tips, None).await?;
        for (row, fate) in rows.iter_mut().zip(fates) {
            match fate {
                TipFate::New(answer) => stored(row, &answer),
                TipFate::Known(id) => stands(row, RowFate::Known, id, self.met(who, id).await.as_ref()),
                TipFate::Waiting(id, _) => stands(row, RowFate::Stored, id, None),
                TipFate::Refused(e) => row.problems = wrong(e, &row.place),
            }
        }
        Ok(())
    }

    /// The answer of what stands already; none while it is not looked at. Whatever keeps the answer back, nothing is known
    /// then, and that must not read as nobody to call.
    async fn met(&self, who: &Principal, submission: SubmissionId) -> Option<Answer> {
        self.answer(who, submission).await.ok()
    }

    /// May the list go into its case? Asked before anything is looked up, of a look too.
    async fn may_take(&self, who: &Principal, order: &SubmitOrder) -> Result<(Grant, Uuid), Error> {
        let case = self.own_case(who, Action::Submit, &order.case).await?;
        let silent = self.silence(who, &case, order, self.store.clock().now()).await?;
        let grant = self.may_submit(who, &case, order, silent.as_ref(), false).await?;
        Ok((grant, case.id.into()))
    }

    async fn earlier_list(&self, who: &Principal, request: RequestId) -> Result<Option<SubmissionId>, Error> {
        let earlier = self.store.earlier_of(who.agency, &[request]).await?;
        Ok(earlier.get(&request).map(|earlier| earlier.submission))
    }

    /// A list goes into the case that is named; `values` are those of all lists of the upload.
    async fn import_list(
        &self,
        who: &Principal,
        file: &ImportFile,
        reading: Reading,
        values: usize,
        order: &ImportOrder,
    ) -> Result<ImportedFile, Error> {
        let out = ImportedFile::new(&file.name, ImportSort::List);
        let (holds, most) = (reading.drafts.len(), self.limits.values_at_once);
        if holds > 0 && self.limits.is_many(values) {
            let found = if holds == values {
                format!("holds {holds} identifiers, and one upload brings {most}")
            } else {
                format!("holds {holds} of the {values} identifiers in the lists of this upload, which brings {most}")
            };
            let cure = "ask for a bulk job, which a second person of your agency approves";
            return Ok(out.refused(Invalid::new(found, cure).at(WHOLE, "rows")));
        }
        // Row by row, so that one bad line does not hide another.
        let mut problems = reading.problems.clone();
        problems.extend(self.unreadable(who, &reading.drafts));
        let nothing = holds == 0 && problems.is_empty();
        let rows =
            reading.drafts.iter().map(|draft| ImportRow { what: Some(value(draft)), ..row(draft.place.clone()) });
        let (rows, problems) = placed(rows.collect(), problems);
        let mut out = ImportedFile { rows, problems, ..out };
        for row in out.rows.iter_mut().filter(|row| row.problems.is_empty()) {
            row.fate = RowFate::Read;
        }
        if nothing {
            let cure = "give a CSV with the header kind,value or a CASE file";
            return Ok(out.refused(Invalid::new("holds no identifier", cure).at(WHOLE, "rows")));
        }
        if holds == 0 {
            return Ok(out);
        }
        let Some(case) = order.case.clone() else {
            let cure = "give the number of the case it belongs to; only CyberTip reports need none";
            return Ok(out.refused(Invalid::new("is a list of identifiers of no case", cure).at("the form", "case")));
        };
        let digest: [u8; 32] = Sha256::digest(&file.bytes).into();
        let number = case.as_str().to_lowercase();
        let request = RequestId::from(derived_id("import of a list", &[number.as_bytes(), &digest]));
        let submission = submission(file, case, reading, order, request);
        let (grant, case) = match self.may_take(who, &submission).await {
            Ok(may) => may,
            Err(e) => {
                out.problems.extend(wrong(e, WHOLE));
                return Ok(out);
            }
        };
        let good = out.rows.iter().filter(|row| row.fate == RowFate::Read).count();
        let taken = good > 0 && (order.partial || (out.problems.is_empty() && good == out.rows.len()));
        let earlier = if taken { self.earlier_list(who, request).await? } else { None };
        if taken && earlier.is_none() && !order.dry_run {
            self.store_list(who, submission, &mut out).await?;
            return Ok(out);
        }
        // Nothing is submitted, and that it was looked leaves its event all the same.
        let act = self.store.act(&grant, ("case", case)).shown(earlier.map(Uuid::from));
        self.store.view(&grant).await?.commit(act).await?;
        match earlier {
            // What it met says whom to call, however often it is sent.
            Some(id) => out.stands(RowFate::Known, id.to_string(), self.met(who, id).await.as_ref()),
            None if taken => out.fate = RowFate::Read,
            None => {}
        }
        Ok(out)
    }

    async fn store_list(&self, who: &Principal, submission: SubmitOrder, out: &mut ImportedFile) -> Result<(), Error> {
        let request = submission.request;
        match self.submit(who, submission).await {
            Ok(answer) => out.stands(RowFate::Stored, answer.receipt.clone(), Some(&answer)),
            // What failed may have failed after the commit that stored it: then it is stored, and not yet looked at.
            Err(e) => match self.earlier_list(who, request).await? {
                Some(id) => out.stands(RowFate::Stored, id.to_string(), self.met(who, id).await.as_ref()),
                None => out.problems.extend(wrong(e, WHOLE)),
            },
        }
        Ok(())
    }
}

fn submission(
    file: &ImportFile,
    case: CaseNumber,
    reading: Reading,
    order: &ImportOrder,
    request: RequestId,
) -> SubmitOrder {
    SubmitOrder {
        partial: order.partial,
        level: order.level,
        ..SubmitOrder::new(case, file.name.clone(), reading, request)
    }
}

fn row(place: String) -> ImportRow {
    ImportRow {
        place,
        what: None,
        fate: RowFate::Refused,
        receipt: None,
        calls: 0,
        unchecked: false,
        problems: Vec::new(),
    }
}

fn report(tip: &Tip) -> String {
    format!("report {}", tip.number.as_str())
}

fn value(draft: &EntryDraft) -> String {
    named(draft.kind, draft.role, draft.age, &draft.value, &draft.place)
}

fn stored(row: &mut ImportRow, answer: &Answer) {
    row.fate = RowFate::Stored;
    row.what.clone_from(&answer.case);
    row.receipt = Some(answer.receipt.clone());
    row.calls = calls(answer);
}

/// A report that stands, with what is known of it.
fn stands(row: &mut ImportRow, fate: RowFate, submission: SubmissionId, met: Option<&Answer>) {
    row.fate = fate;
    row.what = met.and_then(|answer| answer.case.clone());
    row.receipt = Some(submission.to_string());
    row.calls = met.map_or(0, calls);
    row.unchecked = met.is_none();
}

/// How many there are to call.
fn calls(answer: &Answer) -> usize {
    answer.conflicts.len() + answer.desk.len()
}

/// The problems beside the rows they speak of; a place without a row becomes one; what speaks of the file stays the file's.
fn placed(rows: Vec<ImportRow>, problems: Vec<Problem>) -> (Vec<ImportRow>, Vec<Problem>) {
    let mut at: BTreeMap<String, usize> = rows.iter().enumerate().map(|(n, row)| (row.place.clone(), n)).collect();
    let (mut rows, mut of_file) = (rows, Vec::new());
    for problem in problems {
        if problem.place == WHOLE {
            of_file.push(problem);
            continue;
        }
        let n = *at.entry(problem.place.clone()).or_insert_with(|| {
            rows.push(row(problem.place.clone()));
            rows.len().saturating_sub(1)
        });
        if let Some(row) = rows.get_mut(n) {
            row.fate = RowFate::Refused;
            row.problems.push(problem);
        }
    }
    rows.sort_by_key(|row| line(&row.place));
    (rows, of_file)
}

/// Rows stand by their line; what has none keeps its order, after them.
fn line(place: &str) -> u64 {
    let number = place.strip_prefix("line ").and_then(|rest| rest.split([',', ' ']).next()?.parse().ok());
    number.unwrap_or(u64::MAX)
}

/// Of many reports the fate that asks most of the reader.
fn worst(rows: &[ImportRow]) -> RowFate {
    let any = |fate| rows.iter().any(|row| row.fate == fate);
    let order = [RowFate::Refused, RowFate::Stored, RowFate::Read, RowFate::Known];
    order.into_iter().find(|fate| any(*fate)).unwrap_or(RowFate::Refused)
}

/// Why something was not stored, as problems with their cures.
fn wrong(error: Error, place: &str) -> Vec<Problem> {
    match error {
        Error::File { problems, .. } => problems,
        Error::Argument { field, source } => vec![source.at(place, field)],
        Error::NotFound(_) => {
            vec![Invalid::new("is no case of your agency", "check its number").at("the form", "case")]
        }
        // The store's words are for whoever keeps it.
        other if other.exit() == Exit::Failed => {
            let cure = "send the same file again: what is stored is not stored twice";
            vec![Invalid::new("could not be stored: something went wrong on our side", cure).at(place, "file")]
        }
        other => {
            let cure = match &other {
                Error::NotNow(_) => "send the same file again in a minute: what is stored is not stored twice",
                Error::Refused(_) => "let somebody take it in who may",
                Error::Store(store::Error::Exists(_)) => "look at that case",
                _ => "send the same file again: what is stored is not stored twice",
            };
            vec![Invalid::new(other.to_string(), cure).at(place, "file")]
        }
    }
}
