//! Who receives letters, and what they may still be told: asked anew each time one is sent.

use std::collections::{BTreeMap, BTreeSet};

use model::{AgencyId, CaseId, ConflictId, Level, MemberId, Micros, NoticeId, SideState, WebhookId};
use policy::{Action, Principal};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::agencies::{SealedMember, distinct, member_place, principal_in};
use crate::rows::notices::Matter;
use crate::rows::webhooks::{WebhookAddress, address_of, webhook_place};
use crate::tx::Tx;

/// Who wants to be told of what waits, and where.
#[derive(Debug, Default)]
pub struct Wishes {
    /// Members of the notices who do not want mail.
    pub no_mail: BTreeSet<MemberId>,
    /// Live webhooks of the notices' agencies.
    pub webhooks: BTreeSet<(AgencyId, WebhookId)>,
}

/// A notice at the moment of sending.
#[derive(Debug, Clone, Copy)]
pub struct StandingNotice {
    /// Who is told.
    pub recipient: MemberId,
    /// Its id.
    pub id: NoticeId,
    /// When it should have been answered.
    pub due: Micros,
    /// Its recipient saw it, or its agency sees what it is about no longer.
    pub gone: bool,
}

/// A member to whom a letter goes. The address is content: no accident prints it.
pub struct Recipient {
    /// What policy decides on; one who left is suspended.
    pub principal: Principal,
    /// Wants mail.
    pub wanted: bool,
    /// Their e-mail address.
    pub address: String,
}

#[derive(sqlx::FromRow)]
struct SideNow {
    agency: Uuid,
    /// The conflict in whose gathering it is.
    told: Uuid,
    sees: i64,
    state: i64,
}

impl Tx {
    /// Which of these members want no mail, and which live webhooks these agencies have.
    pub async fn wishes(&mut self, members: &[MemberId], agencies: &[AgencyId]) -> Result<Wishes, Error> {
        #[derive(sqlx::FromRow)]
        struct Choice {
            member: Uuid,
        }
        #[derive(sqlx::FromRow)]
        struct Live {
            agency: Uuid,
            id: Uuid,
        }
        self.needs(&[Action::Deliver])?;
        let (members, agencies) = (distinct(members), distinct(agencies));
        let none: Vec<Choice> = self
            .conn()
            .await?
            .join(
                "SELECT t.member FROM q CROSS JOIN mail_choice t WHERE t.member = q.a AND NOT t.wanted",
                members.into_iter().map(|m| binds![m]).collect(),
            )
            .await?;
        let live: Vec<Live> = self
            .conn()
            .await?
            .join(
                "SELECT t.agency, t.id FROM q CROSS JOIN webhook t WHERE t.agency = q.a AND t.live",
                agencies.into_iter().map(|a| binds![a]).collect(),
            )
            .await?;
        Ok(Wishes {
            no_mail: none.into_iter().map(|c| c.member.into()).collect(),
            webhooks: live.into_iter().map(|l| (l.agency.into(), l.id.into())).collect(),
        })
    }

