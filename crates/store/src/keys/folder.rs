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

/// A log that was ended when its database was put back from a copy; it was signed with the same key under its own name.
#[derive(Debug, Clone)]
pub struct OldLog {
    /// With which its checkpoints and receipts still verify.
    pub verifier: VerifierKey,
    /// The newest checkpoint ever signed in it, as text; none when none was.
    pub signed: Option<String>,
}

/// An opened key folder.
pub struct KeyFolder {
    path: PathBuf,
    origin: String,
    signing: SigningKey,
    ring: Option<Ring>,
    /// Oldest first.
    old: Vec<OldLog>,
    /// The key under the name of the log that would follow the present one.
    next: VerifierKey,
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
        let named = |name: &str| SigningKey::from_seed(name, &seed).map_err(|e| Error::Keys(e.to_string()));
        let signing = named(&origin)?;
        let old = old_logs(path, &origin, |name| Ok(named(name)?.verifier()))?;
        let first = old.first().map_or(origin.as_str(), |log| log.verifier.name());
        let next = named(&ledger::log_name(first, old.len().saturating_add(1)))?.verifier();
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
        Ok(Self { path: path.to_owned(), origin, signing, ring: Some(ring), old, next })
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

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The logs before the present one, oldest first.
    pub fn old_logs(&self) -> &[OldLog] {
        &self.old
    }

    /// The key under the name of the log that would follow.
    pub(crate) fn next_verifier(&self) -> &VerifierKey {
        &self.next
    }

    /// The number of the log, from 1, whose verifier key reads so: the present one's is the highest.
    pub(crate) fn log_number(&self, verifier: &str) -> Option<usize> {
        let keys = self.old.iter().map(|log| log.verifier.to_string()).chain([self.verifier().to_string()]);
        keys.zip(1..).find(|(key, _)| key == verifier).map(|(_, number)| number)
    }

    pub(crate) fn take_ring(&mut self) -> Result<Ring, Error> {
        self.ring.take().ok_or(Error::Closed)
    }

    /// The last checkpoint signed with these keys in the present log, if any.
    ///
    /// # Errors
    /// [`Error::Keys`] when it is there but does not verify.
    pub fn kept_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        let Some(text) = self.kept_text()? else { return Ok(None) };
        let opened = Checkpoint::open(&text, &self.verifier());
        opened
            .map(Some)
            .map_err(|e| Error::Keys(format!("{} does not verify: {e}", self.path.join(CHECKPOINT).display())))
    }

    /// Its text. What is kept of the log before is not of the present one.
    pub(crate) fn kept_text(&self) -> Result<Option<String>, Error> {
        let text = read_if_there(&self.path.join(CHECKPOINT))?;
        Ok(text.filter(|text| self.old.iter().all(|log| log.signed.as_ref() != Some(text))))
    }

    /// Keeps a newer checkpoint beside the keys; an older one is dropped. Processes take turns by a file lock.
    ///
    /// # Errors
    /// [`Error::Keys`] when the folder cannot be written.
    pub fn keep_checkpoint(&self, text: &str, size: u64) -> Result<(), Error> {
        let _lock = self.lock("checkpoint.lock")?;
        if self.kept_checkpoint()?.is_some_and(|kept| kept.size >= size) {
            return Ok(());
        }
        self.replace(CHECKPOINT, text)
    }

    /// Sets the present log's name and newest checkpoint aside as those of an old log. Nothing changes by it until
    /// [`KeyFolder::begin_next_log`]: in between, database and folder can be found in either state and both are whole.
    pub(crate) fn prepare_next_log(&self) -> Result<(), Error> {
        let _lock = self.lock("checkpoint.lock")?;
        let number = self.old.len().saturating_add(1);
        let aside = format!("{CHECKPOINT}.{number}");
        match self.kept_text()? {
            Some(text) => self.replace(&aside, &text)?,
            None => remove_if_there(&self.path.join(aside))?, // of an earlier try
        }
        self.replace(&format!("{ORIGIN}.{number}"), &self.origin)
    }

    /// True when the database's next log was prepared here.
    pub(crate) fn is_prepared(&self) -> Result<bool, Error> {
        let aside = read_if_there(&self.path.join(format!("{ORIGIN}.{}", self.old.len().saturating_add(1))))?;
        Ok(aside.is_some_and(|name| name.trim() == self.origin))
    }

    /// Takes the next log's name, once the database has it. What was opened before must be opened again.
    pub(crate) fn begin_next_log(&self) -> Result<(), Error> {
        let _lock = self.lock("checkpoint.lock")?;
        self.replace(ORIGIN, self.next.name())
    }

    /// One process at a time, until it is dropped.
    pub(crate) fn lock(&self, name: &str) -> Result<File, Error> {
        let path = self.path.join(name);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.map_err(|e| told(&path, &e))?;
        lock.lock().map_err(|e| told(&path, &e))?;
        Ok(lock)
    }

    /// Puts a text in place of a file of the folder: the old one or the new one is there, never a part.
    pub(crate) fn replace(&self, name: &str, text: &str) -> Result<(), Error> {
        let new = self.path.join(format!("{name}.new"));
        let made = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&new);
        let mut file = made.map_err(|e| told(&new, &e))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| told(&new, &e))?;
        std::fs::rename(&new, self.path.join(name)).map_err(|e| told(&new, &e))?;
        File::open(&self.path).and_then(|f| f.sync_all()).map_err(|e| told(&self.path, &e))
    }
}

/// The logs set aside: the first whose name is the present one's was prepared only.
fn old_logs(
    path: &Path,
    origin: &str,
    verifier: impl Fn(&str) -> Result<VerifierKey, Error>,
) -> Result<Vec<OldLog>, Error> {
    let mut old = Vec::new();
    for number in 1.. {
        let Some(name) = read_if_there(&path.join(format!("{ORIGIN}.{number}")))? else { break };
        if name.trim() == origin {
            break;
        }
        let (verifier, file) = (verifier(name.trim())?, path.join(format!("{CHECKPOINT}.{number}")));
        let signed = read_if_there(&file)?;
        if let Some(text) = &signed {
            Checkpoint::open(text, &verifier)
                .map_err(|e| Error::Keys(format!("{} does not verify: {e}", file.display())))?;
        }
        old.push(OldLog { verifier, signed });
    }
    Ok(old)
}

pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>, Error> {
    if path.exists() { read(path).map(Some) } else { Ok(None) }
}

fn remove_if_there(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(told(path, &e)),
        _ => Ok(()),
    }
}

pub(crate) fn told(path: &Path, e: &std::io::Error) -> Error {
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
