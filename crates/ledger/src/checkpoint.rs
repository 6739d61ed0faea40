//! The signed head of the tree (C2SP tlog-checkpoint): origin, size and root in a note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::note::{self, NoteError, SigningKey, VerifierKey};
use crate::tree::Hash;

/// What the log says of itself: "my first `size` leaves have this `root`".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name; equal to the name of the key that signs.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed: three lines.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The signed note. Who signs must know that it continues every checkpoint signed before.
    ///
    /// # Errors
    /// [`NoteError::Origin`] when the origin is not the key's name.
    pub fn sign(&self, key: &SigningKey) -> Result<String, NoteError> {
        if self.origin != key.name() {
            return Err(NoteError::Origin);
        }
        note::sign(&self.text(), key)
    }

    /// Reads a checkpoint that this key signed. Extension lines are signed, allowed and ignored.
    ///
    /// # Errors
    /// [`NoteError`]: the note's form, its signature, or the line that does not read.
    pub fn open(text: &str, key: &VerifierKey) -> Result<Self, NoteError> {
        let body = note::open(text, key)?;
        let mut lines = body.strip_suffix('\n').unwrap_or(body).split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(NoteError::Checkpoint("origin"))?;
        let size = lines.next().and_then(read_size).ok_or(NoteError::Checkpoint("size"))?;
        let root = lines.next().and_then(read_root).ok_or(NoteError::Checkpoint("root"))?;
        if lines.any(str::is_empty) {
            return Err(NoteError::Checkpoint("extension"));
        }
        if origin != key.name() {
            return Err(NoteError::Origin);
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// Decimal digits without sign or leading zero.
fn read_size(line: &str) -> Option<u64> {
    let size: u64 = line.parse().ok()?;
    (size.to_string() == line).then_some(size)
}

fn read_root(line: &str) -> Option<Hash> {
    STANDARD.decode(line).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn open(lines: &str) -> Result<u64, NoteError> {
        let key = SigningKey::from_seed("example.org/log", &[1; 32]).unwrap();
        let note = note::sign(&lines.replace("ROOT", ROOT), &key).unwrap();
        Checkpoint::open(&note, &key.verifier()).map(|checkpoint| checkpoint.size)
    }

    #[test]
    fn a_signed_text_is_a_checkpoint_only_in_its_one_form() {
        assert_eq!(open("example.org/log\n3\nROOT\n"), Ok(3));
        assert_eq!(open("example.org/log\n0\nROOT\n"), Ok(0));
        assert_eq!(open("example.org/log\n3\nROOT\nextension\n"), Ok(3));
        for size in ["", "03", "+3", "-3", "3 ", "3.0", "x", "18446744073709551616"] {
            let text = format!("example.org/log\n{size}\nROOT\n");
            assert_eq!(open(&text), Err(NoteError::Checkpoint("size")), "{size}");
        }
        for root in ["", "AAAA", "ROOTA", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV="] {
            let text = format!("example.org/log\n3\n{root}\nextension\n");
            assert_eq!(open(&text), Err(NoteError::Checkpoint("root")), "{root}");
        }
        assert_eq!(open("example.org/log\n3\n"), Err(NoteError::Checkpoint("root")));
        assert_eq!(open("example.org/log\n3\nROOT\n\nextension\n"), Err(NoteError::Checkpoint("extension")));
        assert_eq!(open("\n3\nROOT\n"), Err(NoteError::Checkpoint("origin")));
        assert_eq!(open("example.org/other\n3\nROOT\n"), Err(NoteError::Origin));
    }

    #[test]
    fn only_a_text_that_ends_with_a_newline_is_signed() {
        let key = SigningKey::from_seed("example.org/log", &[1; 32]).unwrap();
        for text in ["", "a", "a\r\n", "\n", "a\n\u{2014} b AAAAAAAA"] {
            assert!(matches!(note::sign(text, &key), Err(NoteError::Form(_))), "{text}");
        }
    }
}
