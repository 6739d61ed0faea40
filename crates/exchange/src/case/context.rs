//! JSON-LD names: from a prefix, a term or a full IRI to the plain word of the ontology (JSON-LD 1.1, 4.1 and 4.4).

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

/// A term may be defined by a term; further than this it goes in a circle.
const MOST_STEPS: u8 = 8;

/// The names in force at one place of the file.
#[derive(Default)]
pub(super) struct Context {
    terms: HashMap<String, String>,
    vocab: Option<String>,
    outer: Option<Rc<Context>>,
}

impl Context {
    /// The names after an `@context`. One that stands elsewhere on the web is not fetched: the prefixes every
    /// CASE file uses are known without it.
    pub(super) fn inside(outer: &Rc<Self>, given: &Value) -> Rc<Self> {
        let mut context = Self { outer: Some(Rc::clone(outer)), ..Self::default() };
        match given {
            Value::Array(list) => list.iter().for_each(|one| context.take(one)),
            one => context.take(one),
        }
        Rc::new(context)
    }

    fn take(&mut self, given: &Value) {
        for (term, meaning) in given.as_object().into_iter().flatten() {
            let Some(iri) = meaning.as_str().or_else(|| meaning.get("@id")?.as_str()) else { continue };
            match term.as_str() {
                "@vocab" => self.vocab = Some(iri.to_owned()),
                _ => drop(self.terms.insert(term.clone(), iri.to_owned())),
            }
        }
    }

    fn term(&self, name: &str) -> Option<&str> {
        let mut at = Some(self);
        while let Some(context) = at {
            if let Some(iri) = context.terms.get(name) {
                return Some(iri);
            }
            at = context.outer.as_deref();
        }
        None
    }

    fn vocab(&self) -> Option<&str> {
        let mut at = Some(self);
        while let Some(context) = at {
            if context.vocab.is_some() {
                return context.vocab.as_deref();
            }
            at = context.outer.as_deref();
        }
        None
    }

    /// A keyword itself, or the one a term stands for ("id" for "@id").
    pub(super) fn keyword<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        if key.starts_with('@') {
            return Some(key);
        }
        self.term(key).filter(|iri| iri.starts_with('@'))
    }

    /// The name of a node in full, so that "kb:x" and its IRI are one node.
    pub(super) fn id(&self, text: &str) -> String {
        self.prefixed(text, MOST_STEPS).unwrap_or_else(|| text.to_owned())
    }

    /// The ontology's word for a type or a property; `None` when it is not of UCO or CASE.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        let iri = self.full(name, MOST_STEPS)?;
        word_of(&iri).map(str::to_owned)
    }

    fn full(&self, name: &str, steps: u8) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        if let Some(iri) = self.term(name) {
            return if iri == name { Some(iri.to_owned()) } else { self.full(iri, steps) };
        }
        if name.contains(':') {
            return self.prefixed(name, steps).or_else(|| Some(name.to_owned()));
        }
        self.vocab().map(|vocab| format!("{}{name}", self.id_of_vocab(vocab, steps)))
    }

    fn id_of_vocab(&self, vocab: &str, steps: u8) -> String {
        self.prefixed(vocab, steps).unwrap_or_else(|| vocab.to_owned())
    }

    fn prefixed(&self, name: &str, steps: u8) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        let (prefix, local) = name.split_once(':')?;
        if local.starts_with("//") {
            return None;
        }
        let base = match self.term(prefix) {
            Some(iri) => self.prefixed(iri, steps).unwrap_or_else(|| iri.to_owned()),
            None => customary(prefix)?,
        };
        Some(format!("{base}{local}"))
    }
}

/// The prefixes of the ontologies' own examples, for files whose context is missing or elsewhere.
fn customary(prefix: &str) -> Option<String> {
    if let Some(module) = prefix.strip_prefix("uco-") {
        return Some(format!("https://ontology.unifiedcyberontology.org/uco/{module}/"));
    }
    let module = prefix.strip_prefix("case-")?;
    Some(format!("https://ontology.caseontology.org/case/{module}/"))
}

/// The last part of an IRI of UCO or CASE, in the old spellings and the new.
fn word_of(iri: &str) -> Option<&str> {
    let rest = iri.strip_prefix("https://").or_else(|| iri.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    let ours = ["unifiedcyberontology.org", "caseontology.org"]
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')));
    let (_, word) = path.rsplit_once(['/', '#'])?;
    (ours && !word.is_empty()).then_some(word)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn context(given: Value) -> Rc<Context> {
        Context::inside(&Rc::new(Context::default()), &given)
    }

    #[test]
    fn a_word_is_known_under_any_prefix_and_in_full() {
        let new = "https://ontology.unifiedcyberontology.org/uco/observable/";
        let c = context(json!([
            "https://example.org/remote",
            { "o": new, "old": "http://unifiedcyberontology.org/ontology/uco/observable#", "phone": "o:phoneNumber",
              "mail": {"@id": "o:addressValue"}, "id": "@id", "uco-core": "http://example.org/mine/" }
        ]));
        for name in ["o:phoneNumber", "old:phoneNumber", "phone", "uco-observable:phoneNumber"] {
            assert_eq!(c.word(name).as_deref(), Some("phoneNumber"), "{name}");
        }
        assert_eq!(c.word(&format!("{new}phoneNumber")).as_deref(), Some("phoneNumber"));
        assert_eq!(c.word("mail").as_deref(), Some("addressValue"));
        assert_eq!(c.keyword("id"), Some("@id"));
        for foreign in ["uco-core:name", "phoneNumber", "https://notunifiedcyberontology.org/uco/core/name", "x:name"] {
            assert_eq!(c.word(foreign), None, "{foreign}");
        }
        let vocab = context(json!({ "@vocab": new }));
        assert_eq!(vocab.word("phoneNumber").as_deref(), Some("phoneNumber"));
    }

    #[test]
    fn an_inner_context_hides_an_outer_one_and_circles_end() {
        let outer = context(json!({ "k": "http://example.org/kb/", "a": "b:x", "b": "a:x" }));
        let inner = Context::inside(&outer, &json!({ "k": "http://example.org/other/" }));
        assert_eq!(outer.id("k:1"), "http://example.org/kb/1");
        assert_eq!(inner.id("k:1"), "http://example.org/other/1");
        assert_eq!(inner.word("a"), None);
        assert!(outer.id("a:1").len() < 200);
    }
}
