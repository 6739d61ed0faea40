//! Entries of others as the store holds them, and whom to call about them: sealed before they leave it.

use std::collections::BTreeMap;

use model::{AgeClass, AgencyId, CaseId, Contact, EntryClass, EntryId, EntryRole, Kind, Level, Marking, MemberId, Pdq};
use policy::disclosure::Other;
use policy::{Action, Principal, Sealed};
use uuid::Uuid;

use crate::db::binds;
use crate::error::Error;
use crate::rows::agencies::AgencyFacts;
use crate::rows::entries::{EntryContent, entry_place};
use crate::rows::labels::{LabelRow, Labels, label_columns};
use crate::tx::Tx;

#[derive(sqlx::FromRow)]
struct EntryRow {
    case_id: Uuid,
    id: Uuid,
    agency: Uuid,
    sealed: Vec<u8>,
    #[sqlx(flatten)]
    labels: LabelRow,
}

/// An entry of somebody else's, inside the store only.
pub(crate) struct Held {
    pub case: CaseId,
    pub entry: EntryId,
    pub agency: AgencyId,
    pub agency_name: String,
    pub agency_kind: model::AgencyKind,
    pub country: model::Country,
    pub time_zone: Option<model::TimeZone>,
    pub lead: MemberId,
    pub supervisor: Option<MemberId>,
    pub contact: Contact,
    pub reader: Principal,
    /// A silent order that has ended falls back to desk.
    pub labels: Labels,
    pub pdq: Option<Pdq>,
}

impl Held {
    pub fn other(&self) -> Other {
        Other {
            agency: self.agency,
            agency_name: self.agency_name.clone(),
            agency_kind: self.agency_kind,
            country: self.country,
            contact: self.contact.clone(),
            time_zone: self.time_zone.clone(),
            level: self.labels.level,
            source: self.labels.source,
            class: self.labels.class,
            role: self.labels.role,
            age: self.labels.age,
            kind: self.labels.kind,
            marking: self.labels.marking.clone(),
            desk_only: self.labels.kind == Kind::Person,
            bases: Vec::new(),
        }
    }
}

fn wrong(column: &'static str) -> Error {
    Error::Inconsistent { table: "entry", column }
}

impl Tx {
    /// What disclosure needs of these entries of others, for an inbox or a conflict's page.
    pub async fn others(
        &mut self,
        wanted: &[(CaseId, EntryId)],
    ) -> Result<Vec<(CaseId, EntryId, Sealed<Other>)>, Error> {
        self.needs(&[
            Action::Inbox,
            Action::ShowConflict,
            Action::ViewCase,
            Action::Export,
            Action::DeskQueue,
            Action::AcceptTransfer,
            Action::Look,
            Action::Sweep,
            Action::SecondLook,
            Action::SilentLook,
        ])?;
        Ok(self.held(wanted).await?.into_iter().map(|h| (h.case, h.entry, Sealed::new(h.other()))).collect())
    }

