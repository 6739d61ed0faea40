//! Agencies as everybody who takes part may know them, and the members of one's own.

use model::{AgencyId, AgencyKind, MemberId};
use policy::{Action, Facts, Principal, disclosure};
use serde::{Deserialize, Serialize};
use store::{DirectoryRow, WholeMember};
use uuid::Uuid;

use crate::desk::Desk;
use crate::error::Error;
use crate::page::{self, Page};

/// Format word of a page of agencies.
pub const AGENCIES: &str = "concord.agencies/1";
/// Format word of one agency.
pub const AGENCY: &str = "concord.agency/1";
/// Format word of a page of members.
pub const MEMBERS: &str = "concord.members/1";

/// Most agencies a form offers: the country has 61 task forces and some hundred agencies beside them.
const MOST_CHOICES: i64 = 2_000;

/// One agency: what is public of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgencyRow {
    /// Its id.
    pub id: String,
    /// Its public name.
    pub name: String,
    /// What it is.
    pub kind: AgencyKind,
    /// Its State.
    pub state: Option<String>,
    /// Its country.
    pub country: String,
    /// Where its telephones ring, by its IANA name; none when it never said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// It is the reader's own.
    pub yours: bool,
    /// Whether it is suspended; none for those who may not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
}

/// One agency with whom to call, and one's own with its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgencyPage {
    /// "concord.agency/1".
    pub format: String,
    /// What is public of it.
    #[serde(flatten)]
    pub agency: AgencyRow,
    /// Its duty number.
    pub telephone: Option<String>,
    /// The time there when this was read: "Tue 06:12 there, PST".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_time: Option<String>,
    /// The watch desk's number, for when nobody answers.
    pub watch_desk: String,
    /// Of one's own agency the first members, for those who may list them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Page<MemberRow>>,
}

/// One member of one's own agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their telephone.
    pub telephone: String,
    /// A sworn officer.
    pub sworn: bool,
    /// What they may do, in the words of the vocabulary of roles.
    pub roles: Vec<String>,
    /// May they act?
    pub active: bool,
}

impl Desk {
    /// A page of the agencies that take part, by name.
    ///
    /// # Errors
    /// [`Error::Argument`] when `after` is no page's end.
    pub async fn agencies(
        &self,
        who: &Principal,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Page<AgencyRow>, Error> {
        let (after, wanted) = (page::after_id(after)?, page::wanted(limit));
        let object = ("agencies", who.agency.into());
        let grant = self.allow(who, Action::ListAgencies, &Facts::default(), object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let mut read = match tx.directory_page(after, page::one_more(wanted)).await {
            Err(store::Error::NotFound(_)) => {
                tx.commit(self.store.act(&grant, object)).await?;
                return Err(page::no_page());
            }
            read => read?,
        };
        let next = page::cut(&mut read, wanted, |a| a.id.to_string());
        tx.commit(self.store.act(&grant, object).shown(read.iter().map(|a| a.id.into()))).await?;
        Ok(Page { format: AGENCIES.to_owned(), rows: read.iter().map(|a| agency_row(who, a)).collect(), next })
    }

    /// Every other agency by name, for a form that asks for one: [`MOST_CHOICES`] of them at most.
    pub async fn other_agencies(&self, who: &Principal) -> Result<Vec<AgencyRow>, Error> {
        let object = ("agencies", who.agency.into());
        let grant = self.allow(who, Action::ListAgencies, &Facts::default(), object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let mut read = tx.directory_page(None, MOST_CHOICES).await?;
        read.retain(|a| a.id != who.agency);
        tx.commit(self.store.act(&grant, object).shown(read.iter().map(|a| a.id.into()))).await?;
        Ok(read.iter().map(|a| agency_row(who, a)).collect())
    }

    /// One agency with its duty number; of one's own its members too, for those who may list them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none of this id.
    pub async fn agency_page(&self, who: &Principal, id: AgencyId) -> Result<AgencyPage, Error> {
        let (object, request) = (("agency", id.into()), self.request());
        let facts = Facts { agency: Some(id), ..Facts::default() };
        // Who may not list members was not refused: they did not ask for them.
        let listing = match who.agency == id {
            true => policy::decide(&self.policies, who, Action::ListMembers, &facts, request).ok(),
            false => None,
        };
        let lists = listing.is_some();
        let grant = match listing {
            Some(grant) => grant,
            None => self.allow(who, Action::ListAgencies, &facts, object, request).await?,
        };
        let mut tx = self.store.view(&grant).await?;
        let watch_desk = tx.watch_desk().await?.to_string();
        let Some((agency, number)) = tx.directory_entry(id).await? else {
            tx.commit(self.store.act(&grant, object)).await?;
            return Err(Error::NotFound("agency"));
        };
        let mut shown = vec![Uuid::from(id)];
        let members = if lists {
            let mut read = tx.member_page(Uuid::nil().into(), page::one_more(page::PAGE_ROWS)).await?;
            let page = members_page(&mut read, page::PAGE_ROWS);
            shown.extend(read.iter().map(|m| Uuid::from(m.id)));
            Some(page)
        } else {
            None
        };
        tx.commit(self.store.act(&grant, object).shown(shown)).await?;
        let now = self.store.clock().now();
        Ok(AgencyPage {
            format: AGENCY.to_owned(),
            local_time: agency.time_zone.as_ref().and_then(|zone| zone.local(now)),
            agency: agency_row(who, &agency),
            telephone: disclosure::duty_number(who, &number).map(|n| n.to_string()),
            watch_desk,
            members,
        })
    }

    /// A page of the members of one's own agency, active or not, by the time they were added.
    ///
    /// # Errors
    /// [`Error::Argument`] when `after` is no page's end.
    pub async fn members(
        &self,
        who: &Principal,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Page<MemberRow>, Error> {
        let (after, wanted) = (page::after_id::<MemberId>(after)?, page::wanted(limit));
        let object = ("agency", who.agency.into());
        let facts = Facts { agency: Some(who.agency), ..Facts::default() };
        let grant = self.allow(who, Action::ListMembers, &facts, object, self.request()).await?;
        let mut tx = self.store.view(&grant).await?;
        let mut read = tx.member_page(after.unwrap_or(Uuid::nil().into()), page::one_more(wanted)).await?;
        let page = members_page(&mut read, wanted);
        tx.commit(self.store.act(&grant, object).shown(read.iter().map(|m| m.id.into()))).await?;
        Ok(page)
    }
}

fn agency_row(who: &Principal, a: &DirectoryRow) -> AgencyRow {
    AgencyRow {
        id: a.id.to_string(),
        name: a.name.clone(),
        kind: a.kind,
        state: a.state.map(|s| s.to_string()),
        country: a.country.to_string(),
        time_zone: a.time_zone.as_ref().map(ToString::to_string),
        yours: who.is_member() && who.agency == a.id,
        suspended: disclosure::suspended(who, a.id, &a.suspended),
    }
}

fn members_page(read: &mut Vec<WholeMember>, wanted: usize) -> Page<MemberRow> {
    let next = page::cut(read, wanted, |m| m.id.to_string());
    let row = |m: &WholeMember| MemberRow {
        id: m.id.to_string(),
        name: m.name.clone(),
        email: m.email.clone(),
        telephone: m.telephone.to_string(),
        sworn: m.sworn,
        roles: m.roles.iter().map(|r| r.word().to_owned()).collect(),
        active: m.active,
    };
    Page { format: MEMBERS.to_owned(), rows: read.iter().map(row).collect(), next }
}
