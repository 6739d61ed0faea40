//! The installation, agencies, approvals and members.

use model::{
    Agency, AgencyId, AgencyKind, Approval, ApprovalId, Country, FreeText, Member, MemberId, Micros, Role, Roles,
    State, Telephone, TimeZone,
};
use policy::{Action, Facts, Grant, Principal};
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;

/// An agency to be added.
pub struct NewAgency {
    /// Its public name.
    pub name: String,
    /// What it is.
    pub kind: AgencyKind,
    /// Its duty number.
    pub telephone: Telephone,
    /// Where that rings, when it is known.
    pub time_zone: Option<TimeZone>,
    /// Its State.
    pub state: Option<State>,
    /// Its country, for a foreign one.
    pub country: Option<Country>,
}

/// A member to be added.
pub struct NewMember {
    /// Whose.
    pub agency: AgencyId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their telephone.
    pub telephone: Telephone,
    /// A sworn officer.
    pub sworn: bool,
    /// What they may do; none means investigator.
    pub roles: Vec<Role>,
}

/// An approval to be recorded (34 U.S.C. 21115(c)).
pub struct NewApproval {
    /// The foreign agency.
    pub agency: AgencyId,
    /// Reference and scope of the Attorney General's document.
    pub scope: FreeText,
    /// When it ends.
    pub until: Micros,
}

/// An agency that moves in with its people.
pub struct NewRoster {
    /// The agency.
    pub agency: NewAgency,
    /// Of a foreign one: scope and end of its approval (34 U.S.C. 21115(c)); without it stays suspended.
    pub approval: Option<(FreeText, Micros)>,
    /// Its members; the agency each names is the new one, whatever stands there.
    pub members: Vec<NewMember>,
}

/// A roster as it will be written, each with the grant that lets it.
struct Allowed {
    agency: (Agency, Grant),
    approval: Option<(Approval, Grant)>,
    members: Vec<(Member, Grant)>,
}

impl Desk {
    /// Adds agencies with their members in one transaction, as if each had been added alone: every one has its event.
    pub async fn add_rosters(
        &self,
        who: &Principal,
        rosters: Vec<NewRoster>,
    ) -> Result<Vec<(AgencyId, Vec<MemberId>)>, Error> {
        self.store.installation().await?;
        let none = Facts::default();
        let first = self.allow(who, Action::AddAgency, &none, ("agency", Uuid::nil()), self.request()).await?;
        // All that is asked of policy before the transaction: a refusal is written down in one of its own.
        let mut allowed = Vec::with_capacity(rosters.len());
        for roster in rosters {
            allowed.push(self.may_move_in(who, roster).await?);
        }
        let mut tx = self.store.begin(&first).await?;
        let (mut added, mut acts) = (Vec::with_capacity(allowed.len()), Vec::new());
        for Allowed { agency: (agency, grant), approval, members } in allowed {
            tx.add_agency(&agency).await?;
            acts.push(self.store.act(&grant, ("agency", agency.id.into())));
            if let Some((approval, grant)) = approval {
                tx.also(&grant)?;
                tx.record_approval(&approval).await?;
                acts.push(self.store.act(&grant, ("approval", approval.id.into())));
            }
            for (member, grant) in &members {
                tx.also(grant)?;
                tx.add_member(member).await?;
                acts.push(self.store.act(grant, ("member", member.id.into())));
            }
            added.push((agency.id, members.iter().map(|(member, _)| member.id).collect()));
        }
        let mut acts = acts.into_iter();
        if let Some(act) = acts.next() {
            tx.commit_all(act, acts.collect()).await?;
        }
        Ok(added)
    }

