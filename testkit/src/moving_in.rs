//! A nation moves in: its agencies, members and cases enter a Concord through the same verbs as everybody's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use casework::answer::Answer;
use casework::{
    CaseIntake, Desk, Error, Format, NewAgency, NewCase, NewMember, NewRoster, Principal, Reading, SilentRequest,
    SubmitOrder,
};
use model::{AgencyId, RequestId, derived_id};

use crate::nation::{Nation, NationAgency, NationCase};

/// The nation's people in a Concord, by their places in the nation.
pub struct People {
    /// The agencies.
    pub agencies: Vec<AgencyId>,
    /// Their members.
    pub members: Vec<Vec<Principal>>,
}

/// Agencies one transaction takes.
const ROSTERS: usize = 64;
/// Cases made before they are dealt out to those who lead them.
const CASES: u64 = 65_536;

/// Adds the nation's agencies and members.
///
/// # Errors
/// Those of [`Desk::add_rosters`].
pub async fn people(desk: &Desk, nation: &Nation) -> Result<People, Error> {
    let (mut agencies, mut members) = (Vec::new(), Vec::new());
    for some in nation.agencies().chunks(ROSTERS) {
        let added = desk.add_rosters(&Principal::operator(), some.iter().map(roster).collect()).await?;
        let known = desk.store().submitters(&added.iter().flat_map(|(_, ids)| ids.clone()).collect::<Vec<_>>()).await?;
        for (agency, ids) in added {
            agencies.push(agency);
            members.push(ids.iter().filter_map(|id| known.get(id).cloned()).collect());
        }
    }
    Ok(People { agencies, members })
}

fn roster(agency: &NationAgency) -> NewRoster {
    NewRoster {
        agency: NewAgency {
            name: agency.name.clone(),
            kind: agency.kind,
            telephone: agency.telephone.clone(),
            time_zone: agency.time_zone.clone(),
            state: agency.state,
            country: Some(agency.country),
        },
        approval: agency.approval.clone(),
        members: agency
            .members
            .iter()
            .map(|m| NewMember {
                agency: AgencyId::from(uuid::Uuid::nil()),
                name: m.name.clone(),
                email: m.email.clone(),
                telephone: m.telephone.clone(),
                sworn: m.sworn,
                roles: m.roles.clone(),
            })
            .collect(),
    }
}

/// The people of a nation that moved in before, those of these agencies only: the others stand without members.
///
/// # Errors
/// Those of [`Desk::member`].
pub async fn known(desk: &Desk, nation: &Nation, agencies: &BTreeSet<usize>) -> Result<People, Error> {
    let nobody = AgencyId::from(uuid::Uuid::nil());
    let mut people = People { agencies: Vec::new(), members: Vec::new() };
    for (at, agency) in nation.agencies().iter().enumerate() {
        let mut theirs = Vec::new();
        if agencies.contains(&at) {
            for member in &agency.members {
                theirs.push(desk.member(&member.email).await?);
            }
        }
        people.agencies.push(theirs.first().map_or(nobody, |m| m.agency));
        people.members.push(theirs);
    }
    Ok(people)
}

/// Takes in the nation's cases, `at_once` agencies at a time, each with all of its officers'. `told` hears what became of each
/// case, by its place in the nation. Request ids are derived from the place: a nation taken in again is known.
///
/// # Errors
/// The first fault that is not one case's.
pub async fn cases(
    desk: &Desk,
    nation: &Nation,
    people: &Arc<People>,
    at_once: usize,
    told: impl Fn(u64, Result<Answer, Error>) + Send + Sync + 'static,
) -> Result<(), Error> {
    let told = Arc::new(told);
    let mut from = 0;
    while from < nation.case_count() {
        let to = (from + CASES).min(nation.case_count());
        let mut by_agency: BTreeMap<usize, Vec<NationCase>> = BTreeMap::new();
        for case in (from..to).map(|index| nation.case(index)) {
            by_agency.entry(case.agency).or_default().push(case);
        }
        let mut work: Vec<Vec<NationCase>> = by_agency.into_values().collect();
        work.sort_by_key(Vec::len); // taken from the end: the largest first
        let work = Arc::new(Mutex::new(work));
        let tasks: Vec<_> = (0..at_once)
            .map(|_| tokio::spawn(officers(desk.clone(), people.clone(), work.clone(), told.clone())))
            .collect();
        for task in tasks {
            task.await.expect("a task that takes in does not panic")?;
        }
        from = to;
    }
    Ok(())
}

async fn officers(
    desk: Desk,
    people: Arc<People>,
    work: Arc<Mutex<Vec<Vec<NationCase>>>>,
    told: Arc<impl Fn(u64, Result<Answer, Error>) + Send + Sync>,
) -> Result<(), Error> {
    loop {
        let Some(mut cases) = work.lock().expect("nobody panics with it").pop() else { return Ok(()) };
        while !cases.is_empty() {
            let some = cases.split_off(cases.len().saturating_sub(256));
            let mut by_lead: BTreeMap<usize, Vec<NationCase>> = BTreeMap::new();
            for case in some {
                by_lead.entry(case.lead).or_default().push(case);
            }
            let (mut places, mut officers) = (Vec::new(), Vec::new());
            for (lead, cases) in by_lead {
                let who = cases.first().and_then(|c| people.members.get(c.agency)?.get(lead));
                let Some(who) = who.cloned() else { continue };
                places.extend(cases.iter().map(|c| c.index));
                officers.push((who, cases.into_iter().map(|case| intake(&people, case)).collect()));
            }
            for (place, fate) in places.into_iter().zip(desk.take_in_together(officers).await?.into_iter().flatten()) {
                told(place, fate);
            }
        }
    }
}

/// A case as its lead brings it in; its request id is derived from its place.
pub fn intake(people: &People, case: NationCase) -> CaseIntake {
    let member = |at: usize| people.members.get(case.agency).and_then(|all| all.get(at)).cloned();
    CaseIntake {
        order: SubmitOrder {
            marking: case.marking.clone(),
            silent: case.silent.as_ref().and_then(|s| {
                Some(SilentRequest { reason: s.reason.clone(), approved_by: member(s.approved_by)?, until: s.until })
            }),
            ..SubmitOrder::new(
                case.number.clone(),
                format!("{}.csv", case.number.as_str()),
                Reading::of(Format::Csv, case.entries),
                RequestId::from(derived_id("nation", &[&case.index.to_be_bytes()])),
            )
        },
        case: NewCase {
            number: case.number,
            threat_area: case.threat_area,
            nexus: case.nexus,
            predicate: case.predicate,
            offence: Some(case.offence),
            supervisor: case.supervisor.and_then(member).map(|m| m.member),
            contact: case.contact,
            marking: case.marking,
        },
    }
}
