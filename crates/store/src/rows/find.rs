//! Search: rows of one's own agency that hold every word asked for, newest first.
//!
//! Fingerprints say which rows may be shown; the rows themselves are then read in scope and as they are now, so that what
//! was withdrawn, went to another agency or is somebody else's side is not there.

use std::collections::BTreeMap;

use model::{
    AgeClass, AgencyId, CaseId, CaseStatus, ConflictId, EntryId, EntryRole, Kind, Level, MessageId, Micros, Token,
};
use policy::{Action, Scope};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use uuid::Uuid;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::keys::{KeyPurpose, search_token};
use crate::rows::cases::SealedCase;
use crate::rows::entries::{EntryContent, EntryState, entry_place};
use crate::rows::threads::thread_place;
use crate::rows::words::FoundKind;
use crate::tx::Tx;

/// A row that was found, opened.
pub struct FoundRow {
    /// Its id; a page goes on after it.
    pub id: Uuid,
    /// One's own case.
    pub case: CaseId,
    /// Its number.
    pub number: String,
    /// What it is and says.
    pub what: FoundWhat,
}

/// What was found.
pub enum FoundWhat {
    /// A case.
    Case {
        /// How the Internet was used.
        nexus: String,
    },
    /// An entry.
    Entry {
        /// What sort of value.
        kind: Kind,
        /// As written.
        value: String,
    },
    /// A message of a thread that both sides see.
    Message {
        /// Whose thread.
        conflict: ConflictId,
        /// Who wrote it.
        agency: AgencyId,
        /// When.
        at: Micros,
        /// What it says.
        text: String,
    },
}

/// A row as its words name it.
#[derive(Clone, Copy, sqlx::FromRow)]
struct Candidate {
    kind: i64,
    found: Uuid,
    place: Uuid,
}

/// More rows than these hold a word: it is not the one to begin with.
const MANY: i64 = 1_000;

/// Rows of one kind that hold all of `words` words. Only the rows of one agency are read, by the primary key. CROSS JOIN
/// pins SQLite's order: the rarest word first.
fn candidates(words: usize) -> SqlStr {
    let mut text = "SELECT a.kind, a.found, a.place FROM word a".to_owned();
    let mut tests = "a.agency = $1 AND a.token = $2 AND a.kind = $3 AND a.found < $4".to_owned();
    for n in 1..words {
        let at = 5 + 3 * (n - 1);
        text.push_str(&format!(" CROSS JOIN word b{n}"));
        tests.push_str(&format!(
            " AND b{n}.agency = ${at} AND b{n}.token = ${} AND b{n}.kind = ${} AND b{n}.found = a.found",
            at + 1,
            at + 2
        ));
    }
    let last = 5 + 3 * words.saturating_sub(1);
    AssertSqlSafe(format!("{text} WHERE {tests} ORDER BY a.found DESC LIMIT ${last}")).into_sql_str()
}

impl Tx {
    /// Rows of these kinds that hold every one of these words, the newest first, after this one, at most `most`; true when
    /// there are more. Of one's own agency alone; without words nothing.
    pub async fn find(
        &mut self,
        words: &[String],
        kinds: &[FoundKind],
        after: Option<Uuid>,
        most: usize,
    ) -> Result<(Vec<FoundRow>, bool), Error> {
        self.needs(&[Action::Search])?;
        let agency = match self.scope() {
            Scope::OwnAgency(agency) => *agency,
            _ => return Err(Error::NotFound("word")),
        };
        let key = self.agency_key(agency, KeyPurpose::Search).await?;
        let tokens: Vec<Token> = words.iter().map(|w| search_token(&key, "word", w)).collect();
        let tokens = self.rarest_first(agency, tokens).await?;
        let (mut out, mut after) = (Vec::new(), after.unwrap_or(Uuid::max()));
        if tokens.is_empty() {
            return Ok((out, false));
        }
        let page = most.saturating_add(1);
        loop {
            let mut found: Vec<Candidate> = Vec::new();
            for kind in kinds {
                found.extend(self.candidates(agency, &tokens, *kind, after, page).await?);
            }
            found.sort_unstable_by_key(|c| std::cmp::Reverse(c.found));
            found.dedup_by_key(|c| c.found);
            found.truncate(page);
            let Some(last) = found.last() else { return Ok((out, false)) };
            after = last.found;
            out.extend(self.opened_found(agency, &found).await?);
            // A word left behind takes a place and shows nothing: the rest of the page comes from what follows.
            if out.len() > most {
                out.truncate(most);
                return Ok((out, true));
            }
        }
    }

