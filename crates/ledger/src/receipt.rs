//! What an officer keeps of a submission or a check: the signed words, and later their proof.

use std::fmt;

use model::Micros;
use serde_json::Value;

use crate::checkpoint::Checkpoint;
use crate::codec::DecodeError;
use crate::digest::{bind_digest, leaf_hash};
use crate::event::Event;
use crate::note::{NoteError, SigningKey, VerifierKey};
use crate::proof::{ProofError, verify_inclusion};
use crate::tree::Hash;

/// The file format, and the context under which its statement is signed.
pub(crate) const FORMAT: &str = "concord.receipt/1";

/// The name under which the event binds the statement.
const BIND: &str = "receipt";

/// Why a receipt is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The file is not the JSON of a receipt.
    #[error("the receipt does not read as JSON of {FORMAT} at line {line}, column {column}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Another format, or another version of it.
    #[error("the receipt's format is not {FORMAT}; check it with the version that wrote it")]
    Format,
    /// A field that is not what the format asks for.
    #[error("the receipt's field {0} does not read: it must be base64 of the right length")]
    Field(&'static str),
    /// The statement is not JSON, or does not say whether it is a trial.
    #[error("the receipt's statement must be a JSON object whose field trial is true or false")]
    Statement,
    /// Made with another key than the one it is checked with.
    #[error("the receipt names another key than the one it is checked with; take the key of the log that gave it")]
    Key,
    /// The words were changed, or the key did not sign them.
    #[error("the receipt's signature does not verify: its statement was changed, or another key signed it")]
    Signature,
    /// The proof's checkpoint is not signed by the key, or does not read.
    #[error("the proof's checkpoint does not verify: {0}")]
    Checkpoint(#[source] NoteError),
    /// The proof is for another size than the checkpoint.
    #[error("the proof's size is not the size of its checkpoint")]
    Size,
    /// The proof's event does not read.
    #[error("the proof's event does not read: {0}")]
    Event(#[source] DecodeError),
    /// The event speaks of another receipt, or the salt is wrong.
    #[error("the proof's event does not bind this statement under its salt")]
    Bind,
    /// The event is not in the tree of the checkpoint.
    #[error("the proof's event is not in the log at its position: {0}")]
    Inclusion(#[source] ProofError),
}

/// A receipt: a promise at once, a proof when the event stands in a signed tree.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    pub(crate) statement: String,
    pub(crate) signature: [u8; 64],
    pub(crate) key: String,
    pub(crate) proof: Option<Proof>,
}

impl fmt::Debug for Receipt {
    /// Without the statement, which is content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("key", &self.key).field("proof", &self.proof).finish_non_exhaustive()
    }
}

/// That the event which binds a statement stands in the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// The event's position.
    pub index: u64,
    /// The size of the tree of the checkpoint.
    pub size: u64,
    /// The event's bytes.
    pub event: Vec<u8>,
    /// The event's salt.
    pub salt: [u8; 32],
    /// The inclusion proof.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, as text.
    pub checkpoint: String,
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("index", &self.index).field("size", &self.size).finish_non_exhaustive()
    }
}

/// What a receipt that verifies says.
#[derive(Clone, PartialEq)]
pub struct Verified {
    /// It stands in the log; otherwise it is only a signed promise.
    pub proven: bool,
    /// It was a trial, without effect.
    pub trial: bool,
    /// The words that were signed.
    pub statement: Value,
    /// The event's position, when proven.
    pub position: Option<u64>,
    /// When the event happened by the log's clock, when proven.
    pub at: Option<Micros>,
    /// The event, when proven.
    pub event: Option<Event>,
    /// The head of the log it was proven against, when proven.
    pub checkpoint: Option<Checkpoint>,
}

impl fmt::Debug for Verified {
    /// Without the statement, which is content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Verified");
        out.field("proven", &self.proven).field("trial", &self.trial).field("position", &self.position);
        out.finish_non_exhaustive()
    }
}

impl Receipt {
    /// Signs a statement: the exact text of a JSON object with a field `trial` that is true or false.
    ///
    /// # Errors
    /// [`ReceiptError::Statement`] when it is not such a text.
    pub fn promise(statement: String, key: &SigningKey) -> Result<Self, ReceiptError> {
        says_trial(&statement)?;
        let signature = key.sign_statement(FORMAT, statement.as_bytes());
        Ok(Self { statement, signature, key: key.name().to_owned(), proof: None })
    }

    /// The same receipt with its proof. Nothing is checked here; [`Receipt::verify`] checks all of it.
    #[must_use]
    pub fn with_proof(self, proof: Proof) -> Self {
        Self { proof: Some(proof), ..self }
    }

    /// The exact text that was signed; the event binds these bytes as "receipt".
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// The name of the key that signed.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The proof, when there is one.
    pub fn proof(&self) -> Option<&Proof> {
        self.proof.as_ref()
    }

    /// Checks the signature of the statement and, when there is a proof, that a checkpoint of this key covers an event
    /// that binds exactly this statement. Signatures of witnesses on the checkpoint are not looked at.
    ///
    /// # Errors
    /// [`ReceiptError`]: the first thing that does not verify.
    pub fn verify(&self, key: &VerifierKey) -> Result<Verified, ReceiptError> {
        if self.key != key.name() {
            return Err(ReceiptError::Key);
        }
        key.verify_statement(FORMAT, self.statement.as_bytes(), &self.signature)
            .map_err(|_| ReceiptError::Signature)?;
        let (statement, trial) = read(&self.statement)?;
        let proven = self.proof.as_ref().map(|proof| proof.verify(&self.statement, key)).transpose()?;
        let position = self.proof.as_ref().map(|proof| proof.index);
        let (event, checkpoint) = proven.unzip();
        let at = event.as_ref().map(|event| event.at);
        Ok(Verified { proven: event.is_some(), trial, statement, position, at, event, checkpoint })
    }
}

impl Proof {
    fn verify(&self, statement: &str, key: &VerifierKey) -> Result<(Event, Checkpoint), ReceiptError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key).map_err(ReceiptError::Checkpoint)?;
        if checkpoint.size != self.size {
            return Err(ReceiptError::Size);
        }
        let event = Event::decode(&self.event).map_err(ReceiptError::Event)?;
        let digest = bind_digest(&self.salt, BIND, statement.as_bytes());
        if !event.binds.iter().any(|bind| bind.what == BIND && bind.digest == digest) {
            return Err(ReceiptError::Bind);
        }
        let leaf = leaf_hash(&self.salt, &self.event);
        verify_inclusion(&leaf, self.index, self.size, &self.hashes, &checkpoint.root)
            .map_err(ReceiptError::Inclusion)?;
        Ok((event, checkpoint))
    }
}

/// Is it a trial? Everything else is only seen to be JSON: whoever signs has just written it.
fn says_trial(statement: &str) -> Result<bool, ReceiptError> {
    #[derive(serde::Deserialize)]
    struct Says {
        trial: bool,
    }
    if !statement.trim_start().starts_with('{') {
        return Err(ReceiptError::Statement); // a list of values would read as well
    }
    serde_json::from_str::<Says>(statement).map(|says| says.trial).map_err(|_| ReceiptError::Statement)
}

/// The statement as JSON, and whether it is a trial.
fn read(statement: &str) -> Result<(Value, bool), ReceiptError> {
    let value: Value = serde_json::from_str(statement).map_err(|_| ReceiptError::Statement)?;
    let trial =
        value.as_object().and_then(|o| o.get("trial")).and_then(Value::as_bool).ok_or(ReceiptError::Statement)?;
    Ok((value, trial))
}
