//! Agencies, their approvals and their members: the security rows whose every change stands in the ledger by digest.

use ledger::Column;
use std::collections::BTreeMap;

use model::{Agency, AgencyId, AgencyKind, Approval, Contact, Member, MemberId, Micros, Roles, Telephone, TimeZone};
use policy::{Action, Principal, Sealed, Standing};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::act::SecurityRow;
use crate::db::{Conn, Value, binds};
use crate::error::Error;
use crate::keys::{KeyPurpose, Place, agency_cipher};
use crate::store::Store;
use crate::tx::Tx;

#[derive(Clone, sqlx::FromRow)]
pub(crate) struct AgencyRow {
    pub id: Uuid,
    pub kind: i64,
    pub name: String,
    pub country: String,
    pub state: Option<String>,
    pub suspended: bool,
    pub approved_until_us: Option<i64>,
    pub sealed: Vec<u8>,
    pub made_us: i64,
    pub row_version: i64,
    pub time_zone: Option<String>,
}

impl AgencyRow {
    pub(crate) fn security(&self) -> SecurityRow {
        // A row from before there were zones keeps the digest its event has.
        let zone = self.time_zone.iter().map(|zone| ("time_zone", Column::Text(zone.clone())));
        let mut row = SecurityRow {
            table: "agency",
            key: self.id.as_bytes().to_vec(),
            version: self.row_version,
            columns: vec![
                ("kind", Column::Int(self.kind)),
                ("name", Column::Text(self.name.clone())),
                ("country", Column::Text(self.country.clone())),
                ("state", Column::Text(self.state.clone().unwrap_or_default())),
                ("suspended", Column::Bool(self.suspended)),
                ("approved_until_us", Column::MaybeInt(self.approved_until_us)),
                ("sealed", Column::Bytes(self.sealed.clone())),
                ("made_us", Column::Int(self.made_us)),
            ],
        };
        row.columns.extend(zone);
        row
    }

    pub(crate) fn time_zone(&self) -> Result<Option<TimeZone>, Error> {
        let wrong = |_| Error::Inconsistent { table: "agency", column: "time_zone" };
        self.time_zone.as_deref().map(|z| TimeZone::parse(z).map_err(wrong)).transpose()
    }

    pub(crate) fn kind(&self) -> Result<AgencyKind, Error> {
        AgencyKind::from_code(self.kind).ok_or(Error::Inconsistent { table: "agency", column: "kind" })
    }

    /// Suspended by order, or because no approval covers the present (34 U.S.C. 21115(c)).
    pub(crate) fn is_suspended(&self, now: Micros) -> bool {
        self.suspended
            || (self.kind == AgencyKind::Foreign.code() && self.approved_until_us.is_none_or(|until| until < now.0))
    }
}

#[derive(Clone, sqlx::FromRow)]
pub(crate) struct MemberRow {
    pub id: Uuid,
    pub agency: Uuid,
    pub email_token: Vec<u8>,
    pub sworn: bool,
    pub roles: i64,
    pub active: bool,
    pub sealed: Vec<u8>,
    pub made_us: i64,
    pub row_version: i64,
}

impl MemberRow {
    pub(crate) fn security(&self) -> SecurityRow {
        SecurityRow {
            table: "member",
            key: self.id.as_bytes().to_vec(),
            version: self.row_version,
            columns: vec![
                ("agency", Column::Bytes(self.agency.as_bytes().to_vec())),
                ("email_token", Column::Bytes(self.email_token.clone())),
                ("sworn", Column::Bool(self.sworn)),
                ("roles", Column::Int(self.roles)),
                ("active", Column::Bool(self.active)),
                ("sealed", Column::Bytes(self.sealed.clone())),
                ("made_us", Column::Int(self.made_us)),
            ],
        }
    }
}

#[derive(Clone, sqlx::FromRow)]
pub(crate) struct ApprovalRow {
    pub id: Uuid,
    pub agency: Uuid,
    pub until_us: i64,
    pub at_us: i64,
    pub sealed: Vec<u8>,
    pub row_version: i64,
}