    /// An agency with its people, read and allowed.
    async fn may_move_in(&self, who: &Principal, roster: NewRoster) -> Result<Allowed, Error> {
        let (clock, chance, none) = (self.store.clock(), self.store.chance(), Facts::default());
        let (id, new) = (AgencyId::new(clock, chance), roster.agency);
        let agency = Agency::new(id, &new.name, new.kind, new.country, new.state, new.telephone)
            .map_err(Error::argument("agency"))?
            .in_zone(new.time_zone);
        let grant = self.allow(who, Action::AddAgency, &none, ("agency", id.into()), self.request()).await?;
        let mut allowed = Allowed { agency: (agency, grant), approval: None, members: Vec::new() };
        if let Some((scope, until)) = roster.approval.filter(|(_, until)| *until > clock.now()) {
            let approval = Approval { id: ApprovalId::new(clock, chance), agency: id, scope, until };
            let (facts, object) = (Facts { agency: Some(id), ..none }, ("approval", approval.id.into()));
            let grant = self.allow(who, Action::RecordApproval, &facts, object, self.request()).await?;
            allowed.approval = Some((approval, grant));
        }
        for new in roster.members {
            let member = MemberId::new(clock, chance);
            let facts = Facts { agency: Some(id), roles: Some(Roles::of(&new.roles)), ..none };
            let grant = self.allow(who, Action::AddMember, &facts, ("member", member.into()), self.request()).await?;
            let row = Member::new(member, id, &new.name, &new.email, new.telephone, new.sworn, &new.roles)
                .map_err(Error::argument("member"))?;
            allowed.members.push((row, grant));
        }
        Ok(allowed)
    }

    /// Makes the installation; returns the verifier key that receipts and checkpoints verify with.
    pub async fn init(&self, watch_desk: &Telephone, trial: bool) -> Result<String, Error> {
        let who = Principal::operator();
        let grant =
            self.allow(&who, Action::Init, &Facts::default(), ("installation", Uuid::nil()), self.request()).await?;
        self.store.init(&grant, watch_desk, trial).await?;
        Ok(self.store.keys().verifier().to_string())
    }

    /// Adds an agency. A foreign one is suspended until its approval is recorded.
    pub async fn add_agency(&self, who: &Principal, new: NewAgency) -> Result<AgencyId, Error> {
        self.store.installation().await?;
        let id = AgencyId::new(self.store.clock(), self.store.chance());
        let agency = Agency::new(id, &new.name, new.kind, new.country, new.state, new.telephone)
            .map_err(Error::argument("agency"))?
            .in_zone(new.time_zone);
        let grant =
            self.allow(who, Action::AddAgency, &Facts::default(), ("agency", id.into()), self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        tx.add_agency(&agency).await?;
        tx.commit(self.store.act(&grant, ("agency", id.into()))).await?;
        Ok(id)
    }

    /// Records an approval: the foreign agency works until it ends.
    pub async fn record_approval(&self, who: &Principal, new: NewApproval) -> Result<ApprovalId, Error> {
        if new.until <= self.store.clock().now() {
            return Err(Error::argument("until")(model::Invalid::new(
                "has already passed",
                "give the day the approval ends",
            )));
        }
        let id = ApprovalId::new(self.store.clock(), self.store.chance());
        let facts = Facts { agency: Some(new.agency), ..Facts::default() };
        let grant =
            self.allow(who, Action::RecordApproval, &facts, ("agency", new.agency.into()), self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        tx.record_approval(&Approval { id, agency: new.agency, scope: new.scope, until: new.until }).await?;
        tx.commit(self.store.act(&grant, ("approval", id.into()))).await?;
        Ok(id)
    }

    /// Says in which time zone an agency's telephones ring: who is told to call there then reads what time it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such agency.
    pub async fn set_time_zone(&self, who: &Principal, agency: AgencyId, zone: &TimeZone) -> Result<(), Error> {
        if !self.store.agency_exists(agency).await? {
            return Err(self.missing(who, Action::SetTimeZone, "agency").await);
        }
        let (facts, object) = (Facts { agency: Some(agency), ..Facts::default() }, ("agency", agency.into()));
        let grant = self.allow(who, Action::SetTimeZone, &facts, object, self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        tx.set_time_zone(agency, zone).await?;
        tx.commit(self.store.act(&grant, object)).await?;
        Ok(())
    }

    /// Adds a member to an agency.
    pub async fn add_member(&self, who: &Principal, new: NewMember) -> Result<MemberId, Error> {
        if !self.store.agency_exists(new.agency).await? {
            return Err(self.missing(who, Action::AddMember, "agency").await);
        }
        let id = MemberId::new(self.store.clock(), self.store.chance());
        let member = Member::new(id, new.agency, &new.name, &new.email, new.telephone, new.sworn, &new.roles)
            .map_err(Error::argument("member"))?;
        let facts = Facts { agency: Some(new.agency), roles: Some(Roles::of(&new.roles)), ..Facts::default() };
        let grant = self.allow(who, Action::AddMember, &facts, ("member", id.into()), self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        tx.add_member(&member).await?;
        tx.commit(self.store.act(&grant, ("member", id.into()))).await?;
        Ok(id)
    }
}
