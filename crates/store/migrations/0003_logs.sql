-- Logs before the present one, and the backups that were made. A database that was put back from a copy is behind what
-- was signed; it starts a new log (crates/store/src/new_log.rs), and what it holds of the old one moves here, so that
-- receipts of that time are still proved and verify reads it again.

CREATE TABLE old_log (             -- placement: reference
    number BIGINT NOT NULL,
    origin TEXT NOT NULL,
    size BIGINT NOT NULL,
    ended_us BIGINT NOT NULL,
    PRIMARY KEY (number)
);

CREATE TABLE old_event (           -- placement: hash idx
    idx BIGINT NOT NULL,
    log BIGINT NOT NULL,
    id UUID NOT NULL,
    at_us BIGINT NOT NULL,
    leaf BYTEA NOT NULL,
    salt BYTEA,
    body BYTEA,
    PRIMARY KEY (idx, log)
);
CREATE INDEX old_event_id ON old_event (id);

CREATE TABLE old_tile (            -- placement: hash idx
    idx BIGINT NOT NULL,
    level BIGINT NOT NULL,
    log BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (idx, level, log)
);

CREATE TABLE old_checkpoint (      -- placement: reference
    log BIGINT NOT NULL,
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (log, size)
);

CREATE TABLE backup (              -- placement: reference
    id UUID NOT NULL,
    at_us BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (id)
);
