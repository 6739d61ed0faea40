//! The only crate that names a database. One SQL text serves SQLite and PostgreSQL.
//!
//! [`Store::begin`] and [`Store::view`] take a [`policy::Grant`] and give a [`Tx`]; [`Tx::commit`] takes an [`Act`]: no
//! row is read or written without a grant, and nothing commits without its event. [`Store::refuse`] records what policy
//! denied. `Store::*_facts` return what policy decides on, never content.

mod act;
mod backup;
mod db;
mod disk;
mod doctor;
mod error;
mod events;
mod keyed;
mod keys;
mod log_file;
mod migrate;
mod new_log;
mod pools;
mod purge;
mod rows;
mod schema;
mod store;
mod trace;
mod tx;
mod verify;
mod write_ahead;

pub use act::Act;
pub use backup::{BackupFault, BackupMade, LONGEST_DAYS, RestoreOrder, Restored};
pub use db::{Engine, Value as Bind};
pub use disk::{Encryption, KeyFolderFacts, PlaceFacts};
pub use doctor::{DoctorFacts, Durability, KeptAgrees, Waiting};
pub use error::Error;
pub use events::Recorded as Proven;
pub use keys::{KeyFolder, OldLog};
pub use migrate::Schema;
pub use new_log::{NewLog, NewLogReason};
pub use pools::{Place, Settings};
pub use purge::{PurgeRule, RULES as PURGE_RULES};
pub use rows::agencies::{AgencyFacts, MemberFacts};
pub use rows::answers::{Answered, NewAnswer};
pub use rows::arrivals::{Mark, Pace};
pub use rows::bulk::{BulkFacts, BulkRow, NewBulk};
pub use rows::bulk_work::{BulkHeld, BulkSlice};
pub use rows::cases::{CaseFacts, OwnCase, SealedCases};
pub use rows::conflicts::{Ended, NewConflict, NewMatch, Party, Recorded, Sees, SideFacts};
pub use rows::counts::InboxCounts;
pub use rows::directory::DirectoryRow;
pub use rows::dissemination::{Handed, How, Told};
pub use rows::entries::{EntryContent, EntryState, OwnEntry};
pub use rows::export::{HandedIn, ToldNotice, WholeCase, WholeMember, WholePredicate, WholeSubmission};
pub use rows::find::{FoundRow, FoundWhat};
pub use rows::handover::{Handover, MovedMatch, MovedSide, moved_place};
pub use rows::inbox::{Queue, Side, SideMatch};
pub use rows::installation::Installation;
pub use rows::labels::Labels;
pub use rows::letters::{DueLetter, LetterEnd, LetterFate, NewLetter, Target, Unposted};
pub use rows::lists::{AskedOf, CasesOf, ListedCase, SubmissionsOf};
pub use rows::look::{Among, Ask, Found, HeldElsewhere, Hit};
pub use rows::new_entries::{Bundle, NewEntry, SealedEntries};
pub use rows::notices::{Matter, NewNotice, Notice, Seen as SeenNotices, desk_recipient};
pub use rows::receivers::{Recipient, StandingNotice, Wishes};
pub use rows::requests::{Earlier, RequestDigest};
pub use rows::sessions::{Oneself, SessionDigest, SessionFacts};
pub use rows::silent::NewSilentHit;
pub use rows::submissions::{NewSubmission, Pending, SealedSubmissions, Stage, SubmissionVerb};
pub use rows::threads::{Hold, Message, Proposal};
pub use rows::tips::NewTip;
pub use rows::transfer::{NewTransfer, TransferFacts, TransferRow, TransferState};
pub use rows::turnstile::Pass;
pub use rows::webhooks::{Webhook, WebhookAddress};
pub use rows::whole_entries::WholeEntry;
pub use rows::words::FoundKind;
pub use store::Store;
pub use trace::{Moment, PARTITIONS, Seen, Trace};
pub use tx::Tx;
