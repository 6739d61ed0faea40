//! A CyberTip: one report of a provider or of the public to NCMEC (18 U.S.C. 2258A), as the published reporting API
//! words it, without any file and without the name of any file.
//!
//! What is an identifier, a code, a time or a flag has its own field. All other text is free text: kept under its path
//! in the report, sealed with the rest, never matched. [`Tip::drafts`] gives the identifiers as entries.

mod codes;
mod drafts;
mod parts;

pub use codes::{
    AccountType, BatchReason, DeviceIdType, EventName, FileAnnotation, FileRelevance, HashType, IncidentKind,
    IncidentType, IndustryClass, ReportAnnotation, ResponseCode, Unlisted,
};
pub use parts::{
    Account, DeviceId, FileHash, HashValue, InternetDetails, IpEvent, OnlineIncident, Party, PartyRole, Person,
    PhoneNumber, PostalAddress, Presence, TipFile,
};

use crate::problem::Invalid;
use crate::text::FreeText;
use crate::time::Micros;

/// Gives a text type with a parser its reading and writing: as text, and never past the parser.
macro_rules! parsed_text {
    ($name:ident) => {
        impl $name {
            /// As written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::problem::Invalid;
            fn try_from(text: String) -> Result<Self, crate::problem::Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        /// Content: no accident prints it.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}
pub(crate) use parsed_text;

/// NCMEC's number of a report. It may stand in problems and places, so it has no room for an e-mail address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReportNumber(String);
parsed_text!(ReportNumber);

impl ReportNumber {
    /// 1 to 40 digits, letters and `- _ . / #`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/' | b'#');
        if text.is_empty() || text.len() > 40 || !text.bytes().all(fits) {
            return Err(Invalid::new(
                "is not a report number",
                "write the CyberTipline report number, for example 123456789",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// One line of a report: an identifier or a name, at most 2,048 bytes, without control characters and media.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line(String);
parsed_text!(Line);

impl Line {
    /// Longest line, in bytes; the API allows 2,083 only for places of files.
    const LONGEST: usize = 2_048;

    /// Trims; refuses nothing at all, more than one line, and media in disguise (invariant 6).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::new("is empty", "give the value, or leave the field out"));
        }
        if text.len() > Self::LONGEST {
            return Err(Invalid::new("is longer than 2048 bytes", "give the value alone"));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("holds line breaks or control characters", "write it on one line, as plain text"));
        }
        FreeText::parse(text)?;
        Ok(Self(text.to_owned()))
    }
}

/// A free text of a report and where it stood, without "report": `victim 2.profileBio`.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TipWords {
    /// The path of keys; the second of a list and all after it have their number.
    pub label: String,
    /// The text.
    pub text: FreeText,
}

/// Whether a report holds enough to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Enough for a law enforcement agency to act on.
    Referral,
    /// Lacks something an agency would need (report annotation `informational`).
    Informational,
}

/// One report.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tip {
    /// Its number (`reportId`).
    pub number: ReportNumber,
    /// When NCMEC received it (`dateReceived`); the reporting API has no such key, downloads do.
    pub received: Option<Micros>,
    /// What NCMEC's machine answered its sender (`responseCode`).
    pub response: Option<ResponseCode>,
    /// Why one report stands for many (`batchedReport`).
    pub batched: Option<BatchReason>,
    /// What is reported (`incidentSummary.incidentType`).
    pub incident_type: Option<IncidentType>,
    /// When it happened (`incidentSummary.incidentDateTime`).
    pub incident_time: Option<Micros>,
    /// Where it happened (`incidentSummary.platform`).
    pub platform: Option<Line>,
    /// What the sender says of the report as a whole.
    pub annotations: Vec<ReportAnnotation>,
    /// The ways in which it happened.
    pub details: Vec<InternetDetails>,
    /// Who is reported.
    pub reported: Vec<Party>,
    /// Who was meant to receive it.
    pub recipients: Vec<Party>,
    /// The children harmed.
    pub victims: Vec<Party>,
    /// What is said of each file. No file, and no name of one.
    pub files: Vec<TipFile>,
    /// All other text, in the order of its labels: sealed, never matched.
    pub words: Vec<TipWords>,
    /// Names of files and EXIF pairs that were read and not kept.
    pub dropped_names: u32,
}

impl Tip {
    /// The label of the text that says why a report is urgent.
    pub const ESCALATION: &str = "incidentSummary.escalateToHighPriority";

    /// A report of which nothing but its number is known.
    pub fn new(number: ReportNumber) -> Self {
        Self {
            number,
            received: None,
            response: None,
            batched: None,
            incident_type: None,
            incident_time: None,
            platform: None,
            annotations: Vec::new(),
            details: Vec::new(),
            reported: Vec::new(),
            recipients: Vec::new(),
            victims: Vec::new(),
            files: Vec::new(),
            words: Vec::new(),
            dropped_names: 0,
        }
    }

    /// Referral or informational: annual reports count them apart (from 2024).
    pub fn standing(&self) -> Standing {
        if self.annotations.contains(&ReportAnnotation::Informational) {
            Standing::Informational
        } else {
            Standing::Referral
        }
    }

    /// Does its sender ask for high priority?
    pub fn is_escalated(&self) -> bool {
        self.words.iter().any(|w| w.label == Self::ESCALATION)
    }

    /// Earlier reports it names, each once, in their order.
    pub fn prior_reports(&self) -> Vec<&ReportNumber> {
        let parties = self.reported.iter().chain(&self.recipients).chain(&self.victims);
        let mut all: Vec<_> = parties.flat_map(|p| &p.prior_reports).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// What a report says is content, and who may learn of it is limited (18 U.S.C. 2258A(g)): counts only.
impl std::fmt::Debug for Tip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parties = self.reported.len() + self.recipients.len() + self.victims.len();
        let (files, words) = (self.files.len(), self.words.len());
        write!(f, "Tip({parties} parties, {files} files, {words} words)")
    }
}

/// Labels can hold what a sender wrote as a key.
impl std::fmt::Debug for TipWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TipWords(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_number_has_no_room_for_an_address() {
        assert_eq!(ReportNumber::parse(" 123456789 ").unwrap().as_str(), "123456789");
        for bad in ["", " ", "a@example.org", "1 2", &"1".repeat(41), "1\u{e9}"] {
            assert!(ReportNumber::parse(bad).is_err(), "{bad}");
        }
        assert!(serde_json_like("a@example.org").is_err());
    }

    fn serde_json_like(text: &str) -> Result<ReportNumber, Invalid> {
        ReportNumber::try_from(text.to_owned())
    }

    #[test]
    fn a_tip_never_prints_what_it_says() {
        let mut tip = Tip::new(ReportNumber::parse("123456789").unwrap());
        tip.platform = Some(Line::parse("Chat").unwrap());
        let text = FreeText::parse("reported content").unwrap();
        tip.words.push(TipWords { label: Tip::ESCALATION.to_owned(), text });
        let shown = format!("{tip:?} {:?} {:?} {:?}", tip.words, tip.platform, tip.number);
        assert!(!["123456789", "Chat", "reported", "escalate"].iter().any(|s| shown.contains(s)), "{shown}");
        assert!(tip.is_escalated());
        assert_eq!(tip.standing(), Standing::Referral);
        tip.annotations.push(ReportAnnotation::Informational);
        assert_eq!(tip.standing(), Standing::Informational);
    }

    /// Invariant 6: no type is made to hold image, audio or video bytes.
    #[test]
    fn no_line_carries_a_picture() {
        assert!(Line::parse("data:image/png;base64,iVBORw0KGgo").is_err());
        assert!(Line::parse("two\nlines").is_err());
        assert_eq!(Line::parse(" one line ").unwrap().as_str(), "one line");
    }
}
