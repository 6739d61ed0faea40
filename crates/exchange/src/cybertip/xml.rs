//! XML: an element for each key, attributes likewise; namespaces do not count. No document type, no entity but the
//! five of the language, no processing instruction inside: nothing can grow beyond the file.

use model::Problem;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::tree::{Form, Node};
use crate::decode::{Encoding, Lines};
use crate::problems::{at_line, of_file};

/// Deepest nesting, as in JSON.
const DEEPEST: usize = 128;
/// Most elements and attributes in one file: a tree takes far more memory than its text.
const MOST_NODES: usize = 1_000_000;
const EXPORT: &str = "export or send the report again, as XML or JSON";

/// Keys the API writes as attributes.
const ATTRIBUTES: [&str; 12] = [
    "accountType",
    "countryCallingCode",
    "extension",
    "fleaCountry",
    "hashType",
    "reason",
    "thirdPartyHostedContent",
    "thirdPartyUser",
    "timestamp",
    "type",
    "verificationDate",
    "verified",
];

/// The root element.
pub(super) fn parse(text: &str, encoding: Encoding) -> Result<Node, Problem> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { open: Vec::new(), root: None, count: 0, encoding, is_ascii: text.is_ascii() };
    loop {
        let refused = match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => tree.event(&event),
            Err(_) => Err(Refused("is not well-formed XML", EXPORT)),
        };
        if let Err(Refused(problem, cure)) = refused {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
            let line = Lines::new(text.as_bytes()).at(at.min(text.len()));
            return Err(at_line(line, "content", problem, cure));
        }
    }
    if !tree.open.is_empty() {
        return Err(of_file("content", "the XML ends early", "export or send the file again: a part is missing"));
    }
    tree.root.ok_or_else(|| of_file("content", "is XML without any element", EXPORT))
}

/// Why reading stopped, and the cure. The parser's own words are not used: they repeat names of the file.
struct Refused(&'static str, &'static str);

impl From<quick_xml::Error> for Refused {
    fn from(_: quick_xml::Error) -> Self {
        Self("is not well-formed XML", EXPORT)
    }
}

struct Tree {
    open: Vec<Node>,
    root: Option<Node>,
    count: usize,
    /// What the bytes were.
    encoding: Encoding,
    is_ascii: bool,
}

impl Tree {
    fn event(&mut self, event: &Event<'_>) -> Result<(), Refused> {
        match event {
            Event::Start(e) => self.start(e),
            Event::Empty(e) => {
                self.start(e)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(t) => self.text(&t.xml10_content().map_err(quick_xml::Error::from)?),
            Event::CData(t) => self.text(&t.xml10_content().map_err(quick_xml::Error::from)?),
            Event::GeneralRef(r) => self.reference(r),
            Event::DocType(_) => Err(Refused(
                "has a document type or defines entities",
                "give the report as it was downloaded, without <!DOCTYPE>",
            )),
            Event::PI(_) if self.open.is_empty() && self.root.is_none() => Ok(()),
            Event::PI(_) => Err(Refused("holds a processing instruction", "give the report as it was downloaded")),
            Event::Decl(d) => match d.encoding() {
                Some(Ok(name)) if !is_unicode(&name) => {
                    Err(Refused("says it is in an encoding other than UTF-8 and UTF-16", "save it as UTF-8"))
                }
                Some(Ok(name)) if !self.is_in(&name) => {
                    Err(Refused("says it is in another encoding than it is in", "save it once more, as UTF-8"))
                }
                Some(Err(_)) => Err(Refused("is not well-formed XML", EXPORT)),
                _ => Ok(()),
            },
            Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    /// Are the bytes in the encoding of this name? Two that disagree were changed on their way, and nobody knows by what.
    fn is_in(&self, name: &[u8]) -> bool {
        let says = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match self.encoding {
            Encoding::Utf8 => says("utf-8") || says("utf8") || (self.is_ascii && (says("us-ascii") || says("ascii"))),
            Encoding::Utf16Le => says("utf-16") || says("utf-16le"),
            Encoding::Utf16Be => says("utf-16") || says("utf-16be"),
        }
    }

    fn add(&mut self) -> Result<(), Refused> {
        self.count += 1;
        if self.count > MOST_NODES {
            return Err(Refused("holds more than 1000000 elements", "split it into smaller files"));
        }
        if self.open.len() > DEEPEST {
            return Err(Refused("nests deeper than 128 elements", "give the report as it was downloaded"));
        }
        Ok(())
    }

    fn start(&mut self, e: &BytesStart<'_>) -> Result<(), Refused> {
        if self.root.is_some() {
            return Err(Refused("has a second root element", "put the reports into one root element"));
        }
        self.add()?;
        let mut node = Node::new(name(e.local_name().as_ref())?);
        for attribute in e.attributes() {
            let attribute = attribute.map_err(quick_xml::Error::from)?;
            let (local, prefix) = attribute.key.decompose();
            let prefix = prefix.map(|p| p.into_inner().to_vec()).unwrap_or_default();
            let of_xml = local.as_ref() == b"xmlns" || matches!(prefix.as_slice(), b"xmlns" | b"xsi" | b"xml");
            if !of_xml {
                self.add()?;
                let value = attribute.normalized_value(XmlVersion::Explicit1_0)?;
                node.parts.push(Node::leaf(name(local.as_ref())?, &value));
            }
        }
        self.open.push(node);
        Ok(())
    }

    fn end(&mut self) {
        let Some(mut node) = self.open.pop() else { return };
        node.text = node.text.trim().to_owned();
        match self.open.last_mut() {
            Some(parent) => parent.parts.push(node),
            None => self.root = Some(node),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Refused> {
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(Refused("has text outside its root element", EXPORT)),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Refused> {
        if let Some(c) = reference.resolve_char_ref()? {
            return self.text(c.encode_utf8(&mut [0; 4]));
        }
        let name = reference.xml10_content().map_err(quick_xml::Error::from)?;
        match resolve_xml_entity(&name) {
            Some(text) => self.text(text),
            None => Err(Refused("uses an entity XML does not know", "write the text itself")),
        }
    }
}

fn name(bytes: &[u8]) -> Result<String, Refused> {
    String::from_utf8(bytes.to_vec()).map_err(|_| Refused("is not well-formed XML", EXPORT))
}

/// What we decode whole; ASCII is part of it.
fn is_unicode(name: &[u8]) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// The report as a document of its own.
pub(super) fn write(report: &Node) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    element(report, &mut out);
    out.push('\n');
    out
}

fn element(node: &Node, out: &mut String) {
    out.push('<');
    out.push_str(&node.key);
    let mut inside = Vec::new();
    let mut met: Vec<&str> = Vec::new();
    for part in &node.parts {
        let key = part.key.as_str();
        // Attributes are read before elements, so only the first of a key may be one.
        let first = ATTRIBUTES.contains(&key) && !met.contains(&key);
        met.extend(first.then_some(key));
        if first && part.parts.is_empty() {
            out.push_str(&format!(" {key}=\"{}\"", escaped(&part.text)));
        } else {
            inside.push(part);
        }
    }
    let text = if node.form == Form::Flag { "" } else { node.text.as_str() };
    if inside.is_empty() && text.is_empty() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    out.push_str(&escaped(text));
    inside.into_iter().for_each(|part| element(part, out));
    out.push_str(&format!("</{}>", node.key));
}

/// Safe in a text and in an attribute; line ends stay as they are (XML 1.0, 2.11 and 3.3.3).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c => out.push(c),
        }
    }
    out
}
