//! What policy decides on: facts of the object, never content.

use model::{AgencyId, MemberId, Roles};

use crate::transfer::Carriage;

/// Facts of the thing acted on. What is not known stays at its default, and the default never opens a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// Whose it is: of the case, receipt or member list; the agency a member is added to; one's own side's agency.
    pub agency: Option<AgencyId>,
    /// Who leads the case.
    pub lead: Option<MemberId>,
    /// Is the lead a sworn officer? An analyst submits only to the case of one.
    pub lead_sworn: bool,
    /// Who supervises the case.
    pub supervisor: Option<MemberId>,
    /// Is the case open? Nothing is submitted to a closed one.
    pub status_open: bool,
    /// Does the reader's agency have an open side in this conflict (one it may see)?
    pub side: bool,
    /// The other person of an act of two. [`crate::Action::ApproveSilent`]: who submits.
    /// [`crate::Action::Submit`] of silent entries: the supervisor who approved. Of a bulk job: who asked for it.
    pub other_member: Option<MemberId>,
    /// The roles of a member being added.
    pub roles: Option<Roles>,
    /// The case or question states how the Internet was used (34 U.S.C. 21115(a)).
    pub has_nexus: bool,
    /// Every subject of the submission has a predicate, its own or its case's; true when it has no subjects
    /// (28 CFR 23.20(a)).
    pub has_predicate: bool,
    /// Some entry of the submission is to be silent.
    pub silent: bool,
    /// There are more values than one person may ask or submit in one go.
    pub many: bool,
    /// A hold stands on the conflict.
    pub held: bool,
    /// This installation is a trial: its keys were made beside its data, and it says so on everything.
    pub trial: bool,
    /// What stands against a case's going to another agency ([`crate::transfer`]): nothing of it is known until weighed.
    pub carriage: Carriage,
}
