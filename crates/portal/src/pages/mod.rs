//! Pages: a file a place in the menu. Each extracts, makes one call of the desk and renders.

pub(crate) mod agencies;
pub(crate) mod bulk;
pub(crate) mod cases;
pub(crate) mod conflict;
pub(crate) mod conflicts;
pub(crate) mod correct;
pub(crate) mod deconflict;
pub(crate) mod help;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod picker;
pub(crate) mod receipts;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod submissions;
pub(crate) mod transfers;
