//! Text copied from a CyberTip's PDF or from a provider's return: typed identifiers with their windows.
//!
//! Nobody promises the layout of such a text, so nothing here knows one by name. Lines broken by copying are put
//! together where one reading is left; labels, tables and headings say what stands where; what has a form of its own
//! is found by it. One pass from the top: each line is looked at once, with a bounded view of its neighbours.
//!
//! What belongs to the provider's people, to officers or to NCMEC is passed over, and so are file names. A date like
//! 03/04/2026 is read in United States order unless the text shows otherwise (`times::Order`); a time without a zone
//! is no time. A wrong window would meet strangers, so a doubt leaves the identifier without one and says so.

mod about;
mod cursor;
mod fields;
mod gather;
mod page;
mod people;
mod record;
mod shapes;
mod telephones;
mod times;
mod values;
mod vocabulary;
mod wallets;
mod words;
mod zones;

use fields::{Field, Table};
use gather::Gathered;
use page::Line;
use people::People;
use record::Here;
use vocabulary::{Means, Part};

use crate::problems::of_file;
use crate::{Format, Reading};

pub(crate) fn read(text: &str) -> Reading {
    let lines = page::lines(text);
    let about = about::About::of(&lines);
    let mut reader = Reader {
        habit: about.habit,
        named: about.platform.clone(),
        platform: None,
        part: Part::Plain,
        table: None,
        labels: Vec::new(),
        turn: 0,
        block: Vec::new(),
        free: Free::default(),
        people: People::default(),
        naming: false,
        out: Gathered::default(),
    };
    if about.letter_head > 0 {
        reader.part = Part::Contacts;
    }
    let mut last_blank = false;
    for line in &lines {
        if line.text.trim().is_empty() {
            if !last_blank {
                reader.gap(about.double_spaced);
            }
            last_blank = true;
            continue;
        }
        last_blank = false;
        reader.line(line);
    }
    reader.end_block();
    let Reader { mut people, mut out, .. } = reader;
    people.flush(&mut out);
    let (mut drafts, mut problems) = out.finish();
    about.sign(&mut drafts);
    if drafts.is_empty() && problems.is_empty() {
        problems.push(of_file(
            "content",
            "holds no identifier Concord can read",
            "copy the text of the report or the return itself, or give the identifiers as CSV",
        ));
    }
    Reading { format: Format::Copied, drafts, problems }
}

/// No table has more columns; a list of labels that grows on is none.
const MOST_LABELS: usize = 40;
/// A record of more fields is none, and is read as it stands.
const MOST_FIELDS: usize = 64;

/// Where the reading stands.
struct Reader {
    habit: times::Habit,
    /// The platform the whole text speaks of.
    named: Option<String>,
    /// The platform of the part it stands in.
    platform: Option<String>,
    part: Part,
    table: Option<Table>,
    /// Labels that stand on lines of their own, and whose turn it is.
    labels: Vec<Field>,
    turn: usize,
    /// The record that is being gathered.
    block: Vec<Field>,
    free: Free,
    people: People,
    /// The next line names the provider.
    naming: bool,
    out: Gathered,
}

/// What the block holds that no label names.
#[derive(Default)]
struct Free {
    times: bool,
    others: bool,
}

impl Reader {
    /// A blank line ends a record, unless the whole text is double spaced.
    fn gap(&mut self, double_spaced: bool) {
        if !double_spaced {
            self.end_block();
            if self.turn > 0 {
                self.labels.clear();
                self.turn = 0;
            }
        }
    }

    fn line(&mut self, line: &Line) {
        let text = line.text.trim();
        if std::mem::take(&mut self.naming) && self.name_provider(text) {
            return;
        }
        if self.heading(text) {
            return;
        }
        if self.part == Part::Contacts {
            if self.named.is_none() {
                self.named = words::platform(text).filter(|p| p.len() > 1).map(str::to_owned);
            }
            return;
        }
        if let Some(table) = Table::of(&line.text) {
            self.end_block();
            self.labels.clear();
            self.table = Some(table);
            return;
        }
        if let Some(fields) = self.table.as_ref().and_then(|t| t.row(line, self.habit.zone)) {
            self.row(fields);
            return;
        }
        let split = fields::split(line);
        if self.table.is_some() && split.iter().any(|f| f.means.is_some()) {
            self.table = None;
        }
        let named = self.turn == 0
            && matches!(self.labels.as_slice(), [l] if l.means == Some(Means::Platform))
            && words::platform(text).is_some();
        if let Some(label) = lone_label(text, &split).filter(|_| !named) {
            if self.turn > 0 {
                // The values of a list make a record; a single label and its value are one field of the block.
                if self.labels.len() > 1 {
                    self.end_block();
                }
                self.labels.clear();
                self.turn = 0;
            }
            if self.labels.len() >= MOST_LABELS {
                self.labels.clear();
            }
            self.labels.push(label);
            return;
        }
        let unlabelled = split.iter().all(|f| f.means.is_none() || f.strict);
        if !self.labels.is_empty() && unlabelled && self.take_turn(text, line.number) {
            return;
        }
        if !unlabelled {
            self.labels.clear();
            self.turn = 0;
        }
        if unlabelled && self.people.goes_on(text) {
            return;
        }
        self.put(split);
    }

