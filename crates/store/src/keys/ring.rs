//! The keys an open store holds in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use model::{AgencyId, CaseId, Chance, ConflictId, RequestId, SpaceId, Token};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::keys::seal::{Cipher, Layer, Place};

/// A 32-byte key, wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// What an agency key is for; the number stands in `agency_key.purpose`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum KeyPurpose {
    /// Wraps the agency's case keys, seals its members and answers.
    Data,
    /// Fingerprints its case numbers and, later, its words.
    Search,
    /// Wraps what belongs to its personas.
    Persona,
}

impl KeyPurpose {
    pub(crate) const ALL: [Self; 3] = [Self::Data, Self::Search, Self::Persona];

    pub(crate) fn code(self) -> i64 {
        match self {
            Self::Data => 1,
            Self::Search => 2,
            Self::Persona => 3,
        }
    }
}

/// Keys of the installation, and those of agencies and cases as they are opened.
pub(crate) struct Ring {
    master: Cipher,
    check: [u8; 32],
    tokens: BTreeMap<SpaceId, Key>,
    search: Key,
    agencies: RwLock<HashMap<(AgencyId, KeyPurpose), Arc<Key>>>,
    /// Under agency and case: a case's key answers its own agency only.
    cases: RwLock<HashMap<(AgencyId, CaseId), Arc<Cipher>>>,
}

/// More case keys than this in memory and the cache starts again.
const MOST_CASES: usize = 32_768;

impl Ring {
    pub(crate) fn new(master: &Key, tokens: BTreeMap<SpaceId, Key>, search: Key) -> Self {
        Self {
            master: Cipher::new(Layer::Master, 1, master),
            check: mac(
                master,
                &[&b"concord check value/1\0"[..], &mac(&search, b"concord search check value/1")].concat(),
            ),
            tokens,
            search,
            agencies: RwLock::default(),
            cases: RwLock::default(),
        }
    }

    /// Proves which master and search keys a database was made with, without saying anything of them.
    pub(crate) fn check(&self) -> [u8; 32] {
        self.check
    }

    pub(crate) fn spaces(&self) -> Vec<SpaceId> {
        self.tokens.keys().copied().collect()
    }

    pub(crate) fn space_check(&self, space: SpaceId) -> Option<[u8; 32]> {
        self.tokens.get(&space).map(|key| mac(key, b"concord space check value/1"))
    }

    /// The fingerprint of a match key in one space.
    pub(crate) fn token(&self, space: SpaceId, text: &str) -> Result<Token, Error> {
        let key = self.tokens.get(&space).ok_or(Error::Seal("no such token space"))?;
        Ok(cut(&mac(key, text.as_bytes())))
    }

    /// The fingerprint of an e-mail address by which members are found.
    pub(crate) fn member_token(&self, email: &str) -> Token {
        cut(&mac(&self.search, [b"member\0", email.as_bytes()].concat().as_slice()))
    }

    /// What the words of a call proof are taken from. The search key is the installation's own and never leaves it.
    pub(crate) fn call_proof(&self, conflict: ConflictId, agency: AgencyId, case: CaseId) -> [u8; 32] {
        let of = [&b"call proof/1\0"[..], &conflict.as_bytes()[..], agency.as_bytes(), case.as_bytes()].concat();
        mac(&mac(&self.search, b"concord call proof key/1"), &of)
    }

    /// What a request asked, for its row: of one agency and one request, so that no other row agrees with it.
    pub(crate) fn request_digest(&self, agency: AgencyId, request: RequestId, digest: &[u8; 32]) -> [u8; 32] {
        let of = [&b"request/2\0"[..], agency.as_bytes(), request.as_bytes(), digest].concat();
        mac(&mac(&self.search, b"concord request digest key/1"), &of)
    }

    pub(crate) fn master(&self) -> &Cipher {
        &self.master
    }

    /// A new agency key: itself, and wrapped for its row. Nothing is cached before it is read back from a committed row.
    pub(crate) fn new_agency_key(
        &self,
        chance: &dyn Chance,
        agency: AgencyId,
        purpose: KeyPurpose,
    ) -> Result<(Key, Vec<u8>), Error> {
        let mut key = Key::default();
        chance.fill(&mut *key);
        let wrapped = self.master.seal(chance, agency_place(agency, &purpose.code().to_be_bytes()), &*key)?;
        Ok((key, wrapped))
    }

