//! Whose an object is, where the file says so: subject, victim or witness, and all that belongs to them.

use std::collections::HashMap;

use model::EntryRole;

use super::graph::Graph;

/// Relationships along which a person's role reaches what is theirs.
const OWNING: [&str; 4] = ["hasaccount", "hasdevice", "hasphone", "owns"];
/// The same, said the other way about.
const OWNED: [&str; 2] = ["ownedby", "belongsto"];

/// No relationship is of more kinds than anybody would read.
const FEW: usize = 8;

/// The stronger of two roles. One value may be a victim's and a subject's (a shared telephone): it is protected
/// (invariant 5), since nothing else keeps a child from being taken for a target.
pub(super) fn stronger(a: EntryRole, b: EntryRole) -> EntryRole {
    if rank(b) > rank(a) { b } else { a }
}

fn rank(role: EntryRole) -> u8 {
    match role {
        EntryRole::Victim => 3,
        EntryRole::Witness => 2,
        EntryRole::Subject => 1,
        EntryRole::Undercover | EntryRole::Unknown => 0,
    }
}

/// Roles by object.
pub(super) struct Roles(HashMap<usize, EntryRole>);

impl Roles {
    /// From the types Subject, Victim and Witness (of CASE's investigation and UCO's victim and role modules), on the
    /// object itself or on a role it has, and from relationships such as Victim_Of.
    pub(super) fn read(graph: &Graph) -> Self {
        let mut reach: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut todo = Vec::new();
        for (at, node) in graph.nodes() {
            for (word, role) in
                [("Subject", EntryRole::Subject), ("Victim", EntryRole::Victim), ("Witness", EntryRole::Witness)]
            {
                if node.is(word) {
                    todo.push((at, role));
                }
            }
            for kind in node.texts("kindOfRelationship").take(FEW) {
                let kind: String = kind.chars().filter(char::is_ascii_alphabetic).collect();
                let kind = kind.to_ascii_lowercase();
                let (give, take) = match kind.as_str() {
                    k if OWNING.contains(&k) => ("source", "target"),
                    k if OWNED.contains(&k) || k == "hasrole" => ("target", "source"),
                    k => {
                        let role = match k {
                            "subjectof" | "suspectof" => EntryRole::Subject,
                            "victimof" => EntryRole::Victim,
                            "witnessof" => EntryRole::Witness,
                            _ => continue,
                        };
                        todo.extend(graph.nodes_of(at, "source").map(|object| (object, role)));
                        continue;
                    }
                };
                // All givers reach the relationship, and it reaches all takers: never a product of the two.
                for giver in graph.nodes_of(at, give) {
                    reach.entry(giver).or_default().push(at);
                }
                reach.entry(at).or_default().extend(graph.nodes_of(at, take));
            }
            // "owner" of a facet owns the objects that have it.
            for owner in graph.nodes_of(at, "owner") {
                reach.entry(owner).or_default().push(at);
            }
            if !node.items("owner").is_empty() {
                reach.entry(at).or_default().extend(graph.owners(at));
            }
        }
        Self(spread(todo, &reach))
    }

    pub(super) fn of(&self, object: usize) -> EntryRole {
        self.0.get(&object).copied().unwrap_or(EntryRole::Unknown)
    }
}

/// A role only grows, at most three times an object, so circles end.
fn spread(mut todo: Vec<(usize, EntryRole)>, reach: &HashMap<usize, Vec<usize>>) -> HashMap<usize, EntryRole> {
    let mut roles: HashMap<usize, EntryRole> = HashMap::new();
    while let Some((at, role)) = todo.pop() {
        let held = roles.entry(at).or_insert(EntryRole::Unknown);
        if rank(role) > rank(*held) {
            *held = role;
            todo.extend(reach.get(&at).into_iter().flatten().map(|next| (*next, role)));
        }
    }
    roles
}
