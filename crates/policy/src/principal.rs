//! Who acts.

use model::{AgencyId, AgencyKind, Country, MemberId, Role, Roles};
use uuid::Uuid;

/// Who acts, with every attribute policy decides on (CJIS AC-2(d)). Holds no name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The member; nil for workers and the operator.
    pub member: MemberId,
    /// Their agency; nil for workers and the operator.
    pub agency: AgencyId,
    /// What the agency is.
    pub agency_kind: AgencyKind,
    /// The agency's country.
    pub country: Country,
    /// The agency is suspended, or no approval covers the present (34 U.S.C. 21115(c)).
    pub suspended: bool,
    /// A sworn officer.
    pub sworn: bool,
    /// What they may do.
    pub roles: Roles,
    /// How we know that it is they.
    pub standing: Standing,
}

/// How we know who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Named by whoever runs the command on the machine that holds the keys; nobody proved it.
    Asserted,
    /// Signed in.
    Credential,
    /// A worker of the installation: "sweeper", "sequencer", "outbox", "silent look", "second look", "bulk".
    Worker(&'static str),
    /// The machine's keeper.
    Operator,
}

impl Principal {
    /// A worker of the installation. One the policies do not name may do nothing.
    pub fn worker(name: &'static str) -> Self {
        Self::of_installation(Standing::Worker(name))
    }

    /// The keeper of the machine.
    pub fn operator() -> Self {
        Self::of_installation(Standing::Operator)
    }

    fn of_installation(standing: Standing) -> Self {
        Self {
            member: MemberId::from(Uuid::nil()),
            agency: AgencyId::from(Uuid::nil()),
            agency_kind: AgencyKind::Federal,
            country: Country::HOME,
            suspended: false,
            sworn: false,
            roles: Roles::default(),
            standing,
        }
    }

    /// A person with an account, and not a worker or the operator.
    pub fn is_member(&self) -> bool {
        matches!(self.standing, Standing::Asserted | Standing::Credential)
    }

    /// Does this person have this role?
    pub fn has(&self, role: Role) -> bool {
        self.is_member() && self.roles.has(role)
    }
}

/// The standing in the words of events and receipts.
pub fn standing_words(principal: &Principal) -> String {
    match principal.standing {
        Standing::Asserted => "asserted by the operator of this machine".to_owned(),
        Standing::Credential => "signed in".to_owned(),
        Standing::Worker(name) => format!("worker {name}"),
        Standing::Operator => "operator of this machine".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_installation_acts_in_its_own_words() {
        assert_eq!(standing_words(&Principal::worker("sweeper")), "worker sweeper");
        assert_eq!(standing_words(&Principal::operator()), "operator of this machine");
        assert!(!Principal::operator().is_member());
    }

    #[test]
    fn a_worker_has_no_role_even_when_one_is_written_in() {
        let mut worker = Principal::worker("sweeper");
        worker.roles = Roles::of(Role::ALL);
        assert!(!worker.has(Role::Supervisor));
    }
}