    /// The line under "Submitter" is the provider's name.
    fn name_provider(&mut self, text: &str) -> bool {
        let name = text.trim_start_matches("Submitter:").trim();
        if name.is_empty()
            || name.len() > 40
            || name.contains([':', '@'])
            || words::heading(&words::fold(name)).is_some()
        {
            self.naming = words::fold(text) == "submitter";
            return false;
        }
        self.named.get_or_insert_with(|| name.to_owned());
        true
    }

    /// Opens a part where the line is a heading.
    fn heading(&mut self, text: &str) -> bool {
        let bare = text.trim_end_matches(':').trim_end_matches(',').trim();
        if bare.len() > 90 {
            return false;
        }
        let folded = words::fold(bare);
        if folded.starts_with("dear ") && text.len() < 90 {
            self.open(Part::Plain);
            return true;
        }
        if text.contains(": ") && !folded.starts_with("section ") {
            return false;
        }
        if let Some(part) = words::heading(&folded) {
            let label = words::label(&folded);
            // Within a list of labels on lines of their own, a word that is both is a label.
            let listed = !self.labels.is_empty() && self.turn == 0 && label.is_some();
            let is_label = text.ends_with(':') && part == Part::Plain && label.is_some();
            if listed || is_label {
                return false;
            }
            self.naming =
                self.named.is_none() && (folded.starts_with("submitter") || folded.starts_with("reporting e"));
            self.open(part);
            return true;
        }
        let unlabelled =
            text.ends_with(':') || words::label(&folded).is_none_or(|m| matches!(m, Means::Handle(p) if !p.is_empty()));
        if unlabelled
            && let Some(platform) = words::platform_heading(bare)
            && self.turn == 0
            && self.labels.is_empty()
        {
            self.open(if self.part == Part::Contacts { Part::Plain } else { self.part });
            self.platform = Some(platform);
            return true;
        }
        false
    }

    fn open(&mut self, part: Part) {
        self.end_block();
        self.people.flush(&mut self.out);
        self.part = part;
        self.platform = None;
        self.table = None;
        self.labels.clear();
        self.turn = 0;
    }

    /// A value for one of the labels that stood on lines of their own; false where it fits none.
    fn take_turn(&mut self, text: &str, number: u64) -> bool {
        let count = self.labels.len();
        if count == 1 {
            let Some(label) = self.labels.first().cloned() else { return false };
            if self.turn > 0 && !(label.many && fits(&label, text)) {
                self.labels.clear();
                self.turn = 0;
                return false;
            }
            self.turn += 1;
            self.put(vec![label.with(text, number)]);
            return true;
        }
        // A cell that was empty left no line: go on to the next label the value fits.
        for skip in 0..count {
            let at = (self.turn + skip) % count;
            let Some(label) = self.labels.get(at).filter(|l| fits(l, text)).cloned() else { continue };
            if at <= self.turn % count && self.turn > 0 && (skip > 0 || at == 0) {
                self.end_block();
            }
            self.turn += skip + 1;
            let field = label.with(text, number);
            self.people.hear(std::slice::from_ref(&field), self.habit.order, self.part, &mut self.out);
            self.block.push(field);
            return true;
        }
        self.labels.clear();
        self.turn = 0;
        self.end_block();
        false
    }

    /// A row stands for itself.
    fn row(&mut self, fields: Vec<Field>) {
        self.end_block();
        self.people.flush(&mut self.out);
        self.people.hear(&fields, self.habit.order, self.part, &mut self.out);
        self.people.flush(&mut self.out);
        let own = record::platform_of(&fields);
        self.emit(&fields, own.as_deref(), true);
    }

