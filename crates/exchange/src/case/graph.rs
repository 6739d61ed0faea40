//! The nodes of a CASE file, with only those properties that are read: a password, an unlock code or the text of a
//! message never gets this far.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::context::Context;

/// Every property that is read, by its word in the ontology. What is not here is not kept.
const READ: [&str; 44] = [
    "ICCID",
    "IMEI",
    "IMSI",
    "MSISDN",
    "accountIdentifier",
    "accountIssuer",
    "accountLogin",
    "addressValue",
    "application",
    "applicationIdentifier",
    "bcc",
    "birthdate",
    "cc",
    "destinationPort",
    "dst",
    "emailAddress",
    "endTime",
    "familyName",
    "firstLoginTime",
    "from",
    "fullValue",
    "givenName",
    "hasFacet",
    "hash",
    "hashMethod",
    "hashValue",
    "kindOfRelationship",
    "lastLoginTime",
    "name",
    "owner",
    "participant",
    "phoneNumber",
    "receivedTime",
    "sender",
    "sentTime",
    "serialNumber",
    "source",
    "sourcePort",
    "src",
    "startTime",
    "target",
    "to",
    "value",
    "xOriginatingIP",
];

/// Every type that means something here, by its word.
const TYPES: [&str; 30] = [
    "AccountFacet",
    "ApplicationAccountFacet",
    "ApplicationFacet",
    "BirthInformationFacet",
    "BluetoothAddressFacet",
    "CallFacet",
    "ContentDataFacet",
    "DeviceFacet",
    "DigitalAccountFacet",
    "DomainNameFacet",
    "EmailAccountFacet",
    "EmailAddressFacet",
    "EmailMessageFacet",
    "HashFacet",
    "IPAddressFacet",
    "IPv4AddressFacet",
    "IPv6AddressFacet",
    "MACAddressFacet",
    "MessageFacet",
    "MobileAccountFacet",
    "MobileDeviceFacet",
    "NetworkConnectionFacet",
    "PhoneAccountFacet",
    "SIMCardFacet",
    "SimpleNameFacet",
    "Subject",
    "URLFacet",
    "Victim",
    "WifiAddressFacet",
    "Witness",
];

/// One value of a property.
pub(super) enum Item {
    /// Text, or a whole number in its digits.
    Text(String),
    /// A number that was rounded on its way through a machine.
    Rounded,
    /// A node written in place.
    Node(usize),
    /// A node by name.
    Named(String),
}

/// One node: all that the file says of one `@id`, wherever it says it.
#[derive(Default)]
pub(super) struct Node {
    /// Where it stood first (RFC 6901).
    pub pointer: String,
    /// False when the file only names it: a person known by their relationships alone.
    pub is_written: bool,
    types: Vec<&'static str>,
    items: HashMap<&'static str, Vec<Item>>,
}

impl Node {
    pub(super) fn is(&self, word: &str) -> bool {
        self.types.contains(&word)
    }

    pub(super) fn items(&self, property: &str) -> &[Item] {
        self.items.get(property).map(Vec::as_slice).unwrap_or_default()
    }

    /// The texts of a property, trimmed, without empty ones.
    pub(super) fn texts(&self, property: &str) -> impl Iterator<Item = &str> {
        self.items(property).iter().filter_map(|item| match item {
            Item::Text(text) => Some(text.trim()).filter(|t| !t.is_empty()),
            _ => None,
        })
    }
}

