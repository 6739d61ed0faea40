//! The key folder: outside the data folder, readable by its owner alone, never in a backup.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ledger::{Checkpoint, SigningKey, VerifierKey};
use model::{Chance, SpaceId};

use crate::error::Error;
use crate::keys::ring::{Key, Ring};

const MASTER: &str = "master.key";
const SEARCH: &str = "search.key";
const SIGNING: &str = "signing.key";
const ORIGIN: &str = "origin";
const CHECKPOINT: &str = "checkpoint";

/// An opened key folder.
pub struct KeyFolder {
    path: PathBuf,
    origin: String,
    signing: SigningKey,
    ring: Option<Ring>,
}

impl KeyFolder {
    /// Makes a folder (0700) with new keys (0600). An existing master key is never overwritten.
    ///
    /// # Errors
    /// [`Error::Keys`] when the folder holds keys already or cannot be written.
    pub fn create(path: &Path, origin: &str, chance: &dyn Chance) -> Result<Self, Error> {
        if path.join(MASTER).exists() {
            return Err(Error::Keys(format!("{} holds keys already; they are not overwritten", path.display())));
        }
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|e| told(path, &e))?;
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o700)).map_err(|e| told(path, &e))?;
        let fresh = || {
            let mut key = Key::default();
            chance.fill(&mut *key);
            hex::encode(key.as_slice())
        };
        write_secret(&path.join(ORIGIN), origin)?;
        for name in [SEARCH, SIGNING, "token-1.key", MASTER] {
            write_secret(&path.join(name), &fresh())?; // the master key last: its presence says the folder is whole
        }
        File::open(path).and_then(|f| f.sync_all()).map_err(|e| told(path, &e))?;
        Self::open(path)
    }

    /// True when the folder holds a master key.
    pub fn exists(path: &Path) -> bool {
        path.join(MASTER).exists()
    }

    /// Reads the keys.
    ///
    /// # Errors
    /// [`Error::Keys`] when one is missing, unreadable, or readable by others.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mode = std::fs::metadata(path).map_err(|e| told(path, &e))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::Keys(format!(
                "{} can be read by others (mode {mode:o}); run `chmod 700` on it",
                path.display()
            )));
        }
        let origin = read(&path.join(ORIGIN))?.trim().to_owned();
        let seed = read_key(&path.join(SIGNING))?;
        let signing = SigningKey::from_seed(&origin, &seed).map_err(|e| Error::Keys(e.to_string()))?;
        let mut tokens = BTreeMap::new();
        for id in 1.. {
            let file = path.join(format!("token-{id}.key"));
            if !file.exists() {
                break;
            }
            tokens.insert(SpaceId(id), read_key(&file)?);
        }
        if tokens.is_empty() {
            return Err(Error::Keys(format!("{} holds no token-1.key", path.display())));
        }
        let ring = Ring::new(&read_key(&path.join(MASTER))?, tokens, read_key(&path.join(SEARCH))?);
        Ok(Self { path: path.to_owned(), origin, signing, ring: Some(ring) })
    }

    /// The log's name, part of every checkpoint.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Signs checkpoints and receipts.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// What others verify with.
    pub fn verifier(&self) -> VerifierKey {
        self.signing.verifier()
    }

    pub(crate) fn take_ring(&mut self) -> Result<Ring, Error> {
        self.ring.take().ok_or(Error::Closed)
    }

    /// The last checkpoint signed with these keys, if any.
    ///
    /// # Errors
    /// [`Error::Keys`] when it is there but does not verify.
    pub fn kept_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        let path = self.path.join(CHECKPOINT);
        if !path.exists() {
            return Ok(None);
        }
        let text = read(&path)?;
        Checkpoint::open(&text, &self.verifier())
            .map(Some)
            .map_err(|e| Error::Keys(format!("{} does not verify: {e}", path.display())))
    }

    /// Keeps a newer checkpoint beside the keys; an older one is dropped. Processes take turns by a file lock.
    ///
    /// # Errors
    /// [`Error::Keys`] when the folder cannot be written.
    pub fn keep_checkpoint(&self, text: &str, size: u64) -> Result<(), Error> {
        let lock_path = self.path.join("checkpoint.lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(|e| told(&lock_path, &e))?;
        lock.lock().map_err(|e| told(&lock_path, &e))?;
        if self.kept_checkpoint()?.is_some_and(|kept| kept.size >= size) {
            return Ok(());
        }
        let new = self.path.join("checkpoint.new");
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&new)
            .map_err(|e| told(&new, &e))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| told(&new, &e))?;
        std::fs::rename(&new, self.path.join(CHECKPOINT)).map_err(|e| told(&new, &e))
    }
}

fn told(path: &Path, e: &std::io::Error) -> Error {
    Error::Keys(format!("{}: {e}", path.display()))
}

fn write_secret(path: &Path, text: &str) -> Result<(), Error> {
    let mut file =
        OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).map_err(|e| told(path, &e))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| told(path, &e))
}

fn read(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    // A key file is 64 bytes and a checkpoint a few lines: more than this is not one of ours.
    File::open(path).and_then(|f| f.take(64 * 1024).read_to_string(&mut text)).map_err(|e| told(path, &e))?;
    Ok(text)
}

fn read_key(path: &Path) -> Result<Key, Error> {
    let text = zeroize::Zeroizing::new(read(path)?);
    let mut key = Key::default();
    hex::decode_to_slice(text.trim(), &mut *key)
        .map_err(|_| Error::Keys(format!("{} is not 64 hexadecimal digits", path.display())))?;
    Ok(key)
}
