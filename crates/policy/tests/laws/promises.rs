//! Laws of `decide` over arbitrary people and facts.

use std::sync::LazyLock;

use model::{AgencyId, AgencyKind, Country, MemberId, Roles};
use policy::{Action, Carriage, Facts, Policies, Principal, Scope, Standing, decide};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::people::{WORKERS, agency, member, request};

static POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::built_in().unwrap());

fn agencies() -> impl Strategy<Value = AgencyId> {
    (1..3u128).prop_map(agency)
}

fn members() -> impl Strategy<Value = MemberId> {
    (1..4u128).prop_map(member)
}

fn roles() -> impl Strategy<Value = Roles> {
    (0..512i64).prop_map(|bits| Roles::from_code(bits).unwrap())
}

fn people() -> impl Strategy<Value = Principal> {
    (members(), agencies(), select(AgencyKind::ALL), any::<(bool, bool, bool)>(), roles()).prop_map(
        |(member, agency, agency_kind, (suspended, sworn, signed_in), roles)| Principal {
            member,
            agency,
            agency_kind,
            country: Country::HOME,
            suspended,
            sworn,
            roles,
            standing: if signed_in { Standing::Credential } else { Standing::Asserted },
        },
    )
}

fn facts() -> impl Strategy<Value = Facts> {
    let ids = (option::of(agencies()), option::of(members()), option::of(members()), option::of(members()));
    (ids, option::of(roles()), any::<[bool; 14]>()).prop_map(
        |(
            (agency, lead, supervisor, other_member),
            roles,
            [
                lead_sworn,
                open,
                side,
                nexus,
                predicate,
                silent,
                many,
                held,
                trial,
                ready,
                approved,
                tips_covered,
                released,
                originator_agrees,
            ],
        )| {
            Facts {
                agency,
                lead,
                lead_sworn,
                supervisor,
                status_open: open,
                side,
                other_member,
                roles,
                has_nexus: nexus,
                has_predicate: predicate,
                silent,
                many,
                held,
                trial,
                carriage: Carriage { ready, approved, tips_covered, released, originator_agrees },
            }
        },
    )
}

fn actions() -> impl Strategy<Value = Action> {
    select(Action::ALL)
}

