//! Entries as they stand: read back by their own agency, and taken out of matching.

use model::{
    AgeClass, AgencyId, CaseId, EntryClass, EntryId, EntryRole, Kind, Level, Micros, Source, SpaceId, SubmissionId,
    Token, Window,
};
use policy::Action;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
use crate::rows::labels::{LabelRow, label_columns};
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

    pub(crate) fn from_code(code: i64) -> Option<Self> {
        [Self::Live, Self::Kept, Self::Asked, Self::Withdrawn, Self::Corrected].into_iter().find(|s| s.code() == code)
    }

    /// The word in an export.
    pub fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Kept => "kept",
            Self::Asked => "asked",
            Self::Withdrawn => "withdrawn",
            Self::Corrected => "corrected",
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

/// The columns of a [`Sealed`] row, of which table and which rows.
macro_rules! own {
    ($from:literal) => {
        concat!(
            "SELECT t.case_id, t.id, t.agency, t.row_version, t.sealed, t.submission, ",
            label_columns!(),
            " ",
            $from
        )
    };
}

pub(crate) fn entry_place(agency: AgencyId, id: &EntryId) -> Place<'_> {
    Place { table: "entry", column: "sealed", row: id.as_bytes(), agency }
}

impl Tx {
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
            let labels = row.labels.read()?;
            out.push(OwnEntry {
                id,
                kind: labels.kind,
                role: labels.role,
                age: labels.age,
                source: labels.source,
                seen: labels.seen,
                port: labels.port,
                entered: labels.entered,
                live: labels.state == EntryState::Live,
                asked: labels.state == EntryState::Asked,
                submission: row.submission.into(),
                class: labels.class,
                marking: labels.marking,
                silent_until: labels.silent_until,
                level: labels.level,
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
    row_version: i64,
    sealed: Vec<u8>,
    submission: Uuid,
    #[sqlx(flatten)]
    labels: LabelRow,
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