    /// These entries, whose they are, and whom their cases name to be called.
    pub(crate) async fn held(&mut self, wanted: &[(CaseId, EntryId)]) -> Result<Vec<Held>, Error> {
        let now = self.now();
        let keys = super::agencies::distinct(wanted).into_iter().map(|(c, e)| binds![c, e]).collect();
        let entries: Vec<EntryRow> = self
            .conn()
            .await?
            .join(
                concat!(
                    "SELECT t.case_id, t.id, t.agency, t.sealed, ",
                    label_columns!(),
                    " FROM q CROSS JOIN entry t WHERE t.case_id = q.a AND t.id = q.b"
                ),
                keys,
            )
            .await?;
        let cases = self.case_rows(&entries.iter().map(|e| e.case_id.into()).collect::<Vec<_>>()).await?;
        let agencies = self.agencies(&cases.iter().map(|c| c.agency.into()).collect::<Vec<_>>()).await?;
        let members = self.members(&cases.iter().map(|c| c.lead.into()).collect::<Vec<_>>()).await?;
        self.learn_case_keys(&cases.iter().map(|c| (c.agency.into(), c.id.into())).collect::<Vec<_>>()).await?;
        let mut contacts: BTreeMap<Uuid, Option<Contact>> = BTreeMap::new();
        for c in &cases {
            contacts.insert(c.id, self.open_case(c.agency.into(), c.id.into(), &c.sealed).await?.contact);
        }
        let cases: BTreeMap<Uuid, _> = cases.iter().map(|c| (c.id, c)).collect();
        let agencies: BTreeMap<Uuid, _> = agencies.iter().map(|a| (Uuid::from(a.id), a)).collect();
        let members: BTreeMap<Uuid, _> = members.iter().map(|m| (Uuid::from(m.principal.member), m)).collect();
        let mut out = Vec::with_capacity(entries.len());
        for e in entries {
            let Some(case) = cases.get(&e.case_id) else { continue };
            let Some(agency) = agencies.get(&case.agency) else { continue };
            let Some(lead) = members.get(&case.lead) else { continue };
            let mut labels = e.labels.read()?;
            if labels.level == Level::Silent && labels.silent_until.is_some_and(|until| until < now) {
                labels.level = Level::Desk;
            }
            let (case_id, id, owner) = (CaseId::from(e.case_id), EntryId::from(e.id), AgencyId::from(e.agency));
            let pdq = if labels.kind == Kind::Pdq {
                let clear = self.open_sealed(Some(case_id), entry_place(owner, &id), &e.sealed).await?;
                let content: EntryContent = serde_json::from_slice(&clear).map_err(|_| wrong("sealed"))?;
                content.normal.and_then(|n| Pdq::parse(&n).ok())
            } else {
                None
            };
            out.push(Held {
                case: case_id,
                entry: id,
                agency: owner,
                agency_name: agency.name.clone(),
                agency_kind: agency.kind,
                country: agency.country,
                time_zone: agency.time_zone.clone(),
                lead: case.lead.into(),
                supervisor: case.supervisor.map(Into::into),
                contact: contacts.get(&case.id).cloned().flatten().unwrap_or_else(|| lead.contact.clone()),
                reader: lead.principal.clone(),
                labels,
                pdq,
            });
        }
        Ok(out)
    }

    /// The one who asks, as those whom the question concerns may see them.
    pub async fn caller(&mut self, member: MemberId) -> Result<Sealed<Other>, Error> {
        self.callers(&[member]).await?.remove(&member).ok_or(Error::NotFound("member"))
    }

    /// The same for several; one who is gone without a trace is left out.
    pub async fn callers(&mut self, members: &[MemberId]) -> Result<BTreeMap<MemberId, Sealed<Other>>, Error> {
        self.needs(&[Action::Look, Action::Sweep, Action::SilentLook, Action::SecondLook])?;
        let members = self.members(members).await?;
        let agencies = self.agencies(&members.iter().map(|m| m.principal.agency).collect::<Vec<_>>()).await?;
        let agencies: BTreeMap<AgencyId, _> = agencies.iter().map(|a| (a.id, a)).collect();
        let known = members.into_iter().filter_map(|m| {
            let agency = agencies.get(&m.principal.agency)?;
            Some((m.id, Sealed::new(caller_of(agency, m.contact))))
        });
        Ok(known.collect())
    }

    /// The leads of these cases, for the desk that must put them through.
    pub async fn desk_contacts(&mut self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, Sealed<Other>>, Error> {
        self.needs(&[Action::DeskQueue])?;
        let rows = self.case_rows(cases).await?;
        let members = self.members(&rows.iter().map(|c| c.lead.into()).collect::<Vec<_>>()).await?;
        let agencies = self.agencies(&rows.iter().map(|c| c.agency.into()).collect::<Vec<_>>()).await?;
        let members: BTreeMap<Uuid, _> = members.iter().map(|m| (Uuid::from(m.id), m)).collect();
        let agencies: BTreeMap<Uuid, _> = agencies.iter().map(|a| (Uuid::from(a.id), a)).collect();
        let mut out = BTreeMap::new();
        for case in rows {
            let contact = self.open_case(case.agency.into(), case.id.into(), &case.sealed).await?.contact;
            let Some(lead) = members.get(&case.lead) else { continue };
            let Some(agency) = agencies.get(&case.agency) else { continue };
            let caller = caller_of(agency, contact.unwrap_or_else(|| lead.contact.clone()));
            out.insert(case.id.into(), Sealed::new(caller));
        }
        Ok(out)
    }
}

/// A person to be called, of no entry in particular.
pub(crate) fn caller_of(agency: &AgencyFacts, contact: Contact) -> Other {
    Other {
        agency: agency.id,
        agency_name: agency.name.clone(),
        agency_kind: agency.kind,
        country: agency.country,
        contact,
        time_zone: agency.time_zone.clone(),
        level: Level::Open,
        source: None,
        class: EntryClass::IdentifyingOnly,
        role: EntryRole::Unknown,
        age: AgeClass::Unknown,
        kind: Kind::Handle,
        marking: Marking::default(),
        desk_only: false,
        bases: Vec::new(),
    }
}
