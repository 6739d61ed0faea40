//! Words of one's own sealed text as fingerprints, by which it is found again.
//!
//! A word's fingerprint is made under the agency's search key, so no two agencies have one in common and the database alone
//! confirms no word. Words are written and taken away in the transactions that write and end what they stand in, here in
//! the store, so that no verb can forget it. A child's, a victim's or a witness's value has none (sentence 5 of
//! docs/ARCHITECTURE.md). Whoever searches reads the rows themselves, in scope and as they are now (find.rs): a word that
//! was left behind finds nothing.

use std::collections::BTreeSet;

use model::{AgeClass, AgencyId, CaseId, ConflictId, EntryId, EntryRole, Kind, MessageId, PredicateId, Token};
use policy::Action;
use uuid::Uuid;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::keys::{KeyPurpose, Place, search_token};
use crate::rows::cases::SealedCase;
use crate::rows::entries::{EntryContent, EntryState, entry_place};
use crate::rows::threads::thread_place;
use crate::store::Store;
use crate::tx::Tx;

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FoundKind {
    /// A case, by its number, nexus or predicate.
    Case,
    /// An entry, by its value or report.
    Entry,
    /// A message of a thread.
    Message,
}

impl FoundKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Case, Self::Entry, Self::Message];

    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Case => 1,
            Self::Entry => 2,
            Self::Message => 3,
        }
    }

    /// The word in a question and an answer.
    pub fn word(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Entry => "entry",
            Self::Message => "message",
        }
    }
}

/// A row and its words.
#[derive(Clone)]
pub(crate) struct Worded {
    kind: FoundKind,
    found: Uuid,
    /// The case that holds it, or its conflict.
    place: Uuid,
    words: BTreeSet<String>,
}

impl Worded {
    /// A case; `facts`: its predicates'.
    pub fn case<'a>(id: CaseId, number: &str, nexus: &str, facts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = model::text_words(number);
        // A number written in groups is asked for in one.
        words.extend(model::text_words(&number.split_whitespace().collect::<String>()));
        words.extend(model::text_words(nexus));
        words.extend(facts.into_iter().flat_map(model::text_words));
        Self { kind: FoundKind::Case, found: id.into(), place: id.into(), words }
    }

    /// An entry that stands, of nobody who is protected.
    pub fn entry(
        case: CaseId,
        id: EntryId,
        (kind, role, age): (Kind, EntryRole, AgeClass),
        content: &EntryContent,
    ) -> Option<Self> {
        if model::is_protected(role, age) {
            return None;
        }
        let mut words = model::value_words(kind, &content.raw, content.normal.as_deref());
        // A report is asked for by its number, whole.
        words.extend(content.report.iter().flat_map(|r| model::value_words(Kind::Serial, r, None)));
        Some(Self { kind: FoundKind::Entry, found: id.into(), place: case.into(), words })
    }

    /// A message.
    pub fn message(conflict: ConflictId, id: MessageId, text: &str) -> Self {
        let words = model::text_words(text);
        Self { kind: FoundKind::Message, found: id.into(), place: conflict.into(), words }
    }
}

/// An entry as its words are read from it.
#[derive(sqlx::FromRow)]
pub(crate) struct EntryRow {
    pub id: Uuid,
    kind: i64,
    role: i64,
    age: i64,
    state: i64,
    pub sealed: Vec<u8>,
}

impl EntryRow {
    /// Its words; none of what was taken back or belongs to somebody protected.
    pub fn words(&self, case: CaseId, content: &EntryContent) -> Result<Option<Worded>, Error> {
        let wrong = |column| Error::Inconsistent { table: "entry", column };
        let kind = Kind::from_code(self.kind).ok_or(wrong("kind"))?;
        let role = EntryRole::from_code(self.role).ok_or(wrong("role"))?;
        let age = AgeClass::from_code(self.age).ok_or(wrong("age"))?;
        let stands = EntryState::STAND.iter().any(|s| s.code() == self.state);
        Ok(Worded::entry(case, self.id.into(), (kind, role, age), content).filter(|_| stands))
    }
}

#[derive(sqlx::FromRow)]
struct Walk {
    case_id: Uuid,
    entry: Uuid,
    done: bool,
}

/// A case on the walk.
#[derive(sqlx::FromRow)]
struct Older {
    id: Uuid,
    agency: Uuid,
    sealed: Vec<u8>,
}

const WALK: &str = "SELECT case_id, entry, done FROM word_walk WHERE id = 1";

/// Entries read with one statement.
const PAGE: i64 = 500;

impl Store {
    /// How many cases older than the table of words wait for the worker that gathers them; 0 when all are gathered.
    pub async fn words_wait(&self) -> Result<i64, Error> {
        let mut conn = self.reading().await?;
        let left = words_left(&mut conn).await?;
        conn.commit().await?;
        Ok(left)
    }