    pub(crate) fn agency(&self, agency: AgencyId, purpose: KeyPurpose) -> Option<Arc<Key>> {
        self.agencies.read().ok()?.get(&(agency, purpose)).cloned()
    }

    pub(crate) fn learn_agency(
        &self,
        agency: AgencyId,
        purpose: KeyPurpose,
        wrapped: &[u8],
    ) -> Result<Arc<Key>, Error> {
        let clear = Zeroizing::new(self.master.open(agency_place(agency, &purpose.code().to_be_bytes()), wrapped)?);
        let bytes: [u8; 32] = clear.as_slice().try_into().map_err(|_| Error::Seal("an agency key is 32 bytes"))?;
        let key = Arc::new(Key::new(bytes));
        self.agencies.write().map_err(|_| Error::Closed)?.insert((agency, purpose), key.clone());
        Ok(key)
    }

    pub(crate) fn new_case_key(
        &self,
        chance: &dyn Chance,
        agency_key: &Key,
        agency: AgencyId,
        case: CaseId,
        version: u32,
    ) -> Result<(Cipher, Vec<u8>), Error> {
        let mut key = Key::default();
        chance.fill(&mut *key);
        let wrapped = agency_cipher(agency_key).seal(chance, case_place(agency, case.as_bytes()), &*key)?;
        Ok((Cipher::new(Layer::Case, version, &key), wrapped))
    }

    /// One case's key wrapped anew for another case of the same agency.
    pub(crate) fn rewrap_case(
        &self,
        chance: &dyn Chance,
        agency_key: &Key,
        agency: AgencyId,
        (from, wrapped): (CaseId, &[u8]),
        to: CaseId,
    ) -> Result<Vec<u8>, Error> {
        let cipher = agency_cipher(agency_key);
        let clear = Zeroizing::new(cipher.open(case_place(agency, from.as_bytes()), wrapped)?);
        cipher.seal(chance, case_place(agency, to.as_bytes()), &clear)
    }

    pub(crate) fn case(&self, agency: AgencyId, case: CaseId) -> Option<Arc<Cipher>> {
        self.cases.read().ok()?.get(&(agency, case)).cloned()
    }

    pub(crate) fn learn_case(
        &self,
        agency_key: &Key,
        agency: AgencyId,
        case: CaseId,
        version: u32,
        wrapped: &[u8],
    ) -> Result<Arc<Cipher>, Error> {
        let clear = Zeroizing::new(agency_cipher(agency_key).open(case_place(agency, case.as_bytes()), wrapped)?);
        let bytes: [u8; 32] = clear.as_slice().try_into().map_err(|_| Error::Seal("a case key is 32 bytes"))?;
        let cipher = Arc::new(Cipher::new(Layer::Case, version, &bytes));
        self.keep_case(agency, case, cipher.clone())?;
        Ok(cipher)
    }

    /// Remembers a case's key, which a committed row holds.
    pub(crate) fn keep_case(&self, agency: AgencyId, case: CaseId, cipher: Arc<Cipher>) -> Result<(), Error> {
        let mut cases = self.cases.write().map_err(|_| Error::Closed)?;
        if cases.len() >= MOST_CASES {
            cases.clear();
        }
        cases.insert((agency, case), cipher);
        Ok(())
    }
}

pub(crate) fn agency_cipher(key: &Key) -> Cipher {
    Cipher::new(Layer::Agency, 1, key)
}

/// The fingerprint of something under an agency's search key.
pub(crate) fn search_token(key: &Key, domain: &str, text: &str) -> Token {
    cut(&mac(key, [domain.as_bytes(), b"\0", text.as_bytes()].concat().as_slice()))
}

fn agency_place<'a>(agency: AgencyId, purpose: &'a [u8]) -> Place<'a> {
    Place { table: "agency_key", column: "wrapped", row: purpose, agency }
}

fn case_place(agency: AgencyId, case: &[u8; 16]) -> Place<'_> {
    Place { table: "case_key", column: "wrapped", row: case, agency }
}

fn mac(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    // INVARIANT: HMAC takes a key of any length.
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(data);
            mac.finalize().into_bytes().into()
        }
        Err(_) => [0; 32],
    }
}

fn cut(full: &[u8; 32]) -> Token {
    let mut token = [0; 16];
    for (to, from) in token.iter_mut().zip(full) {
        *to = *from;
    }
    Token(token)
}
