//! CyberTip reports in and out, as JSON and as XML. Both become the same keys, and one description of the report
//! ([`schema`]) reads and writes them.
//!
//! A report with a fault yields problems and no tip; the other reports of the file stand. Names of files and EXIF
//! data are counted and dropped: Concord neither stores nor matches them.

mod json;
mod pass;
mod reading;
mod schema;
mod tree;
mod writing;
mod xml;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use model::{Invalid, Problem, ReportNumber, Tip};

use crate::bounded::{self, Shape};
use crate::decode::Encoding;
use crate::problems::{Problems, not_json, of_file};
use crate::sniff;
use reading::Reading;
use tree::Node;

const AGAIN: &str = "give the report as it was downloaded, as XML or JSON";

/// How a file of reports was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TipFormat {
    /// One report or an array of them, as JSON (RFC 8259).
    Json,
    /// One report a line, each as JSON.
    JsonLines,
    /// `<report>`, or a root that holds many (XML 1.0).
    Xml,
}

/// Every report of a file, and everything wrong with it.
#[derive(Debug, Clone)]
pub struct TipReading {
    /// What it was read as; for a file that is none of them, what its name promised.
    pub format: TipFormat,
    /// The reports without a problem, in the order of the file.
    pub tips: Vec<Tip>,
    /// What is wrong, in the order in which it was met.
    pub problems: Vec<Problem>,
}

impl TipReading {
    fn refused(format: TipFormat, problem: Problem) -> Self {
        Self { format, tips: Vec::new(), problems: vec![problem] }
    }
}

/// Reads a file of CyberTip reports to its end or to its first fault of the whole file. `name` is a hint by its
/// extension, used only where the content does not say. Never fails: a fault of reading is a problem like any other,
/// placed at the report's number, or at its place in the file when it has none.
pub fn read_tips(name: &str, mut input: impl Read) -> TipReading {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let promised = if extension.eq_ignore_ascii_case("xml") { TipFormat::Xml } else { TipFormat::Json };
    let head = match bounded::head(&mut input) {
        Ok(head) => head,
        Err(problem) => return TipReading::refused(promised, problem),
    };
    if let Some(problem) = sniff::refuse_tips(&head, AGAIN) {
        return TipReading::refused(promised, problem);
    }
    let encoding = Encoding::of(&head);
    let format = match encoding.peek(&head).trim_start().chars().next() {
        Some('<') => TipFormat::Xml,
        Some('{' | '[') => TipFormat::Json,
        _ => return TipReading::refused(promised, of_file("content", "is neither JSON nor XML", AGAIN)),
    };
    let shape = if format == TipFormat::Xml { Shape::Xml } else { Shape::Reports };
    let text = bounded::rest(head, &mut input, shape).and_then(|bytes| encoding.decode(bytes));
    match text {
        Err(problem) if problem.field == "encoding" => {
            let cure = "export the report again as UTF-8".to_owned();
            TipReading::refused(format, Problem { cure, ..problem })
        }
        Err(problem) => TipReading::refused(format, problem),
        Ok(text) => match format {
            TipFormat::Xml => match xml::parse(&text, encoding) {
                Ok(root) => all(format, vec![root], Problems::default()),
                Err(problem) => TipReading::refused(format, problem),
            },
            TipFormat::Json | TipFormat::JsonLines => read_json(&text),
        },
    }
}

/// The report as JSON, one line: what [`read_tips`] reads back to the same tip.
pub fn write_tip_json(tip: &Tip) -> String {
    json::write(&writing::report(tip))
}

/// The report as an XML document: what [`read_tips`] reads back to the same tip.
pub fn write_tip_xml(tip: &Tip) -> String {
    xml::write(&writing::report(tip))
}

