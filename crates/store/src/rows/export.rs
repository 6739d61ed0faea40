//! What an agency carries away whole (34 U.S.C. 21115(e)(2)), and one case as its own officers read it: read in pages, so
//! that memory does not grow with the agency. Only rows of one's own agency; a silent hit or a question of another's stands
//! in none of them but as the notice by which one was told.

use std::collections::BTreeMap;

use model::{
    AgencyId, CaseId, CaseNumber, CaseStatus, ConflictId, Contact, EntryId, Level, Marking, MemberId, Micros, NoticeId,
    Offence, Outcome, Pair, PredicateId, RequestId, Roles, SubmissionId, Telephone, ThreatArea,
};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
use crate::rows::agencies::{SealedMember, member_place};
use crate::rows::notices::{Matter, notice_place};
use crate::rows::submissions::submission_place;
use crate::tx::Tx;

/// One's own case, with all that is kept of it but its entries.
pub struct WholeCase {
    /// Its id.
    pub id: CaseId,
    /// The agency's number.
    pub number: CaseNumber,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
    /// The offence suspected.
    pub offence: Offence,
    /// How the Internet was used.
    pub nexus: String,
    /// What its subjects inherit; `None` for a tip without one.
    pub predicate: Option<WholePredicate>,
    /// How far it travels.
    pub marking: Marking,
    /// Where it stands.
    pub status: CaseStatus,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who leads it.
    pub lead: MemberId,
    /// Who supervises it.
    pub supervisor: Option<MemberId>,
    /// Whom others call; `None` means the lead.
    pub contact: Option<Contact>,
    /// When it was opened.
    pub opened: Micros,
    /// When it was closed.
    pub closed: Option<Micros>,
}

/// A case's predicate.
pub struct WholePredicate {
    /// Its id.
    pub id: PredicateId,
    /// The offence suspected.
    pub offence: String,
    /// Who certified it.
    pub member: MemberId,
    /// When.
    pub at: Micros,
    /// The facts.
    pub facts: String,
    /// SHA-256 of the supporting document.
    pub document: Option<Vec<u8>>,
}

/// One's own member.
pub struct WholeMember {
    /// Their id.
    pub id: MemberId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their telephone.
    pub telephone: Telephone,
    /// A sworn officer.
    pub sworn: bool,
    /// What they may do.
    pub roles: Roles,
    /// May they act?
    pub active: bool,
}

/// One's own submission or check.
pub struct WholeSubmission {
    /// Its id.
    pub id: SubmissionId,
    /// Who made it.
    pub member: MemberId,
    /// In which case; a check by nexus has none.
    pub case: Option<CaseId>,
    /// A check, and no submission.
    pub check: bool,
    /// When.
    pub at: Micros,
    /// Was it looked at?
    pub looked: bool,
    /// What the look began with.
    pub detail: Vec<u8>,
}

/// What a member of one's own was told.
pub struct ToldNotice {
    /// Its id.
    pub id: NoticeId,
    /// What it is about.
    pub matter: Matter,
    /// The conflict, if there is one.
    pub conflict: Option<ConflictId>,
    /// The recipient's own case.
    pub case: Option<CaseId>,
    /// The recipient's own entry.
    pub entry: Option<EntryId>,
    /// When it was written.
    pub at: Micros,
    /// When it should have been answered.
    pub due: Micros,
    /// When it was seen.
    pub seen: Option<Micros>,
    /// Its words.
    pub words: Option<String>,
}

/// What the other side of a conflict was told.
pub struct HandedIn {
    /// It sees this side openly.
    pub seen: bool,
    /// Somebody there has taken note of the conflict, ever.
    pub noted: bool,
    /// One's own entries it was told of: openly, or only that it must call the watch desk.
    pub entries: BTreeMap<EntryId, bool>,
}

fn wrong(table: &'static str, column: &'static str) -> Error {
    Error::Inconsistent { table, column }
}

