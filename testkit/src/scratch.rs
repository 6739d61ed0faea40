//! A folder of one test, removed when the test is done.

use std::path::{Path, PathBuf};

use crate::postgres::random_name;

/// An empty folder, removed with all in it on drop. Held in a `static` it stays: a static is never dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new folder under `CARGO_TARGET_TMPDIR` when that is set at run time, else in the system's temporary folder.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn new() -> Self {
        Self::under(std::env::var_os("CARGO_TARGET_TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from))
    }

    /// A new folder under `parent`, which is made when missing. An integration test passes
    /// `env!("CARGO_TARGET_TMPDIR")`, which cargo sets only while it compiles such tests.
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn under(parent: impl AsRef<Path>) -> Self {
        let dir = parent.as_ref().join(random_name("concord-scratch-"));
        if let Err(why) = std::fs::create_dir_all(&dir) {
            panic!("cannot make the scratch folder {}: {why}", dir.display());
        }
        Self(dir)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside the folder; nothing is made there.
    #[must_use]
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(why) = std::fs::remove_dir_all(&self.0) {
            eprintln!("the scratch folder {} stays: {why}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_is_its_own_and_goes_with_what_is_in_it() {
        let (a, b) = (Scratch::new(), Scratch::default());
        assert_ne!(a.path(), b.path());
        std::fs::create_dir(a.join("deep")).expect("a folder");
        std::fs::write(a.join("deep/file"), b"x").expect("a file");
        let kept = a.path().to_owned();
        drop(a);
        assert!(!kept.exists());
        assert!(b.path().is_dir());
    }
}
