//! What of another agency a reader sees: the only code that opens [`Sealed`].
//!
//! Every function is total and depends on its arguments alone, so a silent entry cannot show by way of them.

use model::{
    AgeClass, AgencyId, AgencyKind, Contact, Country, EntryClass, EntryRole, Kind, Level, Marking, Pdq, Source,
    Telephone, TimeZone,
};

use crate::basis::{Basis, cybertip_basis};
use crate::principal::Principal;
use crate::sealed::Sealed;

/// What the store knows of the other side of one match.
pub struct Other {
    /// Whose entry it is.
    pub agency: AgencyId,
    /// The agency's public name.
    pub agency_name: String,
    /// What the agency is.
    pub agency_kind: AgencyKind,
    /// The agency's country.
    pub country: Country,
    /// Whom to call; never the driver of an active operation.
    pub contact: Contact,
    /// Where the agency's telephones ring; `None` when it never said.
    pub time_zone: Option<TimeZone>,
    /// How the entry answers, as its owner set it.
    pub level: Level,
    /// Where the entry came from.
    pub source: Option<Source>,
    /// Its class under 28 CFR Part 23.
    pub class: EntryClass,
    /// Whose identifier it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// What sort of value.
    pub kind: Kind,
    /// How far it travels.
    pub marking: Marking,
    /// The rule that matched answers at the desk whatever the level: a person, a value held by many.
    pub desk_only: bool,
    /// What counsel recorded for this pair of kinds of agency (18 U.S.C. 2258A(g)(2)(A)).
    pub bases: Vec<Basis>,
}

/// What a reader sees of one match, and all they see of it.
#[derive(Clone, PartialEq, Eq)]
pub enum Shown {
    /// Whom to call.
    Open {
        /// The agency's public name.
        agency: String,
        /// The contact's name.
        contact: String,
        /// Their telephone.
        telephone: Telephone,
        /// Where it rings: a part of whom to call, so that nobody is woken for what can wait.
        time_zone: Option<TimeZone>,
    },
    /// "Call the watch desk"; the same whatever the cause.
    Desk,
    /// Exactly a miss.
    Nothing,
}

impl Shown {
    /// 0 nothing, 1 desk, 2 open.
    fn openness(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Desk => 1,
            Self::Open { .. } => 2,
        }
    }
}

/// Names and telephones are content: no accident prints one.
impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open { .. } => "Open(..)",
            Self::Desk => "Desk",
            Self::Nothing => "Nothing",
        })
    }
}

/// What this viewer sees of the other side of one match.
///
/// Only a member sees anything: workers and the machine's operator have no side, and a notice is rendered for the
/// member it goes to. A suspended agency sees nothing. Silent is nothing, in its own house too. One's own agency
/// is open. Another agency's entry is open only when nothing asks for the desk.
pub fn show(viewer: &Principal, other: &Sealed<Other>) -> Shown {
    let other = other.open();
    if !viewer.is_member() || viewer.suspended || other.level == Level::Silent {
        return Shown::Nothing;
    }
    if viewer.agency != other.agency && needs_desk(viewer, other) {
        return Shown::Desk;
    }
    Shown::Open {
        agency: other.agency_name.clone(),
        contact: other.contact.name.clone(),
        telephone: other.contact.telephone.clone(),
        time_zone: other.time_zone.clone(),
    }
}

/// Must another agency's reader be sent to the watch desk?
fn needs_desk(viewer: &Principal, other: &Other) -> bool {
    let protected = other.age == AgeClass::Minor || matches!(other.role, EntryRole::Victim | EntryRole::Witness);
    let foreign = viewer.agency_kind == AgencyKind::Foreign || viewer.country != Country::HOME;
    other.level != Level::Open
        || other.desk_only
        || other.role == EntryRole::Undercover
        || protected
        || other.class == EntryClass::Tip
        || other.kind == Kind::Person
        || (foreign && !other.marking.release.contains(&viewer.country))
        || (other.source == Some(Source::CyberTip) && cybertip_basis(viewer.agency_kind, &other.bases).is_none())
}

/// What a reader sees of several matches of one pair of cases: the most open of them, the first where several are
/// as open. A hidden match adds nothing, so the answer is the same with and without it.
pub fn merge(shown: impl Iterator<Item = Shown>) -> Shown {
    shown.fold(Shown::Nothing, |most, next| if next.openness() > most.openness() { next } else { most })
}

/// What somebody who stands at the watch desk sees of a party whom it must put through: whom to call. Nobody else.
pub fn at_desk(viewer: &Principal, party: &Sealed<Other>) -> Shown {
    if !viewer.has(model::Role::WatchDesk) || viewer.suspended {
        return Shown::Nothing;
    }
    let party = party.open();
    Shown::Open {
        agency: party.agency_name.clone(),
        contact: party.contact.name.clone(),
        telephone: party.contact.telephone.clone(),
        time_zone: party.time_zone.clone(),
    }
}

/// An agency's duty number, as anybody who takes part may dial it.
pub fn duty_number(viewer: &Principal, number: &Sealed<Telephone>) -> Option<Telephone> {
    (viewer.is_member() && !viewer.suspended).then(|| number.open().clone())
}

/// Whether an agency is suspended, for those who may know: its own members and those who admit agencies (34 U.S.C.
/// 21115(c)). To everybody else it stands in the directory like any other.
pub fn suspended(viewer: &Principal, agency: AgencyId, is: &Sealed<bool>) -> Option<bool> {
    let admits = viewer.has(model::Role::ProgrammeOffice) || viewer.has(model::Role::SystemOperator);
    ((viewer.is_member() && viewer.agency == agency) || admits).then(|| *is.open())
}

/// Do these two perceptual hashes show the same picture ([`Pdq::NEAR`])? The one thing the matcher learns of
/// another agency's hash: never how far apart they are.
pub fn near(held: &Sealed<Pdq>, asked: &Pdq) -> bool {
    held.open().distance(asked) <= Pdq::NEAR
}
