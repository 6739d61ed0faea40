//! The policies, parsed and checked once.

use std::collections::BTreeMap;
use std::str::FromStr;

use cedar_policy::{
    ActionConstraint, Authorizer, Effect, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, Schema,
    ValidationMode, Validator,
};
use sha2::{Digest, Sha256};

use crate::action::Action;
use crate::known::Known;

/// In the order of their names, so that `cat policies/*.cedar | sha256sum` gives the version.
const BUILT_IN: &str = concat!(
    include_str!("../policies/administration.cedar"),
    include_str!("../policies/bulk.cedar"),
    include_str!("../policies/cases.cedar"),
    include_str!("../policies/deconfliction.cedar"),
    include_str!("../policies/forbid.cedar"),
    include_str!("../policies/ledger.cedar"),
    include_str!("../policies/sessions.cedar"),
    include_str!("../policies/workers.cedar"),
);
pub(crate) const SCHEMA: &str = include_str!("../policies/schema.cedarschema");

/// Why a set of policies was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read.
    #[error("the policies cannot be read: {0}")]
    Text(String),
    /// The schema cannot be read.
    #[error("the schema of the policies cannot be read: {0}")]
    Schema(String),
    /// It speaks of what the schema does not know, or a part can never hold.
    #[error("the policies do not keep to their schema: {0}")]
    Check(String),
    /// A policy lacks what a reader needs.
    #[error("a policy has no `@{annotation}`; write one before `{before}`")]
    Annotation {
        /// `id` or `reason`.
        annotation: &'static str,
        /// How the policy begins.
        before: String,
    },
}

/// A checked set of policies.
pub struct Policies {
    pub(crate) set: PolicySet,
    pub(crate) authorizer: Authorizer,
    pub(crate) names: Names,
    version: String,
    pub(crate) known: Known,
    /// For each action, the policies that may permit it: what a refusal by default tells.
    permits: BTreeMap<Action, Vec<(String, String)>>,
}

/// Parsed names of the schema; parsing one costs more than a decision.
pub(crate) struct Names {
    pub member: EntityTypeName,
    pub worker: EntityTypeName,
    pub agency: EntityTypeName,
    pub operator: EntityUid,
    pub matter: EntityUid,
    pub actions: BTreeMap<Action, EntityUid>,
}

impl Names {
    pub(crate) fn new() -> Result<Self, PolicyError> {
        let kind = |name: &str| EntityTypeName::from_str(name).map_err(|e| PolicyError::Schema(e.to_string()));
        let one = |name: &str, id: &str| kind(name).map(|k| EntityUid::from_type_name_and_id(k, EntityId::new(id)));
        Ok(Self {
            member: kind("Member")?,
            worker: kind("Worker")?,
            agency: kind("Agency")?,
            operator: one("Operator", "operator")?,
            matter: one("Matter", "matter")?,
            actions: Action::ALL.iter().map(|a| Ok((*a, one("Action", a.word())?))).collect::<Result<_, _>>()?,
        })
    }
}

impl Policies {
    /// The policies of this version of the system.
    ///
    /// # Errors
    /// Never for a released version: a test reads them.
    pub fn built_in() -> Result<Self, PolicyError> {
        Self::from_text(BUILT_IN)
    }

