//! Keys: a master key wraps agency keys, agency keys wrap case keys, a case key seals values.
//!
//! The master, token, search and signing keys live in a folder outside the data folder ([`folder`]); wrapped keys live in
//! the database. Database or backup alone: nothing can be confirmed or read.

mod ended;
mod folder;
mod ring;
mod seal;

pub use ended::LONGEST_DAYS;
pub(crate) use ended::{EndedOne, Remembered};
pub use folder::{KeyFolder, OldLog};
pub(crate) use ring::{Key, KeyPurpose, Ring, agency_cipher, search_token};
pub(crate) use seal::{Cipher, Place};