    /// Is anything left to gather? One row read, whatever the size of the database.
    pub async fn words_gathered(&self) -> Result<bool, Error> {
        let mut conn = self.reading().await?;
        let walk: Option<Walk> = conn.maybe(WALK, binds![]).await?;
        conn.commit().await?;
        Ok(walk.is_some_and(|w| w.done))
    }
}

pub(crate) async fn words_left(conn: &mut crate::db::Conn) -> Result<i64, Error> {
    #[derive(sqlx::FromRow)]
    struct Count {
        n: i64,
    }
    let walk: Option<Walk> = conn.maybe(WALK, binds![]).await?;
    let after = match &walk {
        Some(walk) if walk.done => return Ok(0),
        Some(walk) => walk.case_id,
        None => Uuid::nil(),
    };
    let count: Option<Count> = conn.maybe("SELECT COUNT(*) AS n FROM case_file WHERE id > $1", binds![after]).await?;
    let amid = walk.is_some_and(|w| !w.entry.is_nil());
    Ok(count.map_or(0, |c| c.n) + i64::from(amid))
}

impl Tx {
    /// Writes the words of rows of this agency; of a row that moved, where it stands now.
    pub(crate) async fn index(&mut self, agency: AgencyId, rows: Vec<Worded>) -> Result<(), Error> {
        let rows = self.word_rows(agency, rows).await?;
        self.index_rows(rows).await
    }

    /// The same in two steps: the rows, for which nothing is written,
    pub(crate) async fn word_rows(&mut self, agency: AgencyId, rows: Vec<Worded>) -> Result<Vec<Vec<Value>>, Error> {
        let tokens = self.word_tokens(agency, rows).await?;
        Ok(tokens.into_iter().map(|(t, kind, found, place)| binds![agency, t, kind, found, place]).collect())
    }

    /// and their writing.
    pub(crate) async fn index_rows(&mut self, rows: Vec<Vec<Value>>) -> Result<(), Error> {
        // "WHERE true" tells SQLite that ON CONFLICT belongs to the INSERT and is no join's condition.
        self.conn()
            .await?
            .exec_keyed(
                "INSERT INTO word (agency, token, kind, found, place) SELECT a, b, c, d, e FROM q WHERE true
                 ON CONFLICT (agency, token, kind, found) DO UPDATE SET place = excluded.place",
                rows,
            )
            .await
    }

    /// Takes the words of rows of this agency away.
    pub(crate) async fn unindex(&mut self, agency: AgencyId, rows: Vec<Worded>) -> Result<(), Error> {
        let tokens = self.word_tokens(agency, rows).await?;
        let keys: Vec<Vec<Value>> =
            tokens.into_iter().map(|(t, kind, found, _)| binds![agency, t, kind, found]).collect();
        self.conn()
            .await?
            .exec_keyed("DELETE FROM word WHERE (agency, token, kind, found) IN (SELECT a, b, c, d FROM q)", keys)
            .await
    }

    /// In the order of the primary key: see Conn::insert.
    async fn word_tokens(
        &mut self,
        agency: AgencyId,
        rows: Vec<Worded>,
    ) -> Result<Vec<(Token, i64, Uuid, Uuid)>, Error> {
        if rows.iter().all(|r| r.words.is_empty()) {
            return Ok(Vec::new());
        }
        let key = self.agency_key(agency, KeyPurpose::Search).await?;
        let mut out: Vec<(Token, i64, Uuid, Uuid)> = Vec::new();
        for row in &rows {
            let token = |word: &String| (search_token(&key, "word", word), row.kind.code(), row.found, row.place);
            out.extend(row.words.iter().map(token));
        }
        out.sort_unstable();
        out.dedup_by_key(|(token, kind, found, _)| (*token, *kind, *found));
        Ok(out)
    }

    /// Takes away the words of entries that end, read before they do.
    pub(crate) async fn unindex_entries(
        &mut self,
        agency: AgencyId,
        case: CaseId,
        ids: impl IntoIterator<Item = EntryId>,
    ) -> Result<(), Error> {
        let keys: Vec<Vec<Value>> = ids.into_iter().map(|id| binds![case, id, agency]).collect();
        let rows: Vec<EntryRow> = self
            .conn().await?
            .join(
                "SELECT t.id, t.kind, t.role, t.age, t.state, t.sealed FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.id = q.b AND t.agency = q.c",
                keys,
            )
            .await?;
        let words = self.entry_words(agency, case, rows).await?;
        self.unindex(agency, words).await
    }