/// The whole file as nodes, in its order.
pub(super) struct Graph {
    nodes: Vec<Node>,
    by_id: HashMap<String, usize>,
    owners: HashMap<usize, Vec<usize>>,
    facets: HashMap<(usize, &'static str), Vec<usize>>,
    /// Does any name belong to UCO or CASE?
    pub is_case: bool,
}

impl Graph {
    pub(super) fn build(file: &Value) -> Self {
        let mut builder = Builder::default();
        builder.value(file, &Rc::new(Context::default()), None);
        let Builder { mut nodes, mut by_id, is_case, .. } = builder;
        let mut named = Vec::new();
        for item in nodes.iter().flat_map(|n| n.items.values().flatten()) {
            if let Item::Named(id) = item
                && !by_id.contains_key(id)
            {
                by_id.insert(id.clone(), nodes.len() + named.len());
                named.push(Node::default());
            }
        }
        nodes.append(&mut named);
        let mut graph = Self { nodes, by_id, owners: HashMap::new(), facets: HashMap::new(), is_case };
        for owner in 0..graph.nodes.len() {
            let facets: Vec<_> = graph.nodes_of(owner, "hasFacet").collect();
            for facet in facets {
                graph.owners.entry(facet).or_default().push(owner);
                for word in graph.node(facet).map(|n| n.types.clone()).unwrap_or_default() {
                    graph.facets.entry((owner, word)).or_default().push(facet);
                }
            }
        }
        graph
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate()
    }

    pub(super) fn node(&self, at: usize) -> Option<&Node> {
        self.nodes.get(at)
    }

    /// The nodes a property leads to.
    pub(super) fn nodes_of(&self, at: usize, property: &str) -> impl Iterator<Item = usize> {
        let items = self.node(at).map(|n| n.items(property)).unwrap_or_default();
        items.iter().filter_map(|item| self.resolve(item))
    }

    pub(super) fn resolve(&self, item: &Item) -> Option<usize> {
        match item {
            Item::Node(at) => Some(*at),
            Item::Named(id) => self.by_id.get(id).copied(),
            Item::Text(_) | Item::Rounded => None,
        }
    }

    /// The objects that have this facet.
    pub(super) fn owners(&self, facet: usize) -> &[usize] {
        self.owners.get(&facet).map(Vec::as_slice).unwrap_or_default()
    }

    /// The facets of one type that an object has.
    pub(super) fn facets(&self, object: usize, word: &'static str) -> &[usize] {
        self.facets.get(&(object, word)).map(Vec::as_slice).unwrap_or_default()
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    by_id: HashMap<String, usize>,
    path: String,
    is_case: bool,
}

impl Builder {
    /// Walks a value; what it says goes to `out` when somebody wants it. serde_json lets no file nest deeper than 128.
    fn value(&mut self, value: &Value, context: &Rc<Context>, mut out: Option<&mut Vec<Item>>) {
        match value {
            Value::Null => {}
            Value::Array(list) => {
                for (i, one) in list.iter().enumerate() {
                    let back = self.enter(&i.to_string());
                    self.value(one, context, out.as_deref_mut());
                    self.path.truncate(back);
                }
            }
            Value::Object(map) => {
                if let Some(item) = self.object(map, context, out.as_deref_mut())
                    && let Some(out) = out
                {
                    out.push(item);
                }
            }
            scalar => {
                if let Some(out) = out {
                    out.push(match scalar {
                        Value::String(text) => Item::Text(text.clone()),
                        Value::Number(n) if n.is_f64() => Item::Rounded,
                        other => Item::Text(other.to_string()),
                    });
                }
            }
        }
    }

    fn object(
        &mut self,
        map: &Map<String, Value>,
        outer: &Rc<Context>,
        mut out: Option<&mut Vec<Item>>,
    ) -> Option<Item> {
        let context = map.get("@context").map_or_else(|| Rc::clone(outer), |given| Context::inside(outer, given));
        let keyword = |wanted: &str| map.iter().find(|(k, _)| context.keyword(k) == Some(wanted));
        for wrapper in ["@value", "@list", "@set"] {
            if let Some((key, inner)) = keyword(wrapper) {
                let back = self.enter(key);
                self.value(inner, &context, out.as_deref_mut());
                self.path.truncate(back);
                return None;
            }
        }
        let id = keyword("@id").and_then(|(_, v)| v.as_str()).map(|text| context.id(text));
        if let Some(id) = &id
            && map.keys().all(|k| matches!(context.keyword(k), Some("@id" | "@context")))
        {
            return Some(Item::Named(id.clone()));
        }
        let at = self.node_for(id);
        for (key, value) in map {
            match context.keyword(key) {
                Some("@id" | "@context") => {}
                Some("@type") => self.types(at, value, &context),
                _ => self.property(at, key, value, &context),
            }
        }
        Some(Item::Node(at))
    }

