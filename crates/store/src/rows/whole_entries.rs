//! One's own entries with every label they have, in every state: for their case's page, their submission's and an export.

use model::{
    AgeClass, CaseId, EntryClass, EntryId, EntryRole, Kind, Level, Marking, MemberId, Micros, PredicateId, Reliability,
    Source, SubmissionId, Validity, Window,
};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::entries::{EntryContent, EntryState, entry_place};
use crate::tx::Tx;

/// One's own entry with every label it has (28 CFR 23.20(g)).
pub struct WholeEntry {
    /// Its id.
    pub id: EntryId,
    /// Where it stands.
    pub state: EntryState,
    /// What sort of value.
    pub kind: Kind,
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
    /// When its silent order ends.
    pub silent_until: Option<Micros>,
    /// Confidence label.
    pub reliability: Reliability,
    /// Confidence label.
    pub validity: Validity,
    /// How far it travels.
    pub marking: Marking,
    /// When it was seen in use.
    pub seen: Window,
    /// Port of an IP address.
    pub port: Option<u16>,
    /// The predicate it came under.
    pub predicate: Option<PredicateId>,
    /// Who controls it (28 CFR 23.20(g)).
    pub control_official: Option<MemberId>,
    /// When it was entered.
    pub entered: Micros,
    /// When it must be reviewed.
    pub review: Micros,
    /// A preservation order holds it.
    pub preserved: bool,
    /// The submission it came with.
    pub submission: SubmissionId,
    /// When it was withdrawn or corrected.
    pub ended: Option<Micros>,
    /// The submission that holds the right value.
    pub successor: Option<SubmissionId>,
    /// What is in it.
    pub content: EntryContent,
}

impl EntryState {
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

    fn from_code(code: i64) -> Option<Self> {
        [Self::Live, Self::Kept, Self::Asked, Self::Withdrawn, Self::Corrected].into_iter().find(|s| s.code() == code)
    }
}

#[derive(sqlx::FromRow)]
struct WholeRow {
    id: Uuid,
    submission: Uuid,
    kind: i64,
    role: i64,
    age: i64,
    class: i64,
    source: Option<i64>,
    level: i64,
    silent_until_us: Option<i64>,
    reliability: i64,
    validity: i64,
    marking: String,
    seen_from_us: Option<i64>,
    seen_to_us: Option<i64>,
    port: Option<i64>,
    predicate: Option<Uuid>,
    control_official: Option<Uuid>,
    state: i64,
    entered_us: i64,
    review_us: i64,
    preserved: bool,
    sealed: Vec<u8>,
    ended_us: Option<i64>,
    successor: Option<Uuid>,
}

/// The columns of a [`WholeRow`], of which table and which rows.
macro_rules! whole {
    ($from:literal) => {
        concat!(
            "SELECT t.id, t.submission, t.kind, t.role, t.age, t.class, t.source, t.level, t.silent_until_us, t.reliability, t.validity, t.marking, t.seen_from_us, t.seen_to_us, t.port, t.predicate, t.control_official, t.state, t.entered_us, t.review_us, t.preserved, t.sealed, t.ended_us, t.successor ",
            $from
        )
    };
}

impl Tx {
    /// Entries of one's own case after this one, at most `most`, opened: in every state, with every label.
    pub async fn whole_entries(&mut self, case: CaseId, after: EntryId, most: i64) -> Result<Vec<WholeEntry>, Error> {
        self.needs(&[Action::ViewCase, Action::Export])?;
        let agency = self.agency();
        let rows: Vec<WholeRow> = self
            .conn()
            .await?
            .rows(
                whole!("FROM entry t WHERE t.case_id = $1 AND t.agency = $2 AND t.id > $3 ORDER BY t.id LIMIT $4"),
                binds![case, agency, after, most],
            )
            .await?;
        self.whole_of(case, rows).await
    }

    /// Entries of one's own case that came with this submission, after this one, at most `most`, opened.
    pub async fn submitted_entries(
        &mut self,
        case: CaseId,
        submission: SubmissionId,
        after: EntryId,
        most: i64,
    ) -> Result<Vec<WholeEntry>, Error> {
        self.needs(&[Action::ViewCase])?;
        let agency = self.agency();
        let rows: Vec<WholeRow> = self
            .conn().await?
            .rows(
                whole!("FROM entry t WHERE t.case_id = $1 AND t.submission = $2 AND t.agency = $3 AND t.id > $4 ORDER BY t.id LIMIT $5"),
                binds![case, submission, agency, after, most],
            )
            .await?;
        self.whole_of(case, rows).await
    }

    /// Entries of one's own case that came with these submissions: the right values in place of wrong ones.
    pub async fn entries_of_submissions(
        &mut self,
        case: CaseId,
        submissions: &[SubmissionId],
    ) -> Result<Vec<WholeEntry>, Error> {
        self.needs(&[Action::ViewCase])?;
        let agency = self.agency();
        let keys = super::agencies::distinct(submissions).into_iter().map(|s| binds![case, s, agency]).collect();
        let mut rows: Vec<WholeRow> = self
            .conn()
            .await?
            .join(
                whole!("FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.submission = q.b AND t.agency = q.c"),
                keys,
            )
            .await?;
        rows.sort_unstable_by_key(|r| r.id);
        self.whole_of(case, rows).await
    }

    async fn whole_of(&mut self, case: CaseId, rows: Vec<WholeRow>) -> Result<Vec<WholeEntry>, Error> {
        let agency = self.agency();
        let wrong = |column| Error::Inconsistent { table: "entry", column };
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let id = EntryId::from(r.id);
            let clear = self.open_sealed(Some(case), entry_place(agency, &id), &r.sealed).await?;
            out.push(WholeEntry {
                id,
                state: EntryState::from_code(r.state).ok_or(wrong("state"))?,
                kind: Kind::from_code(r.kind).ok_or(wrong("kind"))?,
                role: EntryRole::from_code(r.role).ok_or(wrong("role"))?,
                age: AgeClass::from_code(r.age).ok_or(wrong("age"))?,
                class: EntryClass::from_code(r.class).ok_or(wrong("class"))?,
                source: r.source.map(|s| Source::from_code(s).ok_or(wrong("source"))).transpose()?,
                level: Level::from_code(r.level).ok_or(wrong("level"))?,
                silent_until: r.silent_until_us.map(Micros),
                reliability: Reliability::from_code(r.reliability).ok_or(wrong("reliability"))?,
                validity: Validity::from_code(r.validity).ok_or(wrong("validity"))?,
                marking: r.marking.parse().map_err(|_| wrong("marking"))?,
                seen: Window { from: r.seen_from_us.map(Micros), to: r.seen_to_us.map(Micros) },
                port: r.port.and_then(|p| u16::try_from(p).ok()),
                predicate: r.predicate.map(Into::into),
                control_official: r.control_official.map(Into::into),
                entered: Micros(r.entered_us),
                review: Micros(r.review_us),
                preserved: r.preserved,
                submission: r.submission.into(),
                ended: r.ended_us.map(Micros),
                successor: r.successor.map(Into::into),
                content: serde_json::from_slice(&clear).map_err(|_| wrong("sealed"))?,
            });
        }
        Ok(out)
    }
}
