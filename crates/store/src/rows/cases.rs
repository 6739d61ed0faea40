//! Cases: sealed number, nexus and contact; a key of their own; the predicate their subjects inherit.

use std::collections::BTreeMap;

use model::{
    AgencyId, Case, CaseId, CaseNumber, CaseStatus, Contact, MemberId, Micros, Outcome, Predicate, PredicateId,
    ThreatArea,
};
use policy::{Action, Scope};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Conn, Value, binds};
use crate::error::Error;
use crate::keys::{Cipher, KeyPurpose, Place, search_token};
use crate::rows::words::Worded;
use crate::store::Store;
use crate::tx::Tx;

/// What policy decides on about a case, never content.
#[derive(Debug, Clone)]
pub struct CaseFacts {
    /// Its id.
    pub id: CaseId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Who leads it.
    pub lead: MemberId,
    /// Who supervises it.
    pub supervisor: Option<MemberId>,
    /// Open or closed.
    pub status: CaseStatus,
    /// What its subjects inherit; `None` for a tip of which no officer has stated one yet.
    pub predicate: Option<PredicateId>,
    /// For compare-and-set.
    pub version: i64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SealedCase {
    pub number: String,
    pub nexus: String,
    pub contact: Option<Contact>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct CaseRow {
    pub id: Uuid,
    pub agency: Uuid,
    pub status: i64,
    pub lead: Uuid,
    pub supervisor: Option<Uuid>,
    pub predicate: Uuid,
    pub sealed: Vec<u8>,
    pub row_version: i64,
}

const CASE_COLUMNS: &str =
    "SELECT id, agency, status, lead, supervisor, predicate, sealed, row_version FROM case_file WHERE id = $1";

const CASES_OF: &str = "SELECT t.id, t.agency, t.status, t.lead, t.supervisor, t.predicate, t.sealed, t.row_version FROM q CROSS JOIN case_file t WHERE t.id = q.a";

impl CaseRow {
    fn facts(&self) -> Result<CaseFacts, Error> {
        Ok(CaseFacts {
            id: self.id.into(),
            agency: self.agency.into(),
            lead: self.lead.into(),
            supervisor: self.supervisor.map(Into::into),
            status: CaseStatus::from_code(self.status)
                .ok_or(Error::Inconsistent { table: "case_file", column: "status" })?,
            predicate: Some(self.predicate).filter(|p| !p.is_nil()).map(Into::into),
            version: self.row_version,
        })
    }
}

pub(crate) fn case_place(agency: AgencyId, id: &CaseId) -> Place<'_> {
    Place { table: "case_file", column: "sealed", row: id.as_bytes(), agency }
}

/// The same number written "25-123" or " 25-123 " is one number.
pub(crate) fn number_text(number: &CaseNumber) -> String {
    number.as_str().split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Store {
    /// Facts of the agency's case of this number; `None` when it has none. Never content.
    pub async fn case_facts(&self, agency: AgencyId, number: &CaseNumber) -> Result<Option<CaseFacts>, Error> {
        let found = self.case_facts_numbered(agency, std::slice::from_ref(number)).await?;
        Ok(found.into_iter().next().flatten())
    }

    /// The same for many numbers, in their order.
    pub async fn case_facts_numbered(
        &self,
        agency: AgencyId,
        numbers: &[CaseNumber],
    ) -> Result<Vec<Option<CaseFacts>>, Error> {
        #[derive(sqlx::FromRow)]
        struct Id {
            token: Vec<u8>,
            case_id: Uuid,
        }
        #[derive(sqlx::FromRow)]
        struct Wrapped {
            wrapped: Vec<u8>,
        }
        let mut conn = self.reading().await?;
        let key = match self.0.ring.agency(agency, KeyPurpose::Search) {
            Some(key) => key,
            None => {
                let row: Option<Wrapped> = conn
                    .maybe(
                        "SELECT wrapped FROM agency_key WHERE agency = $1 AND purpose = $2 ORDER BY version DESC",
                        binds![agency, KeyPurpose::Search.code()],
                    )
                    .await?;
                let row = row.ok_or(Error::Seal("this agency has no key"))?;
                self.0.ring.learn_agency(agency, KeyPurpose::Search, &row.wrapped)?
            }
        };
        let tokens: Vec<_> = numbers.iter().map(|n| search_token(&key, "case number", &number_text(n))).collect();
        let keys = super::agencies::distinct(&tokens).into_iter().map(|t| binds![agency, t]).collect();
        let ids: Vec<Id> = conn
            .join(
                "SELECT t.token, t.case_id FROM q CROSS JOIN case_number t WHERE t.agency = q.a AND t.token = q.b",
                keys,
            )
            .await?;
        let keys = ids.iter().map(|id| binds![id.case_id]).collect();
        let rows: Vec<CaseRow> = conn.join(CASES_OF, keys).await?;
        conn.commit().await?;
        let cases: BTreeMap<Uuid, &CaseRow> = rows.iter().map(|r| (r.id, r)).collect();
        let by_token: BTreeMap<&[u8], Uuid> = ids.iter().map(|id| (id.token.as_slice(), id.case_id)).collect();
        let case_of = |token: &model::Token| by_token.get(token.0.as_slice()).and_then(|id| cases.get(id));
        tokens.iter().map(|token| case_of(token).map(|row| row.facts()).transpose()).collect()
    }

    /// Facts of a case by id.
    pub async fn case_facts_by_id(&self, id: CaseId) -> Result<Option<CaseFacts>, Error> {
        let mut conn = self.reading().await?;
        let facts = facts_of(&mut conn, id).await?;
        conn.commit().await?;
        Ok(facts)
    }
}

impl Store {
    /// Facts of cases by id.
    pub async fn case_facts_of(&self, ids: &[CaseId]) -> Result<BTreeMap<CaseId, CaseFacts>, Error> {
        let keys = super::agencies::distinct(ids).into_iter().map(|id| binds![id]).collect();
        let mut conn = self.reading().await?;
        let rows: Vec<CaseRow> = conn.join(CASES_OF, keys).await?;
        conn.commit().await?;
        rows.iter().map(|r| Ok((r.id.into(), r.facts()?))).collect()
    }
}

async fn facts_of(conn: &mut Conn, id: CaseId) -> Result<Option<CaseFacts>, Error> {
    let row: Option<CaseRow> = conn.maybe(CASE_COLUMNS, binds![id]).await?;
    row.map(|r| r.facts()).transpose()
}

/// Cases whose rows are made and not yet written.
#[must_use]
pub struct SealedCases {
    by: u64,
    agency: AgencyId,
    cases: Vec<CaseId>,
    numbers: Vec<Vec<Value>>,
    keys: Vec<Vec<Value>>,
    files: Vec<Vec<Value>>,
    predicates: Vec<Vec<Value>>,
    words: Vec<Vec<Value>>,
}

const ADD_PREDICATE: &str = "INSERT INTO predicate (case_id, id, agency, offence, member, at_us, document, sealed)";

fn case_row(store: &Store, cipher: &Cipher, case: &Case) -> Result<Vec<Value>, Error> {
    let inside = SealedCase {
        number: case.number.as_str().to_owned(),
        nexus: case.nexus.as_str().to_owned(),
        contact: case.contact.clone(),
    };
    let clear = serde_json::to_vec(&inside).map_err(|_| Error::Seal("case"))?;
    let sealed = cipher.seal(store.chance(), case_place(case.agency, &case.id), &clear)?;
    Ok(binds![
        case.id,
        case.agency,
        case.threat_area.code(),
        case.offence.as_str(),
        case.status.code(),
        case.outcome.map(Outcome::code),
        case.lead,
        case.supervisor,
        case.predicate.as_ref().map_or_else(Uuid::nil, |p| p.id.into()),
        case.marking.to_string(),
        case.opened,
        Option::<Micros>::None,
        sealed,
        1
    ])
}

fn predicate_row(
    store: &Store,
    cipher: &Cipher,
    agency: AgencyId,
    case: CaseId,
    p: &Predicate,
) -> Result<Vec<Value>, Error> {
    let place = Place { table: "predicate", column: "sealed", row: p.id.as_bytes(), agency };
    let sealed = cipher.seal(store.chance(), place, p.facts.as_str().as_bytes())?;
    Ok(binds![case, p.id, agency, p.offence.as_str(), p.member, p.at, p.document.map(|d| d.to_vec()), sealed])
}

impl Tx {
    /// Opens cases of one agency, each with its key and its default predicate; a tip has none yet.
    ///
    /// # Errors
    /// [`Error::Exists`] when the agency has a case of one of these numbers.
    pub async fn add_cases(&mut self, agency: AgencyId, cases: &[Case]) -> Result<(), Error> {
        let sealed = self.seal_cases(agency, cases).await?;
        self.keep_cases(sealed).await
    }

    /// Makes the keys and rows of cases of one agency, and writes nothing yet.
    pub async fn seal_cases(&mut self, agency: AgencyId, cases: &[Case]) -> Result<SealedCases, Error> {
        self.needs(&[Action::OpenCase, Action::ReceiveTip])?;
        self.takes_cases(agency)?;
        let store = self.store.clone();
        let search = self.agency_key(agency, KeyPurpose::Search).await?;
        let data = self.agency_key(agency, KeyPurpose::Data).await?;
        let (mut numbers, mut keys, mut files, mut predicates) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut words = Vec::new();
        for case in cases.iter().filter(|c| c.agency == agency) {
            let token = search_token(&search, "case number", &number_text(&case.number));
            let (cipher, wrapped) = store.0.ring.new_case_key(store.chance(), &data, agency, case.id, 1)?;
            let cipher = self.made_case_key(case.id, cipher);
            numbers.push((token, binds![agency, token, case.id]));
            keys.push(binds![case.id, 1, agency, wrapped]);
            files.push(case_row(&store, &cipher, case)?);
            if let Some(p) = &case.predicate {
                predicates.push(predicate_row(&store, &cipher, agency, case.id, p)?);
            }
            let facts = case.predicate.as_ref().map(|p| p.facts.as_str());
            words.push(Worded::case(case.id, case.number.as_str(), case.nexus.as_str(), facts));
        }
        if numbers.len() != cases.len() {
            return Err(Error::NotFound("agency"));
        }
        numbers.sort_unstable_by_key(|(token, _)| *token); // primary key order: see Conn::insert
        let words = self.word_rows(agency, words).await?;
        let numbers = numbers.into_iter().map(|(_, row)| row).collect();
        let cases = cases.iter().map(|c| c.id).collect();
        Ok(SealedCases { by: self.number(), agency, cases, numbers, keys, files, predicates, words })
    }

    /// Writes cases that were sealed here.
    ///
    /// # Errors
    /// [`Error::Exists`] when the agency has a case of one of these numbers.
    pub async fn keep_cases(&mut self, sealed: SealedCases) -> Result<(), Error> {
        self.needs(&[Action::OpenCase, Action::ReceiveTip])?;
        let SealedCases { by, agency, cases, numbers, keys, files, predicates, words } = sealed;
        self.sealed_here(by)?;
        self.takes_cases(agency)?;
        let wanted = u64::try_from(numbers.len()).map_err(|_| Error::Failed)?;
        let conn = self.conn().await?;
        let new = conn
            .insert(
                "INSERT INTO case_number (agency, token, case_id)",
                "ON CONFLICT (agency, token) DO NOTHING",
                numbers,
            )
            .await?;
        if new != wanted {
            return Err(Error::Exists("a case of this number"));
        }
        conn.insert("INSERT INTO case_key (case_id, version, agency, wrapped)", "", keys).await?;
        conn.insert(
            "INSERT INTO case_file (id, agency, threat_area, offence, status, outcome, lead, supervisor, predicate, marking, opened_us, closed_us, sealed, row_version)",
            "",
            files,
        )
        .await?;
        conn.insert(ADD_PREDICATE, "", predicates).await?;
        self.keeps_case_keys(agency, cases);
        self.index_rows(words).await
    }

    /// Does this transaction's grant reach the agency whose cases these are to be?
    fn takes_cases(&self, agency: AgencyId) -> Result<(), Error> {
        match self.scope() {
            Scope::OwnAgency(own) | Scope::OwnCases { agency: own, .. } if *own == agency => Ok(()),
            _ => Err(Error::NotFound("agency")),
        }
    }

    /// Holds the case open until this transaction ends: entries never land in a case that was closed or went to another
    /// agency meanwhile.
    pub async fn hold_open(&mut self, id: CaseId) -> Result<(), Error> {
        self.needs(&[Action::Submit, Action::AskBulk])?;
        let agency = self.agency();
        let open = self
            .conn()
            .await?
            .exec(
                "UPDATE case_file SET row_version = row_version WHERE id = $1 AND status IN ($2, $3) AND agency = $4",
                binds![id, CaseStatus::Open.code(), CaseStatus::Tip.code(), agency],
            )
            .await?;
        if open == 1 { Ok(()) } else { Err(Error::Changed) }
    }

    /// Writes down the predicate an officer stated for a tip: from then on it is an open case (compare-and-set on its
    /// version).
    pub async fn state_predicate(
        &mut self,
        case: &CaseFacts,
        area: ThreatArea,
        predicate: &Predicate,
    ) -> Result<(), Error> {
        self.needs(&[Action::StatePredicate])?;
        self.own_case_in_scope(case.agency, case.id).await?;
        let store = self.store.clone();
        let cipher = self.case_cipher(case.agency, case.id).await?;
        let row = predicate_row(&store, &cipher, case.agency, case.id, predicate)?;
        self.conn().await?.insert(ADD_PREDICATE, "", vec![row]).await?;
        self.index(case.agency, vec![Worded::case(case.id, "", "", [predicate.facts.as_str()])]).await?;
        let changed = self
            .conn().await?
            .exec(
                "UPDATE case_file SET status = $1, predicate = $2, offence = $3, threat_area = $4, row_version = $5 WHERE id = $6 AND row_version = $7 AND status = $8",
                binds![
                    CaseStatus::Open.code(),
                    predicate.id,
                    predicate.offence.as_str(),
                    area.code(),
                    case.version + 1,
                    case.id,
                    case.version,
                    CaseStatus::Tip.code()
                ],
            )
            .await?;
        if changed == 1 { Ok(()) } else { Err(Error::Changed) }
    }

    /// Closes a case with its outcome (compare-and-set on its version).
    pub async fn close_case(&mut self, case: &CaseFacts, outcome: Outcome) -> Result<(), Error> {
        self.needs(&[Action::CloseCase])?;
        self.own_case_in_scope(case.agency, case.id).await?;
        let now = self.now();
        let changed = self
            .conn().await?
            .exec(
                "UPDATE case_file SET status = $1, outcome = $2, closed_us = $3, row_version = $4 WHERE id = $5 AND row_version = $6 AND status <> $7",
                binds![CaseStatus::Closed.code(), outcome.code(), now, case.version + 1, case.id, case.version, CaseStatus::Closed.code()],
            )
            .await?;
        self.ends(case.id, None, outcome.code());
        if changed == 1 { Ok(()) } else { Err(Error::Changed) }
    }

    /// The own agency's case, opened: number, nexus, contact.
    pub async fn own_case(&mut self, id: CaseId) -> Result<OwnCase, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            agency: Uuid,
            threat_area: i64,
            sealed: Vec<u8>,
        }
        let agency = self.agency();
        let row: Option<Row> = self
            .conn()
            .await?
            .maybe(
                "SELECT agency, threat_area, sealed FROM case_file WHERE id = $1 AND agency = $2",
                binds![id, agency],
            )
            .await?;
        let row = row.ok_or(Error::NotFound("case"))?;
        let inside = self.open_case(row.agency.into(), id, &row.sealed).await?;
        let wrong = |column| Error::Inconsistent { table: "case_file", column };
        Ok(OwnCase {
            number: CaseNumber::parse(&inside.number).map_err(|_| wrong("sealed"))?,
            nexus: inside.nexus,
            contact: inside.contact,
            threat_area: ThreatArea::from_code(row.threat_area).ok_or(wrong("threat_area"))?,
        })
    }

