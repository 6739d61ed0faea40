//! Cases, and the facts that justify them.

use crate::agency::Contact;
use crate::ids::{AgencyId, CaseId, MemberId, PredicateId};
use crate::marking::Marking;
use crate::problem::Invalid;
use crate::text::FreeText;
use crate::time::Micros;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// The five areas of the National Strategy's threat assessment (2010).
    pub enum ThreatArea as "threat area" {
        /// Child sexual abuse material ("child pornography" in the statutes).
        Material = 1 "material",
        /// Online enticement.
        Enticement = 2 "enticement",
        /// Travel to exploit children.
        Travel = 3 "travel",
        /// Commercial sexual exploitation.
        Commercial = 4 "commercial",
        /// Exploitation in Indian Country.
        IndianCountry = 5 "indian-country",
    }
}

vocabulary! {
    /// Where a case stands.
    pub enum CaseStatus as "case status" {
        /// Being worked.
        Open = 1 "open",
        /// Closed with an outcome.
        Closed = 2 "closed",
        /// A tip taken in: no officer has stated a predicate yet, so nobody in it is a subject (28 CFR 23.20(a)).
        Tip = 3 "tip",
        /// Gone to another agency; what stands under this number is what stayed.
        Transferred = 4 "transferred",
    }
}

impl CaseStatus {
    /// May entries still be added, matched and withdrawn in it?
    pub fn is_worked(self) -> bool {
        matches!(self, Self::Open | Self::Tip)
    }
}

vocabulary! {
    /// How a case ended (18 U.S.C. and 34 U.S.C. 21116(d)(1) reporting; unfounded and after it leave matching).
    pub enum Outcome as "outcome" {
        /// Somebody was charged.
        Charged = 1 "charged",
        /// Somebody was convicted.
        Convicted = 2 "convicted",
        /// Referred to another agency.
        Referred = 3 "referred",
        /// Nothing more can be done for now.
        Exhausted = 4 "exhausted",
        /// There was no crime.
        Unfounded = 5 "unfounded",
        /// The subject was cleared.
        Cleared = 6 "cleared",
        /// The subject was acquitted.
        Acquitted = 7 "acquitted",
        /// The information was unlawfully obtained (28 CFR 23.20(c)).
        UnlawfullyObtained = 8 "unlawfully-obtained",
    }
}

impl Outcome {
    /// Must the case's entries leave matching, and everybody who was told be told?
    pub fn withdraws_entries(self) -> bool {
        matches!(self, Self::Unfounded | Self::Cleared | Self::Acquitted | Self::UnlawfullyObtained)
    }
}

/// The agency's own case number: sealed at rest, found by a keyed token.
#[derive(Clone, PartialEq, Eq)]
pub struct CaseNumber(String);

impl CaseNumber {
    /// 1 to 80 visible characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 80 || text.chars().any(char::is_control) {
            return Err(Invalid::new("is not a case number", "write your agency's number in at most 80 characters"));
        }
        Ok(Self(text.to_owned()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for CaseNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaseNumber(..)")
    }
}

/// How the Internet was used to facilitate child exploitation: the system's legal scope (34 U.S.C. 21115(a)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nexus(FreeText);

impl Nexus {
    /// Some words; a case or a question without them is outside the law that made this system.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let outside = || {
            Invalid::new(
                "states no use of the Internet to facilitate child exploitation; 34 U.S.C. 21115(a) limits this system to it",
                "say how the Internet was used, for example: contact began in a chat room",
            )
        };
        if text.chars().filter(|c| c.is_alphabetic()).count() < 3 {
            return Err(outside());
        }
        FreeText::parse(text).map(Self)
    }

    /// The officer's words.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A definable criminal activity: the statute, as in the versioned table of offences.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Offence(String);

impl Offence {
    /// A statute's short citation, for example "18 USC 2422(b)".
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.len() > 60 || !text.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
            return Err(Invalid::new("is not a statute", "write its citation, for example 18 USC 2422(b)"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The offence a predicate has when the officer names none, by threat area.
    /// Which statute is usual for which area is this table's judgement, version 1; an officer can name another.
    pub fn usual(area: ThreatArea) -> Self {
        Self(
            match area {
                ThreatArea::Material => "18 USC 2252A(a)(5)",
                ThreatArea::Enticement => "18 USC 2422(b)",
                ThreatArea::Travel => "18 USC 2423(b)",
                ThreatArea::Commercial => "18 USC 1591(b)(2)",
                ThreatArea::IndianCountry => "18 USC 1152/1153",
            }
            .to_owned(),
        )
    }

    /// The citation.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The facts that make suspicion reasonable for one person or account entered as subject (28 CFR 23.20(a)).
#[derive(Debug, Clone)]
pub struct Predicate {
    /// Its id.
    pub id: PredicateId,
    /// The offence suspected.
    pub offence: Offence,
    /// Who certifies it.
    pub member: MemberId,
    /// When they did.
    pub at: Micros,
    /// The facts, sealed.
    pub facts: FreeText,
    /// SHA-256 of the supporting document, which stays with the agency (28 CFR 23.20(n)).
    pub document: Option<[u8; 32]>,
}

impl Predicate {
    /// Facts are required: a bare suspicion is no predicate.
    pub fn facts(text: &str) -> Result<FreeText, Invalid> {
        if text.chars().filter(|c| c.is_alphabetic()).count() < 3 {
            return Err(Invalid::new(
                "gives no facts; 28 CFR 23.20(a) admits a subject only on reasonable suspicion",
                "state the facts that make the suspicion reasonable",
            ));
        }
        FreeText::parse(text)
    }
}

/// An agency's investigation.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Whose it is.
    pub agency: AgencyId,
    /// The agency's number.
    pub number: CaseNumber,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
    /// How the Internet was used.
    pub nexus: Nexus,
    /// The offence suspected; of a tip the one its report points to.
    pub offence: Offence,
    /// What its subjects' entries inherit; `None` only for a tip, until an officer states one.
    pub predicate: Option<Predicate>,
    /// Who leads it.
    pub lead: MemberId,
    /// Who supervises; also whom others call when the lead must not be shown.
    pub supervisor: Option<MemberId>,
    /// Whom others call; `None` means the lead.
    pub contact: Option<Contact>,
    /// How far it travels.
    pub marking: Marking,
    /// Open or closed.
    pub status: CaseStatus,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it was opened.
    pub opened: Micros,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 34 U.S.C. 21115(a) and 28 CFR 23.20(a) stand in the refusals.
    #[test]
    fn a_case_without_nexus_or_facts_is_refused_with_the_law() {
        assert!(Nexus::parse("  ").unwrap_err().to_string().contains("34 U.S.C. 21115(a)"));
        assert!(Predicate::facts("--").unwrap_err().to_string().contains("28 CFR 23.20(a)"));
        assert!(Nexus::parse("contact began in a chat room").is_ok());
    }

    #[test]
    fn only_four_outcomes_take_entries_out_of_matching() {
        assert_eq!(Outcome::ALL.iter().filter(|o| o.withdraws_entries()).count(), 4);
    }
}
