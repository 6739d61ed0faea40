//! The use cases, one file a verb, on a [`Desk`] that owns store, policies, lists and clocks.
//!
//! Page, API and command line call the same verb: one [`policy::decide`], one or two transactions, one answer. Answers are
//! built only here and in [`answer`], through [`policy::disclosure`].

pub mod answer;
mod clocks;
mod courier;
mod desk;
mod error;
mod limits;
mod page;
mod verbs;
mod workers;

pub use clocks::Clocks;
pub use courier::{Courier, Couriers, LETTER, Letter, Secret, Sending, To, Undelivered};
pub use desk::{Desk, Opening};
pub use error::{Error, Exit};
pub use exchange::{
    Format, Reading, TipFormat, TipReading, read, read_copied, read_pasted, read_tips, sniff_tips, write_csv,
};
pub use limits::Limits;
pub use page::{PAGE_ROWS, Page};
pub use verbs::agencies::{NewAgency, NewApproval, NewMember, NewRoster};
pub use verbs::backup::RestoreFrom;
pub use verbs::bring_back::{Moved, Returned};
pub use verbs::bulk::{BULK, BULK_ANSWER, BULK_LIST, BulkAnswer, BulkJob, BulkJobs, BulkLabels, BulkOrder};
pub use verbs::call_proof::CallProof;
pub use verbs::case_list::{CASES, CaseFilter, CaseRow};
pub use verbs::case_view::{CASE, CasePage, CaseView, TipText, TipView};
pub use verbs::cases::NewCase;
pub use verbs::check::CheckOrder;
pub use verbs::conflicts::{ConflictView, HoldLine, Line, ProposalLine, Step};
pub use verbs::correct::{Correctable, RightValue};
pub use verbs::directory::{AGENCIES, AGENCY, AgencyPage, AgencyRow, MEMBERS, MemberRow};
pub use verbs::doctor::{Finding, State};
pub use verbs::export::{EXPORT, Export};
pub use verbs::find::{FOUND, FindKind, Found, FoundPage};
pub use verbs::holds::HoldOrder;
pub use verbs::import::{ImportFile, ImportOrder, ImportRow, ImportSort, ImportedFile, MOST_REPORTS, RowFate};
pub use verbs::news::{Counts, Cursor, NEWS, News, NewsItem, THREAD_NEWS, ThreadMark, ThreadNews};
pub use verbs::queue::{CONFLICTS, ConflictFilter, ConflictRow};
pub use verbs::receipts::verify_receipt;
pub use verbs::sessions::{Session, SessionState, Ticket, TrialOfficer};
pub use verbs::submissions::{
    AskedLine, Corrected, SUBMISSION, SUBMISSIONS, SawLine, SubmissionFilter, SubmissionRow, SubmissionView,
    SubmittedEntry,
};
pub use verbs::submit::{SilentRequest, SubmitOrder};
pub use verbs::take_in::CaseIntake;
pub use verbs::takeover::TakeOver;
pub use verbs::timeline::{Happened, Theirs};
pub use verbs::tips::{PredicateOrder, SubjectOrder, TipFate};
pub use verbs::transfer::{TransferLine, Transfers};
pub use verbs::webhooks::{MOST_WEBHOOKS, NewWebhook, WEBHOOKS, WebhookLine, Webhooks};
pub use verbs::whole::{CaseLine, EntryLine, PredicateLine, TipFlags, WITHHELD};
pub use workers::{BulkRound, Posted, Round, Settled};

pub use ledger::Verified;
pub use model;
pub use policy::Principal;
pub use store::Oneself;
pub use store::SubmissionVerb;
