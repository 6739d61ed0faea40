//! Signed notes (C2SP signed-note) with Ed25519 keys, and statements signed apart from notes.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use sha2::{Digest, Sha256};

/// The signature type of plain Ed25519 in the C2SP registry.
const ED25519: u8 = 0x01;

/// More signature lines than this are refused (C2SP asks for 16 at least).
const MAX_LINES: usize = 100;

/// Why a note, key or signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// A key name that C2SP does not allow.
    #[error(
        "a key name must be 1 to 255 bytes without space, plus sign or control character; give the log's host and path"
    )]
    Name,
    /// Not a C2SP verifier key.
    #[error("not a verifier key of the form name+hexid+base64; copy it whole from where the log publishes it")]
    Key,
    /// The id in the key does not belong to its name and bytes.
    #[error(
        "the verifier key's id does not belong to its name and bytes; copy it whole from where the log publishes it"
    )]
    KeyId,
    /// The text is not laid out as a signed note.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// No signature of the key that was asked for.
    #[error("the note carries no signature of the key it is checked with")]
    NoSignature,
    /// A signature of the key does not fit the text.
    #[error("the signature does not verify: the text was changed, or another key signed it")]
    Signature,
    /// The note is signed, and is not a checkpoint.
    #[error("the signed text is not a checkpoint: its {0} does not read")]
    Checkpoint(&'static str),
    /// The checkpoint is of another log than the key.
    #[error("the checkpoint's origin is not the name of the key; one key signs for one log")]
    Origin,
}

/// A log's public key under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

impl VerifierKey {
    /// The key's name: the log's host and path without a scheme.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name || 0x0A || 0x01 || key).
    pub fn id(&self) -> [u8; 4] {
        let hash =
            Sha256::new().chain_update(&self.name).chain_update([b'\n', ED25519]).chain_update(self.key.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        hash.first_chunk().copied().unwrap_or_default()
    }

    /// Strict: no key or signature that lets one signature fit several texts (RFC 8032 section 8.9 and later work).
    fn check(&self, message: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        let signature = Signature::from_slice(signature).map_err(|_| NoteError::Signature)?;
        self.key.verify_strict(message, &signature).map_err(|_| NoteError::Signature)
    }

    /// Checks what [`SigningKey::sign_statement`] signed.
    ///
    /// # Errors
    /// [`NoteError::Signature`] when context, bytes, key and signature do not belong together.
    pub fn verify_statement(&self, context: &str, bytes: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        self.check(&statement(context, bytes), signature)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [[ED25519].as_slice(), self.key.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        check_name(name)?;
        let bytes = STANDARD.decode(key).map_err(|_| NoteError::Key)?;
        let Some((&ED25519, key)) = bytes.split_first() else { return Err(NoteError::Key) };
        let key = VerifyingKey::try_from(key).map_err(|_| NoteError::Key)?;
        if key.is_weak() {
            return Err(NoteError::Key);
        }
        let key = Self { name: name.to_owned(), key };
        if hex::encode(key.id()) == id { Ok(key) } else { Err(NoteError::KeyId) }
    }
}

/// A log's private key under its name. Its bytes are wiped when it is dropped.
pub struct SigningKey {
    name: String,
    key: ed25519_dalek::SigningKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// The key that grows from a 32-byte seed (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// [`NoteError::Name`] when the name may not stand in a note.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), key: ed25519_dalek::SigningKey::from_bytes(seed) })
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// Signs bytes that are not a note: `context` says what they are ("concord.receipt/1"). No signature made here
    /// fits a note or another context.
    pub fn sign_statement(&self, context: &str, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(&statement(context, bytes)).to_bytes()
    }
}

/// What is signed for a statement. The zero byte cannot stand in a note, so none can be taken for the other.
fn statement(context: &str, bytes: &[u8]) -> Vec<u8> {
    let length = u64::try_from(context.len()).unwrap_or(u64::MAX).to_be_bytes();
    [b"concord.statement/1\0".as_slice(), &length, context.as_bytes(), bytes].concat()
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.len() > 255 || name.contains(bad) { Err(NoteError::Name) } else { Ok(()) }
}

/// One signature line: the key's name, then its id with the signature.
type Line<'a> = (&'a str, Vec<u8>);

/// The text and the signature lines of a note.
fn parts(note: &str) -> Result<(&str, Vec<Line<'_>>), NoteError> {
    if note.contains(|c| c < ' ' && c != '\n') {
        return Err(NoteError::Form("it has a control character"));
    }
    let blank = note.rfind("\n\n").ok_or(NoteError::Form("it has no empty line"))?;
    let (text, rest) = note.split_at_checked(blank.saturating_add(1)).ok_or(NoteError::Form("it has no empty line"))?;
    let lines = rest.strip_prefix('\n').and_then(|rest| rest.strip_suffix('\n'));
    let lines = lines.ok_or(NoteError::Form("it does not end with a signature line"))?;
    if text == "\n" {
        return Err(NoteError::Form("it has no text"));
    }
    let signatures: Vec<_> =
        lines.split('\n').take(MAX_LINES.saturating_add(1)).map(signature_line).collect::<Result<_, _>>()?;
    if signatures.len() > MAX_LINES {
        return Err(NoteError::Form("it has more than 100 signatures"));
    }
    Ok((text, signatures))
}

/// Reads "— name base64".
fn signature_line(line: &str) -> Result<Line<'_>, NoteError> {
    let form = NoteError::Form("a signature line does not read");
    let (name, data) = line.strip_prefix("\u{2014} ").and_then(|line| line.split_once(' ')).ok_or(form)?;
    check_name(name).map_err(|_| form)?;
    let data = STANDARD.decode(data).map_err(|_| form)?;
    if data.len() < 5 { Err(form) } else { Ok((name, data)) }
}

/// Signs a text that ends with a newline.
///
/// # Errors
/// [`NoteError::Form`] when such a text cannot stand in a note.
pub(crate) fn sign(text: &str, key: &SigningKey) -> Result<String, NoteError> {
    let signature = key.key.sign(text.as_bytes()).to_bytes();
    let line = STANDARD.encode([key.verifier().id().as_slice(), &signature].concat());
    let note = format!("{text}\n\u{2014} {} {line}\n", key.name);
    match parts(&note)? {
        (found, _) if found == text => Ok(note),
        _ => Err(NoteError::Form("its text does not end with a newline")),
    }
}

/// The text of a note that this key signed. Signatures of other keys are ignored, as C2SP wants.
///
/// # Errors
/// The note does not read, the key did not sign it, or a signature of the key is wrong.
pub(crate) fn open<'a>(note: &'a str, key: &VerifierKey) -> Result<&'a str, NoteError> {
    let (text, signatures) = parts(note)?;
    let id = key.id();
    let mut signed = Err(NoteError::NoSignature);
    for (name, data) in signatures {
        let Some((found, signature)) = data.split_first_chunk::<4>() else { continue };
        if name == key.name && *found == id {
            key.check(text.as_bytes(), signature)?;
            signed = Ok(text);
        }
    }
    signed
}
