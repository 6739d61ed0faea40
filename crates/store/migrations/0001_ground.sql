-- Written in PostgreSQL's words; migrate.rs puts SQLite's in their place. Never edited after it landed.
-- Every integer is BIGINT, every id UUID, every time BIGINT microseconds UTC, every sealed value BYTEA.
-- After each table: where it lives on Citus. "reference" is copied to every node; "hash c" is distributed by column c,
-- and is PARTITION BY HASH (c) in the PostgreSQL half of the suite, which stands in for shards.

CREATE TABLE installation (        -- placement: reference
    id BIGINT NOT NULL,
    check_value BYTEA NOT NULL,
    origin TEXT NOT NULL,
    verifier TEXT NOT NULL,
    trial BOOLEAN NOT NULL,
    made_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE space (               -- placement: reference
    id BIGINT NOT NULL,
    check_value BYTEA NOT NULL,
    live BOOLEAN NOT NULL,
    made_us BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE lease (               -- placement: reference
    name TEXT NOT NULL,
    owner UUID NOT NULL,
    until_us BIGINT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE agency (              -- placement: reference
    id UUID NOT NULL,
    kind BIGINT NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    state TEXT,
    suspended BOOLEAN NOT NULL,
    approved_until_us BIGINT,
    sealed BYTEA NOT NULL,
    made_us BIGINT NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE approval (            -- placement: reference
    id UUID NOT NULL,
    agency UUID NOT NULL,
    until_us BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE agency_key (          -- placement: reference
    agency UUID NOT NULL,
    purpose BIGINT NOT NULL,
    version BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (agency, purpose, version)
);

CREATE TABLE member (              -- placement: reference
    id UUID NOT NULL,
    agency UUID NOT NULL,
    email_token BYTEA NOT NULL,
    sworn BOOLEAN NOT NULL,
    roles BIGINT NOT NULL,
    active BOOLEAN NOT NULL,
    sealed BYTEA NOT NULL,
    made_us BIGINT NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX member_email ON member (email_token);

CREATE TABLE case_file (           -- placement: hash id
    id UUID NOT NULL,
    agency UUID NOT NULL,
    threat_area BIGINT NOT NULL,
    offence TEXT NOT NULL,
    status BIGINT NOT NULL,
    outcome BIGINT,
    lead UUID NOT NULL,
    supervisor UUID,
    predicate UUID NOT NULL,
    marking TEXT NOT NULL,
    opened_us BIGINT NOT NULL,
    closed_us BIGINT,
    sealed BYTEA NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE case_number (         -- placement: hash agency
    agency UUID NOT NULL,
    token BYTEA NOT NULL,
    case_id UUID NOT NULL,
    PRIMARY KEY (agency, token)
);

CREATE TABLE case_key (            -- placement: hash case_id
    case_id UUID NOT NULL,
    version BIGINT NOT NULL,
    agency UUID NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (case_id, version)
);

CREATE TABLE predicate (           -- placement: hash case_id
    case_id UUID NOT NULL,
    id UUID NOT NULL,
    agency UUID NOT NULL,
    offence TEXT NOT NULL,
    member UUID NOT NULL,
    at_us BIGINT NOT NULL,
    document BYTEA,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (case_id, id)
);

CREATE TABLE entry (               -- placement: hash case_id
    case_id UUID NOT NULL,
    id UUID NOT NULL,
    agency UUID NOT NULL,
    submission UUID NOT NULL,
    kind BIGINT NOT NULL,
    role BIGINT NOT NULL,
    age BIGINT NOT NULL,
    class BIGINT NOT NULL,
    source BIGINT,
    level BIGINT NOT NULL,
    silent_until_us BIGINT,
    reliability BIGINT NOT NULL,
    validity BIGINT NOT NULL,
    marking TEXT NOT NULL,
    seen_from_us BIGINT,
    seen_to_us BIGINT,
    port BIGINT,
    predicate UUID,
    control_official UUID,
    state BIGINT NOT NULL,
    rule_version BIGINT NOT NULL,
    entered_us BIGINT NOT NULL,
    review_us BIGINT NOT NULL,
    preserved BOOLEAN NOT NULL,
    sealed BYTEA NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (case_id, id)
);
CREATE INDEX entry_submission ON entry (case_id, submission);
CREATE INDEX entry_silent ON entry (silent_until_us) WHERE silent_until_us IS NOT NULL;

CREATE TABLE posting (             -- placement: hash bucket
    bucket BIGINT NOT NULL,
    space BIGINT NOT NULL,
    token BYTEA NOT NULL,
    case_id UUID NOT NULL,
    entry UUID NOT NULL,
    PRIMARY KEY (bucket, space, token, case_id, entry)
);

CREATE TABLE silent_posting (      -- placement: hash bucket
    bucket BIGINT NOT NULL,
    space BIGINT NOT NULL,
    token BYTEA NOT NULL,
    case_id UUID NOT NULL,
    entry UUID NOT NULL,
    PRIMARY KEY (bucket, space, token, case_id, entry)
);

CREATE INDEX silent_posting_entry ON silent_posting (case_id, entry);

CREATE TABLE token_count (         -- placement: hash bucket
    bucket BIGINT NOT NULL,
    space BIGINT NOT NULL,
    token BYTEA NOT NULL,
    cases BIGINT NOT NULL,
    PRIMARY KEY (bucket, space, token)
);

CREATE TABLE submission (          -- placement: hash id
    id UUID NOT NULL,
    agency UUID NOT NULL,
    member UUID NOT NULL,
    case_id UUID,
    verb BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    postings BIGINT NOT NULL,
    position BIGINT,
    looked_us BIGINT,
    silent_us BIGINT,
    second_us BIGINT,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX submission_unlooked ON submission (at_us) WHERE looked_us IS NULL;
CREATE INDEX submission_unheard ON submission (at_us) WHERE silent_us IS NULL;
CREATE INDEX submission_second ON submission (at_us) WHERE second_us IS NULL;

CREATE TABLE request (             -- placement: hash agency
    agency UUID NOT NULL,
    id UUID NOT NULL,
    submission UUID NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (agency, id)
);

CREATE TABLE answer (              -- placement: hash submission
    submission UUID NOT NULL,
    agency UUID NOT NULL,
    event UUID NOT NULL,
    inputs BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    receipt BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (submission)
);

CREATE TABLE conflict (            -- placement: hash id
    id UUID NOT NULL,
    low_case UUID NOT NULL,
    high_case UUID NOT NULL,
    gathering UUID NOT NULL,
    at_us BIGINT NOT NULL,
    resolution BIGINT,
    resolved_us BIGINT,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE conflict_match (      -- placement: hash conflict
    conflict UUID NOT NULL,
    id UUID NOT NULL,
    low_entry UUID NOT NULL,
    high_entry UUID NOT NULL,
    family BIGINT NOT NULL,
    rule_version BIGINT NOT NULL,
    strength BIGINT NOT NULL,
    to_low BIGINT NOT NULL,
    to_high BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (conflict, id)
);

CREATE TABLE conflict_side (       -- placement: hash agency
    agency UUID NOT NULL,
    conflict UUID NOT NULL,
    case_id UUID NOT NULL,
    member UUID NOT NULL,
    other_agency UUID NOT NULL,
    other_case UUID NOT NULL,
    sees BIGINT NOT NULL,
    state BIGINT NOT NULL,
    strength BIGINT NOT NULL,
    gathering UUID NOT NULL,
    at_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    seen_by UUID,
    seen_us BIGINT,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (agency, conflict, case_id)
);
CREATE INDEX conflict_side_conflict ON conflict_side (conflict);

CREATE TABLE notice (              -- placement: hash recipient
    recipient UUID NOT NULL,
    id UUID NOT NULL,
    agency UUID NOT NULL,
    matter BIGINT NOT NULL,
    conflict UUID,
    case_id UUID,
    entry UUID,
    other_case UUID,
    at_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    delivered BOOLEAN NOT NULL,
    seen_us BIGINT,
    sealed BYTEA,
    PRIMARY KEY (recipient, id)
);
CREATE INDEX notice_due ON notice (due_us) WHERE NOT delivered;

CREATE TABLE silent_hit (          -- placement: hash agency
    agency UUID NOT NULL,
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    entry UUID NOT NULL,
    other_agency UUID NOT NULL,
    other_case UUID,
    submission UUID NOT NULL,
    family BIGINT NOT NULL,
    strength BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (agency, id)
);

CREATE TABLE message (             -- placement: hash conflict
    conflict UUID NOT NULL,
    id UUID NOT NULL,
    agency UUID NOT NULL,
    member UUID NOT NULL,
    at_us BIGINT NOT NULL,
    marking TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (conflict, id)
);

CREATE TABLE proposal (            -- placement: hash conflict
    conflict UUID NOT NULL,
    agency UUID NOT NULL,
    case_id UUID NOT NULL,
    member UUID NOT NULL,
    resolution BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (conflict, agency, case_id)
);

CREATE TABLE hold (                -- placement: hash conflict
    conflict UUID NOT NULL,
    id UUID NOT NULL,
    agency UUID NOT NULL,
    member UUID NOT NULL,
    at_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    lifted_us BIGINT,
    sealed BYTEA NOT NULL,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (conflict, id)
);

CREATE TABLE hold_lift (           -- placement: hash conflict
    conflict UUID NOT NULL,
    hold UUID NOT NULL,
    agency UUID NOT NULL,
    case_id UUID NOT NULL,
    member UUID NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (conflict, hold, agency, case_id)
);

CREATE TABLE dissemination (       -- placement: hash agency
    agency UUID NOT NULL,
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    entry UUID,
    to_agency UUID NOT NULL,
    to_member UUID,
    how BIGINT NOT NULL,
    reason UUID NOT NULL,
    policy TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX dissemination_case ON dissemination (agency, case_id);

CREATE TABLE reason (              -- placement: hash agency; what an event binds by digest, in the words that were given
    agency UUID NOT NULL,
    event UUID NOT NULL,
    what TEXT NOT NULL,
    case_id UUID,
    at_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (agency, event, what)
);

CREATE TABLE event_new (           -- placement: hash id; waits for the sequencer
    id UUID NOT NULL,
    at_us BIGINT NOT NULL,
    submission UUID,
    salt BYTEA NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE event (               -- placement: hash idx
    idx BIGINT NOT NULL,
    id UUID NOT NULL,
    at_us BIGINT NOT NULL,
    leaf BYTEA NOT NULL,
    salt BYTEA,
    body BYTEA,
    PRIMARY KEY (idx)
);
CREATE INDEX event_id ON event (id);

CREATE TABLE tile (                -- placement: hash idx
    idx BIGINT NOT NULL,
    level BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (idx, level)
);

CREATE TABLE log (                 -- placement: reference
    id BIGINT NOT NULL,
    size BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE checkpoint (          -- placement: reference
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (size)
);