impl ApprovalRow {
    pub(crate) fn security(&self) -> SecurityRow {
        SecurityRow {
            table: "approval",
            key: self.id.as_bytes().to_vec(),
            version: self.row_version,
            columns: vec![
                ("agency", Column::Bytes(self.agency.as_bytes().to_vec())),
                ("until_us", Column::Int(self.until_us)),
                ("at_us", Column::Int(self.at_us)),
                ("sealed", Column::Bytes(self.sealed.clone())),
            ],
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SealedMember {
    pub name: String,
    pub email: String,
    pub telephone: Telephone,
}

pub(crate) const AGENCY: &str = "SELECT id, kind, name, country, state, suspended, approved_until_us, sealed, made_us, row_version, time_zone FROM agency";
pub(crate) const MEMBER: &str =
    "SELECT id, agency, email_token, sworn, roles, active, sealed, made_us, row_version FROM member";
pub(crate) const APPROVAL: &str = "SELECT id, agency, until_us, at_us, sealed, row_version FROM approval";

pub(crate) fn agency_place(id: &AgencyId) -> Place<'_> {
    Place { table: "agency", column: "sealed", row: id.as_bytes(), agency: *id }
}

pub(crate) fn member_place(agency: AgencyId, id: &MemberId) -> Place<'_> {
    Place { table: "member", column: "sealed", row: id.as_bytes(), agency }
}

impl Store {
    /// What policy decides on: who this member is. By id or e-mail address; `None` when there is none or the account is
    /// not active. Never content.
    pub async fn principal(&self, reference: &str) -> Result<Option<Principal>, Error> {
        let mut conn = self.reading().await?;
        let row: Option<MemberRow> = match reference.trim().parse::<MemberId>() {
            Ok(id) => conn.maybe("SELECT id, agency, email_token, sworn, roles, active, sealed, made_us, row_version FROM member WHERE id = $1", binds![id]).await?,
            Err(_) => {
                let token = self.0.ring.member_token(&reference.trim().to_ascii_lowercase());
                conn.maybe(
                    "SELECT id, agency, email_token, sworn, roles, active, sealed, made_us, row_version FROM member WHERE email_token = $1",
                    binds![token],
                )
                .await?
            }
        };
        let principal = match row.filter(|m| m.active) {
            None => None,
            Some(m) => Some(principal_of(&mut conn, m, self.now()).await?),
        };
        conn.commit().await?;
        Ok(principal)
    }

    /// Who made submissions, active or not: a look goes on when its submitter has left, and shows them nothing.
    pub async fn submitters(&self, ids: &[MemberId]) -> Result<BTreeMap<MemberId, Principal>, Error> {
        let mut conn = self.reading().await?;
        let rows: Vec<MemberRow> = conn.join(MEMBERS_OF, keys_of(ids)).await?;
        let agencies = agencies_of(&mut conn, &rows).await?;
        conn.commit().await?;
        let mut out = BTreeMap::new();
        for m in &rows {
            let who = principal_in(&agencies, m, self.now())?;
            out.insert(who.member, Principal { suspended: who.suspended || !m.active, ..who });
        }
        Ok(out)
    }

    /// Which agency this is, for policy: its kind and whether it is suspended.
    pub async fn agency_exists(&self, id: AgencyId) -> Result<bool, Error> {
        let mut conn = self.reading().await?;
        let row = agency_row(&mut conn, id).await?;
        conn.commit().await?;
        Ok(row.is_some())
    }

    /// The agencies of this public name, letter for letter.
    pub async fn agencies_named(&self, name: &str) -> Result<Vec<AgencyId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Of {
            id: Uuid,
        }
        let mut conn = self.reading().await?;
        let rows: Vec<Of> = conn.rows("SELECT id FROM agency WHERE name = $1 ORDER BY id", binds![name]).await?;
        conn.commit().await?;
        Ok(rows.into_iter().map(|r| r.id.into()).collect())
    }
}

const AGENCIES_OF: &str = "SELECT t.id, t.kind, t.name, t.country, t.state, t.suspended, t.approved_until_us, t.sealed, t.made_us, t.row_version, t.time_zone FROM q CROSS JOIN agency t WHERE t.id = q.a";
const MEMBERS_OF: &str = "SELECT t.id, t.agency, t.email_token, t.sworn, t.roles, t.active, t.sealed, t.made_us, t.row_version FROM q CROSS JOIN member t WHERE t.id = q.a";