fn read_json(text: &str) -> TipReading {
    match json::parse(text) {
        Ok(top) => all(TipFormat::Json, top, Problems::default()),
        Err(fault) => {
            let lines: Vec<_> = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()).collect();
            if lines.len() < 2 || !lines.iter().all(|(_, l)| l.trim_start().starts_with('{')) {
                return TipReading::refused(TipFormat::Json, not_json(&fault, 0, AGAIN));
            }
            let mut problems = Problems::default();
            let mut top = Vec::new();
            for (before, line) in lines {
                match json::parse(line) {
                    Ok(reports) => top.extend(reports),
                    Err(fault) => problems.add(not_json(&fault, before, AGAIN)),
                }
            }
            all(TipFormat::JsonLines, top, problems)
        }
    }
}

fn all(format: TipFormat, top: Vec<Node>, mut problems: Problems) -> TipReading {
    let (reports, stray) = tree::reports(top);
    if stray {
        let why = Invalid::new("belongs to no report", "put it into its report, named report, or take it out");
        problems.add(why.at("what stands beside the reports", "content"));
    }
    if reports.is_empty() && problems.is_empty() {
        problems.add(of_file("content", "holds no CyberTip report", AGAIN));
    }
    let mut tips: Vec<Tip> = Vec::new();
    let mut first: HashMap<ReportNumber, Option<usize>> = HashMap::new();
    let mut twice = HashSet::new();
    for (at, report) in reports.into_iter().enumerate() {
        let (number, outcome) = one(&report, at);
        let index = outcome.is_ok().then_some(tips.len());
        // Which of two that differ is right, nobody can say; the same report twice is one.
        let again = number.as_ref().and_then(|n| first.get(n)).copied();
        let same = again.flatten().and_then(|i| tips.get(i)).is_some_and(|t| outcome.as_ref().is_ok_and(|o| o == t));
        match (outcome, number) {
            (Ok(_), _) if same => continue,
            (outcome, Some(number)) => {
                if again.is_some() && twice.insert(number.clone()) {
                    let place = format!("report {}", number.as_str());
                    let cure = "leave out all but the newest";
                    problems.add(Invalid::new("stands twice in this file, and differs", cure).at(place, "reportId"));
                }
                first.entry(number).or_insert(index);
                match outcome {
                    Ok(tip) => tips.push(tip),
                    Err(wrong) => wrong.into_iter().for_each(|p| problems.add(p)),
                }
            }
            (outcome, None) => outcome.err().into_iter().flatten().for_each(|p| problems.add(p)),
        }
    }
    tips.retain(|t| !twice.contains(&t.number));
    TipReading { format, tips, problems: problems.into_list() }
}

/// One report, wholly, or all that is wrong with it.
fn one(report: &Node, at: usize) -> (Option<ReportNumber>, Result<Tip, Vec<Problem>>) {
    let said = report.parts.iter().filter(|n| n.key == "reportId").filter_map(|n| n.said()).next();
    let said = said.and_then(|n| ReportNumber::parse(&n.text).ok());
    let place = match &said {
        Some(number) => format!("report {}", number.as_str()),
        None => format!("report number {} of the file", at + 1),
    };
    // The rest is read under a stand-in, so that all is said at once.
    let stand_in = said.clone().map_or_else(|| ReportNumber::parse("-"), Ok);
    let number = match stand_in {
        Ok(number) => number,
        Err(e) => return (None, Err(vec![e.at(place, "reportId")])),
    };
    let mut tip = Tip::new(number);
    let mut reading = Reading::new(report, place.clone());
    schema::report(&mut tip, &mut reading);
    reading.finish();
    if said.is_none() && !reading.wrong.iter().any(|p| p.field == "reportId") {
        let why = Invalid::new("is missing", "give the report's CyberTipline number as reportId");
        reading.wrong.insert(0, why.at(place, "reportId"));
    }
    if !reading.wrong.is_empty() {
        return (said, Err(reading.wrong));
    }
    tip.words = reading.words;
    tip.dropped_names = tip.dropped_names.saturating_add(reading.dropped);
    (said, Ok(tip))
}
