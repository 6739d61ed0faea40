//! When objects were seen in use, and at which port: from calls, messages, log-ins and network connections.

use std::collections::HashMap;

use model::{Invalid, Kind, Micros, Problem, Window};

use super::graph::{Graph, Item, Node};
use crate::MOST_PROBLEMS;

/// The port of an address, as far as the connections agree.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Ports {
    /// No connection spoke of it.
    #[default]
    Unheard,
    /// Every connection gave this one, or none gave any.
    One(Option<u16>),
    /// They differ.
    Many,
}

impl Ports {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unheard, p) | (p, Self::Unheard) => p,
            (a, b) if a == b => a,
            _ => Self::Many,
        }
    }

    pub(super) fn only(self) -> Option<u16> {
        if let Self::One(port) = self { port } else { None }
    }
}

/// What the file says of one object's use.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    /// Calls, messages and log-ins.
    talk: Window,
    /// Network connections.
    net: Window,
    ports: Ports,
}

impl Seen {
    /// The part that concerns a kind: a file or a serial number is not in use because its owner telephones.
    pub(super) fn of(self, kind: Kind) -> (Window, Ports) {
        match kind {
            Kind::Ip => (widest(self.talk, self.net), self.ports),
            Kind::Mac => (self.net, Ports::Unheard),
            Kind::Email | Kind::Phone | Kind::Handle | Kind::Imsi | Kind::Imei => (self.talk, Ports::Unheard),
            _ => (Window::default(), Ports::Unheard),
        }
    }
}

/// The window that covers both.
pub(crate) fn widest(a: Window, b: Window) -> Window {
    match (a.ends(), b.ends()) {
        (None, _) => b,
        (_, None) => a,
        (Some((f, t)), Some((g, u))) => Window { from: Some(f.min(g)), to: Some(t.max(u)) },
    }
}

/// All that is said of use, by object; and what is wrong with it, by the facet that says it.
#[derive(Default)]
pub(super) struct Sightings {
    seen: HashMap<usize, Seen>,
    pub wrong: HashMap<usize, Vec<Problem>>,
    told: usize,
}

impl Sightings {
    pub(super) fn read(graph: &Graph) -> Self {
        let mut all = Self::default();
        for (at, node) in graph.nodes() {
            if node.is("CallFacet") {
                let window = all.window(at, node, &["startTime"], &["endTime"]);
                all.parties(graph, at, window);
            }
            if node.is("MessageFacet") || node.is("EmailMessageFacet") {
                let window = all.moments(at, node, &["sentTime", "receivedTime"]);
                all.parties(graph, at, window);
            }
            if node.is("DigitalAccountFacet") {
                let window = all.window(at, node, &["firstLoginTime"], &["lastLoginTime"]);
                for object in graph.owners(at).iter().copied().chain([at]) {
                    all.talk(object, window);
                }
            }
            if node.is("NetworkConnectionFacet") {
                let window = all.window(at, node, &["startTime"], &["endTime"]);
                for (end, port) in [("src", "sourcePort"), ("dst", "destinationPort")] {
                    let port = Ports::One(all.port(at, node, port));
                    for object in graph.nodes_of(at, end) {
                        let seen = all.seen.entry(object).or_default();
                        seen.net = widest(seen.net, window);
                        seen.ports = seen.ports.and(port);
                    }
                }
            }
        }
        all
    }

    pub(super) fn of(&self, object: usize) -> Seen {
        self.seen.get(&object).copied().unwrap_or_default()
    }

    fn talk(&mut self, object: usize, window: Window) {
        let seen = self.seen.entry(object).or_default();
        seen.talk = widest(seen.talk, window);
    }

    fn parties(&mut self, graph: &Graph, at: usize, window: Window) {
        for role in ["from", "to", "cc", "bcc", "sender", "participant", "xOriginatingIP"] {
            for object in graph.nodes_of(at, role) {
                self.talk(object, window);
            }
        }
    }

    fn refuse(&mut self, at: usize, node: &Node, field: &str, why: Invalid) {
        // A facet with a problem keeps one at least, or it would be taken for a good one.
        let wrong = self.wrong.entry(at).or_default();
        if wrong.is_empty() || self.told < MOST_PROBLEMS {
            wrong.push(why.at(node.pointer.clone(), field));
            self.told += 1;
        }
    }

    fn times(&mut self, at: usize, node: &Node, properties: &[&str]) -> Vec<Micros> {
        let mut times = Vec::new();
        for property in properties {
            for item in node.items(property) {
                match item {
                    Item::Text(text) if text.trim().is_empty() => {}
                    Item::Text(text) => match Micros::parse(text) {
                        Ok(time) => times.push(time),
                        Err(e) => self.refuse(at, node, property, e),
                    },
                    Item::Rounded | Item::Node(_) | Item::Named(_) => {
                        let why = Invalid::new("is not a time", "write RFC 3339, for example 2026-11-23T06:00:00Z");
                        self.refuse(at, node, property, why);
                    }
                }
            }
        }
        times
    }

    /// A span with a beginning and an end, which must stand in that order.
    fn window(&mut self, at: usize, node: &Node, from: &[&str], to: &[&str]) -> Window {
        let start = self.times(at, node, from).into_iter().min();
        let end = self.times(at, node, to).into_iter().max();
        Window::new(start, end).unwrap_or_else(|_| {
            let why = Invalid::new("is earlier than the beginning", "put the two times in order");
            self.refuse(at, node, to.first().copied().unwrap_or_default(), why);
            Window::default()
        })
    }

    /// Moments whose clocks may differ: a message can be received before it was sent.
    fn moments(&mut self, at: usize, node: &Node, properties: &[&str]) -> Window {
        let times = self.times(at, node, properties);
        Window { from: times.iter().min().copied(), to: times.iter().max().copied() }
    }

    fn port(&mut self, at: usize, node: &Node, property: &str) -> Option<u16> {
        let mut ports = node.texts(property);
        let (first, second) = (ports.next()?, ports.next());
        let port = first.parse::<u16>().ok().filter(|p| *p > 0 && second.is_none());
        if port.is_none() {
            let why = Invalid::new("is not a port", "write one whole number from 1 to 65535");
            self.refuse(at, node, property, why);
        }
        port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_widen_and_unknown_ones_change_nothing() {
        let w = |f: Option<i64>, t: Option<i64>| Window { from: f.map(Micros), to: t.map(Micros) };
        assert_eq!(widest(w(None, None), w(Some(1), None)), w(Some(1), None));
        assert_eq!(widest(w(Some(5), Some(6)), w(Some(1), None)), w(Some(1), Some(6)));
        assert_eq!(widest(w(Some(5), None), w(None, Some(9))), w(Some(5), Some(9)));
    }

    #[test]
    fn a_port_stays_only_while_all_agree() {
        let one = Ports::One(Some(139));
        assert_eq!(one.and(one).only(), Some(139));
        assert_eq!(Ports::Unheard.and(one).only(), Some(139));
        assert_eq!(one.and(Ports::One(None)).only(), None);
        assert_eq!(one.and(Ports::One(Some(140))).and(one).only(), None);
    }
}
