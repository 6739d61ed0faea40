//! Offers of a case to another agency: who offered what to whom, until when, and what became of it.
//!
//! Each side's words are sealed under its own key. What moves when an offer is accepted stands in [`super::handover`].

use std::collections::BTreeMap;

use model::{AgencyId, AgencyKind, CaseId, CaseStatus, Level, MemberId, Micros, Role, Roles, Source, TransferId};
use policy::{Action, Other, Receiver, Sealed, Travelling};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::keys::Place;
use crate::rows::agencies::{MemberFacts, agency_row};
use crate::rows::cases::CaseFacts;
use crate::rows::submissions::Pending;
use crate::store::Store;
use crate::tx::Tx;

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferState {
    /// It waits for its answer, until it ends by itself.
    Offered,
    /// The case went.
    Accepted,
    /// The receiver would not have it.
    Declined,
    /// The offerer took it back.
    Withdrawn,
    /// Nobody answered in time.
    Expired,
}

impl TransferState {
    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Offered => 1,
            Self::Accepted => 2,
            Self::Declined => 3,
            Self::Withdrawn => 4,
            Self::Expired => 5,
        }
    }

    fn from_code(code: i64) -> Option<Self> {
        [Self::Offered, Self::Accepted, Self::Declined, Self::Withdrawn, Self::Expired]
            .into_iter()
            .find(|s| s.code() == code)
    }

    /// The word in a list.
    pub fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }
}

/// What policy decides on about an offer, never content.
#[derive(Debug, Clone)]
pub struct TransferFacts {
    /// Its id.
    pub id: TransferId,
    /// The case.
    pub case: CaseId,
    /// Who offers it.
    pub from: AgencyId,
    /// To whom.
    pub to: AgencyId,
    /// Who of the offering agency.
    pub offered_by: MemberId,
    /// When.
    pub offered: Micros,
    /// When it ends by itself.
    pub until: Micros,
    /// What became of it; expired when nobody answered in time.
    pub state: TransferState,
    /// When it was answered.
    pub answered: Option<Micros>,
    /// Where what stayed stands, once it was accepted.
    pub remainder: Option<CaseId>,
    /// For compare-and-set.
    pub version: i64,
}

/// An offer to be made.
pub struct NewTransfer<'a> {
    /// Its id.
    pub id: TransferId,
    /// To whom.
    pub to: AgencyId,
    /// When it ends by itself.
    pub until: Micros,
    /// What the offering agency keeps of it; sealed under its key.
    pub own: &'a [u8],
    /// What the receiver reads of it; sealed under the receiver's key.
    pub offer: &'a [u8],
}

/// An offer as one of its two agencies reads it.
pub struct TransferRow {
    /// What both know.
    pub facts: TransferFacts,
    /// What the offering agency kept of it: only for itself.
    pub own: Option<Vec<u8>>,
    /// What was written for the receiver: only for the receiver.
    pub offer: Option<Vec<u8>>,
    /// What the receiver answered: only for the offering agency.
    pub answer: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    case_id: Uuid,
    from_agency: Uuid,
    to_agency: Uuid,
    offered_by: Uuid,
    offered_us: i64,
    until_us: i64,
    state: i64,
    answered_us: Option<i64>,
    remainder: Option<Uuid>,
    own: Vec<u8>,
    offer: Vec<u8>,
    answer: Option<Vec<u8>>,
    row_version: i64,
}

impl Row {
    fn facts(&self, now: Micros) -> Result<TransferFacts, Error> {
        let state =
            TransferState::from_code(self.state).ok_or(Error::Inconsistent { table: "transfer", column: "state" })?;
        let late = state == TransferState::Offered && self.until_us < now.0;
        Ok(TransferFacts {
            id: self.id.into(),
            case: self.case_id.into(),
            from: self.from_agency.into(),
            to: self.to_agency.into(),
            offered_by: self.offered_by.into(),
            offered: Micros(self.offered_us),
            until: Micros(self.until_us),
            state: if late { TransferState::Expired } else { state },
            answered: self.answered_us.map(Micros),
            remainder: self.remainder.map(Into::into),
            version: self.row_version,
        })
    }
}

