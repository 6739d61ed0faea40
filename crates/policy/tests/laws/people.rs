//! The people of the tables.

use model::{AgencyId, AgencyKind, Country, MemberId, RequestId, Role, Roles};
use policy::{Facts, Principal, Standing};
use uuid::Uuid;

/// The workers policy knows.
pub const WORKERS: [&str; 6] = ["sweeper", "second look", "silent look", "bulk", "sequencer", "outbox"];

pub fn agency(n: u128) -> AgencyId {
    Uuid::from_u128(0xa000 + n).into()
}

pub fn member(n: u128) -> MemberId {
    Uuid::from_u128(0xb000 + n).into()
}

pub fn request() -> RequestId {
    Uuid::from_u128(0xc000).into()
}

pub fn canada() -> Country {
    "CA".parse().unwrap()
}

/// Member 1 of agency 1: local, sworn unless their role is a desk's or an office's.
pub fn with(roles: &[Role]) -> Principal {
    Principal {
        member: member(1),
        agency: agency(1),
        agency_kind: AgencyKind::Local,
        country: Country::HOME,
        suspended: false,
        sworn: roles.contains(&Role::Investigator) || roles.contains(&Role::Supervisor),
        roles: Roles::of(roles),
        standing: Standing::Asserted,
    }
}

/// A foreign agency without an approval, with every role of casework.
pub fn suspended() -> Principal {
    Principal {
        agency_kind: AgencyKind::Foreign,
        country: canada(),
        suspended: true,
        ..with(&[Role::Investigator, Role::Supervisor, Role::AgencyAdministrator])
    }
}

/// Every row of the matrix.
pub fn everybody() -> Vec<(String, Principal)> {
    let mut all: Vec<(String, Principal)> = Role::ALL.iter().map(|r| (r.word().to_owned(), with(&[*r]))).collect();
    let unsworn = Principal { sworn: false, ..with(&[Role::Investigator]) };
    all.insert(1, ("investigator not sworn".to_owned(), unsworn));
    all.push(("suspended foreign supervisor".to_owned(), suspended()));
    all.extend(WORKERS.map(|name| (format!("worker {name}"), Principal::worker(name))));
    all.push(("operator".to_owned(), Principal::operator()));
    all
}

/// A thing of this principal's own agency with which nothing is wrong, led by a colleague.
pub fn own(principal: &Principal) -> Facts {
    Facts {
        agency: Some(principal.agency),
        lead: Some(member(2)),
        lead_sworn: true,
        supervisor: Some(member(3)),
        status_open: true,
        side: true,
        other_member: Some(member(4)),
        roles: Some(Roles::of(&[Role::Investigator])),
        has_nexus: true,
        has_predicate: true,
        silent: false,
        many: false,
        held: true,
        trial: true,
        carriage: policy::Carriage::NONE,
    }
}

/// The same thing of another agency.
pub fn others(principal: &Principal) -> Facts {
    Facts { agency: Some(agency(2)), side: false, ..own(principal) }
}
