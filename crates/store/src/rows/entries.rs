//! Entries and their postings.

use model::{
    AgeClass, AgencyId, CaseId, EntryClass, EntryId, EntryRole, Kind, Level, MemberId, Micros, PredicateId,
    Reliability, Source, SpaceId, SubmissionId, Token, Validity, Window,
};
use policy::Action;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::keys::{Cipher, Place};
use crate::rows::words::Worded;
use crate::tx::Tx;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// Matches.
    Live,
    /// Kept, but never matches: a masked or suppressed value.
    Kept,
    /// The value of a check that met something: no postings.
    Asked,
    /// Taken back by its owner: no postings.
    Withdrawn,
    /// Replaced by a correction: no postings.
    Corrected,
}

impl EntryState {
    /// Those of an entry that was not taken back.
    pub(crate) const STAND: [Self; 3] = [Self::Live, Self::Kept, Self::Asked];

    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Live => 1,
            Self::Kept => 2,
            Self::Asked => 3,
            Self::Withdrawn => 4,
            Self::Corrected => 5,
        }
    }
}

/// What is sealed of an entry.
#[derive(Clone, Serialize, Deserialize)]
pub struct EntryContent {
    /// The value as written.
    pub raw: String,
    /// Its canonical form, when it is a whole identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normal: Option<String>,
    /// The platform, canonical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// What a library held against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// The CyberTip's report number or the provider's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// The officer's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where in the file it stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// An entry as it enters the store. Content is clear here: only the store seals it.
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// What sort of value.
    pub kind: Kind,
    /// Sealed part.
    pub content: EntryContent,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// Governing class.
    pub class: EntryClass,
    /// Where it came from.
    pub source: Option<Source>,
    /// How it answers others.
    pub level: Level,
    /// When a silent order ends.
    pub silent_until: Option<Micros>,
    /// Confidence label.
    pub reliability: Reliability,
    /// Confidence label.
    pub validity: Validity,
    /// How far it travels.
    pub marking: model::Marking,
    /// When it was seen in use.
    pub seen: Window,
    /// Port of an IP address.
    pub port: Option<u16>,
    /// The facts that make suspicion reasonable.
    pub predicate: Option<PredicateId>,
    /// Who controls it (28 CFR 23.20(g)).
    pub control_official: Option<MemberId>,
    /// Live, kept or asked.
    pub state: EntryState,
    /// Version of the normaliser.
    pub rule_version: u32,
    /// Its fingerprints; empty unless live.
    pub tokens: Vec<(SpaceId, Token)>,
}

/// The entries of one submission in one case.
pub struct Bundle<'a> {
    /// The submission they came with.
    pub submission: SubmissionId,
    /// The case that holds them.
    pub case: CaseId,
    /// The entries.
    pub entries: &'a [NewEntry],
}

/// Whose grants add entries.
const ADDS: [Action; 5] = [Action::Submit, Action::ReceiveTip, Action::Look, Action::Sweep, Action::SecondLook];

/// Entries whose rows are made and not yet written.
#[must_use]
pub struct SealedEntries {
    by: u64,
    agency: AgencyId,
    /// All but when they are entered and reviewed, which the transaction says once it has begun.
    entries: Vec<(EntryClass, Vec<Value>)>,
    /// Those of [`POSTING`].
    postings: [Vec<Vec<Value>>; 2],
    words: Vec<Vec<Value>>,
    counts: Vec<i64>,
}

impl SealedEntries {
    /// How many postings each bundle has.
    pub fn postings(&self) -> &[i64] {
        &self.counts
    }
}

/// A live entry's fingerprints stand among the silent ones or the others, never both.
pub(crate) const POSTING: [&str; 2] = [
    "INSERT INTO posting (bucket, space, token, case_id, entry)",
    "INSERT INTO silent_posting (bucket, space, token, case_id, entry)",
];