    fn node_for(&mut self, id: Option<String>) -> usize {
        let next = self.nodes.len();
        let at = id.map_or(next, |id| *self.by_id.entry(id).or_insert(next));
        if at == next {
            self.nodes.push(Node { pointer: self.path.clone(), is_written: true, ..Node::default() });
        }
        at
    }

    fn types(&mut self, at: usize, value: &Value, context: &Context) {
        let list = value.as_array().map(Vec::as_slice).unwrap_or_else(|| std::slice::from_ref(value));
        for word in list.iter().filter_map(|t| context.word(t.as_str()?)) {
            self.is_case = true;
            if let Some(known) = TYPES.into_iter().find(|known| *known == word)
                && let Some(node) = self.nodes.get_mut(at)
                && !node.is(known)
            {
                node.types.push(known);
            }
        }
    }

    fn property(&mut self, at: usize, key: &str, value: &Value, context: &Rc<Context>) {
        let word = context.word(key);
        self.is_case |= word.is_some();
        let read = word.and_then(|w| READ.into_iter().find(|known| *known == w));
        let mut items = Vec::new();
        let back = self.enter(key);
        self.value(value, context, read.is_some().then_some(&mut items));
        self.path.truncate(back);
        if let (Some(read), Some(node)) = (read, self.nodes.get_mut(at)) {
            node.items.entry(read).or_default().append(&mut items);
        }
    }

    /// One step down a JSON pointer; gives the length to go back to.
    fn enter(&mut self, step: &str) -> usize {
        let back = self.path.len();
        self.path.push('/');
        self.path.push_str(&step.replace('~', "~0").replace('/', "~1"));
        back
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_node_is_one_wherever_it_is_written() {
        let graph = Graph::build(&json!({
            "@context": { "kb": "http://example.org/kb/" },
            "@graph": [
                { "@id": "kb:a", "uco-core:name": ["one", { "@value": "two" }] },
                { "@id": "http://example.org/kb/a", "uco-core:name": { "@list": ["three", 4, 5.5, null, ""] } },
                { "@id": "kb:b", "https://ontology.unifiedcyberontology.org/uco/core/hasFacet":
                    { "@type": ["uco-observable:URLFacet", "x:Y"] }, "uco-core:owner": { "@id": "kb:a" } },
            ]
        }));
        let (a, node) = graph.nodes().find(|(_, n)| n.pointer == "/@graph/0").unwrap();
        assert_eq!(node.texts("name").collect::<Vec<_>>(), ["one", "two", "three", "4"]);
        assert!(matches!(node.items("name")[4], Item::Rounded));
        let (b, _) = graph.nodes().find(|(_, n)| n.pointer == "/@graph/2").unwrap();
        assert_eq!(graph.nodes_of(b, "owner").collect::<Vec<_>>(), [a]);
        let (facet, node) = graph.nodes().find(|(_, n)| n.is("URLFacet")).unwrap();
        assert_eq!(node.pointer, "/@graph/2/https:~1~1ontology.unifiedcyberontology.org~1uco~1core~1hasFacet");
        assert_eq!(graph.owners(facet), [b]);
        assert!(graph.is_case);
    }

    #[test]
    fn secrets_and_texts_of_messages_are_not_kept() {
        let graph = Graph::build(&json!([{ "uco-observable:password": "p", "uco-observable:keypadUnlockCode": "1",
            "uco-observable:messageText": "t", "uco-observable:PIN": "1", "uco-observable:PUK": "2",
            "uco-observable:fileName": "f", "uco-observable:filePath": "g" }]));
        assert!(graph.nodes().all(|(_, n)| n.items.is_empty()));
    }
}
