//! What a verb says when it does not do what was asked.

use model::{Invalid, Problem};

/// The exit codes of the command line (../shared/design.md section 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// `check` has conflicts to show.
    Conflicts = 1,
    /// Bad input.
    BadInput = 2,
    /// Refused by policy.
    Refused = 3,
    /// Failed, or does not verify.
    Failed = 4,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file with problems; nothing of it was stored.
    #[error("{file}: {} in it; nothing was stored", count(.problems.len()))]
    File {
        /// The file's name.
        file: String,
        /// Every problem, in the order of the file.
        problems: Vec<Problem>,
    },
    /// One argument.
    #[error("{field}: {source}")]
    Argument {
        /// Which.
        field: String,
        /// Why and what to do.
        source: Invalid,
    },
    /// Policy said no; the refusal stands in the ledger.
    #[error("{0}")]
    Refused(String),
    /// Nothing of that name that this reader may see.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Not now.
    #[error("{0}")]
    NotNow(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The policies.
    #[error("policies: {0}")]
    Policy(String),
}

fn count(n: usize) -> String {
    if n == 1 { "1 problem".to_owned() } else { format!("{n} problems") }
}

impl Error {
    pub(crate) fn argument(field: &str) -> impl FnOnce(Invalid) -> Self + '_ {
        move |source| Self::Argument { field: field.to_owned(), source }
    }

    /// Is it only that nothing of that name is there?
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::Store(store::Error::NotFound(_)))
    }

    /// The exit code that says this.
    pub fn exit(&self) -> Exit {
        match self {
            Self::File { .. } | Self::Argument { .. } | Self::NotFound(_) | Self::NotNow(_) => Exit::BadInput,
            Self::Refused(_) => Exit::Refused,
            Self::Store(
                store::Error::NotFound(_)
                | store::Error::Exists(_)
                | store::Error::NotInitialised
                | store::Error::Initialised
                | store::Error::NotBehind,
            ) => Exit::BadInput,
            // A copy that was harmed does not verify; the rest is a wrong file, day or place.
            Self::Store(store::Error::Backup(fault)) => match fault {
                store::BackupFault::Changed { .. }
                | store::BackupFault::CutShort { .. }
                | store::BackupFault::File(_) => Exit::Failed,
                _ => Exit::BadInput,
            },
            Self::Store(_) | Self::Policy(_) => Exit::Failed,
        }
    }
}
