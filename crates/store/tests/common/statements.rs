//! The statements that may ask every shard, each with its reason. A stale one fails the suite too.

/// A part of the statement's text, and why it may touch all partitions.
pub const EVERYWHERE: [(&str, &str); 25] = [
    ("DELETE FROM event_new WHERE id IN", "the one sequencer takes what waits, wherever it waits; the table is short"),
    ("DELETE FROM silent_posting WHERE case_id", "a worker's, once for an order that ends: it has no tokens"),
    ("SELECT bucket, space, token FROM silent_posting WHERE case_id", "as above"),
    (
        "FROM conflict_side WHERE conflict = $1 ORDER BY",
        "the two sides live with their agencies; one conflict, by its index",
    ),
    ("UPDATE conflict_side SET state = $1, row_version = row_version + 1 WHERE conflict", "as above, once a conflict"),
    ("FROM entry WHERE level = $1 AND state = $2 AND silent_until_us", "a worker's round for orders that ended"),
    ("WHERE looked_us IS NULL", "the sweeper's round, by its partial index"),
    ("WHERE silent_us IS NULL", "the silent look's round, by its partial index"),
    ("WHERE second_us IS NULL", "the second look's round, by its partial index"),
    ("FROM notice WHERE NOT delivered", "the outbox's round, by its partial index"),
    ("FROM event WHERE idx >= $1 ORDER BY idx", "verify reads the whole log"),
    ("FROM tile WHERE idx > $1 OR", "verify reads the whole log"),
    ("FROM event WHERE id = $1", "a receipt names its event by id, not by position; by its index"),
    ("EXISTS (SELECT 1 FROM posting t", "many keys in one statement; Citus wants one a bucket (storage.md rule 5)"),
    ("EXISTS (SELECT 1 FROM silent_posting t", "as above"),
    ("CROSS JOIN token_count t", "many keys in one statement; Citus wants one a bucket (storage.md rule 5)"),
    ("CROSS JOIN posting t", "as above"),
    ("CROSS JOIN silent_posting t", "as above"),
    ("UPDATE case_file SET row_version = row_version WHERE id IN", "many cases in one statement"),
    (
        "UPDATE silent_posting SET case_id",
        "once a case that goes: what stays silent has no tokens at hand; by its index",
    ),
    ("UPDATE submission SET case_id", "once a case that goes: its submissions stay with who made them; by its index"),
    ("CROSS JOIN entry t", "many cases in one statement"),
    ("CROSS JOIN case_file t", "many cases in one statement"),
    ("CROSS JOIN conflict_match m", "many conflicts of an inbox in one statement"),
    ("FROM q CROSS JOIN conflict c", "many conflicts of an inbox in one statement"),
];
