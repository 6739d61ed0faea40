//! The one question: may this principal do this?

use cedar_policy::{Decision, PolicyId};
use model::RequestId;

use crate::action::Action;
use crate::facts::Facts;
use crate::grant::{Denied, Grant};
use crate::policies::Policies;
use crate::principal::Principal;
use crate::request;
use crate::scope::scope;

/// Asks the policies. What no policy permits is denied; a forbid wins; a policy that cannot be evaluated denies,
/// for a skipped forbid would open a door.
///
/// # Errors
/// [`Denied`], in plain words. Of a thing that is not the asker's own it says nothing.
pub fn decide(
    policies: &Policies,
    principal: &Principal,
    action: Action,
    facts: &Facts,
    request: RequestId,
) -> Result<Grant, Denied> {
    let granted = |ids: String| Grant::new(principal.clone(), action, scope(principal, action), ids, request);
    if let Some(ids) = policies.known.permitted(principal, action, facts) {
        return Ok(granted(ids));
    }
    let denied = |ids: String, reason: String| Denied::new(principal.clone(), action, ids, reason, request);
    let (question, entities) = request::build(&policies.names, principal, action, facts)
        .map_err(|_| denied("none".to_owned(), "the policies could not be asked".to_owned()))?;
    let answer = policies.authorizer.is_authorized(&question, &policies.set, &entities);
    if answer.diagnostics().errors().next().is_some() {
        return Err(denied("none".to_owned(), "a policy could not be evaluated, so nothing is permitted".to_owned()));
    }
    let mut deciding: Vec<&PolicyId> = answer.diagnostics().reason().collect();
    deciding.sort();
    let ids = join(deciding.iter().map(|id| AsRef::<str>::as_ref(*id)), ", ");
    match (answer.decision(), deciding.as_slice()) {
        (Decision::Allow, _) => {
            policies.known.keep(principal, action, facts, &ids);
            Ok(granted(ids))
        }
        (Decision::Deny, []) => {
            let permits = policies.permits(action);
            if permits.is_empty() {
                return Err(denied("none".to_owned(), format!("nobody may {}", action.phrase())));
            }
            let who = join(permits.iter().map(|(_, who)| who.as_str()), ", or ");
            let ids = join(permits.iter().map(|(id, _)| id.as_str()), ", ");
            Err(denied(ids, format!("only {who} may {}", action.phrase())))
        }
        (Decision::Deny, forbids) => Err(denied(ids, join(forbids.iter().map(|id| policies.reason(id)), "; "))),
    }
}

fn join<'a>(parts: impl Iterator<Item = &'a str>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}
