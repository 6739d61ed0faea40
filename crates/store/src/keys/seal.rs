//! AES-256-GCM envelopes (FIPS 197, SP 800-38D). Table, column, row, agency and key id are associated data, so a
//! ciphertext moved to another row, column or agency does not open.
//!
//! Layout: layer (1 byte) || key version (4, big-endian) || nonce (12) || ciphertext and tag.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use model::{AgencyId, Chance};

use crate::error::Error;

const HEAD: usize = 5;
const NONCE: usize = 12;

/// Which kind of key: it stands in the envelope and in the associated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layer {
    Master,
    Agency,
    Case,
}

impl Layer {
    fn code(self) -> u8 {
        match self {
            Self::Master => 1,
            Self::Agency => 2,
            Self::Case => 3,
        }
    }
}

/// Where a sealed value stands.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub table: &'static str,
    pub column: &'static str,
    pub row: &'a [u8],
    pub agency: AgencyId,
}

/// One key, ready to seal and open.
#[derive(Clone)]
pub(crate) struct Cipher {
    gcm: Aes256Gcm,
    layer: Layer,
    version: u32,
}

impl Cipher {
    pub(crate) fn new(layer: Layer, version: u32, key: &[u8; 32]) -> Self {
        Self { gcm: Aes256Gcm::new(key.into()), layer, version }
    }

    pub(crate) fn seal(&self, chance: &dyn Chance, place: Place<'_>, clear: &[u8]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE];
        chance.fill(&mut nonce);
        let aad = self.associated(place);
        let body = self
            .gcm
            .encrypt(&Nonce::from(nonce), Payload { msg: clear, aad: &aad })
            .map_err(|_| Error::Seal("too long"))?;
        Ok([&[self.layer.code()][..], &self.version.to_be_bytes(), &nonce, &body].concat())
    }

    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let (head, rest) = sealed.split_at_checked(HEAD).ok_or(Error::Seal("too short"))?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(Error::Seal("too short"))?;
        if head != [&[self.layer.code()][..], &self.version.to_be_bytes()].concat() {
            return Err(Error::Seal("sealed with another key"));
        }
        let aad = self.associated(place);
        self.gcm
            .decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: &aad })
            .map_err(|_| Error::Seal("wrong key, wrong row or changed bytes"))
    }

    fn associated(&self, place: Place<'_>) -> Vec<u8> {
        let mut out = b"concord/1".to_vec();
        for part in [place.table.as_bytes(), place.column.as_bytes(), place.row, place.agency.as_bytes()] {
            out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(part);
        }
        out.push(self.layer.code());
        out.extend_from_slice(&self.version.to_be_bytes());
        out
    }
}
