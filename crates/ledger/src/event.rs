//! One act, read or refusal: ids, verbs and times, never content.

use std::borrow::Cow;
use std::fmt;

use model::{AgencyId, EventId, MemberId, Micros};
use uuid::Uuid;

/// Something done, seen or refused (CJIS Security Policy AU-3: what, when, where, source, outcome, who).
///
/// What speaks of people (purpose, answer, reason) is a sealed row elsewhere, bound here by a salted digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its own id; also the id column of its row.
    pub id: EventId,
    /// When it happened.
    pub at: Micros,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub verb: Verb,
    /// To what.
    pub object: Object,
    /// How it ended.
    pub outcome: Outcome,
    /// The ids of the policies that decided, as policy wrote them.
    pub policy: String,
    /// The request it belongs to.
    pub request: Uuid,
    /// Where it came from (AU-3): "command line", a host, an address.
    pub origin: String,
    /// The sealed rows it speaks for.
    pub binds: Vec<Bind>,
    /// The security rows it wrote.
    pub rows: Vec<RowDigest>,
    /// Every row that was shown, in the order shown; for a purge, the events whose body and salt were removed.
    pub shown: Vec<Uuid>,
}

/// Who acted, and on whose word we take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// How we know: "passkey", "asserted by the operator of this machine", "worker sweeper".
    pub standing: String,
    /// The member, when it was one.
    pub member: Option<MemberId>,
    /// The agency acted for, when there is one.
    pub agency: Option<AgencyId>,
}

/// What was done, in one word of a-z with hyphens: "submit", "read-case", "purge".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Verb(Cow<'static, str>);

impl Verb {
    /// The verb of an event that removed bodies and salts of other events, which it names.
    pub const PURGE: Self = Self::new("purge");

    /// A verb written in the source. Bind it to a `const`: then a bad word does not compile. (Outside a `const` a bad
    /// word stops the program where it is written; for words read at run time there is [`Verb::parse`].)
    #[track_caller]
    pub const fn new(word: &'static str) -> Self {
        assert!(is_verb(word), "a verb is a word of a-z, with hyphens only inside");
        Self(Cow::Borrowed(word))
    }

    /// Reads a verb; none when it is not a word of a-z with hyphens inside, of at most 40 letters.
    pub fn parse(word: &str) -> Option<Self> {
        is_verb(word).then(|| Self(Cow::Owned(word.to_owned())))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A loop over slices, because a `const fn` has no iterators.
const fn is_verb(word: &str) -> bool {
    let mut rest = word.as_bytes();
    if rest.is_empty() || rest.len() > 40 || matches!(rest.first(), Some(b'-')) || matches!(rest.last(), Some(b'-')) {
        return false;
    }
    while let Some((first, after)) = rest.split_first() {
        if !(first.is_ascii_lowercase() || *first == b'-') {
            return false;
        }
        rest = after;
    }
    true
}

/// What an act was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// "case", "entry", "conflict", ...
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

/// How an act ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done and committed.
    Done,
    /// Policy said no.
    Refused,
    /// It was begun and dropped without commit.
    Abandoned,
    /// It was tried and an error stopped it.
    Failed,
}

impl Outcome {
    /// Its word, for pages and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
            Self::Failed => "failed",
        }
    }
}

/// Ties a sealed row to its event, so that the row cannot be exchanged afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// What it is: "purpose", "answer", "receipt".
    pub what: String,
    /// [`crate::bind_digest`] of its clear text.
    pub digest: [u8; 32],
}

/// What a security row (agency, member, limit, approval, ...) looked like when the event wrote it.
///
/// An event that deletes a row writes a digest of the next version over no columns: "no such row".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDigest {
    /// The table's name.
    pub table: String,
    /// The bytes of the row's key.
    pub row: Vec<u8>,
    /// The row's version; the highest one counts, and of equal ones the last in the ledger.
    pub version: i64,
    /// [`crate::row_digest`] of its columns.
    pub digest: [u8; 32],
}
