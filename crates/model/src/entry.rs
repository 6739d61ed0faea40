//! Entries: identifiers held in a case.

use crate::ids::MemberId;
use crate::kind::Kind;
use crate::marking::Marking;
use crate::problem::Invalid;
use crate::text::FreeText;
use crate::time::{Micros, Window};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// Whose identifier it is, in the case.
    pub enum EntryRole as "role of an entry" {
        /// Suspected; needs a predicate (28 CFR 23.20(a)).
        Subject = 1 "subject",
        /// A victim: never a target (invariant 5).
        Victim = 2 "victim",
        /// A witness: never a target (invariant 5).
        Witness = 3 "witness",
        /// An officer's own online identity.
        Undercover = 4 "undercover",
        /// Not yet known.
        Unknown = 5 "unknown",
    }
}

vocabulary! {
    /// Adult or minor, where known. A minor is never a target (invariant 5).
    pub enum AgeClass as "age class" {
        /// Known to be 18 or older.
        Adult = 1 "adult",
        /// Known or believed to be under 18.
        Minor = 2 "minor",
        /// Not known.
        Unknown = 3 "unknown",
    }
}

vocabulary! {
    /// Which rules of 28 CFR Part 23 govern it.
    pub enum EntryClass as "class of an entry" {
        /// Criminal intelligence on reasonable suspicion.
        Suspicion = 1 "suspicion",
        /// A tip or lead: kept apart, short retention.
        Tip = 2 "tip",
        /// Non-criminal identifying information, labelled as such.
        IdentifyingOnly = 3 "identifying-only",
    }
}

vocabulary! {
    /// Where it came from.
    pub enum Source as "source" {
        /// A CyberTip (18 U.S.C. 2258A): who may learn of it is limited by 2258A(g).
        CyberTip = 1 "cybertip",
        /// A provider's answer to legal process.
        Provider = 2 "provider",
        /// An undercover session.
        Undercover = 3 "undercover",
        /// An informant.
        Informant = 4 "informant",
        /// A partner agency.
        Partner = 5 "partner",
        /// Open sources.
        Open = 6 "open",
    }
}

vocabulary! {
    /// Reliability of the source (28 CFR Part 23 practice).
    pub enum Reliability as "reliability" {
        /// Reliable.
        Reliable = 1 "reliable",
        /// Usually reliable.
        Usually = 2 "usually",
        /// Unreliable.
        Unreliable = 3 "unreliable",
        /// Unknown.
        Unknown = 4 "unknown",
    }
}

vocabulary! {
    /// Validity of the content (28 CFR Part 23 practice).
    pub enum Validity as "validity" {
        /// Confirmed.
        Confirmed = 1 "confirmed",
        /// Probable.
        Probable = 2 "probable",
        /// Doubtful.
        Doubtful = 3 "doubtful",
        /// Cannot be judged.
        Unknown = 4 "unknown",
    }
}

vocabulary! {
    /// How an entry answers other agencies, set by its owner. Ordered: later is closer.
    pub enum Level as "level" {
        /// Agency, contact and telephone.
        Open = 1 "open",
        /// Only "call the watch desk".
        Desk = 2 "desk",
        /// Nothing: owner and desk are told, the asker sees a miss. Needs a supervisor's reason and an end.
        Silent = 3 "silent",
    }
}

/// Reliability and validity together: the confidence label of 28 CFR 23.20(g).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certainty {
    /// Of the source.
    pub reliability: Reliability,
    /// Of the content.
    pub validity: Validity,
}

impl Default for Certainty {
    fn default() -> Self {
        Self { reliability: Reliability::Unknown, validity: Validity::Unknown }
    }
}

/// A supervisor's order that entries stay silent: reason and end are required.
#[derive(Debug, Clone)]
pub struct SilentOrder {
    /// Why nobody may be told.
    pub reason: FreeText,
    /// Who approved it.
    pub approved_by: MemberId,
    /// When it ends; the entries fall back to desk.
    pub until: Micros,
}

impl SilentOrder {
    /// Longest an order may run before a supervisor must renew it.
    pub const LONGEST_DAYS: i64 = 180;

    /// The end must lie ahead, and not further than 180 days.
    pub fn new(reason: FreeText, approved_by: MemberId, until: Micros, now: Micros) -> Result<Self, Invalid> {
        if until <= now {
            return Err(Invalid::new("has already passed", "give a day in the future"));
        }
        if until > now.plus_days(Self::LONGEST_DAYS) {
            return Err(Invalid::new(
                "is more than 180 days away",
                "choose an earlier day; a supervisor can renew the order",
            ));
        }
        Ok(Self { reason, approved_by, until })
    }
}

