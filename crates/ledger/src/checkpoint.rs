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
