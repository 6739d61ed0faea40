//! The append-only record of every act, read and refusal.
//!
//! # What a receipt proves, and what it does not
//! A receipt with its proof proves that this log, under this key, recorded these exact words at this position, and
//! that the log which says so is the one whose checkpoint it carries. A promise (a receipt without proof) proves only
//! that the key signed the words. Neither proves that the words are true, that nothing else matched, or when it was
//! other than by the log's own clock. Two people who hold checkpoints of one log can tell whether one continues the
//! other; without such a second holder nobody can: **who holds database and signing key can rewrite what no receipt,
//! agency or witness has seen.**
//!
//! # How it is made
//! An [`Event`] holds ids, verbs and times, never content. Its bytes under a random salt are a leaf ([`leaf_hash`]) of
//! a Merkle tree (RFC 6962), kept as tiles of 256 hashes (C2SP tlog-tiles). The head of the tree is signed as a
//! [`Checkpoint`] (C2SP tlog-checkpoint). [`Auditor`] reads all of it again and names the first thing that is wrong.
//!
//! Everything here is pure: values in, values out.

mod checkpoint;
mod codec;
mod digest;
mod event;
mod finding;
mod integrate;
mod new_log;
mod note;
mod proof;
mod receipt;
mod receipt_file;
mod roots;
mod security;
mod strips;
mod tile;
mod tree;
mod verify;

pub use checkpoint::Checkpoint;
pub use codec::DecodeError;
pub use digest::{Column, bind_digest, leaf_hash, row_digest};
pub use event::{Actor, Bind, Event, Object, Outcome, RowDigest, Verb};
pub use finding::{Finding, Verdict};
pub use integrate::{Integrated, integrate};
pub use new_log::{OLD_LOGS, OldLog, log_name, old_logs};
pub use note::{NoteError, SigningKey, VerifierKey};
pub use proof::{
    ProofError, consistency, consistency_tiles, inclusion, inclusion_tiles, verify_consistency, verify_inclusion,
};
pub use receipt::{Proof, Receipt, ReceiptError, Verified};
pub use security::SecurityRow;
pub use tile::{Tile, TileId, Tiles, edge, root, root_tiles, width};
pub use tree::{Frontier, Hash, MAX_SIZE, TreeError, empty_root, leaf, node};
pub use verify::{Auditor, Kept, LedgerRow};
