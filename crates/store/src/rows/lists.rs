//! Lists of one's own, a page at a time: cut by agency in SQL, in one order each with the id as the last word, so that a
//! page begins where the last one ended whatever was written in between.

use std::collections::BTreeMap;

use model::{AgencyId, CaseId, CaseNumber, CaseStatus, EntryId, MemberId, Micros, NoticeId, SubmissionId, ThreatArea};
use policy::Action;
use uuid::Uuid;

use crate::db::{Value, binds};
use crate::error::Error;
use crate::rows::agencies::{SealedMember, distinct, member_place};
use crate::rows::export::WholeSubmission;
use crate::rows::notices::{Matter, notice_place};
use crate::rows::submissions::{SubmissionVerb, submission_place};
use crate::tx::Tx;

/// Which of one's own agency's cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CasesOf {
    /// Only those that stand here.
    pub status: Option<CaseStatus>,
    /// Only those the reader leads or supervises.
    pub mine: bool,
}

/// A case as a list names it.
#[derive(Debug, Clone)]
pub struct ListedCase {
    /// Its id.
    pub id: CaseId,
    /// The agency's number.
    pub number: CaseNumber,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
    /// Where it stands.
    pub status: CaseStatus,
    /// Who leads it.
    pub lead: MemberId,
    /// When it was opened.
    pub opened: Micros,
    /// Entries that stand in it: live or kept.
    pub entries: i64,
    /// Its sides of conflicts that it sees openly and that are not resolved.
    pub conflicts: i64,
}

/// Which of one's own agency's submissions and checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SubmissionsOf {
    /// Only submissions, or only checks.
    pub verb: Option<SubmissionVerb>,
    /// Only the reader's own.
    pub mine: bool,
    /// Only those in this case.
    pub case: Option<CaseId>,
}

/// A question by nexus about an entry of one's own, as its case's lead was told of it.
pub struct AskedOf {
    /// The notice.
    pub notice: NoticeId,
    /// One's own entry.
    pub entry: EntryId,
    /// When.
    pub at: Micros,
    /// The words by which one was told.
    pub words: String,
}

