//! A question to Cedar: who, what, and the facts of the thing.

use std::collections::{HashMap, HashSet};

use cedar_policy::{Context, Entities, Entity, EntityId, EntityUid, Request, RestrictedExpression};
use model::{AgencyId, MemberId, Roles};

use crate::action::Action;
use crate::facts::Facts;
use crate::policies::Names;
use crate::principal::{Principal, Standing};

type Attributes = HashMap<String, RestrictedExpression>;

/// The request and its two entities. An error is Cedar's own words; the caller refuses.
pub(crate) fn build(
    names: &Names,
    principal: &Principal,
    action: Action,
    facts: &Facts,
) -> Result<(Request, Entities), String> {
    let who = uid(names, principal);
    let act = names.actions.get(&action).ok_or("the action has no name")?.clone();
    let entities = [
        Entity::new(who.clone(), attributes(names, principal), HashSet::new()).map_err(|e| e.to_string())?,
        Entity::new(names.matter.clone(), matter(names, facts), HashSet::new()).map_err(|e| e.to_string())?,
    ];
    let entities = Entities::from_entities(entities, None).map_err(|e| e.to_string())?;
    let request = Request::new(who, act, names.matter.clone(), Context::empty(), None).map_err(|e| e.to_string())?;
    Ok((request, entities))
}

fn uid(names: &Names, principal: &Principal) -> EntityUid {
    match principal.standing {
        Standing::Asserted | Standing::Credential => member_uid(names, principal.member),
        Standing::Worker(name) => EntityUid::from_type_name_and_id(names.worker.clone(), EntityId::new(name)),
        Standing::Operator => names.operator.clone(),
    }
}

fn attributes(names: &Names, principal: &Principal) -> Attributes {
    if !principal.is_member() {
        return Attributes::new();
    }
    Attributes::from([
        ("agency".to_owned(), agency(names, principal.agency)),
        ("suspended".to_owned(), RestrictedExpression::new_bool(principal.suspended)),
        ("sworn".to_owned(), RestrictedExpression::new_bool(principal.sworn)),
        ("signed_in".to_owned(), RestrictedExpression::new_bool(principal.standing == Standing::Credential)),
        ("roles".to_owned(), roles(principal.roles)),
    ])
}

fn matter(names: &Names, facts: &Facts) -> Attributes {
    let known = [
        ("lead_sworn", facts.lead_sworn),
        ("open", facts.status_open),
        ("side", facts.side),
        ("nexus", facts.has_nexus),
        ("predicate", facts.has_predicate),
        ("silent", facts.silent),
        ("many", facts.many),
        ("held", facts.held),
        ("trial", facts.trial),
        ("ready", facts.carriage.ready),
        ("approved", facts.carriage.approved),
        ("tips_covered", facts.carriage.tips_covered),
        ("released", facts.carriage.released),
        ("originator_agrees", facts.carriage.originator_agrees),
    ]
    .map(|(name, is)| (name, Some(RestrictedExpression::new_bool(is))));
    let member = |id| RestrictedExpression::new_entity_uid(member_uid(names, id));
    let perhaps = [
        ("agency", facts.agency.map(|id| agency(names, id))),
        ("lead", facts.lead.map(member)),
        ("supervisor", facts.supervisor.map(member)),
        ("other", facts.other_member.map(member)),
        ("granted", facts.roles.map(roles)),
    ];
    known.into_iter().chain(perhaps).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn member_uid(names: &Names, id: MemberId) -> EntityUid {
    EntityUid::from_type_name_and_id(names.member.clone(), EntityId::new(id.to_string()))
}

fn agency(names: &Names, id: AgencyId) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(EntityUid::from_type_name_and_id(
        names.agency.clone(),
        EntityId::new(id.to_string()),
    ))
}

fn roles(roles: Roles) -> RestrictedExpression {
    RestrictedExpression::new_set(roles.iter().map(|role| RestrictedExpression::new_string(role.word().to_owned())))
}

#[cfg(test)]
mod tests {
    use cedar_policy::Schema;
    use model::{AgencyKind, Country, Role};
    use uuid::Uuid;

    use super::*;
    use crate::policies::SCHEMA;

    /// The policies are checked against the schema; this checks that the questions keep to it too.
    #[test]
    fn every_question_keeps_to_the_schema() {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).unwrap();
        let names = Names::new().unwrap();
        let id = Uuid::from_u128(1);
        let member = Principal {
            member: id.into(),
            agency: id.into(),
            agency_kind: AgencyKind::Tribal,
            country: Country::HOME,
            suspended: false,
            sworn: true,
            roles: Roles::of(Role::ALL),
            standing: Standing::Asserted,
        };
        let full = Facts {
            agency: Some(id.into()),
            lead: Some(id.into()),
            supervisor: Some(id.into()),
            other_member: Some(id.into()),
            roles: Some(Roles::default()),
            ..Facts::default()
        };
        for who in [&member, &Principal::worker("sweeper"), &Principal::operator()] {
            for action in Action::ALL {
                for facts in [&full, &Facts::default()] {
                    let (question, entities) = build(&names, who, *action, facts).unwrap();
                    Entities::from_entities(entities.iter().cloned(), Some(&schema)).unwrap();
                    let parts =
                        [question.principal(), question.action(), question.resource()].map(|p| p.unwrap().clone());
                    let [p, a, r] = parts;
                    Request::new(p, a, r, Context::empty(), Some(&schema)).unwrap();
                }
            }
        }
    }
}