fn place<'a>(column: &'static str, id: &'a TransferId, agency: AgencyId) -> Place<'a> {
    Place { table: "transfer", column, row: id.as_bytes(), agency }
}

impl Store {
    /// What policy needs to know of an offer.
    pub async fn transfer_facts(&self, id: TransferId) -> Result<Option<TransferFacts>, Error> {
        let mut conn = self.reading().await?;
        let row: Option<Row> = conn
            .maybe(
                "SELECT id, case_id, from_agency, to_agency, offered_by, offered_us, until_us, state, answered_us, remainder, own, offer, answer, row_version FROM transfer WHERE id = $1",
                binds![id],
            )
            .await?;
        conn.commit().await?;
        row.map(|r| r.facts(self.now())).transpose()
    }

    /// By which transfer a case went, of which this is what stayed: to whom, and when.
    pub async fn transfer_of(&self, remainder: CaseId) -> Result<Option<TransferFacts>, Error> {
        let mut conn = self.reading().await?;
        let row: Option<Row> = conn
            .maybe(
                "SELECT id, case_id, from_agency, to_agency, offered_by, offered_us, until_us, state, answered_us, remainder, own, offer, answer, row_version FROM transfer WHERE remainder = $1",
                binds![remainder],
            )
            .await?;
        conn.commit().await?;
        row.map(|r| r.facts(self.now())).transpose()
    }

    /// An agency as the receiver of a case: its public name, and what policy weighs.
    pub async fn receiver(&self, id: AgencyId) -> Result<Option<(String, Receiver)>, Error> {
        let now = self.now();
        let mut conn = self.reading().await?;
        let row = agency_row(&mut conn, id).await?;
        conn.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let kind = row.kind()?;
        let covered = row.approved_until_us.is_some_and(|until| until >= now.0);
        let foreign = kind == AgencyKind::Foreign;
        let receiver = Receiver {
            kind,
            country: row.country.parse().map_err(|_| Error::Inconsistent { table: "agency", column: "country" })?,
            // A foreign agency is suspended until it is approved: without an approval that is the rule it meets.
            suspended: row.suspended && (!foreign || covered),
            approved: !foreign || covered,
        };
        Ok(Some((row.name, receiver)))
    }