    /// These notices as they stand now; one that is not there any more is left out.
    pub async fn standing_notices(
        &mut self,
        keys: &BTreeSet<(MemberId, NoticeId)>,
    ) -> Result<Vec<StandingNotice>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            recipient: Uuid,
            id: Uuid,
            agency: Uuid,
            matter: i64,
            conflict: Option<Uuid>,
            case_id: Option<Uuid>,
            due_us: i64,
            seen_us: Option<i64>,
        }
        self.needs(&[Action::Deliver])?;
        let rows: Vec<Row> = self
            .conn().await?
            .join(
                "SELECT t.recipient, t.id, t.agency, t.matter, t.conflict, t.case_id, t.due_us, t.seen_us FROM q CROSS JOIN notice t WHERE t.recipient = q.a AND t.id = q.b",
                keys.iter().map(|(recipient, id)| binds![*recipient, *id]).collect(),
            )
            .await?;
        let cases = self.owners(rows.iter().filter_map(|r| r.case_id).map(Into::into)).await?;
        let sides = self.sides_now(rows.iter().filter_map(|r| Some((r.agency.into(), r.conflict?.into())))).await?;
        let sees = |r: &Row| {
            let Some(conflict) = r.conflict else { return true };
            let mut own = sides.iter().filter(|s| s.agency == r.agency && s.told == conflict);
            // A gathering is news as long as one of its conflicts is open to this side, not only the one that was the first;
            // words about one stay.
            own.any(|s| {
                r.matter != Matter::Conflict.code()
                    || (s.sees == Level::Open.code() && s.state < SideState::Resolved.code())
            })
        };
        let owns = |r: &Row| r.case_id.is_none_or(|case| cases.get(&case.into()).is_none_or(|a| *a == r.agency.into()));
        Ok(rows
            .iter()
            .map(|r| StandingNotice {
                recipient: r.recipient.into(),
                id: r.id.into(),
                due: Micros(r.due_us),
                gone: r.seen_us.is_some() || !sees(r) || !owns(r),
            })
            .collect())
    }

    async fn owners(&mut self, cases: impl Iterator<Item = CaseId>) -> Result<BTreeMap<CaseId, AgencyId>, Error> {
        #[derive(sqlx::FromRow)]
        struct Owner {
            id: Uuid,
            agency: Uuid,
        }
        let keys = cases.collect::<BTreeSet<_>>().into_iter().map(|case| binds![case]).collect();
        let rows: Vec<Owner> = self
            .conn()
            .await?
            .join("SELECT t.id, t.agency FROM q CROSS JOIN case_file t WHERE t.id = q.a", keys)
            .await?;
        Ok(rows.into_iter().map(|r| (r.id.into(), r.agency.into())).collect())
    }

    /// The sides of these conflicts, and those that gather with them.
    async fn sides_now(&mut self, of: impl Iterator<Item = (AgencyId, ConflictId)>) -> Result<Vec<SideNow>, Error> {
        let keys = of.collect::<BTreeSet<_>>().into_iter().map(|(agency, conflict)| binds![agency, conflict]).collect();
        self.conn().await?
            .join(
                "SELECT s.agency, t.conflict AS told, s.sees, s.state FROM q CROSS JOIN conflict_side t CROSS JOIN conflict_side s WHERE t.agency = q.a AND t.conflict = q.b AND s.agency = t.agency AND s.case_id = t.case_id AND s.gathering = t.gathering",
                keys,
            )
            .await
    }

    /// The members to whom letters go, with their addresses.
    pub async fn recipients(&mut self, ids: &[MemberId]) -> Result<BTreeMap<MemberId, Recipient>, Error> {
        self.needs(&[Action::Deliver])?;
        let now = self.now();
        let no_mail = self.wishes(ids, &[]).await?.no_mail;
        let rows = self.member_rows(&ids.iter().copied().map(Uuid::from).collect::<Vec<_>>()).await?;
        let of: Vec<Uuid> = rows.iter().map(|m| m.agency).collect();
        let agencies = self.agency_rows(&of).await?.into_iter().map(|a| (a.id, a)).collect();
        let mut out = BTreeMap::new();
        for row in rows {
            let id = MemberId::from(row.id);
            let clear = self.open_sealed(None, member_place(row.agency.into(), &id), &row.sealed).await?;
            let inside: SealedMember = serde_json::from_slice(&clear)
                .map_err(|_| Error::Inconsistent { table: "member", column: "sealed" })?;
            let who = principal_in(&agencies, &row, now)?;
            let principal = Principal { suspended: who.suspended || !row.active, ..who };
            out.insert(id, Recipient { principal, wanted: !no_mail.contains(&id), address: inside.email });
        }
        Ok(out)
    }

    /// The addresses of these webhooks, of those that are live and whose agency is not suspended.
    pub async fn webhook_addresses(
        &mut self,
        of: &BTreeSet<(AgencyId, WebhookId)>,
    ) -> Result<BTreeMap<WebhookId, WebhookAddress>, Error> {
        #[derive(sqlx::FromRow)]
        struct Row {
            agency: Uuid,
            id: Uuid,
            sealed: Vec<u8>,
        }
        self.needs(&[Action::Deliver])?;
        let now = self.now();
        let agencies = self.agency_rows(&of.iter().map(|(agency, _)| Uuid::from(*agency)).collect::<Vec<_>>()).await?;
        let working: BTreeSet<Uuid> = agencies.iter().filter(|a| !a.is_suspended(now)).map(|a| a.id).collect();
        let rows: Vec<Row> = self
            .conn().await?
            .join(
                "SELECT t.agency, t.id, t.sealed FROM q CROSS JOIN webhook t WHERE t.agency = q.a AND t.id = q.b AND t.live",
                of.iter().map(|(agency, id)| binds![*agency, *id]).collect(),
            )
            .await?;
        let mut out = BTreeMap::new();
        for r in rows.into_iter().filter(|r| working.contains(&r.agency)) {
            let (agency, id) = (AgencyId::from(r.agency), WebhookId::from(r.id));
            let clear = self.open_sealed(None, webhook_place(agency, &id), &r.sealed).await?;
            out.insert(id, address_of(&clear)?);
        }
        Ok(out)
    }
}
