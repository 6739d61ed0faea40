//! A report as JSON and XML both say it: keys that hold a text, parts, or both.

/// How the text of a part is written.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// Free text, or parts.
    #[default]
    Plain,
    /// A text the API knows; beside parts, JSON calls it `value`.
    Known,
    /// Digits, true or false: no quotation marks in JSON.
    Bare,
    /// Said by its presence: true in JSON, an empty element in XML.
    Flag,
}

/// One key of a report. An attribute of XML and an element with nothing but text are the same thing.
#[derive(Default)]
pub(super) struct Node {
    pub key: String,
    /// Without the blanks around it.
    pub text: String,
    /// A number that lost digits on its way through a machine.
    pub rounded: bool,
    /// Lists in lists, deeper than anybody means.
    pub deep: bool,
    pub parts: Vec<Node>,
    pub form: Form,
}

impl Node {
    pub(super) fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), ..Self::default() }
    }

    pub(super) fn leaf(key: impl Into<String>, text: &str) -> Self {
        Self { text: text.trim().to_owned(), ..Self::new(key) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.parts.is_empty() && !self.deep
    }

    /// Is it a report, or a list of some, wherever it stands?
    pub(super) fn is_report(&self) -> bool {
        self.key == "report" && !self.parts.is_empty()
    }

    /// Where its own text stands: in it, or, as JSON writes what has parts too, under `value`.
    pub(super) fn said(&self) -> Option<&Self> {
        let own = Some(self).filter(|n| !n.text.is_empty());
        own.or_else(|| self.parts.iter().find(|p| p.key == "value" && !p.text.is_empty()))
    }

    /// The first part under a key.
    pub(super) fn part(&self, key: &str) -> Option<&Self> {
        self.parts.iter().find(|p| p.key == key)
    }
}

/// May it be a key? Letters, digits, `_` and `-`, so that XML can say it and a label can hold it.
pub(super) fn is_key(key: &str) -> bool {
    let first = key.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && key.len() <= 64 && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// The reports of a file: what stands at its top, or inside it. Of what stands beside them, gives whether something
/// would be lost with it: text, or a report under another name. How a download names and dates itself is no report's.
pub(super) fn reports(top: Vec<Node>) -> (Vec<Node>, bool) {
    let holds = |n: &Node| n.part("report").is_some() && n.part("reportId").is_none();
    let mut all = Vec::new();
    let mut stray = false;
    for node in top {
        if holds(&node) {
            stray |= !node.text.is_empty();
            for part in node.parts {
                stray |= part.key != "report" && part.part("reportId").is_some();
                all.extend(Some(part).filter(|p| p.key == "report"));
            }
        } else if node.key == "report" {
            all.push(node);
        }
    }
    (all, stray)
}
