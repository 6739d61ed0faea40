-- What came into an inbox, in an order no reader can miss, and search by keyed words. See 0001_ground.sql for how these
-- files are written.

-- A notice's place among all of its recipient: given after its commit by whoever looks first, one at a time
-- (crates/store/src/rows/arrivals.rs). NULL: nobody looked yet.
ALTER TABLE notice ADD COLUMN arrived_us BIGINT;
CREATE INDEX notice_unseen ON notice (recipient, arrived_us) WHERE seen_us IS NULL;

CREATE TABLE arrival (             -- placement: hash recipient; the last place given, and the turnstile of giving them
    recipient UUID NOT NULL,
    last_us BIGINT NOT NULL,
    PRIMARY KEY (recipient)
);

-- Search over sealed text: the words of one's own cases, entries and threads as fingerprints under the agency's search key
-- (crates/store/src/rows/words.rs). Asked for within one agency only, so they live with it. `place`: the case that holds
-- the entry, or the message's conflict.
CREATE TABLE word (                -- placement: hash agency
    agency UUID NOT NULL,
    token BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    found UUID NOT NULL,
    place UUID NOT NULL,
    PRIMARY KEY (agency, token, kind, found)
);

-- How far the words of rows older than this table were gathered: one row, made by the worker that gathers them; a new
-- installation has nothing older.
CREATE TABLE word_walk (           -- placement: reference
    id BIGINT NOT NULL,
    case_id UUID NOT NULL,
    entry UUID NOT NULL,
    done BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);