    pub(crate) async fn open_case(&mut self, agency: AgencyId, id: CaseId, sealed: &[u8]) -> Result<SealedCase, Error> {
        let clear = self.open_sealed(Some(id), case_place(agency, &id), sealed).await?;
        serde_json::from_slice(&clear).map_err(|_| Error::Inconsistent { table: "case_file", column: "sealed" })
    }

    pub(crate) async fn case_rows(&mut self, ids: &[CaseId]) -> Result<Vec<CaseRow>, Error> {
        let keys: Vec<Vec<Value>> = super::agencies::distinct(ids).into_iter().map(|id| binds![id]).collect();
        self.conn().await?.join(CASES_OF, keys).await
    }

    /// A case of this agency that the grant reaches: with [`Scope::OwnCases`] one its holder leads or supervises.
    pub(crate) async fn own_case_in_scope(&mut self, agency: AgencyId, case: CaseId) -> Result<(), Error> {
        #[derive(sqlx::FromRow)]
        struct Id {
            #[sqlx(rename = "id")]
            _id: Uuid,
        }
        self.own(agency)?;
        let found: Option<Id> = match *self.scope() {
            Scope::OwnCases { member, .. } => {
                self.conn()
                    .await?
                    .maybe(
                        "SELECT id FROM case_file WHERE id = $1 AND agency = $2 AND (lead = $3 OR supervisor = $4)",
                        binds![case, agency, member, member],
                    )
                    .await?
            }
            _ => {
                self.conn()
                    .await?
                    .maybe("SELECT id FROM case_file WHERE id = $1 AND agency = $2", binds![case, agency])
                    .await?
            }
        };
        found.map(|_| ()).ok_or(Error::NotFound("case"))
    }

    pub(crate) fn own(&self, agency: AgencyId) -> Result<(), Error> {
        let own = match self.scope() {
            Scope::OwnAgency(a) | Scope::OwnCases { agency: a, .. } | Scope::Sides { agency: a } => *a == agency,
            Scope::Installation | Scope::Matcher => true,
            Scope::Directory | Scope::Desk | Scope::LedgerOnly => false,
        };
        if own { Ok(()) } else { Err(Error::NotFound("case")) }
    }
}

/// One's own case.
pub struct OwnCase {
    /// The agency's number.
    pub number: CaseNumber,
    /// How the Internet was used.
    pub nexus: String,
    /// Whom others call.
    pub contact: Option<Contact>,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
}
