//! The words people read when they are refused.

use model::Role;
use policy::{Action, Facts, Policies, decide};

use crate::people::{member, others, own, request, suspended, with};

#[test]
fn a_refusal_says_who_may_and_under_which_law() {
    let policies = Policies::built_in().unwrap();
    let words = |who: &policy::Principal, action, facts: &Facts| {
        decide(&policies, who, action, facts, request()).unwrap_err().to_string()
    };
    let officer = with(&[Role::Investigator]);
    let unsworn = policy::Principal { sworn: false, ..officer.clone() };
    let fine = own(&officer);
    let all = [
        words(&unsworn, Action::Submit, &fine),
        words(&officer, Action::Submit, &Facts { has_predicate: false, ..fine }),
        words(&officer, Action::Submit, &Facts { silent: true, other_member: Some(member(1)), ..fine }),
        words(&officer, Action::Check, &Facts { has_nexus: false, ..fine }),
        words(&officer, Action::ShowConflict, &others(&officer)),
        words(&officer, Action::ListMembers, &others(&officer)),
        words(&officer, Action::ActAgainstHold, &fine),
        words(&officer, Action::AddAgency, &fine),
        words(&officer, Action::VerifyLedger, &fine),
        words(&suspended(), Action::Inbox, &own(&suspended())),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    refused: only a sworn investigator or a supervisor of the case's agency, or an analyst of the case's agency when a sworn member leads the case may submit to a case (policy submit-1, submit-2)
    refused: a subject has no predicate; 28 CFR 23.20(a) admits a person only on reasonable suspicion (policy predicate-1)
    refused: silent entries need the approval of a supervisor other than the member who submits (policy silent-1)
    refused: no use of the Internet to facilitate child exploitation is stated; 34 U.S.C. 21115(a) limits this system to it (policy nexus-1)
    refused: your agency has no such conflict (policy side-1)
    refused: your agency has no such case, receipt or list (policy own-1)
    refused: only a supervisor of one side while a hold stands may act against a hold (policy act-against-hold-1)
    refused: only the operator of this machine, or the programme office may add an agency (policy agency-1, agency-2)
    refused: only the operator of this machine, or an auditor, the programme office or a system operator may verify the ledger (policy ledger-1, ledger-2)
    refused: the agency is suspended, or no approval covers today; a foreign agency takes part only with a recorded approval of the Attorney General (34 U.S.C. 21115(c)) (policy suspended-1)
    "#);
}
