//! When each table's rows go. A test walks the schema and fails on a table without a rule.

/// What ends a row's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeRule {
    /// Kept as long as the installation: it names nobody, or the ledger needs it to verify. The reason.
    Kept(&'static str),
    /// Goes at its review date unless validated (28 CFR 23.20(h), at most five years) or preserved.
    AtReview,
    /// Goes with the entry it points to.
    WithEntry,
    /// Goes with its case's last entry.
    WithCase,
    /// Goes with the agency.
    WithAgency,
    /// Goes this many days after it was last needed.
    Days(i64),
}

/// One rule a table.
pub const RULES: [(&str, PurgeRule); 52] = [
    ("installation", PurgeRule::Kept("names the log and its keys")),
    ("space", PurgeRule::Kept("a space ends when no entry has it")),
    ("lease", PurgeRule::Days(1)),
    ("agency", PurgeRule::WithAgency),
    ("approval", PurgeRule::WithAgency),
    ("agency_key", PurgeRule::WithAgency),
    ("member", PurgeRule::WithAgency),
    ("case_file", PurgeRule::WithCase),
    ("case_number", PurgeRule::WithCase),
    ("case_key", PurgeRule::WithCase),
    ("predicate", PurgeRule::WithCase),
    // Longer than any session lasts; its beginning and end stand in the ledger.
    ("session", PurgeRule::Days(1)),
    ("tip", PurgeRule::WithCase),
    ("entry", PurgeRule::AtReview),
    ("posting", PurgeRule::WithEntry),
    ("silent_posting", PurgeRule::WithEntry),
    ("token_count", PurgeRule::WithEntry),
    ("word", PurgeRule::WithEntry),
    ("word_walk", PurgeRule::Kept("how far a worker came; names a case and an entry by id only")),
    ("submission", PurgeRule::WithCase),
    ("submission_detail", PurgeRule::WithCase),
    ("request", PurgeRule::Days(90)),
    ("thread_request", PurgeRule::Days(90)),
    ("answer", PurgeRule::WithCase),
    ("conflict", PurgeRule::WithCase),
    ("conflict_match", PurgeRule::WithEntry),
    ("conflict_side", PurgeRule::WithCase),
    ("notice", PurgeRule::WithCase),
    ("arrival", PurgeRule::WithAgency),
    ("silent_hit", PurgeRule::WithEntry),
    ("message", PurgeRule::WithCase),
    ("proposal", PurgeRule::WithCase),
    ("hold", PurgeRule::WithCase),
    ("hold_lift", PurgeRule::WithCase),
    ("dissemination", PurgeRule::Kept("28 CFR 23.20(g): who was given what, why and when; holds ids only")),
    ("reason", PurgeRule::WithCase),
    ("transfer", PurgeRule::WithCase),
    ("webhook", PurgeRule::WithAgency),
    ("mail_choice", PurgeRule::WithAgency),
    ("letter", PurgeRule::Days(90)),
    ("bulk_job", PurgeRule::WithCase),
    // Ends with its job at the latest; this is the longest a job waits for its second person (casework's limits.json).
    ("bulk_part", PurgeRule::Days(7)),
    ("event_new", PurgeRule::Kept("waits for the sequencer")),
    ("event", PurgeRule::Kept("salt and body die with what they speak of; the leaf hash stays")),
    ("tile", PurgeRule::Kept("hashes only")),
    ("log", PurgeRule::Kept("one number")),
    ("checkpoint", PurgeRule::Kept("public")),
    ("old_log", PurgeRule::Kept("names a log and its size")),
    ("old_event", PurgeRule::Kept("as event")),
    ("old_tile", PurgeRule::Kept("hashes only")),
    ("old_checkpoint", PurgeRule::Kept("public")),
    ("backup", PurgeRule::Kept("says until when a copy may exist; holds times only")),
];
