//! Who may do what, and what of another agency they see.
//!
//! [`decide`] asks the Cedar policies in `policies/` (default deny, forbid wins) and answers with a [`Grant`], the
//! only key that opens the store, or with [`Denied`], which says why in plain words. What belongs to another agency
//! travels as [`Sealed`]; only [`disclosure`] opens it. Pure: no IO, no clock, no chance.
//!
//! `policy-matrix.txt` and `disclosure-matrix.txt` beside this crate print every rule as a table; a change of
//! either is reviewed as a diff.

mod action;
mod basis;
mod decide;
pub mod disclosure;
mod facts;
mod grant;
mod known;
mod policies;
mod principal;
mod request;
mod scope;
mod sealed;
mod transfer;

pub use action::{Action, UnknownAction};
pub use basis::{Basis, cybertip_basis};
pub use decide::decide;
pub use disclosure::{Other, Shown};
pub use facts::Facts;
pub use grant::{Denied, Grant};
pub use policies::{Policies, PolicyError};
pub use principal::{Principal, Standing, standing_words};
pub use scope::Scope;
pub use sealed::Sealed;
pub use transfer::{Bars, Carriage, Receiver, Travelling, weigh};