fn keys_of<T: Copy + Ord + Into<Value>>(ids: &[T]) -> Vec<Vec<Value>> {
    distinct(ids).into_iter().map(|id| vec![id.into()]).collect()
}

/// The agencies of these members, each read once.
async fn agencies_of(conn: &mut Conn, members: &[MemberRow]) -> Result<BTreeMap<Uuid, AgencyRow>, Error> {
    let ids: Vec<Uuid> = members.iter().map(|m| m.agency).collect();
    let rows: Vec<AgencyRow> = conn.join(AGENCIES_OF, keys_of(&ids)).await?;
    Ok(rows.into_iter().map(|a| (a.id, a)).collect())
}

pub(crate) async fn agency_row(conn: &mut Conn, id: AgencyId) -> Result<Option<AgencyRow>, Error> {
    conn.maybe("SELECT id, kind, name, country, state, suspended, approved_until_us, sealed, made_us, row_version, time_zone FROM agency WHERE id = $1", binds![id]).await
}

async fn principal_of(conn: &mut Conn, m: MemberRow, now: Micros) -> Result<Principal, Error> {
    let agencies = agencies_of(conn, std::slice::from_ref(&m)).await?;
    principal_in(&agencies, &m, now)
}

pub(crate) fn principal_in(
    agencies: &BTreeMap<Uuid, AgencyRow>,
    m: &MemberRow,
    now: Micros,
) -> Result<Principal, Error> {
    let agency = agencies.get(&m.agency).ok_or(Error::Inconsistent { table: "member", column: "agency" })?;
    Ok(Principal {
        member: m.id.into(),
        agency: m.agency.into(),
        agency_kind: agency.kind()?,
        country: agency.country.parse().map_err(|_| Error::Inconsistent { table: "agency", column: "country" })?,
        suspended: agency.is_suspended(now),
        sworn: m.sworn,
        roles: Roles::from_code(m.roles).ok_or(Error::Inconsistent { table: "member", column: "roles" })?,
        standing: Standing::Asserted,
    })
}

impl Tx {
    /// Adds an agency and its keys. Its telephone is sealed under its own key.
    pub async fn add_agency(&mut self, agency: &Agency) -> Result<(), Error> {
        self.needs(&[Action::AddAgency])?;
        let now = self.now();
        let store = self.store.clone();
        let mut data_key = None;
        for purpose in KeyPurpose::ALL {
            let (key, wrapped) = store.0.ring.new_agency_key(store.chance(), agency.id, purpose)?;
            self.conn()
                .await?
                .exec(
                    "INSERT INTO agency_key (agency, purpose, version, wrapped) VALUES ($1, $2, $3, $4)",
                    binds![agency.id, purpose.code(), 1, wrapped],
                )
                .await?;
            let key = self.made_agency_key(agency.id, purpose, key);
            if purpose == KeyPurpose::Data {
                data_key = Some(key);
            }
        }
        let key = data_key.ok_or(Error::Seal("no data key"))?;
        let sealed =
            agency_cipher(&key).seal(store.chance(), agency_place(&agency.id), agency.telephone.as_str().as_bytes())?;
        let row = AgencyRow {
            id: agency.id.into(),
            kind: agency.kind.code(),
            name: agency.name.clone(),
            country: agency.country.to_string(),
            state: agency.state.map(|s| s.to_string()),
            suspended: agency.suspended,
            approved_until_us: None,
            sealed,
            made_us: now.0,
            row_version: 1,
            time_zone: agency.time_zone.as_ref().map(ToString::to_string),
        };
        let security = row.security();
        self.conn().await?
            .exec(
                "INSERT INTO agency (id, kind, name, country, state, suspended, approved_until_us, sealed, made_us, row_version, time_zone)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                binds![row.id, row.kind, row.name, row.country, row.state, row.suspended, row.approved_until_us, row.sealed, row.made_us, 1, row.time_zone],
            )
            .await?;
        self.wrote(security);
        Ok(())
    }

