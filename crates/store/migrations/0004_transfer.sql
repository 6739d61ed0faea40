-- Cases that go from one agency to another. See 0001_ground.sql for how these files are written.

-- Few rows, asked for by either agency: what was offered, by whom, until when, and what became of it. Who asks for a case
-- that went learns here to whom and when.
CREATE TABLE transfer (            -- placement: reference
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    from_agency UUID NOT NULL,
    to_agency UUID NOT NULL,
    offered_by UUID NOT NULL,
    offered_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    state BIGINT NOT NULL,
    answered_by UUID,
    answered_us BIGINT,
    remainder UUID,
    own BYTEA NOT NULL,
    offer BYTEA NOT NULL,
    answer BYTEA,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX transfer_case ON transfer (case_id);
CREATE INDEX transfer_remainder ON transfer (remainder) WHERE remainder IS NOT NULL;
CREATE INDEX transfer_from ON transfer (from_agency);
CREATE INDEX transfer_to ON transfer (to_agency);

-- What was submitted to a case stays with the agency that submitted it when the case goes.
CREATE INDEX submission_case ON submission (case_id);