/// What is of no agency, and so needs no agency of one's own.
const NATIONAL: [Action; 9] = [
    Action::ListAgencies,
    Action::AddAgency,
    Action::RecordApproval,
    Action::DeskQueue,
    Action::VerifyLedger,
    Action::Checkpoint,
    Action::Backup,
    Action::Restore,
    Action::Doctor,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    /// Section 6: no role lists another agency's personas, drivers or members; nor its cases, nor its sides.
    #[test]
    fn no_member_touches_what_is_not_their_agencys(who in people(), action in actions(), facts in facts()) {
        let theirs = facts.agency == Some(who.agency) || facts.side;
        if !theirs && !NATIONAL.contains(&action) {
            prop_assert!(decide(&POLICIES, &who, action, &facts, request()).is_err());
        }
    }

    /// 34 U.S.C. 21115(c).
    #[test]
    fn a_suspended_agency_does_nothing_and_is_told_the_law(who in people(), action in actions(), facts in facts()) {
        let who = Principal { suspended: true, ..who };
        let denied = decide(&POLICIES, &who, action, &facts, request()).unwrap_err();
        prop_assert!(denied.to_string().contains("34 U.S.C. 21115(c)"));
        prop_assert!(denied.policies().contains("suspended-1"));
    }

    /// Invariant 1: what is another agency's and what is not at all are refused in the same words, whatever it is.
    #[test]
    fn a_refusal_says_nothing_of_what_is_not_ones_own(
        who in people(), action in actions(), asked in facts(), hidden in facts(),
    ) {
        let foreign = |f: Facts| Facts { agency: f.agency.filter(|a| *a != who.agency), side: false, ..f };
        let nothing = Facts {
            agency: None, lead: None, supervisor: None, lead_sworn: false, status_open: false, held: false,
            ..foreign(asked)
        };
        let something = Facts {
            agency: foreign(hidden).agency, lead: hidden.lead, supervisor: hidden.supervisor,
            lead_sworn: hidden.lead_sworn, status_open: hidden.status_open, held: hidden.held,
            ..nothing
        };
        let of = |facts: &Facts| decide(&POLICIES, &who, action, facts, request()).map(|_| ()).map_err(|d| d.to_string());
        prop_assert_eq!(of(&nothing), of(&something));
    }

    #[test]
    fn a_grant_reaches_no_other_agency(who in people(), action in actions(), facts in facts()) {
        if let Ok(grant) = decide(&POLICIES, &who, action, &facts, request()) {
            prop_assert_eq!(grant.principal(), &who);
            prop_assert_eq!(grant.action(), action);
            prop_assert_eq!(grant.request(), request());
            prop_assert!(!grant.policies().is_empty());
            match *grant.scope() {
                Scope::OwnAgency(agency) | Scope::Sides { agency } => prop_assert_eq!(agency, who.agency),
                Scope::OwnCases { agency, member } => prop_assert_eq!((agency, member), (who.agency, who.member)),
                Scope::Directory => prop_assert_eq!(action, Action::ListAgencies),
                Scope::Desk => prop_assert_eq!(action, Action::DeskQueue),
                Scope::LedgerOnly => prop_assert!(matches!(action, Action::VerifyLedger | Action::Checkpoint)),
                Scope::Matcher => prop_assert_eq!(action, Action::Look),
                Scope::Installation => prop_assert!(NATIONAL.contains(&action)),
            }
        }
    }

    /// The scope of own cases and the policy agree row by row: granted exactly for the rows the scope holds.
    #[test]
    fn own_cases_are_those_the_policy_permits(who in people(), facts in facts()) {
        let (who, facts) = (Principal { suspended: false, ..who }, Facts { status_open: true, carriage: Carriage::NONE, ..facts });
        for action in [Action::Withdraw, Action::Correct, Action::OfferTransfer] {
            let granted = decide(&POLICIES, &who, action, &facts, request());
            let leads = facts.lead == Some(who.member) || facts.supervisor == Some(who.member);
            let row = facts.agency == Some(who.agency) && (leads || who.has(model::Role::Supervisor));
            prop_assert_eq!(granted.is_ok(), row);
        }
    }

    /// Each worker has one act, and nobody else has it; a name the policies do not know has none.
    #[test]
    fn a_worker_does_its_own_work_only(name in select(&WORKERS[..]), action in actions(), facts in facts(), who in people()) {
        let its = match name {
            "sweeper" => Action::Sweep,
            "second look" => Action::SecondLook,
            "silent look" => Action::SilentLook,
            "bulk" => Action::RunBulk,
            "sequencer" => Action::Sequence,
            _ => Action::Deliver,
        };
        // The asker's own facts are in order: a forbid stands before everybody.
        prop_assert_eq!(decide(&POLICIES, &Principal::worker(name), action, &facts, request()).is_ok(), action == its);
        prop_assert!(decide(&POLICIES, &Principal::worker("stranger"), action, &facts, request()).is_err());
        prop_assert!(decide(&POLICIES, &who, its, &facts, request()).is_err());
        prop_assert!(decide(&POLICIES, &Principal::operator(), its, &facts, request()).is_err());
    }

    /// Section 6: more values than one person may in one go need a second, who is never the asker.
    #[test]
    fn many_values_need_a_second_person(who in people(), facts in facts()) {
        let signed_in = Principal { standing: Standing::Credential, ..who.clone() };
        for action in [Action::Check, Action::Submit] {
            let many = Facts { many: true, ..facts };
            prop_assert!(decide(&POLICIES, &signed_in, action, &many, request()).is_err());
            let asserted = Principal { standing: Standing::Asserted, ..who.clone() };
            let of = |facts: &Facts| decide(&POLICIES, &asserted, action, facts, request()).is_ok();
            prop_assert_eq!(of(&many), of(&Facts { many: false, ..facts }), "the operator of the machine is outside this");
        }
        for other_member in [None, Some(who.member)] {
            let facts = Facts { other_member, ..facts };
            let denied = decide(&POLICIES, &who, Action::ApproveBulk, &facts, request()).unwrap_err();
            prop_assert!(who.suspended || denied.policies().contains("bulk-second-1"));
        }
    }

    /// The operator keeps the machine; no fact of any case gives them a case.
    #[test]
    fn the_operator_has_no_casework(action in actions(), facts in facts()) {
        let keeps = [
            Action::Init, Action::AddAgency, Action::RecordApproval, Action::AddMember, Action::SetTimeZone, Action::VerifyLedger,
            Action::Checkpoint, Action::Backup, Action::Restore, Action::Doctor,
        ];
        let granted = decide(&POLICIES, &Principal::operator(), action, &facts, request()).is_ok();
        prop_assert_eq!(granted, keeps.contains(&action));
    }

    /// A forged or empty role changes nothing for those who are not members.
    #[test]
    fn roles_written_into_a_worker_open_nothing(action in actions(), facts in facts(), roles in roles()) {
        let plain = Principal::worker("sweeper");
        let dressed = Principal { roles, agency: agency(1), member: member(1), sworn: true, ..plain.clone() };
        let may = |p: &Principal| decide(&POLICIES, p, action, &facts, request()).is_ok();
        prop_assert_eq!(may(&plain), may(&dressed));
    }
}

#[test]
fn without_policies_nothing_is_permitted() {
    let none = Policies::from_text("").unwrap();
    for (_, who) in crate::people::everybody() {
        for action in Action::ALL {
            let denied = decide(&none, &who, *action, &crate::people::own(&who), request()).unwrap_err();
            assert!(denied.to_string().starts_with("refused: nobody may "));
        }
    }
}

/// Cedar skips a policy that fails; were it a forbid, the door would open.
#[test]
fn a_policy_that_cannot_be_evaluated_denies() {
    let text = r#"
        @id("all") @reason("everybody")
        permit (principal, action == Action::"sequence", resource);
        @id("big") @reason("too big")
        forbid (principal, action == Action::"sequence", resource)
        when { 9223372036854775807 + (if resource.held then 1 else 0) == 5 };
    "#;
    let policies = Policies::from_text(text).unwrap();
    let who = Principal::worker("sequencer");
    let ask = |held| decide(&policies, &who, Action::Sequence, &Facts { held, ..Facts::default() }, request());
    assert!(ask(false).is_ok());
    assert_eq!(ask(true).unwrap_err().policies(), "none");
}
