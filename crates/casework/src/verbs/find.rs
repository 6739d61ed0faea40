//! Search over what this member may see: one's own agency's cases and entries, and threads both sides of which see each
//! other.

use std::str::FromStr;

use model::{Invalid, asked_words};
use policy::{Action, Facts, Principal};
use serde::{Deserialize, Serialize};
use store::{FoundKind, FoundRow, FoundWhat};
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;

/// Format word of what was found.
pub const FOUND: &str = "concord.found/1";

/// Rows of a page, by default and at most.
const PAGE_ROWS: usize = 50;

/// A page of what was found, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundPage {
    /// "concord.found/1".
    pub format: String,
    /// Its rows.
    pub rows: Vec<Found>,
    /// What to ask after for the next page; none when this is the last.
    pub next: Option<String>,
}

/// One row of one's own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Found {
    /// "case", "entry" or "message".
    pub kind: String,
    /// The id of the case, entry or message.
    pub id: String,
    /// The number of one's own case.
    pub case: String,
    /// A case's nexus, an entry's value as written, a message's words.
    pub text: String,
    /// What sort of identifier an entry is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Whose thread a message stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<String>,
    /// Who wrote a message, "you" or "they".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When a message was written, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Identifiers are content: no accident prints one.
impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found").field("kind", &self.kind).field("id", &self.id).finish_non_exhaustive()
    }
}

/// What to search for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindKind(FoundKind);

impl FindKind {
    /// Everything.
    pub const ALL: [Self; 3] = [Self(FoundKind::Case), Self(FoundKind::Entry), Self(FoundKind::Message)];

    /// "case", "entry" or "message".
    pub fn word(self) -> &'static str {
        self.0.word()
    }
}

impl FromStr for FindKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|k| k.word() == text.trim())
            .ok_or_else(|| Invalid::new("is nothing that can be searched for", "say case, entry or message"))
    }
}

impl Desk {
    /// Rows that hold every word of the text: of cases the number, nexus and predicate; of entries the value and the report;
    /// messages of threads that both sides see. Whole words, folded and without accents. A value is found whole, however it
    /// was written; a telephone number by its last seven digits too, an address of e-mail by either side of its sign. Values of children, victims and
    /// witnesses are never found. `kinds`: none means all of them. `after`: the `next` of the page before.
    ///
    /// The words asked stand in the event by their digest alone, and the rows shown by their ids: give the text in a body,
    /// never in an address.
    ///
    /// # Errors
    /// [`Error::Argument`] when no word is left to search for, or for an `after` that no page gave out.
    pub async fn search(
        &self,
        who: &Principal,
        text: &str,
        kinds: &[FindKind],
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<FoundPage, Error> {
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let object = ("search", who.member.into());
        let grant = self.allow(who, Action::Search, &facts, object, self.request()).await?;
        let words = asked_words(text);
        if words.is_empty() {
            let nothing =
                Invalid::new("holds no word to search for", "give at least one word of two letters or digits");
            return Err(Error::argument("text")(nothing));
        }
        let after = after.map(|after| after.trim().parse::<Uuid>()).transpose().map_err(|_| {
            Error::argument("after")(Invalid::new("is no place in what was found", "begin with the first page"))
        })?;
        let kinds: Vec<FoundKind> = if kinds.is_empty() { &FindKind::ALL } else { kinds }.iter().map(|k| k.0).collect();
        let most = limit.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS);
        let mut tx = self.store.view(&grant).await?;
        let (rows, more) = tx.find(&words, &kinds, after, most).await?;
        let act = self.store.act(&grant, object).bind("search", words.join(" ").as_bytes());
        tx.commit(act.shown(rows.iter().map(|r| r.id))).await?;
        let next = rows.last().filter(|_| more).map(|r| r.id.to_string());
        let rows = rows.into_iter().map(|row| found(who, row)).collect();
        Ok(FoundPage { format: FOUND.to_owned(), rows, next })
    }
}

fn found(who: &Principal, row: FoundRow) -> Found {
    let mut out = Found {
        kind: String::new(),
        id: row.id.to_string(),
        case: row.number,
        text: String::new(),
        identifier: None,
        conflict: None,
        from: None,
        at: None,
    };
    let kind = match row.what {
        FoundWhat::Case { nexus } => {
            out.text = nexus;
            FoundKind::Case
        }
        FoundWhat::Entry { kind, value } => {
            (out.text, out.identifier) = (value, Some(kind.word().to_owned()));
            FoundKind::Entry
        }
        FoundWhat::Message { conflict, agency, at, text } => {
            out.text = text;
            out.conflict = Some(conflict.to_string());
            out.from = Some(if agency == who.agency { "you" } else { "they" }.to_owned());
            out.at = Some(at.to_string());
            FoundKind::Message
        }
    };
    kind.word().clone_into(&mut out.kind);
    out
}
