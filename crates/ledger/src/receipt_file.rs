//! The JSON file of a receipt.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::receipt::{FORMAT, Proof, Receipt, ReceiptError};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    statement: String,
    signature: String,
    key: String,
    proof: Option<ProofFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofFile {
    index: u64,
    size: u64,
    event: String,
    salt: String,
    hashes: Vec<String>,
    checkpoint: String,
}

impl Receipt {
    /// The file's text, ending with a newline.
    pub fn to_json(&self) -> String {
        let proof = self.proof.as_ref().map(|proof| ProofFile {
            index: proof.index,
            size: proof.size,
            event: STANDARD.encode(&proof.event),
            salt: STANDARD.encode(proof.salt),
            hashes: proof.hashes.iter().map(|hash| STANDARD.encode(hash)).collect(),
            checkpoint: proof.checkpoint.clone(),
        });
        let file = File {
            format: FORMAT.to_owned(),
            statement: self.statement.clone(),
            signature: STANDARD.encode(self.signature),
            key: self.key.clone(),
            proof,
        };
        // Texts and numbers always serialise; serde_json fails only on maps with odd keys and on writers.
        let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a file. Unknown or repeated fields are refused: nothing may stand in a receipt that is not checked.
    ///
    /// # Errors
    /// [`ReceiptError`]: where the JSON does not read, or the field that does not. Never quotes the file.
    pub fn from_json(text: &str) -> Result<Self, ReceiptError> {
        let file: File = serde_json::from_str(text)
            .map_err(|error| ReceiptError::Json { line: error.line(), column: error.column() })?;
        if file.format != FORMAT {
            return Err(ReceiptError::Format);
        }
        Ok(Self {
            statement: file.statement,
            signature: array("signature", &file.signature)?,
            key: file.key,
            proof: file.proof.map(read_proof).transpose()?,
        })
    }
}

fn read_proof(file: ProofFile) -> Result<Proof, ReceiptError> {
    Ok(Proof {
        index: file.index,
        size: file.size,
        event: STANDARD.decode(file.event).map_err(|_| ReceiptError::Field("event"))?,
        salt: array("salt", &file.salt)?,
        hashes: file.hashes.iter().map(|hash| array("hashes", hash)).collect::<Result<_, _>>()?,
        checkpoint: file.checkpoint,
    })
}

fn array<const N: usize>(field: &'static str, text: &str) -> Result<[u8; N], ReceiptError> {
    STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(ReceiptError::Field(field))
}
