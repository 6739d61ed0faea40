//! What stands in the tables, a file a matter. Every method hangs on [`crate::Tx`], so it has a grant.

pub(crate) mod agencies;
pub(crate) mod answers;
pub(crate) mod cases;
pub(crate) mod conflicts;
pub(crate) mod dissemination;
pub(crate) mod entries;
pub(crate) mod export;
pub(crate) mod handover;
pub(crate) mod inbox;
pub(crate) mod installation;
pub(crate) mod look;
pub(crate) mod notices;
pub(crate) mod parting;
pub(crate) mod reasons;
pub(crate) mod silent;
pub(crate) mod submissions;
pub(crate) mod threads;
pub(crate) mod tips;
pub(crate) mod transfer;
pub(crate) mod turnstile;
