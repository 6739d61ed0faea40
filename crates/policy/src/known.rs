//! Questions that were permitted lately. An answer follows from the policies, the person, the act and the facts, and from
//! nothing else, so the same question has the same answer; Cedar takes a tenth of a millisecond to find it again, and an
//! agency that brings in thousands of cases asks it for each.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::action::Action;
use crate::facts::Facts;
use crate::principal::Principal;

/// Questions kept: an agency's officers who bring in cases at the same time, each with a few kinds of case.
const MOST: usize = 64;

struct Question {
    principal: Principal,
    action: Action,
    facts: Facts,
    /// Ids of the deciding policies.
    policies: String,
}

/// The last questions that were permitted, the newest first. A refusal is never kept: it is worked out in full each time.
#[derive(Default)]
pub(crate) struct Known(Mutex<VecDeque<Question>>);

impl Known {
    /// Ids of the policies that permitted this, word for word.
    pub(crate) fn permitted(&self, principal: &Principal, action: Action, facts: &Facts) -> Option<String> {
        let mut all = self.0.lock().ok()?;
        let at = all.iter().position(|q| q.action == action && q.principal == *principal && q.facts == *facts)?;
        let known = all.remove(at)?;
        let policies = known.policies.clone();
        all.push_front(known);
        Some(policies)
    }

    pub(crate) fn keep(&self, principal: &Principal, action: Action, facts: &Facts, policies: &str) {
        let Ok(mut all) = self.0.lock() else { return };
        all.truncate(MOST - 1);
        all.push_front(Question { principal: principal.clone(), action, facts: *facts, policies: policies.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use model::{AgencyKind, Country, Role, Roles};
    use uuid::Uuid;

    use super::*;
    use crate::policies::Policies;
    use crate::principal::Standing;

    const ID: Uuid = Uuid::from_u128(1);

    fn ann() -> Principal {
        Principal {
            member: ID.into(),
            agency: ID.into(),
            agency_kind: AgencyKind::Local,
            country: Country::HOME,
            suspended: false,
            sworn: true,
            roles: Roles::of(&[Role::Investigator]),
            standing: Standing::Asserted,
        }
    }

    /// Promise: only the same person as they are now, for the same act on the same facts, is let in by what was known.
    #[test]
    fn another_person_act_or_fact_is_another_question() {
        let (ann, facts) = (ann(), Facts { agency: Some(ID.into()), ..Facts::default() });
        let known = Known::default();
        known.keep(&ann, Action::Look, &facts, "one");
        assert_eq!(known.permitted(&ann, Action::Look, &facts).as_deref(), Some("one"));
        let others = [
            Principal { suspended: true, ..ann.clone() },
            Principal { roles: Roles::default(), ..ann.clone() },
            Principal { member: Uuid::from_u128(2).into(), ..ann.clone() },
            Principal { standing: Standing::Credential, ..ann.clone() },
        ];
        assert!(others.iter().all(|who| known.permitted(who, Action::Look, &facts).is_none()));
        assert_eq!(known.permitted(&ann, Action::Submit, &facts), None);
        assert_eq!(known.permitted(&ann, Action::Look, &Facts { silent: true, ..facts }), None);
    }

    #[test]
    fn a_suspended_officer_is_refused_though_the_same_was_permitted_before() {
        let policies = Policies::built_in().unwrap();
        let ann = ann();
        let facts = Facts { agency: Some(ID.into()), has_nexus: true, has_predicate: true, ..Facts::default() };
        let ask = |who: &Principal| crate::decide(&policies, who, Action::OpenCase, &facts, ID.into());
        let first = ask(&ann).unwrap();
        let again = ask(&ann).unwrap();
        assert_eq!((first.policies(), first.scope()), (again.policies(), again.scope()));
        assert!(ask(&Principal { suspended: true, ..ann.clone() }).is_err());
        assert!(ask(&ann).is_ok());
    }

    #[test]
    fn only_the_last_ones_are_kept() {
        let known = Known::default();
        let one = |n: u128| Facts { agency: Some(Uuid::from_u128(n).into()), ..Facts::default() };
        for n in 0..200 {
            known.keep(&Principal::operator(), Action::Init, &one(n), "x");
        }
        let kept = (0..200).filter(|n| known.permitted(&Principal::operator(), Action::Init, &one(*n)).is_some());
        assert_eq!(kept.count(), MOST);
    }
}