/// The columns of a [`Sealed`] row, of which table and which rows.
macro_rules! own {
    ($from:literal) => {
        concat!(
            "SELECT t.case_id, t.id, t.agency, t.kind, t.role, t.age, t.source, t.seen_from_us, t.seen_to_us, t.port, t.entered_us, t.state, t.level, t.row_version, t.sealed, t.submission, t.class, t.marking, t.silent_until_us ",
            $from
        )
    };
}

pub(crate) fn entry_place(agency: AgencyId, id: &EntryId) -> Place<'_> {
    Place { table: "entry", column: "sealed", row: id.as_bytes(), agency }
}

impl Tx {
    /// Adds entries and their postings to cases of one agency; returns how many postings each bundle has. All bundles go in
    /// with the same few statements, whatever their number.
    pub async fn add_entries(&mut self, agency: AgencyId, bundles: &[Bundle<'_>]) -> Result<Vec<i64>, Error> {
        let sealed = self.seal_entries(agency, bundles).await?;
        let counts = sealed.postings().to_vec();
        self.keep_entries(sealed).await?;
        Ok(counts)
    }

    /// Makes the rows of entries, their postings and their words, and writes nothing yet.
    pub async fn seal_entries(&mut self, agency: AgencyId, bundles: &[Bundle<'_>]) -> Result<SealedEntries, Error> {
        self.needs(&ADDS)?;
        self.own(agency)?;
        let (mut entries, mut counts) = (Vec::new(), Vec::with_capacity(bundles.len()));
        let mut open: Vec<(Token, SpaceId, CaseId, EntryId)> = Vec::new();
        let mut silent: Vec<(Token, SpaceId, CaseId, EntryId)> = Vec::new();
        let mut words = Vec::new();
        for bundle in bundles {
            let cipher = self.case_cipher(agency, bundle.case).await?;
            let before = open.len() + silent.len();
            for e in bundle.entries {
                entries.push((e.class, self.entry_row(&cipher, agency, bundle, e)?));
                words.extend(Worded::entry(bundle.case, e.id, (e.kind, e.role, e.age), &e.content));
                let to = if e.level == Level::Silent { &mut silent } else { &mut open };
                let mut tokens = e.tokens.clone();
                tokens.sort_unstable();
                tokens.dedup();
                to.extend(tokens.into_iter().map(|(space, token)| (token, space, bundle.case, e.id)));
            }
            counts.push(i64::try_from(open.len() + silent.len() - before).map_err(|_| Error::Failed)?);
        }
        let postings = [open, silent].map(|mut tokens| {
            tokens.sort_unstable_by_key(|(t, s, c, e)| (t.bucket(), *s, *t, *c, *e)); // primary key order: see Conn::insert
            tokens.into_iter().map(|(t, s, c, e)| binds![t.bucket(), s, t, c, e]).collect()
        });
        let words = self.word_rows(agency, words).await?;
        Ok(SealedEntries { by: self.number(), agency, entries, postings, words, counts })
    }

    /// Writes entries that were sealed here.
    pub async fn keep_entries(&mut self, sealed: SealedEntries) -> Result<(), Error> {
        self.needs(&ADDS)?;
        self.own(sealed.agency)?;
        self.sealed_here(sealed.by)?;
        self.conn().await?;
        // Now and not when it was sealed: a question asked while this waited did not miss what had not been entered.
        let now = self.now();
        let dated = |(class, mut row): (EntryClass, Vec<Value>)| {
            row.extend(binds![now, class.review_due(now)]);
            row
        };
        let entries = sealed.entries.into_iter().map(dated).collect();
        let conn = self.conn().await?;
        conn.insert(
            "INSERT INTO entry (case_id, id, agency, submission, kind, role, age, class, source, level, silent_until_us, reliability, validity, marking, \
             seen_from_us, seen_to_us, port, predicate, control_official, state, rule_version, preserved, sealed, row_version, entered_us, review_us)",
            "ON CONFLICT (case_id, id) DO NOTHING",
            entries,
        )
        .await?;
        for (head, rows) in POSTING.into_iter().zip(sealed.postings) {
            conn.insert(head, "ON CONFLICT (bucket, space, token, case_id, entry) DO NOTHING", rows).await?;
        }
        self.index_rows(sealed.words).await
    }

    fn entry_row(
        &self,
        cipher: &Cipher,
        agency: AgencyId,
        bundle: &Bundle<'_>,
        e: &NewEntry,
    ) -> Result<Vec<Value>, Error> {
        let clear = serde_json::to_vec(&e.content).map_err(|_| Error::Seal("entry"))?;
        let sealed = cipher.seal(self.store.chance(), entry_place(agency, &e.id), &clear)?;
        Ok(binds![
            bundle.case,
            e.id,
            agency,
            bundle.submission,
            e.kind.code(),
            e.role.code(),
            e.age.code(),
            e.class.code(),
            e.source.map(Source::code),
            e.level.code(),
            e.silent_until,
            e.reliability.code(),
            e.validity.code(),
            e.marking.to_string(),
            e.seen.from,
            e.seen.to,
            e.port.map(i64::from),
            e.predicate,
            e.control_official,
            e.state.code(),
            i64::from(e.rule_version),
            false,
            sealed,
            1
        ])
    }

    /// One's own agency's entries of one case, opened.
    pub async fn own_entries(&mut self, case: CaseId, ids: &[EntryId]) -> Result<Vec<OwnEntry>, Error> {
        self.own_entries_of(&ids.iter().map(|id| (case, *id)).collect::<Vec<_>>()).await
    }

    /// One's own agency's entries of these cases, opened; another agency's do not exist.
    pub async fn own_entries_of(&mut self, wanted: &[(CaseId, EntryId)]) -> Result<Vec<OwnEntry>, Error> {
        let agency = self.agency();
        let keys = super::agencies::distinct(wanted).into_iter().map(|(c, e)| binds![c, e]).collect();
        let rows: Vec<Sealed> = self
            .conn()
            .await?
            .join(own!("FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.id = q.b"), keys)
            .await?;
        self.opened(rows.into_iter().filter(|r| AgencyId::from(r.agency) == agency).collect()).await
    }

    /// An entry of one's own case that was not taken back, opened.
    pub async fn own_case_entry(&mut self, case: CaseId, id: EntryId) -> Result<Option<OwnEntry>, Error> {
        let agency = self.agency();
        let rows: Vec<Sealed> = self
            .conn()
            .await?
            .rows(
                own!("FROM entry t WHERE case_id = $1 AND id = $2 AND agency = $3 AND state IN ($4, $5, $6)"),
                binds![case, id, agency, EntryState::Live.code(), EntryState::Kept.code(), EntryState::Asked.code()],
            )
            .await?;
        Ok(self.opened(rows).await?.into_iter().next())
    }

    /// Does the right value of this entry stand in what was submitted then? Of one's own case; false for an entry that was
    /// not corrected.
    pub async fn was_corrected_by(
        &mut self,
        case: CaseId,
        id: EntryId,
        submission: SubmissionId,
        right: &str,
    ) -> Result<bool, Error> {
        let agency = self.agency();
        #[derive(sqlx::FromRow)]
        struct Successor {
            successor: Option<Uuid>,
        }
        let noted: Option<Successor> = self
            .conn()
            .await?
            .maybe(
                "SELECT successor FROM entry WHERE case_id = $1 AND id = $2 AND agency = $3",
                binds![case, id, agency],
            )
            .await?;
        if noted.and_then(|n| n.successor) != Some(submission.into()) {
            return Ok(false);
        }
        let rows: Vec<Sealed> = self
            .conn()
            .await?
            .rows(
                own!("FROM entry t WHERE case_id = $1 AND submission = $2 AND agency = $3 ORDER BY id"),
                binds![case, submission, agency],
            )
            .await?;
        Ok(self.opened(rows).await?.iter().any(|e| e.content.raw.trim() == right.trim()))
    }

    /// Every entry of one's own case that was not taken back, opened: what a check met and what is only kept too.
    pub async fn own_case_entries(&mut self, case: CaseId) -> Result<Vec<OwnEntry>, Error> {
        let agency = self.agency();
        let rows: Vec<Sealed> = self
            .conn()
            .await?
            .rows(
                own!("FROM entry t WHERE case_id = $1 AND agency = $2 AND state IN ($3, $4, $5) ORDER BY id"),
                binds![case, agency, EntryState::Live.code(), EntryState::Kept.code(), EntryState::Asked.code()],
            )
            .await?;
        self.opened(rows).await
    }

    /// The entries of another agency's case that goes ([`super::handover`]): those that go, or its personas, which stay.
    pub(crate) async fn entries_by_hiding(
        &mut self,
        agency: AgencyId,
        case: CaseId,
        personas: bool,
    ) -> Result<Vec<OwnEntry>, Error> {
        let select = if personas {
            own!("FROM entry t WHERE case_id = $1 AND agency = $2 AND level <> $3 AND role = $4 ORDER BY id")
        } else {
            own!("FROM entry t WHERE case_id = $1 AND agency = $2 AND level <> $3 AND role <> $4 ORDER BY id")
        };
        let rows: Vec<Sealed> = self
            .conn()
            .await?
            .rows(select, binds![case, agency, Level::Silent.code(), EntryRole::Undercover.code()])
            .await?;
        self.opened(rows).await
    }

    async fn opened(&mut self, rows: Vec<Sealed>) -> Result<Vec<OwnEntry>, Error> {
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let (case, id) = (CaseId::from(row.case_id), EntryId::from(row.id));
            let clear = self.open_sealed(Some(case), entry_place(row.agency.into(), &id), &row.sealed).await?;
            out.push(OwnEntry {
                id,
                kind: Kind::from_code(row.kind).ok_or(Error::Inconsistent { table: "entry", column: "kind" })?,
                role: EntryRole::from_code(row.role).ok_or(Error::Inconsistent { table: "entry", column: "role" })?,
                age: AgeClass::from_code(row.age).ok_or(Error::Inconsistent { table: "entry", column: "age" })?,
                source: row.source.and_then(Source::from_code),
                seen: Window { from: row.seen_from_us.map(Micros), to: row.seen_to_us.map(Micros) },
                port: row.port.and_then(|p| u16::try_from(p).ok()),
                entered: Micros(row.entered_us),
                live: row.state == EntryState::Live.code(),
                asked: row.state == EntryState::Asked.code(),
                submission: row.submission.into(),
                class: EntryClass::from_code(row.class)
                    .ok_or(Error::Inconsistent { table: "entry", column: "class" })?,
                marking: row.marking.parse().map_err(|_| Error::Inconsistent { table: "entry", column: "marking" })?,
                silent_until: row.silent_until_us.map(Micros),
                level: Level::from_code(row.level).ok_or(Error::Inconsistent { table: "entry", column: "level" })?,
                version: row.row_version,
                content: serde_json::from_slice(&clear)
                    .map_err(|_| Error::Inconsistent { table: "entry", column: "sealed" })?,
            });
        }
        Ok(out)
    }

    /// Takes entries out of matching: their postings and the counts of their values go, the rows stay until their review
    /// (28 CFR 23.20(h)).
    pub async fn end_entries(
        &mut self,
        case: CaseId,
        agency: AgencyId,
        entries: &[(EntryId, i64)],
        state: EntryState,
        tokens: &[(SpaceId, Token, EntryId)],
    ) -> Result<(), Error> {
        self.needs(&[Action::Withdraw, Action::Correct, Action::CloseCase, Action::Sweep])?;
        self.own_case_in_scope(agency, case).await?;
        let now = self.now();
        self.unindex_entries(agency, case, entries.iter().map(|(id, _)| *id)).await?;
        for (id, version) in entries {
            let changed = self
                .conn().await?
                .exec(
                    "UPDATE entry SET state = $1, ended_us = $2, row_version = $3 WHERE case_id = $4 AND id = $5 AND agency = $6 AND row_version = $7",
                    binds![state.code(), now, *version + 1, case, *id, agency, *version],
                )
                .await?;
            if changed != 1 {
                return Err(Error::Changed);
            }
            self.ends(case, Some(*id), state.code());
        }
        let mut tokens = tokens.to_vec();
        tokens.sort_unstable_by_key(|(s, t, e)| (t.bucket(), *s, *t, *e)); // key order: see Conn::insert
        let mut counted: Vec<(SpaceId, Token)> = tokens.iter().map(|(space, token, _)| (*space, *token)).collect();
        for (space, token, entry) in tokens {
            for sql in [
                "DELETE FROM posting WHERE bucket = $1 AND space = $2 AND token = $3 AND case_id = $4 AND entry = $5",
                "DELETE FROM silent_posting WHERE bucket = $1 AND space = $2 AND token = $3 AND case_id = $4 AND entry = $5",
            ] {
                self.conn().await?.exec(sql, binds![token.bucket(), space, token, case, entry]).await?;
            }
        }
        // A count never falls by itself: the next look counts anew.
        counted.dedup();
        for (space, token) in counted {
            self.conn()
                .await?
                .exec(
                    "DELETE FROM token_count WHERE bucket = $1 AND space = $2 AND token = $3",
                    binds![token.bucket(), space, token],
                )
                .await?;
        }
        Ok(())
    }
}

impl Tx {
    /// Notes in which submission the right value stands that took the place of these corrected entries.
    pub async fn note_successor(
        &mut self,
        case: CaseId,
        agency: AgencyId,
        entries: &[EntryId],
        successor: SubmissionId,
    ) -> Result<(), Error> {
        self.needs(&[Action::Correct])?;
        self.own_case_in_scope(agency, case).await?;
        for id in super::agencies::distinct(entries) {
            self.conn()
                .await?
                .exec(
                    "UPDATE entry SET successor = $1 WHERE case_id = $2 AND id = $3 AND agency = $4 AND state = $5",
                    binds![successor, case, id, agency, EntryState::Corrected.code()],
                )
                .await?;
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct Sealed {
    case_id: Uuid,
    id: Uuid,
    agency: Uuid,
    kind: i64,
    role: i64,
    age: i64,
    source: Option<i64>,
    seen_from_us: Option<i64>,
    seen_to_us: Option<i64>,
    port: Option<i64>,
    entered_us: i64,
    state: i64,
    level: i64,
    row_version: i64,
    sealed: Vec<u8>,
    submission: Uuid,
    class: i64,
    marking: String,
    silent_until_us: Option<i64>,
}

/// One's own entry.
pub struct OwnEntry {
    /// Its id.
    pub id: EntryId,
    /// What sort of value.
    pub kind: Kind,
    /// Whose it is.
    pub role: EntryRole,
    /// Adult or minor.
    pub age: AgeClass,
    /// Where it came from.
    pub source: Option<Source>,
    /// When it was seen in use.
    pub seen: Window,
    /// Port of an IP address.
    pub port: Option<u16>,
    /// When it was entered.
    pub entered: Micros,
    /// Does it match?
    pub live: bool,
    /// Is it only what a check met?
    pub asked: bool,
    /// The submission it came with.
    pub submission: SubmissionId,
    /// Governing class.
    pub class: EntryClass,
    /// How far it travels.
    pub marking: model::Marking,
    /// How it answers others.
    pub level: Level,
    /// When its silent order ends.
    pub silent_until: Option<Micros>,
    /// For compare-and-set.
    pub version: i64,
    /// What is in it.
    pub content: EntryContent,
}