#[derive(sqlx::FromRow)]
struct CaseLineRow {
    id: Uuid,
    threat_area: i64,
    status: i64,
    lead: Uuid,
    opened_us: i64,
    sealed: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Counted {
    case_id: Uuid,
    n: i64,
}

#[derive(sqlx::FromRow)]
struct SubmissionRow {
    id: Uuid,
    member: Uuid,
    case_id: Option<Uuid>,
    verb: i64,
    at_us: i64,
    looked_us: Option<i64>,
    sealed: Vec<u8>,
}

/// One text for each index that serves it; all take the same parameters.
macro_rules! submissions {
    ($whose:literal) => {
        concat!(
            "SELECT s.id, s.member, s.case_id, s.verb, s.at_us, s.looked_us, d.sealed FROM submission s JOIN submission_detail d ON d.submission = s.id WHERE s.agency = $1 AND ",
            $whose,
            " AND s.verb >= $6 AND s.verb <= $7 AND (s.at_us, s.id) < ($8, $9) ORDER BY s.at_us DESC, s.id DESC LIMIT $10"
        )
    };
}

/// Entries that are live (1) or kept (2).
const ENTRIES: &str = "SELECT t.case_id, CAST(COUNT(*) AS BIGINT) AS n FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.agency = q.b AND t.state IN (1, 2) GROUP BY t.case_id";
/// Sides seen openly (1) and not resolved (4).
const CONFLICTS: &str = "SELECT t.case_id, CAST(COUNT(*) AS BIGINT) AS n FROM q CROSS JOIN conflict_side t WHERE t.case_id = q.a AND t.agency = q.b AND t.sees = 1 AND t.state < 4 GROUP BY t.case_id";

impl Tx {
    /// A page of one's own agency's cases, the newest first. The next begins after the last one's time and id.
    pub async fn listed_cases(
        &mut self,
        of: CasesOf,
        after: Option<(Micros, CaseId)>,
        most: i64,
    ) -> Result<Vec<ListedCase>, Error> {
        self.needs(&[Action::ViewCase])?;
        let (agency, member) = (self.agency(), self.member());
        let (low, high) = of.status.map_or((i64::MIN, i64::MAX), |s| (s.code(), s.code()));
        let (opened, id) = after.unwrap_or((Micros(i64::MAX), Uuid::max().into()));
        let rows: Vec<CaseLineRow> = self
            .conn()
            .await?
            .rows(
                "SELECT id, threat_area, status, lead, opened_us, sealed FROM case_file
                 WHERE agency = $1 AND status >= $2 AND status <= $3 AND (lead = $4 OR supervisor = $5 OR $6)
                 AND (opened_us, id) < ($7, $8) ORDER BY opened_us DESC, id DESC LIMIT $9",
                binds![agency, low, high, member, member, !of.mine, opened, id, most],
            )
            .await?;
        let ids: Vec<CaseId> = rows.iter().map(|r| r.id.into()).collect();
        let (entries, conflicts) = (self.counted(ENTRIES, &ids).await?, self.counted(CONFLICTS, &ids).await?);
        self.learn_case_keys(&ids.iter().map(|id| (agency, *id)).collect::<Vec<_>>()).await?;
        let wrong = |column| Error::Inconsistent { table: "case_file", column };
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let inside = self.open_case(agency, r.id.into(), &r.sealed).await?;
            out.push(ListedCase {
                id: r.id.into(),
                number: CaseNumber::parse(&inside.number).map_err(|_| wrong("sealed"))?,
                threat_area: ThreatArea::from_code(r.threat_area).ok_or(wrong("threat_area"))?,
                status: CaseStatus::from_code(r.status).ok_or(wrong("status"))?,
                lead: r.lead.into(),
                opened: Micros(r.opened_us),
                entries: entries.get(&r.id).copied().unwrap_or_default(),
                conflicts: conflicts.get(&r.id).copied().unwrap_or_default(),
            });
        }
        Ok(out)
    }

    async fn counted(&mut self, select: &'static str, cases: &[CaseId]) -> Result<BTreeMap<Uuid, i64>, Error> {
        let agency = self.agency();
        let keys: Vec<Vec<Value>> = distinct(cases).into_iter().map(|id| binds![id, agency]).collect();
        let rows: Vec<Counted> = self.conn().await?.join(select, keys).await?;
        Ok(rows.into_iter().map(|r| (r.case_id, r.n)).collect())
    }

