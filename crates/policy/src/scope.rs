//! Where a grant reaches. The store turns it into the WHERE of every statement.

use model::{AgencyId, MemberId, Role};

use crate::action::Action;
use crate::principal::Principal;

/// The rows a grant opens. A row out of scope does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The rows of one agency.
    OwnAgency(AgencyId),
    /// The cases of one agency that this member leads or supervises.
    OwnCases {
        /// The agency.
        agency: AgencyId,
        /// Lead or supervisor.
        member: MemberId,
    },
    /// Conflicts in which the agency has a side it may see.
    Sides {
        /// The agency.
        agency: AgencyId,
    },
    /// What is public of every agency: name, kind, place, duty number. No row of a case or of a person.
    Directory,
    /// The watch desk's queue.
    Desk,
    /// Leaves, tiles and checkpoints; no row of anybody.
    LedgerOnly,
    /// Postings and hit facts of all agencies, no content.
    Matcher,
    /// The installation: its first rows, workers, operator.
    Installation,
}

/// The scope of an action in this principal's hands. One match, so that a new action must choose.
pub(crate) fn scope(principal: &Principal, action: Action) -> Scope {
    let agency = principal.agency;
    match action {
        Action::OpenCase
        | Action::ViewCase
        | Action::Search
        | Action::Submit
        | Action::ReceiveTip
        | Action::Check
        | Action::AcceptTransfer
        | Action::ApproveSilent
        | Action::ListMembers
        | Action::AskBulk
        | Action::ApproveBulk
        | Action::CancelBulk
        | Action::ViewBulk
        | Action::Export
        | Action::GetReceipt
        | Action::StepIn
        | Action::KeepSession
        | Action::AddWebhook
        | Action::ListWebhooks
        | Action::EndWebhook
        | Action::ChooseMail => Scope::OwnAgency(agency),
        // A supervisor answers for every case of the agency, others for those they lead or supervise.
        Action::CloseCase | Action::Withdraw | Action::Correct | Action::StatePredicate | Action::OfferTransfer
            if principal.has(Role::Supervisor) =>
        {
            Scope::OwnAgency(agency)
        }
        Action::CloseCase | Action::Withdraw | Action::Correct | Action::StatePredicate | Action::OfferTransfer => {
            Scope::OwnCases { agency, member: principal.member }
        }
        Action::Inbox
        | Action::ShowConflict
        | Action::Acknowledge
        | Action::Message
        | Action::Propose
        | Action::Accept
        | Action::Reopen
        | Action::Hold
        | Action::LiftHold
        | Action::ActAgainstHold => Scope::Sides { agency },
        Action::ListAgencies => Scope::Directory,
        Action::DeskQueue => Scope::Desk,
        Action::VerifyLedger | Action::Checkpoint | Action::Sequence => Scope::LedgerOnly,
        Action::Look | Action::Sweep | Action::SecondLook | Action::SilentLook => Scope::Matcher,
        // An agency's administrator writes into their own agency only.
        Action::AddMember | Action::SetTimeZone if principal.is_member() => Scope::OwnAgency(agency),
        Action::AddMember
        | Action::SetTimeZone
        | Action::AddAgency
        | Action::RecordApproval
        | Action::Init
        | Action::Backup
        | Action::Restore
        | Action::Doctor
        | Action::RunBulk
        | Action::Deliver => Scope::Installation,
    }
}