    /// Reads policies in Cedar and checks them strictly against the schema. Each carries `@id` and `@reason`.
    ///
    /// # Errors
    /// When the text is no Cedar, speaks of what the schema does not know, uses an id twice or lacks a reason.
    pub fn from_text(cedar: &str) -> Result<Self, PolicyError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|e| PolicyError::Schema(e.to_string()))?;
        let read = PolicySet::from_str(cedar).map_err(|e| PolicyError::Text(e.to_string()))?;
        let names = Names::new()?;
        let mut set = PolicySet::new();
        let mut permits: BTreeMap<Action, Vec<(String, String)>> = BTreeMap::new();
        for policy in read.policies() {
            let id = annotation(policy, "id")?;
            let reason = annotation(policy, "reason")?;
            if policy.effect() == Effect::Permit {
                for action in permitted(policy, &names) {
                    permits.entry(action).or_default().push((id.clone(), reason.clone()));
                }
            }
            set.add(policy.new_id(PolicyId::new(&id))).map_err(|e| PolicyError::Text(e.to_string()))?;
        }
        permits.values_mut().for_each(|of_action| of_action.sort());
        let checked = Validator::new(schema).validate(&set, ValidationMode::Strict);
        if !checked.validation_passed_without_warnings() {
            return Err(PolicyError::Check(checked.to_string()));
        }
        let version = hex::encode(Sha256::digest(cedar.as_bytes()));
        Ok(Self { set, authorizer: Authorizer::new(), names, version, known: Known::default(), permits })
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The reason of a policy.
    pub(crate) fn reason(&self, id: &PolicyId) -> &str {
        self.set.annotation(id, "reason").unwrap_or("a policy forbids it")
    }

    /// Ids and reasons of the policies that may permit this, by id.
    pub(crate) fn permits(&self, action: Action) -> &[(String, String)] {
        self.permits.get(&action).map(Vec::as_slice).unwrap_or_default()
    }
}

fn annotation(policy: &Policy, name: &'static str) -> Result<String, PolicyError> {
    match policy.annotation(name).map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(PolicyError::Annotation { annotation: name, before: policy.to_string().chars().take(80).collect() }),
    }
}

fn permitted(policy: &Policy, names: &Names) -> Vec<Action> {
    let named = |uid: &EntityUid| names.actions.iter().find(|(_, known)| *known == uid).map(|(action, _)| *action);
    match policy.action_constraint() {
        ActionConstraint::Any => Action::ALL.to_vec(),
        ActionConstraint::Eq(uid) => named(&uid).into_iter().collect(),
        ActionConstraint::In(uids) => uids.iter().filter_map(named).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Policies::from_text(text).err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_built_in_policies_keep_strictly_to_their_schema() {
        let policies = Policies::built_in().unwrap();
        assert_eq!(policies.version().len(), 64);
        assert_ne!(policies.version(), Policies::from_text("").unwrap().version());
    }

    /// A privacy officer reads reasons; a refusal without one would say nothing.
    #[test]
    fn a_policy_needs_an_id_a_reason_and_words_the_schema_knows() {
        let rest = r#"permit (principal is Member, action == Action::"check", resource)"#;
        assert!(problem(&format!("@reason(\"x\") {rest};")).contains("no `@id`"));
        assert!(problem(&format!("@id(\"x\") {rest};")).contains("no `@reason`"));
        let named = format!("@id(\"x\") @reason(\"y\") {rest}");
        assert_eq!(problem(&format!("{named};")), "");
        assert!(problem(&format!("{named}; {named};")).contains("x"));
        assert!(problem(&format!("{named} when {{ principal.rank }};")).contains("rank"));
        assert!(problem(&named.replace("check", "peek")).contains("cannot be read"));
        assert!(problem(&format!("{};", named.replace("check", "peek"))).contains("peek"));
    }

    /// An action the schema forgets could never be permitted, and one nobody may do would be a dead verb.
    #[test]
    fn every_action_stands_in_the_schema_and_somebody_may_do_it() {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).unwrap();
        let mut known: Vec<String> = schema.actions().map(|uid| uid.id().unescaped().to_owned()).collect();
        let mut ours: Vec<String> = Action::ALL.iter().map(|a| a.word().to_owned()).collect();
        known.sort();
        ours.sort();
        assert_eq!(known, ours);
        let policies = Policies::built_in().unwrap();
        for action in Action::ALL {
            assert!(!policies.permits(*action).is_empty(), "nobody may {}", action.phrase());
        }
    }
}
