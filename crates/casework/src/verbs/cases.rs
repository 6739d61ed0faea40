//! Cases: open, and close with an outcome.

use model::{
    Case, CaseId, CaseNumber, CaseStatus, Contact, Marking, MemberId, Nexus, Offence, Outcome, Predicate, PredicateId,
    Role, ThreatArea,
};
use policy::{Action, Facts, Principal};

use crate::desk::Desk;
use crate::error::Error;

/// A case to be opened. Nexus and predicate are already what the law asks for: their constructors refused anything less.
pub struct NewCase {
    /// The agency's number.
    pub number: CaseNumber,
    /// Which of the five areas.
    pub threat_area: ThreatArea,
    /// How the Internet was used (34 U.S.C. 21115(a)).
    pub nexus: Nexus,
    /// The facts that make suspicion reasonable (28 CFR 23.20(a)).
    pub predicate: model::FreeText,
    /// The offence; `None` takes the threat area's usual one.
    pub offence: Option<Offence>,
    /// Who supervises; of the same agency.
    pub supervisor: Option<MemberId>,
    /// Whom others call; `None` means the lead.
    pub contact: Option<Contact>,
    /// How far it travels.
    pub marking: Marking,
}

impl Desk {
    /// Opens a case led by `who`.
    pub async fn open_case(&self, who: &Principal, new: NewCase) -> Result<CaseId, Error> {
        if let Some(supervisor) = new.supervisor {
            let theirs = self.store.principal(&supervisor.to_string()).await?;
            // Another than the lead, who holds the role: a supervisor is told things the officer is not.
            if theirs.is_none_or(|p| p.agency != who.agency || p.member == who.member || !p.has(Role::Supervisor)) {
                return Err(Error::NotFound("supervisor in your agency"));
            }
        }
        let id = CaseId::new(self.store.clock(), self.store.chance());
        let now = self.store.clock().now();
        let facts = Facts {
            agency: Some(who.agency),
            lead: Some(who.member),
            supervisor: new.supervisor,
            has_nexus: true,
            has_predicate: true,
            ..Facts::default()
        };
        let grant = self.allow(who, Action::OpenCase, &facts, ("case", id.into()), self.request()).await?;
        let (case, facts) = self.new_case(who, id, new, now);
        let mut tx = self.store.begin(&grant).await?;
        tx.add_cases(who.agency, &[case]).await?;
        let act = self.store.act(&grant, ("case", id.into()));
        tx.commit(act.bind("predicate", facts.as_bytes())).await?;
        Ok(id)
    }

    /// A case led by `who` as it enters the store, and the facts of its predicate.
    pub(crate) fn new_case(&self, who: &Principal, id: CaseId, new: NewCase, now: model::Micros) -> (Case, String) {
        let offence = new.offence.unwrap_or_else(|| Offence::usual(new.threat_area));
        let facts = new.predicate.as_str().to_owned();
        let predicate = Predicate {
            id: PredicateId::new(self.store.clock(), self.store.chance()),
            offence: offence.clone(),
            member: who.member,
            at: now,
            facts: new.predicate,
            document: None,
        };
        let case = Case {
            id,
            agency: who.agency,
            number: new.number,
            threat_area: new.threat_area,
            nexus: new.nexus,
            offence,
            predicate: Some(predicate),
            lead: who.member,
            supervisor: new.supervisor,
            contact: new.contact,
            marking: new.marking,
            status: CaseStatus::Open,
            outcome: None,
            opened: now,
        };
        (case, facts)
    }

    /// Closes a case. Unfounded, cleared, acquitted, unlawfully obtained: its entries leave matching at once, and
    /// everybody who was told is told.
    pub async fn close_case(&self, who: &Principal, number: &CaseNumber, outcome: Outcome) -> Result<(), Error> {
        let case = self.own_case(who, Action::CloseCase, number).await?;
        let facts = Facts {
            agency: Some(case.agency),
            lead: Some(case.lead),
            supervisor: case.supervisor,
            status_open: case.status.is_worked(),
            ..Facts::default()
        };
        let grant = self.allow(who, Action::CloseCase, &facts, ("case", case.id.into()), self.request()).await?;
        let mut tx = self.store.begin(&grant).await?;
        tx.close_case(&case, outcome).await?;
        if outcome.withdraws_entries() {
            let entries = tx.own_case_entries(case.id).await?;
            self.end(&mut tx, &case, &entries, store::EntryState::Withdrawn).await?;
        }
        let act = self.store.act(&grant, ("case", case.id.into())).bind("outcome", outcome.word().as_bytes());
        tx.add_reason(act.id(), "outcome", Some(case.id), outcome.word()).await?;
        tx.commit(act).await?;
        Ok(())
    }
}
