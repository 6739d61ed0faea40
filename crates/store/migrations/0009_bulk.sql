-- Bulk jobs: more values in one go than one person may ask or submit. See 0001_ground.sql for how these files are written.

-- Its texts (order, decision, how it ended, answer) are sealed under the case's key. next_us: when a worker has to look at
-- it again, or until when one works at it; NULL when nothing is left to do. worker: whoever works at it.
CREATE TABLE bulk_job (            -- placement: hash agency
    agency UUID NOT NULL,
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    member UUID NOT NULL,
    signed_in BOOLEAN NOT NULL,
    verb BIGINT NOT NULL,
    authority BIGINT NOT NULL,
    state BIGINT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    slice BIGINT NOT NULL,
    asked_us BIGINT NOT NULL,
    decided_by UUID,
    decided_us BIGINT,
    ended_by UUID,
    ended_us BIGINT,
    next_us BIGINT,
    worker UUID,
    sealed BYTEA NOT NULL,
    decision BYTEA,
    ended BYTEA,
    answer BYTEA,
    row_version BIGINT NOT NULL,
    PRIMARY KEY (agency, id)
);
CREATE INDEX bulk_job_asked ON bulk_job (agency, asked_us);
CREATE INDEX bulk_job_next ON bulk_job (next_us) WHERE next_us IS NOT NULL;

-- The upload, a row a slice: each leaves when its values were worked, all that are left when the job ends.
CREATE TABLE bulk_part (           -- placement: hash job
    job UUID NOT NULL,
    part BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (job, part)
);
