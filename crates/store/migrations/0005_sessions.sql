-- Who is signed in. The key is the SHA-256 of what the browser holds, so that reading this table opens no session.

CREATE TABLE session (             -- placement: hash digest
    digest BYTEA NOT NULL,
    agency UUID NOT NULL,
    member UUID NOT NULL,
    made_us BIGINT NOT NULL,
    seen_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    agreed_us BIGINT,
    locked BOOLEAN NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (digest)
);