impl Tx {
    /// One's own agency's cases after this mark, at most `most`, each with its mark: the next page begins after the last.
    pub async fn case_page(&mut self, after: &[u8], most: i64) -> Result<Vec<(Vec<u8>, CaseId)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            token: Vec<u8>,
            case_id: Uuid,
        }
        self.needs(&[Action::Export])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn()
            .await?
            .rows(
                "SELECT token, case_id FROM case_number WHERE agency = $1 AND token > $2 ORDER BY token LIMIT $3",
                binds![agency, after.to_vec(), most],
            )
            .await?;
        Ok(rows.into_iter().map(|r| (r.token, r.case_id.into())).collect())
    }

    /// One's own agency's case, opened; any other does not exist.
    pub async fn whole_case(&mut self, id: CaseId) -> Result<WholeCase, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            threat_area: i64,
            offence: String,
            status: i64,
            outcome: Option<i64>,
            lead: Uuid,
            supervisor: Option<Uuid>,
            predicate: Uuid,
            marking: String,
            opened_us: i64,
            closed_us: Option<i64>,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::ViewCase, Action::Export])?;
        let agency = self.agency();
        let row: Option<Row> = self
            .conn().await?
            .maybe(
                "SELECT threat_area, offence, status, outcome, lead, supervisor, predicate, marking, opened_us, closed_us, sealed FROM case_file WHERE id = $1 AND agency = $2",
                binds![id, agency],
            )
            .await?;
        let row = row.ok_or(Error::NotFound("case"))?;
        let inside = self.open_case(agency, id, &row.sealed).await?;
        let predicate = match row.predicate.is_nil() {
            true => None,
            false => self.whole_predicate(id, row.predicate.into()).await?,
        };
        let wrong = |column| wrong("case_file", column);
        Ok(WholeCase {
            id,
            number: CaseNumber::parse(&inside.number).map_err(|_| wrong("sealed"))?,
            threat_area: ThreatArea::from_code(row.threat_area).ok_or(wrong("threat_area"))?,
            offence: Offence::parse(&row.offence).map_err(|_| wrong("offence"))?,
            nexus: inside.nexus,
            predicate,
            marking: row.marking.parse().map_err(|_| wrong("marking"))?,
            status: CaseStatus::from_code(row.status).ok_or(wrong("status"))?,
            outcome: row.outcome.map(|o| Outcome::from_code(o).ok_or(wrong("outcome"))).transpose()?,
            lead: row.lead.into(),
            supervisor: row.supervisor.map(Into::into),
            contact: inside.contact,
            opened: Micros(row.opened_us),
            closed: row.closed_us.map(Micros),
        })
    }

    async fn whole_predicate(&mut self, case: CaseId, id: PredicateId) -> Result<Option<WholePredicate>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            offence: String,
            member: Uuid,
            at_us: i64,
            document: Option<Vec<u8>>,
            sealed: Vec<u8>,
        }
        let agency = self.agency();
        let row: Option<Row> = self
            .conn().await?
            .maybe(
                "SELECT offence, member, at_us, document, sealed FROM predicate WHERE case_id = $1 AND id = $2 AND agency = $3",
                binds![case, id, agency],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let place = Place { table: "predicate", column: "sealed", row: id.as_bytes(), agency };
        let clear = self.open_sealed(Some(case), place, &row.sealed).await?;
        Ok(Some(WholePredicate {
            id,
            offence: row.offence,
            member: row.member.into(),
            at: Micros(row.at_us),
            facts: String::from_utf8(clear).map_err(|_| wrong("predicate", "sealed"))?,
            document: row.document,
        }))
    }

    /// One's own agency's requests after this one, each with the submission or check it made.
    pub async fn request_page(&mut self, after: RequestId, most: i64) -> Result<Vec<(RequestId, SubmissionId)>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            submission: Uuid,
        }
        self.needs(&[Action::Export])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn()
            .await?
            .rows(
                "SELECT id, submission FROM request WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3",
                binds![agency, after, most],
            )
            .await?;
        Ok(rows.into_iter().map(|r| (r.id.into(), r.submission.into())).collect())
    }

    /// One's own agency's submission or check, opened; any other does not exist.
    pub async fn whole_submission(&mut self, id: SubmissionId) -> Result<WholeSubmission, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            member: Uuid,
            case_id: Option<Uuid>,
            verb: i64,
            at_us: i64,
            looked_us: Option<i64>,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::Export, Action::GetReceipt])?;
        let agency = self.agency();
        let row: Option<Row> = self
            .conn().await?
            .maybe(
                "SELECT s.member, s.case_id, s.verb, s.at_us, s.looked_us, d.sealed FROM submission s JOIN submission_detail d ON d.submission = s.id WHERE s.id = $1 AND s.agency = $2 AND d.submission = $3",
                binds![id, agency, id],
            )
            .await?;
        let row = row.ok_or(Error::NotFound("submission"))?;
        let case = row.case_id.map(CaseId::from);
        Ok(WholeSubmission {
            id,
            member: row.member.into(),
            case,
            check: row.verb == crate::SubmissionVerb::Check.code(),
            at: Micros(row.at_us),
            looked: row.looked_us.is_some(),
            detail: self.open_sealed(case, submission_place(agency, &id), &row.sealed).await?,
        })
    }

    /// Conflicts after this one in which one's own agency has a side that it sees openly; of a desk side it knows nothing.
    pub async fn conflict_page(&mut self, after: ConflictId, most: i64) -> Result<Vec<ConflictId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            conflict: Uuid,
        }
        self.needs(&[Action::Export])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT DISTINCT conflict FROM conflict_side WHERE agency = $1 AND conflict > $2 AND sees = $3 ORDER BY conflict LIMIT $4",
                binds![agency, after, Level::Open.code(), most],
            )
            .await?;
        Ok(rows.into_iter().map(|r| r.conflict.into()).collect())
    }

    /// Members of one's own agency after this one, active or not.
    pub async fn member_page(&mut self, after: MemberId, most: i64) -> Result<Vec<WholeMember>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            sworn: bool,
            roles: i64,
            active: bool,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::Export, Action::ListMembers])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT id, sworn, roles, active, sealed FROM member WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3",
                binds![agency, after, most],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let id = MemberId::from(r.id);
            let clear = self.open_sealed(None, member_place(agency, &id), &r.sealed).await?;
            let inside: SealedMember = serde_json::from_slice(&clear).map_err(|_| wrong("member", "sealed"))?;
            out.push(WholeMember {
                id,
                name: inside.name,
                email: inside.email,
                telephone: inside.telephone,
                sworn: r.sworn,
                roles: Roles::from_code(r.roles).ok_or(wrong("member", "roles"))?,
                active: r.active,
            });
        }
        Ok(out)
    }

    /// What a member of one's own agency was told after this notice, seen or not.
    pub async fn told_page(&mut self, member: MemberId, after: NoticeId, most: i64) -> Result<Vec<ToldNotice>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: Uuid,
            matter: i64,
            conflict: Option<Uuid>,
            case_id: Option<Uuid>,
            entry: Option<Uuid>,
            at_us: i64,
            due_us: i64,
            seen_us: Option<i64>,
            sealed: Option<Vec<u8>>,
        }
        self.needs(&[Action::Export])?;
        let agency = self.agency();
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT id, matter, conflict, case_id, entry, at_us, due_us, seen_us, sealed FROM notice WHERE recipient = $1 AND agency = $2 AND id > $3 ORDER BY id LIMIT $4",
                binds![member, agency, after, most],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let id = NoticeId::from(r.id);
            let words = match &r.sealed {
                None => None,
                Some(sealed) => {
                    let clear = self.open_sealed(None, notice_place(agency, &id), sealed).await?;
                    Some(String::from_utf8(clear).map_err(|_| wrong("notice", "sealed"))?)
                }
            };
            out.push(ToldNotice {
                id,
                matter: Matter::from_code(r.matter).ok_or(wrong("notice", "matter"))?,
                conflict: r.conflict.map(Into::into),
                case: r.case_id.map(Into::into),
                entry: r.entry.map(Into::into),
                at: Micros(r.at_us),
                due: Micros(r.due_us),
                seen: r.seen_us.map(Micros),
                words,
            });
        }
        Ok(out)
    }

    /// Of one's own side of a conflict: does the other side see it openly (both must for a thread), and which of one's own
    /// entries it was told of, as far as one sees their match openly oneself.
    pub async fn handed_in(&mut self, conflict: ConflictId, mine: CaseId, other: CaseId) -> Result<HandedIn, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            agency: Uuid,
            case_id: Uuid,
            sees: i64,
            seen_us: Option<i64>,
        }
        #[derive(sqlx::FromRow)]
        struct Match {
            low_entry: Uuid,
            high_entry: Uuid,
            to_low: i64,
            to_high: i64,
        }
        self.needs(&[Action::Export])?;
        let rows: Vec<Row> = self
            .conn()
            .await?
            .rows(
                "SELECT agency, case_id, sees, seen_us FROM conflict_side WHERE conflict = $1 ORDER BY case_id",
                binds![conflict],
            )
            .await?;
        let (agency, open) = (self.agency(), Level::Open.code());
        let own = |r: &Row| AgencyId::from(r.agency) == agency && CaseId::from(r.case_id) == mine && r.sees == open;
        if !rows.iter().any(own) {
            return Err(Error::NotFound("conflict"));
        }
        let matches: Vec<Match> = self
            .conn()
            .await?
            .rows(
                "SELECT low_entry, high_entry, to_low, to_high FROM conflict_match WHERE conflict = $1 ORDER BY id",
                binds![conflict],
            )
            .await?;
        let low = Pair::new(mine, other).is_some_and(|pair| pair.low() == mine);
        let mut entries: BTreeMap<EntryId, bool> = BTreeMap::new();
        for m in matches {
            let (entry, to_me, to_them) =
                if low { (m.low_entry, m.to_low, m.to_high) } else { (m.high_entry, m.to_high, m.to_low) };
            if to_me == open {
                *entries.entry(entry.into()).or_default() |= to_them == open;
            }
        }
        let theirs = rows.iter().find(|r| CaseId::from(r.case_id) == other);
        Ok(HandedIn {
            seen: theirs.is_some_and(|r| r.sees == open),
            noted: theirs.is_some_and(|r| r.seen_us.is_some()),
            entries,
        })
    }
}
