//! The shapes other programs rely on: fields may be added, never renamed or removed.

use model::{Micros, Problem, Strength, TimeZone};
use serde::{Deserialize, Serialize};

/// Format word of an answer.
pub const ANSWER: &str = "concord.answer/1";
/// Format word of an inbox.
pub const INBOX: &str = "concord.inbox/1";
/// What stands under an exact match.
pub const EQUAL_IS_NOT_SAME: &str = "The identifiers are equal. That does not make the people the same.";
/// What is said when there is nothing: never "clear".
pub const NOTHING: &str = "Nothing to show you.";

/// The answer to one file: its one line is the acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// "concord.answer/1".
    pub format: String,
    /// The file's name as given.
    pub file: String,
    /// The receipt's id.
    pub receipt: String,
    /// The case's number; none for a question by nexus.
    pub case: Option<String>,
    /// How many entries were stored; for a check, how many identifiers were asked.
    pub entries: usize,
    /// What was left out of a partial submission, and why.
    pub problems: Vec<Problem>,
    /// What was stored but not matched.
    pub suppressed: Vec<Suppressed>,
    /// Whom to call.
    pub conflicts: Vec<ConflictLine>,
    /// What only the watch desk can speak of.
    pub desk: Vec<DeskLine>,
    /// What was not asked.
    pub not_asked: Vec<NotAsked>,
}

impl Answer {
    /// The same as read at this moment: each contact with the time there.
    #[must_use]
    pub(crate) fn at(mut self, now: Micros) -> Self {
        self.conflicts = at(self.conflicts, now);
        self
    }

    /// One's own values that it shows to have met something.
    pub(crate) fn names(&self) -> std::collections::BTreeSet<&str> {
        let matches = self.conflicts.iter().flat_map(|c| c.matches.iter().map(|m| m.yours.as_str()));
        matches.chain(self.desk.iter().map(|d| d.yours.as_str())).collect()
    }
}

/// A value that makes no match, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suppressed {
    /// As written.
    pub value: String,
    /// Its kind.
    pub kind: String,
    /// Why.
    pub why: String,
    /// Edition of the list that says so.
    pub list_version: String,
}

/// One pair of cases that meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConflictLine {
    /// The conflict; none when none was made (a question by nexus, one's own silent entry).
    pub conflict: Option<String>,
    /// "strong" or "possible".
    pub strength: Strength,
    /// On which of one's own identifiers.
    pub matches: Vec<MatchLine>,
    /// Whom to call.
    pub other: Other,
}

/// One of one's own identifiers that meets theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchLine {
    /// Its kind.
    pub kind: String,
    /// As written.
    pub yours: String,
    /// The rule.
    pub rule: String,
    /// Why, from one's own submission and the rule alone.
    pub why: String,
}

/// Whom to call: all that is ever said of another agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Other {
    /// The agency.
    pub agency: String,
    /// The person or duty point.
    pub contact: String,
    /// Their number.
    pub telephone: String,
    /// Where it rings, by its IANA name; none when their agency never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The time there when this was read ("Tue 06:12 there, PST"). Never in what is kept or signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_time: Option<String>,
    /// The watch desk's number, and what to quote.
    pub if_no_answer: String,
}

impl Other {
    /// The same as read at this moment: with the time there.
    #[must_use]
    pub(crate) fn at(mut self, now: Micros) -> Self {
        self.local_time = local_time(self.time_zone.as_deref(), now);
        self
    }
}

/// The time in a zone; none rather than a guess.
pub(crate) fn local_time(zone: Option<&str>, now: Micros) -> Option<String> {
    TimeZone::parse(zone?).ok()?.local(now)
}

/// These as read at this moment: each contact with the time there.
pub(crate) fn at(conflicts: Vec<ConflictLine>, now: Micros) -> Vec<ConflictLine> {
    conflicts.into_iter().map(|c| ConflictLine { other: c.other.at(now), ..c }).collect()
}

/// "Call the watch desk": the same body whatever its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskLine {
    /// As written.
    pub yours: String,
    /// The number.
    pub watch_desk: String,
}

/// A system that was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotAsked {
    /// Which.
    pub system: String,
    /// Why.
    pub why: String,
}

/// What an officer has to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inbox {
    /// "concord.inbox/1".
    pub format: String,
    /// The first due first.
    pub items: Vec<InboxItem>,
}

/// One line: a conflict, a gathering of several, or a word from the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InboxItem {
    /// The conflict; the first of a gathering; none for a word from the desk.
    pub conflict: Option<String>,
    /// Where one's own side stands, or what the notice is about.
    pub state: String,
    /// When it should be answered, RFC 3339.
    pub due: String,
    /// "strong" or "possible"; none where no rule speaks.
    pub strength: Option<Strength>,
    /// One's own identifiers.
    pub yours: Vec<String>,
    /// Whom to call; none where only the watch desk can speak.
    pub other: Option<Other>,
    /// In a gathering: everybody else who shares the identifier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<GatheredOther>,
    /// The watch desk's number, where only it can speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_desk: Option<String>,
    /// The notice's id, with which it is taken out of the inbox once seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// What the notice says, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Past its due time and not acknowledged.
    pub overdue: bool,
}

/// One more party of a gathering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatheredOther {
    /// The conflict with them.
    pub conflict: String,
    /// Whom to call.
    pub other: Other,
}

/// Systems this installation has no connection to; said in every answer.
pub(crate) fn not_asked() -> Vec<NotAsked> {
    vec![NotAsked {
        system: "RISSafe, Case Explorer, SAFETNet, NDPS, ICAC Data System".to_owned(),
        why: "this installation is not connected to them; ask them yourself".to_owned(),
    }]
}