    /// A page of one's own agency's submissions and checks, opened, the newest first.
    pub async fn listed_submissions(
        &mut self,
        of: SubmissionsOf,
        after: Option<(Micros, SubmissionId)>,
        most: i64,
    ) -> Result<Vec<WholeSubmission>, Error> {
        self.needs(&[Action::GetReceipt])?;
        let (agency, member) = (self.agency(), self.member());
        let (low, high) = of.verb.map_or((i64::MIN, i64::MAX), |v| (v.code(), v.code()));
        let (at, id) = after.unwrap_or((Micros(i64::MAX), Uuid::max().into()));
        let select = match (of.case, of.mine) {
            (Some(_), _) => submissions!("s.case_id = $4 AND $5 AND (s.member = $2 OR $3)"),
            (None, true) => submissions!("s.member = $2 AND (s.case_id = $4 OR $5 OR $3)"),
            (None, false) => submissions!("(s.member = $2 OR $3) AND (s.case_id = $4 OR $5)"),
        };
        let case = of.case.map_or_else(Uuid::nil, Uuid::from);
        let rows: Vec<SubmissionRow> = self
            .conn()
            .await?
            .rows(select, binds![agency, member, !of.mine, case, true, low, high, at, id, most])
            .await?;
        let cases: Vec<(AgencyId, CaseId)> =
            rows.iter().filter_map(|r| Some((agency, CaseId::from(r.case_id?)))).collect();
        self.learn_case_keys(&cases).await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let (id, case) = (SubmissionId::from(r.id), r.case_id.map(CaseId::from));
            out.push(WholeSubmission {
                id,
                member: r.member.into(),
                case,
                check: r.verb == SubmissionVerb::Check.code(),
                at: Micros(r.at_us),
                looked: r.looked_us.is_some(),
                detail: self.open_sealed(case, submission_place(agency, &id), &r.sealed).await?,
            });
        }
        Ok(out)
    }

    /// The numbers of these cases, as far as they are one's own agency's.
    pub async fn own_numbers(&mut self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, CaseNumber>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::Inbox, Action::ShowConflict, Action::ViewCase, Action::Export])?;
        let agency = self.agency();
        let keys = distinct(cases).into_iter().map(|id| binds![id, agency]).collect();
        let rows: Vec<Row> = self
            .conn()
            .await?
            .join("SELECT t.id, t.sealed FROM q CROSS JOIN case_file t WHERE t.id = q.a AND t.agency = q.b", keys)
            .await?;
        self.learn_case_keys(&rows.iter().map(|r| (agency, r.id.into())).collect::<Vec<_>>()).await?;
        let mut out = BTreeMap::new();
        for r in rows {
            let number = self.open_case(agency, r.id.into(), &r.sealed).await?.number;
            let number =
                CaseNumber::parse(&number).map_err(|_| Error::Inconsistent { table: "case_file", column: "sealed" })?;
            out.insert(r.id.into(), number);
        }
        Ok(out)
    }

    /// The names of these members, as far as they are one's own agency's.
    pub async fn own_names(&mut self, members: &[MemberId]) -> Result<BTreeMap<MemberId, String>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::ViewCase, Action::GetReceipt, Action::ShowConflict, Action::Export])?;
        let agency = self.agency();
        let keys = distinct(members).into_iter().map(|id| binds![id, agency]).collect();
        let rows: Vec<Row> = self
            .conn()
            .await?
            .join("SELECT t.id, t.sealed FROM q CROSS JOIN member t WHERE t.id = q.a AND t.agency = q.b", keys)
            .await?;
        let mut out = BTreeMap::new();
        for r in rows {
            let id = MemberId::from(r.id);
            let clear = self.open_sealed(None, member_place(agency, &id), &r.sealed).await?;
            let inside: SealedMember = serde_json::from_slice(&clear)
                .map_err(|_| Error::Inconsistent { table: "member", column: "sealed" })?;
            out.insert(id, inside.name);
        }
        Ok(out)
    }

    /// Who asked, by nexus, about entries of one's own case, as its lead was told: the newest first, at most `most`.
    pub async fn asked_in(&mut self, case: CaseId, lead: MemberId, most: i64) -> Result<Vec<AskedOf>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            entry: Uuid,
            at_us: i64,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::ViewCase])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT id, entry, at_us, sealed FROM notice WHERE recipient = $1 AND agency = $2 AND case_id = $3 AND matter = $4
                 AND entry IS NOT NULL AND sealed IS NOT NULL ORDER BY at_us DESC, id DESC LIMIT $5",
                binds![lead, agency, case, Matter::Asked.code(), most],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let notice = NoticeId::from(r.id);
            let clear = self.open_sealed(None, notice_place(agency, &notice), &r.sealed).await?;
            let words =
                String::from_utf8(clear).map_err(|_| Error::Inconsistent { table: "notice", column: "sealed" })?;
            out.push(AskedOf { notice, entry: r.entry.into(), at: Micros(r.at_us), words });
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use model::{Level, SideState};

    use super::*;
    use crate::rows::entries::EntryState;

    // Their numbers stand in the statements that count.
    #[test]
    fn what_is_counted_stands_in_the_statements_by_its_number() {
        assert_eq!((EntryState::Live.code(), EntryState::Kept.code()), (1, 2));
        assert_eq!((Level::Open.code(), SideState::Resolved.code()), (1, 4));
        assert!(ENTRIES.contains("t.state IN (1, 2)") && CONFLICTS.contains("t.sees = 1 AND t.state < 4"));
    }
}