    /// Begins with the word the fewest rows hold.
    async fn rarest_first(&mut self, agency: AgencyId, tokens: Vec<Token>) -> Result<Vec<Token>, Error> {
        #[derive(sqlx::FromRow)]
        struct Count {
            n: i64,
        }
        if tokens.len() < 2 {
            return Ok(tokens);
        }
        let mut counted = Vec::with_capacity(tokens.len());
        for token in tokens {
            let count: Option<Count> = self
                .conn()
                .await?
                .maybe(
                    "SELECT COUNT(*) AS n FROM (SELECT found FROM word WHERE agency = $1 AND token = $2 LIMIT $3) w",
                    binds![agency, token, MANY],
                )
                .await?;
            counted.push((count.map_or(0, |c| c.n), token));
        }
        counted.sort_unstable();
        Ok(counted.into_iter().map(|(_, token)| token).collect())
    }

    async fn candidates(
        &mut self,
        agency: AgencyId,
        tokens: &[Token],
        kind: FoundKind,
        after: Uuid,
        most: usize,
    ) -> Result<Vec<Candidate>, Error> {
        let Some((first, others)) = tokens.split_first() else { return Ok(Vec::new()) };
        let mut keys = binds![agency, *first, kind.code(), after];
        for token in others {
            keys.extend(binds![agency, *token, kind.code()]);
        }
        keys.extend(binds![i64::try_from(most).unwrap_or(i64::MAX)]);
        self.conn().await?.rows(candidates(tokens.len()), keys).await
    }

    /// What of these may be shown now, in their order.
    async fn opened_found(&mut self, agency: AgencyId, found: &[Candidate]) -> Result<Vec<FoundRow>, Error> {
        let of = |kind: FoundKind| found.iter().copied().filter(move |c| c.kind == kind.code());
        let mut what: BTreeMap<Uuid, (CaseId, Option<FoundWhat>)> = BTreeMap::new();
        let entries: Vec<Candidate> = of(FoundKind::Entry).collect();
        for (id, case, entry) in self.found_entries(agency, &entries).await? {
            what.insert(id, (case, Some(entry)));
        }
        let messages: Vec<Candidate> = of(FoundKind::Message).collect();
        for (id, case, message) in self.found_messages(agency, &messages).await? {
            what.insert(id, (case, Some(message)));
        }
        for case in of(FoundKind::Case) {
            what.insert(case.found, (case.found.into(), None));
        }
        let cases = self.numbered(agency, what.values().map(|(case, _)| *case)).await?;
        let row = |c: &Candidate| {
            let (case, found) = what.remove(&c.found)?;
            let (status, inside) = cases.get(&case)?; // another agency's by now
            let what = match found {
                Some(what) => what,
                // What stayed of a case that went is no case to be looked at.
                None if *status == CaseStatus::Transferred.code() => return None,
                None => FoundWhat::Case { nexus: inside.nexus.clone() },
            };
            Some(FoundRow { id: c.found, case, number: inside.number.clone(), what })
        };
        Ok(found.iter().filter_map(row).collect())
    }

