-- Where an agency's telephones ring, by its name in the IANA database. See 0001_ground.sql for how these files are written.

-- NULL: nobody said, and nothing is guessed.
ALTER TABLE agency ADD COLUMN time_zone TEXT;

-- Under which request something was written into a conflict's thread; made: the message or hold, or for a proposal the
-- request. digest, here and in request: a byte that says how (2), then an HMAC under the installation's key; in request 32
-- bytes alone are a SHA-256 of before this migration.
CREATE TABLE thread_request (      -- placement: hash agency
    agency UUID NOT NULL,
    id UUID NOT NULL,
    conflict UUID NOT NULL,
    made UUID NOT NULL,
    digest BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (agency, id)
);
