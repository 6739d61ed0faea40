//! From a tip to keys: the schema's fields first, then the free texts at their paths.

use model::Tip;
use model::tip::FileHash;

use super::pass::{Pass, Text};
use super::schema;
use super::tree::{Form, Node};

/// The whole report.
pub(super) fn report(tip: &Tip) -> Node {
    let mut writing = Writing { node: Node::new("report") };
    let mut copy = tip.clone();
    schema::report(&mut copy, &mut writing);
    for words in &tip.words {
        place(&mut writing.node, &words.label, words.text.as_str());
    }
    writing.node
}

/// Puts a text at its path. Parts before it in a list that nothing was kept of are made empty, so that it keeps its
/// number.
fn place(root: &mut Node, label: &str, text: &str) {
    let mut node = root;
    for step in label.split('.').filter(|s| !s.is_empty()) {
        let (key, number) = step.split_once(' ').unwrap_or((step, "1"));
        let wanted = number.parse::<usize>().unwrap_or(1).max(1);
        let have: Vec<usize> = node.parts.iter().enumerate().filter(|(_, p)| p.key == key).map(|(i, _)| i).collect();
        let at = match have.get(wanted - 1) {
            Some(at) => *at,
            None => {
                let missing = wanted - have.len();
                node.parts.extend(std::iter::repeat_with(|| Node::new(key)).take(missing));
                node.parts.len() - 1
            }
        };
        let Some(next) = node.parts.get_mut(at) else { return };
        node = next;
    }
    node.text = text.to_owned();
}

/// A pass that writes; it changes nothing in the tip.
struct Writing {
    /// The part being written.
    node: Node,
}

impl Writing {
    fn leaf<T: Text>(&mut self, key: &str, value: &T) {
        let form = if T::BARE { Form::Bare } else { Form::Known };
        self.node.parts.push(Node { form, text: value.write(), ..Node::new(key) });
    }

    /// Writes into a part of its own.
    fn inside(&mut self, key: &str, walk: impl FnOnce(&mut Self)) -> Node {
        let outer = std::mem::replace(&mut self.node, Node::new(key));
        walk(self);
        std::mem::replace(&mut self.node, outer)
    }
}

impl Pass for Writing {
    fn one<T: Text>(&mut self, key: &'static str, slot: &mut Option<T>) {
        if let Some(value) = slot {
            self.leaf(key, value);
        }
    }

    fn many<T: Text>(&mut self, key: &'static str, slot: &mut Vec<T>) {
        slot.iter().for_each(|value| self.leaf(key, value));
    }

    fn own<T: Text>(&mut self, slot: &mut Option<T>) {
        if let Some(value) = slot {
            (self.node.text, self.node.form) = (value.write(), Form::Known);
        }
    }

    fn flags<T: Text + Ord>(&mut self, key: &'static str, slot: &mut Vec<T>) {
        let flag = |code: &T| Node { form: Form::Flag, ..Node::new(code.write()) };
        let parts: Vec<_> = slot.iter().map(flag).collect();
        if !parts.is_empty() {
            self.node.parts.push(Node { parts, ..Node::new(key) });
        }
    }

    fn within(&mut self, key: &'static str, walk: impl FnOnce(&mut Self)) {
        let part = self.inside(key, walk);
        if !part.is_empty() {
            self.node.parts.push(part);
        }
    }

    fn part<T: Default + PartialEq>(
        &mut self,
        keys: &[&'static str],
        slot: &mut Option<T>,
        walk: fn(&mut T, &mut Self),
    ) {
        if let (Some(part), Some(key)) = (slot, keys.first()) {
            let part = self.inside(key, |w| walk(part, w));
            self.node.parts.push(part);
        }
    }

    fn parts<T: Default>(&mut self, key: &'static str, slot: &mut Vec<T>, walk: fn(&mut T, &mut Self)) {
        for part in slot {
            let part = self.inside(key, |w| walk(part, w));
            self.node.parts.push(part);
        }
    }

    fn names(&mut self, _: &'static str, _: fn(&str) -> bool) {}

    fn pairs(&mut self, _: &mut Vec<FileHash>) {}

    fn rule(&mut self, _: bool, _: &str, _: &str, _: &str) {}
}