    /// What policy weighs of a case that is to go: itself, the tip it began as, and each entry that would go along, ended ones too. Hidden ones
    /// stay and weigh nothing: a refusal must not tell of them.
    pub async fn travelling(&self, case: CaseId, agency: AgencyId) -> Result<Vec<Travelling>, Error> {
        #[derive(sqlx::FromRow)]
        struct Of {
            source: Option<i64>,
            marking: String,
        }
        let mut conn = self.reading().await?;
        let mut rows: Vec<Of> = conn
            .rows(
                "SELECT CAST(NULL AS BIGINT) AS source, marking FROM case_file WHERE id = $1 AND agency = $2",
                binds![case, agency],
            )
            .await?;
        // The report that a case began as is itself a CyberTip.
        rows.extend(
            conn.rows::<Of>(
                "SELECT CAST($1 AS BIGINT) AS source, c.marking FROM tip t JOIN case_file c ON c.id = t.case_id WHERE t.case_id = $2 AND t.agency = $3",
                binds![Source::CyberTip.code(), case, agency],
            )
            .await?,
        );
        rows.extend(
            conn.rows::<Of>(
                "SELECT source, marking FROM entry WHERE case_id = $1 AND agency = $2 AND level <> $3 AND role <> $4",
                binds![case, agency, Level::Silent.code(), model::EntryRole::Undercover.code()],
            )
            .await?,
        );
        conn.commit().await?;
        let wrong = |column| Error::Inconsistent { table: "entry", column };
        rows.into_iter()
            .map(|r| {
                Ok(Travelling {
                    source: r.source.map(|s| Source::from_code(s).ok_or(wrong("source"))).transpose()?,
                    marking: r.marking.parse().map_err(|_| wrong("marking"))?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Offers one's own case; nothing of it moves.
    ///
    /// # Errors
    /// [`Error::Changed`] when the case was closed or went meanwhile, [`Error::Exists`] when an offer of it stands.
    pub async fn offer_transfer(&mut self, case: &CaseFacts, new: &NewTransfer<'_>) -> Result<(), Error> {
        #[derive(sqlx::FromRow)]
        struct Standing {
            #[sqlx(rename = "id")]
            _id: Uuid,
        }
        self.needs(&[Action::OfferTransfer])?;
        self.own_case_in_scope(case.agency, case.id).await?;
        self.hold_case(case.id, case.agency, case.status).await?;
        let (member, now) = (self.member(), self.now());
        let standing: Option<Standing> = self
            .conn()
            .await?
            .maybe(
                "SELECT id FROM transfer WHERE case_id = $1 AND state = $2 AND until_us >= $3",
                binds![case.id, TransferState::Offered.code(), now],
            )
            .await?;
        if standing.is_some() {
            return Err(Error::Exists("an offer of this case"));
        }
        let own = self.seal(None, place("own", &new.id, case.agency), new.own).await?;
        let offer = self.seal(None, place("offer", &new.id, new.to), new.offer).await?;
        self.conn().await?
            .exec(
                "INSERT INTO transfer (id, case_id, from_agency, to_agency, offered_by, offered_us, until_us, state, own, offer, row_version)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                binds![
                    new.id,
                    case.id,
                    case.agency,
                    new.to,
                    member,
                    now,
                    new.until,
                    TransferState::Offered.code(),
                    own,
                    offer,
                    1
                ],
            )
            .await?;
        Ok(())
    }

    /// Ends an offer that stands: of two who answer at once exactly one does. The receiver's words are for the offerer.
    ///
    /// # Errors
    /// [`Error::Changed`] when it stands no more.
    pub async fn end_transfer(
        &mut self,
        of: &TransferFacts,
        state: TransferState,
        remainder: Option<CaseId>,
        answer: Option<&[u8]>,
    ) -> Result<(), Error> {
        self.needs(match state {
            TransferState::Withdrawn => &[Action::OfferTransfer],
            _ => &[Action::AcceptTransfer],
        })?;
        self.own(if state == TransferState::Withdrawn { of.from } else { of.to })?;
        let (member, now) = (self.member(), self.now());
        let sealed = match answer {
            Some(words) => Some(self.seal(None, place("answer", &of.id, of.from), words).await?),
            None => None,
        };
        let changed = self
            .conn().await?
            .exec(
                "UPDATE transfer SET state = $1, answered_by = $2, answered_us = $3, remainder = $4, answer = $5, row_version = $6
                 WHERE id = $7 AND row_version = $8 AND state = $9 AND until_us >= $10",
                binds![
                    state.code(),
                    member,
                    now,
                    remainder,
                    sealed,
                    of.version + 1,
                    of.id,
                    of.version,
                    TransferState::Offered.code(),
                    now
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Changed) }
    }

    /// Holds a case as it stands until this transaction ends: it does not go to another agency meanwhile.
    pub(crate) async fn hold_case(&mut self, id: CaseId, agency: AgencyId, status: CaseStatus) -> Result<(), Error> {
        let held = self
            .conn()
            .await?
            .exec(
                "UPDATE case_file SET row_version = row_version WHERE id = $1 AND agency = $2 AND status = $3",
                binds![id, agency, status.code()],
            )
            .await?;
        if held == 1 { Ok(()) } else { Err(Error::Changed) }
    }

    /// Holds the asking cases with their agencies until this look ends: what it finds must not be written for an agency
    /// that has the case no more.
    ///
    /// # Errors
    /// [`Error::Changed`] when one went to another meanwhile: what stayed of it is looked at in a later round.
    pub async fn hold_asking(&mut self, of: &[Pending]) -> Result<(), Error> {
        #[derive(sqlx::FromRow)]
        struct Holder {
            id: Uuid,
            agency: Uuid,
        }
        self.needs(&[Action::Look, Action::Sweep, Action::SecondLook])?;
        let cases: Vec<CaseId> = of.iter().filter_map(|p| p.case).collect();
        let keys = super::agencies::distinct(&cases).into_iter().map(|c| binds![c]).collect();
        let held: Vec<Holder> = self
            .conn()
            .await?
            .join(
                "UPDATE case_file SET row_version = row_version WHERE id IN (SELECT q.a FROM q) RETURNING id, agency",
                keys,
            )
            .await?;
        let holders: BTreeMap<Uuid, Uuid> = held.into_iter().map(|h| (h.id, h.agency)).collect();
        let stayed = |p: &Pending| p.case.is_none_or(|c| holders.get(&c.into()) == Some(&p.agency.into()));
        if of.iter().all(stayed) { Ok(()) } else { Err(Error::Changed) }
    }

    /// Every offer from or to the reader's agency, the oldest first, each as far as it was written for it.
    pub async fn transfers(&mut self) -> Result<Vec<TransferRow>, Error> {
        self.needs(&[Action::Inbox])?;
        let (agency, now) = (self.agency(), self.now());
        let rows: Vec<Row> = self
            .conn().await?
            .rows(
                "SELECT id, case_id, from_agency, to_agency, offered_by, offered_us, until_us, state, answered_us, remainder, own, offer, answer, row_version
                 FROM transfer WHERE from_agency = $1 OR to_agency = $2 ORDER BY offered_us, id",
                binds![agency, agency],
            )
            .await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let facts = row.facts(now)?;
            let (mut own, mut offer, mut answer) = (None, None, None);
            if facts.from == agency {
                own = Some(self.open_sealed(None, place("own", &facts.id, agency), &row.own).await?);
                if let Some(sealed) = &row.answer {
                    answer = Some(self.open_sealed(None, place("answer", &facts.id, agency), sealed).await?);
                }
            } else {
                offer = Some(self.open_sealed(None, place("offer", &facts.id, agency), &row.offer).await?);
            }
            out.push(TransferRow { facts, own, offer, answer });
        }
        Ok(out)
    }

    /// Who of an agency may accept a case: its active supervisors.
    pub async fn supervisors_at(&mut self, agency: AgencyId) -> Result<Vec<MemberFacts>, Error> {
        #[derive(sqlx::FromRow)]
        struct Of {
            id: Uuid,
            roles: i64,
        }
        self.needs(&[Action::OfferTransfer, Action::AcceptTransfer])?;
        let rows: Vec<Of> = self
            .conn()
            .await?
            .rows("SELECT id, roles FROM member WHERE agency = $1 AND active = $2 ORDER BY id", binds![agency, true])
            .await?;
        let supervises = |code| Roles::from_code(code).is_some_and(|r| r.has(Role::Supervisor));
        let ids: Vec<MemberId> = rows.iter().filter(|r| supervises(r.roles)).map(|r| r.id.into()).collect();
        self.members(&ids).await
    }

    /// Whom to call about a case that is offered or went, as far as its marking lets the caller be shown.
    pub async fn transfer_contact(&mut self, case: CaseId) -> Result<Sealed<Other>, Error> {
        #[derive(sqlx::FromRow)]
        struct Marked {
            marking: String,
        }
        self.needs(&[Action::OfferTransfer, Action::AcceptTransfer])?;
        let marked: Option<Marked> =
            self.conn().await?.maybe("SELECT marking FROM case_file WHERE id = $1", binds![case]).await?;
        let row = self.case_rows(&[case]).await?.into_iter().next().ok_or(Error::NotFound("case"))?;
        let contact = self.open_case(row.agency.into(), case, &row.sealed).await?.contact;
        let lead = self.members(&[row.lead.into()]).await?.into_iter().next().ok_or(Error::NotFound("member"))?;
        let agency = self.agencies(&[row.agency.into()]).await?.into_iter().next().ok_or(Error::NotFound("agency"))?;
        let mut other = super::held::caller_of(&agency, contact.unwrap_or(lead.contact));
        other.marking = marked
            .and_then(|m| m.marking.parse().ok())
            .ok_or(Error::Inconsistent { table: "case_file", column: "marking" })?;
        Ok(Sealed::new(other))
    }
}
