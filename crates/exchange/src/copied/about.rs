//! What the text as a whole is: whose report, in which zone and order its times stand, of which platform it speaks.

use model::{EntryDraft, Source};

use super::fields;
use super::gather::line_of;
use super::page::Line;
use super::times::{self, Habit};
use super::vocabulary::Means;
use super::words;
use super::zones;

pub(super) struct About {
    pub(super) habit: Habit,
    pub(super) platform: Option<String>,
    source: Option<Source>,
    /// Report numbers with the lines from which each holds.
    reports: Vec<(u64, String)>,
    /// Lines before the salutation of a letter; none of its identifiers is the account's.
    pub(super) letter_head: usize,
    /// Copying put a blank line after nearly every line.
    pub(super) double_spaced: bool,
}

/// A title stands within so many lines of the top.
const TOP: usize = 25;

impl About {
    pub(super) fn of(lines: &[Line]) -> Self {
        let (mut tip, mut provider, mut spanish) = (false, false, 0);
        let (mut reports, mut references) = (Vec::new(), Vec::new());
        let (mut zone, mut platform, mut letter_head) = (None, None, 0);
        for (at, line) in lines.iter().enumerate() {
            let text = line.text.trim();
            if text.is_empty() || text.len() > 400 {
                continue;
            }
            let folded = words::fold(text);
            if letter_head == 0 && at < 40 && folded.starts_with("dear ") {
                letter_head = at;
            }
            let starts =
                ["cybertip", "ncmec cybertip", "national center for missing"].iter().any(|s| folded.starts_with(s));
            tip |= (starts && (folded.contains("report") || folded.contains("tipline"))) || folded == "cybertip";
            provider |= SAYS_PROVIDER.iter().any(|s| folded.contains(s));
            spanish += usize::from(SAYS_SPANISH.iter().any(|s| folded.contains(s)));
            zone = zone.or_else(|| zone_statement(&folded, text));
            if at < TOP && platform.is_none() {
                platform = words::platform_heading(text);
            }
            number_of(text, &folded, starts, line.number, &mut reports, &mut references);
        }
        let source = match (tip, provider) {
            (true, _) => Some(Source::CyberTip),
            (false, true) => Some(Source::Provider),
            (false, false) => None,
        };
        let reports = match source {
            Some(Source::CyberTip) => reports,
            Some(_) => references,
            None => Vec::new(),
        };
        let order = times::order_of(lines.iter().map(|l| l.text.as_str()), spanish > 2);
        let spaced = lines
            .windows(2)
            .filter(|w| matches!(w, [a, b] if !a.text.trim().is_empty() && b.text.trim().is_empty()))
            .count();
        let filled = lines.iter().filter(|l| !l.text.trim().is_empty()).count();
        let double_spaced = filled > 4 && spaced * 10 > filled * 8;
        Self { habit: Habit { zone, order }, platform, source, reports, letter_head, double_spaced }
    }

    /// Puts source and report on the drafts.
    pub(super) fn sign(&self, drafts: &mut [EntryDraft]) {
        for draft in drafts {
            draft.source = self.source;
            let line = line_of(&draft.place);
            let report = self
                .reports
                .partition_point(|r| r.0 <= line)
                .checked_sub(1)
                .and_then(|at| self.reports.get(at))
                .or(self.reports.first());
            draft.report = report.map(|r| r.1.clone());
        }
    }
}

const SAYS_PROVIDER: [&str; 24] = [
    "in response to",
    "subscriber information",
    "legal process",
    "custodian of records",
    "records custodian",
    "search warrant",
    "subpoena",
    "court order",
    "account identifier",
    "business record",
    "date range",
    "call detail",
    "login history",
    "subscriber",
    "records production",
    "account statement",
    "access log",
    "account activity",
    "historial de accesos",
    "registro de accesos",
    "requerimiento",
    "transaction history",
    "data return",
    "account information",
];

const SAYS_SPANISH: [&str; 10] =
    ["correo", "fecha", "usuario", "dirección", "direccion", "puerto", "titular", "nombre", "accesos", "teléfono"];

/// "All times are UTC", "Times shown in GMT-05:00", "Time zone: UTC".
fn zone_statement(folded: &str, text: &str) -> Option<i32> {
    let says = [
        "all times",
        "all dates",
        "times are",
        "times shown",
        "timestamps are",
        "all timestamps",
        "times in",
        "dates and times",
        "time zone",
        "timezone",
        "horas en",
        "todas las horas",
        "zona horaria",
        "hora en",
        "times listed",
        "times displayed",
        "date and time in",
    ];
    (folded.len() < 200 && says.iter().any(|s| folded.contains(s)))
        .then(|| zones::zone_in(text.rsplit_once(": ").map_or(text, |(_, t)| t)).or_else(|| zones::zone_in(text)))
        .flatten()
}

/// Numbers by which the report or the provider's answer is called.
fn number_of(
    text: &str,
    folded: &str,
    is_title: bool,
    line: u64,
    reports: &mut Vec<(u64, String)>,
    references: &mut Vec<(u64, String)>,
) {
    if is_title || folded.starts_with("report") {
        let number = folded.split(' ').find(|w| (6..=12).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_digit()));
        if let Some(number) = number.filter(|n| reports.last().is_none_or(|r| r.1 != **n)) {
            reports.push((line, number.to_owned()));
        }
    }
    let Some((label, value)) = text.split_once(':') else { return };
    let value = value.trim();
    if fields::read_label(label, false).is_some_and(|f| f.means == Some(Means::Reference))
        && !value.is_empty()
        && value.len() <= 40
        && value.split_whitespace().count() == 1
        && value.bytes().any(|b| b.is_ascii_digit())
    {
        references.push((line, value.to_owned()));
    }
}
