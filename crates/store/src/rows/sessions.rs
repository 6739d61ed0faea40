//! Who is signed in: one row a session, found by the digest of what the browser holds.

use model::{AgencyId, MemberId, Micros};
use policy::Action;
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::agencies::SealedMember;
use crate::rows::agencies::{agency_row, member_place};
use crate::store::Store;
use crate::tx::Tx;

/// SHA-256 of the session's secret, which only the browser holds.
pub type SessionDigest = [u8; 32];

/// What is decided on when somebody comes with a session: facts, never content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    /// Who.
    pub member: MemberId,
    /// Of which agency.
    pub agency: AgencyId,
    /// When it began.
    pub made: Micros,
    /// When its holder last did something, to within the step in which it is written.
    pub seen: Micros,
    /// When it ends whatever happens.
    pub until: Micros,
    /// When its holder took note of the use banner (CJIS AC-8).
    pub agreed: Option<Micros>,
    /// Locked: nothing is shown until its holder proves again who they are (CJIS AC-11).
    pub locked: bool,
}

/// What a member reads of themselves: name and agency, for the head of every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oneself {
    /// Their name.
    pub name: String,
    /// Their agency's public name.
    pub agency: String,
    /// The watch desk's number.
    pub watch_desk: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    agency: Uuid,
    member: Uuid,
    made_us: i64,
    seen_us: i64,
    until_us: i64,
    agreed_us: Option<i64>,
    locked: bool,
}

impl Store {
    /// The session of this digest. For policy: whose it is and how it stands.
    pub async fn session_facts(&self, digest: &SessionDigest) -> Result<Option<SessionFacts>, Error> {
        let mut conn = self.reading().await?;
        let row: Option<Row> = conn
            .maybe(
                "SELECT agency, member, made_us, seen_us, until_us, agreed_us, locked FROM session WHERE digest = $1",
                binds![digest.to_vec()],
            )
            .await?;
        conn.commit().await?;
        Ok(row.map(|r| SessionFacts {
            member: r.member.into(),
            agency: r.agency.into(),
            made: Micros(r.made_us),
            seen: Micros(r.seen_us),
            until: Micros(r.until_us),
            agreed: r.agreed_us.map(Micros),
            locked: r.locked,
        }))
    }

    /// Everybody who may act, for the trial's page of officers; a real installation has no such list.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this is no trial.
    pub async fn trial_members(&self, most: i64) -> Result<Vec<MemberId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Of {
            id: Uuid,
        }
        if !self.installation().await?.trial {
            return Err(Error::NotFound("trial"));
        }
        let mut conn = self.reading().await?;
        let rows: Vec<Of> =
            conn.rows("SELECT id FROM member WHERE active ORDER BY id DESC LIMIT $1", binds![most]).await?;
        conn.commit().await?;
        Ok(rows.into_iter().map(|r| r.id.into()).collect())
    }
}

impl Tx {
    /// Begins a session of the grant's own member; it stands until `until`.
    pub async fn begin_session(&mut self, digest: &SessionDigest, until: Micros) -> Result<(), Error> {
        self.needs(&[Action::StepIn])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        let none: Option<i64> = None;
        self.conn().await?
            .exec(
                "INSERT INTO session (digest, agency, member, made_us, seen_us, until_us, agreed_us, locked, row_version)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)",
                binds![digest.to_vec(), agency, member, now, now, until, none, false],
            )
            .await?;
        Ok(())
    }

    /// Its holder did something just now.
    pub async fn touch_session(&mut self, digest: &SessionDigest) -> Result<(), Error> {
        self.needs(&[Action::KeepSession])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        self.conn().await?
            .exec(
                "UPDATE session SET seen_us = $1, row_version = row_version + 1 WHERE digest = $2 AND agency = $3 AND member = $4",
                binds![now, digest.to_vec(), agency, member],
            )
            .await?;
        Ok(())
    }

    /// Its holder took note of the use banner.
    pub async fn agree_session(&mut self, digest: &SessionDigest) -> Result<(), Error> {
        self.needs(&[Action::KeepSession])?;
        let (agency, member, now) = (self.agency(), self.member(), self.now());
        self.conn().await?
            .exec(
                "UPDATE session SET agreed_us = $1, seen_us = $1, row_version = row_version + 1 WHERE digest = $2 AND agency = $3 AND member = $4 AND agreed_us IS NULL AND locked = $5",
                binds![now, digest.to_vec(), agency, member, false],
            )
            .await?;
        Ok(())
    }

    /// Locks it: nothing more is shown to whoever holds it.
    pub async fn lock_session(&mut self, digest: &SessionDigest) -> Result<(), Error> {
        self.needs(&[Action::KeepSession])?;
        let (agency, member) = (self.agency(), self.member());
        self.conn().await?
            .exec(
                "UPDATE session SET locked = $1, row_version = row_version + 1 WHERE digest = $2 AND agency = $3 AND member = $4",
                binds![true, digest.to_vec(), agency, member],
            )
            .await?;
        Ok(())
    }

    /// Ends it: the row goes.
    pub async fn end_session(&mut self, digest: &SessionDigest) -> Result<(), Error> {
        self.needs(&[Action::KeepSession])?;
        let (agency, member) = (self.agency(), self.member());
        self.conn()
            .await?
            .exec(
                "DELETE FROM session WHERE digest = $1 AND agency = $2 AND member = $3",
                binds![digest.to_vec(), agency, member],
            )
            .await?;
        Ok(())
    }

    /// The member's own name, their agency's, and the watch desk's number.
    pub async fn oneself(&mut self) -> Result<Oneself, Error> {
        #[derive(sqlx::FromRow)]
        struct Sealed {
            sealed: Vec<u8>,
        }
        self.needs(&[Action::KeepSession, Action::StepIn])?;
        let (agency, member) = (self.agency(), self.member());
        let row: Option<Sealed> = self
            .conn()
            .await?
            .maybe("SELECT sealed FROM member WHERE id = $1 AND agency = $2", binds![member, agency])
            .await?;
        let row = row.ok_or(Error::NotFound("member"))?;
        let clear = self.open_sealed(None, member_place(agency, &member), &row.sealed).await?;
        let inside: SealedMember =
            serde_json::from_slice(&clear).map_err(|_| Error::Inconsistent { table: "member", column: "sealed" })?;
        let named = agency_row(self.conn().await?, agency).await?.ok_or(Error::NotFound("agency"))?;
        Ok(Oneself { name: inside.name, agency: named.name, watch_desk: self.watch_desk().await?.to_string() })
    }
}
