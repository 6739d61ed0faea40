//! What the words mean.
//!
//! Plain values and the rules that make them valid: constructors parse, so a value that exists is valid.
//! No IO, no clock, no chance; time and chance are arguments ([`Clock`], [`Chance`]).
//! The words are those of docs/ARCHITECTURE.md, "Words"; each type says which statute, RFC or vocabulary it follows.

mod agency;
mod bulk;
mod case;
mod conflict;
mod entry;
mod ids;
mod kind;
mod marking;
mod pdq;
mod problem;
mod text;
mod time;
pub mod tip;
mod token;
mod vocabulary;
mod words;
mod zone;

pub use agency::{Agency, AgencyKind, Approval, Contact, Country, Member, Role, Roles, State, Telephone};
pub use bulk::{Authority, BulkState, BulkVerb};
pub use case::{Case, CaseNumber, CaseStatus, Nexus, Offence, Outcome, Predicate, ThreatArea};
pub use conflict::{Pair, Resolution, SideState, Strength};
pub use entry::{
    AgeClass, Certainty, EntryClass, EntryDraft, EntryRole, Level, Reliability, SilentOrder, Source, Validity,
    is_protected,
};
pub use ids::{
    AgencyId, ApprovalId, BulkId, CaseId, ConflictId, EntryId, EventId, GatheringId, LetterId, MatchId, MemberId,
    MessageId, NoticeId, PredicateId, RequestId, SubmissionId, TransferId, WebhookId, derived_id,
};
pub use kind::Kind;
pub use marking::{Caveat, LegalBasis, Marking, Tlp};
pub use pdq::Pdq;
pub use problem::{Invalid, Problem};
pub use text::{FreeText, MediaRefused, Purpose};
pub use time::{Chance, Clock, Day, Micros, Window};
pub use tip::{ReportNumber, Tip};
pub use token::{BadToken, SpaceId, Token};
pub use vocabulary::UnknownWord;
pub use words::{MOST_ASKED, asked_words, text_words, value_words};
pub use zone::TimeZone;
