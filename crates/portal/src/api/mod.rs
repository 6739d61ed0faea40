//! `/api/v1`: the desk's questions as JSON, for a program that acts for one officer.
//!
//! A handler extracts, makes one call of the desk and converts, as a page's does; who may come and what an act leaves stand
//! in the one table of addresses ([`crate::TABLE`]). Refusals are problem details (RFC 9457) and are made in one place,
//! [`crate::fault`]. The description (OpenAPI 3.1) is made from this code: [`document`].

pub(crate) mod agencies;
mod body;
pub(crate) mod bulk;
pub(crate) mod cases;
pub(crate) mod checks;
pub(crate) mod conflicts;
pub(crate) mod correct;
pub(crate) mod docs;
mod document;
mod identifiers;
pub(crate) mod inbox;
pub(crate) mod problem;
pub(crate) mod receipts;
pub(crate) mod search;
pub(crate) mod submissions;
pub(crate) mod transfers;

pub(crate) use document::document;
