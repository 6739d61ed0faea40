-- What was asked, beside its submission: SQLite writes a row anew, however long, each time a stage of it is marked as done.
-- See 0001_ground.sql for how these files are written.

CREATE TABLE submission_detail (   -- placement: hash submission
    submission UUID NOT NULL,
    agency UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (submission)
);
INSERT INTO submission_detail (submission, agency, sealed) SELECT id, agency, sealed FROM submission;
ALTER TABLE submission DROP COLUMN sealed;
