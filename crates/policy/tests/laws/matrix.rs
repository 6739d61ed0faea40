//! policy-matrix.txt: everybody, every action, own agency and another.

use std::fmt::Write;

use model::{Role, Roles};
use policy::{Action, Carriage, Facts, Policies, Principal, Scope, decide};

use crate::people::{everybody, member, others, own, request, with};

fn cell(policies: &Policies, who: &Principal, action: Action, facts: &Facts) -> String {
    match decide(policies, who, action, facts, request()) {
        Ok(grant) => {
            let scope = match grant.scope() {
                Scope::OwnAgency(_) => "own agency",
                Scope::OwnCases { .. } => "own cases",
                Scope::Sides { .. } => "own sides",
                Scope::Directory => "directory",
                Scope::Desk => "desk",
                Scope::LedgerOnly => "ledger only",
                Scope::Matcher => "matcher",
                Scope::Installation => "installation",
            };
            format!("yes, {scope} ({})", grant.policies())
        }
        Err(denied) => format!("no ({})", denied.policies()),
    }
}

/// One circumstance that changes an answer.
struct Twist(&'static str, Principal, Action, Facts);

fn twists() -> Vec<Twist> {
    let investigator = with(&[Role::Investigator]);
    let analyst = with(&[Role::Analyst]);
    let supervisor = with(&[Role::Supervisor]);
    let administrator = with(&[Role::AgencyAdministrator]);
    let fine = own(&investigator);
    let mut all = vec![
        Twist("investigator, no nexus", investigator.clone(), Action::OpenCase, Facts { has_nexus: false, ..fine }),
        Twist("analyst, no nexus", analyst.clone(), Action::Check, Facts { has_nexus: false, ..fine }),
        Twist(
            "investigator, no predicate",
            investigator.clone(),
            Action::Submit,
            Facts { has_predicate: false, ..fine },
        ),
        Twist("investigator, closed case", investigator.clone(), Action::Submit, Facts { status_open: false, ..fine }),
        Twist("supervisor, closed case", supervisor.clone(), Action::CloseCase, Facts { status_open: false, ..fine }),
        Twist(
            "investigator, silent, approved by another",
            investigator.clone(),
            Action::Submit,
            Facts { silent: true, ..fine },
        ),
        Twist(
            "investigator, silent, approved by nobody",
            investigator.clone(),
            Action::Submit,
            Facts { silent: true, other_member: None, ..fine },
        ),
        Twist(
            "supervisor, silent, approved by themselves",
            supervisor.clone(),
            Action::Submit,
            Facts { silent: true, other_member: Some(member(1)), ..fine },
        ),
        Twist(
            "supervisor, own submission",
            supervisor.clone(),
            Action::ApproveSilent,
            Facts { other_member: Some(member(1)), ..fine },
        ),
        Twist(
            "supervisor, nobody's submission",
            supervisor.clone(),
            Action::ApproveSilent,
            Facts { other_member: None, ..fine },
        ),
        Twist(
            "investigator signed in, more values than one person may",
            Principal { standing: policy::Standing::Credential, ..investigator.clone() },
            Action::Check,
            Facts { many: true, ..fine },
        ),
        Twist(
            "investigator signed in, more values than one person may",
            Principal { standing: policy::Standing::Credential, ..investigator.clone() },
            Action::Submit,
            Facts { many: true, ..fine },
        ),
        Twist(
            "investigator named by the operator, more values than one person may",
            investigator.clone(),
            Action::Submit,
            Facts { many: true, ..fine },
        ),
        Twist(
            "supervisor, own bulk job",
            supervisor.clone(),
            Action::ApproveBulk,
            Facts { other_member: Some(member(1)), ..fine },
        ),
        Twist(
            "supervisor, nobody's bulk job",
            supervisor.clone(),
            Action::ApproveBulk,
            Facts { other_member: None, ..fine },
        ),
        Twist(
            "investigator, own bulk job",
            investigator.clone(),
            Action::CancelBulk,
            Facts { other_member: Some(member(1)), ..fine },
        ),
        Twist("analyst, lead not sworn", analyst.clone(), Action::Submit, Facts { lead_sworn: false, ..fine }),
        Twist("analyst, no lead known", analyst, Action::Submit, Facts { lead: None, ..fine }),
        Twist("investigator, no trial", investigator.clone(), Action::StepIn, Facts { trial: false, ..fine }),
        Twist(
            "investigator, their own session",
            investigator.clone(),
            Action::KeepSession,
            Facts { lead: Some(member(1)), trial: false, ..fine },
        ),
        Twist("supervisor, no hold", supervisor.clone(), Action::LiftHold, Facts { held: false, ..fine }),
        Twist("supervisor, no hold", supervisor.clone(), Action::ActAgainstHold, Facts { held: false, ..fine }),
        Twist(
            "administrator, roles not known",
            administrator.clone(),
            Action::AddMember,
            Facts { roles: None, ..fine },
        ),
    ];
    let leading = supervisor;
    for action in [Action::CloseCase, Action::Withdraw, Action::Correct] {
        all.push(Twist(
            "investigator, leads the case",
            investigator.clone(),
            action,
            Facts { lead: Some(member(1)), ..fine },
        ));
        all.push(Twist(
            "investigator, supervises the case",
            investigator.clone(),
            action,
            Facts { supervisor: Some(member(1)), ..fine },
        ));
    }
    for action in [Action::OfferTransfer, Action::AcceptTransfer] {
        let none = Carriage::NONE;
        for (label, carriage) in [
            ("supervisor, the other agency is suspended", Carriage { ready: false, ..none }),
            ("supervisor, a foreign receiver without approval", Carriage { approved: false, ..none }),
            ("supervisor, a CyberTip without a basis", Carriage { tips_covered: false, ..none }),
            ("supervisor, a marking that does not release", Carriage { released: false, ..none }),
            ("supervisor, a partner's originator control", Carriage { originator_agrees: false, ..none }),
            ("supervisor, nothing weighed", Carriage::default()),
        ] {
            all.push(Twist(label, leading.clone(), action, Facts { carriage, ..fine }));
        }
    }
    for role in Role::ALL {
        let facts = Facts { roles: Some(Roles::of(&[*role])), ..fine };
        let label = match role {
            Role::Investigator => "administrator, giving investigator",
            Role::Supervisor => "administrator, giving supervisor",
            Role::Analyst => "administrator, giving analyst",
            Role::WatchDesk => "administrator, giving watch-desk",
            Role::AgencyAdministrator => "administrator, giving agency-administrator",
            Role::PrivacyOfficer => "administrator, giving privacy-officer",
            Role::Auditor => "administrator, giving auditor",
            Role::ProgrammeOffice => "administrator, giving programme-office",
            Role::SystemOperator => "administrator, giving system-operator",
        };
        all.push(Twist(label, administrator.clone(), Action::AddMember, facts));
    }
    all
}

/// The whole policy as a diff: `who, whose | action: yes, scope (policy)` or `no (policy)`.
#[test]
fn the_matrix_is_as_reviewed() {
    let policies = Policies::built_in().unwrap();
    let mut out = String::from(
        "# Who may do what. Written by `UPDATE_MATRIX=1 cargo test -p policy`; every change is reviewed.\n\
         # The thing acted on is in order: open case led by a sworn colleague, a hold stands, nexus and predicate\n\
         # stated. Yes names the scope and the permitting policy; no names the policies that forbid, or those that\n\
         # would permit somebody else.\n",
    );
    for (name, who) in everybody() {
        out.push('\n');
        for action in Action::ALL {
            writeln!(out, "{name}, own agency | {}: {}", action.word(), cell(&policies, &who, *action, &own(&who)))
                .unwrap();
        }
        if who.is_member() {
            out.push('\n');
            for action in Action::ALL {
                let answer = cell(&policies, &who, *action, &others(&who));
                writeln!(out, "{name}, other agency | {}: {answer}", action.word()).unwrap();
            }
        }
    }
    out.push_str("\n# One circumstance changed, own agency.\n\n");
    for Twist(label, who, action, facts) in twists() {
        writeln!(out, "{label} | {}: {}", action.word(), cell(&policies, &who, action, &facts)).unwrap();
    }
    crate::table::compare("policy-matrix.txt", &out);
}
