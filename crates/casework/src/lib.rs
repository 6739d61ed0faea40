//! The use cases, one file a verb, on a [`Desk`] that owns store, policies, lists and clocks.
//!
//! Page, API and command line call the same verb: one [`policy::decide`], one or two transactions, one answer. Answers are
//! built only here and in [`answer`], through [`policy::disclosure`].

pub mod answer;
mod clocks;
mod desk;
mod error;
mod verbs;
mod workers;

pub use clocks::Clocks;
pub use desk::{Desk, Opening};
pub use error::{Error, Exit};
pub use exchange::{Format, Reading, TipFormat, TipReading, read, read_copied, read_tips, sniff_tips, write_csv};
pub use verbs::agencies::{NewAgency, NewApproval, NewMember, NewRoster};
pub use verbs::backup::RestoreFrom;
pub use verbs::bring_back::{Moved, Returned};
pub use verbs::case_view::{CASE, CaseView, TipText, TipView};
pub use verbs::cases::NewCase;
pub use verbs::check::CheckOrder;
pub use verbs::conflicts::{ConflictView, Step};
pub use verbs::doctor::{Finding, State};
pub use verbs::export::{EXPORT, Export};
pub use verbs::holds::HoldOrder;
pub use verbs::receipts::verify_receipt;
pub use verbs::submit::{SilentRequest, SubmitOrder};
pub use verbs::take_in::CaseIntake;
pub use verbs::takeover::TakeOver;
pub use verbs::tips::{PredicateOrder, SubjectOrder, TipFate};
pub use verbs::transfer::{TransferLine, Transfers};
pub use verbs::whole::{CaseLine, EntryLine, PredicateLine, TipFlags, WITHHELD};
pub use workers::{Round, Settled};

pub use ledger::Verified;
pub use model;
pub use policy::Principal;
