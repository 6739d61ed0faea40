//! A report as a tree, and the two forms it is written in.
//!
//! One tree, two writers, so that JSON and XML say the same thing. The writers are by hand on purpose: what a reader
//! is tested with must not come from the library that the reader uses.

use std::borrow::Cow;

/// A text that is often one of a few constants.
pub(super) type Text = Cow<'static, str>;

/// A piece of a report. In an [`Node::Object`] a key that begins with `@` is an attribute in XML, and `#` is the
/// text beside attributes: `{"hashType": "MD5", "value": ".."}` in JSON, `<originalFileHash hashType="MD5">` in XML.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Named parts, in the order of the published schema.
    Object(Vec<(&'static str, Node)>),
    /// Several of one name: an array in JSON, repeated elements in XML.
    List(Vec<Node>),
    /// A text.
    Text(Text),
    /// A text that XML wraps as CDATA.
    Raw(String),
    /// A number; JSON writes it bare.
    Number(u64),
    /// True or false.
    Flag(bool),
    /// A flag that is there or not: `true` in JSON, an empty element in XML.
    Mark,
    /// JSON's null; nothing in XML.
    Null,
}

impl Node {
    /// A text.
    pub(super) fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }
}

/// How a sender's software writes JSON and XML: both spellings mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// As they are, in UTF-8.
    Plain,
    /// What is not ASCII as an escape or a character reference.
    Escaped,
}

/// Writes a tree as JSON.
pub(super) fn json(node: &Node, letters: Letters, out: &mut String) {
    match node {
        Node::Object(parts) => {
            out.push('{');
            for (n, (key, part)) in parts.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push('"');
                out.push_str(if *key == "#" { "value" } else { key.trim_start_matches('@') });
                out.push_str("\":");
                json(part, letters, out);
            }
            out.push('}');
        }
        Node::List(parts) => {
            out.push('[');
            for (n, part) in parts.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                json(part, letters, out);
            }
            out.push(']');
        }
        Node::Text(text) => json_text(text, letters, out),
        Node::Raw(text) => json_text(text, letters, out),
        Node::Number(n) => out.push_str(&n.to_string()),
        Node::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Node::Mark => out.push_str("true"),
        Node::Null => out.push_str("null"),
    }
}

fn json_text(text: &str, letters: Letters, out: &mut String) {
    out.push('"');
    let plain = |c: char| c >= ' ' && c != '"' && c != '\\' && (letters == Letters::Plain || c.is_ascii());
    // Most texts need no escape; bytes tell that soonest.
    let easy = |b: u8| b >= b' ' && b != b'"' && b != b'\\' && (letters == Letters::Plain || b.is_ascii());
    if text.bytes().all(easy) {
        out.push_str(text);
    } else {
        for c in text.chars() {
            match c {
                c if plain(c) => out.push(c),
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
            }
        }
    }
    out.push('"');
}

/// Writes a tree as the element `name`.
pub(super) fn xml(name: &str, node: &Node, letters: Letters, out: &mut String) {
    match node {
        Node::List(parts) => parts.iter().for_each(|part| xml(name, part, letters, out)),
        Node::Null => {}
        Node::Object(parts) => {
            out.push('<');
            out.push_str(name);
            for (key, part) in parts {
                if let Some(attribute) = key.strip_prefix('@') {
                    out.push(' ');
                    out.push_str(attribute);
                    out.push_str("=\"");
                    xml_text(part, letters, out);
                    out.push('"');
                }
            }
            if parts.iter().all(|(key, _)| key.starts_with('@')) {
                out.push_str("/>");
                return;
            }
            out.push('>');
            for (key, part) in parts.iter().filter(|(key, _)| !key.starts_with('@')) {
                if *key == "#" { xml_text(part, letters, out) } else { xml(key, part, letters, out) }
            }
            close(name, out);
        }
        Node::Mark => {
            out.push('<');
            out.push_str(name);
            out.push_str("/>");
        }
        Node::Text(_) | Node::Raw(_) | Node::Number(_) | Node::Flag(_) => {
            out.push('<');
            out.push_str(name);
            out.push('>');
            xml_text(node, letters, out);
            close(name, out);
        }
    }
}

fn close(name: &str, out: &mut String) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn xml_text(node: &Node, letters: Letters, out: &mut String) {
    match node {
        Node::Raw(text) => {
            out.push_str("<![CDATA[");
            // The one thing CDATA cannot hold is its own end.
            out.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
            out.push_str("]]>");
        }
        Node::Text(text) if text.bytes().all(|b| b.is_ascii() && !b"<>&\"'".contains(&b)) => out.push_str(text),
        Node::Text(text) => {
            for c in text.chars() {
                match c {
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '&' => out.push_str("&amp;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str("&#39;"),
                    c if c.is_ascii() || letters == Letters::Plain => out.push(c),
                    c => out.push_str(&format!("&#x{:X};", u32::from(c))),
                }
            }
        }
        Node::Number(n) => out.push_str(&n.to_string()),
        Node::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Node::Object(_) | Node::List(_) | Node::Mark | Node::Null => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(node: &Node, letters: Letters) -> (String, String) {
        let (mut j, mut x) = (String::new(), String::new());
        json(node, letters, &mut j);
        xml("r", node, letters, &mut x);
        (j, x)
    }

    #[test]
    fn one_tree_reads_the_same_in_both_forms() {
        let hash = Node::Object(vec![("@hashType", Node::text("MD5")), ("#", Node::text("00"))]);
        let tree = Node::Object(vec![
            ("url", Node::List(vec![Node::text("a"), Node::text("b")])),
            ("originalFileHash", hash),
            ("sextortion", Node::Mark),
            ("port", Node::Number(7)),
            ("none", Node::Null),
        ]);
        let (j, x) = both(&tree, Letters::Plain);
        assert_eq!(
            j,
            r#"{"url":["a","b"],"originalFileHash":{"hashType":"MD5","value":"00"},"sextortion":true,"port":7,"none":null}"#
        );
        assert_eq!(
            x,
            "<r><url>a</url><url>b</url><originalFileHash hashType=\"MD5\">00</originalFileHash><sextortion/><port>7</port></r>"
        );
    }

    #[test]
    fn what_would_end_a_text_early_is_escaped() {
        let (j, x) = both(&Node::text("a\"<&>'\\\n"), Letters::Plain);
        assert_eq!(j, "\"a\\\"<&>'\\\\\\n\"");
        assert_eq!(x, "<r>a&quot;&lt;&amp;&gt;&#39;\\\n</r>");
        assert_eq!(both(&Node::Raw("x]]>y".into()), Letters::Plain).1, "<r><![CDATA[x]]]]><![CDATA[>y]]></r>");
    }

    #[test]
    fn letters_beyond_ascii_have_two_spellings() {
        let (j, x) = both(&Node::text("é😀"), Letters::Escaped);
        assert_eq!((j.as_str(), x.as_str()), ("\"\\u00e9\\ud83d\\ude00\"", "<r>&#xE9;&#x1F600;</r>"));
        assert_eq!(both(&Node::text("é"), Letters::Plain).0, "\"é\"");
    }
}