    /// Records an Attorney General approval (34 U.S.C. 21115(c)); the agency is suspended no longer, until it ends.
    pub async fn record_approval(&mut self, approval: &Approval) -> Result<(), Error> {
        self.needs(&[Action::RecordApproval])?;
        let mut row = agency_row(self.conn().await?, approval.agency).await?.ok_or(Error::NotFound("agency"))?;
        let place = Place { table: "approval", column: "sealed", row: approval.id.as_bytes(), agency: approval.agency };
        let sealed = self.seal(None, place, approval.scope.as_str().as_bytes()).await?;
        let approved = ApprovalRow {
            id: approval.id.into(),
            agency: approval.agency.into(),
            until_us: approval.until.0,
            at_us: self.now().0,
            sealed,
            row_version: 1,
        };
        let security = approved.security();
        self.conn().await?
            .exec(
                "INSERT INTO approval (id, agency, until_us, at_us, sealed, row_version) VALUES ($1, $2, $3, $4, $5, $6)",
                binds![approved.id, approved.agency, approved.until_us, approved.at_us, approved.sealed, 1],
            )
            .await?;
        self.wrote(security);
        let read = row.row_version;
        row.suspended = false;
        row.approved_until_us = Some(approval.until.0.max(row.approved_until_us.unwrap_or(i64::MIN)));
        row.row_version += 1;
        let changed = self
            .conn().await?
            .exec(
                "UPDATE agency SET suspended = $1, approved_until_us = $2, row_version = $3 WHERE id = $4 AND row_version = $5",
                binds![false, row.approved_until_us, row.row_version, row.id, read],
            )
            .await?;
        if changed != 1 {
            return Err(Error::Changed);
        }
        self.wrote(row.security());
        Ok(())
    }

    /// Says in which time zone an agency's telephones ring.
    pub async fn set_time_zone(&mut self, agency: AgencyId, zone: &TimeZone) -> Result<(), Error> {
        self.needs(&[Action::SetTimeZone])?;
        let mut row = agency_row(self.conn().await?, agency).await?.ok_or(Error::NotFound("agency"))?;
        let read = row.row_version;
        row.time_zone = Some(zone.to_string());
        row.row_version += 1;
        let changed = self
            .conn()
            .await?
            .exec(
                "UPDATE agency SET time_zone = $1, row_version = $2 WHERE id = $3 AND row_version = $4",
                binds![zone.to_string(), row.row_version, row.id, read],
            )
            .await?;
        if changed != 1 {
            return Err(Error::Changed);
        }
        self.wrote(row.security());
        Ok(())
    }

    /// Adds a member. Name, address and telephone are sealed; the address is found by a keyed token.
    ///
    /// # Errors
    /// [`Error::Exists`] when the address belongs to a member already.
    pub async fn add_member(&mut self, member: &Member) -> Result<(), Error> {
        self.needs(&[Action::AddMember])?;
        let token = self.store.0.ring.member_token(&member.email);
        let taken: Option<MemberRow> = self
            .conn().await?
            .maybe("SELECT id, agency, email_token, sworn, roles, active, sealed, made_us, row_version FROM member WHERE email_token = $1", binds![token])
            .await?;
        if taken.is_some() {
            return Err(Error::Exists("a member with this e-mail address"));
        }
        let inside = SealedMember {
            name: member.name.clone(),
            email: member.email.clone(),
            telephone: member.telephone.clone(),
        };
        let clear = serde_json::to_vec(&inside).map_err(|_| Error::Seal("member"))?;
        let sealed = self.seal(None, member_place(member.agency, &member.id), &clear).await?;
        let row = MemberRow {
            id: member.id.into(),
            agency: member.agency.into(),
            email_token: token.0.to_vec(),
            sworn: member.sworn,
            roles: member.roles.code(),
            active: true,
            sealed,
            made_us: self.now().0,
            row_version: 1,
        };
        let security = row.security();
        self.conn().await?
            .exec(
                "INSERT INTO member (id, agency, email_token, sworn, roles, active, sealed, made_us, row_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                binds![row.id, row.agency, row.email_token, row.sworn, row.roles, true, row.sealed, row.made_us, 1],
            )
            .await?;
        self.wrote(security);
        Ok(())
    }

