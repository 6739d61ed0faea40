//! Normalise, make keys, compare, find conflicts (../shared/design.md section 4).
//!
//! An identifier is written in many ways; [`normalise`] reads each into one canonical text and says what it doubts.
//! [`keys`] turns that text into what is fingerprinted and stored, [`probes`] into what a look asks for, [`compare`]
//! judges one meeting by a rule that has a name and a version, and [`conflicts`] groups the meetings by case.
//! Stop-lists and parameters are versioned data ([`Lists`]). No IO, no clock, no chance, no panic on any input.

mod conflicts;
mod family;
mod keys;
mod lists;
mod normalise;
mod rules;

pub use conflicts::{Asked, Hit, Match, Me, Met, conflicts};
pub use family::Family;
pub use keys::{Key, keys, keys_with, probes, probes_with};
pub use lists::{BadLists, Lists, Suppressed};
pub use normalise::{Identifier, LONGEST, Normal, Reading, normalise, rule_version};
pub use rules::{Facts, Verdict, compare, pdq_near, sentence};
