-- Notices that leave the portal. See 0001_ground.sql for how these files are written.

-- When it was made into letters; none until a server that has a courier takes it up.
ALTER TABLE notice ADD COLUMN posted_us BIGINT;
CREATE INDEX notice_unposted ON notice (at_us) WHERE posted_us IS NULL AND seen_us IS NULL;

-- Where an agency's own systems are told. Address and secret are sealed under the agency's key.
CREATE TABLE webhook (             -- placement: reference
    agency UUID NOT NULL,
    id UUID NOT NULL,
    live BOOLEAN NOT NULL,
    made_by UUID NOT NULL,
    made_us BIGINT NOT NULL,
    ended_us BIGINT,
    good_us BIGINT,
    failures BIGINT NOT NULL,
    why BIGINT,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (agency, id)
);

-- Who chose; a member without a row has mail.
CREATE TABLE mail_choice (         -- placement: reference
    member UUID NOT NULL,
    agency UUID NOT NULL,
    wanted BOOLEAN NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (member)
);

-- One mail to a member, or one call of a webhook; target is the member's or the webhook's id. It says how many notices
-- wait and by when, nothing of them. `notices` is the list of their keys: recipient and id, 16 bytes each.
CREATE TABLE letter (              -- placement: hash target
    target UUID NOT NULL,
    id UUID NOT NULL,
    agency UUID NOT NULL,
    channel BIGINT NOT NULL,
    notices BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    next_us BIGINT,
    state BIGINT NOT NULL,
    why BIGINT,
    ended_us BIGINT,
    event UUID,
    PRIMARY KEY (target, id)
);
CREATE INDEX letter_next ON letter (next_us) WHERE next_us IS NOT NULL;