    pub(crate) async fn agency_rows(&mut self, ids: &[Uuid]) -> Result<Vec<AgencyRow>, Error> {
        let ids = distinct(ids);
        let missing = ids.iter().filter(|id| !self.agencies_read.contains_key(*id)).map(|id| binds![*id]).collect();
        let rows: Vec<AgencyRow> = self.conn().await?.join(AGENCIES_OF, missing).await?;
        self.agencies_read.extend(rows.into_iter().map(|row| (row.id, row)));
        Ok(ids.iter().filter_map(|id| self.agencies_read.get(id).cloned()).collect())
    }

    pub(crate) async fn member_rows(&mut self, ids: &[Uuid]) -> Result<Vec<MemberRow>, Error> {
        let ids = distinct(ids);
        let missing = ids.iter().filter(|id| !self.members_read.contains_key(*id)).map(|id| binds![*id]).collect();
        let rows: Vec<MemberRow> = self.conn().await?.join(MEMBERS_OF, missing).await?;
        self.members_read.extend(rows.into_iter().map(|row| (row.id, row)));
        Ok(ids.iter().filter_map(|id| self.members_read.get(id).cloned()).collect())
    }

    /// These agencies: public name and what policy needs of them. The telephone stays sealed.
    pub async fn agencies(&mut self, ids: &[AgencyId]) -> Result<Vec<AgencyFacts>, Error> {
        let now = self.now();
        let rows = self.agency_rows(&ids.iter().copied().map(Uuid::from).collect::<Vec<_>>()).await?;
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let id = AgencyId::from(row.id);
            let clear = self.open_sealed(None, agency_place(&id), &row.sealed).await?;
            let telephone = String::from_utf8(clear).ok().and_then(|t| Telephone::parse(&t).ok());
            out.push(AgencyFacts {
                id,
                name: row.name.clone(),
                kind: row.kind()?,
                country: row.country.parse().map_err(|_| Error::Inconsistent { table: "agency", column: "country" })?,
                suspended: row.is_suspended(now),
                telephone: Sealed::new(telephone.ok_or(Error::Inconsistent { table: "agency", column: "sealed" })?),
                time_zone: row.time_zone()?,
            });
        }
        Ok(out)
    }

    /// These members as principals, with their contact under seal.
    pub async fn members(&mut self, ids: &[MemberId]) -> Result<Vec<MemberFacts>, Error> {
        let now = self.now();
        let rows = self.member_rows(&ids.iter().copied().map(Uuid::from).collect::<Vec<_>>()).await?;
        let of: Vec<Uuid> = rows.iter().map(|m| m.agency).collect();
        let agencies = self.agency_rows(&of).await?.into_iter().map(|a| (a.id, a)).collect();
        let mut out = Vec::with_capacity(rows.len());
        for row in rows {
            let id = MemberId::from(row.id);
            let clear = self.open_sealed(None, member_place(row.agency.into(), &id), &row.sealed).await?;
            let inside: SealedMember = serde_json::from_slice(&clear)
                .map_err(|_| Error::Inconsistent { table: "member", column: "sealed" })?;
            let principal = principal_in(&agencies, &row, now)?;
            out.push(MemberFacts {
                id,
                principal,
                contact: Contact { name: inside.name, telephone: inside.telephone },
            });
        }
        Ok(out)
    }
}

/// An agency as policy and disclosure need it.
pub struct AgencyFacts {
    /// Its id.
    pub id: AgencyId,
    /// Its public name.
    pub name: String,
    /// What it is.
    pub kind: AgencyKind,
    /// Where it is.
    pub country: model::Country,
    /// By order, or because no approval covers the present.
    pub suspended: bool,
    /// Its duty number.
    pub telephone: Sealed<Telephone>,
    /// Where it rings: it leaves the store only inside a sealed `Other`.
    pub(crate) time_zone: Option<TimeZone>,
}

/// A member as policy and disclosure need them. The contact leaves the store only inside a sealed `Other`.
pub struct MemberFacts {
    /// Their id.
    pub id: MemberId,
    /// What policy decides on.
    pub principal: Principal,
    /// Name and telephone: only disclosure hands it on.
    pub(crate) contact: Contact,
}

/// Sorted, each once: rows are asked for in the order of their key.
pub(crate) fn distinct<T: Copy + Ord>(ids: &[T]) -> Vec<T> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}
