//! JSON: an object for a report; a list is one value or an array. A key that stands twice is a list too.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::tree::{Form, Node};

/// The text of a part that has parts as well.
const TEXT: &str = "#text";

/// Most lists that stand in each other without a key: a list in a list says no more than a list.
const MOST_LISTS: usize = 8;

/// All values of a text, under one key.
pub(super) fn parse(text: &str) -> serde_json::Result<Vec<Node>> {
    let mut out = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    Under { key: "report", out: &mut out, lists: 0 }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(out)
}

/// Reads values and lays them under a key. serde_json lets nothing nest deeper than 128.
struct Under<'a> {
    key: &'a str,
    out: &'a mut Vec<Node>,
    /// How many lists it stands in, without a key between.
    lists: usize,
}

impl Under<'_> {
    fn text(self, text: &str) {
        self.out.push(Node::leaf(self.key, text));
    }
}

impl<'de> DeserializeSeed<'de> for Under<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Under<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<(), E> {
        self.text(if yes { "true" } else { "false" });
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.text(&number.to_string());
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.text(&number.to_string());
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.out.push(Node { rounded: true, ..Node::leaf(self.key, &number.to_string()) });
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.text(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let lists = self.lists + 1;
        if lists > MOST_LISTS {
            self.out.push(Node { deep: true, ..Node::new(self.key) });
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while list.next_element_seed(Under { key: self.key, out: &mut *self.out, lists })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut node = Node::new(self.key);
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(Under { key: &key, out: &mut node.parts, lists: 0 })?;
        }
        let own = node.parts.iter().position(|p| p.key == TEXT && p.parts.is_empty());
        if let Some(at) = own {
            let own = node.parts.remove(at);
            (node.text, node.rounded) = (own.text, own.rounded);
        }
        self.out.push(node);
        Ok(())
    }
}

/// The report as one line of JSON.
pub(super) fn write(report: &Node) -> String {
    value(report).to_string()
}

fn value(node: &Node) -> Value {
    let text = match node.form {
        Form::Flag => return Value::Bool(true),
        Form::Bare => serde_json::from_str(&node.text).unwrap_or_else(|_| Value::from(node.text.as_str())),
        Form::Plain | Form::Known => Value::from(node.text.as_str()),
    };
    if node.parts.is_empty() && !node.text.is_empty() {
        return text;
    }
    let mut map = Map::new();
    if !node.text.is_empty() {
        map.insert(if node.form == Form::Plain { TEXT } else { "value" }.to_owned(), text);
    }
    for part in &node.parts {
        let value = value(part);
        match map.get_mut(&part.key) {
            None => drop(map.insert(part.key.clone(), value)),
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    Value::Object(map)
}
