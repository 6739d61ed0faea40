//! One file a verb.

pub(crate) mod agencies;
pub(crate) mod backup;
pub(crate) mod bring_back;
pub(crate) mod case_view;
pub(crate) mod cases;
pub(crate) mod check;
pub(crate) mod conflicts;
pub(crate) mod detail;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod holds;
pub(crate) mod inbox;
pub(crate) mod ledger;
pub(crate) mod look;
pub(crate) mod receipts;
pub(crate) mod submit;
pub(crate) mod take_in;
pub(crate) mod takeover;
pub(crate) mod tell;
pub(crate) mod tips;
pub(crate) mod transfer;
pub(crate) mod whole;
pub(crate) mod withdraw;