/// An identifier as an officer hands it in, before it is normalised: what a row of CSV or a CASE object says.
/// Every field of an entry stands here from the start.
#[derive(Clone, PartialEq, Eq)]
pub struct EntryDraft {
    /// Where in the file it stood: "line 7" or a JSON pointer.
    pub place: String,
    /// What sort of value.
    pub kind: Kind,
    /// The value as written.
    pub value: String,
    /// The platform, for handles and rooms.
    pub platform: Option<String>,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// Governing class; `None` takes the default of role and source.
    pub class: Option<EntryClass>,
    /// Where it came from; `None` when the file does not say.
    pub source: Option<Source>,
    /// The CyberTip's report number or the provider's reference.
    pub report: Option<String>,
    /// When it was seen in use.
    pub seen: Window,
    /// The port of an IP address.
    pub port: Option<u16>,
    /// How far it travels; `None` takes the submission's.
    pub marking: Option<Marking>,
    /// Confidence label; `None` takes the submission's.
    pub reliability: Option<Reliability>,
    /// Confidence label; `None` takes the submission's.
    pub validity: Option<Validity>,
    /// How it answers others; `None` takes the submission's, then the default.
    pub level: Option<Level>,
    /// The officer's note: sealed, never matched, never searched by others.
    pub note: Option<FreeText>,
}

impl EntryDraft {
    /// A draft with nothing known but its value.
    pub fn new(place: impl Into<String>, kind: Kind, value: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            kind,
            value: value.into(),
            platform: None,
            role: EntryRole::Unknown,
            age: AgeClass::Unknown,
            class: None,
            source: None,
            report: None,
            seen: Window::default(),
            port: None,
            marking: None,
            reliability: None,
            validity: None,
            level: None,
            note: None,
        }
    }

    /// Is this a child, a victim or a witness (invariant 5)?
    pub fn is_protected(&self) -> bool {
        is_protected(self.role, self.age)
    }

    /// The class it has when nobody names one: tips stay tips, protected people and unknowns are identifying only.
    pub fn class_or_default(&self) -> EntryClass {
        self.class.unwrap_or(match (self.source, self.role) {
            (Some(Source::CyberTip), _) => EntryClass::Tip,
            (_, EntryRole::Subject) => EntryClass::Suspicion,
            _ => EntryClass::IdentifyingOnly,
        })
    }

    /// The most open level it may have. Victims, witnesses, minors, personas, tips and persons are never open
    /// (../shared/design.md section 5): raising the level is allowed, lowering it is not.
    pub fn least_level(&self) -> Level {
        let desk = self.is_protected()
            || self.role == EntryRole::Undercover
            || self.class_or_default() == EntryClass::Tip
            || self.kind == Kind::Person;
        if desk { Level::Desk } else { Level::Open }
    }

    /// The level it has in a submission made at `submitted`.
    pub fn level_or(&self, submitted: Level) -> Level {
        self.level.unwrap_or(submitted).max(self.least_level())
    }
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for EntryDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntryDraft").field("place", &self.place).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Is this a child, a victim or a witness? Their values open only in their own case and with a reason (18 U.S.C. 3509(d)).
pub fn is_protected(role: EntryRole, age: AgeClass) -> bool {
    age == AgeClass::Minor || matches!(role, EntryRole::Victim | EntryRole::Witness)
}

/// How long an entry may stay before it is reviewed (28 CFR 23.20(h): never over five years).
pub(crate) fn review_due(class: EntryClass, now: Micros) -> Micros {
    match class {
        EntryClass::Suspicion | EntryClass::IdentifyingOnly => now.plus_days(5 * 365),
        // Tips and leads have a retention of their own, one year unless a site sets less.
        EntryClass::Tip => now.plus_days(365),
    }
}

impl EntryClass {
    /// When an entry of this class entered at `now` must be reviewed or purged.
    pub fn review_due(self, now: Micros) -> Micros {
        review_due(self, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Invariant 5: a child is never a target; its entries are desk at least.
    #[test]
    fn protected_entries_are_never_open() {
        let mut e = EntryDraft::new("line 2", Kind::Email, "a@example.org");
        assert_eq!(e.level_or(Level::Open), Level::Open);
        e.level = Some(Level::Open);
        e.age = AgeClass::Minor;
        assert_eq!(e.level_or(Level::Open), Level::Desk);
        assert_eq!(e.level_or(Level::Silent), Level::Desk);
        e.level = Some(Level::Silent);
        assert_eq!(e.level_or(Level::Open), Level::Silent);
        e.age = AgeClass::Adult;
        e.level = None;
        e.role = EntryRole::Undercover;
        assert_eq!(e.level_or(Level::Open), Level::Desk);
    }

    #[test]
    fn a_silent_order_ends() {
        let now = Micros(0);
        let by = MemberId::from(uuid::Uuid::nil());
        let reason = FreeText::parse("live operation").unwrap();
        assert!(SilentOrder::new(reason.clone(), by, now, now).is_err());
        assert!(SilentOrder::new(reason.clone(), by, now.plus_days(181), now).is_err());
        assert!(SilentOrder::new(reason, by, now.plus_days(30), now).is_ok());
    }

    #[test]
    fn a_draft_never_prints_its_value() {
        let e = EntryDraft::new("line 2", Kind::Email, "a@example.org");
        assert!(!format!("{e:?}").contains("example.org"));
    }
}