    async fn entry_words(&mut self, agency: AgencyId, case: CaseId, rows: Vec<EntryRow>) -> Result<Vec<Worded>, Error> {
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let id = EntryId::from(row.id);
            let clear = self.open_sealed(Some(case), entry_place(agency, &id), &row.sealed).await?;
            let content =
                serde_json::from_slice(&clear).map_err(|_| Error::Inconsistent { table: "entry", column: "sealed" })?;
            out.extend(row.words(case, &content)?);
        }
        Ok(out)
    }

    /// The words of a thread, whoever wrote them.
    pub(crate) async fn thread_words(&mut self, conflict: ConflictId) -> Result<Vec<Worded>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            agency: Uuid,
            sealed: Vec<u8>,
        }
        let rows: Vec<Row> = self
            .conn()
            .await?
            .rows("SELECT id, agency, sealed FROM message WHERE conflict = $1 ORDER BY id", binds![conflict])
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let (id, agency) = (MessageId::from(r.id), AgencyId::from(r.agency));
            let clear = self.open_sealed(None, thread_place("message", agency, id.as_bytes()), &r.sealed).await?;
            out.push(Worded::message(conflict, id, &String::from_utf8_lossy(&clear)));
        }
        Ok(out)
    }

    /// Gathers the words of cases older than the table, from where the last round stopped: about `most` entries, with the
    /// cases and threads they stand in. True when nothing is left. A case that cannot be opened any more is passed by.
    pub async fn gather_words(&mut self, most: i64) -> Result<bool, Error> {
        self.needs(&[Action::Sweep])?;
        let walk: Option<Walk> = self.conn().await?.maybe(WALK, binds![]).await?;
        let mut at = walk.unwrap_or(Walk { case_id: Uuid::nil(), entry: Uuid::nil(), done: false });
        let mut left = most;
        while left > 0 && !at.done {
            // One that was not finished comes first again, with the entry it stopped at.
            let next = if at.entry.is_nil() {
                "SELECT id, agency, sealed FROM case_file WHERE id > $1 ORDER BY id LIMIT 1"
            } else {
                "SELECT id, agency, sealed FROM case_file WHERE id >= $1 ORDER BY id LIMIT 1"
            };
            let case: Option<Older> = self.conn().await?.maybe(next, binds![at.case_id]).await?;
            let Some(case) = case else {
                at.done = true;
                break;
            };
            let after = if case.id == at.case_id { at.entry } else { Uuid::nil() };
            let (read, last) = match self.gather_case(&case, after).await {
                Err(Error::NotFound(_) | Error::Seal(_) | Error::Inconsistent { .. }) => (1, None),
                done => done?,
            };
            left -= read;
            at = Walk { case_id: case.id, entry: last.unwrap_or_default(), done: false };
        }
        self.conn().await?
            .exec(
                "INSERT INTO word_walk (id, case_id, entry, done) VALUES (1, $1, $2, $3)
                 ON CONFLICT (id) DO UPDATE SET case_id = excluded.case_id, entry = excluded.entry, done = excluded.done",
                binds![at.case_id, at.entry, at.done],
            )
            .await?;
        Ok(at.done)
    }

    /// One page of a case, and before its first the case and its threads; the last entry read when there may be more.
    async fn gather_case(&mut self, case: &Older, after: Uuid) -> Result<(i64, Option<Uuid>), Error> {
        let (id, agency) = (CaseId::from(case.id), AgencyId::from(case.agency));
        let mut words = Vec::new();
        if after.is_nil() {
            let inside: SealedCase = self.open_case(agency, id, &case.sealed).await?;
            let facts = self.predicates_of(agency, id).await?;
            words.push(Worded::case(id, &inside.number, &inside.nexus, facts.iter().map(String::as_str)));
            for side in self.sides_of_case(agency, id).await? {
                words.extend(self.thread_words(side.conflict.into()).await?);
            }
        }
        let rows: Vec<EntryRow> = self
            .conn().await?
            .rows(
                "SELECT id, kind, role, age, state, sealed FROM entry WHERE case_id = $1 AND agency = $2 AND id > $3 ORDER BY id LIMIT $4",
                binds![id, agency, after, PAGE],
            )
            .await?;
        let read = i64::try_from(rows.len()).unwrap_or(PAGE);
        let last = rows.last().filter(|_| read == PAGE).map(|r| r.id);
        words.extend(self.entry_words(agency, id, rows).await?);
        self.index(agency, words).await?;
        Ok((read + 1, last))
    }

    async fn predicates_of(&mut self, agency: AgencyId, case: CaseId) -> Result<Vec<String>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            sealed: Vec<u8>,
        }
        let rows: Vec<Row> = self
            .conn()
            .await?
            .rows(
                "SELECT id, sealed FROM predicate WHERE case_id = $1 AND agency = $2 ORDER BY id",
                binds![case, agency],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let id = PredicateId::from(r.id);
            let place = Place { table: "predicate", column: "sealed", row: id.as_bytes(), agency };
            let clear = self.open_sealed(Some(case), place, &r.sealed).await?;
            out.push(String::from_utf8_lossy(&clear).into_owned());
        }
        Ok(out)
    }
}