    /// Adds to the block; a label that comes again begins the next record.
    fn put(&mut self, fields: Vec<Field>) {
        self.people.hear(&fields, self.habit.order, self.part, &mut self.out);
        for field in fields {
            if field.means.is_none() {
                let moments = times::scan(&field.text, self.habit);
                let busy: Vec<_> = moments.iter().map(|m| (m.start, m.end)).collect();
                let found = shapes::scan(&field.text, None, &busy, true);
                if !moments.is_empty() && !found.hits.is_empty() {
                    // A line with both stands for itself, each address with the times that follow it.
                    self.end_block();
                    for part in parts(&field, &moments, &found.hits) {
                        let platform = self.platform.clone();
                        self.emit(&[part], platform.as_deref(), true);
                    }
                    continue;
                }
                let timed = !moments.is_empty();
                let again = if timed { self.free.times } else { self.free.others && !found.hits.is_empty() };
                if again {
                    self.end_block();
                }
                self.free.times |= timed;
                self.free.others |= !found.hits.is_empty();
            } else if self.block.iter().any(|f| f.means == field.means && field.means != Some(Means::Noise)) {
                self.end_block();
            }
            if self.block.len() >= MOST_FIELDS {
                self.end_block();
            }
            self.block.push(field);
        }
    }

    fn end_block(&mut self) {
        let fields = std::mem::take(&mut self.block);
        self.free = Free::default();
        if fields.is_empty() {
            return;
        }
        if let Some(own) = record::platform_of(&fields) {
            self.platform = Some(own);
        }
        let platform = self.platform.clone();
        let is_row = self.labels.len() > 1;
        self.emit(&fields, platform.as_deref(), is_row);
    }

    fn emit(&mut self, fields: &[Field], platform: Option<&str>, is_row: bool) {
        let platform = platform.or(self.platform.as_deref()).or(self.named.as_deref());
        let here = Here { habit: self.habit, platform, part: self.part, is_row };
        record::read(fields, &here, &mut self.out);
    }
}

/// A line that is a label and nothing more.
fn lone_label(text: &str, split: &[Field]) -> Option<Field> {
    match split {
        [only] if only.means.is_some() && only.text.is_empty() => Some(only.clone()),
        [only] if only.means.is_none() && text.len() < 60 && !text.ends_with(['.', ',']) => {
            fields::read_label(text, false).map(|f| f.with("", 0))
        }
        _ => None,
    }
}

/// Could this be the value of the label? Kinds with a form must show it; for others any short text will do.
fn fits(label: &Field, text: &str) -> bool {
    if words::is_placeholder(text) {
        return true;
    }
    let timed = || !times::scan(text, times::Habit::default()).is_empty();
    match label.means {
        Some(Means::Kind(kind)) => {
            let form = matches!(
                kind,
                model::Kind::Ip | model::Kind::Email | model::Kind::Url | model::Kind::Phone | model::Kind::Mac
            );
            let found = shapes::scan(text, Some(kind), &[], true);
            found.hits.iter().any(|h| h.kind == kind)
                || !found.spoilt.is_empty()
                || !form && !timed() && found.hits.is_empty()
        }
        Some(Means::When | Means::Date | Means::From | Means::To | Means::Made | Means::Born) => {
            timed() || times::epoch(text).is_some()
        }
        Some(Means::TimeOfDay) => {
            text.contains(':') && text.starts_with(|c: char| c.is_ascii_digit()) && text.len() < 30
        }
        Some(Means::Port) => shapes::port_of(text).is_some(),
        Some(Means::Zone) => zones::zone(text).is_some(),
        Some(Means::Handle(_)) => !timed() && text.len() < 80,
        Some(Means::Noise) => !timed(),
        Some(Means::Name | Means::Given | Means::Family) => {
            text.len() < 80 && !text.contains(|c: char| c.is_ascii_digit() || c == '@')
        }
        _ => text.len() < 120,
    }
}

/// Several addresses in one line, each with its own times behind it, become fields of their own.
fn parts(field: &Field, moments: &[times::Moment], hits: &[shapes::Hit]) -> Vec<Field> {
    let addresses: Vec<usize> = hits.iter().filter(|h| h.kind == model::Kind::Ip).map(|h| h.start).collect();
    let even = addresses.len() > 1 && moments.len().is_multiple_of(addresses.len());
    let first = moments.first().map_or(0, |m| m.start);
    if !even || addresses.first().is_none_or(|a| *a > first) || addresses.get(1).is_none_or(|a| *a < first) {
        return vec![field.clone()];
    }
    let ends = addresses.iter().skip(1).copied().chain([field.text.len()]);
    let mut from = 0;
    let cut = |to: usize| {
        let part = field.text.get(from..to).unwrap_or_default();
        from = to;
        field.with(part, field.line)
    };
    ends.map(cut).collect()
}
