//! Salted digests: of an event (its leaf), of a sealed row, of a security row.
//!
//! The salt is the event's: 32 random bytes kept beside its body and removed with it at purge. After that nobody can
//! confirm a guess at what was said, and the leaf hash alone remains.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::tree::Hash;

/// The hash of an event's leaf: SHA-256(0x00 || salt || encoded).
pub fn leaf_hash(salt: &[u8; 32], encoded: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(salt).chain_update(encoded).finalize().into()
}

/// SHA-256 over parts, each after its length in eight bytes, so that parts cannot run together.
struct Parts(Sha256);

impl Parts {
    fn new(domain: &str) -> Self {
        Self(Sha256::new()).part(domain.as_bytes())
    }

    fn part(mut self, bytes: &[u8]) -> Self {
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
        self
    }

    fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// The digest that binds a sealed row to its event: its name and clear bytes under the event's salt.
pub fn bind_digest(salt: &[u8; 32], what: &str, clear: &[u8]) -> [u8; 32] {
    Parts::new("concord.bind/1").part(salt).part(what.as_bytes()).part(clear).end()
}

/// One value of a security row, as both databases hold it.
#[derive(Clone, PartialEq, Eq)]
pub enum Column {
    /// An integer.
    Int(i64),
    /// An integer or NULL.
    MaybeInt(Option<i64>),
    /// A truth value; SQLite keeps it as 0 or 1, so it has its own kind here.
    Bool(bool),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Bytes or NULL.
    MaybeBytes(Option<Vec<u8>>),
}

impl fmt::Debug for Column {
    /// Only the kind: values may be content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Int(_) => "Int(..)",
            Self::MaybeInt(_) => "MaybeInt(..)",
            Self::Bool(_) => "Bool(..)",
            Self::Text(_) => "Text(..)",
            Self::Bytes(_) => "Bytes(..)",
            Self::MaybeBytes(_) => "MaybeBytes(..)",
        })
    }
}

impl Column {
    /// The value's kind and bytes. NULL has a kind of its own, so it is not an empty value or a zero.
    fn add(&self, parts: Parts) -> Parts {
        match self {
            Self::Int(n) | Self::MaybeInt(Some(n)) => parts.part(b"int").part(&n.to_be_bytes()),
            Self::MaybeInt(None) | Self::MaybeBytes(None) => parts.part(b"null").part(&[]),
            Self::Bool(b) => parts.part(b"bool").part(&[u8::from(*b)]),
            Self::Text(text) => parts.part(b"text").part(text.as_bytes()),
            Self::Bytes(bytes) | Self::MaybeBytes(Some(bytes)) => parts.part(b"bytes").part(bytes),
        }
    }
}

/// The digest of a security row under the salt of the event that wrote it. The order of the columns does not matter;
/// their names do. No columns at all stand for "no such row".
pub fn row_digest(salt: &[u8; 32], table: &str, key: &[u8], version: i64, columns: &[(&str, Column)]) -> [u8; 32] {
    let mut columns: Vec<_> = columns.iter().collect();
    columns.sort_by_key(|(name, _)| *name);
    let head = Parts::new("concord.row/1").part(salt).part(table.as_bytes()).part(key).part(&version.to_be_bytes());
    columns.into_iter().fold(head, |parts, (name, value)| value.add(parts.part(name.as_bytes()))).end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_the_rfc_leaf_of_salt_and_event() {
        let data = [[7; 32].as_slice(), b"event"].concat();
        assert_eq!(leaf_hash(&[7; 32], b"event"), crate::tree::leaf(&data));
    }

    #[test]
    fn a_bind_depends_on_salt_name_text_and_where_they_end() {
        let digest = bind_digest(&[1; 32], "answer", b"text");
        assert_ne!(digest, bind_digest(&[2; 32], "answer", b"text"));
        assert_ne!(digest, bind_digest(&[1; 32], "answe", b"rtext"));
        assert_ne!(digest, bind_digest(&[1; 32], "answer", b"Text"));
    }

    #[test]
    fn a_row_depends_on_every_part_but_not_on_column_order() {
        let (int, text) = (("a", Column::Int(1)), ("b", Column::Text("x".into())));
        let row =
            |table, key: &[u8], version, columns: &[(&str, Column)]| row_digest(&[1; 32], table, key, version, columns);
        let digest = row("t", b"k", 1, &[int.clone(), text.clone()]);
        assert_eq!(digest, row("t", b"k", 1, &[text.clone(), int.clone()]));
        assert_ne!(digest, row("u", b"k", 1, &[int.clone(), text.clone()]));
        assert_ne!(digest, row("t", b"j", 1, &[int.clone(), text.clone()]));
        assert_ne!(digest, row("t", b"k", 2, &[int.clone(), text.clone()]));
        assert_ne!(digest, row("t", b"k", 1, std::slice::from_ref(&int)));
        assert_ne!(digest, row("t", b"k", 1, &[("b", Column::Int(1)), ("a", Column::Text("x".into()))]));
        assert_ne!(digest, row("t", b"k", 1, &[int, ("b", Column::Bytes(b"x".to_vec()))]));
        let null = row("t", b"k", 1, &[("a", Column::MaybeInt(None))]);
        assert_ne!(null, row("t", b"k", 1, &[("a", Column::MaybeInt(Some(0)))]));
        assert_ne!(null, row("t", b"k", 1, &[("a", Column::MaybeBytes(Some(Vec::new())))]));
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", Column::Text("secret".into())), "Text(..)");
    }
}