    /// Status and numbers of one's own agency's cases.
    async fn numbered(
        &mut self,
        agency: AgencyId,
        cases: impl Iterator<Item = CaseId>,
    ) -> Result<BTreeMap<CaseId, (i64, SealedCase)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            status: i64,
            sealed: Vec<u8>,
        }
        let cases = super::agencies::distinct(&cases.collect::<Vec<_>>());
        let keys: Vec<Vec<Value>> = cases.into_iter().map(|case| binds![case, agency]).collect();
        let rows: Vec<Row> = self
            .conn()
            .await?
            .join(
                "SELECT t.id, t.status, t.sealed FROM q CROSS JOIN case_file t WHERE t.id = q.a AND t.agency = q.b",
                keys,
            )
            .await?;
        let held: Vec<(AgencyId, CaseId)> = rows.iter().map(|r| (agency, r.id.into())).collect();
        self.learn_case_keys(&held).await?;
        let mut out = BTreeMap::new();
        for row in rows {
            let id = CaseId::from(row.id);
            out.insert(id, (row.status, self.open_case(agency, id, &row.sealed).await?));
        }
        Ok(out)
    }

    async fn found_entries(
        &mut self,
        agency: AgencyId,
        found: &[Candidate],
    ) -> Result<Vec<(Uuid, CaseId, FoundWhat)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            case_id: Uuid,
            id: Uuid,
            kind: i64,
            role: i64,
            age: i64,
            state: i64,
            sealed: Vec<u8>,
        }
        #[derive(sqlx::FromRow)]
        struct Stayed {
            case_id: Uuid,
            remainder: Uuid,
        }
        const ENTRIES: &str = "SELECT t.case_id, t.id, t.kind, t.role, t.age, t.state, t.sealed FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.id = q.b AND t.agency = q.c";
        let keys: Vec<Vec<Value>> = found.iter().map(|c| binds![c.place, c.found, agency]).collect();
        let mut rows: Vec<Row> = self.conn().await?.join(ENTRIES, keys).await?;
        if rows.len() < found.len() {
            // What stayed when its case went stands in the remainder. Its words were not touched then: how long that takes
            // would tell whoever took the case how much was hidden in it.
            let lost: Vec<&Candidate> = found.iter().filter(|c| !rows.iter().any(|r| r.id == c.found)).collect();
            let places = super::agencies::distinct(&lost.iter().map(|c| c.place).collect::<Vec<_>>());
            let keys = places.into_iter().map(|place| binds![place, agency]).collect();
            let stayed: Vec<Stayed> = self
                .conn().await?
                .join(
                    "SELECT t.case_id, t.remainder FROM q CROSS JOIN transfer t WHERE t.case_id = q.a AND t.from_agency = q.b AND t.remainder IS NOT NULL",
                    keys,
                )
                .await?;
            let mut keys = Vec::new();
            for c in lost {
                let of = stayed.iter().filter(|s| s.case_id == c.place);
                keys.extend(of.map(|s| binds![s.remainder, c.found, agency]));
            }
            rows.extend(self.conn().await?.join::<Row>(ENTRIES, keys).await?);
        }
        let held: Vec<(AgencyId, CaseId)> = rows.iter().map(|r| (agency, r.case_id.into())).collect();
        self.learn_case_keys(&held).await?;
        let wrong = |column| Error::Inconsistent { table: "entry", column };
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let role = EntryRole::from_code(r.role).ok_or(wrong("role"))?;
            let age = AgeClass::from_code(r.age).ok_or(wrong("age"))?;
            let stands = EntryState::STAND.iter().any(|s| s.code() == r.state);
            if !stands || model::is_protected(role, age) {
                continue;
            }
            let (id, case) = (EntryId::from(r.id), CaseId::from(r.case_id));
            let clear = self.open_sealed(Some(case), entry_place(agency, &id), &r.sealed).await?;
            let content: EntryContent = serde_json::from_slice(&clear).map_err(|_| wrong("sealed"))?;
            let kind = Kind::from_code(r.kind).ok_or(wrong("kind"))?;
            out.push((r.id, case, FoundWhat::Entry { kind, value: content.raw }));
        }
        Ok(out)
    }

    /// Of conflicts that both sides see openly, as their threads.
    async fn found_messages(
        &mut self,
        agency: AgencyId,
        found: &[Candidate],
    ) -> Result<Vec<(Uuid, CaseId, FoundWhat)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            case_id: Uuid,
            conflict: Uuid,
            id: Uuid,
            agency: Uuid,
            at_us: i64,
            sealed: Vec<u8>,
        }
        let open = Level::Open.code();
        let keys: Vec<Vec<Value>> = found.iter().map(|c| binds![c.place, c.found, agency, open]).collect();
        let rows: Vec<Row> = self
            .conn()
            .await?
            .join(
                "SELECT s.case_id, m.conflict, m.id, m.agency, m.at_us, m.sealed
                 FROM q CROSS JOIN conflict_side s CROSS JOIN conflict_side o CROSS JOIN message m
                 WHERE s.agency = q.c AND s.conflict = q.a AND s.sees = q.d
                 AND o.agency = s.other_agency AND o.conflict = s.conflict AND o.case_id = s.other_case AND o.sees = q.d
                 AND m.conflict = q.a AND m.id = q.b",
                keys,
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let (id, from) = (MessageId::from(r.id), AgencyId::from(r.agency));
            let clear = self.open_sealed(None, thread_place("message", from, id.as_bytes()), &r.sealed).await?;
            let text = String::from_utf8(clear).map_err(|_| Error::Seal("not text"))?;
            let (conflict, at) = (r.conflict.into(), Micros(r.at_us));
            out.push((r.id, r.case_id.into(), FoundWhat::Message { conflict, agency: from, at, text }));
        }
        Ok(out)
    }
}
