//! The two answers of policy.

use model::RequestId;

use crate::action::Action;
use crate::principal::{Principal, standing_words};
use crate::scope::Scope;

/// Proof that policy allowed one principal one action in one scope; the only key that opens the store.
///
/// It is made by [`crate::decide`] alone, and cannot be forged:
/// ```compile_fail,E0451
/// fn forge(of: policy::Principal, id: model::RequestId) -> policy::Grant {
///     policy::Grant {
///         principal: of,
///         action: policy::Action::Init,
///         scope: policy::Scope::Installation,
///         policies: String::new(),
///         request: id,
///     }
/// }
/// ```
/// Nor copied or kept for another act:
/// ```compile_fail,E0308
/// fn copy(grant: &policy::Grant) -> policy::Grant {
///     grant.clone()
/// }
/// ```
/// ```compile_fail,E0507
/// fn copy(grant: &policy::Grant) -> policy::Grant {
///     *grant
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Grant {
    principal: Principal,
    action: Action,
    scope: Scope,
    policies: String,
    request: RequestId,
}

impl Grant {
    pub(crate) fn new(
        principal: Principal,
        action: Action,
        scope: Scope,
        policies: String,
        request: RequestId,
    ) -> Self {
        Self { principal, action, scope, policies, request }
    }

    /// Who acts.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What they may do, and nothing else.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Where.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Ids of the deciding policies, sorted, separated by commas.
    pub fn policies(&self) -> &str {
        &self.policies
    }

    /// The request it was given for.
    pub fn request(&self) -> RequestId {
        self.request
    }
}

/// A refusal. Its words name rules, never a fact of the thing it was about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused: {reason} (policy {policies})")]
#[must_use]
pub struct Denied {
    principal: Box<Principal>,
    action: Action,
    policies: String,
    reason: String,
    request: RequestId,
}

impl Denied {
    pub(crate) fn new(
        principal: Principal,
        action: Action,
        policies: String,
        reason: String,
        request: RequestId,
    ) -> Self {
        Self { principal: Box::new(principal), action, policies, reason, request }
    }

    /// Who was refused.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// How we know who they are.
    pub fn standing(&self) -> String {
        standing_words(&self.principal)
    }

    /// What they wanted.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Ids of the policies that forbade it, or of those that would have allowed it; sorted, separated by commas.
    pub fn policies(&self) -> &str {
        &self.policies
    }

    /// Why, in plain words, with the law where there is one.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The request it answers.
    pub fn request(&self) -> RequestId {
        self.request
    }
}
