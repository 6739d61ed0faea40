//! CASE/UCO in: the identifiers of a JSON-LD graph, one draft for each, with its widest window and strongest role.
//!
//! A facet with a problem yields nothing; a call, message or connection with a bad time only loses its window, for
//! the identifiers of its parties stand elsewhere. Passwords, unlock codes, file names, paths and the text of messages
//! are never read.

mod context;
mod facets;
mod graph;
mod roles;
mod windows;

use std::collections::HashMap;

use model::{EntryDraft, Kind};
use serde_json::Value;

use crate::problems::{Problems, not_json, of_file};
use crate::{Format, MOST_RECORDS, Reading};
use facets::Found;
pub(crate) use facets::UNNAMED;
use graph::Graph;
use roles::Roles;
pub(crate) use windows::widest;
use windows::{Ports, Sightings};

const WHOLE: &str = "the whole file";
const EXPORT: &str = "export from the tool as CASE/UCO JSON-LD, or give a CSV file";

pub(crate) fn read(text: &str) -> Reading {
    let file: Value = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(e) => return Reading::refused(Format::Case, not_json(&e, 0, EXPORT)),
    };
    let graph = Graph::build(&file);
    drop(file);
    if !graph.is_case {
        let problem = "is JSON, but not CASE/UCO: it names no type and no property of these ontologies";
        return Reading::refused(Format::Case, of_file("content", problem, EXPORT));
    }
    let mut problems = Problems::default();
    let mut drafts = Drafts::default();
    if !gather(&graph, &mut drafts, &mut problems) {
        let problem = format!("holds more than {MOST_RECORDS} identifiers");
        return Reading::refused(Format::Case, of_file("records", problem, "split it into smaller files"));
    }
    let drafts = drafts.finish();
    if drafts.is_empty() && problems.is_empty() {
        let cure = "export the accounts, devices, addresses or hashes themselves";
        problems.add(of_file("content", "holds nothing Concord can match", cure));
    }
    Reading { format: Format::Case, drafts, problems: problems.into_list() }
}

/// False when there are too many.
fn gather(graph: &Graph, drafts: &mut Drafts, problems: &mut Problems) -> bool {
    let mut sightings = Sightings::read(graph);
    let roles = Roles::read(graph);
    let mut reader = facets::Reader::new(graph);
    for (at, node) in graph.nodes() {
        let mut wrong = sightings.wrong.remove(&at).unwrap_or_default();
        let mut found = reader.facet(at, node).unwrap_or_else(|faults| {
            wrong.extend(faults);
            Vec::new()
        });
        if reader.is_spent() {
            return false;
        }
        if !wrong.is_empty() {
            found.clear();
        }
        wrong.into_iter().for_each(|p| problems.add(p));
        // A facet that nothing has stands for itself.
        let alone = [at];
        let owners = Some(graph.owners(at)).filter(|o| !o.is_empty()).unwrap_or(&alone);
        for object in owners.iter().copied() {
            let person = reader.person(at, node, object).and_then(|p| p.map_err(|p| problems.add(p)).ok());
            for one in found.iter().chain(&person) {
                let pointer = graph.node(one.facet).map(|n| n.pointer.as_str()).unwrap_or_default();
                // RFC 6901 points at the whole file with an empty text, which tells a reader nothing.
                let place = if pointer.is_empty() { WHOLE } else { pointer };
                let platform = (one.kind == Kind::Handle).then(|| reader.platform(object));
                let (seen, ports) = sightings.of(object).of(one.kind);
                drafts.add(place, one, platform, |growing| {
                    growing.draft.seen = windows::widest(growing.draft.seen, seen);
                    growing.draft.role = roles::stronger(growing.draft.role, roles.of(object));
                    growing.ports = growing.ports.and(ports);
                });
                if drafts.added > MOST_RECORDS {
                    return false;
                }
            }
        }
    }
    true
}

/// A draft while more may be learned of it.
struct Growing {
    draft: EntryDraft,
    ports: Ports,
}

/// One draft for each kind, value and platform, in the order of the file.
#[derive(Default)]
struct Drafts {
    list: Vec<Growing>,
    known: HashMap<(Kind, String, Option<String>), usize>,
    added: usize,
}

impl Drafts {
    /// A first meeting makes the draft; `learn` adds to it at every meeting.
    fn add(&mut self, place: &str, one: &Found, platform: Option<String>, learn: impl FnOnce(&mut Growing)) {
        self.added = self.added.saturating_add(1);
        let next = self.list.len();
        let at = *self.known.entry((one.kind, one.value.clone(), platform.clone())).or_insert(next);
        if at == next {
            let draft = EntryDraft { platform, ..EntryDraft::new(place, one.kind, one.value.clone()) };
            self.list.push(Growing { draft, ports: Ports::default() });
        }
        if let Some(growing) = self.list.get_mut(at) {
            learn(growing);
        }
    }

    fn finish(self) -> Vec<EntryDraft> {
        let port = |g: Growing| EntryDraft { port: g.ports.only(), ..g.draft };
        self.list.into_iter().map(port).collect()
    }
}
